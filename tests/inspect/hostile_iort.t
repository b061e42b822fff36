# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect on damaged IORTs, and on some that were made to harm."""

import re
import struct

from hostile import (SINGLE, Board, OneOf, Run, batch, check, complex_, item, map_of, named, part, partly, random_damage, rmr,
                     smmu3, some_of, summed, table_of, written)
from tool import tap

IORT = Board("iort@0x30", [("iort@0x30", "\\_SB.GOOD", 8, 8)], [("iort@0x30", "segment:0", 0, 0xfff, 0x10000, False)])
FIRST = 48 + 68  # Where the node behind the SMMU is, which is the first root complex,
SECOND = FIRST + 60  # and where the one behind that is, the first of a case's own.


def goods():
    return complex_(0, [(0, 0xfff, 0x10000, "smmu", 0)], "rc0"), named("\\_SB.GOOD", [(0, 0, 8, "smmu", SINGLE)], "good")


def acpi(name, *extra, table=None, **wanted):
    """A case of an IORT with `extra` between the witnesses; "@" in what is warned of is where the first of these is."""
    first, last = goods()
    blob, _ = table_of([smmu3(), first, *extra, last], **(table or {}))
    where = f"iort@{extra[0]['offset']:#x}" if extra else "iort"
    wanted["warned"] = [(tuple(where if each == "@" else each for each in ([place_] if isinstance(place_, str) else place_)),
                         what)
                        for place_, what in wanted.pop("warned", ())]
    return check(IORT, "iort: " + name, blob, **wanted)


def acpi_part(name, *extra, table=None, warned=()):
    """A case where the damaged node may take what is behind it along, not in silence."""
    return acpi(name, *extra, table=table, refused=None, fixed=None, windows=None, more=part(IORT), warned=warned)


acpi("the witnesses alone", more=lambda table: [table["warnings"]] if table["warnings"] else [])
check(Board("iort@0x32", [("iort@0x32", *IORT.fixed[0][1:])], [("iort@0x32", *IORT.windows[0][1:])]),
      "iort: nodes that are not aligned: read, as real tables have them", table_of([smmu3(), *goods()], start=50)[0])
acpi("nodes of odd length: read", table={"pad": 3})
first, last = goods()
sound, _ = table_of([smmu3(), first, last])
ends = range(0, len(sound), 4)
batch("iort: cut at every 4th byte: refused", [sound[:end] for end in ends], lambda which,
      answer: answer["verdict"] == "ok" and "is read", ends)


def lessened(which, answer):
    if answer["verdict"] == "error":
        return None
    fixed, windows = map_of(answer)
    wrong = [each for each in fixed if each not in IORT.fixed] + [each for each in windows if each not in IORT.windows]
    return wrong or (None if answer["warnings"] else "lost in silence")


def resized(blob, size):
    return summed(blob[:4] + struct.pack("<I", size) + blob[8:])


batch("iort: cut at every 4th byte, with a length and a checksum that agree: refused, or a warning and nothing wrong",
      [resized(sound[:end], end) for end in ends[3:]], lessened, ends[3:])
for end in (0, 1, 3, 4, 35, 36, 47, 48, len(sound) - 1):
    check(IORT, f"iort: cut at byte {end}: refused, in one line", sound[:end], refused=True)
for value in (1, 0x80, 0xff):
    check(IORT, f"iort: a checksum that is off by {value:#x}: refused, or a warning",
          sound[:9] + bytes([(sound[9] + value) & 0xff]) + sound[10:],
          refused=None, warned=[("", "checksum")], error="checksum")
for size in (0, 1, 35, 36, 47, len(sound) + 1, len(sound) + 20, 0x7fffffff, 0x80000000, 0xffffffff):
    check(IORT, f"iort: a length of {size:#x}: refused", resized(sound, size), refused=True)
