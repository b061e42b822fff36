# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect on device trees that are well formed and were made to harm: phandles, circles, addresses, depth, names, maps."""

import subprocess

from hostile import (BEGIN, CONTROL, DT, END_NODE, GOOD, PCIE, ROOT, OneOf, Run, all_of, around, blob_of, cells, check, master,
                     node, root, smmu, some_of, victim, warns, wide, written)
from tool import tap

# Phandles. Linux takes the first node of a phandle, and no node has 0.

victim("dt: iommus of a node of itself, that is no IOMMU", node("bad@1", {"phandle": 9, "iommus": (9, 5)}),
       warned=[("/bad@1", "iommus")])
victim("dt: iommus of a node of itself, with #iommu-cells", node("bad@1", {"phandle": 9, "#iommu-cells": 1, "iommus": (9, 5)}))
victim("dt: an SMMU behind itself: a warning", smmu(0x51000000, 2, {"iommus": (2, 5)}),
       fixed=OneOf([], [("/iommu@51000000", "/iommu@51000000", 5, 5)]), warned=[("/iommu@51000000", "iommus|itself")])
victim("dt: two SMMUs behind each other: a warning", smmu(0x51000000, 2, {"iommus": (3, 5)}),
       smmu(0x52000000, 3, {"iommus": (2, 6)}),
       fixed=OneOf([], [("/iommu@51000000", "/iommu@52000000", 6, 6), ("/iommu@52000000", "/iommu@51000000", 5, 5)]),
       warned=[(("/iommu@51000000", "/iommu@52000000"), "iommus|behind")])
victim("dt: two SMMUs of one phandle: the first is meant, and a warning", smmu(0x51000000, 1), master((1, 0x20)),
       fixed=[("/bad@1", 0x20)], warned=[(("/iommu@51000000", "/iommu@50000000"), "phandle")])
victim("dt: phandle 0 in iommus: a warning", smmu(0x51000000, 0), master((0, 0x20)), warned=[("/bad@1", "iommus")])
victim("dt: phandle 0 before a good one: never the wrong stream", master((0, 1, 0x20)), fixed=OneOf([], [("/bad@1", 0x20)]),
       warned=[("/bad@1", "iommus")])
victim("dt: phandle 0xffffffff: as Linux, or a warning", smmu(0x51000000, 0xffffffff), master((0xffffffff, 0x20)),
       fixed=OneOf([], [("/iommu@51000000", "/bad@1", 0x20, 0x20)]),
       more=lambda table: None if len(table["fixed"]) == 2 or warns(table, "/bad@1", "iommus|phandle") else ["no warning"])
victim("dt: phandle 0xffffffff that no node has: a warning", master((0xffffffff, 0x20)), warned=[("/bad@1", "iommus")])
victim("dt: a phandle that no node has: a warning", master((77, 0x20)), warned=[("/bad@1", "iommus")])
victim("dt: good, unknown, good: no wrong stream", master((1, 0x20, 77, 0x21, 1, 0x22)),
       fixed=OneOf([], [("/bad@1", 0x20)], [("/bad@1", 0x20), ("/bad@1", 0x22)]), warned=[("/bad@1", "iommus")])
for value in (b"", b"\0\0", b"\0\0\0\2\0", wide(2)):
    victim(f"dt: a phandle of {len(value)} bytes: a warning", smmu(0x51000000, value), master((2, 0x20)),
           fixed=OneOf([], [("/iommu@51000000", "/bad@1", 0x20, 0x20)]),
           warned=[(("/iommu@51000000", "/bad@1"), "phandle|iommus")])
