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
	ldr r2, =0x40000000
	ldr pc, ={loader.ENTRY}
"""


def function(slot, bus=0):
    """r0: the configuration space of a function, which decodes a BAR at WINDOW and masters the bus."""
    return f"""
	ldr r0, ={ECAM + (bus << 20) + (slot << 15):#x}
	ldr r1, ={WINDOW:#x}
	str r1, [r0, #0x10]
	mov r2, #0
	str r2, [r0, #0x14]
	mov r2, #6
	str r2, [r0, #4]
"""


def function_behind_port():
    return f"""
	ldr r0, ={ECAM + (PORT_SLOT << 15):#x}
	ldr r1, ={BEHIND << 16 | BEHIND << 8:#x}
	str r1, [r0, #0x18]
	mov r2, #6
	str r2, [r0, #4]
{function(0, BEHIND)}
"""


def port_with(device):
    return f"-device pcie-root-port,id=left,bus=pcie.0,addr={PORT_SLOT:x},chassis=90,slot=90 -device {device},bus=left"


def capability(number):
    """r4: where the function at r0 has it."""
    return f"""
	ldrb r3, [r0, #0x34]
1:	add r4, r0, r3
	ldrb r5, [r4]
	cmp r5, #{number}
	ldrbne r3, [r4, #1]
	bne 1b
"""


def extended(number):
    """r4: where the function at r0 has it among the capabilities of PCI Express."""
    return f"""
	mov r3, #0x100
1:	add r4, r0, r3
	ldr r5, [r4]
	uxth r6, r5
	cmp r6, #{number}
	lsrne r3, r5, #20
	bne 1b
"""


# Vector 0 is a message to where nothing is mapped: the controller sends it for each command of its admin queue.
NVME_MSIX = f"""{function(NVME_SLOT)}{capability(0x11)}
	ldr r5, [r4, #4]
	bic r5, r5, #7
	add r5, r5, r1
	ldr r6, ={NOWHERE:#x}
	mov r7, #0
	stm r5, {{r6, r7}}
	str r7, [r5, #8]
	str r7, [r5, #12]
	ldr r6, [r4]
	orr r6, r6, #0x80000000
	str r6, [r4]
"""

EDU_MSI = f"""{function(EDU_SLOT)}{capability(0x05)}
	ldr r6, [r4]
	orr r6, r6, #0x10000
	str r6, [r4]
"""

RNG_ATS = f"""{function_behind_port()}{extended(0x0F)}
	ldr r6, [r4, #4]
	orr r6, r6, #0x80000000
	str r6, [r4, #4]
"""

# One virtual function, which decodes memory.
NIC_SRIOV = f"""{function_behind_port()}{extended(0x10)}
	mov r6, #1
	strh r6, [r4, #0x10]
	mov r6, #9
	strh r6, [r4, #8]
"""

# By name: the instructions, and what the machine needs for them.
MACHINES = {
    "NVMe with MSI-X on": (NVME_MSIX, {"MACHINE": "highmem=off"}),
    "edu with MSI on": (EDU_MSI, {"MACHINE": "highmem=off"}),
    "virtio with ATS on": (
        RNG_ATS,
        {"MACHINE": "highmem=off", "QEMU_EXTRA": port_with("virtio-rng-pci,disable-legacy=on,iommu_platform=on,ats=on")},
    ),
    "a network card with a virtual function": (NIC_SRIOV, {"MACHINE": "highmem=off", "QEMU_EXTRA": port_with("igb")}),
}


def environment(folder, name, **more):
    """What the runner takes to start that machine."""
    instructions, settings = MACHINES[name]
    binary = loader.assemble(folder, "inherited", instructions + GO_ON)
    extra = f"{loader.start(binary)} {settings.get('QEMU_EXTRA', '')} {more.pop('QEMU_EXTRA', '')}"
    return {**settings, **more, "QEMU_EXTRA": extra}
