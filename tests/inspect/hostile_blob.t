# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect on device tree blobs whose header or tokens are damaged, on random damage, and on what is no table at all."""

import os
import struct
import subprocess

import tool
from hostile import (BEGIN, CONTROL, DT, END, END_NODE, GOOD, HEADER, NOP, PCIE, PROP, ROOT, SOURCE, Run, Strings, around,
                     assembled, batch, blob_of, cells, check, flat, map_of, master, node, parsed, partly, place, prop,
                     random_damage, smmu, written)
from tool import tap

check(DT, "dt: the witnesses alone", blob_of(around()), more=lambda table: [table["warnings"]] if table["warnings"] else [])

# What dtc makes is cut: the kernel's fdt_check_header() refuses a blob that says more bytes than there are.

path = tool.dtb(SOURCE, place)
with open(path, "rb") as file:
    good = file.read()
check(DT, "dt: what dtc makes of them", good)
fields = dict(zip(HEADER, struct.unpack_from(">10I", good)))


def changed(blob, at, *values):
    """The blob with other cells at a place."""
    return blob[:at] + cells(*values) + blob[at + 4 * len(values):]


def header(**values):
    blob = good
    for key, value in values.items():
        blob = changed(blob, 4 * HEADER.index(key), value)
    return blob


ends = range(0, len(good), 4)
batch("dt: cut at every 4th byte: refused", [good[:end] for end in ends],
      lambda which, answer: answer["verdict"] == "ok" and "is read", ends)
batch("dt: cut at every 4th byte, with a totalsize that says so: refused",
      [changed(good[:end], 4, end) for end in ends if end >= 8], lambda which, answer: answer["verdict"] == "ok" and "is read",
      ends[2:])
for end in (0, 1, 3, 4, 39, 40, fields["off_dt_struct"] + 1, len(good) - 1):
    check(DT, f"dt: cut at byte {end}: refused, in one line", good[:end], refused=True)

