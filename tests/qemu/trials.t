# SPDX-License-Identifier: BSD-2-Clause
"""
What a trial proves, and what it does not: devices that are not what their driver is for, and devices that fault where no
check has sent them. A faultless SMMU passes beside the first; and nothing that the others do counts as a proof.
"""

import os
import shutil

import firmware
import machine
import tap

PROOFS = ("translate", "read_only", "unmap", "isolation")
INJECTIONS = ("bad_ste", "bad_cd", "cd_fetch", "walk_abort", "translation_fault", "permission_fault", "event_overflow", "event_abort")
EDU = "-device edu,bus=pcie.0,addr=%s,dma_mask=0xffffffff"
folder = firmware.work_folder("trials")
disk, tiny = os.path.join(folder, "disk.img"), os.path.join(folder, "tiny.img")
with open(disk, "wb") as file:
    file.write(b"".join(b"smmu-bringup %03d" % number for number in range(256)).ljust(1 << 20, b"\0"))
with open(tiny, "wb") as file:
    file.write(bytes(512))


def bare(title, devices, append="", elf=None, cores=2):
    """A machine of one SMMU with these devices on its root bus, and no others."""
    arguments = f"-M virt,iommu=smmuv3 -smp {cores} " + devices
    run = firmware.run_bare(arguments.split() + (["-append", append] if append else []), elf=elf, limit=600)
    machine.sound_records(run, title)
    return run


def with_disk(device, image):
    return f"-drive if=none,id=disk,format=raw,readonly=on,file={image} -device {device},drive=disk"


def results(run, master):
    return {c["check"]: c["result"] for c in run.of("check", master=master)}


def details(run, check, **keys):
    return [c["detail"] or "" for c in run.of("check", check=check, **keys)]


def passed(run, title):
    tap.ok(run.verdict.get("result") == "pass", f"{title}: passes", lambda: [run.verdict] + run.tail())


def failed(run, title):
    tap.equal(run.verdict.get("result"), "fail", f"{title}: fails")


def edited(path, *changes):
    """An image with these texts replaced, each once."""

    def edit(copy):
        where = os.path.join(copy, path)
        with open(where, encoding="utf-8") as file:
            text = file.read()
        for old, new in changes:
            assert text.count(old) == 1, f"{path} has not once: {old}"
            text = text.replace(old, new)
        with open(where, "w", encoding="utf-8") as file:
            file.write(text)

    copy = firmware.work_folder("trials")
    elf, said = firmware.build_copy(copy, edit)
    tap.ok(elf, f"{path} builds with its change", said[-2000:])
    return elf, copy


# --- Devices that are not what their driver is for. ---

TINY = with_disk("virtio-blk-pci,iommu_platform=on,disable-legacy=on,bus=pcie.0,addr=1", tiny)

title = "a disk of one sector, before another master"
run = bare(title, TINY + " " + EDU % 2)
passed(run, title)
found = results(run, "0000:00:01.0")
tap.equal([found.get(check) for check in PROOFS], ["skip"] * 4, f"{title}: shows nothing, for a reason of its own")
tap.ok(all(details(run, check, master="0000:00:01.0") for check in PROOFS), f"{title}: and says which")
tap.equal({c["result"] for check in INJECTIONS for c in run.of("check", check=check)}, {"pass"}, f"{title}: the other is used for what is provoked")

title = "a disk of one sector, alone"
run = bare(title, TINY)
failed(run, title)
tap.ok("no master showed" in (run.verdict.get("reason") or ""), f"{title}: for nothing was shown", run.verdict)
tap.equal(run.verdict.get("checks_failed"), 0, f"{title}: and no check failed")

title = "an NVMe alone"
run = bare(title, with_disk("nvme,serial=disk,bus=pcie.0,addr=1", disk))
passed(run, title)
tap.equal({c["result"] for check in INJECTIONS for c in run.of("check", check=check)}, {"pass"}, f"{title}: its queues are stopped with it, and it comes back")

title = "a virtio-blk that is legacy alone"
run = bare(title, with_disk("virtio-blk-pci,disable-modern=on,disable-legacy=off,bus=pcie.0,addr=1", disk) + " " + EDU % 2)
passed(run, title)
tap.equal(set(results(run, "0000:00:01.0").values()), {"skip"}, f"{title}: is a skip")
tap.equal([(m["client"], m["client_state"]) for m in run.of("master", master="0000:00:01.0")], [(None, "none")], f"{title}: has no client")

# --- A soak with nothing to soak. ---

title = "a soak without a master"
run = bare(title, "", "soak=1")
failed(run, title)
tap.equal([s["result"] for s in run.of("soak")], ["fail"], f"{title}: ends, and says so")

title = "a soak beside a disk that cannot be read"
run = bare(title, TINY + " " + EDU % 2, "soak=2")
passed(run, title)

# --- Events that prove nothing. ---

DOORBELL = "0x8020040"
title = "a device whose stopped DMA faults elsewhere"
elf, copy = edited("drivers/masters/edu.c",
                   ("dma->write ? (uint32_t)dma->address : EDU_BUFFER",
                    f"dma->write ? (dma->length < 64 && !dma->stray ? {DOORBELL}U : (uint32_t)dma->address) : EDU_BUFFER"))
if elf:
    run = bare(title, EDU % 1 + " " + EDU % 2, elf=elf)
    failed(run, title)
    found = results(run, "0000:00:01.0")
    tap.equal([found.get(check) for check in PROOFS], ["pass", "fail", "fail", "fail"], f"{title}: is no proof")
    wild = run.of("event", address=DOORBELL)
    tap.ok(wild and not any(e["expected"] for e in wild), f"{title}: and its events are unexpected", wild[:3])
    tap.ok(all(DOORBELL in d for d in details(run, "unmap")), f"{title}: the address is told", details(run, "unmap"))
shutil.rmtree(copy)

title = "twins whose bus number does not get through"
elf, copy = edited("drivers/pci/exchange.c",
                   ("\tlearned = exchange_buses(function, other);\n",
                    "\tbool home = exchange_bus_below(bridge) == bridge->secondary_bus;\n\tif (home) pci_bus_master(function, false);\n"
                    "\tlearned = exchange_buses(function, other);\n\tif (!home) pci_bus_master(function, true);\n"))
if elf and firmware.has_instances():
    run = firmware.run(elf=elf, INSTANCES=3)
    machine.passes(run, title)
    told = [d for d in details(run, "isolation") if "cannot make it emit" in d]
    tap.ok(told, f"{title}: are told as not made", details(run, "isolation"))
shutil.rmtree(copy)
shutil.rmtree(folder)
tap.done()
