/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A read of what may not be there. The barriers keep every other access's abort out of it, and its own abort, an SError too,
 * inside.
 */
	.section .text.probe, "ax", %progbits
	.global boot_probe_load
	.global boot_probe_instruction
	.type boot_probe_load, %function
/* x0: the register. Returns what it reads, or anything where it aborts. */
boot_probe_load:
	dsb	sy
	isb
boot_probe_instruction:
	ldr	w0, [x0]
	dsb	sy
	isb
	ret
