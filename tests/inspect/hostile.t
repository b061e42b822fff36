# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect on device trees and IORTs that are damaged, or were made to harm: it refuses them in one line, or it warns of
the place and uses the rest. It never crashes, hangs or prints an unreadable answer, and no map is wrong in silence.

What is wanted of a case is one of these, in the order of strictness:

    refused=True   exit status 2: nothing of the table can be trusted.
    refused=False  exit status 0 with the map that Linux would use, and the warnings that `warned` asks for.
    refused=None   either: reasonable readers differ, but what is read has to be right, or warned of.
"""

import json
import os
import random
import re
import struct
import subprocess

import tool
from tool import tap

SLOW = 1200  # Seconds after which a run counts as hanging; the longest that is wanted takes four, with sanitizers.
HEX = re.compile(r"0x(0|[1-9a-f][0-9a-f]*)\Z")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
SANITIZER = re.compile(r"Sanitizer|runtime error:|Assertion|core dumped")
place = tool.folder()


class Run:
    """One run. `trouble` are the reasons why it is no proper run at all, whatever the table is."""

    def __init__(self, *arguments, stdin=None, slow=SLOW):
        self.trouble = []
        self.status, out, err = None, b"", b""
        try:
            done = subprocess.run([tool.INSPECT, *arguments], capture_output=True, check=False, timeout=slow, stdin=stdin)
            self.status, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            self.trouble.append("hangs")
        try:
            self.out, self.err = out.decode(), err.decode()
        except UnicodeDecodeError as error:
            self.trouble.append(f"is no UTF-8: {error}")
            self.out, self.err = out.decode(errors="replace"), err.decode(errors="replace")
        if self.status is not None and (self.status not in (0, 2) or SANITIZER.search(self.err)):
            self.trouble.append(f"ends with {self.status}: {self.err[:600]}")


def unique(pairs):
    """A JSON object whose keys are there once: Python would take the last of two."""
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"twice the same key in {keys}")
    return dict(pairs)


def number(text, bits=32):
    """A number as the conventions have it; an AssertionError is what is wrong with it."""
    assert isinstance(text, str) and HEX.match(text), f"{text!r} is no hexadecimal number"
    value = int(text, 16)
    assert value < 1 << bits, f"{text} has more than {bits} bits"
    return value


def shape(table):
    """What has to be true of every answer, whatever the table was. An AssertionError says what is not."""
    if table["verdict"] == "error":
        assert isinstance(table["error"], str) and table["error"].strip(), "an error without words"
        return
    assert table["verdict"] == "ok" and table["interface"] == 1 and table["format"] in ("dt", "iort"), "no such answer"
    names = set()
    for each in table["instances"]:
        names.add(each["name"])
        assert each["base"] is None or number(each["base"], 64) >= 0
        assert each["size"] is None or number(each["size"], 64) >= 0
        assert each["enabled"] in (True, False) and each["coherent"] in (True, False)
    for each in table["fixed"]:
        assert each["instance"] in names, f"{each} is of no instance"
        assert number(each["first"]) <= number(each["last"]), f"{each} ends before it starts"
        assert each["kind"] in ("single", "range") and each["enabled"] in (True, False)
        assert each["kind"] == "range" or each["first"] == each["last"], f"{each} is no single stream"
        assert isinstance(each["master"], str)
    ends = {}
    for each in table["windows"]:
        first, last = number(each["input_first"]), number(each["input_last"])
        assert each["instance"] in names, f"{each} is of no instance"
        assert first <= last, f"{each} ends before it starts"
        assert each["constant"] or number(each["sid"]) + last - first < 1 << 32, f"{each} leaves 32 bits"
        assert number(each["sid"]) >= 0 and (each["mask"] is None or number(each["mask"]) >= 0)
        assert isinstance(each["master"], str) and each["enabled"] in (True, False)
        ends.setdefault(each["master"], []).append((first, last))
    table["overlaps"] = [
        (master, spans[i], spans[i + 1]) for master,
        spans in ends.items() for i in range(len(spans) - 1) if spans[i][1] >= spans[i + 1][0]
    ]
    for each in table["reserved"]:
        assert isinstance(each["master"], str) and number(each["base"], 64) + number(each["size"], 64) <= 1 << 64, f"{each} wraps"
    for each in table["warnings"]:
        assert isinstance(each["where"], str) and isinstance(each["text"], str) and each["text"].strip(), f"{each} says nothing"


def parsed(run):
    """The answer of a run with --json, or None with the reason in its troubles."""
    try:
        table = json.loads(run.out, object_pairs_hook=unique)
        shape(table)
        return table
    except (ValueError, AssertionError, KeyError, TypeError) as error:
        run.trouble.append(f"{type(error).__name__}: {error}: {run.out[:300]}")
        return None


def map_of(table):
    """The map as numbers: the streams, and the windows with those joined that continue one another."""
    fixed = sorted((each["instance"], each["master"], int(each["first"], 16), int(each["last"], 16)) for each in table["fixed"])
    windows = []
    for each in table["windows"]:
        new = (each["instance"], each["master"], int(each["input_first"], 16), int(each["input_last"], 16), int(each["sid"], 16),
               each["constant"])
        old = windows[-1] if windows else None
        joins = old and old[:2] == new[:2] and old[3] + 1 == new[2] and old[4] + new[2] - old[2] == new[4]
        if joins and not old[5] and not new[5]:
            windows[-1] = (*old[:3], new[3], *old[4:])
        else:
            windows.append(new)
    return fixed, sorted(windows)


def written(blob, name="case"):
    path = os.path.join(place, name)
    with open(path, "wb") as file:
        file.write(blob)
    return path


class OneOf:
    """Several outcomes are right."""

    def __init__(self, *wanted):
        self.wanted = wanted

    def __contains__(self, found):
        return any(sorted(found) == sorted(each) for each in self.wanted)

    def __repr__(self):
        return " or ".join(repr(each) for each in self.wanted)


class Board:
    """A sort of table: the SMMU, and the witnesses, which is what has to stay right beside a damaged part."""

    def __init__(self, smmu, fixed, windows):
        self.smmu, self.fixed, self.windows = smmu, fixed, windows

    def whole(self, wanted, witness, default):
        """`wanted`, short as cases have it, with the instance and the witnesses filled in."""
        options = wanted.wanted if isinstance(wanted, OneOf) else [wanted]
        return OneOf(*([*witness, *(default(each) for each in option)] for option in options))

    def stream(self, each):
        """(master, first), (master, first, last) or (instance, master, first, last)."""
        if len(each) == 4:
            return each
        return (self.smmu, each[0], each[1], each[-1])

    def window(self, each):
        """(master, first, last, sid), the same and whether it is constant, or with the instance in front."""
        each = each if isinstance(each[1], str) else (self.smmu, *each)
        return each if len(each) == 6 else (*each, False)


def warns(table, where, what):
    """Whether a warning is of this place (or one of these) and names what it is of."""
    places = (where,) if isinstance(where, str) else where
    for each in table["warnings"]:
        said = each["where"] + ": " + each["text"]
        if any(place_ in said for place_ in places) and re.search(what, said, re.I):
            return True
    return False


def check(board, name, blob, refused=False, fixed=(), windows=(), warned=(), error=None, bases=None, witness=True, more=None):
    """One case: `fixed` and `windows` are what the table maps beside the witnesses, `warned` pairs of a place and a word,
    `bases` what instances have for a base, `error` a word of the refusal, and `more` a function of the answer that
    returns what else is wrong."""
    path = written(blob)
    run = Run("--json", path)
    plain = run if run.status is None else Run(path)
    trouble = run.trouble
    table = None if run.status is None else parsed(run)
    trouble += [f"for people: {each}" for each in plain.trouble] if plain is not run else []
    if run.status != plain.status:
        trouble.append(f"exit status {run.status} with --json, {plain.status} without")
    if CONTROL.search(plain.out.replace("\t", " ")) or CONTROL.search(plain.err):
        trouble.append(f"for people: control characters: {CONTROL.findall(plain.out + plain.err)[:8]!r}")
    if table and run.status == 2:
        if plain.out or plain.err.count("\n") != 1 or not plain.err.endswith("\n"):
            trouble.append(f"a refusal is not one line: {plain.out[:200]!r} {plain.err[:300]!r}")
        if table["verdict"] != "error" or table["error"] not in plain.err:
            trouble.append(f"--json gives another reason: {table}")
        if refused is False:
            trouble.append(f"is refused: {plain.err.strip()}")
        if error and not re.search(error, plain.err, re.I):
            trouble.append(f"the refusal does not name it ({error}): {plain.err.strip()}")
    elif table and run.status == 0:
        if table["verdict"] != "ok":
            trouble.append("read and refused at once")
            table = None
        elif refused is True:
            trouble.append(f"is read: {run.out[:1500]}")
        else:
            found = map_of(table)
            if table["overlaps"]:
                trouble.append(f"windows that are not disjoint and ascending: {table['overlaps'][:4]}")
            wanted = fixed is not None and board.whole(fixed, board.fixed if witness else (), board.stream)
            if wanted and found[0] not in wanted:
                trouble.append(f"streams {found[0][:40]!r}, wanted {wanted!r:.3000}")
            wanted = windows is not None and board.whole(windows, board.windows if witness else (), board.window)
            if wanted and found[1] not in wanted:
                trouble.append(f"windows {found[1][:40]!r}, wanted {wanted!r:.3000}")
            for where, what in warned:
                if not warns(table, where, what):
                    trouble.append(f"no warning of {where} with {what!r}: {table['warnings'][:10]}")
            found = {each["name"]: each["base"] for each in table["instances"]}
            for instance, base in (bases or {}).items():
                if found.get(instance, "absent") not in (base if isinstance(base, tuple) else (base,)):
                    trouble.append(f"{instance} has base {found.get(instance, 'absent')}, wanted {base}")
            if more:
                trouble += more(table) or []
    return tap.ok(not trouble, name, trouble)


# Device trees by hand: a node is (name, properties, children), a property's value a number, several, a text or bytes.

BEGIN, END_NODE, PROP, NOP, END = (struct.pack(">I", tag) for tag in (1, 2, 3, 4, 9))
HEADER = ("magic", "totalsize", "off_dt_struct", "off_dt_strings", "off_mem_rsvmap", "version", "last_comp_version",
          "boot_cpuid_phys", "size_dt_strings", "size_dt_struct")


def cells(*values):
    return struct.pack(f">{len(values)}I", *values)


def wide(*values):
    return struct.pack(f">{len(values)}Q", *values)


def padded(data):
    return data + bytes(-len(data) % 4)


def value_of(value):
    if value is None:
        return b""
    if isinstance(value, int):
        return cells(value)
    if isinstance(value, str):
        return value.encode() + b"\0"
    if isinstance(value, (tuple, list)):
        return cells(*value)
    return value


def node(name, properties, *children):
    return (name, properties.items() if isinstance(properties, dict) else properties, children)


class Strings:
    """The names of properties, each of them once."""

    def __init__(self):
        self.data, self.at = b"", {}

    def offset(self, name):
        if name not in self.at:
            self.at[name] = len(self.data)
            self.data += (name if isinstance(name, bytes) else name.encode()) + b"\0"
        return self.at[name]


def prop(strings, name, value):
    value = value_of(value)
    return PROP + cells(len(value), strings.offset(name)) + padded(value)


def flat(tree, strings):
    """A node's tokens. Bytes among the children are tokens as they are, for what no compiler makes."""
    out = []
    todo = [tree]
    while todo:
        each = todo.pop()
        if isinstance(each, bytes):
            out.append(each)
            continue
        name, properties, children = each
        out.append(BEGIN + padded((name if isinstance(name, bytes) else name.encode()) + b"\0"))
        out += [prop(strings, key, value) for key, value in properties]
        todo.append(END_NODE)
        todo += reversed(children)
    return b"".join(out)


