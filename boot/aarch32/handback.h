/* SPDX-License-Identifier: BSD-2-Clause */
/* State of the boot core at entry, for C and assembly. */
#ifndef HANDBACK_H
#define HANDBACK_H

#define ENTRY_ARGUMENT0 0
#define ENTRY_ARGUMENT1 4
#define ENTRY_ARGUMENT2 8
#define ENTRY_R4 12 /* r4 to r11. */
#define ENTRY_SP 44
#define ENTRY_LR 48
#define LR_EL2 2	/* No return address: entered in AArch64, EL2 */
#define LR_EL3 3	/* or EL3; */
#define LR_BIG_ENDIAN 1 /* or big-endian. */
#define ENTRY_CNTHP 52	/* 0 if not entered in HYP. */
#define ENTRY_CPSR 56
#define ENTRY_BANKED 60 /* sp of FIQ, IRQ, ABT, UND. */
#define ENTRY_PL1 76	/* As in handback.S. */
#define ENTRY_PL1_WORDS 15
#define ENTRY_HYP (ENTRY_PL1 + 4 * ENTRY_PL1_WORDS)
#define ENTRY_HYP_WORDS 9
#define ENTRY_FPEXC (ENTRY_HYP + 4 * ENTRY_HYP_WORDS)
#define ENTRY_FP (ENTRY_FPEXC + 4) /* d8 to d15. */
#define ENTRY_SIZE (ENTRY_FP + 64)

/* May name a device tree. */
#define ENTRY_TREES ENTRY_ARGUMENT2, ENTRY_ARGUMENT0
#define ARGUMENTS_MAX 64 /* A larger r0 is no argc. */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

extern uintptr_t boot_entry[ENTRY_SIZE / sizeof(uintptr_t)];

/* Not 0: entered in Secure state. */
extern uint32_t boot_secure;

static inline bool handback_was_secure(void)
{
	return boot_secure;
}

/* CNTHP_CTL at entry, or 0. */
static inline uint32_t handback_el2_timer(void)
{
	return boot_entry[ENTRY_CNTHP / sizeof(uintptr_t)];
}

/* Restores `boot_entry` and returns `value`. Boot core, SVC mode. */
_Noreturn void boot_hand_back(uint32_t value);
#endif

#endif
