/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/pending.h"

#include <stddef.h>

#include "monitor/monitor.h"
#include "report/print.h"

static const char *run_pending(struct monitor *monitor, const struct monitor_words *words)
{
	(void)words;
	if (!pending_report(monitor->bringup, monitor->bringup->master_count)) {
		print_always("  no client waits\n");
	}
	return NULL;
}

MONITOR_COMMAND(12, pending, "", "which clients wait, for what and since when", 0, 0, run_pending);
