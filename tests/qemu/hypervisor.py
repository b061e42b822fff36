# SPDX-License-Identifier: BSD-2-Clause
"""
A hypervisor below the firmware, which is entered in EL1 on every core: a read of HOLE, and an HVC where SErrors are not masked, is
answered by an SError, as a bus may answer what QEMU answers at once; HVC 1 by an external abort whose FAR is not valid. It lies in RAM that the device tree does not tell of, and hands PSCI's calls on.
"""

import loader

AT, HOLE = 0x5F000000, 0x0B000000
EXTERNAL_ABORT_FNV = 0x96000410
RW_TSC_AMO_VM, VSE = 0x80080021, 0x100


def text(at_entry=0, aff3=0, far=0):
    """
    With VSE at the entry, an SError is pending there. `aff3` is part of every core's affinity, as the firmware sees it. `far`: what is
    in FAR_EL1 where it is not valid.
    """
    return f"""
	ldr x0, =stacks + 4096
	mov sp, x0
	ldr x0, =stage2
	mov x1, #0x7fd				/* Blocks, one to one, read and written, as stage 1 says. */
	mov x2, #1024
	mov x3, #0x40000000
1:	str x1, [x0], #8
	add x1, x1, x3
	subs x2, x2, #1
	b.ne 1b
	ldr x0, =low
	mov x1, #0x7fd
	mov x2, #512
2:	str x1, [x0], #8
	add x1, x1, #0x200000
	subs x2, x2, #1
	b.ne 2b
	ldr x0, =low + 8 * {HOLE >> 21}
	str xzr, [x0]
	ldr x0, =stage2
	ldr x1, =low + 3
	str x1, [x0]
	bl setup
	mrs x0, hcr_el2
	mov x1, #{at_entry}
	orr x0, x0, x1
	msr hcr_el2, x0
	ldr x0, ={loader.TREE_AT:#x}
	ldr x1, ={loader.ENTRY:#x}
go:	msr elr_el2, x1
	mov x1, #0x3c5				/* EL1h, all masked. */
	msr spsr_el2, x1
	isb
	eret
setup:	ldr x1, =vectors
	msr vbar_el2, x1
	ldr x1, =0x80023558			/* VTCR: 40 bits, from level 1 on, pages of 4 KiB. */
	msr vtcr_el2, x1
	ldr x1, =stage2
	msr vttbr_el2, x1
	mov x1, #3
	msr cnthctl_el2, x1
	mrs x1, mpidr_el1
	mov x2, #{aff3}
	orr x1, x1, x2, lsl #32
	msr vmpidr_el2, x1
	ldr x1, =0x30d00818
	msr sctlr_el1, x1
	ldr x1, ={RW_TSC_AMO_VM}
	msr hcr_el2, x1
	isb
	tlbi vmalls12e1
	dsb sy
	isb
	ret
/* A core that PSCI turned on; x0: where it was to go, and with what. */
secondary:
	mov x20, x0
	ldr x1, =slots
	sub x1, x0, x1
	ldr x2, =stacks
	add x2, x2, x1, lsl #4
	mov sp, x2
	bl setup
	ldp x1, x0, [x20]
	b go
	.balign 2048
vectors:
	.rept 8
	.balign 128
	b .
	.endr
	.balign 128
	stp x0, x1, [sp, #-16]!
	mrs x0, esr_el2
	lsr x0, x0, #26
	cmp x0, #0x17				/* SMC */
	b.eq smc_from_el1
	cmp x0, #0x24				/* A read of the hole: it is over, and */
	b.ne 1f
	mrs x0, elr_el2
	add x0, x0, #4
	msr elr_el2, x0
	b 2f
1:	mrs x0, esr_el2
	tbnz x0, #0, abort_el1
	mrs x0, spsr_el2
	tbnz x0, #8, 3f
2:	mrs x0, hcr_el2
	orr x0, x0, #{VSE}			/* an SError comes of it. */
	msr hcr_el2, x0
3:	ldp x0, x1, [sp], #16
	eret
	.rept 7
	.balign 128
	b .
	.endr
abort_el1:
	ldr x0, ={EXTERNAL_ABORT_FNV}
	msr esr_el1, x0
	ldr x0, ={far:#x}
	msr far_el1, x0
	mrs x0, elr_el2
	msr elr_el1, x0
	mrs x0, spsr_el2
	msr spsr_el1, x0
	mov x0, #0x3c5
	msr spsr_el2, x0
	mrs x0, vbar_el1			/* From SP_EL0, as C runs. */
	msr elr_el2, x0
	ldp x0, x1, [sp], #16
	eret
smc_from_el1:
	mrs x0, elr_el2
	add x0, x0, #4
	msr elr_el2, x0
	ldp x0, x1, [sp], #16
	ldr w9, =0xc4000003			/* CPU_ON, and AFFINITY_INFO behind it: affinities as they are. */
	sub w10, w0, w9
	cmp w10, #1
	b.hi 1f
	lsr x10, x1, #32
	cmp x10, #{aff3}
	b.ne 2f
	and x1, x1, #0xff
	cmp w0, w9
	b.ne 1f
	ldr x10, =slots
	add x9, x10, x1, lsl #4
	stp x2, x3, [x9]
	ldr x2, =secondary
	mov x3, x9
1:	smc #0
	eret
2:	mov x0, #-2				/* INVALID_PARAMETERS */
	eret
	.pool
	.balign 8192
stage2:	.space 8192
low:	.space 4096
slots:	.space 256
stacks:	.space 4096
"""
