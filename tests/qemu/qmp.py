# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's machine protocol, and its test protocol, over unix sockets."""

import json
import os
import socket
import time


class Line:
    """A socket that QEMU listens at, line by line."""

    def __init__(self, path, limit):
        end = time.monotonic() + limit
        while not os.path.exists(path):
            if time.monotonic() > end:
                raise TimeoutError(path)
            time.sleep(0.05)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(limit)
        self.socket.connect(path)
        self.file = self.socket.makefile("r", encoding="utf-8")

    def send(self, text):
        self.socket.sendall(text.encode())

    def line(self):
        line = self.file.readline()
        if not line:
            raise EOFError("QEMU has ended")
        return line


class Monitor(Line):
    """QMP."""

    def __init__(self, path, limit=60):
        super().__init__(path, limit)
        self.events = []
        self.line()
        self.do("qmp_capabilities")

    def do(self, command, **arguments):
        """The answer; {"error": ...} where QEMU refuses."""
        self.send(json.dumps({"execute": command, "arguments": arguments}))
        while True:
            answer = json.loads(self.line())
            if "event" not in answer:
                return answer
            self.events.append(answer)

    def await_event(self, name, device):
        """Whether the event comes for the device."""
        def is_it(event):
            return event["event"] == name and event["data"].get("device") == device

        try:
            while not any(map(is_it, self.events)):
                self.events.append(json.loads(self.line()))
        except (TimeoutError, EOFError):
            return False
        self.events = [event for event in self.events if not is_it(event)]
        return True


class Bus(Line):
    """The test protocol: accesses as from a core."""

    def ask(self, text):
        self.send(text + "\n")
        return self.line().split()[1:]

    def read(self, address):
        return int(self.ask(f"readl 0x{address:x}")[0], 16)

    def write(self, address, value):
        self.ask(f"writel 0x{address:x} 0x{value:x}")
