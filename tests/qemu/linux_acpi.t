# SPDX-License-Identifier: BSD-2-Clause
"""
Linux by ACPI, behind UEFI, behind the firmware: the firmware's map is that of the IORT, and so is Linux's.
"""

import firmware
import linux
import linux_by_acpi
import linux_judge
import tap

# UEFI reads its disks by DMA: the SMMUs let everything through.
WORDS = f"next={linux.LINUX_AT:#x} handover=bypass console=ttyAMA0 panic=1 quiet selftest=quick"


def follow(which):
    title = f"{which} kernel, by ACPI"
    machine, folder, tables = linux_by_acpi.machine(), linux.fetched(which), []
    kernel = machine.path("Image", linux.kernel(folder))
    disk = machine.path("initrd", linux.initrd(folder, linux.init_for(len(linux.FIRST_BUSES), waits=True)))
    run = linux_by_acpi.start(machine, kernel, disk, WORDS, look=linux_judge.stream_tables_into(tables))
    tap.equal((run.of("firmware") or [{}])[0].get("description"), "iort", f"{title}: the firmware reads the IORT, too")
    linux_judge.sound_handover(run, title)
    linux_judge.judge_linux(run, tables, machine, title, True, 4)
    by_acpi = [line for line in linux_judge.Said(run).of("dmesg") if "ACPI: IORT" in line]
    tap.ok(by_acpi, f"{title}: Linux reads an IORT")
    machine.close()


if not firmware.has_instances():
    tap.skip("Linux by ACPI", "this QEMU has one SMMUv3")
    tap.done()
for which in linux.WHICH:
    if linux_by_acpi.fetched() and linux.fetched(which):
        follow(which)
    else:
        tap.skip(f"{which} kernel, by ACPI", "UEFI or the kernel could not be fetched")
tap.done()
