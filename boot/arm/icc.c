/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3's processor interface, which AArch32 reaches through cp15. */
#include "arch.h"

#define ICC_CTLR_CBPR (1U << 0)
#define ICC_CTLR_PRIORITY_BITS_SHIFT 8U /* One less than there are. */
#define ICC_CTLR_PRIORITY_BITS_MASK 7U
#define ICC_SRE_SRE (1U << 0)

/* Registers, each with a name that says what the assembler wants. */
#define ICC_SRE "c12, c12, 5"
#define ICC_CTLR "c12, c12, 4"
#define ICC_PMR "c4, c6, 0"
#define ICC_BPR1 "c12, c12, 3"
#define ICC_IGRPEN1 "c12, c12, 7"
#define ICC_AP1R0 "c12, c9, 0"
#define ICC_AP1R1 "c12, c9, 1"
#define ICC_AP1R2 "c12, c9, 2"
#define ICC_AP1R3 "c12, c9, 3"
#define ICC_IAR1 "c12, c12, 0"
#define ICC_EOIR1 "c12, c12, 1"

#define READ(reg, value) __asm__ volatile("mrc p15, 0, %0, " reg : "=r"(value)::"memory")
#define WRITE(reg, value) __asm__ volatile("mcr p15, 0, %0, " reg "\n\tisb" ::"r"(value) : "memory")

/* The second register is there for 6 bits of priority, the third and fourth for 7. */
static unsigned int priority_bits(uint32_t control)
{
	return (control >> ICC_CTLR_PRIORITY_BITS_SHIFT & ICC_CTLR_PRIORITY_BITS_MASK) + 1;
}

static void read_active(struct arch_icc *icc)
{
	unsigned int bits = priority_bits(icc->control);

	READ(ICC_AP1R0, icc->active[0]);
	icc->active[1] = icc->active[2] = icc->active[3] = 0;
	if (bits > 5) {
		READ(ICC_AP1R1, icc->active[1]);
	}
	if (bits > 6) {
		READ(ICC_AP1R2, icc->active[2]);
		READ(ICC_AP1R3, icc->active[3]);
	}
}

static void write_active(uint32_t control, const uint32_t active[4])
{
	unsigned int bits = priority_bits(control);

	WRITE(ICC_AP1R0, active[0]);
	if (bits > 5) {
		WRITE(ICC_AP1R1, active[1]);
	}
	if (bits > 6) {
		WRITE(ICC_AP1R2, active[2]);
		WRITE(ICC_AP1R3, active[3]);
	}
}

void arch_icc_enable(struct arch_icc *found)
{
	static const uint32_t none[4];

	READ(ICC_SRE, found->sre);
	WRITE(ICC_SRE, found->sre | ICC_SRE_SRE);
	READ(ICC_CTLR, found->control);
	READ(ICC_PMR, found->priority_mask);
	READ(ICC_BPR1, found->binary_point);
	READ(ICC_IGRPEN1, found->group_enable);
	read_active(found);
	WRITE(ICC_IGRPEN1, 0);
	write_active(found->control, none);
	WRITE(ICC_CTLR, found->control & ~(ARCH_ICC_CONTROL_EOI_MODE | ICC_CTLR_CBPR));
	WRITE(ICC_PMR, 0xffU);
	WRITE(ICC_BPR1, 0);
	WRITE(ICC_IGRPEN1, 1U);
}

void arch_icc_restore(const struct arch_icc *found)
{
	WRITE(ICC_IGRPEN1, 0);
	write_active(found->control, found->active);
	WRITE(ICC_BPR1, found->binary_point);
	WRITE(ICC_PMR, found->priority_mask);
	WRITE(ICC_CTLR, found->control);
	WRITE(ICC_IGRPEN1, found->group_enable);
	WRITE(ICC_SRE, found->sre);
}

uint32_t arch_icc_acknowledge(void)
{
	uint32_t intid;

	READ(ICC_IAR1, intid);
	arch_dsb();
	return intid;
}

void arch_icc_end(uint32_t intid)
{
	WRITE(ICC_EOIR1, intid);
}

uint32_t arch_affinity(void)
{
	uint32_t mpidr;

	__asm__("mrc p15, 0, %0, c0, c0, 5" : "=r"(mpidr));
	return mpidr & 0xffffffU;
}
