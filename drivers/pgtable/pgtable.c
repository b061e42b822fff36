/* SPDX-License-Identifier: BSD-2-Clause */
#include "pgtable/pgtable.h"

#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/store.h"
#include "pgtable/private.h"

#define LAST_LEVEL 3U
#define PAGE_LOG2 12U		 /* Smaller roots use a page. */
#define CONCATENATION_LOG2_MAX 4 /* 16 tables. */

/* --- Geometry (DDI 0487 D8.2). --- */

static bool pgtable_is_between(unsigned int value, unsigned int low, unsigned int high)
{
	return value >= low && value <= high;
}

static bool pgtable_is_format(const struct pgtable_format *format)
{
	unsigned int granule = format->granule_bits;
	unsigned int output = format->output_bits;

	if (granule != 12 && granule != 14 && granule != 16) {
		return false;
	}
	if (format->stage == 1) {
		return pgtable_is_between(format->input_bits, 25, 48) &&
		       (pgtable_is_between(output, 32, 48) || (output == 52 && granule == 16));
	}
	return format->stage == 2 && pgtable_is_between(output, 32, 48) &&
	       pgtable_is_between(format->input_bits, 32, output);
}

static unsigned int pgtable_block_shift_max(unsigned int granule_bits)
{
	return granule_bits == 12 ? 30 : 2 * granule_bits - 3;
}

/*
 * As few levels as possible. Stage 2 concatenates root tables, which also avoids level 0 with 16 KiB, and start levels
 * that small output sizes forbid.
 */
static void pgtable_lay_out(struct pgtable *table)
{
	unsigned int granule = table->format.granule_bits;
	unsigned int stride = pgtable_stride(table);
	unsigned int root_bits = table->format.input_bits - granule;
	unsigned int concatenable = table->format.stage == 2 ? CONCATENATION_LOG2_MAX : 0;

	table->levels = 1;
	while (root_bits > stride + concatenable) {
		root_bits -= stride;
		table->levels++;
	}
	table->root_log2 = root_bits + 3;
	table->root_shift = granule + stride * (table->levels - 1);
	table->block_shift = pgtable_block_shift_max(granule);
	if (table->block_shift > table->root_shift) {
		table->block_shift = table->root_shift;
	}
	table->input_last = BIT64(table->format.input_bits) - 1;
	table->output_last = BIT64(table->format.output_bits) - 1;
}

uint64_t pgtable_root(const struct pgtable *table)
{
	return arch_phys(table->root);
}

unsigned int pgtable_t0sz(const struct pgtable *table)
{
	return 64 - table->format.input_bits;
}

unsigned int pgtable_start_level(const struct pgtable *table)
{
	return LAST_LEVEL + 1 - table->levels;
}

unsigned int pgtable_sl0(const struct pgtable *table)
{
	return (table->format.granule_bits == 12 ? 2 : 3) - pgtable_start_level(table);
}

unsigned int pgtable_tg(const struct pgtable *table)
{
	if (table->format.granule_bits == 12) {
		return 0;
	}
	return table->format.granule_bits == 16 ? 1 : 2;
}

/* --- Memory. --- */

static unsigned int pgtable_root_memory_log2(const struct pgtable *table)
{
	return table->root_log2 < PAGE_LOG2 ? PAGE_LOG2 : table->root_log2;
}

uint64_t *pgtable_new_table(struct pgtable *table)
{
	uint64_t *entries = pages_allocate(table->format.granule_bits);

	if (entries) {
		table->table_bytes += BIT32(table->format.granule_bits);
	}
	return entries;
}

void pgtable_free_table(struct pgtable *table, uint64_t *entries)
{
	table->table_bytes -= BIT32(table->format.granule_bits);
	pages_free(entries, table->format.granule_bits);
}

void pgtable_push(uint64_t **list, uint64_t *entries)
{
	store64(entries, (uintptr_t)*list);
	*list = entries;
}

uint64_t *pgtable_pop(uint64_t **list)
{
	uint64_t *entries = *list;

	*list = (uint64_t *)(uintptr_t)entries[0];
	entries[0] = 0;
	return entries;
}

void pgtable_free_list(struct pgtable *table, uint64_t **list)
{
	while (*list) {
		pgtable_free_table(table, pgtable_pop(list));
	}
}

bool pgtable_has_retired(const struct pgtable *table)
{
	return table->retired;
}

void pgtable_reclaim(struct pgtable *table)
{
	pgtable_free_list(table, &table->retired);
}

int pgtable_init(struct pgtable *table, const struct pgtable_format *format)
{
	*table = (struct pgtable){.format = *format};
	if (!pgtable_is_format(format)) {
		return -EINVAL;
	}
	pgtable_lay_out(table);
	table->root = pages_allocate(pgtable_root_memory_log2(table));
	if (!table->root) {
		return -ENOMEM;
	}
	table->table_bytes = BIT32(pgtable_root_memory_log2(table));
	pgtable_clean(table, table->root, BIT32(table->root_log2 - 3));
	arch_dma_wmb();
	return 0;
}

