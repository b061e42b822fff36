/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/deadline.h"

struct deadline deadline_in_us(uint32_t us)
{
	uint64_t ticks = ticks_of_us(us);

	return (struct deadline){.start = arch_ticks(), .ticks = ticks ? ticks : 1};
}

bool deadline_passed(const struct deadline *deadline)
{
	return arch_ticks() - deadline->start >= deadline->ticks;
}
