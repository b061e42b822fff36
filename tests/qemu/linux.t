# SPDX-License-Identifier: BSD-2-Clause
"""
Linux after the firmware: Debian's kernel for arm64 is started by next=, and what it says and does is the judge of the
hand-over and of our map.
"""

import hashlib
import os
import re
import shutil

import firmware
import judge
import linux
import tap

# Where Linux starts, and with how many cores; LINUX=all asks for all, the test of every day for the first.
CASES = [("oldest", True, 4), ("oldest", True, 1), ("oldest", False, 4), ("newest", True, 4), ("newest", False, 1)]
WORDS = f"next={linux.LINUX_AT:#x} console=ttyAMA0 quiet tables=dt"
# What an SMMU that was left on, and what one that stops or reports something, make Linux say.
COMPLAINTS = re.compile(r"currently enabled|Resetting|event 0x|GERROR|unexpected global error|CMD_SYNC timeout|arm-smmu.*(fail|error)")


class Said:
    """What the initial RAM disk printed."""

    def __init__(self, run):
        text = "\n".join(run.lines)
        begin, end = text.find(linux.BEGIN), text.find(linux.END)
        self.lines = text[begin:end].split("\n") if 0 <= begin < end else []

    def of(self, word):
        return [line[len(word) + 1 :] for line in self.lines if line.startswith(word + " ")]

    def table(self):
        """Function, and the base of its SMMU, of all that are in a group: by group."""
        groups = {}
        for line in self.of("group"):
            group, function, smmu, _ = line.split(" ", 3)
            groups.setdefault(group, []).append((function, int(re.search(r"0x[0-9a-f]+", smmu).group(), 16)))
        return sorted(sorted(members) for members in groups.values())


def our_table(run, functions):
    """The same of our report, of these functions."""
    bases = {r["instance"]: int(r["base"], 16) for r in run.of("instance")}
    groups = {}
    for master in run.of("master"):
        if master["master"] in functions:
            groups.setdefault(master["group"], []).append((master["master"], bases[master["instance"]]))
    return sorted(sorted(members) for members in groups.values())


def complaints(said):
    return [line for line in said.of("dmesg") if COMPLAINTS.search(line)]


def interrupts(said):
    """How often each interrupt of an SMMU came."""
    return [sum(int(word) for word in line.split(":")[1].split("GIC")[0].split()) for line in said.of("interrupt")]


def sound_handover(run, title):
    wrong = judge.violations(run.records)
    tap.ok(not run.broken and not wrong, f"{title}: the report keeps the interface", lambda: wrong[:10] + run.broken)
    tap.ok(run.verdict.get("result") == "pass", f"{title}: the firmware passes", lambda: [run.verdict] + run.tail())
    found = [(r["address"], r["refused"]) for r in run.of("next")]
    tap.equal(found, [(hex(linux.LINUX_AT), None)], f"{title}: the record next says which image")
    head = (run.of("firmware") or [{}])[0]
    tap.equal(head.get("ignored_count"), 0, f"{title}: no word of Linux's is complained about")


def judge_linux(run, machine, title, el2, cores):
    said = Said(run)
    if not tap.ok(said.lines and run.status == 0, f"{title}: Linux runs to its end", run.tail):
        return
    probed = {line.split()[2] for line in map(lambda l: re.sub(r"\[ +", "[", l), said.of("dmesg")) if "arm-smmu-v3" in line}
    tap.equal(len([name for name in probed if ".smmuv3" in name]), 3, f"{title}: three SMMUs probe")
    tap.equal(complaints(said), [], f"{title}: none was left on, and none reports an event or an error")
    tap.equal(set(interrupts(said)) or None, {0}, f"{title}: no interrupt of an SMMU came")
    functions = {function for group in said.table() for function, _ in group}
    tap.equal(said.table(), our_table(run, functions), f"{title}: our groups and SMMUs are Linux's")
    page = hashlib.md5(machine.first_page).hexdigest()
    disks = sorted(tuple(line.split()) for line in said.of("disk"))
    nvme = sorted(m["master"] for m in run.of("master", device="1b36:0010"))
    tap.equal(disks, [(function, page) for function in nvme], f"{title}: the disk behind each SMMU is read right")
    tap.equal(len(nvme), 3, f"{title}: there are three")
    tap.equal(said.of("cores"), [str(cores)], f"{title}: all cores run")
    log = "\n".join(said.of("dmesg"))
    tap.ok(("started at EL2" in log) == el2, f"{title}: in EL{2 if el2 else 1}")
    tap.ok(bool(said.of("kvm")) == el2, f"{title}: KVM is {'on' if el2 else 'off'}", said.of("kvm"))


def start(which, el2, cores, image=firmware.ELF, words=WORDS):
    machine = linux.Machine(cores=cores, el2=el2)
    folder = linux.fetched(which)
    kernel = machine.path("Image", linux.kernel(folder))
    disk = machine.path("initrd", linux.initrd(folder, linux.init_for(len(linux.FIRST_BUSES))))
    return machine, machine.start(image, kernel, disk, words)


def follow(which, el2, cores):
    title = f"{which} kernel, EL{2 if el2 else 1}, {cores} cores"
    if not linux.fetched(which):
        tap.skip(title, f"the {which} kernel could not be fetched")
        return
    machine, run = start(which, el2, cores)
    sound_handover(run, title)
    judge_linux(run, machine, title, el2, cores)
    machine.close()


def skip_handover(folder):
    path = os.path.join(folder, "boot/main.c")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("\thand_over(&machine.bringup);\n", ""))


def notices_a_skipped_handover(which):
    """The same firmware, which leaves its SMMUs on: Linux says so."""
    title = "a hand-over that is skipped"
    if not linux.fetched(which):
        tap.skip(title, f"the {which} kernel could not be fetched")
        return
    folder = firmware.work_folder("live")
    elf, why = firmware.build_copy(folder, skip_handover)
    if tap.ok(elf, f"{title}: the copy builds", why):
        machine, run = start(which, True, 4, elf, WORDS + " selftest=quick")
        tap.equal(run.verdict.get("result"), "pass", f"{title}: the firmware itself takes no notice")
        found = complaints(Said(run))
        enabled = [line for line in found if "currently enabled" in line]
        tap.equal(len(enabled), 3, f"{title}: Linux finds three SMMUs on")
        machine.close()
    shutil.rmtree(folder)


if not firmware.has_instances():
    tap.skip("Linux after the firmware", "this QEMU has one SMMUv3")
    tap.done()
for case in CASES if os.environ.get("LINUX") == "all" else CASES[:1]:
    follow(*case)
notices_a_skipped_handover("oldest")
tap.done()
