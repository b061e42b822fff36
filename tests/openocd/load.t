# SPDX-License-Identifier: BSD-2-Clause
"""`make load` by the real OpenOCD: into RAM, verified, started, to a verdict; the console in memory; and what goes wrong."""

import os
import re
import shutil
import struct
import subprocess

import board  # First: it tells where the modules below are.
import firmware
import machine
import tap

board.need()
INSTANCES = 3 if firmware.has_instances() else 1


def is_whole(loaded, title, cores=4):
    tap.ok(loaded.status == 0 and not loaded.failure, f"{title}: passes", loaded.tail)
    machine.sound_records(loaded.run, title)
    machine.has(loaded.run, title, INSTANCES, cores)


def said(loaded, title, *words):
    for word in words:
        tap.ok(any(word in line for line in loaded.lines), f"{title}: says {word!r}", loaded.tail)


# Images that do little and are short: b .; a branch to 0x44000000; PSCI SYSTEM_OFF.
WIDE = firmware.WIDE
HANG = (0x14000000,) if WIDE else (0xEAFFFFFE,)
LEAVE = (0xD2A88003, 0xD61F0060) if WIDE else (0xE3A0F311,)
OFF = (0x52B08000, 0x72800100, 0xD4000002) if WIDE else (0xE3A00321, 0xE3800008, 0xE1400070)
UNDEFINED = (0,) if WIDE else (0xDEFEDEFE,)
folder = firmware.work_folder("openocd")


def does(name, words):
    return board.Image().put("_start", *words, *HANG).shorten().write(os.path.join(folder, name + ".elf"))


hangs, leaves, ends = does("hangs", HANG), does("leaves", LEAVE), does("ends", OFF)

# A wait for what never comes has a short limit; others last as long as they take. The core is at its entry from the start on.
for where, cores, properties, mode in (
    ("rtt", 4, "", "AArch64 EL1" if WIDE else "AArch32 SVC mode"),
    ("uart", 1, "virtualization=on", "AArch64 EL2" if WIDE else "AArch32 HYP mode"),
):
    title = f"an image that hangs at its entry in {mode}, CONSOLE={where}"
    loaded = board.call("load", ELF=hangs, TIMEOUT=1, CONSOLE=where, CORES=cores, MACHINE=properties)
    board.refused(loaded, "no verdict came in 1 seconds$", title)
    said(loaded, title, f"was at {board.entry():#x}, in ", f", in {mode}", "holds no console", "0 bytes came on the console", "it means: the core is in the image", "try: DTB=")
    tap.ok("reset by peer" not in loaded.said, f"{title}: no connection is blamed", loaded.tail)

if board.SHORT:
    shutil.rmtree(folder)
    tap.done()

title = "load"
uart = board.call("load", INSTANCES=INSTANCES, CORES=4)
is_whole(uart, title)
said(uart, title, "load: written, and read back", "load: verified", f"load: started at {board.entry():#x}", "verdict is a pass")

title = "load, one core and boot arguments"
loaded = board.call("load", INSTANCES=1, CORES=1, APPEND="tables=dt nonsense=1")
tap.ok(loaded.status == 0 and not loaded.failure, f"{title}: passes", loaded.tail)
tap.ok(any("'nonsense=1' is ignored" in line for line in loaded.lines), f"{title}: they reach the firmware")
tap.equal([(r["description"], r["cores"], r["arch"]) for r in loaded.run.of("firmware")], [("dt", 1, firmware.ARCH_NAME)], f"{title}: and are followed")

title = "load, console in memory"
memory = board.call("load", INSTANCES=INSTANCES, CORES=4, CONSOLE="rtt")
is_whole(memory, title)
said(memory, title, "boot arguments: id=", "console=rtt")
kinds = [r["record"] for r in memory.run.records]


def fixed(loaded):
    """The devices decide how many events there are."""
    return sorted(r["record"] for r in loaded.run.records if r["record"] != "event")


tap.ok(fixed(memory) == fixed(uart), f"{title}: every record of the UART's report is there", [fixed(memory), fixed(uart)])
tap.equal(memory.run.lines[0], "smmu-bringup 0.1.0 on qemu-virt", f"{title}: from the first line")
tap.equal((kinds[0], kinds[-1]), ("firmware", "verdict"), f"{title}: to the last")