for size in (48, 52, len(sound) // 2, len(sound) - 20, len(sound) - 1):
    partly(IORT, f"iort: a length of {size:#x}, less than there is: refused, or a warning", resized(sound, size))
check(IORT, "iort: bytes behind its length: read", sound + b"IORT" * 9)
for count in (0, 1, 2, 4, 5, 1000, 0x7fffffff, 0x80000000, 0xffffffff):
    check(IORT, f"iort: a node count of {count} for 3: refused, or a warning",
          summed(sound[:36] + struct.pack("<I", count) + sound[40:]),
          refused=None, fixed=None, windows=None, warned=[("", "node")], more=part(IORT))
for offset in (0, 4, 36, 47, 49, 52, 56, len(sound), len(sound) - 4, len(sound) - 16, 0x7fffffff, 0x80000000, 0xffffffd0,
               0xffffffff):
    partly(IORT, f"iort: nodes at {offset:#x} instead of 0x30: refused, or a warning",
           summed(sound[:40] + struct.pack("<I", offset) + sound[44:]))
for revision in (0, 1, 7, 0xff):
    acpi(f"revision {revision} of the table: read", table={"revision": revision})
for signature in (b"XSDT", b"DSDT", b"iort", b"RSDT", b"IORU"):
    check(IORT, f"iort: signature {signature.decode()}: refused", table_of([smmu3(), *goods()], signature=signature)[0],
          refused=True)

# Nodes.

for size in (0, 1, 4, 15, 16, 17, 0x7fff, 0xffff):
    acpi_part(f"a root complex of length {size:#x}: refused, or a warning",
              complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], length=size))
    acpi_part(f"a named component of length {size:#x}: refused, or a warning",
              named("BAD", [(0, 0, 0x20, "smmu", SINGLE)], length=size))
    second = smmu3("two", 0x51000000, length=size)
    acpi_part(f"an SMMU of length {size:#x}: refused, or a warning", second)
    acpi_part(f"an unknown node of length {size:#x}: refused, or a warning", item(0x42, bytes(16), length=size))
for size in (17, 20, 24, 28, 29):
    acpi_part(f"a named component of {size} bytes in all: refused, or a warning", item(1, bytes(size - 16)))
for size in (16, 20, 28):
    acpi_part(f"a root complex of {size} bytes in all: refused, or a warning", item(2, bytes(size - 16)))
for size in (16, 24, 32, 40, 56):
    acpi_part(f"an SMMUv3 of {size} bytes in all: refused, or a warning",
              item(4, struct.pack("<QQQQQ", 0x51000000, 0, 0, 0, 0)[:size - 16]))
acpi("an SMMUv3 as the first revision has it, 60 bytes: read",
     item(4, struct.pack("<QIIQIIIII", 0x51000000, 0, 0, 0, 0, 101, 102, 103, 104), (), "two", revision=0),
     named("BAD", [(0, 0, 0x20, "two", SINGLE)]),
     refused=None, fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)])
for kind in (7, 0x42, 0x80, 0xff):
    acpi(f"a node of type {kind:#x}: the rest is read", item(kind, bytes(52), [(0, 0xff, 0x20000, "smmu", 0)]))
    acpi(f"a mapping to a node of type {kind:#x}: a warning", complex_(1, [(0, 0xff, 0x20000, "odd", 0)]),
         item(kind, bytes(52), (), "odd"),
         warned=[(("@", f"iort@{SECOND + 60:#x}"), "mapping|reference|node|type")])
for revision in (0, 1, 2, 3, 4, 5, 6, 0xff):
    acpi(f"revision {revision} of the nodes: read",
         smmu3("two", 0x51000000, revision=revision), complex_(1, [(0, 0xff, 0x20000, "two", 0)], revision=revision),
         named("BAD", [(0, 0, 0x20, "two", SINGLE)], revision=revision), refused=False,
         fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)], windows=[(f"iort@{SECOND:#x}", "segment:1", 0, 0xff, 0x20000)])
for base in (0, 0xffffffffffffffff, 0xffffffffffff0000):
    acpi(f"an SMMU at {base:#x}: no crash, no size that wraps in silence", smmu3("two", base), more=lambda table: [
        f"{each}" for each in table["instances"] if not table["warnings"] and each["base"]
        and int(each["base"], 16) + int(each["size"], 16) > 1 << 64])
acpi("two SMMUs at one address: both, and a finding", smmu3("two", 0x50000000), more=lambda table: [
    f"{each}" for each in [table["findings"]] if not any("overlap" in said["detail"] for said in each)])

# Mapping arrays. One that is not within the table, or over its own node's header, maps nothing.

for offset in (1, 4, 8, 12, 15):
    acpi(f"a mapping array over its node's header, at {offset}: a warning",
         complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], array=offset),
         warned=[("@", "mapping|array|ID")])
for offset in (16, 20, 32):
    # What Linux reads here are the node's own fields: nothing of it can be meant.
    acpi(f"a mapping array over its node's fields, at {offset}: a warning",
         complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], array=offset),
         warned=[("@", "mapping|array|ID")])
