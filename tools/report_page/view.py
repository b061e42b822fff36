# SPDX-License-Identifier: BSD-2-Clause
"""What a run's records come to: the verdict, findings, who was seen where, tables. No word of HTML is here."""

import shlex

from report_page import shape

SEVERITIES = ("error", "warning", "note")
PASS, FAIL, DOUBTFUL, NONE, DESCRIBED = "pass", "fail", "doubtful", "none", "described"
VERDICTS = {
    PASS: "PASS",
    FAIL: "FAIL",
    DOUBTFUL: "DOUBTFUL",
    NONE: "NO VERDICT",
    DESCRIBED: "DESCRIBED",
}
# What may be shown one by one; the rest is counted, and stands among the raw records.
ROWS_MOST = 500
INSTANCE_CHECK_ORDER = ("registration_footprint",)


class Finding:
    def __init__(self, severity, name, place, text, advice=None, count=1, is_listed=True):
        self.severity = severity if severity in SEVERITIES else "error"
        self.id, self.place, self.text = name or "no id", place, text
        # Some advice begins with the finding's own sentence: once is enough.
        self.advice = advice.removeprefix(f"{text}. ") if advice and advice != text else None
        self.count, self.is_listed, self.walks = count or 1, is_listed, []


class Verdict:
    """`kind` is one of VERDICTS; `doubts` tells why a verdict that passes is not taken for one."""

    def __init__(self, kind, facts, reason, doubts):
        self.kind, self.facts, self.reason, self.doubts = kind, facts, reason, doubts

    @property
    def words(self):
        return VERDICTS[self.kind]


def _subject(record):
    return record.get("master") or record.get("instance") or ""


