# SPDX-License-Identifier: BSD-2-Clause
"""
What each core did, step by step. Records have neither a time nor, but for a client's binding, a core: without a trace the steps are
in the order of the records. With trace=on each write and command has both, and the lanes are drawn to scale.
"""

import functools
import importlib.machinery
import importlib.util
import os
import re

TRACE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "trace")
START = re.compile(r"trace start (\d+) entries, (\d+) lost, (\d+) Hz\Z")
ENTRY = re.compile(r"trace ([0-9a-f]{1,16}) smmu(\d{1,3}) core(\d{1,3}) ([WXCG]) ([0-9a-f]{1,16}) ([0-9a-f]{1,16})\Z")
NAMES_MOST = 12
MARKS_MOST = 65536
LANES_MOST = 64


class Step:
    """One step: its title, and what happened on which core: `cells` is {core: [words]}, the core None where no record tells it."""

    def __init__(self, title):
        self.title, self.cells = title, {}

    def add(self, core, words):
        self.cells.setdefault(core, []).append(words)


def _named(names):
    kept = [str(name) for name in names[:NAMES_MOST]]
    return ", ".join(kept) + (f" and {len(names) - len(kept)} more" if len(names) > len(kept) else "")


def _counted(records):
    results = [record["result"] for record in records]
    return ", ".join(f"{results.count(word)} {word}" for word in dict.fromkeys(results))


def _by(records, key):
    groups = {}
    for record in records:
        groups.setdefault(record[key], []).append(record)
    return groups


def steps(view):
    """The run in the order of its records."""
    found = [_registered(view), _deferred(view), _bound(view), _observed(view), *_checked(view), _soaked(view), _handed_over(view)]
    return [step for step in found if step and step.cells]


def _registered(view):
    step = Step("registration and replay of each SMMU's masters")
    for record in view.instances:
        step.add(None, f"{record['instance']} {record['state']}, {record['masters']} masters replayed")
    return step


def _deferred(view):
    step = Step("deferrals")
    waiting = [master for master in view.masters if master["waited_for"] or master["deferrals"]]
    for instances, masters in _by([{**m, "for": " and ".join(m["waited_for"] or ["an SMMU"])} for m in waiting], "for").items():
        step.add(None, f"waited for {instances}: {_named([m['master'] for m in masters])}")
    return step


def _bound(view):
    step = Step("wake-ups and binds")
    for core, masters in sorted(_by([m for m in view.masters if m["client_state"] == "bound"], "core").items(), key=str):
        step.add(core, _named([f"{m['master']} ({m['client']})" for m in masters]))
    return step


def _observed(view):
    step = Step("one DMA each with nothing mapped")
    right = [record["master"] for record in view.observed if record["match"]]
    wrong = [record["master"] for record in view.observed if record["match"] is False]
    if right:
        step.add(None, f"seen as described: {_named(right)}")
    if wrong:
        step.add(None, f"seen otherwise, or not: {_named(wrong)}")
    return step


def _checked(view):
    """Checks that came to the same for the same subjects are one step."""
    alike = {}
    for name, records in _by(view.checks, "check").items():
        words = _counted(records) + ": " + _named([record["master"] or record["instance"] for record in records])
        alike.setdefault(words, []).append(name)
    for words, names in alike.items():
        step = Step(", ".join(names))
        step.add(None, words + (" (each)" if len(names) > 1 else ""))
        yield step


def _soaked(view):
    step = Step("soak")
    for record in view.soaks:
        step.add(None, f"{record['seconds']} s: {record['registrations']} registrations, {record['binds']} binds, {record['dmas']} DMAs")
    return step


def _handed_over(view):
    step = Step("events and hand-over")
    for group in view.events:
        if not group.expected:
            step.add(None, f"not expected: {group.count} {group.name} of {group.master or group.sid} at {group.instance}")
    for record in view.handovers.values():
        step.add(None, f"{record['instance']}: {record['result']}, {record['policy']}, after {record['events']} events")
    return step


def cores(found):
    return sorted({core for step in found for core in step.cells if core is not None})


# --- By the trace. ---

@functools.cache
def _trace_tool():
    """tools/trace knows registers and commands."""
    loader = importlib.machinery.SourceFileLoader("trace_of_page", TRACE)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


CFGI_STE, CFGI, TLBI = 0x03, range(0x01, 0x08), range(0x10, 0x32)
GBPA, CR0, EVENTQ_CONS = 0x44, 0x20, 0x100AC
KINDS = {
    "state": "turned on, off or to abort",
    "streams": "streams configured: registration, replay, binding",
    "tlb": "translations invalidated: map and unmap",
    "events": "events taken",
    "wrong": "errors and refused writes",
}


