/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stddef.h>

#include "checks/events.h"
#include "report/print.h"
#include "report/record.h"

static const char policy_names[][7] = {"abort", "bypass"};
static const char *const policy_words[] = {
	"off, and every stream aborts until the next driver sets it up",
	"off, and every stream bypasses it",
};

/* An SMMU that is put back at the end denies everything until then. */
static enum smmuv3_handover policy_of(const struct bringup *bringup, const struct smmuv3_facts *facts)
{
	return facts->is_kept ? SMMUV3_HANDOVER_ABORT : bringup->handover;
}

static void record_handover(const struct bringup *bringup, unsigned int i, const struct smmuv3_facts *facts,
			    enum check_result result)
{
	const struct smmuv3_state state = smmuv3_state(bringup->smmu[i]);
	struct record record;

	record_begin(&record, "handover");
	record_string(&record, "instance", bringup->smmu_name[i]);
	record_string(&record, "policy", policy_names[policy_of(bringup, facts)]);
	record_count(&record, "smmuen", state.enabled);
	if (facts->has_gbpa) {
		record_hex(&record, "gbpa", state.gbpa);
	} else {
		record_null(&record, "gbpa");
	}
	record_hex(&record, "gerror_active", state.gerror_active);
	record_bool(&record, "queues_empty", state.queues_empty);
	record_count(&record, "events", facts->counts->events);
	record_count(&record, "unsilenced_storms", facts->counts->unsilenced_storms);
	record_count(&record, "event_interrupts", facts->counts->event_interrupts);
	record_count(&record, "commands", facts->counts->commands);
	record_bool(&record, "restored", facts->is_kept);
	record_string(&record, "result", check_result_names[result]);
	record_end(&record);
}

static const char *detail_of(const struct bringup *bringup, const struct smmuv3_facts *facts)
{
	return facts->is_kept ? "off until it is put back" : policy_words[bringup->handover];
}

static void hand_over_one(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = bringup->smmu[i];
	enum check_result result = CHECK_PASS;
	struct smmuv3_facts facts;
	const char *detail;
	bool passed;

	if (iommu_state(smmuv3_iommu(smmu)) != IOMMU_READY) {
		check_instance(bringup, "handover", i, CHECK_SKIP, "the instance is not ready");
		return;
	}
	passed = smmuv3_hand_over(smmu, bringup->handover) == 0;
	facts = smmuv3_facts(smmu);
	detail = detail_of(bringup, &facts);
	if (!passed || smmuv3_has_erred(smmu)) {
		result = CHECK_FAIL;
		detail = passed ? "on the way it lost events or commands, or reported an error (GERROR) that no "
				  "check provoked" :
				  "it does not read as it was left";
	} else if (policy_of(bringup, &facts) == SMMUV3_HANDOVER_ABORT && !facts.has_gbpa) {
		result = CHECK_SKIP;
		detail = "off, but it has no GBPA: everything bypasses it now";
	}
	record_handover(bringup, i, &facts, result);
	check_instance(bringup, "handover", i, result, detail);
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
