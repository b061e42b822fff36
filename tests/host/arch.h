/* SPDX-License-Identifier: BSD-2-Clause */
/* The architecture shim, host side: the names of boot/arm/arch.h for tests. Registers go through hooks. */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCH_CORES_MAX 8U
#define ARCH_NAME "host"

#define ARCH_ICC_CONTROL_EOI_MODE (1U << 1)

/* What is changed of it: ICC_SRE, ICC_CTLR, ICC_PMR, ICC_BPR1, ICC_IGRPEN1, ICC_AP1R0 to 3 (0 where it lacks them). */
struct arch_icc {
	uint32_t sre;
	uint32_t control;
	uint32_t priority_mask;
	uint32_t binary_point;
	uint32_t group_enable;
	uint32_t active[4];
};

/* What a test may set: who is asked for a register, which core is running, what happens at a sync point. */
struct arch_hooks {
	uint32_t (*read32)(const volatile void *reg);
	bool (*nobody)(const volatile void *reg); /* Whether a read of it aborts. */
	void (*write32)(volatile void *reg, uint32_t value);
	void (*look)(const volatile void *reg, size_t size); /* Before a read of 8 or 16 bits, */
	void (*wrote)(volatile void *reg, size_t size);	     /* and after a write. */
	void (*sync_point)(const char *name, const void *object);
	volatile void *(*map_device)(uint64_t pa, uint64_t size);
	void (*wmb)(void);
	void (*relax)(void); /* One turn of a wait. */
	void (*cache)(const volatile void *start, size_t size,
		      bool invalidate); /* A clean, perhaps with an invalidate. */
	uint32_t (*acknowledge)(void);	/* ICC_IAR1. */
	void (*end)(uint32_t intid);	/* ICC_EOIR1. */
	struct arch_icc icc;
	unsigned int core;
	uint64_t ticks; /* Grows with every arch_ticks(), so that every bounded wait ends: */
	uint64_t tick;	/* by that much, usually 1. */
	uint64_t wmb_count;
	uint64_t rmb_count;
	uint64_t dsb_count;
	uint64_t clean_count;
	uint64_t virt_count; /* Of arch_virt(): a walk asks for each table below the root. */
	uint64_t event_count;
};

extern struct arch_hooks arch_hooks;

/* Puts every hook back to plain memory accesses and the counters to zero. */
void arch_hooks_reset(void);

void arch_dsb(void);
void arch_dma_wmb(void);
void arch_dma_rmb(void);
unsigned int arch_core(void);
void arch_event_wait(void);
void arch_event_send(void);
void arch_relax(void);
void arch_sync_point(const char *name, const void *object);
void arch_lock_taken(unsigned int rank);
void arch_lock_released(unsigned int rank);
_Noreturn void arch_lock_stuck(unsigned int rank);
uint32_t arch_irq_save(void);
void arch_irq_restore(uint32_t saved);
uint64_t arch_ticks(void);
uint32_t arch_tick_hz(void);
void arch_sleep_us(uint32_t us);
bool arch_probe_read32(const volatile void *reg, uint32_t *value);
uint32_t arch_read32(const volatile void *reg);
void arch_write32(volatile void *reg, uint32_t value);
uint16_t arch_read16(const volatile void *reg);
void arch_write16(volatile void *reg, uint16_t value);
uint8_t arch_read8(const volatile void *reg);
void arch_write8(volatile void *reg, uint8_t value);
volatile void *arch_map_device(uint64_t pa, uint64_t size);
void *arch_map_memory(uint64_t pa, uint64_t size);
uint64_t arch_phys(const volatile void *object);
void *arch_virt(uint64_t pa);
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

void arch_cache_clean(const volatile void *start, size_t size);
void arch_cache_clean_invalidate(const volatile void *start, size_t size);
/*
 * Notes the calling core's interface in `found`, and turns it on: system registers, every priority, group 1, an end
 * that deactivates, no active priority.
 */
void arch_icc_enable(struct arch_icc *found);
void arch_icc_restore(const struct arch_icc *found);
uint32_t arch_icc_acknowledge(void);
void arch_icc_end(uint32_t intid);
uint32_t arch_affinity(void);

#endif
