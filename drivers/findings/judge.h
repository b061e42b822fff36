/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges: each looks at one subject of a table that was read. */
#ifndef FINDINGS_JUDGE_H
#define FINDINGS_JUDGE_H

#include <stddef.h>

#include "findings/finding.h"
#include "findings/traits.h"
#include "firmware/description.h"
#include "firmware/msi.h"

struct table_view {
	struct description *description; /* description_name() makes a place that it does not name. */
	const struct msi_list *msis;	 /* NULL: not read. */
	const struct traits *traits;	 /* NULL: not read. */
	const void *blob;		 /* The device tree or IORT itself: streams.source says which. */
	size_t size;
};

typedef void table_judge(const struct table_view *view, struct table_findings *findings);

/* What the readers warned of comes first; then each of judges.def. Clears the list before. Any core, its own list. */
void table_judge_all(const struct table_view *view, struct table_findings *findings);

/* What the judge of this index looks at, "streams"; NULL behind the last. */
const char *table_judge_subject(unsigned int i);

#define JUDGE(name, subject) table_judge name;
#include "findings/judges.def"
#undef JUDGE

#endif
