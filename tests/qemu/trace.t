# SPDX-License-Identifier: BSD-2-Clause
"""
The trace: what the firmware prints with trace=on, decoded by tools/trace, shows the order of a registration; what a
debugger would dump is decoded to the same; and nothing that is not a trace is taken for one, or ends the program.
"""

import os
import re
import shutil
import struct
import subprocess
import sys

import firmware
import machine
import tap

TRACE = os.path.join(firmware.ROOT, "tools/trace")
FOLDER = firmware.work_folder("trace")
CAPACITY = 2048
LINE = re.compile(r"trace ([0-9a-f]{16}) smmu(\d+) core(\d+) ([WXCG]) ([0-9a-f]{5,16}) ([0-9a-f]{8,16})$")
DECODED = re.compile(r" *([0-9.]+) s  smmu(\d+) +core(\d+) (\S+) +(.*)$")


def call(*arguments, text=None):
    done = subprocess.run([sys.executable, TRACE, *arguments], capture_output=True, text=True, input=text, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


def write(name, data):
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as file:
        file.write(data.encode() if isinstance(data, str) else data)
    return path


def decode(text):
    return call("-", text=text)


def of(lines, number):
    """What one instance was told, as (kind, rest)."""
    found = [match for match in map(DECODED.match, lines) if match and match[2] == str(number)]
    return [(match[4], match[5]) for match in found]


def find(entries, kind, start, after=-1):
    """The place of the next entry of that kind that begins so, or None."""
    for i, (what, rest) in enumerate(entries):
        if i > after and what == kind and rest.startswith(start):
            return i
    return None


def in_order(entries, *wanted):
    """The names of those that are not there, in that order, each after the one before."""
    at = -1
    for kind, start in wanted:
        found = find(entries, kind, start, at)
        if found is None:
            return f"{kind} {start} is not there behind entry {at}"
        at = found
    return None


# --- A run. ---

title = "trace=on"
machine.say(title, APPEND=title)
run = firmware.run(APPEND=title)
machine.passes(run, title)
printed = [line for line in run.lines if line.startswith("trace ")]
entries = [line for line in printed if LINE.match(line)]
start = re.match(r"trace start (\d+) entries, (\d+) lost, (\d+) Hz$", printed[0]) if printed else None
tap.ok(start and int(start[1]) == len(entries) == len(printed) - 2 and printed[-1] == "trace end", f"{title}: all of it is printed",
       lambda: printed[:2] + printed[-2:])
tap.ok(start and start[2] == "0", f"{title}: nothing of a usual run is lost", printed[:1])
tap.equal(int(start[3]) if start else 0, run.verdict.get("tick_hz"), f"{title}: ticks are the verdict's")
ticks = [int(LINE.match(line)[1], 16) for line in entries]
tap.ok(sum(1 for a, b in zip(ticks, ticks[1:]) if b < a) < len(ticks) / 50, f"{title}: oldest first", entries[:5])
places = [i for i, line in enumerate(run.lines) if line.startswith("trace ")]
last = {name: max((i for i, line in enumerate(run.lines) if line.startswith('{"record":"%s"' % name)), default=-1)
        for name in ("handover", "verdict")}
tap.ok(places and last["handover"] < places[0] and places[-1] < last["verdict"], f"{title}: between hand-over and verdict", str(last))

# --- Decoded: the order of a registration, on each instance. ---

log = "\n".join(run.lines)
status, lines, said = decode(log)
tap.equal((status, said), (0, ""), f"{title}: is decoded")
tap.equal(sum(1 for line in lines if DECODED.match(line)), len(entries), f"{title}: every entry is a line")
tap.ok(not [line for line in lines if "unknown" in line and "opcode 0xff" not in line or "other bits" in line],
       f"{title}: all of it is known", lambda: [line for line in lines if "unknown" in line or "other bits" in line])
for number in range(len(run.of("instance"))):
    told = of(lines, number)
    wrong = in_order(
        told,
        ("write", "GBPA "), ("write", "CR1 "), ("write", "CR2 "),
        ("write", "STRTAB_BASE.low "), ("write", "STRTAB_BASE.high "), ("write", "STRTAB_BASE_CFG "),
        ("write", "CMDQ_BASE.low "), ("write", "CMDQ_PROD "), ("write", "CMDQ_CONS "),
        ("write", "EVENTQ_BASE.low "), ("write", "EVENTQ_PROD "), ("write", "EVENTQ_CONS "),
        ("write", "CR0                  00000008 CMDQEN"), ("command", "CFGI_ALL"), ("command", "TLBI_NSNH_ALL"),
        ("command", "SYNC"), ("write", "CMDQ_PROD "), ("write", "CR0                  0000000c EVENTQEN CMDQEN"),
        ("write", "IRQ_CTRL "), ("write", "CR0                  0000000d SMMUEN EVENTQEN CMDQEN"),
        ("command", "CFGI_STE "), ("command", "TLBI_NH_VA "), ("command", "opcode 0xff"), ("write", "CR0                  00000000"),
    )
    tap.ok(not wrong, f"{title}: smmu{number} was registered in order", lambda: [wrong] + [" ".join(e) for e in told[:45]])
    enabled = find(told, "write", "CR0                  0000000d") or 0
    rest = [e for e in told[:enabled] if e[0] == "command" and not e[1].startswith(("CFGI_ALL", "TLBI_", "SYNC"))]
    tap.ok(enabled and not rest, f"{title}: smmu{number} got no other command before SMMUEN", lambda: [" ".join(e) for e in rest])
    gbpa = find(told, "write", "GBPA ")
    tap.ok(not firmware.has_instances() or "UPDATE ABORT" in told[gbpa or 0][1] and find(told, "write", "CR0 ") > (gbpa or 0),
           f"{title}: smmu{number} denied everything before anything else", " ".join(told[0]) if told else None)
cores = {LINE.match(line)[3] for line in entries}
tap.ok(len(cores) > 1, f"{title}: several cores are in it", str(cores))

# --- Off is the default, and log=quiet does not silence it. ---

run = firmware.run(INSTANCES=1)
tap.ok(not [line for line in run.lines if line.startswith("trace")], "without trace=on: nothing", run.tail())
title = "trace=on log=quiet"
quiet = firmware.run(APPEND=title, INSTANCES=1)
machine.passes(quiet, title)
tap.ok([line for line in quiet.lines if LINE.match(line)], f"{title}: is printed", quiet.tail())

# --- A run that ends early prints it too. ---

title = "a fatal end"
elf, why = None, "not built"
folder = firmware.work_folder("fatal")


def break_it(copy):
    path = os.path.join(copy, "boot/main.c")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("\tregister_all();\n", '\tregister_all();\n\tboot_fatal("as told");\n'))


