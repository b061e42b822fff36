/* SPDX-License-Identifier: BSD-2-Clause */
/* Unmaps in runs. Checks all before the first store. */
#include <errno.h>
#include <stddef.h>

#include "base/store.h"
#include "pgtable/private.h"

struct range {
	uint64_t iova;
	uint64_t left;
};

static bool unmap_is_cut(uint64_t address, unsigned int log2)
{
	return address & (BIT64(log2) - 1);
}

/* Does an end of the run cut a contiguous group? */
static bool unmap_cuts_group(const struct pgtable *table, uint64_t iova, const struct walk *walk, unsigned int count)
{
	unsigned int group_log2 = walk->shift + pgtable_group_log2(table, walk->shift);
	uint64_t end = iova + ((uint64_t)count << walk->shift);

	return (walk->entry[0] & DESCRIPTOR_CONTIGUOUS && unmap_is_cut(iova, group_log2)) ||
	       (walk->entry[count - 1] & DESCRIPTOR_CONTIGUOUS && unmap_is_cut(end, group_log2));
}

static int unmap_find_leaves(const struct pgtable *table, const struct range *range, struct walk *walk,
			     unsigned int *count)
{
	unsigned int type;

	*walk = pgtable_find(table, range->iova);
	type = descriptor_type(*walk->entry);
	if (type == DESCRIPTOR_INVALID) {
		return -ENOENT;
	}
	*count = pgtable_room(table, range->iova, walk->shift, range->left);
	if (unmap_is_cut(range->iova, walk->shift) || !*count) {
		return -EINVAL;
	}
	*count = pgtable_count_type(walk->entry, *count, type);
	return unmap_cuts_group(table, range->iova, walk, *count) ? -EINVAL : 0;
}

static void unmap_advance(struct range *range, uint64_t size)
{
	range->iova += size;
	range->left -= size;
}

static void unmap_clear(const struct pgtable *table, uint64_t *entries, unsigned int count)
{
	uint64_t *entry = entries;
	unsigned int left = count;

	for (; left >= 4; left -= 4, entry += 4) {
		store64(&entry[0], 0);
		store64(&entry[1], 0);
		store64(&entry[2], 0);
		store64(&entry[3], 0);
	}
	for (; left; left--, entry++) {
		store64(entry, 0);
	}
	pgtable_clean(table, entries, count);
}

/* Recursion: at most three levels. Entries stay: a walker may be in there. */
static void unmap_retire(struct pgtable *table, uint64_t *entries, unsigned int shift)
{
	unsigned int left = shift > table->format.granule_bits ? BIT32(pgtable_stride(table)) : 0;

	for (const uint64_t *entry = entries; left; left--, entry++) {
		if (descriptor_type(*entry) == DESCRIPTOR_TABLE) {
			unmap_retire(table, pgtable_below(*entry), shift - pgtable_stride(table));
		}
	}
	pgtable_push(&table->retired, entries);
}

static void unmap_unhook(struct pgtable *table, const struct walk *walk)
{
	uint64_t *below = pgtable_below(*walk->entry);

	store64(walk->entry, 0);
	pgtable_clean(table, walk->entry, 1);
	unmap_retire(table, below, walk->shift - pgtable_stride(table));
}

static bool unmap_covers(const struct range *range, unsigned int shift)
{
	return !unmap_is_cut(range->iova, shift) && range->left >> shift;
}

/* Unmaps leaves, or a table that the range covers. Returns bytes. */
static uint64_t unmap_next(struct pgtable *table, const struct range *range)
{
	struct walk walk = pgtable_top(table, range->iova);
	unsigned int count;

	while (pgtable_is_table(table, &walk) && !unmap_covers(range, walk.shift)) {
		pgtable_descend(table, range->iova, &walk);
	}
	if (pgtable_is_table(table, &walk)) {
		unmap_unhook(table, &walk);
		return BIT64(walk.shift);
	}
	count = pgtable_room(table, range->iova, walk.shift, range->left);
	if (walk.shift > table->format.granule_bits) {
		count = pgtable_count_type(walk.entry, count, DESCRIPTOR_BLOCK);
	}
	unmap_clear(table, walk.entry, count);
	return (uint64_t)count << walk.shift;
}

static int unmap_check_mapped(const struct pgtable *table, struct range range)
{
	struct walk walk;
	unsigned int count;
	int error = 0;

	while (!error && range.left) {
		error = unmap_find_leaves(table, &range, &walk, &count);
		if (!error) {
			unmap_advance(&range, (uint64_t)count << walk.shift);
		}
	}
	return error;
}

/* Cold for size. Else as map_runs(); bench: unmap 1 page +11 % without. */
static __attribute__((noinline, cold)) int unmap_runs(struct pgtable *table, uint64_t iova, uint64_t size)
{
	struct range range = {.iova = iova, .left = size};
	int error = unmap_check_mapped(table, range);

	if (error) {
		return error;
	}
	while (range.left) {
		unmap_advance(&range, unmap_next(table, &range));
	}
	table->mapped -= size >> table->format.granule_bits;
	return 0;
}

static inline bool unmap_leaf(struct pgtable *table, uint64_t iova, uint64_t size)
{
	struct walk walk = pgtable_walk(table, iova);

	if (descriptor_type(*walk.entry) == DESCRIPTOR_INVALID || *walk.entry & DESCRIPTOR_CONTIGUOUS ||
	    size != BIT32(walk.shift) || (uint32_t)iova & (BIT32(walk.shift) - 1)) {
		return false;
	}
	store64(walk.entry, 0);
	pgtable_clean(table, walk.entry, 1);
	table->mapped -= BIT32(walk.shift - table->format.granule_bits);
	return true;
}

int pgtable_unmap(struct pgtable *table, uint64_t iova, uint64_t size)
{
	int error = 0;

	if (!pgtable_is_aligned(table, (uint32_t)iova, size)) {
		return -EINVAL;
	}
	if (!pgtable_is_input(table, iova, size)) {
		return -ERANGE;
	}
	if (!unmap_leaf(table, iova, size)) {
		error = unmap_runs(table, iova, size);
	}
	if (!error) {
		arch_dma_wmb();
	}
	return error;
}