/* Recursion: at most four levels. */
static void pgtable_free_below(struct pgtable *table, uint64_t *entries, unsigned int count, unsigned int shift)
{
	for (unsigned int i = 0; i < count; i++) {
		struct walk walk = {.entry = &entries[i], .shift = shift};

		if (pgtable_is_table(table, &walk)) {
			uint64_t *below = pgtable_below(entries[i]);

			pgtable_free_below(table, below, BIT32(pgtable_stride(table)), shift - pgtable_stride(table));
			pgtable_free_table(table, below);
		}
	}
}

void pgtable_destroy(struct pgtable *table)
{
	if (table->root) {
		pgtable_reclaim(table);
		pgtable_free_below(table, table->root, BIT32(table->root_log2 - 3), table->root_shift);
		pages_free(table->root, pgtable_root_memory_log2(table));
		*table = (struct pgtable){.format = table->format};
	}
}

#define AT_ONCE 8U

/*
 * Tests eight entries at once, for large calls: an invalid entry has neither type bit, a table or page both. bench:
 * unmap 512 pages +135 % without.
 */
static inline __attribute__((always_inline)) const uint64_t *pgtable_pass_eights(const uint64_t *entry,
										 unsigned int eights, unsigned int type)
{
	for (; eights; eights--, entry += AT_ONCE) {
		uint32_t any = (uint32_t)entry[0] | (uint32_t)entry[1] | (uint32_t)entry[2] | (uint32_t)entry[3] |
			       (uint32_t)entry[4] | (uint32_t)entry[5] | (uint32_t)entry[6] | (uint32_t)entry[7];
		uint32_t all = (uint32_t)entry[0] & (uint32_t)entry[1] & (uint32_t)entry[2] & (uint32_t)entry[3] &
			       (uint32_t)entry[4] & (uint32_t)entry[5] & (uint32_t)entry[6] & (uint32_t)entry[7];

		if ((any & DESCRIPTOR_TYPE_MASK & ~type) || (~all & type)) {
			break;
		}
	}
	return entry;
}

unsigned int pgtable_count_type(const uint64_t *entries, unsigned int count, unsigned int type)
{
	const uint64_t *entry = entries;
	const uint64_t *end = entries + count;

	if (type == DESCRIPTOR_INVALID) {
		entry = pgtable_pass_eights(entry, count / AT_ONCE, DESCRIPTOR_INVALID);
	} else if (type == DESCRIPTOR_TABLE) {
		entry = pgtable_pass_eights(entry, count / AT_ONCE, DESCRIPTOR_TABLE);
	} else {
		entry = pgtable_pass_eights(entry, count / AT_ONCE, DESCRIPTOR_BLOCK);
	}
	while (entry < end && descriptor_type(*entry) == type) {
		entry++;
	}
	return (unsigned int)(entry - entries);
}

struct walk pgtable_find(const struct pgtable *table, uint64_t iova)
{
	struct walk walk;

	if (table->format.granule_bits == 12) {
		return pgtable_walk_4k(table, iova);
	}
	walk = pgtable_top(table, iova);
	while (pgtable_is_table(table, &walk)) {
		pgtable_descend(table, iova, &walk);
	}
	return walk;
}

uint64_t *pgtable_leaf(const struct pgtable *table, uint64_t iova)
{
	struct walk walk;

	if (iova > table->input_last) {
		return NULL;
	}
	walk = pgtable_find(table, iova);
	return descriptor_type(*walk.entry) == DESCRIPTOR_INVALID ? NULL : walk.entry;
}

/* The first address after absent entries; `iova` if it is mapped. */
static uint64_t pgtable_pass_absent(const struct pgtable *table, uint64_t iova)
{
	struct walk walk = pgtable_find(table, iova);
	uint64_t first = iova & ~(BIT64(walk.shift) - 1);
	unsigned int count = pgtable_room(table, first, walk.shift, table->input_last + 1 - first);

	count = pgtable_count_type(walk.entry, count, DESCRIPTOR_INVALID);
	return count ? first + ((uint64_t)count << walk.shift) : iova;
}

bool pgtable_is_empty(const struct pgtable *table, uint64_t iova, uint64_t size)
{
	uint64_t last = iova + (size - 1);
	uint64_t next;

	if (last < iova || last > table->input_last) {
		last = table->input_last;
	}
	for (; size && iova <= last; iova = next) {
		next = pgtable_pass_absent(table, iova);
		if (next == iova) {
			return false;
		}
	}
	return true;
}

int pgtable_translate(const struct pgtable *table, uint64_t iova, uint64_t *pa, unsigned int *flags)
{
	struct walk walk;

	if (iova > table->input_last) {
		return -ENOENT;
	}
	walk = pgtable_walk(table, iova);
	if (descriptor_type(*walk.entry) == DESCRIPTOR_INVALID) {
		return -ENOENT;
	}
	*pa = descriptor_output(table->format.granule_bits, walk.shift, *walk.entry) |
	      ((uint32_t)iova & (BIT32(walk.shift) - 1));
	*flags = descriptor_flags(table->format.stage, *walk.entry);
	return 0;
}
