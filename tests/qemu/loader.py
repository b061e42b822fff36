# SPDX-License-Identifier: BSD-2-Clause
"""
A few instructions that play the loader before the firmware: QEMU starts there instead of in the firmware. They are written once for
both widths: r0 to r7 hold 32 bits, ptr0 to ptr7 are the same registers where an address is meant, and these macros stand for the rest.

    tree ADDRESS        the firmware's device tree, in the register that has it at entry
    enter ADDRESS       goes on there
    pointer VALUE, ...  words of the width
"""

import os

import firmware

LOADER_AT = 0x47F00000
TREE_AT = 0x48000000
ENTRY = 0x40200000

# In AArch32: calls the firmware as U-Boot's `go` does, with the two words at `list`, and says on the UART, whose address stays in r4,
# what it returned.
CALL = f"""\
	ldr sp, =0x5f000000
	mov r0, #2
	ldr r1, =list
	ldr r3, ={ENTRY}
	blx r3
	ldr r4, =0x09000000
	add r0, r0, #'0'
	str r0, [r4]"""
# In AArch64, from a stack that is there.
CALL_AARCH64 = f"""
	mov x0, #2
	ldr x1, =list
	ldr x3, ={ENTRY}
	blr x3
	ldr x4, =0x09000000
	add w0, w0, #'0'
	str w0, [x4]
"""

AARCH32 = "\n".join(
    [".syntax unified", ".arm", ".arch armv7ve", ".arch_extension sec", ".arch_extension virt"]
    + [f"ptr{n} .req r{n}" for n in range(8)]
    + [".macro tree at", "ldr r2, =\\at", ".endm"]
    + [".macro enter at", "ldr pc, =\\at", ".endm"]
    + [".macro pointer values:vararg", ".word \\values", ".endm"]
)
AARCH64 = "\n".join(
    [f"ptr{n} .req x{n}\nr{n} .req w{n}" for n in range(8)]
    + [".macro tree at", "ldr x0, =\\at", ".endm"]
    + [".macro enter at", "ldr x16, =\\at", "br x16", ".endm"]
    + [".macro pointer values:vararg", ".quad \\values", ".endm"]
)


def of_width(aarch32, aarch64):
    """What differs, for the image that is tested."""
    return aarch64 if firmware.WIDE else aarch32


# The device tree is where the register says, and nowhere else: what QEMU left at the start of RAM is wiped out first.
def by_register(tree_at):
    return f"""
	ldr ptr3, =0x40000000
	mov r0, #0
	str r0, [ptr3]
	tree {tree_at}
	enter {ENTRY}
"""


BY_REGISTER = by_register(TREE_AT)


def assemble(folder, name, text, at=LOADER_AT):
    source = f"{of_width(AARCH32, AARCH64)}\n.global _start\n_start:\n{text}\n.pool\n"
    elf, binary = os.path.join(folder, name + ".elf"), os.path.join(folder, name + ".bin")
    flags = [*of_width(["-march=armv7ve"], ["-static", "-no-pie"]), "-nostdlib", f"-Wl,-Ttext={at:#x}", "-Wl,--build-id=none", "-x", "assembler", "-"]
    firmware.tool("gcc", *flags, "-o", elf, input=source)
    firmware.tool("objcopy", "-O", "binary", elf, binary)
    return binary


def start(binary, at=LOADER_AT):
    """QEMU's arguments to start core 0 in these instructions."""
    return f"-device loader,file={binary},addr={at:#x} -device loader,addr={at:#x},cpu-num=0"


def put(path, address):
    """QEMU's arguments to put a file into memory as it is."""
    return f"-device loader,file={path},addr={address:#x},force-raw=on"
