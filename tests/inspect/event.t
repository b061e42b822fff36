# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect --event: each form of a log, whose stream it is, what is summed, and what is no event. tests/inspect/logs has the forms."""

import os
import subprocess

import made
import tool
from tool import tap

TREE = made.tree(
    made.iommu("a", 0x50000000), made.iommu("b", 0x60000000, "\n\t\tdma-coherent;"),
    made.device("display", 0x70000000, "iommus = <&a 0x8>, <&a 0x9>, <&b 0x8>;"),
    made.device("camera", 0x71000000, 'iommus = <&b 0x20>;\n\t\tmemory-region = <&kept>;\n\t\tstatus = "disabled";'),
    made.ecam(0x80000000, "iommu-map = <0x0 &a 0x10000 0x200>, <0x200 &a 0x20000 0x1>;\n\t\tiommu-map-mask = <0xfff>;"), """
	reserved-memory {
		#address-cells = <2>;
		#size-cells = <2>;
		ranges;

		kept: framebuffer@90000000 {
			reg = <0 0x90000000 0 0x100000>;
			iommu-addresses = <&display 0x0 0x90000000 0x0 0x100000>;
		};
	};
""")
A, B = "/iommu@50000000", "/iommu@60000000"
HOST, DISPLAY, CAMERA = "/pcie@80000000", "/display@70000000", "/camera@71000000"
LOGS = os.path.join(tool.HERE, "logs")
board = tool.dtb(TREE)
sole = tool.dtb(TREE.replace("b: iommu", "iommu").replace(", <&b 0x8>", "").replace("&b 0x20", "&a 0x20").replace('"arm,smmu-v3";\n\t\treg = <0 0x6', '"arm,smmu-v2";\n\t\treg = <0 0x6'))


def asked(source, table=board):
    return tool.run("--json", "--event", source, table)


def events(name, table=board):
    said = asked(os.path.join(LOGS, name), table)
    tap.equal((said.status, said.err), (0, ""), f"{name}: is read")
    return said.json


def short(event):
    owners = [(each["master"], each["input"]) for each in event["owners"]]
    return (event["instance"], event["name"], event["sid"], event["count"], event["address_first"], event["access"], owners)


def record(code, sid, *words):
    words = [code | sid << 32, *words, 0, 0, 0][:4]
    return " ".join(f"{word:#018x}" for word in words)


title = "a word a line"
found = events("linux-words")
tap.equal([short(each) for each in found["events"]],
          [(A, "F_TRANSLATION", "0x10002", 1, "0xfeed0000", "read", [(HOST, "0x2")]),
           (B, "F_PERMISSION", "0x8", 1, "0x40001000", "write", [(DISPLAY, None)])], f"{title}: two SMMUs, by their base")
tap.ok("function 0000:00:00.2" in found["events"][0]["whose"][0], f"{title}: a function", found["events"][0]["whose"])
tap.ok("15 others" in found["events"][0]["whose"][0], f"{title}: a mask hides which of 16", found["events"][0]["whose"])

title = "decoded lines"
found = events("linux-decoded")
tap.equal([short(each) for each in found["events"]],
          [(A, "F_TRANSLATION", "0x10002", 1, "0xfeed0000", "write", [(HOST, "0x2")]),
           (A, "C_BAD_STREAMID", "0x1600", 1, None, None, []),
           (A, "F_CD_FETCH", "0x8", 1, None, None, [(DISPLAY, None)])], f"{title}: each once, with its record or without")
tap.equal([each["client"] for each in found["events"]], ["0000:00:00.2", "(unassigned sid)", "60000000.display"], f"{title}: Linux's client")
tap.ok("0x8000f000" in found["events"][2]["stopped"][0], f"{title}: what could not be read", found["events"][2]["stopped"])
tap.ok("0x9 (/display@70000000)" in found["events"][1]["whose"][0] and "0x10000 (/pcie@80000000)" in found["events"][1]["whose"][0]
       and "16:00.0" in found["events"][1]["whose"][0], f"{title}: nearest streams", found["events"][1]["whose"])

