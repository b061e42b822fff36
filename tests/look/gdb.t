# SPDX-License-Identifier: BSD-2-Clause
"""GDB's own `smmu` command, on this firmware, halted: it says what smmu-look says, and leaves the machine as it was."""

import os
import shutil
import subprocess

import look  # First: it tells where the modules below are.
import debugger
import firmware
import tap

BASE = 0x0C000000 if firmware.has_instances() else 0x09050000
SCRIPT = os.path.join(look.ROOT, "tools/smmu_gdb.py")


def gdb(machine, *commands):
    words = ["gdb-multiarch", "-nx", "-batch", "-ex", "set confirm off", "-ex", f"target remote {machine.stub}", "-ex", f"source {SCRIPT}"]
    for command in commands:
        words += ["-ex", command]
    done = subprocess.run(words, env={**os.environ, "SMMU_LOOK": look.LOOK}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=firmware.LIMIT, check=False)
    return done.stdout.decode(errors="replace")


if not shutil.which("gdb-multiarch"):
    tap.skip("GDB's smmu command", "gdb-multiarch is not there")
    tap.done()
machine = debugger.Machine("gdb", INSTANCES=1)
if tap.ok(machine.run_to("prove_unmap_pages"), "the machine stands still where its masters have done their DMA"):
    said = gdb(machine, f"smmu --at {BASE:#x} streams", f"smmu --at {BASE:#x}", "smmu", f"smmu --at {BASE:#x} walk 0x8 0x7ffffffff000", "maintenance packet qqemu.PhyMemMode", "detach")
    for part in ("stage 1, CD at", "translation on, command queue on", "--at BASE or --tables TABLE", "F_TRANSLATION at stage 1 level 0", 'received: "0"'):
        tap.ok(part in said, f"smmu says {part!r}", said.split("\n")[-30:])
    run = machine.end()
    tap.ok(run.verdict.get("result") == "pass", "the machine goes on and passes", run.tail)
machine.stop()
shutil.rmtree(machine.folder)
tap.done()
