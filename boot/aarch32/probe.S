/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A read that may find nobody. The barriers keep every other access's abort out of it, and its own abort, asynchronous ones
 * too, inside.
 */
	.syntax unified
	.arm

	.section .text.probe, "ax", %progbits
	.global boot_probe_load
	.global boot_probe_instruction
	.type boot_probe_load, %function
/* r0: the register. Returns what it reads, or anything where it aborts. */
boot_probe_load:
	dsb
	isb
boot_probe_instruction:
	ldr	r0, [r0]
	dsb
	isb
	bx	lr
