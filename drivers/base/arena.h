/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory without malloc: RAM handed out once, and blocks of 4 KiB to 1 MiB that can be freed. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE 4096U
#define PAGES_LOG2_MIN 12U
#define PAGES_LOG2_MAX 20U

/* Boot core, once. */
void arena_init(void *start, size_t size);

/* Zeroed, never freed; NULL: exhausted. `alignment` is a power of two. Any core; takes a lock of LOCK_RANK_PAGES. */
void *arena_allocate(size_t size, size_t alignment);

/* As arena_allocate(), but not zeroed. */
void *arena_reserve(size_t size, size_t alignment);

/* Bytes, before alignment. */
size_t arena_left(void);

/* Gives back the last allocation from `end` on. Boot core, nothing allocated since. */
void arena_trim(void *end);

/*
 * 2^log2_bytes zeroed bytes, aligned to their size; NULL: not PAGES_LOG2_MIN to PAGES_LOG2_MAX, or exhausted. Free with
 * the same size: blocks are neither split nor merged. Any core; takes a lock of LOCK_RANK_PAGES.
 */
void *pages_allocate(unsigned int log2_bytes);
void pages_free(void *memory, unsigned int log2_bytes);

void *page_allocate(void);
void page_free(void *page);

/* Bytes handed out; freed blocks, in pages of 4 KiB. */
size_t arena_used(void);
size_t pages_free_count(void);

void arena_bounds(uint64_t *first, uint64_t *size);

/* Lies all of it in what was handed out? */
bool arena_contains(uint64_t pa, uint64_t size);

#endif
