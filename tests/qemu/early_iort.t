# SPDX-License-Identifier: BSD-2-Clause
"""
An IORT that was read before PCI was enumerated: QEMU fills its ranges in from the bus numbers of the moment, so that they
miss the buses behind root ports. The firmware is made to read it so in a copy of the sources. The run finds by DMA that
those masters are described wrongly, names where they really come out, and fails.
"""

import os
import shutil

import firmware
import machine
import tap

READ = "	if (!error && !machine->options.acpi) {\n		error = find_streams(machine);\n	}\n"
AS_IT_IS = "	int error = enumerate_all(machine);\n\n" + READ
TOO_EARLY = "	int error = 0;\n\n" + READ + "	error = error ? error : enumerate_all(machine);\n"

if not firmware.has_instances():
    tap.skip("an IORT that was read too early", "this QEMU has one SMMUv3, and masters on its root bus alone")
    tap.done()


def read_too_early(copy):
    path = os.path.join(copy, "boot/tables.c")
    with open(path, encoding="ascii") as file:
        text = file.read()
    tap.equal(text.count(AS_IT_IS), 1, "PCI is enumerated, then the IORT is read")
    with open(path, "w", encoding="ascii") as file:
        file.write(text.replace(AS_IT_IS, TOO_EARLY))


folder = firmware.work_folder("early_iort")
elf, said = firmware.build_copy(folder, read_too_early)
if not tap.ok(elf, "a tree that does it the other way round builds", said[-2000:]):
    tap.done()

title = "an IORT that was read too early"
machine.say(title)
run = firmware.run(elf=elf)
machine.sound(run, title)
tap.equal((run.verdict.get("result"), run.status), ("fail", 1), f"{title}: fails")
wrong = run.of("observed", match=False)
tap.ok(wrong, f"{title}: masters are found to be described wrongly", run.tail)
for o in wrong:
    seen = o["observed"] or {}
    bus = int(o["master"].split(":")[1], 16)
    tap.equal(seen.get("sid"), hex(bus << 8), f"{title}: {o['master']} is seen by the stream ID that it emits")
    tap.ok("ID mapping" in (o["advice"] or ""), f"{title}: {o['master']} is advised what the table lacks", o)
on_the_root_bus = [o["master"] for o in run.of("observed", match=True)]
tap.ok(all(name.startswith("0000:00:") for name in on_the_root_bus), f"{title}: only the root bus is right", on_the_root_bus)
shutil.rmtree(folder)
tap.done()