title = "broken by a mail"
event = events("linux-mail")["events"][0]
tap.equal(short(event), (A, "F_TRANSLATION", "0x10001", 1, "0xaaaada7af000", "read", [(HOST, "0x1")]), f"{title}: is one event")
tap.equal((event["stalled"], event["ssid"]), (True, "0x1"), f"{title}: it stalls")
tap.ok("only one of 2" in event["which"], f"{title}: the SMMU is that of the stream", event["which"])

title = "mixed lines of two SMMUs"
found = events("linux-mixed")
tap.equal([short(each)[:5] for each in found["events"]], [(A, "F_TRANSLATION", "0x9", 1, "0x1000"), (B, "C_BAD_STREAMID", "0x10003", 2, None)],
          f"{title}: each record has its own words")
tap.equal((found["suppressed"], found["overflows"], found["cut"], found["damaged"]), (37, 1, 1, 0), f"{title}: what is lost")
for words in ("37 reports more", "the event queue was full", "1 records are cut off"):
    tap.ok(words in tool.run("--event", os.path.join(LOGS, "linux-mixed"), board).out, f"{title}: {words}")

title = "lines of different events"
said = asked(f"arm-smmu-v3 50000000.iommu: event 0x10 received: {record(0x10, 8, 0, 0x1000)}\n"
             "arm-smmu-v3 50000000.iommu: event: F_TRANSLATION client: x sid: 0x8 ssid: 0x0 iova: 0x1900 ipa: 0x0\n"
             f"arm-smmu-v3 50000000.iommu: event 0x10 received: {record(0x10, 8, 0, 0x1000)}\n"
             "arm-smmu-v3 50000000.iommu: event: C_BAD_STREAMID client: x sid: 0x8 ssid: 0x0")
tap.equal([short(each)[1:4] for each in said.json["events"]], [("F_TRANSLATION", "0x8", 3), ("C_BAD_STREAMID", "0x8", 1)], f"{title}: do not go with one another's record")

title = "raw records"
tap.equal([short(each)[1:5] for each in events("raw-64", sole)["events"]], [("C_BAD_STREAMID", "0x1600", 1, None), ("F_TRANSLATION", "0x10002", 1, "0xfeed0000")],
          f"{title}: of 64 bits")
tap.equal([short(each)[:4] for each in events("raw-32", sole)["events"]], [(A, "C_BAD_STREAMID", "0x1600", 1)], f"{title}: a dump of 32 bits")
tap.equal(events("raw-32")["events"][0]["instance"], None, f"{title}: of two SMMUs neither is guessed")

tap.equal(asked(record(2, 8)).json["events"][0]["instance"], None, f"{title}: nor where both have the stream")
odd = tool.dtb(TREE.replace("iommu-map-mask = <0xfff>", "iommu-map-mask = <0xffe>"))
tap.equal([len(asked(f"arm-smmu-v3 50000000.iommu: event 0x02 received: {record(2, 0x10000 + number)}", odd).json["events"][0]["owners"]) for number in (2, 3)], [1, 0],
          f"{title}: a stream that the mask keeps from coming")

title = "the firmware's record"
found = events("firmware")
tap.equal([short(each) for each in found["events"]], [(B, "F_PERMISSION", "0x8", 3, "0x40001000", "write", [(DISPLAY, None)])], f"{title}: by its own name")
tap.equal(found["expected"], 5, f"{title}: what a check provoked is counted alone")
said = asked('{"record":"event","instance":"smmu1","code":"0x2","sid":"0x20","expected":false}')
tap.equal(short(said.json["events"][0])[:3], (B, "C_BAD_STREAMID", "0x20"), f"{title}: by its number")

