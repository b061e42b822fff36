# SPDX-License-Identifier: BSD-2-Clause
"""
The SMMUv3 driver broken in one place at a time, and what found it out: each break is built in a copy of the sources and put
before every judge of tests/qemu/judges.t. A break that no judge finds is a failure.

    python3 tests/smmuv3/mutants.py [NAME...]
"""

import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("BUILD_DIR") or os.path.join(ROOT, "build")
sys.path.insert(0, os.path.join(ROOT, "tests/mutants"))
import mutant  # pylint: disable=wrong-import-position
COPY = os.path.join(BUILD, "mutants", os.environ.get("MUTANTS_DIR", "smmuv3"))
SMMU = "drivers/smmuv3/"

# A name; a file; what stands there, once; and what stands there instead.
MUTANTS = (
    ("no CFGI", SMMU + "strtab.c", "return smmuv3_health(smmu) == SMMUV3_OFF ? 0 : smmuv3_issue(smmu, &cfgi, 1);", "return 0 * (int)(smmu->cr0 + cfgi.dword[0]);"),
    ("no TLBI", SMMU + "domain.c", "error = smmuv3_issue(smmu, commands, count);", "error = count ? 0 : 1;"),
    ("TLBI of another ASID", SMMU + "tlbi.c", "SMMUV3_STAGE2 ? 0 : domain->asid;", "SMMUV3_STAGE2 ? 0 : domain->asid + 1;"),
    ("TLBI of VMID 0 below nested", SMMU + "domain.c", "SMMUV3_NESTED ? domain->parent->vmid : domain->vmid;", "SMMUV3_NESTED ? 0 : domain->vmid;"),
    ("stage 2 below nested goes by address", SMMU + "tlbi.c", "SMMUV3_STAGE2 && domain->has_children)", "SMMUV3_STAGE2 && domain->has_children && smmu->health > SMMUV3_ON)"),
    ("a range of TLBI too short", SMMU + "tlbi.c", "(1U << scale) - 1) >> scale) - 1, scale);", "(1U << scale) - 1) >> scale) - 2, scale);"),
    ("a page of TLBI too far", SMMU + "tlbi.c", "address + ((uint64_t)count << granule_bits), leaf", "address + ((uint64_t)(count + 1) << granule_bits), leaf"),
    ("leaf alone where a table was cut off", SMMU + "domain.c", "!pgtable_has_retired(&domain->table), commands);", "true, commands);"),
    ("ASID not flushed", SMMU + "domain.c", "if (domain_flush(smmu, domain)) {", "if (smmu->health > SMMUV3_ON && domain_flush(smmu, domain)) {"),
    ("nothing invalidated at enable", SMMU + "life.c", "(smmu->gerror_interrupt ? IRQ_CTRL_GERROR : 0);\n\tint error = smmuv3_invalidate_all(smmu);", "(smmu->gerror_interrupt ? IRQ_CTRL_GERROR : 0);\n\tint error = 0;"),
    ("acknowledged without repair", SMMU + "gerror.c", "gerror_repair_command(smmu, consumer);", "if (smmu->health > SMMUV3_ON) {\n\t\t\tgerror_repair_command(smmu, consumer);\n\t\t}"),
    ("repaired without acknowledge", SMMU + "gerror.c", "gerror ^ (active & GERROR_SFM_ERR));", "gerror ^ (active & (GERROR_SFM_ERR | GERROR_CMDQ_ERR)));"),
    ("an inactive error toggled", SMMU + "gerror.c", "gerror ^ (active & GERROR_SFM_ERR));", "gerror ^ GERROR_MSI_CMDQ_ABT_ERR ^ (active & GERROR_SFM_ERR));"),
    ("GERRORN written with nothing active", SMMU + "gerror.c", "if (!active || smmuv3_queue_rests(smmu)) {", "if (smmuv3_queue_rests(smmu)) {"),
    ("service failure waved through", SMMU + "gerror.c", "gerror ^ (active & GERROR_SFM_ERR));", "gerror);"),
    ("errors read again before the acknowledge", SMMU + "gerror.c", "(void)smmuv3_write(smmu, SMMU_GERRORN, gerror ^ (active & GERROR_SFM_ERR));", "(void)smmuv3_write(smmu, SMMU_GERRORN, gerror ^ (active & GERROR_SFM_ERR));\n\t(void)smmuv3_write(smmu, SMMU_GERRORN, smmuv3_read(smmu, SMMU_GERROR) ^ (active & GERROR_SFM_ERR));"),
    ("a table's memory not published", SMMU + "strtab.c", "\t\t\tsmmuv3_publish(smmu, table->level1, size);\n", ""),
    ("an L1 descriptor before its table", SMMU + "strtab.c", "\tif (*descriptor) {\n\t\tmemcpy(level2, strtab_level2_of(*descriptor), strtab_span_entries(*descriptor) * STE_BYTES);", "\tif (*descriptor) {\n\t\tuint64_t old = *descriptor;\n\n\t\tstore64(descriptor, arch_phys(level2) | FIELD_PUT64(STRTAB_L1_SPAN, log2 + 1));\n\t\tsmmuv3_publish(smmu, descriptor, sizeof(*descriptor));\n\t\tmemcpy(level2, strtab_level2_of(old), strtab_span_entries(old) * STE_BYTES);\n\t\tstore64(descriptor, old);"),
    ("an entry not published", SMMU + "update.c", "\tsmmuv3_publish(update->smmu, entry, STE_DWORDS * sizeof(uint64_t));\n\treturn update->invalidate(update);", "\treturn update->invalidate(update);"),
    ("V with the others", SMMU + "update.c", "error = update_set(update, entry, filled, 1, STE_DWORDS);", "filled[0] = target[0];\n\terror = update_set(update, entry, filled, 0, STE_DWORDS);"),
    ("V not cleared in between", SMMU + "update.c", "int error = update_set(update, entry, &invalid, 0, 1);", "int error = invalid ? 0 : 1;"),
    ("unused bits not prepared", SMMU + "update.c", "error = update_set(update, entry, images->prepared, 0, STE_DWORDS);", "error = 0;"),
    ("what was there not kept", SMMU + "update.c", "uint64_t kept = now[i] & ~safe[i];", "uint64_t kept = i ? 0 : now[i] & ~safe[i];"),
    ("doorbell without a barrier", SMMU + "cmdq.c", "\tarch_dma_wmb();\n\tarch_write32(smmu->regs + SMMU_CMDQ_PROD", "\tarch_write32(smmu->regs + SMMU_CMDQ_PROD"),
    ("PROD without its wrap bit", SMMU + "cmdq.c", "SMMU_CMDQ_PROD, position & smmu->command_mask);", "SMMU_CMDQ_PROD, position & smmu->command_mask / 2);"),
    ("CONS with its error bits", SMMU + "cmdq.c", "- seen) & smmu->command_mask;", "- seen) & (smmu->command_mask | 0x7f000000U);"),
    ("a full queue written over", SMMU + "cmdq.c", "return !cmdq_is_before(cmdq_consumed_so_far(smmu), end) ||", "return count || !cmdq_is_before(cmdq_consumed_so_far(smmu), end) ||"),
    ("a SYNC not waited for", SMMU + "cmdq.c", "if (cmdq_is_before(smmuv3_commands_consumed(smmu), (uint32_t)end)) {\n\t\terror", "if (smmu->health > SMMUV3_ON) {\n\t\terror"),
    ("aborted fetches retried for ever", SMMU + "gerror.c", "if (smmu->error_streak > ERRORS_MAX) {", "if (smmu->error_streak > 1000 * ERRORS_MAX) {"),
    ("commands not cleaned", SMMU + "cmdq.c", "if (!smmu->coherent) {", "if (smmu->health > SMMUV3_ON) {"),
    ("a span too small", SMMU + "strtab.c", "FIELD_PUT64(STRTAB_L1_SPAN, log2 + 1)", "FIELD_PUT64(STRTAB_L1_SPAN, log2)"),
    ("a second level too small", SMMU + "strtab.c", "while (index >> log2) {", "while (index >> (log2 + 1)) {"),
    ("no padding behind a span", SMMU + "strtab.c", "log2 < smmu->table.split ? 2U << log2 : 1U << log2", "1U << log2"),
    ("a stream too many", SMMU + "strtab.c", "int error = sid >> smmu->table.log2size ? -ERANGE :", "int error = sid > 1U << smmu->table.log2size ? -ERANGE :"),
    ("overflow not acknowledged", SMMU + "evtq.c", "smmu->evtq.consumer | (producer & EVENTQ_OVERFLOW));", "smmu->evtq.consumer | (producer & EVENTQ_OVERFLOW & (smmu->health > SMMUV3_ON ? ~0U : 0)));"),
    ("overflow of an empty queue not seen", SMMU + "evtq.c", "smmu->evtq.consumer && !overflow) {", "smmu->evtq.consumer) {"),
    ("records from the cache", SMMU + "evtq.c", "if (!smmu->coherent) {", "if (smmu->health > SMMUV3_ON) {"),
    ("EVENTQ_CONS not written", SMMU + "evtq.c", "\tevtq_write_consumer(smmu, producer);\n", "\tif (overflow) {\n\t\tevtq_write_consumer(smmu, producer);\n\t}\n"),
    ("stalls left", SMMU + "evtq.c", "if (event->stalled) {", "if (event->stalled && event->has_ssid) {"),
    ("a map of an SMMU that failed", SMMU + "domain.c", "int error = smmuv3_check_health(smmuv3_of(iommu_domain->iommu));", "int error = 0;"),
    ("a refused command taken for done", SMMU + "cmdq.c", "return error ? error : smmuv3_check_health(smmu);", "return error;"),
    ("a storm not silenced", SMMU + "evtq.c", "if (aftermath->storm) {", "if (aftermath->storm && smmu->health > SMMUV3_ON) {"),
    ("SHCFG lost in GBPA", SMMU + "access.c", "(value & ~clear) | set | GBPA_UPDATE", "(value & 0 & ~clear) | set | GBPA_UPDATE"),
    ("GBPA without UPDATE", SMMU + "access.c", "(value & ~clear) | set | GBPA_UPDATE", "(value & ~clear) | set"),
    ("SMMUEN off before GBPA", SMMU + "life.c", "int error = life_set_gbpa_abort(smmu);\n\n\tif (!error && !life_is_zero(", "int error = smmuv3_write_cr0(smmu, 0);\n\n\terror = error ? error : life_set_gbpa_abort(smmu);\n\tif (!error && !life_is_zero("),
    ("hand-over drops events", SMMU + "life.c", "\tsmmuv3_poll_events(smmu);\n\tsmmuv3_poll_gerror(smmu);", "\tsmmuv3_poll_gerror(smmu);\n\tsmmuv3_publish_events(smmu, false);"),
    ("hand-over leaves errors", SMMU + "life.c", "\tsmmuv3_poll_gerror(smmu);\n", ""),
    ("hand-over turns all off at once", SMMU + "life.c", "error = smmuv3_write_cr0(smmu, CR0_EVENTQEN);", "error = smmuv3_write_cr0(smmu, 0);"),
    ("acknowledges not waited for", SMMU + "access.c", "error = smmuv3_wait(smmu, \"CR0ACK\", SMMU_CR0ACK, CR0_ACKNOWLEDGED, value & CR0_ACKNOWLEDGED);", "error = 0;"),
    ("latched errors left", SMMU + "life.c", "\tif (active) {\n", "\tif (active & GERROR_SFM_ERR) {\n"),
    ("no RECINVSID", SMMU + "life.c", "CR2_PTM | CR2_RECINVSID", "CR2_PTM"),
    ("VMID 0 for stage 2", SMMU + "domain.c", "smmuv3_ids_take(&smmu->vmids, 1)", "smmuv3_ids_take(&smmu->vmids, 0)"),
    ("one ASID for all", SMMU + "domain.c", "domain->asid = id < 0 ? 0 : (unsigned int)id;", "domain->asid = id < 0 ? 0 : (unsigned int)id % 2;"),
    ("T0SZ one too large", "drivers/pgtable/pgtable.c", "return 64 - table->format.input_bits;", "return 65 - table->format.input_bits;"),
    ("T0SZ one too small", "drivers/pgtable/pgtable.c", "return 64 - table->format.input_bits;", "return 63 - table->format.input_bits;"),
    ("S2SL0", SMMU + "ste.c", "pgtable_sl0(&domain->table)) |", "pgtable_sl0(&domain->table) ^ 1) |"),
    ("no S2R", SMMU + "ste.c", "STE2_S2AA64 | STE2_S2R;", "STE2_S2AA64;"),
    ("S1STALLD where it is not", SMMU + "ste.c", "return smmu->features.stall_model == IDR0_STALL_MODEL_BOTH ?", "return smmu->coherent ?"),
    ("no SHCFG in bypass", SMMU + "ste.c", "\tste->dword[1] = ste_shareability(smmu);\n", "\tste->dword[1] = smmu->health > SMMUV3_ON ? ste_shareability(smmu) : 0;\n"),
    ("no EPD1", SMMU + "cd.c", "CD0_EPD1 | CD0_V", "CD0_V"),
    ("no CD.R", SMMU + "cd.c", "CD0_R | CD0_A", "CD0_A"),
    ("no CD.A", SMMU + "cd.c", "CD0_R | CD0_A", "CD0_R"),
    ("IPS one too large", SMMU + "cd.c", "FIELD_PUT64(CD0_IPS, smmuv3_output_code(table->format.output_bits))", "FIELD_PUT64(CD0_IPS, (smmuv3_output_code(table->format.output_bits) + 1) % 6)"),
    ("no access flag", "drivers/pgtable/descriptor.c", "S1_AP_UNPRIVILEGED | LEAF_SH_INNER | LEAF_AF |", "S1_AP_UNPRIVILEGED | LEAF_SH_INNER |"),
    ("read only is writable", "drivers/pgtable/descriptor.c", "attributes |= flags & PGTABLE_WRITE ? 0 : S1_AP_READ_ONLY;", "attributes |= flags & PGTABLE_READ ? 0 : S1_AP_READ_ONLY;"),
)


