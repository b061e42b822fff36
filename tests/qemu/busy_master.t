# SPDX-License-Identifier: BSD-2-Clause
"""
A master that keeps DMAing while everything is denied: a USB host controller that somebody before the firmware left running,
as boot firmware does for a keyboard. It reads its frame list from memory every millisecond. It has to fall silent, and
nothing that it does may be taken for another master's doing.
"""

import os
import subprocess

import firmware
import machine
import tap

LOADER_AT, ENTRY = 0x47F00000, 0x40200000
SLOT = 0x1C

# ECAM is below 4 GiB here. BAR0, then memory decoding and bus mastering; frame list, then run with the periodic schedule.
LEAVE_RUNNING = f"""
	ldr r0, ={0x3F000000 + (SLOT << 15):#x}
	ldr r1, =0x10000000
	str r1, [r0, #0x10]
	mov r2, #6
	str r2, [r0, #4]
	ldr r2, =0x48000000
	str r2, [r1, #0x34]
	mov r2, #1
	str r2, [r1, #0x60]
	mov r2, #0x11
	str r2, [r1, #0x20]
	ldr r3, =0x02000000
1:	subs r3, r3, #1
	bne 1b
	ldr r4, [r1, #0x2c]
	ldr pc, ={ENTRY}
"""

folder = firmware.work_folder("busy_master")
elf, binary = os.path.join(folder, "loader.elf"), os.path.join(folder, "loader.bin")
source = f".syntax unified\n.arm\n.global _start\n_start:\n{LEAVE_RUNNING}\n.pool\n"
flags = ["-march=armv7ve", "-nostdlib", f"-Wl,-Ttext={LOADER_AT:#x}", "-Wl,--build-id=none", "-x", "assembler", "-"]
subprocess.run(["arm-none-eabi-gcc", *flags, "-o", elf], input=source, text=True, check=True)
subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, binary], check=True)

extra = (
    f"-device usb-ehci,id=usb,bus=pcie.0,addr={SLOT:x}"
    f" -device loader,file={binary},addr={LOADER_AT:#x} -device loader,addr={LOADER_AT:#x},cpu-num=0"
)
for arguments in ("", "tables=dt"):
    title = f"a busy USB controller, '{arguments}'"
    environment = {"INSTANCES": 1, "MACHINE": "highmem=off", "APPEND": arguments, "QEMU_EXTRA": extra}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    found = run.of("master", master=f"0000:00:{SLOT:02x}.0")
    tap.equal([(m["client"], m["state"]) for m in found], [(None, "ready")], f"{title}: it is listed, and blocked")
    tap.equal(run.of("event", sid=hex(SLOT << 3)), [], f"{title}: no SMMU heard of it")
tap.done()
