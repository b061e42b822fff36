# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect as a user calls it: options, exit statuses, what goes to which stream, every kind of output."""

import json
import os
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree

import made
import tool
from tool import tap

TREE = made.tree(
    made.iommu("smmu", 0x50000000, "\n\t\tdma-coherent;"),
    made.device("display", 0x60000000, "iommus = <&smmu 0x8>, <&smmu 0x9>;"),
    made.ecam(0x70000000, "iommu-map = <0x0 &smmu 0x10000 0x1000>;\n\t\tiommu-map-mask = <0xfff>;"))

place = tool.folder()
path = tool.dtb(TREE, place)
other = tool.dtb(TREE.replace("<&smmu 0x9>", "<&smmu 0xa>").replace("0x10000 0x1000", "0x20000 0x1000"), place, "other")
damaged = os.path.join(place, "damaged.dtb")
with open(path, "rb") as good, open(damaged, "wb") as bad:
    bad.write(good.read()[:-200])
text = os.path.join(place, "text")
with open(text, "w", encoding="ascii") as file:
    file.write("no table\n")

title = "the contract"
said = tool.run("--json", path)
tap.equal((said.status, said.err), (0, ""), f"{title}: is read without a word")
table = said.json
tap.equal((table["interface"], table["format"], table["verdict"]), (1, "dt", "ok"), f"{title}: what it is")
tap.equal(
    table["instances"],
    [{"name": "/iommu@50000000", "base": "0x50000000", "size": "0x20000", "enabled": True, "coherent": True}],
    f"{title}: instances",
)
tap.equal(
    table["fixed"],
    [
        {"instance": "/iommu@50000000", "first": sid, "last": sid, "kind": "single", "master": "/display@60000000", "enabled": True}
        for sid in ("0x8", "0x9")
    ],
    f"{title}: streams",
)
tap.equal(
    table["windows"],
    [
        {
            "instance": "/iommu@50000000",
            "input_first": "0x0",
            "input_last": "0xfff",
            "sid": "0x10000",
            "constant": False,
            "mask": "0xfff",
            "master": "/pcie@70000000",
            "enabled": True,
        }
    ],
    f"{title}: windows",
)
tap.equal((table["reserved"], table["warnings"]), ([], []), f"{title}: nothing else")

title = "for people"
said = tool.run(path)
tap.equal((said.status, said.err), (0, ""), f"{title}: is read")
for words in ("/iommu@50000000: at 0x50000000", "0x8 ", "/display@60000000", "0x10000 to 0x10fff", "0x0 to 0xfff & 0xfff"):
    tap.ok(words in said.out, f"{title}: {words}", said.out)
tap.ok("no event queue interrupt" in said.out, f"{title}: a finding names the instance and what it lacks", said.out)

title = "wrong usage"
for arguments in ((), ("--json",), (path, other), ("--nonsense", path), ("--json", "--dot", path), ("--compare", "-", "-"),
                  ("--compare", other, place), ("--svg", place), ("--compare",),
                  ("--format=xml", path), ("--format=json", "--json", path), ("--explain",), ("--explain", "no_interrupt", path)):
    said = tool.run(*arguments)
    shown = " ".join(os.path.basename(each) for each in arguments)
    tap.equal((said.status, said.out), (1, ""), f"{title}: {shown or 'nothing'}")
    tap.ok("usage:" in said.err, f"{title}: {shown or 'nothing'}: is told what would be right", said.err)
tap.equal(tool.run("--help").status, 0, "help is no error")
said = tool.run("--version")
tap.ok(said.status == 0 and said.out.startswith("smmu-inspect ") and said.out[13].isdigit(), "it says its version", said.out)

