/* SPDX-License-Identifier: BSD-2-Clause */
/* Reset vector in flash: copies the RAM image to its link address, enters it. Other cores sleep. */
	.section .nor.start, "ax", %progbits
	.global nor_start
	.type nor_start, %function
nor_start:
	msr	daifset, #0xf
	mrs	x0, mpidr_el1			/* Affinity 0 boots. */
	ldr	x1, =0xff00ffffff
	tst	x0, x1
	b.eq	2f
1:	wfi
	b	1b
2:	adr	x0, __payload_start
	ldr	x1, =__payload_size
	ldr	x2, =__image_place
	mov	x4, x2
3:	ldr	x3, [x0], #8
	str	x3, [x2], #8
	subs	x1, x1, #8
	b.hi	3b
	dsb	sy
	ic	iallu
	dsb	sy
	isb
	mov	x0, #0				/* No arguments, no caller. */
	mov	x1, #0
	mov	x2, #0
	mov	x30, #0
	br	x4
	.ltorg

	.section .nor.payload, "a", %progbits
	.incbin PAYLOAD
