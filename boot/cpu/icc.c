/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arch.h"
#include "cpu.h"

#define ICC_CTLR_CBPR (1U << 0)
#define ICC_CTLR_PRIORITY_BITS_SHIFT 8U /* Minus one. */
#define ICC_CTLR_PRIORITY_BITS_MASK 7U
#define ICC_SRE_SRE (1U << 0)

/* AP1R1 needs 6 priority bits, AP1R2 and AP1R3 7. */
static unsigned int priority_bits(uint32_t control)
{
	return (control >> ICC_CTLR_PRIORITY_BITS_SHIFT & ICC_CTLR_PRIORITY_BITS_MASK) + 1;
}

static void read_active(struct arch_icc *icc)
{
	unsigned int bits = priority_bits(icc->control);

	CPU_READ(CPU_ICC_AP1R0, icc->active[0]);
	icc->active[1] = icc->active[2] = icc->active[3] = 0;
	if (bits > 5) {
		CPU_READ(CPU_ICC_AP1R1, icc->active[1]);
	}
	if (bits > 6) {
		CPU_READ(CPU_ICC_AP1R2, icc->active[2]);
		CPU_READ(CPU_ICC_AP1R3, icc->active[3]);
	}
}

static void write_active(uint32_t control, const uint32_t active[4])
{
	unsigned int bits = priority_bits(control);

	CPU_WRITE(CPU_ICC_AP1R0, active[0]);
	if (bits > 5) {
		CPU_WRITE(CPU_ICC_AP1R1, active[1]);
	}
	if (bits > 6) {
		CPU_WRITE(CPU_ICC_AP1R2, active[2]);
		CPU_WRITE(CPU_ICC_AP1R3, active[3]);
	}
}

void arch_icc_enable(struct arch_icc *found)
{
	static const uint32_t none[4];

	CPU_READ(CPU_ICC_SRE, found->sre);
	CPU_WRITE(CPU_ICC_SRE, found->sre | ICC_SRE_SRE);
	CPU_READ(CPU_ICC_CTLR, found->control);
	CPU_READ(CPU_ICC_PMR, found->priority_mask);
	CPU_READ(CPU_ICC_BPR1, found->binary_point);
	CPU_READ(CPU_ICC_IGRPEN1, found->group_enable);
	read_active(found);
	CPU_WRITE(CPU_ICC_IGRPEN1, 0);
	write_active(found->control, none);
	CPU_WRITE(CPU_ICC_CTLR, found->control & ~(ARCH_ICC_CONTROL_EOI_MODE | ICC_CTLR_CBPR));
	CPU_WRITE(CPU_ICC_PMR, 0xffU);
	CPU_WRITE(CPU_ICC_BPR1, 0);
	CPU_WRITE(CPU_ICC_IGRPEN1, 1U);
}

void arch_icc_restore(const struct arch_icc *found)
{
	CPU_WRITE(CPU_ICC_IGRPEN1, 0);
	write_active(found->control, found->active);
	CPU_WRITE(CPU_ICC_BPR1, found->binary_point);
	CPU_WRITE(CPU_ICC_PMR, found->priority_mask);
	CPU_WRITE(CPU_ICC_CTLR, found->control);
	CPU_WRITE(CPU_ICC_IGRPEN1, found->group_enable);
	CPU_WRITE(CPU_ICC_SRE, found->sre);
}

uint32_t arch_icc_acknowledge(void)
{
	uint32_t intid;

	CPU_READ(CPU_ICC_IAR1, intid);
	arch_dsb();
	return intid;
}

void arch_icc_end(uint32_t intid)
{
	CPU_WRITE(CPU_ICC_EOIR1, intid);
}

uint32_t arch_affinity(void)
{
	cpu_word mpidr;

	CPU_READ(CPU_MPIDR, mpidr);
	return cpu_packed_affinity(mpidr);
}
