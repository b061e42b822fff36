# SPDX-License-Identifier: BSD-2-Clause
"""
The judge is judged: a sound report (sample.jsonl, from a real run of two instances) and every sound variant of it is
found sound; of every report that was doctored in one place the judge says exactly what is wrong. Nothing runs here.
"""

import copy
import json
import os
import subprocess
import sys
import tempfile

import judge
import tap

with open(os.path.join(os.path.dirname(__file__), "sample.jsonl"), encoding="ascii") as file:
    SAMPLE = [json.loads(line) for line in file]

# --- What is done to a report. ---


def find(records, record, **keys):
    return next(r for r in records if r["record"] == record and all(r.get(k) == v for k, v in keys.items()))


def change(record, at=None, /, **values):
    return lambda records: find(records, record, **(at or {})).update(values)


def drop(record, **place):
    return lambda records: records.remove(find(records, record, **place))


def drop_key(record, key):
    return lambda records: next(r for r in records if r["record"] == record and key in r).pop(key)


def repeat(record, **values):
    return lambda records: records.insert(2, {**copy.deepcopy(find(records, record)), **values})


def add(record, **values):
    return lambda records: records.insert(len(records) - 1, {"record": record, **values})


def add_soak(**values):
    soak = {
        "seconds": 5, "registrations": 3, "unregistrations": 3, "binds": 9, "unbinds": 9, "deferrals": 2, "dmas": 18,
        "bytes": 1152, "violations": 0, "unexpected_events": 0, "result": "pass", "reason": None,
    }
    return add("soak", **{**soak, **values})


def add_findings(*severities):
    return all_of(*(
        add("finding", id="x", severity=severity, place=f"p{i}", text="so", advice=None, count=1) for i, severity in enumerate(severities)
    ))


def all_of(*doctors):
    def doctor(records):
        for each in doctors:
            each(records)

    return doctor


def count(**by):
    """The verdict's figures, by so much more."""
    return lambda records: records[-1].update({figure: records[-1][figure] + more for figure, more in by.items()})


def fails(**by):
    return all_of(change("verdict", result="fail", reason="so"), count(**by))


def fail_check(check, subject, **place):
    """A check that failed in a run that failed, with its finding."""
    return all_of(
        change("check", {"check": check, **place}, result="fail", detail="it leaked"),
        add("finding", id=check, severity="error", place=subject, text="so", advice=None, count=1),
        fails(checks_passed=-1, checks_failed=1),
        change("verdict", reason=f"a check failed ({check}: {subject})"),
    )


def skip_check(check, **place):
    return all_of(change("check", {"check": check, **place}, result="skip", detail="none"), count(checks_passed=-1, checks_skipped=1))


def forget(condition):
    def doctor(records):
        records[:] = [r for r in records if not condition(r)]

    return doctor


MASTER, BRIDGE, OTHER = "0000:00:01.0", "0000:00:00.0", "0000:00:02.0"
AT, AT_BRIDGE = {"master": MASTER}, {"master": BRIDGE}
FIRST, SECOND = {"instance": "smmu0"}, {"instance": "smmu1"}


def stream(sid, instance="smmu0"):
    return {"instance": instance, "sid": sid}


UNDESCRIBED = all_of(
    change("master", AT, streams=[], instance=None, waited_for=[], state="described"),
    change("instance", FIRST, masters=5),
    change("observed", AT, described=None, observed=None, reached_memory=True),
    skip_check("blocked_before_attach", **AT),
)


def fail_instance(records):
    """smmu1 never came up: its clients wait, and no check tried it."""
    names = {r["master"] for r in records if r["record"] == "master" and r["instance"] == "smmu1"}
    lost = [r for r in records if r["record"] == "check" and (r.get("master") in names or r.get("instance") == "smmu1")]
    forget(lambda r: r in lost or (r["record"] in ("observed", "event", "handover") and (r.get("master") in names or r.get("instance") == "smmu1")))(records)
    for r in records:
        if r.get("master") in names and r["client"]:
            r.update(client_state="deferred", core=None, state="described", waited_for=["smmu1"], deferrals=1)
            count(bound=-1, deferred=1)(records)
    nothing = {"smmuen": None, "gbpa": None, "gerror_active": None}
    facts = {"base": None, "architecture": None, "stages": [], "stream_table": None, "evtq_entries": 0, "inherited": nothing}
    change("instance", SECOND, state="failed", reason="no acknowledge", **facts)(records)
    fails(ready=-1, checks_passed=-len(lost))(records)


