/* SPDX-License-Identifier: BSD-2-Clause */
/* What the verdict will be made of, as far as the run has come. */
#include <stddef.h>

#include "checks/events.h"
#include "monitor/monitor.h"
#include "report/finding.h"
#include "report/print.h"

static const char *run_report(struct monitor *monitor, const struct monitor_words *words)
{
	const struct tally *tally = &monitor->bringup->tally;
	const char *why = verdict_so_far(monitor->bringup);

	(void)words;
	print_always("  %u checks passed, %u failed, %u skipped; %u stream IDs described wrongly, %u differences, "
		     "%u unexpected events, %u without room in the log\n",
		     tally->checks_passed, tally->checks_failed, tally->checks_skipped, tally->mismatches,
		     tally->differences, tally->unexpected_events, events_lost());
	if (!findings_say()) {
		print_always("  no finding so far\n");
	}
	print_always("  by now the run %s%s\n", why ? "fails: " : "passes", why ? why : "");
	return NULL;
}

MONITOR_COMMAND(13, report, "", "the findings so far, and what the verdict would be", 0, 0, run_report);
