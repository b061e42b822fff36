/* SPDX-License-Identifier: BSD-2-Clause */
/* What a report says that the target saw, in the table's terms. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "correct.h"
#include "json.h"
#include "report.h"

#define SENTENCE_SIZE 640U

__attribute__((format(printf, 2, 3))) static void leave_out(struct sight *sight, const char *format, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	json_array_append_new(sight->left_out, json_text(sentence));
}

/* --- Which SMMU. --- */

static const json_t *instance_record(const json_t *report, const char *name)
{
	for (size_t i = 0; i < json_array_size(report); i++) {
		const json_t *record = json_array_get(report, i);

		if (!strcmp(report_text(record, "record"), "instance") &&
		    !strcmp(report_text(record, "instance"), name)) {
			return record;
		}
	}
	return NULL;
}

bool correct_find_smmu(const struct stream_description *streams, const json_t *instance, unsigned int *smmu)
{
	uint64_t base = 0;
	bool has_base = instance && report_hex(instance, "base", &base);

	for (*smmu = 0; instance && *smmu < streams->smmu_count; (*smmu)++) {
		const struct smmu_description *found = &streams->smmu[*smmu];

		if (has_base && found->has_base ? found->base == base :
						  !strcmp(found->name, report_text(instance, "name"))) {
			return true;
		}
	}
	return false;
}

static bool read_stream(const struct stream_description *streams, const json_t *report, const json_t *object,
			struct stream_id *stream)
{
	uint64_t sid;

	if (!report_hex(object, "sid", &sid) || sid > UINT32_MAX) {
		return false;
	}
	stream->sid = (uint32_t)sid;
	return correct_find_smmu(streams, instance_record(report, report_text(object, "instance")), &stream->smmu);
}

/* --- One record. --- */

static void read_function(struct seen *seen)
{
	unsigned int segment, bus, device, function;
	char end;

	if (sscanf(seen->master, "%4x:%2x:%2x.%1x%c", &segment, &bus, &device, &function, &end) == 4) {
		seen->is_function = true;
		seen->segment = segment;
		seen->requester_id = (bus & 0xff) << 8 | (device & 0x1f) << 3 | (function & 7);
	}
}

static void take_observed(struct sight *sight, const struct stream_description *streams, const json_t *report,
			  const json_t *record)
{
	struct seen *seen = &sight->seen[sight->count];
	const json_t *observed = json_object_get(record, "observed");
	const json_t *described = json_object_get(record, "described");

	*seen = (struct seen){.is_function = false};
	snprintf(seen->master, sizeof(seen->master), "%s", report_text(record, "master"));
	if (!json_is_object(observed)) {
		leave_out(sight, "%s: %s", seen->master,
			  json_is_true(json_object_get(record, "reached_memory")) ?
				  "no SMMU saw its DMA, which reached memory: which stream it has is not known" :
				  "its DMA was not seen: nothing is known of its stream");
		return;
	}
	if (!read_stream(streams, report, observed, &seen->observed)) {
		leave_out(sight, "%s: %s saw it as stream %s, and the table has no such SMMU: describe the SMMU first",
			  seen->master, report_text(observed, "instance"), report_text(observed, "sid"));
		return;
	}
	seen->is_described = json_is_object(described) && read_stream(streams, report, described, &seen->described);
	read_function(seen);
	sight->count++;
}

int correct_read_sight(struct sight *sight, const struct stream_description *streams, const json_t *report)
{
	*sight = (struct sight){calloc(json_array_size(report) + 1, sizeof(struct seen)), 0, json_array()};
	for (size_t i = 0; sight->seen && i < json_array_size(report); i++) {
		const json_t *record = json_array_get(report, i);

		if (!strcmp(report_text(record, "record"), "observed")) {
			take_observed(sight, streams, report, record);
		}
	}
	return sight->seen ? 0 : -1;
}

void correct_free_sight(struct sight *sight)
{
	free(sight->seen);
	json_decref(sight->left_out);
}
