# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's gdbstub: packets, threads (one per core), registers by name, and the monitor behind qRcmd."""

import re
import time

from link import ANSWER_LIMIT, Link, QemuGone, QemuSilent

CHUNK = 0xF00  # Of a description: its answer fits in QEMU's packet of 4 KiB.
LOOK_EVERY = 0.002  # Seconds.


class GdbStub:
    """A client. All but interrupt() and resume() need a machine that stands still: any packet would stop it."""

    def __init__(self, path):
        self._link = Link(path)
        self._received = b""
        self._selected = None
        self._forget_unasked()
        self.command("qSupported:xmlRegisters=i386,arm")
        self.threads = self._list_threads()
        self.numbers = self._number_registers()

    def fileno(self):
        return self._link.fileno()

    def command(self, text):
        """One packet, and the answer to it."""
        self._send(text.encode())
        return self.packet().decode("latin1")

    def packet(self, limit=None):
        """The next packet; None when a limit (in seconds) is given and passes."""
        while (body := self._take()) is None:
            if limit is not None and not self._link.is_readable(limit):
                return None
            self._received += self._link.receive()
        if body[:1] in (b"W", b"X"):
            raise QemuGone("the machine was turned off")
        return body

    def packet_or_rest(self):
        """The next packet; None where QEMU rests without one. A core that has not stepped by then does not, however busy the host is."""
        end, before = time.monotonic() + ANSWER_LIMIT, None
        while time.monotonic() < end:
            body = self.packet(LOOK_EVERY)
            if body is not None:
                return body
            now = self._link.asleep()
            if now and now == before:
                return self.packet(0)
            before = now
        raise QemuSilent(f"QEMU neither answers nor rests for {ANSWER_LIMIT} seconds")

    def interrupt(self):
        self._link.send(b"\x03")

    def resume(self, actions):
        """vCont; its answer is the stop reply, whenever that comes."""
        self._send(b"vCont;" + actions.encode())

    def monitor(self, command):
        """What QEMU's monitor prints."""
        self._send(b"qRcmd," + command.encode().hex().encode())
        text = b""
        while (body := self.packet())[:1] == b"O" and body != b"OK":
            text += bytes.fromhex(body[1:].decode())
        return text.decode(errors="replace").replace("\r", "")

    def select(self, core):
        """The core that registers are those of."""
        if core != self._selected:
            self.command(f"Hg{self.threads[core]:x}")
            self._selected = core

    def forget_selection(self):
        """A stop selects the core that caused it."""
        self._selected = None

    def general_registers(self, core):
        self.select(core)
        return bytes.fromhex(self.command("g").replace("x", "0"))

    def read_register(self, core, name):
        self.select(core)
        answer = self.command(f"p{self.numbers[name]:x}")
        return 0 if answer[:1] == "E" else int.from_bytes(bytes.fromhex(answer), "little")

    def write_register(self, core, number, value, size):
        self.select(core)
        self.command(f"P{number:x}={value.to_bytes(size, 'little').hex()}")

    def read_memory(self, core, address, size):
        """As the core sees it, without a side effect."""
        self.select(core)
        return self.command(f"m{address:x},{size:x}")

    def write_memory(self, core, address, text):
        """Takes what read_memory() gives: hexadecimal digits."""
        self.select(core)
        self.command(f"M{address:x},{len(text) // 2:x}:{text}")

    def _send(self, body):
        self._link.send(b"$%s#%02x" % (body, sum(body) & 0xFF))

    def _take(self):
        """A whole packet's body out of what was received, acknowledged; None if there is none."""
        start = self._received.find(b"$")
        end = self._received.find(b"#", start)
        if start < 0 or end < 0 or len(self._received) < end + 3:
            return None
        body, self._received = self._received[start + 1 : end], self._received[end + 3 :]
        self._link.send(b"+")
        return body

    def _forget_unasked(self):
        """Connecting to a machine that runs stops it, and some QEMUs say so."""
        while self.packet_or_rest() is not None:
            pass

    def _list_threads(self):
        threads, answer = [], self.command("qfThreadInfo")
        while answer.startswith("m"):
            threads += [int(thread, 16) for thread in answer[1:].split(",")]
            answer = self.command("qsThreadInfo")
        return sorted(threads)

    def _number_registers(self):
        """Register numbers differ from one QEMU to the next, names do not."""
        numbers, following = {}, 0
        for file in re.findall(r'href="([^"]+)"', self._description("target.xml")):
            for attributes in re.findall(r"<reg ([^>]+)>", self._description(file)):
                given = re.search(r'regnum="(\d+)"', attributes)
                number = int(given[1]) if given else following
                numbers.setdefault(re.search(r'name="([^"]+)"', attributes)[1], number)
                following = number + 1
        return numbers

    def _description(self, file):
        text, more = "", "m"
        while more == "m":
            answer = self.command(f"qXfer:features:read:{file}:{len(text):x},{CHUNK:x}")
            more, text = answer[:1], text + answer[1:]
        return text
