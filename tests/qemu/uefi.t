# SPDX-License-Identifier: BSD-2-Clause
"""
The firmware as a UEFI application, under EDK2 of two ages: started from the disk that it drives, it gives the machine back, and the
shell, and Linux, go on. SHORT=yes, as in `make test`: the first case alone.
"""

import json
import os
import re

import firmware
import judge
import linux
import linux_judge
import smmu_on
import tap
import uboot
import uefi
import uefi_player

EVERY = os.environ.get("SHORT") != "yes"
NOTHING_ELSE = "=== nothing else"
UBOOT_AT = "0x50000000"
NEXT_AT = "0x60000000"
VOLUME_FUNCTION = "0000:00:05.0"
LINUX = "vmlinuz.efi console=ttyAMA0 panic=1 quiet initrd=\\ird.gz"
# The shell starts Linux only where the status is 0.
START = ("if %lasterror% == 0x0 then", LINUX, "endif", f'echo "{NOTHING_ELSE}"', "reset -s")
SECOND = linux.smmu_bases()[1]
MOVED = SECOND + 8 * linux.SMMU_STEP  # Where nothing answers.
DONE = rb"smmu-bringup: (PASS|FAIL)"


class Report:
    """The records of a file, as firmware.Run has those of a console."""

    def __init__(self, data):
        self.lines = data.decode(errors="replace").splitlines()
        self.records = [json.loads(line) for line in self.lines]

    def of(self, kind, **wanted):
        return [r for r in self.records if r["record"] == kind and all(r.get(key) == value for key, value in wanted.items())]


def told(line):
    """A line of a script, and its status."""
    return line, "echo status %lasterror%"


def statuses(run):
    return [line.split()[1] for line in run.lines if line.startswith("status ")]


def said(run):
    return [line for line in run.lines if line.startswith("smmu-bringup: ")]


def sound(report, title, result="pass"):
    tap.equal(judge.violations(report.records), [], f"{title}: the file keeps the interface")
    head = (report.of("firmware") or [{}])[0]
    tap.equal((head.get("platform"), head.get("arch")), ("uefi", "aarch64"), f"{title}: it is this platform's")
    tap.equal([r["result"] for r in report.of("verdict")], [result], f"{title}: the verdict is {result}")


