# SPDX-License-Identifier: BSD-2-Clause
"""The checks without one of the things they look at: tests/checks lies about each, and has to see that it went unnoticed."""

PROGRAMS = ("checks/prove", "checks/observe", "checks/provoke", "checks/instances", "checks/soak", "checks/machines", "checks/compare", "checks")

CHECKS = "drivers/checks/"
ATTEND = CHECKS + "attend.c"
CHECK = CHECKS + "check.c"
FOOTPRINT = CHECKS + "footprint.c"
HANDOVER = CHECKS + "handover.c"
COMPARE = CHECKS + "compare.c"
ADVICE = CHECKS + "advice.c"
VERDICT = CHECKS + "verdict.c"
REGISTERS = "drivers/smmuv3/footprint.c"

MUTANTS = [
    # --- One finding. ---
    ("SKIP_IS_A_PASS", "what is counted", "checks", CHECK, "\t\ttally->checks_skipped++;", "\t\ttally->checks_passed++;"),
    ("FAIL_IS_NOT_COUNTED", "what is counted", "checks/prove", CHECK, "\t\ttally->checks_failed++;\n", ""),
    ("ANY_TRANSLATE_COUNTS", "what is counted", "checks", CHECK, "result == CHECK_PASS && !strcmp", "!strcmp"),
    ("ANY_PASS_IS_A_TRANSLATE", "what is counted", "checks", CHECK, "result == CHECK_PASS && !strcmp(check, \"translate\")", "result == CHECK_PASS"),
    # --- A registration that touches another instance. ---
    ("FOOTPRINT_LOOKS_AWAY", "registration_footprint", "checks/instances", FOOTPRINT, "!= before[i]) {", "!= before[i] && !count) {"),
    ("FOOTPRINT_OF_LATER_ONES_ALONE", "registration_footprint", "checks/instances", FOOTPRINT, "return i != registered &&", "return i > registered &&"),
    ("FOOTPRINT_OF_EARLIER_ONES_ALONE", "registration_footprint", "checks/instances", FOOTPRINT, "return i != registered &&", "return i < registered &&"),
    ("FOOTPRINT_OF_ITSELF", "registration_footprint", "checks/instances", FOOTPRINT, "return i != registered &&", "return registered < 64 &&"),
    ("FOOTPRINT_OF_NONE_IS_A_PASS", "registration_footprint", "checks/instances", FOOTPRINT, "count ? CHECK_PASS : CHECK_SKIP", "CHECK_PASS"),
    ("FOOTPRINT_OF_WHAT_CANNOT_BE_READ", "registration_footprint", "checks/instances", FOOTPRINT, " && !bringup->unusable[i];", ";"),
    ("FOOTPRINT_WITHOUT_CR0", "registration_footprint", "checks/instances", REGISTERS, "\t\tSMMU_CR0,\n", ""),
    ("FOOTPRINT_WITHOUT_GBPA", "registration_footprint", "checks/instances", REGISTERS, "\t\tSMMU_GBPA,\n", ""),
    ("FOOTPRINT_WITHOUT_IRQ_CTRL", "registration_footprint", "checks/instances", REGISTERS, "\t\tSMMU_IRQ_CTRL,\n", ""),
    ("FOOTPRINT_WITHOUT_GERRORN", "registration_footprint", "checks/instances", REGISTERS, "\t\tSMMU_GERRORN,\n", ""),
    ("FOOTPRINT_WITHOUT_STRTAB_BASE", "registration_footprint", "checks/instances", REGISTERS, "\t\tSMMU_STRTAB_BASE,\n", ""),
    ("FOOTPRINT_WITHOUT_CMDQ_BASE", "registration_footprint", "checks/instances", REGISTERS, "\t\tSMMU_CMDQ_BASE,\n", ""),
    ("FOOTPRINT_WITHOUT_EVENTQ_BASE", "registration_footprint", "checks/instances", REGISTERS, "\t\tSMMU_EVENTQ_BASE,\n", ""),
    ("FOOTPRINT_OF_AN_INDEX", "registration_footprint", "checks/instances", REGISTERS, "\t\tSMMU_GBPA,\n", "\t\tSMMU_GBPA,\n\t\tSMMU_CMDQ_CONS,\n"),
    # --- The hand-over. ---
    ("HANDOVER_BELIEVED", "handover", "checks/instances", HANDOVER, "smmuv3_hand_over(smmu, bringup->handover) == 0 &&", "smmuv3_hand_over(smmu, bringup->handover) <= 0 &&"),
    ("HANDOVER_FORGETS_THAT_IT_HAD_GBPA", "handover", "checks/instances", HANDOVER, " && (!had_gbpa || smmu->gbpa_works);", ";"),
    ("HANDOVER_FORGETS_ERRORS", "handover", "checks/instances", HANDOVER, "smmu->counts.gerrors & ~GERROR_CMDQ_ERR || ", ""),
    ("HANDOVER_FORGETS_LOST_EVENTS", "handover", "checks/instances", HANDOVER, "smmu->counts.event_overflows || ", ""),
    ("HANDOVER_WITHOUT_GBPA_IS_A_PASS", "handover", "checks/machines", HANDOVER, "bringup->handover == SMMUV3_HANDOVER_ABORT && !smmu->gbpa_works", "!smmu"),
    ("HANDOVER_WITHOUT_LAST_EVENTS", "handover", "checks/instances", HANDOVER, "\t}\n\tevents_report(bringup);\n", "\t}\n"),
    ("HANDOVER_WITH_MASTERS_ON_THE_BUS", "handover", "checks/instances", HANDOVER, "\t\tpci_bus_master_all_off(&bringup->pci[i]);\n", ""),
    # --- What interrupts notice. ---
    ("SERVICE_FAILURE_UNATTENDED", "attend", "checks", ATTEND, "\t\tfail_broken(bringup, i);\n", ""),
    ("STORM_IS_NO_TROUBLE", "attend", "checks", ATTEND, "\t\tbringup->tally.trouble = \"a stream's events did not end\";\n", ""),
    ("STORMING_MASTER_GOES_ON", "attend", "checks", ATTEND, "\t\tif (master) {\n", "\t\tif (!master) {\n"),
    # --- The description against everything else. ---
    ("DIFFERENCE_WITHOUT_END", "as many as have a record", "checks", COMPARE, "tally.differences >= DIFFERENCES_MAX", "tally.differences >= 2 * DIFFERENCES_MAX"),
    ("DIFFERENCE_UNCOUNTED", "difference", "checks/compare", COMPARE, "\tpair->bringup->tally.differences++;\n", ""),
    ("COHERENCY_BELIEVED", "difference", "checks/compare", COMPARE, "from->coherent != smmu->features.coherent_access", "from->coherent && !smmu->features.coherent_access"),
    ("REACH_OF_ONE_BIT_MORE", "difference", "checks/compare", COMPARE, "last >> bits) {", "last >> bits >> 1) {"),
    ("WINDOWS_NOT_REACHED", "difference", "checks/compare", COMPARE, "streams->window[k].enabled && streams->window[k].smmu == described", "!streams"),
    ("NO_WINDOW_IS_NO_DIFFERENCE", "difference", "checks/compare", COMPARE, "!master->iommu.link_count && !master->iommu.reason &&", "!master->iommu.link_count && master->iommu.reason &&"),
    ("UNREADABLE_INSTANCE_COMPARED", "difference", "checks/compare", COMPARE, "if (!bringup->unusable[i]) {", "if (bringup) {"),
    ("SILENT_EVENT_INTERRUPT", "difference", "checks/compare", COMPARE, "smmu->counts.events && !smmu->counts.event_interrupts", "smmu->counts.events && smmu->counts.event_interrupts"),
    ("SILENT_ERROR_INTERRUPT", "difference", "checks/compare", COMPARE, "smmu->counts.illegal_commands && !smmu->counts.gerror_interrupts", "smmu->counts.gerror_interrupts"),
    ("INTERRUPT_THAT_WAS_NEVER_DUE", "difference", "checks/compare", COMPARE, "smmu->event_interrupt && smmu->counts.events &&", "smmu->event_interrupt &&"),
    # --- The verdict. ---
    ("VERDICT_WITHOUT_TRANSLATE", "verdict", "checks", VERDICT, "return tally->translates_passed ? NULL :", "return tally ? NULL :"),
    ("VERDICT_IGNORES_EVENTS", "verdict", "checks/prove", VERDICT, "if (tally->unexpected_events || events_lost()) {", "if (events_lost()) {"),
    ("VERDICT_IGNORES_LOST_EVENTS", "verdict", "checks", VERDICT, "if (tally->unexpected_events || events_lost()) {", "if (tally->unexpected_events) {"),
    ("VERDICT_IGNORES_FAILED_CHECKS", "verdict", "checks/prove", VERDICT, "if (tally->checks_failed) {", "if (!tally) {"),
    ("VERDICT_IGNORES_MISMATCHES", "verdict", "checks", VERDICT, "if (tally->mismatches) {", "if (!tally) {"),
    ("VERDICT_IGNORES_TROUBLE", "verdict", "checks", VERDICT, "if (tally->trouble) {", "if (!tally) {"),
]
