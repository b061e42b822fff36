/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What smmu-inspect does is counted: a step for each basic block that it goes through. The C library's functions over
 * strings stand here, so that a long string costs what it is long.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNCOUNTED __attribute__((no_sanitize_coverage))

static unsigned long long steps;
static unsigned long long bound;

void __sanitizer_cov_trace_pc(void);

UNCOUNTED static void say(const char *words)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "%s %llu\n", words, steps);

	(void)!write(STDERR_FILENO, line, (size_t)length);
}

/* Too much is told at once: it might take hours. */
UNCOUNTED void __sanitizer_cov_trace_pc(void)
{
	if (++steps == bound) {
		say("stopped at");
		_exit(9);
	}
}

UNCOUNTED static void at_end(void)
{
	say("steps");
}

UNCOUNTED __attribute__((constructor)) static void at_start(void)
{
	const char *text = getenv("STEPS_MAX");

	bound = text ? strtoull(text, NULL, 10) : 0;
	(void)atexit(at_end);
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length]) {
		length++;
	}
	return length;
}

int strcmp(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++;
		other++;
	}
	return (unsigned char)*one - (unsigned char)*other;
}

int memcmp(const void *one, const void *other, size_t size)
{
	const unsigned char *a = one;
	const unsigned char *b = other;

	while (size > 1 && *a == *b) {
		a++;
		b++;
		size--;
	}
	return size ? *a - *b : 0;
}

void *memchr(const void *bytes, int wanted, size_t size)
{
	const unsigned char *at = bytes;

	for (; size; size--, at++) {
		if (*at == (unsigned char)wanted) {
			return (void *)(size_t)at;
		}
	}
	return NULL;
}
