# SPDX-License-Identifier: BSD-2-Clause
"""What a page shows of a report: the verdict and why to doubt it, every finding, every name, and nothing that would be run or fetched."""

import json
import os

from page_tool import FOLDER, Page, call, page_of, read, sample, tap, write

RECORDS = [json.loads(line) for line in sample()]


def raw_of(record):
    return json.dumps(record, separators=(",", ":"))


def text_of(records):
    return "".join(raw_of(record) + "\n" for record in records)


def changed(kind, number=0, **keys):
    """The sample with one record changed."""
    records = [dict(record) for record in RECORDS]
    [record for record in records if record["record"] == kind][number].update(keys)
    return records


def without(kind):
    return [record for record in RECORDS if record["record"] != kind]


def shown(text, *arguments):
    return page_of(text, *arguments)[1]


def flat(words):
    return " ".join(words.split())


def verdict_of(page):
    return page.text.split("Findings")[0]


plain = shown(text_of(RECORDS))
tap.ok("PASS" in verdict_of(plain) and "DOUBTFUL" not in plain.text, "a report that passes: the page says so", verdict_of(plain))
for title, records in (("a report that passes", RECORDS), ("no verdict", RECORDS[:-1]), ("one record", RECORDS[:1])):
    page = shown(text_of(records))
    tap.equal(list(page.outside()), [], f"{title}: nothing on its page is fetched, or run")
    tap.equal(page.dead(), [], f"{title}: no link is dead")
    tap.equal(len(page.ids), len(set(page.ids)), f"{title}: no id is there twice")
for kind, key in (("instance", "instance"), ("master", "master"), ("instance", "base"), ("master", "device")):
    missing = [record[key] for record in RECORDS if record["record"] == kind and record[key] not in plain.text]
    tap.equal(missing, [], f"each {key} of a record {kind} is on the page")
raw = [line for line in sample() if flat(line) not in plain.text]
tap.ok(not raw, "each record is there, raw", raw[:1])

# --- The verdict, and what makes it doubtful. ---

FAILED = changed("verdict", result="fail", reason="a check failed (unmap: x)")
for title, records, wanted, reason in (
    ("no verdict", RECORDS[:-1], "NO VERDICT", "the run was cut off"),
    ("a fail", FAILED, "FAIL", "a check failed (unmap: x)"),
    ("described", changed("verdict", result="described"), "DESCRIBED", "nothing was touched"),
    ("another result", changed("verdict", result="maybe"), "FAIL", "its result is 'maybe'"),
    ("counts that are not the records'", changed("verdict", checks_passed=3), "DOUBTFUL", "the verdict counts 3 checks passed"),
    ("a check that failed", changed("check", result="fail", detail="so"), "DOUBTFUL", "0 checks failed, and the records here 1"),
    ("no beginning", RECORDS[1:], "DOUBTFUL", "the record firmware"),
    ("two verdicts", [*RECORDS, RECORDS[-1]], "DOUBTFUL", "there are 2 verdicts"),
    ("a verdict that is taken back", [*RECORDS, {"record": "verdict", "result": "fail", "reason": "the image that next= names returned"}], "FAIL", "the image that next= names returned"),
    ("a record behind it", [*RECORDS, {"record": "check", "check": "unmap", "master": "m", "result": "pass"}], "DOUBTFUL", "records stand behind the verdict"),
    ("a record that was lost", [*RECORDS[:-1], {"record": "lost"}, RECORDS[-1]], "DOUBTFUL", "1 records were too long"),
):
    said = verdict_of(shown(text_of(records)))
    tap.ok(wanted in said and reason in said and ("PASS" in said) <= (wanted == "PASS"), f"{title}: {wanted}", said)
said = verdict_of(shown(text_of(RECORDS[:-1]) + "[1.0] " + text_of(RECORDS[-1:])))
tap.ok("DOUBTFUL" in said and "its line holds more" in said, "a verdict behind other words: doubtful", said)
said = verdict_of(shown(text_of(RECORDS[:5]) + '{"record":"check","ch\n' + text_of(RECORDS[5:])))
tap.ok("DOUBTFUL" in said and "some records cannot be read" in said, "a record that cannot be read: doubtful", said)

# --- Findings. ---

