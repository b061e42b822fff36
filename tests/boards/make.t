# SPDX-License-Identifier: BSD-2-Clause
"""
What is given to make and is nothing that it can be: it is refused, and not taken for something else.
"""

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

for seconds in ("abc", "0", "-3", "5x", ""):
    done = firmware.make(firmware.ROOT, "soak", f"SOAK={seconds}")
    tap.ok(done.returncode and "is no number of seconds" in done.stderr, f"SOAK={seconds} is refused", done.stderr)
for name in ("FUZZ_SECONDS", "RANDOM_OPERATIONS", "SEEDS", "PREEMPTIONS", "OPERATIONS", "ISSUES"):
    for wrong in ("abc", "", "-1", "2x", "1 2"):
        done = firmware.make(firmware.ROOT, "print-qemu", f"{name}={wrong}")
        tap.ok(done.returncode and "a number is wanted" in done.stderr, f"{name}={wrong} is refused", done.stderr)
for wrong in ("nosuch", "", "openocd.tcl"):
    done = firmware.make(firmware.ROOT, "all", f"BOARD={wrong}")
    tap.ok(done.returncode and "no such board" in done.stderr, f"BOARD={wrong} is refused", done.stderr)
tap.done()
