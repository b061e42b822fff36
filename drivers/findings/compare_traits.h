/* SPDX-License-Identifier: BSD-2-Clause */
/* Differences of two tables beyond stream IDs. */
#ifndef FINDINGS_COMPARE_TRAITS_H
#define FINDINGS_COMPARE_TRAITS_H

#include "findings/traits.h"
#include "firmware/findings.h"

enum trait { TRAIT_COHERENCY, TRAIT_ATS, TRAIT_PRI, TRAIT_PASID, TRAIT_STALL, TRAIT_REACH, TRAITS };

struct traits_side {
	const char *name;
	const struct stream_description *streams;
	const struct traits *traits;
};

/* Of masters that both tables name: how many have each trait in both, and in one alone. */
struct traits_compared {
	unsigned int smmus; /* Enabled, and in both. */
	unsigned int masters;
	unsigned int in_both[TRAITS];
	unsigned int in_a[TRAITS];
	unsigned int in_b[TRAITS];
	unsigned int disabled; /* SMMUs of either side. */
};

const char *trait_name(enum trait trait);

/*
 * Compares the masters that both have: a PCI host by its segment, another by its first stream. Fills `compared`, and
 * returns the number of differences. Any core.
 */
unsigned int findings_between_traits(const struct traits_side *a, const struct traits_side *b, finding_taker *take,
				     void *context, struct traits_compared *compared);

#endif
