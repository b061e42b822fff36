/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts of an instance, for other folders. */
#include <inttypes.h>

#include "base/arena.h"
#include "report/print.h"
#include "smmuv3/private.h"

_Static_assert(SMMUV3_PAGE_SIZE == SMMU_PAGE_SIZE, "the size of a page of registers");

struct smmuv3 *smmuv3_create(const struct smmuv3_config *config)
{
	struct smmuv3 *smmu = arena_allocate(sizeof(*smmu), _Alignof(struct smmuv3));

	if (smmu) {
		smmuv3_init(smmu, config->name, config->base, config->regs, config->coherent);
		smmu->described_quirks = config->quirks;
		smmu->on_event = config->on_event;
		smmu->on_storm = config->on_storm;
	}
	return smmu;
}

struct iommu_instance *smmuv3_iommu(struct smmuv3 *smmu)
{
	return &smmu->iommu;
}

struct smmuv3_facts smmuv3_facts(const struct smmuv3 *smmu)
{
	return (struct smmuv3_facts){
		.base = smmu->base,
		.coherent = smmu->coherent,
		.has_gbpa = smmu->gbpa_works,
		.has_combined_interrupt = smmu->errata_effects & SMMUV3_ERRATA_COMBINED_IRQ,
		.is_kept = smmu->is_kept,
		.event_interrupt = smmu->event_interrupt,
		.gerror_interrupt = smmu->gerror_interrupt,
		.quirks = smmu->described_quirks,
		.health = smmuv3_health(smmu),
		.stream_table = smmu->table.level1 ? "2-level" :
				smmu->table.linear ? "linear" :
						     NULL,
		.features = &smmu->features,
		.inherited = &smmu->inherited,
		.counts = &smmu->counts,
	};
}

uint64_t smmuv3_base(const struct smmuv3 *smmu)
{
	return smmu->base;
}

bool smmuv3_has_gbpa(const struct smmuv3 *smmu)
{
	return smmu->gbpa_works;
}

const struct smmuv3_features *smmuv3_features(const struct smmuv3 *smmu)
{
	return &smmu->features;
}

const struct smmuv3_counts *smmuv3_counts(const struct smmuv3 *smmu)
{
	return &smmu->counts;
}

struct smmuv3_state smmuv3_state(const struct smmuv3 *smmu)
{
	return (struct smmuv3_state){
		.enabled = smmuv3_read(smmu, SMMU_CR0ACK) & CR0_SMMUEN,
		.queues_empty = smmuv3_queues_empty(smmu),
		.gbpa = smmuv3_read(smmu, SMMU_GBPA),
		.gerror_active = smmuv3_read(smmu, SMMU_GERROR) ^ smmuv3_read(smmu, SMMU_GERRORN),
	};
}

bool smmuv3_has_erred(const struct smmuv3 *smmu)
{
	return smmu->counts.gerrors & ~GERROR_CMDQ_ERR || smmu->counts.event_overflows || smmu->counts.unprovoked ||
	       smmu->counts.refused_writes || smmuv3_health(smmu) > SMMUV3_ON;
}

void smmuv3_say_identity(const struct smmuv3 *smmu)
{
	print_debug("  IDR0 0x%08" PRIx32 ", IDR1 0x%08" PRIx32 ", IDR5 0x%08" PRIx32 ", IIDR 0x%08" PRIx32
		    ", AIDR 0x%" PRIx32 "; CR0 0x%" PRIx32 ", GBPA 0x%" PRIx32 "\n",
		    smmuv3_read(smmu, SMMU_IDR0), smmuv3_read(smmu, SMMU_IDR1), smmuv3_read(smmu, SMMU_IDR5),
		    smmuv3_read(smmu, SMMU_IIDR), smmuv3_read(smmu, SMMU_AIDR), smmu->inherited.cr0,
		    smmu->inherited.gbpa);
}

void smmuv3_say_stuck(const struct smmuv3 *smmu)
{
	print("  CR0 0x%" PRIx32 ", CR0ACK 0x%" PRIx32 ", GBPA 0x%" PRIx32 ", GERROR 0x%" PRIx32 ", GERRORN 0x%" PRIx32
	      ", CMDQ_PROD 0x%" PRIx32 ", CMDQ_CONS 0x%" PRIx32 "\n",
	      smmuv3_read(smmu, SMMU_CR0), smmuv3_read(smmu, SMMU_CR0ACK), smmuv3_read(smmu, SMMU_GBPA),
	      smmuv3_read(smmu, SMMU_GERROR), smmuv3_read(smmu, SMMU_GERRORN), smmuv3_read(smmu, SMMU_CMDQ_PROD),
	      smmuv3_read(smmu, SMMU_CMDQ_CONS));
}