def copy_tree():
    shutil.rmtree(COPY, ignore_errors=True)
    os.makedirs(os.path.join(COPY, "build"))
    for name in ("Makefile", "mk", "boot", "drivers", "linker", "platform", "tools", "tests"):
        source, copy = os.path.join(ROOT, name), os.path.join(COPY, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy2)(source, copy)
    os.symlink(os.path.join(BUILD, "tools"), os.path.join(COPY, "build/tools"))


def make():
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    goals = ["build/host/model/test_smmuv3", "build/qemu-virt/smmu-test.elf"]
    done = subprocess.run(["make", "-C", COPY] + goals, env=environment, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stderr


def judged():
    """What failed, by judge. The host's sanitizers end a run, too: then it is not whole."""
    done = subprocess.run(
        [sys.executable, "tests/qemu/judges.t"], cwd=COPY, capture_output=True, text=True, timeout=900, check=False
    )
    found = {}
    if not re.search(r"^1\.\.\d+$", done.stdout, re.MULTILINE):
        sys.exit(f"judges.t did not run:\n{done.stderr[-600:]}")
    for line in done.stdout.splitlines():
        match = re.match(r"not ok \d+ - (model|QEMU [^:]*?): (.*)", line)
        if match:
            found.setdefault(match.group(1), []).append(match.group(2))
    return found


def ids(titles):
    """The tests' ids, each once, and how many failed."""
    names = []
    for title in titles:
        name = "an end" if title.startswith("ran to") else title.split()[0]
        if name not in names:
            names.append(name)
    return f"{', '.join(names[:8])}{' ...' if len(names) > 8 else ''} ({len(titles)})"


def try_mutant(changed):
    """Whether a judge found it."""
    name, path, old, new = changed
    place = os.path.join(COPY, path)
    try:
        text = mutant.changed(name, os.path.join(ROOT, path), old, new)
    except ValueError as error:
        print(f"not ok - {error}", flush=True)
        return False
    with open(place, "w", encoding="utf-8") as file:
        file.write(text)
    built, said = make()
    found = judged() if built else {}
    shutil.copy2(os.path.join(ROOT, path), place)
    os.utime(place)
    if not built:
        print(f"not ok - {name}: does not build\n{said[-600:]}", flush=True)
        return False
    print(f"{'ok' if found else 'not ok'} - {name}: {'found' if found else 'NOBODY found it'}", flush=True)
    for judge, titles in found.items():
        print(f"#   {judge}: {ids(titles)}", flush=True)
    return bool(found)


def main():
    copy_tree()
    results = [try_mutant(each) for each in mutant.chosen(MUTANTS, sys.argv[1:])]
    print(f"# {sum(results)} of {len(results)} found")
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
