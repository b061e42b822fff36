# SPDX-License-Identifier: BSD-2-Clause
"""
IORTs with one wrong entry each, for linux_table.py. QEMU makes its tables when they are first read, so that the firmware reads them
once, and they are taken out of QEMU then; edited, they are what another QEMU offers, to the firmware, and to UEFI and Linux behind it.
"""

import functools
import os
import socket
import struct
import tempfile

import linux
import linux_by_acpi as by_acpi
import wrong_trees

WORDS = f"next={linux.LINUX_AT:#x},always handover=bypass console=ttyAMA0 panic=1 quiet selftest=quick"
FILES = ("etc/acpi/rsdp", "etc/acpi/tables", "etc/table-loader")

# QEMU's fw_cfg, and two places in RAM that nothing uses any more.
FW_CFG_DMA, DIRECTORY = 0x09020010, 0x19
READ, SELECT = 2, 8
REQUEST_AT, BUFFER_AT = 0x7F000000, 0x7F001000


class FwCfg:
    """Its files, by a machine's qtest socket and its monitor."""

    def __init__(self, path, monitor):
        self.monitor = monitor
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.answers = self.socket.makefile("r", encoding="ascii")

    def write(self, address, data):
        self.socket.sendall(f"write {address:#x} {len(data):#x} 0x{data.hex()}\n".encode())
        assert self.answers.readline().startswith("OK")

    def read(self, key, size):
        self.write(REQUEST_AT, struct.pack(">IIQ", key << 16 | SELECT | READ, size, BUFFER_AT))
        self.write(FW_CFG_DMA, struct.pack(">Q", REQUEST_AT))
        return self.monitor.read(BUFFER_AT, size)

    def files(self):
        (count,) = struct.unpack(">I", self.read(DIRECTORY, 4))
        entries = struct.iter_unpack(">IHH56s", self.read(DIRECTORY, 4 + 64 * count)[4:])
        return {name.rstrip(b"\0").decode(): self.read(key, size) for size, key, _, name in entries if name.rstrip(b"\0").decode() in FILES}


@functools.cache
def qemus_own():
    """The files as the firmware has found them: a machine that it has turned off stands still."""
    machine, found = by_acpi.machine(), {}
    with tempfile.TemporaryDirectory() as sockets:
        qtest = os.path.join(sockets, "qtest")

        def look(monitor):
            found.update(FwCfg(qtest, monitor).files())
            monitor.execute("quit")

        more = ["-accel", "tcg", "-qtest", f"unix:{qtest},server=on,wait=off", "-qtest-log", "none", "-no-shutdown"]
        by_acpi.start(machine, None, None, "selftest=quick handover=bypass exit=off", more, look=look, look_at='{"record":"verdict"')
    machine.close()
    return found


# --- Edits. ---

SMMU, ROOT_COMPLEX = 4, 2
SMMU_BASE, SMMU_FLAGS, SMMU_EVENT_GSIV = (16, "<Q"), (24, "<I"), (44, "<I")
COUNT, OUTPUT, REFERENCE = (4, "<I"), (8, "<I"), (12, "<I")  # Of an ID mapping; the count is of those behind the first.
MAPPING_SIZE = 20


def nodes(tables):
    """Where the IORT's nodes begin in the file, each with its kind, and where the IORT begins."""
    iort = tables.index(b"IORT")
    count, at = struct.unpack_from("<II", tables, iort + 36)
    at += iort
    for _ in range(count):
        kind, size = struct.unpack_from("<BH", tables, at)
        yield kind, at, iort
        at += size


def smmu_at(tables, number):
    return [at for kind, at, _ in nodes(tables) if kind == SMMU and struct.unpack_from("<Q", tables, at + 16)[0] == linux.smmu_bases()[number]][0]


def mapping_at(tables, number):
    """The root complex's mapping that leads to this SMMU."""
    smmu = smmu_at(tables, number)
    for kind, at, iort in nodes(tables):
        count, offset = struct.unpack_from("<II", tables, at + 8)
        for mapping in range(at + offset, at + offset + MAPPING_SIZE * count, MAPPING_SIZE):
            if kind == ROOT_COMPLEX and struct.unpack_from("<I", tables, mapping + 12)[0] == smmu - iort:
                return mapping
    raise ValueError("no mapping leads to this SMMU")


def put(tables, at, field, value):
    offset, form = field
    (before,) = struct.unpack_from(form, tables, at + offset)
    assert value != before, (offset, value)
    struct.pack_into(form, tables, at + offset, value)


def in_smmu(field, value):
    """Of the second SMMU."""
    return lambda tables: put(tables, smmu_at(tables, 1), field, value)


def in_mapping(field, value):
    """Of the mapping that leads to the second SMMU; `value` may be made of the tables."""
    return lambda tables: put(tables, mapping_at(tables, 1), field, value(tables) if callable(value) else value)


def to_first(tables):
    """The first SMMU, as a mapping refers to it."""
    return smmu_at(tables, 0) - tables.index(b"IORT")


# The mapping has two buses: the root's own, and that of the disk.
CASES = {
    "an ID mapping ends a bus too early": in_mapping(COUNT, 0xFF),
    "an ID mapping gives other stream IDs": in_mapping(OUTPUT, 0),
    "an ID mapping leads to the first SMMU": in_mapping(REFERENCE, to_first),
    "an ID mapping leads to no node": in_mapping(REFERENCE, 0xFFF0),
    "the SMMU's base is elsewhere": in_smmu(SMMU_BASE, 0x0C080000),
    "the SMMU is not said to be coherent": in_smmu(SMMU_FLAGS, 0),
    "the event queue's GSIV is another device's": in_smmu(SMMU_EVENT_GSIV, 34),  # The clock's: without the UART's Linux says no more.
}


def run(which, edit=None):
    """The run of a machine whose IORT `edit` has changed."""
    files = {name: bytearray(data) for name, data in qemus_own().items()}
    if edit:
        edit(files["etc/acpi/tables"])
    machine, folder = by_acpi.machine(), linux.fetched(which)
    kernel = machine.path("Image", linux.kernel(folder))
    disk = machine.path("initrd", linux.initrd(folder, linux.init_for(wrong_trees.DISKS), options=wrong_trees.OPTIONS))
    more = []
    for name, data in files.items():
        more += ["-fw_cfg", f"name={name},file={machine.path(name.replace('/', '-'), data)}"]
    found = by_acpi.start(machine, kernel, disk, WORDS, more, options=",acpi=off", limit=wrong_trees.LIMIT)
    machine.close()
    return found
