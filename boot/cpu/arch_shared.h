/* SPDX-License-Identifier: BSD-2-Clause */
/* What both widths share of base/arch.h, for arch_inline.h. */
#ifndef ARCH_SHARED_H
#define ARCH_SHARED_H

#include <stdint.h>

/* For base/feature.h. */
#define ARCH_OPTIONAL __attribute__((weak))
#define ARCH_LINKS_ALL false

static inline void arch_dsb(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}

static inline void arch_dma_wmb(void)
{
	__asm__ volatile("dsb st" ::: "memory");
}

static inline void arch_dma_rmb(void)
{
	__asm__ volatile("dmb sy" ::: "memory");
}

static inline void arch_event_wait(void)
{
	__asm__ volatile("wfe" ::: "memory");
}

static inline void arch_event_send(void)
{
	__asm__ volatile("dsb ish\n\tsev" ::: "memory");
}

static inline void arch_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

static inline void arch_sync_point(const char *name, const void *object)
{
	(void)name;
	(void)object;
}

static inline void arch_lock_taken(unsigned int rank)
{
	(void)rank;
}

static inline void arch_lock_released(unsigned int rank)
{
	(void)rank;
}

static inline uint64_t arch_phys(const volatile void *object)
{
	return (uint64_t)(uintptr_t)object;
}

static inline void *arch_virt(uint64_t pa)
{
	return (void *)(uintptr_t)pa;
}

#endif
