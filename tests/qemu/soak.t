# SPDX-License-Identifier: BSD-2-Clause
"""
The guarded core on the machine itself: `soak=` registers, unregisters and binds on all cores at once, with real DMA, and in AArch64 removes masters and
adds them again (CON-10). What is sound has to stay so, and a firmware without one of the core's guards has to be found out by the same run. SHORT=yes: three seconds of it.
"""

import os
import shutil
import sys

import firmware
import machine
import tap

sys.path.insert(0, os.path.join(firmware.ROOT, "tests/mutants"))
import core_schedule  # noqa: E402

# Two functions of one device, which reach each other: a group of two masters with a stream each.
PAIR = ("-device pcie-root-port,id=pair,bus=pcie.0,chassis=99,slot=99,addr=6 -device iommu-testdev,bus=pair,addr=0.0,multifunction=on "
        "-device iommu-testdev,bus=pair,addr=0.1")
# A removal that leaves the stream attached, while another member owns the group; only masters of such groups are removed, or it would take minutes.
KEPT = (
    ("drivers/iommu/group.c", "if (!has_sid(part, link->sid[i], link)) {", "if (!has_sid(part, link->sid[i], link) && word_load(&link->master->presence) != PRESENCE_LEAVING) {"),
    ("boot/checks/unplug.c", "return !master->iommu.region_count", "return master->iommu.isolation && !master->iommu.region_count"),
)

# Of those that the deterministic scheduler finds out: two that DMA shows within seconds.
SHOWN = ("MUTANT_NO_UNBIND_OF_WHO_LEAVES", "MUTANT_UNBIND_DOES_NOT_WAIT")


def soaked(title, seconds, **environment):
    environment["APPEND"] = f"soak={seconds}"
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    soak = (run.of("soak") or [{}])[0]
    if firmware.WIDE and soak.get("result") == "pass" and not (soak.get("denials") and soak.get("returns")) and seconds < 60:
        tap.note(f"no master has left and come back in {seconds} seconds: again, in more")
        return soaked(title, 4 * seconds, **environment)
    tap.equal((soak.get("seconds"), soak.get("result")), (seconds, "pass"), f"{title}: it lasted, and passed")
    tap.equal((soak.get("violations"), soak.get("unexpected_events")), (0, 0), f"{title}: nothing was violated")
    tap.ok(soak.get("registrations", 0) >= 3, f"{title}: instances came and went", soak)
    tap.ok(soak.get("dmas", 0) >= 10 and soak.get("bytes", 0) > soak["dmas"], f"{title}: bytes moved", soak)
    tap.equal(soak.get("registrations"), soak.get("unregistrations"), f"{title}: each instance that left came back")
    tap.ok(soak.get("deferrals", 0) < 1 << 24, f"{title}: no deferral was taken back", soak)
    if firmware.WIDE:
        so_far = [int(line.split()[1]) for line in run.lines if line.startswith("soak ") and " s so far: " in line]
        tap.ok((so_far or seconds < 6) and len(so_far) <= seconds / 2 + 1 and all(b - a >= 2 for a, b in zip(so_far, so_far[1:])), f"{title}: it says how far it has come, every 2 s at most", so_far)
        tap.equal(soak.get("removals"), soak.get("additions"), f"{title}: the masters that were removed were added again")
        tap.ok(soak.get("denials", 0) >= 1, f"{title}: a removed master was denied", soak)
        tap.ok(soak.get("returns", 0) >= 1, f"{title}: a master that came back moved bytes", soak)
    return soak


def broken(name, changes, **environment):
    folder = firmware.work_folder(name.lower())

    def break_it(copy):
        for path, old, new in changes:
            place = os.path.join(copy, path)
            with open(place, encoding="utf-8") as file:
                text = file.read()
            tap.equal(text.count(old), 1, f"{name}: its text is there")
            with open(place, "w", encoding="utf-8") as file:
                file.write(text.replace(old, new))

    elf, said = firmware.build_copy(folder, break_it)
    tap.ok(elf, f"{name} builds", said[-2000:])
    run = firmware.run(elf=elf, CORES=8, **environment) if elf else firmware.Run(1, "")
    tap.equal(run.verdict.get("result"), "fail", f"{name} is found out by the soak")
    shutil.rmtree(folder)
    return run


if firmware.SHORT:
    soaked("four cores, three instances", 3, CORES=4, INSTANCES=3 if firmware.has_instances() else 1)
    tap.done()
instances = 5 if firmware.has_instances() else 1
soak = soaked("eight cores, five instances", 6, CORES=8, INSTANCES=instances)
tap.ok(soak.get("deferrals", 0) > 0, "clients met instances that were away", soak)
soaked("one core", 3, CORES=1, INSTANCES=instances)
soaked("the distribution's QEMU", 3, CORES=4, QEMU=firmware.old_qemu())

for name in SHOWN:
    _, _, path, old, new = next(each for each in core_schedule.MUTANTS if each[0] == name)
    broken(name, [(path, old, new)], INSTANCES=instances, APPEND="soak=6")
if firmware.WIDE and firmware.has_instances() and firmware.has_testdev():
    soaked("a group of two", 6, CORES=4, QEMU_EXTRA=PAIR)
    run = broken("MUTANT_REMOVED_STREAM_STAYS", KEPT, APPEND="soak=10", QEMU_EXTRA=PAIR)
    tap.ok(any("it was removed, and its DMA reached memory" in line for line in run.lines), "the entry that was left is named", run.tail())
tap.done()
