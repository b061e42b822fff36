# SPDX-License-Identifier: BSD-2-Clause
"""
The guarded core on the machine itself: `soak=` registers, unregisters and binds on all cores at once, with real DMA. What
is sound has to stay so, and a firmware without one of the core's guards has to be found out by the same run. SHORT=yes: two seconds of it.
"""

import os
import shutil
import sys

import firmware
import machine
import tap

sys.path.insert(0, os.path.join(firmware.ROOT, "tests/mutants"))
import core_schedule  # noqa: E402

# Of those that the deterministic scheduler finds out: two that DMA shows within seconds.
SHOWN = ("MUTANT_NO_UNBIND_OF_WHO_LEAVES", "MUTANT_UNBIND_DOES_NOT_WAIT")


def soaked(title, seconds, **environment):
    environment["APPEND"] = f"soak={seconds}"
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    soak = (run.of("soak") or [{}])[0]
    tap.equal((soak.get("seconds"), soak.get("result")), (seconds, "pass"), f"{title}: it lasted, and passed")
    tap.equal((soak.get("violations"), soak.get("unexpected_events")), (0, 0), f"{title}: nothing was violated")
    tap.ok(soak.get("registrations", 0) >= 3, f"{title}: instances came and went", soak)
    tap.ok(soak.get("dmas", 0) >= 10 and soak.get("bytes", 0) > soak["dmas"], f"{title}: bytes moved", soak)
    tap.equal(soak.get("registrations"), soak.get("unregistrations"), f"{title}: each instance that left came back")
    return soak


if firmware.SHORT:
    soaked("four cores, three instances", 2, CORES=4, INSTANCES=3 if firmware.has_instances() else 1)
    tap.done()
instances = 5 if firmware.has_instances() else 1
soak = soaked("eight cores, five instances", 6, CORES=8, INSTANCES=instances)
tap.ok(soak.get("deferrals", 0) > 0, "clients met instances that were away", soak)
soaked("one core", 3, CORES=1, INSTANCES=instances)
soaked("the distribution's QEMU", 3, CORES=4, QEMU=firmware.old_qemu())

for name in SHOWN:
    _, _, path, old, new = next(each for each in core_schedule.MUTANTS if each[0] == name)
    folder = firmware.work_folder(name.lower())

    def break_it(copy, path=path, old=old, new=new):
        place = os.path.join(copy, path)
        with open(place, encoding="utf-8") as file:
            text = file.read()
        with open(place, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    elf, said = firmware.build_copy(folder, break_it)
    if tap.ok(elf, f"{name} builds", said[-2000:]):
        run = firmware.run(elf=elf, CORES=8, INSTANCES=instances, APPEND="soak=6")
        tap.equal(run.verdict.get("result"), "fail", f"{name} is found out by the soak")
    shutil.rmtree(folder)
tap.done()
