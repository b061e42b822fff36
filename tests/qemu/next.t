# SPDX-License-Identifier: BSD-2-Clause
"""
next=: how an image is started, which images and places are refused, each in words and in a record before anything is
driven, and what a verdict that fails means for it. linux.t has a kernel.
"""

import os
import struct
import subprocess

import firmware
import linux
import loader
import tap
import tree

RAM_AT, RAM_SIZE = 0x40000000, 1 << 30
TREE_AT = 0x48000000  # Where QEMU puts it, or an initial RAM disk and the tree behind that.
MIB = 1 << 20
AT = linux.LINUX_AT
IN_TREE = 0x10000
MAGIC, ZIMAGE_MAGIC = 0x644D5241, 0x016F2818
NOP, RET = 0xD503201F, 0xD65F03C0
MZ = 0x91005A4D  # "MZ", as an instruction.
WORDS = "selftest=quick tables=dt"


def header(size=2 * MIB, flags=0xA, magic=MAGIC, text_offset=0, start=b"\0" * 8):
    return start + struct.pack("<QQQQQQII", text_offset, size, flags, 0, 0, 0, magic, 0)


def for_uefi(file_end):
    """The first bytes of an image with PE headers (one section, to file_end), which QEMU puts into RAM of zeros."""
    image = header(start=struct.pack("<II", MZ, RET))[:60] + struct.pack("<I", 64)
    pe = b"PE\0\0" + struct.pack("<HHIIIHH", 0xAA64, 1, 0, 0, 0, 8, 0x206) + bytes(8)
    section = b".data\0\0\0" + struct.pack("<8I", 2 * MIB - 4096, 4096, file_end - 4096, 4096, 0, 0, 0, 0)
    return image + pe + section


def started(el2, cores):
    title = f"EL{2 if el2 else 1}, {cores} cores"
    machine = linux.Machine(cores=cores, el2=el2)
    run = machine.start(firmware.ELF, linux.next_image(machine), None, f"{WORDS} next={AT:#x}")
    said = [line for line in run.lines if line.startswith("<")]
    tap.equal(said, [f"<{2 if el2 else 1}D0SMI>"], f"{title}: an image is started as Linux's boot protocol wants it")
    tap.equal((run.status, run.verdict.get("result")), (0, "pass"), f"{title}: after a verdict that passes")
    has_policy(run, "bypass", f"{title}: it has no UEFI header")
    machine.close()


def has_policy(run, policy, title):
    tap.equal({h["policy"] for h in run.of("handover")}, {policy}, f"{title}: handover={policy}")


def returned(el2):
    title = f"EL{2 if el2 else 1}, an image that returns"
    machine = linux.Machine(cores=1, el2=el2)
    image = machine.path("image", header(start=struct.pack("<II", NOP, RET)))
    is_told_to_return(machine.start(firmware.ELF, image, None, f"{WORDS} next={AT:#x}"), title)
    machine.close()


def is_told_to_return(run, title):
    """The verdict before it, a pass, is taken back, and the machine is off."""
    tap.ok("next       the image returned" in run.lines, f"{title}: is told in a line", run.tail)
    tap.equal([v["result"] for v in run.of("verdict")], ["pass", "fail"], f"{title}: the verdict is taken back")
    tap.equal(run.verdict.get("reason"), "the image that next= names returned", f"{title}: and says why")
    tap.equal(run.status, 0, f"{title}: the machine is off")
    console = os.path.join(firmware.WORK, "returned.console")
    with open(console, "w", encoding="utf-8") as file:
        file.write("\n".join(run.lines) + "\n")
    judged = subprocess.run([os.path.join(firmware.ROOT, "tools/judge"), console], capture_output=True, text=True, check=False)
    tap.equal(judged.stdout, "the verdict is no pass: the image that next= names returned\n", f"{title}: the judge of every runner fails it")
    os.remove(console)


def verdicts():
    """After a verdict that fails nothing is started, unless that was asked for."""
    machine = linux.Machine(cores=2)
    image = linux.next_image(machine)
    for word, is_started in ((f"next={AT:#x}", False), (f"next={AT:#x},always", True)):
        run = machine.start(firmware.ELF, image, None, f"{WORDS} strict=on log=loud {word}")
        tap.equal(run.verdict.get("result"), "fail", f"{word}: the verdict fails")
        tap.equal(any(line.startswith("<") for line in run.lines), is_started, f"{word}: started: {is_started}")
        told = any(f"the image at {AT:#x} is not started after this verdict" in line for line in run.lines)
        tap.equal(told, not is_started, f"{word}: that it is not started is told: {told}")
    machine.close()


