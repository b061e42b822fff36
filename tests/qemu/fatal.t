# SPDX-License-Identifier: BSD-2-Clause
"""
What must not go unseen: an exception on any core, a core that hangs, a machine that is not described. The exceptions
are the firmware's own, with a few bytes of its code replaced. Whatever happens, there is one verdict, it is the last
record, and it is a fail.
"""

import os
import struct
import subprocess

import firmware
import machine
import tap


def symbols(elf):
    text = subprocess.run(["arm-none-eabi-nm", elf], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1]: int(line.split()[0], 16) for line in text.splitlines() if len(line.split()) == 3}


def broken_elf(folder, symbol, halfwords):
    """The firmware with these Thumb instructions at the start of a function."""
    with open(firmware.ELF, "rb") as file:
        image = bytearray(file.read())
    address = symbols(firmware.ELF)[symbol] & ~1
    offset, count = struct.unpack_from("<I", image, 28)[0], struct.unpack_from("<H", image, 44)[0]
    for i in range(count):
        kind, at, virtual, _, size = struct.unpack_from("<IIIII", image, offset + 32 * i)
        if kind == 1 and virtual <= address < virtual + size:
            struct.pack_into(f"<{len(halfwords)}H", image, at + address - virtual, *halfwords)
    path = os.path.join(folder, symbol + ".elf")
    with open(path, "wb") as file:
        file.write(image)
    return path


def fails(run, title):
    verdicts = run.of("verdict")
    tap.equal([v["result"] for v in verdicts], ["fail"], f"{title}: one verdict, a fail")
    tap.ok(run.records and run.records[-1]["record"] == "verdict", f"{title}: it is the last record", run.tail)
    tap.ok(run.verdict.get("reason"), f"{title}: it says why", run.verdict)
    tap.ok(not run.broken, f"{title}: no record is cut", run.broken)


UDF, SVC = (0xDE00,), (0xDF00,)
LOAD_FROM_0 = (0x2000, 0x6800)  # movs r0, #0; ldr r0, [r0].
JUMP_TO_0 = (0x2000, 0x4700)  # movs r0, #0; bx r0.
RECURSE = (0xB5FF, 0xE7FD)  # push {r0-r7, lr}; and again.
HANG = (0xE7FE,)

DEATHS = (
    ("an undefined instruction on another core", "bind_clients", UDF),
    ("a supervisor call on another core", "bind_clients", SVC),
    ("a load from nowhere on another core", "bind_clients", LOAD_FROM_0),
    ("a jump to nowhere on another core", "bind_clients", JUMP_TO_0),
    ("a stack overflow on another core", "bind_clients", RECURSE),
    ("an undefined instruction on the boot core", "begin_abort_all", UDF),
    ("a load from nowhere in an interrupt", "irqchip_dispatch", LOAD_FROM_0),
)
folder = firmware.work_folder("fatal")
for title, symbol, halfwords in DEATHS:
    machine.say(title, patched=symbol)
    run = firmware.run(elf=broken_elf(folder, symbol, halfwords))
    fails(run, title)
    tap.equal(run.status, 1, f"{title}: the process fails")
    dumps = [line for line in run.lines if "r0" in line and "r1" in line]
    tap.equal(len(dumps), 1, f"{title}: one register dump, of the first core to die")

title = "cores that hang"
machine.say(title, patched="bind_clients")
run = firmware.run(elf=broken_elf(folder, "bind_clients", HANG))
fails(run, title)
tap.equal(run.status, 1, f"{title}: the process fails, and was not stopped")

NOT_DESCRIBED = (
    ("no SMMU at all", ["-M", "virt"]),
    ("no SMMU, four cores", ["-M", "virt", "-smp", "4", "-device", "edu"]),
    ("tables=iort without ACPI", ["-M", "virt,iommu=smmuv3,acpi=off", "-append", "tables=iort"]),
)
for title, arguments in NOT_DESCRIBED:
    machine.say(title, arguments=" ".join(arguments))
    run = firmware.run_bare(arguments)
    fails(run, title)
    tap.equal(run.status, 0, f"{title}: the firmware ended by itself")

title = "no master that can be driven"
machine.say(title)
run = firmware.run_bare(["-M", "virt,iommu=smmuv3"])
fails(run, title)
tap.equal(run.verdict.get("ready"), 1, f"{title}: the SMMU is ready all the same")
tap.done()
