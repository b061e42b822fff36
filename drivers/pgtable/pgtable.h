/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64 VMSA tables (DDI 0487 D8) for an SMMU. The caller invalidates TLBs. Addresses and sizes: bytes, whole
 * granules.
 *
 * Context:     any core; callers serialise on one table. Takes the arena's lock (LOCK_RANK_PAGES); no wait.
 */
#ifndef PGTABLE_PGTABLE_H
#define PGTABLE_PGTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PGTABLE_READ 1U
#define PGTABLE_WRITE 2U
#define PGTABLE_EXECUTE 4U	 /* Otherwise execute-never. Stage 1: never privileged code if writable. */
#define PGTABLE_DEVICE 8U	 /* Device-nGnRE; otherwise write-back. */
#define PGTABLE_CONTIGUOUS 16U	 /* Hint on whole groups: pgtable_map(). */
#define PGTABLE_NONCACHEABLE 32U /* Normal memory; not with PGTABLE_DEVICE. */

struct pgtable_format {
	unsigned int stage;	   /* 1 or 2. */
	unsigned int granule_bits; /* 12, 14 or 16. */
	unsigned int input_bits;   /* Stage 1: 25 to 48. Stage 2: 32 to 48, at most output_bits. */
	unsigned int output_bits;  /* 32 to 48; also 52 for stage 1 with granule_bits 16. */
	bool coherent;		   /* Otherwise stores are cleaned. */
};

struct pgtable {
	struct pgtable_format format;
	uint64_t *root;	   /* Aligned to its size; NULL: no table. */
	uint64_t *retired; /* Unlinked; wait for pgtable_reclaim(). */
	uint64_t input_last;
	uint64_t output_last;
	uint64_t mapped;	  /* In granules. */
	size_t table_bytes;	  /* With the root and retired tables. */
	unsigned int levels;	  /* 1 to 4. */
	unsigned int root_log2;	  /* log2 of the root's bytes, with concatenated tables: 4 to 20. */
	unsigned int root_shift;  /* log2 of an entry's bytes. */
	unsigned int block_shift; /* log2 of the largest leaf. */
};

/*
 * Makes an empty table. Stage 2 concatenates root tables if that saves a level (D8.2).
 *
 * Return:      0
 *              -EINVAL    a format that is not allowed above
 *              -ENOMEM    no pages for the root
 * State left:  on an error as after pgtable_destroy().
 */
int pgtable_init(struct pgtable *table, const struct pgtable_format *format);

/* Frees every table. The caller has unlinked the root and invalidated. */
void pgtable_destroy(struct pgtable *table);

/*
 * Maps with the largest leaves that alignment allows (D8.3); a block never replaces a table. On return the walker sees
 * it; nothing needs invalidation.
 *
 * `flags`: PGTABLE_READ, or at stage 2 PGTABLE_WRITE alone. PGTABLE_CONTIGUOUS: on groups (4 KiB: 16 leaves; 16 KiB:
 * 128 pages, 32 blocks; 64 KiB: 32 leaves) aligned in input and output, which are unmapped whole.
 *
 * Return:      0
 *              -EINVAL    alignment, size 0 or flags
 *              -ERANGE    beyond the input or output size
 *              -EEXIST    part of it is mapped
 *              -ENOMEM    no pages for a table
 * State left:  on an error as before; the walker saw no change.
 */
int pgtable_map(struct pgtable *table, uint64_t iova, uint64_t pa, uint64_t size, unsigned int flags);

/*
 * Unmaps, and retires tables wholly in the range. The caller invalidates the range in every TLB before it reuses the
 * memory.
 *
 * Return:      0
 *              -EINVAL    alignment, size 0; an end cuts a block or contiguous group (would take break-before-make)
 *              -ERANGE    beyond the input size
 *              -ENOENT    part of it is not mapped; of two errors the one at the lower address is returned
 * State left:  on an error as before.
 */
int pgtable_unmap(struct pgtable *table, uint64_t iova, uint64_t size);

/* With retired tables the caller invalidates the whole range, Leaf = 0, before pgtable_reclaim(). */
bool pgtable_has_retired(const struct pgtable *table);
void pgtable_reclaim(struct pgtable *table);

/*
 * Return:      0          `pa` (0 is valid, A25), and the leaf's `flags`
 *              -ENOENT    not mapped, or beyond the input size
 */
int pgtable_translate(const struct pgtable *table, uint64_t iova, uint64_t *pa, unsigned int *flags);

/* Nothing beyond the input size is mapped. One step for each run of absent entries. */
bool pgtable_is_empty(const struct pgtable *table, uint64_t iova, uint64_t size);

/* The leaf, for checks to damage, or NULL. Every leaf has the access flag. */
#define PGTABLE_ACCESS_FLAG (1ULL << 10)
uint64_t *pgtable_leaf(const struct pgtable *table, uint64_t iova);

/* Fields of a CD (IHI 0070 5.4) or STE (5.2). */
uint64_t pgtable_root(const struct pgtable *table);
unsigned int pgtable_t0sz(const struct pgtable *table);
unsigned int pgtable_start_level(const struct pgtable *table);
unsigned int pgtable_sl0(const struct pgtable *table);
unsigned int pgtable_tg(const struct pgtable *table);
uint64_t pgtable_mair(void);

#endif
