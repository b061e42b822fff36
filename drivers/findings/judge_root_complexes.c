/* SPDX-License-Identifier: BSD-2-Clause */
/* A root complex's ID mappings that are well formed, and hardly what is meant. */
#include <inttypes.h>

#include "findings/judge.h"

static bool has_smmu(const struct stream_description *streams)
{
	unsigned int i = 0;

	while (i < streams->smmu_count && !streams->smmu[i].enabled) {
		i++;
	}
	return i < streams->smmu_count;
}

static void judge_count(struct table_findings *findings, const struct master_traits *master)
{
	if (master->has_one_more && !table_finding_is_at(findings, FINDING_MAP_COUNT_IS_NUMBER, master->node)) {
		table_finding_add(findings, FINDING_MAP_COUNT_IS_NUMBER, master->node, NULL, table_cause(master->name),
				  "an ID mapping of whole buses takes requester ID 0x%" PRIx32
				  " along, too: its field is the number of IDs less one",
				  master->one_more);
	}
}

/* Linux's iort_id_map() gives the output base of a single mapping to every requester ID. */
static void judge_single(const struct table_view *view, struct table_findings *findings,
			 const struct master_traits *master)
{
	const struct window_description *window = &view->description->streams.window[master->window];

	if (master->window_count && window->constant) {
		table_finding_add(findings, FINDING_COARSE_MASK, master->name, "ID mapping", table_cause(master->name),
				  "a single one: all functions of the segment share stream 0x%" PRIx32
				  ", and are not isolated from each other",
				  window->sid);
	}
}

/* The host bridge's own ID, mostly: the number of a range's IDs was meant. */
static void judge_one_id(const struct table_view *view, struct table_findings *findings,
			 const struct master_traits *master)
{
	const struct window_description *window = &view->description->streams.window[master->window];

	if (master->window_count == 1 && window->input_first == window->input_last) {
		table_finding_add(findings, FINDING_REQUESTER_HOLE, master->name, "ID mapping",
				  table_cause(master->name),
				  "requester ID 0x%" PRIx32 " alone has a stream: a mapping's field is the number of "
				  "IDs less one, and 0xffff for all functions of a segment",
				  window->input_first);
	}
}

static void judge_root_complex(const struct table_view *view, struct table_findings *findings,
			       const struct master_traits *master)
{
	judge_count(findings, master);
	judge_single(view, findings, master);
	judge_one_id(view, findings, master);
	if (!master->window_count && has_smmu(&view->description->streams)) {
		table_finding_add(findings, FINDING_DMA_WITHOUT_IOMMU, master->name, NULL, table_cause(master->name),
				  "its requester IDs lead to none of the table's SMMUs: nothing is known to translate "
				  "its functions' DMA");
	}
}

void judge_root_complexes(const struct table_view *view, struct table_findings *findings)
{
	if (view->description->streams.source != DESCRIPTION_IORT) {
		return;
	}
	for (unsigned int i = 0; view->traits && i < view->traits->master_count; i++) {
		if (view->traits->master[i].segment != STREAM_NO_SEGMENT) {
			judge_root_complex(view, findings, &view->traits->master[i]);
		}
	}
}
