# SPDX-License-Identifier: BSD-2-Clause
"""
Targets that answer short, late, with errors or not at all; dumps with holes; tables that loop; two SMMUs at one base; wrong words on
the command line: a clear word each, and what can be told is told. And no packet or command that could write is ever sent.
"""

import os
import re
import struct
import subprocess
import tempfile
import time

import look
import stubs
import tap

BASE, RAM = 0x9050000, 0x40000000
STRTAB, CD, TABLE = RAM, RAM + 0x1000, RAM + 0x2000
SID = 3
folder = tempfile.TemporaryDirectory(prefix="look.")


def registers():
    """Linear table of 64 streams; stage 1, 4 KiB, 44 bits; all on."""
    page = bytearray(0x20000)
    for offset, value in {0x0: 0x0D44101A, 0x4: 0x02730010, 0x14: 0x74, 0x1C: 1, 0x20: 0xD, 0x24: 0xD, 0x44: 0x101000, 0x88: 6, 0x90: RAM + 0x8000 | 4, 0xA0: RAM + 0x9000 | 4}.items():
        struct.pack_into("<I", page, offset, value)
    struct.pack_into("<Q", page, 0x80, STRTAB)
    return page


def ram():
    data = bytearray(0x10000)

    def put(address, value):
        struct.pack_into("<Q", data, address - RAM, value)

    put(STRTAB + 64 * SID, 1 | 5 << 1 | CD)
    put(CD, 1 << 31 | 1 << 41 | 1 << 45 | 1 << 46 | 1 << 30 | 4 << 32 | 25)
    put(CD + 8, TABLE)
    put(TABLE, (TABLE + 0x1000) | 3)
    put(TABLE + 0x1000, (TABLE + 0x2000) | 3)
    put(TABLE + 0x2000 + 8, (RAM + 0x7000) | 0x443)
    return data, put


