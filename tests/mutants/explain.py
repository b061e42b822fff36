# SPDX-License-Identifier: BSD-2-Clause
"""What explains an SMMU without one of its rules or bounds: the model on random structures, or a case by hand, has to see it."""

SANITIZED = True
PROGRAMS = ("explain", "explain_random")

READ = "drivers/explain/read.c"
STRTAB = "drivers/explain/strtab.c"
WALK = "drivers/explain/walk.c"
STAGE = "drivers/explain/stage.c"
STE = "drivers/explain/ste.c"
DESCRIPTOR = "drivers/explain/descriptor.c"
CD_RULES = "drivers/explain/cd_rules.c"
STE_RULES = "drivers/explain/ste_rules.c"
QUEUE = "drivers/explain/queue.c"
CHECK = "drivers/explain/check.c"
SMMU = "drivers/explain/smmu.c"

MUTANTS = [
    # --- Bounds. ---
    ("EXPLAIN_READS_BEYOND_THE_SMMU", "an SMMU cannot reach beyond its address size", "explain", READ, "address > low_bits(smmu->output_bits) ||", "false ||"),
    ("EXPLAIN_SCANS_WITHOUT_END", "a scan is bounded", "explain", STRTAB, "\tscan->left--;\n", ""),
    ("EXPLAIN_QUEUES_OF_ANY_SIZE", "a queue has at most 2^19 entries", "explain", QUEUE, "log2size < QUEUE_LOG2_MAX ? log2size : QUEUE_LOG2_MAX", "log2size < 24 ? log2size : 1"),
    ("EXPLAIN_FOLLOWS_LOOPS", "tables that loop are told", "explain", CHECK, "\tif (is_on_path(path, table)) {", "\tif (!table && is_on_path(path, table)) {"),
    ("EXPLAIN_CHECKS_WITHOUT_END", "a check is bounded", "explain", CHECK, "\t\tc->left--;\n\t\treturn true;", "\t\treturn true;"),
    # --- From a stream to its tables. ---
    ("EXPLAIN_SPAN_OF_ANY_SIZE", "Span is at most SPLIT + 1", "explain_random", STRTAB, "span && span <= shape->split + 1", "span && span < 32"),
    ("EXPLAIN_STRTAB_UNALIGNED", "the stream table is aligned to its size", "explain_random", STRTAB, ", 6) & ~low_bits(aligned);", ", 6);"),
    ("EXPLAIN_ILLEGAL_STES_PASS", "an ILLEGAL STE is C_BAD_STE", "explain_random", WALK, "\treturn !broken ||", "\treturn broken ||"),
    ("EXPLAIN_S1DSS_IGNORED", "S1DSS may skip stage 1", "explain_random", WALK, "\t\tw->stage1 = false;\n\t} else", "\t\tw->stage1 = true;\n\t} else"),
    ("EXPLAIN_CDS_UNTRANSLATED", "stage 2 translates a CD's address", "explain_random", STAGE, "\tif (w->stage2 && stage != 2) {", "\tif (w->stage2 && stage == 1) {"),
    ("EXPLAIN_PRIVCFG_IGNORED", "PRIVCFG makes accesses privileged", "explain_random", WALK, "\tif (privilege >= STE1_CFG_CLEAR) {", "\tif (privilege > STE1_CFG_SET) {"),
    ("EXPLAIN_ALL_IS_RECORDED", "CD.R and STE.S2R say whether an event is recorded", "explain_random", WALK, "r->is_stalled || w->cd[0] & CD0_R", "true"),
    # --- Levels. ---
    ("EXPLAIN_ROOT_UNALIGNED", "a root is aligned to its size", "explain_random", DESCRIPTOR, "\t\ttable &= ~low_bits(bits + 3);\n", ""),
    ("EXPLAIN_BLOCKS_ANYWHERE", "a block is reserved at most levels", "explain_random", DESCRIPTOR, "return is_block_level(stage, level) ? DESCRIPTOR_IS_LEAF : DESCRIPTOR_IS_RESERVED;", "return DESCRIPTOR_IS_LEAF;"),
    ("EXPLAIN_APTABLE_IGNORED", "tables take permissions away", "explain_random", DESCRIPTOR, "\tabove->no_write |= (bool)(descriptor & TABLE_READ_ONLY);\n", ""),
    ("EXPLAIN_AF_IGNORED", "AF == 0 is F_ACCESS", "explain_random", STAGE, "if (stage->access_flag_faults && !leaf->has_access_flag) {", "if (stage->access_flag_faults && leaf->bits > 60) {"),
    ("EXPLAIN_TBI_IGNORED", "with TBI the top byte is no address", "explain_random", STAGE, "\tif (!(w->cd[0] & (upper ? CD0_TBI1 : CD0_TBI0))) {", "\tif (w) {"),
    ("EXPLAIN_OUTPUTS_OF_ANY_SIZE", "what is beyond IPS is F_ADDR_SIZE", "explain_random", STAGE, "\tif (leaf->output > low_bits(stage->output_bits)) {", "\tif (leaf->output > low_bits(60)) {"),
    ("EXPLAIN_DS_IGNORED", "LPA2 has other places for bits 51:50", "explain", DESCRIPTOR, "return address | (descriptor >> 8 & 3) << 50;", "return address;"),
    ("EXPLAIN_64K_LOW_BITS_IGNORED", "with 64 KiB bits 51:48 are 15:12", "explain", DESCRIPTOR, "\t\taddress |= (descriptor >> 12 & 0xf) << 48;\n", ""),
    ("EXPLAIN_BIG_ENDIAN_IGNORED", "tables may be big-endian", "explain", STAGE, "\tif (stage->is_big_endian) {", "\tif (stage->is_big_endian && level > 3) {"),
    ("EXPLAIN_AARCH32_HALVES", "T1SZ chooses the half", "explain", STAGE, "\tif (upper.input_bits < 32) {", "\tif (upper.input_bits < 8) {"),
    # --- Rules. ---
    ("EXPLAIN_T0SZ_OF_ANY_SIZE", "T0SZ has a range", "explain", CD_RULES, "(tsz < least || tsz > most)", "tsz < least"),
    ("EXPLAIN_S2SL0_OF_ANY_LEVEL", "S2SL0 goes with S2T0SZ", "explain_random", STE_RULES, "stage.input_bits <= below ||", ""),
    ("EXPLAIN_VMID_OF_ANY_SIZE", "VMIDs may have 8 bits", "explain_random", STE_RULES, "\t       !IDR(smmu, 0, VMID16) && FIELD_GET64(STE2_S2VMID, ste[2]) > 0xff;", "\t       !IDR(smmu, 0, VMID16) && FIELD_GET64(STE2_S2VMID, ste[2]) > 0xffff;"),
    ("EXPLAIN_ASIDS_MAY_BE_SHARED", "an ASID has one table", "explain", CHECK, "\t\tif (old->root == new->root) {\n\t\t\treturn false;", "\t\tif (old->number) {\n\t\t\treturn false;"),
    # --- Lists and words. ---
    ("EXPLAIN_OLD_ENTRIES_WAIT", "what is behind CONS has been taken", "explain", QUEUE, "i >= mask + 1 - pending", "i >= 0 * pending"),
    ("EXPLAIN_RUNS_OF_ALL", "streams of one run say the same", "explain", STRTAB, "config_of(a->ste) == config_of(b->ste)", "config_of(a->ste) != 9"),
    ("EXPLAIN_NO_ERROR_CODE", "CMDQ_CONS.ERR says what is wrong", "explain", SMMU, "\tif (errors[i].bit == GERROR_CMDQ_ERR &&", "\tif (!errors[i].bit &&"),
    ("EXPLAIN_ASSUMES_NOTHING", "without ID registers all is taken to be there", "explain", SMMU, "\tassume_ids(smmu);\n", ""),
]
