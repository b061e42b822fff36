/* SPDX-License-Identifier: BSD-2-Clause */
/* Without exit=return: saves arguments and the caller's stack pointer. */
#include "handback.h"
#include "macros.inc"

	/* Not in bss, which is cleared later. */
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
/* levels.S calls it, but nothing is kept; the vector is not used. */
	.global save_el1
	.type save_el1, %function
	.global saved_pstate
save_el1:
saved_pstate:
	msr	spsel, #1
	ret

	.global save_el1_below
	.type save_el1_below, %function
save_el1_below:
	ret

/* Never called. */
	.global boot_hand_back
	.type boot_hand_back, %function
boot_hand_back:
	bl	boot_power_off
