/* SPDX-License-Identifier: BSD-2-Clause */
/* Hands the machine over: bus mastering off, each instance as the policy says, verified. */
#include <inttypes.h>
#include <stddef.h>

#include "checks/events.h"
#include "report/print.h"
#include "report/record.h"
#include "smmuv3/registers.h"

static const char policy_names[][7] = {"abort", "bypass"};
static const char *const policy_words[] = {
	"off, and every stream aborts until somebody sets it up",
	"off, and every stream bypasses it",
};

static void record_handover(const struct bringup *bringup, unsigned int i, const char *result)
{
	const struct smmuv3 *smmu = &bringup->smmu[i];
	struct record record;

	record_begin(&record, "handover");
	record_string(&record, "instance", bringup->smmu_name[i]);
	record_string(&record, "policy", policy_names[bringup->handover]);
	record_count(&record, "smmuen", smmuv3_read(smmu, SMMU_CR0ACK) & CR0_SMMUEN ? 1 : 0);
	if (smmu->gbpa_works) {
		record_hex(&record, "gbpa", smmuv3_read(smmu, SMMU_GBPA));
	} else {
		record_null(&record, "gbpa");
	}
	record_hex(&record, "gerror_active", smmuv3_read(smmu, SMMU_GERROR) ^ smmuv3_read(smmu, SMMU_GERRORN));
	record_bool(&record, "queues_empty", smmuv3_queues_empty(smmu));
	record_count(&record, "events", smmu->counts.events);
	record_count(&record, "unsilenced_storms", smmu->counts.unsilenced_storms);
	record_count(&record, "event_interrupts", smmu->counts.event_interrupts);
	record_count(&record, "commands", smmu->counts.commands);
	record_string(&record, "result", result);
	record_end(&record);
}

/* Errors that no check provokes and no later reading shows. */
static bool has_erred(const struct smmuv3 *smmu)
{
	return smmu->counts.gerrors & ~GERROR_CMDQ_ERR || smmu->counts.event_overflows || smmu->counts.unprovoked ||
	       smmu->counts.refused_writes || smmuv3_health(smmu) > SMMUV3_ON;
}

static void hand_over_one(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = &bringup->smmu[i];
	bool passed;

	if (iommu_state(&smmu->iommu) != IOMMU_READY) {
		check_instance(bringup, "handover", i, CHECK_SKIP, "the instance is not ready");
		return;
	}
	passed = smmuv3_hand_over(smmu, bringup->handover) == 0;
	if (!passed || has_erred(smmu)) {
		record_handover(bringup, i, "fail");
		check_instance(bringup, "handover", i, CHECK_FAIL,
			       passed ? "on the way it lost events or commands, or reported an error (GERROR) that no "
					"check provoked" :
					"it does not read as it was left");
	} else if (bringup->handover == SMMUV3_HANDOVER_ABORT && !smmu->gbpa_works) {
		record_handover(bringup, i, "skip");
		check_instance(bringup, "handover", i, CHECK_SKIP,
			       "off, but it has no GBPA: everything bypasses it now");
	} else {
		record_handover(bringup, i, "pass");
		check_instance(bringup, "handover", i, CHECK_PASS, policy_words[bringup->handover]);
	}
}

void hand_over(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->pci_count; i++) {
		pci_bus_master_all_off(&bringup->pci[i]);
	}
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		hand_over_one(bringup, i);
	}
	events_report(bringup);
}
