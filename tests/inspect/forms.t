# SPDX-License-Identifier: BSD-2-Clause
"""Files that are no table yet: each is named, with the command that makes a table of it; where that command is at hand, what it makes is
read. What is neither is called so."""

import base64
import os
import re
import shutil
import struct
import subprocess

import tool
from made import SMMU, Iort, board
from tool import tap

place = tool.folder()
DTB, IORT = board(""), None
made = Iort()
made.smmu()
IORT = made.save()
with open(DTB, "rb") as file:
    TREE = file.read()
with open(IORT, "rb") as file:
    TABLE = file.read()


def write(name, data):
    path = os.path.join(place, name)
    with open(path, "wb") as out:
        out.write(data if isinstance(data, bytes) else data.encode())
    return path


def case(title, data, what, command, makes=None):
    """`makes`: the command is run, and its output, of that name or its standard output, has an SMMU."""
    path = write(re.sub(r"\W", "-", title), data)
    said = tool.run(path)
    tap.equal((said.status, said.out), (2, ""), f"{title}: is refused")
    tap.ok(what in said.err and command.replace("%s", path) in said.err, f"{title}: is named, with the next command", said.err)
    said = tool.run("--json", path)
    tap.equal((said.status, said.json["verdict"]), (2, "error"), f"{title}: as JSON")
    if makes and shutil.which(command.split()[0]):
        done = subprocess.run(command.replace("%s", path), shell=True, cwd=place, capture_output=True, check=False)
        tap.equal(done.returncode, 0, f"{title}: the command runs")
        tap.equal(len(tool.described(os.path.join(place, makes))["instances"]), 1, f"{title}: what it makes is read")


def swapped(data, size):
    data += bytes(-len(data) % size)
    return b"".join(data[at:at + size][::-1] for at in range(0, len(data), size))


def text_of(path):
    return subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", path], capture_output=True, text=True, check=True).stdout


def hexadecimal(data, spaces=4):
    """As xxd prints it (4 digits in a word), or hexdump -C (2)."""
    rows = []
    for at in range(0, len(data), 16):
        row = data[at:at + 16].hex()
        words = " ".join(row[k:k + spaces] for k in range(0, len(row), spaces))
        rows.append(f"{at:08x}: {words}  ................" if spaces == 4 else f"{at:08x}  {words[:23]}  {words[24:]}  |................|")
    return "\n".join(rows) + "\n"


case("a tree swapped in words", swapped(TREE, 4), "swapped in every word of four", "objcopy -I binary -O binary --reverse-bytes=4 %s swapped.dtb", "swapped.dtb")
case("a tree swapped in pairs", swapped(TREE, 2), "swapped in every pair", "dd if=%s of=swapped.dtb conv=swab", "swapped.dtb")
case("an IORT swapped in words", swapped(TABLE, 4), "an IORT whose bytes are swapped in every word", "objcopy -I binary -O binary --reverse-bytes=4 %s swapped.aml", "swapped.aml")
case("an IORT swapped in pairs", swapped(TABLE, 2), "an IORT whose bytes are swapped in every pair", "dd if=%s of=swapped.aml conv=swab", "swapped.aml")
case("a tree swapped in words of eight", swapped(TREE, 8), "swapped in every word of eight", "objcopy -I binary -O binary --reverse-bytes=8 %s swapped.dtb", "swapped.dtb")
case("an IORT swapped in words of eight", swapped(TABLE, 8), "an IORT whose bytes are swapped in every word of eight", "objcopy -I binary -O binary --reverse-bytes=8 %s swapped.aml", "swapped.aml")
case("a tree as base64", base64.encodebytes(TREE), "a device tree blob as base64", "base64 -d %s > board.dtb", "board.dtb")
case("an IORT as base64", base64.encodebytes(TABLE), "an IORT as base64", "base64 -d %s > iort.aml", "iort.aml")
case("a tree's source", text_of(DTB), "a device tree's source", "dtc -I dts -O dtb -o board.dtb %s", "board.dtb")
case("a source for cpp", "/* A licence. */\n/dts-v1/;\n#include <a.dtsi>\n/ { };\n", "for the C preprocessor first", "cpp -nostdinc -undef -x assembler-with-cpp -I include %s | dtc")
OVERLAY = '/dts-v1/;\n/plugin/;\n/ { fragment@0 { target-path = "/"; __overlay__ { dma { iommus = <&smmu 8>; }; }; }; };\n'
case("an overlay's source", OVERLAY, "the source of an overlay", "dtc -@ -I dts -O dtb -o overlay.dtbo %s")
copy = shutil.copy(IORT, os.path.join(place, "disassembled.aml"))
subprocess.run(["iasl", "-d", copy], capture_output=True, check=True)
with open(os.path.join(place, "disassembled.dsl"), encoding="ascii") as file:
    DSL = file.read()
