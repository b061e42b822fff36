/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stddef.h>

#include "checks/events.h"
#include "report/print.h"

#define STORMS_MAX 16U
#define STORMED "a stream's events did not end"

static struct lock storms_lock = LOCK_INIT(LOCK_RANK_EVENT_LOG);

/* Interrupt handlers write it, the boot core reads it. In bss, without its lock: a restart clears it. */
static struct {
	struct storm {
		struct smmuv3 *smmu;
		uint32_t sid;
		enum smmuv3_storm_end end;
	} storm[STORMS_MAX];
	unsigned int count;
	unsigned int lost; /* Without an entry. */
} storms;

void storms_note(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end)
{
	uint32_t saved = lock(&storms_lock);

	if (storms.count < STORMS_MAX) {
		storms.storm[storms.count++] = (struct storm){smmu, sid, end};
	} else {
		storms.lost++;
	}
	unlock(&storms_lock, saved);
}

static bool attend_take_storm(struct storm *storm)
{
	uint32_t saved = lock(&storms_lock);
	bool any = storms.count;

	if (any) {
		*storm = storms.storm[--storms.count];
	}
	unlock(&storms_lock, saved);
	return any;
}

/* The SMMU has silenced these streams if it can. */
static void say_lost_storms(struct bringup *bringup)
{
	uint32_t saved = lock(&storms_lock);
	unsigned int lost = storms.lost;

	storms.lost = 0;
	unlock(&storms_lock, saved);
	if (lost) {
		print("  and the events of %u streams more did not end\n", lost);
		bringup->tally.trouble = STORMED;
	}
}

static void quarantine_storming_master(struct bringup *bringup, const struct storm *storm)
{
	const struct iommu_instance *iommu = smmuv3_iommu(storm->smmu);
	struct iommu_master *master = iommu_master_of(bringup->core, iommu, storm->sid);

	print("  %s: the events of stream 0x%x, %s, did not end (%u within a second): %s\n",
	      bringup->smmu_name[iommu->index], (unsigned int)storm->sid,
	      master ? master->name : "which no table describes", SMMUV3_STORM_EVENTS,
	      storm->end == SMMUV3_STORM_SILENCED ?
		      "it is denied everything from now on" :
		      "it can have no silent entry; they go on, and the event interrupt is off");
	if (master) {
		(void)iommu_quarantine(bringup->core, master, "its events did not end");
	}
}

static void quarantine_storming(struct bringup *bringup)
{
	struct storm storm;

	while (attend_take_storm(&storm)) {
		if (storm.end == SMMUV3_STORM_OF_MANY) {
			print("  %s: the events of many streams did not end (%u within a second): %s\n",
			      bringup->smmu_name[smmuv3_iommu(storm.smmu)->index], SMMUV3_STORM_EVENTS_OF_ALL,
			      "they go on, and the event interrupt is off");
		} else {
			quarantine_storming_master(bringup, &storm);
		}
		bringup->tally.trouble = STORMED;
	}
	say_lost_storms(bringup);
}

static void say_masters(const struct bringup *bringup, struct smmuv3 *smmu)
{
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		if (iommu_master_emits(&bringup->master[i].iommu, smmuv3_iommu(smmu), 0, UINT32_MAX)) {
			print("    %s is blocked with it\n", bringup->master[i].device.name);
		}
	}
}

static const char *attend_reason_of(const struct smmuv3 *smmu)
{
	switch (smmuv3_facts(smmu).health) {
	case SMMUV3_SERVICE_FAILURE:
		return "an SMMU entered service failure mode (GERROR.SFM_ERR): only its reset helps";
	case SMMUV3_LOST:
		return "an SMMU refused a command (CERROR_ILL)";
	default:
		return "an SMMU does not answer any more";
	}
}

static void fail_broken(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = bringup->smmu[i];
	const char *reason = attend_reason_of(smmu);
	int error;

	if (iommu_state(smmuv3_iommu(smmu)) == IOMMU_FAILING) {
		print("  %s fails: %s\n", bringup->smmu_name[i], reason);
		error = iommu_fail(smmuv3_iommu(smmu), reason);
		if (error) {
			print("  it %s\n", error == -EIO ? "did not stop, and may go on translating" :
							   "is still on: another core is using it");
		} else {
			say_masters(bringup, smmu);
		}
		bringup->tally.trouble = reason;
	}
}

void attend(struct bringup *bringup)
{
	quarantine_storming(bringup);
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		fail_broken(bringup, i);
	}
}
