/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception vectors: interrupts are expected, others reported. C runs on SP_EL0, exceptions on SP_EL1, so that a stack
 * overflow can be reported.
 */
#include "cpu/stacks.h"

	.equ FRAME_SIZE, 288			/* x0 to x30, ELR, SPSR, SP_EL0, kind. */
	.equ FRAME_ELR, 248
	.equ FRAME_SPSR, 256
	.equ FRAME_KIND, 272

	.section .text..vectors, "ax", %progbits

	.macro	unexpected kind
	.balign	128
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp]
	mov	x0, #\kind
	b	on_exception
	.endm

	/* The same offsets in both frames. */
	.macro	x2_to_x17 do
	\do	x2, x3, [sp, #16]
	\do	x4, x5, [sp, #32]
	\do	x6, x7, [sp, #48]
	\do	x8, x9, [sp, #64]
	\do	x10, x11, [sp, #80]
	\do	x12, x13, [sp, #96]
	\do	x14, x15, [sp, #112]
	\do	x16, x17, [sp, #128]
	.endm

	.balign	2048
	.global boot_vectors
boot_vectors:
	unexpected 0				/* From C: synchronous, */
	.balign	128
	b	on_irq
	unexpected 2				/* FIQ, SError; */
	unexpected 3
	.irp	kind, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	unexpected \kind			/* from a handler; from EL0. */
	.endr

on_exception:
	x2_to_x17 stp
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	mrs	x1, elr_el1
	stp	x30, x1, [sp, #240]
	mrs	x1, spsr_el1
	mrs	x2, sp_el0
	stp	x1, x2, [sp, #FRAME_SPSR]
	str	x0, [sp, #FRAME_KIND]
	mov	x0, sp
	bl	exception_take			/* Returns after a probing read. */
	ldr	x1, [sp, #FRAME_ELR]
	msr	elr_el1, x1
	ldr	x1, [sp, #FRAME_SPSR]
	msr	spsr_el1, x1
	x2_to_x17 ldp
	ldr	x18, [sp, #144]			/* C kept x19 to x29. */
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp]
	add	sp, sp, #FRAME_SIZE
	eret

/* On the interrupted stack, which has room. */
on_irq:
	msr	spsel, #0
	sub	sp, sp, #192
	stp	x0, x1, [sp]
	x2_to_x17 stp
	stp	x18, x29, [sp, #144]
	mrs	x0, elr_el1
	mrs	x1, spsr_el1
	stp	x30, x0, [sp, #160]
	str	x1, [sp, #176]
	.weak	irqchip_dispatch		/* Where it is not linked, BL does nothing (AAELF). */
	bl	irqchip_dispatch
	ldp	x30, x0, [sp, #160]
	ldr	x1, [sp, #176]
	msr	elr_el1, x0
	msr	spsr_el1, x1
	ldp	x18, x29, [sp, #144]
	x2_to_x17 ldp
	ldp	x0, x1, [sp]
	add	sp, sp, #192
	msr	spsel, #1
	eret

	.section .stacks, "aw", %nobits
	.balign STACK_PAGE
	.space	STACK_STRIDE			/* The boot core's. */
