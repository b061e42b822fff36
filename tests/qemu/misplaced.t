# SPDX-License-Identifier: BSD-2-Clause
"""
An image that was loaded elsewhere than where it is linked for says so on the early UART: as QEMU's -kernel takes a raw image,
in SVC and HYP, from U-Boot's `go`, which gets its prompt back, and in AArch64.
"""

import os
import re
import subprocess
import sys

import firmware
import tap
import uboot

sys.path.append(os.path.join(os.path.dirname(__file__), "../a64"))
import el3

BIN = os.path.splitext(firmware.ELF)[0] + ".bin"
ELSEWHERE = "0x42000000"
PATTERN = r"was loaded at (0x\w+), and is linked for 0x40200000: .* entered in (.*), on the core of MPIDR 0x\w*(\w)\b"


def words(text):
    found = re.search(PATTERN, text)
    return found.groups() if found else None


def said(program, machine, arguments):
    """What comes on the console; the firmware rests behind it, so that QEMU is ended."""
    options = ["-m", "512M", "-nic", "none", "-display", "none", "-monitor", "none", "-serial", "stdio"]
    command = [*program, "-M", machine, *options, *arguments]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        return "\n".join(firmware.until_verdict(process, firmware.LIMIT, last=b"on the core of").lines)


def from_there(core=0):
    load = f"loader,file={BIN},addr={ELSEWHERE},force-raw=on"
    return ["-device", load, "-device", f"loader,addr={ELSEWHERE},cpu-num={core}", "-smp", "2"]


a15 = ["-cpu", "cortex-a15"]
arm = [firmware.qemu()]
tap.equal(words(said(arm, "virt", [*a15, "-kernel", BIN])), ("0x40010000", "AArch32, EL1 or EL3", "0"), "-kernel, a raw image: is told")
tap.equal(words(said(arm, "virt", [*a15, *from_there()])), (ELSEWHERE, "AArch32, EL1 or EL3", "0"), "in SVC: is told")
text = said(arm, "virt,virtualization=on", [*a15, *from_there()])
tap.equal(words(text), (ELSEWHERE, "AArch32 HYP (EL2)", "0"), "in HYP: is told")
tap.ok("smmu-bringup 0." in text and "for qemu-virt" in text, "and which build it is", text)

if el3.qemu():
    for level, properties in ((2, "virtualization=on"), (3, "secure=on,virtualization=on")):
        text = said(el3.qemu(), f"virt,{properties}", ["-cpu", "cortex-a72", *from_there()])
        tap.equal(words(text), (ELSEWHERE, f"AArch64 EL{level}", "0"), f"in AArch64 EL{level}: is told")
else:
    tap.skip("in AArch64", "there is no qemu-system-aarch64")

BIOS = uboot.image()
if BIOS:
    prompt = uboot.Prompt(BIOS, ["-device", f"loader,file={BIN},addr={ELSEWHERE},force-raw=on"])
    text = prompt.say(f"go {ELSEWHERE} exit=return") or ""
    tap.equal(words(text), (ELSEWHERE, "AArch32, EL1 or EL3", "0"), "U-Boot's go: is told")
    tap.ok("rc = 0x1" in text, "U-Boot's go: and U-Boot goes on", prompt.last.splitlines())
    prompt.close()
else:
    tap.skip("U-Boot's go", "this machine has no U-Boot for QEMU")
tap.done()
