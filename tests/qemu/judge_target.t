# SPDX-License-Identifier: BSD-2-Clause
"""
The table that is used is judged on the target, as smmu-inspect judges it, and by what the machine shows: each finding is a
record and a line of the list, and fails the run only where strict=on asks for it.
"""

import json
import os
import shutil
import subprocess

import firmware
import inherited
import machine
import tap
import tree

QUICK = "tables=dt selftest=quick"
INSPECT = os.path.join(firmware.BUILD, "host/smmu-inspect")
REASON = "the table that is used has an error, and strict=on was asked for"
# Of the run itself, and no table's.
OF_THE_RUN = ("difference", "interrupt", "failed", "not_driven", "core")
folder = firmware.work_folder("judge_target")


def found(run):
    """(id, severity, place, count) of each finding of a table."""
    return sorted((r["id"], r["severity"], r["place"], r["count"]) for r in run.of("finding") if r["id"] not in OF_THE_RUN)


def inspected(path):
    done = subprocess.run([INSPECT, "--json", path], capture_output=True, text=True, check=False)
    return sorted((r["id"], r["severity"], r["where"], r["count"]) for r in json.loads(done.stdout)["findings"])


def judged(name, words, edit, **more):
    """A run with three SMMUs, and its tree."""
    path = os.path.join(folder, name + ".dtb")
    tree.make(path)
    edit(path)
    extra = f"-dtb {path} " + more.pop("QEMU_EXTRA", "")
    return firmware.run(INSTANCES=3, APPEND=f"{QUICK} {words}", QEMU_EXTRA=extra.strip(), **more), path


def number_of(run, name):
    return sum(name in line for line in run.lines if not line.startswith("{"))


# --- QEMU's own tables. ---

if not firmware.has_instances():
    tap.skip("three SMMUs", "this QEMU has one SMMUv3")
    tap.done()

run = firmware.run(INSTANCES=3, APPEND="selftest=quick strict=on")
machine.passes(run, "QEMU's IORT")
tap.equal(found(run), [], "QEMU's IORT: no finding")
tap.ok("  no finding" in run.lines, "QEMU's IORT: which is said")

# --- A tree with mistakes. ---


def level(path):
    cells = tree.get(path, tree.smmu(1), "interrupts")
    cells[2] = 4
    tree.put(path, tree.smmu(1), "interrupts", *cells)


def coarse(path):
    tree.put(path, tree.host(path), "iommu-map-mask", 0xFFF8)


def cut_off(path):
    """A cell too many: DMA does not mind."""
    tree.put(path, tree.host(path), "msi-map", *tree.get(path, tree.host(path), "msi-map"), 1)


def mistaken(path):
    level(path)
    coarse(path)
    cut_off(path)


title = "a tree with mistakes"
HOST = "/pcie@10000000"
MISTAKES = [
    ("coarse_mask", "note", HOST, 1),
    ("interrupt_level", "warning", tree.smmu(1), 1),
    ("property_length", "error", HOST, 1),
]
run, path = judged("mistakes", "", mistaken)
machine.passes(run, title)
tap.equal(found(run), MISTAKES, f"{title}: each is a finding")
tap.equal(inspected(path), MISTAKES, f"{title}: smmu-inspect finds the same")
tap.equal(number_of(run, "property_length"), 2, f"{title}: an error is a line when it is found, and one of the list")

title = "its error, with strict=on"
run, _ = judged("strict", "strict=on", cut_off)
tap.equal((run.verdict.get("result"), run.verdict.get("reason")), ("fail", REASON), f"{title}: fails")
title = "its note, with strict=on"
run, _ = judged("note", "strict=on", coarse)
machine.passes(run, title)
tap.equal(found(run), [("coarse_mask", "note", HOST, 1)], f"{title}: passes")

# --- What only the machine shows. ---

title = "a host with ATS behind an SMMU without"
run, path = judged("ats", "", lambda path: tree.fdt("fdtput", path, tree.host(path), "ats-supported"))
machine.passes(run, title)
tap.equal(found(run), [("ats_not_in_smmu", "note", HOST, 1)], f"{title}: is a note")
tap.equal(inspected(path), [], f"{title}: which the tree alone does not say")


def powerless(path):
    """An SMMU where nothing answers, with a clock."""
    tree.add_smmu(path, 3)
    (clock,) = tree.get(path, "/apb-pclk", "phandle")
    tree.put(path, tree.smmu(3), "clocks", clock)
    tree.set_base(path, tree.smmu(3), 0x0A100000)


title = "an SMMU that does not answer"
run, _ = judged("silent", "", powerless)
said = {r["id"]: r["text"] for r in run.of("finding", place=tree.smmu(3))}
tap.ok(run.of("finding", id="failed"), f"{title}: has failed")
tap.ok("clocks <apb-pclk>" in said.get("smmu_silent", ""), f"{title}: its clock is named", said)

# --- Functions. ---

title = "virtual functions behind the map"
CARD = "-device pcie-root-port,id=card,bus=pcie.0,chassis=99,addr=1d.0 -device igb,bus=card"
run, _ = judged("card", "", str, QEMU_EXTRA=CARD)
(card,) = [r["master"] for r in run.of("master", device="8086:10c9")]
machine.passes(run, "virtual functions within the map")
tap.equal(found(run), [], "virtual functions within the map: no finding")


def holed(path):
    """Requester IDs of the card's bus from device 16 on have no stream: its virtual functions."""
    bus = int(card[5:7], 16) << 8
    smmu = tree.get(path, tree.host(path), "iommu-map")[1]
    others = tree.get(path, tree.host(path), "iommu-map")[4:]
    tree.put(path, tree.host(path), "iommu-map", 0, smmu, 0, bus + 0x80, bus + 0x100, smmu, bus + 0x100, 0x5500 - bus - 0x100, *others)


run, path = judged("holed", "", holed, QEMU_EXTRA=CARD)
machine.passes(run, title)
tap.equal([each for each in found(run) if each not in inspected(path)], [("virtual_streamless", "warning", card, 1)], f"{title}: is a warning")

title = "a function whose ATS was on"
environment = inherited.environment(folder, "virtio with ATS on", INSTANCES=1, APPEND="selftest=quick")
run = firmware.run(**environment)
machine.passes(run, title)
tap.equal([each[:2] for each in found(run)], [("ats_found_on", "warning")], f"{title}: is a warning")

shutil.rmtree(folder)
tap.done()
