/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with a table: one finding for each id and cause; equal ones are counted. */
#ifndef FINDINGS_FINDING_H
#define FINDINGS_FINDING_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "firmware/limits.h"
#include "report/finding.h"

#define TABLE_FINDING_TEXT_SIZE 640U
#define TABLE_FINDING_SLOTS (2U * TABLE_FINDINGS_MAX) /* Never full. */

enum table_finding_id {
#define FINDING(constant, name, severity) FINDING_##constant,
#include "findings/ids.def"
#undef FINDING
	TABLE_FINDING_IDS
};

struct table_finding {
	enum table_finding_id id;
	const char *place;    /* Node path, "iort@0x48", "segment:0": a name of the description. */
	const char *property; /* "iommu-map", "ID mapping"; or NULL. */
	uint64_t cause;
	unsigned int place_first; /* Its places as a chain through place[]. */
	unsigned int place_last;
	const char *accepted; /* Why it is let be; NULL: it is not. */
	unsigned int count;   /* Findings that this one stands for, itself among them. */
	char text[TABLE_FINDING_TEXT_SIZE];
};

/* Each finding has its own first place. */
struct table_finding_place {
	enum table_finding_id id;
	const char *name;
	unsigned int next;	   /* Index into place[]; TABLE_FINDING_PLACES_MAX behind the last. */
	unsigned int next_in_slot; /* As place_slot[]. */
};

/* Too large for a stack. */
struct table_findings {
	struct table_finding finding[TABLE_FINDINGS_MAX];
	unsigned int count;
	unsigned int slot[TABLE_FINDING_SLOTS]; /* By id and cause: an index of finding[], plus 1; 0: free. */
	unsigned int lost;			/* Findings, or places, that found no room. */
	struct table_finding_place place[TABLE_FINDING_PLACES_MAX];
	unsigned int place_count;
	unsigned int
		place_slot[TABLE_FINDING_SLOTS]; /* By id and name: the last such place's index, plus 1; 0: none. */
};

void table_findings_clear(struct table_findings *findings);

/*
 * Adds a finding, or counts it, once for each place. `place` and `property` must outlive the list: description_name()
 * copies one. Findings of one `id` and `cause` are one: an index of an SMMU or host, an offset, table_cause(), or 0
 * where all of a table are one. The text begins with the property, if any: "iommu-map: ...". Any core, its own list.
 */
void table_finding_add(struct table_findings *findings, enum table_finding_id id, const char *place,
		       const char *property, uint64_t cause, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* A string of the description as a cause: equal names share a pointer. */
uint64_t table_cause(const char *name);

/* Has this place one? Then what follows from it is not added. */
bool table_finding_is_at(const struct table_findings *findings, enum table_finding_id id, const char *place);

/* "smmu_disabled"; how bad it is; "error", "warning" or "note". */
const char *table_finding_name(enum table_finding_id id);
enum finding_severity table_finding_severity(enum table_finding_id id);
const char *table_finding_severity_name(enum table_finding_id id);

/* How many are at least that bad and not accepted. Lost ones count as warnings. */
unsigned int table_findings_at_least(const struct table_findings *findings, enum finding_severity severity);

/* The place behind `place` of the same finding; NULL behind the last. */
const struct table_finding_place *table_finding_next_place(const struct table_findings *findings,
							   const struct table_finding_place *place);

/* The finding behind this one, worst first, else in the order of finding. NULL: the first; NULL behind the last. */
const struct table_finding *table_finding_next(const struct table_findings *findings,
					       const struct table_finding *finding);

#endif
