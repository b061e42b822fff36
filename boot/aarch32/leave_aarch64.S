/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64 code: from EL3 or EL2 to AArch32. It follows a word W, which is "b past_this" in AArch32 and an "ands" in
 * AArch64, so that one address serves both. Returns to W, or to another entry's x10. Position-independent; no stack.
 *
 * x0 to x2 become r0 to r2; lr becomes the entry's exception level. Clobbers x3 to x10, x18.
 */
#include "cpu/early_uart.h"
#include "platform.h"
#include "system.h"

	.equ SCTLR_EL2_RES1, 0x30c50830
	.equ SPSR_EL2H_DAIF, 0x3c9
	.equ SCR_RES1, 0x30
	.equ SCR_NS, 1 << 0
	.equ SCR_HCE, 1 << 8
	.equ SCR_RW, 1 << 10
	.equ HCPTR_RES1, 0x33ff
	.equ EL2_SHIFT, 8			// Fields of ID_AA64PFR0_EL1.
	.equ EL1_SHIFT, 4
	.equ GIC_SHIFT, 24
	.equ WITH_AARCH32, 2
	.equ SMPEN, 1 << 6

	.text
	.org	4				// After W.
	msr	daifset, #0xf
	adr	x10, .text			// Other entries set x10 and come in here.
	/* Cleans the code, and more: EL1 fetches past the caches. */
	mrs	x4, ctr_el0
	ubfx	x4, x4, #16, #4			// DminLine
	mov	x5, #4
	lsl	x5, x5, x4
	adr	x4, .text
	mov	x6, #0x40000
	add	x6, x4, x6
1:	dc	civac, x4
	add	x4, x4, x5
	cmp	x4, x6
	b.lo	1b
	dsb	sy
	mrs	x3, id_aa64pfr0_el1
	mrs	x4, currentel
	lsr	x18, x4, #2			// LR_svc
	ubfx	x5, x3, #EL1_SHIFT, #4
	cmp	x5, #WITH_AARCH32
	b.ne	refuse
	cmp	x4, #3 << 2
	b.eq	from_el3
	cmp	x4, #2 << 2
	b.ne	refuse				// EL1 cannot change its own state.

from_el2:
	/*
	 * Clears E2H: with it the writes below would reach EL2's own registers. The MMU goes off first: E2H changes a
	 * translation that is on.
	 */
	mov	x4, #SCTLR_EL2_RES1 & 0xffff
	movk	x4, #SCTLR_EL2_RES1 >> 16, lsl #16
	msr	sctlr_el2, x4
	isb
	msr	hcr_el2, xzr			// RW is 0: EL1 is AArch32.
	isb
	mov	x4, #SCTLR_AT_RESET & 0xffff
	movk	x4, #SCTLR_AT_RESET >> 16, lsl #16
	msr	sctlr_el1, x4
	msr	vttbr_el2, xzr
	msr	hstr_el2, xzr
	mov	x4, #HCPTR_RES1
	msr	cptr_el2, x4
	mrs	x4, mdcr_el2
	and	x4, x4, #0x1f			// Keeps HPMN only.
	msr	mdcr_el2, x4
	mov	x4, #3
	msr	cnthctl_el2, x4
	msr	cntvoff_el2, xzr
	mrs	x4, midr_el1
	msr	vpidr_el2, x4
	mrs	x4, mpidr_el1
	msr	vmpidr_el2, x4
#ifdef WITH_NEXT
	adr	x4, .text
	add	x4, x4, #EL2_VECTORS
	msr	vbar_el2, x4			// leap.S
#endif
	ubfx	x5, x3, #GIC_SHIFT, #4
	cbz	x5, 1f
	mrs	x4, s3_4_c12_c9_5		// ICC_SRE_EL2
	orr	x4, x4, #8			// Enable, SRE.
	orr	x4, x4, #1
	msr	s3_4_c12_c9_5, x4
	isb
	msr	s3_4_c12_c11_0, xzr		// ICH_HCR_EL2
1:	mov	x4, #MODE_SVC | MASK_AIF
	msr	spsr_el2, x4
	msr	elr_el2, x10
	dsb	sy
	eret					// Synchronises, too.

from_el3:
	/* CPUECTLR_EL1.SMPEN of Cortex-A35, A53, A57, A72, A73, before caches are on. */
	mrs	x4, midr_el1
	and	w6, w4, #0xff0fffff		// Without the variant.
	lsr	w6, w6, #8
	ldr	w7, midr_d0
	cmp	w6, w7
	b.ne	1f
	ubfx	w6, w4, #4, #4
	mov	w7, #0x398			// 0xd03, 0xd04, 0xd07, 0xd08, 0xd09
	lsr	w7, w7, w6
	tbz	w7, #0, 1f
	mrs	x4, s3_1_c15_c2_1		// CPUECTLR_EL1
	orr	x4, x4, #SMPEN
	msr	s3_1_c15_c2_1, x4
	isb
