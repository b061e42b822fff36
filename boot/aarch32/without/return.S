/* SPDX-License-Identifier: BSD-2-Clause */
/* Without exit=return: saves only arguments and the caller's stack pointer. */
#include "handback.h"

	.syntax unified
	.arm

	/* Not in bss, which is cleared later. */
	.section .data.entry, "aw", %progbits
	.balign	4
	.global boot_entry
boot_entry:
	.space	ENTRY_CPSR

	.text
/* r3: lr at entry. Clobbers r12. */
	.global save_entry
	.type save_entry, %function
save_entry:
	ldr	r12, =boot_entry
	stmia	r12, {r0-r2}
	str	sp, [r12, #ENTRY_SP]
	str	r3, [r12, #ENTRY_LR]
	bx	lr

/* Never called. */
	.global boot_hand_back
	.type boot_hand_back, %function
boot_hand_back:
	bl	boot_power_off

/* Never called. */
	.balign	32
	.global hyp_vectors
hyp_vectors:
	.rept	8
	b	.
	.endr
	.ltorg
