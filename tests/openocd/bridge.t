# SPDX-License-Identifier: BSD-2-Clause
"""
The bridge between OpenOCD and QEMU is tried: its parts by themselves, and then as a whole, with the stock OpenOCD on
one side and QEMU on the other.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types

sys.dont_write_bytecode = True  # Nothing is left behind among the sources.
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "qemu"), os.path.join(HERE, "bridge")]

import bus
import debugunit
import firmware
import gdbstub
import jtag
import jtagdp
import memap
import runcontrol
import tap
from bitbang import Bitbang

BRIDGE = os.path.join(HERE, "bridge")
CONFIGURATION = os.path.join(firmware.ROOT, "platform/qemu-virt/openocd.cfg")
IDCODE = 0x4BA00477

# --- the parts ---------------------------------------------------------------------------------------------------


class Probe:
    """Speaks remote_bitbang as OpenOCD does, to a TAP over a debug port with the given access ports."""

    def __init__(self, aps=None):
        self.resets = []
        self.tap = jtag.Tap(jtagdp.JtagDp(aps or {}), IDCODE)
        self.pins = Bitbang(self.tap, self.resets.append)
        self.walk("111110")

    def walk(self, tms):
        self.pins.exchange("".join(f"{2 * int(bit)}{4 + 2 * int(bit)}" for bit in tms).encode())

    def shift(self, value, count):
        """Within a Shift state, left with the last bit; what came out."""
        request = ""
        for bit in range(count):
            pins = 2 * (bit == count - 1) + (value >> bit & 1)
            request += f"{pins}R{4 + pins}"
        return int(self.pins.exchange(request.encode())[::-1].decode(), 2)

    def scan_ir(self, instruction):
        self.walk("1100")
        captured = self.shift(instruction, 4)
        self.walk("10")
        return captured

    def scan_dr(self, value, count):
        self.walk("100")
        captured = self.shift(value, count)
        self.walk("10")
        return captured

    def access(self, instruction, register, value=0, reads=False):
        """An access, and what the scan after it finds: (data, acknowledge)."""
        self.scan_ir(instruction)
        self.scan_dr(value << 3 | register >> 1 & 6 | reads, 35)
        self.scan_ir(jtagdp.DPACC)
        captured = self.scan_dr(0xC >> 1 | 1, 35)
        return captured >> 3, captured & 7

    def write_dp(self, register, value):
        self.access(jtagdp.DPACC, register, value)

    def read_dp(self, register):
        return self.access(jtagdp.DPACC, register, reads=True)[0]

    def write_ap(self, register, value):
        self.write_dp(jtagdp.SELECT, register & 0xF0)
        self.access(jtagdp.APACC, register & 0xF, value)

    def read_ap(self, register):
        self.write_dp(jtagdp.SELECT, register & 0xF0)
        return self.access(jtagdp.APACC, register & 0xF, reads=True)[0]


class FakeBus:
    """Memory with nothing at 0xDEAD0000 and above, and a record of what was done."""

    def __init__(self):
        self.bytes = {}
        self.log = []

    def check(self, address):
        if address >= 0xDEAD0000:
            raise bus.BusFault(hex(address))

    def read(self, address, size):
        self.check(address)
        self.log.append(("read", address, size))
        return int.from_bytes(bytes(self.bytes.get(address + i, 0) for i in range(size)), "little")

    def write(self, address, size, value):
        self.check(address)
        self.log.append(("write", address, size, value))
        self.bytes.update((address + i, byte) for i, byte in enumerate(value.to_bytes(size, "little")))

    def read_bytes(self, address, count):
        self.log.append(("read", address, count))
        return bytes(self.bytes.get(address + i, 0) for i in range(count))


def try_states():
    """A reset by TMS from each state, and the way through both scans by name."""
    lost = []
    for state in jtag.NEXT:
        probe = Probe()
        probe.tap.state = state
        probe.walk("11111")
        lost += [state] if probe.tap.state != jtag.TEST_LOGIC_RESET else []
    tap.equal(lost, [], "TAP: five clocks with TMS high reset it, from each of its 16 states")
    way, probe = [], Probe()
    for bit in "100101011" "1100101011" "0":
        probe.walk(bit)
        way.append(probe.tap.state)
    wanted = [
        jtag.SELECT_DR, jtag.CAPTURE_DR, jtag.SHIFT_DR, jtag.EXIT1_DR, jtag.PAUSE_DR, jtag.EXIT2_DR, jtag.SHIFT_DR,
        jtag.EXIT1_DR, jtag.UPDATE_DR, jtag.SELECT_DR, jtag.SELECT_IR, jtag.CAPTURE_IR, jtag.SHIFT_IR, jtag.EXIT1_IR,
        jtag.PAUSE_IR, jtag.EXIT2_IR, jtag.SHIFT_IR, jtag.EXIT1_IR, jtag.UPDATE_IR, jtag.RUN_TEST_IDLE,
    ]
    tap.equal(way, wanted, "TAP: two scans with pauses go through the states of IEEE 1149.1")


def try_scans():
    probe = Probe()
    tap.equal(probe.scan_dr(0, 32), IDCODE, "TAP: after a reset the data register is IDCODE")
    tap.equal(probe.scan_ir(jtag.BYPASS), 0b0001, "TAP: Capture-IR gives 01 in the lowest bits")
    tap.equal(probe.scan_dr(0b1011_0110, 9), 0b1_0110_1100, "TAP: BYPASS is one bit that captures 0")
    probe.scan_ir(0b0101)
    tap.equal(probe.scan_dr(0b111, 4), 0b1110, "TAP: an instruction that is not there is BYPASS")
    probe.pins.exchange(b"t")
    tap.equal((probe.tap.state, probe.resets[-1]), (jtag.TEST_LOGIC_RESET, False), "TRST resets the TAP, and no more")
    probe.pins.exchange(b"s")
    tap.equal(probe.resets[-1], True, "SRST is told to the machine")
    probe.walk("0100")
    slow = [probe.pins.exchange(character.encode()) for bit in range(31) for character in ("0", "R", "4")]
    tap.equal(int(b"".join(slow)[::-1].decode(), 2), IDCODE & 0x7FFFFFFF, "characters may come one at a time")


def try_debug_port():
    fake = FakeBus()
    probe = Probe({0: memap.MemAp(fake, memap.AXI_IDR)})
    requests = jtagdp.CDBGPWRUPREQ | jtagdp.CSYSPWRUPREQ
    probe.write_dp(jtagdp.CTRL_STAT, requests)
    tap.equal(probe.read_dp(jtagdp.CTRL_STAT), requests | requests << 1, "DP: each power-up request is acknowledged")
    tap.equal(probe.access(jtagdp.DPACC, 8, reads=True)[1], 0b010, "DP: the acknowledge is OK")
    tap.equal(probe.read_ap(memap.IDR), memap.AXI_IDR, "DP: SELECT.APBANKSEL reaches the AP's last registers")
    probe.write_dp(jtagdp.SELECT, 0x05000000)
    tap.equal(probe.access(jtagdp.APACC, 0xC, reads=True)[0], 0, "DP: an AP that is not there reads as 0")
    probe.write_ap(memap.TAR, 0xDEAD0000)
    probe.write_ap(memap.DRW, 1)
    tap.ok(probe.read_dp(jtagdp.CTRL_STAT) & jtagdp.STICKYERR, "DP: a bus fault sets STICKYERR")
    probe.write_ap(memap.TAR, 0x1000)
    probe.write_ap(memap.DRW, 1)
    tap.equal(fake.log, [], "DP: while it is set, no AP is reached")
    probe.write_dp(jtagdp.CTRL_STAT, requests)
    tap.ok(probe.read_dp(jtagdp.CTRL_STAT) & jtagdp.STICKYERR, "DP: writing 0 does not clear it")
    probe.write_dp(jtagdp.CTRL_STAT, requests | jtagdp.STICKYERR)
    tap.equal(probe.read_dp(jtagdp.CTRL_STAT) & jtagdp.STICKYERR, 0, "DP: writing 1 clears it")
    probe.write_ap(memap.TAR, 0x1000)
    probe.write_ap(memap.DRW, 0x11223344)
    tap.equal(fake.log, [("write", 0x1000, 4, 0x11223344)], "DP: then accesses arrive again")


def try_memory_port():
    fake = FakeBus()
    ap = memap.MemAp(fake, memap.AXI_IDR)
    for size, written, wanted in ((0, 0xAABBCCDD, (0xBB, 1)), (1, 0xAABBCCDD, (0xAABB, 2)), (2, 0xAABBCCDD, None)):
        ap.write(memap.CSW, size)
        ap.write(memap.TAR, 0x2000 if wanted is None else 0x2002)
        ap.write(memap.DRW, written)
        value, count = wanted or (0xAABBCCDD, 4)
        tap.equal(fake.log[-1][2:], (count, value), f"MEM-AP: CSW.Size {size} writes {count} bytes, from their lane")
        fake.log.clear()
    ap.write(memap.CSW, 0)
    ap.write(memap.TAR, 0x2003)
    tap.equal(ap.read(memap.DRW), 0xAA000000, "MEM-AP: a byte is read into its lane")
    ap.write(memap.CSW, 3)
    tap.equal(ap.read(memap.CSW) & 7, 2, "MEM-AP: a size that it does not have reads back as a word's")
    ap.write(memap.CSW, 2 | 0x20)
    tap.equal(ap.read(memap.CSW) & 0x30, 0, "MEM-AP: packed transfers read back as not there")
    try_increment(ap, fake)
    try_banked(ap, fake)


def try_increment(ap, fake):
    ap.write(memap.CSW, 2 | memap.ADDRINC_SINGLE)
    ap.write(memap.TAR, 0x17F8)
    fake.log.clear()
    for value in range(3):
        ap.write(memap.DRW, value)
    wanted = [0x17F8, 0x17FC, 0x1400]
    tap.equal([entry[1] for entry in fake.log], wanted, "MEM-AP: the address is incremented, and wraps at 1 KiB")
    ap.write(memap.CSW, 1 | memap.ADDRINC_SINGLE)
    ap.write(memap.TAR, 0x2000)
    ap.read(memap.DRW)
    tap.equal(ap.read(memap.TAR), 0x2002, "MEM-AP: it is incremented by the size, on reads too")
    ap.write(memap.CSW, 2)
    ap.read(memap.DRW)
    tap.equal(ap.read(memap.TAR), 0x2002, "MEM-AP: without AddrInc it stays")


def try_banked(ap, fake):
    ap.write(memap.TAR, 0x3008)
    fake.log.clear()
    ap.write(memap.BD0 + 4, 0x55)
    value = ap.read(memap.BD3)
    tap.equal(
        (fake.log, value, ap.read(memap.TAR)),
        ([("write", 0x3004, 4, 0x55), ("read", 0x300C, 4)], 0, 0x3008),
        "MEM-AP: banked data registers reach the four words around TAR, which stays",
    )


MEMORY_MAP = """FlatView #0
 AS "I/O", root: io
 Root memory region: io
  0000000000000000-000000000000ffff (prio 0, i/o): io

