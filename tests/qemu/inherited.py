# SPDX-License-Identifier: BSD-2-Clause
"""
Machines as a boot loader, a hypervisor or a dead kernel leaves them: a few instructions run first, put a device, the
interrupt controller, an SMMU or the core into that state, and go on to the firmware with the device tree that QEMU made, or with one
of ours.
"""

import os
import re
from typing import NamedTuple

import firmware
import loader
import tree as tree_edit

ECAM = 0x3F000000  # With highmem=off.
WINDOW = 0x10000000
NOWHERE = 0x50000000  # RAM that no domain maps.
SPARE = 0x47C00000  # RAM that every machine has, 2 MiB of it, for what is left on.
FLASH, FLASH_SIZE = 0x04000000, 64 << 20  # The second of QEMU's.
EDU_SLOT, NVME_SLOT = 1, 4
PORT_SLOT = 0x10  # Of a root port that the runner's machine does not have, with one function on bus BEHIND.
BEHIND = 9


def function(slot, bus=0, command=6, window=WINDOW):
    """ptr0: the configuration space of a function, which decodes a BAR at `window` (ptr1) and masters the bus."""
    return f"""
	ldr ptr0, ={ECAM + (bus << 20) + (slot << 15):#x}
	ldr ptr1, ={window:#x}
	str r1, [ptr0, #0x10]
	mov r2, #0
	str r2, [ptr0, #0x14]
	mov r2, #{command}
	str r2, [ptr0, #4]
"""


def function_behind_port():
    return f"""
	ldr ptr0, ={ECAM + (PORT_SLOT << 15):#x}
	ldr r1, ={BEHIND << 16 | BEHIND << 8:#x}
	str r1, [ptr0, #0x18]
	mov r2, #6
	str r2, [ptr0, #4]
{function(0, BEHIND)}
"""


def port_with(device):
    return f"-device pcie-root-port,id=left,bus=pcie.0,addr={PORT_SLOT:x},chassis=90,slot=90 -device {device},bus=left"


def capability(number):
    """ptr4: where the function at ptr0 has it."""
    return f"""
	ldrb r3, [ptr0, #0x34]
1:	add ptr4, ptr0, ptr3
	ldrb r5, [ptr4]
	ldrb r3, [ptr4, #1]
	cmp r5, #{number}
	bne 1b
"""


def extended(number):
    """ptr4: where the function at ptr0 has it among the capabilities of PCI Express."""
    return f"""
	mov r3, #0x100
1:	add ptr4, ptr0, ptr3
	ldr r5, [ptr4]
	lsl r6, r5, #16
	lsr r6, r6, #16
	lsr r3, r5, #20
	cmp r6, #{number}
	bne 1b
"""


# Vector 0 is a message to where nothing is mapped: the controller sends it for each command of its admin queue.
NVME_MSIX = f"""{function(NVME_SLOT)}{capability(0x11)}
	ldr r5, [ptr4, #4]
	bic r5, r5, #7
	add ptr5, ptr5, ptr1
	ldr r6, ={NOWHERE:#x}
	mov r7, #0
	str r6, [ptr5]
	str r7, [ptr5, #4]
	str r7, [ptr5, #8]
	str r7, [ptr5, #12]
	ldr r6, [ptr4]
	orr r6, r6, #0x80000000
	str r6, [ptr4]
"""

# In D3hot, where its BAR does not answer.
NVME_ASLEEP = f"""{function(NVME_SLOT)}{capability(0x01)}
	ldr r6, [ptr4, #4]
	orr r6, r6, #3
	str r6, [ptr4, #4]
"""

EDU_MSI = f"""{function(EDU_SLOT)}{capability(0x05)}
	ldr r6, [ptr4]
	orr r6, r6, #0x10000
	str r6, [ptr4]
"""

RNG_ATS = f"""{function_behind_port()}{extended(0x0F)}
	ldr r6, [ptr4, #4]
	orr r6, r6, #0x80000000
	str r6, [ptr4, #4]
"""

# One virtual function, which decodes memory.
NIC_SRIOV = f"""{function_behind_port()}{extended(0x10)}
	mov r6, #1
	strh r6, [ptr4, #0x10]
	mov r6, #9
	strh r6, [ptr4, #8]
"""

# Where a boot loader has put it, which is not where it would be assigned.
KEPT_WINDOW = 0x17300000
EDU_BAR = function(EDU_SLOT, command=2, window=KEPT_WINDOW)