def shell(title, flash, el2, cores, words="", which="oldest"):
    """
    Started four times: a pass, behind which the disk's SMMU, which was on, is on as before, the shell reads and writes through it, and
    the interrupts of timers that were left running come; a verdict that fails by a word; without any tables; and before Linux.
    """
    machine = linux.Machine(cores=cores, el2=el2)
    first = uefi.script(
        *told("smmuon.efi"), *told("player.efi timers"), *told(f"smmu.efi {words}"), *told("player.efi look"), "cp smmu-report.jsonl first.jsonl",
        *told("smmuon.efi"), *told("smmu.efi strict=on nonsense=1 id=second"), *told("player.efi none"), *told("smmu.efi"),
        "cp smmu-report.jsonl none.jsonl", *told("player.efi again"), "smmu.efi id=third", *START,
    )
    applications = {"smmu.efi": uefi.application(), "smmuon.efi": smmu_on.application(machine.folder), "player.efi": uefi_player.application(machine.folder)}
    volume = uefi.Volume(machine, {**applications, "startup.nsh": first, **uefi.kernel_files(which)})
    run = uefi.start(machine, volume, flash)
    wanted = [smmu_on.TURNED_ON, "0x0", "0x0", "0x0", smmu_on.AS_LEFT, "0x15", "0x0", "0x15", "0x0"]
    tap.equal(
        statuses(run), wanted, f"{title}: the shell gets 0 after a pass, else EFI_ABORTED; an SMMU that was on is as it was, timers' interrupts come"
    )
    verdicts = [line.split()[1] for line in said(run) if "; " in line]
    tap.equal(verdicts, ["PASS;", "FAIL;", "FAIL;", "PASS;"], f"{title}: each run says its verdict on UEFI's console")
    tap.ok("smmu-bringup: UEFI has neither ACPI tables nor a device tree" in said(run), f"{title}: without tables that is said, too", said(run))
    reason = "the machine is not described: no device tree, or not the table asked for"
    tap.equal([r["reason"] for r in Report(volume.read("none.jsonl")).of("verdict")], [reason], f"{title}: and reported")
    report = Report(volume.read("first.jsonl"))
    sound(report, title)
    restored = [r["restored"] for r in report.of("handover")]
    tap.equal(restored, [True, False, False], f"{title}: the report says that it is put back, and that the others were off")
    third = Report(volume.read(uefi.REPORT))
    tap.equal([r["id"] for r in third.of("firmware")], ["third"], f"{title}: a later report takes an earlier one's place")
    tap.equal(third.of("verdict"), third.of("verdict", result="pass"), f"{title}: what failed before leaves nothing behind")
    timers = {"virtual timer", "physical timer", *(["EL2 timer"] if el2 else [])}
    tap.ok(timers <= {r["object"] for r in report.of("inherited")}, f"{title}: and which timers were running", report.of("inherited"))
    driven = [r["result"] for r in report.of("check", check="translate", master=VOLUME_FUNCTION)]
    tap.equal(driven, ["pass"], f"{title}: the disk that it was started from is driven")
    nvme = {m["master"] for m in report.of("master", device="1b36:0010")}
    passed = {r["master"] for r in report.of("check", check="translate", result="pass")}
    tap.ok(len(nvme) == 3 and nvme <= passed, f"{title}: and so are the others", sorted(nvme - passed))
    linux_said = linux_judge.Said(run)
    if tap.ok(linux_said.lines and run.status == 0, f"{title}: Linux starts from it, and runs to its end", run.tail):
        tap.equal(linux_judge.complaints(linux_said), [], f"{title}: no SMMU was left on, and none reports an event")
        tap.equal(len(linux_said.of("disk")), 3, f"{title}: Linux reads its disks")
        functions = linux_judge.in_lines(list(linux_said.functions()))
        linux_judge.same_lines(functions, linux_judge.our_functions(report), f"{title}: our groups and SMMUs are Linux's")
    machine.close()


def failing(title, flash):
    """No Linux after a failure."""
    machine = linux.Machine(cores=2)
    files = {"smmu.efi": uefi.application(), "startup.nsh": uefi.script("smmu.efi strict=on nonsense=1", *START)}
    files["vmlinuz.efi"] = uefi.application()  # What would be started says so.
    run = uefi.start(machine, uefi.Volume(machine, files), flash)
    tap.equal((len(said(run)), NOTHING_ELSE in run.lines), (1, True), f"{title}: the script goes on, and starts no Linux")
    machine.close()


def by_tree(title, flash):
    """Without ACPI: the tree that UEFI hands on. BOOTAA64.EFI has no load options, and the boot manager goes on behind it."""
    machine = linux.Machine(cores=1, el2=False)
    volume = uefi.Volume(machine, {"EFI/BOOT/BOOTAA64.EFI": uefi.application()})
    run = uefi.start(machine, volume, flash, ["-dtb", machine.tree(str)], options=",acpi=off", until=DONE)
    report = Report(volume.read(uefi.REPORT))
    sound(report, title)
    tap.equal([r["description"] for r in report.of("firmware")], ["dt"], f"{title}: the tree describes the machine")
    tap.equal(len(report.of("instance")), 3, f"{title}: three SMMUs")
    machine.close()


def replaced(text, before, after):
    assert text.count(before) == 1
    return text.replace(before, after)


def wrong_tree(text):
    """The second SMMU elsewhere, and other streams of the third."""
    text = replaced(text, f"reg = <{linux.cells(0, SECOND, 0)}", f"reg = <{linux.cells(0, MOVED, 0)}")
    first = linux.FIRST_BUSES[2] << 8
    of_third = linux.cells(first, linux.SMMU_PHANDLE + 2)
    return replaced(text, f"{of_third} {linux.cells(first)}", f"{of_third} {linux.cells(first + 8)}")


