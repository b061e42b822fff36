/* SPDX-License-Identifier: BSD-2-Clause */
#include "cpu/early_uart.h"
#include "macros.inc"
#include "handback.h"
#include "system.h"

	.equ ESR_HVC_LEAVE, 0x16 << 26 | 1 << 25 | HVC_LEAVE

	.text
/* x0: address, x1: device tree, x2: text for an image that returns, x3: enum psci_method. EL1, any stack. */
	.global boot_next
	.type boot_next, %function
boot_next:
	msr	daifset, #0xf
	msr	spsel, #1
	mov	x19, x0
	mov	x20, x1
	address	x4, boot_entry
	ldr	x4, [x4, #ENTRY_EL]
	constant x0, SCTLR_EL1_OFF		/* The code is clean since entry. */
	msr	sctlr_el1, x0
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	cmp	x4, #CURRENT_EL2
	b.ne	1f
	adr	x16, 1f
	constant x17, ESR_HVC_LEAVE
	hvc	#HVC_LEAVE			/* To EL2, MMU off since entry. */
1:	mov	x4, x19
	mov	x0, x20
	adr	x5, on_return
	stp	x2, x3, [x5]
	adr	x30, image_returned
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
	br	x4

#include "cpu/returned.inc"
