# SPDX-License-Identifier: BSD-2-Clause
"""
The machine's bus as a master sees it, with the errors that qtest does not tell.

qtest reads 0 where nothing is. What is there, QEMU's monitor knows (`info mtree -f`). The map changes over the run
(PCI windows and BARs), so it is read again before an address is declared empty.
"""

import re

VIEW = re.compile(r"^FlatView #\d+\n(.*?)(?=^FlatView #|\Z)", re.M | re.S)
SYSTEM = re.compile(r'^ AS "memory",', re.M)
RANGE = re.compile(r"^  ([0-9a-f]{16})-([0-9a-f]{16}) \(prio -?\d+, ([^)]+)\)", re.M)
AHEAD = 1024  # Bytes that one read fetches if one of them is wanted.


class BusFault(Exception):
    """Nothing answers at this address."""


def parse_memory_map(text):
    """(first, last, whether it is RAM) of each range with a device or memory, from `info mtree -f`."""
    view = next((view for view in VIEW.findall(text) if SYSTEM.search(view)), "")
    return [(int(first, 16), int(last, 16), kind == "ram") for first, last, kind in RANGE.findall(view)]


class Bus:
    """
    read() and write() of 1, 2, 4 or 8 bytes; `read_map` gives the ranges that are there now. A machine that stands still changes no
    RAM: while `stillness` gives the same number, which is None in a machine that runs, what was read ahead there holds until
    something is written.
    """

    def __init__(self, qtest, read_map, stillness):
        self._qtest = qtest
        self._read_map = read_map
        self._stillness = stillness
        self._ranges = read_map()
        self._first, self._last, self._is_ram = 0, -1, False  # The range of the last hit: most accesses go to the same one.
        self._ahead, self._ahead_at, self._ahead_still = b"", 0, None

    def read(self, address, size):
        self._check(address, size)
        still = self._stillness()
        if not self._is_ram or still is None:
            return self._qtest.read(address, size)
        offset = address - self._ahead_at
        if still != self._ahead_still or not 0 <= offset <= len(self._ahead) - size:
            count = min(AHEAD, self._last + 1 - address)
            self._ahead, self._ahead_at, self._ahead_still, offset = self._qtest.read_bytes(address, count), address, still, 0
        return int.from_bytes(self._ahead[offset : offset + size], "little")

    def write(self, address, size, value):
        self._check(address, size)
        self._ahead = b""
        self._qtest.write(address, size, value)

    def _check(self, address, size):
        if address < self._first or address + size - 1 > self._last:
            self._first, self._last, self._is_ram = self._find(address, size)

    def _find(self, address, size):
        found = self._search(address, size)
        if not found:
            self._ranges = self._read_map()
            found = self._search(address, size)
        if not found:
            raise BusFault(f"nothing answers at {address:#x}")
        return found

    def _search(self, address, size):
        return next((r for r in self._ranges if r[0] <= address and address + size - 1 <= r[1]), None)
