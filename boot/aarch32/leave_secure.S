/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From Secure SVC (EL3 is AArch32) to Non-secure state: the SMMUs' Non-secure interface reads Non-secure memory. Only
 * an SMC leads back.
 */
#include "handback.h"
#include "platform.h"
#include "system.h"

	.syntax unified
	.arm
	.arch_extension sec
	.arch_extension virt

	.equ PFR1_SECURITY, 0xf0
	.equ PFR1_VIRTUALIZATION, 0xf000
	.equ PFR1_GIC, 0xf0000000
	.equ SCR_NS_FW_AW, 0x31			/* Non-secure software may mask aborts and FIQs. */
	.equ SCR_HCE, 0x100
	.equ HSCTLR_RES1, 0x30c50830
	.equ NSACR_CP10_CP11, 0xc00
	.equ MIDR_C0, 0x410fc0			/* Parts 0xc00 to 0xc0f. */
	.equ SMP, 0x40				/* ACTLR.SMP, CPUECTLR.SMPEN */

	/* Not in bss, which is cleared later. */
	.section .data.entry, "aw", %progbits
	.balign	16
	.global boot_secure
boot_secure:					/* 0; LR_EL3: left AArch64; 1: the next words are saved: */
	.word	0, 0, 0, 0			/* SCR, NSACR, MVBAR */

	.text
/*
 * After setup_core; r7: CPSR at entry. Returns in Non-secure SVC, where SCR is undefined: only that tells the state.
 * Clobbers r0 to r6, r9, r10.
 */
	.global leave_secure
	.type leave_secure, %function
