/* SPDX-License-Identifier: BSD-2-Clause */
/* A read that may abort. Barriers keep its own abort, SError too, inside. */
	.section .text.probe, "ax", %progbits
	.global boot_probe_load
	.global boot_probe_instruction
	.type boot_probe_load, %function
/* x0: address. The result is undefined after an abort. */
boot_probe_load:
boot_probe_instruction:
	ldr	w0, [x0]
	dsb	sy
	hint	#16				/* ESB: takes the load's SError (RAS). */
	isb
	ret
