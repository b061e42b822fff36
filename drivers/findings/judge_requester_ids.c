/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of a PCI host's map that begin where no requester ID is: it has bus, device and function, and no segment. */
#include <inttypes.h>

#include "findings/judge.h"

#define REQUESTER_ID_MAX 0xffffU

struct entry {
	const char *master;
	const char *property;
	uint32_t first;
	uint32_t last;
};

static void judge_entry(struct table_findings *findings, const struct entry *entry)
{
	if (entry->first > REQUESTER_ID_MAX) {
		table_finding_add(findings, FINDING_MAP_BEYOND, entry->master, entry->property,
				  table_cause(entry->master),
				  "IDs 0x%" PRIx32 " to 0x%" PRIx32
				  ": a requester ID has 16 bits, and the segment is no part of it: no function has "
				  "one of these",
				  entry->first, entry->last);
	}
}

static void judge_streams_of(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	bool is_iort = streams->source == DESCRIPTION_IORT;

	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		if (window->enabled && window->segment != STREAM_NO_SEGMENT) {
			judge_entry(findings,
				    &(const struct entry){window->master, is_iort ? "ID mapping" : "iommu-map",
							  window->input_first, window->input_last});
		}
	}
}

static bool is_host(const struct traits *traits, const char *name)
{
	unsigned int i = 0;

	while (i < traits->master_count && (traits->master[i].name != name || traits->master[i].pci != PCI_HOST)) {
		i++;
	}
	return i < traits->master_count;
}

/* A host is looked up once. */
static void judge_msis_of(const struct table_view *view, struct table_findings *findings)
{
	for (unsigned int i = 0; i < view->msis->count; i++) {
		const struct msi_description *msi = &view->msis->msi[i];

		if (msi->enabled && msi->has_input && msi->input_first > REQUESTER_ID_MAX &&
		    !table_finding_is_at(findings, FINDING_MAP_BEYOND, msi->master) &&
		    is_host(view->traits, msi->master)) {
			judge_entry(findings,
				    &(const struct entry){msi->master, "msi-map", msi->input_first, msi->input_last});
		}
	}
}

/* An IORT's mappings are one list for both. */
void judge_requester_ids(const struct table_view *view, struct table_findings *findings)
{
	judge_streams_of(view, findings);
	if (view->description->streams.source == DESCRIPTION_DT && view->traits && view->msis) {
		judge_msis_of(view, findings);
	}
}