def disagreeing(title, flash):
    """ACPI, and a tree that is wrong: that is told, and the IORT holds, unless a word says otherwise."""
    machine = linux.Machine(cores=2)
    blob = machine.tree(wrong_tree, linux.one_host)
    lines = (*told("player.efi both"), *told("smmu.efi"), "cp smmu-report.jsonl iort.jsonl", *told("smmu.efi tables=dt"), f'echo "{NOTHING_ELSE}"', "reset -s")
    files = {"smmu.efi": uefi.application(), "player.efi": uefi_player.application(machine.folder, blob), "startup.nsh": uefi.script(*lines)}
    volume = uefi.Volume(machine, files)
    run = uefi.start(machine, volume, flash)
    tap.equal(statuses(run), ["0x0", "0x0", "0x15"], f"{title}: a pass by the table that is right, none by the other")
    tap.ok(NOTHING_ELSE in run.lines, f"{title}: the shell goes on", run.tail)
    right, wrong = Report(volume.read("iort.jsonl")), Report(volume.read(uefi.REPORT))
    sound(right, f"{title}, the IORT")
    sound(wrong, f"{title}, the tree", "fail")
    places = {f"the SMMU at {at:#x}" for at in (SECOND, MOVED)} | {f"segment 0, requester IDs {ids}" for ids in ("0x5500 to 0x56ff", "0xaa00 to 0xadff")}
    for report, name in ((right, "iort"), (wrong, "dt")):
        tap.equal([r["description"] for r in report.of("firmware")], [name], f"{title}: {name} is used")
        subjects = {r["subject"] for r in report.of("difference")}
        tap.equal((places - subjects, subjects - places if report is right else set()), (set(), set()), f"{title}: by {name} the differences are told")
    tap.equal([r["base"] for r in wrong.of("instance", state="failed")], [f"{MOVED:#x}"], f"{title}: no SMMU is where the tree has one")
    machine.close()


def by_entry(title, flash):
    """Boot entries that bcfg has made, with words as optional data: the boot manager goes on behind a verdict that fails, and stops behind a pass."""
    machine = linux.Machine(cores=1)
    words = ("id=failing strict=on nonsense=1 records=on", "id=passing log=debug records=on")
    lines = [line for i, each in enumerate(words) for line in (f'bcfg boot add {i} fs0:\\smmu.efi "{i}"', f'bcfg boot -opt {i} "^"{each}^""')]
    volume = uefi.Volume(machine, {"smmu.efi": uefi.application(), "startup.nsh": uefi.script(*lines, "reset")})
    chips = uefi.chips(machine, flash, "AAVMF_CODE.no-secboot.fd", "AAVMF_VARS.fd")
    uefi.start(machine, volume, chips)
    run = uefi.start(machine, volume, chips, until=rb"smmu-bringup: PASS")
    found = [(r["id"], v["result"]) for r, v in zip(run.of("firmware"), run.of("verdict"))]
    tap.equal(found, [("failing", "fail"), ("passing", "pass")], f"{title}: each is started with its words, one behind the other")
    tap.ok(any(re.match("BdsDxe: failed to start .*: Aborted", line) for line in run.lines), f"{title}: the boot manager gets EFI_ABORTED", run.tail)
    tap.equal([line.split()[1] for line in said(run)], ["FAIL;", "PASS;"], f"{title}: and says each verdict")
    report = Report(volume.read(uefi.REPORT))
    sound(report, title)
    tap.equal([r["id"] for r in report.of("firmware")], ["passing"], f"{title}: the report is on the volume of the entry")
    machine.close()


