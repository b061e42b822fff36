/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor, as the only facilities of it that drivers/ may use. boot/<arch>/ and tests/host/ implement all of it:
 * what is ARCH_INLINE in an arch_inline.h, the rest as functions. Any core may call any of these with any lock held
 * unless a comment says otherwise.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch_icc.h"
#include "arch_inline.h" /* ARCH_NAME, ARCH_INLINE and the inline functions. */

/* --- Barriers. ------------------------------------------------------------------------------------------------- */

/* Every earlier access is complete before any later one begins, towards devices as well. */
ARCH_INLINE void arch_dsb(void);

/* Earlier stores to memory are observed by the SMMU and by DMA masters before later stores to memory or devices. */
ARCH_INLINE void arch_dma_wmb(void);

/* Earlier loads from memory or devices are complete before later loads from memory that a device writes. */
ARCH_INLINE void arch_dma_rmb(void);

/* --- Cores and events. ------------------------------------------------------------------------------------------ */

/* The number of the calling core: 0 for the one that booted, then in the order of the description. */
ARCH_INLINE unsigned int arch_core(void);

/* Sleeps until an event was sent since the last call, or an interrupt; may return early. */
ARCH_INLINE void arch_event_wait(void);

/* Wakes every core that sleeps in arch_event_wait(); what was stored before is visible to it. */
ARCH_INLINE void arch_event_send(void);

/* One turn of a spinning wait for another core. */
ARCH_INLINE void arch_relax(void);

/*
 * What this core is about to do to `object`: a place where a test may stop it and run another one. Nothing on the
 * target.
 */
ARCH_INLINE void arch_sync_point(const char *name, const void *object);

/* A lock of this rank was taken, or given back, by this core: a test build checks the order. Nothing on the target. */
ARCH_INLINE void arch_lock_taken(unsigned int rank);

ARCH_INLINE void arch_lock_released(unsigned int rank);

/* A lock was never given back: ends the run and says so. */
_Noreturn void arch_lock_stuck(unsigned int rank);

/* Masks interrupts on the calling core; returns what arch_irq_restore() wants back. */
ARCH_INLINE uint32_t arch_irq_save(void);

ARCH_INLINE void arch_irq_restore(uint32_t saved);

/* --- Time: the architected virtual counter. --------------------------------------------------------------------- */

ARCH_INLINE uint64_t arch_ticks(void);

/* Ticks per second; never 0 after boot (boot replaces an unset CNTFRQ by the platform's figure). */
uint32_t arch_tick_hz(void);

/*
 * Sleeps on the calling core for about `us` microseconds (1 to 1 000 000), or less when an interrupt comes. Interrupts
 * must be enabled and no lock held. Falls back to spinning where no timer interrupt is described.
 */
void arch_sleep_us(uint32_t us);

/* --- Device registers: always 32-bit accesses, aligned; Device memory keeps them in program order. ------------- */

/*
 * Reads a register that may not be there: false where the read is answered by an external abort, synchronous or not.
 * What is read from a hole that answers with a value is a value. Any core, no lock; interrupts are off meanwhile.
 */
bool arch_probe_read32(const volatile void *reg, uint32_t *value);

ARCH_INLINE uint32_t arch_read32(const volatile void *reg);

ARCH_INLINE void arch_write32(volatile void *reg, uint32_t value);

ARCH_INLINE uint16_t arch_read16(const volatile void *reg);

ARCH_INLINE void arch_write16(volatile void *reg, uint16_t value);

ARCH_INLINE uint8_t arch_read8(const volatile void *reg);

ARCH_INLINE void arch_write8(volatile void *reg, uint8_t value);

/* --- Memory: one to one below ARCH_MEMORY_END. ------------------------------------------------------------------ */

/*
 * Maps `size` bytes at physical `pa` as Device-nGnRE, read-write, execute-never, and returns where. Asking again for
 * what is mapped already gives the same address. NULL if the address space (or the tables) for it have run out, or if
 * `pa` + `size` passes 2^40. Boot core only, before other cores use the result.
 */
volatile void *arch_map_device(uint64_t pa, uint64_t size);

/*
 * Maps RAM at `pa` as Normal, write-back, shareable, read-write, execute-never, at the address equal to `pa`. NULL if
 * it does not end below 4 GiB or collides with a device window. Boot core only.
 */
void *arch_map_memory(uint64_t pa, uint64_t size);

/* The physical address of an object in RAM (mapped one to one), and back. */
ARCH_INLINE uint64_t arch_phys(const volatile void *object);

ARCH_INLINE void *arch_virt(uint64_t pa);

/* One 64-bit store, never two halves to whoever reads it: LPAE makes an aligned STRD to Normal memory one access. */
ARCH_INLINE void arch_store64(uint64_t *to, uint64_t value);

/* Writes `count` times the 64 bytes of `pattern`, one behind the other; both are aligned to 8. */
void arch_fill64(void *start, const uint64_t pattern[8], size_t count);

/* Cleans (writes back), or cleans and invalidates, the data cache to the point of coherency over a range. */
void arch_cache_clean(const volatile void *start, size_t size);
void arch_cache_clean_invalidate(const volatile void *start, size_t size);

/* --- The GICv3 processor interface (ICC_* registers are co-processor accesses). --------------------------------- */

/*
 * Notes the calling core's interface in `found`, and turns it on: system registers, every priority, group 1, an end
 * that deactivates, no active priority.
 */
void arch_icc_enable(struct arch_icc *found);
void arch_icc_restore(const struct arch_icc *found);
uint32_t arch_icc_acknowledge(void); /* ICC_IAR1. */
void arch_icc_end(uint32_t intid);   /* ICC_EOIR1. */
uint32_t arch_affinity(void);	     /* MPIDR's Aff3 to Aff0 of the calling core, a byte each. */

#endif
