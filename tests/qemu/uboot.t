# SPDX-License-Identifier: BSD-2-Clause
"""
From U-Boot and back, in SVC and HYP, or EL1 and EL2: the image runs by `go` and by `bootelf` (an arm64 Image by `booti`, too), passes, returns to the prompt, and U-Boot goes on with a
machine as it left it: PCI's registers to the bit, and its disk, which is behind the SMMU.
"""

import os
import shutil

import firmware
import machine
import tap
import uboot

ELF_AT = "0x4c000000"
BIN_AT = "0x40200000"
PCI_REGISTERS = ("00.00.00", "00.01.00", "00.02.00", "00.05.00", "00.06.00", "01.00.00")

BIOS = uboot.image()
if not BIOS or not firmware.has_instances():
    tap.skip("from U-Boot and back", "this machine has no U-Boot for QEMU, or this QEMU no second SMMUv3")
    tap.done()

folder = firmware.work_folder("uboot")
disk = os.path.join(folder, "disk.img")
with open(disk, "wb") as file:
    file.write(os.urandom(1 << 20))
BIN = os.path.splitext(firmware.ELF)[0] + ".bin"


def arguments():
    found = ["-device", "arm-smmuv3,primary-bus=pcie.0,id=smmuv3.0"]
    found += ["-device", f"loader,file={firmware.ELF},addr={ELF_AT},force-raw=on"]
    found += ["-device", f"loader,file={BIN},addr={BIN_AT},force-raw=on"]
    for place in (1, 2):
        found += ["-device", f"edu,bus=pcie.0,addr={place},dma_mask=0xffffffff"]
    found += ["-drive", f"if=none,id=d,format=raw,readonly=on,file={disk}"]
    found += ["-device", "virtio-blk-pci,bus=pcie.0,addr=5,drive=d,disable-legacy=on,iommu_platform=on"]
    return found + ["-device", "pcie-root-port,id=p,bus=pcie.0,addr=6,chassis=1", "-device", "edu,bus=p,dma_mask=0xffffffff"]


# What is on, and what is enabled: the distributor's, and for GICv2 the processor interface's; an SMMU's CR0 and GBPA.
REGISTERS = {"GICD_CTLR": "08000000", "GICD_ISENABLER": "08000100 4", "SMMU_CR0": "0c000020", "SMMU_GBPA": "0c000044"}
GICV2 = {"GICC_CTLR": "08010000", "GICC_PMR": "08010004"}


def pci_state(prompt):
    return {name: prompt.say(f"pci display.l {name} 0 40") for name in PCI_REGISTERS}


def registers(prompt, properties):
    places = REGISTERS | ({} if "gic-version=3" in properties else GICV2)
    return {name: prompt.say(f"md.l {place if ' ' in place else place + ' 1'}") for name, place in places.items()}


def reads_its_disk(prompt, title, address):
    said = prompt.say(f"virtio read {address} 0 40") or ""
    tap.ok("64 blocks read: OK" in said, f"{title}: U-Boot reads its disk", said.splitlines())


def same_bytes(prompt, title, first, second):
    said = prompt.say(f"cmp.b {first} {second} 8000") or ""
    tap.ok("were the same" in said, f"{title}: and reads the same bytes", said.splitlines())


def run_and_return(prompt, title, command):
    said = prompt.say(command) or ""
    run = firmware.Run(0, said)
    machine.sound(run, title)
    tap.equal(run.verdict.get("result"), "pass", f"{title}: passes")
    tap.ok("exit=return" in said and said.rstrip().endswith("=>"), f"{title}: returns to the prompt", said.splitlines()[-5:])
    skips = [m for m in run.of("master") if m["device"] == "1af4:1042"]
    tap.equal([m["client_state"] for m in skips], ["none"], f"{title}: U-Boot's disk is driven by U-Boot alone")
    tap.ok("rc = 0x0" in said or command.startswith("bootelf"), f"{title}: with 0", said.splitlines()[-5:])
    driven = run.of("master", client_state="bound")
    tap.equal(len(driven), 3, f"{title}: the other masters are")


