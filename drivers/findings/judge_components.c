/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/judge.h"

#define MAPPING "ID mapping"

static void judge_order(struct table_findings *findings, const struct master_traits *master)
{
	if (master->mappings_lost && master->mappings_taken) {
		table_finding_add(findings, FINDING_COMPONENT_ORDER, master->name, MAPPING, table_cause(master->name),
				  "%u single mappings to an SMMU stand behind one that Linux stops at: it takes the "
				  "first %u",
				  master->mappings_lost, master->mappings_taken);
	} else if (master->mappings_lost) {
		table_finding_add(findings, FINDING_COMPONENT_ORDER, master->name, MAPPING, table_cause(master->name),
				  "the first is a range, or leads to an ITS group: Linux stops there, and gives this "
				  "component no SMMU");
	}
}

/* iort_match_node_callback() takes only the first. */
static void judge_name(struct table_findings *findings, const struct traits *traits, unsigned int i)
{
	for (unsigned int k = 0; k < i; k++) {
		/* Equal names share a pointer. */
		if (traits->master[k].name == traits->master[i].name) {
			table_finding_add(findings, FINDING_COMPONENT_TWICE, traits->master[i].name, NULL,
					  table_cause(traits->master[i].name),
					  "two nodes have this name: Linux takes the first, and what the other maps is "
					  "lost");
			return;
		}
	}
}

/* Linux's iommu_fwspec_init() keeps the first SMMU; iommu_fwspec_add_ids() adds the streams of all. */
static void judge_smmus(struct table_findings *findings, const struct stream_description *streams, unsigned int i)
{
	const struct fixed_description *fixed = &streams->fixed[i];
	const char *property = streams->source == DESCRIPTION_IORT ? MAPPING : "iommus";

	for (unsigned int k = 0; k < i && fixed->enabled; k++) {
		const struct fixed_description *first = &streams->fixed[k];

		if (first->master != fixed->master || !first->enabled) {
			continue;
		}
		if (first->smmu != fixed->smmu) {
			table_finding_add(findings, FINDING_SMMUS_OF_ONE_MASTER, fixed->master, property,
					  table_cause(fixed->master),
					  "streams of %s and of %s: Linux takes all of them for the first one's",
					  streams->smmu[first->smmu].name, streams->smmu[fixed->smmu].name);
		}
		return;
	}
}

void judge_components(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	const struct traits *traits = view->traits;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		judge_smmus(findings, streams, i);
	}
	for (unsigned int i = 0; traits && streams->source == DESCRIPTION_IORT && i < traits->master_count; i++) {
		judge_order(findings, &traits->master[i]);
		if (traits->master[i].segment == STREAM_NO_SEGMENT) {
			judge_name(findings, traits, i);
		}
	}
}
