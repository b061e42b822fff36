# SPDX-License-Identifier: BSD-2-Clause
"""
A driver that is broken in one place, on QEMU, for each check: the check that is there for it fails, the run fails for that
check, and the checks that have nothing to do with it pass.

A break is C, put in front of the table of operations, around the access to a register, or behind a record of an event, where every
image has them. BROKEN=all, as `make test-broken` has it, tries one for every check; `make test` those that are broken in different ways.
"""

import concurrent.futures
import os
import shutil

import firmware
import tap

SMMU = "drivers/smmuv3/smmuv3.c"
ACCESS = "drivers/smmuv3/access.c"
EVENTS = "drivers/smmuv3/evtq.c"
TABLE = "const struct iommu_ops smmuv3_ops = {"
WRITE = "\tarch_write32(smmu->regs + offset, value);\n"
READ = "\treturn arch_read32(smmu->regs + offset);\n"
DECODE = "\tsmmuv3_decode_event(entry, &event);\n"

MAPS = "static int broken(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)\n"


def operation(name, was, code):
    """Replaces an operation by another function."""
    return [(SMMU, TABLE, f"{code}\n{TABLE}"), (SMMU, f".{name} = {was},", f".{name} = broken,")]


def on_write(code):
    """Code before each write of a register; after `return 0;` the register is not written."""
    return [(ACCESS, WRITE, f"{code}\n{WRITE}")]


def on_read(code):
    return [(ACCESS, READ, f"{code}\n{READ}")]


def misread(code, address=0):
    """Records of this code, at this page where one is named, are taken for others."""
    where = f" && event.address >> 12 == {address:#x}U >> 12" if address else ""
    return [(EVENTS, DECODE, f"{DECODE}\tif (event.code == {code}{where}) {{\n\t\tevent.code = F_UUT;\n\t}}\n")]


# The check that must fail; what is broken; how; checks that still pass.
BREAKS = [
    ("blocked_before_attach", "a domain begins with all memory mapped one to one",
     operation("domain_allocate", "smmuv3_domain_allocate",
               "static struct iommu_domain *broken(struct iommu_instance *iommu)\n{\n"
               "\tstruct iommu_domain *domain = smmuv3_domain_allocate(iommu);\n\n"
               "\tif (domain) {\n"
               "\t\t(void)smmuv3_domain_map(domain, 0x40000000U, 0x40000000U, 0x20000000U, IOMMU_READ | IOMMU_WRITE);\n"
               "\t}\n\treturn domain;\n}"),
     ("illegal_command", "registration_footprint", "handover")),
    ("translate", "pages lead to the page behind",
     operation("map", "smmuv3_domain_map",
               MAPS + "{\n\treturn smmuv3_domain_map(domain, iova, pa + 0x1000U, size, access);\n}"),
     ("blocked_before_attach", "registration_footprint", "handover")),
    ("read_only", "every page is mapped writable",
     operation("map", "smmuv3_domain_map",
               MAPS + "{\n\treturn smmuv3_domain_map(domain, iova, pa, size, access | IOMMU_WRITE);\n}"),
     ("blocked_before_attach", "translate", "unmap", "isolation", "handover")),
    ("unmap", "nothing is invalidated after an unmapping",
     operation("unmap", "smmuv3_domain_unmap",
               "static int broken(struct iommu_domain *domain, uint64_t iova, uint64_t size)\n{\n"
               "\treturn pgtable_unmap(&((struct smmuv3_domain *)domain)->table, iova, size);\n}"),
     ("blocked_before_attach", "translate", "read_only", "handover")),
    ("isolation", "a page is mapped in every domain of its instance",
     operation("map", "smmuv3_domain_map",
               MAPS + "{\n\tstruct smmuv3 *smmu = smmuv3_of(domain->iommu);\n\n"
               "\tfor (unsigned int i = 0; i < smmu->domain_count && iova < 0x0e000000U; i++) {\n"
               "\t\tif (&smmu->domain[i].domain != domain) {\n"
               "\t\t\t(void)smmuv3_domain_map(&smmu->domain[i].domain, iova, pa, size, access);\n"
               "\t\t}\n\t}\n"
               "\treturn smmuv3_domain_map(domain, iova, pa, size, access);\n}"),
     ("blocked_before_attach", "translate", "read_only", "handover")),
    ("abort_all", "GBPA lets everything through once SMMUEN is clear",
     on_write("\tif (offset == SMMU_CR0 && value == (CR0_CMDQEN | CR0_EVENTQEN)) {\n"
              "\t\tarch_write32(smmu->regs + SMMU_GBPA,\n"
              "\t\t\t     (arch_read32(smmu->regs + SMMU_GBPA) & ~GBPA_ABORT) | GBPA_UPDATE);\n\t}\n"),
     ("translate", "read_only", "unmap", "isolation", "illegal_command", "queue_abort")),
    ("illegal_command", "errors are not acknowledged",
     on_write("\tif (offset == SMMU_GERRORN) {\n\t\treturn 0;\n\t}\n"),
     ("blocked_before_attach", "translate", "read_only", "unmap", "isolation")),
    ("queue_abort", "the command queue's base is not written once the SMMU is on",
     on_write("\tif ((offset | 4U) == (SMMU_CMDQ_BASE | 4U) && arch_read32(smmu->regs + SMMU_CR0) & CR0_SMMUEN) {\n"
              "\t\treturn 0;\n\t}\n"),
     ("translate", "illegal_command", "abort_all", "bad_ste", "handover")),
    ("event_overflow", "a lost event is overlooked",
     on_read("\tif (offset == SMMU_GERROR) {\n"
             "\t\treturn (arch_read32(smmu->regs + SMMU_GERROR) & ~GERROR_EVENTQ_ABT_ERR) |\n"
             "\t\t       (arch_read32(smmu->regs + SMMU_GERRORN) & GERROR_EVENTQ_ABT_ERR);\n\t}\n"),
     ("translate", "illegal_command", "queue_abort", "bad_ste", "abort_all")),
    ("registration_footprint", "a registration turns off the interrupts of all others",
     operation("start", "smmuv3_start",
               "static int broken(struct iommu_instance *iommu)\n{\n"
               "\tfor (unsigned int i = 0; i < iommu->core->instance_count; i++) {\n"
               "\t\tif (iommu->core->instance[i] != iommu) {\n"
               "\t\t\tarch_write32(smmuv3_of(iommu->core->instance[i])->regs + SMMU_IRQ_CTRL, 0);\n\t\t}\n\t}\n"
               "\treturn smmuv3_start(iommu);\n}"),
     ("blocked_before_attach", "translate", "unmap", "isolation")),
    ("handover", "it is left open in the end",
     on_write("\tif (offset == SMMU_IRQ_CTRL && !value) {\n"
              "\t\tarch_write32(smmu->regs + SMMU_GBPA,\n"
              "\t\t\t     (arch_read32(smmu->regs + SMMU_GBPA) & ~GBPA_ABORT) | GBPA_UPDATE);\n\t}\n"),
     ("translate", "read_only", "unmap", "isolation", "illegal_command", "abort_all")),
]

