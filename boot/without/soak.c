/* SPDX-License-Identifier: BSD-2-Clause */
/* Without the soak: soak= is reported as missing. */
#include "checks/soak.h"
#include "report/print.h"

void soak_run(struct bringup *bringup, uint32_t seconds)
{
	(void)seconds;
	print("soak=: this build has none\n");
	bringup->tally.trouble = "soak= was asked for, and this build has none";
}

bool soak_wants_work(void)
{
	return false;
}

void soak_work(unsigned int core)
{
	(void)core;
}
