/* SPDX-License-Identifier: BSD-2-Clause */
/* Reset vector in flash: copies the RAM image to its link address, enters it. Other cores sleep. */
	.syntax unified
	.arm
	.arch_extension virt

	.section .nor.start, "ax", %progbits
	.global nor_start
	.type nor_start, %function
nor_start:
	cpsid	aif
	mrc	p15, 0, r0, c0, c0, 5		/* MPIDR: affinity 0 boots. */
	bics	r0, r0, #0xff000000
1:	wfine
	bne	1b
	ldr	r0, =__payload_start
	ldr	r1, =__payload_end
	ldr	r2, =__image_place
	mov	r4, r2
2:	ldr	r3, [r0], #4
	str	r3, [r2], #4
	cmp	r0, r1
	blo	2b
	dsb
	mcr	p15, 0, r0, c7, c5, 0		/* ICIALLU */
	dsb
	isb
	mov	r0, #0				/* No arguments, no caller. */
	mov	r1, #0
	mov	r2, #0
	mov	lr, #0
	bx	r4
	.ltorg

	.section .nor.payload, "a", %progbits
	.incbin PAYLOAD
