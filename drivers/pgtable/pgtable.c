/* SPDX-License-Identifier: BSD-2-Clause */
#include "pgtable/pgtable.h"

#include <errno.h>
#include <stddef.h>

#include "arch.h"
#include "base/arena.h"
#include "base/bits.h"
#include "base/store.h"

/* Descriptors: DDI 0487, D8.3. */
#define DESCRIPTOR_VALID BIT64(0)
#define DESCRIPTOR_TABLE BIT64(1)	    /* Levels 0 to 2: a table; level 3: a page. */
#define DESCRIPTOR_ATTR_INDEX_SHIFT 2	    /* Index into MAIR. */
#define DESCRIPTOR_AP_UNPRIVILEGED BIT64(6) /* AP[1]: masters issue unprivileged accesses unless told otherwise. */
#define DESCRIPTOR_AP_READ_ONLY BIT64(7)    /* AP[2]. */
#define DESCRIPTOR_SH_INNER (3ULL << 8)
#define DESCRIPTOR_AF BIT64(10)
#define DESCRIPTOR_NOT_GLOBAL BIT64(11)
#define DESCRIPTOR_XN (3ULL << 53) /* PXN and UXN. */
#define DESCRIPTOR_ADDRESS_MASK 0x0000fffffffff000ULL

#define MAIR_NORMAL_WRITE_BACK 0xffULL /* Attribute 0: inner and outer write-back, read- and write-allocate. */
#define ATTR_INDEX_NORMAL 0ULL

#define ENTRIES (1U << PGTABLE_INDEX_BITS)
#define LEAF_LEVEL 3U

static unsigned int first_level(const struct pgtable *table)
{
	return LEAF_LEVEL + 1 - table->levels;
}

static unsigned int index_at(uint64_t iova, unsigned int level)
{
	return (unsigned int)(iova >> (PGTABLE_PAGE_BITS + PGTABLE_INDEX_BITS * (LEAF_LEVEL - level))) & (ENTRIES - 1);
}

static uint64_t *table_of(uint64_t descriptor)
{
	return arch_virt(descriptor & DESCRIPTOR_ADDRESS_MASK);
}

static void store(const struct pgtable *table, uint64_t *entry, uint64_t descriptor)
{
	store64(entry, descriptor);
	if (!table->coherent) {
		arch_cache_clean(entry, sizeof(*entry));
	}
}

static uint64_t *new_table(const struct pgtable *table)
{
	uint64_t *page = page_allocate();

	if (page && !table->coherent) {
		arch_cache_clean(page, PGTABLE_GRANULE);
	}
	return page;
}

int pgtable_init(struct pgtable *table, unsigned int input_bits, unsigned int output_bits, bool coherent)
{
	if (input_bits < 25 || input_bits > 48 || output_bits < 32 || output_bits > 48) {
		return -EINVAL;
	}
	*table = (struct pgtable){
		.input_bits = input_bits,
		.output_bits = output_bits,
		.levels = (input_bits - PGTABLE_PAGE_BITS + PGTABLE_INDEX_BITS - 1) / PGTABLE_INDEX_BITS,
		.coherent = coherent,
	};
	table->root = new_table(table);
	return table->root ? 0 : -ENOMEM;
}

/* At most four levels deep. */
static void free_below(uint64_t *entries, unsigned int level)
{
	for (unsigned int i = 0; i < ENTRIES && level < LEAF_LEVEL; i++) {
		if (entries[i] & DESCRIPTOR_VALID) {
			free_below(table_of(entries[i]), level + 1);
		}
	}
	page_free(entries);
}

void pgtable_destroy(struct pgtable *table)
{
	if (table->root) {
		free_below(table->root, first_level(table));
		table->root = NULL;
	}
}

static int check_range(const struct pgtable *table, uint64_t iova, uint64_t size)
{
	uint64_t end = 1ULL << table->input_bits;

	if (!size || (iova | size) % PGTABLE_GRANULE) {
		return -EINVAL;
	}
	return iova < end && size <= end - iova ? 0 : -ERANGE;
}

