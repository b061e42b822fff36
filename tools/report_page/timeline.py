# SPDX-License-Identifier: BSD-2-Clause
"""
What each core did, step by step. The records `steps` (AArch64) have a core and times, and so has each write and command with trace=on:
the lanes are drawn to scale by both. Other records have neither: the table has their steps in the order of the records.
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


# --- By times: the records `steps`, and the trace. ---

@functools.cache
def _trace_tool():
    """tools/trace knows registers and commands."""
    loader = importlib.machinery.SourceFileLoader("trace_of_page", TRACE)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


CFGI_STE, CFGI, TLBI = 0x03, range(0x01, 0x08), range(0x10, 0x32)
GBPA, CR0, EVENTQ_CONS = 0x44, 0x20, 0x100AC
DISC = "a3.5,3.5 0 1,0 7,0a3.5,3.5 0 1,0 -7,0z"


class Kind:
    """What a mark means, its sign in the legend, and how it is drawn: a path from a place beside the mark's own."""

    def __init__(self, words, sign, x, y, path):
        self.words, self.sign, self.x, self.y, self.path = words, sign, x, y, path


KINDS = {
    "state": Kind("turned on, off or to abort", "\u25a0", -4, 0, "h8v8h-8z"),
    "registration": Kind("registration of an SMMU", "\u25a1", -4, 0, "h8v8h-8z"),
    "replay": Kind("replay of its masters", "\u25c7", 0, 0, "l4,4l-4,4l-4,-4z"),
    "ready": Kind("an SMMU is ready", "\u25c6", 0, 0, "l4,4l-4,4l-4,-4z"),
    "streams": Kind("streams configured", "\u2502", 0, 8, "v16"),
    "deferral": Kind("clients deferred", "\u25cb", -3.5, 13, DISC),
    "wake-up": Kind("clients woken", "\u25bd", -4, 9, "h8l-4,8z"),
    "bind": Kind("clients bound", "\u25cf", -3.5, 13, DISC),
    "dma": Kind("DMA started", "\u2571", -3, 24, "l6,-9"),
    "tlb": Kind("translations invalidated: map and unmap", "\u2577", 0, 17, "v7"),
    "events": Kind("events taken", "\u25b2", 0, 0, "l4,8h-8z"),
    "wrong": Kind("errors and refused writes", "\u2717", -4, 0, "l8,8m0,-8l-8,8"),
}
# Of the records `steps`: the kind that each is drawn as.
STEPS = {"event": "events", **{kind: kind for kind in ("registration", "replay", "ready", "deferral", "wake-up", "bind", "dma")}}


def _kind(kind, first):
    """Which of KINDS a write or a command is part of, or None."""
    if kind in "GX":
        return "wrong"
    if kind == "C":
        opcode = first & 0xFF
        return "streams" if opcode in CFGI else "tlb" if opcode in TLBI else None
    return "state" if first in (CR0, GBPA) else "events" if first == EVENTQ_CONS else None


class Mark:
    """A step, or an entry of the trace that belongs to a kind: `words` is a list, `x` its place, set by Lanes."""

    def __init__(self, ticks, smmu, core, kind, words, last=None, count=1):
        self.ticks, self.smmu, self.core, self.kind, self.words, self.x = ticks, smmu, core, kind, words, 0
        self.last, self.count = max(last or 0, ticks), count


class Row:
    """What one core did with one SMMU without a longer pause."""

    def __init__(self, mark):
        self.mark, self.first, self.last, self.count, self.words = mark, mark.ticks, mark.ticks, 0, []

    def takes(self, mark, pause):
        return (self.mark.smmu, self.mark.kind) == (mark.smmu, mark.kind) and mark.ticks - self.last <= pause

    def add(self, mark):
        self.last = max(self.last, mark.last)
        self.count += mark.count
        self.words += [word for word in dict.fromkeys(mark.words) if word not in self.words]


class Lanes:
    """Marks by core, with times from the first one; pauses are drawn short. `lost` are entries of the trace, `left_out` steps without room."""

    WIDTH, PAUSE, ROWS = 900, 0.002, 300

    def __init__(self, marks, lost, left_out, hz):
        self.marks, self.lost, self.left_out, self.hz = sorted(marks, key=lambda mark: mark.ticks), lost, left_out, hz
        self.kinds = [kind for name, kind in KINDS.items() if any(mark.kind == name for mark in marks)]
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
        return [f"stream {sid:#x} ({masters.get((smmu, sid), 'no master of the records')})" if first & 0xFF == CFGI_STE else "all streams"]
    if kind == "state":
        name, texts = trace.Decoder().register(0, first, second)
        return [f"{name} " + (" ".join(texts) or "0")]
    return []


def _masters_of(view):
    return {
        (stream.get("instance"), int(stream["sid"], 16)): master["master"]
        for master in view.masters
        for stream in master["streams"] or []
        if stream.get("sid")
    }


def _traced(view):
    """(marks, entries lost, ticks in a second) of the last trace among the console's words."""
    marks, lost, hz, trace, masters = [], 0, 0, _trace_tool(), _masters_of(view)
    for line in view.run.words:
        start, entry = START.match(line), ENTRY.match(line)
        if start:
            marks, lost, hz = [], int(start[2]), int(start[3])
        elif entry and hz and len(marks) < MARKS_MOST:
            smmu, first, second = f"smmu{int(entry[2])}", int(entry[5], 16), int(entry[6], 16)
            kind = _kind(entry[4], first)
            if kind:
                marks.append(Mark(int(entry[1], 16), smmu, int(entry[3]), kind, _words(trace, kind, smmu, first, second, masters)))
    return marks, lost, hz


def _stepped(view):
    """(marks, steps that had no room) of the records `steps`."""
    names = {record["name"]: record["instance"] for record in view.instances if record["name"]}
    marks, left_out = [], 0
    for record in view.run.of("steps"):
        words = [names.get(name, name) for name in record["of"] or []]
        count = record["count"] or 1
        if record["what"] in STEPS and record["ticks"] is not None and record["core"] is not None:
            marks.append(Mark(record["ticks"], None, record["core"], STEPS[record["what"]], words, record["last_ticks"], count))
        elif record["what"] == "left out":
            left_out += count
    return marks[:MARKS_MOST], left_out


def lanes(view):
    """The lanes of all that has a core and a time, or None."""
    traced, lost, hz = _traced(view)
    stepped, left_out = _stepped(view)
    hz = hz or (view.verdict.facts or {}).get("tick_hz")
    return Lanes(traced + stepped, lost, left_out, hz) if hz and (traced or stepped) else None