for count in (0, 17, 0x7fffffff, 0x80000000, 0xffffffff):
    # Linux reads the first cell that there is, whatever the count; an SMMUv3 has one.
    second = smmu(0x51000000, 2, count=count)
    places = ("/bad@1", "/iommu@51000000")
    some = [] if count != 17 else [("/iommu@51000000", "/bad@1", 0x20, 0x20)]
    victim(f"dt: #iommu-cells of {count:#x}: a warning", second, master((2, *range(0x20, 0x31))),
           fixed=OneOf([], some), warned=[(places, "#iommu-cells|iommus")])
    victim(f"dt: #iommu-cells of {count:#x} behind a good one: a warning", second, master((1, 0x20, 2, 0x21)),
           fixed=OneOf([], [("/bad@1", 0x20)]), warned=[(places, "#iommu-cells|iommus")])
    places = ("/pcie@2", "/iommu@51000000")
    victim(f"dt: iommu-map to #iommu-cells of {count:#x}: a warning", second, root((0, 2, 0x20000, 0x100)),
           windows=OneOf([], *([] if count == 0 else [[("/iommu@51000000", "/pcie@2", 0, 0xff, 0x20000)]])),
           warned=[(places, "#iommu-cells|iommu-map")])
    victim(f"dt: iommu-map to #iommu-cells of {count:#x} behind a good one: a warning", second,
           root((0, 1, 0x20000, 0x100, 0x100, 2, 0x30000, 0x100)),
           windows=OneOf([], [("/pcie@2", 0, 0xff, 0x20000)],
                         *([] if count == 0
                           else [[("/pcie@2", 0, 0xff, 0x20000), ("/iommu@51000000", "/pcie@2", 0x100, 0x1ff, 0x30000)]])),
           warned=[(places, "#iommu-cells|iommu-map")])
for value in (False, b"", b"\0\0\0", b"\0\0\0\1\0"):
    victim(f"dt: #iommu-cells of {'no' if value is False else len(value)} bytes: a warning", smmu(0x51000000, 2, count=value),
           master((2, 0x20)), fixed=OneOf([], [("/iommu@51000000", "/bad@1", 0x20, 0x20)]),
           warned=[(("/bad@1", "/iommu@51000000"), "#iommu-cells|iommus")])
victim("dt: iommu-map to a node that is no IOMMU: a warning", node("no", {"phandle": 2}), root((0, 2, 0x20000, 0x100)),
       warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map to itself: a warning", root((0, 2, 0x20000, 0x100), {"phandle": 2}), warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map to no node, then to a good one: no wrong window", root((0, 77, 0x20000, 0x100, 0x100, 1, 0x30000, 0x100)),
       windows=OneOf([], [("/pcie@2", 0x100, 0x1ff, 0x30000)]), warned=[("/pcie@2", "iommu-map")])

# Coherency by interconnects: Linux follows "dma-mem" from node to node, and would go round in a circle for ever.


def linked(to, more=None):
    return {"interconnects": (to, 0), "interconnect-names": "dma-mem", "#interconnect-cells": 1, **(more or {})}


def coherent(wanted, at="/iommu@51000000"):
    return lambda table: [f"coherent: {each['coherent']}" for each in table["instances"]
                          if each["name"] == at and each["coherent"] not in (wanted if isinstance(wanted, tuple) else (wanted,))]


def chained(i, length):
    return linked(101 + i) if i + 1 < length else {"#interconnect-cells": 1, "dma-coherent": None}


for length in (1, 2, 20):
    ring = [node(f"icc{i}", {"phandle": 100 + i, **linked(100 + (i + 1) % length)}) for i in range(length)]
    victim(f"dt: interconnects in a circle of {length}: a warning", smmu(0x51000000, 2, linked(100)), *ring,
           more=coherent((False, True)),
           warned=[(("/iommu@51000000", "/icc"), "interconnect|coheren")])
victim("dt: interconnects to itself: a warning", smmu(0x51000000, 2, linked(2)), more=coherent((False, True)),
       warned=[("/iommu@51000000", "interconnect|coheren")])
for length in (5, 200):
    chain = [node(f"icc{i}", {"phandle": 100 + i, **chained(i, length)}) for i in range(length)]
    victim(f"dt: interconnects over {length} nodes to a coherent one: followed, or a warning", smmu(0x51000000, 2, linked(100)),
           *chain,
           more=lambda table: None if not coherent(True)(table) or warns(table, "/i", "interconnect|coheren")
           else ["not coherent"])
