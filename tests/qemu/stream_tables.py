# SPDX-License-Identifier: BSD-2-Clause
"""
The stream tables of live SMMUv3s, read in the memory of a running QEMU through its monitor (QMP): what an operating system
has really let through, and nothing is asked of it.
"""

import json
import os
import socket
import struct

CR0, STRTAB_BASE, STRTAB_BASE_CFG = 0x20, 0x80, 0x88
SMMUEN = 1
ADDRESS_MASK = 0xFFFFFFFFFFFC0  # [51:6]
STE_SIZE, DESCRIPTOR_SIZE = 64, 8
VALID = 1
# STE.Config (IHI 0070, 5.2): bit 2 is set in all that let something through.
LETS_THROUGH, STAGE_1 = 4, 5
TTB0_AT, TTB0_MASK = 8, 0xFFFFFFFFFFFF0  # Of a context descriptor (5.4).


class Monitor:
    """QEMU's, at a socket that it made by itself."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw", encoding="utf-8")
        self.dump = path + ".memory"
        self.file.readline()  # Its greeting.
        self.execute("qmp_capabilities")

    def execute(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def read(self, address, size):
        """Physical memory, or registers."""
        self.execute("pmemsave", val=address, size=size, filename=self.dump)
        with open(self.dump, "rb") as file:
            data = file.read()
        os.unlink(self.dump)
        return data

    def close(self):
        self.file.close()
        self.socket.close()


def entries(monitor, base):
    """Number and first word of every stream table entry that there is, of the SMMU with these registers."""
    (table,) = struct.unpack("<Q", monitor.read(base + STRTAB_BASE, 8))
    (config,) = struct.unpack("<I", monitor.read(base + STRTAB_BASE_CFG, 4))
    log2, split, levels = config & 0x3F, config >> 6 & 0x1F, config >> 16 & 3
    pieces = [(0, table & ADDRESS_MASK, 1 << log2)]
    if levels == 1:
        descriptors = monitor.read(table & ADDRESS_MASK, DESCRIPTOR_SIZE << (log2 - split))
        pieces = [
            (number << split, word & ADDRESS_MASK, 1 << (word & 0x1F) - 1)
            for number, (word,) in enumerate(struct.iter_unpack("<Q", descriptors))
            if word & 0x1F
        ]
    for first, at, count in pieces:
        data = monitor.read(at, STE_SIZE * count)
        for number in range(count):
            yield first + number, struct.unpack_from("<Q", data, STE_SIZE * number)[0]


def let_through(monitor, base):
    """
    The translation table of each stream that is let through by stage 1; "bypass" or the like of those that are by other
    means; None where the SMMU is off. One context descriptor each: an SMMU without substreams, as QEMU's is.
    """
    (cr0,) = struct.unpack("<I", monitor.read(base + CR0, 4))
    if not cr0 & SMMUEN:
        return None
    found = {}
    for sid, word in entries(monitor, base):
        config = word >> 1 & 7
        if word & VALID and config == STAGE_1:
            (ttb0,) = struct.unpack("<Q", monitor.read((word & ADDRESS_MASK) + TTB0_AT, 8))
            found[sid] = ttb0 & TTB0_MASK
        elif word & VALID and config & LETS_THROUGH:
            found[sid] = "bypass" if config == LETS_THROUGH else "stage 2"
    return found
