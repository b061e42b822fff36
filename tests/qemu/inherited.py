# SPDX-License-Identifier: BSD-2-Clause
"""
Machines as a boot loader, a hypervisor or a dead kernel leaves them: a few instructions run first, put a device or the
interrupt controller into that state, and go on to the firmware with the device tree that QEMU made.
"""

import loader

ECAM = 0x3F000000  # With highmem=off.
WINDOW = 0x10000000
NOWHERE = 0x50000000  # RAM that no domain maps.
EDU_SLOT, NVME_SLOT = 1, 4
PORT_SLOT = 0x10  # Of a root port that the runner's machine does not have, with one function on bus BEHIND.
BEHIND = 9

GO_ON = f"""
	tree 0x40000000
	enter {loader.ENTRY}
"""


def function(slot, bus=0):
    """ptr0: the configuration space of a function, which decodes a BAR at WINDOW and masters the bus."""
    return f"""
	ldr ptr0, ={ECAM + (bus << 20) + (slot << 15):#x}
	ldr ptr1, ={WINDOW:#x}
	str r1, [ptr0, #0x10]
	mov r2, #0
	str r2, [ptr0, #0x14]
	mov r2, #6
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
	mov x0, #2
	ldr x1, =list
	ldr x3, ={loader.ENTRY}
	blr x3
	ldr x4, =0x09000000
	add w0, w0, #'0'
	str w0, [x4]
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
	mov x0, #2
	ldr x1, =list
	ldr x3, ={loader.ENTRY}
	blr x3
	ldr x4, =0x09000000
	add w0, w0, #'0'
	str w0, [x4]
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

# By name: the instructions, and what the machine needs for them.
MACHINES = {
    "NVMe with MSI-X on": (NVME_MSIX, {"MACHINE": "highmem=off"}),
    "edu with MSI on": (EDU_MSI, {"MACHINE": "highmem=off"}),
    "virtio with ATS on": (
        RNG_ATS,
        {"MACHINE": "highmem=off", "QEMU_EXTRA": port_with("virtio-rng-pci,disable-legacy=on,iommu_platform=on,ats=on")},
    ),
    "GICv2 in the middle of a handler": (GICV2_IN_HANDLER, {}),
    "GICv2 with EOImode 1, in the other group": (GICV2_GROUPS, {}),
    "GICv3 with EOImode 1": (GICV3_EOI_MODE, {"MACHINE": "gic-version=3"}),
    "GICv3 in the middle of a handler": (GICV3_IN_HANDLER, {"MACHINE": "gic-version=3"}),
    "timers that run": (TIMERS, {}),
    "timers that run, that of EL2 too": (TIMERS_OF_EL2, {"MACHINE": "virtualization=on"}),
    "an MMU below a hypervisor": (MMU_BELOW, {"MACHINE": "virtualization=on"}),
    "a network card with a virtual function": (NIC_SRIOV, {"MACHINE": "highmem=off", "QEMU_EXTRA": port_with("igb")}),
}


def start(folder, name):
    """QEMU's arguments to run these instructions first; the machine has to have what they need."""
    binary = loader.assemble(folder, name.replace(" ", "_").replace(",", ""), MACHINES[name][0] + GO_ON)
    return loader.start(binary)


def environment(folder, name, **more):
    """What the runner takes to start that machine."""
    settings = MACHINES[name][1]
    extra = f"{start(folder, name)} {settings.get('QEMU_EXTRA', '')} {more.pop('QEMU_EXTRA', '')}"
    return {**settings, **more, "QEMU_EXTRA": extra}
