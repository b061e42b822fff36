/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64 VMSA translation tables (DDI 0487, chapter D8) of stage 1 and stage 2 with 4, 16 and 64 KiB granules, as an
 * SMMU walks them. Functions over memory: nothing here knows a register or a command, so the caller invalidates. Any
 * core; callers serialise on one table. Tables come from the arena, whose lock (LOCK_RANK_PAGES) is taken meanwhile.
 *
 * Addresses and sizes are in bytes; all of a mapping's are multiples of the granule.
 */
#ifndef PGTABLE_PGTABLE_H
#define PGTABLE_PGTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a master may do with a mapping, and what is mapped. */
#define PGTABLE_READ 1U
#define PGTABLE_WRITE 2U
#define PGTABLE_EXECUTE 4U	 /* Else execute-never. Stage 1: what may be written is never privileged code. */
#define PGTABLE_DEVICE 8U	 /* Device-nGnRE. Else normal memory, write-back. */
#define PGTABLE_CONTIGUOUS 16U	 /* The contiguous hint on every whole aligned group, see pgtable_map(). */
#define PGTABLE_NONCACHEABLE 32U /* Normal memory, not cached. Not together with PGTABLE_DEVICE. */

struct pgtable_format {
	unsigned int stage;	   /* 1 or 2. */
	unsigned int granule_bits; /* 12, 14 or 16: log2 of the smallest page. */
	unsigned int input_bits;   /* Stage 1: 25 to 48. Stage 2: 32 to 48, and no more than output_bits. */
	unsigned int output_bits;  /* 32 to 48; stage 1 with granule_bits 16: 52 as well. */
	bool coherent;		   /* The walker sees the cores' caches; else every store is cleaned. */
};

/* Read by anybody, written by drivers/pgtable alone. */
struct pgtable {
	struct pgtable_format format;
	uint64_t *root;		  /* Aligned to its size. NULL: destroyed, or never made. */
	uint64_t *retired;	  /* Tables that wait for pgtable_reclaim(), linked by their first entries. */
	uint64_t input_last;	  /* The last address of the input range. */
	uint64_t output_last;	  /* And of the output range. */
	uint64_t mapped;	  /* In granules. */
	size_t table_bytes;	  /* Memory that the tables occupy, the root and the retired ones included. */
	unsigned int levels;	  /* Of tables: 1 to 4. */
	unsigned int root_log2;	  /* Log2 of the root's size in bytes, concatenated tables included: 4 to 20. */
	unsigned int root_shift;  /* Log2 of what one entry of the root covers. */
	unsigned int block_shift; /* Log2 of the largest leaf. */
};

/*
 * An empty table. Stage 2 concatenates up to 16 tables in its root wherever that saves a level (D8.2). 0; -EINVAL for a
 * format that is not as above; -ENOMEM. After an error `table` is as after pgtable_destroy().
 */
int pgtable_init(struct pgtable *table, const struct pgtable_format *format);

/*
 * Gives the memory of every table back, the retired ones' too. The walker must not reach the root any more: unhook it
 * and invalidate first. Again, or after a pgtable_init() that failed: nothing.
 */
void pgtable_destroy(struct pgtable *table);

/*
 * Maps [iova, iova + size) to [pa, pa + size), with the largest leaves that alignment allows (4 KiB granule: 1 GiB and
 * 2 MiB; 16 KiB: 32 MiB; 64 KiB: 512 MiB; D8.3) and no table in their place forbids, be it empty. The stores are
 * visible to the walker on return, and there is nothing to invalidate.
 *
 * `flags` has PGTABLE_READ, or at stage 2 PGTABLE_WRITE alone. PGTABLE_CONTIGUOUS sets the hint on whole aligned groups
 * (4 KiB granule: 16 leaves; 16 KiB: 128 pages or 32 blocks; 64 KiB: 32 leaves) whose input and output addresses are
 * both aligned to the group; such a group is unmapped as a whole.
 *
 * 0; -EINVAL (not aligned to the granule, size 0, flags); -ERANGE (beyond the input or the output size, or wrapping);
 * -EEXIST (some of it is mapped already); -ENOMEM. After an error everything is as before: nothing was stored in any
 * table that the walker can reach, not even meanwhile.
 */
int pgtable_map(struct pgtable *table, uint64_t iova, uint64_t pa, uint64_t size, unsigned int flags);

/*
 * Unmaps. Afterwards the caller invalidates the range in every TLB before the memory is used for anything else. Tables
 * (but the root) that the range covers whole are unhooked and retired: see pgtable_has_retired().
 *
 * 0; -EINVAL, -ERANGE as above; -EINVAL as well where an end of the range cuts a block or a contiguous group in two,
 * which takes break-before-make and is not done here; -ENOENT where something is not mapped. Of the last two the one at
 * the lower address is told. After an error everything is as before, as with pgtable_map().
 */
int pgtable_unmap(struct pgtable *table, uint64_t iova, uint64_t size);

/*
 * Whether tables wait for being given back: the invalidation that follows pgtable_unmap() must then cover entries of
 * all levels (Leaf = 0) and the whole range. pgtable_reclaim() gives them back once that has completed.
 */
bool pgtable_has_retired(const struct pgtable *table);
void pgtable_reclaim(struct pgtable *table);

/*
 * Where does `iova` lead? 0 with `pa` and the `flags` that its leaf has (PGTABLE_CONTIGUOUS: the hint is set), or
 * -ENOENT, also for what is beyond the input size. Physical address 0 is an address like any other.
 */
int pgtable_translate(const struct pgtable *table, uint64_t iova, uint64_t *pa, unsigned int *flags);

/*
 * Is nothing of [iova, iova + size) mapped? What is beyond the input size is not. Costs a step for each stretch of
 * absent entries of one table, at the level where they are absent, however large the range is.
 */
bool pgtable_is_empty(const struct pgtable *table, uint64_t iova, uint64_t size);

/*
 * The descriptor of the leaf that `iova` leads to, or NULL: for whoever damages one on purpose, and mends it. Its
 * access flag, which every leaf has set.
 */
#define PGTABLE_ACCESS_FLAG (1ULL << 10)
uint64_t *pgtable_leaf(const struct pgtable *table, uint64_t iova);

/*
 * What a context descriptor (IHI 0070, 5.4) or a stream table entry (5.2) needs: the physical address of the root; T0SZ
 * or S2T0SZ; the level that a walk starts at (0 to 3); S2SL0; TG0 or S2TG; and the MAIR that stage 1 leaves index.
 */
uint64_t pgtable_root(const struct pgtable *table);
unsigned int pgtable_t0sz(const struct pgtable *table);
unsigned int pgtable_start_level(const struct pgtable *table);
unsigned int pgtable_sl0(const struct pgtable *table);
unsigned int pgtable_tg(const struct pgtable *table);
uint64_t pgtable_mair(void);

#endif
