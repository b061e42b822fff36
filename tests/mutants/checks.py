# SPDX-License-Identifier: BSD-2-Clause
"""The checks without one of the things they look at: tests/checks lies about each, and has to see that it went unnoticed."""

PROGRAMS = ("checks/prove", "checks/observe", "checks/provoke", "checks/instances", "checks/soak", "checks/machines", "checks/compare", "checks/advice", "checks")

CHECKS = "drivers/checks/"
ATTEND = CHECKS + "attend.c"
CHECK = CHECKS + "check.c"
FOOTPRINT = CHECKS + "footprint.c"
HANDOVER = CHECKS + "handover.c"
COMPARE = CHECKS + "compare.c"
ADVICE = CHECKS + "advice.c"
VERDICT = CHECKS + "verdict.c"
EVENTS = CHECKS + "events.c"
JUDGE = CHECKS + "judge.c"
OBSERVE = CHECKS + "observe.c"
PROVE = CHECKS + "prove.c"
PROVOKE = CHECKS + "provoke.c"
SOAK = CHECKS + "soak.c"
TRIAL = CHECKS + "trial.c"
UNFIT = CHECKS + "unfit.c"
REGISTERS = "drivers/smmuv3/footprint.c"

MUTANTS = [
    # --- The one judge. ---
    ("JUDGE_TAKES_ANY_CODE", "prove takes any event", "checks/prove", JUDGE, "return logged->event.code == trial->expect.code && is_of_its_dma(logged, trial);", "return is_of_its_dma(logged, trial);"),
    ("JUDGE_TAKES_ANY_PLACE", "an event at another address is unexpected", "checks/prove", JUDGE, "return is_own(logged, trial) && is_at_its_place(&logged->event, trial);", "return is_own(logged, trial);"),
    ("JUDGE_TAKES_ANY_STREAM", "an event of another stream is unexpected", "checks/prove", JUDGE, "logged->smmu == trial_instance(trial->master) &&\n\t       logged->event.sid == trial_sid(trial->master);", "logged->smmu == trial_instance(trial->master);"),
    ("JUDGE_TAKES_ANY_INSTANCE", "the key of a stream is {instance, stream ID}", "checks/prove", JUDGE, "logged->smmu == trial_instance(trial->master) &&\n\t       logged->event.sid", "logged->event.sid"),
    ("JUDGE_TAKES_ANY_DIRECTION", "a read is no write", "checks/prove", JUDGE, "return event->write == trial->write || (copies && !trial->source);", "return true;"),
    ("JUDGE_TAKES_AN_EVENT_WITHOUT_ADDRESS", "a fault of a translation names its address", "checks/prove", JUDGE, "return event->code < F_WALK_EABT;", "return true || event->code < F_WALK_EABT;"),
    ("JUDGE_TAKES_EVERYTHING_EVERYWHERE", "an event at another address is unexpected", "checks/prove", JUDGE, "\tif (!trial->expect.everywhere) {\n\t\treturn false;\n\t}\n", ""),
    ("JUDGE_IGNORES_MEMORY", "memory changed although it was to stay", "checks/prove", JUDGE, "if (trial->touched && trial->expect.end == TRIAL_STOPPED) {", "if (trial->touched && trial->error == -ETIMEDOUT) {"),
    ("JUDGE_IGNORES_AN_ENDLESS_DEVICE", "within a bounded time", "checks/prove", JUDGE, "if (trial->error == -ETIMEDOUT) {", "if (trial->error == -ENOMSG) {"),
    ("JUDGE_IGNORES_THE_DEVICES_ERROR", "the device reports an error", "checks/prove", JUDGE, "\tif (trial->error) {\n\t\treturn \"ended", "\tif (trial->error == -ENOMSG) {\n\t\treturn \"ended"),
    ("JUDGE_TAKES_ANY_BYTES", "prove takes any bytes", "checks/prove", JUDGE, "return trial->expect.end == TRIAL_ARRIVES ||", "return trial->touched || trial->expect.end == TRIAL_ARRIVES ||"),
    ("JUDGE_NEEDS_NO_ARRIVAL", "nothing arrives", "checks/provoke", JUDGE, "if (!trial->touched) {", "if (!trial->memory) {"),
    ("JUDGE_NEEDS_NO_EVENT", "no event is no proof", "checks/prove", JUDGE, "trial->expect.report == TRIAL_REPORTED && !events) {\n\t\treturn others", "trial->expect.report == TRIAL_REPORTED && !events && others) {\n\t\treturn others"),
    ("JUDGE_NEEDS_NO_SILENCE", "an event where there is to be none", "checks/prove", JUDGE, "return trial->expect.report == TRIAL_SILENT && others ?", "return trial->expect.report == TRIAL_SILENT && others && !events && !trial->length ?"),
    ("JUDGE_EXCUSES_EVERY_SMMU", "a gap is an emulator's", "checks/provoke", JUDGE, "switch (features->iidr ? 0 : trial->expect.code) {", "switch (trial->expect.code) {"),
    ("JUDGE_EXCUSES_WHAT_WAS_REPORTED", "a gap has no event", "checks/provoke", JUDGE, "TRIAL_REPORTED && !events && !others && is_emulators_gap", "TRIAL_REPORTED && is_emulators_gap"),
    ("JUDGE_EXCUSES_A_STOPPED_WALK", "a gap is one that QEMU has", "checks/provoke", JUDGE, "\tdefault:\n\t\treturn false;", "\tdefault:\n\t\treturn true;"),
    ("EVERY_ERROR_IS_THE_DEVICES", "a device's error is the SMMU's, too", "checks/prove", JUDGE, "return error && error != -EIO && error != -ETIMEDOUT;", "return error;"),
    ("ANY_ADDRESS_AGREES", "an event at another address is unexpected", "checks/observe", JUDGE, "return !lost ||", "return true || !lost ||"),
    # --- A trial. ---
    ("TRIAL_SEES_NO_CHANGE", "memory changed", "checks/prove", TRIAL, "trial->touched = has_changed(trial->memory, trial->length);", "trial->touched = has_changed(trial->memory, 0);"),
    ("TRIAL_SEES_THE_LAST_WORD_ALONE", "memory changed", "checks", TRIAL, "trial->touched = has_changed(trial->memory, trial->length);", "trial->touched = has_changed(trial->memory + trial->length - 4, 4) && trial->memory[0] != TRIAL_CANARY;"),
    ("TRIAL_WITHOUT_CANARIES", "memory changed", "checks/prove", TRIAL, "\t\tmemset(trial->memory, TRIAL_CANARY, trial->length);\n\t\tarch_cache_clean_invalidate", "\t\tarch_cache_clean_invalidate"),
    ("TRIAL_COMPARES_ONE_BYTE", "prove takes any bytes", "checks/prove", TRIAL, "\tfor (uint32_t at = 0; at < length; at++) {\n\t\tuint8_t wanted", "\tfor (uint32_t at = 0; at < 1; at++) {\n\t\tuint8_t wanted"),
    ("TRIAL_COPIES_CANARIES", "a copy of canaries goes by unseen", "checks/provoke", TRIAL, "memset(source, (uint8_t)~TRIAL_CANARY,", "memset(source, TRIAL_CANARY,"),
    ("TRIAL_WAITS_FOR_NO_EVENT", "an event after the device is done", "checks/prove", TRIAL, "\tawait_ends(bringup, trials, count);\n", ""),
    ("TRIAL_PREPARED_WHILE_OTHERS_RUN", "two DMAs go to one place", "checks/prove", TRIAL, "\t\tprepare_memory(&trials[i]);\n\t}\n\tfor (unsigned int i = 0; i < count; i++) {\n", "\t\tprepare_memory(&trials[i]);\n"),
    ("TRIAL_TIME_OUT_IS_NO_TROUBLE", "within a bounded time", "checks/observe", TRIAL, "\t\tbringup->tally.trouble = \"a master's DMA did not end\";\n", ""),
    ("TRIAL_PATTERN_OF_ALL_MASTERS", "each master has bytes of its own", "checks/prove", TRIAL, "master->number * 37U + round", "round"),
    # --- What is observed. ---
    ("OBSERVE_MATCHES_THOUGH_MEMORY_WAS_REACHED", "match", "checks/observe", OBSERVE, "seen->seen && !seen->reached_memory && seen->smmu", "seen->seen && seen->smmu"),
    ("OBSERVE_MATCHES_ANY_INSTANCE", "match", "checks/observe", OBSERVE, "seen->smmu == trial_instance(master) &&\n\t\t\t      seen->sid", "seen->sid"),
    ("OBSERVE_MATCHES_ANY_STREAM", "match", "checks/observe", OBSERVE, " &&\n\t\t\t      seen->sid == trial_sid(master);", ";"),
    ("OBSERVE_TAKES_ANY_EVENT", "a doorbell's event is no observation", "checks/observe", OBSERVE, "return is_denial(logged) && (!logged->event.has_access || trial_strays(wanted->trial, &logged->event));", "return true;"),
    ("BLOCKED_ALTHOUGH_REACHED", "blocked_before_attach", "checks/observe", OBSERVE, "} else if (seen->reached_memory) {\n\t\tcheck_master", "} else if (seen->reached_memory && !seen->done) {\n\t\tcheck_master"),
    ("BLOCKED_WITHOUT_A_WITNESS", "blocked_before_attach", "checks/observe", OBSERVE, "} else if (seen->seen) {\n\t\tcheck_master", "} else if (seen->done) {\n\t\tcheck_master"),
    ("OBSERVE_TAKES_A_PERMISSION_FAULT", "nothing is mapped", "checks/observe", OBSERVE, "return code == F_TRANSLATION ||", "return code == F_PERMISSION || code == F_TRANSLATION ||"),
    ("OBSERVE_TAKES_A_STRANGERS_EVENT", "an event at another address is unexpected", "checks/observe", OBSERVE, "return is_denial(logged) && (!logged->event.has_access || trial_strays(wanted->trial, &logged->event));", "return is_denial(logged);"),
    ("MISMATCH_STAYS_ON_THE_BUS", "it is not known where its DMA would land", "checks/observe", OBSERVE, "\t\tpci_bus_master(master->pci, false);\n", ""),
    ("MATCH_LEAVES_THE_BUS", "what is right goes on", "checks/observe", OBSERVE, "if (!master->observation.match && master->pci) {", "if (master->pci) {"),
    ("NOTHING_DESCRIBED_AND_SEEN_MATCHES", "match", "checks/observe", OBSERVE, "seen->match = !seen->seen;", "seen->match = true;"),
    ("NOTHING_DESCRIBED_NEVER_MATCHES", "match", "checks/observe", OBSERVE, "seen->match = !seen->seen;", "seen->match = seen->reached_memory;"),
    ("NOTHING_DESCRIBED_HAS_TO_BE_BLOCKED", "blocked_before_attach", "checks/observe", OBSERVE, "} else if (!has_stream(master)) {\n\t\tcheck_master", "} else if (!master) {\n\t\tcheck_master"),
    ("WRONG_OBSERVATION_IS_NO_FINDING", "what is wrong is listed at the end", "checks/observe", OBSERVE, "\t\tfinding_add(\"stream_id\", FINDING_ERROR, master->device.name, wrong_words(seen), advice);\n", ""),
    ("WRONG_OBSERVATION_WITHOUT_ADVICE", "what is wrong is listed at the end", "checks/observe", OBSERVE, "wrong_words(seen), advice);", "wrong_words(seen), NULL);"),
    # --- What is advised. ---
    ("ADVICE_OF_ANOTHER_STREAM", "the other table disagrees", "checks/advice", ADVICE, " && window->sid + (ids.first - window->input_first) == sid) {", ") {"),
    ("ADVICE_OF_ANOTHER_SMMU", "the other table disagrees", "checks/advice", ADVICE, "\t    bringup->other->smmu[window->smmu].base == base &&", "\t   "),
    ("ADVICE_OF_A_BASE_THAT_IS_NOT_KNOWN", "the other table does not say", "checks/advice", ADVICE, " && bringup->other->smmu[window->smmu].has_base &&", " &&"),
    ("ADVICE_OF_ONE_STREAM_FOR_ALL", "a constant is no range", "checks/advice", ADVICE, "!window->constant && ", ""),
    ("ADVICE_OF_A_HIDDEN_ID", "no entry names what the mask takes away", "checks/advice", ADVICE, "bringup->other && !hidden ?", "bringup->other ?"),
    ("ADVICE_OF_MASKED_IDS", "masked IDs are no range", "checks/advice", ADVICE, " && !window->has_mask && bringup", " && bringup"),
    ("ADVICE_OF_A_DISABLED_WINDOW", "the other table's host is off", "checks/advice", ADVICE, "if (window->enabled && window->segment == segment", "if (window->segment == segment"),
    ("ADVICE_OF_ANOTHER_HOST", "the other host", "checks/advice", ADVICE, "if (window->enabled && window->segment == segment", "if (window->enabled"),
    ("ADVICE_ONE_TOO_FEW", "off by one in the count", "checks/advice", ADVICE, "window->input_last - window->input_first + 1;", "window->input_last - window->input_first;"),
    ("ADVICE_IORT_COUNTS_ALL", "an IORT has the number of IDs less one", "checks/advice", ADVICE, "ids->first, ids->count - 1, ids->sid", "ids->first, ids->count, ids->sid"),
    ("ADVICE_FROM_THE_IDS_STREAM", "the stream of the first ID", "checks/advice", ADVICE, "\t\tids.sid = window->sid;\n", ""),
    ("ADVICE_FROM_THE_ID_ON", "the neighbours before it", "checks/advice", ADVICE, "\t\tids.first = window->input_first;\n", ""),
    ("ADVICE_WINDOW_BEGINS_EARLY", "the range behind the ID", "checks/advice", ADVICE, "(last & mask) >= window->input_first", "(last & mask) + 1 >= window->input_first"),
    ("ADVICE_WINDOW_ENDS_LATE", "the range before the ID", "checks/advice", ADVICE, "(id & mask) <= window->input_last", "(id & mask) <= window->input_last + 1"),
    ("ADVICE_WITHOUT_THE_MASK", "a masked ID", "checks/advice", ADVICE, "window->has_mask ? window->mask : STREAM_NO_MASK;", "STREAM_NO_MASK;"),
    ("LEAVE_OUT_THE_FIRST_ALONE", "another entry has one of them", "checks/advice", ADVICE, "ids->first, ids->first + ids->count - 1)", "ids->first, ids->first)"),
    ("LEAVE_OUT_NOTHING", "another entry has them", "checks/advice", ADVICE, "\t\treturn \"\";\n\t}\n\treturn is_iort", "\t\treturn \"\";\n\t}\n\treturn bringup->smmu_count ? \"\" : is_iort"),
    ("ADVICE_BEHIND_A_MASK", "no entry can name it", "checks/advice", ADVICE, "if (ids->first & ~mask) {", "if (ids->first & ~mask & ~STREAM_NO_MASK) {"),
    # --- What is proved. ---
    ("PROVE_FORGETS_THE_FETCH", "other bytes were fetched", "checks/prove", PROVE, "\trun(bringup, false, PAGE_SOURCE, TRIAL_LONG, &arrives);\n", ""),
    ("PROVE_LEAVES_CANARIES_TO_COPY", "a copy of canaries goes by unseen", "checks/prove", PROVE, "\tfill_sources();\n\tfor", "\tfor"),
    ("PROVE_UNMAPS_NOTHING", "unmap", "checks/prove", PROVE, "if (iommu_unmap(&subjects[i].master->iommu, IOVA_COMMON, PAGE_SIZE)) {", "if (!subjects[i].master) {"),
    ("READ_ONLY_IS_TRIED_ELSEWHERE", "read_only", "checks/prove", PROVE, "run(bringup, true, PAGE_SOURCE, TRIAL_SHORT, &forbidden);", "run(bringup, true, PAGE_SOURCE, TRIAL_SHORT, &unmapped);"),
    ("ISOLATION_NEAR_FORGOTTEN", "isolation on the same instance", "checks/prove", PROVE, "\ttry_neighbours(bringup, true);\n", ""),
    ("ISOLATION_FAR_FORGOTTEN", "isolation on another instance", "checks/prove", PROVE, "\ttry_neighbours(bringup, false);\n", ""),
    ("ISOLATION_FORGIVES", "the first failure stands", "checks/prove", PROVE, "\tif (subject->isolation == CHECK_FAIL) {\n\t\treturn;\n\t}\n", ""),
    ("TWINS_FORGOTTEN", "the same stream ID on two instances", "checks/prove", PROVE, "\ttry_twins(bringup);\n", ""),
    ("TWIN_DENIED_ANYHOW", "not as an unknown stream", "checks/prove", PROVE, "(!foreign->denied || (denied && logged->smmu == foreign->smmu));", "(denied || !foreign->denied || logged->smmu == foreign->smmu);"),
    ("TWIN_DENIED_BY_ANY_INSTANCE", "its own instance says so", "checks/prove", PROVE, "(denied && logged->smmu == foreign->smmu)", "denied"),
    ("TWIN_REACHES_MEMORY", "the same stream ID on two instances", "checks/prove", PROVE, "\tif (trial.touched) {\n\t\tnote(subject, CHECK_FAIL, \"a stream", "\tif (trial.touched && !denied) {\n\t\tnote(subject, CHECK_FAIL, \"a stream"),
    ("SHARED_STREAM_UNTRIED", "tried with another master", "checks/machines", PROVE, "if (other->translated && trial_instance", "if (trial_instance"),
    ("SHARED_STREAM_TRIED_IN_VAIN", "tried with another master", "checks/machines", PROVE, "if (other->translated && trial_instance", "if (other->tried && trial_instance"),
    ("DISPLAY_OF_A_SILENT_MASTER", "a stream that goes on by itself", "checks/machines", OBSERVE, "|| goes_on(bringup, event))", "|| !bringup)"),
    ("TRANSLATED_WHATEVER_CAME", "who serves provoke()", "checks/machines", PROVE, "subjects[i].master->translated = result == CHECK_PASS;", "subjects[i].master->translated = true;"),
    ("PROVE_WATCHES_THE_WRONG_PAGE", "isolation: the neighbour's page", "checks/prove", PROVE, ".memory = owner->page[page],", ".memory = owner->page[page == PAGE_OWN ? PAGE_SOURCE : page],"),
    ("PROVE_WATCHES_ITS_OWN_PAGE", "isolation: the neighbour's page", "checks/prove", PROVE, ".memory = owner->page[page],", ".memory = master->page[page],"),
    ("PROVE_IGNORES_A_FAILED_UNMAP", "unmap", "checks/prove", PROVE, "\t\t\tsubjects[i].failure = \"its page could not be unmapped\";\n", ""),
    ("PROVE_FILLS_TOO_LITTLE", "a long DMA is whole", "checks/prove", PROVE, "trial_length(master, TRIAL_LONG));\n\t}", "TRIAL_LONG);\n\t}"),
    ("PROVE_KEEPS_ITS_PAGES", "what was mapped is unmapped", "checks/prove", PROVE, "\t\tunmap_pages(subjects[i].master, MASTER_PAGES);\n", ""),
    ("PROVE_A_WHOLE_GROUP_AT_ONCE", "one domain is a group's", "checks/prove", PROVE, "if (!why && (shares_group(master) || subject_count", "if (!why && (subject_count"),
    # --- What is provoked. ---
    ("PROVOKE_WITHOUT_RECOVERY", "a DMA that arrives afterwards", "checks/provoke", PROVOKE, "\trun(bringup, IOVA_GOOD, TRIAL_SHORT, &arrives, \"no DMA reaches memory afterwards: \");\n", ""),
    ("PROVOKE_JUDGES_NOTHING", "what was provoked", "checks/provoke", PROVOKE, "\t\tjudge(bringup, &subjects[i], &trials[i], prefix);\n", ""),
    ("PROVOKE_WITHOUT_NOTICE", "an overflow is noticed", "checks/provoke", PROVOKE, "\tfor_each(bringup, ordeal, notice);\n", ""),
    ("OVERFLOW_WITHOUT_AN_OVERFLOW", "an overflow is noticed", "checks/provoke", PROVOKE, "return aborted || smmuv3_events_overflowed(&bringup->smmu[i]) ? NULL :", "return aborted || !smmuv3_events_overflowed(&bringup->smmu[i]) ? NULL :"),
    ("ILLEGAL_COMMAND_SWALLOWED", "an illegal command is reported", "checks/provoke", PROVOKE, "\tif (error == -ENOMSG) {\n\t\treturn \"it was swallowed: no error was reported\";\n\t}\n", "\tif (error == -ENOMSG) {\n\t\treturn NULL;\n\t}\n"),
    ("QUICK_DAMAGES", "selftest=quick", "checks/provoke", PROVOKE, "bringup->quick && !ordeal->harmless", "bringup->quick && !ordeal"),
    ("PROVOKE_FORGETS_ITS_ERROR", "what was provoked is no error on the way", "checks/provoke", PROVOKE, "\tsmmu->counts.gerrors &= ~GERROR_EVENTQ_ABT_ERR | subjects[i].gerrors;\n", ""),
    ("PROVOKE_KEEPS_ITS_PAGES", "what was mapped is unmapped", "checks/provoke", PROVOKE, "\t\t(void)iommu_unmap(&subject->master->iommu, IOVA_GOOD, PAGE_SIZE);\n", ""),
    ("PROVOKE_KEEPS_ITS_SECOND_PAGE", "what was mapped is unmapped", "checks/provoke", PROVOKE, "\t\t(void)iommu_unmap(&subject->master->iommu, IOVA_READ_ONLY, PAGE_SIZE);\n", ""),
    # --- The soak. ---
    ("SOAK_OF_NOTHING_UNSAID", "nothing to soak", "checks/soak", SOAK, "\tif (!client_count) {\n\t\treturn", "\tif (client_count && !client) {\n\t\treturn"),
    ("SOAK_TAKES_ANY_BYTES", "the soak looks away", "checks/soak", SOAK, "return trial_arrived(master, trial.round, trial.memory, trial.length, &words) ?", "return !words || trial.memory ?"),
    ("SOAK_IGNORES_A_FAILED_WRITE", "the soak looks away", "checks/soak", SOAK, "if (one_dma(&trial, PAGE_TO, true)) {", "if (one_dma(&trial, PAGE_TO, true) == -ENOMSG) {"),
    ("SOAK_IGNORES_A_FAILED_UNMAP", "the soak looks away", "checks/soak", SOAK, "\t\t\tviolation(master->device.name, \"a page could not be unmapped\");\n", ""),
    ("SOAK_IGNORES_A_FAILED_MAP", "the soak looks away", "checks/soak", SOAK, "\t\tviolation(device->name, \"its pages could not be mapped\");\n", ""),
    ("SOAK_IGNORES_THE_OTHERS", "nobody else has noticed", "checks/soak", SOAK, "\t\t\tviolation(iommu->name, \"it changed when another one was unregistered\");\n", ""),
    ("SOAK_IGNORES_A_FAILED_FETCH", "the soak looks away", "checks/soak", SOAK, "if (master->driver->can & MASTER_READS && one_dma(&trial, PAGE_FROM, false)) {", "if (master->driver->can & MASTER_READS && one_dma(&trial, PAGE_FROM, false) == -ENOMSG) {"),
    ("SOAK_IGNORES_A_FAILED_REGISTRATION", "the soak looks away", "checks/soak", SOAK, "\t\tviolation(iommu->name, \"it could not be registered again\");\n", ""),
    # --- Who may be driven. ---
    ("UNFIT_MISMATCH_DRIVEN", "its DMA would not be translated", "checks/observe", UNFIT, "if (!master->observation.match) {", "if (!master->driver) {"),
    ("UNFIT_REGION_DRIVEN", "a direct region", "checks/machines", UNFIT, "iommu_master_keeps(&master->iommu, TRIAL_IOVA_FIRST, TRIAL_IOVA_SIZE) ?", "!master ?"),
    ("UNFIT_DEVICE_DRIVEN", "a device that is not what its driver is for", "checks/machines", UNFIT, "\tif (master->unfit) {\n\t\treturn master->unfit;\n\t}\n", ""),
    ("UNFIT_WITHOUT_WRITES_DRIVEN", "a master that cannot write", "checks/prove", UNFIT, "return master->driver->can & MASTER_WRITES ? NULL :", "return master->driver->can ? NULL :"),
    ("UNFIT_UNTRANSLATED_SERVES", "who serves provoke()", "checks/machines", UNFIT, "use == USE_REPEATED && !master->translated", "use == USE_REPEATED && !master->driver"),
    # --- The log of events. ---
    ("LOG_OF_ONE_STREAM", "one that storms leaves room for the others", "checks/machines", EVENTS, "return of_stream < EVENTS_OF_STREAM_MAX && ", "return "),
    ("LOG_LOSES_IN_SILENCE", "events without room fail the run", "checks", EVENTS, "\t\tevents.lost++;\n", ""),
    ("LOG_MIXES_DIRECTIONS", "once for each page and direction", "checks", EVENTS, "(a->write == b->write && !((a->address", "(!((a->address"),
    ("LOG_MIXES_CODES", "once for each code", "checks", EVENTS, "a->code != b->code || a->has_access", "a->has_access"),
    ("LOG_CLAIMS_NOTHING", "what was provoked is expected", "checks/prove", EVENTS, "logged->expected = claim;", "logged->expected = false;"),
    ("LOG_EXPECTS_EVERYTHING", "what nobody has provoked fails the run", "checks/prove", EVENTS, "logged->expected = claim;", "logged->expected = true;"),
    ("LOG_COUNTS_NO_UNEXPECTED", "what nobody has provoked fails the run", "checks/prove", EVENTS, "bringup->tally.unexpected_events += !oldest.expected;", "bringup->tally.unexpected_events += oldest.expected && !oldest.count;"),
    # --- One finding. ---
    ("SKIP_IS_A_PASS", "what is counted", "checks", CHECK, "\t\ttally->checks_skipped++;", "\t\ttally->checks_passed++;"),
    ("FAIL_IS_NOT_COUNTED", "what is counted", "checks/prove", CHECK, "\t\ttally->checks_failed++;\n", ""),
    ("ANY_TRANSLATE_COUNTS", "what is counted", "checks", CHECK, "result == CHECK_PASS && !strcmp", "!strcmp"),
    ("ANY_PASS_IS_A_TRANSLATE", "what is counted", "checks", CHECK, "result == CHECK_PASS && !strcmp(check, \"translate\")", "result == CHECK_PASS"),
    ("FAILED_CHECK_IS_NO_FINDING", "what is wrong is listed at the end", "checks/prove", CHECK, "\t\tfinding_add(check, FINDING_ERROR, subject, detail ? detail : \"the check failed\", NULL);\n", ""),
    ("UNEXPECTED_EVENT_IS_NO_FINDING", "what is wrong is listed at the end", "checks/prove", EVENTS, "\tif (!logged->expected) {\n\t\tfinding_add(", "\tif (!logged->expected) {\n\t\tif (!logged->count)\n\t\t\tfinding_add("),
    # --- A registration that touches another instance. ---
    ("FOOTPRINT_LOOKS_AWAY", "registration_footprint", "checks/instances", FOOTPRINT, "&before[i])) {", "&before[i]) && !count) {"),
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
    ("FOOTPRINT_WITHOUT_STREAMS", "registration_footprint", "smmuv3", REGISTERS, " || (a->changes == b->changes && a->streams != b->streams);", ";"),
    ("FOOTPRINT_OF_AN_INDEX", "registration_footprint", "checks/instances", REGISTERS, "\t\tSMMU_GBPA,\n", "\t\tSMMU_GBPA,\n\t\tSMMU_CMDQ_CONS,\n"),
    # --- The hand-over. ---
    ("HANDOVER_BELIEVED", "handover", "checks/instances", HANDOVER, "smmuv3_hand_over(smmu, bringup->handover) == 0;", "smmuv3_hand_over(smmu, bringup->handover) <= 0;"),
    ("HANDOVER_FORGETS_ERRORS", "handover", "checks/instances", HANDOVER, "smmu->counts.gerrors & ~GERROR_CMDQ_ERR || ", ""),
    ("HANDOVER_FORGETS_LOST_EVENTS", "handover", "checks/instances", HANDOVER, "smmu->counts.event_overflows || ", ""),
    ("HANDOVER_WITHOUT_GBPA_IS_A_PASS", "handover", "checks/machines", HANDOVER, "bringup->handover == SMMUV3_HANDOVER_ABORT && !smmu->gbpa_works", "!smmu"),
    ("HANDOVER_WITHOUT_LAST_EVENTS", "handover", "checks/instances", HANDOVER, "\t}\n\tevents_report(bringup);\n", "\t}\n"),
    ("HANDOVER_WITH_MASTERS_ON_THE_BUS", "handover", "checks/instances", HANDOVER, "\t\tpci_bus_master_all_off(&bringup->pci[i]);\n", ""),
    # --- What interrupts notice. ---
    ("SERVICE_FAILURE_UNATTENDED", "attend", "checks", ATTEND, "\t\tfail_broken(bringup, i);\n", ""),
    ("STORM_IS_NO_TROUBLE", "attend", "checks", ATTEND, "\t\t}\n\t\tbringup->tally.trouble = STORMED;\n\t}\n\tsay", "\t\t}\n\t}\n\tsay"),
    ("STORMS_BEYOND_THE_LIST_GO_BY", "what is left out is counted", "checks", ATTEND, "\t\tstorms.lost++;\n", "\t\tstorms.lost = 0;\n"),
    ("LOST_STORMS_TOLD_TWICE", "what is left out is told once", "checks", ATTEND, "\tstorms.lost = 0;\n", ""),
    ("UNSILENCED_STORMS_ARE_NOT_RECORDED", "handover", "checks", HANDOVER, "smmu->counts.unsilenced_storms", "smmu->counts.silenced_streams"),
    ("UNSILENCED_STORM_IS_DENIED", "attend", "checks", ATTEND, "storm.silenced ? \"it is", "storm.smmu ? \"it is"),
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
    ("VERDICT_IGNORES_EVENTS", "verdict", "checks/prove", VERDICT, "if (tally->unexpected_events) {", "if (!tally) {"),
    ("VERDICT_IGNORES_LOST_EVENTS", "verdict", "checks", VERDICT, "if (events_lost()) {", "if (!tally) {"),
    ("VERDICT_IGNORES_FAILED_CHECKS", "verdict", "checks/prove", VERDICT, "if (tally->checks_failed) {", "if (!tally) {"),
    ("VERDICT_IGNORES_MISMATCHES", "verdict", "checks", VERDICT, "if (tally->mismatches) {", "if (!tally) {"),
    ("VERDICT_IGNORES_TROUBLE", "verdict", "checks", VERDICT, "if (tally->trouble) {", "if (!tally) {"),
]
