# SPDX-License-Identifier: BSD-2-Clause
"""
Described by device tree. QEMU's own maps every root to one instance, which is true for one and wrong for three: the
run has to find that out by DMA, and to say where each DMA went. A tree that tells the truth passes, and one that
swaps two instances is caught by what the other one saw.
"""

import os
import shutil

import firmware
import machine
import tap
import tree

title = "one instance, QEMU's device tree"
machine.say(title, INSTANCES=1, APPEND="tables=dt")
run = firmware.run(INSTANCES=1, APPEND="tables=dt")
machine.passes(run, title)
machine.has(run, title, 1, 4, "dt")
machine.deferred(run, title, 4)

title = "more than 512 masters"
folder = firmware.work_folder("dt")
crowded = os.path.join(folder, "crowded.dtb")
firmware.dump_device_tree(crowded, INSTANCES=1)
tree.add_masters(crowded, 512)
environment = {"INSTANCES": 1, "APPEND": "tables=dt selftest=quick", "QEMU_EXTRA": f"-dtb {crowded}"}
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
tap.equal(run.verdict.get("masters"), 512 + sum(machine.drivable(1).values()) + 1, f"{title}: every one is known")
left = [line for line in run.lines if "left out" in line]
tap.equal(left, [], f"{title}: none is left out")

if not firmware.has_instances():
    shutil.rmtree(folder)
    tap.skip("three instances", "this QEMU has one SMMUv3")
    tap.done()

title = "three instances, QEMU's device tree"
machine.say(title, APPEND="tables=dt")
run = firmware.run(APPEND="tables=dt")
machine.sound(run, title)
tap.equal((run.verdict.get("result"), run.status), ("fail", 1), f"{title}: fails")
tap.equal(run.verdict.get("instances"), 1, f"{title}: one instance is described")
for o in run.of("observed"):
    if o["master"].startswith("0000:00:"):
        tap.ok(o["match"], f"{title}: {o['master']} is where it is described", o)
    else:
        tap.ok(
            not o["match"] and o["observed"] is None and o["reached_memory"] and o["advice"],
            f"{title}: {o['master']} went past every described instance, and that is said",
            o,
        )
on_the_first = sum(machine.drivable(1).values()) - 1  # The virtio-blk is on another root where there is one.
tap.equal(run.verdict.get("mismatches"), sum(machine.drivable(3).values()) - on_the_first, f"{title}: mismatches")

# A true tree and a false one, made of QEMU's own.
true_tree, false_tree = os.path.join(folder, "true.dtb"), os.path.join(folder, "false.dtb")
tap.ok(tree.make(true_tree, (0, 1, 2)) and tree.make(false_tree, (0, 2, 1)), "QEMU's device tree can be had and edited")

title = "three instances, a true device tree"
environment = {"APPEND": "tables=dt", "QEMU_EXTRA": f"-dtb {true_tree}"}
machine.say(title, **environment)
run = firmware.run(**environment)
machine.passes(run, title)
machine.has(run, title, 3, 4, "dt")
machine.deferred(run, title, 4)
machine.same_stream(run, title)

title = "three instances, two of them swapped in the device tree"
environment = {"APPEND": "tables=dt", "QEMU_EXTRA": f"-dtb {false_tree}"}
machine.say(title, **environment)
run = firmware.run(**environment)
machine.sound(run, title)
tap.equal((run.verdict.get("result"), run.status), ("fail", 1), f"{title}: fails")
base = {i["instance"]: int(i["base"], 16) for i in run.of("instance")}
for o in run.of("observed"):
    described, seen = o["described"] or {}, o["observed"] or {}
    behind = int(seen.get("sid", "0"), 16) // 0x5500  # QEMU shares the buses out evenly, and the SMMUs with them.
    tap.equal(
        (base.get(seen.get("instance")), seen.get("sid"), o["match"]),
        (tree.FIRST_BASE + behind * tree.BASE_STEP, described.get("sid"), behind == 0),
        f"{title}: {o['master']} is seen by the instance that it is really behind",
    )

# Bases that no SMMU can have: that instance has failed, with a reason, and is never touched; the run goes on and fails.
IMPOSSIBLE = (
    ("a base off its alignment", 0x0C000002, "64 KiB"),
    ("a base in RAM", 0x40200000, "RAM"),
    ("a base where nothing is", 0x0B000000, "nothing answers"),
    ("a base where something else is", 0x09020000, "nothing answers"),
    ("no base at all", None, "no address"),
    ("a base that another one has", tree.FIRST_BASE + tree.BASE_STEP, "same base"),
)
for number, (title, base, words) in enumerate(IMPOSSIBLE):
    false_tree = os.path.join(folder, f"impossible{number}.dtb")
    tree.make(false_tree)
    if base is None:
        tree.fdt("fdtput", "-d", false_tree, tree.smmu(2), "reg")
    else:
        tree.set_base(false_tree, tree.smmu(2), base)
    environment = {"APPEND": "tables=dt", "QEMU_EXTRA": f"-dtb {false_tree}"}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.sound(run, title)
    tap.equal((run.verdict.get("result"), run.status), ("fail", 1), f"{title}: fails")
    failed = run.of("instance", state="failed")
    tap.equal(len(failed), 1, f"{title}: one instance has failed")
    tap.ok(failed and failed[0]["architecture"] is None, f"{title}: nothing is known of it", failed)
    tap.ok(failed and words in failed[0]["reason"], f"{title}: it says why", failed)
    behind = [m for m in run.of("master") if failed and m["instance"] == failed[0]["instance"] and m["client"]]
    tap.equal({m["client_state"] for m in behind}, {"deferred"}, f"{title}: the clients behind it wait, and are not bound")
    waits = run.of("pending") if firmware.WIDE else []
    if firmware.WIDE:  # The smaller image has no room for it.
        tap.equal({p["master"] for p in waits}, {m["master"] for m in behind}, f"{title}: each of them has a record of that")
    wanted = {(m["instance"], "failed", m["deferrals"]) for m in behind} if firmware.WIDE else set()
    tap.equal({(p["waits_for"], p["state"], p["deferrals"]) for p in waits}, wanted, f"{title}: it names the instance")
    tap.ok(all(0 < p["since_ticks"] < run.verdict["ticks"] and failed[0]["reason"] in p["why"] for p in waits), f"{title}: since when, and why", waits)
    tap.ok([p["since_ticks"] for p in waits] == sorted(p["since_ticks"] for p in waits), f"{title}: oldest first", waits)
shutil.rmtree(folder)
tap.done()
