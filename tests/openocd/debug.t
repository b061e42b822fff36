# SPDX-License-Identifier: BSD-2-Clause
"""
The firmware under a debugger: gdb-multiarch on OpenOCD's gdb server halts, steps and stops at a named function; the console
in memory is dumped by its symbol; bus faults are told as such; every core has a debug unit of its own.
"""

import os
import re
import shutil
import socket
import struct
import subprocess

import board  # First: it tells where the modules below are.
import firmware
import machine
import tap

board.need()
INSTANCES = 3 if firmware.has_instances() else 1
RTT = board.symbol("_SEGGER_RTT")
HEAD, NAME, WRITTEN = 72, 16, 36  # The block has its name, counts and two rings, of which the first is written to WRITTEN; that ring's name and bytes follow.
THUMB = 0 if firmware.WIDE else 1


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def gdb(port, *commands, limit=firmware.LIMIT):
    words = ["gdb-multiarch", "-nx", "-batch", "-ex", f"set architecture {firmware.ARCH}", "-ex", "set remotetimeout 1200"]
    words += ["-ex", f"target remote 127.0.0.1:{port}"]
    for command in commands:
        words += ["-ex", command]
    try:
        done = subprocess.run(
            [*words, firmware.ELF], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit, check=False
        )
        said = done.stdout
    except subprocess.TimeoutExpired as expired:
        said = (expired.stdout or b"") + b"\ntest: gdb did not end"
    return said.decode(errors="replace")


# --- gdb. ---

title = "gdb"
# One core: of several, OpenOCD 0.12's gdb server shows whichever it noticed first.
probe = board.Probe(INSTANCES=INSTANCES, CORES=1)
tap.ok(probe.ready, f"{title}: the machine is there", probe.said())
port = free_port()
process = subprocess.Popen(
    ["openocd", "-f", os.path.join(firmware.ROOT, "platform/qemu-virt/openocd.cfg"), "-c", "init", "-c", "reset halt"],
    env=probe.openocd_environment(GDB_PORT=port), stdin=subprocess.DEVNULL,
    stdout=open(os.path.join(probe.folder, "openocd.log"), "wb"), stderr=subprocess.STDOUT, cwd=probe.folder,
)
board.wait_until(lambda: f"port {port}" in board.read(os.path.join(probe.folder, "openocd.log")))
# One on the second halfword of a word, where there is one: OpenOCD asks for the whole word of a 32-bit Thumb instruction.
NAMES = ("iommu_register", "bind_queue_work", "device_queue", "pgtable_map")
STOP = max(NAMES, key=lambda name: board.symbol(name) & 2)
dumped = os.path.join(probe.folder, "gdb.bin")
# Of targets of type aarch64, OpenOCD 0.12 computes no checksum.
compare = [] if firmware.WIDE else ["compare-sections"]
said = gdb(
    port, "load", *compare, f"hbreak {STOP}", "set $pc = &_start", "continue", "backtrace 2", "stepi",
    "stepi", "info registers pc", "delete", "hbreak boot_power_off", "continue", "x/s &_SEGGER_RTT",
    f"dump binary memory {dumped} {RTT:#x} {RTT + HEAD + NAME:#x}+*(unsigned int *){RTT + WRITTEN:#x}", "delete", "monitor resume",
)
if compare:
    tap.ok(re.search(r"Section \.text.*: matched", said) and "MIS-MATCHED" not in said, f"{title}: loads, and finds it there", said)
tap.ok(re.search(rf"Breakpoint 1, .*{STOP}", said), f"{title}: stops at a named function", said.splitlines())
tap.ok(re.search(r"#1 .* \(.*\) at \S+:\d+", said), f"{title}: and knows who called it", said.splitlines())
steps = re.search(r"(?m)^pc +0x([0-9a-f]+)", said)
start = board.symbol(STOP) & ~THUMB
tap.ok(steps and start <= int(steps[1], 16) < start + 64, f"{title}: steps an instruction at a time", steps and steps[0])
tap.ok('"SEGGER RTT"' in said, f"{title}: reads memory at a breakpoint at the end", said.splitlines()[-8:])
board.wait_until(lambda: firmware.has_verdict(probe.said()) or probe.process.poll() is not None)
tap.ok('"record":"verdict","result":"pass"' in probe.said(), f"{title}: and lets it go on to a pass", probe.said().splitlines()[-8:])
process.kill()
process.wait()

# --- The console in memory, afterwards. ---


