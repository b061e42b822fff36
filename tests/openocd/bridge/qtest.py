# SPDX-License-Identifier: BSD-2-Clause
"""
QEMU's qtest protocol: real bus accesses of an exact size, which devices see, whether the machine runs or not.

The gdbstub would not do: it writes behind a flash device's back and stops the machine.
"""

from link import Link

LETTER = {1: "b", 2: "w", 4: "l", 8: "q"}
MOST_POSTED = 64  # Few enough that QEMU's answers always fit in its socket buffer: no deadlock.


class QTest:
    """Writes are posted, and sent many at a time: QEMU need not be woken for each. drain() sends them all."""

    def __init__(self, path):
        self._link = Link(path)
        self._received = b""
        self._posted = []

    @property
    def has_posted(self):
        return bool(self._posted)

    def read(self, address, size):
        return int(self.ask(f"read{LETTER[size]} {address:#x}"), 16)

    def read_bytes(self, address, count):
        """Of RAM: a device would see accesses of sizes of QEMU's choice."""
        return bytes.fromhex(self.ask(f"read {address:#x} {count:#x}")[2:])

    def write(self, address, size, value):
        self._posted.append(f"write{LETTER[size]} {address:#x} {value:#x}\n")
        if len(self._posted) >= MOST_POSTED:
            self.drain()

    def wake(self):
        """Nothing but that QEMU's main loop turns once."""
        self.ask("endianness")

    def ask(self, command):
        """Any command, and what stands behind its OK."""
        self.drain()
        self._link.send(command.encode() + b"\n")
        return self._answers(1)

    def drain(self):
        """Afterwards every write has arrived."""
        posted, self._posted = self._posted, []
        if posted:
            self._link.send("".join(posted).encode())
            self._answers(len(posted))

    def _answers(self, count):
        """That many lines, each of which is an OK and perhaps a value; the last one's."""
        while self._received.count(b"\n") < count:
            self._received += self._link.receive()
        lines, self._received = self._received.splitlines(), b""
        for line in lines:
            if not line.startswith(b"OK"):
                raise OSError(f"qtest: {line.decode(errors='replace')}")
        return lines[-1][2:].strip().decode()
