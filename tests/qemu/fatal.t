# SPDX-License-Identifier: BSD-2-Clause
"""
What must not go unseen: an exception on any core, a core that hangs, a machine that is not described. The exceptions
are the firmware's own, with a few bytes of its code replaced. Whatever happens, there is one verdict, it is the last
record, and it is a fail.
"""

import firmware
import machine
import tap
from patched import a64, broken_elf, thumb


def fails(run, title):
    verdicts = run.of("verdict")
    tap.equal([v["result"] for v in verdicts], ["fail"], f"{title}: one verdict, a fail")
    tap.ok(run.records and run.records[-1]["record"] == "verdict", f"{title}: it is the last record", run.tail)
    tap.ok(run.verdict.get("reason"), f"{title}: it says why", run.verdict)
    tap.ok(not run.broken, f"{title}: no record is cut", run.broken)
    words = [line for line in run.lines if line.startswith(("It fails because ", "FAIL"))]
    tap.equal(words[-1:], [f"It fails because {run.verdict.get('reason')}"], f"{title}: and so do words, last")


if firmware.WIDE:
    UDF, SVC = a64(0x00000000), a64(0xD4000001)
    LOAD_FROM_0 = a64(0xD2800000, 0xF9400000)  # mov x0, #0; ldr x0, [x0].
    JUMP_TO_0 = a64(0xD2800000, 0xD61F0000)  # mov x0, #0; br x0.
    RECURSE = a64(0xA9BF7BFD, 0x17FFFFFF)  # stp x29, x30, [sp, #-16]!; and again.
    HANG = a64(0x14000000)
    REGISTERS = ("x0", "x1")
else:
    UDF, SVC = thumb(0xDE00), thumb(0xDF00)
    LOAD_FROM_0 = thumb(0x2000, 0x6800)  # movs r0, #0; ldr r0, [r0].
    JUMP_TO_0 = thumb(0x2000, 0x4700)  # movs r0, #0; bx r0.
    RECURSE = thumb(0xB5FF, 0xE7FD)  # push {r0-r7, lr}; and again.
    HANG = thumb(0xE7FE)
    REGISTERS = ("r0", "r1")

# What is broken, where, how, and a word by which the verdict's reason names it.

DEATHS = (
    ("an undefined instruction on another core", "bind_clients", UDF, "undefined instruction"),
    ("a supervisor call on another core", "bind_clients", SVC, "supervisor call"),
    ("a load from nowhere on another core", "bind_clients", LOAD_FROM_0, "data abort"),
    ("a jump to nowhere on another core", "bind_clients", JUMP_TO_0, "prefetch abort"),
    ("a stack overflow on another core", "bind_clients", RECURSE, "stack overflow of core"),
    ("an undefined instruction on the boot core", "begin_abort_all", UDF, "undefined instruction"),
    ("a load from nowhere in an interrupt", "irqchip_dispatch", LOAD_FROM_0, "data abort on core 0"),
)
folder = firmware.work_folder("fatal")
for title, symbol, code, word in DEATHS:
    machine.say(title, patched=symbol)
    run = firmware.run(elf=broken_elf(folder, symbol, code))
    fails(run, title)
    tap.ok(word in (run.verdict.get("reason") or ""), f"{title}: is named", run.verdict)
    tap.equal(run.status, 1, f"{title}: the process fails")
    dumps = [line for line in run.lines if all(register in line.split() for register in REGISTERS)]
    tap.equal(len(dumps), 1, f"{title}: one register dump, of the first core to die")
    if symbol == "begin_abort_all":
        listed = [line for line in run.lines if " difference: " in line]
        tap.ok(run.of("finding", id="difference") and listed, f"{title}: what was found so far is listed", run.tail())

title = "cores that hang"
machine.say(title, patched="bind_clients")
run = firmware.run(elf=broken_elf(folder, "bind_clients", HANG))
fails(run, title)
tap.equal(run.status, 1, f"{title}: the process fails, and was not stopped")
if firmware.WIDE:  # The smaller image has no room for it.
    clients = {m["master"] for m in run.of("master") if m["client"]}
    waits = run.of("pending")
    tap.equal({p["master"] for p in waits}, clients, f"{title}: each client that waits has a record")
    tap.equal({(p["waits_for"], p["state"]) for p in waits}, {("a core", None)}, f"{title}: it waits for a core")
    named = [at for at, line in enumerate(run.lines) if line.startswith("waiting ")]
    tap.equal(len(named), 4, f"{title}: they are named each time that the wait for them is over, and at the end")
    tap.ok(named and named[-1] < run.lines.index("findings   worst first"), f"{title}: above the findings", run.tail())

NOT_DESCRIBED = (
    ("no SMMU at all", ["-M", "virt"]),
    ("no SMMU, four cores", ["-M", "virt", "-smp", "4", "-device", "edu"]),
    ("tables=iort without ACPI", ["-M", "virt,iommu=smmuv3,acpi=off", "-append", "tables=iort"]),
)
for title, arguments in NOT_DESCRIBED:
    machine.say(title, arguments=" ".join(arguments))
    run = firmware.run_bare(arguments)
    fails(run, title)
    tap.equal(run.status, 0, f"{title}: the firmware ended by itself")

title = "no master that can be driven"
machine.say(title)
run = firmware.run_bare(["-M", "virt,iommu=smmuv3"])
fails(run, title)
tap.equal(run.verdict.get("ready"), 1, f"{title}: the SMMU is ready all the same")
tap.done()
