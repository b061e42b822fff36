/* SPDX-License-Identifier: BSD-2-Clause */
#include "monitor/monitor.h"

static const char *run_trace(struct monitor *monitor, const struct monitor_words *words)
{
	(void)monitor;
	(void)words;
	report_trace();
	return NULL;
}

MONITOR_COMMAND(60, trace, "", "the trace, with trace=on", 0, 0, run_trace);
