# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect --seen: a table judged by a run's ID registers, and by where its masters' streams came out: a shift of many is told once."""

import json
import os

import made
import tool
from tool import tap

place = tool.folder()
A, B, HOST, OTHER, DISPLAY = "/iommu@50000000", "/iommu@60000000", "/pcie@80000000", "/pcie@90000000", "/display@70000000"
MAP = "linux,pci-domain = <0>; iommu-map = <0x0 &a 0x10000 0x1000>; ats-supported;"


def ecam(base, domain, entries):
    return made.ecam(base, f"linux,pci-domain = <{domain}>; msi-parent = <&frame>; {entries}")


def tree(host="iommu-map = <0x0 &a 0x10000 0x1000>;", name="board", more=""):
    frame = "frame: frame { compatible = \"arm,gic-v2m-frame\"; msi-controller; };\n"
    interrupts = "interrupts = <0 1 1>;"
    return tool.dtb(made.tree(
        frame, made.iommu("a", 0x50000000, interrupts), made.iommu("b", 0x60000000, interrupts),
        "memory@80000000 { device_type = \"memory\"; reg = <0x1 0 0x1 0>; };\n",
        made.device("display", 0x70000000, "iommus = <&a 0x8>, <&a 0x9>;"), made.device("camera", 0x71000000, "iommus = <&a 0x18>;"),
        ecam(0x80000000, 0, host), ecam(0x90000000, 1, "iommu-map = <0x0 &b 0x20000 0x1000>;"), more), place, name)


GOOD = {"IDR0": 1 << 24, "IDR1": 32, "IDR2": 0, "IDR3": 0, "IDR4": 0, "IDR5": 5, "IIDR": 0, "AIDR": 0}


def instance(number, base, idr, **more):
    record = {"record": "instance", "instance": f"smmu{number}", "name": f"/iommu@{base:x}", "base": hex(base), "state": "ready", "architecture": "3.1"}
    return {**record, "idr": idr and {name: hex(value) for name, value in idr.items()}, **more}


def stream(smmu, sid):
    return sid is not None and {"instance": f"smmu{smmu}", "sid": hex(sid)} or None


def saw(master, smmu, sid, reached=False):
    return {"record": "observed", "master": master, "described": stream(0, 1), "observed": stream(smmu, sid), "reached_memory": reached}


def report(*records, idr=None, instances=None):
    path = os.path.join(place, "report.jsonl")
    with open(path, "w", encoding="ascii") as file:
        for record in instances or (instance(0, 0x50000000, idr or GOOD), instance(1, 0x60000000, GOOD)):
            file.write(json.dumps(record) + "\n")
        for record in records:
            file.write(json.dumps(record) + "\n")
    return path


IDS = {"stream_seen", "stream_passed", "smmu_not_seen", "coherency_not_in_smmu", "stream_beyond_smmu", "ats_not_in_smmu", "smmu_silent", "ram_above_output", "stall_forced_pci"}


def case(title, path, seen, *wanted):
    """`wanted`: (id, place, words of the text); of `IDS` no other is there."""
    said = tool.run("--json", "--seen", seen, path)
    if not tap.equal((said.status, said.err), (0, ""), f"{title}: is read"):
        return
    found = [(each["id"], each["where"], each["text"], each["count"]) for each in said.json["findings"] if each["id"] in IDS]
    fits = len(found) == len(wanted) and all(any(one[:2] == want[:2] and want[2] in one[2] and one[3] == 1 for one in found) for want in wanted)
    tap.ok(fits, title, found)


def function(bus, device, smmu, sid, segment=0):
    return saw(f"{segment:04x}:{bus:02x}:{device:02x}.0", smmu, sid)


