/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 64-bit descriptors, 4 KiB pages (DDI 0487 D8.3; DDI 0406C B3.6), one to one except in windows. mmu_build() runs with
 * the MMU off: no library, no unaligned access.
 */
#include "mmu.h"

#include <stddef.h>

#include "base/arch.h"
#include "base/arena.h"
#include "base/bits.h"
#include "base/store.h"
#include "boot.h"
#include "cpu.h"
#include "early_uart.h"
#include "platform.h"
#include "stacks.h"

#define PAGE 0x1000ULL
#define BLOCK 0x200000ULL
#define ENTRIES 512U
#define LEVEL_BLOCK 2U
#define LEVEL_LAST 3U

#define TREE_HEADER 64U /* Always readable. */

#define DESC_VALID BIT64(0)
#define DESC_TABLE BIT64(1) /* Level 3: page. */
#define DESC_ATTR(index) ((uint64_t)(index) << 2)
#define DESC_READ_ONLY BIT64(7) /* AP[2] */
#define DESC_SH_INNER (3ULL << 8)
#define DESC_AF BIT64(10)
#define DESC_PXN BIT64(53)
#define DESC_XN BIT64(54)
#define DESC_ATTR_MASK DESC_ATTR(7)
#define DESC_ADDRESS 0x0000fffffffff000ULL

#define ATTR_NORMAL 0U /* MAIR in start.S. */
#define ATTR_DEVICE 1U
#define ATTR_UNCACHED 2U

#define MAP_CODE (DESC_ATTR(ATTR_NORMAL) | DESC_SH_INNER | DESC_AF | DESC_READ_ONLY)
#define MAP_CONST (MAP_CODE | DESC_XN | DESC_PXN)
#define MAP_DATA (DESC_ATTR(ATTR_NORMAL) | DESC_SH_INNER | DESC_AF | DESC_XN | DESC_PXN)
#define MAP_UNCACHED (DESC_ATTR(ATTR_UNCACHED) | DESC_SH_INNER | DESC_AF | DESC_XN | DESC_PXN)
#define MAP_DEVICE (DESC_ATTR(ATTR_DEVICE) | DESC_AF | DESC_XN | DESC_PXN)

extern uint8_t __image_start[], __text_end[], __data_start[], __stacks_start[], __stacks_end[];
extern uint8_t __uncached_start[];

uint64_t boot_root_table[ENTRIES] __attribute__((aligned(4096)));
static uint64_t tables[CPU_TABLES][ENTRIES] __attribute__((aligned(4096)));
static unsigned int tables_used;

uintptr_t boot_stacks; /* From core 1 on. */
static unsigned int stack_count;
static uint64_t window_next;

/* log2 of bytes. */
static unsigned int shift_of(unsigned int level)
{
	return 39 - 9 * level;
}

static uint64_t size_of(unsigned int level)
{
	return 1ULL << shift_of(level);
}

static uint64_t next_of(uint64_t at, unsigned int level)
{
	return (at | (size_of(level) - 1)) + 1;
}

static uint64_t *mmu_entry_of(uint64_t *table, unsigned int level, uint64_t va)
{
	return &table[va >> shift_of(level) & (ENTRIES - 1)];
}

static bool is_table(uint64_t entry, unsigned int level)
{
	return level < LEVEL_LAST && (entry & DESC_VALID) && (entry & DESC_TABLE);
}

static uint64_t *table_of(uint64_t entry)
{
	return (uint64_t *)(uintptr_t)(entry & DESC_ADDRESS);
}

/* The entry that maps, or would map, `va`. */
static uint64_t *walk(uint64_t va, unsigned int *level)
{
	uint64_t *entry = mmu_entry_of(boot_root_table, CPU_ROOT_LEVEL, va);

	for (*level = CPU_ROOT_LEVEL; is_table(*entry, *level);) {
		++*level;
		entry = mmu_entry_of(table_of(*entry), *level, va);
	}
	return entry;
}

static bool is_free(uint64_t va, uint64_t size)
{
	unsigned int level;

	for (uint64_t at = va; at < va + size; at = next_of(at, level)) {
		if (*walk(at, &level) & DESC_VALID) {
			return false;
		}
	}
	return true;
}

/* Level 0 has no blocks. */
static bool is_block(unsigned int level, uint64_t va, uint64_t pa, uint64_t left)
{
	return level > 0 && ((va | pa) & (size_of(level) - 1)) == 0 && left >= size_of(level);
}

