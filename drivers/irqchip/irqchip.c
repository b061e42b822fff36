/* SPDX-License-Identifier: BSD-2-Clause */
#include "irqchip/irqchip.h"

#include <errno.h>
#include <stddef.h>

#include "arch.h"
#include "base/bits.h"
#include "irqchip/gic.h"
#include "report/print.h"

#define HANDLERS_MAX 160U /* Two for each instance, and the timer. */
#define DISPATCH_MAX 64U  /* Interrupts of one exception; then what was interrupted goes on. */
#define BARREN_MAX 64U	  /* Turns in which a line stayed up and its handler found nothing to do. */

enum storm { STORM_NONE, STORM_NEW, STORM_TOLD };

/* One without `handle` is disabled, or stands for an interrupt that no handler was given for. */
struct handler {
	uint32_t intid;
	bool (*handle)(void *argument);
	void *argument;
	uint32_t barren;
	enum storm storm;
};

static const struct gic_ops *gic;
static struct handler handlers[HANDLERS_MAX];
static unsigned int handler_count;
static struct handler stray; /* The last one that came without a handler. */

static uint32_t enabled_before[GIC_INTID_MAX / 32 + 1]; /* For a caller that wants its interrupts back. */

void gic_reset_lines(volatile uint8_t *frame, uint32_t first, uint32_t end)
{
	for (uint32_t line = first; line < end; line += 32) {
		if (arch_core() == 0) {
			enabled_before[line / 32] = arch_read32(frame + GICD_ISENABLER + line / 8);
		}
		arch_write32(frame + GICD_ICENABLER + line / 8, 0xffffffffU);
		arch_write32(frame + GICD_ICPENDR + line / 8, 0xffffffffU);
	}
	for (uint32_t line = first; line < end; line += 4) {
		arch_write32(frame + GICD_IPRIORITYR + line, GIC_PRIORITY * 0x01010101U);
	}
}

void gic_restore_lines(volatile uint8_t *frame, uint32_t first, uint32_t end)
{
	for (uint32_t line = first; line < end; line += 32) {
		arch_write32(frame + GICD_ICENABLER + line / 8, 0xffffffffU);
		arch_write32(frame + GICD_ISENABLER + line / 8, enabled_before[line / 32]);
	}
}

volatile uint8_t *gic_map(const struct range_description *range, const char *name)
{
	volatile uint8_t *frame = arch_map_device(range->base, range->size);
	uint32_t value;

	if (!frame || !arch_probe_read32(frame + GIC_PROBE, &value)) {
		print("the interrupt controller's %s at 0x%llx %s\n", name, (unsigned long long)range->base,
		      frame ? "does not answer" : "cannot be mapped");
		return NULL;
	}
	return frame;
}

uint32_t gic_line_count(volatile uint8_t *distributor)
{
	uint32_t lines = 32U * (FIELD_GET32(GICD_TYPER_LINES, arch_read32(distributor + GICD_TYPER)) + 1);

	return lines < GIC_INTID_MAX ? lines : GIC_INTID_MAX;
}

int irqchip_init(const struct gic_description *description)
{
	switch (description->version) {
	case 2:
		gic = &gicv2_ops;
		break;
	case 3:
		gic = &gicv3_ops;
		break;
	default:
		return -ENODEV;
	}
	return gic->init(description);
}

int irqchip_core_init(void)
{
	return gic->core_init();
}

static struct handler *find(uint32_t intid)
{
	for (unsigned int i = 0; i < handler_count; i++) {
		if (handlers[i].intid == intid) {
			return &handlers[i];
		}
	}
	return NULL;
}

/* Two bits an interrupt; the upper one is set for edge. */
static void set_trigger(volatile uint8_t *frame, uint32_t intid, bool edge)
{
	volatile uint8_t *reg = frame + GICD_ICFGR + intid / 16 * 4;
	uint32_t bit = 2U << intid % 16 * 2;
	uint32_t value = arch_read32(reg);

	arch_write32(reg, edge ? value | bit : value & ~bit);
}

