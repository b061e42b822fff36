/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said beside the records. */
#include "base/feature.h"
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

void words_say(enum print_level least, const char *format, va_list arguments)
{
	char line[PRINT_LINE_SIZE];

	if (level >= least) {
		print_bytes(line, print_line_v(line, format, arguments));
	}
}

LINKED(print_set_level);
LINKED(print_is_quiet);
LINKED(words_say);