FINDINGS = [
    {"record": "finding", "id": "stream_id", "severity": "error", "place": "0000:00:01.0", "text": "as stream 0x9", "advice": "write <1 &{/iommu} 2>", "count": 1},
    {"record": "finding", "id": "not_driven", "severity": "warning", "place": "0000:00:02.0", "text": "it is asleep", "advice": None, "count": 3},
    {"record": "finding", "id": "of_the_future", "severity": "note", "place": "elsewhere", "text": "that is new", "advice": None, "count": 1},
    {"record": "finding", "id": "strange", "severity": "terrible", "place": None, "text": None, "advice": None, "count": None},
]
page = shown(text_of(RECORDS[:-1] + FINDINGS[::-1] + RECORDS[-1:]))
for finding in FINDINGS:
    words = [finding[key] for key in ("id", "place", "text", "advice") if finding[key]]
    tap.equal([word for word in words if word not in page.text], [], f"the finding {finding['id']} is on the page, with all its words")
places = [page.text.index(finding["text"]) for finding in FINDINGS[:3]]
tap.ok(places == sorted(places) and "(3 times)" in page.text, "worst first, and how often", places)
tap.ok("#explain-stream_id" in page.targets and "A master's DMA came as another stream" in page.text, "an id leads to its words in docs/findings.md")
tap.ok("explain-of_the_future" not in page.ids and "#explain-of_the_future" not in page.targets, "an id without words leads nowhere")
tap.equal(page.dead(), [], "and no link is dead")

for title, kind, keys, words in (
    ("a check that failed", "check", {"result": "fail", "detail": "it went wrong here"}, "it went wrong here"),
    ("a check of a result that is not known", "check", {"result": "perhaps"}, "the check's result is 'perhaps'"),
    ("a mismatch", "observed", {"match": False, "observed": None, "advice": "the line to write"}, "no SMMU saw its DMA"),
    ("a mismatch's advice", "observed", {"match": False, "advice": "the line to write"}, "the line to write"),
    ("an event that was not expected", "event", {"expected": False, "cause": "such a cause"}, "such a cause"),
    ("an SMMU that failed", "instance", {"state": "failed", "reason": "no such register"}, "no such register"),
    ("a master that is quarantined", "master", {"state": "quarantined", "reason": "a shared stream"}, "a shared stream"),
    ("a client that waits", "master", {"client_state": "deferred", "waited_for": ["smmu7"]}, "its client still waits for smmu7"),
    ("a master that is not driven", "master", {"unfit": "its link is down"}, "its link is down"),
):
    page = shown(text_of(changed(kind, **keys)))
    found = page.text.split("Who was seen where")[0]
    tap.ok(words in found and "From the records themselves" in found, f"{title}: is a finding, though none is listed", found)

WALK = [{"what": "STE", "address": "0x41467300", "value": "0x414501cb", "meaning": "stage 1, CD at 0x414501c0"}]
for title, records in (
    ("a check that is listed", changed("check", result="fail", walk=WALK)[:-1] + [{**FINDINGS[0], "id": "registration_footprint", "place": "smmu0"}] + RECORDS[-1:]),
    ("a check that is not", changed("check", result="fail", walk=WALK)), ("an event", changed("event", expected=False, walk=WALK)),
):
    found = shown(text_of(records)).text.split("Who was seen where")[0]
    tap.ok("the walk: 1 steps STE at 0x41467300: 0x414501cb stage 1, CD at 0x414501c0" in found, f"the walk of {title} stands with its finding", found[:1200])
lines = [{"line": "eventq", "intid": 144, "trigger": "edge", "proven": False, "came": 0}]
page = shown(text_of([*RECORDS[:-1], {"record": "interrupts", "instance": "smmu1", "interrupts": lines}, RECORDS[-1]]))
tap.ok("interrupt eventq 144, edge: ✗ no" in page.text, "an interrupt of an SMMU that never came")
lines = [{"line": line, "intid": 148, "trigger": "edge"} for line in ("eventq", "priq")]
records = changed("instance", interrupts=lines)
page = shown(text_of([*records[:-1], {"record": "interrupts", "instance": "smmu0", "interrupts": [{**lines[0], "proven": True, "came": 1}]}, records[-1]]))
tap.equal([page.text.count(f"interrupt {words}") for words in ("eventq", "eventq 148, edge: ✓ yes", "priq 148, edge: ○ not told")], [1, 1, 1], "what is told of an interrupt later stands in its place")
page = shown(text_of([*RECORDS[:-1], {**FINDINGS[0], "advice": "as stream 0x9. Write it"}, RECORDS[-1]]))
tap.ok("as stream 0x9 Advice: Write it" in page.text, "a finding's sentence does not stand in its advice again")

