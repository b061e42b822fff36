# SPDX-License-Identifier: BSD-2-Clause
"""Runs the firmware on QEMU the way `make run` does, and gives its records."""

import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
# Of `make O=`, elsewhere.
BUILD = os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build")
ELF = os.path.join(ROOT, os.environ.get("ELF") or os.path.join(BUILD, "qemu-virt/smmu-bringup.elf"))


def is_64_bit(elf):
    """Whether an image is for AArch64: EI_CLASS of its ELF header. An image that is not built yet is the default, AArch32."""
    if not os.path.exists(elf):
        return False
    with open(elf, "rb") as file:
        return file.read(5)[4:] == b"\2"


# What goes with the width of the image that is tested.
WIDE = is_64_bit(ELF)
ARCH = "aarch64" if WIDE else "arm"
ARCH_NAME = "aarch64" if WIDE else "aarch32"  # In a report.
CPU = "cortex-a76" if WIDE else "cortex-a15"
CROSS = "aarch64-linux-gnu-" if WIDE else "arm-none-eabi-"
BOARD = "qemu-virt" + ("-aarch64" if WIDE else "")  # Its folder among what is built.
OUT = os.path.join("build", BOARD)  # In a copy of the sources.
RUNNER = os.path.join(ROOT, "platform/qemu-virt/run")
# `make test` asks in its second width for what is different there, and no more.
SHORT = os.environ.get("SHORT") == "yes"
# Seconds that anything may take: no verdict may depend on how busy the machine is.
LIMIT = 1200
WORK = os.path.join(BUILD, BOARD, "tests")


def of_width(program):
    """Of QEMU's two programs, which lie side by side, the one with cores of the image's width."""
    return re.sub(r"-(arm|aarch64)$", "-" + ARCH, program)


@functools.cache
def qemu():
    """The QEMU that `make test-qemu` found, or what it would find."""
    if "QEMU" not in os.environ:
        found = subprocess.run([os.path.join(ROOT, "tools/get"), "qemu"], capture_output=True, text=True, check=True)
        os.environ["QEMU"] = found.stdout.strip()
    return of_width(os.environ["QEMU"])


@functools.cache
def old_qemu():
    """The distribution's QEMU, with one SMMUv3, or None if there is none."""
    found = subprocess.run([os.path.join(ROOT, "tools/get"), "old-qemu"], capture_output=True, text=True, check=False)
    program = of_width(found.stdout.strip())
    return program if os.access(program, os.X_OK) else None


def tool(name, *arguments, **keywords):
    """A program of the image's toolchain: nm, objcopy, gcc ..."""
    return subprocess.run([CROSS + name, *arguments], text=True, check=True, **keywords)


def symbols(elf):
    """The addresses of an image's symbols, as it was linked."""
    text = tool("nm", elf, capture_output=True).stdout
    return {line.split()[-1]: int(line.split()[0], 16) for line in text.splitlines() if len(line.split()) == 3}


