# SPDX-License-Identifier: BSD-2-Clause
"""Where fuzzing begins: the tables of the other tests, compiled; an event of each code; the boot arguments of docs/using.md.

    seeds.py OUT      makes OUT/dt, OUT/iort, OUT/acpi, OUT/event, OUT/explain, OUT/arguments and OUT/log
"""
import glob
import os
import re
import shutil
import struct
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/qemu"))

import tables  # noqa: E402


def sources(*patterns):
    return sorted(path for pattern in patterns for path in glob.glob(os.path.join(ROOT, pattern)))


def compile_all(out):
    for path in sources("tests/unit/*.dts", "tests/inspect/boards/*.dts"):
        name = os.path.basename(path)
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", os.path.join(out, "dt", name + ".dtb"), path], check=True)
    for path in sources("tests/inspect/boards/*.iort"):
        place = os.path.join(out, "iort", os.path.basename(path))
        subprocess.run(["iasl", "-p", place, path], check=True, capture_output=True)


def write(out, name, data):
    with open(os.path.join(out, name), "wb") as file:
        file.write(data)


def node(kind, body, mappings=()):
    """An IORT node with its ID mappings behind it."""
    size = 16 + len(body)
    packed = b"".join(struct.pack("<IIIII", *mapping) for mapping in mappings)
    return struct.pack("<BHBIII", kind, size + len(packed), 0, 0, len(mappings), size if mappings else 0) + body + packed


def small_iort():
    """One SMMUv3, one root complex, one component and one reserved memory range."""
    smmu = node(4, struct.pack("<QIIQIIIII", 0x9050000, 1, 0, 0, 0, 74, 75, 77, 76))
    nodes = [smmu]
    nodes.append(node(2, struct.pack("<QIII", 0, 0, 0, 0), [(0, 0xffff, 0, 48, 0)]))
    nodes.append(node(1, struct.pack("<IQB", 0, 0, 0) + b"\\_SB.DMA0\0".ljust(11, b"\0"), [(0, 0, 0x10000, 48, 1)]))
    region = struct.pack("<QQI", 0x80000000, 0x10000, 0)
    nodes.append(node(6, struct.pack("<III", 0, 1, 28) + region, [(0, 0, 0x10000, 48, 1)]))
    body = b"".join(nodes)
    head = b"IORT" + struct.pack("<IBB", 48 + len(body), 5, 0) + b"ACME  " + b"BOARD   " + struct.pack("<I4sI", 1, b"ACME", 1)
    return head + struct.pack("<III", len(nodes), 48, 0) + body


def machine_tables():
    """In the order of tests/fuzz/acpi.c."""
    yield "apic", tables.madt([tables.gicd(3), tables.gicc(0), tables.gicc(1), tables.structure(14, 16, o4=(0x80A0000, 8), o12=(0x20000, 4))])
    yield "gtdt", tables.gtdt()
    yield "facp", tables.fadt()
    yield "spcr", tables.spcr()
    yield "mcfg", tables.mcfg()


def small_smmu(stage):
    """In the form of tests/fuzz/explain.c: registers, then memory that is the input over and over. Stream 8 translates by it."""
    data = bytearray(4096)
    registers = {0x0: 0x0C4C101F, 0x4: 0x02730505, 0x14: 0x75, 0x1C: 2, 0x20: 0xD, 0x24: 0xD, 0x80: 0x1000, 0x88: 6, 0x90: 0x1103, 0xA0: 0x1143}
    for offset, value in registers.items():
        struct.pack_into("<I", data, (offset ^ offset >> 8) % 256, value)
    # STE of stream 8; its CD; tables whose entries all name the next page of the same bytes; a page.
    struct.pack_into("<QQQQ", data, 0x200, 1 | (4 | stage) << 1 | 0x1300, 0, 25 << 32 | 1 << 38 | 5 << 48 | 1 << 51 | 1 << 58, 0x1000)
    struct.pack_into("<QQ", data, 0x300, 1 << 31 | 1 << 41 | 1 << 45 | 1 << 46 | 1 << 30 | 5 << 32 | 25, 0x1000)
    struct.pack_into("<QQ", data, 0x400, 0x2003, 0x3443)
    struct.pack_into("<QQ", data, len(data) - 16, 8, 0x80 << 30 | 0x80 << 21 | 0x80 << 12)
    return bytes(data)


def main():
    out = sys.argv[1]
    for name in ("dt", "iort", "acpi", "event", "explain", "arguments", "log"):
        os.makedirs(os.path.join(out, name), exist_ok=True)
    compile_all(out)
    write(out, "iort/small", small_iort())
    for number, (name, table) in enumerate(machine_tables()):
        write(out, f"acpi/{name}", bytes([number]) + table)
    for code in range(0x28):
        write(out, f"event/{code:02x}", struct.pack("<QQQQ", code | 0x800 | 8 << 32, 0xffffffff, 0x123456789000, 0xfffff000))
    for stage in range(1, 4):
        write(out, f"explain/stage{stage}", small_smmu(stage))
    for path in sources("tests/inspect/logs/*"):
        shutil.copy(path, os.path.join(out, "log"))
    with open(os.path.join(ROOT, "docs/using.md"), encoding="utf-8") as file:
        words = re.findall(r"`([a-z]+=[^`\s]+)`", file.read())
    for number, word in enumerate(words):
        write(out, f"arguments/{number}", word.encode())
    write(out, "arguments/all", " ".join(words).encode() + b' run="a b"')


if __name__ == "__main__":
    main()
