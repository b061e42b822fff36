/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's iommu-testdev (1b36:0005): only writes, a fixed pattern. */
#include <errno.h>

#include "base/arch.h"
#include "masters/master.h"

#define ITD_TRIGGER 0x00U /* A read starts the armed DMA. */
#define ITD_ADDRESS_LOW 0x04U
#define ITD_ADDRESS_HIGH 0x08U
#define ITD_LENGTH 0x0cU
#define ITD_RESULT 0x10U
#define ITD_DOORBELL 0x14U
#define ITD_ARM BIT32(0)
#define ITD_ATTRIBUTES 0x18U
#define ITD_SPACE_NON_SECURE (1U << 1)
#define ITD_SPACE_VALID BIT32(3)
#define ITD_CHECK_LOW 0x1cU /* The device reads back here, past the SMMU. */
#define ITD_CHECK_HIGH 0x20U
#define ITD_RESULT_BUSY 0xfffffffeU
#define ITD_RESULT_IDLE 0xffffffffU
#define ITD_PATTERN 0x12345678U

static int testdev_probe(struct master *master)
{
	/* It has no identification register. */
	arch_write32(master->regs + ITD_LENGTH, sizeof(uint32_t));
	return arch_read32(master->regs + ITD_LENGTH) == sizeof(uint32_t) ? 0 : -ENODEV;
}

static int testdev_start(struct master *master, const struct master_dma *dma)
{
	if (!dma->write) {
		return -ENOTSUP;
	}
	arch_write32(master->regs + ITD_ADDRESS_LOW, (uint32_t)dma->address);
	arch_write32(master->regs + ITD_ADDRESS_HIGH, (uint32_t)(dma->address >> 32));
	arch_write32(master->regs + ITD_CHECK_LOW, (uint32_t)dma->memory);
	arch_write32(master->regs + ITD_CHECK_HIGH, (uint32_t)(dma->memory >> 32));
	arch_write32(master->regs + ITD_LENGTH, dma->length);
	arch_write32(master->regs + ITD_ATTRIBUTES, ITD_SPACE_NON_SECURE | ITD_SPACE_VALID);
	arch_write32(master->regs + ITD_DOORBELL, ITD_ARM);
	arch_dma_wmb();
	(void)arch_read32(master->regs + ITD_TRIGGER);
	return 0;
}

static int testdev_poll(struct master *master)
{
	master->seen = arch_read32(master->regs + ITD_RESULT);
	switch (master->seen) {
	case ITD_RESULT_BUSY:
	case ITD_RESULT_IDLE:
		return -EAGAIN;
	case 0:
		return 0;
	default:
		return -EIO;
	}
}

static const struct master_driver iommu_testdev_driver = {
	.driver = {.name = "iommu-testdev", .bind = master_bind, .unbind = master_unbind},
	.vendor = 0x1b36,
	.device = 0x0005,
	.can = MASTER_WRITES,
	.length_max = 4,
	.pattern = ITD_PATTERN,
	.probe = testdev_probe,
	.start = testdev_start,
	.poll = testdev_poll,
};

MASTER_DRIVER(iommu_testdev_driver);
