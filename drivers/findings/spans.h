/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges with owners, and which of them lie over another owner's: sorted, for a table on the host has 100 000 of them.
 */
#ifndef FINDINGS_SPANS_H
#define FINDINGS_SPANS_H

#include <stdbool.h>
#include <stdint.h>

/* Ranges of other owners that one is held against: where many lie over it, it is told that it does, not by each. */
#define SPANS_MET_MAX 32U

struct span {
	uint64_t group; /* Ranges of different groups do not meet. */
	uint64_t first;
	uint64_t last; /* Inclusive. */
	const void *owner;
	unsigned int index; /* The caller's: the later of two in the table has the higher one. */
	unsigned int next;  /* spans_each_met()'s own. */
};

/* The range of the table's later entry, `later`, meets the earlier's. Both are the caller's indices. */
typedef void spans_met(void *context, unsigned int later, unsigned int earlier);

/* Sorts them by group, first and index. Any core, its own list. */
void spans_sort(struct span *spans, unsigned int count);

/* Of sorted ones: the place of the group's first that begins at `first` or behind, or where it would stand. */
unsigned int spans_from(const struct span *spans, unsigned int count, uint64_t group, uint64_t first);

/* Gives each group the lowest of its indices as its number, and sorts: groups then stand in the table's order. */
void spans_number_groups(struct span *spans, unsigned int count);

/*
 * Sorts them, and calls `met` for each two of one group and two owners that have a number in common, up to
 * SPANS_MET_MAX for each.
 *
 * Return: true: all of them; false: a range meets more than that.
 * Context: any core, its own list.
 */
bool spans_each_met(struct span *spans, unsigned int count, spans_met *met, void *context);

#endif
