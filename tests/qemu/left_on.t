# SPDX-License-Identifier: BSD-2-Clause
"""
A caller that has on what the newest cores have, in EL1 and in EL2: the firmware runs as if nothing of it was there, and gives back
every register and key as it was.
"""

import re
import shutil

import firmware
import left_on
import loader
import machine
import tap
from patched import with_e2h_always

folder = firmware.work_folder("left_on")
EL2 = "mte=on,virtualization=on,gic-version=3"
for level, properties, elf in (("EL1", "mte=on", None), ("EL2", EL2, None), ("EL2 with E2H", EL2, None), ("EL2 with E2H", EL2, with_e2h_always(folder))):
    title = f"what a caller in {level} has on" + (", where E2H is always one" if elf else "")
    binary = loader.assemble(folder, "caller", left_on.caller(level))
    environment = {"INSTANCES": 1, "CORES": 2, "CPU": "max", "MACHINE": properties, "QEMU_EXTRA": loader.start(binary)}
    machine.say(title, **environment)
    run = firmware.run(elf=elf, **environment)
    tap.equal(run.verdict.get("result"), "pass", f"{title}: passes")
    machine.sound_records(run, title)
    said = re.fullmatch("<(.)(.*)([!?])>", run.lines[-1] if run.lines else "")
    if not tap.ok(said, f"{title}: the caller goes on", run.tail):
        continue
    names = left_on.names_of(level)
    tap.equal(said[1], "0", f"{title}: is told that it passed")
    tap.equal([names[ord(letter) - ord("1")] for letter in said[2]], [], f"{title}: every register is as it was")
    tap.equal(said[3], "!", f"{title}: what was signed before is authentic")
shutil.rmtree(folder)
tap.done()
