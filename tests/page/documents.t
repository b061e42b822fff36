# SPDX-License-Identifier: BSD-2-Clause
"""JUnit XML for CI, Markdown for a ticket, and the page of what changed between two reports."""

import json
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree

from page_tool import FOLDER, PAGE, Page, call, read, sample, tap, write

RECORDS = [json.loads(line) for line in sample()]


def text_of(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def changed(*changes):
    """The sample with records changed: (kind, number, keys)."""
    records = [dict(record) for record in RECORDS]
    for kind, number, keys in changes:
        [record for record in records if record["record"] == kind][number].update(keys)
    return records


def documents(records):
    """(JUnit XML's tree, Markdown)"""
    report, xml, ticket = write("report.jsonl", text_of(records)), os.path.join(FOLDER, "junit.xml"), os.path.join(FOLDER, "ticket.md")
    call("--junit", xml, "--markdown", ticket, "-o", os.path.join(FOLDER, "x.html"), report)
    return ElementTree.fromstring(read(xml)), read(ticket)


# --- JUnit XML: the elements and attributes that its readers know (Jenkins, GitLab, Ant's own schema). ---

ATTRIBUTES = {
    "testsuites": set(), "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"}, "properties": set(), "property": {"name", "value"},
    "testcase": {"classname", "name", "time"}, "failure": {"message", "type"}, "error": {"message", "type"}, "skipped": {"message"},
}
INSIDE = {
    "testsuites": ["testsuite"], "testsuite": ["properties", "testcase"], "properties": ["property"], "property": [], "testcase": ["failure", "error", "skipped"],
    "failure": [], "error": [], "skipped": [],
}


def against_schema(element):
    if set(element.attrib) != ATTRIBUTES[element.tag]:
        yield f"{element.tag} has {sorted(element.attrib)}"
    order = [INSIDE[element.tag].index(child.tag) if child.tag in INSIDE[element.tag] else -1 for child in element]
    if -1 in order or order != sorted(order):
        yield f"{element.tag} holds {[child.tag for child in element]}"
    if element.tag == "testcase" and len(element) > 1:
        yield "a case with two outcomes"
    for child in element:
        yield from against_schema(child)


def cases(tree):
    """{(class, name): outcome}"""
    return {(case.get("classname"), case.get("name")): case[0].tag if len(case) else "pass" for case in tree.iter("testcase")}


def counts(tree):
    suite = tree.find("testsuite")
    return {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}


def counted(tree):
    found = [case[0].tag if len(case) else "pass" for case in tree.iter("testcase")]
    return {"tests": len(found), "failures": found.count("failure"), "errors": found.count("error"), "skipped": found.count("skipped")}


CHECKS = [record for record in RECORDS if record["record"] == "check"]
OBSERVED = [record for record in RECORDS if record["record"] == "observed"]
tree, ticket = documents(RECORDS)
tap.equal(list(against_schema(tree)), [], "JUnit XML has the elements and attributes that its readers know, in their order")
tap.equal(counted(tree), {"tests": len(CHECKS) + len(OBSERVED) + 1, "failures": 0, "errors": 0, "skipped": 0}, "a case for each check and observation, and the verdict")
tap.equal(counts(tree), counted(tree), "and the suite counts them so")
tap.ok(float(tree.find("testsuite").get("time")) > 1, "its time is the run's", tree.find("testsuite").attrib)

BAD = changed(("check", 0, {"result": "fail", "detail": "it broke"}), ("check", 1, {"result": "skip", "detail": "no such thing"}), ("check", 2, {"result": "perhaps"}),
              ("observed", 0, {"match": False, "observed": None}), ("event", 0, {"expected": False}), ("verdict", 0, {"result": "fail", "reason": "because"}))
tree, ticket = documents(BAD)
found = cases(tree)
tap.equal(list(against_schema(tree)), [], "a report that fails: JUnit XML of the same elements")
tap.equal(counts(tree), counted(tree), "and its counts are right")
for record, wanted in ((BAD[1], "failure"), (BAD[2], "skipped")):
    tap.equal(found[record.get("master") or record["instance"], record["check"]], wanted, f"a check that is a {record['result']}: {wanted}")
tap.equal([found["the run", "verdict"], counted(tree)["failures"]], ["failure", 5], "a check, one of no known result, an observation, an event and the verdict are failures")
messages = [element.get("message") for element in tree.iter() if element.tag in ("failure", "skipped")]
tap.ok({"it broke", "no such thing", "the check's result is 'perhaps'"} <= set(messages) and any(each.startswith("because") for each in messages), "and each says why", messages)
for title, records, wanted in (
    ("no verdict", RECORDS[:-1], "error"), ("a doubtful verdict", changed(("verdict", 0, {"masters": 1})), "error"), ("described alone", changed(("verdict", 0, {"result": "described"})), "skipped"),
    ("nothing", [], "error"),
):
    tap.equal(cases(documents(records)[0])["the run", "verdict"], wanted, f"{title}: the verdict's case is: {wanted}")

