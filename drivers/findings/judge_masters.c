/* SPDX-License-Identifier: BSD-2-Clause */
/* What masters are said to be, beside their streams. */
#include "findings/judge.h"

#define ADDRESS_BITS 64U

/*
 * DEN0049 E.e, 3.1.1.2: CCA 0 with a coherent path (CPM) and cacheable, shareable accesses (DACS) is coherent; CCA 1
 * without a coherent path is not. The SMMU's attributes make CCA 0 with CPM alone coherent.
 */
static void judge_coherency(struct table_findings *findings, const struct master_traits *master)
{
	if (!master->has_attributes) {
		return;
	}
	if (master->coherent == TOLD_NO && master->path_is_coherent && master->is_cacheable) {
		table_finding_add(findings, FINDING_COHERENCY, master->name, NULL, 0,
				  "its CCA is 0, not coherent, and its flags CPM and DACS say that it is coherent");
	} else if (master->coherent == TOLD_YES && !master->path_is_coherent) {
		table_finding_add(
			findings, FINDING_COHERENCY_PATH, master->name, NULL, 0,
			"its CCA is 1, coherent, and its flag CPM says that it has no coherent path to memory");
	}
}

static void judge_reach(struct table_findings *findings, const struct table_view *view,
			const struct master_traits *master)
{
	bool iort = view->description->streams.source == DESCRIPTION_IORT;

	if (master->limit_bits > ADDRESS_BITS) {
		table_finding_add(findings, FINDING_LIMIT_BEYOND, master->name, NULL, 0,
				  "its memory address size limit is %u bits: an address has %u at most",
				  master->limit_bits, ADDRESS_BITS);
	}
	if (!master->reaches_nothing) {
		return;
	}
	if (iort) {
		table_finding_add(findings, FINDING_LIMIT_ZERO, master->name, NULL, 0,
				  "its memory address size limit is 0 bits: Linux gives it no DMA");
	} else {
		table_finding_add(findings, FINDING_LIMIT_ZERO, master->name, "dma-ranges", 0,
				  "every entry is empty: its DMA reaches no address");
	}
}

void judge_masters(const struct table_view *view, struct table_findings *findings)
{
	for (unsigned int i = 0; view->traits && i < view->traits->master_count; i++) {
		const struct master_traits *master = &view->traits->master[i];

		if (master->enabled) {
			judge_coherency(findings, master);
			judge_reach(findings, view, master);
		}
	}
}
