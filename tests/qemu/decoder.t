# SPDX-License-Identifier: BSD-2-Clause
"""
tools/trace: every command and register is decoded, from the console's lines as from a dump of the ring; nothing that is no
trace is taken for one, or ends the program. Nothing runs here.
"""

import os
import shutil
import struct

import tap
from trace_tool import CAPACITY, FOLDER, TRACE, call, decode, write

# --- The console's lines, as they are. ---

LINES = (
    "trace start 6 entries, 3 lost, 1000 Hz",
    "trace 7d0 smmu0 core0 W 00020 00000008",
    "trace 7d1 smmu12 core3 C 0000000500000003 0000000000000001",
    "trace 0000000000000bb8 smmu0 core1 X 00044 80100000",
    "trace torn",
    "trace 7d0 smmu1 core2 G 0000000000000801 0000000000000000",
    "trace 7d0 smmu1 core2 Z 00000 00000002",
    "trace end",
)
DECODED = [
    "# 6 entries, 3 older ones were overwritten",
    "    0.000000 s  smmu0  core0 write   CR0                  00000008 CMDQEN",
    "    0.001000 s  smmu12 core3 command CFGI_STE                      SID=0x5 LEAF=1",
    "    1.000000 s  smmu0  core1 REFUSED GBPA                 80100000 UPDATE ABORT SHCFG=non-shareable",
    "                an entry that was not completed",
    "    0.000000 s  smmu1  core2 error   GERROR                        CMDQ_ERR other bits 0x800",
    "    0.000000 s  smmu1  core2 unknown kind 'Z'             0000000000000000 0000000000000002",
]
tap.equal(decode("\n".join(LINES)), (0, DECODED, ""), "a console's lines, each kind of entry")
tap.equal(decode("\r\n".join(LINES)), (0, DECODED, ""), "a console's lines that end in CR LF")
tap.equal(decode("words\n" + "\nwords between\n".join(LINES) + "\nwords"), (0, DECODED, ""), "a console's lines among others")
tap.equal(decode("\n".join(LINES[:-1])), (0, DECODED + ["# the trace ends before its last line: the log is cut off"], ""), "a log that is cut off")
tap.equal(decode("\n".join(LINES[1:])), (0, ["# ? entries", *(line.replace("    0.001000 s", "             1").replace("    1.000000 s", "          1000").replace(
    "    0.000000 s", "             0") for line in DECODED[1:])], ""), "a log without its beginning: times are ticks")
LATER = [line.replace("trace 7d0", "trace 17d0").replace("trace 7d1", "trace 17d1").replace("0bb8", "1bb8") for line in LINES]
tap.equal(decode("\n".join([*LINES, *LATER])), (0, DECODED * 2, ""), "two traces in one log: each counts from its own beginning")
tap.equal(call(write("log", "\n".join(LINES))), (0, DECODED, ""), "a log in a file")

# --- What a debugger dumps. ---

HEADER, ENTRY = struct.Struct("<8s6I"), struct.Struct("<QIBBBxQQ")


def ring(count, entry, capacity=CAPACITY, magic=b"SMMUTRC\0", version=1, size=32, hz=1000000, header=32):
    """A ring after `count` entries: entry(number) gives (kind, instance, first, second)."""
    places = [bytes(size)] * capacity
    for number in range(max(count - capacity, 0), count):
        kind, instance, first, second = entry(number)
        packed = ENTRY.pack(number * 10, number + 1, ord(kind), instance, number % 4, first, second)
        places[number % capacity] = packed.ljust(size, b"\xee")
    return HEADER.pack(magic, version, header, size, capacity, count, hz).ljust(header, b"\xee") + b"".join(places)


KINDS = ("W", 0, 0x20, 8), ("C", 12, 0x500000003, 1), ("X", 3, 0x44, 0x80100000), ("G", 1, 0x801, 0)
FOUR = [
    "# 4 entries",
    "    0.000000 s  smmu0  core0 write   CR0                  00000008 CMDQEN",
    "    0.000010 s  smmu12 core1 command CFGI_STE                      SID=0x5 LEAF=1",
    "    0.000020 s  smmu3  core2 REFUSED GBPA                 80100000 UPDATE ABORT SHCFG=non-shareable",
    "    0.000030 s  smmu1  core3 error   GERROR                        CMDQ_ERR other bits 0x800",
]
memory = ring(4, lambda i: KINDS[i])
tap.equal(call("--memory", write("four.bin", memory)), (0, FOUR, ""), "a dump of the ring, each kind of entry")
tap.equal(call("--memory", write("four.bin", b"\xff" * 4096 + memory + bytes(100))), (0, FOUR, ""), "a dump of more than the ring")
tap.equal(call("--memory", write("four.bin", memory[:8] + b"2: its header is not one" + memory)), (0, FOUR, ""), "a dump with the magic among words")
tap.equal(call("--memory", write("four.bin", ring(4, lambda i: KINDS[i], size=40, header=64))), (0, FOUR, ""), "a ring of larger entries behind a larger header")
tap.equal(call("--memory", write("four.bin", ring(4, lambda i: KINDS[i], capacity=4))), (0, FOUR, ""), "a ring that is just full")
tap.equal(call("--memory", write("four.bin", ring(0, None))), (0, ["# 0 entries"], ""), "an empty ring")

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