elf, why = firmware.build_copy(folder, break_it)
fatal = firmware.run(elf, APPEND="trace=on", INSTANCES=1) if elf else None
tap.ok(fatal and sum(1 for line in fatal.lines if LINE.match(line)) > 20 and fatal.lines.count("trace end") == 1 and
       fatal.verdict.get("reason") == "as told", f"{title}: is printed before the verdict", lambda: fatal.tail() if fatal else why)
shutil.rmtree(folder)

# --- What a debugger dumps. ---

HEADER, ENTRY = struct.Struct("<8s6I"), struct.Struct("<QIBBBxQQ")


def ring(count, entry, capacity=CAPACITY, magic=b"SMMUTRC\0", version=1, size=32, hz=1000000):
    """A ring after `count` entries: entry(number) gives (kind, instance, first, second)."""
    places = [bytes(32)] * capacity
    for number in range(max(count - capacity, 0), count):
        kind, instance, first, second = entry(number)
        places[number % capacity] = ENTRY.pack(number * 10, number + 1, ord(kind), instance, number % 4, first, second)
    return HEADER.pack(magic, version, 32, size, capacity, count, hz) + b"".join(places)


def like_console(line):
    """The entry of a console's line, as the ring holds it."""
    match = LINE.match(line)
    return match[4], int(match[2]), int(match[5], 16), int(match[6], 16), int(match[1], 16), int(match[3])


