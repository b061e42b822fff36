/* SPDX-License-Identifier: BSD-2-Clause */
#include "irqchip/irqchip.h"

#include <errno.h>
#include <stddef.h>

#include "base/arch.h"
#include "base/bits.h"
#include "base/feature.h"
#include "irqchip/gic.h"
#include "report/print.h"

#define HANDLERS_MAX 160U /* Two for each instance, and the timer. */
#define DISPATCH_MAX 64U  /* Then the interrupted code goes on. */
#define BARREN_MAX 64U	  /* Calls in a row without work while the line stayed asserted. */

OPTIONAL(gicv2_ops);
OPTIONAL(gicv3_ops);

enum storm { STORM_NONE, STORM_NEW, STORM_TOLD };

struct setup {
	uint64_t route;
	uint32_t trigger; /* As in GICD_ICFGR. */
	uint32_t priority;
	uint32_t group;
};

#define TRIGGER_EDGE 2U

/* `handle` is NULL if disabled or stray. */
struct handler {
	uint32_t intid;
	struct setup before; /* Before the first enable. */
	bool (*handle)(void *argument);
	void *argument;
	uint32_t barren;
	enum storm storm;
};

static const struct gic_ops *gic;
static struct handler handlers[HANDLERS_MAX];
static unsigned int handler_count;
static struct handler stray; /* The last interrupt without a handler. */

static struct {
	uint32_t enabled;
	uint32_t pending;
	uint32_t active;
} slots[GIC_SLOTS];

static struct irqchip_inherited inherited;

const struct gic_bank gic_lines = {
	.set_enable = GICD_ISENABLER,
	.clear_enable = GICD_ICENABLER,
	.set_pending = GICD_ISPENDR,
	.clear_pending = GICD_ICPENDR,
	.set_active = GICD_ISACTIVER,
	.clear_active = GICD_ICACTIVER,
	.configuration = GICD_ICFGR,
};

const struct irqchip_inherited *irqchip_inherited(void)
{
	return &inherited;
}

void gic_note_interface(bool split_end, bool busy)
{
	inherited.split_end = split_end;
	inherited.busy = busy;
}

void gic_note_lpis(void)
{
	inherited.lpis = true;
}

/* The upper of two bits in ICFGR: edge-triggered. */
static uint32_t irqchip_edges(volatile uint8_t *frame, const struct gic_bank *bank, unsigned int word)
{
	uint32_t bits = 0;

	for (unsigned int i = 0; i < 32; i++) {
		uint32_t configuration = arch_read32(frame + bank->configuration + 8 * word + i / 16 * 4);

		bits |= (configuration >> (i % 16 * 2 + 1) & 1U) << i;
	}
	return bits;
}

/* Not __builtin_popcount(): in AArch64 it needs FP registers. */
static unsigned int irqchip_count_ones(uint32_t bits)
{
	unsigned int count = 0;

	for (; bits; bits &= bits - 1) {
		count++;
	}
	return count;
}

/*
 * SGIs do not count as enabled: a GICv2 may have them always enabled. Level interrupts do not count as pending: the
 * device asserts them.
 */
static void irqchip_note_slot(volatile uint8_t *frame, const struct gic_bank *bank, unsigned int word,
			      unsigned int slot)
{
	slots[slot].enabled = arch_read32(frame + bank->set_enable + 4 * word);
	slots[slot].active = arch_read32(frame + bank->set_active + 4 * word);
	slots[slot].pending = arch_read32(frame + bank->set_pending + 4 * word) & irqchip_edges(frame, bank, word);
	inherited.enabled += irqchip_count_ones(slot ? slots[slot].enabled : slots[0].enabled >> 16);
	inherited.active += irqchip_count_ones(slots[slot].active);
	inherited.pending += irqchip_count_ones(slots[slot].pending);
}

