# SPDX-License-Identifier: BSD-2-Clause
"""
The stand-in for TF-A by itself: a payload says how each core is entered, which interrupts it gets and what PSCI
answers, to callers in AArch64 and in AArch32, on each QEMU there is.
"""

import os
import re
import resource
import shutil

import el3  # First: it tells where the modules below are.
import firmware
import tap
import tree

VERSION, CPU_ON, AFFINITY_INFO, SYSTEM_RESET, FEATURES = 0x84000000, 0x84000003, 0x84000004, 0x84000009, 0x8400000A
CPU_SUSPEND, NOBODYS, SMC64 = 0x84000001, 0x84001234, 0x40000000
ON, OFF = 0, 1
NOT_SUPPORTED, INVALID_PARAMETERS, ALREADY_ON, ON_PENDING, INVALID_ADDRESS = -1, -2, -4, -5, -9
SGI, PPI, SPI = 15, 30, 64
IDLE = 4
TREE_OF_QEMU = 0x40000000

if not el3.has_tools():
    tap.skip("the monitor", "binutils for aarch64-linux-gnu or device-tree-compiler are missing")
    tap.done()

SOURCE = os.path.join(el3.HERE, "payload.s")
folder = el3.work_folder("test")


def parse(text, kind):
    """The lines of a kind, each as a dictionary of numbers."""
    found = [line for line in text.splitlines() if line.split()[:1] == [kind]]
    return [{key: int(value, 16) for key, value in re.findall(r"(\w+)=([0-9a-f]+)", line)} for line in found]


def signed(number):
    """PSCI's answers are 32 bits for every caller here."""
    return (number & 0xFFFFFFFF) - (number >> 31 & 1) * 0x100000000


def wanted_calls(caller32, cores):
    """(function, first, second) and the answers that are right, in the payload's order."""
    yield (VERSION, 0, 0), {0x10001}
    yield (FEATURES, CPU_ON, 0), {0}
    yield (FEATURES, CPU_ON | SMC64, 0), {0}
    for function, first in ((FEATURES, CPU_SUSPEND), (NOBODYS, 0), (SYSTEM_RESET, 0)):
        yield (function, first, 0), {NOT_SUPPORTED}
    yield (AFFINITY_INFO, 0, 0), {ON}
    yield (AFFINITY_INFO, 1, 0), {OFF}
    yield (AFFINITY_INFO, 3, 0), {OFF} if cores > 3 else {INVALID_PARAMETERS}
    yield (AFFINITY_INFO, 1, 1), {INVALID_PARAMETERS}
    yield (AFFINITY_INFO, 7, 0), {INVALID_PARAMETERS}
    yield (AFFINITY_INFO, 0x100000001, 0), {OFF}
    yield (AFFINITY_INFO | SMC64, 1, 0), {NOT_SUPPORTED if caller32 else OFF}
    yield (CPU_ON, 0, 0), {ALREADY_ON}
    yield (CPU_ON, 7, 0), {INVALID_PARAMETERS}
    yield (CPU_ON, 0x100, 0), {INVALID_PARAMETERS}
    yield (CPU_ON, 1, 1), {INVALID_ADDRESS}
    yield (AFFINITY_INFO, 1, 0), {OFF}
    yield (CPU_ON, 1, 0), {0}
    yield (CPU_ON, 1, 0), {ON_PENDING, ALREADY_ON}
    here = [core < cores for core in range(4)]
    yield (CPU_ON | SMC64, 2, 0), {NOT_SUPPORTED if caller32 else 0 if here[2] else INVALID_PARAMETERS}
    yield (CPU_ON, 2, 0), {INVALID_PARAMETERS if not here[2] else 0 if caller32 else ALREADY_ON}
    yield (CPU_ON, 3, 0), {0 if here[3] else INVALID_PARAMETERS}
    for core in (1, 2, 3):
        yield (AFFINITY_INFO, core, 0), {ON if here[core] else INVALID_PARAMETERS}
    yield (CPU_ON, 3, 0), {ALREADY_ON if here[3] else INVALID_PARAMETERS}
    for core in (1, 2, 3):
        yield (AFFINITY_INFO, core, 0), {OFF if here[core] else INVALID_PARAMETERS}
    yield (CPU_ON, 1, 0), {0}
    yield (AFFINITY_INFO, 1, 0), {OFF}


