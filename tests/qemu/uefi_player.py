# SPDX-License-Identifier: BSD-2-Clause
"""uefi_player.c, built: an application that makes another UEFI of the one it runs under."""

import os

import firmware
import uefi

FLAGS = "-std=gnu11 -Os -Wall -Wextra -Werror -ffreestanding -fpie -mgeneral-regs-only -ffixed-x18 -fno-stack-protector -nostdlib -static".split()
LAYOUT = f"""SECTIONS {{
	. = {uefi.LINKED_AT:#x};
	.text : {{ image_start = .; *(.text.start) *(.text*) *(.rodata*) *(.kept) image_end = .; }}
	/DISCARD/ : {{ *(.comment) *(.note*) *(.eh_frame) }}
}}
"""


def application(folder, tree=None):
    """`tree`: a device tree that UEFI is given by the word `both`."""
    layout, elf, binary = (os.path.join(folder, "player." + ending) for ending in ("ld", "elf", "bin"))
    with open(layout, "w", encoding="utf-8") as file:
        file.write(LAYOUT)
    tree = tree or layout  # Without that word any file will do.
    here = os.path.dirname(os.path.abspath(__file__))
    includes = ["-I", os.path.join(firmware.ROOT, "boot"), f'-DTREE="{tree}"']
    linked = ["-Wl,--build-id=none,--no-warn-rwx-segments", f"-Wl,-T,{layout}"]
    firmware.tool("gcc", *FLAGS, *includes, *linked, os.path.join(here, "uefi_player.c"), "-o", elf)
    firmware.tool("objcopy", "-O", "binary", elf, binary)
    with open(binary, "rb") as file:
        return uefi.packed(file.read())
