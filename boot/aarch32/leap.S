/* SPDX-License-Identifier: BSD-2-Clause */
/* Jumps to an arm64 Image in EL2, where this image was entered. */
#include "system.h"

	.syntax unified
	.arm
	.arch_extension virt

	.text
/* r0, r1: address, below 4 GiB; r2: device tree; r3: text for an image that returns; stack: enum psci_method. SVC. */
	.global boot_next
	.type boot_next, %function
boot_next:
	ldr	r5, [sp]
	cpsid	aif, #MODE_SVC
	mov	r4, r0
	mov	r0, r2
	ldr	r1, =SCTLR_AT_RESET		/* The code is clean since entry. */
	mcr	p15, 0, r1, c1, c0, 0
	isb
	hvc	#HVC_LEAVE
	.ltorg

/* linker/ram.ld places it. EL2 traps nothing else. */
	.section .text..el2, "ax", %progbits
	.global boot_el2_vector
boot_el2_vector:
	.incbin RETURN_TO_AARCH64
