/* SPDX-License-Identifier: BSD-2-Clause */
/* Says on the early UART that the image does not begin with a page; then sleeps, or returns 1 to `go`. */
#include "handback.h"
#include "macros.inc"
#include "platform.h"

	.equ CALLER_STACK, 0x100000

	.text
/* Registers as at entry, except x4. */
	.global boot_misplaced
	.type boot_misplaced, %function
boot_misplaced:
	mov	x9, x30
	sub	x10, x0, #1
	adr	x1, is_at
	bl	early_say
	adr	x3, _start
	bl	early_say_hex
	adr	x1, belongs_at
	bl	early_say
	cmp	x10, #ARGUMENTS_MAX		/* argc, so there is a stack. */
	b.hs	early_rest
	constant x0, PLATFORM_RAM_BASE
	cmp	x9, x0
	b.ls	early_rest
	add	x0, x0, #CALLER_STACK
	cmp	sp, x0
	b.ls	early_rest
	mov	x0, #1
	ret	x9

is_at:	.ascii	"\r\nsmmu-bringup ", FIRMWARE_VERSION, " for ", PLATFORM_NAME
	.asciz	" was loaded at 0x"
belongs_at:
	.asciz	": it cannot run there. Load it at a multiple of 4 KiB (0x1000)\r\n"
	.balign	4
