# SPDX-License-Identifier: BSD-2-Clause
"""
Cores from ARMv8.0 to the newest that QEMU has, entered in EL1 and in EL2: which registers there are, and what they hold at reset, differs.
On the newest also what earlier software may have left on, 16 cores, and affinities that are not consecutive.
"""

import firmware
import machine
import tap

MODELS = ("cortex-a53", "cortex-a55", "cortex-a57", "cortex-a72", "cortex-a76", "cortex-a710", "neoverse-n1", "neoverse-n2", "neoverse-v1", "max")
QUICK = {"INSTANCES": 1, "CORES": 2, "APPEND": "selftest=quick"}

for model in MODELS:
    for level, properties in (("EL1", "gic-version=2"), ("EL2", "virtualization=on,gic-version=3")):
        title = f"{model}, {level}"
        environment = {**QUICK, "CPU": model, "MACHINE": properties}
        machine.say(title, **environment)
        run = firmware.run(**environment)
        machine.passes(run, title)
        machine.has(run, title, 1, 2)
        warnings = [line for line in run.lines if "naps are spent awake" in line]
        tap.equal(warnings, [], f"{title}: the timer's interrupt comes")

for level, properties in (("EL1", "gic-version=3"), ("EL2", "virtualization=on,gic-version=3")):
    # QEMU puts 16 cores below each Aff1 with a GICv3: the last has another.
    title = f"17 cores, RAM above 4 GiB, {level}"
    environment = {"INSTANCES": 1, "CORES": 17, "MEMORY": "8G", "MACHINE": properties, "APPEND": "selftest=quick"}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    machine.has(run, title, 1, 17)
tap.done()