@functools.cache
def version(program=None):
    text = subprocess.run([program or qemu(), "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in re.search(r"version (\d+)\.(\d+)", text).groups())


def has_instances():
    """Several SMMUv3s on `virt` are there since QEMU 10.2."""
    return version() >= (10, 2)


@functools.cache
def has_testdev(program=None):
    command = [program or qemu(), "-device", "iommu-testdev,help"]
    return "options" in subprocess.run(command, capture_output=True, text=True, check=False).stdout


def work_folder(name):
    os.makedirs(WORK, exist_ok=True)
    return tempfile.mkdtemp(prefix=name + ".", dir=WORK)


class Run:
    """One run's end: `status` of the process, `lines` of the console, `records`, and `broken` lines that are no JSON."""

    def __init__(self, status, console):
        self.status = status
        # Not splitlines(): for that, NEL and U+2028 end a line, too, and a name with one in it would begin a record.
        self.lines = console.removesuffix("\n").split("\n") if console else []
        self.records = []
        self.broken = []
        for line in self.lines:
            if line.startswith("{"):
                try:
                    self.records.append(json.loads(line, object_pairs_hook=unique))
                except ValueError:
                    self.broken.append(line)

    def of(self, record, **keys):
        return [r for r in self.records if r.get("record") == record and all(r.get(k) == v for k, v in keys.items())]

    @property
    def verdict(self):
        found = self.of("verdict")
        return found[-1] if found else {}

    def tail(self):
        return self.lines[-15:]


def whole_lines(console):
    """Lines of a console that is still being written: the last line may be incomplete, and is left out."""
    return console.split("\n")[:-1]


def has_verdict(console):
    """Whether a console that is still being written has its whole verdict."""
    return any(line.startswith('{"record":"verdict"') for line in whole_lines(console))


def unique(pairs):
    """A JSON object that names a key twice is refused."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def run(elf=None, **environment):
    """`make run` with these variables, without make: platform/qemu-virt/run."""
    qemu()
    folder = work_folder("run")
    settings = {key: str(value) for key, value in environment.items()}
    inherited = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "QEMU", "TMPDIR")}
    done = subprocess.run(
        [RUNNER, elf or ELF],
        env={**inherited, "TIMEOUT": str(LIMIT), "RUN_DIR": folder, "PAGE": "off", **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    shutil.rmtree(folder)
    return Run(done.returncode, done.stdout.decode(errors="replace"))


def make(folder, *words):
    """As a user calls it, and not the make that runs this test."""
    others = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BOARD", "ELF", "ARCH", "CPU", "O", "BUILD_DIR")
    environment = {key: value for key, value in os.environ.items() if key not in others}
    elsewhere = [f"O={BUILD}"] if os.path.realpath(folder) == ROOT and "BUILD_DIR" in os.environ else []
    elsewhere = [] if any(word.startswith("O=") for word in words) else elsewhere
    return subprocess.run(["make", "-C", folder, *words, *elsewhere], env=environment, capture_output=True, text=True, check=False)


def build_of(folder):
    """Where make() in this folder puts what it builds."""
    return BUILD if os.path.realpath(folder) == ROOT else os.path.join(folder, "build")


def copy_sources(folder):
    """What the firmware is built from, with the tools that were fetched."""
    for name in ("Makefile", "mk", "boot", "drivers", "linker", "platform", "tools"):
        source, copy = os.path.join(ROOT, name), os.path.join(folder, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy2)(source, copy)
    os.mkdir(os.path.join(folder, "build"))
    os.symlink(os.path.join(BUILD, "tools"), os.path.join(folder, "build/tools"))


def copy_objects(folder, built=BUILD):
    """What was built of them already: make builds anew what is changed in the copy, and no more."""
    ignored = shutil.ignore_patterns("tests", "run", "*.elf", "*.bin.tmp", "*.new")
    for objects in (BOARD, os.path.join("shared", ARCH)):
        if os.path.isdir(os.path.join(built, objects)):
            shutil.copytree(os.path.join(built, objects), os.path.join(folder, "build", objects), ignore=ignored)


# An image that a test changes need not fit, and is linked without optimisation across files: a second, not ten.
CHANGED = (f"ARCH={ARCH}", "LTO=", "IMAGE_LIMIT=1000000", *(("REACH=small",) if WIDE else ()))


@functools.cache
def built_plainly():
    """Where the unchanged sources are built as the changed ones will be."""
    folder = os.path.join(BUILD, "plain")
    done = make(ROOT, "all", f"O={folder}", *CHANGED)
    assert done.returncode == 0, done.stderr
    return folder


def build_copy(folder, edit):
    """A copy of the sources, built after `edit(folder)` has changed it: the ELF, or what the compiler said."""
    copy_sources(folder)
    copy_objects(folder, built_plainly())
    edit(folder)
    done = make(folder, "all", *CHANGED)
    return (os.path.join(folder, OUT, "smmu-bringup.elf"), "") if done.returncode == 0 else (None, done.stderr)


def run_bare(arguments, elf=None, limit=LIMIT, program=None):
    """QEMU with the ELF as -kernel and just these arguments: nothing of the runner's machine."""
    command = [program or qemu(), "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-no-reboot"]
    command += ["-cpu", CPU, "-m", "512M", "-kernel", elf or ELF] + arguments
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=limit, check=False
        )
        return Run(done.returncode, done.stdout.decode(errors="replace").replace("\r", ""))
    except subprocess.TimeoutExpired as expired:
        return Run(None, (expired.stdout or b"").decode(errors="replace").replace("\r", ""))


def run_to_verdict(arguments, elf=None, **until):
    """
    As run_bare(), but QEMU is ended a little after the verdict, or what `until` says: firmware that cannot turn the machine
    off parks there. The status is None where no verdict came in time.
    """
    command = [qemu(), "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-no-reboot"]
    command += ["-cpu", CPU, "-m", "512M", "-kernel", elf or ELF] + arguments
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        return until_verdict(process, LIMIT, **until)


def until_verdict(process, limit, grace=0.2, last=rb'^\{"record":"verdict"'):
    """What a started QEMU prints on its standard output until it ends, or is ended a little after the verdict, or such a line."""
    console, status = b"", None
    watchdog = threading.Timer(limit, process.kill)
    watchdog.start()
    for line in process.stdout:
        console += line
        if re.search(last, line):
            status = 0
            watchdog.cancel()
            watchdog = threading.Timer(grace, process.kill)
            watchdog.start()
    process.wait()
    watchdog.cancel()
    return Run(status, console.decode(errors="replace").replace("\r", ""))


def dump_device_tree(path, **environment):
    """The device tree that QEMU would give this machine."""
    machine = environment.pop("MACHINE", "")
    run(MACHINE=f"{machine},dumpdtb={path}".lstrip(","), **environment)
    return os.path.exists(path)