heard = {"record": "listen", "instance": "smmu1", "sid": "0x700", "master": None, "count": 90, "address": "0x8000", "access": "write", "lowest": "0x8000", "highest": "0x8fff", "per_second": 30, "silenced": False, "passed": True}
page = shown(text_of([*RECORDS[:-1], heard, RECORDS[-1]]))
tap.ok("smmu1 stream 0x700 (no master's): 90 times, 30 a second, write at 0x8000, all from 0x8000 to 0x8fff; let through from then on" in page.text, "who was heard: address, direction and rate")

# --- Skips, files and ends. ---

page = shown(text_of(changed("check", result="skip", detail="the emulator has none")))
tap.ok("the emulator has none" in page.text.split("Not looked at, and why")[1], "a skip and its reason are among what was not looked at")
page = shown(text_of(changed("firmware", interface=2)))
tap.ok("interface 2, and this page knows 1" in page.text, "a newer interface is named")
page = shown(text_of([*RECORDS[:-1], {"record": "hyperlink", "x": 1}, RECORDS[-1]]))
tap.ok("hyperlink (1)" in page.text.replace(" ,", ","), "a kind that is not known is named", page.text[-600:])
page = shown(text_of(RECORDS[:8]) + text_of(RECORDS))
tap.ok("PASS" in verdict_of(page) and "Another run in this file: NO VERDICT, 8 records" in page.text, "two runs in one console: the other one is told, too")
page = shown(text_of(RECORDS[:8]) + text_of(RECORDS), "--run", "1")
tap.ok("NO VERDICT" in verdict_of(page) and "Another run in this file: PASS" in page.text, "and can be asked for")
page = shown("the machine said this\n" + text_of(RECORDS[:4]) + "and this last\n")
tap.ok("the machine said this and this last" in page.text, "without a verdict the console's last words are there")
page = shown(text_of(changed("firmware", arguments=["id=7", "tables=dt", "log=quiet"])))
tap.ok("make run 'APPEND=tables=dt log=quiet'" in page.text, "how to run it again, by the records")
page = shown(text_of(RECORDS), "--again", "make run CPU=max")
tap.ok("make run CPU=max" in page.text, "how to run it again, by who ran it")

events = [{"record": "event", "instance": "smmu0", "code": "0x10", "name": "F_TRANSLATION", "sid": "0x8", "address": hex(4096 * i), "expected": True, "count": 1} for i in range(10000)]
page = shown(text_of(RECORDS[:-1] + events + RECORDS[-1:]))
tap.ok(len(page.tags) < 5000, "10 000 events are no page of 100 000 parts", f"{len(page.tags)} tags, {len(page.source)} bytes")
events = [{**event, "sid": hex(i)} for i, event in enumerate(events)]
page = shown(text_of(RECORDS[:-1] + events + RECORDS[-1:]))
tap.ok(len(page.tags) < 15000 and "more kinds are among the raw records" in page.text, "nor are 10 000 kinds of them", f"{len(page.tags)} tags")
tap.ok(raw_of(events[-1]) in page.text, "and the last one is there, raw")

report = write("named.jsonl", text_of(RECORDS))
tap.equal(call(report)[0], 0, "a page without -o: status 0")
tap.ok(os.path.exists(os.path.join(FOLDER, "named.html")), "and lies beside the report")
for title, arguments, status, words in (
    ("no file", (os.path.join(FOLDER, "nothing"),), 1, "cannot be read: No such file"),
    ("a folder", (FOLDER,), 1, "cannot be read: Is a directory"),
    ("no argument", (), 1, "usage:"),
    ("an option that is none", ("--loud", report), 1, "usage:"),
    ("a run that is not there", ("--run", "2", report), 1, "has 1 of them"),
    ("run 0", ("--run", "0", report), 1, "has 1 of them"),
    ("a place that cannot be written", ("-o", "/dev/full/x", report), 1, "cannot be written"),
    ("no record", (write("words", "hello\n"),), 2, "has no record"),
    ("an empty file", (write("empty", b""),), 2, "has no record"),
):
    found, said = call(*arguments)
    tap.ok(found == status and words in said and "Traceback" not in said, f"{title}: status {status}, and why", [found, said])
tap.ok("NO VERDICT" in Page(read(os.path.join(FOLDER, "words.html"))).text, "and a page without a record says so")
tap.done()
