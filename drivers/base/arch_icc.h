/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_ICC_H
#define ARCH_ICC_H

#include <stdint.h>

#define ARCH_ICC_CONTROL_EOI_MODE (1U << 1)

/* ICC_SRE, ICC_CTLR, ICC_PMR, ICC_BPR1, ICC_IGRPEN1, ICC_AP1R0 to 3 (0 if absent). */
struct arch_icc {
	uint32_t sre;
	uint32_t control;
	uint32_t priority_mask;
	uint32_t binary_point;
	uint32_t group_enable;
	uint32_t active[4];
};

#endif
