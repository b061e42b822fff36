# SPDX-License-Identifier: BSD-2-Clause
"""
What QEMU has not of its own, and a hypervisor below the firmware makes: SErrors, and affinities with an Aff3. An SError of a probing
read is that read's answer; any other is named, on each core; one that was pending at the entry is told. Other traps to EL2 and to
the firmware's own EL3 are named.
"""

import os
import re
import shutil

import firmware
import hypervisor
import loader
import machine
import tap
import tree
from patched import a64, broken_elf, with_e2h_always

HVC, HVC_1, DSB = a64(0xD4000002), a64(0xD4000022), a64(0xD5033F9F)  # hvc #0; hvc #1; dsb sy.
TCR2_EL1, TCR2_EL2, PACGA = a64(0xD518207F), a64(0xD51C207F), a64(0x9AC03000)  # msr ..., xzr; pacga x0, x0, x0.
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

for title, symbol, where, behind in (
    ("an SError on another core", "bind_clients", "on core ", b""),
    ("an SError on the boot core", "begin_abort_all", "on core 0 ", b""),
    ("an earlier write's SError at a probing read", "arch_probe_read32", "on core 0 ", DSB),
):
    run = run_above(title, elf=broken_elf(folder, symbol, HVC, behind))
    one_verdict(run, title, "fail")
    reason = run.verdict.get("reason") or ""
    tap.ok("an earlier access was not answered (SError, syndrome 0x" in reason and where in reason, f"{title}: is named", run.verdict)
    tap.equal(len([line for line in run.lines if line.startswith("  x0 ")]), 1, f"{title}: one register dump, of the first core to die")

title = "an external abort whose FAR is not valid, and has a guard page's address"
guard = firmware.symbols(firmware.ELF)["__stacks_start"]
run = run_above(title, elf=broken_elf(folder, "begin_abort_all", HVC_1), far=guard)
one_verdict(run, title, "fail")
told = f"address {guard:#x} (not valid): nothing answered (external abort)"
tap.ok("unexpected data abort on core 0 " in (run.verdict.get("reason") or "") and told in run.verdict["reason"], f"{title}: is named", run.verdict)

for title, elf, code, words in (
    ("a register that EL2 traps", None, TCR2_EL1, "trapped system register (class 0x18)"),
    ("an instruction that EL2 traps, where E2H is always one", with_e2h_always(folder), PACGA, "trapped pointer authentication (class 0x9)"),
):
    environment = {"CPU": "max", "MACHINE": "virtualization=on"}
    machine.say(title, **environment)
    run = firmware.run(elf=broken_elf(folder, "bind_clients", code, elf=elf), **environment)
    one_verdict(run, title, "fail")
    tap.ok(f"unexpected {words} on core " in (run.verdict.get("reason") or ""), f"{title}: is named", run.verdict)

IN_EL3 = ["-cpu", "max", "-device", "edu,dma_mask=0xffffffff", "-M"]
title = "a register that EL3 traps"
run = firmware.run_to_verdict([*IN_EL3, "virt,iommu=smmuv3,secure=on"], broken_elf(folder, "begin_abort_all", TCR2_EL1))
one_verdict(run, title, "fail")
tap.ok("unexpected trapped system register (class 0x18) on core 0 " in (run.verdict.get("reason") or ""), f"{title}: is named", run.verdict)

title = "a register that EL3 traps on the way through EL2"
elf = broken_elf(folder, "open_traps", TCR2_EL2)
run = firmware.run_to_verdict([*IN_EL3, "virt,iommu=smmuv3,secure=on,virtualization=on"], elf, last=b"through EL2")
told = re.search(r"exception on the way through EL2. ESR_EL3 0x00000000(\w+), pc 0x(\w+)", run.tail()[-1])
tap.ok(told, f"{title}: is told", run.tail())
tap.equal(told and (int(told[1], 16) >> 26, int(told[2], 16)), (0x18, firmware.symbols(elf)["open_traps"]), f"{title}: which and where")
shutil.rmtree(folder)
tap.done()
