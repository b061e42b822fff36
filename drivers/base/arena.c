/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include <string.h>

#include "base/sync.h"

struct free_page {
	struct free_page *next;
};

static struct {
	struct lock lock;
	uintptr_t start;
	uintptr_t next;
	uintptr_t end;
	struct free_page *free[PAGES_LOG2_MAX - PAGES_LOG2_MIN + 1];
	size_t free_count;
} arena = {.lock = LOCK_INIT(LOCK_RANK_PAGES)};

void arena_init(void *start, size_t size)
{
	arena.start = (uintptr_t)start;
	arena.next = arena.start;
	arena.end = arena.start + size;
	memset(arena.free, 0, sizeof(arena.free));
	arena.free_count = 0;
}

static void *arena_carve(size_t size, size_t alignment)
{
	uintptr_t start = (arena.next + alignment - 1) & ~(uintptr_t)(alignment - 1);

	if (start < arena.next || start > arena.end || size > arena.end - start) {
		return NULL;
	}
	arena.next = start + size;
	return (void *)start;
}

void *arena_reserve(size_t size, size_t alignment)
{
	uint32_t saved = lock(&arena.lock);
	void *memory = arena_carve(size, alignment);

	unlock(&arena.lock, saved);
	return memory;
}

void *arena_allocate(size_t size, size_t alignment)
{
	void *memory = arena_reserve(size, alignment);

	if (memory) {
		memset(memory, 0, size);
	}
	return memory;
}

size_t arena_left(void)
{
	return arena.end - arena.next;
}

void arena_trim(void *end)
{
	arena.next = (uintptr_t)end;
}

/* Lock held. */
static void *arena_take_pages(unsigned int log2_bytes)
{
	struct free_page **list = &arena.free[log2_bytes - PAGES_LOG2_MIN];
	struct free_page *page = *list;
	size_t size = (size_t)1 << log2_bytes;

	if (!page) {
		return arena_carve(size, size);
	}
	*list = page->next;
	arena.free_count -= size / PAGE_SIZE;
	return page;
}

void *pages_allocate(unsigned int log2_bytes)
{
	void *memory;
	uint32_t saved;

	if (log2_bytes < PAGES_LOG2_MIN || log2_bytes > PAGES_LOG2_MAX) {
		return NULL;
	}
	saved = lock(&arena.lock);
	memory = arena_take_pages(log2_bytes);
	unlock(&arena.lock, saved);
	if (memory) {
		memset(memory, 0, (size_t)1 << log2_bytes);
	}
	return memory;
}

void pages_free(void *memory, unsigned int log2_bytes)
{
	struct free_page **list = &arena.free[log2_bytes - PAGES_LOG2_MIN];
	struct free_page *page = memory;
	uint32_t saved = lock(&arena.lock);

	page->next = *list;
	*list = page;
	arena.free_count += ((size_t)1 << log2_bytes) / PAGE_SIZE;
	unlock(&arena.lock, saved);
}

void *page_allocate(void)
{
	return pages_allocate(PAGES_LOG2_MIN);
}

void page_free(void *page)
{
	pages_free(page, PAGES_LOG2_MIN);
}

size_t arena_used(void)
{
	return arena.next - arena.start;
}

size_t pages_free_count(void)
{
	return arena.free_count;
}

void arena_bounds(uint64_t *first, uint64_t *size)
{
	*first = arena.start;
	*size = arena.end - arena.start;
}

bool arena_contains(uint64_t pa, uint64_t size)
{
	return pa >= arena.start && pa <= arena.next && size <= arena.next - pa;
}
