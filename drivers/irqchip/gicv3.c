/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3 (IHI 0069), Non-secure group 1 with affinity routing. */
#include <errno.h>
#include <stddef.h>

#include "base/arch.h"
#include "base/bits.h"
#include "base/deadline.h"
#include "base/feature.h"
#include "irqchip/gic.h"
#include "report/print.h"

#define WAIT_US 100000U
#define ICC_IAR_INTID 0xffffffU /* Extended SPIs and LPIs have more than 10 bits. */

#define GICD_CTLR_ENABLE_GROUP1 BIT32(1)
#define GICD_CTLR_ARE_NS BIT32(4)
#define GICD_CTLR_RWP BIT32(31)
#define GICD_IROUTER 0x6000U /* 64 bits each. */
#define GICD_TYPER_ESPI BIT32(8)
#define GICD_TYPER_ESPI_COUNT_SHIFT 27
#define GICD_TYPER_ESPI_COUNT_WIDTH 5

#define GICR_CTLR 0x0000U
#define GICR_CTLR_ENABLE_LPIS BIT32(0)
#define GICR_CTLR_RWP BIT32(3)
#define GICR_TYPER 0x0008U
#define GICR_TYPER_VLPIS BIT32(1)
#define GICR_TYPER_LAST BIT32(4)
#define GICR_TYPER_PPIS_SHIFT 27 /* 0: no extended PPIs; else in units of 32. */
#define GICR_TYPER_PPIS_WIDTH 5
#define GICR_TYPER_AFFINITY 0x000cU /* Aff3..Aff0. */
#define GICR_WAKER 0x0014U
#define GICR_WAKER_PROCESSOR_SLEEP BIT32(1)
#define GICR_WAKER_CHILDREN_ASLEEP BIT32(2)
#define GICR_FRAME 0x10000U /* Two per redistributor, four with VLPIs. */

static volatile uint8_t *distributor;
static volatile uint8_t *region[DESCRIPTION_REDISTRIBUTORS_MAX];
static uint64_t region_size[DESCRIPTION_REDISTRIBUTORS_MAX];
static unsigned int region_count;
static volatile uint8_t *redistributor; /* The boot core's. */

static const struct gic_bank extended_spis = {
	.set_enable = 0x1200,
	.clear_enable = 0x1400,
	.set_pending = 0x1600,
	.clear_pending = 0x1800,
	.set_active = 0x1a00,
	.clear_active = 0x1c00,
	.configuration = 0x3000,
};

static struct {
	uint32_t distributor;
	uint32_t redistributor;
	struct arch_icc interface;
} found;

static int gicv3_wait_clear(volatile uint8_t *reg, uint32_t bit, const char *name)
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

static int gicv3_settle_own(volatile uint8_t *frame)
{
	return gicv3_wait_clear(frame + GICR_CTLR, GICR_CTLR_RWP, "GICR_CTLR.RWP");
}

static int gicv3_settle_all(void)
{
	return gicv3_wait_clear(distributor + GICD_CTLR, GICD_CTLR_RWP, "GICD_CTLR.RWP");
}

static int gicv3_control(uint32_t value)
{
	arch_write32(distributor + GICD_CTLR, value);
	return gicv3_settle_all();
}

static int gicv3_map_regions(const struct gic_description *gic)
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

static unsigned int gicv3_extended_spi_words(void)
{
	uint32_t type = arch_read32(distributor + GICD_TYPER);

	return type & GICD_TYPER_ESPI ? FIELD_GET32(GICD_TYPER_ESPI_COUNT, type) + 1 : 0;
}

static unsigned int gicv3_extended_ppi_words(volatile uint8_t *frame)
{
	uint32_t count = FIELD_GET32(GICR_TYPER_PPIS, arch_read32(frame + GICR_TYPER));

	return count <= GIC_SLOTS - GIC_SLOT_EXTENDED_PPI ? count : 0;
}

static int gicv3_init(const struct gic_description *gic)
{
	int error = gicv3_map_regions(gic);

	if (error) {
		return error;
	}
	found.distributor = arch_read32(distributor + GICD_CTLR);
	error = gicv3_control(0);
	if (error) {
		return error;
	}
	gic_reset_lines(distributor, &gic_lines, 1, gic_word_count(distributor) - 1, 1);
	gic_reset_lines(distributor, &extended_spis, 0, gicv3_extended_spi_words(), GIC_SLOT_EXTENDED_SPI);
	return gicv3_control(GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_GROUP1);
}

/* Some GICs cannot clear EnableLPIs and go on writing to memory: reported; LPIs end. */
static void gicv3_disable_lpis(volatile uint8_t *frame)
{
	uint32_t value = arch_read32(frame + GICR_CTLR);

	if (value & GICR_CTLR_ENABLE_LPIS) {
		gic_note_lpis();
		arch_write32(frame + GICR_CTLR, value & ~GICR_CTLR_ENABLE_LPIS);
		(void)gicv3_settle_own(frame);
	}
}