# However late OpenOCD reads, all that the firmware wrote before it turned the machine off is there.
title = "load, console in memory that is read too late"
LATE = """proc bringup_rtt {address port} {
	targets $::BRINGUP_MEMORY
	rtt setup $address 64 {SEGGER RTT}
	while {![string match {*Control block found*} [capture {rtt start}]]} {sleep 100}
	rtt polling_interval 100000000
	rtt server start $port 0
}"""
late = board.call("load", INSTANCES=INSTANCES, CORES=4, CONSOLE="rtt", OPENOCD_EXTRA=f"'{LATE}'")
is_whole(late, title)
tap.ok(fixed(late) == fixed(uart), f"{title}: every record of the UART's report is there", [fixed(late), fixed(uart)])

title = "load, CONSOLE=none"
loaded = board.call("load", INSTANCES=INSTANCES, CONSOLE="none", ELF=ends)
tap.equal(loaded.status, 0, f"{title}: succeeds")
said(loaded, title, "load: verified", "load: started", "no verdict was looked for")
tap.equal(loaded.run.of("verdict"), [], f"{title}: and shows none")

# --- A console that others have written to before. ---

PASSED = '{"record":"verdict","result":"pass","reason":null}\n'


def report(name):
    return f'{{"record":"firmware","name":"smmu-bringup","id":{name}}}\n' + PASSED


def loads_with(title, before, meanwhile, status, words):
    """
    `make load` with a file as its console. What writes to it stands in for a terminal program: `before` is there when the load
    begins, `meanwhile` comes once it does, ID being the name that the load gave. The image itself says nothing, and turns the machine off.
    """
    there = firmware.work_folder("console")
    path = os.path.join(there, "serial.log")

    def write(text, mode="a"):
        with open(path, mode, encoding="ascii") as file:
            file.write(text)

    write(before, "w")
    process = board.start("load", folder=there, CORES=1, INSTANCES=1, CONSOLE=path, ELF=ends)
    name = None
    while not name and (line := process.stdout.readline()):
        name = re.search(rb"boot arguments: .*id=(\S+)", line)
    write(meanwhile.replace("ID", name[1].decode() if name else "?"))
    loaded = board.finish(process, there)
    tap.equal(loaded.status, status, f"{title}: exit status")
    tap.ok(words in loaded.said, f"{title}: says {words!r}", loaded.tail)
    shutil.rmtree(there)


loads_with("a file with yesterday's pass", report('"old"'), report('"other"'), 1, "ended without a verdict of this run")
loads_with("a file with yesterday's pass, and today's", report('"old"') + report('"ID"'), report('"other"') + report('"ID"'), 0, "the verdict is a pass")

# --- What goes wrong. ---

title = "memory that does not keep what is written"
broken = "{proc bringup_get {file address size} { mww [expr {$address + 64}] 0x5a5a5a5a; dump_image $file $address $size }}"
loaded = board.call("load", OPENOCD_EXTRA="'" + broken[1:-1] + "'", ELF=ends)
board.refused(loaded, r"0x40200040 differs from what was written: nothing was started", title)
tap.equal(loaded.run.lines, [], f"{title}: and it was not")

title = "another chip"
loaded = board.call("load", BRIDGE_EXTRA="--idcode 0x12345677")
board.refused(loaded, r"another one \(IDCODE\)", title)

for title, file in (("the bridge dies half-way", "bridge.pid"), ("QEMU dies half-way", "run/qemu.pid")):
    there = firmware.work_folder("openocd")
    process = board.start("load", folder=there, CORES=4)
    began = board.wait_until(lambda: re.search(r"(target|virt\.cpu0) halted", board.read(os.path.join(there, "openocd.log"))))
    board.kill(os.path.join(there, file))
    loaded = board.finish(process, there)
    tap.ok(began, f"{title}: after the load began")
    board.refused(loaded, "OpenOCD", title)
    shutil.rmtree(there)

title = "an image whose code is damaged"
damaged = board.Image().put("iommu_register", *UNDEFINED).write(os.path.join(folder, "damaged.elf"))
loaded = board.call("load", ELF=damaged, INSTANCES=1, CORES=1)
board.refused(loaded, "the verdict is no pass: .*undefined instruction", title)

# --- A console that stays silent. ---

title = "an image that leaves itself"
AWAITED = f"""rename bringup_look look
proc bringup_look {{}} {{
	bringup_attach
	while {{[expr {{[dict get [get_reg pc] pc] - {board.entry()}}}] in {{0 4}}}} {{ resume; sleep 20; bringup_attach }}
	look
}}"""
loaded = board.call("load", ELF=leaves, TIMEOUT=1, CORES=1, OPENOCD_EXTRA=f"'{AWAITED}'")
board.refused(loaded, "no verdict came in 1 seconds$", title)
said(loaded, title, "not in the image, which is from", "it means: the core has left the image", "try: the boot loader's watchdog")

