/* SPDX-License-Identifier: BSD-2-Clause */
/* For drivers/pgtable only. A shift names a level: log2 of an entry's bytes. */
#ifndef PGTABLE_PRIVATE_H
#define PGTABLE_PRIVATE_H

#include <errno.h>

#include "base/arch.h"
#include "pgtable/descriptor.h"
#include "pgtable/pgtable.h"

struct walk {
	uint64_t *entry;
	unsigned int shift;
};

static inline unsigned int pgtable_stride(const struct pgtable *table)
{
	return table->format.granule_bits - 3;
}

/* In its own table, also in a concatenated root. */
static inline unsigned int pgtable_index(const struct pgtable *table, uint64_t iova, unsigned int shift)
{
	return (unsigned int)(iova >> shift) & (BIT32(pgtable_stride(table)) - 1);
}

static inline bool pgtable_is_table(const struct pgtable *table, const struct walk *walk)
{
	return walk->shift > table->format.granule_bits && descriptor_type(*walk->entry) == DESCRIPTOR_TABLE;
}

/* Only of a descriptor that this code made: below 2^48, no attributes. */
static inline uint64_t *pgtable_below(uint64_t descriptor)
{
	return arch_virt(descriptor - DESCRIPTOR_TABLE);
}

static inline struct walk pgtable_top(const struct pgtable *table, uint64_t iova)
{
	return (struct walk){
		.entry = &table->root[(unsigned int)(iova >> table->root_shift)],
		.shift = table->root_shift,
	};
}

static inline void pgtable_descend(const struct pgtable *table, uint64_t iova, struct walk *walk)
{
	walk->shift -= pgtable_stride(table);
	walk->entry = pgtable_below(*walk->entry) + pgtable_index(table, iova, walk->shift);
}

/* bench: iova_to_phys +58 % without always_inline, here and below. */
static inline __attribute__((always_inline)) bool pgtable_enter(struct walk *walk, unsigned int index,
								unsigned int shift)
{
	bool is_table = descriptor_type(*walk->entry) == DESCRIPTOR_TABLE;

	if (is_table) {
		*walk = (struct walk){.entry = pgtable_below(*walk->entry) + index, .shift = shift};
	}
	return is_table;
}

/* Constant shifts: a 64-bit shift by a variable costs more than a level. bench: unmap 1 page +41 % without. */
static inline __attribute__((always_inline)) struct walk pgtable_walk_4k(const struct pgtable *table, uint64_t iova)
{
	struct walk walk = {.entry = table->root, .shift = table->root_shift};
	uint32_t low = (uint32_t)iova;

	if (walk.shift == 39) {
		walk.entry += (unsigned int)(iova >> 39);
		if (!pgtable_enter(&walk, (unsigned int)(iova >> 30) & 0x1ff, 30)) {
			return walk;
		}
	} else {
		walk.entry += (unsigned int)(iova >> 12) >> (walk.shift - 12); /* 43 bits at most. */
	}
	if (walk.shift == 30 && !pgtable_enter(&walk, low >> 21 & 0x1ff, 21)) {
		return walk;
	}
	if (walk.shift == 21) {
		(void)pgtable_enter(&walk, low >> 12 & 0x1ff, 12);
	}
	return walk;
}

/* Out of line: other granules, and rare or large calls. bench: unmap 1 page +11 % without. */
__attribute__((noinline)) struct walk pgtable_find(const struct pgtable *table, uint64_t iova);

/* Walks to a leaf, an invalid entry or the last level. `iova` is in range. */
static inline __attribute__((always_inline)) struct walk pgtable_walk(const struct pgtable *table, uint64_t iova)
{
	return table->format.granule_bits == 12 ? pgtable_walk_4k(table, iova) : pgtable_find(table, iova);
}

/* Entries from `iova` on, within its table and `left` bytes. */
static inline unsigned int pgtable_room(const struct pgtable *table, uint64_t iova, unsigned int shift, uint64_t left)
{
	unsigned int room = BIT32(pgtable_stride(table)) - pgtable_index(table, iova, shift);
	uint64_t wanted = left >> shift;

	return wanted < room ? (unsigned int)wanted : room;
}

/* log2 of a contiguous group's leaves. */
static inline unsigned int pgtable_group_log2(const struct pgtable *table, unsigned int shift)
{
	if (table->format.granule_bits == 14 && shift == 14) {
		return 7;
	}
	return table->format.granule_bits == 12 ? 4 : 5;
}

/* For a walker that does not snoop. */
static inline void pgtable_clean(const struct pgtable *table, const uint64_t *entries, size_t count)
{
	if (!table->format.coherent) {
		arch_cache_clean(entries, count * sizeof(*entries));
	}
}

/* `addresses`: all addresses ORed. */
static inline bool pgtable_is_aligned(const struct pgtable *table, uint32_t addresses, uint64_t size)
{
	return size && !((addresses | (uint32_t)size) & (BIT32(table->format.granule_bits) - 1));
}

/* `size` is not 0. */
static inline bool pgtable_is_input(const struct pgtable *table, uint64_t iova, uint64_t size)
{
	return (iova | (size - 1) | (iova + size - 1)) <= table->input_last;
}

/* Leading entries of this type, up to `count`. */
unsigned int pgtable_count_type(const uint64_t *entries, unsigned int count, unsigned int type);

/* NULL: no memory. Not for the root. */
uint64_t *pgtable_new_table(struct pgtable *table);
void pgtable_free_table(struct pgtable *table, uint64_t *entries);

/* Unlinked tables, linked by first entries. A link is aligned: a walker still there reads it as invalid. */
void pgtable_push(uint64_t **list, uint64_t *entries);
uint64_t *pgtable_pop(uint64_t **list);
void pgtable_free_list(struct pgtable *table, uint64_t **list);

#endif