def from_and_back(title, properties, command):
    prompt = uboot.Prompt(BIOS, arguments(), properties)
    tap.ok(prompt.ready, f"{title}: U-Boot comes to its prompt")
    prompt.say("virtio scan")
    prompt.say("setenv autostart yes")
    reads_its_disk(prompt, f"{title}, before", "0x54000000")
    # Its message capability is at 0x40; another function may assert no interrupt line.
    prompt.say("pci write.w 00.01.00 42 81")
    prompt.say("pci write.w 00.02.00 4 400")
    before = pci_state(prompt)
    tap.ok("0081" in (before["00.01.00"] or ""), f"{title}: MSI is on", before["00.01.00"].splitlines())
    found = registers(prompt, properties)
    tap.ok(all("fffffff" not in (text or "fffffff") for text in list(before.values())[:5]), f"{title}: PCI is there", before)
    memory = prompt.say("crc32 0x50000000 0x4000000")
    run_and_return(prompt, title, command)
    after = pci_state(prompt)
    tap.equal(after, before, f"{title}: PCI is as it was")
    tap.equal(registers(prompt, properties), found, f"{title}: interrupt controller and SMMU are as they were")
    tap.equal(prompt.say("crc32 0x50000000 0x4000000"), memory, f"{title}: memory that belongs to neither is as it was")
    reads_its_disk(prompt, f"{title}, after", "0x56000000")
    same_bytes(prompt, title, "0x54000000", "0x56000000")
    again = prompt.say("version") or ""
    tap.ok("U-Boot 20" in again, f"{title}: U-Boot goes on", again.splitlines())
    return prompt


# What is damaged on purpose, and mended, has one run: provoke.t has the others.
GO = f"go {BIN_AT} selftest=quick handover=bypass exit=return"
ELF = f"bootelf -p {ELF_AT} handover=bypass exit=return"

prompt = from_and_back("go", "highmem=off", GO)
run_and_return(prompt, "go, again", GO)
prompt.close()
from_and_back("bootelf", "highmem=off", ELF).close()
from_and_back("go, GICv3", "highmem=off,gic-version=3", GO).close()
from_and_back("go, entered in HYP", "highmem=off,virtualization=on", GO).close()

if firmware.WIDE:
    for properties in ("highmem=off", "highmem=off,virtualization=on,gic-version=3"):
        title = f"booti, {properties}"
        prompt = uboot.Prompt(BIOS, arguments(), properties)
        prompt.say('setenv bootargs "selftest=quick handover=bypass"')
        prompt.say(f"booti {BIN_AT} - ${{fdtcontroladdr}}", until=rb'"record":"verdict".*\n')
        run = firmware.Run(0, prompt.last)
        machine.passes(run, title)
        tap.equal({h["policy"] for h in run.of("handover")}, {"bypass"}, f"{title}: U-Boot's tree and boot arguments are read")
        prompt.close()

title = "an SMMU found enabled, with a live table"
prompt = uboot.Prompt(BIOS, arguments())
# A two-level table of zeroes: nothing gets through. QEMU keeps "two-level" until reset, and so does the firmware.
for register, value in (("0c000080", "50000000"), ("0c000084", "0"), ("0c000088", "10190"), ("0c000020", "1")):
    prompt.say(f"mw.l {register} {value}")
said = prompt.say(f"go {BIN_AT} selftest=quick exit=return") or ""
run = firmware.Run(0, said)
tap.ok("ENABLED by what ran before" in said, f"{title}: is told")
tap.ok("its stream table is at 0x50000000" in said, f"{title}: and where the table is")
inherited = (run.of("instance") or [{"inherited": {}}])[0]["inherited"]
tap.equal((inherited.get("smmuen"), inherited.get("strtab_base")), (1, "0x50000000"), f"{title}: in the record, too")
tap.equal(run.verdict.get("result"), "pass", f"{title}: is reset, and passes")
prompt.close()



