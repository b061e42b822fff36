/* SPDX-License-Identifier: BSD-2-Clause */
/* Words on the platform's UART, before C. No stack; each byte waits a bounded time. */
#include "cpu/early_uart.h"
#include "macros.inc"

	.equ PUT_TURNS, 0x100000

	.text
/* x1: text. Clobbers x0, x1, x2, x4, x5, x17. */
	.global early_say
	.type early_say, %function
early_say:
	mov	x17, x30
1:	ldrb	w2, [x1], #1
	cbz	w2, 2f
	bl	put
	b	1b
2:	ret	x17

/* x3: sixteen digits. Clobbers x0, x2, x4 to x6, x17. */
	.global early_say_hex
	.type early_say_hex, %function
early_say_hex:
	mov	x17, x30
	mov	w6, #60
1:	lsr	x2, x3, x6
	and	w2, w2, #0xf
	cmp	w2, #10
	add	w4, w2, #'0'
	add	w2, w2, #'a' - 10
	csel	w2, w4, w2, lo
	bl	put
	subs	w6, w6, #4
	b.pl	1b
	ret	x17

/* w2: byte. Clobbers x0, x4, x5. */
put:
#ifdef EARLY_UART
	constant x0, EARLY_UART
	mov	w5, #PUT_TURNS
1:	subs	w5, w5, #1
	b.eq	2f
	EARLY_UART_LOAD w4, [x0, #EARLY_UART_STATUS]
	and	w4, w4, #EARLY_UART_MASK
	cmp	w4, #EARLY_UART_ROOM
	b.ne	1b
	EARLY_UART_STORE w2, [x0, #EARLY_UART_DATA]
2:
#endif
	ret

	.global early_rest
	.type early_rest, %function
early_rest:
	wfi
	b	early_rest
