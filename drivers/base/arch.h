/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor, as far as drivers/ may use it. boot/<arch>/ and tests/host/ implement all of it: ARCH_INLINE functions
 * in arch_inline.h, the others as functions. Any core, any lock held, unless a comment says otherwise.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch_icc.h"
#include "arch_inline.h" /* ARCH_NAME, ARCH_INLINE, inline functions. */

/* --- Barriers. --- */

/* Completes all earlier accesses, also to devices, before any later one. */
ARCH_INLINE void arch_dsb(void);

/* Orders stores to memory, as SMMU and DMA masters see them, before later stores to memory or devices. */
ARCH_INLINE void arch_dma_wmb(void);

/* Orders loads from memory or devices before later loads from memory that a device writes. */
ARCH_INLINE void arch_dma_rmb(void);

/* --- Cores and events. --- */

/* Number of the calling core: 0 is the boot core, the others in the order of the description. */
ARCH_INLINE unsigned int arch_core(void);

/* Sleeps until an event since the last call, or an interrupt; may return early. */
ARCH_INLINE void arch_event_wait(void);

/* Wakes every core in arch_event_wait(); earlier stores are visible to it. */
ARCH_INLINE void arch_event_send(void);

/* One round of a spin wait for another core. */
ARCH_INLINE void arch_relax(void);

/* A named point before an access to `object`, where a test may switch cores. Nothing on the target. */
ARCH_INLINE void arch_sync_point(const char *name, const void *object);

/* This core took, or released, a lock of this rank: test builds check the order. Nothing on the target. */
ARCH_INLINE void arch_lock_taken(unsigned int rank);

ARCH_INLINE void arch_lock_released(unsigned int rank);

/* Masks interrupts on this core; the result is for arch_irq_restore(). */
ARCH_INLINE uint32_t arch_irq_save(void);

ARCH_INLINE void arch_irq_restore(uint32_t saved);

/* --- Time: the architected virtual counter. --- */

ARCH_INLINE uint64_t arch_ticks(void);

/* Ticks per second; never 0 (boot replaces an unset CNTFRQ by the platform's figure). */
uint32_t arch_tick_hz(void);

/*
 * Sleeps about `us` microseconds (1 to 1 000 000), less if an interrupt comes; spins if no timer interrupt is
 * described. Interrupts enabled, no lock held.
 */
void arch_sleep_us(uint32_t us);

/* --- Device registers: aligned accesses of the named size, in program order (Device memory). --- */

/*
 * Reads a register that may not exist. False: an external abort, synchronous or not. Any value read is a value. No lock
 * held; interrupts are masked meanwhile.
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
 * Maps [pa, pa + size) as Device-nGnRE, read-write, execute-never; the same address for a range that is mapped. NULL:
 * no room for it, or beyond 2^40. Boot core, before other cores use the result.
 */
volatile void *arch_map_device(uint64_t pa, uint64_t size);

/*
 * Maps RAM as Normal, write-back, shareable, read-write, execute-never, at the address `pa`. NULL: it ends too far up
 * or overlaps a device window. Boot core.
 */
void *arch_map_memory(uint64_t pa, uint64_t size);

/* Physical address of an object in RAM (one to one), and back. */
ARCH_INLINE uint64_t arch_phys(const volatile void *object);

ARCH_INLINE void *arch_virt(uint64_t pa);

/* One single-copy atomic 64-bit store (AArch32: aligned STRD with LPAE). */
ARCH_INLINE void arch_store64(uint64_t *to, uint64_t value);

/* Stores `pattern` `count` times; both pointers are aligned to 8. */
void arch_fill64(void *start, const uint64_t pattern[8], size_t count);

/* Clean, or clean and invalidate, a range of the data cache to the point of coherency. */
void arch_cache_clean(const volatile void *start, size_t size);
void arch_cache_clean_invalidate(const volatile void *start, size_t size);

/* --- GICv3 CPU interface (ICC_* system registers). --- */

/*
 * Saves the core's interface in `found` and turns it on: system registers, all priorities, group 1, EOI deactivates, no
 * active priority.
 */
void arch_icc_enable(struct arch_icc *found);
void arch_icc_restore(const struct arch_icc *found);
uint32_t arch_icc_acknowledge(void); /* ICC_IAR1. */
void arch_icc_end(uint32_t intid);   /* ICC_EOIR1. */
uint32_t arch_affinity(void);	     /* Aff3 to Aff0 of MPIDR, a byte each. */

#endif
