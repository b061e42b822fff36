# SPDX-License-Identifier: BSD-2-Clause
"""The guarded core and the command queue without one of their guards, or of their fences, many times over: each mutant must be found out.

A mutant is a change of the real source, applied to a copy; the scenarios (or, for memory order, the threads under
ThreadSanitizer) are then run until one fails. A mutant that survives, or whose text is no longer in the source, fails
the build.

    mutants.py KIND PROGRAM OUT [NAME...]      KIND: core, kept, threads, queue or fences; PROGRAM: the unchanged one, as make has
                                               linked it from PROGRAM.objects; OUT: where the copies go
"""
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mutants"))
import mutant  # pylint: disable=wrong-import-position

INSTANCE = "drivers/iommu/instance.c"
REPLAY = "drivers/iommu/replay.c"
MASTER = "drivers/iommu/master.c"
GROUP = "drivers/iommu/group.c"
OWNER = "drivers/iommu/owner.c"
DEVICE = "drivers/base/device.c"
SYNC = "drivers/base/sync.c"
SYNC_H = "drivers/base/sync.h"
CMDQ = "drivers/smmuv3/cmdq.c"
GERROR = "drivers/smmuv3/gerror.c"

# Name, what history or rule it undoes, file, text, what stands there instead.
MUTANTS = [
    ("MUTANT_REPLAY_WITHOUT_INSTANCE_MATCH", "B-01", REPLAY,
     "\t\tif (master->link[l].iommu == iommu) {\n\t\t\treturn &master->link[l];", "\t\tif (iommu) {\n\t\t\treturn &master->link[l];"),
    ("MUTANT_NO_READY_CHECK", "B-13", OWNER,
     "if (iommu_state(link->iommu) != IOMMU_READY || link_state(link) != LINK_READY) {",
     "if (link_state(link) != LINK_READY) {"),
    ("MUTANT_READY_CHECK_OF_THE_FIRST_ALONE", "B-14", OWNER,
     "for (unsigned int i = 0; i < master->link_count; i++) {\n\t\tconst struct iommu_link *link = &master->link[i];\n\n"
     "\t\tif (iommu_state(link->iommu)",
     "for (unsigned int i = 0; i < 1; i++) {\n\t\tconst struct iommu_link *link = &master->link[i];\n\n"
     "\t\tif (iommu_state(link->iommu)"),
    ("MUTANT_NO_LINK_CHECK", "B-09", OWNER,
     "if (iommu_state(link->iommu) != IOMMU_READY || link_state(link) != LINK_READY) {",
     "if (iommu_state(link->iommu) != IOMMU_READY) {"),
    ("MUTANT_NO_CHECK_AFTER_THE_LOCK", "B-12", OWNER,
     "\terror = error ? error : check_links(master, cause);\n\tif (error && group", "\tif (error && group"),
    ("MUTANT_READY_BEFORE_ENABLE", "A4", INSTANCE,
     "\terror = iommu->ops->enable(iommu);",
     "\tword_store(&iommu->state, IOMMU_READY);\n\terror = iommu->ops->enable(iommu);"),
    ("MUTANT_READY_BEFORE_THE_WALK", "B-13", INSTANCE,
     "\tSTEP_TO(INSTANCE_STEPS, &iommu->state, IOMMU_STARTING, IOMMU_WALKING);", "\tword_store(&iommu->state, IOMMU_READY);"),
    ("MUTANT_WAKE_BEFORE_READY", "A31", INSTANCE,
     "\t/* Once READY is stored",
     "\tbind_queue_wake(iommu->core->queue, iommu->index);\n\tiommu->core->queue->known = NULL;\n"
     "\t/* Once READY is stored"),
    ("MUTANT_NO_WAKE", "A31", INSTANCE,
     "\t\tiommu_for_each_link(iommu, iommu_probe_if_late);\n\t}\n\tbind_queue_wake(iommu->core->queue, iommu->index);",
     "\t\tiommu_for_each_link(iommu, iommu_probe_if_late);\n\t}"),
    ("MUTANT_NO_LOOK_AT_WHO_CAME_LATE", "A33", INSTANCE,
     "\t\tiommu_for_each_link(iommu, iommu_probe_if_late);\n\t}\n\tbind_queue_wake", "\t}\n\t\n\tbind_queue_wake"),
    ("MUTANT_ARRIVAL_NOT_COUNTED", "A33", MASTER, "\tlist(master);\n\tword_add(&core->arrivals, 1);\n", "\tlist(master);\n"),
    ("MUTANT_WHO_STAYS_HAS_NOT_ARRIVED", "A33", MASTER,
     "\tgive_links_back(master);\n\tword_add(&core->arrivals, 1);\n", "\tgive_links_back(master);\n"),
    ("MUTANT_ARRIVALS_LOOKED_AT_AFTER_THE_WALK", "A33", INSTANCE,
     "\twelcome(iommu, !word_load(&iommu->unsettled), arrivals);",
     "\tarrivals = word_load(&iommu->core->arrivals);\n\twelcome(iommu, !word_load(&iommu->unsettled), arrivals);"),
    ("MUTANT_LISTED_NOWHERE", "B-01", MASTER, "\tlist(master);\n", "\t(void)list;\n"),
    ("MUTANT_DELISTED_TOO_LATE", "CON-10", MASTER,
     "\tdelist(master);\n\terror = vacate(core, master);", "\terror = vacate(core, master);\n\tdelist(master);"),
    ("MUTANT_HELD_FOR_EVER", "CON-10", REPLAY,
     "\t}\n\tiommu_let_go(&block->users);\n", "\t}\n"),
    ("MUTANT_SLOT_HELD_FOR_EVER", "CON-10", REPLAY,
     "\t\terror = visit_slot(iommu, slot, visit);\n\t\tiommu_let_go(&slot->users);\n",
     "\t\terror = visit_slot(iommu, slot, visit);\n"),
    ("MUTANT_NO_WAKE_OF_A_LATE_PROBE", "A31", REPLAY,
     "\t\tif (link_state(link) == LINK_READY || link_state(link) == LINK_QUARANTINED) {", "\t\tif (0) {"),
    ("MUTANT_DEFER_WITHOUT_A_LAST_LOOK", "A31", DEVICE,
     "if (!device_must_wait(device, cause, binds) ||\n", "if ((void)device_must_wait, (void)binds, false ||\n"),
    ("MUTANT_WOKEN_WHILE_LOOKING_FORGOTTEN", "A31", DEVICE,
     "while (word == deferred || word == (deferred | CLIENT_LOOKING)) {", "while (word == deferred) {"),
    ("MUTANT_LOOKS_AFTER_DEFERRED", "B-03", DEVICE,
     "word_store(&device->client, deferred | CLIENT_LOOKING);", "word_store(&device->client, deferred);"),
    ("MUTANT_LOOKS_AFTER_BOUND", "B-03", DEVICE,
     "\t\tbind_queue_retry(queue);", "\t\tarch_sync_point(\"late\", device);\n\t\tbind_queue_retry(device->queue);"),
    ("MUTANT_REMOVED_WHILE_LOOKED_AT", "B-03", DEVICE,
     "\treturn !(word & CLIENT_FLAGS) && (state", "\treturn !(word & CLIENT_QUEUED) && (state"),
    ("MUTANT_UNBIND_DOES_NOT_WAIT_FOR_A_LOOK", "B-03", DEVICE,
     " &&\n\t\t    !(word & CLIENT_LOOKING)) {", ") {"),
    ("MUTANT_FOREIGN_MASTERS_ROLLED_BACK", "B-02", INSTANCE,
     "\tiommu_for_each_link(iommu, release_link);\n\treturn iommu->ops->stop(iommu);",
     "\tfor (unsigned int i = 0; i < iommu->core->instance_count; i++) {\n"
     "\t\tiommu_for_each_link(iommu->core->instance[i], release_link);\n\t}\n\treturn iommu->ops->stop(iommu);"),
    ("MUTANT_NO_ROLL_BACK", "B-20", INSTANCE,
     "\tiommu_for_each_link(iommu, release_link);\n\treturn iommu->ops->stop(iommu);",
     "\t(void)release_link;\n\treturn iommu->ops->stop(iommu);"),
    ("MUTANT_FAILED_BEFORE_STOPPED", "B-20", INSTANCE,
     "\t(void)release_and_stop(iommu);\n\tinstance_end(iommu, IOMMU_FAILED);",
     "\tinstance_end(iommu, IOMMU_FAILED);\n\t(void)release_and_stop(iommu);"),
    ("MUTANT_PROBE_WITHOUT_GUARD", "B-04", REPLAY,
     "bool fresh = word_exchange_if(&link->state, LINK_DESCRIBED, LINK_PROBING | arch_core() << LINK_CORE_SHIFT);\n",
     "bool fresh = link_state(link) == LINK_DESCRIBED && (word_store(&link->state, LINK_PROBING), true);\n"),
    ("MUTANT_REGISTERED_TWICE", "REG-09", INSTANCE,
     "bool begun = STEP_IF(INSTANCE_STEPS, &iommu->state, IOMMU_DESCRIBED, IOMMU_STARTING) ||",
     "bool begun = word_exchange_if(&iommu->state, IOMMU_WALKING, IOMMU_STARTING) ||\n"
     "\t\t     STEP_IF(INSTANCE_STEPS, &iommu->state, IOMMU_DESCRIBED, IOMMU_STARTING) ||"),
    ("MUTANT_RELEASE_BEFORE_DELISTING", "A32", INSTANCE,
     "if (!word_exchange_if(&iommu->state, IOMMU_READY, IOMMU_LEAVING | raised) &&",
     "(void)raised;\n\tif (!word_exchange_if(&iommu->state, IOMMU_READY, IOMMU_READY) &&"),
    ("MUTANT_NO_WAIT_FOR_PROBES", "CON-09", INSTANCE,
     "\terror = wait_for_probes(iommu);", "\terror = 0 * wait_for_probes(&(struct iommu_instance){0});"),
    ("MUTANT_NO_UNBIND_OF_WHO_LEAVES", "CON-09", INSTANCE,
     "\t\terror = iommu_for_each_link(iommu, unbind_clients);", "\t\terror = 0;\n\t\t(void)unbind_clients;"),
    ("MUTANT_STOPPED_BEFORE_RELEASED", "A32", INSTANCE,
     "\tiommu_for_each_link(iommu, release_link);\n\treturn iommu->ops->stop(iommu);",
     "\tint error = iommu->ops->stop(iommu);\n\n\tiommu_for_each_link(iommu, release_link);\n\treturn error;"),
    ("MUTANT_LATE_PROBE_WITHOUT_A_LOOK", "CON-09", REPLAY,
     "if (word_exchange_if(&iommu->state, IOMMU_READY, IOMMU_READY)) {", "if (iommu) {"),
    ("MUTANT_QUARANTINED_MASTER_IS_PROBED", "A9", REPLAY, "\tif (quarantine_reason) {", "\tif (!link) {"),
    ("MUTANT_UNBIND_DOES_NOT_WAIT", "CON-09", DEVICE,
     "if (state != CLIENT_BINDING && state != CLIENT_BOUND && state != CLIENT_UNBINDING &&",
     "if (state != CLIENT_BOUND &&"),
    ("MUTANT_QUEUED_TWICE", "BND-01", DEVICE,
     "\tbool queued = word_exchange_if(&device->client, client_word(state, operand),\n\t\t\t\t       client_word(CLIENT_UNBOUND, 0) | CLIENT_QUEUED);\n",
     "\tbool queued = word_load(&device->client) == client_word(state, operand);\n\n\tif (queued) {\n"
     "\t\tword_store(&device->client, client_word(CLIENT_UNBOUND, 0) | CLIENT_QUEUED);\n\t}\n"),
    ("MUTANT_UNBOUND_TWICE", "BND-12", DEVICE,
     "if (!word_exchange_if(&device->client, client_word(CLIENT_BOUND, 0), client_word(CLIENT_UNBINDING, 0))) {\n"
     "\t\treturn -EBUSY;\n\t}",
     "if (word_load(&device->client) != client_word(CLIENT_BOUND, 0)) {\n\t\treturn -EBUSY;\n\t}\n"
     "\tword_store(&device->client, client_word(CLIENT_UNBINDING, 0));"),
    ("MUTANT_CANDIDATE_READ_TWICE", "B-11", DEVICE,
     "\treturn candidate ? candidate->name : NULL;",
     "\treturn candidate ? sample(&device->candidate)->name : NULL;"),
    ("MUTANT_DRIVER_READ_AGAIN_TO_BIND", "B-11", DEVICE,
     "\t\terror = driver->bind(device, driver);",
     "\t\tdriver = sample(&device->candidate);\n\t\terror = driver->bind(device, driver);"),
    ("MUTANT_DRIVER_READ_AGAIN_AFTER_THE_PARSE", "B-11b", DEVICE,
     "\tdriver = sample(&device->driver);", "\tdriver = sample(&device->candidate);"),
    ("MUTANT_COUNT_TAKEN_TWICE", "CON-02", OWNER, "\t\tgroup->owner_count++;", "\t\tgroup->owner_count += 2;"),
    ("MUTANT_COUNT_BY_A_MANAGING_DRIVER", "A16", OWNER,
     "\tif (manages_dma) {\n\t\treturn 0;\n\t}", "\t(void)manages_dma;"),
    ("MUTANT_COUNT_KEPT_BY_A_FAILED_BIND", "BND-08", DEVICE,
     "\t\tif (error) {\n\t\t\tunuse_dma(device, driver);\n\t\t}", "\t\t(void)unuse_dma;"),
    ("MUTANT_GROUP_LOOKUP_WITHOUT_LOCK", "B-05", GROUP,
     "\t\tuint32_t saved = lock(&core->group_list_lock);\n\t\tint error = step(core, master);\n\n"
     "\t\tunlock(&core->group_list_lock, saved);",
     "\t\tarch_sync_point(\"unlocked\", master);\n\t\tint error = step(core, master);\n"),
    ("MUTANT_DOMAIN_WITHOUT_LOCK", "B-06", OWNER,
     "\tunlock(&group->lock, saved);\n\treturn error;\n}\n\nvoid iommu_unuse(",
     "\treturn error;\n}\n\nvoid iommu_unuse("),
    ("MUTANT_GROUPS_MERGED_AT_WORK", "A7", GROUP, "if (count > 1 && !group_is_idle(groups[g])) {",
     "if (count > 1 && !group_is_idle(groups[g]) && !master) {"),
    ("MUTANT_EXCLUSIVE_STREAM_SHARED", "B-18", GROUP,
     "if (master->exclusive || has_exclusive_member(groups[g])) {",
     "if (master->exclusive && has_exclusive_member(groups[g])) {"),
    ("MUTANT_BIND_IN_A_GROUP_WITHOUT_DOMAIN", "B-09", OWNER,
     "\terror = take_domains(group, master, cause);\n\tif (!error) {\n\t\tgroup->owner_count++;",
     "\terror = 0;\n\tif (!error) {\n\t\tgroup->owner_count++;"),
    ("MUTANT_READY_BEFORE_ATTACH", "A18", GROUP,
     "\terror = set_default(group, part, link);\n\tlink->reason",
     "\tword_store(&link->state, LINK_READY);\n\terror = set_default(group, part, link);\n\tlink->reason"),
    ("MUTANT_LATE_MEMBER_GETS_THE_EMPTY_DOMAIN", "GRP-07", GROUP,
     "\treturn attach_link(link, part->domain ? part->domain : part->fallback);",
     "\treturn attach_link(link, part->fallback);"),
    ("MUTANT_DETACH_TAKES_THE_NEIGHBOUR_ALONG", "CON-10", GROUP,
     "\t\tif (!has_sid(part, link->sid[i], link)) {",
     "\t\tif (part || !has_sid(part, link->sid[i], link)) {"),
    ("MUTANT_FREED_BEFORE_DETACHED", "B-03", GROUP,
     "\tdetach_link(part, link);\n\tgroup_unhook(part, link);", "\tgroup_unhook(part, link);"),
    ("MUTANT_QUARANTINE_TAKES_THE_NEIGHBOUR_ALONG", "A9", GROUP,
     "if (!part || !has_sid(part, sid, link)) {", "if (link) {\n\t\t(void)part;"),
    ("MUTANT_SWITCH_NOT_REVERTED", "B-23", GROUP,
     "\t\t(void)attach_streams(part, from ? from : part->fallback, switched, &reverted);",
     "\t\t(void)reverted;\n\t\t(void)from;"),
    ("MUTANT_NO_DIRECT_REGION", "A24", GROUP,
     "\tif (part->region_count == group->region_count) {", "\tif (group) {"),
    ("MUTANT_OWNER_WITHOUT_DIRECT_REGION", "A24", OWNER,
     "\terror = iommu_map_regions(group, *domain, 0);", "\terror = 0 * iommu_map_regions(group, *domain, group->region_count);"),
    ("MUTANT_CLAIM_IGNORES_THE_OWNER", "A27", OWNER,
     "if (group->owner_count || group->claimed_by) {", "if (group->claimed_by) {"),
    ("MUTANT_OWNED_WHILE_CLAIMED", "BND-10", OWNER,
     "\tif (group->claimed_by) {\n\t\treturn -EBUSY;", "\tif (!group) {\n\t\treturn -EBUSY;"),
    ("MUTANT_REMOVED_WHILE_HELD", "B-03", MASTER, "while (word_load(&block->users) || word_load(&slot->users)) {", "while (word_load(&slot->users)) {"),
    ("MUTANT_REMOVED_WHILE_ITS_SLOT_IS_HELD", "B-03", MASTER,
     "while (word_load(&block->users) || word_load(&slot->users)) {", "while (word_load(&block->users)) {"),
    ("MUTANT_DELISTED_BEFORE_RELEASED", "CON-10", MASTER,
     "\treturn LINK_STEP_IF(link, LINK_DESCRIBED, LINK_ABSENT) ||",
     "\treturn link_state(link) == LINK_DESCRIBED || link_state(link) == LINK_QUARANTINED ||\n"
     "\t       LINK_STEP_IF(link, LINK_DESCRIBED, LINK_ABSENT) ||"),
    ("MUTANT_REMOVED_WHILE_BINDING", "CON-10", MASTER,
     "\terror = core->unbind ? core->unbind(master) : 0;\n\tif (!error) {\n\t\tiommu_release",
     "\terror = 0;\n\tif (!error) {\n\t\tiommu_release"),
    ("MUTANT_BOUND_WHILE_IT_LEAVES", "CON-10", OWNER,
     "if (presence == PRESENCE_LEAVING || presence == PRESENCE_ABSENT) {", "if (presence == PRESENCE_ABSENT && !master) {"),
    ("MUTANT_ADDED_WITHOUT_A_LOOK", "REP-10", MASTER,
     "\toccupy(core, master);\n\tprobe_where_ready(master);\n", "\toccupy(core, master);\n"),
    ("MUTANT_SLOT_TAKEN_TWICE", "REP-10", MASTER,
     "!pointer_exchange_if(&slot_of(core, place)->master, NULL, master)) {",
     "(pointer_store(&slot_of(core, place)->master, master), false)) {"),
    ("MUTANT_QUARANTINE_DOES_NOT_WAKE", "A31", MASTER,
     "\twake_clients(core, master);\n\treturn error;\n}", "\treturn error;\n}"),
    ("MUTANT_NOBODY_IS_TOLD_OF_WORK", "BND-03", DEVICE,
     "\tdevice_append(queue, device);\n\tunlock(&queue->lock, saved);\n\tarch_event_send();",
     "\tdevice_append(queue, device);\n\tunlock(&queue->lock, saved);"),
    ("MUTANT_STALLED_DRIVER_FORGOTTEN", "BND-02", DEVICE,
     "\t\tbind_queue_wake(queue, DEVICE_CAUSE_DRIVER);", "\t\t(void)queue;"),
    ("MUTANT_LIST_WALKED_WITHOUT_LOCK", "BND-03", DEVICE,
     "\tword_meet(MEET_WAIT);\n\tsaved = lock(&queue->lock);\n\tfor (",
     "\tword_meet(MEET_WAIT);\n\tsaved = lock(&queue->lock);\n\tunlock(&queue->lock, saved);\n\tfor ("),
    ("MUTANT_GROUP_NOT_LOOKED_AT_AGAIN", "CON-06", GROUP,
     "if (iommu_group_of(master) == group) {", "if (group) {"),
    ("MUTANT_MERGED_WITHOUT_LOCK", "CON-06", GROUP,
     "\tsaved = lock(&from->lock);\n\twhile (member) {", "\tsaved = lock(&from->lock);\n\tunlock(&from->lock, saved);\n\twhile (member) {"),
    ("MUTANT_STRANGER_DENIED_LATE", "A26", GROUP,
     "\tsaved = group ? lock(&group->lock) : 0;\n\tdeny(link, sid, group);",
     "\tend_denial(link->iommu);\n\tsaved = group ? lock(&group->lock) : 0;\n\tdeny(link, sid, group);"),
    ("MUTANT_FAILURE_NOT_RAISED", "A8", "drivers/iommu/core.h",
     "\tif (error == -EIO) {\n\t\tiommu_raise(iommu);", "\tif (error == -EIO && !iommu) {\n\t\tiommu_raise(iommu);"),
    ("MUTANT_RAISED_AND_READY", "A8", INSTANCE,
     "if (!STEP_IF(INSTANCE_STEPS, &iommu->state, IOMMU_WALKING, IOMMU_READY)) {",
     "if (word_store(&iommu->state, IOMMU_READY), false) {"),
    ("MUTANT_MASTER_BLAMED_FOR_ITS_INSTANCE", "A8", REPLAY,
     "} else if (error == -ENOMEM || error == -EIO) {", "} else if (error == -ENOMEM) {"),
    ("MUTANT_FAILED_AND_GONE", "A8", INSTANCE,
     "if (!stopped && !iommu_is_raised(iommu)) {", "if (!stopped) {"),
    ("MUTANT_RAISED_OVER_ANOTHER_STATE", "A8", INSTANCE,
     "while (may_be_raised(word) && !word_exchange_if(&iommu->state, word, word | IOMMU_RAISED)) {\n\t\tword = word_load(&iommu->state);\n\t}",
     "if (may_be_raised(word)) {\n\t\tword_store(&iommu->state, word | IOMMU_RAISED);\n\t}"),
    ("MUTANT_UNBOUND_FOR_NOTHING", "CON-10", MASTER,
     "\t\tcore->rebind(master);\n", "\t\t(void)core;\n"),
    ("MUTANT_CLIENT_OF_WHO_STAYS_FORGOTTEN", "CON-10", MASTER,
     "\tbind_queue_retry(core->queue);\n\treturn error;", "\treturn error;"),
    ("MUTANT_TOLD_APART_AT_WORK", "GRP-01", GROUP,
     "if (group && group->loose && group_is_idle(group)) {", "if (group && group->loose) {"),
    ("MUTANT_NEVER_TOLD_APART_AT_THE_END", "GRP-01", INSTANCE,
     "\tif (split) {", "\tif (!iommu) {"),
    ("MUTANT_LOOSE_TOLD_TOO_LATE", "GRP-01", GROUP,
     "\tarch_sync_point(\"store pointer\", &core->split);\n\tatomic_store_explicit(&core->split, split_group_of, memory_order_release);\n",
     "\t(void)split_if_idle(core, group->members);\n\tarch_sync_point(\"late\", core);\n"
     "\tatomic_store_explicit(&core->split, split_group_of, memory_order_release);\n\treturn;\n"),
    ("MUTANT_LOCKS_IN_THE_WRONG_ORDER", "B-07", GROUP,
     "\tint error = again ? try_again(",
     "\tuint32_t twice = lock(&link->iommu->core->group_list_lock);\n"
     "\tint error = (unlock(&link->iommu->core->group_list_lock, twice), again) ? try_again("),
]

