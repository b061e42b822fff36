# SPDX-License-Identifier: BSD-2-Clause
"""
What no emulator has of the way to C and back in AArch64, on the core of core.py: caches that hold what memory does not, MPAM and its
version 0.1, a guarded control stack that needs an ISB, an HCR_EL2.E2H that is always one. And, of the image for AArch32, the way out of
AArch64's EL2, and when it cleans its caches.
"""

import glob
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path += [HERE, os.path.join(HERE, "..", "qemu")]

import core
import firmware
import tap
from core import AT, C, CALLER, E2H, M, SIZE, UNKNOWN, Core

TREE, ARGUMENT, DIRTY, STALE = 0x48000000, 0x1234, 0xD1, 0x57
MPAM, MPAM_0_1 = {"id_aa64pfr0_el1": 1 << 40 | 0x1111}, {"id_aa64pfr1_el1": 1 << 16}
GCS = {"id_aa64pfr1_el1": 1 << 44, "id_aa64mmfr1_el1": 1 << 40, "hcrx_el2": 1 << 22, "gcscr_el1": 1, "gcscr_el2": 1}
NEW = {"id_aa64mmfr3_el1": 0x11, "id_aa64mmfr1_el1": 1 << 40}
WITH_HCR = {"mpamidr_el1": 1 << 17}
TRAPS, ALLOWS = {"mpam3_el3": 1 << 62}, {"scr_el3": 1 << 44 | 1 << 39}
E2H_ON = {"hcr_el2": E2H | 1 << 27 | 1 << 31}

folder = firmware.work_folder("levels")
SOURCES = sorted(os.path.relpath(path, core.ROOT) for path in glob.glob(os.path.join(core.ROOT, "boot/aarch64/*.S")))
SOURCES = [path for path in SOURCES if os.path.basename(path) not in ("uefi.S", "vectors.S", "memory.S", "leap.S")]
CODE, SYMBOLS = core.assemble(folder, SOURCES)
tap.ok(max(*CODE, SYMBOLS["boot_entry"] + 0x200, SYMBOLS["image_end"]) < core.SYMBOLS["__data_start"], "the image is as large as core.py takes it for", hex(max(CODE)))


def written_by_a_loader():
    """The image's lines as its cache holds them; `linked_at` is right where the image is linked."""
    there = bytearray([DIRTY] * SIZE)
    for place, word in ((SYMBOLS["linked_at"], SYMBOLS["_start"]), (core.SYMBOLS["__pointers_start"], 0)):
        there[place - AT : place - AT + 8] = word.to_bytes(8, "little")
    return {first: {first + n: there[first - AT + n] for n in range(core.LINE)} for first in range(AT, AT + SIZE, core.LINE)}


LINES, BELOW = written_by_a_loader(), dict.fromkeys(range(AT, AT + SIZE), STALE)


def entered(level, with_cache=False, e2h_always=False, **system):
    """A core at the image's first byte, which a loader wrote by way of its cache."""
    state = {f"sctlr_el{level}": M | C if with_cache else 0, **system}
    one = Core(CODE, SYMBOLS, level, e2h_always, **state)
    one.x[0], one.x[1], one.x[30] = TREE, ARGUMENT, CALLER
    one.memory = dict(BELOW)
    one.cache = {first: [dict(held), True] for first, held in LINES.items()}
    return one


def wrong(action):
    """What the core complains of, or None."""
    try:
        action()
    except core.Wrong as reason:
        return str(reason)
    return None


def reaches(one, title, start="_start", end="boot_prepare"):
    return tap.equal(wrong(lambda: one.run(start, end)), None, f"{title}: reaches C")


def gets_all(one, title):
    entry = SYMBOLS["boot_entry"]
    tap.equal([hex(one.load(entry + at)) for at in (0, 8, 32)], [hex(TREE), hex(ARGUMENT), hex(CALLER)], f"{title}: what the caller handed over is there")
    end = core.SYMBOLS["__bss_start"]
    kept = {at for at in range(AT, AT + SIZE) if not entry <= at < entry + 0x400 and at < end - 0x200 and one.memory[at] == STALE}
    tap.equal(len(kept), 0, f"{title}: memory has what the loader wrote to its cache")
    tap.equal([hex(at) for at in one.cache if AT <= at < AT + SIZE], [], f"{title}: no line is left that could be hit later")


