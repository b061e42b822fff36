# SPDX-License-Identifier: BSD-2-Clause
"""
Judges a report from its records alone: are they what the interface promises, do they agree with each other, and does
the verdict follow from them? The firmware's own opinion counts for nothing here.

    python3 tests/qemu/judge.py report.jsonl        Exit status: 0 sound, 1 not, with a line for each reason.
"""

import json
import re
import sys

HEX = re.compile(r"0x(0|[1-9a-f][0-9a-f]*)\Z")
SMMU = re.compile(r"smmu\d+\Z")


def is_hex(value):
    return isinstance(value, str) and bool(HEX.match(value))


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text(value):
    return isinstance(value, str) and value != ""


def is_bool(value):
    return isinstance(value, bool)


def is_smmu(value):
    return isinstance(value, str) and bool(SMMU.match(value))


def null_or(rule):
    return lambda value: value is None or rule(value)


def one_of(*values):
    return lambda value: any(value is v or (type(value) is type(v) and value == v) for v in values)


def list_of(rule):
    return lambda value: isinstance(value, list) and all(rule(item) for item in value)


def with_keys(**rules):
    return lambda value: isinstance(value, dict) and all(key in value and rule(value[key]) for key, rule in rules.items())


is_stream = with_keys(instance=is_smmu, sid=is_hex)

FINDINGS_MAX = 32
MASTER_CHECKS = ("blocked_before_attach", "translate", "read_only", "unmap", "isolation")
INSTANCE_CHECKS = (
    "abort_all",
    "illegal_command",
    "queue_abort",
    "event_overflow",
    "registration_footprint",
    "handover",
    "event_abort",
    "bad_ste",
    "bad_cd",
    "cd_fetch",
    "walk_abort",
    "access_flag",
    "address_size",
    "translation_fault",
    "permission_fault",
)
# Checks that every ready instance goes through.
INSTANCE_ALWAYS = INSTANCE_CHECKS

RECORDS = {
    "firmware": {
        "name": one_of("smmu-bringup"),
        "version": is_text,
        "platform": is_text,
        "arch": one_of("aarch32", "aarch64"),
        "cores": is_count,
        "description": one_of("dt", "iort"),
        "interface": one_of(1),
    },
    "instance": {
        "instance": is_smmu,
        "name": is_text,
        "base": null_or(is_hex),
        "state": one_of("ready", "failed"),
        "reason": null_or(is_text),
        "architecture": null_or(is_text),
        "stages": one_of([], [1], [2], [1, 2]),
        "sid_bits": is_count,
        "stream_table": null_or(one_of("linear", "2-level")),
        "cmdq_entries": is_count,
        "evtq_entries": is_count,
        "coherent": is_bool,
        "errata": list_of(is_count),
        "inherited": with_keys(smmuen=one_of(0, 1, None), gbpa=null_or(is_hex), gerror_active=null_or(is_hex)),
        "masters": is_count,
    },
    "master": {
        "master": is_text,
        "device": is_text,
        "instance": null_or(is_smmu),
        "streams": list_of(is_stream),
        "group": is_count,
        "state": one_of("ready", "quarantined", "described"),
        "reason": null_or(is_text),
        "client": null_or(is_text),
        "client_state": one_of("bound", "deferred", "failed", "none"),
        "core": null_or(is_count),
        "deferrals": is_count,
        "waited_for": list_of(is_smmu),
    },
    "observed": {
        "master": is_text,
        "described": null_or(is_stream),
        "observed": null_or(is_stream),
        "reached_memory": is_bool,
        "match": is_bool,
        "advice": null_or(is_text),
    },
    "difference": {"between": list_of(is_text), "subject": is_text, "detail": is_text},
    "finding": {
        "id": is_text,
        "severity": one_of("error", "warning", "note"),
        "place": is_text,
        "text": is_text,
        "advice": null_or(is_text),
        "count": is_count,
    },
    "check": {
        "check": one_of(*MASTER_CHECKS, *INSTANCE_CHECKS),
        "result": one_of("pass", "fail", "skip"),
        "detail": null_or(is_text),
    },
    "event": {
        "instance": is_smmu,
        "code": is_hex,
        "name": is_text,
        "sid": is_hex,
        "master": null_or(is_text),
        "address": null_or(is_hex),
        "access": one_of("read", "write", None),
        "expected": is_bool,
        "cause": is_text,
    },
    "soak": {
        "seconds": is_count,
        "registrations": is_count,
        "unregistrations": is_count,
        "binds": is_count,
        "unbinds": is_count,
        "deferrals": is_count,
        "dmas": is_count,
        "bytes": is_count,
        "violations": is_count,
        "unexpected_events": is_count,
        "result": one_of("pass", "fail"),
        "reason": null_or(is_text),
    },
    "handover": {
        "instance": is_smmu,
        "policy": one_of("abort", "bypass", "live"),
        "smmuen": one_of(0, 1),
        "gbpa": null_or(is_hex),
        "gerror_active": is_hex,
        "queues_empty": is_bool,
        "result": one_of("pass", "fail", "skip"),
    },
    "verdict": {
        "result": one_of("pass", "fail"),
        "instances": is_count,
        "masters": is_count,
        "ready": is_count,
        "quarantined": is_count,
        "bound": is_count,
        "deferred": is_count,
        "checks_passed": is_count,
        "checks_failed": is_count,
        "checks_skipped": is_count,
        "mismatches": is_count,
        "differences": is_count,
        "unexpected_events": is_count,
        "reason": null_or(is_text),
        "ticks": is_count,
        "tick_hz": is_count,
    },
}