MUTANTS += [
    ("MUTANT_COMMANDS_WITHOUT_LOCK", "CON-11", CMDQ,
     "\tuint32_t saved = lock(&smmu->cmdq_lock);\n\tint64_t end = smmuv3_check_health",
     "\tstruct lock own = LOCK_INIT(LOCK_RANK_COMMAND_QUEUE);\n\tuint32_t saved = lock(&own);\n\tint64_t end = smmuv3_check_health"),
    ("MUTANT_BATCH_NOT_WAITED_FOR", "CON-12", CMDQ,
     "\tif (cmdq_is_before(smmuv3_commands_consumed(smmu), (uint32_t)end)) {\n\t\terror = cmdq_wait_consumed(smmu, (uint32_t)end);\n\t}\n",
     "\t(void)cmdq_wait_consumed;\n"),
    ("MUTANT_BATCH_WITHOUT_ROOM", "CMQ-02", CMDQ,
     "\tsmmu->starving = cmdq_has_room(smmu, count) ? 0 : me;", "\t(void)cmdq_has_room;\n\t(void)count;\n\tsmmu->starving = 0;"),
    ("MUTANT_ROOM_OFF_BY_ONE", "CMQ-03", CMDQ,
     "count - smmu->command_mask / 2 - 1;", "count - smmu->command_mask / 2 - 2;"),
    ("MUTANT_CONSUMED_GOES_BACK", "C.1-11", CMDQ,
     "\twhile (cmdq_is_before(seen, now) &&\n\t       !atomic_compare_exchange_weak_explicit(&smmu->consumed, &seen, now, memory_order_acq_rel,\n"
     "\t\t\t\t\t\t      memory_order_acquire)) {\n\t}\n\treturn cmdq_is_before(seen, now) ? now : seen;",
     "\tatomic_store(&smmu->consumed, now - (2U << smmu->cmdq.log2));\n\treturn now;"),
    ("MUTANT_ACKNOWLEDGED_WITHOUT_REPAIR", "CON-14", GERROR,
     "\tgerror_repair_command(smmu, consumer);", "\t(void)gerror_repair_command;"),
    ("MUTANT_GERROR_SERVED_WITHOUT_LOCK", "CON-14", GERROR,
     "\tuint32_t saved = lock(&smmu->cmdq_lock);\n\n\tsmmuv3_serve_gerror(smmu);\n\tunlock(&smmu->cmdq_lock, saved);",
     "\tsmmuv3_serve_gerror(smmu);"),
    ("MUTANT_REPAIRED_WITHOUT_ACKNOWLEDGE", "CON-14", GERROR,
     "\t(void)smmuv3_write(smmu, SMMU_GERRORN, gerror ^ (active & GERROR_SFM_ERR));", "\t(void)gerror;"),
]