told = [like_console(line) for line in entries]
memory = bytearray(ring(len(told), lambda i: told[i][:4]))
for i, (_, _, _, _, when, core) in enumerate(told):
    struct.pack_into("<Q", memory, 32 + i * 32, when)
    memory[32 + i * 32 + 14] = core
struct.pack_into("<I", memory, 28, int(start[3]))
status, dumped, said = call("--memory", write("ring.bin", bytes(memory)))
tap.equal((status, dumped, said), (0, lines, ""), "a dump of the ring: says what the console said")
status, dumped, said = call("--memory", write("more.bin", b"\xff" * 4096 + bytes(memory) + bytes(100)))
tap.equal((status, dumped), (0, lines), "a dump of more than the ring: the same")

status, dumped, said = call("--memory", write("image.bin", memory[:8] + b"2: its header is not one" + bytes(memory)))
tap.equal((status, dumped), (0, lines), "a dump with the magic among the image's words: the same")

wrapped = ring(CAPACITY + 7, lambda i: ("W", 0, 0x98, i))
status, dumped, said = call("--memory", write("wrapped.bin", wrapped))
tap.ok(status == 0 and dumped[0].startswith(f"# {CAPACITY} entries, 7 older") and "00000007 index=7" in dumped[1] and
       f"{CAPACITY + 6:08x}" in dumped[-1] and len(dumped) == CAPACITY + 1, "a ring that has wrapped: oldest first", dumped[:3])

torn = bytearray(ring(4, lambda i: ("W", 0, 0x20, i)))
struct.pack_into("<I", torn, 32 + 32 + 8, 0)
status, dumped, said = call("--memory", write("torn.bin", bytes(torn)))
tap.ok(status == 0 and "not completed" in dumped[2] and "00000002" in dumped[3] and len(dumped) == 5, "a torn entry: is told", dumped)
status, dumped, said = call("--memory", write("cut.bin", bytes(torn[: 32 + 3 * 32 + 31])))
tap.ok(status == 0 and dumped[-1].startswith("# 1 entries are behind the end"), "a dump that is cut off: what is there", dumped)
for name, data in (("empty", b""), ("short", HEADER.pack(b"SMMUTRC\0", 1, 32, 32, 4, 0, 0)[:20]), ("off", bytes(0x10020)),
                   ("version", ring(1, lambda i: ("W", 0, 0, 0), version=2)), ("entry size", ring(0, None, size=4)),
                   ("capacity", ring(0, None, capacity=0))):
    status, dumped, said = call("--memory", write("bad.bin", data))
    tap.ok(status == 2 and said.count("\n") == 1 and "Traceback" not in said, f"a dump that is no ring, {name}: is told", [status, said])

elf_symbol = subprocess.run(["arm-none-eabi-nm", "-S", firmware.ELF], capture_output=True, text=True, check=True).stdout
address, size = re.search(r"(?m)^(\w+) (\w+) \w smmuv3_trace_ring$", elf_symbol).groups()
status, dumped, said = call("--symbol", firmware.ELF)
tap.equal((status, dumped), (0, [f"{int(address, 16):#x} {int(size, 16):#x}"]), "--symbol: address and size")
tap.equal(int(size, 16), len(memory), "--symbol: the size is the ring's")
with open(firmware.ELF, "rb") as file:
    cut = file.read()[:5000]
status, dumped, said = call("--symbol", write("cut.elf", cut))
tap.ok(status == 1 and "Traceback" not in said, "--symbol of an ELF that is cut off: is told", said)

# --- Every command, with its fields. ---

