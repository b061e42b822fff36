/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor as drivers/ may use it; boot/<arch>/ and tests/host/ implement it. Any core, any lock held, unless
 * noted.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch_icc.h"
#include "arch_inline.h"

/* Completes all earlier accesses, also to devices, before any later one. */
ARCH_INLINE void arch_dsb(void);

/* Orders stores to memory, as SMMU and DMA masters see them, before later stores to memory or devices. */
ARCH_INLINE void arch_dma_wmb(void);

/* Orders loads from memory or devices before later loads from memory that a device writes. */
ARCH_INLINE void arch_dma_rmb(void);

/* The boot core is 0; the others follow the description's order. */
ARCH_INLINE unsigned int arch_core(void);

/* Sleeps until an event since the last call, or an interrupt; may return early. */
ARCH_INLINE void arch_event_wait(void);

/* Wakes every waiting core, which then sees earlier stores. */
ARCH_INLINE void arch_event_send(void);

ARCH_INLINE void arch_relax(void);

/* Tests may switch cores here, before an access to `object`. */
ARCH_INLINE void arch_sync_point(const char *name, const void *object);

/* Test builds check the order of ranks here. */
ARCH_INLINE void arch_lock_taken(unsigned int rank);

ARCH_INLINE void arch_lock_released(unsigned int rank);

/* The result is for arch_irq_restore(). */
ARCH_INLINE uint32_t arch_irq_save(void);

ARCH_INLINE void arch_irq_restore(uint32_t saved);

/* --- The virtual counter. --- */

ARCH_INLINE uint64_t arch_ticks(void);

/* Never 0: boot replaces an unset CNTFRQ by the platform's figure. */
uint32_t arch_tick_hz(void);

/*
 * Sleeps about `us` (1 to 1 000 000), less if interrupted; spins without a described timer interrupt. Interrupts
 * enabled, no lock held.
 */
void arch_sleep_us(uint32_t us);

/* --- Device registers: aligned accesses, in program order (Device memory). --- */

/*
 * Reads a register that may not exist; false only on an external abort, also asynchronous. Masks interrupts meanwhile.
 * No lock held, except of LOCK_RANK_PCI.
 */
bool arch_probe_read32(const volatile void *reg, uint32_t *value);

ARCH_INLINE uint32_t arch_read32(const volatile void *reg);

ARCH_INLINE void arch_write32(volatile void *reg, uint32_t value);

ARCH_INLINE uint16_t arch_read16(const volatile void *reg);

ARCH_INLINE void arch_write16(volatile void *reg, uint16_t value);

ARCH_INLINE uint8_t arch_read8(const volatile void *reg);

ARCH_INLINE void arch_write8(volatile void *reg, uint8_t value);

/* --- Memory: one to one below ARCH_MEMORY_END. --- */

/*
 * Device-nGnRE, read-write, execute-never; the same address if mapped already. NULL: no room, or beyond 2^40. Boot
 * core, before others use the result.
 */
volatile void *arch_map_device(uint64_t pa, uint64_t size);

/*
 * Maps RAM Normal, write-back, shareable, read-write, execute-never; what is mapped so stays as it is. NULL: too far
 * up, or a part is mapped, otherwise too.
 * Boot core.
 */
void *arch_map_memory(uint64_t pa, uint64_t size);

ARCH_INLINE uint64_t arch_phys(const volatile void *object);

ARCH_INLINE void *arch_virt(uint64_t pa);

/* Single-copy atomic (AArch32: aligned STRD with LPAE). */
ARCH_INLINE void arch_store64(uint64_t *to, uint64_t value);

/* Both pointers are aligned to 8. */
void arch_fill64(void *start, const uint64_t pattern[8], size_t count);

/* Both to the point of coherency. */
void arch_cache_clean(const volatile void *start, size_t size);
void arch_cache_clean_invalidate(const volatile void *start, size_t size);

/* --- GICv3 CPU interface. --- */

/*
 * Saves the interface in `found`; enables system registers, all priorities, group 1, EOI that deactivates; clears
 * active priorities.
 */
void arch_icc_enable(struct arch_icc *found);
void arch_icc_restore(const struct arch_icc *found);
uint32_t arch_icc_acknowledge(void); /* ICC_IAR1. */
void arch_icc_end(uint32_t intid);   /* ICC_EOIR1. */
uint32_t arch_affinity(void);	     /* Aff3 to Aff0, a byte each. */

#endif