acpi("a mapping array at 0 although there are mappings: nothing, as Linux, and a warning",
     complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], array=0),
     warned=[("@", "mapping|array|ID")])
for offset in (0x200, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, (1 << 32) - FIRST, (1 << 32) - 20):
    acpi(f"a mapping array outside the table, at {offset:#x}: a warning",
         complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], array=offset),
         warned=[("@", "mapping|array|ID")])
    acpi(f"a component's mapping array outside the table, at {offset:#x}: a warning",
         named("BAD", [(0, 0, 0x20, "smmu", SINGLE)], array=offset),
         warned=[("@", "mapping|array|ID")])
for count in (100, 0x10000, 0x0ccccccd, 0x10000000, 0x7fffffff, 0x80000000, 0xccccccce, 0xffffffff):
    # The first mapping is there and right; those behind it are other nodes and the end of the table.
    acpi(f"{count:#x} mappings where there is one: a warning", complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], count=count),
         windows=OneOf([], [("segment:1", 0, 0xff, 0x20000)]), warned=[("@", "mapping|array|ID")])
    acpi(f"{count:#x} mappings of a component where there is one: a warning",
         named("BAD", [(0, 0, 0x20, "smmu", SINGLE)], count=count),
         fixed=OneOf([], [("BAD", 0x20)]), warned=[("@", "mapping|array|ID")])

# References. Linux walks from a node to what its mapping names, without looking.

for name, to in {
    "0": 0, "the table's signature": 4, "the table's fields": 36, "the middle of a node": 48 + 4, "its end": 48 + 67,
    "the end of the table": "end", "behind the table": 0x10000, "0x7fffffff": 0x7fffffff, "0x80000000": 0x80000000,
    "0xffffffff": 0xffffffff,
    "0xfffffff0": 0xfffffff0, "itself": "self",
}.items():
    for maker, wanted in ((lambda to: complex_(1, [(0, 0xff, 0x20000, to, 0)], "self"), "a root complex"),
                          (lambda to: named("BAD", [(0, 0, 0x20, to, SINGLE)], "self"), "a component"),
                          (lambda to: named("BAD", [(0, 3, 0x20, to, 0)], "self"), "a component's range")):
        made = maker(to)
        if to == "end":
            made = maker(48 + sum(16 + len(each["data"]) + 20 * len(each["maps"]) for each in (smmu3(), *goods(), made)))
        acpi(f"{wanted} with a mapping to {name}: a warning", made, warned=[("@", "reference|mapping|node|ID")])
    if to not in (0, "self"):
        to = 0x20000 if to == "end" else to
        acpi(f"a mapping to {name} beside a good one: a warning, and the good one",
             complex_(1, [(0x100, 0xff, 0x30000, "smmu", 0), (0, 0xff, 0x20000, to, 0)]),
             windows=[("segment:1", 0x100, 0x1ff, 0x30000)],
             warned=[("@", "reference|mapping|node|ID")])
acpi("a root complex whose mapping to itself changes no ID: a warning", complex_(1, [(0, 0xff, 0, "self", 0)], "self"),
     warned=[("@", "circle|loop|cycle|reference|mapping|chain")])
for length in (2, 3, 20):
    ring = [complex_(1 + i, [(0, 0xff, 0, f"ring{(i + 1) % length}", 0)], f"ring{i}") for i in range(length)]
    acpi(f"a circle of {length}: a warning", *ring,
         warned=[("iort@", "circle|loop|cycle|reference|mapping|chain|far|deep|follow")])
    ring = [named(f"R{i}", [(0, 0, i, f"ring{(i + 1) % length}", SINGLE)], f"ring{i}") for i in range(length)]
    acpi(f"a circle of {length} components: a warning", *ring,
         warned=[("iort@", "circle|loop|cycle|reference|mapping|chain|far|deep|follow")])
    ring = [complex_(1 + i, [(0, 0xff, 0, f"ring{(i + 1) % length}", 0), (0x100, 0xff, 0x20000 + i * 0x100, "smmu", 0)],
                     f"ring{i}")
            for i in range(length)]
    acpi(f"a circle of {length} beside what is good: a warning, and what is good", *ring, windows=[
        (f"segment:{1 + i}", 0x100, 0x1ff, 0x20000 + i * 0x100) for i in range(length)],
        warned=[("iort@", "circle|loop|cycle|reference|mapping|chain")])
