/* SPDX-License-Identifier: BSD-2-Clause */
/* AArch64 registers and instructions; aarch32/cpu.h has the same names. */
#ifndef CPU_H
#define CPU_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t cpu_word;

/* --- System registers. --- */

#define CPU_READ(reg, value) __asm__ volatile("mrs %x0, " reg : "=r"(value)::"memory")
#define CPU_WRITE(reg, value) __asm__ volatile("msr " reg ", %0\n\tisb" ::"r"((cpu_word)(value)) : "memory")

#define CPU_FAULT_FNV 0x400U /* ESR_ELx.ISS: FAR is not valid. */

#define CPU_CTR "ctr_el0"
#define CPU_MPIDR "mpidr_el1"
#define CPU_ISR "isr_el1"

#define CPU_CNTFRQ "cntfrq_el0"
#define CPU_CNTP_CTL "cntp_ctl_el0"
#define CPU_CNTV_TVAL "cntv_tval_el0"
#define CPU_CNTV_CTL "cntv_ctl_el0"

#define CPU_PMCR "pmcr_el0"
#define CPU_PMCNTENSET "pmcntenset_el0"
#define CPU_PMSELR "pmselr_el0"
#define CPU_PMXEVTYPER "pmxevtyper_el0"
#define CPU_PMXEVCNTR "pmxevcntr_el0"

#define CPU_ICC_PMR "s3_0_c4_c6_0"
#define CPU_ICC_AP1R0 "s3_0_c12_c9_0"
#define CPU_ICC_AP1R1 "s3_0_c12_c9_1"
#define CPU_ICC_AP1R2 "s3_0_c12_c9_2"
#define CPU_ICC_AP1R3 "s3_0_c12_c9_3"
#define CPU_ICC_IAR1 "s3_0_c12_c12_0"
#define CPU_ICC_EOIR1 "s3_0_c12_c12_1"
#define CPU_ICC_BPR1 "s3_0_c12_c12_3"
#define CPU_ICC_CTLR "s3_0_c12_c12_4"
#define CPU_ICC_SRE "s3_0_c12_c12_5"
#define CPU_ICC_IGRPEN1 "s3_0_c12_c12_7"

#define CPU_MPIDR_AFFINITY 0xff00ffffffULL

/* As in GICR_TYPER. */
static inline uint32_t cpu_packed_affinity(cpu_word mpidr)
{
	return (uint32_t)((mpidr & 0xffffffU) | (mpidr >> 8 & 0xff000000U));
}

/* --- Masks, sleep, caches. --- */

/* An earlier access's effects have come, or are pending. */
static inline void cpu_finish_accesses(void)
{
	__asm__ volatile("dsb sy\n\tisb" ::: "memory");
}

static inline void cpu_unmask_aborts(void)
{
	__asm__ volatile("msr daifclr, #4" ::: "memory");
}

static inline void cpu_unmask_interrupts(void)
{
	__asm__ volatile("msr daifclr, #2" ::: "memory");
}

static inline void cpu_mask_all(void)
{
	__asm__ volatile("msr daifset, #0xf" ::: "memory");
}

/* Sleeps until an interrupt is pending, masked or not. */
static inline void cpu_sleep(void)
{
	__asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

/* To the point of coherency. */
static inline void cpu_clean_line(uintptr_t address)
{
	__asm__ volatile("dc cvac, %0" ::"r"(address) : "memory");
}

static inline void cpu_clean_invalidate_line(uintptr_t address)
{
	__asm__ volatile("dc civac, %0" ::"r"(address) : "memory");
}

/* --- Translation: 48-bit addresses. --- */

#define CPU_ROOT_LEVEL 0U
#define CPU_TABLES 24U /* Before there is an arena. */
#define CPU_VA_END (1ULL << 48)
/* For devices without a one-to-one mapping, and stacks. */
#define CPU_WINDOWS_BASE 0xff0000000000ULL
#define CPU_WINDOWS_END 0xffffffe00000ULL

#define CPU_PARANGE_48_BITS 5U
#define CPU_PARANGE_BITS_MAX 48U

/* End of what core and descriptor can hold. */
static inline uint64_t cpu_pa_end(void)
{
	static const uint8_t bits[] = {32, 36, 40, 42, 44, CPU_PARANGE_BITS_MAX};
	uint64_t range;

	CPU_READ("id_aa64mmfr0_el1", range);
	range &= 0xfU;
	return 1ULL << (range < CPU_PARANGE_48_BITS ? bits[range] : CPU_PARANGE_BITS_MAX);
}

/* Entries only became valid: nothing to invalidate. */
static inline void cpu_publish_tables(void)
{
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

/* --- PSCI (DEN0022). --- */

#define CPU_PSCI_64 0x40000000U

/* SMCCC 1.0: x4 to x17 may change. */
#define CPU_CALL(instruction, function, first, second, third)                                                          \
	register uint64_t x0 __asm__("x0") = (function);                                                               \
	register uint64_t x1 __asm__("x1") = (first);                                                                  \
	register uint64_t x2 __asm__("x2") = (second);                                                                 \
	register uint64_t x3 __asm__("x3") = (third);                                                                  \
	__asm__ volatile(instruction                                                                                   \
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory", "x4", "x5", "x6", "x7", "x8", "x9",       \
			   "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17");                                    \
	return (int32_t)x0

static inline int32_t cpu_hvc(uint32_t function, cpu_word first, cpu_word second, cpu_word third)
{
	CPU_CALL("hvc #0", function, first, second, third);
}

static inline int32_t cpu_smc(uint32_t function, cpu_word first, cpu_word second, cpu_word third)
{
	CPU_CALL("smc #0", function, first, second, third);
}

/* HVC or SMC? */
static inline bool cpu_is_call(uintptr_t pc)
{
	uint32_t code = *(const uint32_t *)pc;

	return code == 0xd4000002U || code == 0xd4000003U;
}

#endif
