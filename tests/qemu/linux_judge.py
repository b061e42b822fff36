# SPDX-License-Identifier: BSD-2-Clause
"""What Linux must say and do after the firmware, and the firmware's map beside Linux's own."""

import hashlib
import re

import judge
import linux
import stream_tables
import tap

# What an SMMU that was left on, and what one that stops or reports something, make Linux say.
COMPLAINTS = re.compile(r"currently enabled|Resetting|event 0x|GERROR|unexpected global error|CMD_SYNC timeout|arm-smmu.*(fail|error)")


class Said:
    """What the initial RAM disk printed."""

    def __init__(self, run):
        text = "\n".join(run.lines)
        begin, end = text.find(linux.BEGIN), text.find(linux.END)
        self.lines = text[begin:end].split("\n") if 0 <= begin < end else []

    def of(self, word):
        return [line[len(word) + 1 :] for line in self.lines if line.startswith(word + " ")]

    def functions(self):
        """Function, its group, and the base of its SMMU, of all that are in a group."""
        for line in self.of("group"):
            group, function, smmu, _ = line.split(" ", 3)
            yield function, group, int(re.search(r"0x[0-9a-f]+", smmu).group(), 16)


def in_lines(members):
    """
    A line for each member, with its SMMU and the members of its group: groups have other numbers in Linux. `members` are
    (name, group, base) each.
    """
    groups = {}
    for name, group, _ in members:
        groups.setdefault(group, []).append(name)
    return sorted(f"{name} behind {base:#x}, in the group of {' '.join(sorted(groups[group]))}" for name, group, base in members)


def bases_of(run):
    return {r["instance"]: int(r["base"], 16) for r in run.of("instance")}


def our_functions(run):
    bases = bases_of(run)
    return in_lines([(m["master"], m["group"], bases[m["instance"]]) for m in run.of("master")])


def requester_id(function):
    _, bus, device = function.split(":")
    slot, number = device.split(".")
    return int(bus, 16) << 8 | int(slot, 16) << 3 | int(number)


def our_streams(run):
    """
    By the report's masters. Of a function behind a bridge to conventional PCI, whose stream is the bridge's, Linux lets its
    own requester ID through as well, which a few bridges pass on.
    """
    bases = bases_of(run)
    streams = set()
    for master in run.of("master"):
        for stream in master["streams"]:
            for sid in (int(stream["sid"], 16), requester_id(master["master"])):
                streams.add((f"stream {sid:#x}", master["group"], bases[stream["instance"]]))
    return in_lines(streams)


def linux_streams(tables):
    """By the stream tables of the live SMMUs: those that are translated by one translation table are a group's."""
    return in_lines([(f"stream {sid:#x}", (base, table), base) for base, found in tables for sid, table in found.items()])


def same_lines(linux_lines, our_lines, name):
    """A table, line by line."""
    differing = sorted(set(linux_lines) ^ set(our_lines))
    why = [("only Linux: " if line in linux_lines else "only we: ") + line for line in differing]
    tap.ok(linux_lines and linux_lines == our_lines, name, why or "there is none")
    for line in our_lines if linux_lines == our_lines else []:
        tap.note(f"both: {line}")


def notices_another_map(run, tables, title):
    """The comparison itself: a stream more, one less, one of another SMMU, and one in another group are each noticed."""
    first, second = tables[0][1], tables[1][1]
    sid = max(first)
    others = {
        "a stream more": (first | {sid + 1: first[sid]}, second),
        "a stream less": ({key: first[key] for key in first if key != sid}, second),
        "a stream of another SMMU": ({key: first[key] for key in first if key != sid}, second | {sid: first[sid]}),
        "a stream in another group": (first | {sid: first[min(first)]}, second),
        "a stream in bypass": (first | {sid: "bypass", min(first): "bypass"}, second),
    }
    for name, (one, other) in others.items():
        changed = [(tables[0][0], one), (tables[1][0], other)] + tables[2:]
        tap.ok(linux_streams(changed) != our_streams(run), f"{title}: {name} would be noticed")


def stream_tables_into(tables):
    """For linux.Machine.run(): reads them while Linux runs, each with its SMMU's base."""

    def look(monitor):
        tables.extend((base, stream_tables.let_through(monitor, base)) for base in linux.smmu_bases())

    return look


def complaints(said):
    return [line for line in said.of("dmesg") if COMPLAINTS.search(line)]


def interrupts(said):
    """How often each interrupt of an SMMU came."""
    return [sum(int(word) for word in line.split(":")[1].split("GIC")[0].split()) for line in said.of("interrupt")]


def sound_handover(run, title, at=linux.LINUX_AT):
    wrong = judge.violations(run.records)
    tap.ok(not run.broken and not wrong, f"{title}: the report keeps the interface", lambda: wrong[:10] + run.broken)
    tap.ok(run.verdict.get("result") == "pass", f"{title}: the firmware passes", lambda: [run.verdict] + run.tail())
    found = [(r["address"], r["refused"]) for r in run.of("next")]
    tap.equal(found, [(hex(at), None)], f"{title}: the record next says which image")
    head = (run.of("firmware") or [{}])[0]
    tap.equal(head.get("ignored_count"), 0, f"{title}: no word of Linux's is complained about")


def judge_linux(run, tables, machine, title, el2, cores):
    said = Said(run)
    if not tap.ok(said.lines and run.status == 0, f"{title}: Linux runs to its end", run.tail):
        return
    probed = {line.split()[2] for line in map(lambda l: re.sub(r"\[ +", "[", l), said.of("dmesg")) if "arm-smmu-v3" in line}
    tap.equal(len([name for name in probed if re.search(r"\.smmuv3|\.auto", name)]), 3, f"{title}: three SMMUs probe")
    tap.equal(complaints(said), [], f"{title}: none was left on, and none reports an event or an error")
    tap.equal(set(interrupts(said)) or None, {0}, f"{title}: no interrupt of an SMMU came")
    same_lines(in_lines(list(said.functions())), our_functions(run), f"{title}: our groups and SMMUs are Linux's")
    tap.equal([found for _, found in tables if not found], [], f"{title}: Linux has three SMMUs on")
    same_lines(linux_streams(tables), our_streams(run), f"{title}: our streams are those that Linux lets through, and no other is")
    notices_another_map(run, tables, title)
    disks = sorted(tuple(line.split()) for line in said.of("disk"))
    nvme = sorted(m["master"] for m in run.of("master", device="1b36:0010"))
    wanted = [(function, hashlib.md5(disk).hexdigest()) for function, disk in zip(nvme, machine.contents)]
    tap.equal(disks, wanted, f"{title}: the disk behind each SMMU is read right to its end, and no other in its place")
    tap.equal(len(nvme), 3, f"{title}: there are three")
    tap.equal(said.of("cores"), [str(cores)], f"{title}: all cores run")
    log = "\n".join(said.of("dmesg"))
    tap.ok(("started at EL2" in log) == el2, f"{title}: in EL{2 if el2 else 1}")
    tap.ok(bool(said.of("kvm")) == el2, f"{title}: KVM is {'on' if el2 else 'off'}", said.of("kvm"))