def one_instance(records):
    """smmu1 and its masters were never there."""
    fail_instance(records)
    forget(lambda r: r.get("instance") == "smmu1" and r["record"] in ("instance", "master"))(records)
    change("verdict", result="pass", reason=None, instances=1, masters=6, deferred=0)(records)


def ignored(records):
    """What a reader must ignore: unknown records and unknown keys."""
    records.insert(1, {"record": "novelty", "what": [1, 2]})
    records[0]["novelty"] = True
    find(records, "instance")["novelty"] = None


NO_GBPA = change("handover", FIRST, gbpa=None, result="skip")
SOUND = {
    "as it came": all_of(),
    "with unknown records and keys": ignored,
    "with a soak that passed": add_soak(),
    "with a soak that unregistered more often": add_soak(unregistrations=4),
    "with a soak that removed masters": add_soak(removals=4, additions=4, denials=3, returns=2),
    "with a soak that lost a device": all_of(add_soak(slots=2, unplugged=2, lost=1, plugged=2), count(bound=-1)),
    "with a soak that failed, in a run that failed": all_of(add_soak(violations=1, result="fail", reason="violations"), fails()),
    "with a check skipped": skip_check("unmap"),
    "with a check whose master is null": change("check", {"check": "abort_all"}, master=None),
    "with a check failed": fail_check("unmap", MASTER, **AT),
    "with a check failed, and worse": all_of(fail_check("unmap", MASTER, **AT), change("verdict", reason="no SMMU is ready")),
    "with a check of an instance failed": fail_check("abort_all", "smmu0", **FIRST),
    "with as many findings as there is room for, and the failed check": all_of(fail_check("unmap", MASTER, **AT), add_findings(*["note"] * 31)),
    "with no room for a failed check": all_of(
        add_findings(*["error"] * 32), change("check", {"check": "unmap"}, result="fail", detail="so"), fails(checks_passed=-1, checks_failed=1)
    ),
    "with findings, worst first": add_findings("error", "error", "warning", "note"),
    "that fails, and says why": fails(),
    "with a failed instance": fail_instance,
    "with a failed instance that is described at a ready one's place": all_of(fail_instance, change("instance", SECOND, base="0xc000000")),
    "of one instance": one_instance,
    "that took one tick": change("verdict", ticks=1, tick_hz=1),
    "with an event queue of 64": change("instance", evtq_entries=64),
    "without an event queue": change("instance", evtq_entries=0),
    "with the last core bound to": change("master", AT, core=3),
    "with a quarantined master": all_of(change("master", AT_BRIDGE, state="quarantined", reason="so"), fails(quarantined=1)),
    "with a reason of a master that is not quarantined": change("master", AT_BRIDGE, reason="blocked on purpose"),
    "with a stream that a group shares": all_of(change("master", AT_BRIDGE, streams=[stream("0x8")], group=1)),
    "with streams sorted by number": change("master", AT, streams=[stream("0x8"), stream("0x100")]),
    "with a stream ID on two instances": all_of(
        change("master", AT, streams=[stream("0x8"), stream("0x8", "smmu1")], waited_for=["smmu0", "smmu1"]), change("instance", SECOND, masters=9)
    ),
    "with a stream ID of two groups on two instances": all_of(
        change("master", {"master": "0000:80:00.0"}, streams=[stream("0x8", "smmu1")]),
    ),
    "with a client that was never deferred": change("master", AT, waited_for=[], deferrals=0),
    "with a client that failed": all_of(
        change("master", AT, client_state="failed", core=None), fails(bound=-1),
    ),
    "with a client that is deferred": all_of(change("master", AT, client_state="deferred", core=None), fails(bound=-1, deferred=1)),
    "with a master that no SMMU is described for": UNDESCRIBED,
    "with a bound master that is not observed, for a reason": all_of(drop("observed", **AT), skip_check("blocked_before_attach", **AT)),
    "with a mismatch": all_of(change("observed", AT, observed=None, match=False, advice="look"), fails(mismatches=1)),
    "with memory reached": all_of(
        change("observed", AT, observed=None, reached_memory=True, match=False, advice="look"),
        fail_check("blocked_before_attach", MASTER, **AT), count(mismatches=1),
    ),
    "with a difference": all_of(add("difference", between=["dt", "iort"], subject="x", detail="so"), count(differences=1)),
    "with an unexpected event": all_of(change("event", expected=False), fails(unexpected_events=1)),
    "with an event of no master": change("event", master=None, address=None, access=None),
    "handed over to abort without GBPA": all_of(NO_GBPA, skip_check("handover", **FIRST)),
    "handed over to bypass": change("handover", FIRST, policy="bypass", gbpa="0x1000"),
    "handed over to bypass without GBPA": change("handover", FIRST, policy="bypass", gbpa=None),
    "handed over to abort with no other bit": change("handover", FIRST, gbpa="0x100000"),
    "handed over live": change("handover", FIRST, policy="live", smmuen=1, gbpa=None),
    "handed over with SMMUEN, which fails": all_of(change("handover", FIRST, smmuen=1, result="fail"), fail_check("handover", "smmu0", **FIRST)),
}

