/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3's processor interface, which AArch32 reaches through cp15. */
#include "arch.h"

void arch_icc_enable(void)
{
	uint32_t sre;

	__asm__ volatile("mrc p15, 0, %0, c12, c12, 5" : "=r"(sre)); /* ICC_SRE */
	__asm__ volatile("mcr p15, 0, %0, c12, c12, 5\n\tisb" ::"r"(sre | 1U));
	__asm__ volatile("mcr p15, 0, %0, c4, c6, 0" ::"r"(0xffU));	  /* ICC_PMR: every priority. */
	__asm__ volatile("mcr p15, 0, %0, c12, c12, 7\n\tisb" ::"r"(1U)); /* ICC_IGRPEN1 */
}

uint32_t arch_icc_acknowledge(void)
{
	uint32_t intid;

	__asm__ volatile("mrc p15, 0, %0, c12, c12, 0" : "=r"(intid)::"memory"); /* ICC_IAR1 */
	arch_dsb();
	return intid;
}

void arch_icc_end(uint32_t intid)
{
	__asm__ volatile("mcr p15, 0, %0, c12, c12, 1\n\tisb" ::"r"(intid) : "memory"); /* ICC_EOIR1 */
}

uint32_t arch_affinity(void)
{
	uint32_t mpidr;

	__asm__("mrc p15, 0, %0, c0, c0, 5" : "=r"(mpidr));
	return mpidr & 0xffffffU;
}
