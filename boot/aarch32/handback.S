/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saves the boot core's state at entry, restores it for the boot loader. Invalidates no cache: the caller's dirty lines
 * stay.
 */
#include "handback.h"
#include "system.h"

	.syntax unified
	.arm
	.arch_extension sec
	.arch_extension virt
	.fpu neon-vfpv4

	.equ LINE_MIN, 16

	/* Registers that this firmware changes, except SCTLR. */
	.macro	for_pl1 word, pair
	\word	0, c2, c0, 2			/* TTBCR */
	\pair	0, c2				/* TTBR0 */
	\pair	1, c2				/* TTBR1 */
	\word	0, c3, c0, 0			/* DACR */
	\word	0, c10, c2, 0			/* MAIR0 */
	\word	0, c10, c2, 1			/* MAIR1 */
	\word	0, c12, c0, 0			/* VBAR */
	\word	0, c1, c0, 2			/* CPACR */
	\word	0, c13, c0, 4			/* TPIDRPRW */
	\pair	3, c14				/* CNTV_CVAL */
	\word	0, c14, c3, 1			/* CNTV_CTL */
	.endm

	.macro	for_hyp word, pair
	\word	4, c12, c0, 0			/* HVBAR */
	\word	4, c1, c1, 0			/* HCR */
	\word	4, c1, c1, 3			/* HSTR */
	\word	4, c1, c1, 2			/* HCPTR */
	\word	4, c0, c0, 0			/* VPIDR */
	\word	4, c0, c0, 5			/* VMPIDR */
	\word	4, c14, c1, 0			/* CNTHCTL */
	\pair	4, c14				/* CNTVOFF */
	.endm

	.macro	save_word op1, crn, crm, op2
	mrc	p15, \op1, r0, \crn, \crm, \op2
	str	r0, [r12], #4
	.endm

	.macro	save_pair op1, crm
	mrrc	p15, \op1, r0, r1, \crm
	stmia	r12!, {r0, r1}
	.endm

	.macro	put_word op1, crn, crm, op2
	ldr	r2, [r12], #4
	mcr	p15, \op1, r2, \crn, \crm, \op2
	.endm

	.macro	put_pair op1, crm
	ldmia	r12!, {r2, r3}
	mcrr	p15, \op1, r2, r3, \crm
	.endm

	/* Not in bss, which is cleared later. */
	.section .data.entry, "aw", %progbits
	.balign	64
	.global boot_entry
boot_entry:
	.space	ENTRY_SIZE
	.balign	64
boot_entry_end:

	.text
/* r3: lr at entry. Clobbers r0 to r3, r12. */
	.global save_entry
	.type save_entry, %function
save_entry:
	ldr	r12, =boot_entry
	stmia	r12!, {r0-r2, r4-r11}
	str	sp, [r12], #4
	str	r3, [r12], #4
	mrs	r3, cpsr
	str	r3, [r12, #(ENTRY_CPSR - ENTRY_CNTHP)]
	and	r2, r3, #MODE_MASK
	cmp	r2, #MODE_HYP
	addne	r12, r12, #(ENTRY_BANKED - ENTRY_CNTHP)
	bne	1f
	mrc	p15, 4, r3, c14, c2, 1		/* CNTHP_CTL */
	str	r3, [r12]
	ldr	r12, =boot_entry + ENTRY_HYP
	for_hyp	save_word, save_pair
	ldr	r12, =boot_entry + ENTRY_PL1
	b	2f				/* HYP needs no other modes. */
1:	mov	r2, lr
	mov	r0, r12				/* FIQ has its own r12. */
	.irp	mode, MODE_FIQ, MODE_IRQ, MODE_ABT, MODE_UND
	cpsid	aif, #\mode
	str	sp, [r0], #4
	.endr
	cpsid	aif, #MODE_SVC
	mov	r12, r0
	mov	lr, r2
2:	save_word 0, c1, c0, 0			/* SCTLR */
	for_pl1	save_word, save_pair
	mrc	p15, 0, r1, c1, c0, 2		/* CPACR */
	orr	r0, r1, #0x00f00000
	mcr	p15, 0, r0, c1, c0, 2
	isb
	ldr	r12, =boot_entry + ENTRY_FPEXC
	vmrs	r0, fpexc
	str	r0, [r12], #4
	orr	r0, r0, #0x40000000
	vmsr	fpexc, r0
	vstmia	r12, {d8-d15}
	bx	lr

/* r0: the result. */
	.global boot_hand_back
	.type boot_hand_back, %function
boot_hand_back:
	cpsid	aif, #MODE_SVC
	mov	r4, r0
	ldr	r0, =boot_entry
	ldr	r1, =boot_entry_end
1:	mcr	p15, 0, r0, c7, c14, 1		/* DCCIMVAC: for reads with the cache off. */
	add	r0, r0, #LINE_MIN
	cmp	r0, r1
	blo	1b
	dsb
	ldr	r0, =SCTLR_AT_RESET
	mcr	p15, 0, r0, c1, c0, 0		/* SCTLR: MMU off, so that tables may change. */
	isb
	ldr	r0, =boot_secure
	ldr	r0, [r0]
	subs	r0, r0, #1
	bne	2f
	smc	#0				/* To Secure state. */
2:
	ldr	r12, =boot_entry + ENTRY_FPEXC
	ldr	r5, [r12], #4
	vldmia	r12, {d8-d15}
	vmsr	fpexc, r5
	ldr	r12, =boot_entry
	ldr	r5, [r12, #ENTRY_CPSR]
	and	r5, r5, #MODE_MASK
	cmp	r5, #MODE_HYP
	beq	2f
	add	r3, r12, #ENTRY_BANKED
	.irp	mode, MODE_FIQ, MODE_IRQ, MODE_ABT, MODE_UND
	cps	#\mode
	ldr	sp, [r3], #4
	.endr
	cps	#MODE_SVC
2:	ldr	r12, =boot_entry + ENTRY_PL1
	ldr	r6, [r12], #4			/* SCTLR: written last. */
	for_pl1	put_word, put_pair
	mov	r0, #0
	mcr	p15, 0, r0, c8, c7, 0		/* TLBIALL */
	mcr	p15, 0, r0, c7, c5, 0		/* ICIALLU */
	mcr	p15, 0, r0, c7, c5, 6		/* BPIALL */
	dsb
	isb
	mov	r0, r4
	mov	r1, r6
	cmp	r5, #MODE_HYP
	bne	leave
	hvc	#0

/* r0: the result; r1: SCTLR. In the entry's mode. */
leave:
	ldr	r12, =boot_entry
	ldr	sp, [r12, #ENTRY_SP]
	ldr	lr, [r12, #ENTRY_LR]
	ldr	r2, [r12, #ENTRY_CPSR]
	add	r12, r12, #ENTRY_R4
	ldmia	r12, {r4-r11}
	mcr	p15, 0, r1, c1, c0, 0		/* SCTLR */
	isb
	msr	cpsr_cxsf, r2
	bx	lr

/* The only HVC: to a caller in HYP, whose MMU was never off. */
	.balign	32
	.global hyp_vectors
hyp_vectors:
	b	.
	b	.
	b	.
	b	.
	b	.
	b	hyp_leave
	b	.
	b	.
hyp_leave:
	ldr	r12, =boot_entry + ENTRY_HYP
	for_hyp	put_word, put_pair
	ldr	r12, =boot_entry
	ldr	r2, [r12, #ENTRY_CNTHP]
	mcr	p15, 4, r2, c14, c2, 1		/* CNTHP_CTL */
	isb
	b	leave
	.ltorg