static struct handler *take_handler(uint32_t intid)
{
	struct handler *handler = find(intid);

	if (handler) {
		return handler->handle ? NULL : handler;
	}
	return handler_count < HANDLERS_MAX ? &handlers[handler_count++] : NULL;
}

static void write_line(uint32_t offset, uint32_t intid)
{
	arch_write32(gic->frame(intid) + offset + intid / 32 * 4, 1U << intid % 32);
}

int irqchip_enable(uint32_t intid, bool edge, bool (*handle)(void *argument), void *argument)
{
	struct handler *handler;

	if (!gic || intid < 16 || intid >= GIC_INTID_MAX) {
		return -EINVAL;
	}
	handler = take_handler(intid);
	if (!handler) {
		return -EBUSY;
	}
	*handler = (struct handler){.intid = intid, .handle = handle, .argument = argument};
	if (intid >= GIC_SPI_FIRST) {
		gic->route_here(intid);
		set_trigger(gic->frame(intid), intid, edge);
	}
	arch_dsb();
	write_line(GICD_ISENABLER, intid);
	return 0;
}

void irqchip_disable(uint32_t intid)
{
	struct handler *handler = find(intid);

	if (!handler) {
		return;
	}
	write_line(GICD_ICENABLER, intid);
	(void)gic->settle(intid);
	handler->handle = NULL;
}

/* A level line reads as pending while it is up, even while its interrupt is active (IHI 0048 4.3.7). */
static bool is_pending(uint32_t intid)
{
	return arch_read32(gic->frame(intid) + GICD_ISPENDR + intid / 32 * 4) & 1U << intid % 32;
}

/* An interrupt that was lost to another core's poll is no storm: its line has fallen. */
static void count_barren(struct handler *handler)
{
	handler->barren = is_pending(handler->intid) ? handler->barren + 1 : 0;
	if (handler->barren == BARREN_MAX) {
		write_line(GICD_ICENABLER, handler->intid);
		handler->storm = STORM_NEW;
	}
}

static void serve(uint32_t intid)
{
	struct handler *handler = find(intid);

	if (!handler && stray.intid != intid) {
		stray = (struct handler){.intid = intid};
	}
	handler = handler ? handler : &stray;
	if (handler->handle && handler->handle(handler->argument)) {
		handler->barren = 0;
	} else if (intid < GIC_INTID_MAX) {
		count_barren(handler);
	}
}

static bool is_special(uint32_t intid)
{
	return intid >= GIC_INTID_MAX && intid < GIC_INTID_SPECIAL_END;
}

void irqchip_dispatch(void)
{
	for (unsigned int turn = 0; turn < DISPATCH_MAX; turn++) {
		uint32_t acknowledged = gic->acknowledge();

		if (is_special(acknowledged & gic->intid_mask)) {
			return;
		}
		serve(acknowledged & gic->intid_mask);
		gic->end(acknowledged);
	}
}

static bool take_storm(struct handler *handler, uint32_t *intid)
{
	if (handler->storm != STORM_NEW) {
		return false;
	}
	handler->storm = STORM_TOLD;
	*intid = handler->intid;
	return true;
}

bool irqchip_take_storm(uint32_t *intid)
{
	for (unsigned int i = 0; i < handler_count; i++) {
		if (take_storm(&handlers[i], intid)) {
			return true;
		}
	}
	return take_storm(&stray, intid);
}

bool irqchip_is_masked(uint32_t intid)
{
	const struct handler *handler = find(intid);

	return !handler || handler->storm != STORM_NONE;
}

void irqchip_restore(void)
{
	if (gic) {
		gic->restore();
	}
}

void irqchip_raise(uint32_t intid)
{
	write_line(GICD_ISPENDR, intid);
}
