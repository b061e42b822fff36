/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64 VMSA translation tables (DDI 0487 D8), stages 1 and 2, 4, 16 and 64 KiB granules, as an SMMU walks them. Pure
 * memory: the caller invalidates TLBs. Addresses and sizes are in bytes, multiples of the granule.
 *
 * Context:     any core; callers serialise on one table. Takes the arena's lock (LOCK_RANK_PAGES); no wait.
 */
#ifndef PGTABLE_PGTABLE_H
#define PGTABLE_PGTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Access and memory type. */
#define PGTABLE_READ 1U
#define PGTABLE_WRITE 2U
#define PGTABLE_EXECUTE 4U	 /* Otherwise execute-never. Stage 1: a writable page is never privileged code. */
#define PGTABLE_DEVICE 8U	 /* Device-nGnRE; otherwise normal, write-back. */
#define PGTABLE_CONTIGUOUS 16U	 /* Contiguous hint on each whole aligned group: pgtable_map(). */
#define PGTABLE_NONCACHEABLE 32U /* Normal, not cached. Not with PGTABLE_DEVICE. */

struct pgtable_format {
	unsigned int stage;	   /* 1 or 2. */
	unsigned int granule_bits; /* 12, 14 or 16: log2 of the smallest page. */
	unsigned int input_bits;   /* Stage 1: 25 to 48. Stage 2: 32 to 48, at most output_bits. */
	unsigned int output_bits;  /* 32 to 48; also 52 for stage 1 with granule_bits 16. */
	bool coherent;		   /* The walker snoops; otherwise stores are cleaned. */
};

/* Only drivers/pgtable writes it. */
struct pgtable {
	struct pgtable_format format;
	uint64_t *root;		  /* Aligned to its size; NULL: no table. */
	uint64_t *retired;	  /* Unlinked tables that wait for pgtable_reclaim(). */
	uint64_t input_last;	  /* Last input address. */
	uint64_t output_last;	  /* Last output address. */
	uint64_t mapped;	  /* In granules. */
	size_t table_bytes;	  /* Memory of all tables, root and retired ones included. */
	unsigned int levels;	  /* 1 to 4. */
	unsigned int root_log2;	  /* log2 of the root's bytes, concatenation included: 4 to 20. */
	unsigned int root_shift;  /* log2 of what a root entry covers. */
	unsigned int block_shift; /* log2 of the largest leaf. */
};

/*
 * Makes an empty table. Stage 2 concatenates up to 16 tables in the root if that saves a level (D8.2).
 *
 * Return:      0
 *              -EINVAL    a format that struct pgtable_format does not allow
 *              -ENOMEM    no pages for the root
 * State left:  on an error as after pgtable_destroy().
 */
int pgtable_init(struct pgtable *table, const struct pgtable_format *format);

/*
 * Frees every table, retired ones too; does nothing without a root. The walker must not reach the root any more: unlink
 * it and invalidate first.
 */
void pgtable_destroy(struct pgtable *table);

/*
 * Maps [iova, iova + size) to [pa, pa + size) with the largest leaves that alignment allows (4 KiB granule: 1 GiB, 2
 * MiB; 16 KiB: 32 MiB; 64 KiB: 512 MiB; D8.3). A table that exists is not replaced by a block, even if empty. On return
 * the walker sees the stores; nothing needs invalidation.
 *
 * `flags`: PGTABLE_READ, or at stage 2 PGTABLE_WRITE alone. PGTABLE_CONTIGUOUS: hint on groups (4 KiB: 16 leaves; 16
 * KiB: 128 pages or 32 blocks; 64 KiB: 32 leaves) whose input and output addresses are both aligned to the group; such
 * a group can only be unmapped whole.
 *
 * Return:      0
 *              -EINVAL    alignment, size 0 or flags
 *              -ERANGE    beyond the input or output size, or wrapping
 *              -EEXIST    part of it is mapped
 *              -ENOMEM    no pages for a table
 * State left:  on an error as before; the walker saw no change meanwhile.
 */
int pgtable_map(struct pgtable *table, uint64_t iova, uint64_t pa, uint64_t size, unsigned int flags);

/*
 * Unmaps. The caller then invalidates the range in every TLB before it reuses the memory. Tables that the range covers
 * whole (not the root) are retired: pgtable_has_retired().
 *
 * Return:      0
 *              -EINVAL    alignment or size 0; or an end cuts a block or contiguous group, which would take
 *                         break-before-make
 *              -ERANGE    beyond the input size, or wrapping
 *              -ENOENT    part of it is not mapped; of this and a cut, the error at the lower address is returned
 * State left:  on an error as before, as with pgtable_map().
 */
int pgtable_unmap(struct pgtable *table, uint64_t iova, uint64_t size);

/*
 * Are there retired tables? Then the invalidation after pgtable_unmap() must cover the whole range with Leaf = 0; when
 * it has completed, pgtable_reclaim() frees them.
 */
bool pgtable_has_retired(const struct pgtable *table);
void pgtable_reclaim(struct pgtable *table);

/*
 * Translates `iova`.
 *
 * Return:      0          `pa` (0 is a valid address, A25) and the leaf's `flags` (PGTABLE_CONTIGUOUS: hint set)
 *              -ENOENT    not mapped, or beyond the input size
 */
int pgtable_translate(const struct pgtable *table, uint64_t iova, uint64_t *pa, unsigned int *flags);

/*
 * Is nothing in the range mapped? Addresses beyond the input size are not. One step for each run of absent entries in a
 * table, not for each page.
 */
bool pgtable_is_empty(const struct pgtable *table, uint64_t iova, uint64_t size);

/* The leaf descriptor of `iova`, or NULL: for checks that damage and mend it. Every leaf has its access flag set. */
#define PGTABLE_ACCESS_FLAG (1ULL << 10)
uint64_t *pgtable_leaf(const struct pgtable *table, uint64_t iova);

/*
 * Fields of a CD (IHI 0070 5.4) or STE (5.2): the root's physical address; T0SZ or S2T0SZ; start level (0 to 3); S2SL0;
 * TG0 or S2TG; MAIR for stage-1 leaves.
 */
uint64_t pgtable_root(const struct pgtable *table);
unsigned int pgtable_t0sz(const struct pgtable *table);
unsigned int pgtable_start_level(const struct pgtable *table);
unsigned int pgtable_sl0(const struct pgtable *table);
unsigned int pgtable_tg(const struct pgtable *table);
uint64_t pgtable_mair(void);

#endif
