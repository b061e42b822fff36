# SPDX-License-Identifier: BSD-2-Clause
"""ACPI tables of QEMU's `virt`, written by hand from the ACPI specification, DEN0049 and the SPCR's: for what QEMU's own do not show."""

import struct

AT = 0x48000000  # Where they are loaded: the RSDP first.
SMMU_SIZE = 72  # Of a node of revision 4, without mappings.
SMMU_BASE, SMMU_STEP, SMMU_SPI = 0x0C000000, 0x20000, 32 + 0x70


def checksummed(table, at):
    table = bytearray(table)
    table[at] = 0
    table[at] = -sum(table) & 0xFF
    return bytes(table)


def table(signature, body, revision=1):
    head = signature + struct.pack("<IBB", 36 + len(body), revision, 0) + b"ACME  BOARD   " + struct.pack("<I4sI", 1, b"ACME", 1)
    return checksummed(head + body, 9)


def iort(ranges, old=False):
    """
    Three SMMUv3s as QEMU has them, and one root complex: `ranges` are (first, count, stream ID, instance). `old`: with nodes of
    revision 1, which iasl's language knows.
    """
    smmus = []
    for number in range(3):
        spi = SMMU_SPI + 4 * number
        body = struct.pack("<QIIQIIIIIIII", SMMU_BASE + number * SMMU_STEP, 1, 0, 0, 0, spi, spi + 1, spi + 3, spi + 2, 0, 0, 0)
        body = body[:-4] if old else body
        smmus.append(struct.pack("<BHBIII", 4, 16 + len(body), 1 if old else 4, 0, 0, 0) + body)
    size = len(smmus[0])
    maps = b"".join(struct.pack("<IIIII", first, count - 1, sid, 48 + size * at, 0) for first, count, sid, at in ranges)
    body = struct.pack("<QIIBBH", 1, 0, 0, 16, 0, 0)
    root = struct.pack("<BHBIII", 2, 16 + len(body) + len(maps), 1 if old else 3, 0, len(ranges), 16 + len(body)) + body + maps
    return table(b"IORT", struct.pack("<III", 4, 48, 0) + b"".join(smmus) + root)


def structure(kind, size, **fields):
    """A structure of the MADT: its fields by offset, as o4=(value, width)."""
    bytes_ = bytearray(size)
    bytes_[0:2] = kind, size
    for name, (value, width) in fields.items():
        at = int(name[1:])
        bytes_[at : at + width] = value.to_bytes(width, "little")
    return bytes(bytes_)


def gicc(core, base=0x08010000, enabled=1, size=80, **more):
    return structure(11, size, o4=(core, 4), o8=(core, 4), o12=(enabled, 4), o32=(base, 8), o68=(core, 8), **more)


def gicd(version=2):
    return structure(12, 24, o8=(0x08000000, 8), o20=(version, 1))


def madt(structures):
    return table(b"APIC", bytes(8) + b"".join(structures), 4)


def gtdt(virtual=27, flags=0):
    return table(b"GTDT", struct.pack("<QIIIIIIIII", 0xFFFFFFFFFFFFFFFF, 0, 29, 0, 30, 0, virtual, flags, 26, 0) + bytes(20), 2)


def fadt(flags=3):
    return table(b"FACP", bytes(129 - 36) + struct.pack("<H", flags) + bytes(268 - 131), 5)


def spcr(interface=3, base=0x09000000, width=32):
    return table(b"SPCR", struct.pack("<B3xBBBBQ", interface, 0, width, 0, 3, base) + bytes(80 - 52), 2)


def mcfg(entries=((0x4010000000, 0, 0, 255),)):
    return table(b"MCFG", bytes(8) + b"".join(struct.pack("<QHBB4x", *entry) for entry in entries))


def write(path, tables, rsdt=False):
    """The RSDP and its XSDT (or RSDT) with these tables, as one file to be loaded at AT; returns its name."""
    places, at = [], AT + 0x400
    for each in tables:
        places.append(at)
        at += (len(each) + 63) & ~63
    root = table(b"RSDT" if rsdt else b"XSDT", b"".join(struct.pack("<I" if rsdt else "<Q", place) for place in places))
    first = struct.pack("<BIIQ", 0 if rsdt else 2, AT + 0x100 if rsdt else 0, 36, 0 if rsdt else AT + 0x100)
    rsdp = checksummed(b"RSD PTR \0ACME  " + first + bytes(4), 8)
    rsdp = checksummed(rsdp[:8] + bytes([-(sum(rsdp[:20]) - rsdp[8]) & 0xFF]) + rsdp[9:], 32)
    image = rsdp.ljust(0x100, b"\0") + root.ljust(0x300, b"\0")
    for each in tables:
        image += each.ljust((len(each) + 63) & ~63, b"\0")
    with open(path, "wb") as file:
        file.write(image)
    return path
