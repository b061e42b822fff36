# SPDX-License-Identifier: BSD-2-Clause
"""
Linux after the firmware: Debian's kernel for arm64 is started by next=, and what it says and does is the judge of the
hand-over and of our map.
"""

import os
import shutil

import firmware
import linux
import linux_judge
import tap

# Where Linux starts, and with how many cores; LINUX=all asks for all, the test of every day for the first.
CASES = [("oldest", True, 4), ("oldest", True, 1), ("oldest", False, 4), ("newest", True, 4), ("newest", True, 1), ("newest", False, 1)]
WORDS = f"next={linux.LINUX_AT:#x} console=ttyAMA0 panic=1 quiet tables=dt"


def start(which, el2, cores, image=firmware.ELF, words=WORDS):
    machine = linux.Machine(cores=cores, el2=el2)
    folder = linux.fetched(which)
    kernel = machine.path("Image", linux.kernel(folder))
    disk = machine.path("initrd", linux.initrd(folder, linux.init_for(len(linux.FIRST_BUSES), waits=True)))
    tables = []
    return machine, machine.start(image, kernel, disk, words, look=linux_judge.stream_tables_into(tables)), tables


def follow(which, el2, cores):
    title = f"{which} kernel, EL{2 if el2 else 1}, {cores} cores"
    if not linux.fetched(which):
        tap.skip(title, f"the {which} kernel could not be fetched")
        return
    machine, run, tables = start(which, el2, cores)
    linux_judge.sound_handover(run, title)
    linux_judge.judge_linux(run, tables, machine, title, el2, cores)
    machine.close()


def follow_from_aarch32(which):
    """Behind the image for AArch32 that has next=, on a core of both widths."""
    title, folder = f"{which} kernel, from AArch32", linux.fetched(which)
    if not folder:
        tap.skip(title, f"the {which} kernel could not be fetched")
        return
    image, said = linux.starter_in_aarch32()
    if tap.ok(image, f"{title}: the image builds", said[-2000:]):
        machine, tables = linux.Machine(cpu="cortex-a57"), []
        kernel = machine.path("Image", linux.kernel(folder))
        disk = machine.path("initrd", linux.initrd(folder, linux.init_for(len(linux.FIRST_BUSES), waits=True)))
        run = machine.start_from_aarch32(image, kernel, disk, WORDS, look=linux_judge.stream_tables_into(tables))
        tap.equal((run.of("firmware") or [{}])[0].get("arch"), "aarch32", f"{title}: it is that image")
        linux_judge.sound_handover(run, title)
        linux_judge.judge_linux(run, tables, machine, title, True, 4)
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
        machine, run, _ = start(which, True, 4, elf, WORDS + " selftest=quick")
        tap.equal(run.verdict.get("result"), "pass", f"{title}: the firmware itself takes no notice")
        found = linux_judge.complaints(linux_judge.Said(run))
        enabled = [line for line in found if "currently enabled" in line]
        tap.equal(len(enabled), 3, f"{title}: Linux finds three SMMUs on")
        machine.close()
    shutil.rmtree(folder)


if not firmware.has_instances():
    tap.skip("Linux after the firmware", "this QEMU has one SMMUv3")
    tap.done()
for case in CASES if os.environ.get("LINUX") == "all" else CASES[:1]:
    follow(*case)
if os.environ.get("LINUX") == "all":
    follow_from_aarch32("oldest")
notices_a_skipped_handover("oldest")
tap.done()
