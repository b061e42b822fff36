/* SPDX-License-Identifier: BSD-2-Clause */
/* Jumps to another image. */
#include "cpu/early_uart.h"
#include "macros.inc"
#include "handback.h"
#include "system.h"

	.equ ESR_HVC_LEAVE, 0x16 << 26 | 1 << 25 | HVC_LEAVE

	.text
/* x0: address, x1: device tree. EL1, any stack. */
	.global boot_next
	.type boot_next, %function
boot_next:
	msr	daifset, #0xf
	msr	spsel, #1
	mov	x19, x0
	mov	x20, x1
	address	x3, boot_entry
	ldr	x3, [x3, #ENTRY_EL]
	constant x0, SCTLR_EL1_OFF		/* The code is clean since entry. */
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
	hvc	#HVC_LEAVE			/* To EL2, MMU off since entry. */
1:	mov	x4, x19
	mov	x0, x20
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
	adr	x30, 2f
	br	x4
2:						/* The image returned. */
#ifdef EARLY_UART
	constant x0, EARLY_UART
	adr	x1, words
3:	ldrb	w2, [x1], #1
	cbz	w2, 5f
4:	ldrb	w3, [x0, #EARLY_UART_STATUS]
	and	w3, w3, #EARLY_UART_MASK
	cmp	w3, #EARLY_UART_ROOM
	b.ne	4b
	strb	w2, [x0]
	b	3b
#endif
5:	wfe
	b	5b
#ifdef EARLY_UART
words:	.asciz	"next       the image returned\r\n"
	.balign	4
#endif