start, length, strings_at = fields["off_dt_struct"], fields["size_dt_struct"], fields["off_dt_strings"]
for key, values in {
    "magic": (0, 0xedfe0dd0, 0xd00dfeee),
    "totalsize": (0, 1, 39, 40, start, len(good) - 1, len(good) - 4, len(good) + 1, len(good) + 4, 0x7fffffff, 0x80000000,
                  0xffffffff),
    "off_dt_struct": (1, 2, start + 1, start + 2, start + 3, len(good), len(good) + 4, 0x7ffffffc, 0x80000000,
                      0xfffffffc, 0xffffffff),
    "size_dt_struct": (0, 1, 4, 8, length // 8 * 4, 0x7fffffff, 0x80000000, (1 << 32) - start, 0xfffffffc, 0xffffffff),
    "off_dt_strings": (len(good), len(good) + 1, 0x7fffffff, 0x80000000, (1 << 32) - fields["size_dt_strings"], 0xffffffff),
    "size_dt_strings": (0, 1, 0x7fffffff, 0x80000000, (1 << 32) - strings_at, 0xffffffff),
    "last_comp_version": (18, 0x7fffffff, 0xffffffff),
}.items():
    for value in values:
        extra = {"version": value} if key == "last_comp_version" else {}
        check(DT, f"dt: header: {key} = {value:#x}: refused", header(**{key: value}, **extra), refused=True)
for key, values in {
    # The header as structure block: its cells are no tags, but one reader may say so later than another.
    "off_dt_struct": (0, 4, 0x28, start - 4, start + 4),
    "size_dt_struct": (length - 4, length - 8, length + 4, length - 1, length + 1),
    "off_dt_strings": (start, 0),
    "size_dt_strings": (fields["size_dt_strings"] - 1, fields["size_dt_strings"] - 4),
    "version": (0, 1, 2, 3, 16),
    "off_mem_rsvmap": (0, 1, 36, 41, len(good) - 8, len(good), 0x80000000, 0xfffffff8, 0xffffffff),
}.items():
    for value in values:
        partly(DT, f"dt: header: {key} = {value:#x}: refused, or nothing is lost in silence", header(**{key: value}))
for at in (len(good) // 8 * 8 - 8, len(good) // 8 * 8):
    # A reader could not tell which memory is reserved.
    check(DT, f"dt: memory reservations from {at:#x} on end nowhere: refused", header(off_mem_rsvmap=at), refused=True)
check(DT, "dt: header: version 18 that version 16 can read: read", header(version=18))
check(DT, "dt: header: boot_cpuid_phys = 0xffffffff changes nothing", header(boot_cpuid_phys=0xffffffff))
check(DT, "dt: bytes behind totalsize change nothing", good + b"\xd0\x0d\xfe\xed" * 16)
check(DT, "dt: a hole of 64 KiB in totalsize changes nothing", header(totalsize=len(good) + 65536) + bytes(65536))

# Tokens: libfdt refuses all of these, and Linux takes no tree from it then.

strings = Strings()
parts = [flat(each, strings) for each in (smmu(), GOOD, PCIE)]
head = BEGIN + cells(0) + b"".join(prop(strings, key, value) for key, value in ROOT.items())
body = b"".join(parts)
word = strings.offset("compatible")
size = len(strings.data)
bad = BEGIN + b"bad\0"
for name, tokens in {
    "END is missing": head + body + END_NODE,
    "the root's END_NODE is missing": head + body + END,
    "a node's END_NODE is missing": head + parts[0] + parts[1][:-4] + parts[2] + END_NODE + END,
    "END within a node": head + parts[0] + bad + END + END_NODE + parts[1] + parts[2] + END_NODE + END,
    "one END_NODE too many": head + body + END_NODE + END_NODE + END,
    "one END_NODE too many in the middle": head + parts[0] + END_NODE + parts[1] + parts[2] + END_NODE + END,
    "END_NODE first": END_NODE + head + body + END_NODE + END,
    "no tokens but END": END,
    "tag 0": head + body + cells(0) + END_NODE + END,
    "tag 5": head + body + cells(5) + END_NODE + END,
    "tag 0x1000000": head + body + cells(0x1000000) + END_NODE + END,
    "tag 0xffffffff": head + body + cells(0xffffffff) + END_NODE + END,
    "a name without end": head + body + BEGIN + b"x" * 64,
    "a name whose end is in the strings": head + body + END_NODE + BEGIN + b"xxxx",
    "BEGIN_NODE as the last": head + body + BEGIN,
    "PROP as the last": head + body + PROP,
    "PROP with half of its head": head + body + PROP + cells(4),
    **{f"a property of {value:#x} bytes": head + body + bad + PROP + cells(value, word) + b"abc\0" + END_NODE + END_NODE + END
       for value in (0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 0xfffffff4, 0xfffffff0, 0xffffff00, 0x1000)},
    **{f"a property whose length leads {back} bytes back": head + body + bad + PROP + cells(4, word) + b"abc\0" +
       PROP + cells((1 << 32) - 12 - back, word) + END_NODE + END_NODE + END for back in (4, 8, 16, 24)},
    **{f"a property's name at {value:#x}": head + body + bad + PROP + cells(4, value) + b"abc\0" + END_NODE + END_NODE + END
       for value in (size, size + 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc)},
}.items():
    check(DT, f"dt: {name}: refused", assembled(tokens, strings.data), refused=True)
partly(DT, "dt: a property first: refused, or nothing is lost in silence",
       assembled(prop(strings, "compatible", "x") + head + body + END_NODE + END, strings.data))
partly(DT, "dt: NOPs before the root, where libfdt finds no root: refused, or nothing is lost",
       assembled(NOP * 3 + head + body + END_NODE + END, strings.data))
check(DT, "dt: NOPs everywhere in the root: read", assembled(
    head + NOP + parts[0] + NOP * 2 + parts[1][:-4] + NOP + END_NODE + parts[2] + NOP + END_NODE + END, strings.data))
check(DT, "dt: a NOP between the root and END, where the specification has it and libfdt's check has not: read, or refused",
      assembled(head + body + END_NODE + NOP + END, strings.data),
      refused=None)
check(DT, "dt: the strings end without NUL: refused, or a warning",
      assembled(head + body + END_NODE + END, strings.data + b"rest"),
      refused=None)
late = BEGIN + b"late\0\0\0\0" + BEGIN + b"sub\0" + END_NODE + prop(strings, "iommus", (1, 0x77)) + END_NODE
check(DT, "dt: a property behind a subnode: refused, or not used (as Linux) with a warning",
      assembled(head + parts[0] + parts[1] + late + parts[2] + END_NODE + END, strings.data), refused=None,
      warned=[("/late", "iommus|propert")])
partly(DT, "dt: two roots: refused, or nothing is lost in silence",
       assembled(head + parts[0] + parts[1] + END_NODE + head + parts[2] + END_NODE + END, strings.data))
partly(DT, "dt: a root with a name: refused, or nothing is lost in silence",
       assembled(BEGIN + b"root\0\0\0\0" + head[8:] + body + END_NODE + END, strings.data))
check(DT, "dt: a property twice: the first, as Linux, with a warning; or refused",
      blob_of(around(node("bad@1", [("compatible", "x"), ("iommus", (1, 0x20)), ("iommus", (1, 0x21))]))), refused=None,
      fixed=[("/bad@1", 0x20)], warned=[("/bad@1", "iommus|twice|more than once|duplicate")])
check(DT, "dt: two nodes of one name: both, as Linux; or refused", blob_of(around(master((1, 0x20)), master((1, 0x21)))),
      refused=None,
      fixed=[("/bad@1", 0x20), ("/bad@1", 0x21)])

# What is no table at all, or never ends.

for name in ("/dev/zero", "/dev/null", os.path.join(place, "absent"), written(b"", "empty"), os.path.join(place, "loop")):
    if name.endswith("loop"):
        os.symlink("loop", name)
    run, plain = Run("--json", name), Run(name)
    answer = parsed(run)
    tap.ok(not run.trouble + plain.trouble and (run.status, plain.status, plain.out, plain.err.count("\n")) == (2, 2, "", 1) and
           answer["verdict"] == "error" and answer["error"] in plain.err, f"{os.path.basename(name)}: refused, in one line",
           [*run.trouble, *plain.trouble, run.status, plain.err])
run = Run(tool.folder())
tap.ok(not [each for each in run.trouble if "hang" in each or "Sanitizer" in each] and run.status in (0, 1, 2),
       "an empty folder: no crash",
       run.trouble)
with subprocess.Popen(["cat", written(good), "/dev/zero"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as endless:
    run = Run("--json", "/dev/stdin", stdin=endless.stdout)
    endless.stdout.close()
    endless.kill()
answer = parsed(run)
tap.ok(not run.trouble and (run.status == 2 or map_of(answer) == (DT.fixed, DT.windows)),
       "a good tree and then zeros for ever: ends", run.trouble)
with open(written(good), "rb") as pipe:
    run = Run("--json", "/dev/stdin", stdin=pipe)
tap.ok(not run.trouble and (run.status == 2 or map_of(parsed(run)) == (DT.fixed, DT.windows)),
       "a good tree by the standard input", run.trouble)
strange = written(b"no table", "two\nlines\x1b[2J")
run, plain = Run("--json", strange), Run(strange)
parsed(run)
tap.ok(not run.trouble + plain.trouble and plain.err.count("\n") == 1 and not CONTROL.search(plain.err),
       "a file's name with a new line and an escape: still one line", [*run.trouble, *plain.trouble, plain.err])

# Random damage.

rich = SOURCE.replace("		iommus = <&smmu 0x8>;", """		iommus = <&smmu 0x8>, <&smmu 0x9>;
		memory-region = <&kept>;
		phandle = <5>;
		status = "okay";""").replace("	good@", """	icc: icc { #interconnect-cells = <1>; dma-coherent; };
	bus {
		#address-cells = <1>;
		#size-cells = <1>;
		ranges = <0 0 0x40000000 0x10000000>;
		two: iommu@1000000 {
			compatible = "arm,smmu-v3";
			reg = <0x1000000 0x20000>;
			#iommu-cells = <1>;
			interconnects = <&icc 0>;
			interconnect-names = "dma-mem";
		};
		display@2000000 { compatible = "acme,display"; reg = <0x2000000 0x1000>; iommus = <&two 3>; };
	};
	reserved-memory {
		#address-cells = <2>;
		#size-cells = <2>;
		ranges;
		kept: kept@80000000 { reg = <0 0x80000000 0 0x10000>; iommu-addresses = <5 0 0x80000000 0 0x10000>; };
	};
	good@""").replace("0x1000>;\n	};\n};", "0x1000>, <0x1000 &two 0 0x1000>;\n		iommu-map-mask = <0xffff>;\n	};\n};")
with open(tool.dtb(rich, place, "rich"), "rb") as file:
    tree = file.read()
answer = tool.described(os.path.join(place, "rich.dtb"))
tap.equal((len(answer["instances"]), len(answer["fixed"]), len(answer["windows"])), (2, 3, 2),
          "dt: the good tree that is damaged at random")
random_damage("dt", tree, lambda blob: blob)
tap.done()
