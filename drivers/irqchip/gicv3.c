/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3 (IHI 0069), non-secure group 1 with affinity routing. */
#include <errno.h>
#include <stddef.h>

#include "arch.h"
#include "base/bits.h"
#include "base/deadline.h"
#include "irqchip/gic.h"
#include "report/print.h"

#define WAIT_US 100000U
#define ICC_IAR_INTID 0xffffffU /* Extended SPIs and LPIs have numbers of more than 10 bits. */

#define GICD_CTLR_ENABLE_GROUP1 BIT32(1)
#define GICD_CTLR_ARE_NS BIT32(4)
#define GICD_CTLR_RWP BIT32(31)
#define GICD_IROUTER 0x6000U /* 64 bits each. */

#define GICR_CTLR 0x0000U
#define GICR_CTLR_RWP BIT32(3)
#define GICR_TYPER 0x0008U
#define GICR_TYPER_VLPIS BIT32(1)
#define GICR_TYPER_LAST BIT32(4)
#define GICR_TYPER_AFFINITY 0x000cU /* The upper half: Aff3..Aff0. */
#define GICR_WAKER 0x0014U
#define GICR_WAKER_PROCESSOR_SLEEP BIT32(1)
#define GICR_WAKER_CHILDREN_ASLEEP BIT32(2)
#define GICR_FRAME 0x10000U /* The redistributor is two such frames; four with VLPIs. */

static volatile uint8_t *distributor;
static volatile uint8_t *region[DESCRIPTION_REDISTRIBUTORS_MAX];
static uint64_t region_size[DESCRIPTION_REDISTRIBUTORS_MAX];
static unsigned int region_count;
static volatile uint8_t *redistributor[ARCH_CORES_MAX];

static uint32_t found_control;

static int wait_clear(volatile uint8_t *reg, uint32_t bit, const char *name)
{
	struct deadline deadline = deadline_in_us(WAIT_US);

	while (arch_read32(reg) & bit) {
		if (deadline_passed(&deadline)) {
			print("GICv3: waited in vain for %s to clear; it reads 0x%x\n", name,
			      (unsigned int)arch_read32(reg));
			return -ETIMEDOUT;
		}
		arch_relax();
	}
	return 0;
}

static int map_regions(const struct gic_description *gic)
{
	distributor = gic_map(&gic->distributor, "distributor");
	region_count = gic->redistributor_count;
	for (unsigned int i = 0; i < region_count; i++) {
		region[i] = gic_map(&gic->redistributor[i], "redistributor");
		region_size[i] = gic->redistributor[i].size;
		if (!region[i]) {
			return -ENOMEM;
		}
	}
	return distributor && region_count ? 0 : -ENOMEM;
}

static int init(const struct gic_description *gic)
{
	int error = map_regions(gic);
	uint32_t lines;

	if (error) {
		return error;
	}
	found_control = arch_read32(distributor + GICD_CTLR);
	arch_write32(distributor + GICD_CTLR, 0);
	error = wait_clear(distributor + GICD_CTLR, GICD_CTLR_RWP, "GICD_CTLR.RWP");
	if (error) {
		return error;
	}
	lines = gic_line_count(distributor);
	gic_reset_lines(distributor, GIC_SPI_FIRST, lines);
	for (uint32_t line = GIC_SPI_FIRST; line < lines; line += 32) {
		arch_write32(distributor + GICD_IGROUPR + line / 8, 0xffffffffU);
	}
	arch_write32(distributor + GICD_CTLR, GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_GROUP1);
	return wait_clear(distributor + GICD_CTLR, GICD_CTLR_RWP, "GICD_CTLR.RWP");
}

/* The frame in this region whose affinity is the calling core's, or NULL. */
static volatile uint8_t *find_in(unsigned int i)
{
	for (uint64_t at = 0; at + 2 * GICR_FRAME <= region_size[i];) {
		volatile uint8_t *frame = region[i] + at;
		uint32_t type;

		/* The region may be described longer than it is. */
		if (!arch_probe_read32(frame + GICR_TYPER, &type)) {
			return NULL;
		}
		if ((arch_read32(frame + GICR_TYPER_AFFINITY) & 0xffffffU) == arch_affinity()) {
			return frame;
		}
		if (type & GICR_TYPER_LAST) {
			return NULL;
		}
		at += type & GICR_TYPER_VLPIS ? 4 * GICR_FRAME : 2 * GICR_FRAME;
	}
	return NULL;
}

static int wake(volatile uint8_t *frame)
{
	uint32_t waker = arch_read32(frame + GICR_WAKER);

	arch_write32(frame + GICR_WAKER, waker & ~GICR_WAKER_PROCESSOR_SLEEP);
	return wait_clear(frame + GICR_WAKER, GICR_WAKER_CHILDREN_ASLEEP, "GICR_WAKER.ChildrenAsleep");
}

static int core_init(void)
{
	volatile uint8_t *frame = NULL;
	int error;

	for (unsigned int i = 0; i < region_count && !frame; i++) {
		frame = find_in(i);
	}
	if (!frame) {
		return -ENODEV;
	}
	error = wake(frame);
	if (error) {
		return error;
	}
	redistributor[arch_core()] = frame;
	gic_reset_lines(frame + GICR_FRAME, 0, GIC_SPI_FIRST);
	arch_write32(frame + GICR_FRAME + GICD_IGROUPR, 0xffffffffU);
	arch_icc_enable();
	return wait_clear(frame + GICR_CTLR, GICR_CTLR_RWP, "GICR_CTLR.RWP");
}

static volatile uint8_t *frame_of(uint32_t intid)
{
	return intid < GIC_SPI_FIRST ? redistributor[arch_core()] + GICR_FRAME : distributor;
}

static void route_here(uint32_t intid)
{
	arch_write32(distributor + GICD_IROUTER + 8 * intid, arch_affinity());
	arch_write32(distributor + GICD_IROUTER + 8 * intid + 4, 0);
}

static int settle(uint32_t intid)
{
	if (intid < GIC_SPI_FIRST) {
		return wait_clear(redistributor[arch_core()] + GICR_CTLR, GICR_CTLR_RWP, "GICR_CTLR.RWP");
	}
	return wait_clear(distributor + GICD_CTLR, GICD_CTLR_RWP, "GICD_CTLR.RWP");
}

/* The redistributor stays awake, and the interface on: with no interrupt enabled they do nothing. */
static void restore(void)
{
	arch_write32(distributor + GICD_CTLR, 0);
	(void)wait_clear(distributor + GICD_CTLR, GICD_CTLR_RWP, "GICD_CTLR.RWP");
	gic_restore_lines(distributor, GIC_SPI_FIRST, gic_line_count(distributor));
	gic_restore_lines(redistributor[arch_core()] + GICR_FRAME, 0, GIC_SPI_FIRST);
	arch_write32(distributor + GICD_CTLR, found_control);
}

const struct gic_ops gicv3_ops = {
	.init = init,
	.core_init = core_init,
	.frame = frame_of,
	.route_here = route_here,
	.settle = settle,
	.acknowledge = arch_icc_acknowledge,
	.intid_mask = ICC_IAR_INTID,
	.end = arch_icc_end,
	.restore = restore,
};
