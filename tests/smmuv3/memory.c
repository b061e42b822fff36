/* SPDX-License-Identifier: BSD-2-Clause */
/* memset() and memcpy() of boot/<arch>/memory.S, each path. */
#include "memory.h"

#include <stdint.h>
#include <string.h>

#define LENGTH_MAX 200U
#define OFFSETS 8U
#define ROOM (LENGTH_MAX + 2 * OFFSETS)

static const uint8_t before = 0x5a;
static uint8_t to[ROOM] __attribute__((aligned(8)));
static uint8_t from[ROOM] __attribute__((aligned(8)));

static bool is_set(size_t offset, size_t length, uint8_t value)
{
	for (size_t i = 0; i < ROOM; i++) {
		if (to[i] != (i >= offset && i < offset + length ? value : before)) {
			return false;
		}
	}
	return true;
}

static bool is_copied(size_t offset, size_t source, size_t length)
{
	for (size_t i = 0; i < ROOM; i++) {
		if (to[i] != (i >= offset && i < offset + length ? from[i - offset + source] : before)) {
			return false;
		}
	}
	return true;
}

static void blank(void)
{
	for (size_t i = 0; i < ROOM; i++) {
		to[i] = before;
		from[i] = (uint8_t)(i * 7 + 1);
	}
}

/* Pointers keep the compiler from replacing the calls. */
static void *(*volatile set)(void *, int, size_t) = memset;
static void *(*volatile copy)(void *, const void *, size_t) = memcpy;

static bool sets(void)
{
	for (size_t offset = 0; offset < OFFSETS; offset++) {
		for (size_t length = 0; length <= LENGTH_MAX; length++) {
			blank();
			if (set(to + offset, 0x1a5, length) != to + offset || !is_set(offset, length, 0xa5)) {
				return false;
			}
		}
	}
	return true;
}

static bool copies(size_t offset, size_t source)
{
	for (size_t length = 0; length <= LENGTH_MAX; length++) {
		blank();
		if (copy(to + offset, from + source, length) != to + offset || !is_copied(offset, source, length)) {
			return false;
		}
	}
	return true;
}

bool memory_works(void)
{
	bool works = sets();

	for (size_t places = 0; places < (size_t)OFFSETS * OFFSETS && works; places++) {
		works = copies(places / OFFSETS, places % OFFSETS);
	}
	return works;
}
