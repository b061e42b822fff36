/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2 (IHI 0048). */
#include <errno.h>
#include <stddef.h>

#include "base/arch.h"
#include "base/feature.h"
#include "irqchip/gic.h"

#define GICC_CTLR 0x000U
#define GICC_CTLR_EOI_MODE (1U << 9) /* EOImodeNS: EOIR only drops the priority. */
#define GICC_PMR 0x004U
#define GICC_BPR 0x008U
#define GICC_IAR 0x00cU
#define GICC_IAR_INTID 0x3ffU /* Above it is the core that sent an SGI. */
#define GICC_EOIR 0x010U
#define GICC_APR 0x0d0U /* Four words, and four Non-secure ones at 0xe0. */
#define GICC_APR_WORDS 8U
#define GIC_ENABLE 1U
#define GICD_SGI_TARGETS 0x800U /* GICD_ITARGETSR0 to 7 read as the calling core's bit. */

static volatile uint8_t *distributor;
static volatile uint8_t *processor;

/* GICC_CTLR to GICC_BPR. */
#define INTERFACE_WORDS 3U

static struct {
	uint32_t distributor;
	uint32_t interface[INTERFACE_WORDS];
	uint32_t active[GICC_APR_WORDS];
} found;

static int gicv2_init(const struct gic_description *gic)
{
	distributor = gic_map(&gic->distributor, "distributor");
	processor = gic_map(&gic->processor, "CPU interface");
	if (!distributor || !processor) {
		return -ENOMEM;
	}
	found.distributor = arch_read32(distributor + GICD_CTLR);
	arch_write32(distributor + GICD_CTLR, 0);
	gic_reset_lines(distributor, &gic_lines, 1, gic_word_count(distributor) - 1, 1);
	arch_write32(distributor + GICD_CTLR, GIC_ENABLE);
	return 0;
}

static void gicv2_note_interface(void)
{
	uint32_t busy = 0;

	for (unsigned int i = 0; i < INTERFACE_WORDS; i++) {
		found.interface[i] = arch_read32(processor + GICC_CTLR + 4 * i);
	}
	for (unsigned int i = 0; i < GICC_APR_WORDS; i++) {
		found.active[i] = arch_read32(processor + GICC_APR + 4 * i);
		busy |= found.active[i];
	}
	gic_note_interface(found.interface[0] & GICC_CTLR_EOI_MODE, busy);
}

/* An inherited active priority would block interrupts of that priority. */
static int gicv2_core_init(void)
{
	gicv2_note_interface();
	arch_write32(processor + GICC_CTLR, 0);
	gic_reset_lines(distributor, &gic_lines, 0, 1, 0);
	for (unsigned int i = 0; i < GICC_APR_WORDS; i++) {
		arch_write32(processor + GICC_APR + 4 * i, 0);
	}
	arch_write32(processor + GICC_PMR, 0xff);
	arch_write32(processor + GICC_BPR, 0);
	arch_write32(processor + GICC_CTLR, GIC_ENABLE);
	return 0;
}

static volatile uint8_t *gicv2_frame(uint32_t intid)
{
	(void)intid;
	return distributor;
}

static uint64_t gicv2_route(uint32_t intid)
{
	return arch_read8(distributor + GICD_ITARGETSR + intid);
}

static void gicv2_set_route(uint32_t intid, uint64_t cores)
{
	arch_write8(distributor + GICD_ITARGETSR + intid, (uint8_t)cores);
}

/* 0 on a uniprocessor, which needs no target. */
static uint64_t gicv2_here(void)
{
	return arch_read8(distributor + GICD_SGI_TARGETS);
}

static int gicv2_settle(uint32_t intid)
{
	(void)intid;
	arch_dsb();
	return 0;
}

static uint32_t gicv2_acknowledge(void)
{
	return arch_read32(processor + GICC_IAR);
}

static void gicv2_end(uint32_t acknowledged)
{
	arch_write32(processor + GICC_EOIR, acknowledged);
}

static void gicv2_restore(bool lpis)
{
	(void)lpis;
	arch_write32(processor + GICC_CTLR, 0);
	arch_write32(distributor + GICD_CTLR, 0);
	gic_put_lines(distributor, &gic_lines, 0, gic_word_count(distributor), 0);
	for (unsigned int i = 0; i < GICC_APR_WORDS; i++) {
		arch_write32(processor + GICC_APR + 4 * i, found.active[i]);
	}
	for (unsigned int i = INTERFACE_WORDS; i > 0; i--) {
		arch_write32(processor + GICC_CTLR + 4 * (i - 1), found.interface[i - 1]);
	}
	arch_write32(distributor + GICD_CTLR, found.distributor);
}

const struct gic_ops gicv2_ops = {
	.init = gicv2_init,
	.core_init = gicv2_core_init,
	.frame = gicv2_frame,
	.route = gicv2_route,
	.set_route = gicv2_set_route,
	.here = gicv2_here,
	.group = 0,
	.settle = gicv2_settle,
	.acknowledge = gicv2_acknowledge,
	.intid_mask = GICC_IAR_INTID,
	.end = gicv2_end,
	.restore = gicv2_restore,
};

LINKED(gicv2_ops);
