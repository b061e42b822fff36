/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/claim.h"

#define CLAIM_STEPS_MAX 0x20000U

unsigned int claim_count(const struct stream_description *streams)
{
	return streams->fixed_count + streams->window_count;
}

static struct claim claim_of_fixed(const struct fixed_description *fixed, const char *property)
{
	return (struct claim){
		.master = fixed->master,
		.property = property,
		.smmu = fixed->smmu,
		.first = fixed->first,
		.last = fixed->last,
		.mask = STREAM_NO_MASK,
		.enabled = fixed->enabled,
	};
}

static struct claim claim_of_window(const struct window_description *window, const char *property)
{
	return (struct claim){
		.master = window->master,
		.property = property,
		.smmu = window->smmu,
		.first = window->sid,
		.last = description_window_last(window),
		.mask = window->has_mask ? window->mask : STREAM_NO_MASK,
		.offset = window->has_mask ? window->sid - window->input_first : 0,
		.enabled = window->enabled,
	};
}

struct claim claim_at(const struct stream_description *streams, unsigned int i)
{
	const char *mapping = streams->source == DESCRIPTION_IORT ? "ID mapping" : NULL;

	if (i < streams->fixed_count) {
		return claim_of_fixed(&streams->fixed[i], mapping ? mapping : "iommus");
	}
	return claim_of_window(&streams->window[i - streams->fixed_count], mapping ? mapping : "iommu-map");
}

static bool has_holes(const struct claim *claim)
{
	return claim->mask & (claim->mask + 1);
}

/* The first stream from `id` on whose input ID passes the mask. */
static bool next_stream(const struct claim *claim, uint32_t *id)
{
	uint32_t input = *id - claim->offset;
	uint32_t outside = input & ~claim->mask;

	if (outside) {
		uint32_t up_to_highest = UINT32_MAX >> __builtin_clz(outside);
		uint32_t next = ((input | up_to_highest | ~claim->mask) + 1) & claim->mask;

		if (next < input) {
			return false;
		}
		*id = next + claim->offset;
	}
	return *id <= claim->last;
}

bool claims_meet(const struct claim *claim, const struct claim *other, uint32_t *first, uint32_t *last, uint32_t *work)
{
	uint32_t id = claim->first > other->first ? claim->first : other->first;

	/* Bounded: each step passes a hole. */
	for (uint32_t step = 0; step <= CLAIM_STEPS_MAX; step++) {
		uint32_t before = id;

		++*work;
		if (!next_stream(claim, &id) || !next_stream(other, &id)) {
			return false;
		}
		if (id == before) {
			*first = id;
			*last = claim->last < other->last ? claim->last : other->last;
			*last = has_holes(claim) || has_holes(other) ? id : *last;
			return true;
		}
	}
	return false;
}
