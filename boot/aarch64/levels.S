/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the entry's exception level to EL1. Sets EL2 and EL3 registers, UNKNOWN after reset, so that nothing traps. EL2
 * keeps vectors for the way back.
 */
#include "handback.h"
#include "macros.inc"
#include "platform.h"
#include "system.h"

	.equ SCR_RW_HCE_RES1_NS, 0x531
	.equ SCR_APK_API, 3 << 16		/* Pointer authentication */
	.equ SCR_ATA, 1 << 26			/* MTE */
	.equ SCR_FGTEN, 1 << 27
	.equ SCR_ECVEN, 1 << 28
	.equ SCR_HXEN, 1 << 38
	.equ SCR_SCTLR2EN, 1 << 44
	.equ SCR_FGTEN2, 1 << 59
	.equ CPTR_EL3_EZ, 1 << 8
	.equ CPTR_EL3_ESM, 1 << 12
	.equ MPAM3_TRAPLOWER, 1 << 62
	.equ HCR_RW, 1 << 31
	.equ CPTR_EL2_RES1, 0x33ff
	.equ CPTR_EL2_TZ, 1 << 8		/* RES1 without SVE. */
	.equ CPTR_EL2_TSM, 1 << 12		/* RES1 without SME. */
	.equ CPTR_E2H_ENABLE, 0x3330000		/* FPEN, ZEN, SMEN */
	.equ CNTHCTL_ENABLE, 3
	.equ CNTHCTL_E2H_ENABLE, 0xc00
	.equ MDCR_HPMN_MASK, 0x1f
	.equ MDCR_E2PB, 3 << 12
	.equ MDCR_E2TB, 3 << 24
	.equ REDISTRIBUTORS_MAX, 64
	.equ ESR_CLASS_SHIFT, 26
	.equ CLASS_HVC, 0x16
	.equ CLASS_SMC, 0x17
	.equ SPSR_EL2_BIT, 3

	.text
/* To EL1h, MMU and caches off. Moves x0 to x19. Clobbers x0 to x6. */
	.global enter_el1
	.type enter_el1, %function
enter_el1:
	mov	x19, x0
	mrs	x0, currentel
	cmp	x0, #CURRENT_EL3
	b.eq	from_el3
	cmp	x0, #CURRENT_EL2
	b.eq	from_el2
	constant x0, SCTLR_EL1_OFF
	msr	sctlr_el1, x0
	newer_of_el1 clear
	msr	spsel, #1
	isb
	ret

from_el2:
	constant x0, SCTLR_EL2_OFF
	msr	sctlr_el2, x0
	isb
	mov	x0, #HCR_RW			/* No E2H, TGE, traps, stage 2. */
	msr	hcr_el2, x0
	isb
	mrs	x0, hcr_el2
	tbnz	x0, #HCR_E2H_BIT, 1f		/* E2H may be RES1 (no FEAT_E2H0). */
	mov	x1, #CPTR_EL2_RES1
	unless_has id_aa64pfr0_el1, 32, 11f	/* SVE */
	bic	x1, x1, #CPTR_EL2_TZ
11:	unless_has id_aa64pfr1_el1, 24, 12f	/* SME */
	bic	x1, x1, #CPTR_EL2_TSM
12:
	mov	x2, #CNTHCTL_ENABLE
	b	2f
1:	constant x1, CPTR_E2H_ENABLE
	mov	x2, #CNTHCTL_E2H_ENABLE
