# SPDX-License-Identifier: BSD-2-Clause
"""What the command queue's threads find out: a race, a command that is lost, a core that is kept out."""

RUNNER = "queue"

CMDQ = "drivers/smmuv3/cmdq.c"
EVTQ = "drivers/smmuv3/evtq.c"
GERROR = "drivers/smmuv3/gerror.c"

# Name, what history or rule it undoes, file, text, what stands there instead.
MUTANTS = [
    ("MUTANT_DOORBELL_WITHOUT_BARRIER", "C1-11", CMDQ,
     "\tarch_dma_wmb();\n\tarch_write32(smmu->regs + SMMU_CMDQ_PROD,", "\tarch_write32(smmu->regs + SMMU_CMDQ_PROD,"),
    ("MUTANT_NO_CORE_LETS_PASS", "CON-12", CMDQ,
     "if (smmu->starving && smmu->starving != me) {", "if (!me) {"),
    ("MUTANT_ERRORS_SERVED_WITHOUT_LOCK", "CON-14", GERROR,
     "\tuint32_t saved = lock(&smmu->cmdq_lock);\n\n\tsmmuv3_serve_gerror(smmu);\n\tunlock(&smmu->cmdq_lock, saved);",
     "\tsmmuv3_serve_gerror(smmu);"),
    ("MUTANT_REPAIR_NOT_PUBLISHED", "CON-14", GERROR, "\tsmmuv3_publish(smmu, entry, sizeof(*entry));\n", ""),
    ("MUTANT_RESUMED_COUNTED_WITHOUT_LOCK", "F-STALL", EVTQ,
     "\tif (aftermath->resume_count && smmu->cr0 & CR0_CMDQEN) {\n",
     "\tif (aftermath->resume_count) {\n\t\t*(volatile uint32_t *)&smmu->counts.resumed += 0;\n"),
    ("MUTANT_EVENTS_DRAINED_WITHOUT_LOCK", "EVQ-01", EVTQ,
     "\t\tif (smmu->evtq_published) {\n\t\t\tevtq_drain(smmu, &aftermath);\n\t\t}\n\t\tunlock(&smmu->evtq_lock, saved);",
     "\t\tbool published = smmu->evtq_published;\n\n\t\tunlock(&smmu->evtq_lock, saved);\n"
     "\t\tif (published) {\n\t\t\tevtq_drain(smmu, &aftermath);\n\t\t}"),
    ("MUTANT_RELAXED_LOOK_AT_WHAT_WAS_CONSUMED", "C.1-11", CMDQ,
     "return atomic_load_explicit(&smmu->consumed, memory_order_acquire);", "return atomic_load_explicit(&smmu->consumed, memory_order_relaxed);"),
    ("MUTANT_RELAXED_NOTE_OF_WHAT_WAS_CONSUMED", "C.1-11", CMDQ,
     "&smmu->consumed, &seen, now, memory_order_acq_rel,\n\t\t\t\t\t\t      memory_order_acquire)) {",
     "&smmu->consumed, &seen, now, memory_order_relaxed,\n\t\t\t\t\t\t      memory_order_relaxed)) {"),
]
