# SPDX-License-Identifier: BSD-2-Clause
"""
The trace: what the firmware prints with trace=on, decoded by tools/trace, shows the order of a registration; and what a
debugger would dump is decoded to the same. decoder.t has every command and register, and what is no trace.
"""

import os
import re
import shutil
import struct

import firmware
import machine
import tap
from trace_tool import CAPACITY, FOLDER, call, decode, write

LINE = re.compile(r"trace ([0-9a-f]{16}) smmu(\d+) core(\d+) ([WXCG]) ([0-9a-f]{5,16}) ([0-9a-f]{8,16})$")
DECODED = re.compile(r" *([0-9.]+) s  smmu(\d+) +core(\d+) (\S+) +(.*)$")


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
        file.write(text.replace("\tmachine_register(&machine);\n", '\tmachine_register(&machine);\n\tfatal("as told");\n'))


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

elf_symbol = firmware.tool("nm", "-S", firmware.ELF, capture_output=True).stdout
address, size = re.search(r"(?m)^(\w+) (\w+) \w smmuv3_trace_ring$", elf_symbol).groups()
status, dumped, said = call("--symbol", firmware.ELF)
tap.equal((status, dumped), (0, [f"{int(address, 16):#x} {int(size, 16):#x}"]), "--symbol: address and size")
tap.equal(int(size, 16), len(memory), "--symbol: the size is the ring's")

shutil.rmtree(FOLDER)
tap.done()
