# SPDX-License-Identifier: BSD-2-Clause
"""
Every board of platform/ builds, and its image is what its folder says: where it is linked and entered, that both states
can begin at its first byte, where it looks for a UART. A new board is laid out, builds, and is refused where it should be.
`make ARCH=aarch64 test-boards`: every image for AArch64.
"""

import os
import re
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "qemu"))

import firmware
import tap

LINES_MAX = 150
EVERY = os.environ.get("BOARDS_ARCH") == "aarch64"
# Without optimisation across files an image is linked in a second, and need not fit.
PLAIN = ("LTO=", "IMAGE_LIMIT=1000000")
TWO_MIB = 0x200000


def facts(folder):
    with open(os.path.join(folder, "platform.h"), encoding="ascii") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    return dict(re.findall(r"#define (PLATFORM_\w+) +(\S+)", text))


def region(folder, name):
    with open(os.path.join(folder, "memory.ld"), encoding="ascii") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    found = re.search(rf"\b{name}\b.*ORIGIN = (\w+), LENGTH = (\d+)M", text)
    return found and (int(found[1], 0), int(found[2]) << 20)


def segments(elf):
    """(entry, [(address, size in the file, size in memory)])"""
    with open(elf, "rb") as file:
        data = file.read()
    entry, phoff = struct.unpack_from("<II", data, 24)
    count = struct.unpack_from("<H", data, 44)[0]
    found = [struct.unpack_from("<8I", data, phoff + 32 * i) for i in range(count)]
    return entry, [(s[3], s[4], s[5]) for s in found if s[0] == 1]


def starts_in_both_states(title, words, entry):
    """The first word: "b" to AArch32; to AArch64 "ands xD, xN, x0", with D none of the registers that are handed over."""
    word = words[0]
    tap.ok(word >> 24 == 0xEA, f"{title}: AArch32 branches at the first byte", hex(word))
    target = entry + 8 + ((word & 0xFFFFFF) << 2)
    tap.ok(target - entry < 0x1000, f"{title}: over the AArch64 code", hex(target))
    tap.ok(3 <= word & 31 <= 17 and not word >> 10 & 0x3F and not word >> 16 & 31, f"{title}: idle in AArch64", hex(word))
    tap.equal(hex(words[1]), "0xd5034fdf", f"{title}: behind it AArch64 masks its exceptions (msr daifset, #15)")


def looks_right(root, board):
    folder, out = os.path.join(root, "platform", board), os.path.join(firmware.build_of(root), board)
    fact, ram, nor = facts(folder), region(folder, "RAM"), region(folder, "NOR")
    built = firmware.make(root, f"BOARD={board}", "all")
    if not tap.ok(built.returncode == 0, f"{board}: builds", built.stderr[-2000:]):
        return
    tap.equal(fact.get("PLATFORM_NAME"), f'"{board}"', f"{board}: says its name")
    tap.ok(ram and ram[0] % TWO_MIB == 0, f"{board}: its RAM begins at a multiple of 2 MiB", ram)
    entry, parts = segments(os.path.join(out, "smmu-bringup.elf"))
    tap.equal(hex(entry), hex(ram[0]), f"{board}: is entered at its first byte")
    inside = all(ram[0] <= at and at + memory <= ram[0] + ram[1] for at, _, memory in parts)
    tap.ok(parts and inside, f"{board}: lies in its RAM", [tuple(map(hex, part)) for part in parts])
    with open(os.path.join(out, "smmu-bringup.bin"), "rb") as file:
        image = file.read()
    starts_in_both_states(board, struct.unpack_from("<2I", image), entry)
    tap.ok(f" on {board}\n".encode() in image, f"{board}: prints its name")
    uart = next(fact[key] for key in ("PLATFORM_EARLY_PL011", "PLATFORM_EARLY_16550", "PLATFORM_EARLY_LPUART") if key in fact)
    tap.ok(struct.pack("<I", int(uart, 0)) in image[:0x400], f"{board}: the AArch64 code knows the UART", uart)
    code, clean, leave = struct.unpack_from("<256I", image), 0xD50B7E24, 0xD69F03E0  # dc civac, x4; eret.
    tap.ok(clean in code and code.index(clean) < code.index(leave), f"{board}: AArch64 cleans the image before AArch32 fetches it past the caches")
    has_nor = os.path.exists(os.path.join(out, "smmu-bringup-nor.bin"))
    tap.equal(has_nor, bool(nor), f"{board}: has a NOR image exactly where it has NOR")
    if nor:
        with open(os.path.join(out, "smmu-bringup-nor.bin"), "rb") as file:
            tap.ok(image in file.read(), f"{board}: its NOR image holds the very image that RAM runs")


