/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "findings/judge.h"

#define REQUESTER_ID_MAX 0xffffU

/* Equal names share a pointer. */
static void judge_pair_of_msis(struct table_findings *findings, const struct msi_description *msi,
			       const struct msi_description *other)
{
	uint32_t first = msi->device > other->device ? msi->device : other->device;
	uint32_t last = msi_last(msi) < msi_last(other) ? msi_last(msi) : msi_last(other);

	if (!other->enabled || !other->has_device || other->controller != msi->controller ||
	    other->master == msi->master || first > last) {
		return;
	}
	table_finding_add(findings, FINDING_MSI_TWICE, msi->master, NULL,
			  table_cause(msi->master) * 31 + table_cause(other->master),
			  "MSIs: devices 0x%" PRIx32 " to 0x%" PRIx32 " of %s are claimed by %s, too", first, last,
			  msi->controller, other->master);
}

static const struct msi_description *piece_at(const struct msi_list *list, const char *master, uint32_t input)
{
	for (unsigned int i = 0; i < list->count; i++) {
		const struct msi_description *msi = &list->msi[i];

		if (msi->master == master &&
		    (!msi->has_input || (msi->input_first <= input && input <= msi->input_last))) {
			return msi;
		}
	}
	return NULL;
}

static bool sends(const struct msi_list *list, const char *master, bool *masked)
{
	bool any = false;

	for (unsigned int i = 0; i < list->count; i++) {
		any = any || list->msi[i].master == master;
		*masked = *masked || (list->msi[i].master == master && list->msi[i].has_mask);
	}
	return any;
}

/* Skips masked maps, whose input IDs do not compare. */
static void judge_window(struct table_findings *findings, const struct window_description *window,
			 const struct msi_list *list)
{
	bool masked = window->has_mask;
	uint32_t input = window->input_first;
	uint32_t end = window->input_last < REQUESTER_ID_MAX ? window->input_last : REQUESTER_ID_MAX;

	if (!window->enabled || !sends(list, window->master, &masked) || masked) {
		return;
	}
	while (input <= end) {
		const struct msi_description *msi = piece_at(list, window->master, input);
		uint32_t first = input;

		if (msi) {
			input = msi->has_input && msi->input_last < end ? msi->input_last + 1 : end + 1;
			continue;
		}
		while (input <= end && !piece_at(list, window->master, input)) {
			input++;
		}
		table_finding_add(findings, FINDING_MSI_HOLE, window->master, NULL, table_cause(window->master) + first,
				  "requester IDs 0x%" PRIx32 " to 0x%" PRIx32
				  " have a stream, and no controller for their MSIs",
				  first, input - 1);
	}
}

void judge_msis(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	const struct msi_list *list = view->msis;

	for (unsigned int i = 0; list && i < list->count; i++) {
		for (unsigned int k = 0; k < i && list->msi[i].enabled && list->msi[i].has_device; k++) {
			judge_pair_of_msis(findings, &list->msi[i], &list->msi[k]);
		}
	}
	for (unsigned int i = 0; list && i < streams->window_count; i++) {
		judge_window(findings, &streams->window[i], list);
	}
}
