/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/print.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/feature.h"
#include "base/sync.h"
#include "serial/console.h"
#include "serial/rtt.h"

OPTIONAL(words_say);

#define TAKE_OVER_US 100000U

static struct lock console_lock = LOCK_INIT(LOCK_RANK_CONSOLE);
static struct word owner; /* 1 + the core, or 0. */

bool print_take_over(void)
{
	struct deadline deadline = deadline_in_us(TAKE_OVER_US);
	uint32_t self = arch_core() + 1;
	uint32_t expected = 0;

	if (!word_exchange_if(&owner, 0, self)) {
		return word_load(&owner) == self;
	}
	while (!atomic_compare_exchange_weak(&console_lock.held, &expected, 1) && !deadline_passed(&deadline)) {
		expected = 0;
		arch_relax();
	}
	return true;
}

static void print_write_alone(void (*write)(const char *text, size_t size), const char *text, size_t size)
{
	uint32_t saved;

	if (word_load(&owner) == arch_core() + 1) {
		write(text, size);
		return;
	}
	saved = lock(&console_lock);
	write(text, size);
	unlock(&console_lock, saved);
}

void print_bytes(const char *text, size_t size)
{
	print_write_alone(console_write, text, size);
}

void print_bytes_to_memory(const char *text, size_t size)
{
	print_write_alone(rtt_write, text, size);
}

size_t print_line_v(char line[PRINT_LINE_SIZE], const char *format, va_list arguments)
{
	size_t length = format_text_v(line, PRINT_LINE_SIZE, format, arguments);

	if (length >= PRINT_LINE_SIZE) {
		length = PRINT_LINE_SIZE - 1;
		line[length - 1] = '\n';
	}
	return length;
}

void print_raw(const char *format, ...)
{
	char line[PRINT_LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	console_write(line, print_line_v(line, format, arguments));
	va_end(arguments);
}

void print(const char *format, ...)
{
	va_list arguments;

	if (!is_linked(words_say)) {
		return;
	}
	va_start(arguments, format);
	words_say(PRINT_NORMAL, format, arguments);
	va_end(arguments);
}

void print_always(const char *format, ...)
{
	va_list arguments;

	if (!is_linked(words_say)) {
		return;
	}
	va_start(arguments, format);
	words_say(PRINT_QUIET, format, arguments);
	va_end(arguments);
}

void print_debug(const char *format, ...)
{
	va_list arguments;

	if (!is_linked(words_say)) {
		return;
	}
	va_start(arguments, format);
	words_say(PRINT_DEBUG, format, arguments);
	va_end(arguments);
}
