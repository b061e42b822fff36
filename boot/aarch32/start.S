/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From reset to C. Entered in SVC or HYP, on any core; r2 or r0 may hold the device tree, or r0 and r1 argc and argv of a
 * boot loader that lr leads back to. Entered in AArch64 (EL3, EL2), the first word is an "ands" of a scratch register, and
 * what is behind it comes back here in AArch32. Nothing here may use an unaligned access before the MMU is on.
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
	.equ FDT_MAGIC_LE, 0xedfe0dd0		/* 0xd00dfeed, as a little-endian core reads it. */

	.section .text.start, "ax", %progbits

	/* AArch64's. */
	.equ MSR_DAIFSET_15, 0xd5034fdf
	.equ ADR_X10_8_BEFORE, 0x10ffffca
	.equ B_AARCH64, 0x14000000		/* Its offset is in words. */
	.equ B_AARCH64_MASK, 0x03ffffff

	/* The branch over the AArch64 code; its offset is what that state takes for the operands of its "ands". */
	.global _start
	.type _start, %function
_start:
	b	start_aarch32
	.incbin LEAVE_AARCH64, 4
	.global start_aarch32			/* linker/ram.ld looks at its distance. */
start_aarch32:
	adr	r3, start_aarch32
	ldr	r12, =start_aarch32
	cmp	r3, r12
	bne	boot_misplaced
	mov	r3, lr				/* The caller goes on there. */
	bl	save_entry
	mrs	r7, cpsr			/* HYP still, or SVC. */
	cpsid	aif
	bl	leave_hyp
	bl	clean_image
	bl	setup_core
	bl	leave_secure
	bl	clean_image			/* With the cache off no line comes back that was read meanwhile. */
	mrrc	p15, 1, r8, r9, c14		/* CNTVCT at reset; kept in registers until bss is clear. */
	ldr	r0, =__bss_start
	ldr	r1, =__bss_end
	mov	r2, #0
	.irp	zero, r3, r4, r5, r6, r7, r10, r11
	mov	\zero, r2
	.endr
1:	cmp	r0, r1				/* Both are multiples of 64: linker/ram.ld. */
	stmialo	r0!, {r2-r7, r10, r11}
	stmialo	r0!, {r2-r7, r10, r11}
	blo	1b
	ldr	r0, =__uncached_start
	str	r2, [r0]			/* No console from a run before this one. */
	mov	r0, #0
	ldr	r1, =__stacks_end
	bl	setup_stacks
	bl	find_device_tree
	mov	r2, r8
	mov	r3, r9
	bl	boot_prepare			/* Records, builds the translation tables. r0: device tree. */
	bl	enable_mmu
	bl	boot_enter
	b	.

/* A core that PSCI turned on, in AArch64 where TF-A is of that kind: r0 is the core's number. */
	.global boot_secondary_start
	.type boot_secondary_start, %function
boot_secondary_start:
	b	secondary_aarch32
	.word	MSR_DAIFSET_15			/* The first two of leave_aarch64.S, with another x10; then it goes on there. */
	.word	ADR_X10_8_BEFORE
	.word	B_AARCH64 | (-((. - _start - 12) / 4) & B_AARCH64_MASK)
	.space	4				/* As far as "ands x3, x0, x0" is a branch. */
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

/* From HYP to SVC, with nothing left that traps what we do there. From any other mode: to SVC. Clobbers r0 to r2. */
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
	mcr	p15, 4, r0, c12, c0, 0		/* HVBAR: the way back, see handback.S. */
	mov	r0, #0
	mcr	p15, 4, r0, c1, c1, 0		/* HCR: no stage 2, no traps. */
	mcr	p15, 4, r0, c1, c1, 3		/* HSTR */
	ldr	r0, =0x33ff			/* HCPTR: the bits that are one, no coprocessor trapped. */
	mcr	p15, 4, r0, c1, c1, 2
	mrc	p15, 0, r0, c0, c0, 0
	mcr	p15, 4, r0, c0, c0, 0		/* VPIDR := MIDR */
	mrc	p15, 0, r0, c0, c0, 5
	mcr	p15, 4, r0, c0, c0, 5		/* VMPIDR := MPIDR */
	mrc	p15, 0, r0, c0, c1, 1		/* ID_PFR1 */
	tst	r0, #0x000f0000			/* A generic timer? */
	beq	2f
	mov	r2, #3
	mcr	p15, 4, r2, c14, c1, 0		/* CNTHCTL: the physical counter and timer are not trapped. */
	mov	r2, #0
	mcrr	p15, 4, r2, r2, c14		/* CNTVOFF: virtual time is physical time. */
