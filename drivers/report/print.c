/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/print.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/sync.h"
#include "serial/console.h"

#define LINE_SIZE 512U
#define TAKE_OVER_US 100000U

static struct lock console_lock = LOCK_INIT(LOCK_RANK_CONSOLE);
static enum print_level level = PRINT_NORMAL;
static struct word owner; /* One more than the core that took over; 0 while none has. */

void print_set_level(enum print_level new_level)
{
	level = new_level;
}

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

void print_bytes(const char *text, size_t size)
{
	uint32_t saved;

	if (word_load(&owner) == arch_core() + 1) {
		console_write(text, size);
		return;
	}
	saved = lock(&console_lock);
	console_write(text, size);
	unlock(&console_lock, saved);
}

static void print_line(bool locked, const char *format, va_list arguments)
{
	char line[LINE_SIZE];
	size_t length = format_text_v(line, sizeof(line), format, arguments);

	if (length >= sizeof(line)) {
		length = sizeof(line) - 1;
		line[length - 1] = '\n';
	}
	if (locked) {
		print_bytes(line, length);
	} else {
		console_write(line, length);
	}
}

void print(const char *format, ...)
{
	va_list arguments;

	if (level < PRINT_NORMAL) {
		return;
	}
	va_start(arguments, format);
	print_line(true, format, arguments);
	va_end(arguments);
}

void print_debug(const char *format, ...)
{
	va_list arguments;

	if (level < PRINT_DEBUG) {
		return;
	}
	va_start(arguments, format);
	print_line(true, format, arguments);
	va_end(arguments);
}

void print_raw(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(false, format, arguments);
	va_end(arguments);
}
