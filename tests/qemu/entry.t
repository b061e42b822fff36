# SPDX-License-Identifier: BSD-2-Clause
"""
How the firmware may be entered: by a loader that hands the device tree over in r2, in SVC or HYP, on any core. A few
instructions play that loader, and QEMU starts there instead of in the firmware.
"""

import os
import subprocess

import firmware
import machine
import tap

LOADER_AT = 0x47F00000
TREE_AT = 0x48000000
ENTRY = 0x40200000

# The device tree is where r2 says, and nowhere else: what QEMU left at the start of RAM is wiped out first.
BY_R2 = f"""
	mov r3, #0x40000000
	mov r0, #0
	str r0, [r3]
	ldr r2, ={TREE_AT}
	ldr pc, ={ENTRY}
"""

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


def assemble(folder, name, text):
    source = f".syntax unified\n.arm\n.arch armv7ve\n.arch_extension sec\n.global _start\n_start:\n{text}\n.pool\n"
    elf, binary = os.path.join(folder, name + ".elf"), os.path.join(folder, name + ".bin")
    flags = ["-march=armv7ve", "-nostdlib", f"-Wl,-Ttext={LOADER_AT:#x}", "-Wl,--build-id=none", "-x", "assembler", "-"]
    subprocess.run(["arm-none-eabi-gcc", *flags, "-o", elf], input=source, text=True, check=True)
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, binary], check=True)
    return binary


def entry_of(elf):
    text = subprocess.run(["arm-none-eabi-readelf", "-h", elf], capture_output=True, text=True, check=True).stdout
    return int(next(line.split()[-1] for line in text.splitlines() if "Entry point" in line), 16)


tap.equal(entry_of(firmware.ELF), ENTRY, "the firmware's entry point")
folder = firmware.work_folder("entry")
for title, extra in (("r2, in SVC", ""), ("r2, in HYP", "virtualization=on")):
    tree = os.path.join(folder, "tree.dtb")
    if os.path.exists(tree):
        os.unlink(tree)
    # Only the tree in r2 asks for bypass: what the run does tells which one it read.
    tap.ok(firmware.dump_device_tree(tree, MACHINE=extra, APPEND="handover=bypass"), f"{title}: there is a tree")
    loader = assemble(folder, "r2", BY_R2)
    devices = f"-device loader,file={loader},addr={LOADER_AT:#x} -device loader,file={tree},addr={TREE_AT:#x},force-raw=on"
    environment = {"MACHINE": extra, "QEMU_EXTRA": f"{devices} -device loader,addr={LOADER_AT:#x},cpu-num=0"}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: it is that tree that was read")

for title, extra, call in (("core 1, in SVC", "", "hvc"), ("core 1, in HYP", "virtualization=on", "smc")):
    loader = assemble(folder, "core1", ON_CORE_1.format(entry=ENTRY, call=call))
    devices = f"-device loader,file={loader},addr={LOADER_AT:#x} -device loader,addr={LOADER_AT:#x},cpu-num=0"
    environment = {"MACHINE": extra, "QEMU_EXTRA": devices}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal((run.of("firmware") or [{}])[0].get("cores"), 4, f"{title}: all cores run")
    machine.deferred(run, title, 4)
tap.done()