def assembled(tokens, strings, **header):
    """A blob of these tokens (with what ends them) and strings. Fields of the header may be said otherwise."""
    reserved = bytes(16)
    fields = {
        "magic": 0xd00dfeed,
        "totalsize": 40 + 16 + len(tokens) + len(strings),
        "off_dt_struct": 56,
        "off_dt_strings": 56 + len(tokens),
        "off_mem_rsvmap": 40,
        "version": 17,
        "last_comp_version": 16,
        "boot_cpuid_phys": 0,
        "size_dt_strings": len(strings),
        "size_dt_struct": len(tokens),
        **header,
    }
    return cells(*(fields[key] for key in HEADER)) + reserved + tokens + strings


def blob_of(tree, **header):
    strings = Strings()
    return assembled(flat(tree, strings) + END, strings.data, **header)


def smmu(at=0x50000000, phandle=1, more=None, name=None, count=1):
    properties = {"compatible": "arm,smmu-v3", "reg": (0, at, 0, 0x20000), "#iommu-cells": count, "phandle": phandle}
    properties.update(more or {})
    properties = {key: value for key, value in properties.items() if value is not False}
    return node(name or f"iommu@{at:x}", properties)


GOOD = node("good@60000000", {"compatible": "acme,good", "iommus": (1, 8)})
PCIE = node("pcie@70000000", {"compatible": "pci-host-ecam-generic", "device_type": "pci", "#address-cells": 3, "#size-cells": 2,
                              "reg": (0, 0x70000000, 0, 0x1000000), "iommu-map": (0, 1, 0x10000, 0x1000)})
ROOT = {"#address-cells": 2, "#size-cells": 2, "compatible": "acme,board"}
DT = Board("/iommu@50000000", [("/iommu@50000000", "/good@60000000", 8, 8)],
           [("/iommu@50000000", "/pcie@70000000", 0, 0xfff, 0x10000, False)])


def around(*extra):
    """The witnesses with something between them, so that both what is before it and what is behind it has to survive."""
    return node("", ROOT, smmu(), GOOD, *extra, PCIE)


def victim(*extra, **wanted):
    """A case of a device tree: the name, and what stands between the witnesses."""
    name, *extra = extra
    return check(DT, name, blob_of(around(*extra)), **wanted)


def master(iommus, more=None, name="bad@1"):
    return node(name, {"compatible": "acme,bad", "iommus": iommus, **(more or {})})


def root(iommu_map, more=None, name="pcie@2"):
    return node(name, {"compatible": "pci-host-ecam-generic", "device_type": "pci", "iommu-map": iommu_map, **(more or {})})


def part(board, damaged=True):
    """For tables of which only a part can be used: nothing but the witnesses, and where one is missing, a warning."""
    def judge(table):
        fixed, windows = map_of(table)
        trouble = [f"wrong: {each}" for each in fixed if each not in board.fixed]
        trouble += [f"wrong: {each}" for each in windows if each not in board.windows]
        whole = len(fixed) == len(board.fixed) and len(windows) == len(board.windows)
        if damaged and not whole and not table["warnings"]:
            trouble.append(f"something is missing and no warning says so: {fixed} {windows}")
        return trouble
    return judge


def partly(board, name, blob, damaged=True, **wanted):
    """A case where refusing and using what can be used are both right, losing something in silence is not."""
    return check(board, name, blob, refused=None, fixed=None, windows=None, more=part(board, damaged), **wanted)


