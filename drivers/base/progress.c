/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/progress.h"

#include "base/deadline.h"
#include "base/feature.h"

struct progress progress_begin(void)
{
	uint64_t now = arch_ticks();

	return (struct progress){.begin = now, .said = now};
}

bool progress_is_due(struct progress *progress)
{
	uint64_t now = arch_ticks();

	if (now - progress->said < ticks_of_us(PROGRESS_US)) {
		return false;
	}
	progress->said = now;
	return true;
}

uint32_t progress_seconds(const struct progress *progress)
{
	return ms_of_ticks(arch_ticks() - progress->begin) / 1000U;
}

LINKED(progress_begin);
