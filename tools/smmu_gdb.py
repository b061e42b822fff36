# SPDX-License-Identifier: BSD-2-Clause
"""
GDB's `smmu` command: smmu-look on the target that GDB is connected to.

    (gdb) source tools/smmu_gdb.py
    (gdb) smmu --at 0x9050000 streams
    (gdb) smmu --tables board.dtb walk 0x8 0x4000 --write

What follows `smmu` is smmu-look's, but for the source: that is this GDB. SMMU_LOOK names another program than build/host/smmu-look.
Nothing is written to the target. Physical memory is read by QEMU's mode for it, or by OpenOCD's read_memory through `monitor`.
"""

import os
import re
import shlex
import socket
import subprocess
import threading

import gdb

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))


def program():
    built = os.path.join(ROOT, "build/host/smmu-look")
    return os.environ.get("SMMU_LOOK") or (built if os.path.exists(built) else "smmu-look")


def said(command):
    return gdb.execute(command, to_string=True)


class Qemu:
    """Physical memory by the stub's mode; it is put back at the end."""

    @staticmethod
    def fits():
        return re.search(r'received: "[01]"', said("maintenance packet qqemu.PhyMemMode"))

    def __init__(self):
        self.was = re.search(r'received: "([01])"', said("maintenance packet qqemu.PhyMemMode"))[1]
        said("maintenance packet Qqemu.PhyMemMode:1")

    def read(self, address, size):
        return bytes(gdb.selected_inferior().read_memory(address, size))

    def close(self):
        said(f"maintenance packet Qqemu.PhyMemMode:{self.was}")


class OpenOCD:
    """Whole words, through OpenOCD's command line."""

    @staticmethod
    def fits():
        try:
            return "target" in said("monitor target current") or said("monitor target current").strip()
        except gdb.error:
            return False

    def read(self, address, size):
        start, end = address & ~3, (address + size + 3) & ~3
        words = said(f"monitor read_memory {start:#x} 32 {(end - start) // 4} phys").split()
        data = b"".join(int(word, 16).to_bytes(4, "little") for word in words)
        return data[address - start:address - start + size]

    def close(self):
        pass


def choose():
    for kind in (Qemu, OpenOCD):
        try:
            if kind.fits():
                return kind()
        except gdb.error:
            pass
    raise gdb.GdbError("smmu: this target reads no physical memory: it is neither QEMU's nor OpenOCD's")


def frame(text):
    return b"$%s#%02x" % (text, sum(text) & 0xFF)


def answer(source, packet):
    """To smmu-look, which takes this for a stub of QEMU's: only reads come."""
    if packet.startswith(b"m"):
        try:
            address, size = (int(part, 16) for part in packet[1:].split(b","))
            return frame(source.read(address, size).hex().encode())
        except (gdb.error, ValueError):
            return frame(b"E14")
    return frame(b"OK" if packet.startswith((b"Q", b"D")) else b"PacketSize=1000")


def serve(source, connection):
    """GDB may be asked by its own thread alone: this one. Until smmu-look ends the connection."""
    data = b""
    while True:
        more = connection.recv(65536)
        if not more:
            return
        data += more
        while True:
            found = re.search(rb"\$([^#]*)#..", data)
            if not found:
                break
            data = data[found.end():]
            connection.sendall(b"+" + answer(source, found[1]))


def run(source, words):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.settimeout(10)
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        with subprocess.Popen([program(), "--gdb", place, "--halted", "--timeout", "60", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            heard = []
            reader = threading.Thread(target=lambda: heard.append(process.stdout.read()))
            reader.start()
            try:
                connection, _ = listener.accept()
                with connection:
                    serve(source, connection)
            except OSError:
                pass  # It said what is wrong instead.
            reader.join()
    return heard[0].decode(errors="replace")


class Smmu(gdb.Command):
    """What an SMMUv3 is doing: smmu --at BASE|--tables TABLE [summary|streams|walk SID IOVA|events|commands|check]"""

    def __init__(self):
        super().__init__("smmu", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        source = choose()
        try:
            gdb.write(run(source, shlex.split(argument)))
        finally:
            source.close()


Smmu()