# Enabled, with queues of 8 entries.
NVME_ON = f"""{function(NVME_SLOT)}
	ldr r2, =0x00070007
	str r2, [ptr1, #0x24]
	ldr r2, ={SPARE:#x}
	str r2, [ptr1, #0x28]
	add r2, r2, #0x1000
	str r2, [ptr1, #0x30]
	mov r3, #0
	str r3, [ptr1, #0x2c]
	str r3, [ptr1, #0x34]
	ldr r2, =0x00460001
	str r2, [ptr1, #0x14]
1:	ldr r2, [ptr1, #0x1c]
	tst r2, #1
	beq 1b
"""

# The first SMMU, enabled with a linear table of 256 streams that bypass it.
SMMU_ON = f"""
	ldr ptr0, ={0x0C000000 if firmware.has_instances() else 0x09050000:#x}
	ldr ptr1, ={SPARE:#x}
	add ptr2, ptr1, #0x4000
	mov r3, #9
1:	str r3, [ptr1], #64
	cmp ptr1, ptr2
	bne 1b
	ldr r1, ={SPARE:#x}
	str r1, [ptr0, #0x80]
	mov r2, #0
	str r2, [ptr0, #0x84]
	mov r2, #8
	str r2, [ptr0, #0x88]
	mov r2, #1
	str r2, [ptr0, #0x20]
"""

# SPI 2 is the PL031's: its alarm is now, its interrupt is on, and no driver serves it.
CLOCK_ALARM = """
	ldr ptr0, =0x09010000
	mov r1, #1
	str r1, [ptr0, #0x10]
	ldr r1, [ptr0]
	str r1, [ptr0, #4]
"""

# And the distributor lets it through.
CLOCK_LINE = f"""{CLOCK_ALARM}
	ldr ptr0, =0x08000000
	mov r1, #4
	str r1, [ptr0, #0x104]
"""

# The handler of SPI 72 was left without its end: the interrupt is active, and no other is of a higher priority.
GICV2_IN_HANDLER = """
	ldr ptr0, =0x08000000
	ldr ptr1, =0x08010000
	mov r2, #0x100
	str r2, [ptr0, #0x10c]
	ldr r3, =0x01010101
	str r3, [ptr0, #0x868]
	str r2, [ptr0, #0x20c]
	mov r2, #1
	str r2, [ptr0]
	mov r3, #0xff
	str r3, [ptr1, #4]
	str r2, [ptr1]
	ldr r4, [ptr1, #0xc]
"""

# Interrupts of group 1, which is not signalled, and an end that does not deactivate.
GICV2_GROUPS = """
	ldr ptr0, =0x08000000
	ldr ptr1, =0x08010000
	mov r2, #0xffffffff
	add ptr3, ptr0, #0x80
	add ptr4, ptr3, #0x24
1:	str r2, [ptr3], #4
	cmp ptr3, ptr4
	blo 1b
	mov r2, #0x200
	str r2, [ptr1]
"""

# GICv3's processor interface: ICC_CTLR by r0, ICC_PMR and ICC_IGRPEN1 by r3, ICC_IAR1 to r4.
REGISTERS = loader.of_width(
    """
	.macro read_control
	mrc p15, 0, r0, c12, c12, 4
	.endm
	.macro write_control
	mcr p15, 0, r0, c12, c12, 4
	.endm
	.macro write_mask
	mcr p15, 0, r3, c4, c6, 0
	.endm
	.macro write_enable
	mcr p15, 0, r3, c12, c12, 7
	isb
	.endm
	.macro acknowledge
	mrc p15, 0, r4, c12, c12, 0
	.endm
""",
    """
	.macro read_control
	mrs x0, s3_0_c12_c12_4
	.endm
	.macro write_control
	msr s3_0_c12_c12_4, x0
	.endm
	.macro write_mask
	msr s3_0_c4_c6_0, x3
	.endm
	.macro write_enable
	msr s3_0_c12_c12_7, x3
	isb
	.endm
	.macro acknowledge
	mrs x4, s3_0_c12_c12_0
	.endm
""",
)

GICV3_EOI_MODE = f"""{REGISTERS}
	read_control
	orr r0, r0, #2
	write_control
"""