2:	msr	cptr_el2, x1
	msr	cnthctl_el2, x2
	msr	cntvoff_el2, xzr
	msr	cnthp_ctl_el2, xzr
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	mrs	x0, midr_el1
	msr	vpidr_el2, x0
	mrs	x0, mpidr_el1
	msr	vmpidr_el2, x0
	isb
	mov	x6, x30
	cbnz	x19, 3f
	address	x0, boot_entry
	sctlr_el1_from_el2 mrs, x1, x2
	str	x1, [x0, #ENTRY_EL1]
3:	bl	open_debug
	bl	open_gic
	newer_of_el2 clear
	bl	open_traps
	address	x0, level_vectors
	msr	vbar_el2, x0
	constant x0, SCTLR_EL1_OFF
	sctlr_el1_from_el2 msr, x0, x1
	mov	x0, #SPSR_EL1H
	msr	spsr_el2, x0
	msr	elr_el2, x6
	dsb	sy
	isb
	eret

/* Gives EL1 the counters, profiling and trace buffers. */
open_debug:
	mov	x1, #0
	mrs	x0, id_aa64dfr0_el1
	ubfx	x2, x0, #8, #4			/* PMUVer; 0xf: not architected. */
	cbz	x2, 1f
	cmp	x2, #0xf
	b.eq	1f
	mrs	x1, pmcr_el0
	ubfx	x1, x1, #11, #5			/* N: all counters. */
1:	ubfx	x2, x0, #32, #4			/* PMSVer */
	cbz	x2, 2f
	orr	x1, x1, #MDCR_E2PB
2:	ubfx	x2, x0, #44, #4			/* TraceBuffer */
	cbz	x2, 3f
	orr	x1, x1, #MDCR_E2TB
3:	msr	mdcr_el2, x1
	ret

open_gic:
	unless_has id_aa64pfr0_el1, 24, 1f
	mrs	x0, s3_4_c12_c9_5		/* ICC_SRE_EL2 */
	orr	x0, x0, #8			/* Enable, */
	orr	x0, x0, #1			/* SRE. */
	msr	s3_4_c12_c9_5, x0
	isb
	mrs	x0, s3_4_c12_c9_5
	tbz	x0, #0, 1f			/* EL3 does not allow it. */
	msr	s3_4_c12_c11_0, xzr		/* ICH_HCR_EL2 */
1:	ret

/* Clears fine-grained traps and LORC_EL1; a caller in EL2 does not get them back. */
open_traps:
	unless_has id_aa64mmfr0_el1, 56, 2f	/* FGT */
	msr	s3_4_c1_c1_4, xzr		/* HFGRTR_EL2 */
	msr	s3_4_c1_c1_5, xzr		/* HFGWTR_EL2 */
	msr	s3_4_c1_c1_6, xzr		/* HFGITR_EL2 */
	msr	s3_4_c3_c1_4, xzr		/* HDFGRTR_EL2 */
	msr	s3_4_c3_c1_5, xzr		/* HDFGWTR_EL2 */
	cmp	x0, #2
	b.lo	1f				/* FGT2 */
	msr	s3_4_c3_c1_2, xzr		/* HFGRTR2_EL2 */
	msr	s3_4_c3_c1_3, xzr		/* HFGWTR2_EL2 */
	msr	s3_4_c3_c1_7, xzr		/* HFGITR2_EL2 */
	msr	s3_4_c3_c1_0, xzr		/* HDFGRTR2_EL2 */
	msr	s3_4_c3_c1_1, xzr		/* HDFGWTR2_EL2 */
1:	unless_has id_aa64pfr0_el1, 44, 2f	/* AMU */
	msr	s3_4_c3_c1_6, xzr		/* HAFGRTR_EL2 */
2:	unless_has id_aa64mmfr1_el1, 16, 3f	/* LOR */
	msr	s3_0_c10_c4_3, xzr		/* LORC_EL1 */
3:	ret

from_el3:
	constant x0, SCTLR_EL2_OFF		/* The same bits. The caller's tables go with its memory. */
	msr	sctlr_el3, x0
	isb
	/* CPUECTLR_EL1.SMPEN of Cortex-A35, A53, A57, A72, A73, before caches are on. */
	mrs	x0, midr_el1
	and	w1, w0, #0xff0fffff		/* Without the variant. */
	lsr	w1, w1, #8
	constant x2, 0x410fd0			/* Arm's parts 0xd00 to 0xd0f. */
	cmp	w1, w2
	b.ne	1f
	ubfx	w0, w0, #4, #4
	mov	w2, #0x398			/* 0xd03, 0xd04, 0xd07, 0xd08, 0xd09 */
	lsr	w2, w2, w0
	tbz	w2, #0, 1f
	mrs	x0, s3_1_c15_c2_1		/* CPUECTLR_EL1 */
	orr	x0, x0, #(1 << 6)
	msr	s3_1_c15_c2_1, x0
	isb
1:
	address	x0, level_vectors
	msr	vbar_el3, x0
	msr	mdcr_el3, xzr
	mov	x3, #SCR_RW_HCE_RES1_NS
	mov	x4, #0				/* CPTR_EL3 */
	unless_has id_aa64isar1_el1, 4, 1f	/* APA */
	orr	x3, x3, #SCR_APK_API
1:	unless_has id_aa64isar1_el1, 8, 2f	/* API */
	orr	x3, x3, #SCR_APK_API
2:	unless_has s3_0_c0_c6_2, 12, 21f	/* ID_AA64ISAR2_EL1.APA3 */
	orr	x3, x3, #SCR_APK_API
21:	unless_has id_aa64mmfr0_el1, 56, 3f	/* FGT */
	orr	x3, x3, #SCR_FGTEN
	cmp	x0, #2
	b.lo	3f				/* FGT2 */
	orr	x3, x3, #SCR_FGTEN2
3:	unless_has id_aa64mmfr0_el1, 60, 4f	/* ECV */
	orr	x3, x3, #SCR_ECVEN
4:	unless_has id_aa64mmfr1_el1, 40, 5f	/* HCX */
	orr	x3, x3, #SCR_HXEN
5:	unless_has id_aa64pfr1_el1, 8, 6f	/* MTE */
	orr	x3, x3, #SCR_ATA
6:	unless_has id_aa64pfr0_el1, 32, 7f	/* SVE */
	orr	x4, x4, #CPTR_EL3_EZ
7:	unless_has id_aa64pfr1_el1, 24, 8f	/* SME */
	orr	x4, x4, #CPTR_EL3_ESM
8:	unless_has s3_0_c0_c7_3, 4, 81f	/* SCTLRX */
	mov	x0, #SCR_SCTLR2EN
	orr	x3, x3, x0
81:	msr	cptr_el3, x4
	msr	scr_el3, x3
	isb
	mpam_version x0
	cbz	x0, 9f
	mrs	x0, s3_6_c10_c5_0		/* MPAM3_EL3 */
	bic	x0, x0, #MPAM3_TRAPLOWER
	msr	s3_6_c10_c5_0, x0
9:	mrs	x0, cntfrq_el0
	cbnz	x0, 10f
	constant x0, PLATFORM_TICK_HZ
	msr	cntfrq_el0, x0
10:	mov	x6, x30
	bl	open_gic_of_el3
	mov	x30, x6
	unless_has id_aa64pfr0_el1, 8, 11f	/* EL2 */
	constant x0, SCTLR_EL2_OFF
	msr	sctlr_el2, x0
	mov	x0, #HCR_RW
	msr	hcr_el2, x0
	mov	x0, #SPSR_EL2H
	adr	x1, from_el2
	b	12f
11:	constant x0, SCTLR_EL1_OFF
	msr	sctlr_el1, x0
	newer_of_el1 clear			/* UNKNOWN after reset. */
	mov	x0, #SPSR_EL1H
	mov	x1, x30
12:	msr	spsr_el3, x0
	msr	elr_el3, x1
	dsb	sy
	isb
	eret

/* Moves all interrupts, Secure at reset, to Non-secure group 1. Clobbers x0 to x5. */
open_gic_of_el3:
	unless_has id_aa64pfr0_el1, 24, 1f
	mov	x0, #0xf			/* SRE, no bypass, Enable. */
	msr	s3_6_c12_c12_5, x0		/* ICC_SRE_EL3 */
	isb
1:
#ifdef PLATFORM_GICD_BASE
	constant x3, PLATFORM_GICD_BASE
	ldr	w0, [x3, #0x004]		/* GICD_TYPER */
	and	w0, w0, #0x1f			/* ITLinesNumber */
	add	x3, x3, #0x080			/* GICD_IGROUPR0 */
	mov	w4, #-1
2:	str	w4, [x3], #4
	subs	w0, w0, #1
	b.pl	2b
#endif
#ifdef PLATFORM_GICC_BASE
	unless_has id_aa64pfr0_el1, 24, 5f
	b	6f
5:	constant x3, PLATFORM_GICC_BASE
	mov	w0, #0xff
	str	w0, [x3, #0x004]		/* GICC_PMR: else Non-secure writes are ignored. */
6:
#endif
#ifdef PLATFORM_GICR_BASE
	/* This core's redistributor, by affinity. */
	unless_has id_aa64pfr0_el1, 24, 4f
	mrs	x0, mpidr_el1
	ubfx	x1, x0, #32, #8
	and	w0, w0, #0xffffff
	orr	w0, w0, w1, lsl #24
	constant x3, PLATFORM_GICR_BASE
	mov	w4, #REDISTRIBUTORS_MAX
2:	ldr	w2, [x3, #0x00c]		/* GICR_TYPER, affinity */
	cmp	w2, w0
	b.eq	3f
	add	x3, x3, #0x20000
	subs	w4, w4, #1
	b.ne	2b
	b	4f
3:	add	x3, x3, #0x10000
	mov	w4, #-1
	str	w4, [x3, #0x080]		/* GICR_IGROUPR0 */
4:
#endif
	ret

/*
 * Vectors of EL2 and EL3. This image's HVC (x17: its syndrome) continues at x16; another call, PSCI by the wrong
 * conduit, gets NOT_SUPPORTED; other traps become EL1's. FAR_EL1, with E2H FAR_EL2, keeps x15.
 */
	.section .text..vectors, "ax", %progbits
	.balign	2048
	.global level_vectors
level_vectors:
	.rept	2				/* From EL2: save_entry's SVC. */
	.balign	128
	b	saved_pstate
	.rept	3
	.balign	128
	b	.
	.endr
	.endr
	.balign	128				/* Synchronous, from AArch64. */
	msr	far_el1, x15			/* SMCs may clobber x4 to x17 (DEN0028 2.6). */
	mrs	x15, currentel
	cmp	x15, #CURRENT_EL3
	b.eq	trap_to_el3
	mrs	x15, esr_el2
	cmp	w15, w17
	b.eq	2f
	lsr	w15, w15, #ESR_CLASS_SHIFT
	cmp	w15, #CLASS_HVC
	b.ne	trap_to_el2
	mov	x0, #-1				/* NOT_SUPPORTED */
	eret
2:	br	x16
	.rept	7
	.balign	128
	b	.
	.endr

	/* Makes a trap to `from` EL1's own; EL1's registers by these names. */
	.macro	to_el1 from, esr, elr, spsr, vbar
	mrs	x15, esr_\from
	msr	\esr, x15
	mrs	x15, elr_\from
	msr	\elr, x15
	mrs	x15, spsr_\from
	msr	\spsr, x15
	mrs	x15, \vbar			/* EL1's vector of C's exceptions. */
	msr	elr_\from, x15
	mov	x15, #SPSR_EL1H
	msr	spsr_\from, x15
	mrs	x15, far_el1
	eret
	.endm

	.text
trap_to_el2:
	mrs	x15, hcr_el2
	tbnz	x15, #HCR_E2H_BIT, 1f
	to_el1	el2, esr_el1, elr_el1, spsr_el1, vbar_el1
1:	to_el1	el2, s3_5_c5_c2_0, s3_5_c4_c0_1, s3_5_c4_c0_0, s3_5_c12_c0_0	/* With E2H they are called _EL12. */

trap_to_el3:
	mrs	x15, esr_el3
	lsr	w15, w15, #ESR_CLASS_SHIFT
	cmp	w15, #CLASS_SMC
	b.eq	1f
	mrs	x15, spsr_el3
	tbnz	x15, #SPSR_EL2_BIT, 2f
	to_el1	el3, esr_el1, elr_el1, spsr_el1, vbar_el1
1:	mov	x0, #-1				/* NOT_SUPPORTED */
	eret
2:	adr	x1, of_el2			/* On the way down EL2 has no vectors yet. */
	bl	early_say
	mrs	x3, esr_el3
	bl	early_say_hex
	adr	x1, at_pc
	bl	early_say
	mrs	x3, elr_el3
	bl	early_say_hex
	adr	x1, ends
	bl	early_say
	b	early_rest
of_el2:	.asciz	"\r\nsmmu-bringup: an exception on the way through EL2. ESR_EL3 0x"
at_pc:	.asciz	", pc 0x"
ends:	.asciz	"\r\n"
	.balign	4
