# SPDX-License-Identifier: BSD-2-Clause
"""
Linux by ACPI, behind UEFI, behind the firmware: UEFI lies in flash at address 0, where no arm64 Image can be, so that next= names
an Image of two instructions that goes there.
"""

import functools
import os
import struct
import subprocess

import firmware
import linux

FIRMWARE_AT = 0x60000000
NOP, BRANCH_TO_60, X1_IS_0, GO_TO_X1 = 0xD503201F, 0x1400000F, 0xD2800001, 0xD61F0020
MAGIC, ANYWHERE, SIZE = 0x644D5241, 0xA, 4096


@functools.cache
def fetched():
    """UEFI's flash, or None where it cannot be had."""
    found = subprocess.run([os.path.join(firmware.ROOT, "tools/get"), "efi"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def machine():
    """Where UEFI and its copies of kernel and RAM disk have room beside the firmware."""
    return linux.Machine(memory="2G")


def way_to_flash():
    """An arm64 Image that goes on at address 0."""
    header = struct.pack("<IIQQQQQQII", NOP, BRANCH_TO_60, 0, SIZE, ANYWHERE, 0, 0, 0, MAGIC, 0)
    return header + struct.pack("<II", X1_IS_0, GO_TO_X1)


def start(on, kernel, disk, words, more=(), **how):
    """Runs the firmware on such a machine; what UEFI starts behind it is `kernel`, where there is one."""
    image, way = firmware.ELF.removesuffix(".elf") + ".bin", on.path("way", way_to_flash())
    arguments = ["-bios", fetched(), "-append", words, *more]
    arguments += ["-kernel", kernel, "-initrd", disk] if kernel else ["-kernel", image]
    for loaded in (f"file={image},addr={FIRMWARE_AT:#x},force-raw=on", f"addr={FIRMWARE_AT:#x},cpu-num=0", f"file={way},addr={linux.LINUX_AT:#x},force-raw=on"):
        arguments += ["-device", f"loader,{loaded}"]
    return on.run(arguments, **how)
