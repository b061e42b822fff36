# SPDX-License-Identifier: BSD-2-Clause
"""The SMMU's driver without one of its rules, many times over: the host tests must find each mutant out.

A mutant is a change of the real source, applied to a copy. The changed file alone is compiled; each program is linked with it in front of the archive of the others, so that it takes
the place of the original. The program that is expected to find it out runs first. A mutant that survives all of them,
or whose text is no longer in the source, fails the build.

    driver.py HOST OUT PROGRAM... [-- NAME...]      HOST: where the host tests were built; PROGRAM: their objects there
"""
import functools
import os
import re
import subprocess
import sys

import mutant

SMMUV3 = "drivers/smmuv3/"
PGTABLE = "drivers/pgtable/"
ACCESS = SMMUV3 + "access.c"
CD = SMMUV3 + "cd.c"
CMDQ = SMMUV3 + "cmdq.c"
DOMAIN = SMMUV3 + "domain.c"
EVTQ = SMMUV3 + "evtq.c"
GERROR = SMMUV3 + "gerror.c"
PROVOKE = SMMUV3 + "provoke.c"
QUEUE = SMMUV3 + "queue.c"
RESET = SMMUV3 + "reset.c"
SMMU = SMMUV3 + "smmuv3.c"
STE = SMMUV3 + "ste.c"
STORM = SMMUV3 + "storm.c"
STRTAB = SMMUV3 + "strtab.c"
TLBI = SMMUV3 + "tlbi.c"
UPDATE = SMMUV3 + "update.c"
TABLE = PGTABLE + "pgtable.c"
DESCRIPTOR = PGTABLE + "descriptor.c"
MAP = PGTABLE + "map.c"
UNMAP = PGTABLE + "unmap.c"

HOOK_LEVEL2 = ("\tif (*descriptor) {\n"
               "\t\tmemcpy(level2, level2_of(*descriptor), span_entries(*descriptor) * STE_BYTES);\n"
               "\t\tsmmuv3_publish(smmu, level2, size);\n\t}\n")
HOOK_DESCRIPTOR = ("\t/* Contents first, then the pointer. */\n"
                   "\tstore64(descriptor, arch_phys(level2) | FIELD_PUT64(STRTAB_L1_SPAN, log2 + 1));\n"
                   "\tsmmuv3_publish(smmu, descriptor, sizeof(*descriptor));\n")