FlatView #1
 AS "memory", root: system
 AS "cpu-memory-0", root: system
 Root memory region: system
  0000000009000000-0000000009000fff (prio 0, i/o): pl011
  0000000040000000-000000005fffffff (prio 0, ram): mach-virt.ram%s

FlatView #2
 AS "nvme", root: bus master container
  000000000d000000-000000000d000fff (prio 0, i/o): what a device alone sees
"""


def try_bus():
    """A map that grows while the bus is used."""
    texts = ["", "\n  0000000060000000-0000000060000fff (prio 1, i/o): a BAR"]
    maps = []

    def read_map():
        maps.append(bus.parse_memory_map(MEMORY_MAP % texts[min(len(maps), 1)]))
        return maps[-1]

    machine = bus.Bus(FakeBus(), read_map, lambda: None)
    tap.equal(maps[0], [(0x9000000, 0x9000FFF, False), (0x40000000, 0x5FFFFFFF, True)], "bus: the map is that of the CPUs")
    machine.write(0x9000000, 4, 1)
    machine.read(0x60000000, 4)
    tap.equal(len(maps), 2, "bus: it is read again before a fault, and what has come since answers")
    faults = []
    for address, size in ((0x0, 4), (0xD000000, 4), (0x9000FFE, 4), (0x8FFFFFF, 2), (0x60001000, 1)):
        with contextlib.suppress(bus.BusFault):
            machine.read(address, size)
            faults.append(hex(address))
    tap.equal(faults, [], "bus: nothing answers beside the ranges, nor across their ends")


def try_reading_ahead():
    """Reads ahead from RAM only, and only while nothing can have changed it."""
    fake, still = FakeBus(), [1]
    machine = bus.Bus(fake, lambda: bus.parse_memory_map(MEMORY_MAP % ""), lambda: still[0])

    def reads(*addresses):
        """What was asked for of the machine by these reads of words, and what they gave."""
        fake.log.clear()
        values = [machine.read(address, 4) for address in addresses]
        return [entry[1:] for entry in fake.log if entry[0] == "read"], values

    tap.equal(reads(0x40000000, 0x40000004, 0x400003FC), ([(0x40000000, 1024)], [0, 0, 0]), "reading ahead: a KiB at once")
    tap.equal(reads(0x400003FE, 0x5FFFFFFC)[0], [(0x400003FE, 1024), (0x5FFFFFFC, 4)], "reading ahead: over its end again, and not over RAM's")
    reads(0x40000000)
    machine.write(0x40000004, 4, 7)
    tap.equal(reads(0x40000000, 0x40000004)[1], [0, 7], "reading ahead: what is written is read")
    fake.bytes[0x40000004], still[0] = 9, 2
    tap.equal(reads(0x40000004)[1], [9], "reading ahead: what a core wrote, too, that has run meanwhile")
    fake.bytes[0x40000004], still[0] = 10, None
    tap.equal(reads(0x40000004, 0x40000004), ([(0x40000004, 4)] * 2, [10, 10]), "reading ahead: not in a machine that runs")
    still[0] = 2
    tap.equal(reads(0x9000000, 0x9000000)[0], [(0x9000000, 4)] * 2, "reading ahead: nor of a device")


def try_breakpoint_instructions():
    planted = [(4, 0xE1200070), (4, 0xE1200171), (2, 0xBE11), (4, 0xBE11BE11), (4, 0xD4400220), (2, 0xBA91)]
    plain = [(4, 0xE12FFF1E), (4, 0xE59BBE11), (2, 0x4770), (1, 0xBE), (4, 0xE1A00000), (4, 0xD4000001)]
    found = [debugunit.is_breakpoint_instruction(size, value) for size, value in planted + plain]
    tap.equal(found, [True] * 6 + [False] * 6, "BKPT and HLT are told from other instructions")


# QEMU's gdbstub, of which a step takes that many seconds of the processor's time, or none comes to its end.
STUB = """import re, socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
link = listener.accept()[0]
while received := link.recv(4096):
    for body in re.findall(rb"\\x03|[$]([^#]*)#..", received):
        end = time.monotonic() + float(sys.argv[2])
        while body.startswith(b"vCont;s") and time.monotonic() < end:
            pass
        answer = {b"": b"T02", b"qfThreadInfo": b"m1"}.get(body, b"l")
        if not body.startswith(b"vCont;s") or float(sys.argv[2]):
            link.sendall(b"+$%s#00" % (b"T05" if body.startswith(b"vCont;s") else answer))