def judge(title, status, text, bits=64, cores=4, dtb=el3.TREE_AT):
    lines = text.splitlines()
    tap.equal((status, lines[-1:]), (0, ["end"]), f"{title}: the payload comes to its end, and SYSTEM_OFF ends QEMU")
    odd = [line for line in lines if line.split()[:1] not in (["entry"], ["secure"], ["spi"], ["psci"], ["end"])]
    tap.ok(not odd, f"{title}: nothing unexpected is said", odd)

    entries = parse(text, "entry")
    contexts = [(0, dtb), (1, 0xC0DE0001), (2, 0xC0DE0002 if bits == 32 else 0xC0DE000200000064), (3, 0xC0DE0003)]
    contexts = [pair for pair in contexts if pair[0] < cores] + [(1, 0xC0DE0011)]
    found = [(entry.get("core"), entry.get("x0")) for entry in entries]
    found, contexts = sorted(found, key=str), sorted(contexts, key=str)
    tap.equal(found, contexts, f"{title}: each core enters with its own x0, core 1 twice")

    def every(*keys):
        return {tuple(entry.get(key) for key in keys) for entry in entries}

    tap.equal(every("el", "spsel", "daif", "mmu"), {(2, 1, 0x3C0, 0)}, f"{title}: each in EL2h, masked, its MMU off")
    tap.equal(every("cntfrq"), {(62500000,)}, f"{title}: CNTFRQ_EL0")
    tap.equal(every("sgi", "ppi"), {(SGI, PPI)}, f"{title}: each core gets an SGI and a PPI, after CPU_OFF as well")
    tap.equal(every("enabled"), {(0,)}, f"{title}: what woke it is not enabled any more")
    tap.equal(parse(text, "spi"), [{"taken": SPI}], f"{title}: the boot core gets an SPI")
    tap.equal(parse(text, "secure"), [{"abort": 1}], f"{title}: it is non-secure, and its abort is its own")

    calls = parse(text, "psci")
    wanted = list(wanted_calls(bits == 32, cores))
    found = [(call.get("function"), call.get("first"), call.get("second")) for call in calls]
    tap.equal(found, [call for call, _ in wanted], f"{title}: every call returns")
    wrong = [
        f"{', '.join(hex(part) for part in call)}: {signed(answer.get('answer', 0))}, wanted one of {sorted(right)}"
        for answer, (call, right) in zip(calls, wanted)
        if signed(answer.get("answer", 0)) not in right
    ]
    tap.ok(calls and not wrong, f"{title}: every answer is right", wrong)
    tap.equal({call.get("lost") for call in calls}, {0}, f"{title}: x4 and up are preserved")


def host_seconds(binary, dtb, program):
    """What a run takes of the host's CPUs, and whether it came to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, text = el3.boot(binary, dtb, program=program)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, (status, text.splitlines()[-1:])


payloads = {}
for key, symbols in ((64, {}), (32, {"CALLER32": 1}), ("idle", {"IDLE": IDLE})):
    os.mkdir(os.path.join(folder, str(key)))
    payloads[key] = el3.build(os.path.join(folder, str(key)), SOURCE, el3.PAYLOAD_AT, **symbols)

qemus = {firmware.qemu(): el3.qemu()}
if firmware.old_qemu():
    qemus[firmware.old_qemu()] = el3.old_qemu()
for path, qemu in qemus.items():
    name = "QEMU " + ".".join(str(part) for part in firmware.version(path))
    if not qemu:
        tap.skip(name, "it has no qemu-system-aarch64")
        continue
    dtb = el3.make_tree(os.path.join(folder, "tree.dtb"), "a=b c", program=qemu)
    tap.equal(tree.fdt("fdtget", dtb, "/psci", "method").strip(), "smc", f"{name}: the tree has PSCI by SMC")
    cpus = [node for node in tree.nodes(dtb, "/cpus") if node.startswith("cpu@")]
    methods = [tree.fdt("fdtget", dtb, "/cpus/" + node, "enable-method").strip() for node in cpus]
    tap.equal(methods, ["psci"] * 4, f"{name}: for every core")
    tap.equal(tree.fdt("fdtget", dtb, "/chosen", "bootargs").strip(), "a=b c", f"{name}: and the boot arguments")

    for bits in (64, 32):
        judge(f"{name}, SMC from AArch{bits}", *el3.run(payloads[bits], program=qemu), bits)
    judge(f"{name}, 2 cores", *el3.run(payloads[32], cores=2, program=qemu), 32, 2)
    judge(f"{name}, QEMU's own tree", *el3.boot(payloads[64], program=qemu), dtb=TREE_OF_QEMU)

    # RAM ends before the place that the monitor looks for a tree.
    status, text = el3.boot(payloads[64], arguments=["-m", "64M"], program=qemu)
    said = text.startswith("monitor: unexpected exception")
    tap.ok(status == 0 and said, f"{name}: an exception at EL3 is said, and is the end", [status, text])

    # Cores that are off must leave the host's CPUs to others, even with an interrupt that their software left asserted.
    short, ended = host_seconds(payloads[64], dtb, qemu)
    long, ended_long = host_seconds(payloads["idle"], dtb, qemu)
    tap.equal((ended, ended_long), ((0, ["end"]),) * 2, f"{name}: with and without idling, it ends")
    tap.ok(long - short < IDLE / 4, f"{name}: a core in the pen halts", f"{long - short:.1f} s of CPU in {IDLE} s")

shutil.rmtree(folder)
tap.done()
