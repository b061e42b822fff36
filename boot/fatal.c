/* SPDX-License-Identifier: BSD-2-Clause */
#include "fatal.h"

#include <stddef.h>

#include "base/arch.h"
#include "boot.h"
#include "report/print.h"

static const struct bringup *context;

void boot_fatal_context(const struct bringup *bringup)
{
	context = bringup;
}

_Noreturn void arch_lock_stuck(unsigned int rank)
{
	char reason[64];

	format_text(reason, sizeof(reason), "core %u waited in vain for a lock of rank %u", arch_core(), rank);
	boot_fatal(reason);
}

/*
 * A report can fail, too (a fault in the trace or the counts, a stuck lock). The second report leaves both out, the
 * third is one line, then the machine is turned off.
 */
#define LINES_MAX 3U

_Noreturn void boot_fatal(const char *reason)
{
	static unsigned int begun;

	if (!print_take_over()) {
		boot_park();
	}
	begun++;
	if (begun <= LINES_MAX) {
		print_raw("\nFAIL: the run ends here, on core %u: %s\n", arch_core(), reason);
	}
	if (begun == 1) {
		report_trace();
	}
	if (begun < LINES_MAX) {
		verdict_fatal(begun == 1 ? context : NULL, reason, arch_ticks() - boot_ticks_at_reset());
		begun = LINES_MAX - 1;
	}
	boot_power_off();
}
