/* SPDX-License-Identifier: BSD-2-Clause */
/* What the soak must not overlook, and what must not fail it. */
#include "base/arena.h"
#include "case.h"

#define SOAK_FAILS "fail soak machine"

/* From the third DMA on: the first are honest. */
#define SOAKED(title, master, lies, differ, ...)                                                                       \
	{                                                                                                              \
		.name = "soak: " title, .lie = {{.of = (master), .when = AT_SOAK, .number = 3, lies}},                 \
		.differs = (differ), __VA_ARGS__                                                                       \
	}

static void soak(struct machine *machine)
{
	machine->soak = 1;
}

static int fail_to_start(struct iommu_instance *iommu)
{
	return machine_under_test->phase == PHASE_SOAK ? -ENOMEM : smmuv3_ops.start(iommu);
}

static void never_come_back(struct machine *machine)
{
	machine->ops[1].start = fail_to_start;
}

static int map_nothing(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	return machine_under_test->phase == PHASE_SOAK ? -ENOMEM : smmuv3_ops.map(domain, iova, pa, size, access);
}

static void map_no_more(struct machine *machine)
{
	machine->ops[0].map = map_nothing;
}

static int unmap_with_error(struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	int error = smmuv3_ops.unmap(domain, iova, size);

	return machine_under_test->phase == PHASE_SOAK ? -ETIMEDOUT : error;
}

static void unmap_badly(struct machine *machine)
{
	machine->ops[0].unmap = unmap_with_error;
}

static int probe_soak(struct master *master)
{
	(void)master;
	return machine_under_test->phase == PHASE_SOAK ? -ENODEV : 0;
}

static void vanish(struct machine *machine)
{
	machine->driver[3].probe = probe_soak;
}

/* Its driver finds out late that the device is not for it. */
static int prepare_no_more(struct master *master, const struct master_dma *stray)
{
	(void)stray;
	return machine_under_test->phase == PHASE_SOAK ? master_unfit(master, "it refuses the test") : 0;
}

static void look_at_m1(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_HAND_OVER) {
		machine_found("bound", "m1", client_state(&machine->master[1].device) == CLIENT_BOUND);
	}
}

/* m1 has work pages, and refuses before its DMA; m2 refuses its DMA. */
static void refuse(struct machine *machine)
{
	machine->driver[1].prepare = prepare_no_more;
	machine->driver[2].prepare = prepare_no_more;
	machine->before = look_at_m1;
}

/* Takes another instance along. */
static int stop_both(struct iommu_instance *iommu)
{
	if (machine_under_test->phase == PHASE_SOAK && iommu->index == 0) {
		machine_under_test->smmu[1].iommu.generation++;
	}
	return smmuv3_ops.stop(iommu);
}

static void touch_the_other(struct machine *machine)
{
	machine->ops[0].stop = stop_both;
}

static int use_memory_up(struct iommu_instance *iommu)
{
	(void)arena_allocate(64, 64);
	return smmuv3_ops.stop(iommu);
}

static void leak(struct machine *machine)
{
	machine->ops[0].stop = use_memory_up;
}

static void no_instance_moves(struct machine *machine, enum phase phase)
{
	for (unsigned int m = 0; m < MACHINE_MASTERS && phase == PHASE_SOAK; m++) {
		machine->master[m].observation.match = false;
	}
}

static void have_no_masters(struct machine *machine)
{
	machine->before = no_instance_moves;
}

/* --- A record that follows the last DMA. --- */

#define LATE_US 2000U

static uint64_t event_due;

static int bind_and_tell(struct device *device, const struct driver *driver)
{
	event_due = machine_under_test->phase == PHASE_SOAK ? arch_hooks.ticks + LATE_US : 0;
	return master_bind(device, driver);
}

static uint32_t tell_when_due(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	const uint64_t record[4] = {F_TRANSLATION | (uint64_t)UNOWNED_SID << 32, 0, OTHER_ADDRESS, 0};

	(void)offset;
	/* Asked after this one. */
	if (smmu == 0 && event_due && arch_hooks.ticks >= event_due) {
		event_due = 0;
		model_inject_event(machine->model[1], record);
	}
	return value;
}

static void tell_afterwards(struct machine *machine)
{
	machine->driver[0].driver.bind = bind_and_tell;
	machine->reads = tell_when_due;
}

static const struct check_case cases[] = {
	SOAKED("other bytes arrive", "m0", BYTES(WRONG), SOAK_FAILS, .says = "brought other bytes"),
	SOAKED("nothing arrives", "m1", BYTES(NONE), SOAK_FAILS, .says = "did not reach its page"),
	SOAKED("other bytes of a pattern", "m2", BYTES(WRONG), SOAK_FAILS, .says = "brought other bytes"),
	SOAKED("other bytes of a copy", "m3", BYTES(SHORT), SOAK_FAILS),
	{.name = "soak: the device reports an error of its fetch",
	 .lie = {{.of = "m0", .when = AT_SOAK_FETCH, .number = 3, .poll = -EIO}},
	 .differs = SOAK_FAILS,
	 .says = "ended with an error"},
	SOAKED("it lands elsewhere", "m0", BYTES(BELOW), SOAK_FAILS),
	SOAKED("the device reports an error", "m1", .poll = -EIO, SOAK_FAILS, .says = "ended with an error"),
	SOAKED("the device does not start", "m2", .start = -EIO, SOAK_FAILS),
	SOAKED("the device is never done", "m3", .never = true, SOAK_FAILS, .says = "did not end"),
	SOAKED("an event at a doorbell", "m0", TOLD(MSI), SOAK_FAILS, .unexpected = 1),
	SOAKED("a stranger's event", "m2", TOLD_WITH(STRANGER, UNOWNED_SID), SOAK_FAILS, .unexpected = 1),
	{.name = "soak: an event after the last DMA",
	 .broken = tell_afterwards,
	 .differs = SOAK_FAILS,
	 .unexpected = 1},
	SOAKED("a slow device", "m0", .polls = 50, NULL),
	{.name = "soak: an instance does not come back",
	 .broken = never_come_back,
	 .differs = SOAK_FAILS "; skip handover smmu1; gone left smmu1",
	 .says = "could not be registered again"},
	{.name = "soak: pages cannot be mapped",
	 .broken = map_no_more,
	 .differs = SOAK_FAILS,
	 .says = "could not be mapped"},
	{.name = "soak: unmapping fails",
	 .broken = unmap_badly,
	 .differs = SOAK_FAILS,
	 .says = "could not be unmapped"},
	{.name = "soak: a device is gone", .broken = vanish, .differs = SOAK_FAILS, .says = "not what it was"},
	{.name = "soak: a device refuses",
	 .broken = refuse,
	 .differs = "pass soak machine; pass bound m1",
	 .says = "m1: it refuses the test"},
	{.name = "soak: the other instance notices",
	 .broken = touch_the_other,
	 .differs = SOAK_FAILS,
	 .says = "it changed when another"},
	{.name = "soak: memory is used up", .broken = leak, .differs = SOAK_FAILS, .says = "memory is used up"},
	{.name = "soak: no master can be driven",
	 .broken = have_no_masters,
	 .differs = SOAK_FAILS,
	 .says = "there was nothing to soak"},
};

int main(void)
{
	return cases_run("soak", soak, cases, sizeof(cases) / sizeof(cases[0]));
}