# --- What is wrong, and the words for it. ---


def no_instances(records):
    """A pass of nothing at all."""
    head, verdict = records[0], records[-1]
    records[:] = [head, {**verdict, **{key: 0 for key, value in verdict.items() if isinstance(value, int) and not key.startswith("tick")}}]


def no_translate(records):
    """A pass in which nothing was translated: every such check skipped, and honestly counted."""
    for r in records:
        if r["record"] == "check" and r["check"] == "translate":
            r.update(result="skip", detail="not today")
            count(checks_passed=-1, checks_skipped=1)(records)


def move_verdict(records):
    records.insert(0, records.pop())


def call(instance, name):
    """The instance by another name, wherever it is spoken of."""
    def doctor(records):
        records[:] = json.loads(json.dumps(records).replace(f'"{instance}"', f'"{name}"'))

    return doctor


CARRY = "the verdict is a pass that the records do not carry"
SOAK = "a soak is a pass that its counts do not carry"
SOAK_REMOVED = "a soak adds, denies or binds what was not removed"
SOAK_REASON = "a soak's result and its reason disagree"
RESULT = "the verdict's result and reason disagree"
FIRST_FAILED = "the verdict's reason is not the first check that failed"
HANDOVER = "smmu0: the hand-over's result is {}, its registers say {}"
SHOWN = "smmu0: the handover check is not what its record says"
MATCH = f"{MASTER}: match is True, the record says otherwise"
OTHERS = f"{MASTER}: observed with another description"
UNREAD = "smmu0 is ready, and its registers were not read"


def counts(said, figure, found):
    return f"the verdict counts {said} {figure}, the records {found}"