"""


def steps(seconds):
    """Whether the bridge takes an instruction for executed."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "gdb")
        with subprocess.Popen([sys.executable, "-c", STUB, path, str(seconds)]) as process:
            stub = gdbstub.GdbStub(path)
            quiet = types.SimpleNamespace(drain=lambda: None, wake=lambda: None)
            found = runcontrol.RunControl(stub, 1, quiet, lambda core: contextlib.nullcontext()).step_alone(0)
            process.kill()
    return found


def try_slow_core():
    tap.equal(steps(1), True, "a core that takes a second for a step has executed it")
    tap.equal(steps(0), False, "one that does not step while QEMU rests has not")


for attempt in (try_states, try_scans, try_debug_port, try_memory_port, try_bus, try_reading_ahead, try_breakpoint_instructions, try_slow_core):
    attempt()

# --- with OpenOCD and QEMU ---------------------------------------------------------------------------------------

CORES = 4
PROGRAM, WORK, LOOP, TWO = 0x41000000, 0x41000028, 0x41000040, 0x41000050
ARRIVED, PASSED = PROGRAM + 0x800, PROGRAM + 0x900  # A word for each core: it is in its loop; what it counted when it passed by TWO.
# Turns the other cores on by PSCI; then each counts in r8, with its number in r7, and core 2 passes by TWO.
CODE = [
    0xE3A04001,  # start: mov r4, #1
    0xE59F0050,  # next:  ldr r0, psci
    0xE1A01004,  #        mov r1, r4
    0xE28F2014,  #        adr r2, work
    0xE1A03004,  #        mov r3, r4
    0xE1400070,  #        hvc #0
    0xE2844001,  #        add r4, r4, #1
    0xE3540004,  #        cmp r4, #4
    0x1AFFFFF7,  #        bne next
    0xE3A00000,  #        mov r0, #0
    0xE1A07000,  # work:  mov r7, r0
    0xE3A08000,  #        mov r8, #0
    0xE3A0B441,  #        mov r11, #0x41000000
    0xE08BA107,  #        add r10, r11, r7, lsl #2
    0xE3A0B001,  #        mov r11, #1
    0xE58AB800,  #        str r11, [r10, #0x800]
    0xE2888001,  # loop:  add r8, r8, #1
    0xE3570002,  #        cmp r7, #2
    0x0A000000,  #        beq two
    0xEAFFFFFB,  #        b loop
    0xE1A06008,  # two:   mov r6, r8
    0xE58A6900,  #        str r6, [r10, #0x900]
    0xEAFFFFF8,  #        b loop
    0x84000003,  # psci:  CPU_ON
]
FLASH_SIZE = 64 << 20
AT_RESET = bytes.fromhex("010080e2fdffffea")  # add r0, r0, #1; b 0: a core that has run has counted.
HOLE = 0x0D000000
QUICK = firmware.LIMIT