GICV3_IN_HANDLER = f"""{GICV3_EOI_MODE}
	ldr ptr0, =0x08000000
	mov r2, #0x12
	str r2, [ptr0]
	mov r2, #0x100
	str r2, [ptr0, #0x08c]
	str r2, [ptr0, #0x10c]
	str r2, [ptr0, #0x20c]
	mov r3, #0xff
	write_mask
	mov r3, #1
	write_enable
	acknowledge
"""

# Calls the firmware with EOImode 1 and a time of its own in the virtual timer, and says in a letter each what came back.
CALLED_IN_AARCH32 = f"""{GICV3_EOI_MODE}
	ldr r0, =0x89abcdef
	mov r1, #0x1234
	mcrr p15, 3, r0, r1, c14
	mov r0, #2
	mcr p15, 0, r0, c14, c3, 1
	mcrr p15, 2, r0, r1, c14
	mov r0, #1
	mcr p15, 0, r0, c14, c2, 1
{loader.CALL}
	mrc p15, 0, r0, c12, c12, 4
	tst r0, #2
	moveq r0, #'e'
	movne r0, #'E'
	str r0, [r4]
	mrrc p15, 3, r0, r1, c14
	ldr r2, =0x89abcdef
	cmp r0, r2
	ldr r2, =0x1234
	cmpeq r1, r2
	movne r0, #'t'
	moveq r0, #'T'
	str r0, [r4]
	mrc p15, 0, r0, c14, c2, 1
	tst r0, #1
	moveq r0, #'p'
	movne r0, #'P'
	str r0, [r4]
	mov r0, #10
	str r0, [r4]
	ldr r0, =0x84000008
	hvc #0
	b .
	.align 2
list:	.word first, second
first:	.asciz "{loader.ENTRY:#x}"
second:	.asciz "exit=return handover=bypass selftest=quick"
	.align 2
"""

# And in AArch64, that x18 to x29 are the caller's again ("R"), and both stack pointers ("S").
CALLED_IN_AARCH64 = f"""{GICV3_EOI_MODE}
	ldr x0, =0x123489abcdef
	msr cntv_cval_el0, x0
	mov x0, #2
	msr cntv_ctl_el0, x0
	ldr x0, =0x123489abcdef
	msr cntp_cval_el0, x0
	mov x0, #1
	msr cntp_ctl_el0, x0
	ldr x0, =0x5e000000
	msr spsel, #0
	mov sp, x0
	msr spsel, #1
	ldr x0, =0x5f000000
	mov sp, x0
	.irp n, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	mov x\\n, #0x100 + \\n
	.endr
{loader.CALL_AARCH64}
	mrs x0, s3_0_c12_c12_4
	mov w1, #'e'
	mov w2, #'E'
	tst w0, #2
	csel w0, w2, w1, ne
	str w0, [x4]
	mrs x0, cntv_cval_el0
	ldr x2, =0x123489abcdef
	cmp x0, x2
	mov w1, #'t'
	mov w2, #'T'
	csel w0, w2, w1, eq
	str w0, [x4]
	mrs x0, cntp_ctl_el0
	mov w1, #'p'
	mov w2, #'P'
	tst w0, #1
	csel w0, w2, w1, ne
	str w0, [x4]
	mov w2, #'R'
	mov w1, #'r'
	.irp n, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	cmp x\\n, #0x100 + \\n
	csel w2, w2, w1, eq
	.endr
	str w2, [x4]
	mov w2, #'S'
	mov w1, #'s'
	ldr x3, =0x5f000000
	mov x0, sp
	cmp x0, x3
	csel w2, w2, w1, eq
	ldr x3, =0x5e000000
	mrs x0, sp_el0
	cmp x0, x3
	csel w2, w2, w1, eq
	str w2, [x4]
	mov w0, #10
	str w0, [x4]
	ldr x0, =0x84000008
	hvc #0
	b .
	.align 3
list:	pointer first, second
first:	.asciz "{loader.ENTRY:#x}"
second:	.asciz "exit=return handover=bypass selftest=quick"
	.align 3
"""

CALLED = loader.of_width(CALLED_IN_AARCH32, CALLED_IN_AARCH64)

# Both timers on and not masked, long before their time.
TIMERS = loader.of_width(
    """
	mvn r0, #0
	mov r1, #0x7f
	mcrr p15, 3, r0, r1, c14
	mcrr p15, 2, r0, r1, c14
	mov r0, #1
	mcr p15, 0, r0, c14, c3, 1
	mcr p15, 0, r0, c14, c2, 1
""",
    """
	mov x0, #0x7fffffffff
	msr cntv_cval_el0, x0
	msr cntp_cval_el0, x0
	mov x0, #1
	msr cntv_ctl_el0, x0
	msr cntp_ctl_el0, x0
""",
)

