/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Static memory: one piece of RAM that is handed out once, and pages of 4 KiB that are given back. There is no malloc.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE 4096U

/* Takes the memory that the arena hands out from. Boot core, once. */
void arena_init(void *start, size_t size);

/*
 * Zeroed memory aligned to `alignment` (a power of two), for ever; NULL when the arena has run out. Any core; takes a
 * lock of rank LOCK_RANK_PAGES.
 */
void *arena_allocate(size_t size, size_t alignment);

/* A zeroed page, or NULL; and back. Any core; takes a lock of rank LOCK_RANK_PAGES. */
void *page_allocate(void);
void page_free(void *page);

/* Bytes handed out so far, and pages that were given back and wait for their next use. */
size_t arena_used(void);
size_t pages_free(void);

/* Whether [pa, pa + size) lies within what the arena has handed out. */
bool arena_contains(uint64_t pa, uint64_t size);

#endif
