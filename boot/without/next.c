/* SPDX-License-Identifier: BSD-2-Clause */
/* Without a next image: next= fails the run. (In AArch32 the word is ignored.) */
#include "base/arch.h"
#include "machine.h"

void machine_check_next(struct machine *machine)
{
	(void)machine;
}

void machine_report_next(struct machine *machine)
{
	if (ARCH_STARTS_IMAGES && machine->options.exit == EXIT_NEXT) {
		machine->bringup.tally.trouble = "next= was asked for, and this build starts no other image";
		machine->options.exit = EXIT_OFF;
	}
}

void machine_start_next(const struct machine *machine, bool passed)
{
	(void)machine;
	(void)passed;
}