def by_the_other_word():
    """exit=next says it outright, takes back an exit=off, and names no image."""
    machine = linux.Machine(cores=1)
    run = machine.start(firmware.ELF, linux.next_image(machine), None, f"{WORDS} handover=abort next={AT:#x} exit=off exit=next")
    tap.ok(any(line.startswith("<") for line in run.lines), "exit=next with next=: the image is started", run.tail)
    has_policy(run, "abort", "asked for, before an image without UEFI's header")
    run = machine.start(firmware.ELF, linux.next_image(machine), None, f"{WORDS} exit=next")
    told = [line for line in run.lines if line.startswith("next ")]
    tap.ok(len(told) == 1 and told[0].endswith("exit=next needs next=ADDRESS"), "exit=next alone: is refused in a line", told)
    tap.equal([r["refused"] for r in run.of("next")], ["exit=next needs next=ADDRESS"], "exit=next alone: and in a record")
    tap.equal(run.verdict.get("result"), "fail", "exit=next alone: and the run fails")
    machine.close()


def reserve_from(base):
    """An edit of a tree's text: all from there on is reserved."""
    return lambda text: text.replace("/dts-v1/;", f"/dts-v1/;\n/memreserve/ {base:#x} {2**64 - base:#x};", 1)


# What is wrong; where next= points; what lies there; words of the refusal; more of the machine.
REFUSALS = [
    ("a gzip file", AT, header(magic=0, start=b"\x1f\x8b\x08\0\0\0\0\0"), "gzip", {}),
    ("an EFI zboot image", AT, header(magic=0x818223CD, start=b"MZ\0\0zimg"), "zboot", {}),
    ("nothing", AT, None, "magic number", {}),
    ("a kernel of 32 bits", AT, header(magic=0)[:36] + struct.pack("<I", ZIMAGE_MAGIC) + bytes(24), "magic number", {}),
    ("a big-endian kernel", AT, header(flags=0xB), "big-endian", {}),
    ("pages that the core has not", AT, header(flags=0xC), "pages of a size", {"cpu": "cortex-a57"}),
    ("an image without a size", AT, header(size=0), "has no size", {}),
    ("RAM that ends in the image", AT, header(size=RAM_AT + RAM_SIZE - AT + 1), "RAM ends", {}),
    ("an address that is not aligned", AT + 0x1000, header(), "multiple of 2 MiB", {}),
    ("an odd address", AT + 1, header(), "RAM", {}),
    ("MMIO", 0x09000000, None, "no RAM", {}),
    ("past RAM", RAM_AT + RAM_SIZE, None, "no RAM", {}),
    ("the last bytes of all addresses", 0xFFFFFFFFFFFFFFF8, None, "no RAM", {}),
    ("this firmware's memory", RAM_AT + 2 * MIB, None, "firmware itself", {}),
    ("an image with this firmware in it", RAM_AT + MIB, header(size=4 * MIB, text_offset=MIB), "firmware itself", {}),
    ("an image with the tree in it", TREE_AT - 2 * MIB, header(size=4 * MIB), "device tree", {}),
    ("an image with the initrd in it", TREE_AT - 2 * MIB, header(size=4 * MIB), "initrd", {"initrd": True}),
    ("memory that is reserved to the last address", AT, header(), "reserved memory", {"edit": reserve_from(AT - 4 * MIB)}),
    ("an image that is cut off", AT, for_uefi(MIB), "cut off", {}),
    ("sections beyond the image", AT, for_uefi(2 * MIB + 4), "more than its image_size", {}),
    ("entered in EL3", AT, header(), "EL3", {"el3": True}),
]


def refused(title, at, image, words, more):
    machine = linux.Machine(cores=1, cpu=more.get("cpu", "cortex-a76"))
    if more.get("el3"):
        machine.options += ",secure=on"
    kernel = firmware.ELF if more.get("el3") else None
    disk = machine.path("initrd", bytes(MIB)) if more.get("initrd") else None
    lies = machine.path("image", image) if image else None
    run = machine.start(firmware.ELF, lies, disk, f"{WORDS} next={at:#x}", at=at, kernel=kernel, edit=more.get("edit", str), until=rb'"record":"next"')
    is_refused(title, run, at, words)
    machine.close()


def is_refused(title, run, at, words):
    told = [line for line in run.lines if line.startswith("next ")]
    tap.ok(len(told) == 1 and f"{at:#x} is refused" in told[0] and words in told[0], f"{title}: is told in a line", run.tail)
    found = run.of("next")
    tap.ok(len(found) == 1 and words in str(found[0]["refused"]), f"{title}: and in a record", found)
    driven = [line for line in run.lines if line.startswith(("block ", "register "))]
    before = run.lines.index(told[0]) < run.lines.index(driven[0]) if told and driven else bool(told)
    tap.ok(before, f"{title}: before anything is driven")


