/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FINDINGS_JUDGE_H
#define FINDINGS_JUDGE_H

#include <stddef.h>

#include "findings/finding.h"
#include "findings/spans.h"
#include "findings/traits.h"
#include "firmware/description.h"
#include "firmware/msi.h"

/* What any judge sorts at a time: streams, masters by two kinds, MSIs, interrupts. */
#define TABLE_SPANS_OF_A_MASTER 2U
#define TABLE_SPANS_OF_STREAMS (DESCRIPTION_FIXED_MAX + DESCRIPTION_WINDOWS_MAX)
#define TABLE_SPANS_OF_MASTERS (TABLE_SPANS_OF_A_MASTER * TRAITS_MASTERS_MAX)
#define TABLE_SPANS_OF_WIRES (WIRES * DESCRIPTION_SMMUS_MAX)
#define TABLE_MORE_OF(one, other) ((one) > (other) ? (one) : (other))
#define TABLE_SPANS_MAX                                                                                                \
	TABLE_MORE_OF(TABLE_MORE_OF(TABLE_SPANS_OF_STREAMS, TABLE_SPANS_OF_MASTERS),                                   \
		      TABLE_MORE_OF(MSIS_MAX, TABLE_SPANS_OF_WIRES))

struct facts;

struct table_view {
	struct description *description; /* description_name() adds a place that it lacks. */
	const struct msi_list *msis;	 /* NULL: not read. */
	const struct traits *traits;	 /* NULL: not read. */
	const void *blob;		 /* The device tree or IORT, as streams.source says. */
	size_t size;
	const struct facts *facts; /* NULL: not on the target. */
	struct span *spans;	   /* TABLE_SPANS_MAX of them, for the judges. */
};

typedef void table_judge(const struct table_view *view, struct table_findings *findings);

/* Clears the list, adds the readers' warnings, runs the judges of judges.def. Any core, its own list. */
void table_judge_all(const struct table_view *view, struct table_findings *findings);

/* The subject of this judge, such as "streams"; NULL after the last. */
const char *table_judge_subject(unsigned int i);

#define JUDGE(name, subject) table_judge name;
#include "findings/judges.def"
#undef JUDGE

#endif
