/* SPDX-License-Identifier: BSD-2-Clause */
/* String functions that are smaller than newlib's, by more than an image has room for (docs/dependencies.md). */
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
