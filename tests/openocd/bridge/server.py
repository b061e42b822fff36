# SPDX-License-Identifier: BSD-2-Clause
"""The unix socket that OpenOCD connects to, one OpenOCD after the other."""

import contextlib
import os
import select
import socket
import stat

SEND_LIMIT = 1200  # Seconds. An OpenOCD that takes no answer for so long is lost.
POSTED_LIMIT = 0.001  # Writes wait for more of them no longer than that.


class Server:
    """Serves a chip until QEMU goes away."""

    def __init__(self, path, chip):
        self._path = path
        self._chip = chip
        self._client = None
        self._taken = self._given = self._awaited = 0
        self._listener = self._listen()

    def _listen(self):
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(os.stat(self._path).st_mode):
                os.unlink(self._path)
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(self._path)
        except OSError as error:
            raise OSError(f"{self._path}: {error.strerror}") from error
        listener.listen()
        return listener

    def close(self):
        self._drop_client()
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)

    def serve(self):
        """Ends by an exception only: QEMU is watched as well as OpenOCD, either may go any time."""
        qtest, stub, control = self._chip.qtest, self._chip.stub, self._chip.control
        while True:
            waits_for = self._client or self._listener
            ready = select.select([waits_for, stub], [], [], POSTED_LIMIT if qtest.has_posted else None)[0]
            if stub in ready:
                control.look()
            if waits_for in ready:
                self._answer() if self._client else self._accept()
            elif qtest.has_posted:
                qtest.drain()

    def _accept(self):
        self._client = self._listener.accept()[0]
        self._client.settimeout(SEND_LIMIT)
        # Characters from this client, samples of TDO to it, and how many of these while the cores ran: OpenOCD waits for them then.
        self._taken = self._given = self._awaited = 0
        self._chip.reset_debug_logic()

    def _answer(self):
        request = self._of_client(lambda client: client.recv(65536))
        if not request:
            return self._drop_client()
        waits = self._chip.control.moves
        reply = self._chip.bitbang.exchange(request)
        self._taken += len(request)
        self._given += len(reply)
        self._awaited += len(reply) if waits and self._chip.control.moves else 0
        self._of_client(lambda client: client.sendall(reply))
        if self._chip.bitbang.has_quit:
            self._drop_client()

    def _of_client(self, action):
        """A client that has gone or does not move is as good as one that has closed."""
        try:
            return action(self._client)
        except OSError:
            return None

    def _drop_client(self):
        if self._client:
            self._client.close()
            said = f"{self._taken} characters and {self._given} samples, {self._awaited} of them while cores ran"
            print(f"bridge: OpenOCD went away after {said}", flush=True)
        self._client = None
        self._chip.bitbang.has_quit = False