def culprit(blobs):
    """
    One that a run of all of them breaks at: what it printed may never have left its buffers, so they are halved. The limit says
    which one is kept, no more: the check has failed already.
    """
    span = range(len(blobs))
    while len(span) > 1:
        half = tool.folder()
        for i in span[:len(span) // 2]:
            with open(os.path.join(half, f"{i:05}"), "wb") as file:
                file.write(blobs[i])
        run = Run("--json", half, slow=60)
        span = span[:len(span) // 2] if run.trouble else span[len(span) // 2:]
    return span[0]


def batch(name, blobs, judge, names=None):
    """Many tables at once, as a folder: a process for each would take minutes. `judge` says what is wrong with an answer."""
    folder = tool.folder()
    for i, blob in enumerate(blobs):
        with open(os.path.join(folder, f"{i:05}"), "wb") as file:
            file.write(blob)
    run = Run("--json", folder)
    trouble, seen = run.trouble, set()
    for line in run.out.split("\n")[:-1]:
        try:
            answer = json.loads(line, object_pairs_hook=unique)
            which = int(os.path.basename(answer["file"]))
            shape(answer)
            seen.add(which)
            wrong = judge(which, answer)
            if wrong:
                trouble.append(f"{names[which] if names else which}: {wrong}")
        except (ValueError, AssertionError, KeyError, TypeError) as error:
            trouble.append(f"{type(error).__name__}: {error}: {line[:200]}")
    missing = [i for i in range(len(blobs)) if i not in seen]
    if missing or run.trouble:
        kept = f"/tmp/hostile.{os.getpid()}.{len(os.listdir(place))}"
        with open(kept, "wb") as file:
            file.write(blobs[culprit(blobs)])
        again = Run("--json", kept)
        trouble.append(f"{len(missing)} without an answer; one of them is kept as {kept}: {again.status} {again.trouble}")
    return tap.ok(not trouble, name, [*trouble[:12], f"{len(trouble)} in all"])


check(DT, "dt: the witnesses alone", blob_of(around()), more=lambda table: [table["warnings"]] if table["warnings"] else [])

# What dtc makes is cut: the kernel's fdt_check_header() refuses a blob that says more bytes than there are.

TEXT = """/dts-v1/;
/memreserve/ 0x1000 0x1000;
/ {
	#address-cells = <2>;
	#size-cells = <2>;
	compatible = "acme,board";
	smmu: iommu@50000000 {
		compatible = "arm,smmu-v3";
		reg = <0 0x50000000 0 0x20000>;
		#iommu-cells = <1>;
	};
	good@60000000 {
		compatible = "acme,good";
		iommus = <&smmu 0x8>;
	};
	pcie@70000000 {
		compatible = "pci-host-ecam-generic";
		device_type = "pci";
		#address-cells = <3>;
		#size-cells = <2>;
		reg = <0 0x70000000 0 0x1000000>;
		iommu-map = <0x0 &smmu 0x10000 0x1000>;
	};
};
"""
path = tool.dtb(TEXT, place)
with open(path, "rb") as file:
    good = file.read()
check(DT, "dt: what dtc makes of them", good)
fields = dict(zip(HEADER, struct.unpack_from(">10I", good)))


def changed(blob, at, *values):
    """The blob with other cells at a place."""
    return blob[:at] + cells(*values) + blob[at + 4 * len(values):]


def header(**values):
    blob = good
    for key, value in values.items():
        blob = changed(blob, 4 * HEADER.index(key), value)
    return blob


ends = range(0, len(good), 4)
batch("dt: cut at every 4th byte: refused", [good[:end] for end in ends],
      lambda which, answer: answer["verdict"] == "ok" and "is read", ends)
batch("dt: cut at every 4th byte, with a totalsize that says so: refused",
      [changed(good[:end], 4, end) for end in ends if end >= 8], lambda which, answer: answer["verdict"] == "ok" and "is read",
      ends[2:])
for end in (0, 1, 3, 4, 39, 40, fields["off_dt_struct"] + 1, len(good) - 1):
    check(DT, f"dt: cut at byte {end}: refused, in one line", good[:end], refused=True)

start, length, strings_at = fields["off_dt_struct"], fields["size_dt_struct"], fields["off_dt_strings"]
for key, values in {
    "magic": (0, 0xedfe0dd0, 0xd00dfeee),
    "totalsize": (0, 1, 39, 40, start, len(good) - 1, len(good) - 4, len(good) + 1, len(good) + 4, 0x7fffffff, 0x80000000,
                  0xffffffff),
    "off_dt_struct": (1, 2, start + 1, start + 2, start + 3, len(good), len(good) + 4, 0x7ffffffc, 0x80000000,
                      0xfffffffc, 0xffffffff),
    "size_dt_struct": (0, 1, 4, 8, length // 8 * 4, 0x7fffffff, 0x80000000, (1 << 32) - start, 0xfffffffc, 0xffffffff),
    "off_dt_strings": (len(good), len(good) + 1, 0x7fffffff, 0x80000000, (1 << 32) - fields["size_dt_strings"], 0xffffffff),
    "size_dt_strings": (0, 1, 0x7fffffff, 0x80000000, (1 << 32) - strings_at, 0xffffffff),
    "last_comp_version": (18, 0x7fffffff, 0xffffffff),
}.items():
    for value in values:
        extra = {"version": value} if key == "last_comp_version" else {}
        check(DT, f"dt: header: {key} = {value:#x}: refused", header(**{key: value}, **extra), refused=True)
for key, values in {
    # The header as structure block: its cells are no tags, but one reader may say so later than another.
    "off_dt_struct": (0, 4, 0x28, start - 4, start + 4),
    "size_dt_struct": (length - 4, length - 8, length + 4, length - 1, length + 1),
    "off_dt_strings": (start, 0),
    "size_dt_strings": (fields["size_dt_strings"] - 1, fields["size_dt_strings"] - 4),
    "version": (0, 1, 2, 3, 16),
    "off_mem_rsvmap": (0, 1, 36, 41, len(good) - 8, len(good), 0x80000000, 0xfffffff8, 0xffffffff),
}.items():
    for value in values:
        partly(DT, f"dt: header: {key} = {value:#x}: refused, or nothing is lost in silence", header(**{key: value}))
for at in (len(good) // 8 * 8 - 8, len(good) // 8 * 8):
    # A reader could not tell which memory is reserved.
    check(DT, f"dt: memory reservations from {at:#x} on end nowhere: refused", header(off_mem_rsvmap=at), refused=True)
check(DT, "dt: header: version 18 that version 16 can read: read", header(version=18))
check(DT, "dt: header: boot_cpuid_phys = 0xffffffff is of nobody's interest", header(boot_cpuid_phys=0xffffffff))
check(DT, "dt: bytes behind totalsize are of nobody's interest", good + b"\xd0\x0d\xfe\xed" * 16)
check(DT, "dt: a hole of 64 KiB in totalsize is of nobody's interest", header(totalsize=len(good) + 65536) + bytes(65536))

# Tokens: libfdt refuses all of these, and Linux takes no tree from it then.

strings = Strings()
parts = [flat(each, strings) for each in (smmu(), GOOD, PCIE)]
head = BEGIN + cells(0) + b"".join(prop(strings, key, value) for key, value in ROOT.items())
body = b"".join(parts)
word = strings.offset("compatible")
size = len(strings.data)
bad = BEGIN + b"bad\0"
for name, tokens in {
    "END is missing": head + body + END_NODE,
    "the root's END_NODE is missing": head + body + END,
    "a node's END_NODE is missing": head + parts[0] + parts[1][:-4] + parts[2] + END_NODE + END,
    "END within a node": head + parts[0] + bad + END + END_NODE + parts[1] + parts[2] + END_NODE + END,
    "one END_NODE too many": head + body + END_NODE + END_NODE + END,
    "one END_NODE too many in the middle": head + parts[0] + END_NODE + parts[1] + parts[2] + END_NODE + END,
    "END_NODE first": END_NODE + head + body + END_NODE + END,
    "no tokens but END": END,
    "tag 0": head + body + cells(0) + END_NODE + END,
    "tag 5": head + body + cells(5) + END_NODE + END,
    "tag 0x1000000": head + body + cells(0x1000000) + END_NODE + END,
    "tag 0xffffffff": head + body + cells(0xffffffff) + END_NODE + END,
    "a name without end": head + body + BEGIN + b"x" * 64,
    "a name whose end is in the strings": head + body + END_NODE + BEGIN + b"xxxx",
    "BEGIN_NODE as the last": head + body + BEGIN,
    "PROP as the last": head + body + PROP,
    "PROP with half of its head": head + body + PROP + cells(4),
    **{f"a property of {value:#x} bytes": head + body + bad + PROP + cells(value, word) + b"abc\0" + END_NODE + END_NODE + END
       for value in (0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 0xfffffff4, 0xfffffff0, 0xffffff00, 0x1000)},
    **{f"a property whose length leads {back} bytes back": head + body + bad + PROP + cells(4, word) + b"abc\0" +
       PROP + cells((1 << 32) - 12 - back, word) + END_NODE + END_NODE + END for back in (4, 8, 16, 24)},
    **{f"a property's name at {value:#x}": head + body + bad + PROP + cells(4, value) + b"abc\0" + END_NODE + END_NODE + END
       for value in (size, size + 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc)},
}.items():
    check(DT, f"dt: {name}: refused", assembled(tokens, strings.data), refused=True)
partly(DT, "dt: a property first: refused, or nothing is lost in silence",
       assembled(prop(strings, "compatible", "x") + head + body + END_NODE + END, strings.data))
partly(DT, "dt: NOPs before the root, where libfdt finds no root: refused, or nothing is lost",
       assembled(NOP * 3 + head + body + END_NODE + END, strings.data))
check(DT, "dt: NOPs everywhere in the root: read", assembled(
    head + NOP + parts[0] + NOP * 2 + parts[1][:-4] + NOP + END_NODE + parts[2] + NOP + END_NODE + END, strings.data))
check(DT, "dt: a NOP between the root and END, where the specification has it and libfdt's check has not: read, or refused",
      assembled(head + body + END_NODE + NOP + END, strings.data),
      refused=None)
check(DT, "dt: the strings end without NUL: refused, or a warning",
      assembled(head + body + END_NODE + END, strings.data + b"rest"),
      refused=None)
late = BEGIN + b"late\0\0\0\0" + BEGIN + b"sub\0" + END_NODE + prop(strings, "iommus", (1, 0x77)) + END_NODE
check(DT, "dt: a property behind a subnode: refused, or not used (as Linux) with a warning",
      assembled(head + parts[0] + parts[1] + late + parts[2] + END_NODE + END, strings.data), refused=None,
      warned=[("/late", "iommus|propert")])
partly(DT, "dt: two roots: refused, or nothing is lost in silence",
       assembled(head + parts[0] + parts[1] + END_NODE + head + parts[2] + END_NODE + END, strings.data))
partly(DT, "dt: a root with a name: refused, or nothing is lost in silence",
       assembled(BEGIN + b"root\0\0\0\0" + head[8:] + body + END_NODE + END, strings.data))
check(DT, "dt: a property twice: the first, as Linux, with a warning; or refused",
      blob_of(around(node("bad@1", [("compatible", "x"), ("iommus", (1, 0x20)), ("iommus", (1, 0x21))]))), refused=None,
      fixed=[("/bad@1", 0x20)], warned=[("/bad@1", "iommus|twice|more than once|duplicate")])
check(DT, "dt: two nodes of one name: both, as Linux; or refused", blob_of(around(master((1, 0x20)), master((1, 0x21)))),
      refused=None,
      fixed=[("/bad@1", 0x20), ("/bad@1", 0x21)])

# Phandles. Linux takes the first node of a phandle, and no node has 0.

victim("dt: iommus of a node of itself, that is no IOMMU", node("bad@1", {"phandle": 9, "iommus": (9, 5)}),
       warned=[("/bad@1", "iommus")])
victim("dt: iommus of a node of itself, with #iommu-cells", node("bad@1", {"phandle": 9, "#iommu-cells": 1, "iommus": (9, 5)}))
victim("dt: an SMMU behind itself: a warning", smmu(0x51000000, 2, {"iommus": (2, 5)}),
       fixed=OneOf([], [("/iommu@51000000", "/iommu@51000000", 5, 5)]), warned=[("/iommu@51000000", "iommus|itself")])
victim("dt: two SMMUs behind each other: a warning", smmu(0x51000000, 2, {"iommus": (3, 5)}),
       smmu(0x52000000, 3, {"iommus": (2, 6)}),
       fixed=OneOf([], [("/iommu@51000000", "/iommu@52000000", 6, 6), ("/iommu@52000000", "/iommu@51000000", 5, 5)]),
       warned=[(("/iommu@51000000", "/iommu@52000000"), "iommus|behind")])
victim("dt: two SMMUs of one phandle: the first is meant, and a warning", smmu(0x51000000, 1), master((1, 0x20)),
       fixed=[("/bad@1", 0x20)], warned=[(("/iommu@51000000", "/iommu@50000000"), "phandle")])
victim("dt: phandle 0 in iommus: a warning", smmu(0x51000000, 0), master((0, 0x20)), warned=[("/bad@1", "iommus")])
victim("dt: phandle 0 before a good one: never the wrong stream", master((0, 1, 0x20)), fixed=OneOf([], [("/bad@1", 0x20)]),
       warned=[("/bad@1", "iommus")])
victim("dt: phandle 0xffffffff: as Linux, or a warning", smmu(0x51000000, 0xffffffff), master((0xffffffff, 0x20)),
       fixed=OneOf([], [("/iommu@51000000", "/bad@1", 0x20, 0x20)]),
       more=lambda table: None if len(table["fixed"]) == 2 or warns(table, "/bad@1", "iommus|phandle") else ["no warning"])
victim("dt: phandle 0xffffffff that nobody has: a warning", master((0xffffffff, 0x20)), warned=[("/bad@1", "iommus")])
victim("dt: a phandle that nobody has: a warning", master((77, 0x20)), warned=[("/bad@1", "iommus")])
victim("dt: good, unknown, good: no wrong stream", master((1, 0x20, 77, 0x21, 1, 0x22)),
       fixed=OneOf([], [("/bad@1", 0x20)], [("/bad@1", 0x20), ("/bad@1", 0x22)]), warned=[("/bad@1", "iommus")])
for value in (b"", b"\0\0", b"\0\0\0\2\0", wide(2)):
    victim(f"dt: a phandle of {len(value)} bytes: a warning", smmu(0x51000000, value), master((2, 0x20)),
           fixed=OneOf([], [("/iommu@51000000", "/bad@1", 0x20, 0x20)]),
           warned=[(("/iommu@51000000", "/bad@1"), "phandle|iommus")])
for count in (0, 17, 0x7fffffff, 0x80000000, 0xffffffff):
    # Linux reads the first cell that there is, whatever the count; an SMMUv3 has one.
    second = smmu(0x51000000, 2, count=count)
    places = ("/bad@1", "/iommu@51000000")
    some = [] if count != 17 else [("/iommu@51000000", "/bad@1", 0x20, 0x20)]
    victim(f"dt: #iommu-cells of {count:#x}: a warning", second, master((2, *range(0x20, 0x31))),
           fixed=OneOf([], some), warned=[(places, "#iommu-cells|iommus")])
    victim(f"dt: #iommu-cells of {count:#x} behind a good one: a warning", second, master((1, 0x20, 2, 0x21)),
           fixed=OneOf([], [("/bad@1", 0x20)]), warned=[(places, "#iommu-cells|iommus")])
    places = ("/pcie@2", "/iommu@51000000")
    victim(f"dt: iommu-map to #iommu-cells of {count:#x}: a warning", second, root((0, 2, 0x20000, 0x100)),
           windows=OneOf([], *([] if count == 0 else [[("/iommu@51000000", "/pcie@2", 0, 0xff, 0x20000)]])),
           warned=[(places, "#iommu-cells|iommu-map")])
    victim(f"dt: iommu-map to #iommu-cells of {count:#x} behind a good one: a warning", second,
           root((0, 1, 0x20000, 0x100, 0x100, 2, 0x30000, 0x100)),
           windows=OneOf([], [("/pcie@2", 0, 0xff, 0x20000)],
                         *([] if count == 0
                           else [[("/pcie@2", 0, 0xff, 0x20000), ("/iommu@51000000", "/pcie@2", 0x100, 0x1ff, 0x30000)]])),
           warned=[(places, "#iommu-cells|iommu-map")])
for value in (False, b"", b"\0\0\0", b"\0\0\0\1\0"):
    victim(f"dt: #iommu-cells of {'no' if value is False else len(value)} bytes: a warning", smmu(0x51000000, 2, count=value),
           master((2, 0x20)), fixed=OneOf([], [("/iommu@51000000", "/bad@1", 0x20, 0x20)]),
           warned=[(("/bad@1", "/iommu@51000000"), "#iommu-cells|iommus")])
victim("dt: iommu-map to a node that is no IOMMU: a warning", node("no", {"phandle": 2}), root((0, 2, 0x20000, 0x100)),
       warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map to itself: a warning", root((0, 2, 0x20000, 0x100), {"phandle": 2}), warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map to nobody, then to a good one: no wrong window", root((0, 77, 0x20000, 0x100, 0x100, 1, 0x30000, 0x100)),
       windows=OneOf([], [("/pcie@2", 0x100, 0x1ff, 0x30000)]), warned=[("/pcie@2", "iommu-map")])

# Coherency by interconnects: Linux follows "dma-mem" from node to node, and would go round in a circle for ever.


def linked(to, more=None):
    return {"interconnects": (to, 0), "interconnect-names": "dma-mem", "#interconnect-cells": 1, **(more or {})}


def coherent(wanted, at="/iommu@51000000"):
    return lambda table: [f"coherent: {each['coherent']}" for each in table["instances"]
                          if each["name"] == at and each["coherent"] not in (wanted if isinstance(wanted, tuple) else (wanted,))]


def chained(i, length):
    return linked(101 + i) if i + 1 < length else {"#interconnect-cells": 1, "dma-coherent": None}


for length in (1, 2, 20):
    ring = [node(f"icc{i}", {"phandle": 100 + i, **linked(100 + (i + 1) % length)}) for i in range(length)]
    victim(f"dt: interconnects in a circle of {length}: a warning", smmu(0x51000000, 2, linked(100)), *ring,
           more=coherent((False, True)),
           warned=[(("/iommu@51000000", "/icc"), "interconnect|coheren")])
victim("dt: interconnects to itself: a warning", smmu(0x51000000, 2, linked(2)), more=coherent((False, True)),
       warned=[("/iommu@51000000", "interconnect|coheren")])
for length in (5, 200):
    chain = [node(f"icc{i}", {"phandle": 100 + i, **chained(i, length)}) for i in range(length)]
    victim(f"dt: interconnects over {length} nodes to a coherent one: followed, or a warning", smmu(0x51000000, 2, linked(100)),
           *chain,
           more=lambda table: None if not coherent(True)(table) or warns(table, "/i", "interconnect|coheren")
           else ["not coherent"])
victim("dt: interconnects to nobody: the parent's word holds, and a warning", smmu(0x51000000, 2, linked(77)),
       more=coherent(False),
       warned=[("/iommu@51000000", "interconnect")])
victim("dt: interconnects to a node with 2^32-1 cells: the parent's word, and a warning", smmu(0x51000000, 2, linked(77)),
       node("icc", {"phandle": 77, "#interconnect-cells": 0xffffffff, "dma-coherent": None}), more=coherent((False, True)),
       warned=[(("/iommu@51000000", "/icc"), "interconnect")])
victim("dt: interconnect-names without NUL: no crash", smmu(0x51000000, 2, linked(77, {"interconnect-names": b"dma-mem"})),
       node("icc", {"phandle": 77, "#interconnect-cells": 1, "dma-coherent": None}), more=coherent((False, True)))
victim("dt: dma-coherent and dma-noncoherent at once: coherent, as Linux",
       smmu(0x51000000, 2, {"dma-coherent": None, "dma-noncoherent": None}), more=coherent(True))

# Addresses: Linux gives up on a bus whose cells are 0 or more than 4; it would let a sum wrap.


def bus(properties, *children):
    defaults = {"#address-cells": 2, "#size-cells": 2, "ranges": None}
    return node("bus", {key: value for key, value in {**defaults, **properties}.items() if value is not False}, *children)


INNER = "/bus/iommu@51000000"
for name, properties, base in (
    ("ranges of one byte", {"ranges": b"\0"}, None),
    ("ranges that lack a cell", {"ranges": (0, 0, 0, 0, 0)}, None),
    ("ranges with a cell too many", {"ranges": (0, 0, 0, 0, 1, 0, 5)}, (None, "0x51000000")),
    ("ranges with a byte too many", {"ranges": cells(0, 0, 0, 0, 1, 0) + b"\0"}, (None, "0x51000000")),
    ("#address-cells of 0", {"#address-cells": 0}, None),
    ("#address-cells of 2^32-1", {"#address-cells": 0xffffffff}, None),
    ("#address-cells of 0x40000001, which wraps to 4 bytes", {"#address-cells": 0x40000001}, None),
    ("#address-cells of 5", {"#address-cells": 5}, None),
    ("#size-cells of 2^32-1", {"#size-cells": 0xffffffff}, None),
    ("#size-cells of 0x40000000, which wraps to none", {"#size-cells": 0x40000000, "ranges": (0, 0, 0, 0)}, None),
    ("#size-cells of 0", {"#size-cells": 0}, (None, "0x51000000")),
    ("#address-cells of 3 bytes", {"#address-cells": b"\0\0\0"}, None),
    ("cells of 2^32-1, both", {"#address-cells": 0xffffffff, "#size-cells": 0xffffffff, "ranges": (0, 0, 0, 0, 0, 0)}, None),
    ("ranges whose target wraps 64 bits", {"ranges": (0, 0, 0xffffffff, 0xf0000000, 1, 0)}, None),
    ("ranges that start behind the address", {"ranges": (0, 0x60000000, 0, 0, 1, 0)}, None),
    ("ranges that end before the address", {"ranges": (0, 0, 0, 0, 0, 0x51000000)}, None),
    ("ranges of no bytes but zero size", {"ranges": (0, 0, 0, 0, 0, 0)}, None),
    ("no ranges", {"ranges": False}, None),
):
    victim(f"dt: a bus with {name}: the base is {base!r}, and a warning",
           bus(properties, smmu(0x51000000, 2, name="iommu@51000000")),
           bases={INNER: base}, warned=[("/bus", "ranges|#address-cells|#size-cells|cells|reg|address")])
victim("dt: ranges whose source wraps 64 bits: never another base in silence",
       bus({"ranges": (0xffffffff, 0xf0000000, 0, 0, 0, 0x20000000)},
           node("iommu@1", {"compatible": "arm,smmu-v3", "reg": (0, 0x1000000, 0, 0x20000), "#iommu-cells": 1})),
       bases={"/bus/iommu@1": None}, warned=[("/bus", "ranges|reg|address")])
for name, reg, base in (
    ("none", False, None),
    ("of no bytes", b"", None),
    ("of 3 bytes", b"\0\0\0", None),
    ("of 12 bytes", (0, 0x51000000, 0), None),
    ("with a cell too many", (0, 0x51000000, 0, 0x20000, 7), (None, "0x51000000")),
    ("that wraps 64 bits", (0xffffffff, 0xffff0000, 0, 0x20000), (None, "0xffffffffffff0000")),
    ("of 2^64-1 bytes", (0, 0x51000000, 0xffffffff, 0xffffffff), (None, "0x51000000")),
    ("of size 0", (0, 0x51000000, 0, 0), (None, "0x51000000")),
):
    victim(f"dt: reg {name}: the base is {base!r}, and a warning", smmu(0x51000000, 2, {"reg": reg}),
           bases={"/iommu@51000000": base},
           warned=[("/iommu@51000000", "reg|address|size")])

# Depth: Linux takes 64 levels and leaves out what is deeper. What is left out here has to be said.

for depth in (31, 32, 33, 63, 64, 65, 100, 1000):
    tree = (smmu(0x51000000, 2, name="iommu@51000000"), master((2, 0x20)))
    for i in range(depth - 2):
        tree = (bus({}, *tree),)
    prefix = "/bus" * (depth - 2)
    check(DT, f"dt: an SMMU and its master at depth {depth}: whole, or refused, or a warning", blob_of(around(*tree)),
          refused=None,
          fixed=OneOf([], [(prefix + "/iommu@51000000", prefix + "/bad@1", 0x20, 0x20)]),
          more=lambda table: None if len(table["fixed"]) == 2 and table["instances"][-1]["base"] == "0x51000000"
          or table["warnings"] else
          [f"lost without a warning: {table['fixed'][:3]!r:.400} {table['instances']!r:.400}"])
check(DT, "dt: 100000 levels: no crash, no hang",
      blob_of(node("", ROOT, smmu(), GOOD, (BEGIN + b"a\0\0\0") * 100000 + END_NODE * 100000, PCIE)),
      refused=None)
# The names of two nodes that are one for the first hundreds of letters.
deep = node("n" * 900, {}, node("m" * 900, {}, master((1, 0x20), name="a@1"), master((1, 0x21), name="b@1")))
prefix = "/" + "n" * 900 + "/" + "m" * 900
victim("dt: two masters whose paths are the same for 1800 letters: their own names, or a warning", deep, refused=None, fixed=None,
       more=lambda table: None if [each["master"][-4:] for each in table["fixed"][-2:]] == ["/a@1", "/b@1"] or table["warnings"]
       else
       [f"names in silence: {[len(each['master']) for each in table['fixed']]} letters"])
for length in (250, 255, 256, 257, 300, 511, 512, 1023, 1024, 2048):
    victim(f"dt: a master's path of {length} letters: whole, or a warning", master((1, 0x20), name="n" * (length - 1)),
           refused=None, fixed=None,
           more=lambda table: None if "/" + "n" * (length - 1) in [each["master"] for each in table["fixed"]]
           or table["warnings"] else ["cut in silence"])

# Names. JSON has no way of saying bytes that are no text: they may be replaced, but two nodes stay two.

for name, text in {
    "quotes": b'a"b\'c@1',
    "a backslash": b"a\\b\\@1",
    "a backslash at the end": b"bad@1\\",
    "control characters": bytes(range(1, 32)) + b"\x7f@1",
    "an escape of a terminal": b"\x1b[2J\x1b]0;x\x07@1",
    "a carriage return": b"good@1\rforged",
    "new lines": b"bad@1\nforged: line\n",
    "bytes above 0x7f": bytes(range(0x80, 0x100)) + b"@1",
    "half a UTF-8 sequence": b"\xe2\x82@1",
    "a surrogate": b"\xed\xa0\x80@1",
    "an overlong slash": b"\xc0\xaf@1",
    "UTF-8": "gr\u00fcn\u20ac\U0001f600@1".encode(),
    "U+2028": "a\u2028b@1".encode(),
    "HTML": b"<script>&amp;</script>@1",
    "format letters": b"%s%n%x%99999d@1",
    "braces": b'{"record":"verdict"}@1',
    "3000 letters": b"n" * 3000,
    "3000 control characters": b"\x01" * 3000,
    "3000 bytes above 0x7f": b"\xff" * 3000,
    "no letters": b"",
    "a slash": b"a/b@1",
    "two dots": b"..",
    "a space": b"a b@1",
}.items():
    blob = blob_of(around(smmu(0x51000000, 2), master((2, 0x20), name=text), root((0, 2, 0, 0x10), name=text + b"x")))

    def streams(table):
        ours = [[each for each in table[key] if each["instance"] == "/iommu@51000000"] for key in ("fixed", "windows")]
        if [len(each) for each in ours] == [1, 1]:
            if ours[0][0]["first"] != "0x20" or ours[1][0]["input_last"] != "0xf" or ours[0][0]["master"] == ours[1][0]["master"]:
                return [f"another map: {ours}"]
            plain = "/" + text.decode(errors="replace")
            simple = text.isascii() and not CONTROL.search(plain) and "\n" not in plain
            if simple and ours[0][0]["master"] != plain and not table["warnings"]:
                return [f"another name: {ours[0][0]['master']!r:.200}"]
            return []
        return [] if table["warnings"] else [f"lost without a warning: {ours}"]

    check(DT, f"dt: a node's name with {name}: read, or a warning", blob, refused=None, fixed=None, windows=None, more=streams)
    check(DT, f"dt: an SMMU's name with {name}: read, or a warning",
          blob_of(around(smmu(0x51000000, 2, name=text), master((2, 0x20)))),
          refused=None, fixed=None, more=lambda table: None if len(table["fixed"]) == 2 or table["warnings"] else ["lost"])
    victim(f"dt: a property's name with {name} is of nobody's interest", node("bad@1", {"compatible": "x", text: 1}))
    victim(f"dt: a compatible with {name}: read", node("bad@1", {"compatible": text + b"\0", "iommus": (1, 0x20)}),
           fixed=[("/bad@1", 0x20)])
    victim(f"dt: a status with {name}: disabled", master((1, 0x20), {"status": text + b"\0"}), fixed=[("/bad@1", 0x20)],
           more=lambda table: ["enabled"] if [each for each in table["fixed"] if each["enabled"] and each["master"] == "/bad@1"]
           else [])
victim("dt: names that differ in a byte above 0x7f: two masters", master((1, 0x20), name=b"a\x80"),
       master((1, 0x21), name=b"a\x81"), fixed=None,
       more=lambda table: None if len({each["master"] for each in table["fixed"]}) == 3
       else [f"not three masters: {table['fixed']}"])
path = written(blob_of(around(master((1, 0x20), name=b'<a"b\\c&\x01\xff\n@1'), master((1, 0x21), name=b"d\\"))))
run = Run("--dot", path)
layout = subprocess.run(["dot", "-Tplain"], input=run.out.encode(errors="surrogateescape"), capture_output=True, check=False)
tap.ok(not run.trouble and run.status == 0 and (layout.returncode, layout.stderr) == (0, b""),
       "dt: a picture of such names: Graphviz takes it",
       [*run.trouble, layout.stderr])

# Values of odd length. What Linux reads of them stays, the rest is warned of.

for name, iommus, sids in (
    ("of no bytes", b"", ()),
    ("of 3 bytes", b"\0\0\0", ()),
    ("of a phandle alone", (1,), ()),
    ("of 5 bytes", cells(1) + b"\0", ()),
    ("of 7 bytes", cells(1) + b"\0\0\0", ()),
    ("of 9 bytes", cells(1, 0x20) + b"\1", (0x20,)),
    ("of 12 bytes", (1, 0x20, 1), (0x20,)),
    ("of 15 bytes", cells(1, 0x20, 1) + b"\0\0\0", (0x20,)),
):
    victim(f"dt: iommus {name}: what is whole, or none, and a warning", master(iommus), warned=[("/bad@1", "iommus")],
           fixed=OneOf([], [("/bad@1", sid) for sid in sids]))
for name, extra, last in (
    ("of no bytes", b"", 0),
    ("of 3 bytes", b"\0\0\0", 0),
    ("of 12 bytes", cells(0, 1, 0x20000), 0),
    ("of 15 bytes", cells(0, 1, 0x20000) + b"\0\0\0", 0),
    ("of an entry and a byte", cells(0, 1, 0x20000, 0x100) + b"\0", 0x100),
    ("of an entry and a cell", cells(0, 1, 0x20000, 0x100, 0x200), 0x100),
    ("of an entry and two cells", cells(0, 1, 0x20000, 0x100, 0x200, 1), 0x100),
    ("of an entry and three cells", cells(0, 1, 0x20000, 0x100, 0x200, 1, 0x40000), 0x100),
    ("of an entry and 15 bytes", cells(0, 1, 0x20000, 0x100, 0x200, 1, 0x40000) + b"\0\1\0", 0x100),
):
    victim(f"dt: iommu-map {name}: what is whole, or none, and a warning", root(extra), warned=[("/pcie@2", "iommu-map")],
           windows=OneOf([], *([[("/pcie@2", 0, last - 1, 0x20000)]] if last else [])))
for mask in (b"", b"\0\0\xff", cells(0xff) + b"\0", wide(0xff)):
    # Linux takes the first cell, if there is one whole, and no mask otherwise.
    victim(f"dt: iommu-map-mask of {len(mask)} bytes: a warning", root((0, 1, 0x20000, 0x100), {"iommu-map-mask": mask}),
           windows=OneOf([], [("/pcie@2", 0, 0xff, 0x20000)], [("/pcie@2", 0, 0, 0x20000)]),
           warned=[("/pcie@2", "iommu-map-mask")])
victim("dt: a compatible without NUL, of an SMMU: as Linux, or a warning", smmu(0x51000000, 2, {"compatible": b"arm,smmu-v3"}),
       master((2, 0x20)),
       fixed=OneOf([], [("/iommu@51000000", "/bad@1", 0x20, 0x20)]),
       more=lambda table: None if len(table["instances"]) == 2 or table["warnings"] else ["lost"])
victim("dt: a compatible that only begins like an SMMU's: none", smmu(0x51000000, 2, {"compatible": "arm,smmu-v3-not"}),
       more=lambda table: ["is listed"] if len(table["instances"]) != 1 else [])
victim("dt: a compatible whose second string is an SMMU's: an SMMU",
       smmu(0x51000000, 2, {"compatible": b"acme,smmu\0arm,smmu-v3\0"}),
       master((2, 0x20)), fixed=[("/iommu@51000000", "/bad@1", 0x20, 0x20)])
victim("dt: a compatible that is cut within an SMMU's: none, or a warning", smmu(0x51000000, 2, {"compatible": b"arm,smmu-v"}),
       more=lambda table: ["is listed"] if len(table["instances"]) != 1 and not table["warnings"] else [])
for status, wanted, said in (
    (b"okay", (True, False), True),
    (b"ok", (True, False), True),
    (b"disabled", (False,), True),
    (b"oka", (False,), True),
    (b"", (False,), False),
    (b"\0", (False,), False),
    (b"okay\0disabled\0", (True,), False),
    (b"okay \0", (False,), False),
    (b"OKAY\0", (False,), False),
    (b"reserved\0", (False,), False),
    (b"okayokay\0", (False,), False),
):
    victim(f"dt: a status of {status!r}: enabled is {wanted}{', and a warning' if said else ''}",
           master((1, 0x20), {"status": status}),
           fixed=[("/bad@1", 0x20)], warned=[("/bad@1", "status")] if said else (), more=lambda table: [
               f"enabled: {each['enabled']}" for each in table["fixed"] if each["master"] == "/bad@1"
               and each["enabled"] not in wanted])

# Maps: the first entry that matches wins; a sum that leaves 32 bits maps nothing that is not warned of.

victim("dt: iommu-map that overlaps: the first wins", root((0, 1, 0x20000, 0x100, 0x80, 1, 0x50000, 0x100)),
       windows=[("/pcie@2", 0, 0xff, 0x20000), ("/pcie@2", 0x100, 0x17f, 0x50080)])
victim("dt: iommu-map that overlaps on both sides: the first wins", root((0x40, 1, 0x20000, 0x10, 0, 1, 0x50000, 0x100)),
       windows=[("/pcie@2", 0, 0x3f, 0x50000), ("/pcie@2", 0x40, 0x4f, 0x20000), ("/pcie@2", 0x50, 0xff, 0x50050)])
victim("dt: iommu-map twice the same: once", root((0, 1, 0x20000, 0x100) * 2), windows=[("/pcie@2", 0, 0xff, 0x20000)])
victim("dt: iommu-map that does not ascend: ascending", root((0x200, 1, 0x40000, 0x100, 0, 1, 0x20000, 0x100)),
       windows=[("/pcie@2", 0, 0xff, 0x20000), ("/pcie@2", 0x200, 0x2ff, 0x40000)])
victim("dt: iommu-map with an empty entry: a warning, and the rest", root((0, 1, 0x20000, 0, 0, 1, 0x30000, 0x100)),
       windows=[("/pcie@2", 0, 0xff, 0x30000)], warned=[("/pcie@2", "iommu-map")])
rest = ("/pcie@2", 0, 0xff, 0x30000)
victim("dt: iommu-map whose input wraps: a warning, and the rest", root((0xffffff00, 1, 0x20000, 0x200, 0, 1, 0x30000, 0x100)),
       windows=OneOf([rest], [rest, ("/pcie@2", 0xffffff00, 0xffffffff, 0x20000)]), warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map to the last input: read", root((0xffffff00, 1, 0x20000, 0x100, 0, 1, 0x30000, 0x100)),
       windows=[rest, ("/pcie@2", 0xffffff00, 0xffffffff, 0x20000)])
victim("dt: iommu-map whose output wraps: a warning, and no stream from the other end",
       root((0x100, 1, 0xffffff80, 0x100, 0, 1, 0x30000, 0x100)),
       windows=OneOf([rest], [rest, ("/pcie@2", 0x100, 0x17f, 0xffffff80)],
                     [rest, ("/pcie@2", 0x100, 0x17f, 0xffffff80), ("/pcie@2", 0x180, 0x1ff, 0)]),
                     warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map to the last stream: read", root((0, 1, 0xffffff00, 0x100)), windows=[("/pcie@2", 0, 0xff, 0xffffff00)])
victim("dt: iommu-map of 2^32-1 inputs: read", root((0, 1, 0, 0xffffffff)), windows=[("/pcie@2", 0, 0xfffffffe, 0)])
victim("dt: iommu-map-mask of 0: input 0 alone can match", root((0, 1, 0x20000, 0x100), {"iommu-map-mask": 0}),
       windows=OneOf([("/pcie@2", 0, 0xff, 0x20000)], [("/pcie@2", 0, 0, 0x20000)]))
victim("dt: iommu-map-mask that loses an entry's base: no window that it cannot reach, and a warning",
       root((0, 1, 0x20000, 0x100, 0x100, 1, 0x30000, 0x100), {"iommu-map-mask": 0xff}),
       windows=OneOf([], [("/pcie@2", 0, 0xff, 0x20000)]), warned=[("/pcie@2", "iommu-map")])
victim("dt: iommu-map and iommus of one node: both, and no crash", root((0, 1, 0x20000, 0x100), {"iommus": (1, 0x20)}),
       fixed=OneOf([], [("/pcie@2", 0x20)]), windows=OneOf([], [("/pcie@2", 0, 0xff, 0x20000)]))

# Numbers: everything described is listed, or the limit is warned of.


def all_of(key, count):
    def judge(table):
        found = len(table[key])
        return [] if found == count or table["warnings"] else [f"{found} of {count} {key}, without a warning"]
    return judge


def some_of(count, wanted):
    """All of a long list, or a part of it with a warning; never anything else."""
    def judge(table):
        found = set(map_of(table)[0]) | set(map_of(table)[1])
        wrong = [each for each in found if each not in wanted]
        if wrong:
            return [f"{len(wrong)} are wrong: {wrong[:3]}"]
        return [f"{len(found)} of {count} without a warning"] if len(found) != count and not table["warnings"] else []
    return judge


wanted = {("/iommu@50000000", f"/m@{i:x}", i + 16, i + 16) for i in range(2000)} | {*DT.fixed, *DT.windows}
check(DT, "dt: 2000 masters: all, or a warning", blob_of(around(*(master((1, i + 16), name=f"m@{i:x}") for i in range(2000)))),
      refused=None,
      fixed=None, windows=None, more=some_of(2002, wanted))
wanted = {("/iommu@50000000", "/bad@1", i * 3 + 16, i * 3 + 16) for i in range(600)} | {*DT.fixed, *DT.windows}
victim("dt: 600 iommus in a node: all, or a warning", master([each for i in range(600) for each in (1, i * 3 + 16)]),
       refused=None, fixed=None,
       windows=None, more=some_of(602, wanted))
many = range(100)
wanted = {(f"/iommu@{0x51000000 + i * 0x20000:x}", f"/m@{i:x}", i, i) for i in many} | {*DT.fixed, *DT.windows}
victim("dt: 100 SMMUs: all, or a warning", *(smmu(0x51000000 + i * 0x20000, 2 + i) for i in many),
       *(master((2 + i, i), name=f"m@{i:x}") for i in many), refused=None, fixed=None, windows=None, more=some_of(102, wanted))
victim("dt: 100 SMMUs: all are listed, or a warning", *(smmu(0x51000000 + i * 0x20000, 2 + i) for i in many), refused=None,
       more=all_of("instances", 101))
wanted = {("/iommu@50000000", "/pcie@2", i * 2, i * 2, 0x20000 + i * 5, False) for i in range(4096)} | {*DT.fixed, *DT.windows}
victim("dt: 4096 iommu-map entries: all, or a warning",
       root([each for i in range(4096) for each in (i * 2, 1, 0x20000 + i * 5, 1)]), refused=None,
       fixed=None, windows=None, more=some_of(4098, wanted))
victim("dt: 4096 iommu-map entries that all overlap: no hang",
       root([each for i in range(4096) for each in (4096 - i, 1, 0x20000 + i * 0x10000, 2 * i + 1)]), refused=None, windows=None)
victim("dt: 20000 properties in a node: read", node("bad@1", [("compatible", "x"), *((f"p{i}", i) for i in range(20000))]))

bad = [master((77, i), name=f"m@{i:x}") for i in range(1000)]
victim("dt: 1000 faults: a warning of each, or one that says that there are more", *bad, more=lambda table: None if len(
    table["warnings"]) >= 1000 or warns(table, "", r"\bmore\b|further|others")
    else [f"{len(table['warnings'])} warnings, {table['warnings'][-1]}"])
victim("dt: 1000 faults, then a node of which only a part is used: that warning is not lost, or it is said that there are more",
       *bad, master((1, 0x20, 1)), fixed=OneOf([], [("/bad@1", 0x20)]),
       more=lambda table: None if warns(table, "/bad@1", "iommus") or warns(
           table, "", r"\bmore\b|further|others") else [f"{len(table['warnings'])} warnings, {table['warnings'][-1]}"])
far = master((1, 0x20), name="n" * 254 + "a"), master((1, 0x21), name="n" * 254 + "b")
victim("dt: two masters whose paths differ in the 256th letter: two names, or a warning", *far, refused=None, fixed=None,
       more=lambda table: None if len({each["master"] for each in table["fixed"]}) == 3 or table["warnings"]
       else ["one name in silence"])

# Reserved memory of a master: iommu-addresses is a list of phandle, address, size.

for name, value in {
    "of 3 bytes": b"\0\0\0",
    "of a phandle alone": (5,),
    "that lacks a cell": (5, 0, 0x1000, 0),
    "of a phandle that nobody has": (77, 0, 0x1000, 0, 0x1000),
    "of phandle 0": (0, 0, 0x1000, 0, 0x1000),
    "that wraps 64 bits": (5, 0xffffffff, 0xfffff000, 0, 0x2000),
    "of 2^64-1 bytes": (5, 0, 0x1000, 0xffffffff, 0xffffffff),
}.items():
    region = node("region@80000000", {"reg": (0, 0x80000000, 0, 0x10000), "iommu-addresses": value, "phandle": 6})
    victim(f"dt: iommu-addresses {name}: no crash", master((1, 0x20), {"phandle": 5, "memory-region": (6,)}),
           node("reserved-memory", {"#address-cells": 2, "#size-cells": 2, "ranges": None}, region), fixed=[("/bad@1", 0x20)],
           more=lambda table: [f"in silence: {table['reserved']}"] if table["reserved"] and not table["warnings"] else [])

# What is no table at all, or never ends.

for name in ("/dev/zero", "/dev/null", os.path.join(place, "absent"), written(b"", "empty"), os.path.join(place, "loop")):
    if name.endswith("loop"):
        os.symlink("loop", name)
    run, plain = Run("--json", name), Run(name)
    answer = parsed(run)
    tap.ok(not run.trouble + plain.trouble and (run.status, plain.status, plain.out, plain.err.count("\n")) == (2, 2, "", 1) and
           answer["verdict"] == "error" and answer["error"] in plain.err, f"{os.path.basename(name)}: refused, in one line",
           [*run.trouble, *plain.trouble, run.status, plain.err])
run = Run(tool.folder())
tap.ok(not [each for each in run.trouble if "hang" in each or "Sanitizer" in each] and run.status in (0, 1, 2),
       "an empty folder: no crash",
       run.trouble)
with subprocess.Popen(["cat", written(good), "/dev/zero"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as endless:
    run = Run("--json", "/dev/stdin", stdin=endless.stdout)
    endless.stdout.close()
    endless.kill()
answer = parsed(run)
tap.ok(not run.trouble and (run.status == 2 or map_of(answer) == (DT.fixed, DT.windows)),
       "a good tree and then zeros for ever: ends", run.trouble)
with open(written(good), "rb") as pipe:
    run = Run("--json", "/dev/stdin", stdin=pipe)
tap.ok(not run.trouble and (run.status == 2 or map_of(parsed(run)) == (DT.fixed, DT.windows)),
       "a good tree by the standard input", run.trouble)
strange = written(b"no table", "two\nlines\x1b[2J")
run, plain = Run("--json", strange), Run(strange)
parsed(run)
tap.ok(not run.trouble + plain.trouble and plain.err.count("\n") == 1 and not CONTROL.search(plain.err),
       "a file's name with a new line and an escape: still one line", [*run.trouble, *plain.trouble, plain.err])

# IORTs by hand. A node is a dictionary; references are the labels of nodes, or numbers.

SINGLE = 1


def item(kind, data, maps=(), label=None, revision=1, **fields):
    """A node: what `fields` says overrides the header's count, offset and length; `at` moves the mapping array's bytes."""
    return {"kind": kind, "data": data, "maps": maps, "label": label, "revision": revision, **fields}


def smmu3(label="smmu", base=0x50000000, maps=(), **fields):
    data = struct.pack("<QIIQIIIIIII", base, 0, 0, 0, 0, 101, 102, 103, 104, 0, 0)
    return item(4, data, maps, label, **fields)


def named(name, maps, label=None, **fields):
    text = name if isinstance(name, bytes) else name.encode() + b"\0"
    return item(1, struct.pack("<IQB", 0, 0, 32) + text + bytes(-(13 + len(text)) % 4), maps, label, **fields)


def complex_(segment, maps, label=None, **fields):
    return item(2, struct.pack("<QIIBHBI", 0, 0, segment, 32, 0, 0, 0), maps, label, **{"revision": 3, **fields})


def rmr(maps, regions, label=None, **fields):
    data = struct.pack("<III", 0, fields.pop("count", len(regions)), fields.pop("where", 28))
    data += b"".join(struct.pack("<QQI", *region, 0) for region in regions)
    return item(6, data, maps, label, **{"revision": 3, **fields})


def summed(table):
    """The table with its checksum repaired over what it says to be its length."""
    table = bytearray(table)
    if len(table) > 9:
        length = min(struct.unpack_from("<I", table, 4)[0], len(table)) if len(table) >= 8 else len(table)
        table[9] = 0
        table[9] = -sum(table[:length]) & 0xff
    return bytes(table)


def table_of(nodes, start=48, pad=0, behind=b"", **header_fields):
    """The table, and where the labels are. `pad` are bytes between nodes that belong to the node before."""
    at, offsets = start, {}
    for each in nodes:
        each["offset"] = at
        if each["label"]:
            offsets[each["label"]] = at
        at += 16 + len(each["data"]) + 20 * len(each["maps"]) + pad
    out = b""
    for i, each in enumerate(nodes):
        own = 16 + len(each["data"])
        maps = b"".join(struct.pack("<IIIII", first, count, output, offsets.get(to, to) if isinstance(to, str) else to, flags)
                        for first, count, output, to, flags in each["maps"])
        out += struct.pack("<BHBIII", each["kind"], each.get("length", own + len(maps) + pad) & 0xffff, each["revision"],
                           each.get("identifier", i), each.get("count", len(each["maps"])), each.get("array", own if maps else 0))
        out += each["data"] + maps + bytes(pad)
    out += behind
    length = header_fields.get("length", start + len(out))
    head = struct.pack("<4sIBB6s8sI4sI", header_fields.get("signature", b"IORT"), length, header_fields.get("revision", 5), 0,
                       b"ACME  ",
                       b"BOARD   ", 1, b"TEST", 1)
    head += struct.pack("<III", header_fields.get("nodes", len(nodes)), header_fields.get("node_offset", start), 0)
    return summed(head + bytes(start - 48) + out), offsets


IORT = Board("iort@0x30", [("iort@0x30", "\\_SB.GOOD", 8, 8)], [("iort@0x30", "segment:0", 0, 0xfff, 0x10000, False)])
FIRST = 48 + 68  # Where the node behind the SMMU is, which is the first root complex,
SECOND = FIRST + 60  # and where the one behind that is, the first of a case's own.


def goods():
    return complex_(0, [(0, 0xfff, 0x10000, "smmu", 0)], "rc0"), named("\\_SB.GOOD", [(0, 0, 8, "smmu", SINGLE)], "good")


def acpi(name, *extra, table=None, **wanted):
    """A case of an IORT with `extra` between the witnesses; "@" in what is warned of is where the first of these is."""
    first, last = goods()
    blob, _ = table_of([smmu3(), first, *extra, last], **(table or {}))
    where = f"iort@{extra[0]['offset']:#x}" if extra else "iort"
    wanted["warned"] = [(tuple(where if each == "@" else each for each in ([place_] if isinstance(place_, str) else place_)),
                         what)
                        for place_, what in wanted.pop("warned", ())]
    return check(IORT, "iort: " + name, blob, **wanted)


def acpi_part(name, *extra, table=None, warned=()):
    """A case where the damaged node may take what is behind it along, not in silence."""
    return acpi(name, *extra, table=table, refused=None, fixed=None, windows=None, more=part(IORT), warned=warned)


acpi("the witnesses alone", more=lambda table: [table["warnings"]] if table["warnings"] else [])
check(Board("iort@0x32", [("iort@0x32", *IORT.fixed[0][1:])], [("iort@0x32", *IORT.windows[0][1:])]),
      "iort: nodes that are not aligned: read, as real tables have them", table_of([smmu3(), *goods()], start=50)[0])
acpi("nodes of odd length: read", table={"pad": 3})
first, last = goods()
sound, _ = table_of([smmu3(), first, last])
ends = range(0, len(sound), 4)
batch("iort: cut at every 4th byte: refused", [sound[:end] for end in ends], lambda which,
      answer: answer["verdict"] == "ok" and "is read", ends)


def lessened(which, answer):
    if answer["verdict"] == "error":
        return None
    fixed, windows = map_of(answer)
    wrong = [each for each in fixed if each not in IORT.fixed] + [each for each in windows if each not in IORT.windows]
    return wrong or (None if answer["warnings"] else "lost in silence")


def resized(blob, size):
    return summed(blob[:4] + struct.pack("<I", size) + blob[8:])


batch("iort: cut at every 4th byte, with a length and a checksum that agree: refused, or a warning and nothing wrong",
      [resized(sound[:end], end) for end in ends[3:]], lessened, ends[3:])
for end in (0, 1, 3, 4, 35, 36, 47, 48, len(sound) - 1):
    check(IORT, f"iort: cut at byte {end}: refused, in one line", sound[:end], refused=True)
for value in (1, 0x80, 0xff):
    check(IORT, f"iort: a checksum that is off by {value:#x}: refused, or a warning",
          sound[:9] + bytes([(sound[9] + value) & 0xff]) + sound[10:],
          refused=None, warned=[("", "checksum")], error="checksum")
for size in (0, 1, 35, 36, 47, len(sound) + 1, len(sound) + 20, 0x7fffffff, 0x80000000, 0xffffffff):
    check(IORT, f"iort: a length of {size:#x}: refused", resized(sound, size), refused=True)
for size in (48, 52, len(sound) // 2, len(sound) - 20, len(sound) - 1):
    partly(IORT, f"iort: a length of {size:#x}, less than there is: refused, or a warning", resized(sound, size))
check(IORT, "iort: bytes behind its length: read", sound + b"IORT" * 9)
for count in (0, 1, 2, 4, 5, 1000, 0x7fffffff, 0x80000000, 0xffffffff):
    check(IORT, f"iort: a node count of {count} for 3: refused, or a warning",
          summed(sound[:36] + struct.pack("<I", count) + sound[40:]),
          refused=None, fixed=None, windows=None, warned=[("", "node")], more=part(IORT))
for offset in (0, 4, 36, 47, 49, 52, 56, len(sound), len(sound) - 4, len(sound) - 16, 0x7fffffff, 0x80000000, 0xffffffd0,
               0xffffffff):
    partly(IORT, f"iort: nodes at {offset:#x} instead of 0x30: refused, or a warning",
           summed(sound[:40] + struct.pack("<I", offset) + sound[44:]))
for revision in (0, 1, 7, 0xff):
    acpi(f"revision {revision} of the table: read", table={"revision": revision})
for signature in (b"XSDT", b"DSDT", b"iort", b"RSDT", b"IORU"):
    check(IORT, f"iort: signature {signature.decode()}: refused", table_of([smmu3(), *goods()], signature=signature)[0],
          refused=True)

# Nodes.

for size in (0, 1, 4, 15, 16, 17, 0x7fff, 0xffff):
    acpi_part(f"a root complex of length {size:#x}: refused, or a warning",
              complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], length=size))
    acpi_part(f"a named component of length {size:#x}: refused, or a warning",
              named("BAD", [(0, 0, 0x20, "smmu", SINGLE)], length=size))
    second = smmu3("two", 0x51000000, length=size)
    acpi_part(f"an SMMU of length {size:#x}: refused, or a warning", second)
    acpi_part(f"an unknown node of length {size:#x}: refused, or a warning", item(0x42, bytes(16), length=size))
for size in (17, 20, 24, 28, 29):
    acpi_part(f"a named component of {size} bytes in all: refused, or a warning", item(1, bytes(size - 16)))
for size in (16, 20, 28):
    acpi_part(f"a root complex of {size} bytes in all: refused, or a warning", item(2, bytes(size - 16)))
for size in (16, 24, 32, 40, 56):
    acpi_part(f"an SMMUv3 of {size} bytes in all: refused, or a warning",
              item(4, struct.pack("<QQQQQ", 0x51000000, 0, 0, 0, 0)[:size - 16]))
acpi("an SMMUv3 as the first revision has it, 60 bytes: read",
     item(4, struct.pack("<QIIQIIIII", 0x51000000, 0, 0, 0, 0, 101, 102, 103, 104), (), "two", revision=0),
     named("BAD", [(0, 0, 0x20, "two", SINGLE)]),
     refused=None, fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)])
for kind in (7, 0x42, 0x80, 0xff):
    acpi(f"a node of type {kind:#x}: the rest is read", item(kind, bytes(52), [(0, 0xff, 0x20000, "smmu", 0)]))
    acpi(f"a mapping to a node of type {kind:#x}: a warning", complex_(1, [(0, 0xff, 0x20000, "odd", 0)]),
         item(kind, bytes(52), (), "odd"),
         warned=[(("@", f"iort@{SECOND + 60:#x}"), "mapping|reference|node|type")])
for revision in (0, 1, 2, 3, 4, 5, 6, 0xff):
    acpi(f"revision {revision} of the nodes: read",
         smmu3("two", 0x51000000, revision=revision), complex_(1, [(0, 0xff, 0x20000, "two", 0)], revision=revision),
         named("BAD", [(0, 0, 0x20, "two", SINGLE)], revision=revision), refused=False,
         fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)], windows=[(f"iort@{SECOND:#x}", "segment:1", 0, 0xff, 0x20000)])
for base in (0, 0xffffffffffffffff, 0xffffffffffff0000):
    acpi(f"an SMMU at {base:#x}: no crash, no size that wraps in silence", smmu3("two", base), more=lambda table: [
        f"{each}" for each in table["instances"] if not table["warnings"] and each["base"]
        and int(each["base"], 16) + int(each["size"], 16) > 1 << 64])
acpi("two SMMUs at one address: both, and a finding", smmu3("two", 0x50000000), more=lambda table: [
    f"{each}" for each in [table["findings"]] if not any("overlap" in said["detail"] for said in each)])

# Mapping arrays. One that is not within the table, or over its own node's header, maps nothing.

for offset in (1, 4, 8, 12, 15):
    acpi(f"a mapping array over its node's header, at {offset}: a warning",
         complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], array=offset),
         warned=[("@", "mapping|array|ID")])
