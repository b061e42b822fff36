/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The comparing functions that the compiler and libfdt call. newlib's are written for speed and take 3.4 KiB, a
 * twentieth of the image's budget; these take a tenth of that. Blocks are set and copied by boot/<arch>/memory.S.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *memmove(void *to, const void *from, size_t size)
{
	unsigned char *at = to;
	const unsigned char *source = from;

	/* memcpy() goes upwards, and loads before it stores. */
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

void *memchr(const void *memory, int value, size_t size)
{
	const unsigned char *at = memory;

	for (; size--; at++) {
		if (*at == (unsigned char)value) {
			return (void *)(uintptr_t)at;
		}
	}
	return NULL;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length]) {
		length++;
	}
	return length;
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
