# SPDX-License-Identifier: BSD-2-Clause
"""
What QEMU has not of its own, and a hypervisor below the firmware makes: SErrors, and affinities with an Aff3. An SError of a probing
read is that read's answer; any other is named, on each core; one that was pending at the entry is told. Other traps to EL2 are named.
"""

import os
import shutil

import firmware
import hypervisor
import loader
import machine
import tap
import tree
from patched import a64, broken_elf

HVC, TCR2_EL1 = a64(0xD4000002), a64(0xD518207F)  # hvc #0; msr tcr2_el1, xzr.
AFF3 = 0x5A
folder = firmware.work_folder("above")
good, edited = os.path.join(folder, "good.dtb"), os.path.join(folder, "edited.dtb")


def run_above(title, edit=lambda dtb: None, elf=None, **pending):
    shutil.copy(good, edited)
    tree.put_text(edited, "/chosen", "bootargs", "tables=dt selftest=quick")
    tree.put(edited, "/memory@40000000", "reg", *tree.wide(0x40000000, hypervisor.AT - 0x40000000))
    edit(edited)
    binary = loader.assemble(folder, "hypervisor", hypervisor.text(**pending), hypervisor.AT)
    extra = f"{loader.put(edited, loader.TREE_AT)} {loader.start(binary, hypervisor.AT)}"
    machine.say(title, MACHINE="virtualization=on", QEMU_EXTRA=extra)
    return firmware.run(elf=elf, MACHINE="virtualization=on", QEMU_EXTRA=extra)


def one_verdict(run, title, result):
    tap.equal([v["result"] for v in run.of("verdict")], [result], f"{title}: one verdict, a {result}")
    tap.ok(run.records and run.records[-1]["record"] == "verdict", f"{title}: it is the last record", run.tail)


tap.ok(tree.make(good, MACHINE="virtualization=on"), "QEMU's device tree can be had and edited")
title = "nothing amiss"
run = run_above(title)
machine.passes(run, title)
tap.equal((run.of("firmware") or [{}])[0].get("cores"), 4, f"{title}: all cores run")

title = "an SError that is pending at the entry"
run = run_above(title, at_entry=hypervisor.VSE)
machine.passes(run, title)
told = [line for line in run.lines if "an asynchronous abort was pending at the entry" in line]
tap.equal(len(told), 1, f"{title}: is told")

def with_aff3(dtb):
    """Each core's affinity in two cells, with AFF3 in it."""
    tree.put(dtb, "/cpus", "#address-cells", 2)
    for number in range(4):
        tree.put(dtb, f"/cpus/cpu@{number}", "reg", AFF3, number)


title = "affinities with an Aff3"
run = run_above(title, with_aff3, aff3=AFF3)
machine.passes(run, title)
tap.equal((run.of("firmware") or [{}])[0].get("cores"), 4, f"{title}: all cores run")
machine.deferred(run, title, 4)

title = "an SMMU in a hole that answers by an SError"
run = run_above(title, lambda dtb: tree.set_base(dtb, tree.smmu(1), hypervisor.HOLE))
machine.sound(run, title)
one_verdict(run, title, "fail")
told = [line for line in run.lines if "nothing answers at its base (external abort)" in line and not line.startswith("{")]
tap.ok(told, f"{title}: is told", run.tail)
tap.equal(len(run.of("instance", state="ready")), 2, f"{title}: the others are ready")

for title, symbol, where in (
    ("an SError on another core", "bind_clients", "on core "),
    ("an SError on the boot core", "begin_abort_all", "on core 0 "),
):
    run = run_above(title, elf=broken_elf(folder, symbol, HVC))
    one_verdict(run, title, "fail")
    reason = run.verdict.get("reason") or ""
    tap.ok("an earlier access was not answered (SError, syndrome 0x" in reason and where in reason, f"{title}: is named", run.verdict)
    tap.equal(len([line for line in run.lines if line.startswith("  x0 ")]), 1, f"{title}: one register dump, of the first core to die")

title = "a register that EL2 traps"
machine.say(title, CPU="max", MACHINE="virtualization=on")
run = firmware.run(elf=broken_elf(folder, "bind_clients", TCR2_EL1), CPU="max", MACHINE="virtualization=on")
one_verdict(run, title, "fail")
tap.ok("unexpected trapped system register (class 0x18)" in (run.verdict.get("reason") or ""), f"{title}: is named", run.verdict)
shutil.rmtree(folder)
tap.done()