# --- Where the ring is. ---


def elf(names=b"\0other\0smmuv3_trace_ring\0smmuv3_trace_ring_of_another\0", symbols=((7, 0x40001000, 0x10020), (25, 1, 2), (1, 3, 4)), kind=1, order=1):
    """A 32-bit ELF of a symbol table and its names: symbols are (name, value, size)."""
    table = bytes(16) + b"".join(struct.pack("<III4x", *symbol) for symbol in symbols)
    at = 52 + len(table)
    sections = struct.pack("<10I", *[0] * 10) + struct.pack("<10I", 0, 2, 0, 0, 52, len(table), 2, 0, 0, 16)
    sections += struct.pack("<10I", 0, 3, 0, 0, at, len(names), 0, 0, 0, 1)
    head = (b"\x7fELF" + bytes((kind, order))).ljust(32, b"\0") + struct.pack("<I", at + len(names)) + bytes(10) + struct.pack("<HHH", 40, 3, 0)
    return head + table + names + sections


tap.equal(call("--symbol", write("elf", elf())), (0, ["0x40001000 0x10020"], ""), "--symbol: address and size")
for title, data, wanted, words in (
    ("a longer name", elf(symbols=((25, 1, 2), (1, 3, 4))), 2, "it has no symbol smmuv3_trace_ring"),
    ("no symbol", elf(symbols=()), 2, "it has no symbol smmuv3_trace_ring"),
    ("of no width", elf(kind=3), 1, "it is no little-endian ELF"),
    ("big-endian", elf(order=2), 1, "it is no little-endian ELF"),
    ("a head alone", elf()[:51], 1, "it is an ELF that is cut off"),
    ("a head of 64 bits alone", elf(kind=2)[:51], 1, "it is an ELF that is cut off"),
    ("a file that is cut off", elf()[:-1], 1, "it is an ELF that is cut off"),
    ("sections that are cut off", elf()[:200], 1, "it is an ELF that is cut off"),
):
    status, dumped, said = call("--symbol", write("bad.elf", data))
    tap.ok((status, dumped) == (wanted, []) and words in said, f"--symbol, {title}: status {wanted}", [status, said])

# --- Every command, with its fields. ---


def decoded(entry):
    """(status, the words for one entry of a trace)"""
    status, dumped, said = decode(f"trace 0000000000000001 smmu0 core0 {entry}\n")
    return status, " ".join(dumped[1].split()[4:]) if len(dumped) == 2 else said


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
    tap.equal(decoded(f"C {dword0:016x} {dword1:016x}"), (0, wanted), f"command {wanted.split()[0]}")

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
    (0xAC, 0x01000003, "EVENTQ_CONS (page 0) 01000003 index=3"),
    (0x1230, 0x42, "register 0x1230 00000042 unknown"),
)
for offset, value, wanted in REGISTERS:
    tap.equal(decoded(f"W {offset:05x} {value:08x}"), (0, wanted), f"register {wanted.split(' ')[0]} {value:#x}")
status, dumped, said = decode(
    "trace start 3 entries, 0 lost, 1000 Hz\ntrace 1 smmu0 core0 W 00090 40622807\ntrace 2 smmu0 core0 W 00098 00000085\n"
    "trace 3e9 smmu1 core0 W 00098 00000085\ntrace 3ea smmu0 core1 X 00088 00000000\ntrace 3eb smmu0 core1 G 00000101 00000000\n"
)
tap.ok("index=5 wrap=1" in dumped[2] and "index=133" in dumped[3] and "1.000000 s" in dumped[3],
       "an index is read by its own instance's queue size", dumped)
tap.ok("REFUSED" in dumped[4] and "error" in dumped[5] and "CMDQ_ERR SFM_ERR" in dumped[5], "refused writes and errors are told", dumped)
tap.ok("cut off" in dumped[-1], "a log without its end is told", dumped[-1:])

BASES = (("smmu1 core0 W 00090 10000007", "CMDQ_BASE.low 10000007 LOG2SIZE=7"), ("smmu0 core0 W 00094 4000000c", "CMDQ_BASE.high 4000000c RA"),
         ("smmu0 core0 W 00090 20622807", "CMDQ_BASE.low 20622807 LOG2SIZE=7"),
         ("smmu0 core0 W 00094 4000000c", "CMDQ_BASE.high 4000000c RA address=0xc20622800"),
         ("smmu0 core0 W 00084 00000001", "STRTAB_BASE.high 00000001"), ("smmu1 core0 W 00094 00000000", "CMDQ_BASE.high 00000000 address=0x10000000"))
status, dumped, said = decode("".join(f"trace 1 {line}\n" for line, _ in BASES))
tap.equal([" ".join(line.split()[4:]) for line in dumped[1:]], [wanted for _, wanted in BASES], "an address is of both halves, of its own instance and register")

# --- Bad input. ---

status, dumped, said = decode("noise\r\n\x00\xff trace\n" + "\r\nsomething else\r\n".join(LINES[:5]) + "\r\ntrace 12 smmu0 co")
tap.equal((status, dumped[:5], said), (0, DECODED[:5], ""), "other text between")
tap.equal(dumped[5:], ["# not readable: trace 12 smmu0 co", "# the trace ends before its last line: the log is cut off"], "a line that is cut off")
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
