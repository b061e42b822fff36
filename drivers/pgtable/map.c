/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps in runs: leaves of one size in one table. Checks and allocates before the first store: nothing that a walker saw
 * is undone.
 */
#include <stddef.h>

#include "base/store.h"
#include "pgtable/private.h"

struct mapping {
	uint64_t iova;
	uint64_t pa;
	uint64_t left;
	uint64_t attributes;
};

struct run {
	struct walk walk;
	unsigned int shift; /* Below walk.shift if tables are missing. */
	unsigned int count;
};

/* A size within the input range does not wrap here. */
static inline bool map_is_output(const struct pgtable *table, uint64_t pa, uint64_t size)
{
	return (pa | (pa + size - 1)) <= table->output_last;
}

/* `addresses`: both ORed. */
static inline unsigned int map_largest_shift(const struct pgtable *table, uint32_t addresses, uint64_t left)
{
	unsigned int shift = table->block_shift;

	while (shift > table->format.granule_bits && (addresses & (BIT32(shift) - 1) || left < BIT32(shift))) {
		shift -= pgtable_stride(table);
	}
	return shift;
}

/* Ends at bit 48: an increment would carry wrongly (52-bit addresses). */
static inline uint64_t map_left_in_window(const struct pgtable *table, uint64_t pa, uint64_t left)
{
	uint64_t window = BIT64(DESCRIPTOR_LOW_ADDRESS_BITS);
	uint64_t room = window - (pa & (window - 1));

	return table->output_last >= window && room < left ? room : left;
}

static void map_find_run(const struct pgtable *table, const struct mapping *mapping, struct run *run)
{
	uint64_t left = map_left_in_window(table, mapping->pa, mapping->left);
	unsigned int shift = map_largest_shift(table, (uint32_t)(mapping->iova | mapping->pa), left);

	run->walk = pgtable_find(table, mapping->iova);
	run->shift = shift < run->walk.shift ? shift : run->walk.shift;
	run->count = pgtable_room(table, mapping->iova, run->shift, left);
}

/* Ends the run at the first used entry; count may become 0. */
static void map_end_run(struct run *run)
{
	if (run->walk.shift == run->shift) {
		run->count = pgtable_count_type(run->walk.entry, run->count, DESCRIPTOR_INVALID);
	} else if (descriptor_type(*run->walk.entry) != DESCRIPTOR_INVALID) {
		run->count = 0;
	}
}

static void map_advance(struct mapping *mapping, const struct run *run)
{
	uint64_t size = (uint64_t)run->count << run->shift;

	mapping->iova += size;
	mapping->pa += size;
	mapping->left -= size;
}

static void map_fill(uint64_t *entry, unsigned int count, uint64_t descriptor, unsigned int shift)
{
	uint32_t step = BIT32(shift);

	for (; count >= 4; count -= 4, entry += 4) {
		store64(&entry[0], descriptor);
		store64(&entry[1], descriptor += step);
		store64(&entry[2], descriptor += step);
		store64(&entry[3], descriptor += step);
		descriptor += step;
	}
	for (; count; count--, entry++, descriptor += step) {
		store64(entry, descriptor);
	}
}

/* Only whole groups get the hint. */
static void map_fill_groups(uint64_t *entry, const struct run *run, unsigned int before, unsigned int group,
			    uint64_t descriptor)
{
	unsigned int inside;

	before = before < run->count ? before : run->count;
	inside = (run->count - before) & ~(group - 1);
	map_fill(entry, before, descriptor & ~DESCRIPTOR_CONTIGUOUS, run->shift);
	descriptor += (uint64_t)before << run->shift;
	map_fill(entry + before, inside, descriptor, run->shift);
	descriptor += (uint64_t)inside << run->shift;
	map_fill(entry + before + inside, run->count - before - inside, descriptor & ~DESCRIPTOR_CONTIGUOUS,
		 run->shift);
}

static uint64_t map_first_leaf(const struct pgtable *table, uint64_t pa, uint64_t attributes, unsigned int shift)
{
	unsigned int type = shift == table->format.granule_bits ? DESCRIPTOR_PAGE : DESCRIPTOR_BLOCK;

	return descriptor_address(pa) | attributes | type;
}

static void map_fill_run(const struct pgtable *table, uint64_t *entry, const struct mapping *mapping,
			 const struct run *run)
{
	unsigned int group = BIT32(pgtable_group_log2(table, run->shift));
	unsigned int index = (unsigned int)(mapping->iova >> run->shift);
	uint64_t descriptor = map_first_leaf(table, mapping->pa, mapping->attributes, run->shift);

	/* A group needs the same offset in input and output. */
	if (!(mapping->attributes & DESCRIPTOR_CONTIGUOUS)) {
		map_fill(entry, run->count, descriptor, run->shift);
	} else if ((index ^ (unsigned int)(mapping->pa >> run->shift)) & (group - 1)) {
		map_fill(entry, run->count, descriptor & ~DESCRIPTOR_CONTIGUOUS, run->shift);
	} else {
		map_fill_groups(entry, run, -index & (group - 1), group, descriptor);
	}
}