/* Takes the image's tables, then the arena's pages. */
static bool add_table(uint64_t *entry)
{
	uint64_t *table = tables_used < CPU_TABLES ? tables[tables_used++] : page_allocate();

	if (table) {
		store64(entry, (uint64_t)(uintptr_t)table | DESC_TABLE | DESC_VALID);
	}
	return table;
}

/* Maps within one table; skips what is mapped. Returns the address after it; 0: no memory. */
static uint64_t mmu_map_run(uint64_t va, uint64_t pa, uint64_t left, uint64_t attributes)
{
	unsigned int level;
	uint64_t *entry = walk(va, &level);
	uint64_t step;

	if (*entry & DESC_VALID) {
		return next_of(va, level);
	}
	while (level != LEVEL_LAST && !is_block(level, va, pa, left)) {
		if (!add_table(entry)) {
			return 0;
		}
		entry = walk(va, &level);
	}
	step = size_of(level);
	attributes |= level == LEVEL_LAST ? DESC_TABLE | DESC_VALID : DESC_VALID;
	do {
		store64(entry++, pa | attributes);
		va += step;
		pa += step;
		left -= step;
	} while (left >= step && va & (step * ENTRIES - 1) && !(*entry & DESC_VALID));
	return va;
}

/* Page-aligned. Never changes a valid entry. */
static bool mmu_map(uint64_t va, uint64_t pa, uint64_t size, uint64_t attributes)
{
	for (uint64_t at = va; at < va + size;) {
		uint64_t next = mmu_map_run(at, pa + (at - va), va + size - at, attributes);

		if (!next) {
			return false;
		}
		at = next;
	}
	return true;
}

static void map_image_part(const uint8_t *start, const uint8_t *end, uint64_t attributes)
{
	uint64_t from = (uintptr_t)start;

	(void)mmu_map(from, from, (uint64_t)(uintptr_t)end - from, attributes);
}

/* Big-endian. */
uint32_t mmu_tree_size(const uint8_t *tree)
{
	return (uint32_t)tree[4] << 24 | (uint32_t)tree[5] << 16 | (uint32_t)tree[6] << 8 | tree[7];
}

/* Larger trees are refused later, by the header. */
uint64_t mmu_tree_end(const uint8_t *tree)
{
	uint32_t said = mmu_tree_size(tree);
	uint32_t size = said < TREE_HEADER ? TREE_HEADER : said < BOOT_TREE_MAX ? said : BOOT_TREE_MAX;
	uint64_t end = (uint64_t)(uintptr_t)tree + size;

	return end < CPU_VA_END ? (end + PAGE - 1) & ~(PAGE - 1) : CPU_VA_END;
}

static void mmu_map_tree(const uint8_t *tree)
{
	uint64_t from = (uintptr_t)tree & ~(PAGE - 1);

	(void)mmu_map(from, from, mmu_tree_end(tree) - from, MAP_CONST);
}

void mmu_build(const void *tree)
{
	window_next = CPU_WINDOWS_BASE;
	map_image_part(__image_start, __text_end, MAP_CODE);
	map_image_part(__text_end, __data_start, MAP_CONST);
	map_image_part(__data_start, __stacks_start, MAP_DATA);
	map_image_part(__stacks_start + STACK_PAGE, __stacks_end, MAP_DATA);
	map_image_part(__uncached_start, (const uint8_t *)(uintptr_t)boot_image_end(), MAP_UNCACHED);
#ifdef EARLY_UART
	(void)mmu_map(EARLY_UART & ~(PAGE - 1), EARLY_UART & ~(PAGE - 1), PAGE, MAP_DEVICE);
#endif
	if (tree) {
		mmu_map_tree(tree);
	}
}

int mmu_guard_of(uintptr_t address)
{
	uintptr_t offset = address - boot_stacks;

	if (address - (uintptr_t)__stacks_start < STACK_PAGE) {
		return 0;
	}
	return offset / STACK_STRIDE < stack_count && offset % STACK_STRIDE < STACK_PAGE ?
		       (int)(offset / STACK_STRIDE + 1) :
		       -1;
}

/* Entries only become valid: nothing to invalidate. */
static void publish(void)
{
	cpu_publish_tables();
}

/* Free, block-aligned addresses, or 0. */
static uint64_t take_window(uint64_t size)
{
	uint64_t va = window_next;

	while (va + size <= CPU_WINDOWS_END && !is_free(va, size)) {
		va += BLOCK;
	}
	if (va + size > CPU_WINDOWS_END) {
		return 0;
	}
	window_next = (va + size + BLOCK - 1) & ~(BLOCK - 1);
	return va;
}

