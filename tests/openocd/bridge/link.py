# SPDX-License-Identifier: BSD-2-Clause
"""A unix socket to QEMU that is never waited on for ever."""

import contextlib
import os
import re
import select
import socket
import struct
import time

CONNECT_LIMIT = 1200  # Seconds: the caller that starts QEMU need not wait for its sockets before starting the bridge.
ANSWER_LIMIT = 1200  # Seconds: far more than a loaded machine needs, far less than for ever.


class QemuGone(Exception):
    """QEMU has ended: for the bridge, too, there is nothing left to do."""


class QemuSilent(Exception):
    """QEMU is there, but does not answer."""


def connect(path):
    """A connected socket. Tries a path again for a while on which no process listens yet."""
    end = time.monotonic() + CONNECT_LIMIT
    while True:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(path)
            return link
        except OSError as error:
            link.close()
            if time.monotonic() > end:
                raise OSError(f"{path}: {error.strerror}") from error
            time.sleep(0.02)


class Link:
    """Bytes to and from QEMU, with its end told as QemuGone and its silence as QemuSilent."""

    def __init__(self, path):
        self._socket = connect(path)
        self._path = path

    def fileno(self):
        """For select()."""
        return self._socket.fileno()

    def asleep(self):
        """
        How often each thread of QEMU has slept, or None where one does not. Where it is the same twice, all of them slept at one
        time: QEMU rests, and what it has to say it has said.
        """
        pid = struct.unpack("3i", self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))[0]
        counts = {}
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/status", encoding="utf-8", errors="replace") as file:
                    status = file.read()
                if not re.search(r"(?m)^State:\s+S", status):
                    return None
                counts[thread] = re.findall(r"ctxt_switches:\s+(\d+)", status)
        return counts or None

    def send(self, data):
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise QemuGone(f"{self._path}: {error.strerror}") from error

    def is_readable(self, seconds=0):
        return bool(select.select([self._socket], [], [], seconds)[0])

    def receive(self, limit=ANSWER_LIMIT):
        """At least one byte."""
        if not self.is_readable(limit):
            raise QemuSilent(f"{self._path}: no answer for {limit} seconds")
        try:
            data = self._socket.recv(65536)
        except OSError as error:
            raise QemuGone(f"{self._path}: {error.strerror}") from error
        if not data:
            raise QemuGone(f"{self._path} was closed")
        return data
