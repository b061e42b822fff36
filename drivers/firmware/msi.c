/* SPDX-License-Identifier: BSD-2-Clause */
/* Contradictions in the description of MSIs. */
#include "firmware/msi.h"

#include <inttypes.h>
#include <stddef.h>

#include "firmware/finder.h"

#define REQUESTER_ID_MAX 0xffffU

uint32_t msi_last(const struct msi_description *msi)
{
	return msi->constant || !msi->has_input ? msi->device : msi->device + (msi->input_last - msi->input_first);
}

/* Equal names share a pointer. */
static void msi_look_at_pair(struct finder *finder, const struct msi_description *msi,
			     const struct msi_description *other)
{
	uint32_t first = msi->device > other->device ? msi->device : other->device;
	uint32_t last = msi_last(msi) < msi_last(other) ? msi_last(msi) : msi_last(other);

	if (!other->enabled || !other->has_device || other->controller != msi->controller ||
	    other->master == msi->master || first > last) {
		return;
	}
	found(finder, msi->master, "MSIs: devices 0x%" PRIx32 " to 0x%" PRIx32 " of %s are claimed by %s, too", first,
	      last, msi->controller, other->master);
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
static void look_at_window(struct finder *finder, const struct window_description *window, const struct msi_list *list)
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
		found(finder, window->master,
		      "requester IDs 0x%" PRIx32 " to 0x%" PRIx32 " have a stream, and no controller for their MSIs",
		      first, input - 1);
	}
}

unsigned int findings_of_msis(const struct stream_description *streams, const struct msi_list *list,
			      finding_taker *take, void *context)
{
	struct finder finder = {.take = take, .context = context};

	for (unsigned int i = 0; i < list->count; i++) {
		for (unsigned int k = 0; k < i && list->msi[i].enabled && list->msi[i].has_device; k++) {
			msi_look_at_pair(&finder, &list->msi[i], &list->msi[k]);
		}
	}
	for (unsigned int i = 0; i < streams->window_count; i++) {
		look_at_window(&finder, &streams->window[i], list);
	}
	return finder.count;
}
