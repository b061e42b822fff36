/* SPDX-License-Identifier: BSD-2-Clause */
#include "irqchip/irqchip.h"

#include <errno.h>
#include <stddef.h>

#include "arch.h"
#include "base/bits.h"
#include "irqchip/gic.h"
#include "report/print.h"

#define HANDLERS_MAX 160U /* Two for each instance, and the timer. */
#define DISPATCH_MAX 64U  /* A stuck level interrupt ends up in the event log's count, not in a hang. */

struct handler {
	uint32_t intid;
	void (*handle)(void *argument);
	void *argument;
};

static const struct gic_ops *gic;
static struct handler handlers[HANDLERS_MAX];
static unsigned int handler_count;

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

int irqchip_enable(uint32_t intid, bool edge, void (*handle)(void *argument), void *argument)
{
	struct handler *handler;
	volatile uint8_t *frame;

	if (!gic || intid < 16 || intid >= GIC_INTID_MAX) {
		return -EINVAL;
	}
	handler = take_handler(intid);
	if (!handler) {
		return -EBUSY;
	}
	*handler = (struct handler){.intid = intid, .handle = handle, .argument = argument};
	frame = gic->frame(intid);
	if (intid >= GIC_SPI_FIRST) {
		gic->route_here(intid);
		set_trigger(frame, intid, edge);
	}
	arch_dsb();
	arch_write32(frame + GICD_ISENABLER + intid / 32 * 4, 1U << intid % 32);
	return 0;
}

void irqchip_disable(uint32_t intid)
{
	struct handler *handler = find(intid);

	if (!handler) {
		return;
	}
	arch_write32(gic->frame(intid) + GICD_ICENABLER + intid / 32 * 4, 1U << intid % 32);
	(void)gic->settle(intid);
	handler->handle = NULL;
}

void irqchip_dispatch(void)
{
	for (unsigned int turn = 0; turn < DISPATCH_MAX; turn++) {
		uint32_t acknowledged = gic->acknowledge();
		uint32_t intid = acknowledged & 0x3ffU;
		const struct handler *handler;

		if (intid >= GIC_INTID_MAX) {
			return;
		}
		handler = find(intid);
		if (handler && handler->handle) {
			handler->handle(handler->argument);
		}
		gic->end(acknowledged);
	}
}

void irqchip_restore(void)
{
	if (gic) {
		gic->restore();
	}
}

void irqchip_raise(uint32_t intid)
{
	arch_write32(gic->frame(intid) + GICD_ISPENDR + intid / 32 * 4, 1U << intid % 32);
}
