/* SPDX-License-Identifier: BSD-2-Clause */
#include "fatal.h"

#include <stddef.h>

#include "base/arch.h"
#include "base/feature.h"
#include "boot.h"
#include "report/print.h"

OPTIONAL(report_trace);

static const struct bringup *context;

/* A report may fail: the second omits trace and counts, the third is one line. */
#define LINES_MAX 3U

static void fatal_end_run(const char *format, va_list arguments)
{
	static unsigned int begun;
	char reason[192];

	format_text_v(reason, sizeof(reason), format, arguments);
	if (!print_take_over()) {
		boot_park();
	}
	begun++;
	if (begun <= LINES_MAX) {
		print_raw("\nFAIL: the run ends here, on core %u: %s\n", arch_core(), reason);
	}
	if (begun == 1 && is_linked(report_trace)) {
		report_trace();
	}
	if (begun < LINES_MAX) {
		verdict_fatal(begun == 1 ? context : NULL, reason, arch_ticks() - boot_ticks_at_reset());
		begun = LINES_MAX - 1;
	}
	boot_power_off();
}

void boot_fatal_register(const struct bringup *bringup)
{
	context = bringup;
	fatal_register(fatal_end_run);
}