def turned_off(title, flash):
    """exit=off: boot services are over, and the machine is turned off; the report is on the console."""
    machine = linux.Machine(cores=4)
    files = {"smmu.efi": uefi.application(), "startup.nsh": uefi.script("smmu.efi exit=off records=on selftest=full")}
    volume = uefi.Volume(machine, files)
    run = uefi.start(machine, volume, flash)
    tap.equal((run.status, run.verdict.get("result")), (0, "pass"), f"{title}: passes, and the machine is off")
    tap.equal(volume.read(uefi.REPORT), b"", f"{title}: no file, for its driver is gone")
    tap.ok(run.of("check", check="event_overflow", result="pass"), f"{title}: selftest=full is obeyed")
    machine.close()


def next_stage(title, flash):
    """next=: boot services are ended, and an image that lies in memory is started behind a pass."""
    machine = linux.Machine(cores=2)
    volume = uefi.Volume(machine, {"smmu.efi": uefi.application(), "startup.nsh": uefi.script(f"smmu.efi next={NEXT_AT} records=on")})
    image = ["-device", f"loader,file={linux.next_image(machine)},addr={NEXT_AT},force-raw=on"]
    run = uefi.start(machine, volume, flash, ["-dtb", machine.tree(str), *image], options=",acpi=off")
    tap.equal([r["result"] for r in run.of("verdict")], ["pass"], f"{title}: passes")
    tap.equal([line for line in run.lines if line.startswith("<")], ["<2D0SMI>"], f"{title}: the image is started as Linux's boot protocol wants it")
    machine.close()


def without_uart(title, flash, words="console=rtt", options=""):
    """All that is said comes on UEFI's console, but for the records."""
    machine = linux.Machine(cores=1)
    lines = (f"smmu.efi {words} records=on", "echo status %lasterror%", "reset -s")
    volume = uefi.Volume(machine, {"smmu.efi": uefi.application(), "startup.nsh": uefi.script(*lines)})
    run = uefi.start(machine, volume, flash, options=options)
    text = [line for line in run.lines if re.match(r"describe|register|PASS: 3 of 3", line)]
    tap.equal((len(text) >= 5, run.records, statuses(run)), (True, [], ["0x0"]), f"{title}: all is said on UEFI's console")
    sound(Report(volume.read(uefi.REPORT)), title)
    machine.close()


def nothing_described(title, flash):
    """Tables that are not there end the run before the machine is changed: the shell lives. Options that are no use are told."""
    machine = linux.Machine(cores=1)
    long = "log=normal " * 60
    lines = ("smmu.efi acpi=0x1000", "echo status %lasterror%", "smmu.efi tables=dt", "echo status %lasterror%", f"smmu.efi {long}", "echo status %lasterror%", f"cp {uefi.REPORT} long.jsonl")
    lines += ('"fs0:\\my tools\\smmu.efi" id=spaces strict=on', "echo status %lasterror%", f"cp {uefi.REPORT} spaces.jsonl", "smmu.efi id=\u00e9", "echo status %lasterror%", f'echo "{NOTHING_ELSE}"', "reset -s")
    names = {"smmu.efi": uefi.application(), "my tools/smmu.efi": uefi.application(), "startup.nsh": b"\xff\xfe" + uefi.script(*lines).encode("utf-16-le")}
    volume = uefi.Volume(machine, names)
    run = uefi.start(machine, volume, flash)
    tap.equal(statuses(run), ["0x15", "0x15", "0x0", "0x0", "0x0"], f"{title}: a run that cannot begin comes back, and others after it")
    told = [line for line in said(run) if "ignored" in line]
    tap.equal(len([line for line in told if "too long" in line]), 1, f"{title}: options that are too long are told")
    words = [each["word"] for name in ("long.jsonl", uefi.REPORT) for each in Report(volume.read(name)).of("firmware")[0]["ignored"]]
    tap.equal(words, ["...=", "...="], f"{title}: in the records, too")
    tap.equal([r["id"] for r in Report(volume.read("spaces.jsonl")).of("firmware", ignored=[])], ["spaces"], f"{title}: a name with spaces is no word")
    tap.equal(len([line for line in told if "no plain text" in line]), 1, f"{title}: and those that are no ASCII")
    tap.ok(NOTHING_ELSE in run.lines, f"{title}: the shell goes on", run.tail)
    machine.close()


