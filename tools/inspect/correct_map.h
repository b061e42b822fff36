/* SPDX-License-Identifier: BSD-2-Clause */
/* The entries by which a PCI host's functions get their streams, and how they follow what was seen. */
#ifndef INSPECT_CORRECT_MAP_H
#define INSPECT_CORRECT_MAP_H

#include "correct.h"

#define CORRECT_NO_MASK 0xffffU

struct entry {
	uint32_t first;
	uint32_t last;
	struct stream_id stream; /* Of `first`. */
	unsigned int seen;	 /* Functions of it that were seen. */
	bool changed;
};

struct map {
	const char *host;
	uint32_t segment;
	uint32_t mask;
	bool has_mask;
	bool is_unfit; /* An entry gives many IDs one stream: no map says that. */
	struct entry *entry;
	size_t count;
};

/* What becomes of a map. */
struct correction {
	struct map map;
	struct map exceptions; /* Entries that go before those of `map`. */
	bool drops_mask;
	bool is_any;
};

bool correct_is_same(const struct stream_id *a, const struct stream_id *b);

/* Whether no earlier one is of its segment. */
bool correct_is_first_of_segment(const struct sight *sight, size_t at);

/* Of the host of a segment; false: it has no entry, or there is no memory. correct_free() is due in both cases. */
bool correct_host(struct correction *correction, const struct stream_description *streams, const struct sight *sight,
		  uint32_t segment);
void correct_free(struct correction *correction);

#endif