# Every step doubles the ways: a reader that tries them all is busy for 2^30 steps.
fan = [complex_(1 + i, [(0, 0xff, 0, f"fan{i + 1}" if i < 29 else "smmu", 0),
                        (0x100, 0xff, 0, f"fan{i + 1}" if i < 29 else "smmu", 0)], f"fan{i}")
       for i in range(30)]
acpi("30 steps with two ways each: no hang", *fan, refused=None, windows=None)
for length in (2, 7, 8, 9, 16, 30):
    chain = [complex_(1 + i, [(0, 0xff, 0, f"link{i + 1}" if i + 1 < length else "smmu", 0)], f"link{i}") for i in range(length)]
    wanted = {("iort@0x30", f"segment:{1 + i}", 0, 0xff, 0, False) for i in range(length)} | {*IORT.fixed, *IORT.windows}
    acpi(f"a chain of {length} root complexes to the SMMU: followed, or a warning", *chain, refused=None, windows=None,
         more=some_of(length + 2, wanted))
    chain = [complex_(1 + i, [(0x100 * i, 0xff, 0x100 * (i + 1), f"link{i + 1}" if i + 1 < length else "smmu", 0)], f"link{i}")
             for i in range(length)]
    wanted = {("iort@0x30", f"segment:{1 + i}", 0x100 * i, 0x100 * i + 0xff, 0x100 * length, False) for i in range(length)}
    acpi(f"a chain of {length} that adds at each step: followed, or a warning", *chain, refused=None, windows=None,
         more=some_of(length + 2, wanted | {*IORT.fixed, *IORT.windows}))
    chain = [named("M", [(0, 0, 0x40, "link1", SINGLE)], "link0") if not i else
             complex_(1 + i, [(0x40, 0, 0x40, f"link{i + 1}" if i + 1 < length else "smmu", 0)], f"link{i}")
             for i in range(length)]
    wanted = {("iort@0x30", f"segment:{1 + i}", 0x40, 0x40, 0x40, False)
              for i in range(1, length)} | {("iort@0x30", "M", 0x40, 0x40)}
    acpi(f"a component at the end of a chain of {length}: followed, or a warning", *chain, refused=None, fixed=None, windows=None,
         more=some_of(length + 2, wanted | {*IORT.fixed, *IORT.windows}))
acpi("an SMMU behind an SMMU: the first is the master's", smmu3("two", 0x51000000, [(0, 0xffff, 0, "smmu", 0)]),
     named("BAD", [(0, 0, 0x20, "two", SINGLE)]), fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)])
acpi("an SMMU behind itself: read", smmu3("two", 0x51000000, [(0, 0xffff, 0, "two", 0)]),
     named("BAD", [(0, 0, 0x20, "two", SINGLE)]), fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)])

# Mappings: the first that matches wins; a number of IDs is one less than there are; a sum that wraps maps nothing in silence.

for count in (3270, 4096, 65536):
    maps = [(2 * i, 0, 0x20000 + 5 * i, "smmu", 0) for i in range(count)]
    wanted = {("iort@0x30", "segment:1", 2 * i, 2 * i, 0x20000 + 5 * i, False) for i in range(count)} | {*IORT.fixed,
        *IORT.windows}
    if count < 4000:
        acpi(f"{count} mappings in a node: all, or a warning", complex_(1, maps), refused=None, windows=None,
             more=some_of(count + 2, wanted))
    else:
        # More than a node's length can say: the array lies behind the last node, where Linux reads it.
        array = b"".join(struct.pack("<IIIII", each[0], each[1], each[2], 48, each[4]) for each in maps)
        far = complex_(1, [], count=count, array=0)
        first, last = goods()
        blob, _ = table_of([smmu3(), first, far, last], behind=array)
        far["array"] = len(blob) - len(array) - far["offset"]
        blob, _ = table_of([smmu3(), *goods()[:1], far, goods()[1]], behind=array)
        check(IORT, f"iort: {count} mappings behind the nodes: all, or a warning", blob, refused=None, windows=None,
              more=some_of(count + 2, wanted))