# Memory order, which no interleaving shows: real threads under ThreadSanitizer do, in one of some runs.
RUNS = 40
RELAXED = [
    ("MUTANT_RELAXED_STATE_STORE", "C.1-15", SYNC_H,
     "atomic_store_explicit(&word->value, value, memory_order_release);",
     "atomic_store_explicit(&word->value, value, memory_order_relaxed);"),
    ("MUTANT_RELAXED_STATE_LOAD", "C.1-15", SYNC_H,
     "return atomic_load_explicit(&word->value, memory_order_acquire);",
     "return atomic_load_explicit(&word->value, memory_order_relaxed);"),
    ("MUTANT_RELAXED_POINTER_STORE", "B-27", SYNC_H,
     "atomic_store_explicit(&pointer->value, value, memory_order_release);",
     "atomic_store_explicit(&pointer->value, value, memory_order_relaxed);"),
    ("MUTANT_RELAXED_POINTER_LOAD", "B-27", SYNC_H,
     "return atomic_load_explicit(&pointer->value, memory_order_acquire);",
     "return atomic_load_explicit(&pointer->value, memory_order_relaxed);"),
    ("MUTANT_RELAXED_EXCHANGE", "B-04", SYNC,
     "exchanged = atomic_compare_exchange_strong(&word->value, &expected, value);",
     "exchanged = atomic_compare_exchange_strong_explicit(&word->value, &expected, value, memory_order_relaxed,\n"
     "\t\t\t\t\t\t\t    memory_order_relaxed);"),
    ("MUTANT_RELAXED_LOCK", "B-07", SYNC,
     "atomic_compare_exchange_weak_explicit(&lock->held, &expected, 1, memory_order_acquire,",
     "atomic_compare_exchange_weak_explicit(&lock->held, &expected, 1, memory_order_relaxed,"),
    ("MUTANT_RELAXED_UNLOCK", "B-07", SYNC,
     "atomic_store_explicit(&lock->held, 0, memory_order_release);",
     "atomic_store_explicit(&lock->held, 0, memory_order_relaxed);"),
    ("MUTANT_RELAXED_CANDIDATE", "B-11", DEVICE,
     "atomic_store_explicit(&device->candidate, driver, memory_order_release);",
     "atomic_store_explicit(&device->candidate, driver, memory_order_relaxed);"),
    ("MUTANT_RELAXED_SAMPLE", "B-11", DEVICE,
     "return atomic_load_explicit(driver, memory_order_acquire);", "return atomic_load_explicit(driver, memory_order_relaxed);"),
    ("MUTANT_RELAXED_ADD", "B-03", SYNC,
     "return atomic_fetch_add(&word->value, addend);", "return atomic_fetch_add_explicit(&word->value, addend, memory_order_relaxed);"),
    ("MUTANT_RELAXED_POINTER_EXCHANGE", "B-27", SYNC,
     "return atomic_compare_exchange_strong(&pointer->value, &expected, value);",
     "return atomic_compare_exchange_strong_explicit(&pointer->value, &expected, value, memory_order_relaxed, memory_order_relaxed);"),
]

