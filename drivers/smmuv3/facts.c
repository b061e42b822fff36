/* SPDX-License-Identifier: BSD-2-Clause */
/* What is told of an instance to those who do not know its registers. */
#include <inttypes.h>

#include "report/print.h"
#include "smmuv3/private.h"

void smmuv3_say_stuck(const struct smmuv3 *smmu)
{
	print("  CR0 0x%" PRIx32 ", CR0ACK 0x%" PRIx32 ", GBPA 0x%" PRIx32 ", GERROR 0x%" PRIx32 ", GERRORN 0x%" PRIx32
	      ", CMDQ_PROD 0x%" PRIx32 ", CMDQ_CONS 0x%" PRIx32 "\n",
	      smmuv3_read(smmu, SMMU_CR0), smmuv3_read(smmu, SMMU_CR0ACK), smmuv3_read(smmu, SMMU_GBPA),
	      smmuv3_read(smmu, SMMU_GERROR), smmuv3_read(smmu, SMMU_GERRORN), smmuv3_read(smmu, SMMU_CMDQ_PROD),
	      smmuv3_read(smmu, SMMU_CMDQ_CONS));
}