for offset in (16, 20, 32):
    # What Linux reads here are the node's own fields: nothing of it can be meant.
    acpi(f"a mapping array over its node's fields, at {offset}: a warning",
         complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], array=offset),
         warned=[("@", "mapping|array|ID")])
acpi("a mapping array at 0 although there are mappings: nothing, as Linux, and a warning",
     complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], array=0),
     warned=[("@", "mapping|array|ID")])
for offset in (0x200, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, (1 << 32) - FIRST, (1 << 32) - 20):
    acpi(f"a mapping array outside the table, at {offset:#x}: a warning",
         complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], array=offset),
         warned=[("@", "mapping|array|ID")])
    acpi(f"a component's mapping array outside the table, at {offset:#x}: a warning",
         named("BAD", [(0, 0, 0x20, "smmu", SINGLE)], array=offset),
         warned=[("@", "mapping|array|ID")])
for count in (100, 0x10000, 0x0ccccccd, 0x10000000, 0x7fffffff, 0x80000000, 0xccccccce, 0xffffffff):
    # The first mapping is there and right; those behind it are other nodes and the end of the table.
    acpi(f"{count:#x} mappings where there is one: a warning", complex_(1, [(0, 0xff, 0x20000, "smmu", 0)], count=count),
         windows=OneOf([], [("segment:1", 0, 0xff, 0x20000)]), warned=[("@", "mapping|array|ID")])
    acpi(f"{count:#x} mappings of a component where there is one: a warning",
         named("BAD", [(0, 0, 0x20, "smmu", SINGLE)], count=count),
         fixed=OneOf([], [("BAD", 0x20)]), warned=[("@", "mapping|array|ID")])

