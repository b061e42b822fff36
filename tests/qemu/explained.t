# SPDX-License-Identifier: BSD-2-Clause
"""
The run explains itself: a driver that is broken in one place, and the record of the check that fails, or of the event that no
check provoked, has the walk that shows why. In AArch64: the smaller image has no room for it.
"""

import shutil

import firmware
import tap

SMMU = "drivers/smmuv3/smmuv3.c"
ACCESS = "drivers/smmuv3/access.c"
TABLE = "const struct iommu_ops smmuv3_ops = {"
WRITE = "\tarch_write32(smmu->regs + offset, value);\n"


def on_map(code):
    """The operation `map` of a driver that is broken."""
    broken = "static int broken(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)\n{\n" + code + "}\n"
    return [(SMMU, TABLE, f"{broken}\n{TABLE}"), (SMMU, ".map = smmuv3_domain_map,", ".map = broken,")]


def edit(folder, changes):
    for path, old, new in changes:
        with open(f"{folder}/{path}", encoding="utf-8") as file:
            text = file.read()
        assert text.count(old) == 1, f"{path} has not once: {old}"
        with open(f"{folder}/{path}", "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))


def broken_run(title, changes):
    folder = firmware.work_folder("explained")
    elf, said = firmware.build_copy(folder, lambda copy: edit(copy, changes))
    run = firmware.run(elf=elf, INSTANCES=2, CORES=2) if elf else None
    shutil.rmtree(folder)
    tap.ok(run and run.status != 0, f"{title}: fails", said)
    return run


def whole(walk):
    return walk and all(set(step) == {"what", "address", "value", "meaning"} for step in walk)


def whats(walk):
    return [step["what"] for step in walk]


LEVELS = [f"stage 1 level {level}" for level in range(4)]
PATH = ["L1STD", "STE", "CD", *LEVELS]

title = "pages that may be written although they may not"
run = broken_run(title, on_map("\treturn smmuv3_domain_map(domain, iova, pa, size, access | IOMMU_WRITE);\n"))
failed = run.of("check", check="read_only", result="fail")
tap.ok(failed and all(whole(record.get("walk")) for record in failed), f"{title}: each failed check has its walk", failed[:1])
tap.ok(failed and all(whats(record["walk"]) == PATH for record in failed), f"{title}: from the stream table to the page", failed[:1])
tap.ok(failed and all("read-write" in record["walk"][-1]["meaning"] for record in failed), f"{title}: the page may be written, says the last step", failed[:1])
advice = [record["advice"] or "" for record in run.of("finding", id="read_only")]
tap.ok(advice and all("is translated: " in text and "read and written" in text for text in advice), f"{title}: and so does the finding", advice)
tap.ok(not any("walk" in record for record in run.of("check", result="pass")), f"{title}: what passes needs none")

title = "pages that were not mapped although the driver says so"
run = broken_run(title, on_map("\treturn (iova & 0xf000) == 0 && iova < 0x0e000000U ? 0 : smmuv3_domain_map(domain, iova, pa, size, access);\n"))
unexpected = [record for record in run.of("event", expected=False) if record["name"] == "F_TRANSLATION"]
tap.ok(unexpected and all(whole(record.get("walk")) for record in unexpected), f"{title}: each event that no check provoked has its walk", [unexpected[:1], run.tail()])
tap.ok(unexpected and all(whats(record["walk"])[:3] == PATH[:3] and "invalid" in record["walk"][-1]["meaning"] for record in unexpected), f"{title}: it ends at what is invalid", unexpected[:1])
advice = [record["advice"] or "" for record in run.of("finding", id="F_TRANSLATION")]
tap.ok(advice and all("nothing is mapped at address 0x" in text for text in advice), f"{title}: and the finding says so", advice)
tap.ok(not any("walk" in record for record in run.of("event", expected=True)), f"{title}: what a check provoked needs none")

title = "errors that are not acknowledged"
run = broken_run(title, [(ACCESS, WRITE, "\tif (offset == SMMU_GERRORN) {\n\t\treturn 0;\n\t}\n" + WRITE)])
failed = run.of("check", check="illegal_command", result="fail")
tap.ok(failed and all(whole(record.get("walk")) and "IDR0" in whats(record["walk"]) and "CR0" in whats(record["walk"]) for record in failed), f"{title}: the instance's registers are told", failed[:1])
tap.ok(not run.of("lost"), f"{title}: no record is too long", run.of("lost"))
tap.done()
