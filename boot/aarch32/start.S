/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From reset to C. Entered in SVC or HYP, or in AArch64 (EL3, EL2) by leave_aarch64.S; r2 or r0 may hold the device
 * tree, or r0 and r1 argc and argv. MMU off: no unaligned access.
 */
#include "handback.h"
#include "platform.h"
#include "cpu/stacks.h"
#include "system.h"

	.syntax unified
	.arm
	.arch_extension virt
	.fpu neon-vfpv4

	.equ MASK_IF, 0xc0
	.equ CPSR_E, 0x200
	.equ LINE_MIN, 16

	.section .text..start, "ax", %progbits

	.equ MSR_DAIFSET_15, 0xd5034fdf
	.equ ADR_X10_8_BEFORE, 0x10ffffca
	.equ B_AARCH64, 0x14000000		/* Offset: words. */
	.equ B_AARCH64_MASK, 0x03ffffff

	/* To AArch64 it is an "ands", and what follows is code. */
	.global _start
	.type _start, %function
_start:
	b	start_aarch32
	.incbin LEAVE_AARCH64, 4
	.global start_aarch32			/* linker/ram.ld checks it. */
start_aarch32:
	mrs	r3, cpsr
	setend	le				/* Before a load. */
	tst	r3, #CPSR_E
	movne	r1, #0				/* No arguments, no way back. */
	movne	lr, #LR_BIG_ENDIAN
	adr	r3, start_aarch32
	ldr	r12, =start_aarch32
	cmp	r3, r12
	bne	boot_misplaced
	/* With the caches off, a loader's dirty line would overwrite what is stored now. */
	ldr	r3, =boot_entry
	add	r12, r3, #ENTRY_SIZE
1:	mcr	p15, 0, r3, c7, c14, 1		/* DCCIMVAC */
	add	r3, r3, #LINE_MIN
	cmp	r3, r12
	blo	1b
	dsb
	mov	r3, lr
	bl	save_entry
	mrs	r7, cpsr
	cpsid	aif
	bl	clean_image			/* SVC fetches past HYP's caches. */
	bl	leave_hyp
	bl	setup_core
	bl	leave_secure
	bl	clean_image			/* Drops lines that were read meanwhile. */
	mrrc	p15, 1, r8, r9, c14		/* CNTVCT */
	ldr	r0, =__bss_start
	ldr	r1, =__bss_end
	mov	r2, #0
	.irp	zero, r3, r4, r5, r6, r7, r10, r11
	mov	\zero, r2
	.endr
1:	cmp	r0, r1				/* Multiples of 64. */
	stmialo	r0!, {r2-r7, r10, r11}
	stmialo	r0!, {r2-r7, r10, r11}
	blo	1b
	ldr	r0, =__uncached_start
	str	r2, [r0]			/* Drops an earlier run's console. */
	mov	r0, #0
	ldr	r1, =__stacks_end
	bl	setup_stacks
	mov	r0, r8
	mov	r1, r9
	bl	boot_prepare
	bl	enable_mmu
	bl	boot_enter
	b	.

/* From PSCI, perhaps in AArch64. r0: core number. */
	.global boot_secondary_start
	.type boot_secondary_start, %function
boot_secondary_start:
	b	secondary_aarch32
	.word	MSR_DAIFSET_15			/* As leave_aarch64.S begins, with another x10; continues there. */
	.word	ADR_X10_8_BEFORE
	.word	B_AARCH64 | (-((. - _start - 12) / 4) & B_AARCH64_MASK)
	.space	4				/* So that the branch is "ands x3, x0, x0". */
secondary_aarch32:
	cpsid	aif
	mov	r7, r0
	bl	leave_hyp
	bl	setup_core
	mov	r0, r7
	ldr	r1, =boot_stacks
	ldr	r1, [r1]
	mov	r12, #STACK_STRIDE
	mla	r1, r0, r12, r1
	bl	setup_stacks
	bl	enable_mmu
	mov	r0, r7
	bl	boot_secondary_enter
	b	.

/* Goes to SVC; from HYP with its traps off. Clobbers r0 to r2. */
	.global leave_hyp
leave_hyp:
	mrs	r0, cpsr
	and	r0, r0, #MODE_MASK
	cmp	r0, #MODE_HYP
	beq	1f
	mov	r1, lr				/* lr is banked. */
	cps	#MODE_SVC
	bx	r1
