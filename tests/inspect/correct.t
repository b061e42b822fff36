# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect --correct: what a target saw becomes a source that dtc and fdtoverlay take, and a table that says what was seen."""

import json
import os
import struct
import subprocess

import made
import tool
from tool import tap

TREE = made.tree(
    made.iommu("a", 0x50000000), made.iommu("b", 0x60000000),
    made.device("display", 0x70000000, "iommus = <&a 0x8>, <&a 0x9>;"),
    made.ecam(0x80000000, "linux,pci-domain = <0>;\n\t\tiommu-map = <0x0 &a 0x10000 0x200>, <0x200 &b 0x20000 0x100>;"))
A, B, HOST, DISPLAY = "/iommu@50000000", "/iommu@60000000", "/pcie@80000000", "/display@70000000"
INSTANCES = [{"record": "instance", "instance": "smmu0", "name": A, "base": "0x50000000"},
             {"record": "instance", "instance": "smmu1", "name": B, "base": "0x60000000"}]
NAMES = {A: "smmu0", B: "smmu1"}


def stream(smmu, sid):
    return {"instance": NAMES.get(smmu, smmu), "sid": hex(sid)}


def seen(master, described, observed, **more):
    return {"record": "observed", "master": master, "described": described and stream(*described), "observed": observed and stream(*observed), **more}


def report(records, place):
    path = os.path.join(place, "report.jsonl")
    with open(path, "w", encoding="ascii") as file:
        file.write("verdict    FAIL\n" + "".join(f"[   1.0] {json.dumps(each)}\r\n" for each in INSTANCES + list(records)) + '{"record":"verdict"\n')
    return path


def streams_of(path):
    """{function or path: [stream]} as the table has them, of the functions of segment 0."""
    table = tool.described(path)
    found = {}
    for window in table["windows"]:
        for rid in range(0x400):
            masked = rid & int(window["mask"] or "0xffff", 16)
            first, last = int(window["input_first"], 16), int(window["input_last"], 16)
            if first <= masked <= last:
                found[f"0000:{rid >> 8:02x}:{rid >> 3 & 31:02x}.{rid & 7}"] = [(window["instance"], int(window["sid"], 16) + masked - first)]
    for fixed in table["fixed"]:
        found.setdefault(fixed["master"], []).append((fixed["instance"], int(fixed["first"], 16)))
    return found


def corrected(title, text, records):
    """The new table's path, what was left out, and the source."""
    place = tool.folder()
    old, new = tool.dtb(text, place, "old"), os.path.join(place, "new.dtb")
    said = tool.run("--json", "--correct", report(records, place), old)
    if not tap.equal((said.status, said.err), (0, ""), f"{title}: is corrected"):
        return old, [], "", 0
    overlay = os.path.join(place, "new.dtbo")
    built = subprocess.run(["dtc", "-I", "dts", "-O", "dtb", "-o", overlay, "-"], input=said.json["source"].encode(), capture_output=True, check=False)
    tap.ok(built.returncode == 0, f"{title}: dtc takes it", built.stderr.decode() + said.json["source"])
    applied = subprocess.run(["fdtoverlay", "-i", old, "-o", new, overlay], capture_output=True, check=False)
    tap.ok(applied.returncode == 0, f"{title}: fdtoverlay takes it", applied.stderr.decode())
    return new, said.json["left_out"], said.json["source"], said.json["corrected"]


def check(title, records, wanted, text=TREE, left_out=0, count=1):
    """`wanted`: {master: its streams}; what else there was stays."""
    new, left, source, done = corrected(title, text, records)
    expected = streams_of(tool.dtb(text))
    found = streams_of(new)
    expected.update({key: value if isinstance(value, list) else [value] for key, value in wanted.items()})
    tap.equal({key: found.get(key) for key in expected if found.get(key) != expected[key]}, {}, f"{title}: what was seen is what the table says")
    tap.equal((len(left), done), (left_out, count), f"{title}: what is left out and corrected")
    return source