SPARED = ("translate", "read_only", "unmap", "isolation", "illegal_command", "queue_abort", "abort_all", "handover")
PROVOKED = [
    ("event_abort", "an event queue that cannot be written is overlooked",
     on_read("\tif (offset == SMMU_GERROR && arch_read32(smmu->regs + SMMU_EVENTQ_BASE + 4U) & 0xff) {\n"
             "\t\treturn (arch_read32(smmu->regs + SMMU_GERROR) & ~GERROR_EVENTQ_ABT_ERR) |\n"
             "\t\t       (arch_read32(smmu->regs + SMMU_GERRORN) & GERROR_EVENTQ_ABT_ERR);\n\t}\n"),
     SPARED),
    ("bad_ste", "C_BAD_STE is taken for another event", misread("C_BAD_STE"), SPARED),
    ("bad_cd", "C_BAD_CD is taken for another event", misread("C_BAD_CD"), SPARED),
    ("cd_fetch", "F_CD_FETCH is taken for another event", misread("F_CD_FETCH"), SPARED),
    ("walk_abort", "F_WALK_EABT is taken for another event", misread("F_WALK_EABT"), SPARED),
    ("access_flag", "F_ACCESS is taken for another event", misread("F_ACCESS"), SPARED),
    ("address_size", "F_ADDR_SIZE is taken for another event", misread("F_ADDR_SIZE"), SPARED),
    ("translation_fault", "F_TRANSLATION is taken for another event, there alone", misread("F_TRANSLATION", 0x0F020000), SPARED),
    ("permission_fault", "F_PERMISSION is taken for another event, there alone", misread("F_PERMISSION", 0x0F010000), SPARED),
]


def edit(folder, changes):
    for path, old, new in changes:
        place = os.path.join(folder, path)
        with open(place, encoding="utf-8") as file:
            text = file.read()
        assert text.count(old) == 1, f"{path} has not once: {old}"
        with open(place, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))


def build_and_run(each):
    """A run of the broken image, or the compiler's message."""
    folder = firmware.work_folder("broken")
    elf, said = firmware.build_copy(folder, lambda copy: edit(copy, each[2]))
    run = firmware.run(elf=elf, INSTANCES=2, CORES=2) if elf else None
    shutil.rmtree(folder)
    return run, said


def judge(each, run, said):
    check, what, _, spared = each
    title = f"{check}: {what}"
    if not tap.ok(run is not None, f"{title}: builds", said):
        return
    found = run.of("check", check=check)
    tap.ok(any(record["result"] == "fail" for record in found), f"{title}: the check fails", [str(found), *run.tail()])
    tap.ok(run.status != 0 and run.verdict.get("result") == "fail", f"{title}: the verdict is fail", run.tail)
    wanted = [f"({check}: {record.get('master') or record.get('instance')})" for record in found if record["result"] == "fail"]
    reason = run.verdict.get("reason") or ""
    tap.ok(any(words in reason for words in wanted), f"{title}: and its reason names the check, and whose it is", [reason, wanted])
    for other in spared:
        failed = [record for record in run.of("check", check=other) if record["result"] == "fail"]
        tap.ok(run.of("check", check=other) and not failed, f"{title}: {other} does not fail", [str(failed)])


if firmware.has_instances():
    tried = BREAKS + PROVOKED if os.environ.get("BROKEN") == "all" else BREAKS
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for each, (run, said) in zip(tried, pool.map(build_and_run, tried)):
            judge(each, run, said)
else:
    tap.skip("broken drivers", "this QEMU has one SMMUv3: there is no other instance to touch, and no GBPA")
tap.done()
