# SPDX-License-Identifier: BSD-2-Clause
"""
IORTs of real machines, which are not in this repository: a folder of them is named by IORT_REAL. Each is read whole, and what
is read agrees with what iasl's disassembly of it says, by a reader that follows one ID at a time.
"""

import glob
import os
import random
import re
import shutil
import subprocess

import tool
from tool import tap

ITS, COMPONENT, ROOT, SMMU, SMMUV3 = 0, 1, 2, 3, 4
FOLDER = os.environ.get("IORT_REAL", os.path.join(tool.ROOT, "../shared/iort-real"))
FIELD = re.compile(r"^\[([0-9A-F]+)h \d+ +\d+\] +(.*?) : (.*?)\s*(\[.*\])?$")
BIT = re.compile(r"^ +(.*?) : ([0-9A-F]+)$")

# The firmware's lists are fixed: each holds what any of these tables describes.
LISTS = {
    "DESCRIPTION_SMMUS_MAX": "instances",
    "DESCRIPTION_FIXED_MAX": "fixed",
    "DESCRIPTION_WINDOWS_MAX": "windows",
    "MSIS_MAX": "msis",
}
with open(os.path.join(tool.ROOT, "drivers/firmware/limits.h"), encoding="utf-8") as file:
    LIMITS = {limit: int(number) for limit, number in re.findall(r"#define (\w+) (\d+)U", file.read())}


def disassembled(path, place):
    copy = shutil.copy(path, place)
    done = subprocess.run(["iasl", "-d", copy], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with open(os.path.splitext(copy)[0] + ".dsl", encoding="ascii", errors="replace") as file:
        return file.read()


def nodes_of(text):
    """Nodes by their offset; each with its fields, and its mappings as (input, count, output, reference, single)."""
    nodes, node = {}, None
    for line in text.splitlines():
        field, bit = FIELD.match(line), BIT.match(line)
        if field:
            offset, name, value = int(field[1], 16), field[2], field[3]
            if name == "Type":
                node = nodes.setdefault(offset, {"type": int(value, 16), "mappings": []})
            elif node is not None and name == "Input base":
                node["mappings"].append([int(value, 16)])
            elif node is not None and name in ("ID Count", "Output Base", "Output Reference"):
                node["mappings"][-1].append(int(value, 16))
            elif node is not None:
                node.setdefault(name, value)
        elif bit and node is not None:
            if bit[1] == "Single Mapping":
                node["mappings"][-1].append(int(bit[2]))
            else:
                node.setdefault(bit[1], int(bit[2], 16))
    return nodes


def follow(nodes, at, number, goal=SMMUV3):
    """Where one ID of a node ends: (offset of the SMMUv3, stream ID), or of the ITS group, by way of SMMUs; or None."""
    for _ in range(8):
        node, found = nodes[at], None
        if node["type"] == goal:
            return at, number
        if node["type"] == ITS or (node["type"] == SMMU and goal == SMMUV3):
            return None
        for first, count, output, reference, single in node["mappings"]:
            if single and node["type"] in (COMPONENT, ROOT):
                found = found or (reference, output)
            elif not single and first <= number <= first + count and (found is None or number == first):
                found = (reference, output + number - first)
                if number != first + count or not count:
                    break
        if not found:
            return None
        at, number = found
    return None


def borders(nodes):
    """IDs at which a map may change, their neighbours, and some others."""
    ids = {0, 0xFFFF, *random.Random(5).sample(range(0x10000), 200)}
    for node in nodes.values():
        for first, count, *_ in node["mappings"]:
            ids.update((first - 1, first, first + 1, first + count - 1, first + count, first + count + 1))
    return sorted(number for number in ids if 0 <= number <= 0xFFFF)


def by_windows(table, segment, number):
    for window in table["windows"]:
        first, last, sid = (int(window[key], 16) for key in ("input_first", "input_last", "sid"))
        if window["master"] == f"segment:{segment}" and first <= number <= last:
            return int(window["instance"].removeprefix("iort@"), 16), sid + (0 if window["constant"] else number - first)
    return None


def by_msis(table, segment, number):
    for msi in table["msis"]:
        first, last, device = (int(msi[key] or "0", 16) for key in ("input_first", "input_last", "device"))
        if msi["master"] == f"segment:{segment}" and first <= number <= last:
            return msi["controller"], device + (0 if msi["constant"] else number - first)
    return None


def to_its(nodes, at, number):
    end = follow(nodes, at, number, ITS)
    return (f"its:{int(nodes[end[0]]['Identifiers'], 16)}", end[1]) if end else None


def judge(path, place):
    name = os.path.basename(path)
    nodes = nodes_of(disassembled(path, place))
    table = tool.described(path)
    smmus = {offset: node for offset, node in nodes.items() if node["type"] == SMMUV3}
    tap.equal(
        [(each["name"], each["base"], each["coherent"]) for each in table["instances"]],
        [(f"iort@{offset:#x}", hex(int(node["Base Address"], 16)), bool(node["COHACC Override"])) for offset, node in smmus.items()],
        f"{name}: instances",
    )
    wrong, astray = [], []
    for offset, node in nodes.items():
        if node["type"] == ROOT:
            segment = int(node["PCI Segment Number"], 16)
            wrong += [hex(number) for number in borders(nodes) if by_windows(table, segment, number) != follow(nodes, offset, number)]
            astray += [hex(number) for number in borders(nodes) if by_msis(table, segment, number) != to_its(nodes, offset, number)]
    tap.ok(not wrong, f"{name}: every requester ID ends where the disassembly says", wrong[:8])
    tap.ok(not astray, f"{name}: so do its MSIs", astray[:8])
    wanted = set()
    for node in nodes.values():
        if node["type"] == COMPONENT:
            device = node["Device Name"].strip('"')
            for first, count, output, reference, single in node["mappings"]:
                for number in range(1 if single else count + 1):
                    end = follow(nodes, reference, output + number) if reference in nodes else None
                    wanted.update({(device, *end)} if end else set())
    found = {
        (each["master"], int(each["instance"].removeprefix("iort@"), 16), sid)
        for each in table["fixed"]
        for sid in range(int(each["first"], 16), int(each["last"], 16) + 1)
    }
    tap.equal(found, wanted, f"{name}: every component's streams")
    longest = {list_name: (len(table[key]), LIMITS[list_name]) for list_name, key in LISTS.items()}
    tap.ok(all(count <= limit for count, limit in longest.values()), f"{name}: the firmware's lists have room for it", longest)
    tap.equal(tool.run("--compare", path, path).status, 0, f"{name}: does not differ from itself")
    return len(smmus)


tables = sorted(glob.glob(os.path.join(FOLDER, "*.aml")))
if not tables:
    tap.skip("IORTs of real machines", "they are not in the repository, and IORT_REAL names no folder that has any")
    tap.done()
folder = tool.folder()
count = sum(judge(each, folder) for each in tables)
tap.ok(count > 0, "some of them have an SMMUv3", count)
tap.done()