def wait_until(condition, limit=QUICK):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Bench:
    """QEMU, the bridge, and OpenOCD when asked, in a folder of their own. Sockets have short names within it."""

    def __init__(self, qemu, arguments=(), bridge=()):
        self.folder = firmware.work_folder("bridge")
        with open(self.path("flash"), "wb") as flash:
            flash.write(AT_RESET)
            flash.truncate(FLASH_SIZE)
        self.qemu = self.start([qemu, *self.machine(), *arguments], "qemu.log")
        self.bridge = self.start([sys.executable, BRIDGE, *self.sockets(), *bridge], "bridge.log")
        wait_until(lambda: self.says_ready() or self.bridge.poll() is not None or self.qemu.poll() is not None)
        self.is_ready = self.says_ready()

    def says_ready(self):
        return "bridge ready" in self.text("bridge.log")

    @staticmethod
    def machine():
        return [
            "-m", "512M", "-nic", "none", "-display", "none", "-monitor", "none", "-serial", "file:console", "-S",
            "-accel", "tcg", "-qtest", "unix:qtest,server=on,wait=off", "-qtest-log", "none",
            "-chardev", "socket,id=gdb,path=gdb,server=on,wait=off", "-gdb", "chardev:gdb",
            "-drive", "if=pflash,unit=0,format=raw,file=flash",
        ]

    @staticmethod
    def sockets():
        return ["--qtest", "qtest", "--gdb", "gdb", "--listen", "rbb"]

    def path(self, name):
        return os.path.join(self.folder, name)

    def text(self, name):
        with contextlib.suppress(FileNotFoundError), open(self.path(name), encoding="latin1") as file:
            return file.read()
        return ""

    def bytes(self, name):
        with contextlib.suppress(FileNotFoundError), open(self.path(name), "rb") as file:
            return file.read()
        return b""

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def start(self, command, log):
        with open(self.path(log), "wb") as output:
            return subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def command(self, commands, cores, files):
        self.environment = {**os.environ, "RBB": "rbb", "CORES": str(cores)}
        words = [word for file in files for word in ("-f", file)]
        return ["openocd", *words, *(word for command in commands for word in ("-c", command)), "-c", "shutdown"]

    def openocd(self, *commands, cores=CORES, files=(CONFIGURATION,), limit=QUICK):
        """(Status, output); the status is None if a limit ended it."""
        command = self.command(commands, cores, files)
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, timeout=limit, check=False, text=True,
            )
            return done.returncode, done.stdout
        except subprocess.TimeoutExpired as expired:
            return None, (expired.stdout or b"").decode(errors="replace")

    def end(self):
        for process in (self.bridge, self.qemu):
            if process.poll() is None:
                process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(QUICK)
                continue
            process.kill()
            process.wait()
        shutil.rmtree(self.folder)


@contextlib.contextmanager
def bench(*arguments, **settings):
    made = Bench(*arguments, **settings)
    try:
        yield made
    finally:
        made.end()


