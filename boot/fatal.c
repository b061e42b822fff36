/* SPDX-License-Identifier: BSD-2-Clause */
#include "fatal.h"

#include <stddef.h>

#include "arch.h"
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

_Noreturn void boot_fatal(const char *reason)
{
	if (!print_take_over()) {
		boot_park();
	}
	print_raw("\nFAIL: the run ends here, on core %u: %s\n", arch_core(), reason);
	report_trace();
	verdict_fatal(context, reason, arch_ticks() - boot_ticks_at_reset());
	boot_power_off();
}
