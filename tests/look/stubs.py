# SPDX-License-Identifier: BSD-2-Clause
"""Targets that are not as they should be: a GDB stub and an OpenOCD that answer short, late, wrong or not at all."""

import re
import socket
import threading


class Server:
    """Listens on a port of its own and serves one connection; `serve` gets the socket."""

    def __init__(self, serve):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(4)
        self.place = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.run, args=(serve,), daemon=True)
        self.thread.start()

    def run(self, serve):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                serve(connection)
            except OSError:
                pass
            connection.close()

    def close(self):
        self.listener.close()


def memory(regions):
    """Bytes at an address, None where nothing is: {start: bytes}."""

    def read(address, size):
        for start, data in regions.items():
            if start <= address and address + size <= start + len(data):
                return data[address - start:address - start + size]
        return None

    return read


def gdb(read, answer=None, log=None):
    """Serves GDB's remote protocol; `answer(packet)` may give another answer, b"" none, None the right one."""

    def serve(connection):
        data = b""
        while True:
            more = connection.recv(65536)
            if not more:
                return
            data += more
            for packet in re.findall(rb"\$([^#]*)#..", data):
                if log is not None:
                    log.append(packet.decode())
                said = answer(packet) if answer else None
                if said is None:
                    said = right(packet)
                if said:
                    connection.sendall(b"+" + said)
            data = data[data.rfind(b"#") + 3:] if b"#" in data else data

    def right(packet):
        if packet.startswith(b"m"):
            address, size = (int(part, 16) for part in packet[1:].split(b","))
            found = read(address, size)
            return framed(found.hex().encode() if found is not None else b"E14")
        return framed(b"OK" if packet.startswith((b"Q", b"D")) else b"PacketSize=1000")

    return serve


def framed(text):
    return b"$%s#%02x" % (text, sum(text) & 0xFF)


def openocd(read, targets="soc.cpu", types=None, answer=None, log=None):
    """Serves OpenOCD's Tcl port, as far as smmu-look asks; `types`: {target: type}."""
    types = types or {}

    def serve(connection):
        data = b""
        while True:
            more = connection.recv(65536)
            if not more:
                return
            data += more
            while b"\x1a" in data:
                command, data = data.split(b"\x1a", 1)
                if log is not None:
                    log.append(command.decode())
                said = answer(command) if answer else None
                connection.sendall((right(command.decode()) if said is None else said) + b"\x1a")

    def right(command):
        found = re.search(r"(\S+) read_memory (0x[0-9a-f]+) 32 (\d+)( phys)?", command)
        if found:
            data = read(int(found[2], 16), 4 * int(found[3]))
            if data is None:
                return b"-read_memory: failed to read memory"
            return b"+" + b" ".join(b"0x%x" % int.from_bytes(data[i:i + 4], "little") for i in range(0, len(data), 4))
        found = re.search(r"catch \{(\S+) cget -type\}", command)
        if found:
            return b"+" + types.get(found[1], "aarch64").encode() if found[1] in targets.split() else b"-invalid command name"
        if "target names" in command:
            of_port = [name for name in targets.split() if types.get(name) == "mem_ap"]
            return b"+" + (of_port or targets.split())[0].encode()
        return b"-what?"

    return serve