# References. Linux walks from a node to what its mapping names, without looking.

for name, to in {
    "0": 0, "the table's signature": 4, "the table's fields": 36, "the middle of a node": 48 + 4, "its end": 48 + 67,
    "the end of the table": "end", "behind the table": 0x10000, "0x7fffffff": 0x7fffffff, "0x80000000": 0x80000000,
    "0xffffffff": 0xffffffff,
    "0xfffffff0": 0xfffffff0, "itself": "self",
}.items():
    for maker, wanted in ((lambda to: complex_(1, [(0, 0xff, 0x20000, to, 0)], "self"), "a root complex"),
                          (lambda to: named("BAD", [(0, 0, 0x20, to, SINGLE)], "self"), "a component"),
                          (lambda to: named("BAD", [(0, 3, 0x20, to, 0)], "self"), "a component's range")):
        made = maker(to)
        if to == "end":
            made = maker(48 + sum(16 + len(each["data"]) + 20 * len(each["maps"]) for each in (smmu3(), *goods(), made)))
        acpi(f"{wanted} with a mapping to {name}: a warning", made, warned=[("@", "reference|mapping|node|ID")])
    if to not in (0, "self"):
        to = 0x20000 if to == "end" else to
        acpi(f"a mapping to {name} beside a good one: a warning, and the good one",
             complex_(1, [(0x100, 0xff, 0x30000, "smmu", 0), (0, 0xff, 0x20000, to, 0)]),
             windows=[("segment:1", 0x100, 0x1ff, 0x30000)],
             warned=[("@", "reference|mapping|node|ID")])