def moved(by, smmu=A):
    return {f"0000:{rid >> 8:02x}:{rid >> 3 & 31:02x}.{rid & 7}": (smmu, 0x10000 + by + rid) for rid in range(0x200)}


check("nothing is wrong", [seen("0000:00:01.0", (A, 0x10008), (A, 0x10008)), seen(DISPLAY, (A, 0x8), (A, 0x8))], {}, count=0)
shifted = [seen("0000:00:01.0", (A, 0x10008), (A, 0x11008)), seen("0000:01:00.0", (A, 0x10100), (A, 0x11100)), seen("0000:02:00.0", (B, 0x20000), (B, 0x20000))]
check("all of an entry are off alike", shifted, moved(0x1000))
check("all of an entry come out at another SMMU", [seen("0000:00:01.0", (A, 0x10008), (B, 0x10008)), seen("0000:01:00.0", (A, 0x10100), (B, 0x10100))], moved(0, B))
check("one function of several is off", [seen("0000:00:01.0", (A, 0x10008), (A, 0x10008)), seen("0000:00:02.0", (A, 0x10010), (A, 0x77))], {"0000:00:02.0": (A, 0x77)})
source = check("functions in a row are off", [seen("0000:00:01.0", (A, 0x10008), (A, 0x10008)), seen("0000:00:02.0", (A, 0x10010), (B, 0x77)), seen("0000:00:02.1", (A, 0x10011), (B, 0x78))],
               {"0000:00:02.0": (B, 0x77), "0000:00:02.1": (B, 0x78)})
tap.ok("0x77 0x2>" in source, "functions in a row are off: one entry", source)
check("a function that the map lacks", [seen("0000:03:00.0", None, (B, 0x300))], {"0000:03:00.0": (B, 0x300)})
coarse = TREE.replace("<0x0 &a 0x10000 0x200>, <0x200 &b 0x20000 0x100>;", "<0x0 &a 0x0 0x10000>; iommu-map-mask = <0xff00>;")
check("a mask that is too coarse", [seen(f"0000:00:0{slot}.0", (A, 0), (A, slot * 8)) for slot in (1, 2)] + [seen("0000:01:00.0", (A, 0x100), (A, 0x100))],
      {f"0000:{rid >> 8:02x}:{rid >> 3 & 31:02x}.{rid & 7}": (A, rid) for rid in range(0x400)}, text=coarse, count=2)
check("a mask that stays", [seen(f"0000:{bus:02x}:01.0", (A, bus << 8), (A, 0x5000 + (bus << 8))) for bus in (0, 1)],
      {f"0000:{rid >> 8:02x}:{rid >> 3 & 31:02x}.{rid & 7}": (A, 0x5000 + (rid & 0xff00)) for rid in range(0x400)}, text=coarse)
check("a stream of a node", [seen(DISPLAY, (A, 0x9), (B, 0x19)), seen(DISPLAY, (A, 0x8), (A, 0x8))], {DISPLAY: [(A, 0x8), (B, 0x19)]})
check("a stream that a node lacks", [seen(DISPLAY, None, (A, 0xa))], {DISPLAY: [(A, 0x8), (A, 0x9), (A, 0xa)]})
check("two kinds at once", shifted + [seen(DISPLAY, (A, 0x9), (A, 0x19))], {**moved(0x1000), DISPLAY: [(A, 0x8), (A, 0x19)]}, count=2)

