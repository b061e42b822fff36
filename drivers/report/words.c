/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/print.h"

static enum print_level level = PRINT_NORMAL;

void print_set_level(enum print_level new_level)
{
	level = new_level;
}

bool print_is_quiet(void)
{
	return level == PRINT_QUIET;
}

static void words_print_from(enum print_level least, const char *format, va_list arguments)
{
	char line[PRINT_LINE_SIZE];

	if (level >= least) {
		print_bytes(line, print_line_v(line, format, arguments));
	}
}

void print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	words_print_from(PRINT_NORMAL, format, arguments);
	va_end(arguments);
}

void print_always(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	words_print_from(PRINT_QUIET, format, arguments);
	va_end(arguments);
}

void print_debug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	words_print_from(PRINT_DEBUG, format, arguments);
	va_end(arguments);
}
