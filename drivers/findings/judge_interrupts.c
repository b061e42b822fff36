/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/judge.h"

/* Another finding says already that they cannot be read. */
static bool cannot_be_read(const struct table_findings *findings, const char *smmu)
{
	static const enum table_finding_id causes[] = {
		FINDING_INTERRUPT_NO_GIC, FINDING_INTERRUPT_NAMES, FINDING_INTERRUPT_BEYOND,
		FINDING_GSIV_NONE,	  FINDING_OWN_MSI_INDEX,   FINDING_OWN_MSI_NO_FLAG,
		FINDING_OWN_MSI_RANGE,	  FINDING_OWN_MSI_NOWHERE, FINDING_OWN_MSI_DISABLED,
	};

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (table_finding_is_at(findings, causes[i], smmu)) {
			return true;
		}
	}
	return false;
}

/* Both queues without an interrupt are one cause. */
static void judge_presence(struct table_findings *findings, const struct smmu_description *smmu)
{
	const char *lacking = "no event queue interrupt: faults are seen by polling alone";

	if ((smmu->eventq.present && smmu->gerror.present) || cannot_be_read(findings, smmu->name)) {
		return;
	}
	if (!smmu->gerror.present) {
		lacking = smmu->eventq.present ? "no global error interrupt: errors are seen by polling alone" :
						 "no event queue interrupt and no global error interrupt: faults and "
						 "errors are seen by polling alone";
	}
	table_finding_add(findings, FINDING_NO_INTERRUPT, smmu->name, NULL, table_cause(lacking), "%s", lacking);
}

void judge_interrupts(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		bool by_msi = view->traits && view->traits->smmu[i].msi == OWN_MSI_USED;

		if (streams->smmu[i].enabled && !by_msi) {
			judge_presence(findings, &streams->smmu[i]);
		}
	}
}
