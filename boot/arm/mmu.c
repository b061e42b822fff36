/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation tables of the cores: LPAE long descriptors (DDI 0406C, B3.6), three levels, one to one but for devices
 * above 4 GiB. What nobody has mapped faults. mmu_build() runs with the MMU off: no library call, no unaligned access.
 */
#include "mmu.h"

#include <stddef.h>

#include "arch.h"
#include "base/bits.h"
#include "base/store.h"
#include "boot.h"
#include "early_uart.h"
#include "platform.h"
#include "stacks.h"

#define PAGE 0x1000ULL
#define BLOCK 0x200000ULL
#define ENTRIES 512U
#define LEVEL1_ENTRIES 4U
#define LEVEL3_TABLES 64U
#define VA_END (1ULL << 32)
#define PA_END (1ULL << 40)

/* Devices that cannot be mapped one to one go here. */
#define WINDOW_BASE 0xc0000000ULL
#define WINDOWS_MAX 128U

#define TREE_HEADER 64U /* And a little more: all of it is readable, whatever size the tree says. */

#define DESC_VALID BIT64(0)
#define DESC_TABLE BIT64(1) /* Levels 1 and 2: a table; level 3: a page. */
#define DESC_ATTR(index) ((uint64_t)(index) << 2)
#define DESC_READ_ONLY BIT64(7) /* AP[2] */
#define DESC_SH_INNER (3ULL << 8)
#define DESC_AF BIT64(10)
#define DESC_PXN BIT64(53)
#define DESC_XN BIT64(54)
#define DESC_ADDRESS 0x000000fffffff000ULL

#define ATTR_NORMAL 0U /* As MAIR0 in start.S. */
#define ATTR_DEVICE 1U
#define ATTR_UNCACHED 2U

#define MAP_CODE (DESC_ATTR(ATTR_NORMAL) | DESC_SH_INNER | DESC_AF | DESC_READ_ONLY)
#define MAP_CONST (MAP_CODE | DESC_XN | DESC_PXN)
#define MAP_DATA (DESC_ATTR(ATTR_NORMAL) | DESC_SH_INNER | DESC_AF | DESC_XN | DESC_PXN)
#define MAP_UNCACHED (DESC_ATTR(ATTR_UNCACHED) | DESC_SH_INNER | DESC_AF | DESC_XN | DESC_PXN)
#define MAP_DEVICE (DESC_ATTR(ATTR_DEVICE) | DESC_AF | DESC_XN | DESC_PXN)

extern uint8_t __image_start[], __text_end[], __data_start[], __stacks_start[], __stacks_end[];
extern uint8_t __uncached_start[], __uncached_end[];

uint64_t boot_level1[LEVEL1_ENTRIES] __attribute__((aligned(32)));
static uint64_t level2[LEVEL1_ENTRIES][ENTRIES] __attribute__((aligned(4096)));
static uint64_t level3[LEVEL3_TABLES][ENTRIES] __attribute__((aligned(4096)));
static unsigned int level3_used;

static struct {
	uint64_t pa;
	uint64_t size;
	uint64_t va;
} windows[WINDOWS_MAX];
static unsigned int window_count;
static uint64_t window_next = WINDOW_BASE;

static uint64_t *level2_entry(uint64_t va)
{
	return &level2[va >> 30][va >> 21 & (ENTRIES - 1)];
}

static uint64_t *level3_of(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)(entry & DESC_ADDRESS);
}

/* The page's entry; makes the table where there is none. NULL where a block is in the way or the tables have run out.
 */
static uint64_t *page_entry(uint64_t va)
{
	uint64_t *entry = level2_entry(va);

	if (!(*entry & DESC_VALID)) {
		if (level3_used == LEVEL3_TABLES) {
			return NULL;
		}
		store64(entry, (uint64_t)(uintptr_t)level3[level3_used++] | DESC_TABLE | DESC_VALID);
	}
	if (!(*entry & DESC_TABLE)) {
		return NULL;
	}
	return &level3_of(*entry)[va >> 12 & (ENTRIES - 1)];
}

static bool is_free(uint64_t va, uint64_t size)
{
	for (uint64_t at = va; at < va + size;) {
		uint64_t entry = *level2_entry(at);

		if (!(entry & DESC_VALID)) {
			at = (at | (BLOCK - 1)) + 1;
			continue;
		}
		if (!(entry & DESC_TABLE) || level3_of(entry)[at >> 12 & (ENTRIES - 1)] & DESC_VALID) {
			return false;
		}
		at += PAGE;
	}
	return true;
}

/* Page-aligned. Pages that are mapped already stay as they are: nothing live is ever changed. */
static bool map(uint64_t va, uint64_t pa, uint64_t size, uint64_t attributes)
{
	for (uint64_t at = 0; at < size;) {
		uint64_t *entry = level2_entry(va + at);

		if (!((va + at) % BLOCK) && !((pa + at) % BLOCK) && size - at >= BLOCK && !(*entry & DESC_VALID)) {
			store64(entry, (pa + at) | attributes | DESC_VALID);
			at += BLOCK;
			continue;
		}
		entry = page_entry(va + at);
		if (!entry) {
			return false;
		}
		if (!(*entry & DESC_VALID)) {
			store64(entry, (pa + at) | attributes | DESC_TABLE | DESC_VALID);
		}
		at += PAGE;
	}
	return true;
}