2:	tst	r0, #0xf0000000			/* GICv3's system registers? */
	beq	3f
	mrc	p15, 4, r2, c12, c9, 5		/* ICC_HSRE */
	orr	r2, r2, #9			/* Enable for SVC, SRE. */
	mcr	p15, 4, r2, c12, c9, 5
	isb
	mov	r2, #0
	mcr	p15, 4, r2, c12, c11, 0		/* ICH_HCR: no virtual interrupts. */
3:	mov	r0, #(MODE_SVC | MASK_AIF)
	msr	spsr_cxsf, r0			/* By its own name it is UNPREDICTABLE in HYP mode itself. */
	msr	elr_hyp, r1
	eret

/*
 * Before the first store: whatever a loader left in the data cache for the image's addresses goes to memory, where this code
 * reads it with the cache off, and no stale line is left to be found once the cache is on. By address, so that other
 * memory's dirty lines are left alone. Clobbers r0 to r3.
 */
clean_image:
	mrc	p15, 0, r3, c0, c0, 1		/* CTR */
	ubfx	r3, r3, #16, #4			/* DminLine: log2 of words. */
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

/* The calling core's system registers, MMU and caches off. Clobbers r0. */
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
	mov	r0, #0x00f00000			/* CPACR: cp10 and cp11, the ABI is hard-float. */
	mcr	p15, 0, r0, c1, c0, 2
	isb
	mov	r0, #0x40000000			/* FPEXC.EN */
	vmsr	fpexc, r0
	bx	lr

/* r0: the core's number, r1: the end of its stacks. Sets TPIDRPRW and every mode's stack. Clobbers r1, r3. */
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

/*
 * The device tree, in r0, or 0: where r2 says, or r0 as AArch64 hands it over, or where the platform has it. Clobbers r1 to
 * r3, r12.
 */
find_device_tree:
	ldr	r1, =FDT_MAGIC_LE
	ldr	r3, =PLATFORM_RAM_BASE
	ldr	r12, =boot_entry
	ldr	r2, [r12, #ENTRY_ARGUMENT0]
	sub	r2, r2, #1
	cmp	r2, #ARGUMENTS_MAX
	blo	2f				/* It is argc, and r2 is anything. */
	ldr	r0, [r12, #ENTRY_ARGUMENT2]
	tst	r0, #7
	bne	1f
	cmp	r0, r3
	blo	1f
	mcr	p15, 0, r0, c7, c14, 1		/* DCCIMVAC: a loader's cache may hold it. */
	dsb
	ldr	r2, [r0]
	cmp	r2, r1
	bxeq	lr
1:	ldr	r0, [r12, #ENTRY_ARGUMENT0]
	tst	r0, #7
	bne	2f
	cmp	r0, r3
	blo	2f
	mcr	p15, 0, r0, c7, c14, 1		/* DCCIMVAC */
	dsb
	ldr	r2, [r0]
	cmp	r2, r1
	bxeq	lr
2:	ldr	r0, =PLATFORM_DEVICE_TREE
	cmp	r0, #0
	bxeq	lr
	mcr	p15, 0, r0, c7, c14, 1		/* DCCIMVAC */
	dsb
	ldr	r2, [r0]
	cmp	r2, r1
	movne	r0, #0
	bx	lr

/*
 * Long descriptors from TTBR0 alone, tables in write-back shareable memory; then MMU and caches on. Clobbers r0, r1.
 */
enable_mmu:
	ldr	r0, =0x004404ff			/* MAIR0: 0 Normal write-back, 1 Device-nGnRE, 2 Normal non-cacheable. */
	mcr	p15, 0, r0, c10, c2, 0
	ldr	r0, =0x80803500			/* TTBCR: EAE, EPD1, SH0 inner, ORGN0 and IRGN0 write-back, T0SZ 0. */
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
	orr	r0, r0, #0x00080000		/* WXN: what is writable is never executed. */
	mcr	p15, 0, r0, c1, c0, 0
	isb
	bx	lr

	.ltorg
