/* SPDX-License-Identifier: BSD-2-Clause */
/* What the registers, tables and queues of an instance say: drivers/explain. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "checks/live.h"
#include "monitor/monitor.h"
#include "report/print.h"

#define ENTRIES_MAX 65536U
#define NO_ANSWER "its registers cannot be read"
#define NO_STREAM "that is no stream ID: a number, as 0x100"

struct view {
	struct live live;
	struct explain_smmu smmu;
	const char *only; /* Steps of this kind; NULL: all. */
};

/* NULL, or what is wrong. */
static const char *open_view(struct monitor *monitor, const char *name, struct view *view)
{
	struct smmuv3 *smmu = monitor_instance(monitor, name);

	view->only = NULL;
	if (!smmu) {
		return MONITOR_NO_INSTANCE;
	}
	return live_open(&view->live, monitor->bringup, smmu, &view->smmu) ? NULL : NO_ANSWER;
}

static void say_step(void *context, const struct explain_step *step)
{
	const struct view *view = context;

	if (view->only && strcmp(step->what, view->only)) {
		return;
	}
	if (step->has_address) {
		print_always("  %s at 0x%llx: 0x%llx: %s\n", step->what, (unsigned long long)step->address,
			     (unsigned long long)step->value, step->meaning);
	} else {
		print_always("  %s: %s\n", step->what, step->meaning);
	}
}

static const char *run_regs(struct monitor *monitor, const struct monitor_words *words)
{
	struct view view;
	const char *wrong = open_view(monitor, words->word[0], &view);
	const struct explain_listener listener = {say_step, &view};

	if (wrong) {
		return wrong;
	}
	for (unsigned int i = 0; i < EXPLAIN_REGISTERS; i++) {
		if (view.smmu.is_known[i]) {
			print_always("  %-16s 0x%llx\n", explain_register((enum explain_register_id)i)->name,
				     (unsigned long long)view.smmu.value[i]);
		}
	}
	explain_identity(&view.smmu, &listener);
	return NULL;
}

static const char *run_gerror(struct monitor *monitor, const struct monitor_words *words)
{
	struct view view;
	const char *wrong = open_view(monitor, words->word[0], &view);
	const struct explain_listener listener = {say_step, &view};

	if (!wrong && !explain_errors(&view.smmu, &listener)) {
		print_always("  no error is active\n");
	}
	return wrong;
}

/* --- Streams. --- */

static bool say_stream(void *context, const struct explain_stream *stream)
{
	const struct view *view = context;
	char text[EXPLAIN_TEXT_SIZE] = "memory does not answer for its entry";

	if (stream->is_readable) {
		explain_ste(&view->smmu, stream->ste, text);
	}
	print_always("  0x%" PRIx32, stream->first);
	if (stream->last != stream->first) {
		print_always(" to 0x%" PRIx32, stream->last);
	}
	print_always(": %s\n", text);
	return true;
}

static const char *run_streams(struct monitor *monitor, const struct monitor_words *words)
{
	struct view view;
	const char *wrong = open_view(monitor, words->word[0], &view);

	if (wrong) {
		return wrong;
	}
	switch (explain_streams(&view.smmu, ENTRIES_MAX, say_stream, &view)) {
	case EXPLAIN_NO_TABLE:
		return "it has no stream table";
	case EXPLAIN_SCAN_CUT:
		print_always("  only the first %u entries were looked at\n", ENTRIES_MAX);
		break;
	default:
		break;
	}
	return NULL;
}

/* --- Walks. --- */

static void say_result(const struct explain_result *result)
{
	static const char *const ends[] = {"translated", "bypassed", "aborted without an event", "faulted",
					   "not known"};

	print_always("  %s: %s\n", ends[result->end], result->why);
	if (result->end == EXPLAIN_TRANSLATED) {
		print_always("  output 0x%llx, %s%s\n", (unsigned long long)result->output,
			     result->readable ? "readable" : "not readable", result->writable ? ", writable" : "");
	}
}

static const char *walk(struct monitor *monitor, const char *name, const struct explain_access *access,
			const char *only)
{
	static struct explain_result result;
	struct view view;
	const char *wrong = open_view(monitor, name, &view);
	const struct explain_listener listener = {say_step, &view};

	if (wrong) {
		return wrong;
	}
	view.only = only;
	explain_walk(&view.smmu, access, &listener, &result);
	if (!only) {
		say_result(&result);
	}
	return NULL;
}

/* Of INSTANCE SID. */
static bool take_stream(const struct monitor_words *words, struct explain_access *access)
{
	uint64_t sid;

	*access = (struct explain_access){.sid = 0};
	if (!monitor_number(words->word[1], &sid) || sid > UINT32_MAX) {
		return false;
	}
	access->sid = (uint32_t)sid;
	return true;
}

static const char *run_ste(struct monitor *monitor, const struct monitor_words *words)
{
	struct explain_access access;

	return take_stream(words, &access) ? walk(monitor, words->word[0], &access, "STE") : NO_STREAM;
}

static const char *run_cd(struct monitor *monitor, const struct monitor_words *words)
{
	struct explain_access access;

	return take_stream(words, &access) ? walk(monitor, words->word[0], &access, "CD") : NO_STREAM;
}

static const char *run_walk(struct monitor *monitor, const struct monitor_words *words)
{
	struct explain_access access;

	if (!take_stream(words, &access)) {
		return NO_STREAM;
	}
	if (!monitor_number(words->word[2], &access.address)) {
		return "that is no address: a number, as 0x1000000";
	}
	access.write = words->count > 3 && !strcmp(words->word[3], "write");
	if (words->count > 3 && !access.write && strcmp(words->word[3], "read")) {
		return "an access is read or write";
	}
	return walk(monitor, words->word[0], &access, NULL);
}

/* --- Commands. --- */

static bool say_command(void *context, const struct explain_entry *entry)
{
	char text[EXPLAIN_TEXT_SIZE] = "memory does not answer";

	(void)context;
	if (entry->is_readable) {
		explain_command(entry->dword, text);
	}
	print_always("  %" PRIu32 "%s: %s\n", entry->index, entry->is_pending ? " pending" : "", text);
	return true;
}

static const char *run_commands(struct monitor *monitor, const struct monitor_words *words)
{
	struct view view;
	const char *wrong = open_view(monitor, words->word[0], &view);

	if (!wrong && !explain_queue(&view.smmu, EXPLAIN_CMDQ, say_command, &view)) {
		wrong = "it has no command queue";
	}
	return wrong;
}

MONITOR_COMMAND(21, gerror, "INSTANCE", "the errors that are active", 1, 1, run_gerror);
MONITOR_COMMAND(22, regs, "INSTANCE", "its registers, and what they say", 1, 1, run_regs);
MONITOR_COMMAND(23, streams, "INSTANCE", "the streams that have an entry", 1, 1, run_streams);
MONITOR_COMMAND(24, ste, "INSTANCE SID", "a stream's table entry", 2, 2, run_ste);
MONITOR_COMMAND(25, cd, "INSTANCE SID", "its context descriptor", 2, 2, run_cd);
MONITOR_COMMAND(26, walk, "INSTANCE SID IOVA [read|write]", "walks an address, level by level", 3, 4, run_walk);
MONITOR_COMMAND(27, commands, "INSTANCE", "the command queue: done, and pending", 1, 1, run_commands);