def saved(name, data):
    path = os.path.join(folder.name, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


DATA, _ = ram()
REGISTERS = registers()
READ = stubs.memory({BASE: bytes(REGISTERS), RAM: bytes(DATA)})
AT = ("--at", hex(BASE))
WALK = ("walk", SID, "0x1010")
FOUND = ("=> translated: 0x40007010",)


def with_server(serve, kind, title, words, status, *parts):
    server = stubs.Server(serve)
    said = look.says(title, (f"--{kind}", server.place, *AT, *words), status, *parts)
    server.close()
    return said


# --- Every source gives the same. ---

sent = []
with_server(stubs.gdb(READ, log=sent), "gdb", "a stub", WALK, 0, *FOUND)
with_server(stubs.gdb(READ, log=sent), "gdb", "a stub: check", ("check",), 0, "0 wrong")
tap.equal([packet for packet in sent if not re.fullmatch(r"m[0-9a-f]+,[0-9a-f]+|qSupported|Qqemu.PhyMemMode:[01]|D", packet)], [], "a stub gets no packet but those that read")
sent = []
with_server(stubs.openocd(READ, log=sent), "openocd", "OpenOCD", WALK, 0, *FOUND)
tap.ok(sent and all(re.search(r"catch \{(\S+ read_memory 0x[0-9a-f]+ 32 \d+ phys|\S+ cget -type|set f \[target current\].*)\} r", command) for command in sent), "OpenOCD gets no command but those that read", sent[:3])
sent = []
with_server(stubs.openocd(READ, "soc.cpu soc.axi", {"soc.axi": "mem_ap"}, log=sent), "openocd", "OpenOCD with a memory access port", WALK, 0, *FOUND)
tap.ok(any("soc.axi read_memory" in command and "phys" not in command for command in sent), "the memory access port is used", sent[-1:])
server = stubs.Server(stubs.openocd(READ, "soc.cpu soc.axi", {"soc.axi": "mem_ap"}))
look.says("OpenOCD, a target by name", ("--openocd", server.place + ",soc.axi", *AT, *WALK), 0, *FOUND)
look.says("OpenOCD, no such target", ("--openocd", server.place + ",soc.none", *AT, *WALK), 2, "invalid command name")
look.says("OpenOCD, a name that is none", ("--openocd", server.place + ",a;exit", *AT, *WALK), 2, "this is no target's name")
server.close()
dumps = ("--dump", saved("regs", REGISTERS) + f"@{BASE:#x}", "--dump", saved("ram", DATA) + f"@{RAM:#x}")
look.says("dumps", (*dumps, *AT, *WALK), 0, *FOUND)

# --- Targets that fail. ---


def shortened(packet):
    return stubs.framed(b"0011") if packet.startswith(b"m") and not packet.startswith(b"m905") else None


def late(packet):
    if packet.startswith(b"m4"):
        time.sleep(5)
    return None


with_server(stubs.gdb(READ, shortened), "gdb", "a stub that answers short", WALK, 0, "cannot be read", "=> faulted, F_STE_FETCH")
with_server(stubs.gdb(READ, late), "gdb", "a stub that answers late", ("--timeout", "1", *WALK), 2, "no answer in time")
with_server(stubs.gdb(READ, lambda packet: b"" if packet.startswith(b"m") else None), "gdb", "a stub that does not answer", ("--timeout", "1", *WALK), 2, "no answer in time")
with_server(stubs.gdb(READ, lambda packet: stubs.framed(b"E01") if packet.startswith(b"m") else None), "gdb", "a stub with errors alone", WALK, 2, "none of its registers can be read", "error 01")
with_server(stubs.gdb(READ, lambda packet: stubs.framed(b"zz") if packet.startswith(b"m") else None), "gdb", "a stub without hex", WALK, 2, "0 of 4 bytes")
with_server(stubs.gdb(READ, lambda packet: stubs.framed(b"") if packet.startswith(b"Q") else None), "gdb", "a stub that is not QEMU's", WALK, 2, "no mode for physical memory")
with_server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n"), "gdb", "no stub at all", ("--timeout", "1", *WALK), 2, "has closed the connection")
with_server(lambda connection: connection.sendall(b"$" + b"x" * 20000), "gdb", "a packet without an end", WALK, 2, "without an end")
with_server(stubs.openocd(READ, answer=lambda command: b"+0x1 0x2" if b"read_memory" in command and b" 32 1 " not in command else None), "openocd", "an OpenOCD that answers short", WALK, 0, "cannot be read")
with_server(stubs.openocd(READ, answer=lambda command: b"-target not halted" if b"read_memory" in command else None), "openocd", "a core that runs", WALK, 2, "target not halted")
with_server(lambda connection: connection.close(), "openocd", "an OpenOCD that goes", WALK, 2, "has closed the connection")
look.says("a port where nothing listens", ("--gdb", "127.0.0.1:1", *AT), 2, "no connection")
look.says("a place that is none", ("--gdb", "nowhere", *AT), 2, "HOST:PORT is wanted")

# --- Memory that is damaged. ---

holed = ("--dump", saved("regs", REGISTERS) + f"@{BASE:#x}", "--dump", saved("low", DATA[:0x2000]) + f"@{RAM:#x}")
look.says("a dump with a hole", (*holed, *AT, *WALK), 0, "the stage 1 level 1 at 0x40002000 cannot be read: nothing answers there")
look.says("a dump with a hole: check", (*holed, *AT, "check"), 3, "cannot be read")
looping, put = ram()
for entry in range(512):
    put(TABLE + 8 * entry, TABLE | 3)
loop = ("--dump", saved("regs", REGISTERS) + f"@{BASE:#x}", "--dump", saved("loop", looping) + f"@{RAM:#x}")
begun = time.time()
look.says("tables that loop", (*loop, *AT, "check"), 3, "the tables loop")
look.says("tables that loop: a walk", (*loop, *AT, *WALK), 0, "level 3")
tap.ok(time.time() - begun < 60, "tables that loop: it ends")
empty = registers()
for at in (0x0, 0x4, 0x14):
    struct.pack_into("<I", empty, at, 0)
look.says("no SMMU at this base", ("--dump", saved("none", empty) + f"@{BASE:#x}", *AT), 0, "is there an SMMUv3 at this base")
look.says("a dump without registers", ("--dump", saved("ram", DATA) + f"@{RAM:#x}", *AT), 2, "none of its registers can be read")
known = ("--register", f"STRTAB_BASE={STRTAB:#x}", "--register", "SMMU_STRTAB_BASE_CFG=6")
look.says("registers by hand", ("--dump", saved("ram", DATA) + f"@{RAM:#x}", *known, *WALK), 0, "IDR0, IDR1 or IDR5 is not known", *FOUND)

# --- Crash dumps. ---


def vmcore(segments, **more):
    head = bytearray(struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 4, 183, 1, 0, 64, 0, 0, 64, 56, len(segments), 0, 0, 0))
    offset, body = 64 + 56 * len(segments), b""
    for address, data in segments:
        head += struct.pack("<IIQQQQQQ", 1, 7, offset + len(body), 0xFFFF000000000000 + address, address, len(data), len(data), 0)
        body += bytes(data)
    return bytes(head) + body