for level in (1, 2, 3):
    for with_cache in (False, True):
        title = f"EL{level}, caches {'on' if with_cache else 'off'}"
        one = entered(level, with_cache)
        if reaches(one, title):
            gets_all(one, title)
            tap.equal(one.level, 1, f"{title}: C runs in EL1")

FEATURES = {
    "nothing new": {},
    "MPAM": {**MPAM},
    "MPAM with MPAMHCR_EL2": {**MPAM, **WITH_HCR},
    "MPAM 0.1": {**MPAM_0_1},
    "MPAM 0.1 with MPAMHCR_EL2": {**MPAM_0_1, **WITH_HCR},
    "SCTLR2, TCR2 and HCRX": {**NEW},
    "a guarded control stack": {**GCS},
}
ZERO = {"MPAM": ("mpam2_el2",), "MPAMHCR_EL2": ("mpamhcr_el2",), "SCTLR2": ("sctlr2_el2", "hcrx_el2"), "guarded": ("gcscr_el2",)}


def reset(level, system):
    """What EL3 finds after reset; what EL2 finds below an EL3 that keeps nothing for itself."""
    return {**system, **({**TRAPS, "scr_el3": 0} if level == 3 else ALLOWS)}


for name, system in FEATURES.items():
    for level in (2, 3):
        for start in ("_start", "boot_secondary_start") if level == 2 else ("_start",):
            title = f"{name}, EL{level}, {start}"
            one = entered(level, **reset(level, system))
            one.memory.update({place: value for line in one.cache.values() for place, value in line[0].items()})
            end = "boot_secondary_enter" if start != "_start" else "boot_prepare"
            if reaches(one, title, start, end):
                registers = [register for word, names in ZERO.items() if word in name for register in names if level == 2 or register != "gcscr_el2"]
                tap.equal({register: one.system.get(register) for register in registers}, dict.fromkeys(registers, 0), f"{title}: EL2's registers are 0")
    one = entered(3, id_aa64pfr0_el1=0x1011 | system.get("id_aa64pfr0_el1", 0) & 0xF << 40, **{key: value for key, value in reset(3, system).items() if key != "id_aa64pfr0_el1"})
    reaches(one, f"{name}, EL3 without EL2")

# --- And back. ---
OF_EL1 = ("tcr_el1", "ttbr0_el1", "mair_el1", "vbar_el1", "cpacr_el1", "s3_0_c13_c0_4", "cntv_cval", "cntv_ctl", "sctlr_el1")
OF_EL2 = ("sctlr_el2", "hcr_el2", "vbar_el2", "cptr_el2", "cnthctl_el2", "s3_4_c14_c0_3", "s3_4_c1_c1_1", "s3_4_c1_c1_3", "s3_4_c2_c1_0", "s3_4_c0_c0_0", "s3_4_c0_c0_5",
          "tcr_el2", "ttbr0_el2", "mair_el2", "cnthv_ctl", "cnthv_cval")
OF_NEWER = ("mpam2_el2", "mpamhcr_el2", "hcrx_el2", "sctlr2_el2", "sctlr2_el1", "tcr2_el1")


def comes_back(title, level, e2h_always=False, **system):
    names = [name for name in (*OF_EL1, *OF_EL2, *OF_NEWER) if level == 2 or "el2" not in name]
    given = {name: 0x1000 * (n + 1) for n, name in enumerate(names)}
    given.update({f"sctlr_el{level}": M | C | 0x30C50800, "sctlr_el1": 0x30D0_0800 | (M | C if level == 1 else 0), **ALLOWS, **system})
    if level == 2:
        given["hcr_el2"] = system.get("hcr_el2", 1 << 31)
    one = entered(level, **{"with_cache": True, "e2h_always": e2h_always, **given})
    before, kept, stack = dict(one.system), list(one.x), dict(one.sp)
    if not reaches(one, title):
        return
    for name in ("tcr_el1", "ttbr0_el1", "mair_el1", "vbar_el1", "sctlr_el1", "cntv_cval", "cntv_ctl", "s3_0_c13_c0_4"):
        one.system[name] = 0xBAD000 if name != "sctlr_el1" else 0x30D00818
    one.x = [0] + [UNKNOWN] * 30
    one.sp[1] = one.sp[0] = 0x9000
    if tap.equal(wrong(lambda: one.run("boot_hand_back", CALLER)), None, f"{title}: goes back to its caller"):
        changed = {name: (hex(before[name]), hex(one.system[name])) for name in names if before[name] != one.system[name]}
        tap.equal(changed, {}, f"{title}: every register is as it was")
        tap.equal((one.level, one.x[18:30], one.sp[level]), (level, kept[18:30], stack[level]), f"{title}: level, stack and callee-saved registers, too")
        if GCS.items() <= system.items():
            tap.equal(one.system[f"gcscr_el{level}"], 1, f"{title}: the guarded control stack is on again")


