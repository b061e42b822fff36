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
import tree as tree_edit

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
    # Only the tree in the register asks for bypass, so the run shows which tree it read.
    tap.ok(firmware.dump_device_tree(tree, MACHINE=extra, APPEND="handover=bypass"), f"{title}: there is a tree")
    binary = loader.assemble(folder, "register", loader.BY_REGISTER)
    environment = {"MACHINE": extra, "QEMU_EXTRA": f"{loader.put(tree, loader.TREE_AT)} {loader.start(binary)}"}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: it is that tree that was read")

# Data is big-endian at the entry: a loader's own choice, which is not this firmware's.
BIG_ENDIAN = {
    "EL1": ("setend be\nmrc p15, 0, r3, c1, c0, 0\norr r3, r3, #1 << 25\nmcr p15, 0, r3, c1, c0, 0", "mrs x1, sctlr_el1\norr x1, x1, #1 << 25\nmsr sctlr_el1, x1"),
    "EL2": ("setend be\nmrc p15, 4, r3, c1, c0, 0\norr r3, r3, #1 << 25\nmcr p15, 4, r3, c1, c0, 0", "mrs x1, sctlr_el2\norr x1, x1, #1 << 25\nmsr sctlr_el2, x1"),
}
for level, extra in (("EL1", ""), ("EL2", "virtualization=on")):
    title = f"big-endian data, in {loader.of_width({'EL1': 'SVC', 'EL2': 'HYP'}[level], level)}"
    tree = os.path.join(folder, "big.dtb")
    firmware.dump_device_tree(tree, INSTANCES=1, MACHINE=extra, APPEND="handover=bypass exit=return selftest=quick")
    leave = loader.of_width("mov lr, pc\nbx r4", "blr x4")
    binary = loader.assemble(folder, "big", f"ldr ptr4, ={loader.ENTRY}\ntree {loader.TREE_AT}\n{loader.of_width(*BIG_ENDIAN[level])}\nisb\n{leave}")
    environment = {"INSTANCES": 1, "MACHINE": extra, "QEMU_EXTRA": f"{loader.put(tree, loader.TREE_AT)} {loader.start(binary)}"}
    machine.say(title, **environment)
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: the tree in the register was read")
    tap.ok(any("warning: data was big-endian at the entry" in line for line in run.lines), f"{title}: is told", run.tail)
    ignored = [one["word"] for one in (run.of("firmware") or [{}])[0].get("ignored", [])]
    tap.equal(ignored, ["exit=return"], f"{title}: there is no way back")

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


# A register that names no tree: QEMU's own at the start of RAM is read instead, and what was wrong is told.
OWN = ["-M", "virt,iommu=smmuv3", "-device", "edu,dma_mask=0xffffffff", "-append", "selftest=quick"]
COPY = """
	ldr ptr1, =0x48000000
	ldr ptr2, ={place}
	ldr ptr3, =0x48010000
1:	ldr r0, [ptr1], #4
	str r0, [ptr2], #4
	cmp ptr1, ptr3
	bne 1b
"""
BSS = firmware.symbols(firmware.ELF)["__bss_start"] + 0x1000 & ~0xFFF
BEYOND = ((0x0B000000, "below RAM"), (0x7F000000, "past RAM"), (0x4A000004, "not aligned"), (BSS, "on top of the image"))
BEYOND += loader.of_width((), ((1 << 38, "in a hole far up"), (1 << 46, "past the core's addresses"), (1 << 63, "no address")))
for place, where in BEYOND:
    title = f"a register that names {place:#x}, {where}"
    own = os.path.join(folder, "own.dtb")
    firmware.dump_device_tree(own, INSTANCES=1)
    copied = COPY.format(place=place) if place in (BSS, 0x4A000004) else ""
    put = loader.put(own, loader.TREE_AT).split()
    binary = loader.assemble(folder, "nothing", f"{copied}\ntree {place:#x}\nenter {loader.ENTRY}")
    machine.say(title)
    run = firmware.run_bare([*OWN, *put, *loader.start(binary).split()])
    machine.sound_records(run, title)
    tap.equal((run.verdict.get("result"), run.status), ("pass", 0), f"{title}: passes, and turns the machine off")
    told = [line for line in run.lines if f"named a device tree at {place:#x} at the entry, and there is none" in line]
    tap.equal(len(told), 1, f"{title}: is told")

title = "a tree that ends past RAM"
with open(own, "r+b") as file:
    file.seek(4)
    file.write((0x8000).to_bytes(4, "big"))
    file.truncate(0x1000)
binary = loader.assemble(folder, "nothing", f"tree 0x5ffff000\nenter {loader.ENTRY}")
run = firmware.run_bare([*OWN, *loader.put(own, 0x5FFFF000).split(), *loader.start(binary).split()])
machine.sound_records(run, title)
tap.equal((run.verdict.get("result"), run.status), ("pass", 0), f"{title}: the machine's own is read instead")

title = "a tree without memory"
firmware.dump_device_tree(own, INSTANCES=1, APPEND="selftest=quick")
tree_edit.drop(own, "/memory@40000000")
binary = loader.assemble(folder, "nothing", loader.BY_REGISTER)
run = firmware.run_bare([*OWN, *loader.put(own, loader.TREE_AT).split(), *loader.start(binary).split()])
tap.equal([v["result"] for v in run.of("verdict")], ["fail"], f"{title}: one verdict, a fail")
tap.ok(any("memory" in line for line in run.lines if not line.startswith("{")), f"{title}: and why", run.tail)


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
    """QEMU's monitor's output that matches, or None if the monitor has ended or is not there yet."""
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