victim("dt: interconnects to no node: the parent's word holds, and a warning", smmu(0x51000000, 2, linked(77)),
       more=coherent(False),
       warned=[("/iommu@51000000", "interconnect")])
victim("dt: interconnects to a node with 2^32-1 cells: the parent's word, and a warning", smmu(0x51000000, 2, linked(77)),
       node("icc", {"phandle": 77, "#interconnect-cells": 0xffffffff, "dma-coherent": None}), more=coherent((False, True)),
       warned=[(("/iommu@51000000", "/icc"), "interconnect")])
victim("dt: interconnect-names without NUL: no crash", smmu(0x51000000, 2, linked(77, {"interconnect-names": b"dma-mem"})),
       node("icc", {"phandle": 77, "#interconnect-cells": 1, "dma-coherent": None}), more=coherent((False, True)))
victim("dt: dma-coherent and dma-noncoherent at once: coherent, as Linux",
       smmu(0x51000000, 2, {"dma-coherent": None, "dma-noncoherent": None}), more=coherent(True))

# Addresses: Linux gives up on a bus whose cells are 0 or more than 4; it would let a sum wrap.


def bus(properties, *children):
    defaults = {"#address-cells": 2, "#size-cells": 2, "ranges": None}
    return node("bus", {key: value for key, value in {**defaults, **properties}.items() if value is not False}, *children)


INNER = "/bus/iommu@51000000"
for name, properties, base in (
    ("ranges of one byte", {"ranges": b"\0"}, None),
    ("ranges that lack a cell", {"ranges": (0, 0, 0, 0, 0)}, None),
    ("ranges with a cell too many", {"ranges": (0, 0, 0, 0, 1, 0, 5)}, (None, "0x51000000")),
    ("ranges with a byte too many", {"ranges": cells(0, 0, 0, 0, 1, 0) + b"\0"}, (None, "0x51000000")),
    ("#address-cells of 0", {"#address-cells": 0}, None),
    ("#address-cells of 2^32-1", {"#address-cells": 0xffffffff}, None),
    ("#address-cells of 0x40000001, which wraps to 4 bytes", {"#address-cells": 0x40000001}, None),
    ("#address-cells of 5", {"#address-cells": 5}, None),
    ("#size-cells of 2^32-1", {"#size-cells": 0xffffffff}, None),
    ("#size-cells of 0x40000000, which wraps to none", {"#size-cells": 0x40000000, "ranges": (0, 0, 0, 0)}, None),
    ("#size-cells of 0", {"#size-cells": 0}, (None, "0x51000000")),
    ("#address-cells of 3 bytes", {"#address-cells": b"\0\0\0"}, None),
    ("cells of 2^32-1, both", {"#address-cells": 0xffffffff, "#size-cells": 0xffffffff, "ranges": (0, 0, 0, 0, 0, 0)}, None),
    ("ranges whose target wraps 64 bits", {"ranges": (0, 0, 0xffffffff, 0xf0000000, 1, 0)}, None),
    ("ranges that start behind the address", {"ranges": (0, 0x60000000, 0, 0, 1, 0)}, None),
    ("ranges that end before the address", {"ranges": (0, 0, 0, 0, 0, 0x51000000)}, None),
    ("ranges of no bytes but zero size", {"ranges": (0, 0, 0, 0, 0, 0)}, None),
    ("no ranges", {"ranges": False}, None),
):
    victim(f"dt: a bus with {name}: the base is {base!r}, and a warning",
           bus(properties, smmu(0x51000000, 2, name="iommu@51000000")),
           bases={INNER: base}, warned=[("/bus", "ranges|#address-cells|#size-cells|cells|reg|address")])
victim("dt: ranges whose source wraps 64 bits: never another base in silence",
       bus({"ranges": (0xffffffff, 0xf0000000, 0, 0, 0, 0x20000000)},
           node("iommu@1", {"compatible": "arm,smmu-v3", "reg": (0, 0x1000000, 0, 0x20000), "#iommu-cells": 1})),
       bases={"/bus/iommu@1": None}, warned=[("/bus", "ranges|reg|address")])
