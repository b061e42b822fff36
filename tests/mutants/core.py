# SPDX-License-Identifier: BSD-2-Clause
"""The guarded core on its unhappy paths: what no second core is needed for is found out by the tests of its files."""

PROGRAMS = ("group", "owner", "master", "instance", "binding", "replay", "base")

DEVICE = "drivers/base/device.c"
GROUP = "drivers/iommu/group.c"
INSTANCE = "drivers/iommu/instance.c"
MASTER = "drivers/iommu/master.c"
OWNER = "drivers/iommu/owner.c"

MUTANTS = [
    ("PROGRESS_AT_EVERY_LOOK", "a line every 2 s at most", "base", "drivers/base/progress.c", "\tprogress->said = now;\n", ""),
    # --- What is used again keeps something of its last life. ---
    ("GROUP_KEEPS_ITS_REGIONS", "a recycled group's direct regions: isolation", "test_group", GROUP, "\tgroup->part_count = 0;\n\tgroup->region_count = 0;\n\tgroup->owner_count = 0;", "\tgroup->part_count = 0;\n\tgroup->owner_count = 0;"),
    ("GROUP_KEEPS_ITS_PARTS", "a recycled group's instances", "test_group", GROUP, "\tgroup->part_count = 0;\n\tgroup->region_count = 0;\n\tgroup->owner_count = 0;", "\tgroup->region_count = 0;\n\tgroup->owner_count = 0;"),
    ("GROUP_APART_KEEPS_ALL_PARTS", "a part that no member names", "test_group", GROUP, "\tgroup->members = NULL;\n\tgroup->part_count = 0;\n\tgroup->region_count = 0;\n\twhile", "\tgroup->members = NULL;\n\twhile"),
    ("PART_OF_WHO_LEFT_STAYS", "a part that no member names", "test_group", GROUP, "\tgroup->part_count = kept;", "\tgroup->part_count += 0 * kept;"),
    ("REGIONS_OF_A_PART_STAY_COUNTED", "an instance that comes again", "test_group", GROUP, "\t\tpart_free_domain(&part->fallback);\n\t\tpart->region_count = 0;", "\t\tpart_free_domain(&part->fallback);"),
    ("DEVICE_KEEPS_ITS_ERROR", "a device that is added again", "test_binding", DEVICE, "\tdevice->error = 0;\n\tdevice->core", "\tdevice->core"),
    ("DEVICE_KEEPS_ITS_WAITS", "a device that is added again", "test_binding", DEVICE, "\tdevice->waits = 0;\n\tdevice->waited_for", "\tdevice->waited_for"),
    ("DEVICE_KEEPS_WHAT_IT_WAITED_FOR", "a device that is added again", "test_binding", DEVICE, "\tdevice->waited_for = 0;\n", ""),
    ("DEVICE_KEEPS_ITS_DEFERRALS", "a device that is added again", "test_binding", DEVICE, "\tdevice->deferrals = 0;\n", ""),
    ("WAITS_NEVER_RESET", "a count of waits in a row", "test_binding", DEVICE, "\tdevice->waits = 0;\n\tdevice->error = error;", "\tdevice->error = error;"),
    ("REASON_OF_THE_LAST_REGISTRATION_STAYS", "an instance that is registered again", "test_instance", INSTANCE, "\tiommu->reason = NULL;\n", ""),
    # --- A failed addition keeps what it took. ---
    ("PLACE_KEPT_BY_A_FAILED_ADDITION", "an addition that fails", "test_master", MASTER, "\t\tif (error) {\n\t\t\tword_add(&core->master_count, (uint32_t)-1);\n\t\t}\n", ""),
    ("PLACE_KEPT_WHERE_THERE_IS_NONE", "an addition that fails", "test_master", MASTER, "\t\treturn 0;\n\t}\n\tword_add(&core->master_count, (uint32_t)-1);\n", "\t\treturn 0;\n\t}\n"),
    ("PLACE_KEPT_BY_WHO_WENT", "a master that is removed", "test_master", MASTER, "\tword_add(&core->master_count, (uint32_t)-1);\n\tpointer_store(&master->quarantine_reason, NULL);", "\tpointer_store(&master->quarantine_reason, NULL);"),
    ("STREAMS_KEPT_BY_A_FAILED_ADDITION", "an addition that fails", "test_group", GROUP, "\t\t\twhile (k--) {\n\t\t\t\tstream_drop(core, &keys[k]);\n\t\t\t}\n", ""),
    ("PRESENCE_KEPT_BY_A_FAILED_ADDITION", "an addition that fails", "test_master", MASTER, "\tif (error) {\n\t\tSTEP_TO(MASTER_STEPS, &master->presence, PRESENCE_ARRIVING, PRESENCE_ABSENT);\n", "\tif (error) {\n"),
    # --- Limits met exactly. ---
    ("LAST_PLACE_REFUSED", "as many masters as there is room for", "test_master", MASTER, "if (word_add(&core->master_count, 1) < core->masters_max) {", "if (word_add(&core->master_count, 1) + 1 < core->masters_max) {"),
    ("LAST_REGION_REFUSED", "as many regions as fit", "test_group", GROUP, "demand.region_count <= IOMMU_REGIONS_MAX;", "demand.region_count < IOMMU_REGIONS_MAX;"),
    ("ONE_REGION_TOO_MANY", "one region more than fits", "test_group", GROUP, "demand.region_count <= IOMMU_REGIONS_MAX;", "demand.region_count <= IOMMU_REGIONS_MAX + 1;"),
    ("LAST_INSTANCE_REFUSED", "as many instances as fit", "test_group", GROUP, "return demand.part_count <= IOMMU_LINKS_MAX &&", "return demand.part_count < 2 &&"),
    ("EQUAL_REGIONS_COUNT_TWICE", "a region of two members", "test_group", GROUP, "\t\t    !region_is_among(demand->region, demand->region_count, &regions[r])) {", "\t\t    true) {"),
    ("EXPIRED_ONE_WAIT_LATE", "the policy's last wait", "test_binding", DEVICE, "device->waits >= DEVICE_DEFERRALS_MAX", "device->waits > DEVICE_DEFERRALS_MAX"),
    # --- Direct regions. ---
    ("RIGHTS_OF_THE_FIRST_REGION", "rights of all regions of a page", "test_owner", OWNER, "run.access = region_access_at(group, 0, group->region_count, run.base);", "run.access = region_access_at(group, 0, r + 1, run.base);"),
    ("RIGHTS_DROPPED_WITHOUT_A_WORD", "a late region that wants more", "test_owner", OWNER, "return run->access & ~held ? -EEXIST : 0;", "return 0;"),
    ("A_MAP_FOR_EACH_PAGE", "runs of pages", "test_owner", OWNER, "run.size = region_run_size(group, run.base);", "run.size = region_run_size(group, run.base) ? PAGE_SIZE : 0;"),
    # --- Who is told apart. ---
    ("NEVER_TOLD_APART", "who is present makes the group", "test_group", GROUP, "\tgroup->loose = true;\n", ""),
    ("TOLD_APART_TOO_MUCH", "a chain of streams", "test_group", GROUP, "\t\tmember = group_find_member(core, group, true);", "\t\tmember = NULL;"),
    ("LOOSE_FORGOTTEN_WITHOUT_MEMORY", "no memory for another group", "test_group", GROUP, "\t\tgroup->loose = group_find_member(core, group, false);\n\t\tif (group->loose) {", "\t\tgroup->loose = false;\n\t\tif (group_find_member(core, group, false)) {"),
    # --- Unmapping. ---
    ("WHAT_ONE_KEEPS_IS_PASSED_OVER", "an instance has a part of the range", "test_owner", OWNER, "return error || !absent || group_has_unmapped(group, iova, size) ? error : -ENOENT;", "return error;"),
    # --- What comes to nothing. ---
    ("REBOUND_WHO_WAS_NOT_BOUND", "a removal that comes to nothing", "test_binding", DEVICE, "\treturn device_unbind_displaced(device, 0);", "\treturn device_unbind_displaced(device, DISPLACED);"),
    ("NOT_REBOUND_WHERE_THE_INSTANCE_STAYS", "an unregistering that comes to nothing", "test_instance", INSTANCE, "\t\tiommu_for_each_link(iommu, link_rebind_clients);\n", "\t\t(void)link_rebind_clients;\n"),
    ("DISPLACED_MAY_NOT_BE_QUEUED", "a client that made way", "test_binding", DEVICE, " || device_queue_if(device, CLIENT_UNBOUND, DISPLACED) ||", " ||"),
]