void gic_reset_lines(volatile uint8_t *frame, const struct gic_bank *bank, unsigned int word, unsigned int count,
		     unsigned int slot)
{
	for (unsigned int i = 0; i < count; i++) {
		irqchip_note_slot(frame, bank, word + i, slot + i);
		arch_write32(frame + bank->clear_enable + 4 * (word + i), UINT32_MAX);
		arch_write32(frame + bank->clear_active + 4 * (word + i), UINT32_MAX);
		arch_write32(frame + bank->clear_pending + 4 * (word + i), UINT32_MAX);
	}
}

void gic_put_lines(volatile uint8_t *frame, const struct gic_bank *bank, unsigned int word, unsigned int count,
		   unsigned int slot)
{
	for (unsigned int i = 0; i < count; i++) {
		arch_write32(frame + bank->clear_enable + 4 * (word + i), UINT32_MAX);
		arch_write32(frame + bank->clear_pending + 4 * (word + i), UINT32_MAX);
		arch_write32(frame + bank->set_pending + 4 * (word + i), slots[slot + i].pending);
		arch_write32(frame + bank->set_active + 4 * (word + i), slots[slot + i].active);
		arch_write32(frame + bank->set_enable + 4 * (word + i), slots[slot + i].enabled);
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

unsigned int gic_word_count(volatile uint8_t *distributor)
{
	return FIELD_GET32(GICD_TYPER_LINES, arch_read32(distributor + GICD_TYPER)) + 1;
}

int irqchip_init(const struct gic_description *description)
{
	inherited = (struct irqchip_inherited){0};
	handler_count = 0;
	if (description->version == 2 && is_linked(gicv2_ops)) {
		gic = &gicv2_ops;
	} else if (description->version == 3 && is_linked(gicv3_ops)) {
		gic = &gicv3_ops;
	} else {
		return -ENODEV;
	}
	return gic->init(description);
}

const struct gic_ops *gic_in_use(void)
{
	return gic;
}

int irqchip_core_init(void)
{
	return gic->core_init();
}

static struct handler *irqchip_find(uint32_t intid)
{
	for (unsigned int i = 0; i < handler_count; i++) {
		if (handlers[i].intid == intid) {
			return &handlers[i];
		}
	}
	return NULL;
}

static uint32_t irqchip_change(uint32_t offset, uint32_t intid, uint32_t width, uint32_t value)
{
	volatile uint8_t *reg = gic->frame(intid) + offset + intid * width / 32 * 4;
	uint32_t shift = intid * width % 32;
	uint32_t mask = (1U << width) - 1U;
	uint32_t word = arch_read32(reg);

	arch_write32(reg, (word & ~(mask << shift)) | value << shift);
	return word >> shift & mask;
}

static struct setup irqchip_set_up(uint32_t intid, const struct setup *setup)
{
	struct setup before = {0};

	if (intid >= GIC_SPI_FIRST) {
		before.route = gic->route(intid);
		gic->set_route(intid, setup->route);
		before.trigger = irqchip_change(GICD_ICFGR, intid, 2, setup->trigger);
	}
	before.priority = irqchip_change(GICD_IPRIORITYR, intid, 8, setup->priority);
	before.group = irqchip_change(GICD_IGROUPR, intid, 1, setup->group);
	return before;
}

static struct handler *irqchip_take_handler(uint32_t intid)
{
	struct handler *handler = irqchip_find(intid);

	if (handler) {
		return handler->handle ? NULL : handler;
	}
	if (handler_count == HANDLERS_MAX) {
		return NULL;
	}
	handlers[handler_count] = (struct handler){0};
	return &handlers[handler_count++];
}

static void irqchip_write_line(uint32_t offset, uint32_t intid)
{
	arch_write32(gic->frame(intid) + offset + intid / 32 * 4, 1U << intid % 32);
}

static bool irqchip_reads_set(uint32_t offset, uint32_t intid)
{
	return arch_read32(gic->frame(intid) + offset + intid / 32 * 4) & 1U << intid % 32;
}

/*
 * False: it reads as 0; the GIC lacks the line (GICD_TYPER.ITLinesNumber) or Secure state keeps it. Masks interrupts: a
 * pending one may be masked in its turn.
 */
static bool irqchip_enable_line(uint32_t intid)
{
	uint32_t saved = arch_irq_save();
	bool enabled;

	irqchip_write_line(GICD_ISENABLER, intid);
	enabled = irqchip_reads_set(GICD_ISENABLER, intid);
	arch_irq_restore(saved);
	return enabled;
}

int irqchip_enable(uint32_t intid, bool edge, bool (*handle)(void *argument), void *argument)
{
	struct setup before;
	struct handler *handler;

	if (!gic || intid < 16 || intid >= GIC_INTID_MAX) {
		return -EINVAL;
	}
	handler = irqchip_take_handler(intid);
	if (!handler) {
		return -EBUSY;
	}
	before = irqchip_set_up(intid, &(struct setup){gic->here(), edge ? TRIGGER_EDGE : 0, GIC_PRIORITY, gic->group});
	*handler = (struct handler){
		.intid = intid,
		.before = handler->intid == intid ? handler->before : before,
		.handle = handle,
		.argument = argument,
	};
	arch_dsb();
	if (!irqchip_enable_line(intid)) {
		handler->handle = NULL;
		return -EINVAL;
	}
	return 0;
}

void irqchip_disable(uint32_t intid)
{
	struct handler *handler = irqchip_find(intid);

	if (!handler) {
		return;
	}
	irqchip_write_line(GICD_ICENABLER, intid);
	(void)gic->settle(intid);
	handler->handle = NULL;
}

/*
 * A level interrupt reads as pending while its line is asserted, even if active (IHI 0048 4.3.7). A fallen line is no
 * storm: another core's poll was first.
 */
static void irqchip_count_barren(struct handler *handler)
{
	handler->barren = irqchip_reads_set(GICD_ISPENDR, handler->intid) ? handler->barren + 1 : 0;
	if (handler->barren == BARREN_MAX) {
		irqchip_write_line(GICD_ICENABLER, handler->intid);
		handler->storm = STORM_NEW;
	}
}

static void irqchip_serve(uint32_t intid)
{
	struct handler *handler = irqchip_find(intid);

	if (!handler && stray.intid != intid) {
		stray = (struct handler){.intid = intid};
	}
	handler = handler ? handler : &stray;
	if (handler->handle && handler->handle(handler->argument)) {
		handler->barren = 0;
	} else if (intid < GIC_INTID_MAX) {
		irqchip_count_barren(handler);
	}
}

static bool irqchip_is_special(uint32_t intid)
{
	return intid >= GIC_INTID_MAX && intid < GIC_INTID_SPECIAL_END;
}

void irqchip_dispatch(void)
{
	for (unsigned int turn = 0; turn < DISPATCH_MAX; turn++) {
		uint32_t acknowledged = gic->acknowledge();

		if (irqchip_is_special(acknowledged & gic->intid_mask)) {
			return;
		}
		irqchip_serve(acknowledged & gic->intid_mask);
		gic->end(acknowledged);
	}
}

static bool irqchip_take_storm_of(struct handler *handler, uint32_t *intid)
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
		if (irqchip_take_storm_of(&handlers[i], intid)) {
			return true;
		}
	}
	return irqchip_take_storm_of(&stray, intid);
}

bool irqchip_is_masked(uint32_t intid)
{
	const struct handler *handler = irqchip_find(intid);

	return !handler || handler->storm != STORM_NONE;
}

void irqchip_restore(bool lpis)
{
	if (!gic) {
		return;
	}
	for (unsigned int i = 0; i < handler_count; i++) {
		irqchip_disable(handlers[i].intid);
		(void)irqchip_set_up(handlers[i].intid, &handlers[i].before);
	}
	gic->restore(lpis);
}

void irqchip_raise(uint32_t intid)
{
	irqchip_write_line(GICD_ISPENDR, intid);
}

LINKED(irqchip_init);
LINKED(irqchip_inherited);
LINKED(irqchip_enable);
LINKED(irqchip_restore);
