/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/finder.h"

#include "report/format.h"

void found(struct finder *finder, const char *subject, const char *format, ...)
{
	char detail[FINDING_DETAIL_SIZE];
	va_list arguments;

	va_start(arguments, format);
	format_text_v(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	finder->count++;
	finder->take(finder->context, subject, detail);
}