def lying(title, flash):
    """A memory map that cannot be read ends the run before it begins; of one that can, what cannot be is left out."""
    machine = linux.Machine(cores=1)
    lines = [line for word in ("short", "wrap", "honest") for line in (*told(f"player.efi {word}"), *told(f"smmu.efi id={word}"), f"cp {uefi.REPORT} {word}.jsonl")]
    files = {"smmu.efi": uefi.application(), "player.efi": uefi_player.application(machine.folder), "startup.nsh": uefi.script(*lines, "reset -s")}
    volume = uefi.Volume(machine, files)
    run = uefi.start(machine, volume, flash)
    tap.equal(statuses(run), ["0x0", "0x15", "0x0", "0x0", "0x0", "0x0"], f"{title}: a map of no use is a failure, and the shell goes on")
    refused = "smmu-bringup: UEFI's memory map cannot be read: nothing is started"
    tap.equal((said(run).count(refused), volume.read("short.jsonl")), (1, b""), f"{title}: that is said, and nothing was started")
    left_out = [line for line in run.lines if "UEFI's memory map: a descriptor is empty, unaligned or wraps: left out" in line]
    tap.equal(len(left_out), 1, f"{title}: RAM that wraps is told")
    for word in ("wrap", "honest"):
        sound(Report(volume.read(f"{word}.jsonl")), f"{title}, {word}")
    machine.close()


def by_uboot(properties):
    """U-Boot's own UEFI: no drivers of PCI, words in bootargs, a device tree, beside which QEMU's fw_cfg has ACPI's tables."""
    title = f"bootefi of U-Boot, {properties}"
    path = os.path.join(firmware.BUILD, "uefi-aarch64/smmu-bringup.efi")
    arguments = ["-device", "arm-smmuv3,primary-bus=pcie.0,id=smmuv3.0", "-device", f"loader,file={path},addr={UBOOT_AT},force-raw=on"]
    for place in (1, 2):
        arguments += ["-device", f"edu,bus=pcie.0,addr={place},dma_mask=0xffffffff"]
    prompt = uboot.Prompt(uboot.image(), arguments, properties)
    prompt.say('setenv bootargs "records=on id=uboot"')
    run = firmware.Run(0, prompt.say(f"bootefi {UBOOT_AT}:{os.path.getsize(path):x} $fdtcontroladdr") or "")
    tap.equal([r["result"] for r in run.of("verdict")], ["pass"], f"{title}: passes")
    tap.equal([(r["id"], r["platform"]) for r in run.of("firmware")], [("uboot", "uefi")], f"{title}: with the words of bootargs")
    tap.ok(any("not started from a volume" in line for line in said(run)), f"{title}: says that there is no file", said(run))
    tap.ok("U-Boot 20" in (prompt.say("version") or ""), f"{title}: U-Boot goes on")
    prompt.close()


def by_grub(title, flash, grub):
    """GRUB chain-loads it: words by the command line, the report on the volume; afterwards GRUB goes on, with Linux."""
    machine = linux.Machine(cores=2)
    menu = ("insmod chain", "if chainloader /smmu.efi id=grub; then boot; fi", f"echo '{NOTHING_ELSE}'")
    menu += ("linux /vmlinuz.efi console=ttyAMA0 panic=1 quiet", "initrd /ird.gz", "boot")
    files = {"EFI/BOOT/BOOTAA64.EFI": grub, "EFI/debian/grub.cfg": "\n".join(menu) + "\n", "smmu.efi": uefi.application()}
    volume = uefi.Volume(machine, {**files, **uefi.kernel_files("oldest")})
    run = uefi.start(machine, volume, flash)
    report = Report(volume.read(uefi.REPORT))
    sound(report, title)
    tap.equal([r["id"] for r in report.of("firmware")], ["grub"], f"{title}: the command line's words are obeyed")
    linux_said = linux_judge.Said(run)
    if tap.ok(NOTHING_ELSE in run.lines and linux_said.lines and run.status == 0, f"{title}: GRUB goes on, Linux runs", run.tail):
        tap.equal(linux_judge.complaints(linux_said), [], f"{title}: no SMMU was left on, and none reports an event")
        tap.equal(len(linux_said.of("disk")), 3, f"{title}: Linux reads its disks")
    machine.close()


