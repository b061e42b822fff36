# SPDX-License-Identifier: BSD-2-Clause
"""One error of each SMMU, without an event: an interrupt that is described as another's is named, and fails the run where strict=on asks for it."""

import os
import shutil

import firmware
import machine
import tap
import tree

if not firmware.has_instances():
    tap.skip("exchanged interrupts", "this QEMU has one SMMUv3")
    tap.done()

EVENTQ, GERROR = 0, 3  # In QEMU's `interrupts`.
REASON = "an SMMU's interrupt is not as it is described, and strict=on was asked for"
folder = firmware.work_folder("lines")


def exchanged(path, one, other):
    """`one`, `other`: an SMMU and one of its interrupts."""
    cells = {smmu: tree.get(path, tree.smmu(smmu), "interrupts") for smmu, _ in (one, other)}
    for smmu, line in (one, other):
        cells[smmu] = cells[smmu][:]
    first, second = cells[one[0]][3 * one[1] + 1], cells[other[0]][3 * other[1] + 1]
    cells[one[0]][3 * one[1] + 1], cells[other[0]][3 * other[1] + 1] = second, first
    for smmu, values in cells.items():
        tree.put(path, tree.smmu(smmu), "interrupts", *values)


def tried(name, words, *lines):
    path = os.path.join(folder, name + ".dtb")
    tree.make(path)
    if lines:
        exchanged(path, *lines)
    return firmware.run(INSTANCES=3, APPEND=f"tables=dt selftest=quick {words}", QEMU_EXTRA=f"-dtb {path}")


def told(run):
    return [(r["subject"], r["detail"]) for r in run.of("difference", between=["dt", "hardware"])]


def found(run):
    return [(r["severity"], r["place"]) for r in run.of("finding", id="interrupt")]


title = "as they are described"
run = tried("right", "strict=on")
machine.passes(run, title)
tap.equal((told(run), found(run)), ([], []), f"{title}: none is told of")

OTHER = "an error of it raises the interrupt that is described as the {} of {}, and not its own"
title = "an SMMU's two exchanged, with strict=on"
wanted = [(tree.smmu(1), OTHER.format("event queue's", tree.smmu(1)))]
run = tried("pair", "strict=on", (1, EVENTQ), (1, GERROR))
tap.equal((run.verdict.get("result"), run.verdict.get("reason")), ("fail", REASON), f"{title}: fails")
tap.equal((told(run), found(run)), (wanted, [("error", tree.smmu(1))]), f"{title}: is told of that one, as an error")

title = "two SMMUs' global errors exchanged"
run = tried("errors", "", (0, GERROR), (2, GERROR))
machine.passes(run, title)
wanted = [(tree.smmu(one), OTHER.format("global errors'", tree.smmu(other))) for one, other in ((0, 2), (2, 0))]
tap.equal(sorted(told(run)), sorted(wanted), f"{title}: each names the other")
tap.equal(sorted(found(run)), [("warning", tree.smmu(one)) for one in (0, 2)], f"{title}: as a warning")

shutil.rmtree(folder)
tap.done()
