# SPDX-License-Identifier: BSD-2-Clause
"""smmu-inspect --rules: what the ID registers in a report say to BSA's and SBSA's rules of SMMUs, each rule with a register that meets it and one that does not."""

import json
import os

import tool
from tool import tap

place = tool.folder()
# All that the rules ask for: S2P, S1P, COHACC, HTTU 2, ASID16, MSI, VMID16; RIL, BBML 2; OAS 52, three granules, VAX; SMMUv3.3.
GOOD = {"IDR0": 0x1 | 0x2 | 0x10 | 0x80 | 0x1000 | 0x2000 | 0x40000, "IDR1": 0, "IDR2": 0, "IDR3": 0x400 | 2 << 11, "IDR4": 0, "IDR5": 6 | 0x70 | 0x400,
        "IIDR": 0x43B, "AIDR": 3}


def report(*instances):
    path = os.path.join(place, "report.jsonl")
    with open(path, "w", encoding="ascii") as file:
        for number, idr in enumerate(instances):
            record = {"record": "instance", "instance": f"smmu{number}", "name": "/iommu", "base": "0x50000000"}
            if idr:
                record["idr"] = {name: hex(value) for name, value in idr.items()}
            file.write(json.dumps(record) + "\n")
    return path


def judged(*instances):
    said = tool.run("--json", "--rules", report(*instances))
    assert said.status == 0, said.err
    return {(each["rule"], each["instance"]): each for each in said.json["rules"]}


def results(**changes):
    return {rule: each["result"] for (rule, _), each in judged({**GOOD, **changes}).items()}


good = results()
tap.equal(set(good.values()), {"met"}, "a good SMMU meets all")
tap.equal(len(good), 21, "as many as the table has, and one of all SMMUs")
for name, value, wanted in (
        ("IDR0", GOOD["IDR0"] & ~1, {"B_SMMU_16": "not met", "S_L4SM_02": "not met", "B_SMMU_18": "depends", "B_SMMU_20": "depends"}),
        ("IDR0", GOOD["IDR0"] & ~2, {"B_SMMU_08": "not met", "S_L4SM_01": "not met", "B_SMMU_09": "depends"}),
        ("IDR0", GOOD["IDR0"] & ~0x10, {"S_L4SM_03": "not met"}),
        ("IDR0", GOOD["IDR0"] & ~0x80 | 0x40, {"S_L6SM_02": "not met"}),
        ("IDR0", GOOD["IDR0"] & ~0x1000, {"B_SMMU_13": "depends"}),
        ("IDR0", GOOD["IDR0"] & ~0x2000, {"S_L6SM_03": "not met"}),
        ("IDR0", GOOD["IDR0"] & ~0x40000, {"B_SMMU_23": "depends"}),
        ("IDR0", GOOD["IDR0"] | 2 << 21, {"B_SMMU_14": "depends"}),
        ("IDR3", GOOD["IDR3"] & ~0x400, {"B_SMMU_04": "depends"}),
        ("IDR3", GOOD["IDR3"] & ~0x1800, {"S_L5SM_02": "not met"}),
        ("IDR3", GOOD["IDR3"] & ~0x1800 | 0x800, {}),
        ("IDR5", GOOD["IDR5"] & ~0x20, {"B_SMMU_02": "depends"}),
        ("IDR5", GOOD["IDR5"] & ~7 | 5, {"B_SMMU_06": "depends"}),
        ("IDR5", GOOD["IDR5"] & ~0x400, {"B_SMMU_03": "depends"}),
        ("AIDR", 2, {"S_L8SM_01": "not met"}),
        ("AIDR", 1, {"S_L8SM_01": "not met", "S_L5SM_01": "not met", "B_SMMU_09": "depends", "B_SMMU_20": "depends"}),
        ("AIDR", 4, {}),
):
    found = {rule: result for rule, result in results(**{name: value}).items() if result != "met"}
    tap.equal(found, wanted, f"{name} {value:#x}")
why = judged({**GOOD, "IDR0": GOOD["IDR0"] & ~1})[("B_SMMU_16", "smmu0")]["why"]
tap.ok("IDR0" in why and "bit 0 is 0" in why, "it is said why", why)

two = judged(GOOD, {**GOOD, "AIDR": 0x13})
tap.equal(two[("B_SMMU_01", None)]["result"], "not met", "two major revisions")
tap.equal(len(two), 41, "each instance is judged")
tap.equal(judged(None, GOOD)[("B_SMMU_16", "smmu1")]["result"], "met", "one without registers beside one with them")
said = tool.run("--rules", report({**GOOD, "AIDR": 2}))
tap.ok(said.status == 0 and said.out.endswith("\n1 not met\n") and "S_L8SM_01" in said.out, "for people", said.out)
said = tool.run("--rules", report(None))
tap.equal((said.status, said.out), (2, ""), "a report without registers is refused")
tap.equal(tool.run("--rules", report(GOOD), tool.HERE).status, 1, "wrong usage: a table beside it")
tap.done()
