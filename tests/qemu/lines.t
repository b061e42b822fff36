# SPDX-License-Identifier: BSD-2-Clause
"""
One error of each SMMU without an event, and one event without an error: an interrupt that is described as another's, as one that
does not come, or as a level is named, and fails the run where strict=on asks for it.
"""

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


def tried(name, words, *lines, edit=None, **more):
    path = os.path.join(folder, name + ".dtb")
    tree.make(path, **more)
    if lines:
        exchanged(path, *lines)
    if edit:
        edit(path)
    return firmware.run(INSTANCES=3, APPEND=f"tables=dt selftest=quick {words}", QEMU_EXTRA=f"-dtb {path}", **more)


def told(run):
    return [(r["subject"], r["detail"]) for r in run.of("difference", between=["dt", "hardware"])]


def found(run):
    return [(r["severity"], r["place"]) for r in run.of("finding", id="interrupt")]


title = "as they are described"
run = tried("right", "strict=on")
machine.passes(run, title)
tap.equal((told(run), found(run)), ([], []), f"{title}: none is told of")

steps = run.of("steps")
bound = {(r["master"], r["core"]) for r in run.of("master", client_state="bound")}
tap.equal({(name, step["core"]) for step in steps if step["what"] == "bind" for name in step["of"]}, bound, f"{title}: steps bind each client on its core")
names = [r["name"] for r in run.of("instance")]
order = [(step["what"], step["of"]) for step in steps if step["core"] == 0 and step["what"] in ("registration", "replay", "ready")]
tap.equal(order, [(what, [name]) for name in names for what in ("registration", "replay", "ready")], f"{title}: steps register each SMMU")
for what in ("deferral", "wake-up", "dma"):
    found_there = {name for step in steps if step["what"] == what for name in step["of"]}
    tap.equal(found_there, {master for master, _ in bound}, f"{title}: each client has a {what}")
tap.ok(sum(step["count"] for step in steps if step["what"] == "event") >= len(bound), f"{title}: steps take events")
ticks = [step["ticks"] for step in steps]
tap.ok(ticks and all(a["ticks"] <= a["last_ticks"] for a in steps) and max(ticks) - min(ticks) < run.verdict["ticks"], f"{title}: within the run's time", ticks[-3:])

proofs = [(r["instance"], each["line"], each["trigger"], each["proven"], each["came"]) for r in run.of("interrupts") for each in r["interrupts"]]
wanted = [(f"smmu{i}", line, "edge", True, 1) for i in range(3) for line in ("eventq", "gerror")]
tap.equal(proofs, wanted, f"{title}: each came once for what it tells of")
described = [each["line"] for r in run.of("instance") for each in r["interrupts"]]
tap.equal(described, ["eventq", "priq", "cmdq-sync", "gerror"] * 3, f"{title}: each SMMU's record has them")

OTHER = "an error of it raises the interrupt that is described as the {} of {}, and not its own"
title = "an SMMU's two exchanged, with strict=on"
wanted = [
    (tree.smmu(1), OTHER.replace("an error", "an event").format("global errors'", tree.smmu(1))),
    (tree.smmu(1), OTHER.format("event queue's", tree.smmu(1))),
]
run = tried("pair", "strict=on", (1, EVENTQ), (1, GERROR))
tap.equal((run.verdict.get("result"), run.verdict.get("reason")), ("fail", REASON), f"{title}: fails")
tap.equal((told(run), found(run)), (wanted, [("error", tree.smmu(1))]), f"{title}: is told of both, as an error")

title = "two SMMUs' global errors exchanged"
run = tried("errors", "", (0, GERROR), (2, GERROR))
machine.passes(run, title)
wanted = [(tree.smmu(one), OTHER.format("global errors'", tree.smmu(other))) for one, other in ((0, 2), (2, 0))]
tap.equal(sorted(told(run)), sorted(wanted), f"{title}: each names the other")
tap.equal(sorted(found(run)), [("warning", tree.smmu(one)) for one in (0, 2)], f"{title}: as a warning")

title = "two SMMUs' events exchanged"
run = tried("events", "", (0, EVENTQ), (2, EVENTQ))
machine.passes(run, title)
wanted = [
    (tree.smmu(one), OTHER.replace("an error", "an event").format("event queue's", tree.smmu(other))) for one, other in ((0, 2), (2, 0))
]
tap.equal(sorted(told(run)), sorted(wanted), f"{title}: each names the other")


def numbered(line, number, trigger=1):
    def edit(path):
        cells = tree.get(path, tree.smmu(1), "interrupts")
        cells[3 * line + 1 : 3 * line + 3] = number, trigger
        tree.put(path, tree.smmu(1), "interrupts", *cells)

    return edit


# QEMU's second SMMU has SPIs 116 to 119.
for title, edit, words, more in (
    ("a number that is no device's", numbered(EVENTQ, 200), "its event queue interrupt comes as INTID 148, and is described as INTID 232", {}),
    ("another number, at a GICv3", numbered(GERROR, 201), "its global error interrupt comes as INTID 151, and is described as INTID 233", {"MACHINE": "gic-version=3"}),
    ("a level", numbered(EVENTQ, 116, 4), "its event queue interrupt (INTID 148) is a pulse, and is described as a level", {}),
):
    run = tried("wrong", "", edit=edit, **more)
    machine.passes(run, title)
    tap.equal(told(run), [(tree.smmu(1), words)], f"{title}: what comes is named, once")
    tap.equal([each["proven"] for r in run.of("interrupts", instance="smmu1") for each in r["interrupts"]].count(False), 1, f"{title}: it is not proven")


shutil.rmtree(folder)
tap.done()
