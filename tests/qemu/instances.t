# SPDX-License-Identifier: BSD-2-Clause
"""1, 3 and 5 SMMUs (and 16, as many as QEMU has roots for) on 1 and 4 cores, by the ACPI IORT."""

import firmware
import machine
import tap

for instances, cores in ((1, 1), (1, 4), (3, 1), (3, 4), (5, 1), (5, 4), (16, 4)):
    title = f"{instances} instances, {cores} cores"
    if instances > 1 and not firmware.has_instances():
        tap.skip(title, "this QEMU has one SMMUv3")
        continue
    environment = {"INSTANCES": instances, "CORES": cores}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    machine.has(run, title, instances, cores)
    machine.deferred(run, title, cores)
    if instances > 1:
        machine.same_stream(run, title)
tap.done()