DOCTORED = (
    # --- The frame. ---
    ("nothing", lambda records: records.clear(), "there is no record"),
    ("no verdict", drop("verdict"), "there is not one verdict", "the verdict is not the last record"),
    ("two verdicts", repeat("verdict"), "there is not one verdict"),
    ("a verdict that is not last", move_verdict, "the verdict is not the last record"),
    ("no firmware record", drop("firmware"), "there is not one firmware record"),
    ("two firmware records", repeat("firmware"), "there is not one firmware record"),
    ("a record without a name", lambda records: records.insert(1, {"what": 1}), "{'what': 1} does not say which record it is"),
    ("a record with a number for a name", lambda records: records.insert(1, {"record": 1}), "{'record': 1} does not say which record it is"),
    ("two keys wrong", change("firmware", cores=True, version=""), "firmware: version is ''", "firmware: cores is True"),
    ("an event with its key renamed", all_of(change("event", streamid="0x8"), drop_key("event", "sid")), "event: sid is 'missing'"),
    # --- Names. ---
    ("instances that are not numbered on", call("smmu1", "smmu2"), "the instances are ['smmu0', 'smmu2']"),
    ("instances that are not in order", lambda records: records.insert(3, records.pop(4)), "the instances are ['smmu1', 'smmu0']"),
    ("two instances at one place", change("instance", SECOND, base="0xc000000"), "two ready instances have one base"),
    ("a master twice", repeat("master"), "a master is there twice", "smmu0 counts 6 masters, 7 are there", counts(14, "masters", 15)),
    ("a master dropped", drop("master", **AT_BRIDGE), "smmu0 counts 6 masters, 5 are there", counts(14, "masters", 13)),
    ("a stream of an instance that is not there", change("master", AT_BRIDGE, streams=[stream("0x0", "smmu7")]),
     "master names smmu7, which is not there", "smmu0 counts 6 masters, 5 are there", f"{BRIDGE}: instance is not its first stream's"),
    ("a wait for an instance that is not there", change("master", AT, waited_for=["smmu7"]),
     "master names smmu7, which is not there", f"{MASTER}: waited for another's instance"),
    ("a master of an instance that is not there", change("master", AT_BRIDGE, instance="smmu7"),
     "master names smmu7, which is not there", f"{BRIDGE}: instance is not its first stream's"),
    ("a stream described on an instance that is not there", change("observed", AT, described=stream("0x8", "smmu7"), observed=stream("0x8", "smmu7")),
     "observed names smmu7, which is not there", OTHERS),
    ("a stream observed on an instance that is not there", change("observed", AT, observed=stream("0x8", "smmu7"), match=False, advice="look"),
     "observed names smmu7, which is not there", counts(0, "mismatches", 1), CARRY),
    ("an event of an instance that is not there", change("event", instance="smmu7"), "event names smmu7, which is not there"),
    ("an event of a master that is not there", change("event", master="0000:77:00.0"), "event names 0000:77:00.0, which is not there"),
    # --- Instances. ---
    ("a failed instance without a reason, counted as ready", all_of(
        fail_instance, change("instance", SECOND, reason=None), count(ready=1), change("verdict", result="pass", reason=None)),
     "smmu1: state and reason disagree", counts(2, "ready", 1), CARRY),
    ("a pass with an instance that failed, and no client", all_of(
        fail_instance, forget(lambda r: r.get("master") and r.get("client_state") == "deferred"), change("instance", SECOND, masters=4),
        change("verdict", masters=10, deferred=0, result="pass", reason=None)), CARRY),
    ("a ready instance with a reason", change("instance", reason="it smells"), "smmu0: state and reason disagree"),
    ("an instance of too many masters", change("instance", masters=99), "smmu0 counts 99 masters, 6 are there"),
    ("a ready instance without stages", change("instance", stages=[]), "smmu0 is ready without a stage"),
    ("a ready instance without a stream table", change("instance", stream_table=None), "smmu0 is ready without a stream table"),
    ("a ready instance without a base", change("instance", base=None), UNREAD),
    ("a ready instance without an architecture", change("instance", architecture=None), UNREAD),
    ("a ready instance that was not found", change("instance", inherited={"smmuen": 0, "gbpa": "0x0", "gerror_active": None}), UNREAD),
    ("an event queue of 63", change("instance", evtq_entries=63), "smmu0: event queue too short"),
    ("an event queue of 1", change("instance", evtq_entries=1), "smmu0: event queue too short"),
    # --- Masters. ---
    ("streams that are not sorted", change("master", AT_BRIDGE, streams=[stream("0x100"), stream("0x0")]), f"{BRIDGE}: streams are not sorted and single"),
    ("a stream twice", change("master", AT_BRIDGE, streams=[stream("0x0"), stream("0x0")]), f"{BRIDGE}: streams are not sorted and single"),
    ("a master of another's instance", change("master", AT_BRIDGE, instance="smmu1"), f"{BRIDGE}: instance is not its first stream's"),
    ("a master of an instance without a stream", all_of(change("master", AT_BRIDGE, streams=[]), change("instance", FIRST, masters=5)),
     f"{BRIDGE}: instance is not its first stream's"),
    ("two masters with one stream in two groups", change("master", AT_BRIDGE, streams=[stream("0x10")]), f"{OTHER}: shares a stream with another group"),
    ("a bound client without a core", change("master", AT, core=None), f"{MASTER}: core and client_state disagree"),
    ("a core without a client", change("master", AT_BRIDGE, core=0), f"{BRIDGE}: core and client_state disagree"),
    ("a master bound on a core that does not run", change("master", AT, core=4), f"{MASTER}: bound on core 4 of 4"),
    ("a client's state without a client", change("master", AT, client=None), f"{MASTER}: client and client_state disagree"),
    ("a client without a state", change("master", AT_BRIDGE, client="edu"), f"{BRIDGE}: client and client_state disagree"),
    ("a bound client of a quarantined master", change("master", AT, state="quarantined", reason="so"),
     f"{MASTER}: bound but not ready", counts(0, "quarantined", 1), CARRY),
    ("a bound client of a master that is only described", change("master", AT, state="described"), f"{MASTER}: bound but not ready"),
    ("a client bound to an instance that is not ready", all_of(
        fail_instance, change("master", AT, streams=[stream("0x8"), stream("0x8", "smmu1")]), change("instance", SECOND, masters=9)),
     f"{MASTER}: bound to an instance that is not ready"),
    ("a master quarantined for nothing", all_of(change("master", AT_BRIDGE, state="quarantined"), fails(quarantined=1)),
     f"{BRIDGE}: quarantined without a reason"),
    ("a client that waited and was never deferred", change("master", AT, deferrals=0), f"{MASTER}: waited, but was never deferred"),
    ("a client that waited for another's instance", change("master", AT, waited_for=["smmu1"]), f"{MASTER}: waited for another's instance"),
    # --- What was observed. ---
    ("a match that is none", change("observed", observed=stream("0x8", "smmu1")), MATCH),
    ("a match of nothing seen", change("observed", observed=None), MATCH),
    ("a match that reached memory", change("observed", reached_memory=True), MATCH,
     f"{MASTER} reached memory, and blocked_before_attach did not fail"),
    ("no match that is one", change("observed", AT, match=False, advice="look"), f"{MASTER}: match is False, the record says otherwise",
     counts(0, "mismatches", 1), CARRY),
    ("a match with advice", change("observed", advice="look again"), f"{MASTER}: match and advice disagree"),
    ("a mismatch without advice", all_of(change("observed", observed=None, match=False), fails(mismatches=1)), f"{MASTER}: match and advice disagree"),
    ("an observation of another description", change("observed", described=stream("0x9"), observed=stream("0x9")), OTHERS),
    ("an observation of no description", change("observed", described=None, observed=None), OTHERS),
    ("an observation of a description that is not there", all_of(UNDESCRIBED, change("observed", AT, reached_memory=False, described=stream("0x8"), observed=stream("0x8"))),
     OTHERS),
    ("an undescribed master that an SMMU saw", all_of(UNDESCRIBED, change("observed", AT, observed=stream("0x8"))), MATCH),
    ("an observation of a master that is not there", change("observed", master="0000:77:00.0"), "observed names 0000:77:00.0, which is not there",
     "0000:77:00.0: observed with another description", f"{MASTER} is bound and was not observed"),
    ("a mismatch that the verdict does not count", change("observed", observed=None, match=False, advice="look"), counts(0, "mismatches", 1), CARRY),
    ("a bound master that was not observed", drop("observed", **AT), f"{MASTER} is bound and was not observed"),
    # --- Checks. ---
    ("a check of a master that names an instance", change("check", {"check": "unmap"}, instance="smmu0"), "check unmap names a instance"),
    ("a check of an instance that names a master", change("check", {"check": "abort_all"}, master=MASTER), "check abort_all names a master"),
    ("a check of no master", drop_key("check", "master"), "check blocked_before_attach does not name its master",
     f"{MASTER} is bound and was not put through blocked_before_attach"),
    ("a check of a number", change("check", {"check": "bad_cd"}, instance=None, master=None), "check bad_cd does not name its instance",
     "smmu0 is ready and was not put through bad_cd"),
    ("a skip without a word why", all_of(skip_check("unmap"), change("check", {"check": "unmap"}, detail=None)), "check unmap is a skip without a word why"),
    ("a fail without a word why", all_of(fail_check("unmap", MASTER, **AT), change("check", {"check": "unmap"}, detail=None)),
     "check unmap is a fail without a word why"),
    ("a check twice", all_of(repeat("check"), count(checks_passed=1)), "check ('registration_footprint', 'smmu0') is there twice"),
    ("a failed check in a passed run", change("check", result="fail", detail="it leaked"),
     "smmu0: registration_footprint failed, and is no finding", counts(70, "checks_passed", 69), counts(0, "checks_failed", 1), CARRY),
    ("a skip that the verdict counts as passed", change("check", {"check": "unmap"}, result="skip", detail="none"),
     counts(70, "checks_passed", 69), counts(0, "checks_skipped", 1)),
    ("an event that was not expected", change("event", expected=False), counts(0, "unexpected_events", 1), CARRY),
    ("memory reached, and no check that failed", all_of(
        change("observed", AT, observed=None, reached_memory=True, match=False, advice="look"), fails(mismatches=1)),
     f"{MASTER} reached memory, and blocked_before_attach did not fail"),
    # --- The hand-over. ---
    ("an instance not handed over", drop("handover", **SECOND), "smmu1 was not handed over once"),
    ("an instance handed over twice", repeat("handover"), "smmu0 was not handed over once"),
    ("handed over with SMMUEN", change("handover", smmuen=1), HANDOVER.format("pass", "fail")),
    ("handed over to bypass with SMMUEN", change("handover", smmuen=1, policy="bypass", gbpa="0x0"), HANDOVER.format("pass", "fail")),
    ("handed over with an error pending", change("handover", gerror_active="0x1"), HANDOVER.format("pass", "fail")),
    ("handed over live with an error pending", change("handover", gerror_active="0x1", policy="live"), HANDOVER.format("pass", "fail")),
    ("handed over with commands left", change("handover", queues_empty=False), HANDOVER.format("pass", "fail")),
    ("handed over to bypass where abort was said", change("handover", gbpa="0x1000"), HANDOVER.format("pass", "fail")),
    ("handed over to abort where bypass was said", change("handover", policy="bypass"), HANDOVER.format("pass", "fail")),
    ("an abort skipped though GBPA is there", all_of(change("handover", result="skip"), skip_check("handover", **FIRST)), HANDOVER.format("skip", "pass")),
    ("an abort passed without GBPA", change("handover", gbpa=None), HANDOVER.format("pass", "skip")),
    ("a hand-over that failed, and a check that passed", all_of(change("handover", smmuen=1, result="fail"), fails()), SHOWN),
    ("a hand-over that passed, and a check that was skipped", skip_check("handover", **FIRST), SHOWN),
    ("a failed hand-over that no check shows", change("handover", smmuen=1, result="fail"), SHOWN, CARRY),
    # --- Findings. ---
    ("findings that are not worst first", add_findings("warning", "error"), "the findings are not listed worst first"),
    ("a note before a warning", add_findings("note", "warning"), "the findings are not listed worst first"),
    ("more findings than there is room for", add_findings(*["note"] * 33), "there are more findings than the firmware has room for"),
    ("a failed check that is no finding", all_of(
        change("check", {"check": "unmap"}, result="fail", detail="so"), fails(checks_passed=-1, checks_failed=1), add_findings(*["note"] * 31)),
     f"{MASTER}: unmap failed, and is no finding"),
    ("a failed check that is another's finding", all_of(
        fail_check("unmap", MASTER, **AT), change("finding", place=OTHER)), f"{MASTER}: unmap failed, and is no finding"),
    ("a failed check that is another check's finding", all_of(
        fail_check("unmap", MASTER, **AT), change("finding", id="isolation")), f"{MASTER}: unmap failed, and is no finding"),
    # --- The soak. ---
    ("a soak with violations that passed", add_soak(violations=1), SOAK),
    ("a soak with events that passed", add_soak(unexpected_events=2), SOAK),
    ("a soak without DMA that passed", add_soak(dmas=0), SOAK),
    ("a soak that moved nothing and passed", add_soak(bytes=0), SOAK),
    ("a soak that registered nothing and passed", add_soak(registrations=0, unregistrations=0), SOAK),
    ("a soak that failed in a run that passed", add_soak(violations=1, result="fail", reason="violations"), CARRY),
    ("a soak that passed with a reason to fail", add_soak(reason="violations"), SOAK_REASON),
    ("a soak that failed without a reason", all_of(add_soak(result="fail"), fails()), SOAK_REASON),
    ("a soak that registered more often than it unregistered", add_soak(registrations=4), "a soak registers what was not unregistered"),
    ("a soak that lost a device that is bound", add_soak(lost=1), counts(8, "bound", 7)),
    ("a soak that added what was not removed", add_soak(removals=2, additions=3), SOAK_REMOVED),
    ("a soak that denied what was not removed", add_soak(removals=2, additions=2, denials=3), SOAK_REMOVED),
    ("a soak that bound what was not added", add_soak(removals=2, additions=2, returns=3), SOAK_REMOVED),
    ("a soak that lost a master and passed", add_soak(removals=2, additions=1), "a soak is a pass that has lost a master"),
    # --- The verdict. ---
    ("a pass with a reason", change("verdict", reason="all is well"), RESULT),
    ("a fail without a reason", change("verdict", result="fail"), RESULT),
    ("no time taken", change("verdict", ticks=0), "the verdict took no time"),
    ("a clock that stands still", change("verdict", tick_hz=0), "the verdict took no time"),
    ("a client that is still deferred", change("master", AT, client_state="deferred", core=None),
     counts(8, "bound", 7), counts(0, "deferred", 1), CARRY),
    ("a pass with no translate passed", no_translate, CARRY),
    ("a pass with no instance", no_instances, CARRY),
    ("a pass with a client that failed", all_of(change("master", AT, client_state="failed", core=None), count(bound=-1)), CARRY),
    ("a pass with a client that is deferred", all_of(
        change("master", AT, client_state="deferred", core=None), count(bound=-1, deferred=1)), CARRY),
    ("a pass with a quarantined master", all_of(change("master", AT_BRIDGE, state="quarantined", reason="so"), count(quarantined=1)), CARRY),
    ("a pass with a mismatch", all_of(change("observed", observed=None, match=False, advice="look"), count(mismatches=1)), CARRY),
    ("a pass with an unexpected event", all_of(change("event", expected=False), count(unexpected_events=1)), CARRY),
    ("a pass with a failed check", all_of(fail_check("unmap", MASTER, **AT), change("verdict", result="pass", reason=None)), CARRY),
    ("a fail for another check", all_of(fail_check("unmap", MASTER, **AT), change("verdict", reason=f"a check failed (isolation: {MASTER})")), FIRST_FAILED),
    ("a fail for another master's check", all_of(fail_check("unmap", MASTER, **AT), change("verdict", reason=f"a check failed (unmap: {OTHER})")), FIRST_FAILED),
    ("a fail for no check in particular", all_of(fail_check("abort_all", "smmu0", **FIRST), change("verdict", reason="a check failed")), FIRST_FAILED),
    ("a pass with a failed hand-over", all_of(
        change("handover", FIRST, smmuen=1, result="fail"), fail_check("handover", "smmu0", **FIRST),
        change("verdict", result="pass", reason=None, checks_failed=0)), counts(0, "checks_failed", 1), CARRY),
)
FIGURES = ("instances", "masters", "ready", "quarantined", "bound", "deferred", "checks_passed", "checks_failed", "checks_skipped",
           "mismatches", "differences", "unexpected_events")
