# SPDX-License-Identifier: BSD-2-Clause
"""
What the target saw becomes the table that is right: a wrong tree, a run, `smmu-inspect --correct` of its report, dtc and
fdtoverlay, and a run that passes and finds no difference. The same with a wrong IORT and iasl.
"""

import os
import subprocess

import firmware
import loader
import machine
import tables
import tap
import tree

INSPECT = os.path.join(firmware.BUILD, "host/smmu-inspect")
QUICK = "tables=dt selftest=quick"

if not firmware.has_instances():
    tap.skip("several instances", "this QEMU has one SMMUv3")
    tap.done()

folder = firmware.work_folder("correct")
good, wrong, new = (os.path.join(folder, name + ".dtb") for name in ("good", "wrong", "new"))
tap.ok(tree.make(good), "QEMU's device tree can be had and edited")


def command(title, *arguments, **more):
    done = subprocess.run(arguments, capture_output=True, check=False, **more)
    tap.ok(done.returncode == 0, f"{title}: {os.path.basename(arguments[0])} takes it", done.stderr.decode(errors="replace"))
    return done.stdout


def spoiled(edit):
    with open(good, "rb") as source, open(wrong, "wb") as copy:
        copy.write(source.read())
    edit(wrong)
    return wrong


def corrected(title, run):
    report, overlay = os.path.join(folder, "report.jsonl"), os.path.join(folder, "new.dtbo")
    with open(report, "w", encoding="utf-8") as file:
        file.write("\n".join(run.lines) + "\n")
    source = command(title, INSPECT, "--correct", report, wrong)
    command(title, "dtc", "-q", "-I", "dts", "-O", "dtb", "-o", overlay, "-", input=source)
    command(title, "fdtoverlay", "-i", wrong, "-o", new, overlay)


def causes(run, title):
    """AArch64's image tells masters that are off alike once: here those of each SMMU."""
    wrong, listed = run.of("observed", match=False), [each for each in run.of("finding") if each["id"] == "stream_id"]
    tap.equal(sum(each["count"] for each in listed), len(wrong), f"{title}: each wrong stream is counted in a finding")
    if run.of("firmware")[0]["arch"] == "aarch64":
        tap.equal(len(listed), len({each["observed"]["instance"] for each in wrong}), f"{title}: one finding for each cause")


def differences(run):
    return [(each["between"], each["subject"], each["detail"]) for each in run.of("difference")]


def crossed(dtb):
    """An entry is 0x1000 off, and two SMMUs have each other's registers."""
    host = tree.host(dtb)
    entries = tree.get(dtb, host, "iommu-map")
    entries[2] += 0x1000
    tree.put(dtb, host, "iommu-map", *entries)
    registers = [tree.get(dtb, tree.smmu(number), "reg") for number in (1, 2)]
    for number, cells in zip((2, 1), registers):
        tree.put(dtb, tree.smmu(number), "reg", *cells)


def coarse(dtb):
    """The functions of a bus are one stream."""
    tree.put(dtb, tree.host(dtb), "iommu-map-mask", 0xFF00)


true = firmware.run(APPEND=QUICK, QEMU_EXTRA=f"-dtb {good}")
machine.passes(true, "the true tree")
for title, edit in (("an entry is off, two SMMUs have each other's registers", crossed), ("a mask is too coarse", coarse)):
    run = firmware.run(APPEND=QUICK, QEMU_EXTRA=f"-dtb {spoiled(edit)}")
    machine.sound(run, title)
    tap.ok(run.verdict.get("result") == "fail" and run.of("observed", match=False), f"{title}: is found to be wrong")
    causes(run, title)
    corrected(title, run)
    run = firmware.run(APPEND=QUICK, QEMU_EXTRA=f"-dtb {new}")
    machine.passes(run, f"{title}, corrected")
    tap.equal(differences(run), differences(true), f"{title}, corrected: no difference that the true tree has not")
    tap.equal(len(run.of("observed", match=False)), 0, f"{title}, corrected: every stream is the described one")

# --- IORTs. ---

TRUE = [(0, 0x5500, 0, 0), (0x5500, 0x5500, 0x5500, 1), (0xAA00, 0x5600, 0xAA00, 2)]


def at_acpi(table):
    path = tables.write(os.path.join(folder, "tables"), [table])
    return firmware.run(APPEND=f"acpi={tables.AT:#x} selftest=quick", QEMU_EXTRA=loader.put(path, tables.AT))


def corrected_iort(title, table, run):
    old, report, source = (os.path.join(folder, name) for name in ("old.aml", "report.jsonl", "new.dsl"))
    with open(old, "wb") as file:
        file.write(table)
    with open(report, "w", encoding="utf-8") as file:
        file.write("\n".join(run.lines) + "\n")
    with open(source, "wb") as file:
        file.write(command(title, INSPECT, "--correct", report, old))
    command(title, "iasl", "-p", os.path.join(folder, "new"), source)
    with open(os.path.join(folder, "new.aml"), "rb") as file:
        return file.read()


true = at_acpi(tables.iort(TRUE, old=True))
machine.passes(true, "the true IORT")
for title, ranges in (
    ("two ranges lead to each other's SMMU", [TRUE[0], TRUE[1][:3] + (2,), TRUE[2][:3] + (1,)]),
    ("a range's streams are off", [TRUE[0], TRUE[1], TRUE[2][:2] + (0xAB00, 2)]),
):
    table = tables.iort(ranges, old=True)
    run = at_acpi(table)
    machine.sound(run, title)
    tap.ok(run.verdict.get("result") == "fail" and run.of("observed", match=False), f"{title}: is found to be wrong")
    causes(run, title)
    run = at_acpi(corrected_iort(title, table, run))
    machine.passes(run, f"{title}, corrected")
    tap.equal(differences(run), differences(true), f"{title}, corrected: no difference that the true IORT has not")
    tap.equal(len(run.of("observed", match=False)), 0, f"{title}, corrected: every stream is the described one")
tap.done()
