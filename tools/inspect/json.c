/* SPDX-License-Identifier: BSD-2-Clause */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>

#include "findings/judge.h"
#include "traits_text.h"

#define INTERFACE 1
#define INDENT 2

static json_t *hex(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

static json_t *hex_or_null(bool known, uint64_t value)
{
	return known ? hex(value) : json_null();
}

/* INTERFACE 1: the keys are a contract. */
static json_t *instances(const struct stream_description *streams)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		const struct smmu_description *smmu = &streams->smmu[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:b, s:b}", "name", json_text(smmu->name),
						      "base", hex_or_null(smmu->has_base, smmu->base), "size",
						      hex_or_null(smmu->has_base, smmu->size), "enabled", smmu->enabled,
						      "coherent", smmu->coherent));
	}
	return list;
}

static json_t *fixed_streams(const struct stream_description *streams)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		json_array_append_new(list,
				      json_pack("{s:o, s:o, s:o, s:s, s:o, s:b}", "instance",
						json_text(streams->smmu[fixed->smmu].name), "first", hex(fixed->first),
						"last", hex(fixed->last), "kind", fixed->single ? "single" : "range",
						"master", json_text(fixed->master), "enabled", fixed->enabled));
	}
	return list;
}

static json_t *windows(const struct stream_description *streams)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:b}", "instance",
						      json_text(streams->smmu[window->smmu].name), "input_first",
						      hex(window->input_first), "input_last", hex(window->input_last),
						      "sid", hex(window->sid), "constant", window->constant, "mask",
						      hex_or_null(window->has_mask, window->mask), "master",
						      json_text(window->master), "enabled", window->enabled));
	}
	return list;
}

static json_t *reserved(const struct stream_description *streams)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < streams->direct_count; i++) {
		const struct direct_description *direct = &streams->direct[i];
		json_t *entry = json_pack("{s:o, s:o, s:o, s:b}", "master", json_text(direct->master), "base",
					  hex(direct->base), "size", hex(direct->size), "mapped", direct->mapped);
		bool known = false;

		/* Once for a master's streams. */
		for (size_t k = 0; k < json_array_size(list); k++) {
			known = known || json_equal(json_array_get(list, k), entry);
		}
		if (known) {
			json_decref(entry);
		} else {
			json_array_append_new(list, entry);
		}
	}
	return list;
}

static json_t *warnings(const struct description *description)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < description->warning_count; i++) {
		json_array_append_new(list, json_pack("{s:o, s:o}", "where", json_text(description->warning[i].where),
						      "text", json_text(description->warning[i].text)));
	}
	if (description->warnings_lost) {
		json_array_append_new(list, json_pack("{s:s, s:o}", "where", "/", "text",
						      json_sprintf("%u warnings more than can be listed",
								   description->warnings_lost)));
	}
	return list;
}

static json_t *msis(const struct msi_list *msis)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < msis->count; i++) {
		const struct msi_description *msi = &msis->msi[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:b}", "controller",
						      json_text(msi->controller), "input_first",
						      hex_or_null(msi->has_input, msi->input_first), "input_last",
						      hex_or_null(msi->has_input, msi->input_last), "device",
						      hex_or_null(msi->has_device, msi->device), "constant",
						      msi->constant, "mask", hex_or_null(msi->has_mask, msi->mask),
						      "master", json_text(msi->master), "enabled", msi->enabled));
	}
	return list;
}

static json_t *passed_over(const struct description *description)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < description->note_count; i++) {
		json_array_append_new(list, json_pack("{s:o, s:o}", "where", json_text(description->note[i].where),
						      "text", json_text(description->note[i].text)));
	}
	return list;
}

json_t *json_of_table(const struct table *table)
{
	const struct description *description = &table->description;
	const struct stream_description *streams = &description->streams;

	return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "interface",
			 INTERFACE, "format", table->format, "verdict", "ok", "instances", instances(streams), "fixed",
			 fixed_streams(streams), "windows", windows(streams), "reserved", reserved(streams), "warnings",
			 warnings(description), "msis", msis(&table->msis), "skipped", passed_over(description),
			 "masters", traits_json_masters(&table->traits), "smmus",
			 traits_json_smmus(streams, &table->traits), "regions", traits_json_regions(&table->traits),
			 "pmcgs", traits_json_pmcgs(&table->traits));
}

/* The places behind the first. */
static json_t *other_places(const struct table_findings *findings, const struct table_finding *finding)
{
	const struct table_finding_place *place = &findings->place[finding->place_first];
	json_t *list = json_array();

	while ((place = table_finding_next_place(findings, place))) {
		json_array_append_new(list, json_text(place->name));
	}
	return list;
}

/* `subject` and `detail` are what `where` and `text` were called first. */
static json_t *json_of_finding(const struct table_findings *findings, const struct table_finding *finding)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o}", "id", table_finding_name(finding->id),
			 "severity", table_finding_severity_name(finding->id), "where", json_text(finding->place),
			 "property", json_text(finding->property), "text", json_text(finding->text), "count",
			 (int)finding->count, "also", other_places(findings, finding), "accepted",
			 json_text(finding->accepted), "subject", json_text(finding->place), "detail",
			 json_text(finding->text));
}

json_t *json_of_judges(void)
{
	json_t *list = json_array();
	const char *subject;

	for (unsigned int i = 0; (subject = table_judge_subject(i)); i++) {
		json_array_append_new(list, json_string(subject));
	}
	return list;
}

json_t *json_of_findings(const struct table *table)
{
	const struct table_findings *findings = &table->findings;
	const struct table_finding *finding = NULL;
	json_t *list = json_array();

	while ((finding = table_finding_next(findings, finding))) {
		json_array_append_new(list, json_of_finding(findings, finding));
	}
	return list;
}

json_t *json_of_warnings(const struct table *table)
{
	return warnings(&table->description);
}

json_t *json_of_error(const char *why)
{
	return json_pack("{s:s, s:o}", "verdict", "error", "error", json_text(why));
}

void json_print(json_t *json, bool pretty)
{
	(void)json_dumpf(json, stdout, pretty ? (size_t)JSON_INDENT(INDENT) : (size_t)JSON_COMPACT);
	(void)putchar('\n');
	json_decref(json);
}