# Name, what rule or test it undoes, which program finds it out, file, text, what stands there instead.
MUTANTS = [
    # --- Registers. ---
    ("REFUSED_WRITE_IS_MADE", "REG-14", "test_guards", ACCESS,
     "\t\treturn refuse(smmu, offset, name, value, \"what", "\t\t(void)refuse(smmu, offset, name, value, \"what"),
    ("GUARD_IGNORES_ENABLES", "REG-14", "test_guards", ACCESS,
     "(smmu->cr0 & guards[i].enables ||", "(!smmu->cr0 ||"),
    ("GUARD_IGNORES_INTERRUPTS", "REG-14", "test_guards", ACCESS, " || smmu->irq_ctrl & guards[i].interrupts))", "))"),
    ("IRQ_CTRL_SHADOW_CLEARED", "REG-14", "test_guards", ACCESS, "smmu->irq_ctrl = error ? smmu->irq_ctrl : value;",
     "smmu->irq_ctrl = 0;"),
    ("FOLDED_PAGE_1_UNGUARDED", "REG-14", "test_guards", ACCESS,
     "\t{SMMU_EVENTQ_PROD % SMMU_PAGE_SIZE, CR0_EVENTQEN, 0, \"EVENTQ_PROD\"},\n", ""),
    ("MESSAGES_STAY_ON", "REG-11", "test_guards", SMMUV3 + "smmuv3.c", "error = turn_messages_off(smmu);",
     "error = smmu->broken ? turn_messages_off(smmu) : 0;"),
    ("BASE_ALIGNMENT_UNCHECKED", "REG-13", "test_guards", ACCESS, "if (address & (size - 1)) {", "if (!size) {"),
    ("CR0_SHADOW_LATE", "REG-14", "test_guards", ACCESS, "\tsmmu->cr0 |= value;\n", ""),
    ("CR0_SHADOW_NEVER_CLEARED", "REG-14", "test_guards", ACCESS, "\t\tsmmu->cr0 = value;\n", ""),
    ("CR0_SHADOW_KEEPS_WHAT_WAS_REFUSED", "REG-03", "test_guards", ACCESS, "\t\tsmmu->cr0 = before;\n", ""),
    ("CR0_UNIMPLEMENTED_BIT_SET", "REG-03", "test_guards", ACCESS,
     "if (offset == SMMU_CR0 && value & ~CR0_IMPLEMENTED) {", "if (!offset && value & ~CR0_IMPLEMENTED) {"),
    ("CR0_NOT_WAITED_FOR", "REG-01", "test_guards", ACCESS,
     "\terror = smmuv3_wait(smmu, \"CR0ACK\", SMMU_CR0ACK, CR0_IMPLEMENTED, value);", "\terror = 0;"),
    ("ENTRY_OF_A_BROKEN_QUEUE_IS_WELL", "CMQ-09", "test_domains", STRTAB, "smmu->enabled && !smmuv3_has_invalidated(smmu) ? -EIO : 0", "0"),
    ("REFUSED_INVALIDATION_IS_FORGOTTEN", "CMQ-06", "test_domains", GERROR, "\t\tsmmu->lost_commands = true;\n", ""),
    ("FAILED_PAUSE_COUNTS_AS_OFF", "REG-01", "test_domains", RESET, "\t\tsmmu->enabled = enabled;\n", ""),
    ("NO_LAST_LOOK", "REG-02", "test_guards", "drivers/base/deadline.c", "\treturn passed;\n", "\treturn deadline->last_look;\n"),
    ("NO_ABORT_BEFORE_SMMUEN_FALLS", "C1-2", "test_smmuv3", RESET,
     "would let everything bypass. */\n\tint error = set_gbpa_abort(smmu);",
     "would let everything bypass. */\n\tint error = 0;"),
    ("GBPA_FIELDS_LOST", "REG-07", "test_smmuv3", RESET, "(value & ~clear) | set | GBPA_UPDATE",
     "(value & 0) | set | GBPA_UPDATE"),
    ("NO_CFGI_ALL", "REG-05", "test_ste", SMMU, "\tcommands[count++] = smmuv3_command_cfgi_all();\n", ""),
    ("NO_TLBI_OF_EVERYTHING", "REG-05", "test_ste", SMMU,
     "\tcommands[count++] = smmuv3_command_tlbi_all(CMD_TLBI_NSNH_ALL);\n", ""),
    ("NO_TLBI_OF_EL2", "C1-5", "test_ste", SMMU, "if (smmu->features.hyp) {", "if (!smmu) {"),
    # --- Stream table and context descriptors. ---
    ("NO_CFGI", "STE-16", "test_ste", STRTAB, "return smmu->enabled ? smmuv3_issue(smmu, &cfgi, 1) : 0;",
     "return 0 * (int)cfgi.dword[0];"),
    ("CFGI_OF_ANOTHER_STREAM", "STE-16", "test_ste", STRTAB,
     "struct command cfgi = smmuv3_command_cfgi_ste(sid);", "struct command cfgi = smmuv3_command_cfgi_ste(sid ^ 1);"),
    ("POINTER_BEFORE_COPY", "STE-14", "test_ste", STRTAB, HOOK_LEVEL2 + HOOK_DESCRIPTOR,
     "\tuint64_t old = *descriptor;\n" + HOOK_DESCRIPTOR + HOOK_LEVEL2.replace("*descriptor", "old")),
    ("BLANKS_NOT_PUBLISHED", "STE-14", "test_ste", STRTAB, "\t\tsmmuv3_publish(smmu, entries, count * STE_BYTES);\n", ""),
    ("COPY_NOT_PUBLISHED", "STE-14", "test_ste", STRTAB, "\t\tsmmuv3_publish(smmu, level2, size);\n", ""),
    ("COPY_FORGOTTEN", "STE-14", "test_ste", STRTAB,
     "\t\tmemcpy(level2, level2_of(*descriptor), span_entries(*descriptor) * STE_BYTES);\n", ""),
    ("NOTHING_BEHIND_A_SPAN", "STE-15", "test_smmuv3", STRTAB, "log2 < smmu->table.split ? 2U << log2 : 1U << log2", "1U << log2"),
    ("SPAN_TOO_SMALL", "STE-15", "test_ste", STRTAB, "FIELD_PUT64(STRTAB_L1_SPAN, log2 + 1)",
     "FIELD_PUT64(STRTAB_L1_SPAN, log2 + !log2)"),
    ("ROOM_BEYOND_THE_TABLE", "STE-22", "test_ste", STRTAB, "\tif (sid >> smmu->table.log2size) {\n\t\treturn -ERANGE;",
     "\tif (!smmu) {\n\t\treturn -ERANGE;"),
    ("GROWN_PART_NOT_INVALIDATED", "STE-14", "test_ste", STRTAB,
     "\t\t\terror = invalidate_stream(smmu, sid);", "\t\t\terror = 0;"),
    ("V_FIRST", "STE-17", "test_ste", UPDATE,
     "error = set(update, entry, filled, 1, STE_DWORDS);\n\treturn error ? error : set(update, entry, target, 0, 1);",
     "error = set(update, entry, target, 0, 1);\n\treturn error ? error : set(update, entry, filled, 1, STE_DWORDS);"),
    ("V_WITH_THE_OTHERS", "STE-10", "test_ste", UPDATE,
     "error = set(update, entry, filled, 1, STE_DWORDS);\n\treturn error ? error : set(update, entry, target, 0, 1);",
     "filled[0] = target[0];\n\terror = set(update, entry, filled, 0, STE_DWORDS);\n\treturn error;"),
    ("BREAK_BEFORE_MAKE_SKIPPED", "STE-11", "test_ste", UPDATE, "if (images.critical > 1) {",
     "if (images.critical > STE_DWORDS) {"),
    ("ALWAYS_BROKEN", "STE-01", "test_ste", UPDATE, "if (images.critical > 1) {", "if (images.critical) {"),
    ("UNUSED_BITS_NOT_PREPARED", "STE-01", "test_ste", UPDATE,
     "error = set(update, entry, images->prepared, 0, STE_DWORDS);", "error = 0;"),
    ("NOTHING_IS_SAFE", "C1-8", "test_ste", UPDATE, "if (update->safe) {", "if (!update) {"),
    ("FAILED_STEP_GOES_ON", "C1-8", "test_ste", UPDATE,
     "return error ? error : fill_and_make(update, entry, target);\n}\n\nint",
     "return fill_and_make(update, entry, target) + error;\n}\n\nint"),
    ("STAGE_2_BITS_NOT_USED", "STE-01", "test_ste", STE, "\t\tused[2] = ~0ULL;\n", ""),
    ("STAGE_1_BITS_NOT_USED", "STE-01", "test_ste", STE, "\t\tused[1] |= STE1_USED_S1;\n", ""),
    ("STALLING_NOT_TURNED_OFF", "C1-8", "test_ste", STE,
     "smmu->features.stall_model == IDR0_STALL_MODEL_BOTH", "smmu->features.stall_model == IDR0_STALL_MODEL_FORCED"),
    ("STAGE_2_DOES_NOT_STALL", "F-STALL", "test_ste", STE, "\t\tste->dword[2] |= STE2_S2S;\n", ""),
    ("S2PS_WRONG", "STE-20", "test_domains", STE,
     "FIELD_PUT64(STE2_S2PS, smmuv3_output_code(domain->table.format.output_bits))", "FIELD_PUT64(STE2_S2PS, 0)"),
    ("IPS_TOO_LARGE", "STE-20", "test_ste", CD, "bits[code] < output_bits", "bits[code] <= output_bits"),
    ("CD_IS_NOT_RECORDED", "F-R0", "test_ste", CD, "CD0_AA64 | CD0_R | CD0_A |", "CD0_AA64 | CD0_A |"),
    ("CD_WITH_SHARED_ASID", "STE-20", "test_ste", CD, "\t\t       CD0_ASET | FIELD_PUT64", "\t\t       FIELD_PUT64"),
    ("CD_STAYS_VALID", "STE-17", "test_smmuv3", CD, "\tstore64(&smmu->cd[asid].dword[0], 0);\n", ""),
    # --- Domains and TLBs. ---
    ("NO_TLBI_ON_UNMAP", "MAP-04", "test_tlbi", DOMAIN, "\terror = invalidate(smmu, commands, count);",
     "\terror = 0 * (int)count;"),
    ("RECLAIMED_BEFORE_THE_INVALIDATION", "C1-18", "test_domains", DOMAIN,
     "\terror = invalidate(smmu, commands, count);",
     "\tpgtable_reclaim(&domain->table);\n\terror = invalidate(smmu, commands, count);"),
    ("RECLAIMED_ALTHOUGH_IT_FAILED", "C1-18", "test_domains", DOMAIN,
     "\tif (!error) {\n\t\t/* Tables that were cut off", "\tif (count) {\n\t\t/* Tables that were cut off"),
    ("LEAF_ALTHOUGH_A_TABLE_WAS_CUT", "C1-18", "test_tlbi", DOMAIN, "!pgtable_has_retired(&domain->table)", "true"),
    ("WRONG_ASID", "MAP-05", "test_tlbi", TLBI,
     "unsigned int asid = domain->kind == SMMUV3_STAGE2 ? 0 : domain->asid;",
     "unsigned int asid = domain->kind == SMMUV3_STAGE2 ? 0 : domain->asid + 1;"),
    ("STAGE_2_WITH_VMID_0", "STE-21", "test_ste", DOMAIN, "smmuv3_ids_take(&smmu->vmids, 1)",
     "smmuv3_ids_take(&smmu->vmids, 0)"),
    ("NESTED_WITHOUT_ITS_PARENTS_VMID", "MAP-05", "test_tlbi", DOMAIN,
     "return domain->kind == SMMUV3_NESTED ? domain->parent->vmid : domain->vmid;", "return domain->vmid;"),
    ("NOT_FLUSHED_BEFORE_REUSE", "MAP-06", "test_domains", DOMAIN,
     "\treturn invalidate(smmu, &tlbi, 1);",
     "return 0 * (int)tlbi.dword[0];"),
    ("GIVEN_BACK_ALTHOUGH_NOT_FLUSHED", "MAP-06", "test_domains", DOMAIN,
     "\tif (flush(smmu, domain)) {\n\t\treturn;\n\t}\n", "\t(void)flush(smmu, domain);\n"),
    ("TAGS_OF_A_DOMAIN_THAT_WAS_NOT_MADE", "MAP-09", "test_domains", DOMAIN,
     "\t\tput_domain(smmu, domain);\n\t\treturn error;", "\t\treturn error;"),
    ("CHILDREN_BY_ADDRESS", "C1-18", "test_tlbi", TLBI,
     "if (domain->kind == SMMUV3_STAGE2 && domain->has_children) {", "if (!domain) {"),
    ("CHILDREN_NOT_NOTED", "C1-18", "test_tlbi", DOMAIN, "\t\tdomain->parent->has_children = true;", "\t\t;"),
    ("PARENT_OF_ANOTHER_INSTANCE", "ISO-03", "test_domains", DOMAIN,
     "config->parent->domain.iommu != &smmu->iommu", "!config->parent->domain.iommu"),
    ("GRANULE_UNCHECKED", "DIS-06", "test_domains", DOMAIN,
     "return (stage1 || stage2) && !has_granule(smmu, config->granule_bits) ? -ENOTSUP : 0;",
     "return 0 * has_granule(smmu, config->granule_bits);"),
    ("NESTED_IN_SPITE_OF_AN_ERRATUM", "DIS-08", "test_domains", DOMAIN,
     "config->kind == SMMUV3_NESTED && smmu->errata_effects & SMMUV3_ERRATA_NO_NESTING", "!config"),
    ("STAGE_2_OF_52_BITS", "STE-20", "test_domains", DOMAIN,
     "config->granule_bits == 16 && config->kind != SMMUV3_STAGE2", "config->granule_bits == 16"),
    ("CHILD_BEYOND_ITS_PARENT", "STE-20", "test_domains", DOMAIN,
     "config->kind == SMMUV3_NESTED && config->parent->table.format.input_bits < output ?", "!config ?"),
    ("TABLES_NOT_SHARED_WHOLE", "STE-14", "test_domains", DOMAIN,
     "smmuv3_domain_map(&parent->domain, first, first, size, PGTABLE_READ)",
     "smmuv3_domain_map(&parent->domain, first, first, 0x1000, PGTABLE_READ)"),
    ("TABLES_SHARED_FOR_WRITES", "ISO-06", "test_domains", DOMAIN,
     "smmuv3_domain_map(&parent->domain, first, first, size, PGTABLE_READ)",
     "smmuv3_domain_map(&parent->domain, first, first, size, PGTABLE_READ | PGTABLE_WRITE)"),
    ("RANGE_ROUNDED_DOWN", "CMQ-15", "test_tlbi", TLBI, "(granules + (1U << scale) - 1) >> scale", "granules >> scale"),
    ("RANGE_NUM_OFF_BY_ONE", "CMQ-15", "test_tlbi", TLBI, ">> scale) - 1, scale);", ">> scale) - 2, scale);"),
    ("ONE_PAGE_AS_A_RANGE", "CMQ-15", "test_tlbi", TLBI, "features.range_invalidation && granules > 1) {",
     "features.range_invalidation) {"),
    ("RANGE_SCALE_TOO_LARGE", "CMQ-15", "test_tlbi", TLBI, "if (scale > SCALE_MAX) {", "if (scale > 31) {"),
    ("STEP_OF_4_KIB", "CMQ-15", "test_tlbi", TLBI, "((uint64_t)count << granule_bits)", "((uint64_t)count << 12)"),
    # --- The command queue. ---
    ("DOORBELL_BEFORE_THE_BARRIER", "C1-11", "test_smmuv3", CMDQ,
     "\tarch_dma_wmb();\n\tarch_write32(smmu->regs + SMMU_CMDQ_PROD, position & smmu->command_mask);\n",
     "\tarch_write32(smmu->regs + SMMU_CMDQ_PROD, position & smmu->command_mask);\n\tarch_dma_wmb();\n"),
    ("WRAP_BIT_WRONG", "CMQ-01", "test_queue", QUEUE, "return (2U << queue->log2) - 1;",
     "return (1U << queue->log2) - 1;"),
    ("ROOM_UNCHECKED", "CMQ-02", "test_queue", CMDQ, "smmu->starving = has_room(smmu, count) ? 0 : me;",
     "smmu->starving = has_room(smmu, 0) ? 0 : me;"),
    ("ROOM_WITHOUT_THE_SYNC", "CMQ-03", "test_queue", CMDQ, "may_go(smmu, count + 1)", "may_go(smmu, count)"),
    ("BATCH_WITHOUT_THE_SYNC", "CMQ-03", "test_queue", CMDQ, "(1U << smmu->cmdq.log2) - 1; /* One",
     "1U << smmu->cmdq.log2; /* One"),
    ("STARVING_CORE_IS_OVERTAKEN", "CON-12", "test_queue", CMDQ, "if (smmu->starving && smmu->starving != me) {",
     "if (!me) {"),
    ("ERROR_BITS_IN_THE_INDEX", "CMQ-04", "test_queue", CMDQ,
     "- seen) & smmu->command_mask;", "- seen) & (smmu->command_mask | 0x7f000000U);"),
    ("CONSUMER_MAY_RUN_AHEAD", "CMQ-09", "test_queue", CMDQ, "if (passed > smmu->command_mask / 2 + 1) {",
     "if (passed > 8U << smmu->cmdq.log2) {"),
    ("SYNC_NOT_WAITED_FOR", "C1-11", "test_queue", CMDQ, "return is_before(smmuv3_commands_consumed(smmu), (uint32_t)end) ? wait_consumed(smmu, (uint32_t)end) : 0;",
     "return 0 * wait_consumed(smmu, (uint32_t)end - 1);"),
    ("SYNC_NOT_FORCED", "CMQ-11", "test_smmuv3", CMDQ,
     "bool forced = smmu->errata_effects & SMMUV3_ERRATA_FORCE_SYNC;", "bool forced = false;"),
    # --- Errors and events. ---
    ("ACKNOWLEDGED_WITHOUT_REPAIR", "CMQ-06", "test_provoke", GERROR, "\trepair_command(smmu, consumer);",
     "\t(void)repair_command;"),
    ("REFUSED_IN_SECRET", "CMQ-05", "test_queue", GERROR, "smmu->counts.unprovoked += !smmu->provoked;", ""),
    ("REPAIRED_FOR_EVER", "CMQ-05", "test_queue", GERROR, "if (smmu->error_streak > ERRORS_MAX) {",
     "if (smmu->error_streak > 1000 * ERRORS_MAX) {"),
    ("RECORD_MEANWHILE_FORGOTTEN", "EVQ-09", "test_storm", EVTQ,
     "(producer & smmuv3_queue_mask(&smmu->evtq)) != smmu->evtq.consumer;", "smmu->evtq.consumer != end;"),
    ("EVENTS_WITHOUT_END", "EVQ-09", "test_storm", EVTQ, "&& ++turns < TURNS_MAX", "&& ++turns"),
    ("RESUMED_WITHOUT_A_QUEUE", "F-STALL", "test_storm", EVTQ, " && smmu->cr0 & CR0_CMDQEN", ""),
    ("NOWHERE_BEYOND_THE_TABLES", "F-WALK", "test_provoke", PROVOKE,
     "return nowhere & (BIT64(domain->table.format.output_bits) - 1);", "(void)domain;\n\treturn nowhere;"),
    ("REPAIR_NOT_PUBLISHED", "CMQ-05", "test_smmuv3", GERROR, "\tsmmuv3_publish(smmu, entry, sizeof(*entry));\n", ""),
    ("INACTIVE_ERROR_TOGGLED", "GER-01", "test_provoke", GERROR, "gerror ^ (active & GERROR_SFM_ERR)",
     "gerror ^ (active & GERROR_SFM_ERR) ^ (~active & GERROR_PRIQ_ABT_ERR)"),
    ("SERVICE_FAILURE_ACKNOWLEDGED", "GER-05", "test_smmuv3", GERROR, "gerror ^ (active & GERROR_SFM_ERR)", "gerror"),
    ("OVACKFLG_NOT_COPIED", "EVQ-05", "test_smmuv3", EVTQ, "smmu->evtq.consumer | (producer & EVENTQ_OVERFLOW)",
     "smmu->evtq.consumer | (producer & 0)"),
    ("OVERFLOW_NOT_ACKNOWLEDGED_ON_AN_EMPTY_QUEUE", "EVQ-04", "test_smmuv3", EVTQ,
     "if (end == smmu->evtq.consumer && !overflow) {", "if (end == smmu->evtq.consumer) {"),
    ("CONSUMED_BEFORE_IT_WAS_READ", "EVQ-01", "test_smmuv3", EVTQ,
     "\tarch_dsb();\n\twrite_consumer(smmu, producer);", "\twrite_consumer(smmu, producer);\n\tarch_dsb();"),
    ("RECORDS_BEFORE_THE_PRODUCER", "EVQ-06", "test_smmuv3", EVTQ, "\tarch_dma_rmb();\n", ""),
    ("RECORDS_FROM_THE_CACHE", "EVQ-06", "test_smmuv3", EVTQ,
     "\t\tarch_cache_clean_invalidate(entry, sizeof(*entry));\n", "\t\t;\n"),
    ("STALL_NOT_RESUMED", "F-STALL", "test_storm", EVTQ,
     "\t\t(void)smmuv3_issue(smmu, aftermath->resume, aftermath->resume_count);\n", ""),
    ("STALLS_BEYOND_A_BATCH_FORGOTTEN", "F-STALL", "test_storm", EVTQ, "(producer & smmuv3_queue_mask(&smmu->evtq)) != smmu->evtq.consumer;",
     "false;"),
    ("RESUMED_WITHOUT_AN_ABORT", "F-STALL", "test_storm", SMMUV3 + "command.c", " | CMD0_RESUME_ABORT;", ";"),
    ("EVERYTHING_STALLS", "F-STALL", "test_storm", SMMUV3 + "event.c",
     "is_translation_fault(event->code) && record->dword[1] & EVENT1_STALL", "record->dword[1] & EVENT1_STALL"),
    ("STORM_NEVER", "EVQ-10", "test_storm", STORM, "return storm->stream[place].count == SMMUV3_STORM_EVENTS;", "return false;"),
    ("STORM_AGAIN_AND_AGAIN", "EVQ-10", "test_storm", STORM,
     "return storm->stream[place].count == SMMUV3_STORM_EVENTS;",
     "return storm->stream[place].count >= SMMUV3_STORM_EVENTS;"),
    ("STORM_WITHOUT_A_WINDOW", "EVQ-10", "test_storm", STORM, "now - storm->stream[i].began > arch_tick_hz()", "!arch_tick_hz()"),
    ("STORM_OF_ANYBODY", "ISO-09", "test_storm", STORM,
     "storm->stream[i].count && storm->stream[i].sid == sid", "storm->stream[i].count"),
    ("EVENT_QUEUE_TOO_LARGE", "EVQ-03", "test_provoke", PROVOKE, "if (log2 > smmu->features.evtq_log2) {",
     "if (!smmu) {"),
    ("EVENTS_PUBLISHED_IN_SPITE_OF_AN_ERROR", "REG-11", "test_provoke", PROVOKE,
     "smmuv3_publish_events(smmu, !error);", "smmuv3_publish_events(smmu, true);"),
    ("QUEUE_PUT_BACK_WITHOUT_ITS_ENABLE", "CMQ-07", "test_provoke", PROVOKE,
     "uint32_t enabled = smmu->cr0 | CR0_CMDQEN;", "uint32_t enabled = smmu->cr0;"),
    ("OLD_ERROR_LEFT_TO_THE_NEW_QUEUE", "CMQ-07", "test_provoke", PROVOKE, "\tacknowledge(smmu, GERROR_CMDQ_ERR);",
     "\t(void)acknowledge;"),
    # --- Translation tables. ---
    ("T0SZ_WRONG", "STE-20", "test_domains", TABLE, "return 64 - table->format.input_bits;",
     "return 63 - table->format.input_bits;"),
    ("TG_WRONG", "STE-20", "test_domains", TABLE, "return table->format.granule_bits == 16 ? 1 : 2;",
     "return table->format.granule_bits == 16 ? 2 : 1;"),
    ("S2SL0_WRONG", "STE-20", "test_domains", TABLE, "(table->format.granule_bits == 12 ? 2 : 3) - pgtable",
     "3 - pgtable"),
    ("CONCATENATION_BEYOND_16", "MAP-12", "test_pgtable", TABLE, "#define CONCATENATION_LOG2_MAX 4",
     "#define CONCATENATION_LOG2_MAX 5"),
    ("BLOCK_TOO_LARGE", "MAP-02", "test_pgtable", TABLE, "return granule_bits == 12 ? 30 : 2 * granule_bits - 3;",
     "return granule_bits == 12 ? 39 : 2 * granule_bits - 3;"),
    ("BLOCK_OF_16_KIB_OFF", "MAP-02", "test_pgtable", TABLE, "return granule_bits == 12 ? 30 : 2 * granule_bits - 3;",
     "return granule_bits == 12 ? 30 : granule_bits;"),
    ("EIGHTS_HIDE_WHAT_IS_MAPPED", "C1-18", "test_pgtable", TABLE, " | (uint32_t)entry[7];", ";"),
    ("EIGHTS_HIDE_A_HOLE", "MAP-02", "test_pgtable", TABLE, " & (uint32_t)entry[7];", ";"),
    ("EIGHTS_TAKE_A_TABLE_FOR_A_BLOCK", "MAP-02", "test_pgtable", TABLE, "(any & DESCRIPTOR_TYPE_MASK & ~type) || (", "("),
    ("OVERMAP_ACCEPTED", "C1-18", "test_pgtable", MAP, " || descriptor_type(*place.entry) != DESCRIPTOR_INVALID) {",
     ") {"),
    ("UNDO_FORGOTTEN", "MAP-09", "test_pgtable", MAP, "\t\tpgtable_free_list(table, &stock);\n\t\treturn error;",
     "\t\treturn error;"),
    ("CONTIGUOUS_PARTIAL_GROUP", "MAP-02", "test_pgtable", MAP, "inside = (run->count - before) & ~(group - 1);",
     "inside = run->count - before;"),
    ("CONTIGUOUS_ALTHOUGH_MISALIGNED", "MAP-02", "test_pgtable", MAP,
     "} else if ((index ^ (unsigned int)(mapping->pa >> run->shift)) & (group - 1)) {", "} else if (!group) {"),
    ("HOOKED_BEFORE_IT_IS_FILLED", "C1-9", "test_pgtable", MAP,
     "\tarch_dma_wmb();\n\tstore64(run->place.entry,", "\tstore64(run->place.entry,"),
    ("OUTPUT_UNCHECKED", "MAP-12", "test_pgtable", MAP, " || !is_output(table, pa, size)) {", ") {"),
    ("READ_ONLY_IS_WRITABLE", "MAP-07", "test_pgtable", DESCRIPTOR,
     "\tattributes |= flags & PGTABLE_WRITE ? 0 : S1_AP_READ_ONLY;\n", ""),
    ("STAGE_2_READ_ONLY_IS_WRITABLE", "MAP-07", "test_pgtable", DESCRIPTOR, "(flags & PGTABLE_WRITE ? S2_AP_WRITE : 0)",
     "S2_AP_WRITE"),
    ("GLOBAL_LEAVES", "MAP-05", "test_pgtable", DESCRIPTOR, "LEAF_SH_INNER | LEAF_AF | S1_NOT_GLOBAL",
     "LEAF_SH_INNER | LEAF_AF"),
    ("GROUP_CUT_IN_TWO", "MAP-08", "test_pgtable", UNMAP,
     "return cuts_group(table, range->iova, place, *count) ? -EINVAL : 0;", "return 0;"),
    ("HOLE_UNMAPPED", "MAP-03", "test_pgtable", UNMAP,
     "\tif (type == DESCRIPTOR_INVALID) {\n\t\treturn -ENOENT;\n\t}\n", ""),
    ("PART_OF_A_BLOCK_TAKES_ALL", "MAP-08", "test_pgtable", UNMAP,
     " || (uint32_t)iova & (BIT32(place.shift) - 1)) {", ") {"),
    ("TABLES_BELOW_A_TABLE_LOST", "MAP-09", "test_pgtable", UNMAP,
     "\t\t\tretire(table, pgtable_below(*entry), shift - pgtable_stride(table));\n", "\t\t\t;\n"),
]

