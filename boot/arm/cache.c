/* SPDX-License-Identifier: BSD-2-Clause */
/* Data cache maintenance by address, to the point of coherency. */
#include "arch.h"

static uint32_t line_size(void)
{
	uint32_t ctr;

	__asm__("mrc p15, 0, %0, c0, c0, 1" : "=r"(ctr));
	return 4U << (ctr >> 16 & 0xfU); /* DminLine: log2 of words. */
}

/* Out of line, both: most callers have an SMMU that snoops, and no need of them. */
__attribute__((noinline)) void arch_cache_clean(const volatile void *start, size_t size)
{
	uint32_t line = line_size();
	uintptr_t end = (uintptr_t)start + size;

	for (uintptr_t at = (uintptr_t)start & ~(uintptr_t)(line - 1); at < end; at += line) {
		__asm__ volatile("mcr p15, 0, %0, c7, c10, 1" ::"r"(at) : "memory"); /* DCCMVAC */
	}
	arch_dsb();
}

__attribute__((noinline)) void arch_cache_clean_invalidate(const volatile void *start, size_t size)
{
	uint32_t line = line_size();
	uintptr_t end = (uintptr_t)start + size;

	for (uintptr_t at = (uintptr_t)start & ~(uintptr_t)(line - 1); at < end; at += line) {
		__asm__ volatile("mcr p15, 0, %0, c7, c14, 1" ::"r"(at) : "memory"); /* DCCIMVAC */
	}
	arch_dsb();
}
