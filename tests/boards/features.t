# SPDX-License-Identifier: BSD-2-Clause
"""
Builds with less in them: each brings up, proves and reports; what is left out is told, and not passed over in silence.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import judge
import machine
import tap
import uboot


ALL = "acpi advice compare disks interrupts provoke return soak speed trace words"
with open(os.path.join(ROOT, "mk/features.mk"), encoding="utf-8") as rules:
    LATER = " ".join(re.search(r"^FEATURES_LATER := (.*)$", rules.read().replace("\\\n", " "), re.M)[1].split())


def build(features, folder, arch="arm"):
    done = firmware.make(ROOT, f"FEATURES={features}", f"ARCH={arch}", "all")
    tap.ok(done.returncode == 0, f"FEATURES={features} ARCH={arch}: builds", done.stderr[-2000:])
    return os.path.join(firmware.BUILD, folder, "smmu-bringup.elf")


def results(run, check):
    return {each["result"] for each in run.of("check", check=check)}


def says_nothing_but_records(run, title):
    lines = [line for line in run.lines if line.strip() and not line.startswith(("{", "run:"))]
    tap.equal(lines, [], f"{title}: the console has records alone")


def from_uboot(image):
    """The arguments of `go` are read, and that it is called does no harm, in a build that has no way back."""
    bios = uboot.image()
    if not bios:
        tap.skip("minimal, from U-Boot", "this machine has no U-Boot for QEMU")
        return
    arguments = ["-device", "arm-smmuv3,primary-bus=pcie.0,id=smmuv3.0", "-device", f"loader,file={image},addr=0x40200000,force-raw=on"]
    prompt = uboot.Prompt(bios, arguments + ["-device", "edu,bus=pcie.0,addr=1,dma_mask=0xffffffff"])
    prompt.say("go 0x40200000 selftest=quick soak=1")
    run = firmware.Run(0, prompt.last)
    prompt.close()
    tap.equal((run.verdict.get("ready"), run.verdict.get("reason")), (1, "soak= was asked for, and this build has none"), "minimal, from U-Boot: brings up, and has read its arguments")


def minimal():
    elf = build("minimal", "qemu-virt-without-all")
    with open(elf.replace(".elf", ".bin"), "rb") as file:
        image = file.read()
    tap.ok(b"every SMMU denies everything" not in image, "minimal: words are not in the image")
    tap.ok(b"registration_footprint" in image, "minimal: the names of records are")
    for words in (b"it was never let through", b"MMU-600", b"arm,gic-400"):
        tap.ok(words not in image, f"minimal: nor is {words.decode()!r}")
    run = firmware.run(elf=elf, INSTANCES=1)
    machine.passes(run, "minimal")
    says_nothing_but_records(run, "minimal")
    tap.equal(run.of("firmware")[0]["description"], "dt", "minimal: the device tree describes")
    tap.equal(run.of("firmware")[0]["without"], ALL, "minimal: the report says what it is without")
    tap.equal({each["cause"] for each in run.of("event")}, {"this build has no words for it: IHI 0070, 7.3"}, "minimal: of an event's cause it says where it is told")
    tap.equal({each["event_interrupts"] for each in run.of("handover")}, {0}, "minimal: events are found without interrupts")
    tap.ok(run.of("event"), "minimal: there were events")
    for check in ("translate", "read_only", "unmap", "blocked_before_attach", "handover"):
        tap.ok("pass" in results(run, check), f"minimal: {check} is proved", run.of("check", check=check))
    for check in ("illegal_command", "queue_abort", "event_overflow", "abort_all"):
        tap.equal(results(run, check), {"skip"}, f"minimal: {check} is a skip")
    tap.equal({each["device"] for each in run.of("master", client_state="bound")} - {machine.EDU, machine.TESTDEV}, set(), "minimal: no disk is driven")
    asked = firmware.run(elf=elf, INSTANCES=1, APPEND="soak=1")
    tap.equal((asked.verdict["result"], asked.verdict["reason"]), ("fail", "soak= was asked for, and this build has none"), "minimal: soak= is no silent pass")
    impossible = "exit=return acpi=0x48000000 selftest=full trace=on log=debug".split()
    back = firmware.run(elf=elf, INSTANCES=1, APPEND=" ".join(["strict=on", *impossible]))
    ignored = {each["word"]: each["why"] for each in back.of("firmware")[0]["ignored"]}
    unknown = {word: ignored.pop(word, "") for word in ("acpi=0x48000000", "trace=on")}
    tap.equal(ignored, dict.fromkeys(["exit=return", "selftest=full", "log=debug"], "this build is without what it asks for"), "minimal: a value that it cannot obey is in the record, and why")
    for word, why in unknown.items():
        tap.ok(why.startswith("there is no such word in this image, but ") and " tables=" in why and word.split("=")[0] + "=" not in why, f"minimal: {word}: the word is unknown without its feature", why)
    tap.equal(back.verdict["reason"], "a boot argument is ignored, and strict=on was asked for", "minimal: and fails where strict=on is")
    machine.passes(firmware.run(elf=elf, INSTANCES=1, MACHINE="virtualization=on,gic-version=3"), "minimal, entered in HYP")
    from_uboot(elf.replace(".elf", ".bin"))
    refused = firmware.run(elf=elf, INSTANCES=1, APPEND="tables=iort")
    tap.equal(refused.verdict["result"], "fail", "minimal: tables=iort cannot be had")


def minimal_in_aarch64():
    """In EL1; and in EL2, where it refuses next= and does all the rest."""
    elf = build("minimal", "qemu-virt-aarch64-without-all", "aarch64")
    why = "next= was asked for, and this build starts no other image"
    for level, machine_is, word, result in (("EL1", "", "", ("pass", None)), ("EL2", "virtualization=on", " next=0x50000000", ("fail", why))):
        title = f"minimal, AArch64, {level}{word}"
        run = firmware.run(elf=elf, INSTANCES=1, CORES=2, MACHINE=machine_is, APPEND="selftest=quick" + word)
        tap.equal(judge.violations(run.records), [], f"{title}: the report keeps the interface")
        head = (run.of("firmware") or [{}])[0]
        tap.equal((head.get("arch"), head.get("without"), head.get("cores")), ("aarch64", f"{ALL} {LATER}", 2), f"{title}: it is that image")
        tap.equal((run.verdict.get("result"), run.verdict.get("reason")), result, f"{title}: {result[0]}")
        tap.equal((run.verdict.get("ready"), run.verdict.get("checks_failed")), (1, 0), f"{title}: all is brought up and proved")
        tap.ok("pass" in results(run, "translate"), f"{title}: by DMA", run.of("check", check="translate"))


def words():
    """The example of docs/using.md. The firmware does not report as missing what it has not read from the tables."""
    elf = build("acpi words", "qemu-virt-without-advice-compare-disks-interrupts-provoke-return-soak-speed-trace")
    run = firmware.run(elf=elf)
    machine.passes(run, "acpi, words")
    tap.equal((run.verdict.get("ready"), run.of("firmware")[0]["cores"]), (3, 4), "acpi, words: three SMMUs, by four cores")
    tap.ok(any("4 cores, no GIC known" in line for line in run.lines), "acpi, words: no GIC is named", run.lines[:3])
    tap.equal([line for line in run.lines if "is described" in line], [], "acpi, words: no interrupt is said not to be described")
    tap.equal(firmware.run(INSTANCES=1).of("firmware")[0]["without"], None, "the usual build is without nothing")


def basic():
    elf = build("basic", "qemu-virt-aarch64-basic", "aarch64")
    run = firmware.run(elf=elf, CPU="cortex-a53")
    tap.equal((run.verdict.get("result"), run.verdict.get("ready"), run.verdict.get("bound")), ("pass", 3, 11), "basic, AArch64: passes")
    tap.equal((run.of("firmware") or [{}])[0].get("without"), LATER, "basic, AArch64: it is without what came later, and nothing else")


def without_interrupts():
    """Without interrupts alone: the firmware does not report a missing interrupt that it has not asked for."""
    elf = build(ALL.replace("interrupts ", ""), "qemu-virt-without-interrupts")
    run = firmware.run(elf=elf)
    machine.passes(run, "without interrupts")
    tap.equal({each["event_interrupts"] for each in run.of("handover")}, {0}, "without interrupts: none came")
    tap.equal([each["detail"] for each in run.of("difference") if "interrupt" in each["detail"] and "lacks" not in each["detail"]], [], "without interrupts: none is missed")
    for check in ("illegal_command", "event_overflow"):
        tap.ok("pass" in results(run, check), f"without interrupts: {check} is proved by looking", run.of("check", check=check))


wrong = firmware.make(ROOT, "FEATURES=acpi nonsense", "all")
tap.ok(wrong.returncode != 0 and "nonsense" in wrong.stderr and "words" in wrong.stderr, "an unknown feature is named, with those that there are", wrong.stderr[-500:])
minimal()
minimal_in_aarch64()
if firmware.has_instances():
    words()
    basic()
    without_interrupts()
else:
    tap.skip("acpi, words", "this QEMU has one SMMUv3")
tap.done()
