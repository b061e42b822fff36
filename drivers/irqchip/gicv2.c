/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2 (IHI 0048). */
#include <errno.h>
#include <stddef.h>

#include "arch.h"
#include "irqchip/gic.h"

#define GICC_CTLR 0x000U
#define GICC_PMR 0x004U
#define GICC_IAR 0x00cU
#define GICC_EOIR 0x010U
#define GICC_IAR_INTID 0x3ffU /* Above it, the core that sent an SGI. */
#define GIC_ENABLE 1U
#define GICD_SGI_TARGETS 0x800U /* GICD_ITARGETSR0 to 7 read as the calling core's own bit. */

static volatile uint8_t *distributor;
static volatile uint8_t *processor;

static struct {
	uint32_t distributor;
	uint32_t processor;
	uint32_t priority;
} found;

static int init(const struct gic_description *gic)
{
	distributor = gic_map(&gic->distributor, "distributor");
	processor = gic_map(&gic->processor, "CPU interface");
	if (!distributor || !processor) {
		return -ENOMEM;
	}
	found.distributor = arch_read32(distributor + GICD_CTLR);
	found.processor = arch_read32(processor + GICC_CTLR);
	found.priority = arch_read32(processor + GICC_PMR);
	arch_write32(distributor + GICD_CTLR, 0);
	gic_reset_lines(distributor, GIC_SPI_FIRST, gic_line_count(distributor));
	arch_write32(distributor + GICD_CTLR, GIC_ENABLE);
	return 0;
}

static int core_init(void)
{
	gic_reset_lines(distributor, 0, GIC_SPI_FIRST);
	arch_write32(processor + GICC_PMR, 0xff);
	arch_write32(processor + GICC_CTLR, GIC_ENABLE);
	return 0;
}

static volatile uint8_t *frame(uint32_t intid)
{
	(void)intid;
	return distributor;
}

static void route_here(uint32_t intid)
{
	volatile uint8_t *reg = distributor + GICD_ITARGETSR + intid / 4 * 4;
	uint32_t shift = intid % 4 * 8;
	uint32_t own = arch_read32(distributor + GICD_SGI_TARGETS) & 0xffU;

	/* A uniprocessor's target registers read as zero and are not needed. */
	arch_write32(reg, (arch_read32(reg) & ~(0xffU << shift)) | own << shift);
}

static int settle(uint32_t intid)
{
	(void)intid;
	arch_dsb();
	return 0;
}

static uint32_t acknowledge(void)
{
	return arch_read32(processor + GICC_IAR);
}

static void end(uint32_t acknowledged)
{
	arch_write32(processor + GICC_EOIR, acknowledged);
}

static void restore(void)
{
	arch_write32(distributor + GICD_CTLR, 0);
	gic_restore_lines(distributor, 0, gic_line_count(distributor));
	arch_write32(processor + GICC_PMR, found.priority);
	arch_write32(processor + GICC_CTLR, found.processor);
	arch_write32(distributor + GICD_CTLR, found.distributor);
}

const struct gic_ops gicv2_ops = {
	.init = init,
	.core_init = core_init,
	.frame = frame,
	.route_here = route_here,
	.settle = settle,
	.acknowledge = acknowledge,
	.intid_mask = GICC_IAR_INTID,
	.end = end,
	.restore = restore,
};