maps = [(3000 - i, 2 * i, 0x20000 + 0x10000 * i, "smmu", 0) for i in range(3000)]
acpi("3000 mappings that all overlap: no hang", complex_(1, maps), refused=None, windows=None)
one, two = ("segment:1", 0, 0xff, 0x20000), ("segment:1", 0x100, 0x17f, 0x50080)
acpi("mappings that overlap: the first wins", complex_(1, [(0, 0xff, 0x20000, "smmu", 0), (0x80, 0xff, 0x50000, "smmu", 0)]),
     windows=[one, two])
acpi("mappings that overlap on both sides: the first wins",
     complex_(1, [(0x40, 0xf, 0x20000, "smmu", 0), (0, 0xff, 0x50000, "smmu", 0)]),
     windows=OneOf([("segment:1", 0, 0x3f, 0x50000), ("segment:1", 0x40, 0x4f, 0x20000), ("segment:1", 0x50, 0xff, 0x50050)]))
acpi("a count that is not one less: the ID is of the mapping that it starts",
     complex_(1, [(0, 0x100, 0x20000, "smmu", 0), (0x100, 0x100, 0x50000, "smmu", 0)]),
     windows=[one, ("segment:1", 0x100, 0x200, 0x50000)])
acpi("a count that is not one less, the other way round",
     complex_(1, [(0x100, 0x100, 0x50000, "smmu", 0), (0, 0x100, 0x20000, "smmu", 0)]),
     windows=[one, ("segment:1", 0x100, 0x200, 0x50000)])
acpi("the same mapping twice: once", complex_(1, [(0, 0xff, 0x20000, "smmu", 0)] * 2), windows=[one])
acpi("a count of 0 is one ID", complex_(1, [(5, 0, 0x20005, "smmu", 0)]), windows=[("segment:1", 5, 5, 0x20005)])
acpi("no mappings: no streams", complex_(1, []), named("BAD", []))
acpi("input IDs that wrap: a warning, and the rest",
     complex_(1, [(0xffffff00, 0x1ff, 0x20000, "smmu", 0), (0, 0xff, 0x30000, "smmu", 0)]),
     windows=OneOf([("segment:1", 0, 0xff, 0x30000)],
                   [("segment:1", 0, 0xff, 0x30000), ("segment:1", 0xffffff00, 0xffffffff, 0x20000)]),
     warned=[("@", "mapping|ID|wrap|32")])
acpi("a count of 2^32-1 from 0x100: a warning", complex_(1, [(0x100, 0xffffffff, 0x100, "smmu", 0)]),
     windows=OneOf([], [("segment:1", 0x100, 0xffffffff, 0x100)]), warned=[("@", "mapping|ID|wrap|32")])
acpi("a count of 2^32-1 from 0: all", complex_(1, [(0, 0xffffffff, 0, "smmu", 0)]), windows=[("segment:1", 0, 0xffffffff, 0)])
acpi("stream IDs that wrap: a warning, and no stream from the other end in silence",
     complex_(1, [(0x100, 0xff, 0xffffff80, "smmu", 0), (0, 0xff, 0x30000, "smmu", 0)]),
     windows=OneOf([("segment:1", 0, 0xff, 0x30000)], [("segment:1", 0, 0xff, 0x30000), ("segment:1", 0x100, 0x17f, 0xffffff80)],
                   [("segment:1", 0, 0xff, 0x30000), ("segment:1", 0x100, 0x17f, 0xffffff80), ("segment:1", 0x180, 0x1ff, 0)]),
     warned=[("@", "mapping|ID|wrap|32")])
acpi("to the last stream: read", complex_(1, [(0, 0xff, 0xffffff00, "smmu", 0)]), windows=[("segment:1", 0, 0xff, 0xffffff00)])
acpi("IDs that wrap in the second of two steps: a warning", complex_(1, [(0, 0xff, 0x100, "mid", 0)]),
     complex_(2, [(0x100, 0xff, 0xffffff80, "smmu", 0)], "mid"), windows=None, warned=[("iort@", "mapping|ID|wrap|32")],
     more=lambda table: [
         f"{each}" for each in table["windows"] if each["master"] != "segment:0" and int(each["sid"], 16) < 0xffffff80
         and each["sid"] != "0x0"])
acpi("a component's range that wraps: a warning", named("BAD", [(0, 0xff, 0xffffff80, "smmu", 0)]), fixed=None,
     warned=[("@", "mapping|ID|wrap|32")],
     more=lambda table: [f"{each}" for each in table["fixed"] if each["master"] == "BAD" and (
         int(each["first"], 16), each["last"]) not in ((0xffffff80, "0xffffffff"), (0, "0x7f"))])
