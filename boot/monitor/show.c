/* SPDX-License-Identifier: BSD-2-Clause */
/* What the run knows of instances, masters and events. */
#include <inttypes.h>
#include <stddef.h>

#include "checks/events.h"
#include "monitor/monitor.h"
#include "report/print.h"

static const char *run_instances(struct monitor *monitor, const struct monitor_words *words)
{
	const struct bringup *bringup = monitor->bringup;

	(void)words;
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		const struct iommu_instance *iommu = smmuv3_iommu(bringup->smmu[i]);
		struct smmuv3_facts facts = smmuv3_facts(bringup->smmu[i]);

		print_always("  %s at 0x%llx %s: %" PRIu32 " commands, %" PRIu32 " events, %" PRIu32
			     " interrupts%s%s\n",
			     bringup->smmu_name[i], (unsigned long long)facts.base,
			     iommu_state_name(iommu_state(iommu)), facts.counts->commands, facts.counts->events,
			     facts.counts->event_interrupts + facts.counts->gerror_interrupts,
			     iommu->reason ? ": " : "", iommu->reason ? iommu->reason : "");
	}
	return NULL;
}

static void say_streams(const struct bringup *bringup, const struct iommu_master *master)
{
	for (unsigned int l = 0; l < master->link_count; l++) {
		for (unsigned int s = 0; s < master->link[l].sid_count; s++) {
			print_always("    stream 0x%" PRIx32 " of %s\n", master->link[l].sid[s],
				     bringup->smmu_name[master->link[l].iommu->index]);
		}
	}
}

static void say_one_master(const struct bringup *bringup, const struct master *master)
{
	const char *client = device_candidate_name(&master->device);

	print_always("  %s %s: %s, client %s %s, group %d\n", master->device.name, master->device_id,
		     master->iommu.link_count ? master_state_name(master_state(&master->iommu)) : "behind no SMMU",
		     client ? client : "-", client ? client_state_name(client_state(&master->device)) : "",
		     iommu_group_id(&master->iommu));
	say_streams(bringup, &master->iommu);
}

static const char *run_masters(struct monitor *monitor, const struct monitor_words *words)
{
	const struct bringup *bringup = monitor->bringup;
	const struct master *one = words->count ? monitor_master(monitor, words->word[0]) : NULL;

	if (words->count && !one) {
		return "there is no master of that name; masters lists them";
	}
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		if (!one || one == &bringup->master[i]) {
			say_one_master(bringup, &bringup->master[i]);
		}
	}
	return NULL;
}

/* --- Events. --- */

static bool say_event(const struct logged_event *logged, const void *wanted)
{
	const struct bringup *bringup = wanted;
	const struct iommu_master *master =
		iommu_master_of(bringup->core, smmuv3_iommu(bringup->smmu[logged->smmu]), logged->event.sid);

	print_always("  %s: %s of stream 0x%" PRIx32 " (%s)", bringup->smmu_name[logged->smmu],
		     smmuv3_event_name(logged->event.code), logged->event.sid,
		     master ? master->name : "which no table describes");
	if (logged->event.has_access) {
		print_always(": %s 0x%llx", logged->event.write ? "write to" : "read of",
			     (unsigned long long)logged->event.address);
	}
	print_always(", %u times\n    %s\n", logged->count, events_cause_of(&logged->event));
	return true;
}

static const char *run_events(struct monitor *monitor, const struct monitor_words *words)
{
	unsigned int next = events_mark(monitor->bringup);

	(void)words;
	if (!events_find(monitor->since, say_event, monitor->bringup, NULL)) {
		print_always("  no event since the last look\n");
	}
	monitor->since = next;
	return NULL;
}

MONITOR_COMMAND(10, instances, "", "each SMMU: its state, its counts", 0, 0, run_instances);
MONITOR_COMMAND(11, masters, "[MASTER]", "each master: its state, client, group, streams", 0, 1, run_masters);
MONITOR_COMMAND(20, events, "", "events since the last look", 0, 0, run_events);
