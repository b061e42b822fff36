/* SPDX-License-Identifier: BSD-2-Clause */
/* State of the boot core at entry, for C and assembly. */
#ifndef HANDBACK_H
#define HANDBACK_H

#define ENTRY_ARGUMENT0 0
#define ENTRY_ARGUMENT1 8
#define ENTRY_ARGUMENT2 16
#define ENTRY_SP 24
#define ENTRY_LR 32
#define LR_BIG_ENDIAN 1 /* No return address: entered big-endian. */
#define ENTRY_EL 40	/* CurrentEL. */
#define ENTRY_EL3 (3 << 2)
#define ENTRY_CNTHP 48 /* 0 if not entered in EL2. */
#define ENTRY_DAIF 56
#define ENTRY_SPSEL 64
#define ENTRY_X18 72			  /* To x29; U-Boot needs x18. */
#define ENTRY_SP_EL1 168		  /* For a caller in EL1. */
#define ENTRY_EL1 176			  /* As in handback.S: SCTLR_EL1, two newer registers, */
#define ENTRY_EL1_SHARED (ENTRY_EL1 + 24) /* and those that a caller in EL2 gets back, too. */
#define ENTRY_EL1_WORDS 13
#define ENTRY_EL2 (ENTRY_EL1 + 8 * ENTRY_EL1_WORDS)
#define ENTRY_EL2_WORDS 15
#define ENTRY_GCSCR (ENTRY_EL2 + 8 * ENTRY_EL2_WORDS) /* Of the entry's level. */
#define ENTRY_PSTATE (ENTRY_GCSCR + 8)		      /* Of a caller in EL2. */
#define ENTRY_SIZE (ENTRY_PSTATE + 8)

/* May name a device tree. */
#define ENTRY_TREES ENTRY_ARGUMENT0
#define ARGUMENTS_MAX 64 /* A larger x0 is no argc. */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

extern uintptr_t boot_entry[ENTRY_SIZE / sizeof(uintptr_t)];

static inline bool handback_was_secure(void)
{
	return boot_entry[ENTRY_EL / sizeof(uintptr_t)] == ENTRY_EL3;
}

/* CNTHP_CTL_EL2 at entry, or 0. */
static inline uint32_t handback_el2_timer(void)
{
	return (uint32_t)boot_entry[ENTRY_CNTHP / sizeof(uintptr_t)];
}

/* Restores `boot_entry` and returns `value`. Boot core, EL1. */
_Noreturn void boot_hand_back(uint32_t value);
#endif

#endif