def report(title, path):
    """The lines of the console in a dump that begins at its symbol."""
    memory = b"\0" * HEAD
    if os.path.exists(path):
        with open(path, "rb") as file:
            memory = file.read()
    tap.ok(memory.startswith(b"SEGGER RTT\0"), f"{title}: has the block's name")
    place, _, end, begin = struct.unpack_from("<4I", memory, 28)
    text = memory[place - RTT :][begin:end].decode(errors="replace") if place else ""
    run = firmware.Run(0, text)
    machine.sound_records(run, title)
    tap.equal(run.verdict.get("result"), "pass", f"{title}: holds the whole report")
    return text.splitlines()


title = "a dump of the console, by gdb"
uart = [line for line in probe.said().splitlines() if not line.startswith(("probe:", "run:"))]
memory = report(title, dumped)
tap.ok(memory == uart, f"{title}: word for word what the UART said", [len(memory), len(uart), uart[-3:]])
probe.close()


def dump(title, tree):
    """Runs with a device tree to where the machine would be turned off, and reads the console in memory by its symbol."""
    probe = board.Probe(INSTANCES=INSTANCES)
    end = board.symbol("boot_power_off") & ~THUMB
    status, log = probe.openocd(
        "reset halt", f"load_image {{{firmware.ELF}}}", f"load_image {{{tree}}} 0x48000000 bin", f"bp {end:#x} {4 if firmware.WIDE else 2} hw",
        f"bringup_start {board.entry():#x} 0x48000000", "wait_halt 1200000", "targets virt.axi",
        f"dump_image rtt.bin {RTT:#x} [expr {{{HEAD + NAME} + [lindex [virt.axi read_memory {RTT + WRITTEN:#x} 32 1] 0]}}]",
    )
    tap.ok(status == 0, f"{title}: is made by its symbol", [status] + log.splitlines()[-30:])
    lines = report(title, os.path.join(probe.folder, "rtt.bin"))
    probe.close()
    return lines


title = "no UART in the tables"
folder = firmware.work_folder("no-uart")
mute = os.path.join(folder, "mute.dtb")
firmware.dump_device_tree(mute, INSTANCES=INSTANCES)
subprocess.run(["fdtput", "-d", mute, "/chosen", "stdout-path"], check=True)
subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dtb", "-o", mute, mute], check=True)
memory = dump(title, mute)
told = [line for line in memory if f"_SEGGER_RTT ({RTT:#x})" in line]
tap.ok(told and "no console is described" in told[0], f"{title}: is told, and where the report is", memory[:5])
shutil.rmtree(folder)

# --- Cores and faults. ---

title = "four cores"
probe = board.Probe(INSTANCES=INSTANCES)
ask = "reg pc" if firmware.WIDE else "arm mrc 15 0 0 0 5"
status, log = probe.openocd("reset halt", *[f"targets virt.cpu{core}; {ask}" for core in range(4)])
tap.equal(status, 0, f"{title}: are examined and halted")
for core in range(4):
    tap.ok(f"virt.cpu{core}: hardware has" in log, f"{title}: core {core} has a debug unit of its own", log.splitlines())
numbers = [f"virt.cpu{core} cluster 0 core {core} " if firmware.WIDE else f"0x8000000{core}|{2**31 + core}" for core in range(4)]
tap.ok(all(re.search(number, log) for number in numbers), f"{title}: each says its MPIDR", log.splitlines())

if firmware.WIDE:
    places = re.findall(r"(?m)^pc \(/64\): (0x[0-9a-f]+)", log)
    tap.equal([int(place, 16) for place in places], [0] * 4, f"{title}: a reset is caught before the first instruction")

title = "bus faults"
last, hole = 0x0C000000 + 0x20000 * (INSTANCES - 1), 0x0C000000 + 0x20000 * INSTANCES
status, log = probe.openocd("targets virt.axi", f"mdw {last:#x}")
tap.ok(status == 0 and re.search(rf"{last:#010x}: (?!00000000)", log), f"{title}: an SMMU that is there answers", log)
for who, prepare in (("the bus", "targets virt.axi"), ("a core", "halt; targets virt.cpu0")):
    status, log = probe.openocd(prepare, f"mdw {hole:#x}")
    tap.ok(status != 0, f"{title}: an SMMU that is not there is an error by {who}", log.splitlines()[-6:])
    status, log = probe.openocd(prepare, f"mdw {0x40200000:#x}")
    tap.equal(status, 0, f"{title}: and the next access by {who} works")
probe.close()
tap.done()
