# SPDX-License-Identifier: BSD-2-Clause
"""A few instructions that play the loader before the firmware: QEMU starts there instead of in the firmware."""

import os
import subprocess

LOADER_AT = 0x47F00000
TREE_AT = 0x48000000
ENTRY = 0x40200000

# The device tree is where r2 says, and nowhere else: what QEMU left at the start of RAM is wiped out first.
def by_r2(tree_at):
    return f"""
	mov r3, #0x40000000
	mov r0, #0
	str r0, [r3]
	ldr r2, ={tree_at}
	ldr pc, ={ENTRY}
"""


BY_R2 = by_r2(TREE_AT)


def assemble(folder, name, text):
    source = f".syntax unified\n.arm\n.arch armv7ve\n.arch_extension sec\n.arch_extension virt\n.global _start\n_start:\n{text}\n.pool\n"
    elf, binary = os.path.join(folder, name + ".elf"), os.path.join(folder, name + ".bin")
    flags = ["-march=armv7ve", "-nostdlib", f"-Wl,-Ttext={LOADER_AT:#x}", "-Wl,--build-id=none", "-x", "assembler", "-"]
    subprocess.run(["arm-none-eabi-gcc", *flags, "-o", elf], input=source, text=True, check=True)
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, binary], check=True)
    return binary


def start(binary):
    """QEMU's arguments to start core 0 in these instructions."""
    return f"-device loader,file={binary},addr={LOADER_AT:#x} -device loader,addr={LOADER_AT:#x},cpu-num=0"


def put(path, address):
    """QEMU's arguments to put a file into memory as it is."""
    return f"-device loader,file={path},addr={address:#x},force-raw=on"
