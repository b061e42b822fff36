# SPDX-License-Identifier: BSD-2-Clause
"""
`make flash` by the real OpenOCD: written, verified, reset, booted from NOR to a verdict, and again after a power cycle
without OpenOCD; the flash's other sectors stay as they were, whatever goes wrong.
"""

import os
import re
import shutil
import struct
import tempfile

import board  # First: it tells where the modules below are.
import firmware
import machine
import tap

board.need()
CHIP = 64 << 20
SECTOR = 256 << 10
# What erasing, writing and verifying 64 KiB may cost on the wire, in samples of TDO: 1.1 to 1.3 million are needed. How often OpenOCD
# asks whether the core is done, which works meanwhile, is the host's affair, and not counted.
SAMPLES_64K = 2000000
UNDEFINED = bytes(8) if firmware.WIDE else b"\xfe\xde\xfe\xde" * 2
CHARACTERS_PER_SAMPLE = 5
INSTANCES = 3 if firmware.has_instances() else 1
# The images as they are now: another make may build them anew meanwhile.
images = firmware.work_folder("images")
for built in (board.NOR, firmware.ELF, firmware.ELF.replace(".elf", ".bin")):
    shutil.copy2(built, images)
board.NOR, firmware.ELF = (os.path.join(images, os.path.basename(built)) for built in (board.NOR, firmware.ELF))
with open(board.NOR, "rb") as file:
    IMAGE = file.read()