for name, reg, base in (
    ("none", False, None),
    ("of no bytes", b"", None),
    ("of 3 bytes", b"\0\0\0", None),
    ("of 12 bytes", (0, 0x51000000, 0), None),
    ("with a cell too many", (0, 0x51000000, 0, 0x20000, 7), (None, "0x51000000")),
    ("that wraps 64 bits", (0xffffffff, 0xffff0000, 0, 0x20000), (None, "0xffffffffffff0000")),
    ("of 2^64-1 bytes", (0, 0x51000000, 0xffffffff, 0xffffffff), (None, "0x51000000")),
    ("of size 0", (0, 0x51000000, 0, 0), (None, "0x51000000")),
):
    victim(f"dt: reg {name}: the base is {base!r}, and a warning", smmu(0x51000000, 2, {"reg": reg}),
           bases={"/iommu@51000000": base},
           warned=[("/iommu@51000000", "reg|address|size")])

# Depth: Linux takes 64 levels and leaves out what is deeper. What is left out here has to be said.

for depth in (31, 32, 33, 63, 64, 65, 100, 1000):
    tree = (smmu(0x51000000, 2, name="iommu@51000000"), master((2, 0x20)))
    for i in range(depth - 2):
        tree = (bus({}, *tree),)
    prefix = "/bus" * (depth - 2)
    check(DT, f"dt: an SMMU and its master at depth {depth}: whole, or refused, or a warning", blob_of(around(*tree)),
          refused=None,
          fixed=OneOf([], [(prefix + "/iommu@51000000", prefix + "/bad@1", 0x20, 0x20)]),
          more=lambda table: None if len(table["fixed"]) == 2 and table["instances"][-1]["base"] == "0x51000000"
          or table["warnings"] else
          [f"lost without a warning: {table['fixed'][:3]!r:.400} {table['instances']!r:.400}"])
check(DT, "dt: 100000 levels: no crash, no hang",
      blob_of(node("", ROOT, smmu(), GOOD, (BEGIN + b"a\0\0\0") * 100000 + END_NODE * 100000, PCIE)),
      refused=None)
# The names of two nodes that are one for the first hundreds of letters.
deep = node("n" * 900, {}, node("m" * 900, {}, master((1, 0x20), name="a@1"), master((1, 0x21), name="b@1")))
prefix = "/" + "n" * 900 + "/" + "m" * 900
victim("dt: two masters whose paths are the same for 1800 letters: their own names, or a warning", deep, refused=None, fixed=None,
       more=lambda table: None if [each["master"][-4:] for each in table["fixed"][-2:]] == ["/a@1", "/b@1"] or table["warnings"]
       else
       [f"names in silence: {[len(each['master']) for each in table['fixed']]} letters"])
for length in (250, 255, 256, 257, 300, 511, 512, 1023, 1024, 2048):
    victim(f"dt: a master's path of {length} letters: whole, or a warning", master((1, 0x20), name="n" * (length - 1)),
           refused=None, fixed=None,
           more=lambda table: None if "/" + "n" * (length - 1) in [each["master"] for each in table["fixed"]]
           or table["warnings"] else ["cut in silence"])

# Names. JSON has no way of saying bytes that are no text: they may be replaced, but two nodes stay two.

