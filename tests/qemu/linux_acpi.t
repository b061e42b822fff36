# SPDX-License-Identifier: BSD-2-Clause
"""
Linux by ACPI, behind UEFI, behind the firmware: UEFI lies in flash at address 0, where no arm64 Image can be, so that next=
names an Image of two instructions that goes there. The firmware's map is that of the IORT, and so is Linux's.
"""

import os
import struct
import subprocess

import firmware
import linux
import linux_judge
import tap

FIRMWARE_AT = 0x60000000
# UEFI reads its disks by DMA: the SMMUs let everything through.
WORDS = f"next={linux.LINUX_AT:#x} handover=bypass console=ttyAMA0 panic=1 quiet selftest=quick"
NOP, BRANCH_TO_60, X1_IS_0, GO_TO_X1 = 0xD503201F, 0x1400000F, 0xD2800001, 0xD61F0020
MAGIC, ANYWHERE, SIZE = 0x644D5241, 0xA, 4096


def way_to_flash():
    """An arm64 Image that goes on at address 0."""
    header = struct.pack("<IIQQQQQQII", NOP, BRANCH_TO_60, 0, SIZE, ANYWHERE, 0, 0, 0, MAGIC, 0)
    return header + struct.pack("<II", X1_IS_0, GO_TO_X1)


def fetched():
    found = subprocess.run([os.path.join(firmware.ROOT, "tools/get"), "efi"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def follow(which, flash):
    title = f"{which} kernel, by ACPI"
    machine, folder, tables = linux.Machine(memory="2G"), linux.fetched(which), []
    kernel = machine.path("Image", linux.kernel(folder))
    disk = machine.path("initrd", linux.initrd(folder, linux.init_for(len(linux.FIRST_BUSES), waits=True)))
    way = machine.path("way", way_to_flash())
    image = firmware.ELF.removesuffix(".elf") + ".bin"
    arguments = ["-bios", flash, "-kernel", kernel, "-initrd", disk, "-append", WORDS]
    for loaded in (f"file={image},addr={FIRMWARE_AT:#x},force-raw=on", f"addr={FIRMWARE_AT:#x},cpu-num=0", f"file={way},addr={linux.LINUX_AT:#x},force-raw=on"):
        arguments += ["-device", f"loader,{loaded}"]
    run = machine.run(arguments, look=linux_judge.stream_tables_into(tables))
    tap.equal((run.of("firmware") or [{}])[0].get("description"), "iort", f"{title}: the firmware reads the IORT, too")
    linux_judge.sound_handover(run, title)
    linux_judge.judge_linux(run, tables, machine, title, True, 4)
    by_acpi = [line for line in linux_judge.Said(run).of("dmesg") if "ACPI: IORT" in line]
    tap.ok(by_acpi, f"{title}: Linux reads an IORT")
    machine.close()


if not firmware.has_instances():
    tap.skip("Linux by ACPI", "this QEMU has one SMMUv3")
    tap.done()
if not fetched() or not linux.fetched("oldest"):
    tap.skip("Linux by ACPI", "UEFI or the kernel could not be fetched")
    tap.done()
follow("oldest", fetched())
tap.done()