SECONDS = 100  # A mutant that hangs has been found out, too, but not by a test.


def program_name(program):
    return os.path.basename(program).removesuffix(".c.o")


def run(place):
    """Who found it out, or None."""
    environment = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"}
    try:
        done = subprocess.run([place], capture_output=True, check=False, timeout=SECONDS, env=environment)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode == 0:
        return None
    failed = re.search(r"^not ok \d+ - (\S+)", done.stdout.decode(errors="replace"), re.M)
    return failed.group(1) if failed else "it crashed"


def try_mutant(host, out, programs, changed):
    """Who killed it, or None."""
    name, _, first = changed[:3]
    own = mutant.compile_changed(out, changed)
    archives = [os.path.join(host, each) for each in ("libdrivers.a", "libmodel.a")]
    for program in sorted(programs, key=lambda each: program_name(each) != first):
        place = os.path.join(out, f"{name}.{program_name(program)}")
        by = run(mutant.link(name, place, [own, program, *archives, "-lfdt", "-lcmocka"]))
        os.remove(place)
        if by:
            return f"{program_name(program)}: {by}"
    return None


def main():
    arguments = sys.argv[1:]
    names = arguments[arguments.index("--") + 1:] if "--" in arguments else []
    host, out, *programs = arguments[:arguments.index("--")] if "--" in arguments else arguments
    return mutant.try_all(mutant.chosen(MUTANTS, names), out, functools.partial(try_mutant, host, out, programs))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        sys.exit(f"driver.py: {error}")
