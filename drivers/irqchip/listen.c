/* SPDX-License-Identifier: BSD-2-Clause */
/* Which SPIs come, without taking any: a masked one that is configured as an edge stays pending. */
#include <stddef.h>

#include "base/arch.h"
#include "base/feature.h"
#include "irqchip/gic.h"
#include "irqchip/irqchip.h"

#define WORDS_MAX 32U
#define ALL_EDGES 0xaaaaaaaaU /* Two bits each, the upper: an edge. */

static struct {
	unsigned int words; /* 0: not listening. */
	uint32_t enabled[WORDS_MAX];
	uint32_t configuration[2 * WORDS_MAX];
	uint32_t routed[WORDS_MAX]; /* Had no core. */
} listening;

static void listen_mask(volatile uint8_t *distributor, unsigned int word)
{
	listening.enabled[word] = arch_read32(distributor + GICD_ISENABLER + 4 * word);
	arch_write32(distributor + GICD_ICENABLER + 4 * word, UINT32_MAX);
}

static void listen_unmask(volatile uint8_t *distributor, unsigned int words)
{
	for (unsigned int word = 1; word < words; word++) {
		arch_write32(distributor + GICD_ISENABLER + 4 * word, listening.enabled[word]);
	}
}

static void listen_as_edges(volatile uint8_t *distributor, unsigned int word)
{
	for (unsigned int half = 2 * word; half < 2 * word + 2; half++) {
		listening.configuration[half] = arch_read32(distributor + GICD_ICFGR + 4 * half);
		arch_write32(distributor + GICD_ICFGR + 4 * half, ALL_EDGES);
	}
	arch_write32(distributor + GICD_ICPENDR + 4 * word, UINT32_MAX);
}

/* QEMU's GICv2 keeps an edge pending for the cores that it is routed to. */
static void listen_route(const struct gic_ops *gic, unsigned int word)
{
	listening.routed[word] = 0;
	for (uint32_t intid = 32 * word; intid < 32 * word + 32 && intid < GIC_INTID_MAX; intid++) {
		if (!gic->route(intid)) {
			gic->set_route(intid, gic->here());
			listening.routed[word] |= 1U << intid % 32;
		}
	}
}

static void listen_unroute(const struct gic_ops *gic, unsigned int word)
{
	for (uint32_t bit = 0; bit < 32; bit++) {
		if (listening.routed[word] >> bit & 1U) {
			gic->set_route(32 * word + bit, 0);
		}
	}
}

bool irqchip_listen(void)
{
	const struct gic_ops *gic = gic_in_use();
	volatile uint8_t *distributor = gic ? gic->frame(GIC_SPI_FIRST) : NULL;
	unsigned int words = gic ? gic_word_count(distributor) : 0;

	for (unsigned int word = 1; word < words; word++) {
		listen_mask(distributor, word);
	}
	/* An SPI's trigger and route may change only while it is disabled (IHI 0048 4.3.13). */
	if (words < 2 || gic->settle(GIC_SPI_FIRST)) {
		listen_unmask(distributor, words);
		return false;
	}
	listening.words = words;
	for (unsigned int word = 1; word < words; word++) {
		listen_route(gic, word);
		listen_as_edges(distributor, word);
	}
	return true;
}

bool irqchip_heard(uint32_t from, uint32_t *intid)
{
	volatile uint8_t *distributor = gic_in_use()->frame(GIC_SPI_FIRST);

	for (*intid = from < GIC_SPI_FIRST ? GIC_SPI_FIRST : from; *intid < 32 * listening.words; ++*intid) {
		if (arch_read32(distributor + GICD_ISPENDR + *intid / 32 * 4) >> *intid % 32 & 1U) {
			return true;
		}
	}
	return false;
}

void irqchip_listen_end(void)
{
	const struct gic_ops *gic = gic_in_use();
	volatile uint8_t *distributor = gic->frame(GIC_SPI_FIRST);

	for (unsigned int word = 1; word < listening.words; word++) {
		arch_write32(distributor + GICD_ICFGR + 8 * word, listening.configuration[2 * word]);
		arch_write32(distributor + GICD_ICFGR + 8 * word + 4, listening.configuration[2 * word + 1]);
		listen_unroute(gic, word);
		arch_write32(distributor + GICD_ICPENDR + 4 * word, UINT32_MAX);
	}
	listen_unmask(distributor, listening.words);
	listening.words = 0;
}

LINKED(irqchip_listen);
