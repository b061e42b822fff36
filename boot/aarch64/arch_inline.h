/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

#include <stdint.h>

#include "../cpu/arch_shared.h"

#define ARCH_NAME "aarch64"
#define ARCH_INLINE static inline
#define ARCH_MEMORY_END (1ULL << 48)
#define ARCH_MORE_CONSOLES true
#define ARCH_MORE_HOSTS true
#define ARCH_PLANS true
#define ARCH_STARTS_IMAGES true
#define ARCH_EXIT_RULE "off, return or next"

ARCH_INLINE unsigned int arch_core(void)
{
	uint64_t core;

	__asm__ volatile("mrs %0, tpidr_el1" : "=r"(core));
	return (unsigned int)core;
}

ARCH_INLINE uint32_t arch_irq_save(void)
{
	uint64_t daif;

	__asm__ volatile("mrs %0, daif\n\tmsr daifset, #2" : "=r"(daif)::"memory");
	return (uint32_t)daif;
}

ARCH_INLINE void arch_irq_restore(uint32_t saved)
{
	__asm__ volatile("msr daif, %0" ::"r"((uint64_t)saved) : "memory");
}

ARCH_INLINE uint64_t arch_ticks(void)
{
	uint64_t ticks;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks)::"memory");
	return ticks;
}

/* In assembly: a hypervisor cannot emulate an access with writeback (DDI 0487, ESR_ELx.ISS.ISV). */
ARCH_INLINE uint32_t arch_read32(const volatile void *reg)
{
	uint32_t value;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(reg) : "memory");
	return value;
}

ARCH_INLINE void arch_write32(volatile void *reg, uint32_t value)
{
	__asm__ volatile("str %w0, [%1]" ::"rZ"(value), "r"(reg) : "memory");
}

ARCH_INLINE uint16_t arch_read16(const volatile void *reg)
{
	uint32_t value;

	__asm__ volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(reg) : "memory");
	return (uint16_t)value;
}

ARCH_INLINE void arch_write16(volatile void *reg, uint16_t value)
{
	__asm__ volatile("strh %w0, [%1]" ::"rZ"((uint32_t)value), "r"(reg) : "memory");
}

ARCH_INLINE uint8_t arch_read8(const volatile void *reg)
{
	uint32_t value;

	__asm__ volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(reg) : "memory");
	return (uint8_t)value;
}

ARCH_INLINE void arch_write8(volatile void *reg, uint8_t value)
{
	__asm__ volatile("strb %w0, [%1]" ::"rZ"((uint32_t)value), "r"(reg) : "memory");
}

ARCH_INLINE void arch_store64(uint64_t *to, uint64_t value)
{
	__asm__ volatile("str %1, %0" : "=Qo"(*to) : "r"(value));
}

#endif
