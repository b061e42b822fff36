/* SPDX-License-Identifier: BSD-2-Clause */
/* A read that may abort. Barriers keep its own abort, asynchronous too, inside. */
	.syntax unified
	.arm

	.section .text.probe, "ax", %progbits
	.global boot_probe_load
	.global boot_probe_instruction
	.type boot_probe_load, %function
/* r0: address. The result is undefined after an abort. */
boot_probe_load:
boot_probe_instruction:
	ldr	r0, [r0]
	dsb
	isb
	bx	lr
