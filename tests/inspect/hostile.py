# SPDX-License-Identifier: BSD-2-Clause
"""Damaged tables: how a case is tried, and device trees and IORTs by hand, for what no compiler makes.

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


# A sound tree and a sound table, of the witnesses alone, for cuts and random damage.

SOURCE = """/dts-v1/;
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


def random_damage(kind, blob, mend):
    """Nothing is known of what is right, but that there is an answer, in its shape."""
    def ended(which, answer):
        return None

    def flipped(many):
        copy = bytearray(blob)
        for _ in range(many):
            copy[dice.randrange(len(copy))] ^= dice.randrange(1, 256)
        return bytes(copy)

    dice = random.Random(20240817)
    for part_ in range(4):
        # Both one byte and several: a header's fields are few beside the rest.
        batch(f"{kind}: 500 times random bytes, part {part_ + 1} of 4: an answer each",
              [mend(flipped(1 + (i + part_) % 4)) for i in range(500)], ended)
    batch(f"{kind}: every byte once 0xff: an answer each", [mend(blob[:i] + b"\xff" + blob[i + 1:]) for i in range(len(blob))],
          ended)
    words = [blob[:i] + value + blob[i + 4:] for i in range(0, len(blob), 4)
             for value in (b"\xff" * 4, bytes(4), b"\x80\0\0\0", b"\xff\xff\xff\xf4")]
    batch(f"{kind}: every cell 2^32-1, 0, 2^31 and 2^32-12: an answer each", [mend(each) for each in words], ended)
