/* SPDX-License-Identifier: BSD-2-Clause */
/* The performance monitors (PMUv2 and v3, event INST_RETIRED): how many instructions a core has retired. */
#include "boot.h"

#define EVENT_INST_RETIRED 0x08U
#define PMCR_E (1U << 0)
#define PMCR_N_SHIFT 11
#define PMCR_N_MASK 0x1fU
#define COUNTER 0U

bool boot_instructions_start(void)
{
	uint32_t pmcr;

	__asm__ volatile("mrc p15, 0, %0, c9, c12, 0" : "=r"(pmcr));
	if (!(pmcr >> PMCR_N_SHIFT & PMCR_N_MASK)) {
		return false;
	}
	__asm__ volatile("mcr p15, 0, %0, c9, c12, 5\n\t" /* PMSELR */
			 "isb\n\t"
			 "mcr p15, 0, %1, c9, c13, 1\n\t" /* PMXEVTYPER */
			 "mcr p15, 0, %2, c9, c12, 1\n\t" /* PMCNTENSET */
			 "mcr p15, 0, %3, c9, c12, 0\n\t" /* PMCR */
			 "isb" ::"r"(COUNTER),
			 "r"(EVENT_INST_RETIRED), "r"(1U << COUNTER), "r"(pmcr | PMCR_E)
			 : "memory");
	return true;
}

uint32_t boot_instructions(void)
{
	uint32_t count;

	__asm__ volatile("isb\n\tmrc p15, 0, %0, c9, c13, 2" : "=r"(count)::"memory"); /* PMXEVCNTR */
	return count;
}