COMMANDS = (
    (0x0000000500000001, 0, "PREFETCH_CONFIG SID=0x5"),
    (0x00000005_00003802, 0x12345000 | 3 << 5 | 2, "PREFETCH_ADDR SSV SSID=0x3 SID=0x5 SIZE=0x2 STRIDE=0x3 ADDR=0x12345000"),
    (0xFFFFFFFF00000003, 1, "CFGI_STE SID=0xffffffff LEAF=1"),
    (0x0000010000000004, 7, "CFGI_STE_RANGE SID=0x100 RANGE=7"),
    (0x0000000000000004, 31, "CFGI_ALL"),
    (0x0000000500007005, 1, "CFGI_CD SSID=0x7 SID=0x5 LEAF=1"),
    (0x0000000500000006, 0, "CFGI_CD_ALL SID=0x5"),
    (0x0000000900000007, 0, "CFGI_VMS_PIDM VMID=9"),
    (0x0000000900000010, 0, "TLBI_NH_ALL VMID=9"),
    (0x0007000900000011, 0, "TLBI_NH_ASID VMID=9 ASID=7"),
    (0x0007000900000012, 0x12345001, "TLBI_NH_VA VMID=9 ASID=7 ADDR=0x12345000 LEAF=1"),
    (0x000700090020A012, 0xFFFF_0000_0000_0700, "TLBI_NH_VA VMID=9 ASID=7 ADDR=0xffff000000000000 LEAF=0 NUM=10 SCALE=2 TG=4K TTL=3"),
    (0x0000000900000013, 0x1000, "TLBI_NH_VAA VMID=9 ADDR=0x1000 LEAF=0"),
    (0x18, 0, "TLBI_EL3_ALL"),
    (0x1A, 0x2001, "TLBI_EL3_VA ADDR=0x2000 LEAF=1"),
    (0x20, 0, "TLBI_EL2_ALL"),
    (0x0003000000000021, 0, "TLBI_EL2_ASID ASID=3"),
    (0x0003000000000022, 0x3001, "TLBI_EL2_VA ASID=3 ADDR=0x3000 LEAF=1"),
    (0x23, 0x3C00, "TLBI_EL2_VAA ADDR=0x3000 LEAF=0 TG=64K"),
    (0x0000000400000028, 0, "TLBI_S12_VMALL VMID=4"),
    (0x000000040000002A, 0x4801, "TLBI_S2_IPA VMID=4 ADDR=0x4000 LEAF=1 TG=16K"),
    (0x30, 0, "TLBI_NSNH_ALL"),
    (0x0000000500002A40, 0x5034, "ATC_INV GLOBAL SSV SSID=0x2 SID=0x5 SIZE=0x34 ADDR=0x5000"),
    (0x0000000500000041, 0x2012, "PRI_RESP SID=0x5 PRGINDEX=18 RESP=success"),
    (0x0000000500001044, 0xBEEF, "RESUME SID=0x5 RESP=retry STAG=0xbeef"),
    (0x0000000500000045, 0, "STALL_TERM SID=0x5"),
    (0x0000000000000046, 0, "SYNC CS=SIG_NONE"),
    (0xCAFE00000FC01046, 0x8000, "SYNC CS=SIG_IRQ MSH=inner MSIATTR=0xf MSIDATA=0xcafe0000 MSIADDR=0x8000"),
    (0x0000000000002046, 0, "SYNC CS=SIG_SEV"),
    (0xFF, 0, "opcode 0xff unknown 00000000000000ff 0000000000000000"),
)
for dword0, dword1, wanted in COMMANDS:
    status, dumped, said = decode(f"trace 0000000000000001 smmu0 core0 C {dword0:016x} {dword1:016x}\n")
    found = " ".join(dumped[1].split()[4:]) if len(dumped) == 2 else said
    tap.equal((status, found), (0, wanted), f"command {wanted.split()[0]}")

