# SPDX-License-Identifier: BSD-2-Clause
"""
What is damaged on purpose on every instance: each injection passes, or skips with its reason, on SMMUs of stage 1, of stage 2
and of both, on old and new emulators, and fails with a driver that lacks what the injection is there for.
"""

import os
import shutil

import firmware
import judge
import machine
import tap

FULL = [check for check in judge.INSTANCE_CHECKS if check not in ("abort_all", "registration_footprint", "handover")]
STAGES = {"1": [1], "2": [2], "nested": [1, 2]}


def results(run, check):
    return [(record["result"], record["detail"]) for record in run.of("check", check=check)]


def injections(run, title, instances, skipped=()):
    for check in FULL:
        found = results(run, check)
        wanted = "skip" if check in skipped else "pass"
        tap.equal([result for result, _ in found], [wanted] * instances, f"{title}: {check}")
        tap.ok(wanted == "pass" or all(detail for _, detail in found), f"{title}: {check}: a skip says why")


def on_stage(stage):
    title = f"stage {stage}"
    run = firmware.run(STAGE=stage, INSTANCES=3)
    machine.passes(run, title)
    tap.equal([record["stages"] for record in run.of("instance")], [STAGES[stage]] * 3, f"{title}: is what the SMMUs have")
    injections(run, title, 3, ("bad_cd", "cd_fetch") if stage == "2" else ())
    permission = {record["result"] for record in run.of("check", check="read_only")}
    tap.ok("pass" in permission and "fail" not in permission, f"{title}: read-only pages are", permission)


def quick():
    title = "selftest=quick"
    run = firmware.run(INSTANCES=1, APPEND=title)
    machine.passes(run, title)
    for check in FULL:
        wanted = "pass" if check == "illegal_command" else "skip"
        tap.equal([result for result, _ in results(run, check)], [wanted], f"{title}: {check}")


def on_old():
    old = firmware.old_qemu()
    if not old:
        tap.skip("the distribution's QEMU", "it is not installed")
        return
    run = firmware.run(QEMU=old, INSTANCES=1)
    machine.passes(run, "the distribution's QEMU")
    injections(run, "the distribution's QEMU", 1, ("access_flag", "address_size"))


# A driver that retries for ever never ends: it is ended, and says so, once it has retried this often.
FOR_EVER, RETRIED = 100000, "retried for ever"

# What is taken out of the driver, and which injections (or what else of the run) must then fail, or what is said.
BROKEN = [
    ("an illegal command is acknowledged and not repaired", "drivers/smmuv3/gerror.c",
     "\tgerror_repair_command(smmu, consumer);", "\t(void)gerror_repair_command;", None),
    ("aborted fetches are retried for ever", "drivers/smmuv3/gerror.c",
     "#define ERRORS_MAX 3U", f'#include "base/fatal.h"\n#define ERRORS_MAX (smmu->error_streak > {FOR_EVER}U ? (fatal("{RETRIED}"), 0U) : 0x7fffffffU)', RETRIED),
    ("events are not put back", "drivers/smmuv3/damage.c",
     "int error = provoke_replace_events(smmu, arch_phys(smmu->evtq.entries), smmu->features.evtq_log2);", "int error = 0;", "bad_ste"),
    ("faults are not recorded", "drivers/smmuv3/cd.c", "CD0_AA64 | CD0_R | CD0_A", "CD0_AA64 | CD0_A", None),
    ("what is mended is not invalidated", "drivers/smmuv3/damage.c",
     "\terror = smmuv3_install_ste(smmu, sid, &ste);\n\treturn error ? error : damage_forget(domain, sid);",
     "\terror = smmuv3_install_ste(smmu, sid, &ste);\n\treturn error;", "bad_cd"),
]


def broken(title, path, old, new, check):
    def edit(folder):
        where = os.path.join(folder, path)
        with open(where, encoding="utf-8") as file:
            text = file.read()
        assert text.count(old) == 1, f"{path} has not once: {old}"
        with open(where, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    folder = firmware.work_folder("provoke")
    elf, said = firmware.build_copy(folder, edit)
    if not elf:
        tap.ok(False, f"{title}: builds", said)
        return
    run = firmware.run(elf=elf, INSTANCES=1)
    tap.ok(run.status != 0, f"{title}: the run fails", run.tail)
    if check == RETRIED:
        tap.ok(any(RETRIED in line for line in run.lines), f"{title}: it does", run.tail)
    elif check:
        tap.equal([result for result, _ in results(run, check)], ["fail"], f"{title}: {check} says so")
    shutil.rmtree(folder)


# Where a master has no pages to work on, what needs its DMA fails and says so; the queues are tried all the same.
def unmapped():
    title = "pages that cannot be mapped"
    folder = firmware.work_folder("provoke")

    def edit(copy):
        where = os.path.join(copy, "boot/checks/provoke.c")
        with open(where, encoding="utf-8") as file:
            text = file.read()
        old = "subject->unmapped = provoke_map_pages(bringup, subject->master);"
        assert text.count(old) == 1, f"provoke.c has not once: {old}"
        with open(where, "w", encoding="utf-8") as file:
            file.write(text.replace(old, "subject->unmapped = true; (void)provoke_map_pages;"))

    elf, said = firmware.build_copy(folder, edit)
    if not elf:
        tap.ok(False, f"{title}: builds", said)
        return
    run = firmware.run(elf=elf, INSTANCES=1)
    for check in FULL:
        wanted = "pass" if check in ("illegal_command", "queue_abort") else "fail"
        found = results(run, check)
        tap.equal([result for result, _ in found], [wanted], f"{title}: {check}")
        tap.ok(wanted == "pass" or "could not be mapped" in found[0][1], f"{title}: {check} says so", found)
    shutil.rmtree(folder)


if firmware.has_instances():
    for each in STAGES:
        on_stage(each)
else:
    tap.skip("stages 1, 2 and both", "this QEMU has one SMMUv3, of stage 1")
quick()
on_old()
for each in BROKEN:
    broken(*each)
unmapped()
tap.done()
