# SPDX-License-Identifier: BSD-2-Clause
"""tools/load as a user calls it, and OpenOCD beside it."""

import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

LOAD = os.path.join(firmware.ROOT, "tools/load")
OUT = os.path.dirname(firmware.ELF)
NOR = os.path.join(OUT, "smmu-bringup-nor.bin")
INHERITED = ("PATH", "HOME", "QEMU", "TMPDIR")
SEGMENTS_AT, FILE_SIZE_AT = (32, 32) if firmware.WIDE else (28, 16)  # In the ELF's header, and in a segment's.
ADDRESS = "<Q" if firmware.WIDE else "<I"
SHORT_CODE = 4096
SHORT = bool(os.environ.get("SHORT"))
VISIT = re.compile(r"OpenOCD went away after (\d+) characters and (\d+) samples, (\d+) of them while")


def need():
    """Ends the test if the tools are missing."""
    for tool in ("openocd", "gdb-multiarch"):
        if not shutil.which(tool):
            tap.skip("OpenOCD", f"{tool} is not installed")
            tap.done()
    firmware.qemu()


def environment(folder, **settings):
    inherited = {key: value for key, value in os.environ.items() if key in INHERITED}
    return {**inherited, "RUN_DIR": folder, "TIMEOUT": str(firmware.LIMIT), **{key: str(value) for key, value in settings.items()}}


class Loaded:
    """
    What a call of tools/load came to: its status, what it said, the console's records, OpenOCD's log, and what each
    OpenOCD sent to the bridge: (characters, samples of TDO, how many of these while the cores ran).
    """

    def __init__(self, status, said, folder):
        self.status, self.said = status, said
        self.lines = said.splitlines()
        self.run = firmware.Run(status, read(os.path.join(folder, "console.log")))
        self.log = read(os.path.join(folder, "openocd.log"))
        self.visits = [tuple(map(int, visit)) for visit in VISIT.findall(read(os.path.join(folder, "bridge.log")))]

    @property
    def failure(self):
        """The one line that says what went wrong."""
        found = [line for line in self.lines if line.startswith("load: FAILED: ")]
        return found[0] if len(found) == 1 else None

    def tail(self):
        return self.lines[-12:] + self.log.splitlines()[-12:]


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def start(way, board="qemu-virt", folder=None, **settings):
    settings = {"ELF": firmware.ELF, **({"NOR": NOR} if board == "qemu-virt" else {}), **settings}
    return subprocess.Popen(
        [LOAD, way, board],
        env=environment(folder, **settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def finish(process, folder, limit=2 * firmware.LIMIT):
    try:
        said, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        said += b"\ntest: it did not end\n"
    return Loaded(process.returncode, said.decode(errors="replace"), folder)


def call(way, board="qemu-virt", **settings):
    folder = firmware.work_folder("openocd")
    loaded = finish(start(way, board, folder, **settings), folder)
    shutil.rmtree(folder)
    return loaded


def refused(loaded, words, title):
    """One clear line, and a status that says so."""
    tap.ok(loaded.status == 1 and loaded.failure, f"{title}: fails with one line", lambda: [loaded.status] + loaded.tail())
    tap.ok(re.search(words, loaded.failure or ""), f"{title}: says what is wrong", loaded.failure or loaded.tail())


def kill(path):
    """Kills the process whose number is in the file, if it still runs."""
    try:
        os.kill(int(read(path)), signal.SIGKILL)
    except (ValueError, ProcessLookupError):
        pass


def wait_until(condition, seconds=firmware.LIMIT):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


class Probe:
    """QEMU and its bridge by themselves: for an OpenOCD that the test drives."""

    def __init__(self, **settings):
        self.folder = firmware.work_folder("openocd")
        self.settings = {"CORES": 4, **settings}
        self.process = subprocess.Popen(
            [os.path.join(firmware.ROOT, "platform/qemu-virt/probe"), firmware.ELF, self.folder],
            env=environment(self.folder, **self.settings),
            stdin=subprocess.DEVNULL,
            stdout=open(os.path.join(self.folder, "said.log"), "wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.ready = wait_until(lambda: "probe: ready" in self.said() or self.process.poll() is not None)

    def said(self):
        return read(os.path.join(self.folder, "said.log")).replace("\r", "")

    def openocd(self, *commands, limit=firmware.LIMIT, **settings):
        """(status, log) of one run of the stock OpenOCD."""
        words = ["openocd", "-f", os.path.join(firmware.ROOT, "platform/qemu-virt/openocd.cfg"), "-c", "init"]
        for command in (*commands, "shutdown"):
            words += ["-c", command]
        process = subprocess.Popen(
            words, env=self.openocd_environment(**settings), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd=self.folder,
        )
        try:
            log, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            log, _ = process.communicate()
        return process.returncode, log.decode(errors="replace")

    def openocd_environment(self, **settings):
        found = environment(self.folder, RBB=os.path.join(self.folder, "rbb"), BRINGUP_ARCH=firmware.ARCH, **{**self.settings, **settings})
        return found

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def symbol(name):
    return firmware.symbols(firmware.ELF)[name]


def entry():
    return symbol("_start")


class Image:
    """A changed copy of the image's ELF, as bytes."""

    def __init__(self):
        with open(firmware.ELF, "rb") as file:
            self.bytes = bytearray(file.read())
        self.code = self.number(SEGMENTS_AT)  # The header of the segment that _start begins.

    def number(self, at):
        return struct.unpack_from(ADDRESS, self.bytes, at)[0]

    def put(self, name, *words):
        """These instructions at a function's beginning."""
        place = self.number(self.code + (8 if firmware.WIDE else 4)) + (symbol(name) - entry() & ~3)
        struct.pack_into(f"<{len(words)}I", self.bytes, place, *words)
        return self

    def shorten(self):
        """Only the first KiB of the code, for images that fail early: loading and reading back take most of the time."""
        struct.pack_into(ADDRESS, self.bytes, self.code + FILE_SIZE_AT, SHORT_CODE)
        return self

    def write(self, path):
        with open(path, "wb") as file:
            file.write(self.bytes)
        return path