title = "an output that takes nothing"
for option in ((path,), ("--json", path), ("--dot", path), ("--compare", path, path), ("--help",), ("--version",), (place,)):
    with open("/dev/full", "wb") as full:
        said = subprocess.run([tool.INSPECT, *option], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    tap.ok(said.returncode == 1 and "cannot be written" in said.stderr, f"{title}: {option}", [said.returncode, said.stderr])

with open("/dev/full", "wb") as full:
    said = subprocess.run([tool.INSPECT, "--svg", path], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
tap.equal(said.returncode, 1, f"{title}: --svg")

title = "a pipe"
with open(path, "rb") as file:
    blob = file.read()
for name in ("-", "/dev/stdin"):
    piped = subprocess.run([tool.INSPECT, "--json", name], input=blob, capture_output=True, check=False)
    tap.equal((piped.returncode, json.loads(piped.stdout)), (0, table), f"{title}: {name} says the same")
piped = subprocess.run([tool.INSPECT, "--compare", "-", path], input=blob, capture_output=True, check=False)
tap.equal(piped.returncode, 0, f"{title}: the other of two")
piped = subprocess.run([tool.INSPECT, "-"], input=b"", capture_output=True, check=False)
tap.equal(piped.returncode, 2, f"{title}: with nothing in it is refused")

title = "refused"
viot = os.path.join(place, "viot")
with open(viot, "wb") as file:
    file.write(b"VIOT" + bytes(44))
tap.ok("virtio-iommu" in tool.run(viot).err, f"{title}: a VIOT is named")
os.remove(viot)
for bad in (damaged, text, os.path.join(place, "absent"), "/dev/null"):
    said = tool.run(bad)
    tap.equal((said.status, said.out), (2, ""), f"{title}: {os.path.basename(bad)}")
    tap.equal(said.err.count("\n"), 1, f"{title}: {os.path.basename(bad)}: one line says why")
    said = tool.run("--json", bad)
    tap.equal((said.status, said.json["verdict"]), (2, "error"), f"{title}: {os.path.basename(bad)}: as JSON")
    tap.ok(said.json["error"] in said.err, f"{title}: {os.path.basename(bad)}: the same words", said.err)
tap.equal(tool.run("--compare", damaged, path).status, 2, f"{title}: the other of two")

title = "compared"
said = tool.run("--compare", path, path)
tap.equal(said.status, 0, f"{title} with itself: no difference")
said = tool.run("--compare", other, path)
tap.equal(said.status, 3, f"{title} with another: exit status 3")
tap.ok(said.out.count("only ") == 2 and "stream 0x9" in said.out and "stream 0xa" in said.out, f"{title}: both streams", said.out)
tap.ok(said.out.endswith("\n3 differences\n"), f"{title}: they are counted", said.out)
one = tool.dtb(TREE.replace("<&smmu 0x9>", "<&smmu 0x8>"), tool.folder(), "one")
tap.ok(tool.run("--compare", one, path).out.endswith("\n1 difference\n"), f"{title}: one is no plural")
tap.ok("requester IDs 0x0 to 0xfff:" in said.out and "as 0x10000" in said.out and "as 0x20000" in said.out, f"{title}: the windows",
       said.out)
said = tool.run("--json", "--compare", other, path)
tap.equal((said.status, len(said.json["differences"])), (3, 2 + 1), f"{title}: as JSON")



def mapped(entries, name, mask=""):
    source = TREE.replace("iommu-map-mask = <0xfff>;", mask)
    begin = source.index("iommu-map = ")
    return tool.dtb(source[:begin] + f"iommu-map = {entries};" + source[source.index(";", begin) + 1:], tool.folder(), name)


def ranges(*outputs):
    return ", ".join(f"<{number * 0x1000:#x} &smmu {output:#x} 0x1000>" for number, output in enumerate(outputs))


def compared(first, second):
    return [each["detail"] for each in tool.run("--json", "--compare", second, first).json["differences"]]


title = "a shift"
straight = mapped(ranges(0x10000, 0x20000, 0x40000), "straight")
said = compared(straight, mapped(ranges(0x11000, 0x21000, 0x41000), "shifted"))
tap.ok(len(said) == 1 and "each is 0x1000 higher by the" in said[0], f"{title} of all ranges is told once", said)
said = compared(straight, mapped(ranges(0x11000, 0x20000, 0x3F000), "apart"))
tap.ok(len(said) == 2 and not any("each" in one for one in said), f"{title}: two steps are two differences", said)
said = compared(straight, mapped(ranges(0x10000, 0x1F000, 0x3F000), "two"))
tap.ok(len(said) == 1 and "each is 0x1000 lower by the" in said[0] and "first to the SMMU at 0x50000000 as 0x20000 on" in said[0], f"{title} of two of three", said)
said = compared(straight, mapped(ranges(0x11000), "one"))
tap.ok(len(said) == 3 and sum("to no SMMU" in one for one in said) == 2, f"{title}: what the other lacks is no shift", said)
masked = "iommu-map-mask = <0xff00>;"
said = compared(mapped(ranges(0x10000), "plain"), mapped(ranges(0x10000), "masked", masked))
tap.ok(len(said) == 1 and "with 0xffff, the" in said[0] and "with 0xff00: IDs with other bits are not compared further" in said[0], "a mask is told once", said)
said = compared(mapped(ranges(0x10000), "plain"), mapped(ranges(0x10100), "masked", masked))
tap.ok(len(said) == 2 and any("each is 0x100 higher" in one or "as 0x10100" in one for one in said), "a mask, and another stream", said)

title = "a folder"
said = tool.run(place)
tap.equal(said.status, 2, f"{title}: something in it is refused")
lines = said.out.splitlines()
tap.equal(len(lines), len([each for each in os.listdir(place) if not each.startswith(".")]), f"{title}: a line each")
tap.equal(len([line for line in lines if "REFUSED" in line]), 2, f"{title}: two are refused")
os.remove(damaged)
os.remove(text)
said = tool.run("--json", place)
tap.equal(said.status, 0, f"{title}: all can be read")
tap.equal(sorted(os.path.basename(json.loads(line)["file"]) for line in said.out.splitlines()), ["board.dtb", "other.dtb"],
          f"{title}: as JSON, an object a line")

def acpi(name, size=36):
    table = name + struct.pack("<I", size) + bytes(size - 8)
    return table[:9] + bytes([-sum(table) & 0xFF]) + table[10:]


tables = tool.folder()
said = tool.run(tables)
tap.equal((said.status, said.out), (2, ""), f"{title}: an empty one is an error")
tap.ok("no device tree and no IORT" in said.err, f"{title}: and says why", said.err)
for name in (b"DSDT", b"APIC", b"SSDT"):
    with open(os.path.join(tables, name.decode()), "wb") as file:
        file.write(acpi(name))
said = tool.run(tables)
tap.equal(said.status, 2, f"{title}: one of other ACPI tables alone is an error")
tap.equal([line.split(": ")[1:3] for line in said.out.splitlines()], [["skipped", f"an ACPI {name}, which says nothing of stream IDs"] for name in ("APIC", "DSDT", "SSDT")],
          f"{title}: they are skipped by name")
shutil.copy(path, tables)
tap.equal(tool.run(tables).status, 0, f"{title}: beside a table that is read they are no error")
said = tool.run("--json", tables)
tap.equal([("skipped_table" in each, each.get("verdict")) for each in map(json.loads, said.out.splitlines())], [(True, "error")] * 3 + [(False, "ok")], f"{title}: as JSON, too")
with open(os.path.join(tables, "cut"), "wb") as file:
    file.write(acpi(b"DSDT")[:-1])
tap.equal(tool.run(tables).status, 2, f"{title}: a table that is cut off is refused")
with open(os.path.join(tables, "cut"), "wb") as file:
    file.write(b"IORE" + acpi(b"IORT")[4:])
tap.equal(tool.run(tables).status, 2, f"{title}: and one whose name is damaged is not passed over")

title = "strict"
plain = path, other
# With a place for MSIs; only interrupts are missing.
WHOLE = TREE.replace("\t\tbus-range", "\t\tmsi-map = <0x0 &its 0x0 0x1000>;\n\t\tmsi-map-mask = <0xfff>;\n\t\tbus-range").replace("\tsmmu: iommu", "\tits: msi-controller@40020000 {\n"
    "\t\tcompatible = \"arm,gic-v3-its\";\n\t\treg = <0 0x40020000 0 0x20000>;\n\t\tmsi-controller;\n\t\t#msi-cells = <1>;\n\t};\n\n\tsmmu: iommu")
both = tool.folder()
path = tool.dtb(WHOLE, both)
other = tool.dtb(WHOLE.replace("<&smmu 0x9>", "<&smmu 0xa>"), both, "other")
wired = WHOLE.replace("\t\tdma-coherent;", "\t\tdma-coherent;\n\t\tinterrupts = <0 1 1>, <0 2 1>;\n\t\tinterrupt-names = \"eventq\", \"gerror\";").replace(
    "compatible = \"acme,board\";", "compatible = \"acme,board\";\n\tinterrupt-parent = <&gic>;\n\n\tgic: interrupt-controller@40000000 {\n"
    "\t\tcompatible = \"arm,gic-v3\";\n\t\treg = <0 0x40000000 0 0x10000>;\n\t\tinterrupt-controller;\n\t\t#interrupt-cells = <3>;\n\t};")
quiet = tool.dtb(wired, tool.folder(), "quiet")
noted = tool.dtb(wired.replace("\t\tdma-coherent;", "\t\tstatus = \"disabled\";"), tool.folder(), "noted")
tap.equal([[each["id"] for each in tool.run("--json", each).json["findings"]] for each in (path, quiet, noted)], [["no_interrupt"], [], ["smmu_disabled"]],
          f"{title}: a warning, nothing, a note")
for table_path, status in ((path, 4), (quiet, 0), (noted, 0)):
    for arguments in (("--strict",), ("--strict", "--json"), ("--format=json", "--strict"), ("--strict", "--dot")):
        tap.equal(tool.run(*arguments, table_path).status, status, f"{title}: {arguments}: {os.path.basename(table_path)}")
    tap.equal(tool.run(table_path).status, 0, f"{title}: without it: {os.path.basename(table_path)}")
tap.equal(tool.run("--strict", os.path.dirname(path)).status, 4, f"{title}: a folder")
tap.equal(tool.run("--strict", os.path.dirname(quiet)).status, 0, f"{title}: a folder without warnings")
tap.equal([tool.run("--strict", "--compare", each, path).status for each in (other, path)], [3, 4], f"{title}: a difference counts more")
tap.ok("no_interrupt" in tool.run("--strict", "--compare", path, path).out, f"{title}: compared: it says what is wrong")
tap.equal(tool.run("--strict", "/dev/null").status, 2, f"{title}: refused counts more")
tap.equal(tool.run("--format=json", path).json, tool.run("--json", path).json, "--format=json is --json")
tap.equal(tool.run("--format=text", path).out, tool.run(path).out, "--format=text is what is printed without it")

title = "no findings"
said = tool.run(quiet)
tap.ok("No findings.\nLooked at: " in said.out and ", streams, " in said.out and ", MSIs, " in said.out, f"{title}: it says what was looked at", said.out)
tap.ok("The table has 1 SMMUv3, 2 streams named, 1 window, 0 reserved regions, 1 destination of MSIs." in said.out, f"{title}: and what the table has", said.out)
tap.ok("Looked at" not in tool.run(path).out, f"{title}: not beside a finding")
tap.ok(set(tool.run("--json", quiet).json["looked_at"]) >= {"streams", "MSIs"}, f"{title}: as JSON")

title = "accepted"
known = os.path.join(tool.folder(), "known")


def accepting(*lines, options=(), table_path=path):
    with open(known, "w", encoding="ascii") as file:
        file.write("".join(f"{line}\n" for line in lines))
    return tool.run(*options, "--accept", known, table_path)


GOOD_LINE = "no_interrupt /iommu@50000000 # polled, as the board's errata sheet asks"
said = accepting("# Known.", "", GOOD_LINE, options=("--strict",))
tap.equal(said.status, 0, f"{title}: a warning that is let be")
tap.ok("No findings.\n" in said.out and "\n1 finding accepted.\n" in said.out and "[no_interrupt]" not in said.out, f"{title}: it is counted alone", said.out)
found = accepting(GOOD_LINE, options=("--json",)).json["findings"]
tap.equal([(each["id"], each["accepted"]) for each in found], [("no_interrupt", "polled, as the board's errata sheet asks")], f"{title}: with the reason as JSON")
tap.equal([each["accepted"] for each in tool.run("--json", path).json["findings"]], [None], f"{title}: none is without a file")
for line in ("no_interrupt /iommu@* #x", "no_interrupt\t/iommu@5000000?\t#\tx", "  no_interrupt * # x"):
    tap.equal(accepting(line, options=("--strict",)).status, 0, f"{title}: {line!r}")
for line in ("no_interrupt /iommu # x", "no_interrupt iommu@50000000 # x", "no_master /iommu@50000000 # x"):
    said = accepting(line, GOOD_LINE, options=("--strict",))
    tap.ok(said.status == 4 and f"{known}:1: accepts {line.split()[0]} at {line.split()[1]}" in said.out and "[accepted_unused]" in said.out,
           f"{title}: {line!r} fits nothing, and that is told", said.out)
for line, words in (("no_such / # x", "no id"), ("no_interrupt", "no place"), ("no_interrupt # x", "no place"), ("no_interrupt /a", "no reason"),
                    ("no_interrupt /a #", "no reason"), ("no_interrupt /a # ", "no reason"), ("no_interrupt /a why # x", "no reason")):
    said = accepting(GOOD_LINE, line)
    tap.ok((said.status, said.out) == (1, "") and f"{known}:2: " in said.err and words in said.err, f"{title}: {line!r} is refused", said.err)
tap.equal(tool.run("--accept", "/nowhere", path).status, 1, f"{title}: a file that is not there")
tap.equal(tool.run("--accept", known, "--compare", path, path).status, 1, f"{title}: not with --compare")
many = tool.dtb(WHOLE.replace("\t\tdma-coherent;", "\t\tstatus = \"disabled\";"), tool.folder(), "many")
said = accepting("smmu_disabled /display@60000000 # x", options=("--json",), table_path=many).json["findings"]
tap.equal([(each["id"], each["accepted"], each["also"]) for each in said], [("smmu_disabled", None, ["/pcie@70000000"])], f"{title}: of two places one is not enough")
said = accepting("smmu_disabled /display@60000000 # x", "smmu_disabled /pcie* # y", options=("--json",), table_path=many).json["findings"]
tap.equal([(each["id"], each["accepted"]) for each in said], [("smmu_disabled", "y")], f"{title}: both are")
said = accepting(GOOD_LINE, "no_master /gone # x", options=("--strict",), table_path=both)
tap.ok(said.status == 4 and said.out.count("0 findings, 1 finding accepted\n") == 2 and f"{known}:2: " in said.out and f"{known}:1: " not in said.out,
       f"{title}: a folder: each table, and what none needs", said.out)
tap.equal(accepting(GOOD_LINE, options=("--strict",), table_path=both).status, 0, f"{title}: a folder, all of it")
said = [json.loads(line) for line in accepting(GOOD_LINE, "no_master /gone # x", options=("--json",), table_path=both).out.splitlines()]
tap.equal([(os.path.basename(each["file"]), [finding["id"] for finding in each["findings"]]) for each in said],
          [("board.dtb", ["no_interrupt"]), ("other.dtb", ["no_interrupt"]), ("known", ["accepted_unused"])], f"{title}: a folder as JSON")

title = "SARIF"
LEVELS = ("error", "warning", "note")


def sarif_of(*arguments, status=0):
    """The run, which must have what SARIF 2.1.0 demands (its sections beside)."""
    said = tool.run("--format=sarif", *arguments)
    tap.equal(said.status, status, f"{title}: {arguments}: exit status")
    log = said.json
    tap.equal((log["version"], len(log["runs"])), ("2.1.0", 1), f"{title}: 3.13: version and runs")
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    tap.equal((driver["name"], [rule["id"] for rule in driver["rules"]]), ("smmu-inspect", list(IDS)), f"{title}: 3.19: the tool and its rules")
    tap.ok(all(rule["defaultConfiguration"]["level"] in LEVELS and rule["fullDescription"]["text"] and rule["help"]["text"] for rule in driver["rules"]),
           f"{title}: 3.49: each rule is described")
    for result in run["results"]:
        tap.ok(result["message"]["text"] and result["level"] in LEVELS and driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"],
               f"{title}: 3.27: a result", result)
    return run


def place_of(result):
    return result["locations"][0]["physicalLocation"]


with open(os.path.join(tool.ROOT, "drivers/findings/ids.def"), encoding="ascii") as file:
    IDS = dict(re.findall(r'^FINDING\(\w+, "(\w+)", (\w+)\)$', file.read(), re.M))
odd_path = os.path.join(tool.folder(), "a b#%.dtb")
shutil.copy(path, odd_path)
run = sarif_of(odd_path)
tap.equal(run["invocations"], [{"executionSuccessful": True, "toolExecutionNotifications": []}], f"{title}: it was read")
(result,) = run["results"]
tap.equal((result["ruleId"], result["level"], result["occurrenceCount"], result["suppressions"]), ("no_interrupt", "warning", 1, []), f"{title}: what is found")
tap.equal(result["locations"][0]["logicalLocations"], [{"fullyQualifiedName": "/iommu@50000000"}], f"{title}: the node")
tap.ok(place_of(result)["artifactLocation"]["uri"].endswith("/a%20b%23%25.dtb"), f"{title}: the file as a URI", result)


def bytes_at(file_path, result):
    with open(file_path, "rb") as file:
        blob = file.read()
    region = place_of(result)["region"]
    return blob[region["byteOffset"]:region["byteOffset"] + region["byteLength"]]


tap.equal(bytes_at(path, result), b"\0\0\0\1iommu@50000000\0", f"{title}: where the node begins")
(result,) = sarif_of(many)["results"]
tap.equal((len(bytes_at(many, result)), bytes_at(many, result)[4:8]), (16, struct.pack(">I", 8)), f"{title}: the property's value")
tap.equal([each["logicalLocations"][0]["fullyQualifiedName"] for each in result["relatedLocations"]], ["/pcie@70000000"], f"{title}: the other places")
run = sarif_of("--accept", known, path)
tap.equal({each["ruleId"]: each["suppressions"] for each in run["results"]},
          {"no_interrupt": [{"kind": "external", "justification": "polled, as the board's errata sheet asks"}], "accepted_unused": []},
          f"{title}: an accepted one is suppressed")
(line,) = [each for each in run["results"] if each["ruleId"] == "accepted_unused"]
tap.equal((place_of(line)["artifactLocation"]["uri"], place_of(line)["region"]), (known, {"startLine": 2}), f"{title}: a line that is not needed")
tap.equal(sarif_of("--accept", known, "--strict", path, status=4)["results"], run["results"], f"{title}: --strict")
run = sarif_of(both)
tap.equal([os.path.basename(place_of(each)["artifactLocation"]["uri"]) for each in run["results"]], ["board.dtb", "other.dtb"], f"{title}: one run of a folder")
with open(os.path.join(tool.HERE, "boards/qemu-virt.iort"), encoding="ascii") as file:
    deaf = tool.iort(file.read().replace("Event GSIV : 0000006A", "Event GSIV : 00000000"))
(result,) = sarif_of(deaf)["results"]
tap.equal((result["ruleId"], place_of(result)["region"]), ("no_interrupt", {"byteOffset": 0x48, "byteLength": 0x58}), f"{title}: a node of an IORT")
run = sarif_of("/dev/null", status=2)
tap.equal((run["results"], run["invocations"][0]["executionSuccessful"]), ([], False), f"{title}: a file that is refused is no result")
tap.ok("no" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"], f"{title}: but a notification")
for second in ("--compare", "--diff", "--event", "--correct"):
    tap.equal([tool.run(option, second, path, path).status for option in ("--format=sarif", f"--accept={known}")], [1, 1], f"{title}: nor accepting, with {second}")
    if second != "--compare":
        tap.equal(tool.run("--strict", second, path, path).status, 1, f"strict: not with {second}")

path, other = plain

title = "explained"
with open(os.path.join(tool.ROOT, "drivers/findings/ids.def"), encoding="ascii") as file:
    ids = dict(re.findall(r'^FINDING\(\w+, "(\w+)", (\w+)\)$', file.read(), re.M))
tap.ok(len(ids) > 30, f"{title}: there are ids", ids)
for name, severity in ids.items():
    said = tool.run("--explain", name)
    lines = said.out.splitlines()
    tap.ok(said.status == 0 and lines[0] == name and lines[1].startswith(f"  {severity.capitalize()}. ") and len(lines) > 2 and len(max(lines, key=len)) <= 102,
           f"{title}: {name}, with its severity and what to do", said.out)
said = tool.run("--explain", "all")
tap.equal([line for line in said.out.splitlines() if not line.startswith(" ")], list(ids), f"{title}: all of a table")
tap.ok("advice" in tool.run("--explain", "stream_id").out, f"{title}: one of the firmware's run, too")
for name in ("", "no_such", "`no_interrupt`", "no_interrup", "id", "---"):
    said = tool.run("--explain", name)
    tap.ok((said.status, said.out) == (1, "") and "--explain all" in said.err, f"{title}: {name!r} is no id", said.err)

title = "columns"
wide = TREE.replace("iommu-map = <0x0 &smmu 0x10000 0x1000>", "iommu-map = <0x0 &smmu 0xfff00000 0x1000>").replace("iommu-map-mask = <0xfff>", "iommu-map-mask = <0xffff0fff>")
rows = [line for line in tool.run(tool.dtb(wide, tool.folder(), "wide")).out.splitlines() if line.startswith("  ") and ("/" in line or "master" in line)][:4]
starts = {line.index("/") if "/" in line else line.index("master") for line in rows}
tap.equal(len(starts), 1, f"{title}: each begins at one place")

title = "a picture"
for option in ("--dot", "--svg"):
    said = tool.run(option, "--compare", other, path)
    tap.ok(said.status == 3 and "3 differences" in said.out and "stream 0x9" in said.out, f"{title}: {option} of a comparison has the differences", said.out)
    tap.equal(tool.run(option, "--compare", path, path).status, 0, f"{title}: {option} without one")
said = tool.run("--dot", path)
tap.equal(said.status, 0, f"{title}: in Graphviz's language")
layout = subprocess.run(["dot", "-Tplain"], input=said.out.encode(), capture_output=True, check=False)
tap.equal((layout.returncode, layout.stderr), (0, b""), f"{title}: Graphviz takes it")
edges = [line.split() for line in layout.stdout.decode().splitlines() if line.startswith("edge")]
tap.equal(sorted(edge[1].strip(chr(34)) for edge in edges), ["/display@60000000", "/pcie@70000000"], f"{title}: an edge for each")
said = tool.run("--svg", path)
drawn = xml.etree.ElementTree.fromstring(said.out)
tap.equal((said.status, drawn.tag.rpartition("}")[2]), (0, "svg"), f"{title}: drawn")
tap.ok("0x10000 to 0x10fff" in said.out, f"{title}: with the stream IDs")
without = subprocess.run([tool.INSPECT, "--svg", path], capture_output=True, env={**os.environ, "PATH": "/nowhere"}, check=False)
tap.ok(without.returncode and b"Graphviz" in without.stderr, f"{title}: without Graphviz it says so", without.stderr)

# JSON is UTF-8, and a name in a table may be any bytes: each is the character of its number (ISO 8859-1).
title = "bytes above ASCII"
odd = os.path.join(place, "odd.dtb")
with open(path, "rb") as good, open(odd, "wb") as file:
    file.write(good.read().replace(b"display@", b"\x80\xbf\xc0\xe9\xfflay"[:7] + b"@"))
said = tool.run("--json", odd)
tap.equal((said.status, [each["master"] for each in said.json["fixed"]]), (0, ["/\x80\xbf\xc0\xe9\xffla@60000000"] * 2), f"{title}: in a name")
tap.ok("/\\x80\\xbf\\xc0\\xe9\\xffla@60000000" in tool.run(odd).out, f"{title}: for people as numbers")

title = "control characters"
with open(path, "rb") as good, open(odd, "wb") as file:
    file.write(good.read().replace(b"display@", b"a\n{x\r\x1b[@"))
said = tool.run(odd)
tap.ok("/a\\x0a{x\\x0d\\x1b[@60000000" in said.out, f"{title}: in a name, as numbers", said.out)
tap.equal([line for line in said.out.splitlines() if line.startswith("{")], [], f"{title}: no name begins a line")

title = "installed"
prefix = tool.folder()
done = subprocess.run(["make", "-C", tool.ROOT, "install", f"DESTDIR={prefix}", "PREFIX=/opt"], capture_output=True, check=False)
tap.equal(done.returncode, 0, f"{title}: make install")
own = subprocess.run([os.path.join(prefix, "opt/bin/smmu-inspect"), "--json", path], capture_output=True, check=False)
tap.equal(json.loads(own.stdout), table, f"{title}: it says the same")
tap.ok(os.path.exists(os.path.join(prefix, "opt/share/man/man1/smmu-inspect.1")), f"{title}: with its manual page")
shutil.rmtree(prefix, ignore_errors=True)
tap.done()
