# SPDX-License-Identifier: BSD-2-Clause
"""
How the firmware may be entered: by a loader that hands the device tree over in a register (r2, or x0 in AArch64), in
SVC or HYP (EL1 or EL2), on any core. A few
instructions play that loader, and QEMU starts there instead of in the firmware.
"""

import concurrent.futures
import contextlib
import os
import re
import socket
import time

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
    text = firmware.tool("readelf", "-h", elf, capture_output=True).stdout
    return int(next(line.split()[-1] for line in text.splitlines() if "Entry point" in line), 16)


tap.equal(entry_of(firmware.ELF), loader.ENTRY, "the firmware's entry point")
folder = firmware.work_folder("entry")
for title, extra in (("a tree in a register, in SVC", ""), ("a tree in a register, in HYP", "virtualization=on")):
    tree = os.path.join(folder, "tree.dtb")
    if os.path.exists(tree):
        os.unlink(tree)
    # Only the tree in the register asks for bypass: what the run does tells which one it read.
    tap.ok(firmware.dump_device_tree(tree, MACHINE=extra, APPEND="handover=bypass"), f"{title}: there is a tree")
    binary = loader.assemble(folder, "register", loader.BY_REGISTER)
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
    binary = loader.assemble(folder, "place", loader.by_register(place))
    environment = {"INSTANCES": 1, "QEMU_EXTRA": f"{loader.put(tree, place)} {loader.start(binary)}"}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: it is that tree that was read")



def by_arguments(place):
    """As U-Boot's `go` does it: argc and argv."""
    return f"""
	mov r0, #2
	ldr ptr1, =list
	enter {loader.ENTRY}
	.align 3
list:	pointer first, second
first:	.asciz "{loader.ENTRY:#x}"
second:	.asciz "dtb={place:#x}"
	.align 2
"""


def says_size(path, said, size):
    """A file of `size` bytes, in which a tree says that it is of another size."""
    with open(path, "r+b") as file:
        file.seek(4)
        file.write(said.to_bytes(4, "big"))
        file.truncate(size)


def strings_last(path):
    """Its strings go to its very end."""
    with open(path, "r+b") as file:
        blob = bytearray(file.read())
        at, size = (int.from_bytes(blob[place : place + 4], "big") for place in (12, 32))
        blob[len(blob) - size :] = blob[at : at + size]
        blob[12:16] = (len(blob) - size).to_bytes(4, "big")
        file.seek(0)
        file.write(blob)


def run_from(place, instructions, **environment):
    binary = loader.assemble(folder, "odd", instructions)
    return firmware.run(INSTANCES=1, QEMU_EXTRA=f"{loader.put(tree, place)} {loader.start(binary)}", **environment)


def no_exception(run, title):
    reason = run.verdict.get("reason") or ""
    tap.ok(run.verdict.get("result") and "unexpected" not in reason, f"{title}: no exception comes", run.tail())


# As large as a tree may be, so that it ends in a page more than its size has.
title = "dtb=: a tree of 2 MiB across a page"
tree = os.path.join(folder, "odd.dtb")
firmware.dump_device_tree(tree, APPEND="handover=bypass")
says_size(tree, 2 << 20, 2 << 20)
strings_last(tree)
run = run_from(0x48000FF8, by_arguments(0x48000FF8))
machine.passes(run, title)
tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: it is that tree that was read")

title = "dtb=: a tree of 8 bytes, with its header across a page"
says_size(tree, 8, 64)
run = run_from(0x48000FE8, by_arguments(0x48000FE8))
no_exception(run, title)
tap.equal(run.verdict.get("result"), "fail", f"{title}: is refused")

def ask(path, command, answer):
    """What QEMU's monitor says that looks so, or None where it has gone, or is not there yet."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as monitor:
        monitor.settimeout(firmware.LIMIT)
        monitor.connect(path)
        monitor.sendall(f"{command}\n".encode())
        said = b""
        while some := monitor.recv(4096):
            said += some
            if found := re.search(answer, said):
                return found
    return None


def behind_the_tables(path, running):
    """The last entry of the cores' own root table that an address of 32 bits uses, once it is made, and the one behind it."""
    last = firmware.symbols(firmware.ELF)["boot_root_table"] + 3 * 8
    while not running.done():
        found = ask(path, f"xp /2gx {last:#x}", rb"(?m)^0*\w+: (0x\w+) (0x\w+)\r?$")
        if found and int(found[1], 16):
            return int(found[1], 16), int(found[2], 16)
        time.sleep(0.01)
    return None, None


def behind_the_last_address():
    """Of 32 bits: in AArch64 there is no memory so far up."""
    says_size(tree, 2 << 20, 64)
    monitor = os.path.join(folder, "monitor")
    binary = loader.assemble(folder, "odd", loader.by_register(0xFFFFE000))
    extra = f"{loader.put(tree, 0xFFFFE000)} {loader.start(binary)} -monitor unix:{monitor},server=on,wait=off"
    with concurrent.futures.ThreadPoolExecutor() as beside:
        running = beside.submit(firmware.run, INSTANCES=1, MEMORY="3G", MACHINE="highmem=off", QEMU_EXTRA=extra)
        entry, behind = behind_the_tables(monitor, running)
        no_exception(running.result(), title)
    tap.ok(entry and entry & 3 == 3, f"{title}: there is a table for its first page", entry)
    tap.equal(behind, 0, f"{title}: nothing is written behind the tables")


title = "a tree in a register that goes on behind the last address"
if firmware.WIDE:
    tap.skip(title, "it is AArch32's: memory does not reach the last address of 48 bits")
else:
    behind_the_last_address()

title = "asynchronous aborts"
monitor = os.path.join(folder, "aborts")
extra = f"-monitor unix:{monitor},server=on,wait=off"
masked = []
with concurrent.futures.ThreadPoolExecutor() as beside:
    running = beside.submit(firmware.run, INSTANCES=1, APPEND="selftest=quick soak=10", QEMU_EXTRA=extra)
    # CPSR.A, or PSTATE.A, is bit 8.
    while not running.done() and len(masked) < 4:
        found = [ask(monitor, f"cpu {core}\ninfo registers", rb"PS(?:R|TATE)=(\w+)") for core in range(4)]
        masked = [bool(int(psr[1], 16) & 0x100) for psr in found if psr]
        masked = [] if any(masked) and not running.done() else masked
        time.sleep(0.05)
tap.equal(masked, [False] * 4, f"{title}: are unmasked on every core")

for title, extra, call in (("core 1, in SVC", "", "hvc"), ("core 1, in HYP", "virtualization=on", "smc")):
    binary = loader.assemble(folder, "core1", ON_CORE_1.format(entry=loader.ENTRY, call=call))
    environment = {"MACHINE": extra, "QEMU_EXTRA": loader.start(binary)}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal((run.of("firmware") or [{}])[0].get("cores"), 4, f"{title}: all cores run")
    machine.deferred(run, title, 4)
tap.done()
