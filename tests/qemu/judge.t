# SPDX-License-Identifier: BSD-2-Clause
"""
The judge is judged: a sound report (sample.jsonl, from a real run of two instances) is found sound, and every report
that was doctored in one place is not. Nothing runs here.
"""

import copy
import json
import os

import judge
import tap

with open(os.path.join(os.path.dirname(__file__), "sample.jsonl"), encoding="ascii") as file:
    SAMPLE = [json.loads(line) for line in file]


def find(records, record, **keys):
    return next(r for r in records if r["record"] == record and all(r.get(k) == v for k, v in keys.items()))


def change(record, place=None, **values):
    def doctor(records):
        find(records, record, **(place or {})).update(values)

    return doctor


def drop(record, **place):
    return lambda records: records.remove(find(records, record, **place))


def drop_key(record, key):
    return lambda records: next(r for r in records if r["record"] == record and key in r).pop(key)


def add_findings(*severities):
    def add(records):
        for i, severity in enumerate(severities):
            finding = {"record": "finding", "id": "x", "severity": severity, "place": f"p{i}", "text": "so", "advice": None, "count": 1}
            records.insert(-1, finding)

    return add


def fail_unsaid(records):
    """Right in everything but the list at its end."""
    next(r for r in records if r["record"] == "check" and r["check"] == "unmap").update(result="fail", detail="memory changed")
    records[-1].update(result="fail", reason="a check failed")
    records[-1]["checks_passed"] -= 1
    records[-1]["checks_failed"] += 1


def add_soak(**values):
    soak = {
        "record": "soak", "seconds": 5, "registrations": 3, "unregistrations": 3, "binds": 9, "unbinds": 9,
        "deferrals": 2, "dmas": 18, "bytes": 1152, "violations": 0, "unexpected_events": 0, "result": "pass", "reason": None,
    }
    return lambda records: records.insert(len(records) - 1, {**soak, **values})


def repeat(record):
    return lambda records: records.insert(2, copy.deepcopy(find(records, record)))


def move_verdict(records):
    records.insert(0, records.pop())


def rename_key(records):
    find(records, "event")["streamid"] = find(records, "event").pop("sid")


