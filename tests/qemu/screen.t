# SPDX-License-Identifier: BSD-2-Clause
"""What a person sees of a run: with log=normal a screen of few lines, with log=debug a line for each pass."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import firmware
import tap


def on_a_screen(lines):
    screen = [os.path.join(firmware.ROOT, "tools/screen"), "--width", "100"]
    return subprocess.run(screen, input="\n".join(lines), capture_output=True, text=True, check=True).stdout.splitlines()


run = firmware.run()
tap.equal(run.verdict.get("result"), "pass", "a run with log=normal passes")
said = on_a_screen(run.lines)
tap.ok(20 < len(said) <= 60, "it has at most 60 lines of 100 columns", len(said))
ready = [line for line in run.lines if re.match(r"  smmu\d+ at 0x[0-9a-f]+ ready: ", line)]
if firmware.WIDE:  # The smaller image has no room for it.
    tap.ok(len(ready) == 3 and "SMMUv3" in ready[0] and all(re.search(r"ready: as smmu0, \d+ masters$", line) for line in ready[1:]), "what instances have in common is said once", ready)
tap.ok(not any("so far" in line for line in run.lines), "what takes no time has no line of progress")
passed = sum(record["result"] == "pass" for record in run.of("check"))
groups = [re.match(r"  pass ([a-z_, ]+) \((?:masters|instances): (\d+)\)$", line) for line in run.lines if line.startswith("  pass ")]
tap.equal(sum(len(group[1].split(", ")) * int(group[2]) for group in groups if group), passed, "its lines of passes come to all that passed")
undriven = sum(record["client"] is None for record in run.of("master"))
tap.ok(any(line.startswith(f"not tried  {run.verdict['checks_skipped']} checks; {undriven} masters without a driver") for line in run.lines), "it says what was not tried")

run = firmware.run(APPEND="log=debug")
each = [line for line in run.lines if re.match(r"  pass \S+: ", line)]
tap.equal(len(each), passed, "log=debug: each pass has a line")
tap.done()