BOARD = tree()
RIGHT = [function(0, each, 0, 0x10000 + (each << 3)) for each in range(5)]
case("all as described", BOARD, report(*RIGHT, saw(DISPLAY, 0, 9), saw("/camera@71000000", 0, 0x18), function(1, 0, 1, 0x20100, 1)))
LOW = [function(0, each, 0, each << 3) for each in range(5)]
case("a shift of five is told once", BOARD, report(*LOW), ("stream_seen", HOST, "5 of its functions came out 0x10000 lower than this table says, at /iommu@50000000 (0000:00:00.0 as stream 0x0)"))
case("upwards", BOARD, report(*(function(0, each, 0, 0x11000 + (each << 3)) for each in range(5))), ("stream_seen", HOST, "0x1000 higher than this table says"))
case("one alone", BOARD, report(RIGHT[0], LOW[1], RIGHT[2]), ("stream_seen", HOST, "0000:00:01.0 came out 0x10000 lower"))
case("two shifts are two causes", BOARD, report(*LOW[:3], function(0, 9, 0, 0x10049)), ("stream_seen", HOST, "3 of its functions"), ("stream_seen", HOST, "0000:00:09.0 came out 0x1 higher"))
case("two hosts", BOARD, report(LOW[1], function(0, 1, 1, 0x10008, 1)), ("stream_seen", HOST, "0x10000 lower"), ("stream_seen", OTHER, "0001:00:01.0 came out 0x10000 lower"))
THIRD = tree(name="third", more=ecam(0xA0000000, 2, "iommu-map = <0x0 &a 0x30000 0x1000>;"))
case("two hosts of one SMMU", THIRD, report(LOW[1], function(0, 1, 0, 0x20008, 2)), ("stream_seen", HOST, "0000:00:01.0 came out 0x10000 lower"), ("stream_seen", "/pcie@a0000000", "0002:00:01.0 came out 0x10000 lower"))
case("two devices", BOARD, report(saw(DISPLAY, 0, 0x108), saw("/camera@71000000", 0, 0x118)), ("stream_seen", DISPLAY, "2 devices came out 0x100 higher"))
case("the other SMMU", BOARD, report(*(function(0, each, 1, 0x10000 + (each << 3)) for each in range(3))), ("stream_seen", HOST, "3 of its functions came out at /iommu@60000000, and not at /iommu@50000000: are their addresses exchanged?"))
case("the other SMMU, shifted", BOARD, report(function(0, 1, 1, 8)), ("stream_seen", HOST, "0x10000 lower than this table says, at /iommu@60000000, and not at /iommu@50000000"))
case("without a stream", BOARD, report(function(0x20, 0, 0, 8), function(0x20, 1, 0, 16)), ("stream_seen", HOST, "2 of its functions came out at /iommu@50000000, and this table has no stream for it"))
BESIDE = tree(name="beside", more=ecam(0xA0000000, 0, "iommu-map = <0x4000 &a 0x30000 0x100>;"))
case("without a stream, in a segment of two hosts", BESIDE, report(function(0x20, 0, 0, 8)), ("stream_seen", HOST, "0000:20:00.0 came out at /iommu@50000000, and this table has no stream for it"))
MASKED = tree("iommu-map = <0x0 &a 0x10000 0x1000>; iommu-map-mask = <0xff00>;", "masked")
case("a mask that hardware lacks", MASKED, report(*RIGHT), ("stream_seen", HOST, "4 of its functions came out apart by what iommu-map-mask, 0xff00, takes away"))
case("another step behind a mask", MASKED, report(function(0, 1, 0, 0x10009)), ("stream_seen", HOST, "0x9 higher"))
case("memory without an SMMU", BOARD, report(saw("0000:00:01.0", 0, None, True), saw("0000:00:02.0", 0, None)), ("stream_passed", "0000:00:01.0", "reached memory, and no SMMU saw it"))

case("an SMMU that the run had not", BOARD, report(instances=[instance(0, 0x50000000, GOOD)]), ("smmu_not_seen", B, "no SMMU of this address"))
case("coherency", BOARD, report(idr={**GOOD, "IDR0": 1 << 24 | 1 << 4}), ("coherency_not_in_smmu", A, "described as not coherent, and its IDR0.COHACC is 1"))
case("too few bits of stream IDs", BOARD, report(idr={**GOOD, "IDR1": 16}), ("stream_beyond_smmu", HOST, "iommu-map: stream 0x10fff has more than the 16 bits of /iommu@50000000"))
case("as many as it takes", BOARD, report(idr={**GOOD, "IDR1": 17}))
case("ATS in the table alone", tree("iommu-map = <0x0 &a 0x10000 0x1000>; ats-supported;", "ats"), report(), ("ats_not_in_smmu", HOST, "IDR0.ATS of /iommu@50000000 is 0"))
case("RAM above the output", BOARD, report(idr={**GOOD, "IDR5": 0}), ("ram_above_output", A, "RAM up to 0x1ffffffff, and by IDR5.OAS it emits addresses of 32 bits"))
case("forced stalls before PCI", BOARD, report(idr={**GOOD, "IDR0": 2 << 24}), ("stall_forced_pci", HOST, "stalls every fault"))
case("a silent SMMU", BOARD, report(instances=[instance(0, 0x50000000, None, state="failed", architecture=None, reason="CR0 reads as ones"), instance(1, 0x60000000, GOOD)]), ("smmu_silent", A, "(CR0 reads as ones)"))
case("without registers, as AArch32's", BOARD, report(*LOW[:1], instances=[instance(0, 0x50000000, None), instance(1, 0x60000000, None)]), ("stream_seen", HOST, "0000:00:00.0 came out"))

SHIFTED = report(*LOW)
tap.equal(tool.run("--strict", "--seen", SHIFTED, BOARD).status, 4, "strict")
known = os.path.join(place, "known")
with open(known, "w", encoding="ascii") as text:
    text.write(f"stream_seen {HOST} # the bridge is set up later\n")
said = tool.run("--json", "--seen", SHIFTED, "--accept", known, BOARD)
tap.equal([each["id"] for each in said.json["findings"] if each["id"] in IDS and "accepted" not in each], [], "accepted")
sarif = tool.run("--format=sarif", "--seen", SHIFTED, BOARD).json
tap.ok(any(each["ruleId"] == "stream_seen" for each in sarif["runs"][0]["results"]), "in SARIF")
tap.equal(tool.run("--seen", report(instances=[instance(0, 0x12340000, GOOD, name="/x")]), BOARD).status, 2, "another machine's report is refused")
tap.equal(tool.run("--seen", os.path.join(place, "none"), BOARD).status, 2, "a report that is not there")
tap.equal(tool.run("--seen", BOARD, BOARD).status, 2, "no report")
tap.equal([tool.run("--seen", SHIFTED, *more).status for more in (("--compare", BOARD, BOARD), ("--correct", SHIFTED, BOARD), ("--rules", SHIFTED), (place,))], [1] * 4, "not with what else is asked")
tap.done()
