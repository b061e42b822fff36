/* SPDX-License-Identifier: BSD-2-Clause */
/* The soak removes masters and adds them again: what it must not overlook, and what must not fail it. */
#include "base/arena.h"
#include "case.h"
#include "checks/soak.h"

#define SOAK_FAILS "fail soak machine"
#define NOTHING_LEAVES "none removals machine; none additions machine; none denials machine; none returns machine"

/* Its first DMA after a removal. */
#define REMOVED(title, master, lies, differ, ...)                                                                      \
	{                                                                                                              \
		.name = "unplug: " title, .lie = {{.of = (master), .when = AT_REMOVED, .number = 1, lies}},            \
		.differs = (differ), __VA_ARGS__                                                                       \
	}

extern const struct soak_step unplug_step;
const struct soak_step *const linked = &unplug_step;

static void soak(struct machine *machine)
{
	machine->soak = 4;
}

static void share_a_group(struct machine *machine)
{
	machine->master[0].iommu.isolation = 7;
	machine->master[1].iommu.isolation = 7;
}

static bool is_removed(uint32_t sid)
{
	for (unsigned int m = 0; m < machine_under_test->master_count; m++) {
		const struct iommu_master *master = &machine_under_test->master[m].iommu;

		if (master->sid[0] == sid) {
			return word_load(&master->presence) == PRESENCE_LEAVING;
		}
	}
	return false;
}

/* Only the removal leaves the entry. */
static int keep_removed_attached(struct iommu_instance *iommu, uint32_t sid, struct iommu_domain *domain)
{
	return !domain && is_removed(sid) ? 0 : smmuv3_ops.attach(iommu, sid, domain);
}

static void leave_removed_entries(struct machine *machine)
{
	machine->ops[0].attach = keep_removed_attached;
}

static int refuse_streams(struct iommu_instance *iommu, uint32_t sid)
{
	return machine_under_test->phase == PHASE_SOAK ? -EINVAL : smmuv3_ops.add_stream(iommu, sid);
}

/* What is added again is quarantined. */
static void add_no_stream(struct machine *machine)
{
	machine->ops[1].add_stream = refuse_streams;
}

static int never_unbind(struct iommu_master *iommu)
{
	(void)iommu;
	return -ETIMEDOUT;
}

static void stay_bound(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_SOAK) {
		machine->core.unbind = never_unbind;
	}
}

static void remove_none(struct machine *machine)
{
	machine->before = stay_bound;
}

static void give_all_regions(struct machine *machine, enum phase phase)
{
	for (unsigned int m = 0; m < MACHINE_MASTERS && phase == PHASE_SOAK; m++) {
		machine->master[m].iommu.region_count = 1;
	}
	for (unsigned int m = 0; m < MACHINE_MASTERS && phase == PHASE_HAND_OVER; m++) {
		machine->master[m].iommu.region_count = 0;
	}
}

static void have_regions(struct machine *machine)
{
	machine->before = give_all_regions;
}

static const struct check_case cases[] = {
	REMOVED("its DMA lands all the same", "m0", BYTES(ALL_THE_SAME), SOAK_FAILS, .says = "its DMA reached memory"),
	REMOVED("its DMA lands elsewhere", "m2", TOLD_WITH(STRANGER, UNOWNED_SID), SOAK_FAILS, .unexpected = 1),
	REMOVED("no event comes", "m1", TOLD(NOTHING), SOAK_FAILS, .says = "stopped without an event"),
	REMOVED("an event of another page", "m3", TOLD_WITH(ADDRESS, OTHER_ADDRESS), SOAK_FAILS, .unexpected = 1,
		.says = "stopped without an event"),
	REMOVED("an event of another kind", "m1", TOLD_WITH(CODE, F_PERMISSION), SOAK_FAILS, .unexpected = 1,
		.says = "stopped without an event"),
	REMOVED("the device is never done", "m2", .never = true, SOAK_FAILS, .says = "its DMA did not end"),
	REMOVED("the event comes a little late", "m0", TOLD_WITH(LATE, 50000), NULL),
	REMOVED("the event comes twice", "m0", TOLD(TWICE), NULL),
	{.name = "unplug: two masters of a group", .configure = share_a_group, .differs = NULL},
	{.name = "unplug: the entry of one of a group stays",
	 .configure = share_a_group,
	 .broken = leave_removed_entries,
	 .differs = SOAK_FAILS,
	 .says = "its DMA reached memory"},
	{.name = "unplug: what is added again is refused",
	 .broken = add_no_stream,
	 .differs = SOAK_FAILS,
	 .says = "and could not be bound"},
	{.name = "unplug: a master cannot be removed",
	 .broken = remove_none,
	 .differs = SOAK_FAILS ";" NOTHING_LEAVES,
	 .says = "could not be removed"},
	{.name = "unplug: masters with direct regions stay", .broken = have_regions, .differs = NOTHING_LEAVES},
};

int main(void)
{
	return cases_run("unplug", soak, cases, sizeof(cases) / sizeof(cases[0]));
}
