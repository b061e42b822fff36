/* SPDX-License-Identifier: BSD-2-Clause */
/* The only writers of the health word. */
#include "smmuv3/private.h"

__attribute__((noinline)) bool smmuv3_set_health(struct smmuv3 *smmu, enum smmuv3_health health)
{
	uint32_t now = atomic_load(&smmu->health);

	while (now != health && (now <= SMMUV3_ON || health > now)) {
		if (atomic_compare_exchange_weak(&smmu->health, &now, health)) {
			if (health > SMMUV3_ON) {
				iommu_raise(&smmu->iommu);
			}
			return true;
		}
	}
	return false;
}

void smmuv3_renew_health(struct smmuv3 *smmu)
{
	atomic_store(&smmu->health, SMMUV3_OFF);
}
