# SPDX-License-Identifier: BSD-2-Clause
"""
smmu-look on this firmware, halted in the middle of `prove`: by QEMU's GDB stub. QEMU's own account of what its SMMUs translated
is the judge of each walk.
"""

import shutil

import look  # First: it tells where the modules below are.
import debugger
import firmware
import tap

INSTANCES = 3 if firmware.has_instances() else 1
machine = debugger.Machine("look", INSTANCES=INSTANCES)
if not tap.ok(machine.run_to("prove_unmap_pages"), "the machine stands still where its masters have done their DMA", lambda: machine.said.decode(errors="replace")[-2000:]):
    machine.stop()
    tap.done()
BASES = [0x0C000000 + 0x20000 * number for number in range(INSTANCES)] if firmware.has_instances() else [0x09050000]
GDB = ("--gdb", machine.stub, "--halted")

for number, base in enumerate(BASES):
    title = f"SMMU {number}"
    said = look.says(f"{title}: summary", (*GDB, "--at", hex(base)), 0, "nothing is written", "SMMUv3.", "translation on, command queue on, event queue on", "everything is aborted")
    streams = look.run(*GDB, "--at", hex(base), "--json", "streams").smmu["streams"]
    tap.ok(streams and all("stage 1, CD at" in stream["meaning"] and stream["cd"] and not stream["broken"] for stream in streams), f"{title}: each stream has a CD and breaks no rule", streams)
    own = {stream["first"] for stream in streams}
    walks = [(pages, look.run(*GDB, "--at", hex(base), "--json", "walk", hex(sid), hex(iova | 0x123)).smmu["walk"]) for (sid, iova), pages in machine.translated().items() if hex(sid) in own]
    mapped = [(pages, walk) for pages, walk in walks if walk["end"] == "translated"]
    tap.ok(mapped, f"{title}: something that QEMU's SMMU has translated is mapped still", walks[:3])
    elsewhere = [walk for pages, walk in mapped if int(walk["output"], 0) - 0x123 not in pages]
    tap.equal(elsewhere, [], f"{title}: walks end where QEMU's SMMU went")
    others = [walk for _, walk in walks if walk["end"] != "translated" and walk["event"] != "F_TRANSLATION"]
    tap.equal(others, [], f"{title}: what was unmapped since is no longer mapped")
    walk = look.run(*GDB, "--at", hex(base), "--json", "walk", streams[0]["first"], "0x7ffffffff000").smmu["walk"]
    tap.equal((walk["end"], walk["event"], walk["stage"], walk["level"]), ("faulted", "F_TRANSLATION", 1, 0), f"{title}: an address that is not mapped stops at level 0")
    commands = look.run(*GDB, "--at", hex(base), "--json", "commands").smmu["commands"]
    tap.ok(any("CMD_SYNC" in command["meaning"] for command in commands), f"{title}: the queue has its commands", commands[:3])
    tap.equal(look.run(*GDB, "--at", hex(base), "--json", "check").smmu["check"], [], f"{title}: nothing is wrong")

look.says("a base without an SMMU", (*GDB, "--at", "0xd000000"), 2, "none of its registers can be read")
look.says("a debugger that goes", ("--gdb", machine.stub, "--at", hex(BASES[0])), 0, "translation on")
run = machine.end()
tap.ok(run.verdict.get("result") == "pass", "the machine goes on and passes: nothing was changed", run.tail)
shutil.rmtree(machine.folder)
tap.done()
