/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the trace (drivers/smmuv3/trace.h) for tools/trace, oldest first. Numbers are hexadecimal, except in the first
 * line, instance and core:
 *
 *     trace start <printed> entries, <lost> lost, <ticks per second> Hz
 *     trace <ticks> smmu<instance> core<core> W <offset> <value>       register write
 *     trace <ticks> smmu<instance> core<core> X <offset> <value>       write refused by the driver
 *     trace <ticks> smmu<instance> core<core> C <dword 0> <dword 1>    command
 *     trace <ticks> smmu<instance> core<core> G <active> 00000000      errors in GERROR, before they are served
 *     trace torn                                                       incomplete entry
 *     trace end
 *
 * Ticks and dwords have 16 digits, values 8, offsets 5.
 */
#include "smmuv3/trace.h"

#include <inttypes.h>

#include "base/feature.h"
#include "checks/checks.h"
#include "report/print.h"

#define LINE_SIZE 96U

/* At any log level. */
static void trace_say(const char *line, size_t length)
{
	print_bytes(line, length);
}

static void trace_say_entry(const struct smmuv3_trace_entry *entry)
{
	static const char torn[] = "trace torn\n";
	char line[LINE_SIZE];

	if (!entry) {
		trace_say(torn, sizeof(torn) - 1);
		return;
	}
	trace_say(line,
		  format_text(line, sizeof(line),
			      entry->kind == SMMUV3_TRACE_COMMAND ? "trace %016llx smmu%u core%u %c %016llx %016llx\n" :
								    "trace %016llx smmu%u core%u %c %05llx %08llx\n",
			      (unsigned long long)entry->ticks, entry->instance, entry->core, entry->kind,
			      (unsigned long long)entry->value[0], (unsigned long long)entry->value[1]));
}

void report_trace(void)
{
	static const char end[] = "trace end\n";
	uint32_t lost, count;
	char line[LINE_SIZE];

	if (!smmuv3_trace_stop()) {
		return;
	}
	/* Once: a core may still be writing an entry. */
	count = smmuv3_trace_count();
	lost = smmuv3_trace_lost();
	trace_say(line,
		  format_text(line, sizeof(line), "trace start %" PRIu32 " entries, %" PRIu32 " lost, %" PRIu32 " Hz\n",
			      count - lost, lost, smmuv3_trace_ring.tick_hz));
	for (uint32_t number = lost; number != count; number++) {
		trace_say_entry(smmuv3_trace_entry(number));
	}
	trace_say(end, sizeof(end) - 1);
}

LINKED(report_trace);
