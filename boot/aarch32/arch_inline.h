/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

#include <stdint.h>

#include "../cpu/arch_shared.h"

#define ARCH_NAME "aarch32"
#define ARCH_INLINE static inline
#define ARCH_MEMORY_END (1ULL << 32)
#define ARCH_MORE_CONSOLES false
#define ARCH_MORE_HOSTS false
#define ARCH_PLANS false
#ifdef WITH_NEXT
#define ARCH_STARTS_IMAGES true
#define ARCH_EXIT_RULE "off, return or next"
#else
#define ARCH_STARTS_IMAGES false
#define ARCH_EXIT_RULE "off or return"
#endif

ARCH_INLINE unsigned int arch_core(void)
{
	uint32_t core;

	__asm__ volatile("mrc p15, 0, %0, c13, c0, 4" : "=r"(core)); /* TPIDRPRW */
	return core;
}

ARCH_INLINE uint32_t arch_irq_save(void)
{
	uint32_t cpsr;

	__asm__ volatile("mrs %0, cpsr\n\tcpsid i" : "=r"(cpsr)::"memory");
	return cpsr;
}

ARCH_INLINE void arch_irq_restore(uint32_t saved)
{
	__asm__ volatile("msr cpsr_c, %0" ::"r"(saved) : "memory");
}

ARCH_INLINE uint64_t arch_ticks(void)
{
	uint64_t ticks;

	__asm__ volatile("isb\n\tmrrc p15, 1, %Q0, %R0, c14" : "=r"(ticks)::"memory"); /* CNTVCT */
	return ticks;
}

ARCH_INLINE uint32_t arch_read32(const volatile void *reg)
{
	return *(const volatile uint32_t *)reg;
}

ARCH_INLINE void arch_write32(volatile void *reg, uint32_t value)
{
	*(volatile uint32_t *)reg = value;
}

ARCH_INLINE uint16_t arch_read16(const volatile void *reg)
{
	return *(const volatile uint16_t *)reg;
}

ARCH_INLINE void arch_write16(volatile void *reg, uint16_t value)
{
	*(volatile uint16_t *)reg = value;
}

ARCH_INLINE uint8_t arch_read8(const volatile void *reg)
{
	return *(const volatile uint8_t *)reg;
}

ARCH_INLINE void arch_write8(volatile void *reg, uint8_t value)
{
	*(volatile uint8_t *)reg = value;
}

ARCH_INLINE void arch_store64(uint64_t *to, uint64_t value)
{
	__asm__ volatile("strd %Q1, %R1, %0" : "=m"(*to) : "r"(value));
}

#endif