for name, text in {
    "quotes": b'a"b\'c@1',
    "a backslash": b"a\\b\\@1",
    "a backslash at the end": b"bad@1\\",
    "control characters": bytes(range(1, 32)) + b"\x7f@1",
    "an escape of a terminal": b"\x1b[2J\x1b]0;x\x07@1",
    "a carriage return": b"good@1\rforged",
    "new lines": b"bad@1\nforged: line\n",
    "bytes above 0x7f": bytes(range(0x80, 0x100)) + b"@1",
    "half a UTF-8 sequence": b"\xe2\x82@1",
    "a surrogate": b"\xed\xa0\x80@1",
    "an overlong slash": b"\xc0\xaf@1",
    "UTF-8": "gr\u00fcn\u20ac\U0001f600@1".encode(),
    "U+2028": "a\u2028b@1".encode(),
    "HTML": b"<script>&amp;</script>@1",
    "format letters": b"%s%n%x%99999d@1",
    "braces": b'{"record":"verdict"}@1',
    "3000 letters": b"n" * 3000,
    "3000 control characters": b"\x01" * 3000,
    "3000 bytes above 0x7f": b"\xff" * 3000,
    "no letters": b"",
    "a slash": b"a/b@1",
    "two dots": b"..",
    "a space": b"a b@1",
}.items():
    blob = blob_of(around(smmu(0x51000000, 2), master((2, 0x20), name=text), root((0, 2, 0, 0x10), name=text + b"x")))

    def streams(table):
        ours = [[each for each in table[key] if each["instance"] == "/iommu@51000000"] for key in ("fixed", "windows")]
        if [len(each) for each in ours] == [1, 1]:
            if ours[0][0]["first"] != "0x20" or ours[1][0]["input_last"] != "0xf" or ours[0][0]["master"] == ours[1][0]["master"]:
                return [f"another map: {ours}"]
            plain = "/" + text.decode(errors="replace")
            simple = text.isascii() and not CONTROL.search(plain) and "\n" not in plain
            if simple and ours[0][0]["master"] != plain and not table["warnings"]:
                return [f"another name: {ours[0][0]['master']!r:.200}"]
            return []
        return [] if table["warnings"] else [f"lost without a warning: {ours}"]

    check(DT, f"dt: a node's name with {name}: read, or a warning", blob, refused=None, fixed=None, windows=None, more=streams)
    check(DT, f"dt: an SMMU's name with {name}: read, or a warning",
          blob_of(around(smmu(0x51000000, 2, name=text), master((2, 0x20)))),
          refused=None, fixed=None, more=lambda table: None if len(table["fixed"]) == 2 or table["warnings"] else ["lost"])
    victim(f"dt: a property's name with {name} changes nothing", node("bad@1", {"compatible": "x", text: 1}))
    victim(f"dt: a compatible with {name}: read", node("bad@1", {"compatible": text + b"\0", "iommus": (1, 0x20)}),
           fixed=[("/bad@1", 0x20)])
    victim(f"dt: a status with {name}: disabled", master((1, 0x20), {"status": text + b"\0"}), fixed=[("/bad@1", 0x20)],
           more=lambda table: ["enabled"] if [each for each in table["fixed"] if each["enabled"] and each["master"] == "/bad@1"]
           else [])
victim("dt: names that differ in a byte above 0x7f: two masters", master((1, 0x20), name=b"a\x80"),
       master((1, 0x21), name=b"a\x81"), fixed=None,
       more=lambda table: None if len({each["master"] for each in table["fixed"]}) == 3
       else [f"not three masters: {table['fixed']}"])
path = written(blob_of(around(master((1, 0x20), name=b'<a"b\\c&\x01\xff\n@1'), master((1, 0x21), name=b"d\\"))))
run = Run("--dot", path)
layout = subprocess.run(["dot", "-Tplain"], input=run.out.encode(errors="surrogateescape"), capture_output=True, check=False)
tap.ok(not run.trouble and run.status == 0 and (layout.returncode, layout.stderr) == (0, b""),
       "dt: a picture of such names: Graphviz takes it",
       [*run.trouble, layout.stderr])

# Values of odd length. What Linux reads of them stays, the rest is warned of.

for name, iommus, sids in (
    ("of no bytes", b"", ()),
    ("of 3 bytes", b"\0\0\0", ()),
    ("of a phandle alone", (1,), ()),
    ("of 5 bytes", cells(1) + b"\0", ()),
    ("of 7 bytes", cells(1) + b"\0\0\0", ()),
    ("of 9 bytes", cells(1, 0x20) + b"\1", (0x20,)),
    ("of 12 bytes", (1, 0x20, 1), (0x20,)),
    ("of 15 bytes", cells(1, 0x20, 1) + b"\0\0\0", (0x20,)),
):
    victim(f"dt: iommus {name}: what is whole, or none, and a warning", master(iommus), warned=[("/bad@1", "iommus")],
           fixed=OneOf([], [("/bad@1", sid) for sid in sids]))
