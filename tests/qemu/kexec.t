# SPDX-License-Identifier: BSD-2-Clause
"""
kexec, as a user has it: a running Linux puts the firmware in its own place, by a planned restart (kexec -l), where Linux
turns its SMMUs off, and by a crash (kexec -p), where SMMUs, disks and their DMA are left as they are, on another core than
the first. The firmware tells what it found, proves the SMMUs, and starts Linux again.
"""

import firmware
import kexec
import linux
import linux_judge
import tap

WORDS = "console=ttyAMA0 panic=1 tables=dt selftest=quick log=debug"
FIRST_WORDS = "console=ttyAMA0 panic=1 quiet crashkernel=256M"
# Of the first Linux, which QEMU puts there; its code does not change any more once it runs.
CODE_AT, CODE_SIZE, PAGE = 0x40220000, 4 << 20, 4096
TITLES = {"-l": "a planned restart", "-p": "a crash"}


class Looks:
    """What is read of the machine at each LOOK: the first is the first Linux's."""

    def __init__(self):
        self.code, self.tables = [], []

    def __call__(self, monitor):
        self.code.append(monitor.read(CODE_AT, CODE_SIZE))
        self.tables = []
        linux_judge.stream_tables_into(self.tables)(monitor)


def start(which, kind, image):
    machine, looks, folder = linux.Machine(memory="2G"), Looks(), linux.fetched(which)
    kernel = machine.path("kernel", linux.kernel(folder))
    disk = machine.path("initrd", kexec.initrd(folder, kexec.fetched(), linux.read_file(image), kind, WORDS))
    return machine, machine.start(image, None, disk, FIRST_WORDS, kernel=kernel, look=looks), looks


def next_at(run):
    """Where kexec put the image that the firmware starts."""
    for line in run.lines:
        if line.startswith(kexec.READY):
            return int(line.split()[-1], 16)
    return 0


def inherited(run, kind, title):
    live = kind == "-p"
    found = [r["inherited"]["smmuen"] for r in run.of("instance")]
    tap.equal(found, [int(live)] * 3, f"{title}: three SMMUs are found {'enabled' if live else 'off'}")
    told = [line for line in run.lines if line.startswith("inherit ") and "ENABLED" in line]
    tap.equal(len(told), 3 * live, f"{title}: and that is told in a line each")
    tap.equal([r["lpis"] for r in run.of("inherited", object="gic")], [True], f"{title}: LPIs are found on")
    if live:
        disks = [m["master"] for m in run.of("master", device="1b36:0010")]
        busy = [r["object"] for r in run.of("inherited") if "bus mastering" in r.get("found", [])]
        tap.ok(len(disks) == 3 and set(disks) <= set(busy), f"{title}: the disks are found on the bus", [disks, busy])
    steps = [index for index, line in enumerate(run.lines) for step in ("inherit ", "block ", "register ", "hand over ") if line.startswith(step)]
    tap.ok(steps and steps == sorted(steps), f"{title}: in order")


def dump_is_whole(run, looks, title):
    """Memory that is not the crash kernel's is as the dead kernel left it: its code, and Linux can read it."""
    before, after = (looks.code + [b"", b"x"])[:2]
    changed = [at for at in range(0, CODE_SIZE, PAGE) if before[at : at + PAGE] != after[at : at + PAGE]]
    tap.equal([hex(CODE_AT + at) for at in changed[:10]], [], f"{title}: the dead kernel's memory is left alone")
    tap.ok(linux_judge.Said(run).of("vmcore"), f"{title}: and there is a dump of it")


def taken_over(which, kind):
    title = f"{which} kernel, {TITLES[kind]}"
    image = firmware.ELF.removesuffix(".elf") + ".bin"
    machine, run, looks = start(which, kind, image)
    linux_judge.sound_handover(run, title, next_at(run))
    inherited(run, kind, title)
    linux_judge.judge_linux(run, looks.tables, machine, title, True, 4)
    lpis = [line for line in linux_judge.Said(run).of("dmesg") if "Booted with LPIs enabled" in line or "preallocated redistributor" in line]
    tap.equal(lpis, [], f"{title}: no LPI was left on")
    if kind == "-p":
        dump_is_whole(run, looks, title)
    machine.close()


if not firmware.has_instances():
    tap.skip("kexec", "this QEMU has one SMMUv3")
    tap.done()
if not kexec.fetched() or not linux.fetched("oldest"):
    tap.skip("kexec", "kexec or the kernel could not be fetched")
    tap.done()
for each in TITLES:
    taken_over("oldest", each)
tap.done()