title = "a report that does not come on the console that is listened to"
silent = os.path.join(folder, "silent.log")
open(silent, "w", encoding="ascii").close()
loaded = board.call("load", CONSOLE=silent, INSTANCES=1, CORES=1)
board.refused(loaded, "the console ended without a verdict$", title)
said(loaded, title, "0 bytes came on the console", "it means: the firmware runs and reports", "memory says: {\"record\":\"verdict\",\"result\":\"pass\"", "try: CONSOLE=rtt")

whole = bytes(board.Image().bytes)
machine_at = 18
for title, data, words in (
    ("no ELF", whole[:100].replace(b"ELF", b"FLE"), "is no little-endian ELF"),
    ("a big-endian ELF", whole[:5] + b"\2" + whole[6:], "is no little-endian ELF"),
    ("an ELF that is cut off", whole[:100], "is an ELF that is cut off"),
    ("an ELF of another processor", whole[:machine_at] + b"\x3e\0" + whole[machine_at + 2 :], "is an ELF for another processor"),
):
    changed = board.Image()
    changed.bytes = data
    board.refused(board.call("load", ELF=changed.write(os.path.join(folder, "no.elf"))), words, title)
board.refused(board.call("load", ELF=os.path.join(folder, "nothing.elf")), "cannot be read", "no file")
board.refused(board.call("load", "acme"), "no board acme", "no such board")
board.refused(board.call("load", OPENOCD="no-such-openocd"), "not installed", "no OpenOCD")
board.refused(board.call("load", APPEND="x" * 600), "600 bytes are more than the 491", "too many boot arguments")
board.refused(board.call("load", DTB=os.path.join(folder, "nothing.dtb")), "cannot be read", "no device tree")
board.refused(board.call("load", DTB=firmware.ELF, DTB_AT="0x48000000"), "is no device tree", "a device tree that is none")
tree = os.path.join(folder, "tree.dtb")
firmware.dump_device_tree(tree, INSTANCES=1, CORES=1)
with open(tree, "rb") as file:
    whole = file.read()


def damaged(name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


token = struct.unpack_from(">I", whole, 8)[0] + 8
for title, data, words in (
    ("a device tree that is cut off", whole[:-4], "damaged at byte 0x4: it is cut off"),
    ("a device tree that ends behind its header", whole[:40], "damaged at byte 0x4: it is cut off"),
    ("a device tree with a damaged token", whole[:token] + b"\0\0\0\x77" + whole[token + 4 :], f"damaged at byte {token:#x}, in node /: neither a node nor a property begins"),
):
    loaded = board.call("load", DTB=damaged("damaged.dtb", data), DTB_AT="0x48000000")
    board.refused(loaded, words + ": nothing was loaded|" + words + ".*: nothing was loaded", title)
    tap.equal(loaded.log, "", f"{title}: before OpenOCD is called")
# The last three: in the image's own memory, and where a core of this width has nothing.
BSS = f"{board.symbol('__bss_start') & ~7:#x}"
BEHIND = ("0x1000000000000", "0xfffffffffff8") if WIDE else ("0x148000000", "0xfffffff8")
for place in ("", "0", "somewhere", "0x48000004", "-8", BSS, *BEHIND):
    board.refused(board.call("load", DTB=tree, DTB_AT=place), "DTB_AT", f"a device tree for {place or 'nowhere'}")
if WIDE:
    title, high = "a device tree above 4 GiB", "0x180000000"
    # QEMU leaves room for a MiB, which takes JTAG a minute.
    subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dtb", "-o", tree, tree], check=True)
    loaded = board.call("load", ELF=ends, CONSOLE="none", CORES=1, INSTANCES=1, MEMORY="6G", DTB=tree, DTB_AT=high)
    tap.ok(loaded.status == 0, f"{title}: is loaded, and read back", loaded.tail)
    said(loaded, title, f"to {high}", "load: verified")
for name, value in (("TIMEOUT", "abc"), ("TIMEOUT", "-1"), ("CONSOLE", "bogus"), ("CONSOLE", "/nonexistent")):
    board.refused(board.call("load", **{name: value}), f"{name}={value}", f"{name}={value}")
board.refused(board.call("load", OPENOCD_EXTRA="'x"), "quotation", "an OPENOCD_EXTRA that is no list of words")
board.refused(board.call("load", INSTANCES=99), "did not start: .*INSTANCES", "an emulator that refuses")
usage = subprocess.run([board.LOAD, "lode", "qemu-virt"], capture_output=True, text=True, check=False)
tap.ok(usage.returncode == 1 and "usage:" in usage.stderr, "wrong usage is told", usage.stderr)
shutil.rmtree(folder)
tap.done()