for name, extra, last in (
    ("of no bytes", b"", 0),
    ("of 3 bytes", b"\0\0\0", 0),
    ("of 12 bytes", cells(0, 1, 0x20000), 0),
    ("of 15 bytes", cells(0, 1, 0x20000) + b"\0\0\0", 0),
    ("of an entry and a byte", cells(0, 1, 0x20000, 0x100) + b"\0", 0x100),
    ("of an entry and a cell", cells(0, 1, 0x20000, 0x100, 0x200), 0x100),
    ("of an entry and two cells", cells(0, 1, 0x20000, 0x100, 0x200, 1), 0x100),
    ("of an entry and three cells", cells(0, 1, 0x20000, 0x100, 0x200, 1, 0x40000), 0x100),
    ("of an entry and 15 bytes", cells(0, 1, 0x20000, 0x100, 0x200, 1, 0x40000) + b"\0\1\0", 0x100),
):
    victim(f"dt: iommu-map {name}: what is whole, or none, and a warning", root(extra), warned=[("/pcie@2", "iommu-map")],
           windows=OneOf([], *([[("/pcie@2", 0, last - 1, 0x20000)]] if last else [])))
for mask in (b"", b"\0\0\xff", cells(0xff) + b"\0", wide(0xff)):
    # Linux takes the first cell, if there is one whole, and no mask otherwise.
    victim(f"dt: iommu-map-mask of {len(mask)} bytes: a warning", root((0, 1, 0x20000, 0x100), {"iommu-map-mask": mask}),
           windows=OneOf([], [("/pcie@2", 0, 0xff, 0x20000)], [("/pcie@2", 0, 0, 0x20000)]),
           warned=[("/pcie@2", "iommu-map-mask")])
victim("dt: a compatible without NUL, of an SMMU: as Linux, or a warning", smmu(0x51000000, 2, {"compatible": b"arm,smmu-v3"}),
       master((2, 0x20)),
       fixed=OneOf([], [("/iommu@51000000", "/bad@1", 0x20, 0x20)]),
       more=lambda table: None if len(table["instances"]) == 2 or table["warnings"] else ["lost"])
victim("dt: a compatible that only begins like an SMMU's: none", smmu(0x51000000, 2, {"compatible": "arm,smmu-v3-not"}),
       more=lambda table: ["is listed"] if len(table["instances"]) != 1 else [])
victim("dt: a compatible whose second string is an SMMU's: an SMMU",
       smmu(0x51000000, 2, {"compatible": b"acme,smmu\0arm,smmu-v3\0"}),
       master((2, 0x20)), fixed=[("/iommu@51000000", "/bad@1", 0x20, 0x20)])
victim("dt: a compatible that is cut within an SMMU's: none, or a warning", smmu(0x51000000, 2, {"compatible": b"arm,smmu-v"}),
       more=lambda table: ["is listed"] if len(table["instances"]) != 1 and not table["warnings"] else [])
for status, wanted, said in (
    (b"okay", (True, False), True),
    (b"ok", (True, False), True),
    (b"disabled", (False,), True),
    (b"oka", (False,), True),
    (b"", (False,), False),
    (b"\0", (False,), False),
    (b"okay\0disabled\0", (True,), False),
    (b"okay \0", (False,), False),
    (b"OKAY\0", (False,), False),
    (b"reserved\0", (False,), False),
    (b"okayokay\0", (False,), False),
):
    victim(f"dt: a status of {status!r}: enabled is {wanted}{', and a warning' if said else ''}",
           master((1, 0x20), {"status": status}),
           fixed=[("/bad@1", 0x20)], warned=[("/bad@1", "status")] if said else (), more=lambda table: [
               f"enabled: {each['enabled']}" for each in table["fixed"] if each["master"] == "/bad@1"
               and each["enabled"] not in wanted])

# Maps: the first entry that matches wins; a sum that leaves 32 bits maps nothing that is not warned of.

victim("dt: iommu-map that overlaps: the first wins", root((0, 1, 0x20000, 0x100, 0x80, 1, 0x50000, 0x100)),
       windows=[("/pcie@2", 0, 0xff, 0x20000), ("/pcie@2", 0x100, 0x17f, 0x50080)])
