/* SPDX-License-Identifier: BSD-2-Clause */
/* Without comparisons: no `difference` records. */
#include "checks/checks.h"
#include "report/print.h"

void compare(struct bringup *bringup)
{
	(void)bringup;
	print("  this build compares nothing\n");
}

void compare_interrupts(struct bringup *bringup)
{
	(void)bringup;
}

void compare_differ(struct bringup *bringup, const char *against, const char *subject, const char *format, ...)
{
	char detail[320];
	va_list arguments;

	(void)bringup;
	(void)against;
	va_start(arguments, format);
	format_text_v(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	print("  differs %s: %s\n", subject, detail);
}