def _kind(kind, first):
    """Which of KINDS a write or a command is part of, or None."""
    if kind in "GX":
        return "wrong"
    if kind == "C":
        opcode = first & 0xFF
        return "streams" if opcode in CFGI else "tlb" if opcode in TLBI else None
    return "state" if first in (CR0, GBPA) else "events" if first == EVENTQ_CONS else None


class Mark:
    """One entry of the trace that belongs to a kind: `x` is its place, set by Lanes."""

    def __init__(self, ticks, smmu, core, kind, words):
        self.ticks, self.smmu, self.core, self.kind, self.words, self.x = ticks, smmu, core, kind, words, 0


class Row:
    """What one core did with one SMMU without a longer pause."""

    def __init__(self, mark):
        self.mark, self.first, self.last, self.count, self.words = mark, mark.ticks, mark.ticks, 0, []

    def takes(self, mark, pause):
        return (self.mark.smmu, self.mark.kind) == (mark.smmu, mark.kind) and mark.ticks - self.last <= pause

    def add(self, mark):
        self.last = mark.ticks
        self.count += 1
        if mark.words and mark.words not in self.words:
            self.words.append(mark.words)


class Lanes:
    """The marks of a trace, by core, with times from its first entry; pauses are drawn short."""

    WIDTH, PAUSE, ROWS = 900, 0.002, 300

    def __init__(self, marks, lost, hz):
        self.marks, self.lost, self.hz = sorted(marks, key=lambda mark: mark.ticks), lost, hz
        self.breaks = []
        self._place()
        self.cores = sorted({mark.core for mark in marks})[:LANES_MOST]
        self.rows = self._rows()

    def seconds(self, ticks):
        return (ticks - self.marks[0].ticks) / self.hz

    def _place(self):
        """Each pause is as wide as the longest that is drawn to scale."""
        most, at, before = int(self.hz * self.PAUSE), 0, self.marks[0].ticks
        for mark in self.marks:
            pause = mark.ticks - before
            if pause > most:
                self.breaks.append((at + most / 2, pause / self.hz))
            at, before = at + min(pause, most), mark.ticks
            mark.x = at
        scale = self.WIDTH / max(at, 1)
        for mark in self.marks:
            mark.x = round(mark.x * scale, 1)
        self.breaks = [(round(x * scale, 1), seconds) for x, seconds in self.breaks[:200]]

    def of(self, core):
        """Those of a core that do not lie on each other."""
        seen = {}
        for mark in self.marks:
            if mark.core == core:
                seen.setdefault((int(mark.x), mark.kind), mark)
        return list(seen.values())

    def _rows(self):
        rows, last = [], {}
        for mark in self.marks:
            row = last.get(mark.core)
            if row is None or not row.takes(mark, self.hz * self.PAUSE):
                row = last[mark.core] = Row(mark)
                rows.append(row)
            row.add(mark)
        return rows


def _words(trace, kind, smmu, first, second, masters):
    """What the mark says beside its kind."""
    if kind == "streams":
        sid = first >> 32
        return f"stream {sid:#x} ({masters.get((smmu, sid), 'no master of the records')})" if first & 0xFF == CFGI_STE else "all streams"
    if kind == "state":
        name, texts = trace.Decoder().register(0, first, second)
        return f"{name} " + (" ".join(texts) or "0")
    return None


def _masters_of(view):
    return {
        (stream.get("instance"), int(stream["sid"], 16)): master["master"]
        for master in view.masters
        for stream in master["streams"] or []
        if stream.get("sid")
    }


def lanes(view):
    """The lanes of the last trace among the console's words, or None."""
    marks, lost, hz, trace, masters = [], 0, 0, _trace_tool(), _masters_of(view)
    for line in view.run.words:
        start, entry = START.match(line), ENTRY.match(line)
        if start:
            marks, lost, hz = [], int(start[2]), int(start[3])
        elif entry and hz and len(marks) < MARKS_MOST:
            smmu, first, second = f"smmu{int(entry[2])}", int(entry[5], 16), int(entry[6], 16)
            kind = _kind(entry[4], first)
            if kind:
                words = _words(trace, kind, smmu, first, second, masters)
                marks.append(Mark(int(entry[1], 16), smmu, int(entry[3]), kind, words))
    return Lanes(marks, lost, hz) if marks else None