# --- Markdown. ---

for words in ("**FAIL**", "Why: because", "it broke", "`registration_footprint`", "no such thing", "### Findings", "### Not looked at", "Again: `make run`"):
    tap.ok(words in ticket, f"a ticket's text has {words}", ticket[:400])
tap.ok("**PASS**" in documents(RECORDS)[1] and "None." in documents(RECORDS)[1], "one of a pass says so")
tap.ok("**NO VERDICT**" in documents(RECORDS[:-1])[1], "one without a verdict, too")
tap.ok("Doubt: the verdict counts 1 masters" in documents(changed(("verdict", 0, {"masters": 1})))[1], "and one that is doubtful tells why")
report = write("report.jsonl", text_of(RECORDS))
page = os.path.join(FOLDER, "report.html")
if os.path.exists(page):
    os.remove(page)
done = subprocess.run([PAGE, "--markdown", "-", report], capture_output=True, text=True, check=False)
tap.ok(done.stdout.startswith("**PASS**") and not done.stderr and not os.path.exists(page), "on standard output there is the document alone, and no page", [done.stdout[:80], done.stderr])
done = subprocess.run([PAGE, "--junit", "-", "-"], input=text_of(RECORDS), capture_output=True, text=True, check=False)
tap.equal(ElementTree.fromstring(done.stdout).tag, "testsuites", "a report from standard input")

# --- What changed. ---


def comparison(before, after):
    paths = [write(f"{name}.jsonl", text_of(records)) for name, records in (("before", before), ("after", after))]
    out = os.path.join(FOLDER, "compare.html")
    status, said = call("-o", out, *paths)
    tap.ok(status == 0, "a comparison ends with status 0", said)
    return Page(read(out))


def rows(page):
    """[[cell]] of its table."""
    made = [[" ".join(re.sub("<[^>]*>", "", cell).split()) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in re.findall(r"<tr>(.*?)</tr>", page.source, re.S)]
    return [row[:4] + [row[4].split()[-1]] for row in made[1:]]


same = comparison(RECORDS, changed(("firmware", 0, {"id": "another", "arguments": ["id=another"]}), ("verdict", 0, {"ticks": 5})))
tap.ok("All that is compared is the same" in same.text and "New (0) None. Gone (0) None." in same.text, "two runs that differ in name and time: the same", same.text[:600])

FINDING = {"record": "finding", "id": "unmap", "severity": "error", "place": "0000:00:01.0", "text": "a stale TLB", "advice": None, "count": 1}
worse = changed(("check", -1, {"result": "fail", "detail": "left on"}), ("instance", 0, {"cmdq_entries": 64}), ("verdict", 0, {"result": "fail", "reason": "so"}), ("master", 1, {"client_state": "deferred"}))
worse = worse[:-1] + [FINDING, worse[-1]]
page = comparison(RECORDS, worse)
found = rows(page)
for row in (
    ["the run", "verdict", "PASS", "FAIL", "worse"], ["checks of 0xc020000", "handover", "pass", "fail", "worse"], ["the SMMU at 0xc000000", "cmdq_entries", "128", "64", "other"],
    ["the master 0000:00:01.0", "client_state", "bound", "deferred", "worse"], ["the run", "checks_failed", "0", "1", "other"],
):
    tap.ok(row in found, f"what changed: {row}", found)
tap.ok("a stale TLB" in page.text.split("Gone (0)")[0], "a finding that came")
back = comparison(worse, RECORDS)
tap.ok("a stale TLB" in back.text.split("Gone (")[1].split("What is not the same")[0], "the other way round it went")
tap.ok(["the run", "verdict", "FAIL", "PASS", "better"] in rows(back), "and the verdict is better")
swap = {"smmu0": "smmu1", "smmu1": "smmu0"}
swapped = json.loads(re.sub(r"smmu[01]", lambda match: swap[match[0]], json.dumps(RECORDS)))
tap.ok("All that is compared is the same" in comparison(RECORDS, swapped).text, "SMMUs that changed their numbers are the same by their bases")
first = next(record for record in RECORDS if record["record"] == "instance")
twins = [changed(("instance", 1, {"base": first["base"]}), *more) for more in ((), (("instance", 0, {"evtq_entries": 7}),))]
found = rows(comparison(*twins))
tap.ok([row for row in found if row[1:] == ["evtq_entries", str(first["evtq_entries"]), "7", "other"]], "two SMMUs at one base: each is compared", found)
fewer = [record for record in RECORDS if record.get("master") != "0000:84:00.0"]
tap.ok(["the master 0000:84:00.0", "it", "there", "–", "other"] in rows(comparison(RECORDS, fewer)), "a master that went")
for title, arguments in (("three reports", (report, report, report)), ("--junit of two", ("--junit", "x", report, report)), ("--run of two", ("--run", "1", report, report))):
    status, said = call(*arguments)
    tap.ok(status == 1 and "Traceback" not in said, f"{title}: refused", said)
tap.done()