# What is in OpenOCD's log while it writes: the first buffers are full, or its own code was executed.
WRITES = f"4096 of {len(IMAGE)} bytes are written" if firmware.WIDE else "pc: 0x42000034"
USED = -(-len(IMAGE) // SECTOR) * SECTOR

# The host's own disk is not what is measured: the chip is in memory where there is some.
folder = tempfile.mkdtemp(dir="/dev/shm") if os.access("/dev/shm", os.W_OK) else firmware.work_folder("flash")
chip = os.path.join(folder, "chip.img")


def new_chip():
    """Fills every sector with foreign bytes: what is not written again must survive."""
    with open(chip, "wb") as file:
        for sector in range(CHIP // SECTOR):
            file.write(sector.to_bytes(4, "little") * 16)
            file.seek((sector + 1) * SECTOR - 4)
            file.write(b"last")


def contents():
    with open(chip, "rb") as file:
        return file.read()


def others_untouched(before, title):
    after = contents()
    tap.ok(len(after) == CHIP and after[USED:] == before[USED:], f"{title}: the other sectors are untouched")
    return after


def costs_little(loaded, title):
    """Counted, with OpenOCD's own start and its look at the chip: time depends on the machine and its other guests."""
    characters, samples, awaited = loaded.visits[0] if loaded.visits else (0, 0, 0)
    of_64k = (samples - awaited) * 65536 // len(IMAGE)
    found = re.search(r"written and verified in ([0-9.]+) s", loaded.said)
    seconds = float(found[1]) * 65536 / len(IMAGE) if found else None
    tap.note(f"64 KiB erased, written and verified: {of_64k} samples of TDO and {awaited} while the core worked, {characters / max(samples, 1):.1f} characters each, {seconds} s")
    tap.ok(0 < of_64k < SAMPLES_64K, f"{title}: 64 KiB are {SAMPLES_64K} samples of TDO at most", of_64k)
    tap.ok(0 < characters < samples * CHARACTERS_PER_SAMPLE, f"{title}: no clocks are spent on idling", (characters, samples))


def call(**settings):
    return board.call("flash", **{"NOR": board.NOR, "ELF": firmware.ELF, **settings})


# Failures before the start are tried with less of the image.
part = os.path.join(folder, "part.bin")
with open(part, "wb") as file:
    file.write(IMAGE[: 6 << 10])
LOST = ("a chip that has lost a word", "rename bringup_verify verify; proc bringup_verify {bank file} { flash fillw 0x200 0 1; verify $bank $file }", "OpenOCD")
NOWHERE = (
    "an OpenOCD that writes nothing, and says so in passing", "proc bringup_bank_base {bank} { return 0x10000000 }",
    "OpenOCD" if firmware.WIDE else "verified 0 of",
)


def is_not_started(title, instead, words):
    loaded = call(FLASH=chip, NOR=part, OPENOCD_EXTRA=f"'{instead}'")
    board.refused(loaded, words, title)
    tap.ok(not loaded.run.lines, f"{title}: it is not started", loaded.run.lines)
    others_untouched(before, title)


new_chip()
before = contents()
if board.SHORT:
    title = "flash, a part of the image"
    loaded = call(FLASH=chip, NOR=part, CONSOLE="none", CORES=4)
    tap.ok(loaded.status == 0 and "load: reset, and running" in loaded.lines, f"{title}: succeeds", loaded.tail)
    tap.ok(others_untouched(before, title).startswith(IMAGE[: os.path.getsize(part)]), f"{title}: it is in the chip, byte by byte")
    is_not_started(*LOST)
    title = "the whole image, from flash"
    with open(chip, "wb") as file:
        file.write(IMAGE)
        file.truncate(CHIP)
    run = firmware.run(FLASH=chip, INSTANCES=1, CORES=2)
    machine.passes(run, title)
    machine.has(run, title, 1, 2)
    shutil.rmtree(folder)
    shutil.rmtree(images)
    tap.done()

title = "flash"
loaded = call(FLASH=chip, INSTANCES=INSTANCES, CORES=4)
tap.ok(loaded.status == 0 and not loaded.failure, f"{title}: passes", loaded.tail)
machine.sound_records(loaded.run, title)
machine.has(loaded.run, title, INSTANCES, 4)
after = others_untouched(before, title)
tap.ok(after[: len(IMAGE)] == IMAGE, f"{title}: the image is in the chip, byte by byte")
costs_little(loaded, title)

title = "power cycle"
run = firmware.run(FLASH=chip, INSTANCES=INSTANCES, CORES=4)
machine.passes(run, title)
machine.has(run, title, INSTANCES, 4)
tap.ok(contents() == after, "starting from flash writes nothing to it")

# --- What goes wrong. ---

# Where the old image has just reported a pass, and the new one ends without a word, there is no verdict.
NAMELESS = '{"record":"firmware","name":"smmu-bringup","id":null}\n{"record":"verdict","result":"pass","reason":null}\n'
OFF = (0x52B08000, 0x72800100, 0xD4000002) if firmware.WIDE else (0xE3A00321, 0xE3800008, 0xE1400070)  # PSCI SYSTEM_OFF.
ring = board.symbol("_SEGGER_RTT")
OLD = {
    "serial.log": NAMELESS.encode(),
    "ring.bin": b"SEGGER RTT".ljust(16, b"\0") + struct.pack("<8I", 1, 0, 0, ring + 48, 512, len(NAMELESS), 0, 0) + NAMELESS.encode(),
    "off.bin": struct.pack("<3I", *OFF).ljust(1024, b"\0"),
}
for name, data in OLD.items():
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)
heard = os.path.join(folder, "heard.log")
open(heard, "w", encoding="ascii").close()
for console, reports in (
    (heard, f"set from [open {folder}/serial.log]; set to [open {heard} a]; puts -nonewline $to [read $from]; close $to; close $from"),
    ("rtt", f"targets virt.axi; load_image {folder}/ring.bin {ring:#x} bin; targets virt.cpu0"),
):
    title = f"an old image that reports until it is halted, CONSOLE={'rtt' if console == 'rtt' else 'a file'}"
    meanwhile = f"rename bringup_verify verify; proc bringup_verify {{bank file}} {{ {reports}; verify $bank $file }}"
    loaded = call(FLASH=chip, NOR=os.path.join(folder, "off.bin"), CONSOLE=console, CORES=1, INSTANCES=1, OPENOCD_EXTRA=f"'{meanwhile}'")
    board.refused(loaded, "the console ended without a verdict$", title)

title = "an image larger than the bank"
large = os.path.join(folder, "large.bin")
with open(large, "wb") as file:
    file.write(IMAGE)
    file.truncate(CHIP + 4)
after = contents()
loaded = call(FLASH=chip, NOR=large)
board.refused(loaded, "larger than the bank", title)
tap.ok(contents() == after, f"{title}: nothing was written")

title = "an image that is damaged"
damaged = os.path.join(folder, "damaged.bin")
at = len(IMAGE) - os.path.getsize(firmware.ELF.replace(".elf", ".bin")) + (board.symbol("iommu_register") - board.entry() & ~3)
with open(damaged, "wb") as file:
    file.write(IMAGE[:at] + UNDEFINED + IMAGE[at + 8 :])
loaded = call(FLASH=chip, NOR=damaged, INSTANCES=1, CORES=1)
board.refused(loaded, "the verdict is no pass: .*undefined instruction", title)
others_untouched(before, title)

for lie in (LOST, NOWHERE):
    is_not_started(*lie)

title = "the bridge dies half-way"
work = firmware.work_folder("openocd")
process = board.start("flash", folder=work, NOR=board.NOR, ELF=firmware.ELF, FLASH=chip, CORES=4)
log = os.path.join(work, "openocd.log")
began = board.wait_until(lambda: WRITES in board.read(log))
board.kill(os.path.join(work, "bridge.pid"))
loaded = board.finish(process, work)
tap.ok(began, f"{title}: while OpenOCD writes")
board.refused(loaded, "OpenOCD", title)
others_untouched(before, title)
shutil.rmtree(work)

title = "flashing again mends it, with the console in memory"
loaded = call(FLASH=chip, INSTANCES=INSTANCES, CORES=4, CONSOLE="rtt")
tap.ok(loaded.status == 0 and not loaded.failure, f"{title}", loaded.tail)
machine.sound_records(loaded.run, title)
tap.ok(others_untouched(before, title)[: len(IMAGE)] == IMAGE, f"{title}: the image is whole")

board.refused(call(FLASH=chip, APPEND="log=debug"), "takes no boot arguments", "boot arguments for flash")
board.refused(call(FLASH="/nonexistent/chip"), "nonexistent", "a chip that cannot be made")
board.refused(board.call("flash", "ti-j721e"), "has no NOR image", "a board without NOR")
shutil.rmtree(folder)
shutil.rmtree(images)
tap.done()
