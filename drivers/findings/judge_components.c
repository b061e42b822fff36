/* SPDX-License-Identifier: BSD-2-Clause */
/* What Linux makes of masters that are no PCI functions, and of an IORT's named components. */
#include <string.h>

#include "findings/judge.h"
#include "findings/spans.h"

#define MAPPING "ID mapping"
#define SEGMENT_SIZE 4U /* ACPI 5.3. */

/* Equal names share a pointer. */
static void add_span(struct span *spans, unsigned int *count, const char *name, unsigned int index)
{
	spans[(*count)++] = (struct span){.group = table_cause(name), .first = index, .last = index, .index = index};
}

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

/* The object that NXP's tables have for fsl-mc, a bus whose devices have IDs: "\\_SB.MCE0". */
static bool is_fsl_mc(const char *name)
{
	for (const char *dot = strchr(name, '.'); dot; dot = strchr(name, '.')) {
		name = dot + 1;
	}
	return !strncmp(name, "MCE", 3);
}

/* Linux's iort_nc_iommu_map() asks for single mappings; iort_nc_iommu_map_id() is for what comes with an input ID. */
static void judge_range(struct table_findings *findings, const struct master_traits *master)
{
	if (master->fixed_count && master->mappings_ranged && !master->mappings_taken && !master->mappings_lost &&
	    !is_fsl_mc(master->name)) {
		table_finding_add(findings, FINDING_COMPONENT_RANGE, master->name, MAPPING, table_cause(master->name),
				  "a range: it serves a bus whose devices come with input IDs (fsl-mc); a platform "
				  "device has no SMMU in Linux without a single mapping");
	}
}

/* A backslash, and segments of four characters between dots. */
static bool is_as_acpica_writes(const char *name)
{
	if (*name != '\\') {
		return false;
	}
	do {
		name++;
		if (strcspn(name, ".") != SEGMENT_SIZE) {
			return false;
		}
		name += SEGMENT_SIZE;
	} while (*name);
	return true;
}

/* iort_match_node_callback() compares it with what acpi_get_name() writes of a device. */
static void judge_name(struct table_findings *findings, const struct master_traits *master)
{
	if (master->segment == STREAM_NO_SEGMENT && !is_as_acpica_writes(master->name) &&
	    !table_finding_is_at(findings, FINDING_NO_NAME, master->name)) {
		table_finding_add(
			findings, FINDING_COMPONENT_NAME, master->name, NULL, 0,
			"the name is not as ACPICA writes one (a backslash, then segments of four characters, as "
			"\\_SB_.DMA0): Linux finds no device of it");
	}
}

/* iort_match_node_callback() ends at the first. */
static void judge_names(const struct table_view *view, struct table_findings *findings)
{
	const struct traits *traits = view->traits;
	struct span *spans = view->spans;
	unsigned int count = 0;

	for (unsigned int i = 0; i < traits->master_count; i++) {
		if (traits->master[i].segment == STREAM_NO_SEGMENT) {
			add_span(spans, &count, traits->master[i].name, i);
		}
	}
	spans_number_groups(spans, count);
	for (unsigned int i = 1; i < count; i++) {
		const char *name = traits->master[spans[i].index].name;

		if (spans[i].group == spans[i - 1].group) {
			table_finding_add(findings, FINDING_COMPONENT_TWICE, name, NULL, table_cause(name),
					  "two nodes have this name: Linux takes the first, and what the other maps is "
					  "lost");
		}
	}
}

/* Linux's iommu_fwspec_init() keeps the first SMMU, and iommu_fwspec_add_ids() adds the streams of all. */
static void judge_smmus(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	struct span *spans = view->spans;
	const struct fixed_description *first = NULL;
	unsigned int count = 0;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		if (streams->fixed[i].enabled) {
			add_span(spans, &count, streams->fixed[i].master, i);
		}
	}
	spans_number_groups(spans, count);
	for (unsigned int i = 0; i < count; i++) {
		const struct fixed_description *fixed = &streams->fixed[spans[i].index];

		first = i && spans[i].group == spans[i - 1].group ? first : fixed;
		if (first->smmu != fixed->smmu) {
			table_finding_add(findings, FINDING_SMMUS_OF_ONE_MASTER, fixed->master,
					  streams->source == DESCRIPTION_IORT ? MAPPING : "iommus",
					  table_cause(fixed->master),
					  "streams of %s and of %s: Linux takes all of them for the first one's",
					  streams->smmu[first->smmu].name, streams->smmu[fixed->smmu].name);
		}
	}
}

void judge_components(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	const struct traits *traits = view->traits;

	judge_smmus(view, findings);
	if (!traits || streams->source != DESCRIPTION_IORT) {
		return;
	}
	for (unsigned int i = 0; i < traits->master_count; i++) {
		judge_order(findings, &traits->master[i]);
		judge_range(findings, &traits->master[i]);
		judge_name(findings, &traits->master[i]);
	}
	judge_names(view, findings);
}