title = "on the command line"
text = "arm-smmu-v3 fc900000.iommu: event 0x02 received: 0x0000160000000002 0x0 0x0 0x0"
event = asked(text, sole).json["events"][0]
tap.equal(short(event)[:3], (A, "C_BAD_STREAMID", "0x1600"), f"{title}: in one line")
tap.ok("0xfc900000" in event["which"], f"{title}: no SMMU is where the log says", event["which"])
joined = " ".join(open(os.path.join(LOGS, "linux-words"), encoding="ascii").read().split("\n"))
tap.equal([each["sid"] for each in asked(joined).json["events"]], ["0x10002", "0x8"], f"{title}: lines that are joined")
tap.equal(asked(f"arm-smmu-v3 ...: event 0x02 received: {record(2, 8)}", sole).json["events"][0]["sid"], "0x8", f"{title}: with dots for the name")
with open(os.path.join(LOGS, "linux-words"), "rb") as log:
    piped = subprocess.run([tool.INSPECT, "--event", "-", board], stdin=log, capture_output=True, check=False)
tap.equal(piped.stdout.decode(), tool.run("--event", os.path.join(LOGS, "linux-words"), board).out, f"{title}: - is standard input")
with open(board, "rb") as table:
    piped = subprocess.run([tool.INSPECT, "--event", text, "-"], stdin=table, capture_output=True, check=False)
tap.equal(piped.returncode, 0, f"{title}: the table may be")

title = "numbers of an IORT's SMMUs"
lines = "".join(f"arm-smmu-v3 arm-smmu-v3.{number}.auto: event 0x02 received: {record(2, sid)}\n" for number, sid in ((7, 0x77), (3, 0x33)))
tap.equal([(each["instance"], each["sid"]) for each in asked(lines).json["events"]], [(B, "0x77"), (A, "0x33")], f"{title}: by their order, where all are there")

title = "a flood"
flood = os.path.join(tool.folder(), "flood")
with open(flood, "w", encoding="ascii") as file:
    for number in range(10000):
        file.write(f"arm-smmu-v3 50000000.iommu: event 0x10 received:\n" +
                   "".join(f"arm-smmu-v3 50000000.iommu: \t{word}\n" for word in record(0x10, 0x8 + number % 2, number << 33 & 0x800000000, 0x1000 * (number + 1)).split()))
said = asked(flood)
tap.equal([(each["sid"], each["count"], each["address_first"], each["address_last"]) for each in said.json["events"]],
          [("0x8", 5000, "0x1000", hex(0x1000 * 9999)), ("0x9", 5000, "0x2000", hex(0x1000 * 10000))], f"{title}: is summed by stream")
tap.ok("5000 times" in tool.run("--event", flood, board).out, f"{title}: for people, too")

title = "causes"


def likely(code, sid, *words, device="50000000.iommu", table=board):
    event = asked(f"arm-smmu-v3 {device}: event {code:#04x} received: {record(code, sid, *words)}", table).json["events"][0]
    return event, " | ".join(event["likely"])


for code, sid, words, device, wanted in (
        (0x10, 0x8, (0, 0x90001000), "50000000.iommu", "/reserved-memory/framebuffer@90000000 says this stream"),
        (0x10, 0x10002, (0, 0x90001000), "50000000.iommu", "not for this stream"),
        (0x10, 0x8, (0, 0x10), "50000000.iommu", "near 0"),
        (0x13, 0x8, (0, 0x5000), "50000000.iommu", "DMA_TO_DEVICE"),
        (0x02, 0x20, (), "60000000.iommu", f"{CAMERA} is disabled"),
        (0x02, 0x8, (), "60000000.iommu", "once a driver takes its master"),
        (0x02, 0x1600, (), "50000000.iommu", "the table forgets it"),
        (0x07, 0x10002, (), "50000000.iommu", "ats-supported"),
        (0x0b, 0x8, (0, 0x1000, 0x90002000), "60000000.iommu", "has /iommu@60000000 coherent"),
        (0x09, 0x8, (0, 0, 0x90002000), "50000000.iommu", "has /iommu@50000000 not coherent"),
):
    event, said = likely(code, sid, *words, device=device)
    tap.ok(wanted in said, f"{title}: {code:#04x} of {sid:#x}: {wanted}", said)
