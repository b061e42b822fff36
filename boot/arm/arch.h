/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The architecture shim, AArch32 side: the only processor facilities that drivers/ may use. tests/host/arch.h offers
 * the same names on a host, so that the very same drivers/ sources compile there. Any core may call any of these with
 * any lock held unless a comment says otherwise.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCH_CORES_MAX 8U
#define ARCH_NAME "aarch32"

/* --- Barriers. ------------------------------------------------------------------------------------------------- */

/* Every earlier access is complete before any later one begins, towards devices as well. */
static inline void arch_dsb(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}

/* Earlier stores to memory are observed by the SMMU and by DMA masters before later stores to memory or devices. */
static inline void arch_dma_wmb(void)
{
	__asm__ volatile("dsb st" ::: "memory");
}

/* Earlier loads from memory or devices are complete before later loads from memory that a device writes. */
static inline void arch_dma_rmb(void)
{
	__asm__ volatile("dmb sy" ::: "memory");
}

/* --- Cores and events. ------------------------------------------------------------------------------------------ */

/* The number of the calling core: 0 for the one that booted, then in the order of the description. */
static inline unsigned int arch_core(void)
{
	uint32_t core;

	__asm__ volatile("mrc p15, 0, %0, c13, c0, 4" : "=r"(core)); /* TPIDRPRW */
	return core;
}

/* Sleeps until an event was sent since the last call, or an interrupt; may return early. */
static inline void arch_event_wait(void)
{
	__asm__ volatile("wfe" ::: "memory");
}

/* Wakes every core that sleeps in arch_event_wait(); what was stored before is visible to it. */
static inline void arch_event_send(void)
{
	__asm__ volatile("dsb ish\n\tsev" ::: "memory");
}

/* One turn of a spinning wait for another core. */
static inline void arch_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

/*
 * What this core is about to do to `object`: a place where a test may stop it and run another one. Nothing on the
 * target.
 */
static inline void arch_sync_point(const char *name, const void *object)
{
	(void)name;
	(void)object;
}

/* A lock of this rank was taken, or given back, by this core: a test build checks the order. Nothing on the target. */
static inline void arch_lock_taken(unsigned int rank)
{
	(void)rank;
}

static inline void arch_lock_released(unsigned int rank)
{
	(void)rank;
}

/* A lock was never given back: ends the run and says so. */
_Noreturn void arch_lock_stuck(unsigned int rank);

/* Masks interrupts on the calling core; returns what arch_irq_restore() wants back. */
static inline uint32_t arch_irq_save(void)
{
	uint32_t cpsr;

	__asm__ volatile("mrs %0, cpsr\n\tcpsid i" : "=r"(cpsr)::"memory");
	return cpsr;
}

static inline void arch_irq_restore(uint32_t saved)
{
	__asm__ volatile("msr cpsr_c, %0" ::"r"(saved) : "memory");
}

/* --- Time: the architected virtual counter. --------------------------------------------------------------------- */

static inline uint64_t arch_ticks(void)
{
	uint64_t ticks;

	__asm__ volatile("isb\n\tmrrc p15, 1, %Q0, %R0, c14" : "=r"(ticks)::"memory"); /* CNTVCT */
	return ticks;
}

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

static inline uint32_t arch_read32(const volatile void *reg)
{
	return *(const volatile uint32_t *)reg;
}

static inline void arch_write32(volatile void *reg, uint32_t value)
{
	*(volatile uint32_t *)reg = value;
}

static inline uint16_t arch_read16(const volatile void *reg)
{
	return *(const volatile uint16_t *)reg;
}

static inline void arch_write16(volatile void *reg, uint16_t value)
{
	*(volatile uint16_t *)reg = value;
}

static inline uint8_t arch_read8(const volatile void *reg)
{
	return *(const volatile uint8_t *)reg;
}

static inline void arch_write8(volatile void *reg, uint8_t value)
{
	*(volatile uint8_t *)reg = value;
}

/* --- Memory. ---------------------------------------------------------------------------------------------------- */

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
static inline uint64_t arch_phys(const volatile void *object)
{
	return (uint64_t)(uintptr_t)object;
}

static inline void *arch_virt(uint64_t pa)
{
	return (void *)(uintptr_t)pa; /* Whoever holds such a `pa` got it from arch_phys(). */
}

/* One 64-bit store, never two halves to whoever reads it: LPAE makes an aligned STRD to Normal memory one access. */
static inline void arch_store64(uint64_t *to, uint64_t value)
{
	__asm__ volatile("strd %Q1, %R1, %0" : "=m"(*to) : "r"(value));
}

/* Writes `count` times the 64 bytes of `pattern`, one behind the other; both are aligned to 8. */
void arch_fill64(void *start, const uint64_t pattern[8], size_t count);

/* Cleans (writes back), or cleans and invalidates, the data cache to the point of coherency over a range. */
void arch_cache_clean(const volatile void *start, size_t size);
void arch_cache_clean_invalidate(const volatile void *start, size_t size);

/* --- The GICv3 processor interface (ICC_* registers are co-processor accesses). --------------------------------- */

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

/*
 * Notes the calling core's interface in `found`, and turns it on: system registers, every priority, group 1, an end
 * that deactivates, no active priority.
 */
void arch_icc_enable(struct arch_icc *found);
void arch_icc_restore(const struct arch_icc *found);
uint32_t arch_icc_acknowledge(void); /* ICC_IAR1. */
void arch_icc_end(uint32_t intid);   /* ICC_EOIR1. */
uint32_t arch_affinity(void);	     /* MPIDR's Aff2..Aff0 of the calling core. */

#endif