1:	mov	r1, lr
	ldr	r0, =hyp_vectors
	mcr	p15, 4, r0, c12, c0, 0		/* HVBAR: handback.S. */
	mov	r0, #0
	mcr	p15, 4, r0, c1, c1, 0		/* HCR */
	mcr	p15, 4, r0, c1, c1, 3		/* HSTR */
	ldr	r0, =0x33ff			/* HCPTR: RES1 bits. */
	mcr	p15, 4, r0, c1, c1, 2
	mrc	p15, 0, r0, c0, c0, 0
	mcr	p15, 4, r0, c0, c0, 0		/* VPIDR := MIDR */
	mrc	p15, 0, r0, c0, c0, 5
	mcr	p15, 4, r0, c0, c0, 5		/* VMPIDR := MPIDR */
	mrc	p15, 0, r0, c0, c1, 1		/* ID_PFR1 */
	tst	r0, #0x000f0000			/* Generic timer? */
	beq	2f
	mov	r2, #3
	mcr	p15, 4, r2, c14, c1, 0		/* CNTHCTL: no traps. */
	mov	r2, #0
	mcrr	p15, 4, r2, r2, c14		/* CNTVOFF */
	mcr	p15, 4, r2, c14, c2, 1		/* CNTHP_CTL */
2:	tst	r0, #0xf0000000			/* GICv3 system registers? */
	beq	3f
	mrc	p15, 4, r2, c12, c9, 5		/* ICC_HSRE */
	orr	r2, r2, #9			/* Enable, SRE */
	mcr	p15, 4, r2, c12, c9, 5
	isb
	mov	r2, #0
	mcr	p15, 4, r2, c12, c11, 0		/* ICH_HCR */
3:	ldr	r0, =SCTLR_AT_RESET
	mcr	p15, 0, r0, c1, c0, 0		/* SCTLR: an MMU left on would translate the return. */
	mov	r0, #(MODE_SVC | MASK_AIF)
	msr	spsr_cxsf, r0			/* spsr_hyp is UNPREDICTABLE in HYP. */
	msr	elr_hyp, r1
	eret

/*
 * Before the first store past the cache: memory gets what a loader and save_entry stored, no stale line stays. By
 * address: other dirty lines stay. Clobbers r0 to r3.
 */
clean_image:
	mrc	p15, 0, r3, c0, c0, 1		/* CTR */
	ubfx	r3, r3, #16, #4			/* DminLine */
	mov	r2, #4
	lsl	r2, r2, r3
	ldr	r0, =__image_start
	ldr	r1, =__image_end
1:	.rept	16				/* Both ends are multiples of 4096. */
	mcr	p15, 0, r0, c7, c14, 1		/* DCCIMVAC */
	add	r0, r0, r2
	.endr
	cmp	r0, r1
	blo	1b
	dsb
	bx	lr

/* MMU and caches off. Clobbers r0. */
	.global setup_core
setup_core:
	ldr	r0, =SCTLR_AT_RESET
	mcr	p15, 0, r0, c1, c0, 0		/* SCTLR */
	isb
	mov	r0, #0
	mcr	p15, 0, r0, c8, c7, 0		/* TLBIALL */
	mcr	p15, 0, r0, c7, c5, 0		/* ICIALLU */
	mcr	p15, 0, r0, c7, c5, 6		/* BPIALL */
	dsb
	isb
	ldr	r0, =boot_vectors
	mcr	p15, 0, r0, c12, c0, 0		/* VBAR */
	mov	r0, #0x00f00000			/* CPACR: cp10, cp11 (floating point). */
	mcr	p15, 0, r0, c1, c0, 2
	isb
	mov	r0, #0x40000000			/* FPEXC.EN */
	vmsr	fpexc, r0
	bx	lr

/* r0: core number, to TPIDRPRW; r1: end of its stacks. Clobbers r3. */
setup_stacks:
	mcr	p15, 0, r0, c13, c0, 4
	mov	r3, lr
	cps	#MODE_ABT
	mov	sp, r1
	cps	#MODE_UND
	mov	sp, r1
	cps	#MODE_FIQ
	mov	sp, r1
	cps	#MODE_IRQ
	mov	sp, r1
	cps	#MODE_SVC
	sub	sp, r1, #EMERGENCY_SIZE
	bx	r3

/* TTBR0 only, long descriptors. Clobbers r0, r1. */
enable_mmu:
	ldr	r0, =0x004404ff			/* MAIR0: Normal write-back, Device-nGnRE, Normal non-cacheable. */
	mcr	p15, 0, r0, c10, c2, 0
	ldr	r0, =0x80803500			/* TTBCR: EAE, EPD1, SH0 inner, write-back, T0SZ 0. */
	mcr	p15, 0, r0, c2, c0, 2
	ldr	r0, =boot_root_table
	mov	r1, #0
	mcrr	p15, 0, r0, r1, c2		/* TTBR0 */
	isb
	mcr	p15, 0, r1, c8, c7, 0		/* TLBIALL */
	dsb
	isb
	mrc	p15, 0, r0, c1, c0, 0
	orr	r0, r0, #0x5			/* M, C */
	orr	r0, r0, #0x1800			/* I, Z */
	orr	r0, r0, #0x00080000		/* WXN */
	mcr	p15, 0, r0, c1, c0, 0
	isb
	bx	lr

	.ltorg

	.section .rodata.image_end, "a"
	.balign	4
	.global image_end
image_end:
	.word	__image_end
