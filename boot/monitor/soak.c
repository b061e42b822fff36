/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/soak.h"

#include <stddef.h>

#include "monitor/monitor.h"

#define SECONDS_DEFAULT 10U

static const char *run_soak(struct monitor *monitor, const struct monitor_words *words)
{
	uint64_t seconds = SECONDS_DEFAULT;

	if (words->count && (!monitor_number(words->word[0], &seconds) || !seconds || seconds > SOAK_SECONDS_MAX)) {
		return "it soaks for 1 to 86400 seconds";
	}
	soak_run(monitor->bringup, (uint32_t)seconds);
	return NULL;
}

MONITOR_COMMAND(51, soak, "[SECONDS]", "registers, binds and moves bytes on all cores; unmaps all", 0, 1, run_soak);