class View:
    """One run. Lists are of facts (shape.normal): each key that is known is there, or None."""

    def __init__(self, run):
        self.run = run
        self.firmware = (run.of("firmware") or [dict.fromkeys(shape.RECORDS["firmware"])])[0]
        self.has_firmware = bool(run.of("firmware"))
        self.instances, self.masters = run.of("instance"), run.of("master")
        self.observed, self.checks = run.of("observed"), [check for check in run.of("check") if check["check"]]
        self.differences, self.soaks, self.plans = run.of("difference"), run.of("soak"), run.of("plan")
        self.handovers = {record["instance"]: record for record in run.of("handover")}
        self.inherited, self.heard = run.of("inherited"), run.of("listen")
        self.pending = list({record["master"]: record for record in run.of("pending")}.values())  # As it was in the end.
        self.verdict = self._verdict()
        self.findings = self._findings()
        self.events = grouped_events(run.of("event"))

    # --- The verdict. ---

    def counted(self):
        """The verdict's figures, counted again from the records."""
        results = [check["result"] for check in self.run.of("check")]
        return {
            "instances": len(self.instances),
            "masters": len(self.masters),
            "ready": sum(record["state"] == "ready" for record in self.instances),
            "quarantined": sum(record["state"] == "quarantined" for record in self.masters),
            "bound": sum(record["client_state"] == "bound" for record in self.masters),
            "deferred": sum(record["client_state"] == "deferred" for record in self.masters),
            "checks_passed": results.count("pass"),
            "checks_failed": results.count("fail"),
            "checks_skipped": results.count("skip"),
            "mismatches": sum(record["match"] is False for record in self.observed),
            "differences": len(self.differences),
            "unexpected_events": sum(record["expected"] is False for record in self.run.of("event")),
        }

    def _doubts(self, facts):
        counted = self.counted()
        doubts = [
            f"the verdict counts {facts[key]} {key.replace('_', ' ')}, and the records here {count}"
            for key, count in counted.items()
            if facts[key] is not None and facts[key] != count
        ]
        if not self.has_firmware:
            doubts.append("the record firmware, with which a report begins, is not there")
        verdicts = [record for record in self.run.records if record.kind == "verdict"]
        if not verdicts[-1].is_whole:
            doubts.append("its line holds more than the record, or less")
        if len(verdicts) > 1:
            doubts.append(f"there are {len(verdicts)} verdicts")
        elif self.run.records[-1] is not verdicts[-1]:
            doubts.append("records stand behind the verdict, which is the last one of a report")
        if self.run.of("lost"):
            doubts.append(f"{len(self.run.of('lost'))} records were too long for the firmware, and are lost")
        if any(trouble.words.startswith("a record cannot be read") for trouble in self.run.troubles):
            doubts.append("some records cannot be read")
        return doubts

    def _verdict(self):
        verdicts = self.run.of("verdict")
        if not verdicts:
            return Verdict(NONE, None, "the records end without one: the run was cut off, or still goes on", [])
        failed = [record for record in verdicts if record["result"] not in (PASS, DESCRIBED)]
        facts = (failed or verdicts)[-1]
        doubts = self._doubts(verdicts[0])
        if failed:
            known = facts["result"] == FAIL
            return Verdict(FAIL, verdicts[0], facts["reason"] if known else f"its result is {facts['result']!r}", doubts)
        if facts["result"] == DESCRIBED:
            return Verdict(DESCRIBED, facts, "nothing was touched (describe=only)", [])
        return Verdict(DOUBTFUL if doubts else PASS, facts, facts["reason"], doubts)

    @property
    def seconds(self):
        facts = self.verdict.facts
        return facts["ticks"] / facts["tick_hz"] if facts and facts["ticks"] and facts["tick_hz"] else None

    # --- Findings. ---

    def _findings(self):
        """The numbered ones of the records, and what else failed; worst first, in the order of the records."""
        listed = [
            Finding(record["severity"], record["id"], record["place"], record["text"], record["advice"], record["count"])
            for record in self.run.of("finding")
        ]
        named = {(finding.id, finding.place) for finding in listed}
        more = [finding for finding in self._unlisted() if (finding.id, finding.place) not in named]
        walks = self._walks()
        for finding in listed + more:
            finding.walks = walks.get((finding.id, finding.place), [])
        return sorted(listed + more, key=lambda finding: SEVERITIES.index(finding.severity))

    def _walks(self):
        """{(id, place): [walk]} of the checks and events that have one."""
        walks = {}
        for record in self.checks:
            if record["walk"]:
                walks.setdefault((record["check"], _subject(record)), []).append(record["walk"])
        for group in grouped_events(self.run.of("event")):
            if group.walks and not group.expected:
                walks.setdefault((group.name, group.master or group.instance), []).extend(group.walks)
        return walks

    def interrupts_of(self, record):
        """Those of an SMMU as its own record describes them; what a later one tells of the same line stands in its place."""
        others = [each["interrupts"] for each in self.run.of("interrupts") if each["instance"] == record["instance"]]
        found = {}
        for each in (each for lines in (record["interrupts"], *others) for each in lines or []):
            before = found.get(each["line"], {})
            found[each["line"]] = {**before, **{key: value for key, value in each.items() if value is not None or key not in before}}
        return list(found.values())

    def _unlisted(self):
        for record in self.observed:
            if record["match"] is False and not record["told_with"]:
                yield Finding("error", "stream_id", record["master"], seen_words(record), record["advice"], is_listed=False)
        for record in self.checks:
            if record["result"] not in ("pass", "skip"):
                text = record["detail"] or f"the check's result is {record['result']!r}"
                yield Finding("error", record["check"], _subject(record), text, is_listed=False)
        for group in grouped_events(self.run.of("event")):
            if not group.expected:
                place = group.master or group.instance
                yield Finding("error", group.name, place, group.cause, count=group.count, is_listed=False)
        for record in self.instances:
            if record["state"] == "failed":
                yield Finding("error", "failed", record["instance"], record["reason"], is_listed=False)
        for record in self.masters:
            if record["state"] == "quarantined":
                yield Finding("error", "quarantined", record["master"], record["reason"], is_listed=False)
            if record["client_state"] == "deferred":
                waited = " and ".join(record["waited_for"] or ["an SMMU"])
                yield Finding("error", "deferred", record["master"], f"its client still waits for {waited}", is_listed=False)
            if record["unfit"]:
                yield Finding("warning", "not_driven", record["master"], record["unfit"], is_listed=False)
        for record in self.run.of("soak"):
            if record["result"] not in ("pass", None):
                yield Finding("error", "soak", "the soak", record["reason"], is_listed=False)

    # --- What was not looked at. ---

    def skipped(self):
        """[(what, why, how many, [of whom])]"""
        groups = {}
        for record in self.checks:
            if record["result"] == "skip":
                groups.setdefault((record["check"], record["detail"] or "no reason is told"), []).append(_subject(record))
        for record in self.masters:
            if record["client"] is None and record["state"] is not None:
                groups.setdefault(("DMA", "no driver of the firmware knows this master"), []).append(record["master"])
            if record["unfit"]:
                groups.setdefault(("DMA", record["unfit"]), []).append(record["master"])
            if record["streams"] == []:
                groups.setdefault(("translation", "it is behind no SMMU"), []).append(record["master"])
        for word in (self.firmware["without"] or "").split():
            groups.setdefault((word, "the image was built without it"), []).append("the image")
        for ignored in self.firmware["ignored"] or []:
            groups.setdefault((f"the word {ignored.get('word')}", ignored.get("why") or "ignored"), []).append("boot arguments")
        return [(what, why, subjects) for (what, why), subjects in groups.items()]

    # --- Tables. ---

    def results_of(self, key, name):
        return [check for check in self.checks if check[key] == name]

    def observed_of(self, master):
        return [record for record in self.observed if record["master"] == master]

    def again(self):
        """The command that runs it again, as far as the records tell."""
        words = [word for word in self.firmware["arguments"] or [] if not word.startswith("id=")]
        parts = ["make"] + (["ARCH=aarch64"] if self.firmware["arch"] == "aarch64" else []) + ["run"]
        if self.firmware["platform"] not in (None, "qemu-virt"):
            parts.insert(1, shlex.quote(f"BOARD={self.firmware['platform']}"))
        return " ".join(parts + ([shlex.quote("APPEND=" + " ".join(words))] if words else []))