def is_an_image(root, board, *words):
    """The AArch64 image: an arm64 Image that runs anywhere. `words` are more of make's."""
    title, ram = f"{board}, AArch64", region(os.path.join(root, "platform", board), "RAM")
    built = firmware.make(root, f"BOARD={board}", "ARCH=aarch64", *words, "all")
    if not tap.ok(built.returncode == 0, f"{title}: builds", built.stderr[-2000:]):
        return
    stem = os.path.join(firmware.build_of(root), f"{board}-aarch64", "smmu-bringup")
    with open(stem + ".bin", "rb") as file:
        image = file.read()
    text_offset, size, flags = struct.unpack_from("<3Q", image, 8)
    tap.equal(image[56:60], b"ARM\x64", f"{title}: has the header of an Image")
    tap.equal((text_offset, flags), (0, 0xA), f"{title}: little-endian, pages of 4 KiB, anywhere at a multiple of 2 MiB")
    tap.ok(len(image) < size <= ram[1], f"{title}: tells how much memory it takes, and has it", (len(image), size, ram))
    tap.ok(f" on {board}\n".encode() in image, f"{title}: prints its name")
    told = {}
    for tool in ("readelf -rW", "nm"):
        words = ["aarch64-linux-gnu-" + tool.split()[0], *tool.split()[1:], stem + ".elf"]
        told[tool] = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    symbol = {line.split()[-1]: int(line.split()[0], 16) for line in told["nm"].splitlines() if len(line.split()) == 3}
    tap.equal(hex(symbol["_start"]), hex(ram[0]), f"{title}: is linked for its RAM, where a debugger loads it")
    tap.equal(size, symbol["__image_end"] - symbol["__image_start"], f"{title}: bss and stacks are counted")
    places = re.findall(r"(?m)^([0-9a-f]{16})  [0-9a-f]{16} (R_AARCH64_\w+)", told["readelf -rW"])
    kinds = {kind for _, kind in places}
    tap.ok(places and kinds <= {"R_AARCH64_RELATIVE", "R_AARCH64_NONE"}, f"{title}: start.S knows each relocation", kinds)
    outside = [at for at, kind in places if "NONE" not in kind and not symbol["__data_start"] <= int(at, 16) < symbol["__bss_start"]]
    tap.equal(outside, [], f"{title}: what is moved is data alone")


def is_small(root, board):
    lines = 0
    for name in os.listdir(os.path.join(root, "platform", board)):
        if not name.endswith(".md"):
            with open(os.path.join(root, "platform", board, name), encoding="utf-8") as file:
                lines += len(file.readlines())
    return lines


