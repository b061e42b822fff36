/* SPDX-License-Identifier: BSD-2-Clause */
/* base/arch.h's inline part for tests on a host: registers go through hooks. */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arch_icc.h"

#define ARCH_NAME "host"
#define ARCH_MORE_CONSOLES true
#define ARCH_MORE_HOSTS true
#define ARCH_PLANS true
#define ARCH_STARTS_IMAGES true
#define ARCH_EXIT_RULE "off, return or next"
#define ARCH_INLINE
/* Host programs have every feature; a weak reference would take no file out of an archive. */
#define ARCH_OPTIONAL
#define ARCH_LINKS_ALL true

/* Settable: registers' answers, the core, sync points. */
struct arch_hooks {
	uint32_t (*read32)(const volatile void *reg);
	bool (*is_absent)(const volatile void *reg); /* No device: a read aborts. */
	void (*write32)(volatile void *reg, uint32_t value);
	void (*look)(const volatile void *reg, size_t size); /* Before an 8- or 16-bit read, */
	void (*wrote)(volatile void *reg, size_t size);	     /* and after a write. */
	void (*sync_point)(const char *name, const void *object);
	volatile void *(*map_device)(uint64_t pa, uint64_t size);
	uint64_t (*phys)(const volatile void *object); /* Else the host's pointer. */
	void (*wmb)(void);
	void (*relax)(void); /* One turn of a wait. */
	void (*cache)(const volatile void *start, size_t size,
		      bool invalidate); /* A clean, with or without an invalidate. */
	uint32_t (*acknowledge)(void);	/* ICC_IAR1. */
	void (*end)(uint32_t intid);	/* ICC_EOIR1. */
	struct arch_icc icc;
	unsigned int core;
	uint64_t ticks; /* Grows with arch_ticks(), so bounded waits end: */
	uint64_t tick;	/* by that, usually 1. */
	uint64_t wmb_count;
	uint64_t rmb_count;
	uint64_t dsb_count;
	uint64_t clean_count;
	uint64_t virt_count; /* arch_virt() calls: one for each table below the root. */
	uint64_t event_count;
};

extern struct arch_hooks arch_hooks;

/* Plain memory accesses, counters zero. */
void arch_hooks_reset(void);

static inline void arch_store64(uint64_t *to, uint64_t value)
{
	__atomic_store_n(to, value, __ATOMIC_RELAXED);
}

static inline void arch_fill64(void *start, const uint64_t pattern[8], size_t count)
{
	uint64_t *to = start;

	for (size_t i = 0; i < 8 * count; i++) {
		arch_store64(&to[i], pattern[i % 8]);
	}
}

#endif
