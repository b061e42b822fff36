# SPDX-License-Identifier: BSD-2-Clause
"""
Entered in Secure state, where the core's EL3 is AArch32's: it is told, left for Non-secure state, and given back to a caller. And
the cores whose coherency has to be switched on there (QEMU has the registers, and nothing behind them: what is shown is which
instruction runs on which core). tests/a64/bringup.t enters in AArch64's EL3.
"""

import os
import re
import shutil
import subprocess
import sys

import firmware
import loader
import machine
import tap

sys.path += [os.path.join(os.path.dirname(__file__), place) for place in ("../openocd/bridge", "../a64")]
import el3
import gdbstub

BIN = os.path.splitext(firmware.ELF)[0] + ".bin"
folder = firmware.work_folder("secure")


def is_told(run):
    return any(line.startswith("inherit    Secure state") for line in run.lines)


def entered(run):
    return [record.get("entered_secure") for record in run.of("firmware")]


for more in ("", ",virtualization=on", ",gic-version=3", ",virtualization=on,gic-version=3"):
    environment = {"INSTANCES": 1, "CORES": 1, "MACHINE": f"secure=on{more}", "APPEND": "selftest=quick"}
    title = f"secure=on{more}"
    run = firmware.run(**environment)
    machine.passes(run, title)
    tap.equal((entered(run), is_told(run)), ([True], True), f"{title}: is in the record and in a line")
    tap.ok(not any("naps are spent awake" in line for line in run.lines), f"{title}: the timer's interrupt comes", run.lines[:12])
    handed = (run.of("handover") or [{}])[0]
    tap.ok(handed.get("event_interrupts"), f"{title}: and the SMMU's", handed)

# As a monitor enters it, with the interrupts given away: reading SCR is undefined there.
NON_SECURE = f"""
	ldr r0, =0x08000080
	mvn r1, #0
	mov r2, #9
1:	str r1, [r0], #4
	subs r2, r2, #1
	bne 1b
	ldr r0, =0x08010000
	mov r1, #0xff
	str r1, [r0, #4]
	mov r0, #0xc00
	mcr p15, 0, r0, c1, c1, 2
	cps #0x16
	mov r0, #0x31
	mcr p15, 0, r0, c1, c1, 0
	isb
	mov r0, #0x1d3
	msr spsr_cxsf, r0
	mov r2, #0x40000000
	mov r0, #0
	ldr lr, ={loader.ENTRY}
	movs pc, lr
"""
title = "Non-secure SVC, where there is a Secure state"
binary = loader.assemble(folder, "non_secure", NON_SECURE)
run = firmware.run(INSTANCES=1, CORES=1, MACHINE="secure=on", APPEND="selftest=quick", QEMU_EXTRA=loader.start(binary))
machine.passes(run, title)
tap.equal((entered(run), is_told(run)), ([False], False), f"{title}: is not taken for Secure")

title = "no Secure state at all"
run = firmware.run(INSTANCES=1, CORES=1, APPEND="selftest=quick")
tap.equal((entered(run), is_told(run)), ([False], False), f"{title}: is not taken for Secure")

# Says in letters what came back: the result, SCR (undefined in Non-secure state), NSACR, MVBAR.
CALLED = f"""
	ldr r0, =0x47f80000
	mcr p15, 0, r0, c12, c0, 1
{loader.CALL}
	mrc p15, 0, r0, c1, c1, 0
	cmp r0, #0
	moveq r0, #'S'
	movne r0, #'s'
	str r0, [r4]
	mrc p15, 0, r0, c1, c1, 2
	tst r0, #0xc00
	moveq r0, #'N'
	movne r0, #'n'
	str r0, [r4]
	mrc p15, 0, r0, c12, c0, 1
	ldr r1, =0x47f80000
	cmp r0, r1
	moveq r0, #'M'
	movne r0, #'m'
	str r0, [r4]
	mov r0, #10
	str r0, [r4]
	ldr r0, =0x0000000a
2:	b 2b
	.align 2
list:	.word first, second
first:	.asciz "{loader.ENTRY:#x}"
second:	.asciz "exit=return handover=bypass selftest=quick"
	.align 2
"""
for more in ("", ",virtualization=on"):
    title = f"a Secure caller, secure=on{more}"
    binary = loader.assemble(folder, "called", CALLED)
    arguments = ["-M", f"virt,iommu=smmuv3,secure=on{more}", "-smp", "1", "-device", "edu,addr=1,dma_mask=0xffffffff"]
    command = [firmware.qemu(), "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-no-reboot"]
    command += ["-cpu", "cortex-a15", "-m", "512M", "-kernel", firmware.ELF, *arguments, *loader.start(binary).split()]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        run = firmware.until_verdict(process, firmware.LIMIT, last=rb"^[01][Ss][Nn][Mm]\r?$")
    tap.equal(run.verdict.get("result"), "pass", f"{title}: passes")
    tap.equal(run.lines[-1:], ["0SNM"], f"{title}: gets its Secure state back")

# --- Coherency of the core. ---

