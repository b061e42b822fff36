/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>
#include <string.h>

#include "findings/finding.h"
#include "report/format.h"

static const struct {
	const char *name;
	enum finding_severity severity;
} ids[] = {
#define FINDING(constant, name, severity) {name, FINDING_##severity},
#include "findings/ids.def"
#undef FINDING
};

void table_findings_clear(struct table_findings *findings)
{
	findings->count = 0;
	findings->lost = 0;
	findings->place_count = 0;
	memset(findings->slot, 0, sizeof(findings->slot));
	memset(findings->place_slot, 0, sizeof(findings->place_slot));
}

uint64_t table_cause(const char *name)
{
	return (uint64_t)(uintptr_t)name;
}

const char *table_finding_name(enum table_finding_id id)
{
	return ids[id].name;
}

enum finding_severity table_finding_severity(enum table_finding_id id)
{
	return ids[id].severity;
}

const char *table_finding_severity_name(enum table_finding_id id)
{
	static const char *const names[] = {"note", "warning", "error"};

	return names[ids[id].severity];
}

/* Knuth's multiplier for 64 bits spreads pointers and small numbers. */
static unsigned int slot_number(enum table_finding_id id, uint64_t number)
{
	return (unsigned int)(((number ^ (uint64_t)id << 48) * 0x9e3779b97f4a7c15ULL) >> 32);
}

/* The slot of that id and cause: its own, or a free one. */
static unsigned int *slot_of(struct table_findings *findings, enum table_finding_id id, uint64_t cause)
{
	for (unsigned int i = slot_number(id, cause);; i++) {
		unsigned int *slot = &findings->slot[i % TABLE_FINDING_SLOTS];
		const struct table_finding *finding = *slot ? &findings->finding[*slot - 1] : NULL;

		if (!finding || (finding->id == id && finding->cause == cause)) {
			return slot;
		}
	}
}

static unsigned int place_slot_number(enum table_finding_id id, const char *place)
{
	return slot_number(id, table_cause(place)) % TABLE_FINDING_SLOTS;
}

static void add_place(struct table_findings *findings, struct table_finding *finding, const char *place)
{
	unsigned int added = findings->place_count;
	unsigned int *slot = &findings->place_slot[place_slot_number(finding->id, place)];

	if (added == TABLE_FINDING_PLACES_MAX) {
		findings->lost++;
		return;
	}
	findings->place[added] = (struct table_finding_place){finding->id, place, TABLE_FINDING_PLACES_MAX, *slot};
	findings->place_count++;
	*slot = findings->place_count;
	if (finding->count) {
		findings->place[finding->place_last].next = added;
	} else {
		finding->place_first = added;
	}
	finding->place_last = added;
	finding->count++;
}

static bool is_last_place(const struct table_findings *findings, const struct table_finding *finding, const char *place)
{
	return finding->count && findings->place[finding->place_last].name == place;
}

static void write_text(struct table_finding *finding, const char *format, va_list arguments)
{
	size_t length = 0;

	if (finding->property) {
		length = format_text(finding->text, sizeof(finding->text), "%s: ", finding->property);
		length = length < sizeof(finding->text) ? length : sizeof(finding->text) - 1;
	}
	format_text_v(finding->text + length, sizeof(finding->text) - length, format, arguments);
}

void table_finding_add(struct table_findings *findings, enum table_finding_id id, const char *place,
		       const char *property, uint64_t cause, const char *format, ...)
{
	unsigned int *slot = slot_of(findings, id, cause);
	struct table_finding *finding = *slot ? &findings->finding[*slot - 1] : NULL;
	va_list arguments;

	if (!finding && (findings->count == TABLE_FINDINGS_MAX || findings->place_count == TABLE_FINDING_PLACES_MAX)) {
		findings->lost++;
		return;
	}
	if (!finding) {
		finding = &findings->finding[findings->count++];
		*slot = findings->count;
		*finding = (struct table_finding){.id = id, .place = place, .property = property, .cause = cause};
		va_start(arguments, format);
		write_text(finding, format, arguments);
		va_end(arguments);
	}
	if (!is_last_place(findings, finding, place)) {
		add_place(findings, finding, place);
	}
}

bool table_finding_is_at(const struct table_findings *findings, enum table_finding_id id, const char *place)
{
	unsigned int i = findings->place_slot[place_slot_number(id, place)];

	while (i && (findings->place[i - 1].name != place || findings->place[i - 1].id != id)) {
		i = findings->place[i - 1].next_in_slot;
	}
	return i != 0;
}

unsigned int table_findings_at_least(const struct table_findings *findings, enum finding_severity severity)
{
	unsigned int count = severity <= FINDING_WARNING ? findings->lost : 0;

	for (unsigned int i = 0; i < findings->count; i++) {
		count += !findings->finding[i].accepted && ids[findings->finding[i].id].severity >= severity;
	}
	return count;
}

const struct table_finding_place *table_finding_next_place(const struct table_findings *findings,
							   const struct table_finding_place *place)
{
	return place->next < TABLE_FINDING_PLACES_MAX ? &findings->place[place->next] : NULL;
}

const struct table_finding *table_finding_next(const struct table_findings *findings,
					       const struct table_finding *finding)
{
	int severity = finding ? (int)ids[finding->id].severity : FINDING_ERROR;
	size_t i = finding ? (size_t)(finding - findings->finding) + 1 : 0;

	for (; severity >= FINDING_NOTE; severity--, i = 0) {
		for (; i < findings->count; i++) {
			if (ids[findings->finding[i].id].severity == (enum finding_severity)severity) {
				return &findings->finding[i];
			}
		}
	}
	return NULL;
}
