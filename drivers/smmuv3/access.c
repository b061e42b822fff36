/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register access. Refuses writes that the present state makes CONSTRAINED UNPREDICTABLE (IHI 0070 6.3), which
 * emulators accept. Only cmdq.c writes a register directly: CMDQ_PROD.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/deadline.h"
#include "report/print.h"
#include "smmuv3/private.h"
#include "smmuv3/trace.h"

#define GUARD64(offset, bits, name)                                                                                    \
	{offset, bits, 0, name},                                                                                       \
	{                                                                                                              \
		(offset) + 4, bits, 0, name                                                                            \
	}
#define GUARD64_IRQ(offset, bits, name)                                                                                \
	{offset, 0, bits, name},                                                                                       \
	{                                                                                                              \
		(offset) + 4, 0, bits, name                                                                            \
	}

_Atomic(smmuv3_trace_record *) smmuv3_trace;

static const struct {
	uint32_t offset;
	uint8_t enables;    /* These CR0 bits and */
	uint8_t interrupts; /* these IRQ_CTRL bits forbid writing. */
	const char *name;
} guards[] = {
	{SMMU_CR1, CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN, 0, "CR1"},
	{SMMU_CR2, CR0_SMMUEN, 0, "CR2"},
	{SMMU_STRTAB_BASE_CFG, CR0_SMMUEN, 0, "STRTAB_BASE_CFG"},
	GUARD64(SMMU_STRTAB_BASE, CR0_SMMUEN, "STRTAB_BASE"),
	GUARD64(SMMU_CMDQ_BASE, CR0_CMDQEN, "CMDQ_BASE"),
	{SMMU_CMDQ_CONS, CR0_CMDQEN, 0, "CMDQ_CONS"},
	GUARD64(SMMU_EVENTQ_BASE, CR0_EVENTQEN, "EVENTQ_BASE"),
	{SMMU_EVENTQ_PROD, CR0_EVENTQEN, 0, "EVENTQ_PROD"},
	/* Where page 1 is in page 0. */
	{SMMU_EVENTQ_PROD % SMMU_PAGE_SIZE, CR0_EVENTQEN, 0, "EVENTQ_PROD"},
	GUARD64_IRQ(SMMU_GERROR_IRQ_CFG0, IRQ_CTRL_GERROR, "GERROR_IRQ_CFG0"),
	GUARD64_IRQ(SMMU_EVENTQ_IRQ_CFG0, IRQ_CTRL_EVENTQ, "EVENTQ_IRQ_CFG0"),
};

uint32_t smmuv3_read(const struct smmuv3 *smmu, unsigned int offset)
{
	return arch_read32(smmu->regs + offset);
}

static int access_refuse(struct smmuv3 *smmu, unsigned int offset, const char *name, uint64_t value, const char *why)
{
	smmuv3_trace_register(smmu->iommu.index, offset, (uint32_t)value, true);
	print("%s: %s: 0x%llx was not written: %s\n", smmu->iommu.name, name, (unsigned long long)value, why);
	smmu->counts.refused_writes++;
	return -EPERM;
}

static const char *access_locked_register(const struct smmuv3 *smmu, unsigned int offset)
{
	if (!(smmu->cr0 | smmu->irq_ctrl)) {
		return NULL;
	}
	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
		if (guards[i].offset == offset &&
		    (smmu->cr0 & guards[i].enables || smmu->irq_ctrl & guards[i].interrupts)) {
			return guards[i].name;
		}
	}
	return NULL;
}

int smmuv3_write(struct smmuv3 *smmu, unsigned int offset, uint32_t value)
{
	const char *name = access_locked_register(smmu, offset);

	if (name) {
		return access_refuse(smmu, offset, name, value, "what it describes is in use (CR0, IRQ_CTRL)");
	}
	/* A bit that was found set may be put back. */
	if (offset == SMMU_CR0 && value & ~(CR0_IMPLEMENTED | smmu->inherited.cr0)) {
		return access_refuse(smmu, offset, "CR0", value,
				     "it sets a bit that this driver, or the SMMU, does not implement");
	}
	/* Before the write: its effects come later in the trace. */
	smmuv3_trace_register(smmu->iommu.index, offset, value, false);
	arch_write32(smmu->regs + offset, value);
	return 0;
}

