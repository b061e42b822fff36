/* SPDX-License-Identifier: BSD-2-Clause */
/* Reserved memory ranges of an IORT (DEN0049 E.e, 3.1.1.7). */
#include <inttypes.h>

#include "findings/judge.h"

#define RANGE_ALIGNMENT 0x10000U
#define PAGE_MASK 0xfffULL
#define PROPERTY "memory range"

static unsigned long long last_of(const struct region_traits *region)
{
	return region->base + (region->size - 1);
}

static bool is_range(const struct region_traits *region)
{
	return region->size && region->base + (region->size - 1) >= region->base;
}

/* Linux's iort_get_rmrs() goes on with whole pages, here of 4 KiB. */
static void judge_alignment(struct table_findings *findings, const struct region_traits *region)
{
	if ((region->base | region->size) % RANGE_ALIGNMENT) {
		table_finding_add(findings, FINDING_RMR_UNALIGNED, region->name, PROPERTY, table_cause(region->name),
				  "0x%llx to 0x%llx is not of whole 64 KiB: Linux warns, and keeps 0x%llx to 0x%llx",
				  (unsigned long long)region->base, last_of(region),
				  (unsigned long long)(region->base & ~PAGE_MASK), last_of(region) | PAGE_MASK);
	}
}

/* Linux's iort_rmr_desc_check_overlap() looks at one node. Two nodes may share a range. */
static bool is_one_range(const struct region_traits *a, const struct region_traits *b)
{
	return a->name != b->name && a->base == b->base && a->size == b->size;
}

static void judge_pair(struct table_findings *findings, const struct region_traits *region,
		       const struct region_traits *other)
{
	if (!is_range(other) || region->base > last_of(other) || other->base > last_of(region) ||
	    is_one_range(region, other)) {
		return;
	}
	table_finding_add(findings, FINDING_RMR_OVERLAP, region->name, PROPERTY, table_cause(region->name),
			  "0x%llx to 0x%llx overlaps 0x%llx to 0x%llx of %s", (unsigned long long)region->base,
			  last_of(region), (unsigned long long)other->base, last_of(other),
			  region->name == other->name ? "the same node" : other->name);
}

/* Without a master of its streams the reader gives a region to the node itself. */
static void judge_owner(struct table_findings *findings, const struct stream_description *streams,
			const struct direct_description *direct)
{
	if (direct->master == direct->where) {
		table_finding_add(findings, FINDING_RMR_UNUSED, direct->where, "ID mapping", table_cause(direct->where),
				  "streams 0x%" PRIx32 " to 0x%" PRIx32 " of %s are no master's: it keeps memory for "
				  "nothing",
				  direct->first, direct->last, streams->smmu[direct->smmu].name);
	}
}

void judge_rmr(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	const struct traits *traits = view->traits;

	for (unsigned int i = 0; traits && i < traits->region_count; i++) {
		if (!is_range(&traits->region[i])) {
			continue;
		}
		judge_alignment(findings, &traits->region[i]);
		for (unsigned int k = 0; k < i; k++) {
			judge_pair(findings, &traits->region[i], &traits->region[k]);
		}
	}
	for (unsigned int i = 0; streams->source == DESCRIPTION_IORT && i < streams->direct_count; i++) {
		judge_owner(findings, streams, &streams->direct[i]);
	}
}
