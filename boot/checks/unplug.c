/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A step of the soak: a driven master leaves its running system, its streams are denied, and it comes back, while other
 * cores bind, register and unregister.
 */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "checks/soak.h"
#include "checks/trial.h"
#include "checks/unplug.h"

#define PAGE_LEFT 2U /* Stays mapped until its master is removed. */
#define SELDOM 4U    /* Once in so many calls. */

static struct bringup *machine; /* For unplug_bind(). */
static struct word busy;	/* One core at a time. */
static struct word binds;
static struct {
	uint32_t removals;
	uint32_t additions;
	uint32_t denials; /* DMA of a removed master that was stopped, with an event where its instance stayed. */
	uint32_t returns; /* Masters whose client was bound again, and moved bytes. */
} count;

/* --- Its driver: the soak's, but a page stays mapped. --- */

static int unplug_bind(struct device *device, const struct driver *driver)
{
	struct master *master = master_of_device(device);
	uint64_t iova = trial_iova(master, PAGE_LEFT);
	int error = soak_bind(device, driver);

	if (error) {
		return error;
	}
	/* Another owner of the group has kept it. */
	(void)iommu_unmap(&master->iommu, iova, PAGE_SIZE);
	error = iommu_map(machine->core, &master->iommu, iova, arch_phys(master->page[PAGE_LEFT]), PAGE_SIZE,
			  IOMMU_READ | IOMMU_WRITE);
	/* -EIO: an instance failed, which other checks report. */
	if (error && error != -EIO) {
		soak_violation(device->name, "its pages could not be mapped");
	}
	word_add(&binds, 1);
	return 0;
}

static const struct driver unplug_driver = {.name = "unplug", .bind = unplug_bind, .unbind = soak_unbind};

/* Queues the device until a core has bound it to that driver. False: it does not come to that. */
static bool unplug_await_bind(struct device *device)
{
	struct deadline deadline = deadline_in_us(SOAK_SETTLE_US / 2);
	uint32_t before = word_load(&binds);

	device_offer(device, &unplug_driver);
	while (word_load(&binds) == before) {
		if (!soak_goes_on() || deadline_passed(&deadline)) {
			return false;
		}
		if (device_queue(device)) {
			(void)device_unbind(device);
		}
		if (!bind_queue_work(machine->core->queue)) {
			arch_relax();
		}
	}
	return true;
}

/* --- A removed master's DMA. --- */

/* Of one registration: an instance that left meanwhile denies without an event. */
struct service {
	bool ready;
	uint32_t generation;
};

static struct service unplug_service(const struct iommu_instance *iommu)
{
	bool ready = iommu_state(iommu) == IOMMU_READY;

	return (struct service){.ready = ready, .generation = iommu->generation};
}

static void await_event(const struct bringup *bringup, const struct trial *trial, unsigned int before)
{
	struct deadline deadline = deadline_in_us(trial->expect.within_us);

	do {
		(void)events_drain(bringup);
		arch_relax();
	} while (trial_events_ever(trial) == before && !deadline_passed(&deadline));
}

static const char *judge_denied(const struct bringup *bringup, struct trial *trial)
{
	const struct iommu_instance *iommu = trial->master->iommu.link[0].iommu;
	struct service before = unplug_service(iommu);
	unsigned int events = trial_events_ever(trial);
	struct service after;
	const char *note;

	trials_drive(trial, 1);
	if (!trial_is_device_fault(trial->error)) {
		await_event(bringup, trial, events);
	}
	after = unplug_service(iommu);
	events = trial_events_ever(trial) - events;
	trial_claim(trial);
	if (trial_wrong_end(trial, &note)) {
		return trial->touched ? "it was removed, and its DMA reached memory" :
					"it was removed, and its DMA did not end";
	}
	return events || trial_is_device_fault(trial->error) || !before.ready || !after.ready ||
			       before.generation != after.generation ?
		       NULL :
		       "it was removed, and its DMA was stopped without an event";
}