core = vmcore([(RAM, DATA[:0x3000]), (RAM + 0x3000, DATA[0x3000:])])
look.says("a crash dump", ("--vmcore", saved("vmcore", core), *known, *WALK), 0, *FOUND)
look.says("a crash dump that is cut off", ("--vmcore", saved("cut", core[:-0xC800]), *known, *WALK), 0, "cannot be read")
look.says("a crash dump without registers", ("--vmcore", saved("vmcore", core), *AT), 2, "none of its registers can be read")
look.says("program headers that are cut off", ("--vmcore", saved("short", core[:100]), *known), 2, "program headers are cut off")
look.says("a compressed dump", ("--vmcore", saved("kdump", b"KDUMP   " + bytes(100)), *known), 2, "makedumpfile -E")
look.says("a flattened dump", ("--vmcore", saved("flat", b"makedumpfile\0" + bytes(100)), *known), 2, "makedumpfile -R")
look.says("no ELF", ("--vmcore", saved("text", b"x" * 200), *known), 2, "it is no ELF file")
look.says("ELF of 32 bits", ("--vmcore", saved("elf32", b"\x7fELF\x01\x01" + bytes(100)), *known), 2, "64 bits")
look.says("an empty file", ("--vmcore", saved("empty", b""), *known), 2, "it is empty")
look.says("a file that is not there", ("--vmcore", "/nowhere/vmcore", *known), 2, "No such file")

# --- Tables. ---

SMMU = 'smmu{0}: iommu@{1} {{ compatible = "arm,smmu-v3"; reg = <0 0x9050000 0 0x20000>; #iommu-cells = <1>; phandle = <{0}>; }};'
TREE = '/dts-v1/;\n/ {{ #address-cells = <2>; #size-cells = <2>; {0} dma@1000 {{ reg = <0 0x1000 0 0x1000>; iommus = <&smmu1 3>; }}; }};'


def dtb(name, *nodes):
    path = os.path.join(folder.name, name)
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path], input=TREE.format(" ".join(nodes)), text=True, check=True)
    return path


one, two = dtb("one.dtb", SMMU.format(1, "9050000")), dtb("two.dtb", SMMU.format(1, "9050000"), SMMU.format(2, "9050001"))
look.says("a device tree", (*dumps, "--tables", one, "streams"), 0, "SMMU at 0x9050000 (/iommu@9050000)", "0x3 /dma@1000: stage 1")
twice = look.says("two SMMUs at one base", (*dumps, "--tables", two, "streams"), 0, "two SMMUs of the table are at 0x9050000: it is looked at once")
tap.equal(twice.out.count("SMMU at 0x9050000"), 1, "two SMMUs at one base: one is told")
look.says("a table that is damaged", (*dumps, "--tables", saved("bad.dtb", b"\xd0\x0d\xfe\xed" + bytes(30))), 2, "device tree")
look.says("a base that the table does not have", (*dumps, "--tables", one, "--at", "0x1000"), 2, "none of its registers can be read")

# --- The command line. ---

look.says("no source", AT, 1, "one of --gdb, --openocd, --dump and --vmcore is wanted")
look.says("two sources", ("--gdb", "x:1", "--openocd", "y:1", *AT), 1, "one of --gdb")
look.says("nowhere to look", dumps, 2, "--at BASE or --tables TABLE")
look.says("no such command", (*dumps, *AT, "wonder"), 1, "no command is called wonder")
look.says("a walk of nothing", (*dumps, *AT, "walk", "3"), 1, "walk SID IOVA")
look.says("a stream that is no number", (*dumps, *AT, "walk", "x", "0"), 1, "SID x: a number")
look.says("a substream that is too large", (*dumps, *AT, "walk", "3", "0", "0x100000"), 1, "SSID 0x100000: a number")
look.says("a dump without an address", ("--dump", "file", *AT), 1, "FILE@ADDRESS is wanted")
look.says("a register that there is not", (*dumps, *AT, "--register", "CR9=1"), 1, "NAME=VALUE is wanted")
look.says("a timeout that is none", (*dumps, *AT, "--timeout", "soon"), 1, "--timeout soon")
look.says("a dump that is not there", ("--dump", "/nowhere/ram@0x40000000", *dumps, *AT), 2, "No such file")
look.says("a word too many", (*dumps, *AT, "streams", "0x3"), 1, "streams takes no further word, and 0x3 is one")
short = look.says("an option that there is not", (*dumps, *AT, "--loud"), 1, "--loud", "--help tells how it is called")
tap.ok(len(short.err.splitlines()) == 2, "what is wrong is not lost among all that could be right", short.err)
look.says("no word at all", (), 1, "usage: smmu-look SOURCE")
look.says("help", ("--help",), 0, "It never writes to the target")
refused = look.run("--json", "--vmcore", "/nowhere", *known)
tap.equal((refused.status, refused.json["verdict"]), (2, "error"), "--json: a refusal is JSON, too")
tap.done()
