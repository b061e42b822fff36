# SPDX-License-Identifier: BSD-2-Clause
"""
What a boot loader, a hypervisor or a dead kernel left on is recorded, turned off and reported: no trial is blamed for it, and
the run passes.
"""

import os
import re
import shutil

import firmware
import inherited
import linux
import loader
import machine
import tap

folder = firmware.work_folder("inherited")


def run_on(name, words=""):
    environment = inherited.environment(folder, name, INSTANCES=1, APPEND=f"selftest=quick {words}".rstrip())
    machine.say(name, **environment)
    run = firmware.run(**environment)
    machine.passes(run, name)
    return run


def found(run, thing):
    return [record["found"] for record in run.of("inherited", object=thing)]


def line(run, *words):
    return any(text.startswith("inherit ") and all(word in text for word in words) for text in run.lines)


for name, thing, kind in (
    ("NVMe with MSI-X on", f"0000:00:{inherited.NVME_SLOT:02x}.0", "MSI-X"),
    ("NVMe in D3hot", f"0000:00:{inherited.NVME_SLOT:02x}.0", "low power"),
    ("edu with MSI on", f"0000:00:{inherited.EDU_SLOT:02x}.0", "MSI"),
    ("virtio with ATS on", f"0000:{inherited.BEHIND:02x}:00.0", "ATS"),
    ("a network card with a virtual function", f"0000:{inherited.BEHIND:02x}:00.0", "SR-IOV"),
):
    run = run_on(name)
    tap.equal(found(run, thing), [[kind, "bus mastering"]], f"{name}: is in a record")
    tap.ok(line(run, f"PCI: {kind} was on in 1 function ({thing})"), f"{name}: and in a line", run.lines[:8])
    if kind == "low power":
        tap.ok(run.of("check", check="translate", master=thing, result="pass"), f"{name}: it is awake, and driven", run.of("master", master=thing))

for name, wanted in (
    ("GICv2 in the middle of a handler", {"enabled": 1, "active": 1, "eoi_mode": False, "in_service": True}),
    ("GICv2 with EOImode 1, in the other group", {"enabled": 0, "active": 0, "eoi_mode": True, "in_service": False}),
    ("GICv3 with EOImode 1", {"enabled": 0, "active": 0, "eoi_mode": True, "in_service": False}),
    ("GICv3 in the middle of a handler", {"enabled": 1, "active": 1, "eoi_mode": True, "in_service": True}),
):
    run = run_on(name)
    said = [{key: record[key] for key in wanted} for record in run.of("inherited", object="gic")]
    tap.equal(said, [wanted], f"{name}: is in a record")
    tap.ok(line(run, "interrupt controller"), f"{name}: and in a line", run.lines[:8])
    tap.ok(not any("naps are spent awake" in text for text in run.lines), f"{name}: the timer's interrupt comes", run.lines[:8])
    handed = (run.of("handover") or [{}])[0]
    tap.ok(handed.get("event_interrupts"), f"{name}: and the SMMU's", handed)

for name, timers in (
    ("timers that run", {"virtual timer", "physical timer"}),
    ("timers that run, that of EL2 too", {"virtual timer", "physical timer", "EL2 timer"}),
):
    run = run_on(name)
    tap.equal({r["object"] for r in run.of("inherited", enabled=True)}, timers, f"{name}: each is in a record")
    for timer in timers:
        tap.ok(line(run, f"{timer}: running"), f"{name}: the {timer} is in a line", run.lines[:8])

run_on("an MMU below a hypervisor")

# QEMU has no device with these: the function's configuration space is flash.
name = "PRI, PASID and interrupt disable on"
run = run_on(name)
tap.equal(found(run, "0001:00:00.0"), [["PRI", "PASID", "interrupt disable"]], f"{name}: is in a record")
for kind, now in (("PRI", "off"), ("PASID", "off"), ("interrupt disable", "on in all")):
    told = line(run, f"PCI: {kind} was on in 1 function (0001:00:00.0): {now} now")
    tap.ok(told, f"{name}: {kind} is in a line", run.lines[:8])

name = "a BAR of a boot loader's"
run = run_on(name, "log=debug")
kept = f"0000:00:{inherited.EDU_SLOT:02x}.0 {machine.EDU}: requester ID 0x8, BAR0 at {inherited.KEPT_WINDOW:#x}"
tap.ok(any(kept in text for text in run.lines), f"{name}: stays where it was", run.lines[:20])

name = "a GICv3 and a timer in use, and a caller"
binary = loader.assemble(folder, "called", inherited.CALLED)
run = firmware.run(INSTANCES=1, MACHINE="gic-version=3", QEMU_EXTRA=loader.start(binary))
tap.equal(run.verdict.get("result"), "pass", f"{name}: passes")
tap.equal(run.lines[-1:], [loader.of_width("0ETP", "0ETPRS")], f"{name}: EOImode and both timers are as they were")

name = "timers in use, and a caller in EL2"
binary = loader.assemble(folder, "called_in_el2", inherited.CALLED_IN_EL2)
log = os.path.join(folder, "log")
traced = f"{loader.start(binary)} -trace enable=arm_gt_ctl_write -D {log}"
run = firmware.run(INSTANCES=1, MACHINE="virtualization=on", QEMU_EXTRA=traced)
tap.equal(run.verdict.get("result"), "pass", f"{name}: passes")
tap.equal(run.lines[-1:], ["0PH"], f"{name}: both physical timers are as they were")
with open(log, encoding="ascii", errors="replace") as file:
    written = re.findall(r"gt_ctl_write: timer (\d) value 0x(\w+)", file.read())
for number, timer in (("0", "physical"), ("2", "EL2")):
    values = [value for which, value in written if which == number]
    # The other cores stop theirs, too.
    tap.equal((values[:2], values[-2:]), (["1", "0"], ["0", "1"]), f"{name}: the {timer} timer is stopped, and started again at the end")

# TDN-09. The usual image for AArch32 has no room for what puts it back.
name = "an SMMU in use, and a caller"
image, said = (firmware.ELF, "") if firmware.WIDE else linux.starter_in_aarch32()
tap.ok(image, f"{name}: there is an image", said)
binary = loader.assemble(folder, "owner", inherited.SMMU_CALLED)
extra = f"{loader.start(binary)} {inherited.ABORTED_EDU}"
run = firmware.run(image and image.replace(".bin", ".elf"), INSTANCES=1, MACHINE="highmem=off", QEMU_EXTRA=extra)
tap.equal(run.verdict.get("result"), "pass", f"{name}: passes")
handed = (run.of("handover") or [{}])[0]
tap.equal((handed.get("policy"), handed.get("restored")), ("abort", True), f"{name}: the record says that it is put back")
tap.equal(run.lines[-1:], ["0RBASC"], f"{name}: its registers are as they were, and it bypasses, aborts in silence and takes commands as before")

name = "a machine that nothing ran on before"
run = firmware.run(INSTANCES=1, APPEND="selftest=quick")
tap.equal(run.of("inherited"), [], f"{name}: no record says otherwise")
shutil.rmtree(folder)
tap.done()
