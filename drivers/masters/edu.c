/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's edu (1234:11e8): a 4 KiB buffer, and DMA of 100 ms. */
#include <errno.h>

#include "base/arch.h"
#include "masters/master.h"

#define EDU_ID 0x00U
#define EDU_ID_VALUE 0x010000edU
#define EDU_DMA_SOURCE 0x80U
#define EDU_DMA_DESTINATION 0x88U
#define EDU_DMA_COUNT 0x90U
#define EDU_DMA_COMMAND 0x98U
#define EDU_DMA_RUN BIT32(0)
#define EDU_DMA_TO_MEMORY BIT32(1)
#define EDU_STOP_US 3000000U
#define EDU_BUFFER 0x40000U /* In the device. */

static int edu_probe(struct master *master)
{
	return arch_read32(master->regs + EDU_ID) == EDU_ID_VALUE ? 0 : -ENODEV;
}

static int edu_start(struct master *master, const struct master_dma *dma)
{
	/* The device drops the upper half. */
	if (dma->address >> 32) {
		return -ERANGE;
	}
	arch_write32(master->regs + EDU_DMA_SOURCE, dma->write ? EDU_BUFFER : (uint32_t)dma->address);
	arch_write32(master->regs + EDU_DMA_DESTINATION, dma->write ? (uint32_t)dma->address : EDU_BUFFER);
	arch_write32(master->regs + EDU_DMA_COUNT, dma->length);
	arch_dma_wmb();
	arch_write32(master->regs + EDU_DMA_COMMAND, EDU_DMA_RUN | (dma->write ? EDU_DMA_TO_MEMORY : 0));
	return 0;
}

static int edu_poll(struct master *master)
{
	master->seen = arch_read32(master->regs + EDU_DMA_COMMAND);
	return master->seen & EDU_DMA_RUN ? -EAGAIN : 0;
}

/* A DMA cannot be cancelled. */
static int edu_stop(struct master *master)
{
	return master_wait(master, edu_poll, EDU_STOP_US, "the DMA command's RUN", 0);
}

static const struct master_driver edu_driver = {
	.driver = {.name = "edu", .bind = master_bind, .unbind = master_unbind},
	.vendor = 0x1234,
	.device = 0x11e8,
	.can = MASTER_READS | MASTER_WRITES,
	/* One word less than the buffer: QEMU 7.2 exits at its last byte. */
	.length_max = 4092,
	.probe = edu_probe,
	.start = edu_start,
	.poll = edu_poll,
	.stop = edu_stop,
};

MASTER_DRIVER(edu_driver);
