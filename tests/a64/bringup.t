# SPDX-License-Identifier: BSD-2-Clause
"""
Entered in AArch64: by the stand-in for TF-A, which also turns every core on in EL2; by a loader in EL2; from reset in EL3;
and on a core that cannot leave EL3. The same image each time, at its first byte. SHORT=yes: four cores below the stand-in.
"""

import os
import shutil
import subprocess

import el3  # First: it tells where the modules below are.
import firmware
import machine
import tap

BIN = os.path.splitext(firmware.ELF)[0] + ".bin"
AT = hex(el3.PAYLOAD_AT)
EDUS = [word for place in (1, 2) for word in ("-device", f"edu,addr={place},dma_mask=0xffffffff")]

if not el3.qemu() or not el3.has_tools():
    tap.skip("entered in AArch64", "qemu-system-aarch64, binutils for aarch64-linux-gnu or device-tree-compiler are missing")
    tap.done()


def start(properties, cpu="cortex-a72", **until):
    """The console until a verdict, or what `until` says: from EL3 there is no PSCI, and the firmware parks."""
    command = [*el3.qemu(), "-M", "virt," + properties, "-cpu", cpu, "-smp", "4", "-m", "512M", "-no-reboot"]
    command += ["-nic", "none", "-display", "none", "-monitor", "none", "-serial", "stdio"]
    command += ["-device", f"loader,file={BIN},addr={AT},force-raw=on", "-device", f"loader,addr={AT},cpu-num=0"]
    command += EDUS
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        return firmware.until_verdict(process, firmware.LIMIT, **until)


def passes(run, title, cores):
    machine.sound_records(run, title)
    secure = title.startswith("EL3")
    tap.equal([r["entered_secure"] for r in run.of("firmware")], [secure], f"{title}: which state it was entered in is told")
    tap.equal(any(line.startswith("inherit    Secure state") for line in run.lines), secure, f"{title}: in a line, too")
    tap.equal(run.verdict.get("result"), "pass", f"{title}: passes")
    tap.equal([r["cores"] for r in run.of("firmware")], [cores], f"{title}: cores")
    tap.equal(len(run.of("check", check="translate", result="pass")), 2, f"{title}: both masters are translated")
    return run


for name, program in (("new", el3.qemu()), ("old", el3.old_qemu()))[: 1 if firmware.SHORT else 2]:
    title = f"below TF-A's stand-in, {name} QEMU"
    if not program:
        tap.skip(title, "this QEMU cannot be had")
        continue
    for cores in (4,) if firmware.SHORT else (1, 4):
        status, console = el3.run(BIN, "log=debug", cores=cores, machine="iommu=smmuv3", arguments=EDUS, program=program)
        run = firmware.Run(status, console)
        passes(run, f"{title}, {cores} cores", cores)
        tap.equal(run.status, 0, f"{title}, {cores} cores: PSCI turns the machine off")
if firmware.SHORT:
    tap.done()

def below_psci_0_1(functions, bootargs):
    """The console until a verdict: PSCI 0.1 has no SYSTEM_OFF."""
    folder = el3.work_folder("psci")
    dtb = el3.make_tree(os.path.join(folder, "tree.dtb"), bootargs, machine="iommu=smmuv3", arguments=EDUS)
    el3.with_psci_0_1(dtb, functions)
    command = el3.command(el3.qemu(), 4, "iommu=smmuv3", [*EDUS, *el3.load(BIN, dtb)], PSCI_0_1=1)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        run = firmware.until_verdict(process, firmware.LIMIT)
    shutil.rmtree(folder)
    return run


passes(below_psci_0_1(el3.FUNCTIONS_0_1, ""), "PSCI 0.1", 4)
for lacking in el3.FUNCTIONS_0_1:
    title = f"PSCI 0.1 without {lacking}"
    left = {name: number for name, number in el3.FUNCTIONS_0_1.items() if name != lacking}
    run = passes(below_psci_0_1(left, "selftest=quick"), title, 1)
    told = [f"affinity 0x{core}) was not turned on: PSCI says not supported" for core in (1, 2, 3)]
    tap.ok(all(any(text in line for line in run.lines) for text in told), f"{title}: each of the other cores is named", run.lines[:20])
    tap.ok(any(f"/psci: {lacking}: is missing" in line for line in run.lines), f"{title}: and what is missing", run.lines[:20])

def below_late_core(**symbols):
    """Core 2 does not come when PSCI has promised it."""
    folder = el3.work_folder("late")
    dtb = el3.make_tree(os.path.join(folder, "tree.dtb"), "selftest=quick", machine="iommu=smmuv3", arguments=EDUS)
    command = el3.command(el3.qemu(), 4, "iommu=smmuv3", [*EDUS, *el3.load(BIN, dtb)], LATE_CORE=2, **symbols)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        run = firmware.until_verdict(process, firmware.LIMIT)
    shutil.rmtree(folder)
    return run


title = "a core that PSCI promises and that never comes"
run = below_late_core()
for words in ("core 2 (affinity 0x2) was turned on but did not arrive", "core 2 is on"):
    tap.ok(any(words in line for line in run.lines), f"{title}: {words}", run.lines[:20])
tap.equal(run.verdict.get("reason"), "a core did not turn itself off for the hand-over", f"{title}: the hand-over is none")

title = "a core that comes when it is given up"
run = passes(below_late_core(COMES_LATE=1), title, 3)
tap.equal([r["text"].split(";")[0] for r in run.of("finding", id="core")], ["core 2 (affinity 0x2) was turned on but did not arrive"], f"{title}: is told")
tap.ok(2 not in {r["core"] for r in run.of("master")}, f"{title}: turns itself off, and binds no client", run.of("master"))

passes(start("iommu=smmuv3,gic-version=3,virtualization=on"), "EL2, GICv3", 4)
passes(start("iommu=smmuv3,gic-version=2,virtualization=on"), "EL2, GICv2", 4)
passes(start("iommu=smmuv3,gic-version=3,secure=on,virtualization=on"), "EL3, GICv3", 1)
passes(start("iommu=smmuv3,gic-version=3,secure=on"), "EL3, no EL2", 1)
run = passes(start("iommu=smmuv3,gic-version=2,secure=on,virtualization=on"), "EL3, GICv2", 1)
tap.ok(not any("naps are spent awake" in line for line in run.lines), "EL3, GICv2: the timer's interrupt comes", run.lines[:12])

# The image of 32 bits cannot leave AArch64 there; that of 64 bits has no need to.
for title, properties, cpu in () if firmware.WIDE else (
    ("EL1", "iommu=smmuv3,gic-version=3", "cortex-a72"),
    ("no AArch32 at EL1", "iommu=smmuv3,gic-version=3,virtualization=on", "neoverse-n1"),
):
    run = start(properties, cpu, last=b"it cannot run here", grace=3)
    tap.ok(any("it cannot run here" in line for line in run.lines), f"{title}: is told, and nothing else happens", run.lines)
    tap.equal(run.records, [], f"{title}: without a record")
tap.done()
