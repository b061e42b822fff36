/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry as a UEFI application: x0 the image's handle, x1 the system table (UEFI 2.10, 4.1). */
#include "macros.inc"
#include "platform.h"

#ifdef PLATFORM_UEFI
	.text
	.global uefi_entry
	.type uefi_entry, %function
uefi_entry:
	hint	#34				/* BTI c */
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	add	x2, sp, #16
	bl	uefi_prepare
	cbz	x0, 2f
	ldr	x1, [sp, #16]
	address	x2, uefi_has_left
	ldrb	w2, [x2]
	cbnz	w2, 1f
	bl	start				/* Returns the result. */
	bl	uefi_finish
	b	3f
1:	mov	x30, xzr			/* No way back. */
	b	start
2:	address	x0, uefi_status
	ldr	x0, [x0]
3:	ldp	x29, x30, [sp], #32
	ret
#endif