endpoint = tool.dtb(TREE.replace("acme,display", "rockchip,rk3588-pcie-ep"))
event, said = likely(2, 0x1600, table=endpoint)
tap.ok("endpoint" in said and "16:00.0" in said, f"{title}: an endpoint with one stream", said)
said = asked(f"arm-smmu-v3 50000000.iommu: event 0x10 received: {record(2, 8)}").json["events"][0]["likely"][0]
tap.ok("0x10" in said and "0x02" in said, f"{title}: a head line of another record", said)
twice = tool.dtb(TREE.replace("<&b 0x20>", "<&a 0x9>").replace('status = "disabled";', ""))
event, said = likely(0x10, 0x9, 0, 0x1000, table=twice)
tap.equal(sorted(each["master"] for each in event["owners"]), [CAMERA, DISPLAY], f"{title}: two masters")
tap.ok(any("is claimed by" in each for each in event["findings"]), f"{title}: with the table's finding", event["findings"])
client = "arm-smmu-v3 50000000.iommu: event: F_TRANSLATION client: 0000:16:00.0 sid: 0x1600 ssid: 0x0 iova: 0x1000 ipa: 0x0"
tap.ok("not the table that was in use" in " ".join(asked(client).json["events"][0]["likely"]), f"{title}: a device that the table has not")

for ats, wanted in ((0, "has no ATS"), (1, "says that segment:0 has ATS")):
    table = made.Iort()
    table.root(((0, 0xFFFF, 0, table.smmu(), 0),), ats=ats)
    said = asked(f"arm-smmu-v3 arm-smmu-v3.0.auto: event 0x07 received: {record(7, 0x100)}", table.save()).json["events"][0]["likely"]
    tap.ok(wanted in said[0], f"{title}: a root complex whose ATS attribute is {ats}", said)
event, said = likely(2, 0x20, device="60000000.iommu")
tap.ok(any(each.startswith("smmu") or ": /" in each for each in event["findings"]), f"{title}: a finding has its id", event["findings"])

title = "what is no event"
empty = os.path.join(tool.folder(), "empty")
with open(empty, "wb"):
    pass
for source, wanted in (
        ("", "empty"),
        (empty, "empty"),
        ("hello", '"hello"'),
        ("0x1 0x2 0x3", "3 words"),
        ("0x00001600000000002 0x0 0x0 0x0", "no word"),
        ("00000002 00001600 00000000", "3 words of 32 bits"),
        ("arm-smmu-v3 50000000.iommu: event 0x10 received:", "cut off"),
        ('{"record":"event","instance":"smmu0"', "1 damaged"),
        ('{"record":"event","instance":"smmu0"}', "cut off"),
        ("arm_smmu_evtq_thread: 37 callbacks suppressed", "lost"),
        ("/no/such/log", "no such file"),
        (tool.HERE, "directory"),
        (board, "no event is in it"),
):
    said = tool.run("--event", source, board)
    tap.equal((said.status, said.out), (2, ""), f"{title}: {os.path.basename(source)[:30]!r}: is refused")
    tap.ok(wanted in said.err, f"{title}: {os.path.basename(source)[:30]!r}: {wanted}", said.err)
said = asked("hello")
tap.equal((said.status, said.json["verdict"]), (2, "error"), f"{title}: as JSON")
none = tool.dtb(TREE.replace("arm,smmu-v3", "arm,smmu-v2"))
tap.ok("no SMMUv3" in tool.run("--event", text, none).err, f"{title}: nor is a table without an SMMUv3 asked")
for arguments in (("--event", text), ("--event", text, "--dot", board), ("--event", text, "--compare", board, board), ("--event", "-", "-"),
                  ("--event", text, tool.HERE)):
    tap.equal(tool.run(*arguments).status, 1, f"{title}: wrong usage: {arguments[2:]}")
tap.done()