MASTER_CHECKS = ("blocked_before_attach", "translate", "read_only", "unmap", "isolation")
INSTANCE_CHECKS = (
    "abort_all", "illegal_command", "queue_abort", "event_overflow", "registration_footprint", "handover", "event_abort", "bad_ste",
    "bad_cd", "cd_fetch", "walk_abort", "access_flag", "address_size", "translation_fault", "permission_fault",
)


def left_out(check, who, **place):
    """The complaints where one check is not there, and is not counted."""
    kind = "bound" if check in MASTER_CHECKS else "ready"
    shown = [SHOWN] if check == "handover" else []
    return (f"{who} without {check}", all_of(drop("check", check=check, **place), count(checks_passed=-1)),
            f"{who} is {kind} and was not put through {check}", *shown)


def judged(doctor):
    """One of each group of equal complaints."""
    records = copy.deepcopy(SAMPLE)
    doctor(records)
    return list(dict.fromkeys(judge.violations(records)))


for title, doctor in SOUND.items():
    tap.equal(judged(doctor), [], f"sound: a report {title}")
for title, doctor, *words in DOCTORED:
    tap.equal(judged(doctor), words, f"told: {title}")
for figure in FIGURES:
    told = SAMPLE[-1][figure]
    tap.equal(judged(count(**{figure: 1})), [counts(told + 1, figure, told)], f"told: a verdict that counts one more {figure}")