# That of EL2, too, where the machine is entered in EL2.
TIMERS_OF_EL2 = TIMERS + loader.of_width(
    """
	mvn r0, #0
	mcrr p15, 6, r0, r1, c14
	mov r0, #1
	mcr p15, 4, r0, c14, c2, 1
""",
    """
	mov x0, #0x7fffffffff
	msr cnthp_cval_el2, x0
	mov x0, #1
	msr cnthp_ctl_el2, x0
""",
)

# What ran below a hypervisor left its MMU on: SVC's, or EL1's, with tables in which nothing is mapped.
MMU_BELOW = loader.of_width(
    f"""
	ldr r0, ={NOWHERE:#x}
	mcr p15, 0, r0, c2, c0, 0
	mrc p15, 0, r0, c1, c0, 0
	orr r0, r0, #1
	mcr p15, 0, r0, c1, c0, 0
	isb
""",
    f"""
	ldr x0, ={NOWHERE:#x}
	msr ttbr0_el1, x0
	mrs x0, sctlr_el1
	orr x0, x0, #1
	msr sctlr_el1, x0
	isb
""",
)

# The MMU and the caches of the core itself are on, one to one: devices below RAM, and the rest write-back.
MMU_ON = loader.of_width(
    f"""
	ldr r0, ={SPARE:#x}
	ldr r1, =0x00000c16
	ldr r2, =0x00011c0e
	mov r3, #0
1:	cmp r3, #0x40000000
	orrlo r4, r1, r3
	orrhs r4, r2, r3
	str r4, [r0], #4
	adds r3, r3, #0x100000
	bne 1b
	ldr r0, ={SPARE:#x}
	mov r1, #0
	mcr p15, 0, r1, c2, c0, 2
	mcr p15, 0, r0, c2, c0, 0
	mvn r2, #0
	mcr p15, 0, r2, c3, c0, 0
	mcr p15, 0, r1, c8, c7, 0
	dsb
	isb
	mrc p15, 0, r0, c1, c0, 0
	orr r0, r0, #0x1000
	orr r0, r0, #5
	mcr p15, 0, r0, c1, c0, 0
	isb
""",
    f"""
	ldr x0, ={SPARE:#x}
	msr ttbr0_el1, x0
	mov x1, #0x405
	mov x2, #0x701
	mov x3, #0x40000000
	str x1, [x0], #8
	.rept 4
	add x2, x2, x3
	str x2, [x0], #8
	.endr
	ldr x0, =0x04ff
	msr mair_el1, x0
	ldr x0, =0x200803519
	msr tcr_el1, x0
	isb
	tlbi vmalle1
	dsb sy
	isb
	mrs x0, sctlr_el1
	mov x1, #0x1005
	orr x0, x0, x1
	msr sctlr_el1, x0
	isb
""",
)


def with_own_host(folder, **environment):
    """
    QEMU's arguments for one more PCI host, with one function that has what no device of QEMU's has, and for a device tree that names
    the host. Its configuration space is flash: it reads as it was left, and no write changes it.
    """
    config = bytearray(FLASH_SIZE)
    for at, word in (
        (0x00, 0xABCD1234),
        (0x04, 0x00100400),  # It has capabilities; interrupt disable is set.
        (0x08, 0xFF000000),
        (0x34, 0x00000040),
        (0x40, 0x00020010),
        (0x100, 0x11010013),  # PRI,
        (0x104, 0x00000001),  # enabled.
        (0x110, 0x0001001B),  # PASID,
        (0x114, 0x00010000),  # enabled.
    ):
        config[at : at + 4] = word.to_bytes(4, "little")
    space, tree = os.path.join(folder, "space"), os.path.join(folder, "tree.dtb")
    with open(space, "wb") as file:
        file.write(config)
    firmware.dump_device_tree(tree, **environment)
    host = f"/pcie@{FLASH:x}"
    tree_edit.fdt("fdtput", "-c", tree, host)
    tree_edit.put_text(tree, host, "compatible", "pci-host-ecam-generic")
    tree_edit.put_text(tree, host, "device_type", "pci")
    tree_edit.put(tree, host, "reg", *tree_edit.wide(FLASH, 1 << 20))
    for name, *cells in (("#address-cells", 3), ("#size-cells", 2), ("bus-range", 0, 0), ("linux,pci-domain", 1)):
        tree_edit.put(tree, host, name, *cells)
    return f"-dtb {tree} -drive if=pflash,unit=1,format=raw,readonly=on,file={space}"