static bool leads_to(uint64_t va, uint64_t pa, uint64_t size, uint64_t attributes)
{
	unsigned int level;

	for (uint64_t at = va; at < va + size; at = next_of(at, level)) {
		uint64_t entry = *walk(at, &level);

		if (!(entry & DESC_VALID) || (entry & DESC_ATTR_MASK) != attributes ||
		    (entry & DESC_ADDRESS) != ((pa + (at - va)) & ~(size_of(level) - 1))) {
			return false;
		}
	}
	return true;
}

/* Where a device is mapped in blocks, or 0. */
static uint64_t mmu_find_window(uint64_t pa, uint64_t size)
{
	uint64_t wanted = (pa & ~(BLOCK - 1)) | MAP_DEVICE | DESC_VALID;
	unsigned int level;
	uint64_t va = CPU_WINDOWS_BASE;

	while (va < window_next) {
		const uint64_t *entry = walk(va, &level);

		/* Looks at neighbours, because a walk for each block would dominate mapping. */
		for (bool more = level == LEVEL_BLOCK; more; more = va & (BLOCK * ENTRIES - 1) && va < window_next) {
			if (*entry++ == wanted && leads_to(va + (pa & (BLOCK - 1)), pa, size, DESC_ATTR(ATTR_DEVICE))) {
				return va + (pa & (BLOCK - 1));
			}
			va += BLOCK;
		}
		va = level == LEVEL_BLOCK ? va : next_of(va, level < LEVEL_BLOCK ? level : LEVEL_BLOCK);
	}
	return 0;
}

static uint64_t find_device(uint64_t pa, uint64_t size)
{
	return pa + size <= CPU_WINDOWS_BASE && leads_to(pa, pa, size, DESC_ATTR(ATTR_DEVICE)) ?
		       pa :
		       mmu_find_window(pa, size);
}

/* One to one, or in whole blocks, with its neighbours (BARs of one host). 0: no room. */
static uint64_t map_device(uint64_t pa, uint64_t size)
{
	uint64_t from = pa & ~(BLOCK - 1);
	uint64_t whole = ((pa + size + BLOCK - 1) & ~(BLOCK - 1)) - from;
	uint64_t va;

	if (pa + size <= CPU_WINDOWS_BASE && is_free(pa, size)) {
		return mmu_map(pa, pa, size, MAP_DEVICE) ? pa : 0;
	}
	va = take_window(whole);
	return va && mmu_map(va, from, whole, MAP_DEVICE) ? va + (pa - from) : 0;
}

volatile void *arch_map_device(uint64_t pa, uint64_t size)
{
	uint64_t from = pa & ~(PAGE - 1);
	uint64_t whole = ((pa + size + PAGE - 1) & ~(PAGE - 1)) - from;
	uint64_t va;

	if (!size || pa + size < pa || pa + size > cpu_pa_end()) {
		return NULL;
	}
	va = find_device(from, whole);
	if (!va) {
		va = map_device(from, whole);
		publish();
	}
	return va ? (volatile void *)(uintptr_t)(va + (pa - from)) : NULL;
}

bool mmu_map_stacks(const void *memory, unsigned int count)
{
	uint64_t va = take_window((uint64_t)count * STACK_STRIDE);
	bool mapped = va;

	for (uint64_t at = STACK_PAGE; mapped && at < (uint64_t)count * STACK_STRIDE; at += STACK_STRIDE) {
		mapped = mmu_map(va + at, arch_phys(memory) + at, STACK_STRIDE - STACK_PAGE, MAP_DATA);
	}
	publish();
	boot_stacks = (uintptr_t)va;
	stack_count = mapped ? count : 0;		     /* Guards exist only with stacks. */
	arch_cache_clean(&boot_stacks, sizeof(boot_stacks)); /* Cores read it with the MMU off. */
	return mapped;
}

void *arch_map_memory(uint64_t pa, uint64_t size)
{
	uint64_t from = pa & ~(PAGE - 1);
	uint64_t whole = ((pa + size + PAGE - 1) & ~(PAGE - 1)) - from;

	if (!size || pa + size < pa || pa + size > CPU_VA_END) {
		return NULL;
	}
	if (!ARCH_PLANS || !leads_to(from, from, whole, MAP_DATA & DESC_ATTR_MASK)) {
		if (!is_free(from, whole) || !mmu_map(from, from, whole, MAP_DATA)) {
			return NULL;
		}
		publish();
	}
	return (void *)(uintptr_t)pa;
}
