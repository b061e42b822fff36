/* SPDX-License-Identifier: BSD-2-Clause */
#include "sarif.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "firmware/bytes.h"
#include "firmware/dt_tree.h"
#include "json.h"

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"
#define IORT_HEADER_SIZE 48U
#define RELATED_MAX 64U	    /* Each is looked for in the table; occurrenceCount counts all. */
#define DT_STRUCT_OFFSET 8U /* Of off_dt_struct in the header (Devicetree Specification 5.2). */

/* --- Rules. --- */

static json_t *message_of(const char *text, size_t length)
{
	return json_pack("{s:s%}", "text", text, (int)length);
}

static json_t *rule_of(enum table_finding_id id)
{
	const char *name = table_finding_name(id);
	struct explanation explanation;
	json_t *rule = json_pack("{s:s, s:{s:s}}", "id", name, "defaultConfiguration", "level",
				 table_finding_severity_name(id));

	if (explain_find(name, &explanation)) {
		json_object_set_new(rule, "fullDescription",
				    message_of(explanation.meaning, explanation.meaning_length));
		json_object_set_new(rule, "help", message_of(explanation.advice, explanation.advice_length));
	}
	return rule;
}

/* A rule's index is its id's number. */
json_t *sarif_new(void)
{
	json_t *rules = json_array();

	for (unsigned int i = 0; i < TABLE_FINDING_IDS; i++) {
		json_array_append_new(rules, rule_of((enum table_finding_id)i));
	}
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:[{s:b, s:[]}], s:[]}]}", "$schema", SCHEMA, "version",
			 "2.1.0", "runs", "tool", "driver", "name", "smmu-inspect", "version", SMMU_INSPECT_VERSION,
			 "rules", rules, "invocations", "executionSuccessful", 1, "toolExecutionNotifications",
			 "results");
}

static json_t *run_of(const json_t *log)
{
	return json_array_get(json_object_get(log, "runs"), 0);
}

/* --- Places. --- */

/* A path as a URI (RFC 3986 2.1). */
static json_t *uri_of(const char *path, size_t length)
{
	char *uri = malloc(3 * length + 1);
	json_t *json;
	size_t at = 0;

	for (size_t i = 0; uri && i < length; i++) {
		unsigned char c = (unsigned char)path[i];

		if (isalnum(c) || strchr("-._~/", c)) {
			uri[at++] = path[i];
		} else {
			at += (size_t)sprintf(uri + at, "%%%02X", c);
		}
	}
	json = uri ? json_stringn(uri, at) : json_null();
	free(uri);
	return json;
}

static json_t *bytes_region(size_t offset, size_t size)
{
	return json_pack("{s:I, s:I}", "byteOffset", (json_int_t)offset, "byteLength", (json_int_t)size);
}

/* "iort@0x48": type, then its length in two bytes (DEN0049). */
static json_t *region_in_iort(const struct table *table, const char *place)
{
	size_t offset = 0;

	if (!strcmp(place, "iort")) {
		return bytes_region(0, table->size < IORT_HEADER_SIZE ? table->size : IORT_HEADER_SIZE);
	}
	if (strncmp(place, "iort@", 5) != 0) {
		return NULL;
	}
	offset = strtoul(place + 5, NULL, 16);
	return offset < table->size && table->size - offset >= 3 ?
		       bytes_region(offset, table->bytes[offset + 1] | (size_t)table->bytes[offset + 2] << 8) :
		       NULL;
}

/* The property's value, or the node's name with the token before it. */
static json_t *region_in_dt(const struct table *table, const char *place, const char *property)
{
	uint32_t size = 0;
	const uint8_t *value;
	struct dt_node node;

	if (place[0] != '/' || !dt_by_path(table->bytes, place, strlen(place), &node)) {
		return NULL;
	}
	value = property ? dt_property(table->bytes, dt_offset(&node), property, &size) : NULL;
	if (value) {
		return bytes_region((size_t)(value - table->bytes), size);
	}
	return bytes_region(get_be32(&table->bytes[DT_STRUCT_OFFSET]) + (size_t)dt_offset(&node),
			    sizeof(uint32_t) + strlen(dt_name(table->bytes, dt_offset(&node))) + 1);
}

static json_t *physical_location(const struct table *table, const char *place, const char *property)
{
	bool is_iort = table->description.streams.source == DESCRIPTION_IORT;
	json_t *region = is_iort ? region_in_iort(table, place) : region_in_dt(table, place, property);
	json_t *location = json_pack("{s:{s:o}}", "artifactLocation", "uri", uri_of(table->path, strlen(table->path)));

	if (region) {
		json_object_set_new(location, "region", region);
	}
	return location;
}

static json_t *location_of(const struct table *table, const char *place, const char *property)
{
	return json_pack("{s:o, s:[{s:o}]}", "physicalLocation", physical_location(table, place, property),
			 "logicalLocations", "fullyQualifiedName", json_text(place));
}

/* "FILE:LINE" of the file of accepted findings. */
static json_t *location_of_line(const char *place)
{
	const char *colon = strrchr(place, ':');

	return json_pack("{s:{s:{s:o}, s:{s:I}}}", "physicalLocation", "artifactLocation", "uri",
			 uri_of(place, (size_t)(colon - place)), "region", "startLine",
			 (json_int_t)strtoul(colon + 1, NULL, 10));
}

/* --- Results. --- */

static json_t *related(const struct table *table, const struct table_finding *finding)
{
	const struct table_findings *findings = &table->findings;
	const struct table_finding_place *place = &findings->place[finding->place_first];
	json_t *list = json_array();

	while (json_array_size(list) < RELATED_MAX && (place = table_finding_next_place(findings, place))) {
		json_array_append_new(list, location_of(table, place->name, finding->property));
	}
	return list;
}

static json_t *suppressions(const struct table_finding *finding)
{
	return finding->accepted ?
		       json_pack("[{s:s, s:o}]", "kind", "external", "justification", json_text(finding->accepted)) :
		       json_array();
}

static json_t *result_of(const struct table *table, const struct table_finding *finding)
{
	bool is_line = finding->id == FINDING_ACCEPTED_UNUSED;

	return json_pack("{s:s, s:i, s:s, s:{s:o}, s:[o], s:o, s:i, s:o}", "ruleId", table_finding_name(finding->id),
			 "ruleIndex", (int)finding->id, "level", table_finding_severity_name(finding->id), "message",
			 "text", json_text(finding->text), "locations",
			 is_line ? location_of_line(finding->place) :
				   location_of(table, finding->place, finding->property),
			 "relatedLocations", related(table, finding), "occurrenceCount", (int)finding->count,
			 "suppressions", suppressions(finding));
}

void sarif_add(json_t *log, const struct table *table)
{
	json_t *results = json_object_get(run_of(log), "results");
	const struct table_finding *finding = NULL;

	while ((finding = table_finding_next(&table->findings, finding))) {
		json_array_append_new(results, result_of(table, finding));
	}
}

void sarif_add_refusal(json_t *log, const char *path, const char *why)
{
	json_t *invocation = json_array_get(json_object_get(run_of(log), "invocations"), 0);

	json_object_set_new(invocation, "executionSuccessful", json_false());
	json_array_append_new(json_object_get(invocation, "toolExecutionNotifications"),
			      json_pack("{s:s, s:{s:o}, s:[{s:{s:{s:o}}}]}", "level", "error", "message", "text",
					json_text(why), "locations", "physicalLocation", "artifactLocation", "uri",
					uri_of(path, strlen(path))));
}