acpi("a root complex whose mapping to itself changes no ID: a warning", complex_(1, [(0, 0xff, 0, "self", 0)], "self"),
     warned=[("@", "circle|loop|cycle|reference|mapping|chain")])
for length in (2, 3, 20):
    ring = [complex_(1 + i, [(0, 0xff, 0, f"ring{(i + 1) % length}", 0)], f"ring{i}") for i in range(length)]
    acpi(f"a circle of {length}: a warning", *ring,
         warned=[("iort@", "circle|loop|cycle|reference|mapping|chain|far|deep|follow")])
    ring = [named(f"R{i}", [(0, 0, i, f"ring{(i + 1) % length}", SINGLE)], f"ring{i}") for i in range(length)]
    acpi(f"a circle of {length} components: a warning", *ring,
         warned=[("iort@", "circle|loop|cycle|reference|mapping|chain|far|deep|follow")])
    ring = [complex_(1 + i, [(0, 0xff, 0, f"ring{(i + 1) % length}", 0), (0x100, 0xff, 0x20000 + i * 0x100, "smmu", 0)],
                     f"ring{i}")
            for i in range(length)]
    acpi(f"a circle of {length} beside what is good: a warning, and what is good", *ring, windows=[
        (f"segment:{1 + i}", 0x100, 0x1ff, 0x20000 + i * 0x100) for i in range(length)],
        warned=[("iort@", "circle|loop|cycle|reference|mapping|chain")])
