/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From reset to C. Entered in EL3, EL2 or EL1, at any page; x0 may hold the device tree, or x0 and x1 argc and argv. C
 * runs in EL1 on SP_EL0; SP_EL1 is the emergency stack (docs/aarch64.md).
 */
#include "cpu/stacks.h"
#include "handback.h"
#include "macros.inc"
#include "platform.h"
#include "system.h"

	.equ IMAGE_TEXT_OFFSET, 0
	.equ IMAGE_FLAGS, 0xa			/* Little-endian, 4 KiB pages, anywhere. */
	.equ SCTLR_EE_BIT, 25
	.equ PARANGE_48_BITS, 5
	.equ PAGE_MASK, 0xfff

	/* Off before the first call: the guarded control stack is the caller's, or UNKNOWN. x6: GCSCR. Clobbers x4. */
	.macro	guarded_stack_off
	mrs	x6, id_aa64pfr1_el1
	ubfx	x6, x6, #44, #4			/* GCS */
	cbz	x6, .Lguard_is_off\@
	mrs	x4, currentel
	cmp	x4, #CURRENT_EL2
	b.eq	.Lguard_of_el2\@
	b.hi	.Lguard_is_off\@
	mrs	x6, s3_0_c2_c5_0		/* GCSCR_EL1 */
	msr	s3_0_c2_c5_0, xzr
	b	.Lguard_is_off\@
.Lguard_of_el2\@:
	mrs	x6, s3_4_c2_c5_0		/* GCSCR_EL2 */
	msr	s3_4_c2_c5_0, xzr
.Lguard_is_off\@:
	isb
	.endm

	/* For a big-endian caller, before the first load or store. Clobbers x2, x4, x8, x9. */
	.macro	little_endian sctlr, off
	mrs	x4, \sctlr
	tbz	x4, #SCTLR_EE_BIT, .Llittle\@
	bl	forget_caller
	constant x4, \off
	msr	\sctlr, x4
	isb
.Llittle\@:
	.endm

	.section .text..start, "ax", %progbits
	.global _start
	.type _start, %function
_start:
#ifdef PLATFORM_UEFI
	ccmp	x18, #0, #13, pl		/* "MZ", and no effect. */
#else
	hint	#38				/* BTI jc: pages may be guarded. */
#endif
	b	start
	.quad	IMAGE_TEXT_OFFSET
	.quad	__image_size
	.quad	IMAGE_FLAGS
	.quad	0, 0, 0
	.ascii	"ARM\x64"
#ifdef PLATFORM_UEFI
	.long	pe_header - _start
#include "uefi_header.inc"
#else
	.long	0
#endif

	.global start
start:
	adr	x4, _start
	tst	x4, #PAGE_MASK			/* `address` counts in pages. */
	b.ne	boot_misplaced
	mrs	x7, daif
	msr	daifset, #0xf
	mov	x3, x30
	guarded_stack_off
	mrs	x4, currentel
	cmp	x4, #CURRENT_EL2
	b.eq	3f
	b.hi	4f
	little_endian sctlr_el1, SCTLR_EL1_OFF
	b	5f
3:	little_endian sctlr_el2, SCTLR_EL2_OFF
	b	5f
4:	little_endian sctlr_el3, SCTLR_EL2_OFF	/* The same bits. */
5:	bl	save_entry
	bl	clean_image
	mov	x0, #0
	bl	enter_el1
	bl	save_el1_below
	bl	clean_image			/* Drops lines that were read meanwhile. */
	bl	relocate
	mrs	x20, cntvct_el0
	address	x0, __bss_start
	address	x1, __bss_end
1:	stp	xzr, xzr, [x0], #16		/* Multiples of 64. */
	cmp	x0, x1
	b.lo	1b
	address	x0, __uncached_start
	str	xzr, [x0]			/* Drops an earlier run's console. */
	mov	x0, #0
	address	x1, __stacks_end
	bl	setup_core
	mov	x0, x20
	bl	boot_prepare
	bl	enable_mmu
	bl	boot_enter
	b	.

