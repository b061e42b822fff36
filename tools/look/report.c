/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "smmuv3/event.h"

struct collecting {
	const struct looked *looked;
	json_t *list;
	const char *wanted; /* Of a step. */
	json_t *found;
};

static json_t *hex(uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *dwords(const uint64_t *value, unsigned int count)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < count; i++) {
		json_array_append_new(list, hex(value[i]));
	}
	return list;
}

static json_t *json_of_step(const struct explain_step *step)
{
	json_t *json = json_pack("{s:o, s:o, s:o, s:o}", "what", json_text(step->what), "address",
				 step->has_address ? hex(step->address) : json_null(), "value", hex(step->value),
				 "meaning", json_text(step->meaning));

	if (step->depth) {
		json_object_set_new(json, "on_the_way", json_true());
	}
	return json;
}

static void collect_step(void *context, const struct explain_step *step)
{
	struct collecting *collecting = context;

	if (!collecting->wanted) {
		json_array_append_new(collecting->list, json_of_step(step));
	} else if (!step->depth && !strcmp(step->what, collecting->wanted)) {
		json_decref(collecting->found);
		collecting->found = json_of_step(step);
	}
}

static json_t *master_of(const struct looked *looked, uint32_t sid)
{
	char words[512];

	looked_master(looked, sid, words, sizeof(words));
	return words[0] ? json_text(words) : json_null();
}

/* --- Streams. --- */

/* Of accesses without a substream. */
static json_t *cd_of(const struct looked *looked, uint32_t sid)
{
	struct collecting collecting = {.wanted = "CD", .found = json_null()};
	const struct explain_listener listener = {collect_step, &collecting};
	const struct explain_access access = {.sid = sid};
	struct explain_result result;

	explain_walk(&looked->smmu_state, &access, &listener, &result);
	return collecting.found;
}

static json_t *broken_rules(const struct looked *looked, const uint64_t ste[8])
{
	json_t *list = json_array();
	const char *broken;

	for (unsigned int n = 0; (broken = explain_ste_broken(&looked->smmu_state, ste, n)); n++) {
		json_array_append_new(list, json_text(broken));
	}
	return list;
}

static bool collect_stream(void *context, const struct explain_stream *stream)
{
	struct collecting *collecting = context;
	const struct looked *looked = collecting->looked;
	char text[EXPLAIN_TEXT_SIZE] = "its STE cannot be read: nothing answers there";

	if (stream->is_readable) {
		explain_ste(&looked->smmu_state, stream->ste, text);
	}
	json_array_append_new(collecting->list,
			      json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "first", hex(stream->first),
					"last", hex(stream->last), "master", master_of(looked, stream->first),
					"readable", stream->is_readable, "address", hex(stream->address), "ste",
					stream->is_readable ? dwords(stream->ste, 8) : json_null(), "meaning",
					json_text(text), "broken", broken_rules(looked, stream->ste), "cd",
					stream->is_readable ? cd_of(looked, stream->first) : json_null()));
	return true;
}

static void add_note(json_t *smmu, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_note(json_t *smmu, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_array_append_new(json_object_get(smmu, "notes"), json_text(text));
}

static void add_streams(struct looked *looked, json_t *smmu)
{
	struct collecting collecting = {.looked = looked, .list = json_array()};
	enum explain_scan scan = explain_streams(&looked->smmu_state, REPORT_ENTRIES_MAX, collect_stream, &collecting);

	json_object_set_new(smmu, "streams", collecting.list);
	if (scan == EXPLAIN_NO_TABLE) {
		add_note(smmu, "STRTAB_BASE and STRTAB_BASE_CFG are not known: --register gives them");
	} else if (scan == EXPLAIN_SCAN_CUT) {
		add_note(smmu, "the stream table has more than %u entries: no more were looked at", REPORT_ENTRIES_MAX);
	}
}

/* --- A walk. --- */

static json_t *json_of_result(const struct explain_result *result)
{
	static const char *const ends[] = {[EXPLAIN_TRANSLATED] = "translated",
					   [EXPLAIN_BYPASSED] = "bypassed",
					   [EXPLAIN_ABORTED] = "aborted",
					   [EXPLAIN_FAULTED] = "faulted",
					   [EXPLAIN_UNKNOWN] = "unknown"};
	bool arrives = result->end == EXPLAIN_TRANSLATED || result->end == EXPLAIN_BYPASSED;
	bool faults = result->end == EXPLAIN_FAULTED;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:o}", "end", ends[result->end], "event",
			 faults ? json_string(smmuv3_event_name(result->event)) : json_null(), "stage",
			 faults && result->stage ? json_integer(result->stage) : json_null(), "level",
			 faults && result->stage ? json_integer(result->level) : json_null(), "output",
			 arrives ? hex(result->output) : json_null(), "size",
			 arrives && result->size_bits ? hex(1ULL << result->size_bits) : json_null(), "recorded",
			 result->is_recorded, "stalled", result->is_stalled, "unreadable", result->is_unreadable, "why",
			 json_text(result->why));
}

static void add_walk(struct looked *looked, const struct explain_access *access, json_t *smmu)
{
	struct collecting collecting = {.list = json_array()};
	const struct explain_listener listener = {collect_step, &collecting};
	struct explain_result result;
	json_t *walk;

	explain_walk(&looked->smmu_state, access, &listener, &result);
	walk = json_of_result(&result);
	json_object_set_new(walk, "sid", hex(access->sid));
	json_object_set_new(walk, "ssid", access->has_ssid ? hex(access->ssid) : json_null());
	json_object_set_new(walk, "master", master_of(looked, access->sid));
	json_object_set_new(walk, "address", hex(access->address));
	json_object_set_new(walk, "access", json_string(access->write ? "write" : "read"));
	json_object_set_new(walk, "steps", collecting.list);
	json_object_set_new(smmu, "walk", walk);
}