/* The leaf entry of `iova`, or NULL where its table is missing (and `create` is false, or memory has run out). */
static uint64_t *leaf_entry(const struct pgtable *table, uint64_t iova, bool create)
{
	uint64_t *entries = table->root;

	for (unsigned int level = first_level(table); level < LEAF_LEVEL; level++) {
		uint64_t *entry = &entries[index_at(iova, level)];

		if (!(*entry & DESCRIPTOR_VALID)) {
			uint64_t *below = create ? new_table(table) : NULL;

			if (!below) {
				return NULL;
			}
			/* The empty table must be there before the walker finds it. */
			arch_dma_wmb();
			store(table, entry, arch_phys(below) | DESCRIPTOR_TABLE | DESCRIPTOR_VALID);
		}
		entries = table_of(*entry);
	}
	return &entries[index_at(iova, LEAF_LEVEL)];
}

static bool is_mapped(const struct pgtable *table, uint64_t iova)
{
	const uint64_t *entry = leaf_entry(table, iova, false);

	return entry && *entry & DESCRIPTOR_VALID;
}

static void clear_pages(struct pgtable *table, uint64_t iova, uint64_t size)
{
	for (uint64_t offset = 0; offset < size; offset += PGTABLE_GRANULE) {
		store(table, leaf_entry(table, iova + offset, false), 0);
		table->mapped_pages--;
	}
	arch_dma_wmb();
}

static uint64_t leaf_attributes(unsigned int access)
{
	uint64_t attributes = DESCRIPTOR_VALID | DESCRIPTOR_TABLE | ATTR_INDEX_NORMAL << DESCRIPTOR_ATTR_INDEX_SHIFT |
			      DESCRIPTOR_AP_UNPRIVILEGED | DESCRIPTOR_SH_INNER | DESCRIPTOR_AF | DESCRIPTOR_NOT_GLOBAL |
			      DESCRIPTOR_XN;

	return access & PGTABLE_WRITE ? attributes : attributes | DESCRIPTOR_AP_READ_ONLY;
}

static int map_page(struct pgtable *table, uint64_t iova, uint64_t descriptor)
{
	uint64_t *entry = leaf_entry(table, iova, true);

	if (!entry) {
		return -ENOMEM;
	}
	if (*entry & DESCRIPTOR_VALID) {
		return -EEXIST;
	}
	store(table, entry, descriptor);
	table->mapped_pages++;
	return 0;
}

int pgtable_map(struct pgtable *table, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	uint64_t output_end = 1ULL << table->output_bits;
	int error = check_range(table, iova, size);

	/* Stage 1 has no write-only permission: what a master may write it may read. */
	if (!error && (pa % PGTABLE_GRANULE || !(access & PGTABLE_READ))) {
		error = -EINVAL;
	}
	if (!error && (pa >= output_end || size > output_end - pa)) {
		error = -ERANGE;
	}
	for (uint64_t offset = 0; !error && offset < size; offset += PGTABLE_GRANULE) {
		error = map_page(table, iova + offset, (pa + offset) | leaf_attributes(access));
		if (error && offset) {
			clear_pages(table, iova, offset);
		}
	}
	arch_dma_wmb();
	return error;
}

int pgtable_unmap(struct pgtable *table, uint64_t iova, uint64_t size)
{
	int error = check_range(table, iova, size);

	for (uint64_t offset = 0; !error && offset < size; offset += PGTABLE_GRANULE) {
		error = is_mapped(table, iova + offset) ? 0 : -ENOENT;
	}
	if (!error) {
		clear_pages(table, iova, size);
	}
	return error;
}

int pgtable_translate(const struct pgtable *table, uint64_t iova, uint64_t *pa, unsigned int *access)
{
	const uint64_t *entry = iova >> table->input_bits ? NULL : leaf_entry(table, iova, false);

	if (!entry || !(*entry & DESCRIPTOR_VALID)) {
		return -ENOENT;
	}
	*pa = (*entry & DESCRIPTOR_ADDRESS_MASK) | (iova & (PGTABLE_GRANULE - 1));
	*access = PGTABLE_READ | (*entry & DESCRIPTOR_AP_READ_ONLY ? 0 : PGTABLE_WRITE);
	return 0;
}

unsigned int pgtable_t0sz(const struct pgtable *table)
{
	return 64 - table->input_bits;
}

uint64_t pgtable_mair(void)
{
	return MAIR_NORMAL_WRITE_BACK << (8 * ATTR_INDEX_NORMAL);
}
