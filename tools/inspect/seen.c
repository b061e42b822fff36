/* SPDX-License-Identifier: BSD-2-Clause */
#include "seen.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correct.h"
#include "findings/facts.h"
#include "findings/shift.h"
#include "report.h"

/* --- ID registers. --- */

static void take_registers(const json_t *instance, struct smmu_facts *facts)
{
	const json_t *registers = json_object_get(instance, "idr");
	char name[] = "IDR0";
	uint64_t value;

	facts->is_known = true;
	for (unsigned int i = 0; i < FACTS_ID_REGISTERS; i++) {
		name[3] = (char)('0' + i);
		if (!report_hex(registers, name, &value) || value > UINT32_MAX) {
			facts->is_known = false;
			return;
		}
		facts->idr[i] = (uint32_t)value;
	}
}

/* An instance without an architecture has not answered. */
static void take_instance(struct table *table, const json_t *instance, struct smmu_facts *facts)
{
	const char *reason = report_text(instance, "reason");

	take_registers(instance, facts);
	if (!strcmp(report_text(instance, "state"), "failed") &&
	    json_is_null(json_object_get(instance, "architecture"))) {
		facts->silent = description_name(&table->description, *reason ? reason : "it failed");
	}
}

static unsigned int take_instances(struct table *table, const json_t *report, struct facts *facts, bool *is_seen)
{
	unsigned int count = 0;

	for (size_t i = 0; i < json_array_size(report); i++) {
		const json_t *record = json_array_get(report, i);
		unsigned int smmu;

		if (!strcmp(report_text(record, "record"), "instance") &&
		    correct_find_smmu(&table->description.streams, record, &smmu)) {
			take_instance(table, record, &facts->smmu[smmu]);
			is_seen[smmu] = true;
			count++;
		}
	}
	return count;
}

static void add_unseen(struct table *table, const bool *is_seen)
{
	for (unsigned int i = 0; i < table->description.streams.smmu_count; i++) {
		if (table->description.streams.smmu[i].enabled && !is_seen[i]) {
			table_finding_add(
				&table->findings, FINDING_SMMU_NOT_SEEN, table->description.streams.smmu[i].name, NULL,
				0,
				"the report has no SMMU of this address: nothing that was seen is held against "
				"it");
		}
	}
}

/* --- Streams. --- */

/* The table's stream of a platform device: the one that came, if it has that, else its first. */
static bool fixed_stream(const struct stream_description *streams, const struct seen *seen, struct stream_id *stream)
{
	bool found = false;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];
		bool is_it = fixed->smmu == seen->observed.smmu && fixed->first <= seen->observed.sid &&
			     seen->observed.sid <= fixed->last;

		if (fixed->enabled && !strcmp(fixed->master, seen->master) && (!found || is_it)) {
			*stream = (struct stream_id){.smmu = fixed->smmu,
						     .sid = is_it ? seen->observed.sid : fixed->first};
			found = true;
		}
	}
	return found;
}

static void measure(const struct stream_description *streams, const struct seen *seen, struct shift *shift)
{
	const struct window_description *window =
		seen->is_function ? shift_window_of(streams, seen->segment, seen->requester_id) : NULL;
	struct stream_id stream = {.smmu = 0};
	bool is_described = seen->is_function ?
				    !description_stream_of(streams, seen->segment, seen->requester_id, &stream) :
				    fixed_stream(streams, seen, &stream);

	*shift = (struct shift){
		.owner = window ? window->master : NULL,
		.described_at = is_described ? streams->smmu[stream.smmu].name : NULL,
		.seen_at = streams->smmu[seen->observed.smmu].name,
	};
	shift_measure(shift, is_described ? stream.sid : seen->observed.sid, seen->observed.sid, window,
		      seen->requester_id);
}

static void add_shift(struct table *table, const struct seen *seen, const struct shift *shift, unsigned int count)
{
	const char *place = shift->owner ? shift->owner : description_name(&table->description, seen->master);
	char words[SHIFT_WORDS_SIZE], who[64] = "it";

	if (count > 1) {
		snprintf(who, sizeof(who), "%u %s", count, shift->owner ? "of its functions" : "devices");
	} else if (shift->owner) {
		snprintf(who, sizeof(who), "%.40s", seen->master);
	}
	shift_words(shift, words);
	table_finding_add(&table->findings, FINDING_STREAM_SEEN, place, NULL, table->findings.count,
			  "%s came out %s (%s as stream 0x%" PRIx32 "): --correct makes the table that is right", who,
			  words, seen->master, seen->observed.sid);
}

/* The first of a cause tells how many it has. */
static void add_shifts(struct table *table, const struct sight *sight, struct shift *shifts, bool *is_told)
{
	const struct stream_description *streams = &table->description.streams;

	for (size_t i = 0; i < sight->count; i++) {
		measure(streams, &sight->seen[i], &shifts[i]);
		is_told[i] = !shift_is_one(&shifts[i]);
	}
	for (size_t i = 0; i < sight->count; i++) {
		unsigned int count = 0;

		for (size_t k = i; !is_told[i] && k < sight->count; k++) {
			if (k != i && !is_told[k] && shift_is_one_cause(&shifts[i], &shifts[k])) {
				is_told[k] = true;
				count++;
			}
		}
		if (!is_told[i]) {
			add_shift(table, &sight->seen[i], &shifts[i], count + 1);
		}
	}
}

/* It has a stream by the report's own table, and reached memory without it. */
static void add_passed(struct table *table, const json_t *report)
{
	for (size_t i = 0; i < json_array_size(report); i++) {
		const json_t *record = json_array_get(report, i);

		if (!strcmp(report_text(record, "record"), "observed") &&
		    json_is_object(json_object_get(record, "described")) &&
		    !json_is_object(json_object_get(record, "observed")) &&
		    json_is_true(json_object_get(record, "reached_memory"))) {
			table_finding_add(&table->findings, FINDING_STREAM_PASSED,
					  description_name(&table->description, report_text(record, "master")), NULL, 1,
					  "its DMA reached memory, and no SMMU saw it: one that this table lacks is in "
					  "front of it, or none");
		}
	}
}

static const char *judge_streams_seen(struct table *table, const json_t *report)
{
	struct sight sight;
	bool failed = correct_read_sight(&sight, &table->description.streams, report);
	struct shift *shifts = failed ? NULL : calloc(sight.count + 1, sizeof(*shifts));
	bool *is_told = failed ? NULL : calloc(sight.count + 1, sizeof(*is_told));

	if (shifts && is_told) {
		add_shifts(table, &sight, shifts, is_told);
		add_passed(table, report);
	}
	failed = !shifts || !is_told;
	free(shifts);
	free(is_told);
	correct_free_sight(&sight);
	return failed ? "no memory" : NULL;
}

const char *seen_judge(struct table *table, const json_t *report)
{
	static struct facts facts;
	static bool is_seen[DESCRIPTION_SMMUS_MAX];

	facts.is_report = true;
	if (!take_instances(table, report, &facts, is_seen)) {
		return "none of its SMMUs is in this table, by address or by name";
	}
	table_judge_with(table, &facts);
	add_unseen(table, is_seen);
	return judge_streams_seen(table, report);
}
