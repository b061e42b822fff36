/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64 VMSA stage-1 translation tables with a 4 KiB granule (DDI 0487, chapter D8), as the SMMU walks them.
 * Functions over memory: nothing here knows a register or a command, so the caller invalidates. Callers serialise on
 * one table.
 */
#ifndef PGTABLE_PGTABLE_H
#define PGTABLE_PGTABLE_H

#include <stdbool.h>
#include <stdint.h>

#define PGTABLE_GRANULE 4096U
#define PGTABLE_INDEX_BITS 9U
#define PGTABLE_PAGE_BITS 12U

/* What a master may do with a mapping. */
#define PGTABLE_READ 1U
#define PGTABLE_WRITE 2U

struct pgtable {
	uint64_t *root;
	unsigned int input_bits;  /* 25 to 48: size of the input address space. */
	unsigned int output_bits; /* 32 to 48. */
	unsigned int levels;	  /* Of tables: 2 to 4. */
	bool coherent;		  /* The walker sees the cores' caches; else every store is cleaned. */
	uint32_t mapped_pages;
};

/* An empty table. 0; -EINVAL for sizes out of range; -ENOMEM. */
int pgtable_init(struct pgtable *table, unsigned int input_bits, unsigned int output_bits, bool coherent);

/* Gives every table page back. The walker must not reach the root any more: unhook it and invalidate first. */
void pgtable_destroy(struct pgtable *table);

/*
 * Maps [iova, iova + size) to [pa, pa + size). All or nothing: on any error the table is as it was (emptied table pages
 * may stay). 0; -EINVAL (not page-aligned, size 0, no access asked for); -ERANGE (beyond input or output size, or
 * wrapping); -EEXIST (some page is mapped already); -ENOMEM. The stores are visible to the walker on return.
 */
int pgtable_map(struct pgtable *table, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access);

/*
 * Unmaps. All or nothing. 0; -EINVAL, -ERANGE as above; -ENOENT where some page is not mapped. Afterwards the caller
 * invalidates the range in every TLB before the memory is used for anything else.
 */
int pgtable_unmap(struct pgtable *table, uint64_t iova, uint64_t size);

/* Where does `iova` lead? 0 with `pa` and `access`, or -ENOENT. Physical address 0 is an address like any other. */
int pgtable_translate(const struct pgtable *table, uint64_t iova, uint64_t *pa, unsigned int *access);

/* What the context descriptor needs: T0SZ, and the memory attributes (MAIR) that the leaves index. */
unsigned int pgtable_t0sz(const struct pgtable *table);
uint64_t pgtable_mair(void);

#endif