/* Builds new tables from the last level up, then links them. */
static void map_hook_run(struct pgtable *table, const struct mapping *mapping, const struct run *run, uint64_t **stock)
{
	unsigned int shift = run->shift;
	unsigned int entry_count = BIT32(pgtable_stride(table));
	uint64_t *entries = pgtable_pop(stock);

	map_fill_run(table, entries + pgtable_index(table, mapping->iova, shift), mapping, run);
	pgtable_clean(table, entries, entry_count);
	for (shift += pgtable_stride(table); shift < run->walk.shift; shift += pgtable_stride(table)) {
		uint64_t *above = pgtable_pop(stock);

		store64(above + pgtable_index(table, mapping->iova, shift), arch_phys(entries) | DESCRIPTOR_TABLE);
		pgtable_clean(table, above, entry_count);
		entries = above;
	}
	arch_dma_wmb();
	store64(run->walk.entry, arch_phys(entries) | DESCRIPTOR_TABLE);
	pgtable_clean(table, run->walk.entry, 1);
}

/* Allocates missing tables. A run that begins inside a missing entry uses an earlier run's table. */
static int map_stock_up(struct pgtable *table, uint64_t iova, bool first, const struct run *run, uint64_t **stock)
{
	for (unsigned int shift = run->walk.shift; shift > run->shift; shift -= pgtable_stride(table)) {
		if (first || !(iova & (BIT64(shift) - 1))) {
			uint64_t *entries = pgtable_new_table(table);

			if (!entries) {
				return -ENOMEM;
			}
			pgtable_push(stock, entries);
		}
	}
	return 0;
}

static int map_prepare(struct pgtable *table, struct mapping mapping, uint64_t **stock)
{
	uint64_t first = mapping.iova;
	struct run run;
	int error = 0;

	while (!error && mapping.left) {
		map_find_run(table, &mapping, &run);
		map_end_run(&run);
		error = run.count ? map_stock_up(table, mapping.iova, mapping.iova == first, &run, stock) : -EEXIST;
		map_advance(&mapping, &run);
	}
	return error;
}

static void map_store_runs(struct pgtable *table, struct mapping mapping, uint64_t **stock)
{
	struct run run;

	for (; mapping.left; map_advance(&mapping, &run)) {
		map_find_run(table, &mapping, &run);
		if (run.walk.shift > table->format.granule_bits) {
			map_end_run(&run);
		}
		if (run.walk.shift == run.shift) {
			map_fill_run(table, run.walk.entry, &mapping, &run);
			pgtable_clean(table, run.walk.entry, run.count);
		} else {
			map_hook_run(table, &mapping, &run, stock);
		}
	}
}

/* Out of line, for the short path's stack frame. bench: map 1 page +2 % without. */
static __attribute__((noinline)) int map_runs(struct pgtable *table, uint64_t iova, uint64_t pa, uint64_t size,
					      uint64_t attributes)
{
	struct mapping mapping = {.iova = iova, .pa = pa, .left = size, .attributes = attributes};
	uint64_t *stock = NULL;
	int error = map_prepare(table, mapping, &stock);

	if (error) {
		pgtable_free_list(table, &stock);
		return error;
	}
	map_store_runs(table, mapping, &stock);
	table->mapped += size >> table->format.granule_bits;
	return 0;
}

/* The usual call: one leaf in an existing table. No whole group, so no hint. bench: map 1 page +214 % without. */
static inline bool map_leaf(struct pgtable *table, uint64_t iova, uint64_t pa, uint64_t size, uint64_t attributes)
{
	struct walk walk = pgtable_walk(table, iova);

	if (walk.shift > table->block_shift || size != BIT32(walk.shift) ||
	    (uint32_t)(iova | pa) & (BIT32(walk.shift) - 1) || descriptor_type(*walk.entry) != DESCRIPTOR_INVALID) {
		return false;
	}
	store64(walk.entry, map_first_leaf(table, pa, attributes & ~DESCRIPTOR_CONTIGUOUS, walk.shift));
	pgtable_clean(table, walk.entry, 1);
	table->mapped += BIT32(walk.shift - table->format.granule_bits);
	return true;
}

int pgtable_map(struct pgtable *table, uint64_t iova, uint64_t pa, uint64_t size, unsigned int flags)
{
	uint64_t attributes = descriptor_attributes(table->format.stage, flags);
	int error = 0;

	if (!attributes || !pgtable_is_aligned(table, (uint32_t)(iova | pa), size)) {
		return -EINVAL;
	}
	if (!pgtable_is_input(table, iova, size) || !map_is_output(table, pa, size)) {
		return -ERANGE;
	}
	if (!map_leaf(table, iova, pa, size, attributes)) {
		error = map_runs(table, iova, pa, size, attributes);
	}
	if (!error) {
		arch_dma_wmb();
	}
	return error;
}