def check(result, patterns, name, status=0):
    """OpenOCD ended with this status, and printed each of the patterns, in this order."""
    found, at = [], 0
    for pattern in patterns:
        match = re.compile(pattern, re.M).search(result[1], at)
        found.append(bool(match))
        at = match.end() if match else at
    missing = [pattern for pattern, there in zip(patterns, found) if not there]
    lines = [line for line in result[1].splitlines() if not line.startswith("Info :")][-40:]
    return tap.ok(result[0] == status and not missing, name, [f"status {result[0]}", f"missing {missing}", *lines])


# A busy host runs the cores when it likes: each wait ends with its condition, and the test's limit ends endless ones.
WAITS = f"""
proc value {{register}} {{return [lindex [reg $register] end]}}
proc word {{address}} {{return [virt.axi read_memory $address 32 1]}}
proc run_until {{condition}} {{
	while {{1}} {{
		resume
		sleep 20
		halt
		if {{[uplevel #0 [list expr $condition]]}} break
	}}
}}
proc wait_for_cores {{}} {{
	for {{set core 0}} {{$core < 4}} {{incr core}} {{
		while {{[word [expr {{{ARRIVED} + 4 * $core}}]] != 1}} {{sleep 20}}
	}}
}}
proc wait_for_passes {{core count}} {{
	for {{set seen [word [expr {{{PASSED} + 4 * $core}}]]}} {{$count > 0 && [virt.cpu$core curstate] eq "running"}} {{sleep 20}} {{
		set now [word [expr {{{PASSED} + 4 * $core}}]]
		if {{$now != $seen}} {{incr count -1}}
		set seen $now
	}}
}}
"""

# After these, each core is in its loop. A breakpoint at WORK has seen the last of them being turned on.
START = (
    WAITS,
    "init",
    "reset halt",
    "load_image program.bin 0x41000000 bin",
    f"mww {ARRIVED:#x} 0 4",
    "arm core_state arm",
    "resume 0x41000000",
    "wait_for_cores",
)


def try_connecting(here):
    result = here.openocd("init", "targets", "virt.dap info 1")
    seen = [rf"virt\.cpu{core}: hardware has 6 breakpoints, 4 watchpoints" for core in range(CORES)]
    check(result, seen, "OpenOCD finds a debug unit for each core by the ROM table")
    tap.ok("UNEXPECTED" not in result[1], "the IDCODE is the one that is expected", result[1])
    result = here.openocd("adapter srst delay 50", "init", "reset halt", "reg pc", "reg r0")
    seen = [r"^pc \(/32\): 0x00000000", r"^r0 \(/32\): 0x00000000"]
    check(result, seen, "reset halt: at the reset vector, though OpenOCD lets the core run for 50 ms")
    result = here.openocd(WAITS, "init", "reset halt", "run_until {[value r0] != 0}", "reg r0")
    tap.ok(result[0] == 0 and not re.search(r"^r0 .*: 0x00000000", result[1], re.M), "resume: the core runs", result[1])


def try_loading(here):
    image = os.urandom(0x4321)
    here.write("image", image)
    here.write("wrong", image[:0x4000] + bytes([image[0x4000] ^ 1]) + image[0x4001:])
    check(
        here.openocd("init", "reset halt", "load_image image 0x41100000 bin", "verify_image image 0x41100000 bin",
                     f"dump_image back 0x41100000 {len(image)}"),
        [r"downloaded 17185 bytes", r"verified 17185 bytes", r"dumped 17185 bytes"],
        "cortex_a: an image is loaded, verified by code on the core, and dumped",
    )
    tap.ok(here.bytes("back") == image, "cortex_a: what was dumped is what was loaded")
    check(here.openocd("init", "halt", "verify_image wrong 0x41100000 bin"), [r"checksum mismatch|diff 0"],
          "cortex_a: a wrong bit is found", status=1)
    check(
        here.openocd("init", "targets virt.axi", "load_image image 0x41200000 bin",
                     f"dump_image back2 0x41200000 {len(image)}"),
        [r"downloaded 17185 bytes", r"dumped 17185 bytes"], "mem_ap: an image is loaded and dumped",
    )
    tap.ok(here.bytes("back2") == image, "mem_ap: what was dumped is what was loaded")


def try_running(here):
    """Memory while the cores run, by each size."""
    check(
        here.openocd(*START, "virt.axi mww 0x41300000 0x11223344", "virt.axi mwh 0x41300006 0x5566",
                     "virt.axi mwb 0x41300005 0x77", "virt.axi mdw 0x41300000 2", "virt.axi mdb 0x41300001",
                     "virt.axi mdh 0x41300002", "virt.axi mdw 0x09000fe0", "echo [virt.cpu0 curstate]"),
        ["0x41300000: 11223344 55667700", "0x41300001: 33", "0x41300002: 1122", "0x09000fe0: 00000011", "^running"],
        "mem_ap: words, halfwords, bytes and a device, while the cores run",
    )