text = subprocess.run(["arm-none-eabi-objdump", "-d", firmware.ELF], capture_output=True, text=True, check=True).stdout
routine = re.search(r"(?ms)^(\w+) <join_coherency>:\n(.*?)\n\n", text)
START = int(routine[1], 16)
AT = {name: int(place, 16) for place, name in re.findall(r"(?m)^\s*(\w+):\s+\w+\s+(mcrr?)\s", routine[2])}
tap.equal(sorted(AT), ["mcr", "mcrr"], "two writes switch coherency on")


def translated(program, cpu, properties, image, place):
    """Whether QEMU translates the instruction at this place, which it does when it is about to run it. It is behind a branch."""
    log = os.path.join(folder, "log")
    command = [*program, "-M", f"virt,{properties}", "-cpu", cpu, "-m", "512M", "-nic", "none", "-display", "none", "-monitor", "none"]
    command += ["-serial", "stdio", "-d", "in_asm", "-D", log, "-dfilter", f"{place - 0x40:#x}+0x80", *image]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        run = firmware.until_verdict(process, firmware.LIMIT, last=rb"^describe ")
    with open(log, encoding="utf-8") as file:
        found = f"{place:#010x}:" in file.read()
    os.unlink(log)
    tap.ok(any(line.startswith("describe ") for line in run.lines), f"{cpu}, {properties}: it runs", run.tail())
    return found


ELF_IMAGE = ["-kernel", firmware.ELF]
for cpu, properties, runs in (("cortex-a7", "secure=on", True), ("cortex-a15", "secure=on", True), ("cortex-a15", "", False)):
    properties = ",".join(["iommu=smmuv3", *([properties] if properties else [])])
    found = translated([firmware.qemu()], cpu, properties, ELF_IMAGE, AT["mcr"])
    tap.equal(found, runs, f"{cpu}, {properties}: ACTLR.SMP is {'' if runs else 'not '}written")

# Of each width: the image, and msr s3_1_c15_c2_1, x4 or x0.
BIN64 = os.path.join(firmware.BUILD, "qemu-virt-aarch64/smmu-bringup.bin")
for binary, code in ((BIN, 0xD519F224), (BIN64, 0xD519F220)):
    name = os.path.relpath(binary, firmware.ROOT)
    if not el3.qemu() or not os.path.exists(binary):
        tap.skip(f"{name}: CPUECTLR_EL1.SMPEN", "there is no qemu-system-aarch64, or the image is not built")
        continue
    with open(binary, "rb") as file:
        at = loader.ENTRY + file.read().index(code.to_bytes(4, "little"))
    image = ["-device", f"loader,file={binary},addr={loader.ENTRY:#x},force-raw=on", "-device", f"loader,addr={loader.ENTRY:#x},cpu-num=0"]
    for cpu, secure, runs in (
        ("cortex-a53", "on", True),
        ("cortex-a57", "on", True),
        ("cortex-a72", "on", True),
        ("cortex-a55", "on", False),
        ("cortex-a72", "off", False),
    ):
        properties = f"iommu=smmuv3,gic-version=3,virtualization=on,secure={secure}"
        found = translated(el3.qemu(), cpu, properties, image, at)
        tap.equal(found, runs, f"{name}, {cpu}, {properties}: CPUECTLR_EL1.SMPEN is {'' if runs else 'not '}written")


def decided(gdb, midr):
    """What the machine code does on a core of this MIDR: the name of the write, or None. Nothing of it is executed."""
    number = gdb.numbers
    for name, value in (("r0", midr), ("pc", START + 4), ("lr", START)):
        gdb.write_register(0, number[name], value, 4)
    for _ in range(20):
        pc = gdb.read_register(0, "pc")
        if pc == START:
            return None
        for name, place in AT.items():
            if place - 8 == pc:  # The read before it is undefined on a core without the register.
                return name
        gdb.resume(f"s:{gdb.threads[0]:x}")
        gdb.packet()
        gdb.forget_selection()
    return "no end"


path = os.path.join(folder, "gdb")
command = [firmware.qemu(), "-M", "virt", "-cpu", "cortex-a15", "-display", "none", "-monitor", "none", "-serial", "none", "-nic", "none"]
command += ["-kernel", firmware.ELF, "-S", "-gdb", f"unix:{path},server=on,wait=off"]
with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
    gdb = gdbstub.GdbStub(path)
    # Cortex-A5, A7, A8, A9, A12, A15, A17; A32, A34, A35, A53, A55, A57, A72, A73, A75, A76.
    smp = {part: "mcr" for part in (0xC07, 0xC0D, 0xC0E, 0xC0F)} | {part: "mcrr" for part in (0xD01, 0xD03, 0xD04, 0xD07, 0xD08, 0xD09)}
    for part in [*range(0xC00, 0xC10), *range(0xD00, 0xD10), 0xB76, 0xE07]:
        tap.equal(decided(gdb, 0x410F0000 | part << 4), smp.get(part), f"part {part:#x}: what is written")
    tap.equal(decided(gdb, 0x413FC0F4), "mcr", "another variant and revision: the same")
    tap.equal(decided(gdb, 0x510FC0F0), None, "another implementer's part of that number: nothing")
    process.kill()
shutil.rmtree(folder)
tap.done()
