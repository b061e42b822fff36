# SPDX-License-Identifier: BSD-2-Clause
"""
Tables larger than any machine's: 256 SMMUs, 3000 ranges of requester IDs, 10000 masters of the platform. The program that is
installed reads them whole. Built with the firmware's limits it tells once for each kind how many it leaves out.
"""

import os
import struct
import subprocess

import tool
from tool import tap

SMMUS, MASTERS, RANGES, HOSTS, CROWD = 256, 10000, 3000, 50, 1000
MEGABYTES = 64
INSTALLED = os.path.join(tool.ROOT, "build/host/smmu-inspect")
FIRMWARE = os.path.join(tool.ROOT, "build/host/tools/inspect/smmu-inspect")


def cells(*values):
    return "<" + " ".join(hex(value) for value in values) + ">"


def smmu(number):
    return f's{number}: iommu@1{number:08x} {{ compatible = "arm,smmu-v3"; reg = {cells(1, number << 17, 0, 1 << 17)}; #iommu-cells = <1>; }};'


def master(number):
    return f'dma@2{number:08x} {{ compatible = "acme,dma"; reg = {cells(2, number << 12, 0, 1 << 12)}; iommus = <&s{number % SMMUS} {number // SMMUS}>; }};'


def crowd(first):
    """A bus: dtc takes no more than some thousand nodes in a row."""
    masters = "\n".join(master(number) for number in range(first, first + CROWD))
    return f'bus-{first} {{ compatible = "simple-bus"; ranges; #address-cells = <2>; #size-cells = <2>; {masters} }};'


def host(number):
    """Neighbours that do not become one range."""
    entries = ", ".join(f"<{at * 2} &s{number} {at * 3} 1>" for at in range(RANGES // HOSTS))
    return f'pcie@4{number:08x} {{ device_type = "pci"; linux,pci-domain = <{number}>; reg = {cells(4, number << 24, 0, 1 << 24)}; iommu-map = {entries}; }};'


def tree():
    parts = [smmu(n) for n in range(SMMUS)] + [crowd(n) for n in range(0, MASTERS, CROWD)] + [host(n) for n in range(HOSTS)]
    return "/dts-v1/;\n/ { #address-cells = <2>; #size-cells = <2>;\n" + "\n".join(parts) + "\n};\n"


def node(kind, revision, number, data, maps):
    """Of an IORT (DEN0049)."""
    offset = 16 + len(data)
    header = struct.pack("<BHBIII", kind, offset + 20 * len(maps), revision, number, len(maps), offset)
    return header + data + b"".join(struct.pack("<IIIII", *each) for each in maps)


def iort():
    where, nodes = 48, []

    def add(*what):
        nonlocal where
        nodes.append(node(what[0], what[1], len(nodes), *what[2:]))
        where += len(nodes[-1])
        return where - len(nodes[-1])

    smmus = [add(4, 4, struct.pack("<QIIQIIIIIII", 0x100000000 + (n << 17), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), ()) for n in range(SMMUS)]
    for n in range(MASTERS):
        name = f"\\_SB.D{n:04}".encode().ljust(11, b"\0")
        add(1, 2, struct.pack("<IQB", 0, 0, 64) + name, ((0, 0, n // SMMUS, smmus[n % SMMUS], 1),))
    for n in range(HOSTS):
        add(2, 1, struct.pack("<QIIB3x", 0, 0, n, 64), tuple((at * 2, 0, at * 3, smmus[n], 0) for at in range(RANGES // HOSTS)))
    header = struct.pack("<4sIBB6s8sI4sI", b"IORT", where, 5, 0, b"BOARDS", b"DEN0049 ", 1, b"TEST", 1)
    table = bytearray(header + struct.pack("<III", len(nodes), 48, 0) + b"".join(nodes))
    table[9] = -sum(table) & 0xFF
    return bytes(table)


def megabytes(path):
    """What the installed program needs at most."""
    with subprocess.Popen([INSTALLED, path], stdout=subprocess.DEVNULL) as program:
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = status
    return usage.ru_maxrss / 1024


def counts(said):
    return [len(said[key]) for key in ("instances", "fixed", "windows")]


place = tool.folder()
paths = {"device tree": tool.dtb(tree(), place, "large"), "IORT": os.path.join(place, "large.aml")}
with open(paths["IORT"], "wb") as out:
    out.write(iort())
for title, path in paths.items():
    needed = megabytes(path)
    tap.ok(needed <= MEGABYTES, f"{title}: {MEGABYTES} MiB are enough to read it", [f"{needed:.1f} MiB"])
    tool.INSPECT = INSTALLED
    whole = tool.described(path)
    tap.equal(counts(whole), [SMMUS, MASTERS, RANGES], f"{title}: is read whole")
    tap.equal(whole["warnings"], [], f"{title}: nothing is left out")
    ends = [(w["master"], w["input_first"], w["sid"]) for w in whole["windows"]][-1]
    last = RANGES // HOSTS - 1
    tap.equal(ends[1:], (hex(last * 2), hex(last * 3)), f"{title}: the last of its ranges is right")
    tool.INSPECT = FIRMWARE
    cut = tool.described(path)
    tap.equal(counts(cut)[0], 64, f"{title}: the firmware has room for 64 SMMUs")
    left = [w for w in cut["warnings"] if w["text"].endswith("more than can be listed: left out")]
    # What emits to an SMMU that is not listed is nowhere to be counted.
    shown = {w["where"]: int(w["text"].split()[0]) for w in left}
    tap.equal(shown.get("SMMUs"), SMMUS - 64, f"{title}: the other SMMUs are counted, once")
    known = sum(n % SMMUS < 64 for n in range(MASTERS))
    tap.equal(shown.get("streams", 0) + counts(cut)[1], known, f"{title}: so are the streams")
    tap.equal(shown.get("ranges of requester IDs", 0) + counts(cut)[2], RANGES, f"{title}: and the ranges of requester IDs")
    tap.equal(len(left), len(shown), f"{title}: each kind is told once")
tap.done()
