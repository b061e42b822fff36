/* SPDX-License-Identifier: BSD-2-Clause */
/* Stream IDs that a master claims at an SMMU, by any property. */
#ifndef FINDINGS_CLAIM_H
#define FINDINGS_CLAIM_H

#include "firmware/description.h"

struct claim {
	const char *master;
	const char *property; /* "iommus", "iommu-map", "ID mapping". */
	unsigned int smmu;
	uint32_t first;
	uint32_t last;	 /* Inclusive. */
	uint32_t mask;	 /* Of the input IDs: others come in as those that it lets through. */
	uint32_t offset; /* From an input ID to its stream. */
	bool enabled;
};

unsigned int claim_count(const struct stream_description *streams);
struct claim claim_at(const struct stream_description *streams, unsigned int i);

/*
 * The streams of one SMMU that both can emit; `last` is `first` where a mask has holes. False: none. Adds a step to
 * `*work` for each hole of a mask that it passes.
 */
bool claims_meet(const struct claim *claim, const struct claim *other, uint32_t *first, uint32_t *last, uint32_t *work);

#endif