def shape(record):
    """What is wrong with one record by itself."""
    rules = RECORDS.get(record.get("record"))
    if rules is None:
        return []  # A reader ignores records it does not know.
    return [
        f"{record['record']}: {key} is {record.get(key, 'missing')!r}"
        for key, rule in rules.items()
        if key not in record or not rule(record[key])
    ]


class Report:
    def __init__(self, records):
        self.records = records
        self.wrong = []

    def of(self, name):
        return [r for r in self.records if r.get("record") == name]

    def expect(self, condition, text):
        if not condition:
            self.wrong.append(text)

    def frame(self):
        self.expect(len(self.of("firmware")) == 1, "there is not one firmware record")
        self.expect(len(self.of("verdict")) == 1, "there is not one verdict")
        self.expect(self.records[-1].get("record") == "verdict", "the verdict is not the last record")
        for record in self.records:
            self.expect(is_text(record.get("record")), f"{record} does not say which record it is")
            self.wrong += shape(record)

    def names(self):
        """Instances and masters are named once, and nothing else is named."""
        instances = [r["instance"] for r in self.of("instance")]
        masters = [r["master"] for r in self.of("master")]
        self.expect(instances == [f"smmu{i}" for i in range(len(instances))], f"the instances are {instances}")
        self.expect(len(set(masters)) == len(masters), "a master is there twice")
        bases = [r["base"] for r in self.of("instance") if r["state"] == "ready"]
        self.expect(len(set(bases)) == len(bases), "two ready instances have one base")
        for record in self.records:
            named = [record.get("instance")] if record["record"] != "instance" else []
            named += [s["instance"] for s in record.get("streams", [])] + record.get("waited_for", [])
            for key in ("described", "observed"):
                named += [record[key]["instance"]] if isinstance(record.get(key), dict) else []
            for name in named:
                self.expect(name is None or name in instances, f"{record['record']} names {name}, which is not there")
            master = record.get("master") if record["record"] != "master" else None
            self.expect(master is None or master in masters, f"{record['record']} names {master}, which is not there")

    def instances(self):
        for r in self.of("instance"):
            name = r["instance"]
            self.expect((r["state"] == "failed") == (r["reason"] is not None), f"{name}: state and reason disagree")
            count = sum(1 for m in self.of("master") if any(s["instance"] == name for s in m["streams"]))
            self.expect(r["masters"] == count, f"{name} counts {r['masters']} masters, {count} are there")
            if r["state"] == "ready":
                facts = (r["base"], r["architecture"], *r["inherited"].values())
                self.expect(None not in facts, f"{name} is ready, and its registers were not read")
                self.expect(r["stages"], f"{name} is ready without a stage")
                self.expect(r["stream_table"], f"{name} is ready without a stream table")
                self.expect(r["evtq_entries"] >= 64 or r["evtq_entries"] == 0, f"{name}: event queue too short")

    def masters(self):
        ready = {r["instance"] for r in self.of("instance") if r["state"] == "ready"}
        seen = {}
        for r in self.of("master"):
            name, streams = r["master"], r["streams"]
            keys = [(int(s["instance"][4:]), int(s["sid"], 16)) for s in streams]
            self.expect(keys == sorted(set(keys)), f"{name}: streams are not sorted and single")
            self.expect(r["instance"] == (streams[0]["instance"] if streams else None), f"{name}: instance is not its first stream's")
            bound = r["client_state"] == "bound"
            self.expect(bound == (r["core"] is not None), f"{name}: core and client_state disagree")
            self.expect((r["client"] is None) == (r["client_state"] == "none"), f"{name}: client and client_state disagree")
            if bound and streams:
                self.expect(r["state"] == "ready", f"{name}: bound but not ready")
                self.expect({s["instance"] for s in streams} <= ready, f"{name}: bound to an instance that is not ready")
            self.expect((r["state"] == "quarantined") <= (r["reason"] is not None), f"{name}: quarantined without a reason")
            self.expect(set(r["waited_for"]) <= {s["instance"] for s in streams}, f"{name}: waited for another's instance")
            self.expect(not r["waited_for"] or r["deferrals"], f"{name}: waited, but was never deferred")
            for key in keys:
                self.expect(seen.setdefault(key, r["group"]) == r["group"], f"{name}: shares a stream with another group")

    def cores(self):
        # A core that did not come keeps its number.
        absent = sum(r["count"] for r in self.of("finding") if r["id"] == "core")
        cores = self.of("firmware")[0]["cores"] + absent
        for r in self.of("master"):
            self.expect(r["core"] is None or r["core"] < cores, f"{r['master']}: bound on core {r['core']} of {cores}")

    def observed(self):
        streams = {r["master"]: r["streams"] for r in self.of("master")}
        for r in self.of("observed"):
            name, described, seen = r["master"], r["described"], r["observed"]
            match = described == seen and (described is None or not r["reached_memory"])
            self.expect(r["match"] == match, f"{name}: match is {r['match']}, the record says otherwise")
            self.expect(r["match"] == (r["advice"] is None), f"{name}: match and advice disagree")
            self.expect(
                described in streams.get(name, []) if described else not streams.get(name), f"{name}: observed with another description"
            )

    def checks(self):
        asked = {}
        for r in self.of("check"):
            kind = "instance" if r["check"] in INSTANCE_CHECKS else "master"
            other = "master" if kind == "instance" else "instance"
            self.expect(isinstance(r.get(kind), str), f"check {r['check']} does not name its {kind}")
            self.expect(r.get(other) is None, f"check {r['check']} names a {other}")
            self.expect(r["result"] == "pass" or r["detail"], f"check {r['check']} is a {r['result']} without a word why")
            key = (r["check"], r.get(kind))
            self.expect(key not in asked, f"check {key} is there twice")
            asked[key] = r["result"]
        observed = {r["master"] for r in self.of("observed")}
        for r in self.of("master"):
            if r["client_state"] == "bound":
                for check in MASTER_CHECKS:
                    self.expect((check, r["master"]) in asked, f"{r['master']} is bound and was not put through {check}")
                blocked = asked.get(("blocked_before_attach", r["master"]))
                self.expect(r["master"] in observed or blocked == "skip", f"{r['master']} is bound and was not observed")
        for r in self.of("observed"):
            if r["reached_memory"] and r["described"]:
                self.expect(
                    asked.get(("blocked_before_attach", r["master"])) == "fail",
                    f"{r['master']} reached memory, and blocked_before_attach did not fail",
                )
        for r in self.of("instance"):
            if r["state"] == "ready":
                for check in INSTANCE_ALWAYS:
                    self.expect((check, r["instance"]) in asked, f"{r['instance']} is ready and was not put through {check}")

    def handovers(self):
        checks = {r["instance"]: r["result"] for r in self.of("check") if r["check"] == "handover"}
        for r in self.of("handover"):
            name = r["instance"]
            wanted = self.left(r)
            self.expect(r["result"] == wanted, f"{name}: the hand-over's result is {r['result']}, its registers say {wanted}")
            self.expect(checks.get(name) == r["result"], f"{name}: the handover check is not what its record says")
        named = [r["instance"] for r in self.of("handover")]
        for r in self.of("instance"):
            if r["state"] == "ready":
                self.expect(named.count(r["instance"]) == 1, f"{r['instance']} was not handed over once")

    @staticmethod
    def left(record):
        """A hand-over by its registers: without GBPA, nothing can abort."""
        if record["gerror_active"] != "0x0" or not record["queues_empty"]:
            return "fail"
        if record["policy"] == "live":
            return "pass"
        if record["smmuen"] != 0:
            return "fail"
        if record["gbpa"] is None:
            return "skip" if record["policy"] == "abort" else "pass"
        return "pass" if (int(record["gbpa"], 16) >> 20 & 1) == (record["policy"] == "abort") else "fail"

    def findings(self):
        """The findings at the end have all that failed, worst first, as far as there is room."""
        listed = self.of("finding")
        order = [("error", "warning", "note").index(r["severity"]) for r in listed]
        self.expect(order == sorted(order), "the findings are not listed worst first")
        self.expect(len(listed) <= FINDINGS_MAX, "there are more findings than the firmware has room for")
        if len(listed) < FINDINGS_MAX:
            named = {(r["id"], r["place"]) for r in listed}
            for r in self.of("check"):
                subject = r.get("master") or r.get("instance")
                self.expect(r["result"] != "fail" or (r["check"], subject) in named, f"{subject}: {r['check']} failed, and is no finding")

    def soaks(self):
        for soak in self.of("soak"):
            clean = not soak["violations"] and not soak["unexpected_events"]
            moved = soak["dmas"] and soak["bytes"] and soak["registrations"]
            self.expect(soak["result"] == "fail" or (clean and moved), "a soak is a pass that its counts do not carry")
            self.expect((soak["result"] == "fail") == (soak["reason"] is not None), "a soak's result and its reason disagree")
            self.expect(soak["registrations"] <= soak["unregistrations"], "a soak registers what was not unregistered")
            away, back, denied, bound = (soak.get(key, 0) for key in ("removals", "additions", "denials", "returns"))
            self.expect(max(back, denied) <= away and bound <= back, "a soak adds, denies or binds what was not removed")
            self.expect(soak["result"] == "fail" or away <= back, "a soak is a pass that has lost a master")

    def counted(self):
        """The verdict's figures, counted again. Masters whose devices are gone are bound in their records, which are older."""
        away = sum(soak.get("unplugged", 0) + soak.get("lost", 0) - soak.get("plugged", 0) for soak in self.of("soak"))
        check = [r["result"] for r in self.of("check")]
        return {
            "instances": len(self.of("instance")),
            "masters": len(self.of("master")),
            "ready": sum(r["state"] == "ready" for r in self.of("instance")),
            "quarantined": sum(r["state"] == "quarantined" for r in self.of("master")),
            "bound": sum(r["client_state"] == "bound" for r in self.of("master")) - away,
            "deferred": sum(r["client_state"] == "deferred" for r in self.of("master")),
            "checks_passed": check.count("pass"),
            "checks_failed": check.count("fail"),
            "checks_skipped": check.count("skip"),
            "mismatches": sum(not r["match"] for r in self.of("observed")),
            "differences": len(self.of("difference")),
            "unexpected_events": sum(not r["expected"] for r in self.of("event")),
        }

    def may_pass(self, counted):
        translated = any(r["check"] == "translate" and r["result"] == "pass" for r in self.of("check"))
        bad = ("checks_failed", "mismatches", "deferred", "quarantined", "unexpected_events")
        clients = all(r["client_state"] != "failed" for r in self.of("master"))
        return (
            counted["ready"] == counted["instances"] >= 1
            and translated
            and clients
            and not any(counted[key] for key in bad)
            and all(r["result"] != "fail" for r in self.of("handover") + self.of("soak"))
        )

    def verdict(self):
        verdict, counted = self.of("verdict")[0], self.counted()
        for key, count in counted.items():
            self.expect(verdict[key] == count, f"the verdict counts {verdict[key]} {key}, the records {count}")
        passed = verdict["result"] == "pass"
        self.expect(passed == (verdict["reason"] is None), "the verdict's result and reason disagree")
        self.expect(not passed or self.may_pass(counted), "the verdict is a pass that the records do not carry")
        for failed in [r for r in self.of("check") if r["result"] == "fail"][:1]:
            named = f"({failed['check']}: {failed.get('master') or failed.get('instance')})"
            reason = verdict["reason"] or named
            self.expect(named in reason or not reason.startswith("a check failed"), "the verdict's reason is not the first check that failed")
        self.expect(verdict["ticks"] > 0 and verdict["tick_hz"] > 0, "the verdict took no time")


def violations(records):
    """Every way in which this report breaks the interface or contradicts itself; [] for a sound one."""
    if not records:
        return ["there is no record"]
    report = Report(records)
    report.frame()
    if report.wrong:
        return report.wrong  # The rest needs records of the right shape.
    for part in ("names", "instances", "masters", "cores", "observed", "checks", "handovers", "findings", "soaks", "verdict"):
        getattr(report, part)()
    return report.wrong


def main(path):
    with open(path, encoding="utf-8") as report:
        try:
            wrong = violations([json.loads(line) for line in report])
        except ValueError as error:
            wrong = [f"a record is no JSON: {error}"]
    for each in dict.fromkeys(wrong):
        print(f"{path}: {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
