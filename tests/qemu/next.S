/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An arm64 Image that prints on QEMU's UART how it was started, a character for each fact, and turns the machine off:
 * its exception level; D: x0 is a device tree; 0: x1 to x3 are 0; S: SP_ELx is in use; M: MMU and data cache are off;
 * I: every exception is masked. A lower-case letter or a minus means the opposite.
 */
	.equ UART_HIGH, 0x0900			/* << 16 */
	.equ FDT_MAGIC_LE, 0xedfe0dd0
	.equ SYSTEM_OFF, 0x84000008

	.macro	constant reg, value
	mov	\reg, #(\value) & 0xffff
	movk	\reg, #((\value) >> 16) & 0xffff, lsl #16
	.endm

	/* Prints `yes` if the flags are `condition`. */
	.macro	say condition, yes, no
	mov	w11, #\yes
	mov	w12, #\no
	csel	w11, w11, w12, \condition
	str	w11, [x10]
	.endm

	nop
	b	start
	.quad	0
	.quad	IMAGE_SIZE
	.quad	0xa
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0
start:
	mov	x10, #UART_HIGH
	lsl	x10, x10, #16
	mov	w11, #'<'
	str	w11, [x10]
	mrs	x13, currentel
	lsr	x11, x13, #2
	add	x11, x11, #'0'
	str	w11, [x10]
	ldr	w14, [x0]
	constant w15, FDT_MAGIC_LE
	cmp	w14, w15
	say	eq, 'D', 'd'
	orr	x14, x1, x2
	orr	x14, x14, x3
	cmp	x14, #0
	say	eq, '0', '-'
	mrs	x14, spsel
	cmp	x14, #1
	say	eq, 'S', 's'
	cmp	x13, #8
	b.eq	1f
	mrs	x14, sctlr_el1
	b	2f
1:	mrs	x14, sctlr_el2
2:	mov	x15, #5				/* M and C. */
	tst	x14, x15
	say	eq, 'M', 'm'
	mrs	x14, daif
	cmp	x14, #0x3c0
	say	eq, 'I', 'i'
	mov	w11, #'>'
	str	w11, [x10]
	mov	w11, #'\n'
	str	w11, [x10]
	constant w0, SYSTEM_OFF
	cmp	x13, #8
	b.eq	3f
	hvc	#0
3:	smc	#0
	b	.
