/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Static memory: one piece of RAM that is handed out once, and pages of 4 KiB to 1 MiB that are given back. There is no
 * malloc.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE 4096U
#define PAGES_LOG2_MIN 12U
#define PAGES_LOG2_MAX 20U

/* Takes the memory that the arena hands out from. Boot core, once. */
void arena_init(void *start, size_t size);

/*
 * Zeroed memory aligned to `alignment` (a power of two), for ever; NULL when the arena has run out. Any core; takes a
 * lock of rank LOCK_RANK_PAGES.
 */
void *arena_allocate(size_t size, size_t alignment);

/* The same, and not zeroed: for what is written whole before it is read. */
void *arena_reserve(size_t size, size_t alignment);

/* Bytes that are left; some may not be had at every alignment. */
size_t arena_left(void);

/*
 * Gives back what lies from `end` on of the memory that was allocated or reserved last: for a list whose length is
 * known when it is written. Boot core, nothing else allocated since.
 */
void arena_trim(void *end);

/*
 * 2^log2_bytes zeroed bytes (PAGES_LOG2_MIN to PAGES_LOG2_MAX), aligned to their size; NULL for another size, or when
 * the arena has run out. And back, with the size that they were asked for: each size is kept for its own next use, and
 * neither split nor merged. Any core; takes a lock of rank LOCK_RANK_PAGES.
 */
void *pages_allocate(unsigned int log2_bytes);
void pages_free(void *memory, unsigned int log2_bytes);

/* The same for one page of 4 KiB. */
void *page_allocate(void);
void page_free(void *page);

/* Bytes handed out so far, and memory of all sizes that was given back and waits for its next use, in pages of 4 KiB.
 */
size_t arena_used(void);
size_t pages_free_count(void);

/* All that it has to hand out. */
void arena_bounds(uint64_t *first, uint64_t *size);

/* Whether [pa, pa + size) lies within what the arena has handed out. */
bool arena_contains(uint64_t pa, uint64_t size);

#endif
