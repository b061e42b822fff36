/* SPDX-License-Identifier: BSD-2-Clause */
/* memset(), memcpy(), arch_fill64(): most of a bring-up's instructions. */
	.text

	.global memset
	.type memset, %function
memset:
	mov	x3, x0
	tst	x0, #7
	b.ne	4f
	and	x1, x1, #0xff
	mov	x4, #0x0101010101010101
	mul	x1, x1, x4
	subs	x2, x2, #64
	b.lo	2f
1:	stp	x1, x1, [x3]
	stp	x1, x1, [x3, #16]
	stp	x1, x1, [x3, #32]
	stp	x1, x1, [x3, #48]
	add	x3, x3, #64
	subs	x2, x2, #64
	b.hs	1b
2:	adds	x2, x2, #56
	b.cc	3f
21:	str	x1, [x3], #8
	subs	x2, x2, #8
	b.hs	21b
3:	add	x2, x2, #8
4:	cbz	x2, 9f
5:	strb	w1, [x3], #1
	subs	x2, x2, #1
	b.ne	5b
9:	ret
	.size memset, . - memset

	.global memcpy
	.type memcpy, %function
memcpy:
	mov	x3, x0
	orr	x4, x0, x1
	tst	x4, #7
	b.ne	4f
	subs	x2, x2, #32
	b.lo	2f
1:	ldp	x4, x5, [x1], #16
	ldp	x6, x7, [x1], #16
	stp	x4, x5, [x3], #16
	stp	x6, x7, [x3], #16
	subs	x2, x2, #32
	b.hs	1b
2:	adds	x2, x2, #24
	b.cc	3f
21:	ldr	x4, [x1], #8
	str	x4, [x3], #8
	subs	x2, x2, #8
	b.hs	21b
3:	add	x2, x2, #8
4:	cbz	x2, 9f
5:	ldrb	w4, [x1], #1
	strb	w4, [x3], #1
	subs	x2, x2, #1
	b.ne	5b
9:	ret
	.size memcpy, . - memcpy

	.global arch_fill64
	.type arch_fill64, %function
arch_fill64:
	cbz	x2, 2f
	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	ldp	x8, x9, [x1, #32]
	ldp	x10, x11, [x1, #48]
1:	stp	x4, x5, [x0]
	stp	x6, x7, [x0, #16]
	stp	x8, x9, [x0, #32]
	stp	x10, x11, [x0, #48]
	add	x0, x0, #64
	subs	x2, x2, #1
	b.ne	1b
2:	ret
	.size arch_fill64, . - arch_fill64