def in_the_trees_end():
    """The header of an image lies in the tree itself, behind its first page."""
    title, at, machine = "an image in the tree's end", TREE_AT + IN_TREE, linux.Machine(cores=1)
    path = machine.tree(str)
    tree.put_text(path, "/chosen", "bootargs", f"{WORDS} next={at:#x}")
    blob = linux.read_file(path).ljust(IN_TREE, b"\0") + header(text_offset=IN_TREE)
    path = machine.path("tree", blob[:4] + struct.pack(">I", len(blob)) + blob[8:])
    by_register = loader.start(loader.assemble(machine.folder, "register", loader.BY_REGISTER))
    run = machine.run(["-kernel", firmware.ELF, *loader.put(path, TREE_AT).split(), *by_register.split()], until=rb'"record":"next"')
    is_refused(title, run, at, "device tree")
    machine.close()


def policies():
    """A boot loader needs its DMA, and gets it where no policy is given; a kernel has UEFI's stub. started() has what comes of it."""
    machine = linux.Machine(cores=1)
    kernel = struct.pack("<I", MZ)
    for start, word, is_told in ((b"", "", True), (b"", "handover=bypass", False), (b"", "handover=abort", False), (kernel, "", False)):
        image = machine.path("image", start + linux.read_file(linux.next_image(machine))[len(start) :])
        run = machine.start(firmware.ELF, image, None, f"{WORDS} {word} next={AT:#x}", until=rb'"record":"next"')
        told = [line for line in run.lines if line.startswith("next ") and "handover=bypass" in line]
        title = f"{'a kernel' if start else 'no kernel'}{', ' + word if word else ''}"
        tap.equal((len(told), [r["refused"] for r in run.of("next")]), (int(is_told), [None]), f"{title}: handover=bypass is taken: {is_told}")
    machine.close()


def refused_to_the_end():
    machine = linux.Machine(cores=2)
    run = machine.start(firmware.ELF, None, None, f"{WORDS} next={AT:#x}")
    tap.equal(
        (run.verdict.get("result"), run.verdict.get("reason")),
        ("fail", "the image that next= names is refused, and not started"),
        "an image that is refused: the run fails, and says why",
    )
    tap.equal(run.verdict.get("checks_failed"), 0, "an image that is refused: the checks are made all the same")
    machine.close()


def no_next_in_aarch32():
    run = firmware.run(INSTANCES=1, APPEND=f"selftest=quick next={AT:#x}")
    ignored = (run.of("firmware") or [{}])[0].get("ignored", [])
    tap.equal([one["word"] for one in ignored], [f"next={AT:#x}"], "AArch32: next= is ignored")
    tap.ok(ignored and "no such word in this image" in ignored[0]["why"], "AArch32: with the reason", ignored)
    tap.equal(run.verdict.get("result"), "pass", "AArch32: the run goes on")


def from_aarch32():
    """The image that is built with it, entered in EL2 in AArch64, starts one there; entered in AArch32 it refuses it."""
    image, said = linux.starter_in_aarch32()
    if not tap.ok(image, "AArch32: an image with next= builds", said[-2000:]):
        return
    machine = linux.Machine(cores=4, cpu="cortex-a57")
    run = machine.start_from_aarch32(image, linux.next_image(machine), None, f"{WORDS} next={AT:#x}")
    said = [line for line in run.lines if line.startswith("<")]
    tap.equal(said, ["<2D0SMI>"], "AArch32: an image is started in AArch64, as Linux's boot protocol wants it")
    tap.equal((run.status, run.verdict.get("result")), (0, "pass"), "AArch32: after a verdict that passes")
    has_policy(run, "bypass", "AArch32: it has no UEFI header")
    returns = machine.path("returns", header(start=struct.pack("<II", NOP, RET)))
    is_told_to_return(machine.start_from_aarch32(image, returns, None, f"{WORDS} next={AT:#x}"), "AArch32: an image that returns")
    run = firmware.run(elf=image.replace(".bin", ".elf"), INSTANCES=1, APPEND=f"selftest=quick next={AT:#x}")
    refused = [str(r["refused"]) for r in run.of("next")]
    tap.ok(len(refused) == 1 and "not entered in AArch64" in refused[0], "AArch32: entered in AArch32 it is refused", run.tail)
    tap.equal(run.verdict.get("result"), "fail", "AArch32: and the run fails")
    machine.close()


if not firmware.WIDE:
    no_next_in_aarch32()
    if firmware.has_instances():
        from_aarch32()
    tap.done()
if not firmware.has_instances():
    tap.skip("next=", "this QEMU has one SMMUv3")
    tap.done()
started(el2=True, cores=4)
started(el2=False, cores=1)
for level in (True, False):
    returned(level)
verdicts()
by_the_other_word()
for refusal in REFUSALS:
    refused(*refusal)
in_the_trees_end()
policies()
refused_to_the_end()
tap.done()