for title, doctor, *words in [left_out(check, MASTER, **AT) for check in MASTER_CHECKS] + [left_out(check, "smmu0", **FIRST) for check in INSTANCE_CHECKS]:
    tap.equal(judged(doctor), words, f"told: {title}")

# --- Every key of every record: what it may be, and what not. ---

NEVER = (None, "", [], {}, -1, 0.5, True)


def either(*good, bad=()):
    """(What is right, what is wrong): `bad`, and of what is never right whatever is not right here."""
    return good, [value for value in (*NEVER, *bad) if not any(value is each or (value == each and type(value) is type(each)) for each in good)]


def or_null(values):
    return either(None, *values[0], bad=values[1])


def listed(values):
    return either([], list(values[0]), bad=[[each] for each in values[1]] + [values[0][0]])


HEX = either("0x0", "0x1", "0x9f", "0xfffffe00000", bad=("0x", "0x00", "0x01", "0xA", "0X1", "1", "x1", "0x1 ", " 0x1", "0x1\n", "0xg", 8))
COUNT = either(0, 1, 1 << 40, bad=("0", "1", False))
BOOL = either(True, False, bad=(0, 1, "true"))
TEXT = either("x", bad=(1, ["x"]))
NAME = either("smmu0", "smmu12", bad=("smmu", "smmu0 ", "xsmmu0", "smmu0\n", "SMMU0", "smmux", 0))
BIT = either(0, 1, bad=(False, 2, "1"))
STREAM = either({"instance": "smmu0", "sid": "0x8"}, {"instance": "smmu1", "sid": "0x0", "more": 1},
                bad=({"sid": "0x8"}, {"instance": "smmu0"}, {"instance": "x", "sid": "0x8"}, {"instance": "smmu0", "sid": 8}, "smmu0"))