# Calls the firmware from EL2, and says in a letter each what came back: the result, the physical timer, that of EL2.
CALLED_IN_EL2 = TIMERS_OF_EL2 + loader.of_width(
    f"""
{loader.CALL}
	mrc p15, 0, r0, c14, c2, 1
	tst r0, #1
	moveq r0, #'p'
	movne r0, #'P'
	str r0, [r4]
	mrc p15, 4, r0, c14, c2, 1
	tst r0, #1
	moveq r0, #'h'
	movne r0, #'H'
	str r0, [r4]
""",
    f"""
	ldr x0, =0x5f000000
	mov sp, x0
{loader.CALL_AARCH64}
	mrs x0, cntp_ctl_el0
	mov w1, #'p'
	mov w2, #'P'
	tst w0, #1
	csel w0, w2, w1, ne
	str w0, [x4]
	mrs x0, cnthp_ctl_el2
	mov w1, #'h'
	mov w2, #'H'
	tst w0, #1
	csel w0, w2, w1, ne
	str w0, [x4]
""",
) + f"""
	mov r0, #10
	str r0, [ptr4]
	ldr r0, =0x84000008
	smc #0
	b .
	.align 3
list:	pointer first, second
first:	.asciz "{loader.ENTRY:#x}"
second:	.asciz "exit=return handover=bypass selftest=quick"
	.align 3
"""

# --- An SMMU that its owner has on, and takes back. ---

SMMU_AT = 0x0C000000 if firmware.has_instances() else 0x09050000
OWNED = 0x5F200000  # Above the caller's stack: its own. A stream table of 256, queues, registers as they were, and data.
OWNED_STREAMS = OWNED + 0x4000
OWNED_COMMANDS, OWNED_EVENTS, OWNED_NOTE, OWNED_DATA = (OWNED + at for at in (0x10000, 0x11000, 0x12000, 0x13000))
ABORTED_SLOT, ABORTED_WINDOW = 0x10, 0x10100000
ABORTED_EDU = f"-device edu,bus=pcie.0,addr={ABORTED_SLOT:x},dma_mask=0xffffffff"
# GERROR and GERRORN apart: an error is acknowledged for good. And those of page 1.
SMMU_REGISTERS = [*range(0x20, 0x30, 4), 0x44, 0x50, 0x54, *range(0x68, 0x78, 4), *range(0x80, 0x8C, 4), *range(0x90, 0xA8, 4), *range(0xB0, 0xC0, 4)]
SMMU_INDICES = (0xA8, 0xAC)

# All bypass, but for one stream, which aborts in silence. QEMU never goes back from a table of two levels to a linear one: it has two.
# ptr0: the SMMU; ptr5: its page 1.
SMMU_OWNED = f"""
	ldr ptr0, ={SMMU_AT:#x}
	add ptr5, ptr0, #0x10000
	ldr ptr1, ={OWNED_STREAMS:#x}
	add ptr2, ptr1, #0x4000
	mov r3, #9
1:	str r3, [ptr1], #64
	cmp ptr1, ptr2
	bne 1b
	ldr ptr1, ={OWNED_STREAMS + 64 * 8 * ABORTED_SLOT:#x}
	mov r3, #1
	str r3, [ptr1]
	ldr ptr1, ={OWNED:#x}
	ldr r3, ={OWNED_STREAMS + 7:#x}
	mov r2, #0
	.rept 4
	str r3, [ptr1], #4
	str r2, [ptr1], #4
	add r3, r3, #0x1000
	.endr
""" + "".join(
    f"\tldr r2, ={value:#x}\n\tstr r2, [{page}, #{offset:#x}]\n"
    for page, offset, value in (
        ("ptr0", 0x28, 0xD75),
        ("ptr0", 0x2C, 4),
        ("ptr0", 0x68, 0x5F300040),
        ("ptr0", 0x70, 0x11),
        ("ptr0", 0x80, OWNED),
        ("ptr0", 0x84, 0x40000000),
        ("ptr0", 0x88, 0x10188),
        ("ptr0", 0x90, OWNED_COMMANDS + 3),
        ("ptr0", 0x94, 0),
        ("ptr0", 0x98, 5),
        ("ptr0", 0x9C, 5),
        ("ptr0", 0xA0, OWNED_EVENTS + 3),
        ("ptr0", 0xA4, 0x40000000),
        ("ptr5", 0xA8, 3),
        ("ptr5", 0xAC, 3),
        ("ptr0", 0x50, 5),
        ("ptr0", 0x20, 0xC),
        ("ptr0", 0x20, 0xD),
    )
)

