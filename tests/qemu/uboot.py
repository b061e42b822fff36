# SPDX-License-Identifier: BSD-2-Clause
"""U-Boot on QEMU's `virt`, spoken to at its prompt."""

import os
import re
import selectors
import subprocess
import time

import firmware

POLL_S = 0.2
# At the start of a line: crc32 prints an arrow of its own.
PROMPT = rb"\n=> $"


def image():
    """U-Boot's own image of the width that is tested, as tools/get finds it; None where it cannot be had."""
    found = subprocess.run([os.path.join(firmware.ROOT, "tools/get"), "uboot"], capture_output=True, text=True, check=False)
    path = os.path.join(found.stdout.strip(), "qemu_arm64/u-boot.bin" if firmware.WIDE else "qemu_arm/u-boot.bin")
    return path if found.returncode == 0 and os.path.exists(path) else None


class Prompt:
    """A machine that U-Boot has started on."""

    def __init__(self, bios, arguments, properties="highmem=off", limit=firmware.LIMIT):
        command = [firmware.qemu(), "-M", "virt," + properties, "-cpu", firmware.CPU, "-smp", "4", "-m", "512M", "-bios", bios]
        command += ["-nic", "none", "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot"]
        self.end = time.monotonic() + limit
        self.process = subprocess.Popen(
            command + arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.ready = self.wait_for(rb"stop autoboot") is not None and self.come_to_order()

    def wait_for(self, pattern, unless=lambda: False):
        """What was printed until the pattern came; None where it does not, or `unless` comes first. `last` has it in each case."""
        said, self.last = b"", ""
        while not re.search(pattern, said):
            if time.monotonic() >= self.end or unless():
                return None
            if not self.selector.select(POLL_S):
                continue
            some = os.read(self.process.stdout.fileno(), 65536)
            if not some:
                return None
            said += some.replace(b"\r", b"")
            self.last = said.decode(errors="replace")
        return self.last

    def come_to_order(self):
        """The key that stops the countdown may give one prompt or two: what follows a word of our own is the last."""
        self.process.stdin.write(b"\necho in order\n")
        return self.wait_for(rb"\nin order" + PROMPT) is not None

    def say(self, command, limit=firmware.LIMIT, until=PROMPT, unless=lambda: False):
        """What a command prints, until the next prompt or what else; None where that does not come in as many seconds, or `unless` does."""
        self.end = min(self.end, time.monotonic() + limit)
        self.process.stdin.write(command.encode() + b"\n")
        return self.wait_for(until, unless)

    def close(self):
        self.process.kill()
        self.process.wait()
