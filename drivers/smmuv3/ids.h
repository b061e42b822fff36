/* SPDX-License-Identifier: BSD-2-Clause */
/* ASIDs and VMIDs, under the instance's lock. */
#ifndef SMMUV3_IDS_H
#define SMMUV3_IDS_H

#include <errno.h>
#include <stdint.h>

#define SMMUV3_IDS_MAX 256U /* Every SMMU has 8 bits; ASID16 and VMID16 (6.3.1) are not used. */

struct smmuv3_ids {
	uint32_t used[SMMUV3_IDS_MAX / 32];
};

/* Takes the lowest free ID from `first` on, or -ENOMEM. */
static inline int smmuv3_ids_take(struct smmuv3_ids *ids, unsigned int first)
{
	for (unsigned int id = first; id < SMMUV3_IDS_MAX; id++) {
		uint32_t bit = 1U << id % 32;

		if (!(ids->used[id / 32] & bit)) {
			ids->used[id / 32] |= bit;
			return (int)id;
		}
	}
	return -ENOMEM;
}

static inline void smmuv3_ids_give(struct smmuv3_ids *ids, unsigned int id)
{
	ids->used[id / 32] &= ~(1U << id % 32);
}

#endif
