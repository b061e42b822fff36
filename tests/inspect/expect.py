# SPDX-License-Identifier: BSD-2-Clause
"""A short form of what a test expects of smmu-inspect --json, and the comparison with its output."""

import tool
from tool import tap

# Readers ignore keys that they do not know, since more may come: these are the keys of the contract.
KEYS = {
    "instances": ("name", "base", "size", "enabled", "coherent"),
    "fixed": ("instance", "first", "last", "kind", "master", "enabled"),
    "windows": ("instance", "input_first", "input_last", "sid", "constant", "mask", "master", "enabled"),
    "reserved": ("master", "base", "size"),
    "warnings": ("where", "text"),
}


def instance(name, base, size, enabled=True, coherent=False):
    return {"name": name, "base": base, "size": size, "enabled": enabled, "coherent": coherent}


def single(master, smmu, sid, enabled=True):
    return {"instance": smmu, "first": sid, "last": sid, "kind": "single", "master": master, "enabled": enabled}


def span(master, smmu, first, last, enabled=True):
    return {"instance": smmu, "first": first, "last": last, "kind": "range", "master": master, "enabled": enabled}


def window(master, smmu, first, last, sid, mask=None, enabled=True, constant=False):
    return {"instance": smmu, "input_first": first, "input_last": last, "sid": sid, "constant": constant, "mask": mask,
            "master": master, "enabled": enabled}


def reserved(master, base, size):
    return {"master": master, "base": base, "size": size}


def ordered(kind, entries):
    """Sorts the masters, whose order does not matter; the order of one master's windows does."""
    if kind == "windows":
        return sorted(entries, key=lambda each: each["master"])
    if kind == "fixed":
        return sorted(entries, key=lambda each: (each["master"], each["instance"], int(each["first"], 16)))
    if kind == "reserved":
        return sorted(entries, key=lambda each: (each["master"], int(each["base"], 16)))
    return entries


def check(title, path, warned=False, **wanted):
    """
    The output must have all that is wanted, and nothing else. `warned`: a warning in the tool's own words must be there; None:
    one may be there. A kind that is wanted as None is not compared.
    """
    said = tool.run("--json", path)
    if not tap.equal((said.status, said.err), (0, ""), f"{title}: is read"):
        return None
    for kind, keys in KEYS.items():
        if kind != "warnings" and wanted.get(kind, []) is not None:
            found = [{key: each[key] for key in keys} for each in said.json[kind]]
            tap.equal(ordered(kind, found), ordered(kind, wanted.get(kind, [])), f"{title}: {kind}")
    if warned is not None:
        warnings = said.json["warnings"]
        tap.ok(bool(warnings) == warned, f"{title}: {'a warning' if warned else 'no warnings'}", [str(each) for each in warnings])
    return said.json
