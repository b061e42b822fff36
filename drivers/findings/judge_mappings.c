/* SPDX-License-Identifier: BSD-2-Clause */
/* ID mappings of an IORT that are well formed, and hardly what is meant. */
#include <inttypes.h>
#include <string.h>

#include "findings/judge.h"
#include "firmware/text.h"

#define MAPPING "ID mapping"

static bool has_smmu(const struct stream_description *streams)
{
	unsigned int i = 0;

	while (i < streams->smmu_count && !streams->smmu[i].enabled) {
		i++;
	}
	return i < streams->smmu_count;
}

/* The readers' place of a warning about this node. */
static const char *node_of(const struct table_view *view, const struct master_traits *master)
{
	struct text name;

	text_clear(&name);
	text_add(&name, "iort@");
	text_add_hex(&name, master->place);
	return description_name(view->description, name.chars);
}

static void judge_count(const struct table_view *view, struct table_findings *findings,
			const struct master_traits *master)
{
	if (master->has_one_more &&
	    !table_finding_is_at(findings, FINDING_MAP_COUNT_IS_NUMBER, node_of(view, master))) {
		table_finding_add(findings, FINDING_MAP_COUNT_IS_NUMBER, node_of(view, master), NULL,
				  table_cause(master->name),
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
		table_finding_add(findings, FINDING_COARSE_MASK, master->name, MAPPING, table_cause(master->name),
				  "a single one: all functions of the segment share stream 0x%" PRIx32
				  ", and are not isolated from each other",
				  window->sid);
	}
}

static void judge_root_complex(const struct table_view *view, struct table_findings *findings,
			       const struct master_traits *master)
{
	judge_count(view, findings, master);
	judge_single(view, findings, master);
	if (!master->window_count && has_smmu(&view->description->streams)) {
		table_finding_add(findings, FINDING_DMA_WITHOUT_IOMMU, master->name, NULL, table_cause(master->name),
				  "its requester IDs lead to none of the table's SMMUs: nothing is known to translate "
				  "its functions' DMA");
	}
}

/* The object that NXP's tables have for fsl-mc, a bus whose devices have IDs: "\\_SB.MCE0". */
static bool is_fsl_mc(const char *name)
{
	const char *last = strrchr(name, '.');

	return !strncmp(last ? last + 1 : name, "MCE", 3);
}

/* Linux's iort_nc_iommu_map() asks for single mappings; iort_nc_iommu_map_id() is for what comes with an input ID. */
static void judge_component(struct table_findings *findings, const struct master_traits *master)
{
	if (master->fixed_count && master->mappings_ranged && !master->mappings_taken && !master->mappings_lost &&
	    !is_fsl_mc(master->name)) {
		table_finding_add(findings, FINDING_COMPONENT_RANGE, master->name, MAPPING, table_cause(master->name),
				  "a range: it serves a bus whose devices come with input IDs (fsl-mc); a platform "
				  "device has no SMMU in Linux without a single mapping");
	}
}

void judge_mappings(const struct table_view *view, struct table_findings *findings)
{
	for (unsigned int i = 0; view->traits && i < view->traits->master_count; i++) {
		const struct master_traits *master = &view->traits->master[i];

		if (view->description->streams.source != DESCRIPTION_IORT) {
			return;
		}
		if (master->segment == STREAM_NO_SEGMENT) {
			judge_component(findings, master);
		} else {
			judge_root_complex(view, findings, master);
		}
	}
}