acpi("a range that its next node takes a part of: that part", complex_(1, [(0, 0xff, 0x100, "mid", 0)]),
     complex_(2, [(0x140, 0xf, 0x20000, "smmu", 0)], "mid"),
     windows=[("segment:1", 0x40, 0x4f, 0x20000), ("segment:2", 0x140, 0x14f, 0x20000)])

# Single mappings. Of a root complex, Linux gives their stream to whatever comes; elsewhere it skips them, or never asks.


def constant(table):
    ours = [each for each in table["windows"] if each["master"] == "segment:1"]
    if not ours and table["warnings"]:
        return []
    return [f"not the one stream: {ours}"] if not ours or {(each["constant"], each["sid"]) for each in ours} - {(True, "0x20"),
        (False, "0x20")} or [
        each for each in ours if not each["constant"] and each["input_first"] != each["input_last"]] else []


acpi("a single mapping of a root complex: constant", complex_(1, [(0, 0, 0x20, "smmu", SINGLE)]), windows=None, more=constant)
acpi("a single mapping of a root complex, with a count: constant", complex_(1, [(5, 0xff, 0x20, "smmu", SINGLE)]), windows=None,
     more=constant)
acpi("a single mapping before another: it takes all, as Linux, or a warning",
     complex_(1, [(0, 0, 0x20, "smmu", SINGLE), (0x100, 0xff, 0x30000, "smmu", 0)]), windows=None,
     more=lambda table: [] if table["warnings"] else constant(table))
acpi("a single mapping of a component with a count: one stream", named("BAD", [(7, 0xff, 0x20, "smmu", SINGLE)]),
     fixed=[("BAD", 0x20)])
acpi("every flag: a single mapping", named("BAD", [(0, 0, 0x20, "smmu", 0xffffffff)]), fixed=[("BAD", 0x20)])
acpi("every flag but single: a range", named("BAD", [(0, 3, 0x20, "smmu", 0xfffffffe)]), fixed=[("BAD", 0x20, 0x23)])
acpi("a single mapping in the middle of a chain: what Linux gives", named("BAD", [(0, 0, 0x20, "mid", SINGLE)]),
     complex_(1, [(0, 0, 0x33, "smmu", SINGLE)], "mid"), fixed=OneOf([("BAD", 0x33)]), windows=None)
for revision, flags, gsiv in ((0, 0, 0), (1, 0, 0), (4, 0, 0), (5, 0x10, 0), (5, 0x10, 1), (6, 0x10, 1)):
    data = struct.pack("<QIIQIIIIIII", 0x51000000, flags, 0, 0, 0, gsiv, gsiv, gsiv, gsiv, 0, 0xffffffff)
    acpi(f"a device-ID index of 2^32-1, revision {revision}: no crash, and the streams",
         item(4, data, [(0, 0, 0x77, "its", SINGLE)], "two", revision),
         item(0, struct.pack("<II", 1, 0), (), "its"), named("BAD", [(0, 0, 0x20, "two", SINGLE)]),
         fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)])
acpi("streams straight to an ITS: none", complex_(1, [(0, 0xff, 0x20000, "its", 0)]),
     item(0, struct.pack("<II", 1, 0), (), "its"))
acpi("an ITS group of 2^32-1: the rest", item(0, struct.pack("<II", 0xffffffff, 0), (), "its"))
acpi("a second root complex of a segment: a warning, and the first as Linux", complex_(0, [(0, 0xfff, 0x70000, "smmu", 0)]),
     windows=OneOf([], [("segment:0", 0x0, 0xfff, 0x70000)]), warned=[("@", "segment")])
acpi("segment 2^32-1: read", complex_(0xffffffff, [(0, 0xff, 0x20000, "smmu", 0)]), windows=None, more=lambda table: None if len(
    [each for each in table["windows"] if each["sid"] == "0x20000"
     and re.fullmatch("segment:(4294967295|0xffffffff)", each["master"])]) == 1
    or table["warnings"] else [f"{table['windows']}"])

# Names of components.

