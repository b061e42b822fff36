/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/judge.h"

/* Both queues without an interrupt are one cause. */
/* They are there, and cannot be read: that is told of them. */
static bool cannot_be_read(const struct table_findings *findings, const char *smmu)
{
	return table_finding_is_at(findings, FINDING_INTERRUPT_NO_GIC, smmu) ||
	       table_finding_is_at(findings, FINDING_INTERRUPT_NAMES, smmu) ||
	       table_finding_is_at(findings, FINDING_INTERRUPT_BEYOND, smmu);
}

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
		if (streams->smmu[i].enabled) {
			judge_presence(findings, &streams->smmu[i]);
		}
	}
}
