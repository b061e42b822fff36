/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/pending.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/deadline.h"
#include "base/feature.h"
#include "report/print.h"
#include "report/record.h"

#define WHOM_SIZE 24U
#define WHY_SIZE 160U

/* What one client waits for. */
struct wait {
	const struct master *master;
	unsigned int smmu; /* bringup->smmu_count: no instance. */
	char whom[WHOM_SIZE];
	char why[WHY_SIZE];
};

static bool is_pending(const struct master *master)
{
	enum client_state state = client_state(&master->device);

	return client_is_busy(&master->device) || state == CLIENT_DEFERRED || state == CLIENT_EXPIRED;
}

/* The first of its links that is not in service, or NULL. */
static const struct iommu_link *pending_link(const struct master *master)
{
	for (unsigned int l = 0; l < master->iommu.link_count; l++) {
		const struct iommu_link *link = &master->iommu.link[l];

		if (iommu_state(link->iommu) != IOMMU_READY || link_state(link) != LINK_READY) {
			return link;
		}
	}
	return NULL;
}

/* One that cannot be used is never registered, and has a reason. */
static enum iommu_state pending_state(const struct iommu_instance *iommu)
{
	enum iommu_state state = iommu_state(iommu);

	return state == IOMMU_DESCRIBED && iommu->reason ? IOMMU_FAILED : state;
}

static void why_instance(const struct bringup *bringup, const struct iommu_link *link, struct wait *wait)
{
	static const char *const words[] = {"was not registered yet",
					    "is being started",
					    "is still walking its masters",
					    "is ready, but has not taken this master's streams",
					    "is being unregistered",
					    "was unregistered",
					    "failed",
					    "is failing"};
	const struct iommu_instance *iommu = link->iommu;
	enum iommu_state state = pending_state(iommu);
	const char *reason = state == IOMMU_READY ? link->reason : iommu->reason;

	wait->smmu = iommu->index;
	format_text(wait->whom, sizeof(wait->whom), "%s", bringup->smmu_name[iommu->index]);
	format_text(wait->why, sizeof(wait->why), "it %s%s%s", words[state], reason ? ": " : "", reason ? reason : "");
}

static void why_pending(const struct bringup *bringup, struct wait *wait)
{
	const struct device *device = &wait->master->device;
	const struct iommu_link *link = pending_link(wait->master);
	const char *reason = wait->master->iommu.reason;

	wait->smmu = bringup->smmu_count;
	if (client_state(device) == CLIENT_BINDING) {
		format_text(wait->whom, sizeof(wait->whom), "core %u", client_core(device));
		format_text(wait->why, sizeof(wait->why), "it is being bound");
	} else if (client_is_busy(device)) {
		format_text(wait->whom, sizeof(wait->whom), "a core");
		format_text(wait->why, sizeof(wait->why), "it is queued, and no core has taken it up");
	} else if (link) {
		why_instance(bringup, link, wait);
	} else {
		format_text(wait->whom, sizeof(wait->whom), "another client");
		format_text(wait->why, sizeof(wait->why), "%s",
			    reason ? reason : "its driver asked to be tried again after a bind");
	}
}

/* Since reset; 0: it never waited before, or the time is not known. */
static uint64_t pending_since(const struct bringup *bringup, const struct device *device)
{
	return device->waits && device->waiting_since ? device->waiting_since - bringup->ticks_at_reset : 0;
}

static void pending_record(const struct bringup *bringup, const struct wait *wait)
{
	const struct device *device = &wait->master->device;
	uint64_t since = pending_since(bringup, device);
	struct record record;

	record_begin(&record, "pending");
	record_string(&record, "master", device->name);
	record_string(&record, "client", device_candidate_name(device));
	record_string(&record, "waits_for", wait->whom);
	record_string(&record, "state",
		      wait->smmu < bringup->smmu_count ?
			      iommu_state_name(pending_state(smmuv3_iommu(bringup->smmu[wait->smmu]))) :
			      NULL);
	if (since) {
		record_count(&record, "since_ticks", since);
		record_count(&record, "since_ms", ms_of_ticks(since));
	} else {
		record_null(&record, "since_ticks");
		record_null(&record, "since_ms");
	}
	record_count(&record, "at_ticks", arch_ticks() - bringup->ticks_at_reset);
	record_count(&record, "deferrals", device->deferrals);
	record_string(&record, "why", wait->why);
	record_end(&record);
}

static void pending_say(const struct bringup *bringup, const struct wait *wait)
{
	const struct device *device = &wait->master->device;
	const char *client = device_candidate_name(device);
	uint64_t since = pending_since(bringup, device);
	char times[64] = "";

	if (since) {
		format_text(times, sizeof(times), ", since %" PRIu32 " ms from reset, deferred %u times",
			    ms_of_ticks(since), device->deferrals);
	}
	print_always("  %s (%s) waits for %s%s: %s\n", device->name, client ? client : "no driver", wait->whom, times,
		     wait->why);
}

static bool is_later(const struct bringup *bringup, const struct master *master, const struct master *than)
{
	uint64_t one = pending_since(bringup, &master->device), other = pending_since(bringup, &than->device);

	return one != other ? one > other : master > than;
}

/* The one that waits for longest of those later than `last`, or NULL. Nothing is kept: any number may wait. */
static const struct master *pending_next(const struct bringup *bringup, const struct master *last)
{
	const struct master *next = NULL;

	for (const struct master *master = bringup->master; master < bringup->master + bringup->master_count;
	     master++) {
		if (is_pending(master) && (!last || is_later(bringup, master, last)) &&
		    (!next || is_later(bringup, next, master))) {
			next = master;
		}
	}
	return next;
}

unsigned int pending_report(const struct bringup *bringup, unsigned int most)
{
	unsigned int count = 0;

	for (const struct master *master = pending_next(bringup, NULL);
	     master && count < bringup->master_count; /* Others may come while it goes on. */
	     master = pending_next(bringup, master)) {
		struct wait wait = {.master = master};

		why_pending(bringup, &wait);
		if (!count) {
			print_always("\nwaiting    oldest first\n");
		}
		if (count < most) {
			pending_say(bringup, &wait);
		}
		pending_record(bringup, &wait);
		count++;
	}
	if (count > most) {
		print_always("  and %u more: each is a record\n", count - most);
	}
	return count;
}

LINKED(pending_report);