leave_secure:
	ldr	r4, =boot_secure
	ldr	r6, =boot_entry
	ldr	r6, [r6, #ENTRY_LR]
	and	r0, r7, #MODE_MASK
	cmp	r6, #LR_EL3
	streq	r6, [r4]			/* leave_aarch64.S did it. */
	cmpne	r6, #LR_EL2
	cmpne	r0, #MODE_HYP
	bxeq	lr
	mrc	p15, 0, r9, c0, c1, 1		/* ID_PFR1 */
	tst	r9, #PFR1_SECURITY
	bxeq	lr
	ldr	r5, =secure_vectors
	mcr	p15, 0, r5, c12, c0, 0		/* VBAR */
	isb
	mov	r0, #1
	mrc	p15, 0, r1, c1, c1, 0		/* SCR; undefined: r0 is 0. */
	ldr	r2, =boot_vectors
	mcr	p15, 0, r2, c12, c0, 0
	isb
	cmp	r0, #0
	bxeq	lr
	mrc	p15, 0, r2, c1, c1, 2		/* NSACR */
	mrc	p15, 0, r3, c12, c0, 1		/* MVBAR */
	stm	r4, {r0-r3}
	mov	r10, lr
	mcr	p15, 0, r5, c12, c0, 1
	orr	r2, r2, #NSACR_CP10_CP11
	mcr	p15, 0, r2, c1, c1, 2
	bl	join_coherency
	bl	give_interrupts
	mrc	p15, 0, r0, c14, c0, 0		/* CNTFRQ */
	cmp	r0, #0
	ldreq	r0, =PLATFORM_TICK_HZ
	mcreq	p15, 0, r0, c14, c0, 0
	mov	r0, #SCR_NS_FW_AW
	mov	r1, #(MODE_SVC | MASK_AIF)
	ldr	r2, =HSCTLR_RES1
	ldr	r3, =SCTLR_AT_RESET
	cps	#MODE_MON
	tst	r9, #PFR1_VIRTUALIZATION
	orrne	r0, r0, #SCR_HCE
	mcr	p15, 0, r0, c1, c1, 0		/* MODE_MON stays Secure, banked registers are Non-secure. */
	isb
	movne	r1, #(MODE_HYP | MASK_AIF)
	mcrne	p15, 4, r2, c1, c0, 0		/* HSCTLR */
	mcr	p15, 0, r3, c1, c0, 0		/* SCTLR */
	tst	r9, #PFR1_GIC
	movne	r2, #0xf			/* SRE, no bypass, Enable. */
	mcrne	p15, 6, r2, c12, c12, 5		/* ICC_MSRE */
	isb
	msr	spsr_cxsf, r1
	adr	lr, 1f
	movs	pc, lr
1:	bl	leave_hyp
	bl	setup_core
	bx	r10

/*
 * Coherency, before caches are on (cores' manuals): ACTLR.SMP of Cortex-A7, A12, A15, A17; CPUECTLR.SMPEN of A32, A35,
 * A53, A57, A72, A73. Clobbers r0 to r2.
 */
join_coherency:
	mrc	p15, 0, r0, c0, c0, 0		/* MIDR */
	bic	r1, r0, #0x00f00000		/* Variant */
	lsr	r1, r1, #8
	ubfx	r0, r0, #4, #4
	ldr	r2, =MIDR_C0
	cmp	r1, r2
	bne	1f
	ldr	r2, =0xe080			/* 0xc07, 0xc0d, 0xc0e, 0xc0f */
	lsr	r2, r2, r0
	tst	r2, #1
	bxeq	lr
	mrc	p15, 0, r0, c1, c0, 1		/* ACTLR */
	orr	r0, r0, #SMP
	mcr	p15, 0, r0, c1, c0, 1
	isb
	bx	lr
1:	add	r2, r2, #0x10
	cmp	r1, r2
	bxne	lr
	ldr	r2, =0x039a			/* 0xd01, 0xd03, 0xd04, 0xd07, 0xd08, 0xd09 */
	lsr	r2, r2, r0
	tst	r2, #1
	bxeq	lr
	mrrc	p15, 1, r0, r1, c15		/* CPUECTLR */
	orr	r0, r0, #SMP
	mcrr	p15, 1, r0, r1, c15
	isb
	bx	lr

/* Moves all interrupts, Secure at reset, to Non-secure group 1. r9: ID_PFR1. Clobbers r0 to r3. */
give_interrupts:
#ifdef PLATFORM_GICD_BASE
	ldr	r0, =PLATFORM_GICD_BASE
	ldr	r1, [r0, #0x004]		/* GICD_TYPER */
	and	r1, r1, #0x1f			/* ITLinesNumber */
	add	r0, r0, #0x080			/* GICD_IGROUPR0 */
	mvn	r2, #0
1:	str	r2, [r0], #4
	subs	r1, r1, #1
	bpl	1b
#endif
	tst	r9, #PFR1_GIC
	bne	2f
#ifdef PLATFORM_GICC_BASE
	ldr	r0, =PLATFORM_GICC_BASE
	mov	r1, #0xff
	str	r1, [r0, #0x004]		/* GICC_PMR: else Non-secure writes are ignored. */
#endif
	bx	lr
2:
#ifdef PLATFORM_GICR_BASE
	ldr	r0, =PLATFORM_GICR_BASE
	mrc	p15, 0, r1, c0, c0, 5		/* MPIDR */
	bic	r1, r1, #0xff000000
	mov	r3, #64				/* Bound. */
3:	ldr	r2, [r0, #0x00c]		/* GICR_TYPER, affinity */
	bic	r2, r2, #0xff000000
	cmp	r2, r1
	addeq	r0, r0, #0x10000
	mvneq	r2, #0
	streq	r2, [r0, #0x080]		/* GICR_IGROUPR0 */
	bxeq	lr
	add	r0, r0, #0x20000
	subs	r3, r3, #1
	bne	3b
#endif
	bx	lr

/* VBAR of the probe above, MVBAR. */
	.balign	32
secure_vectors:
	b	.
	b	on_undefined
	/* r0 is 0: undoes leave_secure. Else: no PSCI. */
	cmp	r0, #0
	mvnne	r0, #0				/* PSCI_NOT_SUPPORTED */
	movsne	pc, lr
	ldr	r12, =boot_secure
	ldmib	r12, {r1-r3}
	mcr	p15, 0, r1, c1, c1, 0		/* SCR */
	mcr	p15, 0, r2, c1, c1, 2		/* NSACR */
	mcr	p15, 0, r3, c12, c0, 1		/* MVBAR */
	isb
	movs	pc, lr
on_undefined:
	mov	r0, #0
	movs	pc, lr
	.ltorg
