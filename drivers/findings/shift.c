/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/shift.h"

#include <inttypes.h>
#include <stddef.h>

#include "report/format.h"

const struct window_description *shift_window_of(const struct stream_description *streams, uint32_t segment,
						 uint32_t requester_id)
{
	const struct window_description *of_segment = NULL;

	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];
		uint32_t input = requester_id & (window->has_mask ? window->mask : STREAM_NO_MASK);

		if (window->enabled && window->segment == segment) {
			if (window->input_first <= input && input <= window->input_last) {
				return window;
			}
			of_segment = of_segment ? of_segment : window;
		}
	}
	return of_segment;
}

void shift_measure(struct shift *shift, uint32_t described, uint32_t seen, const struct window_description *window,
		   uint32_t requester_id)
{
	uint32_t hidden = window && window->has_mask ? requester_id & ~window->mask : 0;

	shift->step = seen - described;
	shift->mask = STREAM_NO_MASK;
	if (hidden && shift->step == hidden && shift->seen_at == shift->described_at) {
		shift->mask = window->mask;
		shift->step = 0;
	}
}

bool shift_is_one(const struct shift *shift)
{
	return !shift->described_at || shift->step || shift->mask != STREAM_NO_MASK ||
	       shift->described_at != shift->seen_at;
}

bool shift_is_one_cause(const struct shift *a, const struct shift *b)
{
	return a->owner == b->owner && a->described_at == b->described_at && a->seen_at == b->seen_at &&
	       a->mask == b->mask && a->step == b->step;
}

void shift_words(const struct shift *shift, char words[SHIFT_WORDS_SIZE])
{
	bool is_lower = shift->step > INT32_MAX;
	bool elsewhere = shift->described_at != shift->seen_at;

	if (!shift->described_at) {
		format_text(words, SHIFT_WORDS_SIZE, "at %s, and this table has no stream for it", shift->seen_at);
	} else if (shift->mask != STREAM_NO_MASK) {
		format_text(words, SHIFT_WORDS_SIZE,
			    "apart by what iommu-map-mask, 0x%" PRIx32
			    ", takes away, at %s: the hardware has no such mask",
			    shift->mask, shift->seen_at);
	} else if (!shift->step) {
		format_text(words, SHIFT_WORDS_SIZE, "at %s, and not at %s: are their addresses exchanged?",
			    shift->seen_at, shift->described_at);
	} else {
		format_text(words, SHIFT_WORDS_SIZE, "0x%" PRIx32 " %s than this table says, at %s%s%s",
			    is_lower ? 0 - shift->step : shift->step, is_lower ? "lower" : "higher", shift->seen_at,
			    elsewhere ? ", and not at " : "", elsewhere ? shift->described_at : "");
	}
}
