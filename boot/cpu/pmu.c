/* SPDX-License-Identifier: BSD-2-Clause */
/* Performance monitors (PMUv2, v3): counts INST_RETIRED. */
#include "boot.h"
#include "cpu.h"

#define EVENT_INST_RETIRED 0x08U
#define PMCR_E (1U << 0)
#define PMCR_N_SHIFT 11
#define PMCR_N_MASK 0x1fU
#define COUNTER 0U

bool boot_instructions_start(void)
{
	uint32_t pmcr;

	CPU_READ(CPU_PMCR, pmcr);
	if (!(pmcr >> PMCR_N_SHIFT & PMCR_N_MASK)) {
		return false;
	}
	CPU_WRITE(CPU_PMSELR, COUNTER);
	CPU_WRITE(CPU_PMXEVTYPER, EVENT_INST_RETIRED);
	CPU_WRITE(CPU_PMCNTENSET, 1U << COUNTER);
	CPU_WRITE(CPU_PMCR, pmcr | PMCR_E);
	return true;
}

uint32_t boot_instructions(void)
{
	uint32_t count;

	__asm__ volatile("isb" ::: "memory");
	CPU_READ(CPU_PMXEVCNTR, count);
	return count;
}
