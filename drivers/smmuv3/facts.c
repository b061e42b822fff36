/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stddef.h>

#include "base/arena.h"
#include "report/print.h"
#include "smmuv3/private.h"

#define FNV_BASIS 0x811c9dc5U

_Static_assert(SMMUV3_PAGE_SIZE == SMMU_PAGE_SIZE, "the size of a page of registers");

struct smmuv3_facts smmuv3_facts(const struct smmuv3 *smmu)
{
	return (struct smmuv3_facts){
		.base = smmu->base,
		.coherent = smmu->coherent,
		.is_mapped = smmu->regs,
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

void smmuv3_id_registers(const struct smmuv3 *smmu, uint32_t value[SMMUV3_ID_REGISTERS])
{
	_Static_assert(SMMU_AIDR == (SMMUV3_ID_REGISTERS - 1) * sizeof(uint32_t), "6.2: IDR0 to AIDR stand in a row");
	for (unsigned int i = 0; i < SMMUV3_ID_REGISTERS; i++) {
		value[i] = smmuv3_read(smmu, i * (unsigned int)sizeof(uint32_t));
	}
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

static uint32_t footprint_hash_registers(const struct smmuv3 *smmu)
{
	/* Not queue indices, which move. */
	static const uint16_t offsets[] = {
		SMMU_CR0,
		SMMU_CR1,
		SMMU_CR2,
		SMMU_GBPA,
		SMMU_IRQ_CTRL,
		SMMU_GERRORN,
		SMMU_STRTAB_BASE,
		SMMU_STRTAB_BASE + 4,
		SMMU_STRTAB_BASE_CFG,
		SMMU_CMDQ_BASE,
		SMMU_CMDQ_BASE + 4,
		SMMU_EVENTQ_BASE,
		SMMU_EVENTQ_BASE + 4,
	};
	uint32_t hash = FNV_BASIS;

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		hash = smmuv3_mix(hash, smmuv3_read(smmu, offsets[i]));
	}
	return hash;
}

void smmuv3_footprint(struct smmuv3 *smmu, struct smmuv3_footprint *footprint)
{
	footprint->registers = footprint_hash_registers(smmu);
	/* Not amid a change. */
	smmuv3_begin_change(smmu);
	smmu->table.watcher = arch_core();
	footprint->streams = smmuv3_stream_table_hash(smmu, FNV_BASIS);
	footprint->changes = smmu->table.changes;
	smmuv3_end_change(smmu);
}

bool smmuv3_footprint_differs(const struct smmuv3_footprint *a, const struct smmuv3_footprint *b)
{
	return a->registers != b->registers || (a->changes == b->changes && a->streams != b->streams);
}
