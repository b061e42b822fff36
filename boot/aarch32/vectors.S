/* SPDX-License-Identifier: BSD-2-Clause */
/* Exception vectors: interrupts are expected, others are reported. */
#include "cpu/stacks.h"

	.syntax unified
	.arm
	.fpu neon-vfpv4

	.equ MODE_MASK, 0x1f
	.equ MODE_USR, 0x10
	.equ MODE_SVC, 0x13
	.equ MODE_SYS, 0x1f
	.equ MASK_AIF, 0x1c0
	.equ MASK_IF, 0xc0

	.section .text..vectors, "ax", %progbits
	.balign 32
	.global boot_vectors
boot_vectors:
	b	on_reset
	b	on_undefined
	b	on_svc
	b	on_prefetch_abort
	b	on_data_abort
	b	on_hyp
	b	on_irq
	b	on_fiq

/* `kind`: exception.c; `ahead`: lr minus the pc to blame. */
	.macro unexpected name, kind, ahead
\name:
	sub	lr, lr, #\ahead
	push	{lr}
	push	{r0-r12}
	mov	r1, #\kind
	b	report
	.endm

	unexpected on_reset, 0, 0
	unexpected on_undefined, 1, 4
	unexpected on_svc, 2, 4
	unexpected on_prefetch_abort, 3, 4
	unexpected on_hyp, 5, 4
	unexpected on_fiq, 6, 4

/* Continues after a probing read. */
on_data_abort:
	sub	lr, lr, #8
	push	{lr}
	push	{r0-r12}
	mov	r0, sp
	bl	exception_data_abort_survived
	cmp	r0, #0
	moveq	r1, #4
	beq	report
	pop	{r0-r12}
	clrex
	ldm	sp!, {pc}^

/* r1: kind. r0 to r12 and pc are on this mode's stack. */
report:
	mov	r2, sp
	mrs	r0, spsr
	mrs	r3, cpsr
	and	r4, r0, #MODE_MASK
	cmp	r4, #MODE_USR
	moveq	r4, #MODE_SYS
	orr	r4, r4, #MASK_IF
	msr	cpsr_c, r4			/* The interrupted mode's sp and lr. */
	mov	r5, sp
	mov	r6, lr
	msr	cpsr_c, r3
	mov	r3, r5
	push	{r5, r6}			/* Fifth argument, alignment. */
	str	r6, [sp]
	mov	r7, r0
	mov	r0, r1
	mov	r1, r7
	bl	exception_report		/* Does not return. */
	b	.

/* On SVC's stack, which has room. */
on_irq:
	sub	lr, lr, #4
	srsdb	sp!, #MODE_SVC
	cps	#MODE_SVC
	push	{r0-r3, r12, lr}
	and	r1, sp, #4			/* ABI: 8-byte alignment. */
	sub	sp, sp, r1
	vpush	{d0-d7}
	vpush	{d16-d31}
	vmrs	r0, fpscr
	push	{r0, r1}
	.weak	irqchip_dispatch		/* Where it is not linked, BL does nothing (AAELF). */
	bl	irqchip_dispatch
	pop	{r0, r1}
	vmsr	fpscr, r0
	vpop	{d16-d31}
	vpop	{d0-d7}
	add	sp, sp, r1
	pop	{r0-r3, r12, lr}
	clrex
	rfeia	sp!

	.section .stacks, "aw", %nobits
	.balign STACK_PAGE
	.space	STACK_STRIDE			/* The boot core's. */