def try_halting(here):
    reads = [command for core in range(CORES) for command in (f"targets virt.cpu{core}", "reg r7")]
    result = here.openocd(*START, "halt", *reads)
    seen = [rf"^r7 \(/32\): 0x0000000{core}" for core in range(CORES)]
    check(result, seen, "halt: each core shows its own registers")
    result = here.openocd(WAITS, "init", "targets virt.cpu1", "reg r8 0xfff", "reg r5 0x12345678",
                          "run_until {[value r8] > 0xfff}", "reg r5", "reg r8", "targets virt.cpu3", "reg r5")
    counts = [int(count, 16) for count in re.findall(r"^r8 \(/32\): (0x[0-9a-f]+)", result[1], re.M)]
    tap.ok(len(counts) == 2 and counts[1] > counts[0] == 0xFFF, "resume: the core went on from there", f"r8: {counts}")
    written = result[1].count("r5 (/32): 0x12345678")  # Once when it was set, and once after the core has run.
    tap.ok(written == 2, "resume: registers are written back, to no other core", result[1])


def try_stepping(here):
    result = here.openocd(*START, "halt", "targets virt.cpu1", f"reg pc {LOOP:#x}", "step", "reg pc", "step", "step",
                          "reg pc")
    check(result, [rf"^pc .*{LOOP:#010x}", rf"^pc .*{LOOP + 4:#010x}", rf"^pc .*{LOOP + 12:#010x}"],
          "step: one instruction of the core that is meant")


def method_of_entry(output):
    """DBGDSCR.MOE of each core: why it is halted."""
    return [int(dscr, 16) >> 2 & 15 for dscr in re.findall(r"^0x80[0-9a-f]10088: ([0-9a-f]{8})", output, re.M)]


def try_breakpoints(here):
    reads = [f"virt.apb mdw {0x80010088 + core * 0x100000:#x}" for core in range(CORES)]
    for kind, name, cause in ((" hw", "hardware", 1), ("", "software", 3)):
        result = here.openocd(*START, "halt", f"bp {TWO:#x} 4{kind}", "resume", "wait_halt 600000", *reads,
                              "targets virt.cpu2", "reg pc", f"rbp {TWO:#x}", f"mdw {TWO:#x}", "resume", "wait_for_passes 2 2",
                              "echo [virt.cpu2 curstate]", "halt")
        seen = ["due to breakpoint", rf"^pc .*{TWO:#010x}", rf"{TWO:#010x}: e1a06008", "^running"]
        check(result, seen, f"{name} breakpoint: a core halts at it; without it, it runs on")
        found = method_of_entry(result[1])
        # OpenOCD may restart core 0 when core 2 has halted again already, and halt it then.
        others = set(found) - {cause}
        knows = len(found) == CORES and found[2] == cause and found.count(cause) == 1 and others <= {0, 4}
        tap.ok(knows, f"{name} breakpoint: core 2 knows it, the others that they were halted with it", f"MOE: {found}")
    try_lonely_breakpoint(here)
    try_cp15(here)


def try_lonely_breakpoint(here):
    """Set in core 1's unit alone, where core 2 passes by: QEMU stops for it, and OpenOCD must not notice."""
    result = here.openocd(*START, f"virt.apb mww 0x80110100 {TWO:#x}", "virt.apb mww 0x80110140 0x1e7", "wait_for_passes 2 2",
                          "virt.apb mdw 0x80210088", "echo [virt.cpu2 curstate]", "halt", "targets virt.cpu2", "reg r6",
                          "virt.apb mww 0x80110140 0")
    check(result, ["^0x80210088: .......[26ae] ", "^running"], "a breakpoint of one core does not halt another")
    counts = [int(count, 16) for count in re.findall(r"^r6 \(/32\): (0x[0-9a-f]+)", result[1], re.M)]
    tap.ok(counts and counts[0] > 1, "which goes on", result[1])


def try_cp15(here):
    result = here.openocd(*START, "halt", "arm mcr 15 0 3 0 0 0x55555555", "resume", "sleep 50", "halt",
                          "echo dacr=[arm mrc 15 0 3 0 0]", "echo mpidr=[arm mrc 15 0 0 0 5]",
                          "echo vbar=[arm mrc 15 0 12 0 0]", "arm mcr 15 0 12 0 0 0x41000000",
                          "echo vbar=[arm mrc 15 0 12 0 0]")
    seen = [f"dacr={0x55555555}$", f"mpidr={0x80000000 - (1 << 32)}|mpidr={0x80000000}", "vbar=0$", f"vbar={PROGRAM}$"]
    check(result, seen, "CP15: registers are read and written, some of them by the core itself")


def try_watchpoint(here):
    here.write("store.bin", b"".join(word.to_bytes(4, "little") for word in (0xE2811001, 0xE5801004, 0xEAFFFFFC)))
    result = here.openocd("init", "reset halt", "load_image store.bin 0x41000000 bin", "reg r0 0x41400000",
                          "reg r1 0", "wp 0x41400004 4 w", "resume 0x41000000", "wait_halt 600000", "reg pc",
                          "virt.axi mdw 0x41400004", cores=1)
    check(result, ["due to watchpoint", r"^pc .*0x41000004", "0x41400004: 00000000"],
          "watchpoint: a store halts the core before it is done")