# Every step doubles the ways: a reader that tries them all is busy for 2^30 steps.
fan = [complex_(1 + i, [(0, 0xff, 0, f"fan{i + 1}" if i < 29 else "smmu", 0),
                        (0x100, 0xff, 0, f"fan{i + 1}" if i < 29 else "smmu", 0)], f"fan{i}")
       for i in range(30)]
acpi("30 steps with two ways each: no hang", *fan, refused=None, windows=None)
for length in (2, 7, 8, 9, 16, 30):
    chain = [complex_(1 + i, [(0, 0xff, 0, f"link{i + 1}" if i + 1 < length else "smmu", 0)], f"link{i}") for i in range(length)]
    wanted = {("iort@0x30", f"segment:{1 + i}", 0, 0xff, 0, False) for i in range(length)} | {*IORT.fixed, *IORT.windows}
    acpi(f"a chain of {length} root complexes to the SMMU: followed, or a warning", *chain, refused=None, windows=None,
         more=some_of(length + 2, wanted))
    chain = [complex_(1 + i, [(0x100 * i, 0xff, 0x100 * (i + 1), f"link{i + 1}" if i + 1 < length else "smmu", 0)], f"link{i}")
             for i in range(length)]
    wanted = {("iort@0x30", f"segment:{1 + i}", 0x100 * i, 0x100 * i + 0xff, 0x100 * length, False) for i in range(length)}
    acpi(f"a chain of {length} that adds at each step: followed, or a warning", *chain, refused=None, windows=None,
         more=some_of(length + 2, wanted | {*IORT.fixed, *IORT.windows}))
    chain = [named("M", [(0, 0, 0x40, "link1", SINGLE)], "link0") if not i else
             complex_(1 + i, [(0x40, 0, 0x40, f"link{i + 1}" if i + 1 < length else "smmu", 0)], f"link{i}")
             for i in range(length)]
    wanted = {("iort@0x30", f"segment:{1 + i}", 0x40, 0x40, 0x40, False)
              for i in range(1, length)} | {("iort@0x30", "M", 0x40, 0x40)}
    acpi(f"a component at the end of a chain of {length}: followed, or a warning", *chain, refused=None, fixed=None, windows=None,
         more=some_of(length + 2, wanted | {*IORT.fixed, *IORT.windows}))
acpi("an SMMU behind an SMMU: the first is the master's", smmu3("two", 0x51000000, [(0, 0xffff, 0, "smmu", 0)]),
     named("BAD", [(0, 0, 0x20, "two", SINGLE)]), fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)])
acpi("an SMMU behind itself: read", smmu3("two", 0x51000000, [(0, 0xffff, 0, "two", 0)]),
     named("BAD", [(0, 0, 0x20, "two", SINGLE)]), fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)])

# Mappings: the first that matches wins; a number of IDs is one less than there are; a sum that wraps maps nothing in silence.

for count in (3270, 4096, 65536):
    maps = [(2 * i, 0, 0x20000 + 5 * i, "smmu", 0) for i in range(count)]
    wanted = {("iort@0x30", "segment:1", 2 * i, 2 * i, 0x20000 + 5 * i, False) for i in range(count)} | {*IORT.fixed,
        *IORT.windows}
    if count < 4000:
        acpi(f"{count} mappings in a node: all, or a warning", complex_(1, maps), refused=None, windows=None,
             more=some_of(count + 2, wanted))
    else:
        # More than a node's length can say: the array lies behind the last node, where Linux reads it.
        array = b"".join(struct.pack("<IIIII", each[0], each[1], each[2], 48, each[4]) for each in maps)
        far = complex_(1, [], count=count, array=0)
        first, last = goods()
        blob, _ = table_of([smmu3(), first, far, last], behind=array)
        far["array"] = len(blob) - len(array) - far["offset"]
        blob, _ = table_of([smmu3(), *goods()[:1], far, goods()[1]], behind=array)
        check(IORT, f"iort: {count} mappings behind the nodes: all, or a warning", blob, refused=None, windows=None,
              more=some_of(count + 2, wanted))
maps = [(3000 - i, 2 * i, 0x20000 + 0x10000 * i, "smmu", 0) for i in range(3000)]
acpi("3000 mappings that all overlap: no hang", complex_(1, maps), refused=None, windows=None)
one, two = ("segment:1", 0, 0xff, 0x20000), ("segment:1", 0x100, 0x17f, 0x50080)
acpi("mappings that overlap: the first wins", complex_(1, [(0, 0xff, 0x20000, "smmu", 0), (0x80, 0xff, 0x50000, "smmu", 0)]),
     windows=[one, two])
acpi("mappings that overlap on both sides: the first wins",
     complex_(1, [(0x40, 0xf, 0x20000, "smmu", 0), (0, 0xff, 0x50000, "smmu", 0)]),
     windows=OneOf([("segment:1", 0, 0x3f, 0x50000), ("segment:1", 0x40, 0x4f, 0x20000), ("segment:1", 0x50, 0xff, 0x50050)]))
acpi("a count that is not one less: the ID is of the mapping that it starts",
     complex_(1, [(0, 0x100, 0x20000, "smmu", 0), (0x100, 0x100, 0x50000, "smmu", 0)]),
     windows=[one, ("segment:1", 0x100, 0x200, 0x50000)])
acpi("a count that is not one less, the other way round",
     complex_(1, [(0x100, 0x100, 0x50000, "smmu", 0), (0, 0x100, 0x20000, "smmu", 0)]),
     windows=[one, ("segment:1", 0x100, 0x200, 0x50000)])
acpi("the same mapping twice: once", complex_(1, [(0, 0xff, 0x20000, "smmu", 0)] * 2), windows=[one])
acpi("a count of 0 is one ID", complex_(1, [(5, 0, 0x20005, "smmu", 0)]), windows=[("segment:1", 5, 5, 0x20005)])
acpi("no mappings: no streams", complex_(1, []), named("BAD", []))
acpi("input IDs that wrap: a warning, and the rest",
     complex_(1, [(0xffffff00, 0x1ff, 0x20000, "smmu", 0), (0, 0xff, 0x30000, "smmu", 0)]),
     windows=OneOf([("segment:1", 0, 0xff, 0x30000)],
                   [("segment:1", 0, 0xff, 0x30000), ("segment:1", 0xffffff00, 0xffffffff, 0x20000)]),
     warned=[("@", "mapping|ID|wrap|32")])
acpi("a count of 2^32-1 from 0x100: a warning", complex_(1, [(0x100, 0xffffffff, 0x100, "smmu", 0)]),
     windows=OneOf([], [("segment:1", 0x100, 0xffffffff, 0x100)]), warned=[("@", "mapping|ID|wrap|32")])
acpi("a count of 2^32-1 from 0: all", complex_(1, [(0, 0xffffffff, 0, "smmu", 0)]), windows=[("segment:1", 0, 0xffffffff, 0)])
acpi("stream IDs that wrap: a warning, and no stream from the other end in silence",
     complex_(1, [(0x100, 0xff, 0xffffff80, "smmu", 0), (0, 0xff, 0x30000, "smmu", 0)]),
     windows=OneOf([("segment:1", 0, 0xff, 0x30000)], [("segment:1", 0, 0xff, 0x30000), ("segment:1", 0x100, 0x17f, 0xffffff80)],
                   [("segment:1", 0, 0xff, 0x30000), ("segment:1", 0x100, 0x17f, 0xffffff80), ("segment:1", 0x180, 0x1ff, 0)]),
     warned=[("@", "mapping|ID|wrap|32")])
acpi("to the last stream: read", complex_(1, [(0, 0xff, 0xffffff00, "smmu", 0)]), windows=[("segment:1", 0, 0xff, 0xffffff00)])
acpi("IDs that wrap in the second of two steps: a warning", complex_(1, [(0, 0xff, 0x100, "mid", 0)]),
     complex_(2, [(0x100, 0xff, 0xffffff80, "smmu", 0)], "mid"), windows=None, warned=[("iort@", "mapping|ID|wrap|32")],
     more=lambda table: [
         f"{each}" for each in table["windows"] if each["master"] != "segment:0" and int(each["sid"], 16) < 0xffffff80
         and each["sid"] != "0x0"])