victim("dt: iommu-map that overlaps on both sides: the first wins", root((0x40, 1, 0x20000, 0x10, 0, 1, 0x50000, 0x100)),
       windows=[("/pcie@2", 0, 0x3f, 0x50000), ("/pcie@2", 0x40, 0x4f, 0x20000), ("/pcie@2", 0x50, 0xff, 0x50050)])
victim("dt: iommu-map twice the same: once", root((0, 1, 0x20000, 0x100) * 2), windows=[("/pcie@2", 0, 0xff, 0x20000)])
victim("dt: iommu-map that does not ascend: ascending", root((0x200, 1, 0x40000, 0x100, 0, 1, 0x20000, 0x100)),
       windows=[("/pcie@2", 0, 0xff, 0x20000), ("/pcie@2", 0x200, 0x2ff, 0x40000)])
victim("dt: iommu-map with an empty entry: a warning, and the rest", root((0, 1, 0x20000, 0, 0, 1, 0x30000, 0x100)),
       windows=[("/pcie@2", 0, 0xff, 0x30000)], warned=[("/pcie@2", "iommu-map")])
rest = ("/pcie@2", 0, 0xff, 0x30000)
victim("dt: iommu-map whose input wraps: a warning, and the rest", root((0xffffff00, 1, 0x20000, 0x200, 0, 1, 0x30000, 0x100)),
       windows=OneOf([rest], [rest, ("/pcie@2", 0xffffff00, 0xffffffff, 0x20000)]), warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map to the last input: read", root((0xffffff00, 1, 0x20000, 0x100, 0, 1, 0x30000, 0x100)),
       windows=[rest, ("/pcie@2", 0xffffff00, 0xffffffff, 0x20000)])
