/* SPDX-License-Identifier: BSD-2-Clause */
/* Shim: identity-addressed, coherent memory. */
#include "base/arch.h"

uint64_t arch_phys(const volatile void *object)
{
	return (uint64_t)(uintptr_t)object;
}

void *arch_virt(uint64_t pa)
{
	return (void *)(uintptr_t)pa;
}

void arch_cache_clean(const volatile void *start, size_t size)
{
	(void)start;
	(void)size;
}

void arch_cache_clean_invalidate(const volatile void *start, size_t size)
{
	(void)start;
	(void)size;
}