title = "registers that are exchanged"
crossed = TREE.replace("reg = <0 0x50000000", "reg = <0 0x0").replace("reg = <0 0x60000000", "reg = <0 0x50000000").replace("reg = <0 0x0 ", "reg = <0 0x60000000 ")
NAMES = {A: "smmu1", B: "smmu0"}  # By the addresses that the firmware drove.
records = [seen("0000:00:01.0", (A, 0x10008), (B, 0x10008)), seen("0000:02:00.0", (B, 0x20000), (A, 0x20000)), seen(DISPLAY, (A, 0x8), (B, 0x8))]
INSTANCES = [{"record": "instance", "instance": "smmu0", "name": B, "base": "0x50000000"}, {"record": "instance", "instance": "smmu1", "name": A, "base": "0x60000000"}]
source = check(title, records, {}, text=crossed, count=2)
new = corrected(title, crossed, records)[0]
tap.equal([(each["name"], each["base"]) for each in tool.described(new)["instances"]], [(A, "0x50000000"), (B, "0x60000000")], f"{title}: each has its own")
one = records[:1]
tap.ok("reg =" in corrected(title, crossed, one)[2], f"{title}: one master of one is enough beside the unit addresses")
source = corrected(title, crossed, [*records, seen("0000:00:02.0", (A, 0x10010), (A, 0x10010))])[2]
tap.ok("reg =" not in source, f"{title}: not where a master came out as described", source)
NAMES = {A: "smmu0", B: "smmu1"}
INSTANCES = [{"record": "instance", "instance": "smmu0", "name": A, "base": "0x50000000"}, {"record": "instance", "instance": "smmu1", "name": B, "base": "0x60000000"}]

title = "what cannot be known"
source = check(title, [seen("0000:00:01.0", (A, 0x10008), None, reached_memory=True), seen("0000:00:02.0", (A, 0x10010), None),
                       seen("0000:00:03.0", (A, 0x10018), ("smmu9", 0x5)), seen("0001:00:00.0", None, (A, 0x5)), seen("/ghost@*/", None, (A, 0x5))], {}, left_out=5, count=0)
for words in ("reached memory", "was not seen", "no such SMMU", "no iommu-map", "no such node", "/ghost@* /"):
    tap.ok(words in source, f"{title}: {words}", source)

# --- IORTs: the whole table's source, for iasl. ---


def root(table, maps, segment=0):
    return table.node(2, 1, struct.pack("<IBHBIIB3x", 1, 0, 0, 3, 0, segment, 48), maps)


def iort(base_of_b=0x60000000):
    """Two SMMUs, a root complex with a mapping to each and one to the ITS group, a component, and a monitor that refers to the second SMMU."""
    table = made.Iort(1)
    first, second = table.smmu(revision=1), table.smmu(base=base_of_b, gsivs=(116, 117, 121, 119), revision=1)
    root(table, ((0, 0x1FF, 0x10000, first, 0), (0x200, 0xFF, 0x20000, second, 0), (0x300, 0xFF, 0x300, table.GROUP, 0)))
    table.component("\\_SB.DMA0", ((0, 0, 0x8, first, made.SINGLE), (0, 0, 0x9, first, made.SINGLE)), revision=1)
    table.node(5, 1, struct.pack("<QIIQ", 0x60010000, 0, second, 0x60020000))
    return table.save()


def check_iort(title, records, wanted, left_out=0, count=1):
    place, old = tool.folder(), iort()
    said = tool.run("--json", "--correct", report(records, place), old)
    if not tap.equal((said.status, said.err), (0, ""), f"{title}: is corrected"):
        return ""
    new = tool.iort(said.json["source"], place, "new")
    expected = streams_of(old)
    expected.update({key: value if isinstance(value, list) else [value] for key, value in wanted.items()})
    found = streams_of(new)
    bases = [{each["name"]: each["base"] for each in tool.described(path)["instances"]} for path in (old, new)]
    expected, found = ({key: [(base[smmu], sid) for smmu, sid in value] for key, value in table.items()} for base, table in zip(bases, (expected, found)))
    tap.equal({key: (found.get(key), expected.get(key)) for key in {*expected, *found} if found.get(key) != expected.get(key)}, {}, f"{title}: what was seen is what the table says")
    tap.equal((len(said.json["left_out"]), said.json["corrected"]), (left_out, count), f"{title}: what is left out and corrected")
    tap.equal(tool.described(new)["msis"], tool.described(old)["msis"], f"{title}: MSIs are as they were") if count == 0 else None
    return new


