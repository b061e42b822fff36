/* SPDX-License-Identifier: BSD-2-Clause */
/* What an instance is set to, in one number: to see that nobody else's registration has touched it. */
#include <stddef.h>

#include "smmuv3/private.h"

#define FNV_BASIS 0x811c9dc5U
#define FNV_PRIME 0x01000193U

static uint32_t mix(uint32_t hash, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++) {
		hash = (hash ^ (value >> 8 * i & 0xff)) * FNV_PRIME;
	}
	return hash;
}

uint32_t smmuv3_footprint(const struct smmuv3 *smmu)
{
	/* All that a registration writes but the queues' indices, which go on by themselves. */
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
		hash = mix(hash, smmuv3_read(smmu, offsets[i]));
	}
	return mix(hash, smmu->table.bytes);
}
