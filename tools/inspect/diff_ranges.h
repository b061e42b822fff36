/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges of IDs in two tables, and where they differ. */
#ifndef INSPECT_DIFF_RANGES_H
#define INSPECT_DIFF_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A range of input IDs, and what they become. */
struct span {
	const char *target;
	uint64_t first;
	uint64_t last;
	uint32_t out;
	bool constant;
	bool has_mask;
	uint32_t mask;
};

/* Those of one kind of one master, ascending. */
struct spans {
	struct span *span;
	size_t count;
};

/* What `span` makes of one of its IDs. */
uint32_t diff_out_of(const struct span *span, uint64_t id);

/* Ascending: diff_ranges() wants it so. */
void diff_sort(struct spans *spans);

/* `old` or `new` is NULL where that table has none of these IDs. */
typedef void range_taker(void *context, uint64_t first, uint64_t last, const struct span *old, const struct span *new);

/* Gives the longest ranges that differ alike, ascending. */
void diff_ranges(const struct spans *old, const struct spans *new, range_taker *take, void *context);

#endif
