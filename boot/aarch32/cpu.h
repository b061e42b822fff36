/* SPDX-License-Identifier: BSD-2-Clause */
/* AArch32 registers and instructions; aarch64/cpu.h has the same names. */
#ifndef CPU_H
#define CPU_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t cpu_word;

/* --- cp15 registers. --- */

#define CPU_READ(reg, value) __asm__ volatile("mrc p15, " reg : "=r"(value)::"memory")
#define CPU_WRITE(reg, value) __asm__ volatile("mcr p15, " reg "\n\tisb" ::"r"((cpu_word)(value)) : "memory")

#define CPU_FAULT_FNV 0x10000U /* DFSR, IFSR: DFAR or IFAR is not valid. */

#define CPU_CTR "0, %0, c0, c0, 1"
#define CPU_MPIDR "0, %0, c0, c0, 5"
#define CPU_ISR "0, %0, c12, c1, 0"

#define CPU_CNTFRQ "0, %0, c14, c0, 0"
#define CPU_CNTP_CTL "0, %0, c14, c2, 1"
#define CPU_CNTV_TVAL "0, %0, c14, c3, 0"
#define CPU_CNTV_CTL "0, %0, c14, c3, 1"

#define CPU_PMCR "0, %0, c9, c12, 0"
#define CPU_PMCNTENSET "0, %0, c9, c12, 1"
#define CPU_PMSELR "0, %0, c9, c12, 5"
#define CPU_PMXEVTYPER "0, %0, c9, c13, 1"
#define CPU_PMXEVCNTR "0, %0, c9, c13, 2"

#define CPU_ICC_PMR "0, %0, c4, c6, 0"
#define CPU_ICC_AP1R0 "0, %0, c12, c9, 0"
#define CPU_ICC_AP1R1 "0, %0, c12, c9, 1"
#define CPU_ICC_AP1R2 "0, %0, c12, c9, 2"
#define CPU_ICC_AP1R3 "0, %0, c12, c9, 3"
#define CPU_ICC_IAR1 "0, %0, c12, c12, 0"
#define CPU_ICC_EOIR1 "0, %0, c12, c12, 1"
#define CPU_ICC_BPR1 "0, %0, c12, c12, 3"
#define CPU_ICC_CTLR "0, %0, c12, c12, 4"
#define CPU_ICC_SRE "0, %0, c12, c12, 5"
#define CPU_ICC_IGRPEN1 "0, %0, c12, c12, 7"

#define CPU_MPIDR_AFFINITY 0xffffffU

/* As in GICR_TYPER. */
static inline uint32_t cpu_packed_affinity(cpu_word mpidr)
{
	return mpidr & CPU_MPIDR_AFFINITY;
}

/* --- Masks, sleep, caches. --- */

/* An earlier access's effects have come, or are pending. */
static inline void cpu_finish_accesses(void)
{
	__asm__ volatile("dsb sy\n\tisb" ::: "memory");
}

static inline void cpu_unmask_aborts(void)
{
	__asm__ volatile("cpsie a" ::: "memory");
}

static inline void cpu_unmask_interrupts(void)
{
	__asm__ volatile("cpsie i" ::: "memory");
}

static inline void cpu_mask_all(void)
{
	__asm__ volatile("cpsid aif" ::: "memory");
}

/* Sleeps until an interrupt is pending, masked or not. */
static inline void cpu_sleep(void)
{
	__asm__ volatile("dsb\n\twfi" ::: "memory");
}

/* To the point of coherency. */
static inline void cpu_clean_line(uintptr_t address)
{
	__asm__ volatile("mcr p15, 0, %0, c7, c10, 1" ::"r"(address) : "memory"); /* DCCMVAC */
}

static inline void cpu_clean_invalidate_line(uintptr_t address)
{
	__asm__ volatile("mcr p15, 0, %0, c7, c14, 1" ::"r"(address) : "memory"); /* DCCIMVAC */
}

/* --- Translation: long descriptors. --- */

#define CPU_ROOT_LEVEL 1U
#define CPU_TABLES 20U /* Before there is an arena. */
#define CPU_VA_END (1ULL << 32)
/* For devices without a one-to-one mapping, and stacks. */
#define CPU_WINDOWS_BASE 0xc0000000ULL
#define CPU_WINDOWS_END 0xffe00000ULL

/* End of what a descriptor can hold. */
static inline uint64_t cpu_pa_end(void)
{
	return 1ULL << 40;
}

/* Entries only became valid: nothing to invalidate. */
static inline void cpu_publish_tables(void)
{
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

/* --- PSCI (DEN0022). --- */

#define CPU_PSCI_64 0U /* For numbers with a 64-bit form. */

#define CPU_CALL(instruction, function, first, second, third)                                                          \
	register uint32_t r0 __asm__("r0") = (function);                                                               \
	register uint32_t r1 __asm__("r1") = (first);                                                                  \
	register uint32_t r2 __asm__("r2") = (second);                                                                 \
	register uint32_t r3 __asm__("r3") = (third);                                                                  \
	__asm__ volatile(instruction : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)::"memory", "ip");                        \
	return (int32_t)r0

static inline int32_t cpu_hvc(uint32_t function, cpu_word first, cpu_word second, cpu_word third)
{
	CPU_CALL(".arch_extension virt\n\thvc #0", function, first, second, third);
}

static inline int32_t cpu_smc(uint32_t function, cpu_word first, cpu_word second, cpu_word third)
{
	CPU_CALL(".arch_extension sec\n\tsmc #0", function, first, second, third);
}

static inline bool cpu_is_call(uintptr_t pc)
{
	uint32_t code = (uint32_t) * (const uint16_t *)pc << 16 | *(const uint16_t *)(pc + 2);

	return (code & 0xfff0f000U) == 0xf7f08000U || (code & 0xfff0f000U) == 0xf7e08000U;
}

#endif