bool unplug_deny(struct bringup *bringup, struct master *master)
{
	struct trial trial = {
		.master = master,
		.smmu = trial_instance(master),
		.sid = trial_sid(master),
		.write = true,
		.stray = true,
		.address = trial_iova(master, PAGE_LEFT),
		.memory = master->page[PAGE_LEFT],
		.length = trial_length(master, TRIAL_SHORT),
		.expect = EXPECT_STOPPED(1, F_TRANSLATION, C_BAD_STREAMID, C_BAD_STE),
	};
	const char *wrong;

	if (master->pci) {
		pci_bus_master(master->pci, true);
	}
	wrong = judge_denied(bringup, &trial);
	master_unbind(&master->device);
	if (wrong) {
		soak_violation(master->device.name, wrong);
	}
	return !wrong && !trial_is_device_fault(trial.error);
}

/* --- Away, and back. --- */

bool unplug_begin(void)
{
	return word_exchange_if(&busy, 0, 1);
}

void unplug_end(void)
{
	word_store(&busy, 0);
}

/* Another core may have queued the device before its master left. */
static bool remove_device(const struct bringup *bringup, struct device *device)
{
	struct deadline deadline = deadline_in_us(SOAK_SETTLE_US);

	while (device_remove(device)) {
		if (deadline_passed(&deadline)) {
			return false;
		}
		if (!bind_queue_work(bringup->core->queue)) {
			arch_relax();
		}
	}
	return true;
}

bool unplug_take_away(const struct bringup *bringup, struct master *master)
{
	if (iommu_master_remove(bringup->core, &master->iommu)) {
		soak_violation(master->device.name, "it could not be removed");
		return false;
	}
	if (!remove_device(bringup, &master->device)) {
		soak_violation(master->device.name, "its client is left half-way");
		return false;
	}
	return true;
}

bool unplug_bring_back(const struct bringup *bringup, struct master *master, const struct driver *driver)
{
	struct device *device = &master->device;
	unsigned int deferrals = device->deferrals;
	bool added = iommu_master_add(bringup->core, &master->iommu) == 0;

	if (!added) {
		soak_violation(device->name, "it could not be added again");
	}
	/* Without a driver no core defers it meanwhile. */
	device_offer(device, NULL);
	device_add(bringup->core->queue, device);
	device->deferrals = deferrals;
	device_offer(device, driver);
	return added;
}

static void unplug_return(struct master *master)
{
	const struct device *device = &master->device;

	count.additions += unplug_bring_back(machine, master, &unplug_driver);
	if (unplug_await_bind(&master->device)) {
		count.returns++;
	} else if (soak_goes_on() && !master->unfit && client_state(device) != CLIENT_DEFERRED) {
		soak_violation(device->name, "it was added again, and could not be bound");
	}
}

static bool shares_a_stream(const struct iommu_master *master, const struct iommu_master *other)
{
	for (unsigned int l = 0; l < master->link_count; l++) {
		for (unsigned int s = 0; s < master->link[l].sid_count; s++) {
			uint32_t sid = master->link[l].sid[s];

			if (iommu_master_emits(other, master->link[l].iommu, sid, sid)) {
				return true;
			}
		}
	}
	return false;
}

/* Its stream may stay in use, or it may join two groups: not then (drivers/iommu/README.md). */
static bool may_leave(const struct master *master)
{
	for (unsigned int m = 0; m < machine->master_count; m++) {
		if (&machine->master[m] != master && shares_a_stream(&master->iommu, &machine->master[m].iommu)) {
			return false;
		}
	}
	return !master->iommu.region_count && !master->unfit && word_load(&master->iommu.presence) == PRESENCE_PRESENT;
}

static void unplug_and_plug(struct master *master)
{
	if (!may_leave(master)) {
		return;
	}
	(void)unplug_await_bind(&master->device);
	if (unplug_take_away(machine, master)) {
		count.removals++;
		count.denials += unplug_deny(machine, master);
		unplug_return(master);
	}
	device_offer(&master->device, &soak_driver);
}

static void unplug_work(struct bringup *bringup, struct master *master, uint32_t *random)
{
	if (!soak_below(random, SELDOM) && unplug_begin()) {
		machine = bringup;
		unplug_and_plug(master);
		unplug_end();
	}
}

static void unplug_record(struct record *record)
{
	record_count(record, "removals", count.removals);
	record_count(record, "additions", count.additions);
	record_count(record, "denials", count.denials);
	record_count(record, "returns", count.returns);
}

SOAK_STEP(unplug, unplug_work, unplug_record);