FOUND = {"smmuen": 0, "gbpa": "0x1000", "gerror_active": "0x0"}
INHERITED = either(
    FOUND, {**FOUND, "smmuen": 1}, dict.fromkeys(FOUND),
    bad=[{key: value for key, value in FOUND.items() if key != each} for each in FOUND] + [{**FOUND, each: "x"} for each in FOUND] + [{**FOUND, "smmuen": each} for each in (True, 2, -1)],
)


def word(*words):
    return either(*words, bad=("other", words[0] + "x", words[0].upper(), 1))


RECORDS = {
    "firmware": {"name": word("smmu-bringup"), "version": TEXT, "platform": TEXT, "arch": word("aarch32", "aarch64"), "cores": COUNT,
                 "description": word("dt", "iort"), "interface": either(1, bad=(0, 2, "1", 1.0))},
    "instance": {"instance": NAME, "name": TEXT, "base": or_null(HEX), "state": word("ready", "failed"), "reason": or_null(TEXT),
                 "architecture": or_null(TEXT), "stages": either([], [1], [2], [1, 2], bad=([3], [2, 1], 1)), "sid_bits": COUNT,
                 "stream_table": or_null(word("linear", "2-level")), "cmdq_entries": COUNT, "evtq_entries": COUNT, "coherent": BOOL,
                 "errata": listed(COUNT), "inherited": INHERITED, "masters": COUNT},
    "master": {"master": TEXT, "device": TEXT, "instance": or_null(NAME), "streams": listed(STREAM), "group": COUNT,
               "state": word("ready", "quarantined", "described"), "reason": or_null(TEXT), "client": or_null(TEXT),
               "client_state": word("bound", "deferred", "failed", "none"), "core": or_null(COUNT), "deferrals": COUNT, "waited_for": listed(NAME)},
    "observed": {"master": TEXT, "described": or_null(STREAM), "observed": or_null(STREAM), "reached_memory": BOOL, "match": BOOL, "advice": or_null(TEXT)},
    "difference": {"between": listed(TEXT), "subject": TEXT, "detail": TEXT},
    "finding": {"id": TEXT, "severity": word("error", "warning", "note"), "place": TEXT, "text": TEXT, "advice": or_null(TEXT), "count": COUNT},
    "check": {"check": word(*MASTER_CHECKS, *INSTANCE_CHECKS), "result": word("pass", "fail", "skip"), "detail": or_null(TEXT)},
    "event": {"instance": NAME, "code": HEX, "name": TEXT, "sid": HEX, "master": or_null(TEXT), "address": or_null(HEX),
              "access": or_null(word("read", "write")), "expected": BOOL, "cause": TEXT},
    "soak": {**dict.fromkeys(("seconds", "registrations", "unregistrations", "binds", "unbinds", "deferrals", "dmas", "bytes", "violations",
                              "unexpected_events"), COUNT), "result": word("pass", "fail"), "reason": or_null(TEXT)},
    "handover": {"instance": NAME, "policy": word("abort", "bypass", "live"), "smmuen": BIT, "gbpa": or_null(HEX), "gerror_active": HEX,
                 "queues_empty": BOOL, "result": word("pass", "fail", "skip")},
    "verdict": {"result": word("pass", "fail"), **dict.fromkeys((*FIGURES, "ticks", "tick_hz"), COUNT), "reason": or_null(TEXT)},
}
tap.equal({record: set(rules) for record, rules in judge.RECORDS.items()}, {record: set(rules) for record, rules in RECORDS.items()},
          "the keys of each record are those of the interface")
