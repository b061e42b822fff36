/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/claim.h"

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