acpi("a component's range that wraps: a warning", named("BAD", [(0, 0xff, 0xffffff80, "smmu", 0)]), fixed=None,
     warned=[("@", "mapping|ID|wrap|32")],
     more=lambda table: [f"{each}" for each in table["fixed"] if each["master"] == "BAD" and (
         int(each["first"], 16), each["last"]) not in ((0xffffff80, "0xffffffff"), (0, "0x7f"))])
acpi("a range that its next node takes a part of: that part", complex_(1, [(0, 0xff, 0x100, "mid", 0)]),
     complex_(2, [(0x140, 0xf, 0x20000, "smmu", 0)], "mid"),
     windows=[("segment:1", 0x40, 0x4f, 0x20000), ("segment:2", 0x140, 0x14f, 0x20000)])

# Single mappings. Of a root complex, Linux gives their stream to whatever comes; elsewhere it skips them, or never asks.


def constant(table):
    ours = [each for each in table["windows"] if each["master"] == "segment:1"]
    if not ours and table["warnings"]:
        return []
    return [f"not the one stream: {ours}"] if not ours or {(each["constant"], each["sid"]) for each in ours} - {(True, "0x20"),
        (False, "0x20")} or [
        each for each in ours if not each["constant"] and each["input_first"] != each["input_last"]] else []


acpi("a single mapping of a root complex: constant", complex_(1, [(0, 0, 0x20, "smmu", SINGLE)]), windows=None, more=constant)
acpi("a single mapping of a root complex, with a count: constant", complex_(1, [(5, 0xff, 0x20, "smmu", SINGLE)]), windows=None,
     more=constant)
acpi("a single mapping before another: it takes all, as Linux, or a warning",
     complex_(1, [(0, 0, 0x20, "smmu", SINGLE), (0x100, 0xff, 0x30000, "smmu", 0)]), windows=None,
     more=lambda table: [] if table["warnings"] else constant(table))
acpi("a single mapping of a component with a count: one stream", named("BAD", [(7, 0xff, 0x20, "smmu", SINGLE)]),
     fixed=[("BAD", 0x20)])
acpi("every flag: a single mapping", named("BAD", [(0, 0, 0x20, "smmu", 0xffffffff)]), fixed=[("BAD", 0x20)])
acpi("every flag but single: a range", named("BAD", [(0, 3, 0x20, "smmu", 0xfffffffe)]), fixed=[("BAD", 0x20, 0x23)])
acpi("a single mapping in the middle of a chain: what Linux gives", named("BAD", [(0, 0, 0x20, "mid", SINGLE)]),
     complex_(1, [(0, 0, 0x33, "smmu", SINGLE)], "mid"), fixed=OneOf([("BAD", 0x33)]), windows=None)
for revision, flags, gsiv in ((0, 0, 0), (1, 0, 0), (4, 0, 0), (5, 0x10, 0), (5, 0x10, 1), (6, 0x10, 1)):
    data = struct.pack("<QIIQIIIIIII", 0x51000000, flags, 0, 0, 0, gsiv, gsiv, gsiv, gsiv, 0, 0xffffffff)
    acpi(f"a device-ID index of 2^32-1, revision {revision}: no crash, and the streams",
         item(4, data, [(0, 0, 0x77, "its", SINGLE)], "two", revision),
         item(0, struct.pack("<II", 1, 0), (), "its"), named("BAD", [(0, 0, 0x20, "two", SINGLE)]),
         fixed=[(f"iort@{SECOND:#x}", "BAD", 0x20, 0x20)])
acpi("streams straight to an ITS: none", complex_(1, [(0, 0xff, 0x20000, "its", 0)]),
     item(0, struct.pack("<II", 1, 0), (), "its"))
acpi("an ITS group of 2^32-1: the rest", item(0, struct.pack("<II", 0xffffffff, 0), (), "its"))
acpi("a second root complex of a segment: a warning, and the first as Linux", complex_(0, [(0, 0xfff, 0x70000, "smmu", 0)]),
     windows=OneOf([], [("segment:0", 0x0, 0xfff, 0x70000)]), warned=[("@", "segment")])
acpi("segment 2^32-1: read", complex_(0xffffffff, [(0, 0xff, 0x20000, "smmu", 0)]), windows=None, more=lambda table: None if len(
    [each for each in table["windows"] if each["sid"] == "0x20000"
     and re.fullmatch("segment:(4294967295|0xffffffff)", each["master"])]) == 1
    or table["warnings"] else [f"{table['windows']}"])

# Names of components.

for name, text in {
    "without end": b"\\_SB.BADXXXX" + b"Y" * 3,
    "without letters": b"\0\0\0",
    "of 3000 letters": b"n" * 3000 + b"\0",
    "with quotes and control characters": b'a"\\\x01\x1b[2J\n\x7f\0',
    "with bytes above 0x7f": bytes(range(0x80, 0x100)) + b"\0",
    "with half a UTF-8 sequence": b"\xe2\x82\0",
}.items():
    acpi(f"a name {name}: the stream, or a warning", named(text, [(0, 0, 0x20, "smmu", SINGLE)]), refused=None, fixed=None,
         warned=[("@", "name")] if name == "without end" else (),
         more=lambda table: None if [each for each in table["fixed"] if each["first"] == "0x20"] or table["warnings"]
         else [f"{table['fixed']}"])
acpi("two names that are one for 300 letters: two, or a warning", named("n" * 300 + "a", [(0, 0, 0x20, "smmu", SINGLE)]),
     named("n" * 300 + "b", [(0, 0, 0x21, "smmu", SINGLE)]), refused=None, fixed=None,
     more=lambda table: None if len({each["master"] for each in table["fixed"]}) == 3 or table["warnings"]
     else ["one name in silence"])
last = named(b"UNENDED!UNE", [], array=0)
blob, _ = table_of([smmu3(), *goods(), last])
check(IORT, "iort: a name without end at the end of the table: a warning, or nothing as it has no streams", blob, refused=None)
acpi("two components of one name: both", named("BAD", [(0, 0, 0x20, "smmu", SINGLE)]),
     named("BAD", [(0, 0, 0x21, "smmu", SINGLE)]),
     fixed=[("BAD", 0x20), ("BAD", 0x21)])

# Reserved memory regions.


def reserved(*wanted):
    return lambda table: None if sorted((each["base"], each["size"]) for each in table["reserved"]) in [sorted(each)
        for each in wanted] else [
        f"reserved: {table['reserved']}, {table['warnings']}"]


region, good_region = (0x80000000, 0x10000), ("0x80000000", "0x10000")
owner = [(0, 0, 8, "smmu", SINGLE)]
acpi("an RMR: its region", rmr(owner, [region]), more=reserved([good_region]))
for count in (2, 0x7fffffff, 0x0ccccccd, 0xccccccce, 0xffffffff):
    acpi(f"an RMR of {count:#x} regions where there is one: a warning", rmr(owner, [region], count=count), refused=None,
         warned=[("@", "RMR|region|reserved|memory")],
         more=reserved([], [good_region]))
for where in (0, 4, 15, 16, 0x200, 0x7fffffff, 0x80000000, (1 << 32) - 20, 0xffffffff):
    acpi(f"an RMR whose regions are at {where:#x}: a warning", rmr(owner, [region], where=where), refused=None,
         warned=[("@", "RMR|region|reserved|memory")],
         more=reserved([]))
acpi("an RMR whose region wraps 64 bits: a warning", rmr(owner, [(0xfffffffffffff000, 0x2000), region]), refused=None,
     warned=[("@", "RMR|region|reserved|memory")], more=reserved([good_region], [good_region, ("0xfffffffffffff000", "0x1000")]))
acpi("an RMR of no bytes: a warning", rmr(owner, [(0x90000000, 0), region]), refused=None,
     warned=[("@", "RMR|region|reserved|memory")],
     more=reserved([good_region]))
acpi("an RMR to nobody: a warning", rmr([(0, 0, 8, 0x10000, SINGLE)], [region]), refused=None,
     warned=[("@", "RMR|region|reserved|memory|reference|mapping")],
     more=reserved([], [good_region]))
acpi("an RMR to itself: a warning", rmr([(0, 0, 8, "rmr", SINGLE)], [region], "rmr"), refused=None,
     warned=[("@", "RMR|region|reserved|memory|reference|mapping")], more=reserved([], [good_region]))
acpi_part("an RMR that is cut within its fields", item(6, bytes(8), (), revision=3))

# Random damage: nothing is known of what is right, but that there is an answer, in its shape.

rich = TEXT.replace("		iommus = <&smmu 0x8>;", """		iommus = <&smmu 0x8>, <&smmu 0x9>;
		memory-region = <&kept>;
		phandle = <5>;
		status = "okay";""").replace("	good@", """	icc: icc { #interconnect-cells = <1>; dma-coherent; };
	bus {
		#address-cells = <1>;
		#size-cells = <1>;
		ranges = <0 0 0x40000000 0x10000000>;
		two: iommu@1000000 {
			compatible = "arm,smmu-v3";
			reg = <0x1000000 0x20000>;
			#iommu-cells = <1>;
			interconnects = <&icc 0>;
			interconnect-names = "dma-mem";
		};
		display@2000000 { compatible = "acme,display"; reg = <0x2000000 0x1000>; iommus = <&two 3>; };
	};
	reserved-memory {
		#address-cells = <2>;
		#size-cells = <2>;
		ranges;
		kept: kept@80000000 { reg = <0 0x80000000 0 0x10000>; iommu-addresses = <5 0 0x80000000 0 0x10000>; };
	};
	good@""").replace("0x1000>;\n	};\n};", "0x1000>, <0x1000 &two 0 0x1000>;\n		iommu-map-mask = <0xffff>;\n	};\n};")
with open(tool.dtb(rich, place, "rich"), "rb") as file:
    tree = file.read()
answer = tool.described(os.path.join(place, "rich.dtb"))
tap.equal((len(answer["instances"]), len(answer["fixed"]), len(answer["windows"])), (2, 3, 2),
          "dt: the good tree that is damaged at random")
first, last = goods()
acpi_good, _ = table_of([
    smmu3(), first, item(0, struct.pack("<II", 1, 0), (), "its"),
    smmu3("two", 0x51000000, [(0, 0, 0x77, "its", SINGLE)], revision=5),
    complex_(1, [(0, 0x100, 0, "two", 0), (0x100, 0x100, 0x4000, "rc0", 0)]), named("\\_SB.TWO", [(0, 7, 0x20, "two", 0)]),
    rmr(owner, [region]), item(5, struct.pack("<QIIQ", 0x60000000, 1, 48, 0), (), "pmcg"), last])
tap.ok(Run(written(acpi_good)).status == 0, "iort: the good table that is damaged at random")


def flipped(blob, dice, many):
    blob = bytearray(blob)
    for _ in range(many):
        blob[dice.randrange(len(blob))] ^= dice.randrange(1, 256)
    return bytes(blob)


def ended(which, answer):
    return None


dice = random.Random(20240817)
for kind, blob, mend in (("dt", tree, lambda blob: blob), ("iort", acpi_good, summed)):
    for part_ in range(4):
        # Both one byte and several: a header's fields are few beside the rest.
        batch(f"{kind}: 500 times random bytes, part {part_ + 1} of 4: an answer each",
              [mend(flipped(blob, dice, 1 + (i + part_) % 4)) for i in range(500)], ended)
    batch(f"{kind}: every byte once 0xff: an answer each", [mend(blob[:i] + b"\xff" + blob[i + 1:]) for i in range(len(blob))],
          ended)
    words = [blob[:i] + value + blob[i + 4:] for i in range(0, len(blob), 4)
             for value in (b"\xff" * 4, bytes(4), b"\x80\0\0\0", b"\xff\xff\xff\xf4")]
    batch(f"{kind}: every cell 2^32-1, 0, 2^31 and 2^32-12: an answer each", [mend(each) for each in words], ended)
tap.done()