static void map_image_part(const uint8_t *start, const uint8_t *end, uint64_t attributes)
{
	uint64_t from = (uintptr_t)start;

	(void)map(from, from, (uint64_t)(uintptr_t)end - from, attributes);
}

static void map_stacks(void)
{
	unsigned int count = (unsigned int)((uintptr_t)__stacks_end - (uintptr_t)__stacks_start) / STACK_STRIDE;

	for (unsigned int core = 0; core < count; core++) {
		const uint8_t *stack = &__stacks_start[core * STACK_STRIDE];

		map_image_part(stack + STACK_PAGE, stack + STACK_STRIDE, MAP_DATA);
	}
}

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* A tree that says it is larger than one may be is refused later; its header is readable for that. */
uint64_t mmu_tree_end(const uint8_t *tree)
{
	uint32_t said = big_endian(tree + 4);
	uint32_t size = said < TREE_HEADER ? TREE_HEADER : said < BOOT_TREE_MAX ? said : BOOT_TREE_MAX;
	uint64_t end = (uint64_t)(uintptr_t)tree + size;

	return end < VA_END ? (end + PAGE - 1) & ~(PAGE - 1) : VA_END;
}

static void map_tree(const uint8_t *tree)
{
	uint64_t from = (uintptr_t)tree & ~(PAGE - 1);

	(void)map(from, from, mmu_tree_end(tree) - from, MAP_CONST);
}

void mmu_build(const void *tree)
{
	for (unsigned int i = 0; i < LEVEL1_ENTRIES; i++) {
		boot_level1[i] = (uint64_t)(uintptr_t)level2[i] | DESC_TABLE | DESC_VALID;
	}
	map_image_part(__image_start, __text_end, MAP_CODE);
	map_image_part(__text_end, __data_start, MAP_CONST);
	map_image_part(__data_start, __stacks_start, MAP_DATA);
	map_stacks();
	map_image_part(__uncached_start, __uncached_end, MAP_UNCACHED);
#ifdef EARLY_UART
	(void)map(EARLY_UART & ~(PAGE - 1), EARLY_UART & ~(PAGE - 1), PAGE, MAP_DEVICE);
#endif
	if (tree) {
		map_tree(tree);
	}
}

int mmu_guard_of(uint32_t address)
{
	uint32_t offset = address - (uint32_t)(uintptr_t)__stacks_start;

	if (address < (uintptr_t)__stacks_start || address >= (uintptr_t)__stacks_end ||
	    offset % STACK_STRIDE >= STACK_PAGE) {
		return -1;
	}
	return (int)(offset / STACK_STRIDE);
}

/* From invalid to valid only, so that there is nothing to invalidate. */
static void publish(void)
{
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

/* A new window keeps the offset within a block, so that blocks can be used. */
static uint64_t take_window(uint64_t pa, uint64_t size)
{
	uint64_t va = window_next + (pa & (BLOCK - 1));

	while (va + size <= VA_END - BLOCK && !is_free(va, size)) {
		va += BLOCK;
	}
	if (va + size > VA_END - BLOCK) {
		return 0;
	}
	window_next = (va + size + BLOCK - 1) & ~(BLOCK - 1);
	return va;
}

static volatile void *find_window(uint64_t pa, uint64_t size)
{
	for (unsigned int i = 0; i < window_count; i++) {
		if (pa >= windows[i].pa && pa + size <= windows[i].pa + windows[i].size) {
			return (volatile void *)(uintptr_t)(windows[i].va + (pa - windows[i].pa));
		}
	}
	return NULL;
}

static uint64_t place_device(uint64_t pa, uint64_t size)
{
	bool one_to_one = pa + size <= WINDOW_BASE && is_free(pa, size);

	return one_to_one ? pa : take_window(pa, size);
}

volatile void *arch_map_device(uint64_t pa, uint64_t size)
{
	uint64_t from = pa & ~(PAGE - 1);
	uint64_t whole = ((pa + size + PAGE - 1) & ~(PAGE - 1)) - from;
	volatile void *known;
	uint64_t va;

	if (!size || pa + size < pa || pa + size > PA_END || window_count == WINDOWS_MAX) {
		return NULL;
	}
	known = find_window(pa, size);
	if (known) {
		return known;
	}
	va = place_device(from, whole);
	if (!va || !map(va, from, whole, MAP_DEVICE)) {
		return NULL;
	}
	publish();
	windows[window_count].pa = from;
	windows[window_count].size = whole;
	windows[window_count].va = va;
	window_count++;
	return (volatile void *)(uintptr_t)(va + (pa - from));
}

void *arch_map_memory(uint64_t pa, uint64_t size)
{
	uint64_t from = pa & ~(PAGE - 1);
	uint64_t whole = ((pa + size + PAGE - 1) & ~(PAGE - 1)) - from;

	if (!size || pa + size < pa || pa + size > VA_END || !is_free(from, whole) ||
	    !map(from, from, whole, MAP_DATA)) {
		return NULL;
	}
	publish();
	return (void *)(uintptr_t)pa;
}
