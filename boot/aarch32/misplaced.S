/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Says on the early UART that the image is not where it was linked for; then sleeps, or returns 1 to `go`.
 * Position-independent.
 */
#include "cpu/early_uart.h"
#include "handback.h"
#include "platform.h"
#include "system.h"

	.syntax unified
	.arm

	.equ CALLER_STACK, 0x100000
	.equ PUT_TURNS, 0x100000		/* Bound. */
	.equ EL_MAX, 3

	.section .text.misplaced, "ax", %progbits

	.macro	say text
	adr	r5, \text
	bl	put_text
	.endm

/* Registers as at entry; lr: the caller, or an exception level. */
	.global boot_misplaced
	.type boot_misplaced, %function
boot_misplaced:
	mov	r12, #0
	sub	r3, r0, #1
	cmp	r3, #ARGUMENTS_MAX
	bhs	1f
	ldr	r3, =PLATFORM_RAM_BASE
	cmp	lr, r3
	add	r3, r3, #CALLER_STACK
	cmphi	sp, r3
	bls	1f
	push	{r4-r8, lr}			/* r0 is argc, so there is a stack. */
	mov	r12, #1
1:	mov	r7, lr
	mov	r8, r12
#ifdef EARLY_UART
	ldr	r6, =EARLY_UART
	say	is_at
	adr	r1, boot_misplaced
	ldr	r2, =boot_misplaced
	sub	r1, r1, r2
	ldr	r2, =_start
	add	r1, r1, r2
	bl	put_hex
	say	belongs_at
	ldr	r1, =_start
	bl	put_hex
	say	is_in
	adr	r5, svc
	mrs	r1, cpsr
	and	r1, r1, #MODE_MASK
	cmp	r1, #MODE_HYP
	adreq	r5, hyp
	cmp	r7, #EL_MAX - 1
	adreq	r5, el2
	cmp	r7, #EL_MAX
	adreq	r5, el3
	bl	put_text
	say	is_on
	mrc	p15, 0, r1, c0, c0, 5		/* MPIDR */
	bl	put_hex
	say	ends
#endif
	cmp	r8, #0
	movne	r0, #1
	popne	{r4-r8, pc}
2:	wfi
	b	2b

#ifdef EARLY_UART
/* r5: text. Clobbers r0, r2, r3, r5, r12. */
put_text:
	mov	r12, lr
1:	ldrb	r0, [r5], #1
	cmp	r0, #0
	bxeq	r12
	bl	put
	b	1b

/* r1: eight digits. Clobbers r0, r2, r3, r4, r12. */
put_hex:
	mov	r12, lr
	mov	r4, #32
1:	subs	r4, r4, #4
	bxmi	r12
	lsr	r0, r1, r4
	and	r0, r0, #0xf
	cmp	r0, #10
	addlo	r0, r0, #'0'
	addhs	r0, r0, #'a' - 10
	bl	put
	b	1b

/* r0: byte; r6: UART. Clobbers r2, r3. */
put:
	mov	r2, #PUT_TURNS
1:	subs	r2, r2, #1
	bxeq	lr
	EARLY_UART_LOAD r3, [r6, #EARLY_UART_STATUS]
	eor	r3, r3, #EARLY_UART_ROOM
	tst	r3, #EARLY_UART_MASK
	bne	1b
	EARLY_UART_STORE r0, [r6, #EARLY_UART_DATA]
	bx	lr

	.ltorg
	.balign	4
is_at:
	.ascii	"\r\nsmmu-bringup ", FIRMWARE_VERSION, " for ", PLATFORM_NAME
	.asciz	" was loaded at 0x"
	.balign	4
belongs_at:
	.asciz	", and is linked for 0x"
	.balign	4
is_in:
	.asciz	": it cannot run there. Load it where it is linked for. It was entered in "
	.balign	4
is_on:
	.asciz	", on the core of MPIDR 0x"
	.balign	4
ends:
	.asciz	"\r\n"
	.balign	4
svc:
	.asciz	"AArch32, EL1 or EL3"
	.balign	4
hyp:
	.asciz	"AArch32 HYP (EL2)"
	.balign	4
el2:
	.asciz	"AArch64 EL2"
	.balign	4
el3:
	.asciz	"AArch64 EL3"
	.balign	4
#endif
