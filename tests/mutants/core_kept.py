# SPDX-License-Identifier: BSD-2-Clause
"""
The guarded core without one of its fences, which two cores need that each change one word and then read the other's: a core that
keeps back what it changed finds out that it is missing.
"""

RUNNER = "kept"

DEVICE = "drivers/base/device.c"
GROUP = "drivers/iommu/group.c"
INSTANCE = "drivers/iommu/instance.c"
MASTER = "drivers/iommu/master.c"
REPLAY = "drivers/iommu/replay.c"


def fence(pair):
    return f"\tword_meet(MEET_{pair});\n"


# Name, what history or rule it undoes, file, text, what stands there instead.
MUTANTS = [
    ("MUTANT_NO_FENCE_BEFORE_THE_QUARANTINE_IS_READ", "A26", REPLAY, fence("QUARANTINE"), ""),
    ("MUTANT_NO_FENCE_BEHIND_THE_QUARANTINE", "A26", MASTER,
     fence("QUARANTINE") + "\tfor (unsigned int i = 0; i < master->link_count; i++) {\n\t\tint result", "\tfor (unsigned int i = 0; i < master->link_count; i++) {\n\t\tint result"),
    ("MUTANT_NO_FENCE_BEHIND_A_HOLD", "B-03", MASTER, fence("HOLD") + "}\n\nvoid iommu_let_go", "}\n\nvoid iommu_let_go"),
    ("MUTANT_NO_FENCE_BEHIND_THE_EMPTY_SLOT", "B-03: a stream's master", MASTER, fence("HOLD") + "\twhile (word_load(&slot_set->users)", "\twhile (word_load(&slot_set->users)"),
    ("MUTANT_NO_FENCE_BEHIND_AN_ARRIVAL", "A33", MASTER, fence("ARRIVAL") + "\tfor (unsigned int i = 0; i < master->link_count; i++) {\n\t\tif",
     "\tfor (unsigned int i = 0; i < master->link_count; i++) {\n\t\tif"),
    ("MUTANT_NO_FENCE_BEHIND_READY", "A33", INSTANCE, fence("ARRIVAL") + "\tif (!settled", "\tif (!settled"),
    ("MUTANT_NO_FENCE_BEHIND_THE_END", "GRP-01", INSTANCE, fence("SPLIT") + "\tarch_sync_point", "\tarch_sync_point"),
    ("MUTANT_NO_FENCE_BEHIND_A_LOOSE_GROUP", "GRP-01", GROUP, fence("SPLIT") + "\t(void)group_split_if_idle", "\t(void)group_split_if_idle"),
    ("MUTANT_NO_FENCE_BEFORE_A_WAKE", "A31 REP-05", DEVICE, fence("WAIT") + "\tsaved = lock", "\tsaved = lock"),
    ("MUTANT_NO_FENCE_BEHIND_DEFERRED", "A31", DEVICE, fence("WAIT") + "\t/* Once the word", "\t/* Once the word"),
    ("MUTANT_NO_FENCE_BEHIND_A_BIND", "BND:", DEVICE, fence("WAIT") + "\tif (word_load(&queue->stalled)", "\tif (word_load(&queue->stalled)"),
    ("MUTANT_NO_FENCE_BEHIND_BINDING", "binds to a group that is owned", DEVICE, fence("BIND") + "\tdevice_bind(queue, device)", "\tdevice_bind(queue, device)"),
    ("MUTANT_NO_FENCE_BEFORE_A_CLIENT_IS_WAITED_FOR", "CON-10: a master is removed while its client binds", DEVICE, fence("BIND") + "\tfor (;;)", "\tfor (;;)"),
]