/* From PSCI. x0: core number. */
	.global boot_secondary_start
	.type boot_secondary_start, %function
boot_secondary_start:
	msr	daifset, #0xf
	guarded_stack_off
	bl	enter_el1
	mov	x0, x19
	address	x1, boot_stacks
	ldr	x1, [x1]
	mov	x2, #STACK_STRIDE
	madd	x1, x0, x2, x1
	bl	setup_core
	bl	enable_mmu
	mov	x0, x19
	bl	boot_secondary_enter
	b	.

/* Cleans the image; forgets the caller's x1 and x30. Clobbers x2, x8, x9. */
forget_caller:
	mov	x8, x30
	mov	x9, x0
	bl	clean_image
	mov	x0, x9
	mov	x1, #0				/* No arguments, no way back. */
	mov	x3, #LR_BIG_ENDIAN
	ret	x8

/*
 * Before the first store past the cache: memory gets what a loader and save_entry stored, no stale line stays. By
 * address: other dirty lines stay. Clobbers x0 to x3.
 */
clean_image:
	mrs	x3, ctr_el0
	ubfx	x3, x3, #16, #4			/* DminLine */
	mov	x2, #4
	lsl	x2, x2, x3
	address	x0, __image_start
	address	x1, __image_end
1:	dc	civac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ic	iallu
	dsb	sy
	isb
	ret

/*
 * Moves pointers in data by the error of `linked_at`, one of them: a second call does nothing. MMU off. Clobbers x0 to
 * x6.
 */
relocate:
	address	x0, __data_start
	address	x1, __pointers_start
	address	x6, __pointers_end
	address	x2, _start
	address	x3, linked_at
	ldr	x3, [x3]
	sub	x2, x2, x3
1:	ldr	x3, [x1], #8			/* A bit for each of 64 words. */
	mov	x4, x0
2:	tbz	x3, #0, 3f
	ldr	x5, [x4]
	add	x5, x5, x2
	str	x5, [x4]
3:	add	x4, x4, #8
	lsr	x3, x3, #1
	cbnz	x3, 2b
	add	x0, x0, #64 * 8
	cmp	x1, x6
	b.lo	1b
	dsb	sy
	ret

	.section .data.rel.ro.start, "aw"
	.balign	8
linked_at:
	.quad	_start
	.global image_end
image_end:
	.quad	__image_end
	.text

/* From SP_EL1 to SP_EL0. x0: core number; x1: end of its stacks. Clobbers x1, x2. */
setup_core:
	msr	tpidr_el1, x0
	msr	cpacr_el1, xzr			/* No FP, SVE, SME. */
	msr	mdscr_el1, xzr			/* No debug exceptions. */
	address	x2, boot_vectors
	msr	vbar_el1, x2
	mov	sp, x1
	sub	x1, x1, #EMERGENCY_SIZE
	msr	spsel, #0
	mov	sp, x1
	isb
	ret

/* TTBR0 only, 48-bit addresses. Clobbers x0 to x2. */
enable_mmu:
	constant x0, 0x4404ff			/* MAIR: Normal write-back, Device-nGnRE, Normal non-cacheable. */
	msr	mair_el1, x0
	mrs	x1, id_aa64mmfr0_el1
	and	x1, x1, #0xf			/* PARange */
	mov	x2, #PARANGE_48_BITS
	cmp	x1, x2
	csel	x1, x1, x2, ls
	constant x0, 0x803510			/* EPD1, SH0 inner, write-back, TG0 4 KiB, T0SZ 16. */
	orr	x0, x0, x1, lsl #32		/* IPS */
	msr	tcr_el1, x0
	address	x0, boot_root_table
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	mrs	x0, sctlr_el1
	constant x1, SCTLR_M_C_I | SCTLR_WXN
	orr	x0, x0, x1
	msr	sctlr_el1, x0
	isb
	ret

	.ltorg
