# SPDX-License-Identifier: BSD-2-Clause
"""
A UEFI application that plays a UEFI with DMA protection: it turns the first SMMU on, with tables in memory that outlives it, and
returns 0. Started again it looks whether the SMMU is as it was left, turns it off, and returns EFI_ALREADY_STARTED, or EFI_ABORTED.
"""

import inherited
import linux
import loader
import uefi

TURNED_ON, AS_LEFT, OTHERWISE = "0x0", "0x14", "0x15"
BOOT_SERVICES, ALLOCATE_PAGES, BOOT_SERVICES_DATA = 96, 40, 4
STREAMS, COMMANDS, EVENTS, NOTE = 0x4000, 0x8000, 0x9000, 0xA000  # Behind 256 descriptors, which name the same 256 entries: all bypass.
NOW = (("ptr0", 0x28, 0xD75), ("ptr0", 0x2C, 4), ("ptr0", 0x88, 0x10210), ("ptr0", 0x98, 5), ("ptr0", 0x9C, 5), ("ptr5", 0xA8, 3), ("ptr5", 0xAC, 3))
ENABLES = (("ptr0", 0x50, 5), ("ptr0", 0x20, 0xC), ("ptr0", 0x20, 0xD))


def writes(values):
    return "".join(f"\tldr r2, ={value:#x}\n\tstr r2, [{page}, #{offset:#x}]\n" for page, offset, value in values)


def base(register, at, flags):
    return f"\tldr x2, ={at + flags:#x}\n\tadd x2, x2, x20\n\tstr w2, [x0, #{register:#x}]\n\tlsr x2, x2, #32\n\tstr w2, [x0, #{register + 4:#x}]\n"


TEXT = f"""
	stp x29, x30, [sp, #-48]!
	stp x19, x20, [sp, #16]
	ldr x19, [x1, #{BOOT_SERVICES}]
	ldr x0, ={linux.SMMU_AT:#x}
	ldr w2, [x0, #0x20]
	tbnz w2, #0, 3f
	mov x0, #0
	mov x1, #{BOOT_SERVICES_DATA}
	mov x2, #32
	add x3, sp, #32
	ldr x4, [x19, #{ALLOCATE_PAGES}]
	blr x4
	cbnz x0, 5f
	ldr x20, [sp, #32]
	add x20, x20, #0xf, lsl #12
	add x20, x20, #0xfff
	and x20, x20, #~0xffff
	ldr x0, ={linux.SMMU_AT:#x}
	add x5, x0, #0x10000
	mov x1, x20
	add x2, x20, #{STREAMS}
	add x3, x2, #9
	add x4, x20, #0x800
1:	str x3, [x1], #8
	cmp x1, x4
	b.ne 1b
	mov x1, x2
	add x4, x2, #0x4000
	mov x3, #9
2:	stp x3, xzr, [x1], #16
	stp xzr, xzr, [x1], #16
	stp xzr, xzr, [x1], #16
	stp xzr, xzr, [x1], #16
	cmp x1, x4
	b.ne 2b
	dsb sy
{base(0x80, 0, 0)}{base(0x90, COMMANDS, 3)}{base(0xA0, EVENTS, 3)}{writes(NOW)}{writes(ENABLES)}
	add x1, x20, #{NOTE >> 12}, lsl #12
{inherited.SMMU_NOTED}
	mov x0, #0
	b 5f
3:	add x5, x0, #0x10000
	ldr x1, [x0, #0x80]
	add x1, x1, #{NOTE >> 12}, lsl #12
{inherited.SMMU_COMPARED}
	str wzr, [x0, #0x20]
	str wzr, [x0, #0x50]
	cmp w6, #0
	mov x0, #20
	mov x1, #21
	csel x0, x0, x1, eq
4:	orr x0, x0, #1 << 63
5:	ldp x19, x20, [sp, #16]
	ldp x29, x30, [sp], #48
	ret
"""


def application(folder):
    with open(loader.assemble(folder, "smmu_on", TEXT, at=uefi.LINKED_AT), "rb") as file:
        return uefi.packed(file.read())
