/* SPDX-License-Identifier: BSD-2-Clause */
/* Without the way back: saves only what finds arguments and the caller's memory (handback.h). */
#include "handback.h"
#include "macros.inc"

	/* Not in bss: written before that is cleared. */
	.section .data.entry, "aw", %progbits
	.balign	8
	.global boot_entry
boot_entry:
	.space	ENTRY_DAIF

	.text
/* x3: x30 at entry. Clobbers x1, x4. */
	.global save_entry
	.type save_entry, %function
save_entry:
	address	x4, boot_entry
	stp	x0, x1, [x4, #ENTRY_ARGUMENT0]
	mov	x1, sp
	stp	x2, x1, [x4, #ENTRY_ARGUMENT2]
	mrs	x1, currentel
	stp	x3, x1, [x4, #ENTRY_LR]
/* What levels.S would keep of EL1, and the vector of what nothing here provokes. */
	.global save_el1
	.type save_el1, %function
	.global saved_pstate
save_el1:
saved_pstate:
	msr	spsel, #1
	ret

/* Never called: there is no exit=return. */
	.global boot_hand_back
	.type boot_hand_back, %function
boot_hand_back:
	bl	boot_power_off
