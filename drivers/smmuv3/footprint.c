/* SPDX-License-Identifier: BSD-2-Clause */
/* Hashes of state that another instance's registration must not touch. */
#include <stddef.h>

#include "smmuv3/private.h"

#define FNV_BASIS 0x811c9dc5U

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
