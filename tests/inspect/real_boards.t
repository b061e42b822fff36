# SPDX-License-Identifier: BSD-2-Clause
"""
What each real table prints: tests/inspect/real has a line for each device tree of Debian's kernel that names an SMMUv3
(`tools/get dtbs`) and for each IORT of a real machine (IORT_REAL, as in real.t), with the ids of its findings and how often each
counts. Each line was judged by a person to be true and to say one cause once. With --update the lists are written anew.
"""

import collections
import glob
import hashlib
import json
import os
import subprocess
import sys

import tool
from tool import tap

LISTS = os.path.join(tool.HERE, "real")
SMMU = b"arm,smmu-v3\0"
IORTS = os.environ.get("IORT_REAL", os.path.join(tool.ROOT, "../shared/iort-real"))


def digest(path):
    """A later kernel's tree of the same board may say something else."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:8]


def has_smmu(path):
    with open(path, "rb") as file:
        return SMMU in file.read()


def trees():
    """{vendor/board.dtb: its path}; None where they cannot be had."""
    got = subprocess.run([os.path.join(tool.ROOT, "tools/get"), "dtbs"], capture_output=True, text=True, check=False)
    if got.returncode:
        return None
    paths = glob.glob(os.path.join(glob.escape(got.stdout.strip()), "usr/lib/**/*.dtb"), recursive=True)
    return {"/".join(path.split("/")[-2:]): path for path in paths if has_smmu(path)}


def iorts():
    return {os.path.basename(path): path for path in glob.glob(os.path.join(glob.escape(IORTS), "*.aml"))}


def findings_of(paths):
    """{name: its findings}, of one run over a folder."""
    place = tool.folder()
    names = {name.replace("/", "+"): name for name in paths}
    for link, name in names.items():
        os.symlink(os.path.realpath(paths[name]), os.path.join(place, link))
    said = tool.run("--json", place)
    tables = [json.loads(line) for line in said.out.splitlines()]
    tap.equal((said.status, said.err), (0, ""), f"each of {len(paths)} tables is read")
    return {names[os.path.basename(table["file"])]: table.get("findings") for table in tables}


def summary(findings):
    """"id id*COUNT ...", sorted; an id stands as often as it has causes."""
    return " ".join(sorted(f"{each['id']}*{each['count']}" if each["count"] > 1 else each["id"] for each in findings))


def repeated(findings):
    """What is printed twice, or of one id with the same words."""
    said = collections.Counter((each["id"], each["text"]) for each in findings)
    return [f"{name}: {text}" for (name, text), count in said.items() if count > 1]


def lines_of(path):
    """{name: (digest, summary)}"""
    with open(path, encoding="ascii") as file:
        rows = [line.split(None, 2) for line in file if line.strip() and not line.startswith("#")]
    return {row[0]: (row[1], row[2].strip() if len(row) > 2 else "") for row in rows}


def update(path, paths, found):
    with open(path, encoding="ascii") as file:
        head = [line for line in file if line.startswith("#")]
    with open(path, "w", encoding="ascii") as file:
        file.writelines(head)
        file.writelines(f"{name} {digest(paths[name])} {summary(found[name])}".strip() + "\n" for name in sorted(paths))


def unlike(expected, paths, found):
    """[what is not as the list says], of the tables that are the same as when it was written."""
    return [f"{name}: {summary(found[name])!r}, and the list has {said!r}"
            for name, (sum_of_bytes, said) in sorted(expected.items())
            if name in paths and digest(paths[name]) == sum_of_bytes and summary(found[name]) != said]


def judge(what, list_name, paths):
    path = os.path.join(LISTS, list_name)
    found = findings_of(paths)
    if sys.argv[1:] == ["--update"]:
        update(path, paths, found)
    expected = lines_of(path)
    same = [name for name in expected if name in paths and digest(paths[name]) == expected[name][0]]
    wrong = unlike(expected, paths, found)
    tap.ok(not wrong, f"{what}: {len(same)} of {len(expected)} in the list are there unchanged, and print what it says", wrong)
    twice = [f"{name}: {each}" for name in paths for each in repeated(found[name])]
    tap.ok(not twice, f"{what}: {len(paths)} print nothing twice", twice)
    if not same:
        tap.skip(f"{what}: the list", "it is of other versions of all of them: judge what they print, then --update")
    for name in sorted(set(paths) - set(same)):
        tap.note(f"not in the list, or changed since: {name}: {summary(found[name])}")
    return same, expected, found


def planted(paths, same, expected, found):
    """A base that is not aligned, in a tree that says nothing of the kind, is a difference from the list."""
    name = next(each for each in same if each.startswith("rockchip/"))
    with open(paths[name], "rb") as file:
        blob = file.read()
    copy = os.path.join(tool.folder(), "planted.dtb")
    base = int(tool.described(paths[name])["instances"][0]["base"], 16)
    was, wanted = base.to_bytes(8, "big"), (base + 0x1000).to_bytes(8, "big")
    with open(copy, "wb") as file:
        file.write(blob.replace(was, wanted))
    said = unlike({name: (digest(copy), expected[name][1])}, {name: copy}, {**found, name: tool.described(copy)["findings"]})
    tap.ok(len(said) == 1 and "base_unaligned" in said[0], "a finding that the list does not have is a difference", said)
    tap.equal(repeated(found[name] * 2) != [], bool(found[name]), "and one that is printed twice is a repetition")


boards = trees()
if not boards:
    tap.skip("device trees of real boards", "tools/get dtbs has none")
else:
    planted(boards, *judge("device trees", "boards.expected", boards))
machines = iorts()
if not machines:
    tap.skip("IORTs of real machines", "they are not in the repository, and IORT_REAL names no folder that has any")
else:
    judge("IORTs", "iorts.expected", machines)
tap.done()
