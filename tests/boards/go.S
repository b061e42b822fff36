/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As U-Boot's `go`, again and again: calls an image with each argc and argv of a list, then turns the machine off. EL1,
 * MMU off. The list is at CALLS behind the first byte: the image's address, 0, then pairs that a 0 ends.
 */
	.equ CALLS, 0x1000
	.equ SYSTEM_OFF_HIGH, 0x8400		/* << 16; PSCI: 0x84000008 */

	adr	x20, .
	mov	sp, x20
	add	x19, x20, #CALLS
	ldr	x21, [x19], #16
1:	ldp	x0, x1, [x19], #16
	cbz	x0, 2f
	blr	x21
	b	1b
2:	mov	x0, #SYSTEM_OFF_HIGH
	lsl	x0, x0, #16
	add	x0, x0, #8
	hvc	#0
