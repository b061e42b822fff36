/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/description.h"

#include <errno.h>
#include <string.h>

void description_leave_out(struct description *description, enum description_list list)
{
	description->left_out[list]++;
}

static bool window_holds(const struct window_description *window, uint32_t segment, uint32_t input)
{
	return window->enabled && window->segment == segment && input >= window->input_first &&
	       input <= window->input_last;
}

#define PAGE_MASK 0xfffULL

struct range_description description_direct_pages(const struct direct_description *direct)
{
	uint64_t base = direct->base & ~PAGE_MASK;

	return (struct range_description){.base = base,
					  .size = ((direct->base + direct->size + PAGE_MASK) & ~PAGE_MASK) - base};
}

void description_add_direct(struct description *description, const struct direct_description *direct)
{
	struct stream_description *streams = &description->streams;
	uint64_t end = (direct->base + direct->size + PAGE_MASK) & ~PAGE_MASK;

	if (!direct->size || end <= direct->base || direct->base + direct->size < direct->base) {
		description_warn(description, direct->where, "a direct region that is empty or ends nowhere: left out");
		return;
	}
	if (streams->direct_count == DESCRIPTION_DIRECTS_MAX) {
		description_leave_out(description, LIST_DIRECTS);
		return;
	}
	streams->direct[streams->direct_count++] = *direct;
}

uint32_t description_window_last(const struct window_description *window)
{
	uint32_t last = window->has_mask && window->mask < window->input_last ? window->mask : window->input_last;

	return window->constant || last < window->input_first ? window->sid :
								window->sid + (last - window->input_first);
}

/* The last ID that the window treats as it treats `id`. */
static uint32_t window_until(const struct window_description *window, uint32_t id)
{
	uint32_t mask = window->has_mask ? window->mask : STREAM_NO_MASK;
	uint32_t input = id & mask;
	uint32_t last = mask;

	if (mask & (mask + 1)) {
		return id; /* A mask with holes: one ID at a time. */
	}
	if (input < window->input_first) {
		last = window->input_first - 1;
	} else if (input <= window->input_last) {
		last = window->input_last;
	}
	last = last < mask ? last : mask;
	return id + (last - input);
}

void description_run_of(const struct stream_description *streams, uint32_t segment, uint32_t requester_id,
			struct stream_run *run)
{
	*run = (struct stream_run){.first = requester_id, .last = STREAM_NO_MASK};
	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];
		uint32_t input = window->has_mask ? requester_id & window->mask : requester_id;
		uint32_t last = window_until(window, requester_id);

		if (!window->enabled || window->segment != segment) {
			continue;
		}
		run->last = last < run->last ? last : run->last;
		if (window_holds(window, segment, input)) {
			run->mapped = true;
			run->constant = window->constant;
			run->stream.smmu = window->smmu;
			run->stream.sid = window->constant ? window->sid : window->sid + (input - window->input_first);
			return;
		}
	}
}

int description_stream_of(const struct stream_description *streams, uint32_t segment, uint32_t requester_id,
			  struct stream_id *stream)
{
	struct stream_run run;

	description_run_of(streams, segment, requester_id, &run);
	*stream = run.mapped ? run.stream : *stream;
	return run.mapped ? 0 : -ENOENT;
}