def try_faults(here):
    result = here.openocd("init", "reset halt", f"echo mem_ap:[catch {{virt.axi mdw {HOLE:#x}}}]",
                          f"echo mem_ap:[catch {{virt.axi mww {HOLE:#x} 1}}]", f"echo cpu:[catch {{mdw {HOLE:#x}}}]",
                          f"echo cpu:[catch {{mwb {HOLE:#x} 1}}]", "virt.axi mdw 0x09000fe0", "mdw 0x09000fe0",
                          "virt.axi mdw 0x10000000", "echo [arm mrc 15 0 5 0 0]")
    seen = ["STICKY ERROR", "mem_ap:-", "STICKY ERROR", "mem_ap:-", rf"data abort at {HOLE:#010x}, dfsr = 0x00000008",
            "cpu:-", "cpu:-", "0x09000fe0: 00000011", "0x09000fe0: 00000011", "0x10000000: ", "^0$"]
    check(result, seen, "an access to nothing is an error, by the mem_ap and by a core; the next is none again")


def try_flash(here):
    image = os.urandom(0x10000)
    here.write("nor", image)
    start = time.monotonic()
    result = here.openocd("init", "reset halt", "flash erase_sector 0 0 0", "flash write_image nor 0 bin",
                          "flash verify_image nor 0 bin")
    check(result, [r"wrote 65536 bytes", r"verified 65536 bytes"], "flash: 64 KiB are written and verified")
    tap.note(f"flash: {time.monotonic() - start:.1f} s")
    tap.ok(here.bytes("flash")[: len(image)] == image, "flash: they are in QEMU's file")


def try_losing_openocd(here):
    """Killed in the middle of a transfer; the next OpenOCD finds all in order."""
    here.write("image", os.urandom(1 << 20))
    commands = ["init", "reset halt", "echo loading", "load_image image 0x41100000 bin"]
    command = here.command(commands, CORES, [CONFIGURATION])
    with open(here.path("lost.log"), "wb") as log, subprocess.Popen(
        command, cwd=here.folder, env=here.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
    ) as process:
        wait_until(lambda: "loading" in here.text("lost.log"))
        time.sleep(0.5)
        was_running = process.poll() is None
        process.send_signal(signal.SIGKILL)
    result = here.openocd("init", "reset halt", "mww 0x41100000 0x600d", "mdw 0x41100000")
    sound = was_running and "0x41100000: 0000600d" in result[1]
    tap.ok(sound, "an OpenOCD that is killed is followed by the next", [f"was running: {was_running}", result[1]])


def try_losing_qemu(here):
    here.qemu.kill()
    tap.ok(wait_until(lambda: here.bridge.poll() is not None), "without QEMU the bridge leaves")
    found = (here.bridge.poll(), "QEMU went away" in here.text("bridge.log"), os.path.exists(here.path("rbb")))
    tap.equal(found, (0, True, False), "it says why, its status is 0, and its socket is gone")


def try_bridge(qemu):
    with bench(qemu, ["-M", "virt", "-cpu", "cortex-a15", "-smp", str(CORES)], bridge=["--cores", str(CORES)]) as here:
        if not tap.ok(here.is_ready, "the bridge says that it is ready", here.text("bridge.log")):
            return
        here.write("program.bin", b"".join(word.to_bytes(4, "little") for word in CODE))
        for attempt in (try_connecting, try_loading, try_running, try_halting, try_stepping, try_breakpoints,
                        try_watchpoint, try_faults, try_flash, try_losing_openocd, try_losing_qemu):
            attempt(here)


def try_ending(qemu):
    with bench(qemu, ["-M", "virt", "-cpu", "cortex-a15"], bridge=["--run"]) as here:
        with socket.socket(socket.AF_UNIX) as idle:
            idle.connect(os.path.relpath(here.path("rbb")))
            here.bridge.terminate()
            tap.equal(here.bridge.wait(QUICK), 0, "SIGTERM ends the bridge, even while a client is connected")
    with bench(qemu, ["-M", "virt", "-cpu", "cortex-a15"], bridge=["--cores", "3"]) as here:
        status = here.bridge.wait(QUICK)
        tap.equal((status, here.text("bridge.log")), (1, "bridge: --cores 3: QEMU has 1\n"), "too many cores: one line")


def try_firmware(qemu):
    """As a user would: the firmware is loaded, verified and started on three SMMUs and four cores."""
    arguments = ["-M", "virt", "-cpu", "cortex-a15", "-smp", str(CORES)]
    for root in range(3):
        if root:
            arguments += ["-device", f"pxb-pcie,id=pcie.{root},bus=pcie.0,bus_nr={85 * root},addr={8 + root:x}"]
            arguments += ["-device", f"pcie-root-port,id=port{root},bus=pcie.{root},chassis={root}"]
        arguments += ["-device", f"arm-smmuv3,primary-bus=pcie.{root},id=smmuv3.{root}"]
        place = f"bus=port{root}" if root else "bus=pcie.0,addr=1"
        arguments += ["-device", f"edu,dma_mask=0xffffffff,{place}"]
    with bench(qemu, arguments, bridge=["--cores", str(CORES)]) as here:
        result = here.openocd("init", "reset halt", f"load_image {firmware.ELF}", f"verify_image {firmware.ELF}",
                              "virt.axi mdw 0x0c040000", "echo hole:[catch {virt.axi mdw 0x0c060000}]",
                              "reset halt", f"load_image {firmware.ELF}", "resume 0x40200000")
        check(result, ["downloaded", "verified", "0x0c040000: ", "hole:-"],
              "the firmware is loaded and verified; there are three SMMUs and no fourth")
        wait_until(lambda: firmware.has_verdict(here.text("console")))
        records = firmware.Run(0, "\n".join(firmware.whole_lines(here.text("console").replace("\r", "")))).records
        verdict = {key: (records or [{}])[-1].get(key) for key in ("record", "result", "instances")}
        wanted = {"record": "verdict", "result": "pass", "instances": 3}
        last = here.text("console").splitlines()[-15:]
        tap.ok(verdict == wanted, "the firmware runs to its verdict, and passes", last)
        tap.equal(here.bridge.wait(QUICK), 0, "it turns the machine off, and the bridge leaves")


