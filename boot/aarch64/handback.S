/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saves the boot core's state at entry, restores it for the boot loader. Invalidates no cache: the caller's dirty lines
 * stay.
 */
#include "handback.h"
#include "macros.inc"
#include "system.h"

	.equ ESR_HVC_LEAVE, 0x16 << 26 | 1 << 25 | HVC_LEAVE
	.equ LINE_MIN, 16
	.global saved_pstate

	/* Registers that this firmware changes, except SCTLR_EL1. */
	.macro	for_el1 do
	\do	tcr_el1
	\do	ttbr0_el1
	\do	mair_el1
	\do	vbar_el1
	\do	cpacr_el1
	\do	mdscr_el1
	\do	tpidr_el1
	\do	sp_el0
	\do	cntv_cval_el0
	\do	cntv_ctl_el0
	.endm

	/* Except SCTLR_EL2, HCR_EL2. */
	.macro	for_el2 do
	\do	vbar_el2
	\do	cptr_el2
	\do	cnthctl_el2
	\do	cntvoff_el2
	\do	mdcr_el2
	\do	hstr_el2
	\do	vttbr_el2
	\do	vpidr_el2
	\do	vmpidr_el2
	newer_of_el2 \do
	.endm

	.macro	save register
	mrs	x1, \register
	str	x1, [x0], #8
	.endm

	.macro	put register
	ldr	x1, [x0], #8
	msr	\register, x1
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
/* x3: x30 at entry, x6: GCSCR, x7: DAIF. Clobbers x0 to x2, x4, x5. */
	.global save_entry
	.type save_entry, %function
save_entry:
	/* With the caches off, a loader's dirty line would overwrite what is stored now. */
	address	x4, boot_entry
	address	x5, boot_entry_end
1:	dc	civac, x4
	add	x4, x4, #LINE_MIN
	cmp	x4, x5
	b.lo	1b
	dsb	sy
	address	x4, boot_entry
	stp	x0, x1, [x4, #ENTRY_ARGUMENT0]
	mov	x1, sp
	stp	x2, x1, [x4, #ENTRY_ARGUMENT2]
	mrs	x2, currentel
	stp	x3, x2, [x4, #ENTRY_LR]
	mrs	x1, spsel
	stp	x7, x1, [x4, #ENTRY_DAIF]
	str	x6, [x4, #ENTRY_GCSCR]
	stp	x18, x19, [x4, #ENTRY_X18]
	stp	x20, x21, [x4, #ENTRY_X18 + 16]
	stp	x22, x23, [x4, #ENTRY_X18 + 32]
	stp	x24, x25, [x4, #ENTRY_X18 + 48]
	stp	x26, x27, [x4, #ENTRY_X18 + 64]
	stp	x28, x29, [x4, #ENTRY_X18 + 80]
	cmp	x2, #CURRENT_EL2
	b.lo	save_el1
	b.hi	1f				/* No way back to EL3. */
	add	x0, x4, #ENTRY_EL2
	save	sctlr_el2
	save	hcr_el2
	for_el2	save
	mrs	x0, cnthp_ctl_el2
	str	x0, [x4, #ENTRY_CNTHP]
	address	x0, level_vectors
	msr	vbar_el2, x0
	isb
	svc	#0				/* Saves all of PSTATE. */
saved_pstate:
	mrs	x1, spsr_el2
	str	x1, [x4, #ENTRY_PSTATE]
1:	msr	spsel, #1
	ret

save_el1:
	msr	spsel, #1			/* To read SP_EL0. */
	mov	x1, sp
	str	x1, [x4, #ENTRY_SP_EL1]
	add	x0, x4, #ENTRY_EL1
	save	sctlr_el1
	newer_of_el1 save
	b	1f

/* For a caller in EL2, in EL1: with E2H the names are EL2's there. enter_el1 saved SCTLR_EL1. Clobbers x0, x1, x4. */
	.global save_el1_below
	.type save_el1_below, %function
save_el1_below:
	address	x4, boot_entry
	ldr	x1, [x4, #ENTRY_EL]
	cmp	x1, #CURRENT_EL2
	b.ne	2f
1:	add	x0, x4, #ENTRY_EL1_SHARED
	for_el1	save
2:	ret

/* x0: the result. */
	.global boot_hand_back
	.type boot_hand_back, %function
boot_hand_back:
	msr	daifset, #0xf
	msr	spsel, #1
	mov	x19, x0
	address	x0, boot_entry
	address	x1, boot_entry_end
1:	dc	civac, x0			/* For reads with the cache off. */
	add	x0, x0, #LINE_MIN
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	constant x0, SCTLR_EL1_OFF
	msr	sctlr_el1, x0
	isb
	address	x20, boot_entry
	ldr	x21, [x20, #ENTRY_EL1]		/* SCTLR_EL1: written last. */
	add	x0, x20, #ENTRY_EL1_SHARED
	for_el1	put
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	ldr	x2, [x20, #ENTRY_EL]
	cmp	x2, #CURRENT_EL2
	b.ne	leave_el1
	adr	x16, leave_el2
	constant x17, ESR_HVC_LEAVE
	hvc	#HVC_LEAVE
leave_el2:
	add	x0, x20, #ENTRY_EL2
	ldp	x2, x3, [x0], #16
	sctlr_el1_from_el2 msr, x21, x1
	msr	hcr_el2, x3
	isb
	for_el2	put
	ldr	x1, [x20, #ENTRY_CNTHP]
	msr	cnthp_ctl_el2, x1
	isb
	tlbi	alle2
	ic	iallu
	dsb	sy
	isb
	msr	sctlr_el2, x2
	isb
	ldr	x1, [x20, #ENTRY_PSTATE]
	msr	spsr_el2, x1
	adr	x1, 1f
	msr	elr_el2, x1
	eret
1:	mrs	x1, id_aa64pfr1_el1
	ubfx	x1, x1, #44, #4			/* GCS: the return below uses the caller's last entry. */
	cbz	x1, left
	ldr	x1, [x20, #ENTRY_GCSCR]
	msr	s3_4_c2_c5_0, x1		/* GCSCR_EL2 */
	b	left
leave_el1:
	add	x0, x20, #ENTRY_EL1 + 8
	newer_of_el1 put			/* Not after an entry in EL2: they are unchanged, and trap. */
	msr	sctlr_el1, x21
	isb
	ldr	x1, [x20, #ENTRY_SP_EL1]
	mov	sp, x1
	ldr	x1, [x20, #ENTRY_SPSEL]
	msr	spsel, x1
	mrs	x1, id_aa64pfr1_el1
	ubfx	x1, x1, #44, #4
	cbz	x1, left
	ldr	x1, [x20, #ENTRY_GCSCR]
	msr	s3_0_c2_c5_0, x1		/* GCSCR_EL1 */
left:	isb					/* RET is a guarded return again. */
	mov	x0, x19				/* In the entry's level. */
	ldr	x1, [x20, #ENTRY_SP]
	mov	sp, x1
	ldr	x30, [x20, #ENTRY_LR]
	ldr	x1, [x20, #ENTRY_DAIF]
	ldp	x28, x29, [x20, #ENTRY_X18 + 80]
	ldp	x26, x27, [x20, #ENTRY_X18 + 64]
	ldp	x24, x25, [x20, #ENTRY_X18 + 48]
	ldp	x22, x23, [x20, #ENTRY_X18 + 32]
	ldp	x18, x19, [x20, #ENTRY_X18]
	ldp	x20, x21, [x20, #ENTRY_X18 + 16]
	msr	daif, x1
	ret
	.ltorg