/* Halves: some SMMUs take no 64-bit accesses. */
int smmuv3_write64(struct smmuv3 *smmu, unsigned int offset, uint64_t value)
{
	int error = smmuv3_write(smmu, offset, (uint32_t)value);

	return error ? error : smmuv3_write(smmu, offset + 4, (uint32_t)(value >> 32));
}

int smmuv3_write_base(struct smmuv3 *smmu, unsigned int offset, const char *name, uint64_t address, uint64_t size,
		      uint64_t flags)
{
	/* The SMMU ignores low bits: it would use another address. */
	if (address & (size - 1)) {
		(void)access_refuse(smmu, offset, name, address, "it is not aligned to the size of what it points at");
		return -EINVAL;
	}
	return smmuv3_write64(smmu, offset, address | flags);
}

void smmuv3_publish(const struct smmuv3 *smmu, const void *start, uint32_t size)
{
	if (!smmu->coherent) {
		arch_cache_clean(start, size);
	}
	arch_dma_wmb();
}

int smmuv3_wait(struct smmuv3 *smmu, const char *name, unsigned int offset, uint32_t mask, uint32_t wanted)
{
	struct deadline deadline = deadline_in_us(SMMUV3_WAIT_US);
	uint32_t value = smmuv3_read(smmu, offset);

	while ((value & mask) != wanted) {
		if (deadline_passed(&deadline)) {
			print("%s: waited %u ms for %s to read 0x%" PRIx32 " under mask 0x%" PRIx32
			      "; it reads 0x%" PRIx32 "\n",
			      smmu->iommu.name, SMMUV3_WAIT_US / 1000, name, wanted, mask, value);
			(void)smmuv3_set_health(smmu, SMMUV3_BROKEN);
			return -EIO;
		}
		arch_relax();
		value = smmuv3_read(smmu, offset);
	}
	return 0;
}

int smmuv3_write_cr0(struct smmuv3 *smmu, uint32_t value)
{
	uint32_t before = smmu->cr0;
	int error;

	/* Until the acknowledge, both old and new bits may be set. */
	smmu->cr0 |= value;
	error = smmuv3_write(smmu, SMMU_CR0, value);
	if (error) {
		smmu->cr0 = before;
		return error;
	}
	error = smmuv3_wait(smmu, "CR0ACK", SMMU_CR0ACK, CR0_ACKNOWLEDGED, value & CR0_ACKNOWLEDGED);
	if (!error) {
		smmu->cr0 = value;
	}
	return error;
}

int smmuv3_write_irq_ctrl(struct smmuv3 *smmu, uint32_t value)
{
	int error;

	smmu->irq_ctrl |= value;
	error = smmuv3_write(smmu, SMMU_IRQ_CTRL, value);
	if (!error) {
		error = smmuv3_wait(smmu, "IRQ_CTRLACK", SMMU_IRQ_CTRLACK, IRQ_CTRL_ACKNOWLEDGED, value);
	}
	smmu->irq_ctrl = error ? smmu->irq_ctrl : value;
	return error;
}

/* One write with UPDATE sets all fields of GBPA. */
int smmuv3_write_gbpa(struct smmuv3 *smmu, uint32_t clear, uint32_t set)
{
	uint32_t value;
	int error = smmuv3_wait(smmu, "GBPA.UPDATE", SMMU_GBPA, GBPA_UPDATE, 0);

	if (error) {
		return error;
	}
	value = smmuv3_read(smmu, SMMU_GBPA);
	if ((value & (clear | set)) == set) {
		return 0;
	}
	(void)smmuv3_write(smmu, SMMU_GBPA, (value & ~clear) | set | GBPA_UPDATE);
	return smmuv3_wait(smmu, "GBPA.UPDATE", SMMU_GBPA, GBPA_UPDATE, 0);
}