BOARD = """adapter driver remote_bitbang
remote_bitbang port 0
remote_bitbang host rbb
transport select jtag
reset_config srst_only srst_push_pull
gdb_port disabled
telnet_port disabled
tcl_port disabled
set SOC j721e
source [find target/ti_k3.cfg]
"""


def try_board_script():
    """OpenOCD's own script of a J721E, on two Cortex-A72s in AArch64 state."""
    arguments = ["-M", "virt,virtualization=on,gic-version=3,iommu=smmuv3", "-cpu", "cortex-a72", "-smp", "2"]
    bridge = ["--cores", "2", "--unit", "aarch64", "--idcode", "0x4bb6402f", "--debug-base", "0x90410000",
              "--cti-base", "0x90420000"]
    image = os.urandom(0x2000)
    with bench("qemu-system-aarch64", arguments, bridge=bridge) as here:
        here.write("board.cfg", BOARD.encode())
        here.write("image", image)
        # add x1, x0, #1; b .
        result = here.openocd(WAITS, "init", "a72_up j721e.cpu.a72.0", "halt", "load_image image 0x41000000 bin",
                              "dump_image back 0x41000000 0x2000", "mdw 0x09050000",
                              f"echo hole:[catch {{mdw {HOLE:#x}}}]", "mww 0x42000000 0x91000401",
                              "mww 0x42000004 0x14000000", "reg x0 0x123456789a", "resume 0x42000000", "halt",
                              "run_until {[value pc] == 0x42000004}", "reg x1", "reg pc", "step", "reg pc",
                              "bp 0x42000000 4 hw", "resume 0x42000000", "wait_halt 600000", "reg pc",
                              files=["board.cfg"])
        seen = ["halted in AArch64 state due to debug-request, current mode: EL2H", "downloaded 8192", "dumped 8192",
                "0x09050000: [0-9a-f]{8}", "hole:-", r"^x1 .*0x000000123456789b", r"^pc .*0x0000000042000004",
                "single-step", r"^pc .*0x0000000042000004", "due to breakpoint", r"^pc .*0x0000000042000000"]
        check(result, seen, "ti_k3.cfg: a Cortex-A72 is halted, loaded, started at an address, and breaks")
        tap.ok(here.bytes("back") == image, "ti_k3.cfg: what was dumped is what was loaded")
        tap.ok("UNEXPECTED" not in result[1], "ti_k3.cfg: the IDCODE is a J721E's", result[1])


AARCH32 = BOARD[: BOARD.index("set SOC")] + """jtag newtap virt cpu -irlen 4 -expected-id 0x4ba00477
dap create virt.dap -chain-position virt.cpu
cti create virt.cti -dap virt.dap -ap-num 1 -baseaddr 0x80020000
target create virt.cpu aarch64 -dap virt.dap -ap-num 1 -cti virt.cti
"""


def try_aarch32_on_v8(qemu):
    """The target type aarch64 on a core in AArch32 state, which takes T32 instructions from it."""
    image = os.urandom(0x2000)
    with bench(qemu, ["-M", "virt", "-cpu", "cortex-a15"], bridge=["--unit", "aarch64"]) as here:
        here.write("v8.cfg", AARCH32.encode())
        here.write("image", image)
        here.write("program.bin", b"".join(word.to_bytes(4, "little") for word in CODE))
        result = here.openocd("init", "halt", "load_image image 0x41800000 bin", "dump_image back 0x41800000 0x2000",
                              f"load_image program.bin {PROGRAM:#x} bin", "mwh 0x41800002 0x1234", "mdb 0x41800003",
                              f"echo hole:[catch {{mdw {HOLE:#x}}}]", "reg r0 3", f"bp {LOOP:#x} 4 hw",
                              f"resume {WORK:#x}", "wait_halt 600000", "reg pc", "reg r7", "step", "reg pc",
                              files=["v8.cfg"])
        seen = ["downloaded 8192", "dumped 8192", "0x41800003: 12", "hole:-", rf"^pc .*{LOOP:#018x}",
                r"^r7 .*0x00000003", rf"^pc .*{LOOP + 4:#018x}"]
        check(result, seen, "aarch64: a core in AArch32 state is loaded, started, breaks and steps")
        tap.ok(here.bytes("back") == image, "aarch64: what was dumped is what was loaded")


def main():
    if not shutil.which("openocd"):
        tap.skip("the bridge with OpenOCD", "openocd is missing")
        return
    old = firmware.old_qemu()
    try_bridge(old or firmware.qemu())
    try_ending(firmware.qemu())
    try_aarch32_on_v8(old or firmware.qemu())
    if shutil.which("qemu-system-aarch64"):
        try_board_script()
    else:
        tap.skip("ti_k3.cfg", "qemu-system-aarch64 is missing")
    if firmware.has_instances():
        try_firmware(firmware.qemu())
    else:
        tap.skip("the firmware on three SMMUs", "this QEMU has one SMMUv3")


main()
tap.done()