for record, rules in RECORDS.items():
    sound = {"record": record, **{key: good[0] for key, (good, _) in rules.items()}}
    for key, (good, bad) in rules.items():
        wrong = [value for value in good if judge.shape({**sound, key: value})]
        wrong += [value for value in bad if judge.shape({**sound, key: value}) != [f"{record}: {key} is {value!r}"]]
        tap.equal(wrong, [], f"{record}: {key} is what it may be, and nothing else")
        tap.equal(judge.shape({k: v for k, v in sound.items() if k != key}), [f"{record}: {key} is 'missing'"], f"{record} without {key}")


def as_program(title, lines, status, said):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="ascii") as report:
        report.write("".join(lines))
        report.flush()
        done = subprocess.run([sys.executable, judge.__file__, report.name], capture_output=True, text=True, check=False)
    tap.equal((done.returncode, done.stdout.replace(report.name, "R")[:len(said) or None]), (status, said), f"as a program: {title}")


LINES = [f"{json.dumps(record)}\n" for record in SAMPLE]
as_program("a sound report", LINES, 0, "")
as_program("no verdict", LINES[:-1], 1, "R: there is not one verdict\nR: the verdict is not the last record\n")
as_program("a record that is cut off", [LINES[0], LINES[1][:20]], 1, "R: a record is no JSON: ")
tap.done()