1:
	msr	cptr_el3, xzr
	msr	mdcr_el3, xzr
	mrs	x4, cntfrq_el0
	cbnz	x4, 1f
	ldr	w4, tick_hz
	msr	cntfrq_el0, x4
1:	mov	x4, #SCR_RES1 | SCR_NS		// NS, so that EL2's GIC registers exist.
	ubfx	x5, x3, #EL2_SHIFT, #4
	cbz	x5, 1f
	mov	x4, #SCR_RES1 | SCR_NS | SCR_HCE | SCR_RW
1:	msr	scr_el3, x4
	isb
	ubfx	x6, x3, #GIC_SHIFT, #4
	cbz	x6, 1f
	mov	x4, #0xf			// SRE, no bypass, Enable.
	msr	s3_6_c12_c12_5, x4		// ICC_SRE_EL3
	isb
1:
#ifdef PLATFORM_GICD_BASE
	/* Moves all interrupts, Secure at reset, to Non-secure group 1. */
	ldr	w4, gicd_base
	ldr	w6, [x4, #0x004]		// GICD_TYPER
	and	w6, w6, #0x1f			// ITLinesNumber
	add	x7, x4, #0x080			// GICD_IGROUPR0
	mov	w8, #-1
2:	str	w8, [x7], #4
	subs	w6, w6, #1
	b.pl	2b
#endif
#ifdef PLATFORM_GICR_BASE
	/* This core's redistributor, by affinity. */
	ubfx	x6, x3, #GIC_SHIFT, #4
	cbz	x6, 4f
	mrs	x6, mpidr_el1
	and	w6, w6, #0xffffff
	ldr	w4, gicr_base
	mov	w9, #64				// Bound.
2:	ldr	w7, [x4, #0x00c]		// GICR_TYPER, affinity
	and	w7, w7, #0xffffff
	cmp	w7, w6
	b.eq	3f
	add	x4, x4, #0x20000
	subs	w9, w9, #1
	b.ne	2b
	b	4f
3:	add	x4, x4, #0x10000
	mov	w8, #-1
	str	w8, [x4, #0x080]		// GICR_IGROUPR0
4:
#endif
#ifdef PLATFORM_GICC_BASE
	ubfx	x6, x3, #GIC_SHIFT, #4
	cbnz	x6, 5f
	ldr	w4, gicc_base
	mov	w8, #0xff
	str	w8, [x4, #0x004]		// GICC_PMR: else Non-secure writes are ignored.
5:
#endif
	dsb	sy
	cbz	x5, to_svc
	mov	x4, #SCTLR_EL2_RES1 & 0xffff
	movk	x4, #SCTLR_EL2_RES1 >> 16, lsl #16
	msr	sctlr_el2, x4
	mov	x4, #SPSR_EL2H_DAIF
	msr	spsr_el3, x4
	adr	x4, from_el2
	msr	elr_el3, x4
	isb
	eret

/* No EL2: RW is 0. */
to_svc:
	mov	x4, #SCTLR_AT_RESET & 0xffff
	movk	x4, #SCTLR_AT_RESET >> 16, lsl #16
	msr	sctlr_el1, x4
	mov	x4, #MODE_SVC | MASK_AIF
	msr	spsr_el3, x4
	msr	elr_el3, x10
	isb
	eret

/* This core cannot run AArch32 here: says so, and sleeps. */
refuse:
#ifdef EARLY_UART
	ldr	w4, uart_base
	adr	x5, words
1:	ldrb	w6, [x5], #1
	cbz	w6, 3f
	mov	w7, #0x100000
2:	subs	w7, w7, #1
	b.eq	1b				// The UART takes nothing: next byte.
	EARLY_UART_LOAD w8, [x4, #EARLY_UART_STATUS]
	mov	w9, #EARLY_UART_ROOM
	eor	w8, w8, w9
	tst	w8, #EARLY_UART_MASK
	b.ne	2b
	EARLY_UART_STORE w6, [x4, #EARLY_UART_DATA]
	b	1b
#endif
3:	wfi
	b	3b

	.balign	4
tick_hz:
	.word	PLATFORM_TICK_HZ
midr_d0:
	.word	0x410fd0			// Arm's parts 0xd00 to 0xd0f.
#ifdef PLATFORM_GICD_BASE
gicd_base:
	.word	PLATFORM_GICD_BASE
#endif
#ifdef PLATFORM_GICR_BASE
gicr_base:
	.word	PLATFORM_GICR_BASE
#endif
#ifdef PLATFORM_GICC_BASE
gicc_base:
	.word	PLATFORM_GICC_BASE
#endif
#ifdef EARLY_UART
uart_base:
	.word	EARLY_UART
words:
	.asciz	"smmu-bringup: this core was entered in AArch64 EL1, or has no AArch32 at EL1: it cannot run here\r\n"
#endif
	.balign	4
	/* Pads, so that W's branch is an "ands" of scratch registers in AArch64 (linker/ram.ld). */
	.balign	16
	.space	68
