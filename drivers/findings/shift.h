/* SPDX-License-Identifier: BSD-2-Clause */
/* How a stream that came out differs from the one that a table has: many masters mostly differ by one cause. */
#ifndef FINDINGS_SHIFT_H
#define FINDINGS_SHIFT_H

#include "firmware/description.h"

#define SHIFT_WORDS_SIZE 320U

struct shift {
	const char *owner;	  /* Of masters that may have one cause: their host; NULL: devices that are no PCI. */
	const char *described_at; /* The SMMU's name; NULL: the table has no stream for it. */
	const char *seen_at;
	uint32_t mask; /* Not STREAM_NO_MASK: they differ in the bits of the requester ID that this takes away. */
	uint32_t step; /* Else: from the described stream to the one that came. */
};

/* The window of a requester ID, or at least the first of its segment; NULL: none. */
const struct window_description *shift_window_of(const struct stream_description *streams, uint32_t segment,
						 uint32_t requester_id);

/* `window`: the requester ID's, or NULL. */
void shift_measure(struct shift *shift, uint32_t described, uint32_t seen, const struct window_description *window,
		   uint32_t requester_id);

/* False: it came out as the table says. */
bool shift_is_one(const struct shift *shift);

bool shift_is_one_cause(const struct shift *a, const struct shift *b);

/* "0x1000 lower than this table says, at /iommu@50000000". Any core. */
void shift_words(const struct shift *shift, char words[SHIFT_WORDS_SIZE]);

#endif
