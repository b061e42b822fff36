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
	struct free_page *free;
	size_t free_count;
} arena = {.lock = LOCK_INIT(LOCK_RANK_PAGES)};

void arena_init(void *start, size_t size)
{
	arena.start = (uintptr_t)start;
	arena.next = arena.start;
	arena.end = arena.start + size;
	arena.free = NULL;
	arena.free_count = 0;
}

static void *carve(size_t size, size_t alignment)
{
	uintptr_t start = (arena.next + alignment - 1) & ~(uintptr_t)(alignment - 1);

	if (start < arena.next || start > arena.end || size > arena.end - start) {
		return NULL;
	}
	arena.next = start + size;
	return (void *)start;
}

void *arena_allocate(size_t size, size_t alignment)
{
	uint32_t saved = lock(&arena.lock);
	void *memory = carve(size, alignment);

	unlock(&arena.lock, saved);
	if (memory) {
		memset(memory, 0, size);
	}
	return memory;
}

void *page_allocate(void)
{
	uint32_t saved = lock(&arena.lock);
	struct free_page *page = arena.free;

	if (page) {
		arena.free = page->next;
		arena.free_count--;
	} else {
		page = carve(PAGE_SIZE, PAGE_SIZE);
	}
	unlock(&arena.lock, saved);
	if (page) {
		memset(page, 0, PAGE_SIZE);
	}
	return page;
}

void page_free(void *memory)
{
	struct free_page *page = memory;
	uint32_t saved = lock(&arena.lock);

	page->next = arena.free;
	arena.free = page;
	arena.free_count++;
	unlock(&arena.lock, saved);
}

size_t arena_used(void)
{
	return arena.next - arena.start;
}

size_t pages_free(void)
{
	return arena.free_count;
}

bool arena_contains(uint64_t pa, uint64_t size)
{
	return pa >= arena.start && pa <= arena.next && size <= arena.next - pa;
}