/* --- Queues. --- */

static void collect_entry(struct collecting *collecting, const struct explain_entry *entry, unsigned int count,
			  const char *meaning)
{
	json_array_append_new(collecting->list,
			      json_pack("{s:i, s:b, s:o, s:o, s:o}", "index", (int)entry->index, "pending",
					entry->is_pending, "address", hex(entry->address), "value",
					entry->is_readable ? dwords(entry->dword, count) : json_null(), "meaning",
					json_text(entry->is_readable ? meaning : "it cannot be read")));
}

static bool collect_event(void *context, const struct explain_entry *entry)
{
	struct collecting *collecting = context;
	char text[EXPLAIN_TEXT_SIZE];
	json_t *last;

	explain_event(entry->dword, text);
	collect_entry(collecting, entry, 4, text);
	last = json_array_get(collecting->list, json_array_size(collecting->list) - 1);
	json_object_set_new(last, "master", master_of(collecting->looked, (uint32_t)(entry->dword[0] >> 32)));
	json_object_set_new(last, "cause", json_text(smmuv3_event_cause((unsigned int)(entry->dword[0] & 0xff))));
	return true;
}

static bool collect_command(void *context, const struct explain_entry *entry)
{
	char text[EXPLAIN_TEXT_SIZE];

	explain_command(entry->dword, text);
	collect_entry(context, entry, 2, text);
	return true;
}

static void add_queue(struct looked *looked, enum explain_queue queue, json_t *smmu)
{
	bool events = queue == EXPLAIN_EVENTQ;
	struct collecting collecting = {.looked = looked, .list = json_array()};

	if (!explain_queue(&looked->smmu_state, queue, events ? collect_event : collect_command, &collecting)) {
		add_note(smmu, "%s_BASE, %s_PROD and %s_CONS are not known: --register gives them",
			 events ? "EVENTQ" : "CMDQ", events ? "EVENTQ" : "CMDQ", events ? "EVENTQ" : "CMDQ");
	}
	json_object_set_new(smmu, events ? "events" : "commands", collecting.list);
}

/* --- All of it. --- */

static void add_steps(struct looked *looked, const char *key, json_t *smmu,
		      void (*explain)(const struct explain_smmu *smmu, const struct explain_listener *listener))
{
	struct collecting collecting = {.list = json_array()};
	const struct explain_listener listener = {collect_step, &collecting};

	explain(&looked->smmu_state, &listener);
	json_object_set_new(smmu, key, collecting.list);
}

static void add_check(struct looked *looked, json_t *smmu)
{
	struct collecting collecting = {.list = json_array()};
	const struct explain_listener listener = {collect_step, &collecting};
	bool is_cut = false;

	(void)explain_check(&looked->smmu_state, REPORT_ENTRIES_MAX, &listener, &is_cut);
	json_object_set_new(smmu, "check", collecting.list);
	if (is_cut) {
		add_note(smmu, "there are more than %u entries: no more were looked at", REPORT_ENTRIES_MAX);
	}
}

static json_t *json_of_registers(const struct looked *looked)
{
	json_t *json = json_object();

	for (unsigned int i = 0; i < EXPLAIN_REGISTERS; i++) {
		if (looked->smmu_state.is_known[i]) {
			json_object_set_new(json, explain_register((enum explain_register_id)i)->name,
					    hex(looked->smmu_state.value[i]));
		}
	}
	return json;
}

/* An SMMU without a stage is none: a wrong base, or a clock that stands still. */
static void doubt(const struct looked *looked, json_t *smmu)
{
	const struct explain_smmu *state = &looked->smmu_state;

	if (state->is_known[EXPLAIN_IDR0] &&
	    (!(state->value[EXPLAIN_IDR0] & 3) || state->value[EXPLAIN_IDR0] == 0xffffffff)) {
		add_note(smmu, "IDR0 is 0x%llx: is there an SMMUv3 at this base, with its clock on?",
			 (unsigned long long)state->value[EXPLAIN_IDR0]);
	}
	if (state->ids_assumed) {
		add_note(smmu, "IDR0, IDR1 or IDR5 is not known: what they would forbid is not told");
	}
}

static void add_answer(struct looked *looked, const struct request *request, json_t *smmu)
{
	switch (request->command) {
	case COMMAND_STREAMS:
		add_streams(looked, smmu);
		break;
	case COMMAND_WALK:
		add_walk(looked, &request->access, smmu);
		break;
	case COMMAND_EVENTS:
		add_queue(looked, EXPLAIN_EVENTQ, smmu);
		break;
	case COMMAND_COMMANDS:
		add_queue(looked, EXPLAIN_CMDQ, smmu);
		break;
	case COMMAND_CHECK:
		add_check(looked, smmu);
		break;
	case COMMAND_SUMMARY:
	default:
		add_steps(looked, "summary", smmu, explain_identity);
		break;
	}
}

json_t *report_of(struct looked *looked, const struct request *request)
{
	bool is_known = looked_open(looked);
	json_t *smmu = json_pack("{s:o, s:o, s:o, s:o}", "base", looked->has_base ? hex(looked->base) : json_null(),
				 "name", looked->name ? json_text(looked->name) : json_null(), "registers",
				 json_of_registers(looked), "notes", json_array());

	if (!is_known) {
		add_note(smmu, "none of its registers can be read%s%s", looked->target->why[0] ? ": " : "",
			 looked->target->why);
		return smmu;
	}
	doubt(looked, smmu);
	add_answer(looked, request, smmu);
	if (looked->target->is_lost) {
		add_note(smmu, "the target was lost: %s", looked->target->why);
	}
	return smmu;
}