# Both at ptr1. r6: 0 where each register is as it was.
SMMU_EACH = [("ptr0", at) for at in SMMU_REGISTERS] + [("ptr5", at) for at in SMMU_INDICES]
SMMU_NOTED = "".join(f"\tldr r2, [{page}, #{offset:#x}]\n\tstr r2, [ptr1], #4\n" for page, offset in SMMU_EACH)
SMMU_COMPARED = "\tmov r6, #0\n" + "".join(
    f"\tldr r2, [{page}, #{offset:#x}]\n\tldr r3, [ptr1], #4\n\teor r2, r2, r3\n\torr r6, r6, r2\n" for page, offset in SMMU_EACH
)


def say_whether(letter):
    """The capital where the last comparison found two equal."""
    return f"""
	mov r2, #'{letter}'
	beq 1f
	add r2, r2, #32
1:	str r2, [ptr4]
"""


def edu_dma(window, source, target, command):
    return f"""
	ldr ptr1, ={window:#x}
	ldr r2, ={source:#x}
	str r2, [ptr1, #0x80]
	ldr r2, ={target:#x}
	str r2, [ptr1, #0x88]
	mov r2, #4
	str r2, [ptr1, #0x90]
	mov r2, #{command}
	str r2, [ptr1, #0x98]
1:	ldr r2, [ptr1, #0x98]
	tst r2, #1
	bne 1b
"""


# To the device, and back beside it: whether it is there, by the capital.
BYPASSED = f"""
	ldr ptr3, ={OWNED_DATA:#x}
	ldr r2, =0x12345678
	str r2, [ptr3]
	mov r2, #0
	str r2, [ptr3, #8]
{edu_dma(WINDOW, OWNED_DATA, 0x40000, 1)}
{edu_dma(WINDOW, 0x40000, OWNED_DATA + 8, 3)}
	ldr r2, [ptr3, #8]
	ldr r3, =0x12345678
	cmp r2, r3
{say_whether("B")}
"""

# What the device has, which is zero, does not come.
ABORTED = f"""
	ldr ptr3, ={OWNED_DATA:#x}
	ldr r2, =0x87654321
	str r2, [ptr3, #16]
{edu_dma(ABORTED_WINDOW, 0x40000, OWNED_DATA + 16, 3)}
	ldr ptr3, ={OWNED_DATA:#x}
	ldr r2, [ptr3, #16]
	ldr r3, =0x87654321
	cmp r2, r3
{say_whether("A")}
	ldr r2, [ptr5, #0xa8]
	cmp r2, #3
{say_whether("S")}
"""

# A CMD_SYNC in the owner's own queue is executed.
COMMANDED = f"""
	ldr ptr1, ={OWNED_COMMANDS + 16 * 5:#x}
	mov r2, #0x46
	str r2, [ptr1]
	mov r2, #0
	str r2, [ptr1, #4]
	str r2, [ptr1, #8]
	str r2, [ptr1, #12]
	dsb sy
	mov r2, #6
	str r2, [ptr0, #0x98]
	ldr r3, [ptr0, #0x9c]
	cmp r2, r3
{say_whether("C")}
"""

# Calls the firmware, and says in a letter each what came back: the result; the registers; what the SMMU does.
SMMU_CALLED = f"""{function(ABORTED_SLOT, window=ABORTED_WINDOW)}{function(EDU_SLOT)}{SMMU_OWNED}
	ldr ptr1, ={OWNED_NOTE:#x}
{SMMU_NOTED}
""" + loader.of_width(
    loader.CALL,
    f"""
	ldr x0, =0x5f000000
	mov sp, x0
{loader.CALL_AARCH64}
""",
) + f"""
	ldr ptr0, ={SMMU_AT:#x}
	add ptr5, ptr0, #0x10000
	ldr ptr1, ={OWNED_NOTE:#x}
{SMMU_COMPARED}
	cmp r6, #0
{say_whether("R")}{BYPASSED}{ABORTED}{COMMANDED}
	mov r0, #10
	str r0, [ptr4]
	ldr r0, =0x84000008
	hvc #0
	b .
	.align 3
list:	pointer first, second
first:	.asciz "{loader.ENTRY:#x}"
second:	.asciz "exit=return selftest=quick"
	.align 3
"""