def others_that_name(board):
    """Files of the product beside the board's own folder that know it. What smmu-inspect knows of SoCs is data by compatible."""
    told = subprocess.run(
        ["grep", "-rlw", "--exclude=soc.def", "--exclude=dma.def", board, "boot", "drivers", "linker"], cwd=firmware.ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.split()


def edit(path, old, new):
    with open(path, encoding="ascii") as file:
        text = file.read()
    assert old in text, (path, old)
    with open(path, "w", encoding="ascii") as file:
        file.write(text.replace(old, new))


BOARDS = sorted(
    name for name in os.listdir(os.path.join(firmware.ROOT, "platform")) if os.path.isdir(f"{firmware.ROOT}/platform/{name}")
)
# No board, and an image of another kind: tests/qemu/uefi.t.
BOARDS.remove("uefi")
tap.ok({"qemu-virt", "ti-j721e", "fvp-base-revc", "rk3588", "imx95", "morello"} <= set(BOARDS), "the boards are there", BOARDS)
for board in BOARDS:
    if facts(os.path.join(firmware.ROOT, "platform", board)).get("PLATFORM_AARCH64_ALONE") == "1":
        done = firmware.make(firmware.ROOT, f"BOARD={board}", "ARCH=arm", "all")
        tap.ok(done.returncode and "no AArch32 in EL1" in done.stderr, f"{board}: is refused in AArch32, and told why", done.stderr)
    else:
        looks_right(firmware.ROOT, board)
    is_an_image(firmware.ROOT, board)
    tap.equal(others_that_name(board), [], f"{board}: is named by its own folder alone")
for board in BOARDS[:]:
    if board == "qemu-virt":
        continue
    tap.ok(is_small(firmware.ROOT, board) < LINES_MAX, f"{board}: is less than {LINES_MAX} lines of facts")

folder = firmware.work_folder("boards")
firmware.copy_sources(folder)
firmware.copy_objects(folder)
done = firmware.make(folder, "new-board", "NAME=acme-evb")
tap.equal(done.returncode, 0, "a new board is laid out")
tap.ok(is_small(folder, "acme-evb") < LINES_MAX, f"it is less than {LINES_MAX} lines")
looks_right(folder, "acme-evb")
if EVERY:
    is_an_image(folder, "acme-evb", *PLAIN)
loads = firmware.make(folder, "load", "BOARD=acme-evb")
told = loads.stdout + loads.stderr
for words in ("openocd.cfg is as it was laid out", "line 3: source [find board/CHANGE-ME.cfg]", "line 6: set BRINGUP_CPU", "line 8: set BRINGUP_MEMORY", "platform/README.md", "memory.ld"):
    tap.ok(loads.returncode and words in told, f"an untouched new board is not loaded, and says {words!r}", told.splitlines()[-6:])
for name, why in (("acme-evb", "there already"), ("", "the board's"), ("../x", "lower-case"), ("Acme", "lower-case"), ("tools", "of its own")):
    done = firmware.make(folder, "new-board", f"NAME={name}")
    tap.ok(done.returncode and why in done.stderr, f"{name or 'no name'!r} is refused, and told why", done.stderr)

# The two that follow need but build: without optimisation across files, beside objects that tests of changed sources share.
shutil.rmtree(folder)
folder = firmware.work_folder("boards")
firmware.copy_sources(folder)
firmware.copy_objects(folder, firmware.built_plainly())
title = "a board without a UART"
firmware.make(folder, "new-board", "NAME=mute")
edit(os.path.join(folder, "platform/mute/platform.h"), "#define PLATFORM_EARLY_PL011 0x09000000\n", "")
built = firmware.make(folder, "BOARD=mute", "all", *PLAIN)
tap.equal(built.returncode, 0, f"{title}: builds")
if EVERY:
    is_an_image(folder, "mute", *PLAIN)
# Of the AArch64 image that file alone speaks on the UART without C.
leap = "build/mute-aarch64/boot/aarch64/leap.S.o"
built = firmware.make(folder, "BOARD=mute", "ARCH=aarch64", leap)
tap.ok(built.returncode == 0 and os.path.exists(os.path.join(folder, leap)), f"{title}: AArch64: what next= leaves behind is assembled", built.stderr[-1000:])
title = "a board of 16550"
firmware.make(folder, "new-board", "NAME=old-uart")
edit(
    os.path.join(folder, "platform/old-uart/platform.h"),
    "PLATFORM_EARLY_PL011 0x09000000\n",
    "PLATFORM_EARLY_16550 0x09000000\n#define PLATFORM_EARLY_16550_SHIFT 0\n",
)
built = firmware.make(folder, "BOARD=old-uart", "all", *PLAIN)
tap.ok(built.returncode == 0, f"{title}: builds", built.stderr[-1000:])
if EVERY:
    is_an_image(folder, "old-uart", *PLAIN)
title = "a board that does not exist"
built = firmware.make(folder, "BOARD=nowhere", "all")
tap.ok(built.returncode != 0 and "nowhere" in built.stderr + built.stdout, f"{title}: is refused", built.stderr[-500:])
shutil.rmtree(folder)
tap.done()
