# SPDX-License-Identifier: BSD-2-Clause
"""
Interrupts that are described wrongly: a line that another device holds up, one line for two SMMUs, a number that no SPI has. A
real-time clock, whose alarm a loader has let go off, holds the line. Each run ends, passes, and names what is wrong.
"""

import os
import shutil

import firmware
import inherited
import loader
import machine
import tap
import tree

# SPI 2 is the PL031's.
CLOCK_SPI, TIMER_PPI, LEVEL = 2, 11, 4

folder = firmware.work_folder("interrupts")
clock = loader.start(loader.assemble(folder, "alarm", f"{inherited.CLOCK_ALARM}\n\ttree 0x40000000\n\tenter {loader.ENTRY}"))


def told(run, words):
    return [r["detail"] for r in run.of("difference") if all(word in r["detail"] for word in words)]


def edited(name, edit, instances=1, **environment):
    path = os.path.join(folder, name + ".dtb")
    extra = environment.pop("QEMU_EXTRA", "")
    if instances == 1:
        firmware.dump_device_tree(path, INSTANCES=1, **{k: v for k, v in environment.items() if k == "MACHINE"})
    else:
        tree.make(path)
    edit(path)
    return firmware.run(
        INSTANCES=instances, APPEND="tables=dt selftest=quick", QEMU_EXTRA=f"-dtb {path} {extra}", **environment
    )


def put_spis(path, spis, node, trigger=1):
    tree.put(path, node, "interrupts", *(cell for spi in spis for cell in (0, spi, trigger)))


def only_smmu(path):
    return tree.node(path, "smmuv3@")


for version in ("2", "3"):
    environment = {"MACHINE": f"gic-version={version}", "QEMU_EXTRA": clock}

    title = f"GICv{version}: the event queue's interrupt is a line that another device holds up"
    run = edited(f"queue{version}", lambda path: put_spis(path, [CLOCK_SPI, 1, 2, 3], only_smmu(path), LEVEL), **environment)
    machine.passes(run, title)
    tap.ok(told(run, ["INTID 34", "event queue", "another device"]), f"{title}: is told", run.tail())

    title = f"GICv{version}: the global error's interrupt is that line"
    run = edited(f"error{version}", lambda path: put_spis(path, [0x70, 1, 2, CLOCK_SPI], only_smmu(path), LEVEL), **environment)
    machine.passes(run, title)
    tap.ok(told(run, ["INTID 34", "global error", "another device"]), f"{title}: is told", run.tail())

    title = f"GICv{version}: the timer's interrupt is that line"

    def timer(path):
        cells = tree.get(path, "/timer", "interrupts")
        cells[6:9] = [0, CLOCK_SPI, LEVEL]
        tree.put(path, "/timer", "interrupts", *cells)

    run = edited(f"timer{version}", timer, **environment)
    machine.passes(run, title)
    tap.ok(any("INTID 34" in line and "timer" in line for line in run.lines), f"{title}: is told", run.lines[:12])

if firmware.has_instances():
    title = "two SMMUs with one interrupt"
    run = edited("shared", lambda path: put_spis(path, [0x70, 0x75, 0x76, 0x77], tree.smmu(1)), instances=3)
    machine.passes(run, title)
    found = [(r["subject"], r["detail"]) for r in run.of("difference") if "INTID 144) is already that of" in r["detail"]]
    named = len(found) == 1 and all(any(tree.smmu(i) in text for text in found[0]) for i in (0, 1))
    tap.ok(named, f"{title}: both are named", found)

title = "the timer's interrupt is no interrupt that a core can have enabled"
run = edited("timer", lambda path: tree.put(path, "/timer", "interrupts", *(cell for number in (13, 14, 4, 10) for cell in (2, number, LEVEL))))
machine.passes(run, title)
tap.ok(any("timer's interrupt cannot be enabled (INTID 4100)" in line for line in run.lines), f"{title}: is told", run.lines[:12])

for title, kind, number, intid in (("an interrupt that is an extended SPI", 2, 4, 4100), ("an SPI beyond the controller's lines", 0, 500, 532)):
    run = edited("beyond", lambda path, first=(kind, number, 1): tree.put(path, only_smmu(path), "interrupts", *first, 0, 1, 1, 0, 2, 1, 0, 0x73, 1))
    machine.passes(run, title)
    tap.ok(told(run, [f"INTID {intid})", "event queue", "no PPI or SPI that"]), f"{title}: is told", run.tail())

shutil.rmtree(folder)
tap.done()
