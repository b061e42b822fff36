# SPDX-License-Identifier: BSD-2-Clause
"""
QEMU's `virt` with the stand-in for TF-A at EL3: it builds the monitor, makes the device tree that a board would have,
and runs a raw image that is entered in AArch64 EL2 at its first byte.
"""

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tree

PAYLOAD_AT = 0x40200000
TREE_AT = 0x48000000
WORK = os.path.join(firmware.BUILD, "tests/a64")
CROSS = "aarch64-linux-gnu-"
# The functions of PSCI 0.1 firmware, and of the monitor with PSCI_0_1.
FUNCTIONS_0_1 = {"cpu_off": 0x95C10001, "cpu_on": 0x95C10002}


def has_tools():
    return all(shutil.which(tool) for tool in (CROSS + "as", CROSS + "ld", CROSS + "objcopy", "fdtput"))


def work_folder(name):
    os.makedirs(WORK, exist_ok=True)
    return tempfile.mkdtemp(prefix=name + ".", dir=WORK)


def aarch64(program):
    """The command that starts the qemu-system-aarch64 that came with this qemu-system-arm, or None if there is none."""
    beside = os.path.join(os.path.dirname(program), "qemu-system-aarch64")
    if shutil.which(beside):
        return [beside]
    inside = os.path.join(os.path.dirname(os.path.realpath(program)), "root/usr/bin/qemu-system-aarch64")
    with open(program, "rb") as file:
        is_wrapper = file.read(2) == b"#!"
    if not is_wrapper or not os.path.exists(inside):
        return None
    # The wrapper of tools/get starts just the one; its text starts the other as well, with its own path as $0.
    with open(program, encoding="utf-8") as file:
        text = file.read().replace("usr/bin/qemu-system-arm", "usr/bin/qemu-system-aarch64")
    return ["sh", "-c", text, program]


def qemu():
    return aarch64(firmware.qemu())


def old_qemu():
    program = firmware.old_qemu()
    return program and aarch64(program)


def build(folder, source, address, **symbols):
    """The raw binary of an assembly file, linked at the address where it runs, with these symbols set."""
    stem = os.path.join(folder, os.path.splitext(os.path.basename(source))[0])
    defined = [f"--defsym={name}={value:#x}" for name, value in symbols.items()]
    assembled, linked, binary = stem + ".o", stem + ".elf", stem + ".bin"
    subprocess.run([CROSS + "as", "--fatal-warnings", *defined, "-o", assembled, source], check=True)
    subprocess.run([CROSS + "ld", f"-Ttext={address:#x}", "-o", linked, assembled], check=True)
    subprocess.run([CROSS + "objcopy", "-O", "binary", linked, binary], check=True)
    return binary


@functools.cache
def monitor(**symbols):
    """The monitor with these symbols set; built once for each test, and deleted with it."""
    folder = work_folder("monitor")
    atexit.register(shutil.rmtree, folder)
    return build(folder, os.path.join(HERE, "monitor.S"), 0, **symbols)


def command(program, cores, machine, arguments, **symbols):
    virt = ",".join(["virt,secure=on,virtualization=on,gic-version=3"] + ([machine] if machine else []))
    fixed = ["-cpu", "cortex-a72", "-smp", str(cores), "-m", "512M", "-bios", monitor(**symbols), "-nic", "none", "-no-reboot"]
    fixed += ["-display", "none", "-monitor", "none", "-serial", "stdio"]
    return [*program, "-M", virt, *fixed, *arguments]


def make_tree(path, bootargs="", cores=4, machine="", arguments=(), program=None):
    """
    QEMU's tree of this machine, with what firmware at EL3 adds to it: PSCI by SMC. QEMU leaves it out, for with a -bios
    of one's own in a secure machine its PSCI is off.
    """
    dump = ",".join(part for part in (machine, f"dumpdtb={path}") if part)
    made = command(program or qemu(), cores, dump, arguments)
    subprocess.run(made, stdin=subprocess.DEVNULL, capture_output=True, timeout=firmware.LIMIT, check=True)
    tree.fdt("fdtput", "-c", path, "/psci")
    tree.put_text(path, "/psci", "compatible", "arm,psci-1.0")
    tree.put_text(path, "/psci", "method", "smc")
    for name in tree.nodes(path, "/cpus"):
        if name.startswith("cpu@"):
            tree.put_text(path, "/cpus/" + name, "enable-method", "psci")
    if bootargs:
        tree.put_text(path, "/chosen", "bootargs", bootargs)
    return path


def with_psci_0_1(path, functions):
    """The tree as firmware of PSCI 0.1 describes it: functions by number, and no others."""
    tree.put_text(path, "/psci", "compatible", "arm,psci")
    for name, number in functions.items():
        tree.put(path, "/psci", name, number)


def load(binary, dtb):
    """QEMU's arguments to put the image, and the tree if there is one, where the monitor looks for them."""
    pairs = [(path, address) for path, address in ((binary, PAYLOAD_AT), (dtb, TREE_AT)) if path]
    return [word for path, address in pairs for word in ("-device", f"loader,file={path},addr={address:#x},force-raw=on")]


def boot(binary, dtb=None, cores=4, machine="", arguments=(), limit=firmware.LIMIT, program=None):
    """
    Runs this raw image, with this tree or, without one, QEMU's own: QEMU's exit status, None where it did not end in
    time, and the console's text. `machine` and `arguments` are more of -M's properties and of QEMU's arguments.
    """
    started = command(program or qemu(), cores, machine, [*arguments, *load(binary, dtb)])
    try:
        done = subprocess.run(
            started,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit,
            check=False,
        )
        status, console = done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        status, console = None, expired.stdout or b""
    return status, console.decode(errors="replace").replace("\r", "")


def run(binary, bootargs="", cores=4, machine="", arguments=(), limit=firmware.LIMIT, program=None):
    """As boot(), with the tree that a board would have. firmware.Run(*run(...)) gives the firmware's records."""
    folder = work_folder("run")
    dtb = make_tree(os.path.join(folder, "tree.dtb"), bootargs, cores, machine, arguments, program)
    ended = boot(binary, dtb, cores, machine, arguments, limit, program)
    shutil.rmtree(folder)
    return ended
