/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/deadline.h"

struct deadline deadline_in_us(uint32_t us)
{
	uint64_t ticks = ticks_of_us(us);

	return (struct deadline){.start = arch_ticks(), .ticks = ticks ? ticks : 1};
}

bool deadline_passed(struct deadline *deadline)
{
	bool passed = deadline->last_look;

	deadline->last_look = arch_ticks() - deadline->start >= deadline->ticks;
	return passed;
}