/* Turns off every core's LPIs; finds the calling core's frame. */
static void gicv3_visit(unsigned int i)
{
	uint32_t type = 0;

	for (uint64_t at = 0; at + 2 * GICR_FRAME <= region_size[i] && !(type & GICR_TYPER_LAST);) {
		volatile uint8_t *frame = region[i] + at;

		/* The description may be longer than the region. */
		if (!arch_probe_read32(frame + GICR_TYPER, &type)) {
			return;
		}
		if (!redistributor && arch_read32(frame + GICR_TYPER_AFFINITY) == arch_affinity()) {
			redistributor = frame;
			found.redistributor = arch_read32(frame + GICR_CTLR);
		}
		gicv3_disable_lpis(frame);
		at += type & GICR_TYPER_VLPIS ? 4 * GICR_FRAME : 2 * GICR_FRAME;
	}
}

static int gicv3_wake(volatile uint8_t *frame)
{
	uint32_t waker = arch_read32(frame + GICR_WAKER);

	arch_write32(frame + GICR_WAKER, waker & ~GICR_WAKER_PROCESSOR_SLEEP);
	return gicv3_wait_clear(frame + GICR_WAKER, GICR_WAKER_CHILDREN_ASLEEP, "GICR_WAKER.ChildrenAsleep");
}

static int gicv3_silence(volatile uint8_t *frame)
{
	struct arch_icc *interface = &found.interface;

	gic_reset_lines(frame + GICR_FRAME, &gic_lines, 0, 1, 0);
	gic_reset_lines(frame + GICR_FRAME, &gic_lines, 1, gicv3_extended_ppi_words(frame), GIC_SLOT_EXTENDED_PPI);
	arch_icc_enable(interface);
	gic_note_interface(interface->control & ARCH_ICC_CONTROL_EOI_MODE,
			   interface->active[0] | interface->active[1] | interface->active[2] | interface->active[3]);
	return gicv3_settle_own(frame);
}

static int gicv3_core_init(void)
{
	int error;

	redistributor = NULL;
	for (unsigned int i = 0; i < region_count; i++) {
		gicv3_visit(i);
	}
	if (!redistributor) {
		return -ENODEV;
	}
	error = gicv3_wake(redistributor);
	return error ? error : gicv3_silence(redistributor);
}

static volatile uint8_t *gicv3_frame_of(uint32_t intid)
{
	return intid < GIC_SPI_FIRST ? redistributor + GICR_FRAME : distributor;
}

/* GICD_IROUTER: Aff2 to Aff0 in 23:0, "any core" in bit 31, Aff3 in 39:32. */
static uint64_t gicv3_route(uint32_t intid)
{
	const volatile uint8_t *reg = distributor + GICD_IROUTER + 8 * intid;

	return (uint64_t)arch_read32(reg + 4) << 32 | arch_read32(reg);
}

static void gicv3_set_route(uint32_t intid, uint64_t route)
{
	volatile uint8_t *reg = distributor + GICD_IROUTER + 8 * intid;

	arch_write32(reg, (uint32_t)route);
	arch_write32(reg + 4, (uint32_t)(route >> 32));
}

static uint64_t gicv3_here(void)
{
	uint32_t affinity = arch_affinity();

	return (uint64_t)(affinity >> 24) << 32 | (affinity & 0xffffffU);
}

static int gicv3_settle(uint32_t intid)
{
	return intid < GIC_SPI_FIRST ? gicv3_settle_own(redistributor) : gicv3_settle_all();
}

/* The redistributor stays awake. */
static void gicv3_restore(bool lpis)
{
	volatile uint8_t *frame = redistributor;

	(void)gicv3_control(0);
	gic_put_lines(distributor, &gic_lines, 1, gic_word_count(distributor) - 1, 1);
	gic_put_lines(distributor, &extended_spis, 0, gicv3_extended_spi_words(), GIC_SLOT_EXTENDED_SPI);
	gic_put_lines(frame + GICR_FRAME, &gic_lines, 0, 1, 0);
	gic_put_lines(frame + GICR_FRAME, &gic_lines, 1, gicv3_extended_ppi_words(frame), GIC_SLOT_EXTENDED_PPI);
	if (lpis) {
		arch_write32(frame + GICR_CTLR, found.redistributor);
	}
	arch_icc_restore(&found.interface);
	arch_write32(distributor + GICD_CTLR, found.distributor);
}

const struct gic_ops gicv3_ops = {
	.init = gicv3_init,
	.core_init = gicv3_core_init,
	.frame = gicv3_frame_of,
	.route = gicv3_route,
	.set_route = gicv3_set_route,
	.here = gicv3_here,
	.group = 1,
	.settle = gicv3_settle,
	.acknowledge = arch_icc_acknowledge,
	.intid_mask = ICC_IAR_INTID,
	.end = arch_icc_end,
	.restore = gicv3_restore,
};

LINKED(gicv3_ops);