case("an IORT's source", DSL, "an ACPI table's source", "iasl -p iort %s", "iort.aml")
case("a DSDT's source", 'DefinitionBlock ("", "DSDT", 2, "A", "B", 1) { }\n', "ASL source", "acpidump -n IORT -b")
DUMP = "IORT @ 0x0000000000000000\n" + "\n".join(
    f"    {at:04X}: {' '.join(f'{each:02X}' for each in TABLE[at:at + 16]):<48} ................" for at in range(0, len(TABLE), 16)) + "\n\n"
case("a text of acpidump", DUMP, "a text of acpidump", "acpixtract -s IORT %s", "iort.dat")
case("a dump by xxd", hexadecimal(TREE), "a hexadecimal dump", "xxd -r %s board.dtb", "board.dtb")
case("a dump of an IORT by xxd", hexadecimal(TABLE), "a hexadecimal dump", "xxd -r %s iort.aml", "iort.aml")
case("a dump by hexdump", hexadecimal(TREE, 2), "a hexadecimal dump by hexdump -C", "cut -c9-58 %s | xxd -r -p > board.dtb", "board.dtb")
case("packed", subprocess.run(["gzip", "-c", DTB], capture_output=True, check=True).stdout, "packed by gzip", "gunzip -c %s > unpacked", "unpacked")
case("a cut tree", TREE[:len(TREE) // 2], f"it is cut off: {len(TREE) // 2:#x} bytes of {len(TREE):#x}", "cp /sys/firmware/fdt board.dtb")
case("a cut IORT", TABLE[:-1], f"an IORT: it is cut off: {len(TABLE) - 1:#x} bytes of {len(TABLE):#x}", "cp /sys/firmware/acpi/tables/IORT iort.aml")
case("UTF-16", b"\xff\xfe" + "/dts-v1/;".encode("utf-16-le"), "a text of UTF-16", "iconv -f UTF-16 -t UTF-8 %s > text")

# --- Blobs that are whole, and no board's tree. ---

base = write("base.dts", text_of(DTB).replace("/dts-v1/;", "/dts-v1/;"))
dtbo = os.path.join(place, "overlay.dtbo")
SOURCE = OVERLAY.replace("<&smmu 8>", "<1 8>")
done = subprocess.run(["dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", dtbo, "-"], input=SOURCE.encode(), capture_output=True, check=False)
tap.equal(done.returncode, 0, "an overlay is compiled")
said = tool.run(dtbo)
tap.ok(said.status == 2 and "an overlay, which is no board's tree" in said.err and f"fdtoverlay -i base.dtb -o board.dtb {dtbo}" in said.err, "an overlay is named", said.err)
said = tool.run(tool.dtb('/dts-v1/;\n/ { timestamp = <1>; images { fdt-1 { type = "flat_dt"; }; }; };\n', place, "fit"))
tap.ok(said.status == 2 and "a FIT image" in said.err and "dumpimage -T flat_dt" in said.err, "a FIT image is named", said.err)
tap.equal(tool.run(tool.dtb("/dts-v1/;\n/ { images { }; };\n", place, "images")).status, 0, "a node called images is none")
both = os.path.join(place, "folder")
os.mkdir(both)
shutil.copy(DTB, both)
shutil.copy(dtbo, both)
said = tool.run(both)
tap.ok(said.status == 0 and "skipped: an overlay" in said.out, "an overlay beside a tree is skipped", said.out)

live = os.path.join(place, "live")
os.mkdir(live)
write("live/#address-cells", struct.pack(">I", 2))
said = tool.run(live)
tap.ok(said.status == 2 and f"dtc -I fs -O dtb -o board.dtb {live}" in said.err, "a kernel's folder of a tree is named", said.err)

# --- Nothing that is known. ---

for title, data in (("nothing", b""), ("a word", b"hello\n"), ("bytes", bytes(range(256))), ("a device tree's magic", struct.pack(">I", 0xD00DFEED)), ("a long text", b"x" * 100000)):
    said = tool.run(write("other", data))
    tap.ok(said.status == 2 and said.err.count("\n") == 1, f"{title}: is refused in a line", said.err)
said = tool.run(write("not", b"no table\n"))
tap.ok("neither a device tree blob nor an ACPI IORT" in said.err, "a text without a word that is known", said.err)
tap.done()
