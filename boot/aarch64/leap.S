/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot core goes on in another image, which keeps nothing of this one: neither memory nor vectors. */
#include "macros.inc"
#include "handback.h"
#include "system.h"

	.equ ESR_HVC_LEAVE, 0x16 << 26 | 1 << 25 | HVC_LEAVE

	.text
/* x0: where to, x1: the device tree. In EL1, on any stack. */
	.global boot_next
	.type boot_next, %function
boot_next:
	msr	daifset, #0xf
	msr	spsel, #1
	mov	x19, x0
	mov	x20, x1
	address	x3, boot_entry
	ldr	x3, [x3, #ENTRY_EL]
	constant x0, SCTLR_EL1_OFF		/* What this code lies in was cleaned at the entry. */
	msr	sctlr_el1, x0
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	cmp	x3, #CURRENT_EL2
	b.ne	1f
	adr	x16, 1f
	constant x17, ESR_HVC_LEAVE
	hvc	#HVC_LEAVE			/* To EL2, whose MMU and caches are off since the entry. */
1:	mov	x4, x19
	mov	x0, x20
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
	adr	x30, 2f
	br	x4
2:	wfe					/* What comes back here has nowhere to go. */
	b	2b