REGISTERS = (
    (0x20, 0x5F, "CR0 0000005f SMMUEN PRIQEN EVENTQEN CMDQEN ATSCHK VMW=0x1"),
    (0x20, 0, "CR0 00000000"),
    (0x20, 0x800, "CR0 00000800 other bits 0x800"),
    (0x44, 0x80101000, "GBPA 80101000 UPDATE ABORT SHCFG=incoming"),
    (0x44, 0x80000000, "GBPA 80000000 UPDATE SHCFG=non-shareable"),
    (0x50, 0x5, "IRQ_CTRL 00000005 GERROR_IRQEN EVENTQ_IRQEN"),
    (0x64, 0x101, "GERRORN 00000101 CMDQ_ERR SFM_ERR"),
    (0x88, 0x10210, "STRTAB_BASE_CFG 00010210 FMT=2-level SPLIT=8 LOG2SIZE=16"),
    (0x88, 0x8, "STRTAB_BASE_CFG 00000008 FMT=linear LOG2SIZE=8"),
    (0x98, 0x85, "CMDQ_PROD 00000085 index=133"),
    (0x9C, 0x01000007, "CMDQ_CONS 01000007 index=7 ERR=ILL"),
    (0x100AC, 0x80000003, "EVENTQ_CONS 80000003 index=3 OVACKFLG"),
    (0xAC, 0x3, "EVENTQ_CONS (page 0) 00000003 index=3"),
    (0x1230, 0x42, "register 0x1230 00000042 unknown"),
)
for offset, value, wanted in REGISTERS:
    status, dumped, said = decode(f"trace 0000000000000001 smmu0 core0 W {offset:05x} {value:08x}\n")
    found = " ".join(dumped[1].split()[4:]) if len(dumped) == 2 else said
    tap.equal((status, found), (0, wanted), f"register {wanted.split(' ')[0]} {value:#x}")
status, dumped, said = decode(
    "trace start 3 entries, 0 lost, 1000 Hz\ntrace 1 smmu0 core0 W 00090 40622807\ntrace 2 smmu0 core0 W 00098 00000085\n"
    "trace 3e9 smmu1 core0 W 00098 00000085\ntrace 3ea smmu0 core1 X 00088 00000000\ntrace 3eb smmu0 core1 G 00000101 00000000\n"
)
tap.ok("index=5 wrap=1" in dumped[2] and "index=133" in dumped[3] and "1.000000 s" in dumped[3],
       "an index is read by its own instance's queue size", dumped)
tap.ok("REFUSED" in dumped[4] and "error" in dumped[5] and "CMDQ_ERR SFM_ERR" in dumped[5], "refused writes and errors are told", dumped)
tap.ok("cut off" in dumped[-1], "a log without its end is told", dumped[-1:])

# --- Bad input. ---

mixed = "noise\r\n\x00\xff trace\n" + "\r\nsomething else\r\n".join(entries[:50]) + "\r\ntrace 12 smmu0 co"
status, dumped, said = decode(mixed)
tap.ok(status == 0 and sum(1 for line in dumped if DECODED.match(line) or " smmu" in line) >= 50 and "not readable" in dumped[-1],
       "other text between, and a line that is cut off", dumped[-3:])
for word in ("trace ", "trace torn", "trace end", "trace start x", "trace 1 smmu0 core0 Z 0 0", "trace 1 smmu0 core0 W fffff ffffffff",
             "trace ffffffffffffffff smmu999 core255 C ffffffffffffffff ffffffffffffffff", "trace start 1 entries, 0 lost, 0 Hz",
             "trace 1 smmu0 core0 W fffffffffffffff9 ffffffffffffffff", "trace \u00e9 smmu0 core0 W 0 0", "trace 1 smmu0 core0 G ffffffff 1"):
    status, dumped, said = decode(word + "\n" + word)
    tap.ok(status in (0, 2) and "Traceback" not in said, f"{word[:40]!r}: does not end it", said.splitlines()[-3:])
for title, arguments, wanted in (
    ("no argument", (), 1), ("two files", ("a", "b"), 1), ("an unknown option", ("--what", "a"), 1), ("an option alone", ("--memory",), 1),
    ("a file that is not there", (os.path.join(FOLDER, "nothing"),), 1), ("a folder", (FOLDER,), 1),
    ("no ELF", ("--symbol", TRACE), 1), ("a log without a trace", (write("none.log", "PASS\n"),), 2), ("help", ("--help",), 0),
):
    status, dumped, said = call(*arguments)
    tap.ok(status == wanted and "Traceback" not in said and (status == 0 or said), f"{title}: status {wanted}", [status, said])

shutil.rmtree(FOLDER)
tap.done()