victim("dt: iommu-map whose output wraps: a warning, and no stream from the other end",
       root((0x100, 1, 0xffffff80, 0x100, 0, 1, 0x30000, 0x100)),
       windows=OneOf([rest], [rest, ("/pcie@2", 0x100, 0x17f, 0xffffff80)],
                     [rest, ("/pcie@2", 0x100, 0x17f, 0xffffff80), ("/pcie@2", 0x180, 0x1ff, 0)]),
                     warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map to the last stream: read", root((0, 1, 0xffffff00, 0x100)), windows=[("/pcie@2", 0, 0xff, 0xffffff00)])
victim("dt: iommu-map of 2^32-1 inputs: read", root((0, 1, 0, 0xffffffff)), windows=[("/pcie@2", 0, 0xfffffffe, 0)])
victim("dt: iommu-map-mask of 0: input 0 alone can match", root((0, 1, 0x20000, 0x100), {"iommu-map-mask": 0}),
       windows=OneOf([("/pcie@2", 0, 0xff, 0x20000)], [("/pcie@2", 0, 0, 0x20000)]))
victim("dt: iommu-map-mask that loses an entry's base: no window that it cannot reach, and a warning",
       root((0, 1, 0x20000, 0x100, 0x100, 1, 0x30000, 0x100), {"iommu-map-mask": 0xff}),
       windows=OneOf([], [("/pcie@2", 0, 0xff, 0x20000)]), warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map and iommus of one node: both, and no crash", root((0, 1, 0x20000, 0x100), {"iommus": (1, 0x20)}),
       fixed=OneOf([], [("/pcie@2", 0x20)]), windows=OneOf([], [("/pcie@2", 0, 0xff, 0x20000)]))

# Numbers: everything described is listed, or the limit is warned of.


wanted = {("/iommu@50000000", f"/m@{i:x}", i + 16, i + 16) for i in range(2000)} | {*DT.fixed, *DT.windows}
check(DT, "dt: 2000 masters: all, or a warning", blob_of(around(*(master((1, i + 16), name=f"m@{i:x}") for i in range(2000)))),
      refused=None,
      fixed=None, windows=None, more=some_of(2002, wanted))
wanted = {("/iommu@50000000", "/bad@1", i * 3 + 16, i * 3 + 16) for i in range(600)} | {*DT.fixed, *DT.windows}
victim("dt: 600 iommus in a node: all, or a warning", master([each for i in range(600) for each in (1, i * 3 + 16)]),
       refused=None, fixed=None,
       windows=None, more=some_of(602, wanted))
many = range(100)
wanted = {(f"/iommu@{0x51000000 + i * 0x20000:x}", f"/m@{i:x}", i, i) for i in many} | {*DT.fixed, *DT.windows}
victim("dt: 100 SMMUs: all, or a warning", *(smmu(0x51000000 + i * 0x20000, 2 + i) for i in many),
       *(master((2 + i, i), name=f"m@{i:x}") for i in many), refused=None, fixed=None, windows=None, more=some_of(102, wanted))
victim("dt: 100 SMMUs: all are listed, or a warning", *(smmu(0x51000000 + i * 0x20000, 2 + i) for i in many), refused=None,
       more=all_of("instances", 101))
wanted = {("/iommu@50000000", "/pcie@2", i * 2, i * 2, 0x20000 + i * 5, False) for i in range(4096)} | {*DT.fixed, *DT.windows}
victim("dt: 4096 iommu-map entries: all, or a warning",
       root([each for i in range(4096) for each in (i * 2, 1, 0x20000 + i * 5, 1)]), refused=None,
       fixed=None, windows=None, more=some_of(4098, wanted))
victim("dt: 4096 iommu-map entries that all overlap: no hang",
       root([each for i in range(4096) for each in (4096 - i, 1, 0x20000 + i * 0x10000, 2 * i + 1)]), refused=None, windows=None)
victim("dt: 20000 properties in a node: read", node("bad@1", [("compatible", "x"), *((f"p{i}", i) for i in range(20000))]))

bad = [master((77, i), name=f"m@{i:x}") for i in range(1000)]
victim("dt: 1000 faults: a warning of each, or one that says that there are more", *bad, more=lambda table: None if len(
    table["warnings"]) >= 1000 or warns(table, "", r"\bmore\b|further|others")
    else [f"{len(table['warnings'])} warnings, {table['warnings'][-1]}"])
victim("dt: 1000 faults, then a node of which only a part is used: that warning is not lost, or it is said that there are more",
       *bad, master((1, 0x20, 1)), fixed=OneOf([], [("/bad@1", 0x20)]),
       more=lambda table: None if warns(table, "/bad@1", "iommus") or warns(
           table, "", r"\bmore\b|further|others") else [f"{len(table['warnings'])} warnings, {table['warnings'][-1]}"])
far = master((1, 0x20), name="n" * 254 + "a"), master((1, 0x21), name="n" * 254 + "b")
victim("dt: two masters whose paths differ in the 256th letter: two names, or a warning", *far, refused=None, fixed=None,
       more=lambda table: None if len({each["master"] for each in table["fixed"]}) == 3 or table["warnings"]
       else ["one name in silence"])

# Reserved memory of a master: iommu-addresses is a list of phandle, address, size.

for name, value in {
    "of 3 bytes": b"\0\0\0",
    "of a phandle alone": (5,),
    "that lacks a cell": (5, 0, 0x1000, 0),
    "of a phandle that no node has": (77, 0, 0x1000, 0, 0x1000),
    "of phandle 0": (0, 0, 0x1000, 0, 0x1000),
    "that wraps 64 bits": (5, 0xffffffff, 0xfffff000, 0, 0x2000),
    "of 2^64-1 bytes": (5, 0, 0x1000, 0xffffffff, 0xffffffff),
}.items():
    region = node("region@80000000", {"reg": (0, 0x80000000, 0, 0x10000), "iommu-addresses": value, "phandle": 6})
    victim(f"dt: iommu-addresses {name}: no crash", master((1, 0x20), {"phandle": 5, "memory-region": (6,)}),
           node("reserved-memory", {"#address-cells": 2, "#size-cells": 2, "ranges": None}, region), fixed=[("/bad@1", 0x20)],
           more=lambda table: [f"in silence: {table['reserved']}"] if table["reserved"] and not table["warnings"] else [])
tap.done()