def stream_words(stream):
    return f"stream {stream.get('sid')} of {stream.get('instance')}" if stream else "none"


def seen_words(record):
    """One observation as a sentence."""
    if record["match"]:
        return f"{record['observed'].get('instance')} saw stream {record['observed'].get('sid')}, as described" if record["observed"] else "as described"
    if record["observed"]:
        return f"described as {stream_words(record['described'])}, and seen as {stream_words(record['observed'])}"
    return "no SMMU saw its DMA" + (", which reached memory" if record["reached_memory"] else "")


class EventGroup:
    """Events that differ in nothing but their address."""

    def __init__(self, record):
        for key in ("instance", "code", "name", "sid", "master", "access", "expected", "stage", "cause"):
            setattr(self, key, record[key])
        self.name = self.name or f"event {self.code or 'of no code'}"
        self.count, self.addresses, self.fetches, self.walks = 0, [], [], []

    def add(self, record):
        self.count += record["count"] or 1
        for kept, value in ((self.addresses, record["address"]), (self.fetches, record["fetch_address"]), (self.walks, record["walk"])):
            if value and value not in kept[-64:]:
                kept.append(value)


def grouped_events(records):
    """The unexpected ones first, in the order of the records."""
    groups = {}
    for record in records:
        key = tuple(str(record[key]) for key in ("instance", "code", "name", "sid", "master", "access", "expected", "stage", "cause"))
        groups.setdefault(key, EventGroup(record)).add(record)
    return sorted(groups.values(), key=lambda group: group.expected is True)
