/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps what an earlier owner had enabled, and puts it back (IHI 0070 3.11, 6.3.9 to 6.3.27). */
#include <stddef.h>

#include "base/feature.h"
#include "smmuv3/private.h"

/*
 * What this driver writes, in the order of putting back. PROD before CONS: written later, it would be a doorbell.
 * PRIQ_*, IRQ_CFG1 and IRQ_CFG2 are never written.
 */
static const uint8_t offsets[SMMUV3_KEPT] = {
	SMMU_CR1,
	SMMU_CR2,
	SMMU_GERROR_IRQ_CFG0,
	SMMU_GERROR_IRQ_CFG0 + 4,
	SMMU_EVENTQ_IRQ_CFG0,
	SMMU_EVENTQ_IRQ_CFG0 + 4,
	SMMU_STRTAB_BASE,
	SMMU_STRTAB_BASE + 4,
	SMMU_STRTAB_BASE_CFG,
	SMMU_CMDQ_BASE,
	SMMU_CMDQ_BASE + 4,
	SMMU_CMDQ_PROD,
	SMMU_CMDQ_CONS,
	SMMU_EVENTQ_BASE,
	SMMU_EVENTQ_BASE + 4,
	/* Last: these are in page 1, or in page 0. */
	SMMU_EVENTQ_PROD % SMMU_PAGE_SIZE,
	SMMU_EVENTQ_CONS % SMMU_PAGE_SIZE,
};

#define PAGE_1_FROM (SMMUV3_KEPT - 2U)

static unsigned int put_back_offset_of(const struct smmuv3 *smmu, unsigned int i)
{
	unsigned int offset = offsets[i];

	return i < PAGE_1_FROM ? offset : smmuv3_eventq_offset(smmu, SMMU_PAGE_SIZE + offset);
}

/* Waits until it reads as it was found: nothing is enabled before. */
static int put_back_write(struct smmuv3 *smmu, unsigned int offset, uint32_t value)
{
	int error = smmuv3_write(smmu, offset, value);

	return error ? error : smmuv3_wait(smmu, "what is put back", offset, UINT32_MAX, value);
}

static int put_back_move(struct smmuv3 *smmu, bool back)
{
	int error = 0;

	for (unsigned int i = 0; !error && i < SMMUV3_KEPT; i++) {
		unsigned int offset = put_back_offset_of(smmu, i);

		if (back) {
			error = put_back_write(smmu, offset, smmu->kept[i]);
		} else {
			smmu->kept[i] = smmuv3_read(smmu, offset);
		}
	}
	return error;
}

void smmuv3_keep(struct smmuv3 *smmu)
{
	smmu->is_kept = smmu->inherited.enabled;
	if (smmu->is_kept) {
		(void)put_back_move(smmu, false);
	}
}

/*
 * The SMMU must not keep entries or translations of this driver's in its caches. Without programmed queues there are
 * none.
 */
static int put_back_forget(struct smmuv3 *smmu)
{
	int error;

	if (!smmu->batch_max) {
		return 0;
	}
	error = smmuv3_program_command_queue(smmu, arch_phys(smmu->cmdq.entries));
	if (!error) {
		error = smmuv3_write_cr0(smmu, CR0_CMDQEN);
	}
	if (!error) {
		error = smmuv3_invalidate_all(smmu);
	}
	return error ? error : smmuv3_write_cr0(smmu, 0);
}

/* Queues and interrupts first: a stream that translates may report at once. */
static int put_back_enable_as_found(struct smmuv3 *smmu)
{
	int error = smmuv3_write_cr0(smmu, smmu->inherited.cr0 & ~CR0_SMMUEN);

	if (!error) {
		error = smmuv3_write_irq_ctrl(smmu, smmu->inherited.irq_ctrl);
	}
	return error ? error : smmuv3_write_cr0(smmu, smmu->inherited.cr0);
}

int smmuv3_put_back(struct smmuv3 *smmu)
{
	int error = smmuv3_check_health(smmu);

	if (!smmu->is_kept) {
		return 0;
	}
	if (!error) {
		error = smmuv3_block(smmu);
	}
	if (!error) {
		error = put_back_forget(smmu);
	}
	if (!error) {
		error = put_back_move(smmu, true);
	}
	if (!error) {
		error = put_back_enable_as_found(smmu);
	}
	return error ? error : smmuv3_write_gbpa(smmu, UINT32_MAX, smmu->inherited.gbpa);
}

LINKED(smmuv3_keep);
LINKED(smmuv3_put_back);
