/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/claim.h"
#include "findings/judge.h"

#define REGISTERS_ALIGNMENT 0x10000U

static bool overlap(const struct smmu_description *a, const struct smmu_description *b)
{
	return a->has_base && b->has_base && a->base < b->base + b->size && b->base < a->base + a->size;
}

static void judge_alignment(struct table_findings *findings, const struct smmu_description *smmu)
{
	if (smmu->has_base && smmu->base % REGISTERS_ALIGNMENT) {
		table_finding_add(findings, FINDING_BASE_UNALIGNED, smmu->name, NULL, table_cause(smmu->name),
				  "its base 0x%llx is not a multiple of 64 KiB", (unsigned long long)smmu->base);
	}
}

/* A device tree's address 0 may be one of its bus. */
static void judge_base(const struct table_view *view, struct table_findings *findings,
		       const struct smmu_description *smmu)
{
	if (view->description->streams.source == DESCRIPTION_IORT && smmu->has_base && smmu->base == 0) {
		table_finding_add(findings, FINDING_NO_ADDRESS, smmu->name, "base address", table_cause(smmu->name),
				  "0: the firmware has not filled it in");
	}
}

static void judge_registers(struct table_findings *findings, const struct stream_description *streams, unsigned int i)
{
	const struct smmu_description *smmu = &streams->smmu[i];

	for (unsigned int k = 0; k < i; k++) {
		const struct smmu_description *other = &streams->smmu[k];

		if (other->enabled && overlap(smmu, other)) {
			table_finding_add(findings, FINDING_REG_OVERLAP, smmu->name, NULL, table_cause(other->name),
					  "its registers at 0x%llx overlap those of %s at 0x%llx",
					  (unsigned long long)smmu->base, other->name, (unsigned long long)other->base);
		}
	}
}

static void mark_named(const struct stream_description *streams, bool named[DESCRIPTION_SMMUS_MAX])
{
	for (unsigned int i = 0; i < claim_count(streams); i++) {
		struct claim claim = claim_at(streams, i);

		named[claim.smmu] = named[claim.smmu] || claim.enabled;
	}
}

void judge_instances(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	bool named[DESCRIPTION_SMMUS_MAX] = {false};

	mark_named(streams, named);
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		const struct smmu_description *smmu = &streams->smmu[i];

		if (!smmu->enabled) {
			continue;
		}
		judge_base(view, findings, smmu);
		judge_alignment(findings, smmu);
		judge_registers(findings, streams, i);
		if (!named[i]) {
			table_finding_add(findings, FINDING_NO_MASTER, smmu->name, NULL, 0,
					  "no enabled master names it");
		}
	}
}