A, B = (each["name"] for each in tool.described(iort())["instances"])
NAMES = {A: "smmu0", B: "smmu1"}
INSTANCES = [{"record": "instance", "instance": "smmu0", "name": A, "base": "0x50000000"}, {"record": "instance", "instance": "smmu1", "name": B, "base": "0x60000000"}]
DMA = "\\_SB.DMA0"
new = check_iort("an IORT in which nothing is wrong", [seen("0000:00:01.0", (A, 0x10008), (A, 0x10008)), seen(DMA, (A, 0x8), (A, 0x8))], {}, count=0)
tap.equal(tool.run("--diff", iort(), new).out, "No difference.\n", "an IORT in which nothing is wrong: no difference")


def nodes(path):
    """Each node's bytes, but for its identifier: iasl writes a reserved field as zero."""
    with open(path, "rb") as file:
        table = file.read()
    count, at = struct.unpack_from("<II", table, 36)
    for _ in range(count):
        (length,) = struct.unpack_from("<H", table, at + 1)
        yield (table[at : at + 4] + table[at + 8 : at + length]).hex()
        at += length


tap.equal(list(nodes(new)), list(nodes(iort())), "an IORT in which nothing is wrong: every node's bytes are as they were")
check_iort("an IORT's entry is off", [seen("0000:00:01.0", (A, 0x10008), (A, 0x11008)), seen("0000:01:00.0", (A, 0x10100), (A, 0x11100))],
           {f"0000:{rid >> 8:02x}:{rid >> 3 & 31:02x}.{rid & 7}": (A, 0x11000 + rid) for rid in range(0x200)})
new = check_iort("an IORT's function is off alone", [seen("0000:00:01.0", (A, 0x10008), (A, 0x10008)), seen("0000:00:02.0", (A, 0x10010), (B, 0x77))], {"0000:00:02.0": (B, 0x77)})
kept = [(each["input_first"], each["input_last"], each["controller"]) for each in tool.described(new)["msis"] if each["input_first"] == "0x300"]
tap.equal(kept, [("0x300", "0x3ff", "its:0")], "an IORT's function is off alone: the mapping to the ITS stays")
tap.equal(tool.run(new).out.count("overlap"), tool.run(iort()).out.count("overlap"), "an IORT's function is off alone: no mapping overlaps another")
tap.equal([each["text"] for each in tool.described(new)["warnings"]], [each["text"] for each in tool.described(iort())["warnings"]], "an IORT's function is off alone: no new warning")
check_iort("an IORT's component", [seen(DMA, (A, 0x9), (B, 0x19))], {DMA: [(A, 0x8), (B, 0x19)]})
check_iort("a stream that a component lacks", [seen(DMA, None, (B, 0x19))], {DMA: [(A, 0x8), (A, 0x9), (B, 0x19)]})
check_iort("what an IORT cannot know", [seen("0001:00:01.0", None, (A, 0x8)), seen("\\_SB.GONE", None, (A, 0x8))], {}, left_out=2, count=0)

title = "refused"
place = tool.folder()
newer = made.Iort()
newer.root(((0, 0xFFFF, 0, newer.smmu(), 0),))
said = tool.run("--correct", report([seen("0000:00:01.0", None, ("smmu0", 0x8))], place), newer.save())
tap.ok(said.status == 2 and "newer fields" in said.err, f"{title}: an IORT that iasl's language cannot say", said.err)
old = tool.dtb(TREE, place)
empty = os.path.join(place, "empty")
with open(empty, "w", encoding="ascii") as file:
    file.write("no record\n{\n{}\n")
for path, words in ((empty, "no record"), (os.path.join(place, "absent"), "No such file"), (report([], place), "no `observed`")):
    said = tool.run("--correct", path, old)
    tap.equal((said.status, said.out), (2, ""), f"{title}: {os.path.basename(path)}")
    tap.ok(words in said.err, f"{title}: {os.path.basename(path)}: {words}", said.err)
said = tool.run("--correct", report(shifted, place), old)
tap.ok(said.status == 0 and "1 corrected, 0 left out" in said.err and said.out.startswith("/*"), "for people: the source alone is the output", said.out + said.err)
tap.equal(tool.run("--correct", empty, "--diff", old, old).status, 1, "wrong usage: two things at a time")
tap.done()
