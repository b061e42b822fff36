/* SPDX-License-Identifier: BSD-2-Clause */
/* String functions that AArch32 has from newlib. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t __attribute__((may_alias)) word;

#define EACH_BYTE 0x01010101U

static bool is_aligned(const void *at)
{
	return (uintptr_t)at % sizeof(word) == 0;
}

static bool has_zero(word bytes)
{
	return (bytes - EACH_BYTE) & ~bytes & EACH_BYTE << 7;
}

void *memchr(const void *memory, int value, size_t size)
{
	const unsigned char *at = memory;
	const unsigned char *end = at + size;
	word pattern = (unsigned char)value * EACH_BYTE;

	while (at < end && *at != (unsigned char)value) {
		at++;
		while (is_aligned(at) && (size_t)(end - at) >= sizeof(word) && !has_zero(*(const word *)at ^ pattern)) {
			at += sizeof(word);
		}
	}
	return at < end ? (void *)(uintptr_t)at : NULL;
}

size_t strspn(const char *text, const char *accepted)
{
	size_t length = 0;

	while (text[length] && strchr(accepted, text[length])) {
		length++;
	}
	return length;
}

size_t strcspn(const char *text, const char *ends)
{
	size_t length = 0;

	while (text[length] && !strchr(ends, text[length])) {
		length++;
	}
	return length;
}