ALL_NEW = {**NEW, **WITH_HCR, "id_aa64pfr0_el1": 1 << 40 | 0x1111}
comes_back("a caller in EL1", 1, **NEW)
comes_back("a caller in EL2", 2, **ALL_NEW)
comes_back("a caller in EL2 with E2H", 2, **ALL_NEW, **E2H_ON)
comes_back("a caller in EL2 where E2H is always one", 2, True, **ALL_NEW, **E2H_ON)
comes_back("a caller in EL1 with a guarded control stack", 1, **GCS)
comes_back("a caller in EL2 with a guarded control stack", 2, **GCS)


# --- The image for AArch32. ---
code, symbols = core.assemble(folder, ["boot/aarch32/leave_aarch64.S"], architecture="aarch32")
for name, system in (("without E2H", {"hcr_el2": 1 << 31}), ("with E2H", E2H_ON)):
    title = f"the image for AArch32, in EL2 {name}, its MMU on"
    one = Core(code, symbols, 2, id_aa64pfr0_el1=0x1122, sctlr_el1=0x30D0_0801, sctlr_el2=M | C, **system)
    one.memory.update(dict.fromkeys(range(AT, AT + SIZE), 0))
    if tap.equal(wrong(lambda: one.run(AT + 4, AT)), None, f"{title}: leaves it"):
        tap.equal((one.system["sctlr_el1"] & M, one.system["sctlr_el2"] & M, one.system["hcr_el2"]), (0, 0, 0), f"{title}: EL1 begins with its MMU off, in AArch32")


def listing(*arguments):
    """An object's instructions, with the symbols that they name."""
    made = os.path.join(folder, "other.o")
    compiler, *rest = arguments
    subprocess.run([compiler + "gcc", *rest, "-o", made], cwd=core.ROOT, check=True)
    text = subprocess.run([compiler + "objdump", "-dr", made], capture_output=True, text=True, check=True).stdout
    return re.sub(r"[ \t]+", " ", text)


with open(os.path.join(core.ROOT, "boot/aarch32/start.S"), encoding="ascii") as file:
    text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
start = text[text.index("start_aarch32:") : text.index("boot_secondary_start:")]
steps = re.findall(r"\b(?:bl\s+(clean_image|save_entry|leave_hyp|setup_core|leave_secure)\b|mcr\s+p15, 0, r3, (c7, c14, 1)\b)", start)
steps = [step or "clean a line" for step, _ in steps]
tap.equal(steps, ["clean a line", "save_entry", "clean_image", "leave_hyp", "setup_core", "leave_secure", "clean_image"], "AArch32: the image is cleaned before and after its caches go off, and what is stored first before that")
loop = text[text.index("clean_image:") :].partition("bx\tlr")[0]
tap.ok("c7, c14, 1" in loop and "dsb" in loop and "=__image_start" in loop and "=__image_end" in loop, "AArch32: all of the image, to the point of coherency (DCCIMVAC)", loop)

for compiler, flags in (
    ("aarch64-linux-gnu-", ["-ffreestanding", "-mgeneral-regs-only", "-isystem", "/usr/lib/picolibc/aarch64-linux-gnu/include", "-Iboot/aarch64"]),
    ("arm-none-eabi-", ["-march=armv7ve+simd", "-mfloat-abi=hard", "-mthumb", "-Iboot/aarch32"]),
):
    found = listing(compiler, *flags, "-std=c11", "-Os", "-w", "-Idrivers", "-Iboot", "-Iboot/cpu", "-Iplatform/qemu-virt", "-c", "boot/cpu/find_tree.c")
    calls = re.findall(r"R_\w+ (arch_\w+)", found)
    pairs = list(zip(calls[::2], calls[1::2]))
    tap.equal(set(pairs), {("arch_cache_clean_invalidate", "arch_probe_read32")}, f"{compiler}: a tree's word is read when no cache has it any more")
shutil.rmtree(folder)
tap.done()
