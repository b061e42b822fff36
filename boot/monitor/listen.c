/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/listen.h"

#include <stddef.h>

#include "monitor/monitor.h"

static const char *run_listen(struct monitor *monitor, const struct monitor_words *words)
{
	uint64_t seconds;

	if (!monitor_number(words->word[0], &seconds) || !seconds || seconds > LISTEN_SECONDS_MAX) {
		return "it listens for 1 to 3600 seconds";
	}
	listen(monitor->bringup, (uint32_t)seconds, false);
	return NULL;
}

MONITOR_COMMAND(33, listen, "SECONDS", "who emits what without being asked", 1, 1, run_listen);