for name, text in {
    "without end": b"\\_SB.BADXXXX" + b"Y" * 3,
    "without letters": b"\0\0\0",
    "of 3000 letters": b"n" * 3000 + b"\0",
    "with quotes and control characters": b'a"\\\x01\x1b[2J\n\x7f\0',
    "with bytes above 0x7f": bytes(range(0x80, 0x100)) + b"\0",
    "with half a UTF-8 sequence": b"\xe2\x82\0",
}.items():
    acpi(f"a name {name}: the stream, or a warning", named(text, [(0, 0, 0x20, "smmu", SINGLE)]), refused=None, fixed=None,
         warned=[("@", "name")] if name == "without end" else (),
         more=lambda table: None if [each for each in table["fixed"] if each["first"] == "0x20"] or table["warnings"]
         else [f"{table['fixed']}"])
acpi("two names that are one for 300 letters: two, or a warning", named("n" * 300 + "a", [(0, 0, 0x20, "smmu", SINGLE)]),
     named("n" * 300 + "b", [(0, 0, 0x21, "smmu", SINGLE)]), refused=None, fixed=None,
     more=lambda table: None if len({each["master"] for each in table["fixed"]}) == 3 or table["warnings"]
     else ["one name in silence"])
last = named(b"UNENDED!UNE", [], array=0)
blob, _ = table_of([smmu3(), *goods(), last])
check(IORT, "iort: a name without end at the end of the table: a warning, or nothing as it has no streams", blob, refused=None)
acpi("two components of one name: both", named("BAD", [(0, 0, 0x20, "smmu", SINGLE)]),
     named("BAD", [(0, 0, 0x21, "smmu", SINGLE)]),
     fixed=[("BAD", 0x20), ("BAD", 0x21)])

# Reserved memory regions.


def reserved(*wanted):
    return lambda table: None if sorted((each["base"], each["size"]) for each in table["reserved"]) in [sorted(each)
        for each in wanted] else [
        f"reserved: {table['reserved']}, {table['warnings']}"]


region, good_region = (0x80000000, 0x10000), ("0x80000000", "0x10000")
owner = [(0, 0, 8, "smmu", SINGLE)]
acpi("an RMR: its region", rmr(owner, [region]), more=reserved([good_region]))
for count in (2, 0x7fffffff, 0x0ccccccd, 0xccccccce, 0xffffffff):
    acpi(f"an RMR of {count:#x} regions where there is one: a warning", rmr(owner, [region], count=count), refused=None,
         warned=[("@", "RMR|region|reserved|memory")],
         more=reserved([], [good_region]))
for where in (0, 4, 15, 16, 0x200, 0x7fffffff, 0x80000000, (1 << 32) - 20, 0xffffffff):
    acpi(f"an RMR whose regions are at {where:#x}: a warning", rmr(owner, [region], where=where), refused=None,
         warned=[("@", "RMR|region|reserved|memory")],
         more=reserved([]))
acpi("an RMR whose region wraps 64 bits: a warning", rmr(owner, [(0xfffffffffffff000, 0x2000), region]), refused=None,
     warned=[("@", "RMR|region|reserved|memory")], more=reserved([good_region], [good_region, ("0xfffffffffffff000", "0x1000")]))
acpi("an RMR of no bytes: a warning", rmr(owner, [(0x90000000, 0), region]), refused=None,
     warned=[("@", "RMR|region|reserved|memory")],
     more=reserved([good_region]))
acpi("an RMR to no node: a warning", rmr([(0, 0, 8, 0x10000, SINGLE)], [region]), refused=None,
     warned=[("@", "RMR|region|reserved|memory|reference|mapping")],
     more=reserved([], [good_region]))
acpi("an RMR to itself: a warning", rmr([(0, 0, 8, "rmr", SINGLE)], [region], "rmr"), refused=None,
     warned=[("@", "RMR|region|reserved|memory|reference|mapping")], more=reserved([], [good_region]))
acpi_part("an RMR that is cut within its fields", item(6, bytes(8), (), revision=3))

# Random damage.

first, last = goods()
acpi_good, _ = table_of([
    smmu3(), first, item(0, struct.pack("<II", 1, 0), (), "its"),
    smmu3("two", 0x51000000, [(0, 0, 0x77, "its", SINGLE)], revision=5),
    complex_(1, [(0, 0x100, 0, "two", 0), (0x100, 0x100, 0x4000, "rc0", 0)]), named("\\_SB.TWO", [(0, 7, 0x20, "two", 0)]),
    rmr(owner, [region]), item(5, struct.pack("<QIIQ", 0x60000000, 1, 48, 0), (), "pmcg"), last])
tap.ok(Run(written(acpi_good)).status == 0, "iort: the good table that is damaged at random")
random_damage("iort", acpi_good, summed)
tap.done()