MASTER = "0000:00:01.0"
DOCTORED = {
    "no verdict": drop("verdict"),
    "two verdicts": repeat("verdict"),
    "a verdict that is not last": move_verdict,
    "no firmware record": drop("firmware"),
    "another interface": change("firmware", interface=2),
    "true for a count": change("firmware", cores=True),
    "a master bound on a core that does not run": change("master", {"master": MASTER}, core=9),
    "upper-case hex": change("instance", base="0xC000000"),
    "hex with leading zeros": change("instance", base="0x0c000000"),
    "a number for hex": change("event", sid=8),
    "an unknown state": change("instance", state="fine"),
    "a failed instance without a reason, counted as ready": change("instance", state="failed"),
    "a ready instance with a reason": change("instance", reason="it smells"),
    "a ready instance without stages": change("instance", stages=[]),
    "an event queue of 32": change("instance", evtq_entries=32),
    "an instance of too many masters": change("instance", masters=99),
    "an instance that is called twice": change("instance", {"instance": "smmu1"}, instance="smmu0"),
    "two instances at one place": change("instance", {"instance": "smmu1"}, base="0xc000000"),
    "a master dropped": drop("master", master="0000:00:00.0"),
    "a master twice": repeat("master"),
    "a group that is null": change("master", group=None),
    "a stream of an instance that is not there": change("master", {"master": MASTER}, streams=[{"instance": "smmu7", "sid": "0x8"}]),
    "two masters with one stream in two groups": change(
        "master", {"master": MASTER}, streams=[{"instance": "smmu0", "sid": "0x10"}]
    ),
    "streams that are not sorted": change(
        "master",
        {"master": MASTER},
        streams=[{"instance": "smmu0", "sid": "0x10"}, {"instance": "smmu0", "sid": "0x8"}],
    ),
    "a bound client without a core": change("master", {"master": MASTER}, core=None),
    "a bound client of a quarantined master": change("master", {"master": MASTER}, state="quarantined", reason="so"),
    "a client that waited and was never deferred": change("master", {"master": MASTER}, deferrals=0),
    "a client that waited for another's instance": change("master", {"master": MASTER}, waited_for=["smmu1"]),
    "a client that is still deferred": change("master", {"master": MASTER}, client_state="deferred", core=None),
    "a match that is none": change("observed", observed={"instance": "smmu1", "sid": "0x8"}),
    "a match that reached memory": change("observed", reached_memory=True),
    "a match with advice": change("observed", advice="look again"),
    "an observation of another description": change(
        "observed", described={"instance": "smmu0", "sid": "0x9"}, observed={"instance": "smmu0", "sid": "0x9"}
    ),
    "an observation of a master that is not there": change("observed", master="0000:77:00.0"),
    "a mismatch that the verdict does not count": change("observed", observed=None, match=False, advice="look"),
    "a bound master that was not observed": drop("observed", master=MASTER),
    "a check that was left out": drop("check", check="isolation", master=MASTER),
    "a check of an instance that was left out": drop("check", check="abort_all"),
    "an unknown check": change("check", check="translated"),
    "a check of nobody": drop_key("check", "master"),
    "a failed check in a passed run": change("check", result="fail", detail="it leaked"),
    "a skip without a word why": change("check", {"check": "unmap"}, result="skip", detail=None),
    "a skip that the verdict counts as passed": change("check", {"check": "unmap"}, result="skip", detail="none"),
    "a check twice": repeat("check"),
    "an event that nobody expected": change("event", expected=False),
    "an event of a master that is not there": change("event", master="0000:77:00.0"),
    "an event with its key renamed": rename_key,
    "an instance not handed over": drop("handover", instance="smmu1"),
    "handed over with SMMUEN": change("handover", smmuen=1),
    "handed over with an error pending": change("handover", gerror_active="0x1"),
    "handed over with commands left": change("handover", queues_empty=False),
    "handed over to bypass where abort was said": change("handover", gbpa="0x1000"),
    "an abort skipped though GBPA is there": change("handover", result="skip"),
    "an abort passed without GBPA": change("handover", gbpa=None),
    "a soak with violations that passed": add_soak(violations=1),
    "a soak with events that passed": add_soak(unexpected_events=2),
    "a soak that moved nothing and passed": add_soak(dmas=0),
    "a soak that registered nothing and passed": add_soak(registrations=0, unregistrations=0),
    "a soak that failed in a run that passed": add_soak(violations=1, result="fail", reason="violations"),
    "a soak that passed with a reason to fail": add_soak(reason="violations"),
    "a soak with a number for words": add_soak(result=1),
    "a failed hand-over that no check shows": change("handover", smmuen=1, result="fail"),
    "findings that are not worst first": add_findings("warning", "error"),
    "more findings than a screen holds": add_findings(*["note"] * 10),
    "a finding of no severity": add_findings("bad"),
    "a failed check that is no finding": fail_unsaid,
    "a pass with a reason": change("verdict", reason="all is well"),
    "a fail without a reason": change("verdict", result="fail"),
    "no time taken": change("verdict", ticks=0),
}
for figure in judge.Report(SAMPLE).counted():
    DOCTORED[f"a verdict that counts one more {figure}"] = (
        lambda records, figure=figure: records[-1].update({figure: records[-1][figure] + 1})
    )
for record, rules in judge.RECORDS.items():
    for key in rules if any(r["record"] == record for r in SAMPLE) else ():
        DOCTORED[f"{record} without {key}"] = drop_key(record, key)


def no_translate(records):
    """A pass in which nothing was translated: every such check skipped, and honestly counted."""
    for r in records:
        if r["record"] == "check" and r["check"] == "translate":
            r.update(result="skip", detail="not today")
            records[-1]["checks_passed"] -= 1
            records[-1]["checks_skipped"] += 1


def no_instances(records):
    """A pass of nothing at all."""
    head, verdict = records[0], records[-1]
    records[:] = [head, verdict]
    for figure in judge.Report(records).counted():
        verdict[figure] = 0


DOCTORED["a pass with no translate passed"] = no_translate
DOCTORED["a pass with no instance"] = no_instances


def ignored(records):
    """What a reader has to ignore: unknown records, and keys more than it knows."""
    records.insert(1, {"record": "novelty", "what": [1, 2]})
    records[0]["novelty"] = True
    find(records, "instance")["novelty"] = None


tap.equal(judge.violations(SAMPLE), [], "the report as it came is sound")
more = copy.deepcopy(SAMPLE)
ignored(more)
tap.equal(judge.violations(more), [], "unknown records and keys are ignored")
soaked = copy.deepcopy(SAMPLE)
add_soak()(soaked)
tap.equal(judge.violations(soaked), [], "a soak that passed is sound")
tap.ok(judge.violations([]), "an empty report is none")
for title, doctor in DOCTORED.items():
    doctored = copy.deepcopy(SAMPLE)
    doctor(doctored)
    tap.ok(judge.violations(doctored), f"caught: {title}")
tap.done()
