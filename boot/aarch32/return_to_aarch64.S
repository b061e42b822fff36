/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch64 code: an exception from EL1 in AArch32 to EL2. leap.S's HVC goes on at x4 with x0, MMU off (x3, x5:
 * returned.inc's). Another, PSCI by the wrong conduit, gets NOT_SUPPORTED.
 */
#include "cpu/early_uart.h"
#include "system.h"

	.equ SCTLR_EL2_RES1, 0x30c50830
	.equ HCR_RW, 1 << 31
	.equ ESR_HVC_LEAVE, 0x12 << 26 | 1 << 25 | HVC_LEAVE

	.text
	mrs	x1, esr_el2
	mov	w2, #ESR_HVC_LEAVE & 0xffff
	movk	w2, #ESR_HVC_LEAVE >> 16, lsl #16
	cmp	w1, w2
	b.ne	1f
	mov	x1, #SCTLR_EL2_RES1 & 0xffff
	movk	x1, #SCTLR_EL2_RES1 >> 16, lsl #16
	msr	sctlr_el2, x1
	mov	x1, #HCR_RW
	msr	hcr_el2, x1
	isb
	tlbi	alle2
	ic	iallu
	dsb	sy
	isb
	mov	w0, w0				// Their upper halves are UNKNOWN.
	mov	w4, w4
	mov	w3, w3
	mov	w5, w5
	adr	x1, on_return
	stp	x3, x5, [x1]
	adr	x30, image_returned
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
	br	x4
1:	mov	w0, #-1				// NOT_SUPPORTED
	eret

#include "cpu/returned.inc"
