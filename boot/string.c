/* SPDX-License-Identifier: BSD-2-Clause */
/* Comparing functions, smaller than newlib's. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *memmove(void *to, const void *from, size_t size)
{
	unsigned char *at = to;
	const unsigned char *source = from;

	/* memcpy() copies upwards, loads first. */
	if (at <= source || at >= source + size) {
		return memcpy(to, from, size);
	}
	while (size--) {
		at[size] = source[size];
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *left = a;
	const unsigned char *right = b;

	for (; size--; left++, right++) {
		if (*left != *right) {
			return *left - *right;
		}
	}
	return 0;
}

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

size_t strcspn(const char *text, const char *ends)
{
	size_t length = 0;

	while (text[length] && !strchr(ends, text[length])) {
		length++;
	}
	return length;
}

size_t strlen(const char *text)
{
	const char *at = text;

	while (*at) {
		at++;
	}
	return (size_t)(at - text);
}

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size--; a++, b++) {
		if (*a != *b || !*a) {
			return (unsigned char)*a - (unsigned char)*b;
		}
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

char *strchr(const char *text, int value)
{
	return memchr(text, value, strlen(text) + 1);
}

char *strstr(const char *text, const char *part)
{
	size_t size = strlen(part);

	for (; strncmp(text, part, size); text++) {
		if (!*text) {
			return NULL;
		}
	}
	return (char *)(uintptr_t)text;
}
