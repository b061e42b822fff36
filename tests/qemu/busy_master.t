# SPDX-License-Identifier: BSD-2-Clause
"""
A master that keeps DMAing while everything is denied: a USB host controller that the program before the firmware left
running, as boot firmware does for a keyboard. It reads its frame list from memory every millisecond. It has to fall silent, and
nothing that it does may be taken for another master's doing.
"""

import firmware
import loader
import machine
import tap

SLOT = 0x1C

# ECAM is below 4 GiB here. BAR0, then memory decoding and bus mastering; frame list, then run with the periodic schedule.
LEAVE_RUNNING = f"""
	ldr ptr0, ={0x3F000000 + (SLOT << 15):#x}
	ldr ptr1, =0x10000000
	str r1, [ptr0, #0x10]
	mov r2, #6
	str r2, [ptr0, #4]
	ldr r2, =0x48000000
	str r2, [ptr1, #0x34]
	mov r2, #1
	str r2, [ptr1, #0x60]
	mov r2, #0x11
	str r2, [ptr1, #0x20]
	ldr r3, =0x02000000
1:	subs r3, r3, #1
	bne 1b
	ldr r4, [ptr1, #0x2c]
	mov r0, #0
	enter {loader.ENTRY}
"""

folder = firmware.work_folder("busy_master")
extra = f"-device usb-ehci,id=usb,bus=pcie.0,addr={SLOT:x} {loader.start(loader.assemble(folder, 'busy', LEAVE_RUNNING))}"
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
