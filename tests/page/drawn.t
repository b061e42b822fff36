# SPDX-License-Identifier: BSD-2-Clause
"""The picture and the time line: who was seen where, by shape and word as by colour; what each core did, by the records and by a trace."""

import html
import json
import re
import xml.etree.ElementTree as ElementTree

from page_tool import page_of, sample, tap

RECORDS = [json.loads(line) for line in sample()]


def text_of(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def page(records, before=""):
    return page_of(before + text_of(records))[1]


def picture(records):
    """[(class, [text])] of nodes and edges."""
    source = page(records).source
    svg = ElementTree.fromstring(re.search(r"<svg .*?</svg>", source, re.S)[0])
    groups = [(group.get("class"), [text.text for text in group.iter("text")]) for group in svg.iter("g")]
    return [(name, words) for name, words in groups if name and name.split()[0] in ("node", "edge", "cluster")]


def changed(kind, number, **keys):
    records = [dict(record) for record in RECORDS]
    [record for record in records if record["record"] == kind][number].update(keys)
    return records


drawn = picture(RECORDS)
tap.ok(("node ok", ["smmu0", "0xc000000", "✓ ready"]) in drawn, "an SMMU that is ready: its name, base and word", drawn[:3])
tap.ok(("node ok", ["0000:00:01.0", "edu", "✓ as described"]) in drawn, "a master that was seen as described")
tap.ok(("edge ok", ["✓ 0x8"]) in drawn, "its stream leads to its SMMU")
tap.ok(("cluster", ["PCI segment 0000"]) in drawn, "masters stand in their host")
tap.ok(("node quiet", ["○ 2 more", "not driven"]) in drawn and ("edge unseen", ["described"]) in drawn, "those that nothing drives are one node, which is described there", drawn)

for title, keys, node, edges in (
    ("seen at another SMMU", {"match": False, "observed": {"instance": "smmu1", "sid": "0x99"}}, "✗ wrong", [("edge wrong", ["✗ seen as 0x99"]), ("edge unseen", ["described 0x8"])]),
    ("seen at an SMMU that no record describes", {"match": False, "observed": {"instance": "smmu9", "sid": "0x8"}}, "✗ wrong", [("node wrong", ["smmu9", "not described"])]),
    ("past every SMMU", {"match": False, "observed": None, "reached_memory": True}, "✗ wrong", [("node wrong", ["✗ memory, past every SMMU"]), ("edge wrong", ["✗ unseen"])]),
):
    drawn = picture(changed("observed", 0, **keys))
    tap.ok(("node wrong", ["0000:00:01.0", "edu", node]) in drawn and all(edge in drawn for edge in edges), f"a master that was {title}", drawn)
drawn = picture(changed("instance", 1, state="failed", reason="so"))
tap.ok(("node wrong", ["smmu1", "0xc020000", "✗ failed"]) in drawn, "an SMMU that failed")
drawn = picture(changed("master", 1, client_state="deferred"))
tap.ok(("node wrong", ["0000:00:01.0", "edu", "✗ wrong"]) in drawn, "a client that waits")
many = [{**RECORDS[6], "master": f"0001:{i >> 5:02x}:{i & 31:02x}.0", "client": "edu", "client_state": "bound"} for i in range(900)]
drawn = picture(RECORDS[:-1] + many + RECORDS[-1:])
tap.ok(len(drawn) < 300 and any("more" in words[0] for _, words in drawn), "900 masters: those that are too many are one node", len(drawn))
tap.ok("no record tells of a master or an SMMU" in page(RECORDS[:1]).text, "without masters and SMMUs: no picture, and why")

# --- Steps, in the order of the records. ---

steps = page(RECORDS).source.split('<table class="steps">')[1].split("</table>")[0]
rows = [[" ".join(html.unescape(re.sub("<[^>]*>", "", cell)).split()) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in re.findall(r"<tr>(.*?)</tr>", steps, re.S)]
named = {row[0]: row[1:] for row in rows}
tap.equal(rows[0], ["Step", "No core told", "Core 1", "Core 2", "Core 3"], "a column for each core that bound a client")
tap.equal(list(named)[1:4], ["registration and replay of each SMMU's masters", "deferrals", "wake-ups and binds"], "steps in their order")
tap.ok("smmu1 ready, 8 masters replayed" in named[rows[1][0]][0], "what was registered, and what was replayed")
tap.ok("waited for smmu1: 0000:81:00.0" in named["deferrals"][0], "who waited for whom")
tap.ok(named["wake-ups and binds"][3] == "0000:81:00.0 (edu)" and "0000:83:00.0 (iommu-testdev)" == named["wake-ups and binds"][2], "who was bound on which core", named["wake-ups and binds"])
tap.ok(any("translate" in title and cells[0].startswith("8 pass") for title, cells in named.items()), "checks that came to the same are one step", named)
tap.ok("No record of this report tells a time" in page(RECORDS).text, "and the page says that no record tells a time")

# --- Lanes, by a trace. ---

TRACE = """trace start 6 entries, 3 lost, 1000000 Hz
trace 7d0 smmu0 core0 W 00020 00000008
trace 7d1 smmu0 core3 C 0000000800000003 0000000000000001
trace 7d2 smmu0 core3 C 0000001000000003 0000000000000001
trace bb8 smmu0 core1 X 00044 80100000
trace 2bb8 smmu1 core1 C 0000000000000011 0000000000000000
trace 2bb9 smmu1 core2 G 0000000000000801 0000000000000000
trace 2bba smmu1 core2 W 100ac 00000001
trace nonsense
trace end
"""
traced = page(RECORDS, TRACE)
lanes = traced.source.split('aria-label="Lanes of the cores"')[1].split("</svg>")[0]
tap.equal(re.findall(r"core \d", lanes), ["core 0", "core 1", "core 2", "core 3"], "a lane for each core of the trace")
tap.equal(sorted(re.findall(r'class="mark (\w+)"', lanes)), ["events", "state", "streams", "tlb", "wrong", "wrong"], "marks of each kind, those on each other once")
tap.equal(lanes.count('class="break"'), 1, "a long pause is drawn short")
tap.ok("7 marks; 3 older entries of the trace were overwritten" in traced.text, "what the trace lost is told")
table = traced.text.split("The same in words")[1]
for words in ("0.000000 s 0.000000 s 0 smmu0 turned on, off or to abort (1): CR0 CMDQEN", "0.000001 s 0.000002 s 3 smmu0 streams configured (2): stream 0x8 (0000:00:01.0), stream 0x10 (0000:00:02.0)",
              "0.009192 s 0.009192 s 1 smmu1 translations invalidated: map and unmap (1)", "2 smmu1 errors and refused writes (1)"):
    tap.ok(words in table, f"in words: {words[:60]}", table[:900])
for title, text in (("no entry", "trace start 0 entries, 0 lost, 5 Hz\ntrace end\n"), ("no beginning", TRACE.split("\n", 1)[1]), ("0 Hz", TRACE.replace("1000000 Hz", "0 Hz"))):
    tap.ok("No record of this report tells a time" in page(RECORDS, text).text, f"a trace with {title}: no lanes")

# --- And by the records `steps`. ---


def step(core, what, ticks, *of, last=None, count=1):
    return {"record": "steps", "core": core, "what": what, "ticks": ticks, "of": list(of), "last_ticks": last or ticks, "count": count}


HZ = RECORDS[-1]["tick_hz"]
names = {record["instance"]: record["name"] for record in RECORDS if record["record"] == "instance"}
STEPS = [
    step(1, "deferral", HZ, "0000:00:01.0", "0000:00:02.0", count=2), step(0, "registration", HZ + 1, names["smmu0"]), step(0, "replay", HZ + 2, names["smmu0"]), step(0, "ready", HZ + 3, names["smmu0"]),
    step(0, "wake-up", HZ + 4, "0000:00:01.0"), step(2, "bind", HZ + 5, "0000:00:01.0"), step(0, "dma", 2 * HZ, "0000:00:01.0", last=3 * HZ, count=7), step(0, "event", 3 * HZ, names["smmu0"]),
    step(3, "of the future", 5, "x"), {**step(None, "left out", None), "count": 9},
]
stepped = page(RECORDS[:-1] + STEPS + RECORDS[-1:])
lanes = stepped.source.split('aria-label="Lanes of the cores"')[1].split("</svg>")[0]
tap.equal(re.findall(r"core \d", lanes), ["core 0", "core 1", "core 2"], "steps: a lane for each core")
tap.equal(re.findall(r'class="mark ([\w-]+)"', lanes), ["registration", "replay", "ready", "wake-up", "dma", "events", "deferral", "bind"], "steps: a mark for each")
tap.ok("8 marks; 9 later steps had no room in the firmware" in stepped.text and "No record of this report tells a time" not in stepped.text, "steps: and those that had no room are told")
table = stepped.text.split("The same in words")[1]
for words in ("0.000000 s 0.000000 s 1 – clients deferred (2): 0000:00:01.0, 0000:00:02.0", "0 – registration of an SMMU (1): smmu0", "1.000000 s 2.000000 s 0 – DMA started (7): 0000:00:01.0"):
    tap.ok(words in table, f"steps in words: {words}", table[:900])
both = page(RECORDS[:-1] + STEPS + RECORDS[-1:], TRACE.replace("1000000 Hz", f"{HZ} Hz"))
tap.ok("15 marks" in both.text, "steps and a trace stand in the same lanes", both.text.split("Time line")[-1][:200])
tap.ok(page(RECORDS, TRACE.replace("smmu1", "smmu999").replace("core2", "core999")) is not None, "a trace of cores and SMMUs that no record names")
tap.done()