def count_aborts():
    """DMA that an SMMU has aborted because GBPA says so, without a look at a table."""
    if not os.path.exists(aborts):
        return 0
    with open(aborts, encoding="utf-8", errors="replace") as file:
        return file.read().count("smmuv3_translate_abort")


title = "handover=abort"
aborts = os.path.join(folder, "aborts.log")
prompt = uboot.Prompt(BIOS, arguments() + ["-trace", "enable=smmuv3_translate_abort", "-D", aborts])
prompt.say("virtio scan")
said = prompt.say(f"go {BIN_AT} selftest=quick exit=return") or ""
tap.ok("stops the boot loader's DMA" in said, f"{title}: what that does to the boot loader is told")
# U-Boot waits for its disk for ever then: what is waited for is the SMMU's refusal, as QEMU's own SMMU tells it.
before = count_aborts()
said = prompt.say("virtio read 0x54000000 0 8", until=uboot.PROMPT, unless=lambda: count_aborts() > before)
tap.ok(count_aborts() > before, f"{title}: its disk is cut off by the SMMU", said)
tap.ok("8 blocks read: OK" not in (said or prompt.last), f"{title}: and reads nothing, so the test can fail", said)
prompt.close()

title = "dtb= and more words"
prompt = uboot.Prompt(BIOS, arguments())
prompt.say("fdt addr 0x40000000")
prompt.say("fdt move 0x40000000 0x58000000 0x100000")
prompt.say('fdt set /chosen bootargs "order=0"')
said = prompt.say(f"go {BIN_AT} dtb=0x58000000 selftest=quick log=debug exit=return handover=bypass nonsense=1") or ""
run = firmware.Run(0, said)
tap.equal(run.verdict.get("result"), "pass", f"{title}: passes")
tap.ok("nonsense=1" in said and "there is no such word" in said, f"{title}: an unknown word is named")
tap.equal([each["word"] for each in run.of("firmware")[0]["ignored"]], ["nonsense=1"], f"{title}: dtb= is known, and none but that word is ignored")
prompt.close()

title = "a dtb= that is none"
for place in ("0x58000001", "0x10", "nowhere"):
    prompt = uboot.Prompt(BIOS, arguments())
    prompt.say(f"go {BIN_AT} dtb={place} selftest=quick exit=return handover=bypass", until=rb'"record":"verdict".*\n')
    tap.ok("dtb= names no place" in prompt.last, f"{title}: {place} is told", prompt.last.splitlines()[-5:])
    tap.ok('"verdict","result":"pass"' not in prompt.last, f"{title}: {place}: no other tree is taken for it")
    prompt.close()

# The room ends within soak=3600: half a word would be obeyed as another.
title = "more boot arguments than there is room for"
prompt = uboot.Prompt(BIOS, arguments())
words = "selftest=quick exit=return handover=bypass".split()
room = 511 - len(" soak=3") - sum(1 + len(word) for word in words)
filler = ["nonsense=" + "0" * 90] * (room // 100) + ["=" * (room % 100 - 1)]
said = prompt.say(f"go {BIN_AT} {' '.join(words + filler)} soak=3600 order=0") or ""
told = (firmware.Run(0, said).of("firmware") or [{}])[0]
why = [each["why"] for each in told.get("ignored", []) if each["word"] == "...="]
tap.ok(len(why) == 1 and "cut off" in why[0], f"{title}: is told in the record", told)
tap.equal(told.get("arguments", [])[-1:], ["...="], f"{title}: and half a word is none")
tap.ok("'...=' is ignored" in said and "soak       " not in said, f"{title}: nor is it obeyed", said.splitlines()[:8])
prompt.close()

title = "exit=return without a caller"
run = firmware.run(INSTANCES=1, APPEND="selftest=quick exit=return")
machine.passes(run, title)
tap.ok(any("no boot loader called" in line for line in run.lines), f"{title}: is told, and the machine turned off")
shutil.rmtree(folder)
tap.done()
