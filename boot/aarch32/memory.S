/* SPDX-License-Identifier: BSD-2-Clause */
/* memset(), memcpy(), arch_fill64(): most of a bring-up's instructions. */
	.syntax unified
	.thumb
	.text

	.global memset
	.type memset, %function
	.balign 4
memset:
	mov	ip, r0
	lsls	r3, r0, #30
	bne	3f
	subs	r2, r2, #64
	blo	2f
	push	{r4-r9}
	uxtb	r4, r1
	orr	r4, r4, r4, lsl #8
	orr	r4, r4, r4, lsl #16
	mov	r3, r4
	mov	r5, r4
	mov	r6, r4
	mov	r7, r4
	mov	r8, r4
	mov	r9, r4
	mov	r1, r4
1:	stmia	ip!, {r1, r3-r9}
	stmia	ip!, {r1, r3-r9}
	subs	r2, r2, #64
	bhs	1b
	pop	{r4-r9}
2:	adds	r2, r2, #64
	beq	9f
	uxtb	r1, r1
	orr	r1, r1, r1, lsl #8
	orr	r1, r1, r1, lsl #16
	subs	r2, r2, #4
	blo	5f
4:	str	r1, [ip], #4
	subs	r2, r2, #4
	bhs	4b
5:	adds	r2, r2, #4
3:	cbz	r2, 9f
6:	strb	r1, [ip], #1
	subs	r2, r2, #1
	bne	6b
9:	bx	lr
	.size memset, . - memset

	.global arch_fill64
	.type arch_fill64, %function
	.balign 4
arch_fill64:
	vldmia	r1, {d0-d7}
	subs	r2, r2, #4
	blo	2f
1:	vstmia	r0!, {d0-d7}
	vstmia	r0!, {d0-d7}
	vstmia	r0!, {d0-d7}
	vstmia	r0!, {d0-d7}
	subs	r2, r2, #4
	bhs	1b
2:	adds	r2, r2, #4
	beq	4f
3:	vstmia	r0!, {d0-d7}
	subs	r2, r2, #1
	bne	3b
4:	bx	lr
	.size arch_fill64, . - arch_fill64

	.global memcpy
	.type memcpy, %function
	.balign 4
memcpy:
	mov	ip, r0
	orr	r3, r0, r1
	lsls	r3, r3, #30
	bne	3f
	subs	r2, r2, #32
	blo	2f
	push	{r4-r10}
1:	ldmia	r1!, {r3-r10}
	stmia	ip!, {r3-r10}
	subs	r2, r2, #32
	bhs	1b
	pop	{r4-r10}
2:	adds	r2, r2, #32
	subs	r2, r2, #4
	blo	5f
4:	ldr	r3, [r1], #4
	str	r3, [ip], #4
	subs	r2, r2, #4
	bhs	4b
5:	adds	r2, r2, #4
3:	cbz	r2, 9f
6:	ldrb	r3, [r1], #1
	strb	r3, [ip], #1
	subs	r2, r2, #1
	bne	6b
9:	bx	lr
	.size memcpy, . - memcpy
