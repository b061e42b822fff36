# SPDX-License-Identifier: BSD-2-Clause
"""
How the firmware may be entered: by a loader that hands the device tree over in r2, in SVC or HYP, on any core. A few
instructions play that loader, and QEMU starts there instead of in the firmware.
"""

import os
import subprocess

import firmware
import loader
import machine
import tap

# Core 0 turns core 1 on, in the firmware, and itself off. HVC is PSCI's way unless HYP is the firmware's own.
ON_CORE_1 = """
	ldr r0, =0x84000003
	mov r1, #1
	ldr r2, ={entry}
	mov r3, #0
	{call} #0
	ldr r0, =0x84000002
	{call} #0
	b .
"""


def entry_of(elf):
    text = subprocess.run(["arm-none-eabi-readelf", "-h", elf], capture_output=True, text=True, check=True).stdout
    return int(next(line.split()[-1] for line in text.splitlines() if "Entry point" in line), 16)


tap.equal(entry_of(firmware.ELF), loader.ENTRY, "the firmware's entry point")
folder = firmware.work_folder("entry")
for title, extra in (("r2, in SVC", ""), ("r2, in HYP", "virtualization=on")):
    tree = os.path.join(folder, "tree.dtb")
    if os.path.exists(tree):
        os.unlink(tree)
    # Only the tree in r2 asks for bypass: what the run does tells which one it read.
    tap.ok(firmware.dump_device_tree(tree, MACHINE=extra, APPEND="handover=bypass"), f"{title}: there is a tree")
    binary = loader.assemble(folder, "r2", loader.BY_R2)
    environment = {"MACHINE": extra, "QEMU_EXTRA": f"{loader.put(tree, loader.TREE_AT)} {loader.start(binary)}"}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: it is that tree that was read")

# Anywhere in RAM: below the image, behind it, where its own memory would be, and at the very end.
for place in (0x40100000, 0x40500000, 0x42000000, 0x5FE00000):
    title = f"a tree at {place:#x}"
    tree = os.path.join(folder, "place.dtb")
    if not os.path.exists(tree):
        firmware.dump_device_tree(tree, APPEND="handover=bypass")
    binary = loader.assemble(folder, "place", loader.by_r2(place))
    environment = {"INSTANCES": 1, "QEMU_EXTRA": f"{loader.put(tree, place)} {loader.start(binary)}"}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: it is that tree that was read")

for title, extra, call in (("core 1, in SVC", "", "hvc"), ("core 1, in HYP", "virtualization=on", "smc")):
    binary = loader.assemble(folder, "core1", ON_CORE_1.format(entry=loader.ENTRY, call=call))
    environment = {"MACHINE": extra, "QEMU_EXTRA": loader.start(binary)}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal((run.of("firmware") or [{}])[0].get("cores"), 4, f"{title}: all cores run")
    machine.deferred(run, title, 4)
tap.done()
