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
BLOCK = 24 + 24 + 16


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def gdb(port, *commands, limit=firmware.LIMIT):
    words = ["gdb-multiarch", "-nx", "-batch", "-ex", "set architecture arm", "-ex", "set remotetimeout 1200"]
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
said = gdb(
    port, "load", "compare-sections", "hbreak iommu_register", "set $pc = &_start", "continue", "backtrace 2", "stepi",
    "stepi", "info registers pc", "delete", "hbreak boot_power_off", "continue", "x/s &_SEGGER_RTT", "delete", "monitor resume",
)
tap.ok(re.search(r"Section \.text.*: matched", said) and "MIS-MATCHED" not in said, f"{title}: loads, and finds it there", said)
tap.ok(re.search(r"Breakpoint 1, .*iommu_register", said), f"{title}: stops at a named function", said.splitlines())
tap.ok(re.search(r"#1 .*(register_one|register_all|main)", said), f"{title}: and knows who called it", said.splitlines())
steps = re.search(r"(?m)^pc +0x([0-9a-f]+)", said)
start = board.symbol("iommu_register") & ~1
tap.ok(steps and start <= int(steps[1], 16) < start + 64, f"{title}: steps an instruction at a time", steps and steps[0])
tap.ok('"SEGGER RTT"' in said, f"{title}: reads memory at a breakpoint at the end", said.splitlines()[-8:])
board.wait_until(lambda: firmware.has_verdict(probe.said()) or probe.process.poll() is not None)
tap.ok('"record":"verdict","result":"pass"' in probe.said(), f"{title}: and lets it go on to a pass", probe.said().splitlines()[-8:])
process.kill()
process.wait()
probe.close()

# --- The console in memory, afterwards. ---

def dump(title, *prepare):
    """Runs to where the machine would be turned off, and reads the console in memory: its text, and what the UART said."""
    probe = board.Probe(INSTANCES=INSTANCES)
    end = board.symbol("boot_power_off") & ~1
    status, log = probe.openocd(
        "reset halt", f"load_image {{{firmware.ELF}}}", *prepare, f"bp {end:#x} 2 hw", "arm core_state arm",
        f"resume {board.entry():#x}", "wait_halt 1200000", "targets virt.axi",
        f"dump_image rtt.bin {RTT:#x} {BLOCK + 0x80000:#x}",
    )
    tap.ok(status == 0, f"{title}: is made by its symbol", [status] + log.splitlines()[-30:])
    path = os.path.join(probe.folder, "rtt.bin")
    memory = open(path, "rb").read() if os.path.exists(path) else b"\0" * BLOCK
    tap.ok(memory.startswith(b"SEGGER RTT\0"), f"{title}: has the block's name")
    place, _, end, begin = struct.unpack_from("<4I", memory, 28)
    text = memory[place - RTT :][begin:end].decode(errors="replace") if place else ""
    uart = [line for line in probe.said().splitlines() if not line.startswith("probe:")]
    probe.close()
    run = firmware.Run(0, text)
    machine.sound_records(run, title)
    tap.equal(run.verdict.get("result"), "pass", f"{title}: holds the whole report")
    return text.splitlines(), uart


title = "a dump of the console"
memory, uart = dump(title)
tap.ok(memory == uart, f"{title}: word for word what the UART said")

title = "no UART in the tables"
folder = firmware.work_folder("no-uart")
mute = os.path.join(folder, "mute.dtb")
firmware.dump_device_tree(mute, INSTANCES=INSTANCES)
subprocess.run(["fdtput", "-d", mute, "/chosen", "stdout-path"], check=True)
subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dtb", "-o", mute, mute], check=True)
memory, uart = dump(title, f"load_image {{{mute}}} 0x48000000 bin", "reg r0 0", "reg r1 0", "reg r2 0x48000000")
told = [line for line in memory if f"_SEGGER_RTT ({RTT:#x})" in line]
tap.ok(told and "no console is described" in told[0], f"{title}: is told, and where the report is", memory[:5])
shutil.rmtree(folder)

# --- Cores and faults. ---

title = "four cores"
probe = board.Probe(INSTANCES=INSTANCES)
status, log = probe.openocd("reset halt", *[f"targets virt.cpu{core}; arm mrc 15 0 0 0 5" for core in range(4)])
tap.equal(status, 0, f"{title}: are examined and halted")
for core in range(4):
    tap.ok(f"virt.cpu{core}: hardware has" in log, f"{title}: core {core} has a debug unit of its own", log.splitlines())
tap.ok(all(f"0x8000000{core}" in log or f"{2**31 + core}" in log for core in range(4)), f"{title}: each says its MPIDR", log)

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