def refused_volume(title, flash, wanted, fill=False, readonly=False):
    machine = linux.Machine(cores=1)
    lines = ("smmu.efi", "echo status %lasterror%", f'echo "{NOTHING_ELSE}"', "reset -s")
    volume = uefi.Volume(machine, {"smmu.efi": uefi.application(), "startup.nsh": uefi.script(*lines)}, 8 * uefi.MIB, readonly)
    if fill:
        volume.fill()
    run = uefi.start(machine, volume, flash)
    tap.equal(statuses(run), ["0x0"], f"{title}: the verdict is what it is")
    tap.ok(any(wanted in line for line in said(run)), f"{title}: it is said", said(run))
    tap.ok(NOTHING_ELSE in run.lines, f"{title}: the shell goes on", run.tail)
    machine.close()


def secure_boot(title, flash, code):
    """With a key of Debian's enrolled, and so without a shell: what is signed starts, what is not does not."""
    for signs in (True, False):
        machine = linux.Machine(cores=1)
        volume = uefi.Volume(machine, {"EFI/BOOT/BOOTAA64.EFI": uefi.signed(machine, flash) if signs else uefi.application()})
        run = uefi.start(machine, volume, uefi.secure(machine, flash, code), until=DONE + b"|Access Denied")
        if signs:
            sound(Report(volume.read(uefi.REPORT)), f"{title}, signed")
        else:
            refused = any("Access Denied" in line for line in run.lines)
            tap.ok(refused and not said(run), f"{title}, not signed: UEFI refuses it", run.tail)
        machine.close()


def run_all(new, old):
    shell("newer EDK2, EL1, 1 core", new, el2=False, cores=1, which="newest")
    shell("older EDK2, EL2, 1 core", old, el2=True, cores=1)
    shell("older EDK2, EL1, 4 cores", old, el2=False, cores=4)
    failing("a verdict that fails", new)
    for name, flash in (("newer", new), ("older", old)):
        by_tree(f"{name} EDK2, a device tree alone", flash)
        disagreeing(f"{name} EDK2, tables that disagree", flash)
        turned_off(f"{name} EDK2, exit=off", flash)
        next_stage(f"{name} EDK2, next=", flash)
    by_entry("boot entries", new)
    without_uart("console=rtt", new)
    without_uart("no SPCR", new, words="", options=",spcr=off")
    for properties in ("highmem=off", "highmem=off,virtualization=on,gic-version=3"):
        by_uboot(properties)
    if uefi.fetched("grub"):
        with open(uefi.fetched("grub"), "rb") as file:
            by_grub("GRUB", new, file.read())
    else:
        tap.skip("GRUB", "it could not be fetched")
    nothing_described("words that are no use", new)
    lying("a memory map that lies", new)
    refused_volume("a volume that is full", new, "is full", fill=True)
    refused_volume("a volume that is read-only", new, "read-only", readonly=True)
    secure_boot("Secure Boot", new, "AAVMF_CODE.secboot.fd")
    secure_boot("Secure Boot, no page both writable and executable", new, "AAVMF_CODE.secboot.strictnx.fd")


if not firmware.has_instances():
    tap.skip("UEFI", "this QEMU has one SMMUv3")
    tap.done()
if not uefi.fetched() or not linux.fetched("oldest"):
    tap.skip("UEFI", "EDK2 or the kernel could not be fetched")
    tap.done()
shell("newer EDK2, EL2, 4 cores", uefi.fetched(), el2=True, cores=4, words="log=debug")
if EVERY:
    run_all(uefi.fetched(), uefi.fetched("old-efi"))
tap.done()