class Left(NamedTuple):
    """
    The instructions; what the machine must be for them, by the names of the matrix's axes; what is told, as the end of a line that begins
    with "inherit"; and more of QEMU's arguments, or a function that makes them from the runner's settings.
    """

    text: str
    needs: dict
    told: tuple = ()
    devices: str = ""
    extra: object = None


LOW = {"highmem": False}  # ECAM is below 4 GiB.
BUSES = {"instances": 1, "highmem": False}  # And bus BEHIND is of the first root.
GICV2, GICV3, HYP = {"gic": 2}, {"gic": 3}, {"hyp": True}
ATS = "virtio-rng-pci,disable-legacy=on,iommu_platform=on,ats=on"

LEFT = {
    "NVMe with MSI-X on": Left(NVME_MSIX, LOW, ("PCI: MSI-X was on in 1 function",)),
    "NVMe in D3hot": Left(NVME_ASLEEP, LOW, ("PCI: low power was on in 1 function",)),
    "edu with MSI on": Left(EDU_MSI, LOW, ("PCI: MSI was on in 1 function",)),
    "virtio with ATS on": Left(RNG_ATS, BUSES, ("PCI: ATS was on in 1 function",), port_with(ATS)),
    "a network card with a virtual function": Left(NIC_SRIOV, BUSES, ("PCI: SR-IOV was on in 1 function",), port_with("igb")),
    "PRI, PASID and interrupt disable on": Left(
        "",
        {},
        ("PCI: PRI was on in 1 function", "PCI: PASID was on in 1 function", "PCI: interrupt disable was on in 1 function"),
        extra=with_own_host,
    ),
    "an NVMe that is enabled": Left(NVME_ON, LOW, ("PCI: bus mastering was on in 1 function",)),
    "a BAR of a boot loader's": Left(EDU_BAR, LOW),
    "an SMMU that is enabled": Left(SMMU_ON, {}, (r"smmu\d+ at 0x[0-9a-f]+: ENABLED",)),
    "a clock that holds its line": Left(CLOCK_LINE, {}, ("interrupt controller: 1 enabled",)),
    "GICv2 in the middle of a handler": Left(GICV2_IN_HANDLER, GICV2, ("interrupt controller: 1 enabled, 1 active",)),
    "GICv2 with EOImode 1, in the other group": Left(GICV2_GROUPS, GICV2, ("interrupt controller: .*EOImode 1",)),
    "GICv3 with EOImode 1": Left(GICV3_EOI_MODE, GICV3, ("interrupt controller: .*EOImode 1",)),
    "GICv3 in the middle of a handler": Left(GICV3_IN_HANDLER, GICV3, ("interrupt controller: 1 enabled, 1 active",)),
    "timers that run": Left(TIMERS, {}, ("virtual timer: running", "physical timer: running")),
    "timers that run, that of EL2 too": Left(TIMERS_OF_EL2, HYP, ("physical timer: running", "EL2 timer: running")),
    "an MMU below a hypervisor": Left(MMU_BELOW, HYP),
    "the core's MMU and caches on": Left(MMU_ON, {"hyp": False}),
}


def settings(name):
    """The runner's, for a machine that has just what these instructions need."""
    needs = LEFT[name].needs
    words = {"highmem": {False: "highmem=off"}, "gic": {3: "gic-version=3"}, "hyp": {True: "virtualization=on"}}
    properties = [words[axis][value] for axis, value in needs.items() if value in words.get(axis, {})]
    return {"MACHINE": ",".join(properties)} if properties else {}


def environment(folder, name, **more):
    """What the runner takes to start that machine; `more`: its settings, beyond what the instructions need."""
    left = LEFT[name]
    whole = {**settings(name), **more}
    text = f"{left.text}\n\ttree 0x40000000\n\tenter {loader.ENTRY}"
    first = loader.start(loader.assemble(folder, re.sub(r"\W", "_", name), text))
    extra = [first, left.devices, whole.pop("QEMU_EXTRA", "")]
    if left.extra:
        extra.append(left.extra(folder, **whole))
    return {**whole, "QEMU_EXTRA": " ".join(word for word in extra if word)}