# What the command queue's threads find out: a race, a command that is lost, a core that is kept out.
EVTQ = "drivers/smmuv3/evtq.c"
QUEUE = [
    ("MUTANT_DOORBELL_WITHOUT_BARRIER", "C1-11", CMDQ,
     "\tarch_dma_wmb();\n\tarch_write32(smmu->regs + SMMU_CMDQ_PROD,", "\tarch_write32(smmu->regs + SMMU_CMDQ_PROD,"),
    ("MUTANT_NOBODY_LETS_PASS", "CON-12", CMDQ,
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

# What two processors show that each keep a store back.
FENCES = [
    ("MUTANT_FENCE_OF_THE_COMPILER_ALONE", "A31", SYNC_H,
     "\tatomic_thread_fence(memory_order_seq_cst);", "\tatomic_signal_fence(memory_order_seq_cst);"),
    ("MUTANT_FENCE_OF_ACQUIRE_AND_RELEASE", "A31", SYNC_H,
     "\tatomic_thread_fence(memory_order_seq_cst);", "\tatomic_thread_fence(memory_order_acq_rel);"),
]

# Each fence of the core, which two cores need that each change one word and then read the other's: a core that keeps back
# what it changed finds out that it is missing.


def fence(pair):
    return f"\tword_meet(MEET_{pair});\n"


KEPT = [
    ("MUTANT_NO_FENCE_BEFORE_THE_QUARANTINE_IS_READ", "A26", REPLAY, fence("QUARANTINE"), ""),
    ("MUTANT_NO_FENCE_BEHIND_THE_QUARANTINE", "A26", MASTER,
     fence("QUARANTINE") + "\tfor (unsigned int i = 0; i < master->link_count; i++) {\n\t\tint result", "\tfor (unsigned int i = 0; i < master->link_count; i++) {\n\t\tint result"),
    ("MUTANT_NO_FENCE_BEHIND_A_HOLD", "B-03", MASTER, fence("HOLD") + "}\n\nvoid iommu_let_go", "}\n\nvoid iommu_let_go"),
    ("MUTANT_NO_FENCE_BEHIND_THE_EMPTY_SLOT", "B-03: a stream's master", MASTER, fence("HOLD") + "\twhile (word_load(&block->users)", "\twhile (word_load(&block->users)"),
    ("MUTANT_NO_FENCE_BEHIND_AN_ARRIVAL", "A33", MASTER, fence("ARRIVAL") + "\tfor (unsigned int i = 0; i < master->link_count; i++) {\n\t\tif",
     "\tfor (unsigned int i = 0; i < master->link_count; i++) {\n\t\tif"),
    ("MUTANT_NO_FENCE_BEHIND_READY", "A33", INSTANCE, fence("ARRIVAL") + "\tif (!settled", "\tif (!settled"),
    ("MUTANT_NO_FENCE_BEHIND_THE_END", "GRP-01", INSTANCE, fence("SPLIT") + "\tarch_sync_point", "\tarch_sync_point"),
    ("MUTANT_NO_FENCE_BEHIND_A_LOOSE_GROUP", "GRP-01", GROUP, fence("SPLIT") + "\t(void)split_if_idle", "\t(void)split_if_idle"),
    ("MUTANT_NO_FENCE_BEFORE_A_WAKE", "A31 REP-05", DEVICE, fence("WAIT") + "\tsaved = lock", "\tsaved = lock"),
    ("MUTANT_NO_FENCE_BEHIND_DEFERRED", "A31", DEVICE, fence("WAIT") + "\t/* Once the word", "\t/* Once the word"),
    ("MUTANT_NO_FENCE_BEHIND_A_BIND", "BND:", DEVICE, fence("WAIT") + "\tif (word_load(&queue->stalled)", "\tif (word_load(&queue->stalled)"),
    ("MUTANT_NO_FENCE_BEHIND_BINDING", "binds to a group that is owned", DEVICE, fence("BIND") + "\tbind(queue, device)", "\tbind(queue, device)"),
    ("MUTANT_NO_FENCE_BEFORE_A_CLIENT_IS_WAITED_FOR", "CON-10: a master is removed while its client binds", DEVICE, fence("BIND") + "\tfor (;;)", "\tfor (;;)"),
]

# After what is named after the same history, the quick ones first: random runs take seconds, every interleaving minutes.
CORE_RUNS = [["-f", "-s", "0", "-n", "50000"], ["-f", "-c", "2"], ["-f", "-c", "3"]]
KEPT_RUNS = [["-f", "-w", "1", "-s", "0", "-n", "50000"], ["-f", "-w", "2", "-c", "2"]]
CPU_SECONDS = 600  # Of the processor's time, however busy the machine is: several times what the longest run takes unchanged.


def run(name, program, arguments):
    """(found out, output)."""
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, check=False, preexec_fn=lambda: mutant.limit_cpu(CPU_SECONDS)
    )
    if done.returncode == -signal.SIGXCPU:
        raise ValueError(mutant.endless(name, CPU_SECONDS))
    return done.returncode != 0, done.stdout + done.stderr


def killer(output):
    """What found the mutant, and after how many schedules."""
    failed = re.search(r"^not ok \d+ - (.*?) # (\d+) covered, (\d+) explored", output, re.M)
    seed = re.search(r"^not ok - seed (\d+)", output, re.M)
    explored = re.search(r"^schedules: \d+ covered, (\d+) explored", output, re.M)
    race = re.search(r"WARNING: ThreadSanitizer: (.*?) \(", output)
    if failed:
        return failed.group(1), explored.group(1)
    if seed:
        return f"seed {seed.group(1)}", str(int(seed.group(1)) + 1)
    if race:
        return f"ThreadSanitizer: {race.group(1)}", "-"
    return output.strip().splitlines()[-1][:80] if output.strip() else "it crashed", "-"


# What there is to mutate, and what is run: a scenario is named by what the mutant undoes.
KINDS = {
    "core": (MUTANTS, lambda what: [["-f", what], *CORE_RUNS]),
    "kept": (KEPT, lambda what: [["-f", "-w", "3", "-c", "2", what], ["-f", "-w", "4", "-c", "2", what], *KEPT_RUNS]),
    "threads": (RELAXED, lambda what: [["200000"]] * RUNS),
    "queue": (QUEUE, lambda what: [["3000"], ["20000"]]),
    "fences": (FENCES, lambda what: [["10000"]]),
}


def refuse_unnamed(unchanged):
    """Without a scenario of this name, nothing runs, and that fails: it would kill every mutant, and the unchanged core."""
    scenarios = subprocess.run([unchanged, "-l"], capture_output=True, text=True, check=True).stdout
    for name, what in (each[:2] for each in MUTANTS + KEPT):
        if what not in scenarios:
            raise ValueError(f"{name}: no scenario is named after {what}: name one that the mutant fails in")


def refuse_failing(unchanged, runs):
    """A program that fails without a change would find every mutant."""
    failed, output = run("no change", unchanged, runs("")[0])
    if failed:
        raise ValueError(f"without any change there fails\n{output}")


# Where cores meet without a lock: an order that is asked for, or that an atomic of the language has by itself.
ORDERS = re.compile(r"word_(?:fence|meet)\(\w*\);|memory_order_\w+|__ATOMIC_\w+|atomic_(?:load|store|exchange|fetch_\w+|compare_exchange_\w+)\(")
ORDERED = ("drivers/base", "drivers/iommu", "drivers/smmuv3")
LIFE = "drivers/smmuv3/life.c"
SMMUV3 = "drivers/smmuv3/private.h"
TRACE = "drivers/smmuv3/trace.c"
TRACE_H = "drivers/smmuv3/trace.h"

# Those that no mutant undoes: file, text, why a test on this machine cannot miss it.
PINNED = [
    (SYNC_H, "\tatomic_thread_fence(memory_order_seq_cst);", "of every fence: MUTANT_FENCE_*, on two processors"),
    (SYNC_H, "(void)meeting;\n\tword_fence();", "of every pair: MUTANT_NO_FENCE_*"),
    (SYNC, "memory_order_acquire,\n\t\t\t\t\t\t     memory_order_relaxed);", "the order of a lock that was not taken: nothing is read on account of it"),
    (SYNC, "(void)atomic_fetch_or(&word->value, bits);", "a bit says where to look; what is there is published by its slot's pointer, and MUTANT_NO_FENCE_BEHIND_AN_ARRIVAL has the order"),
    (SYNC, "(void)atomic_fetch_and(&word->value, ~bits);", "as for setting one: MUTANT_NO_FENCE_BEHIND_THE_EMPTY_SLOT has the order"),
    (DEVICE, "atomic_store_explicit(&device->driver, driver, memory_order_release);", "who unbinds has the client's word first, which publishes it; who only prints the name wants it whole"),
    (DEVICE, "atomic_store_explicit(&device->driver, NULL, memory_order_relaxed);", "before the device is known to another core"),
    (GROUP, "atomic_store_explicit(&core->split, split_group_of, memory_order_release);", "a function: nothing is behind the pointer; MUTANT_NO_FENCE_BEHIND_A_LOOSE_GROUP has the order"),
    (INSTANCE, "split = atomic_load_explicit(&iommu->core->split, memory_order_acquire);", "as above; MUTANT_NO_FENCE_BEHIND_THE_END has the order"),
    ("drivers/base/store.h", "__atomic_load_n(entry, __ATOMIC_RELAXED);", "in one piece: the SMMU changes nothing in it"),
    (CMDQ, "atomic_store(&smmu->consumed, 0);", "before the queue is any other core's"),
    (SMMUV3, "atomic_load_explicit(&smmu->health, memory_order_relaxed);", "one word, which is worth what it says: nothing is read on account of it"),
    (LIFE, "atomic_load(&smmu->health);", "the exchange looks again"),
    (LIFE, "atomic_compare_exchange_weak(&smmu->health, &now, health)", "one word, of which the worst value stays: what else is read has the state's word between"),
    (LIFE, "atomic_store(&smmu->health, SMMUV3_OFF);", "before the instance is any other core's"),
    (TRACE, "atomic_store_explicit(&smmuv3_trace_on, true, memory_order_release);", "before the other cores are started"),
    (TRACE, "atomic_fetch_add_explicit(&smmuv3_trace_ring.count, 1, memory_order_relaxed);", "a number for each record, and nothing behind it"),
    (TRACE, "atomic_store_explicit(&entry->sequence, 0, memory_order_relaxed);\n\tatomic_thread_fence(memory_order_release);",
     "for a debugger that reads while the cores run: no core does"),
    (TRACE, "atomic_store_explicit(&entry->sequence, number + 1, memory_order_release);", "as above"),
    (TRACE, "atomic_exchange(&smmuv3_trace_on, false)", "once, by the core that is left"),
    (TRACE, "atomic_load_explicit(&smmuv3_trace_ring.count, memory_order_acquire);", "after the other cores have stopped"),
    (TRACE, "atomic_load_explicit(&entry->sequence, memory_order_acquire)", "after the other cores have stopped"),
    (TRACE_H, "atomic_load_explicit(&smmuv3_trace_on, memory_order_relaxed)", "a core that sees it late leaves a record out"),
]


def places(path, texts):
    """Where in a file what one of the texts says begins and ends."""
    with open(path, encoding="utf-8") as file:
        source = file.read()
    for text in texts:
        if source.count(text) != 1:
            raise ValueError(f"a text is {source.count(text)} times in {path}, not once: {text!r}")
    return source, [(source.index(text), source.index(text) + len(text)) for text in texts]


def refuse_unlisted():
    """Every order that cores depend on has a mutant, or a reason why it has none: a new one, or one that is weakened, is told."""
    undone = [each[-3:-1] for listed, _ in KINDS.values() for each in listed] + [each[:2] for each in PINNED]
    for path in sorted(os.path.join(at, name) for folder in ORDERED for at, _, names in os.walk(folder) for name in names):
        source, listed = places(path, [text for where, text in undone if where == path])
        for found in ORDERS.finditer(source):
            if not any(begin <= found.start() and found.end() <= end for begin, end in listed):
                line = source.count("\n", 0, found.start()) + 1
                raise ValueError(f"{path}:{line}: no mutant undoes {found.group()}, nor does PINNED say why: see {__file__}")


def parts(changed, objects_dir, objects, out):
    """The objects of the program with the change: one file's, or all of them where it is a header's."""
    path = changed[2]
    if path.endswith(".h"):
        return mutant.compile_with_header(out, changed, [os.path.relpath(each, objects_dir)[:-2] for each in objects])
    return [mutant.compile_changed(out, changed), *(each for each in objects if not each.endswith(path + ".o"))]


def try_mutant(changed, runs, objects_dir, objects, out):
    """What killed the mutant, and after how many schedules, or None."""
    name, what = changed[:2]
    libraries = os.environ.get("MUTANT_LIBRARIES", "").split()
    program = mutant.link(name, os.path.join(out, name), [*parts(changed, objects_dir, objects, out), *libraries])
    for arguments in runs(what):
        found, output = run(name, program, arguments)
        if found:
            return "%s, after %s schedules" % killer(output)
    return None


def main():
    kind, unchanged, out = sys.argv[1:4]
    listed, runs = KINDS[kind]
    objects_dir = os.path.dirname(unchanged)
    refuse_unlisted()
    if kind in ("core", "kept"):
        refuse_unnamed(unchanged)
    elif mutant.chosen(listed, sys.argv[4:]):
        refuse_failing(unchanged, runs)
    # What make has linked: objects of sources that have gone may lie beside them.
    with open(unchanged + ".objects", encoding="utf-8") as file:
        objects = file.read().splitlines()[1:]
    return mutant.try_all(mutant.chosen(listed, sys.argv[4:]), out, lambda each: try_mutant(each, runs, objects_dir, objects, out))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        sys.exit(f"mutants.py: {error}")
