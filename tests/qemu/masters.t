# SPDX-License-Identifier: BSD-2-Clause
"""
Devices that are not as their drivers would like them: what cannot be driven is a skip that says why, and fails nothing;
a controller is driven without a disk, and waited for as long as it takes; a disk with wrong bytes is no pass.
"""

import os
import shutil

import firmware
import machine
import tap

CHECKS = {"blocked_before_attach", "translate", "read_only", "unmap", "isolation"}
folder = firmware.work_folder("masters")


def null(name, size="1M"):
    return f"-drive if=none,id={name},driver=null-co,size={size},read-zeroes=on"


def results(run, master):
    return {c["check"]: c["result"] for c in run.of("check", master=master)}


def detail(run, master, check="translate"):
    return next((c["detail"] or "" for c in run.of("check", master=master, check=check)), "")


PASS = (
    ("an NVMe without a namespace", "0000:00:10.0", ["-device nvme,serial=none,addr=10"]),
    (
        "an NVMe with metadata",
        "0000:00:11.0",
        ["-device nvme,serial=meta,id=meta,addr=11", null("metadata"), "-device nvme-ns,drive=metadata,bus=meta,ms=8"],
    ),
    ("a disk that is not the test's", "0000:00:12.0", [null("zero"), "-device virtio-blk-pci,iommu_platform=on,disable-legacy=on,drive=zero,addr=12"]),
)
SKIP = (
    ("a legacy virtio-blk", "0000:00:13.0", "legacy", [null("old"), "-device virtio-blk-pci,disable-modern=on,disable-legacy=off,drive=old,addr=13"]),
    ("a virtio-blk past the SMMU", "0000:00:14.0", "VIRTIO_F_ACCESS_PLATFORM", [null("past"), "-device virtio-blk-pci,drive=past,addr=14"]),
    ("an empty disk", "0000:00:15.0", "4 KiB", [null("empty", 0), "-device virtio-blk-pci,iommu_platform=on,disable-legacy=on,drive=empty,addr=15"]),
    ("a disk of 3 KiB", "0000:00:16.0", "4 KiB", [null("small", 3072), "-device virtio-blk-pci,iommu_platform=on,disable-legacy=on,drive=small,addr=16"]),
)
extra = " ".join(word for case in PASS + SKIP for word in case[-1])
environment = {"INSTANCES": 1, "QEMU_EXTRA": extra}
title = "unlikely devices"
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
for what, master, _ in PASS:
    tap.equal(results(run, master), dict.fromkeys(CHECKS, "pass"), f"{what} passes every check")
tap.ok("first read" in detail(run, "0000:00:12.0"), "it is told how its bytes were compared", detail(run, "0000:00:12.0"))
tap.ok("test disk" in detail(run, "0000:00:05.0"), "the read-only test disk's bytes are known", detail(run, "0000:00:05.0"))
for what, master, why, _ in SKIP:
    found = results(run, master)
    tap.equal(found, dict.fromkeys(CHECKS, "skip"), f"{what} is a skip in every check")
    tap.ok(all(why in detail(run, master, check) for check in found), f"{what}: each says why", detail(run, master))
    tap.ok(any(line.lstrip().startswith(master) and why in line for line in run.lines), f"{what}: people are told", run.tail)
    tap.equal(run.of("observed", master=master), [], f"{what}: nothing is said of its stream")
tap.equal(run.verdict.get("mismatches"), 0, f"{title}: no description is called wrong")

# Controllers take the memory that a disk would be driven with. Entropy is a witness: of the same kind, and without a driver.
title = "a device for which no memory is left"
trace = os.path.join(folder, "trace")
controllers = [f"-device nvme,serial={slot:x}-{at},addr={slot:x}.{at},multifunction=on" for slot in range(8, 0x13) for at in range(8)]
others = ["-device virtio-rng-pci,addr=1d", null("late"), "-device virtio-blk-pci,iommu_platform=on,disable-legacy=on,drive=late,addr=1e"]
environment = {"INSTANCES": 1, "MEMORY": "16M", "QEMU_EXTRA": " ".join([*controllers, *others, "-D", trace, "-trace virtio_set_status"])}
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
tap.equal(run.verdict.get("bound"), 87, f"{title}: the others are driven")
tap.equal(results(run, "0000:00:1e.0"), dict.fromkeys(CHECKS, "skip"), f"{title} is a skip in every check")
tap.ok("no memory" in detail(run, "0000:00:1e.0"), f"{title}: each says why", detail(run, "0000:00:1e.0"))
states = {}
with open(trace, encoding="ascii") as lines:
    for line in lines:
        _, _, device, _, state = line.split()
        states.setdefault(device, []).append(state)
driven = [device for device, seen in states.items() if set(seen) != {"0"}]
alone = [seen for device, seen in states.items() if device not in driven]
tap.equal(len(driven), 1, f"{title}: one disk is driven")
tap.ok(len(alone) == 2 and alone[0] == alone[1], f"{title}: it is left alone as the witness is", states)

# The name is right, and the numbers are not: another place of the disk, or of memory.
title = "a test disk of which the first line is missing"
place = os.path.join(folder, "disk")
with open(place, "w", encoding="ascii") as disk:
    disk.writelines(f"smmu-bringup {1 + line % 31:03}" for line in range(1024))
device = f"-drive if=none,id=wrong,format=raw,file={place} -device virtio-blk-pci,iommu_platform=on,disable-legacy=on,drive=wrong,addr=10"
environment = {"INSTANCES": 1, "QEMU_EXTRA": device}
machine.say(title, **environment)
run = firmware.run(**environment)
tap.equal(run.verdict.get("result"), "fail", f"{title}: fails")
tap.equal(results(run, "0000:00:10.0").get("translate"), "fail", f"{title}: its translate fails")
failed = {(c.get("master"), c["check"]) for c in run.of("check", result="fail")}
tap.equal(failed, {("0000:00:10.0", "translate")}, f"{title}: nothing else fails")

# Longer than a bind is waited for that does not begin.
SLOW_US = 7000000
title = "a device that takes seconds to reset"


def slow_down(copy):
    path = os.path.join(copy, "drivers/masters/edu.c")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    old = "static int edu_probe(struct master *master)\n{\n"
    assert text.count(old) == 1
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, f"{old}\tarch_sleep_us({SLOW_US}U);\n"))


elf, said = firmware.build_copy(folder, slow_down)
if tap.ok(elf, f"{title}: it builds", said[-2000:]):
    machine.say(title)
    run = firmware.run(elf=elf, TIMEOUT=600)
    machine.passes(run, title)
    tap.equal(len(run.of("master", client="edu", client_state="bound")), machine.drivable(3 if firmware.has_instances() else 1)[machine.EDU], f"{title}: every one is bound")
shutil.rmtree(folder)
tap.done()
