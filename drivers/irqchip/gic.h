/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IRQCHIP_GIC_H
#define IRQCHIP_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/description.h"

#define GIC_SPI_FIRST 32U
#define GIC_INTID_MAX 1020U /* End of SPIs. */
#define GIC_INTID_SPECIAL_END 1024U
#define GIC_LPI_FIRST 8192U
#define GIC_PRIORITY 0xa0U

/* Of both versions; a GICv3 redistributor has them for its first 32 interrupts. */
#define GICD_CTLR 0x000U
#define GICD_TYPER 0x004U
#define GICD_TYPER_LINES_SHIFT 0
#define GICD_TYPER_LINES_WIDTH 5
#define GICD_IGROUPR 0x080U
#define GICD_ISENABLER 0x100U
#define GICD_ICENABLER 0x180U
#define GICD_ISPENDR 0x200U
#define GICD_ICPENDR 0x280U
#define GICD_ISACTIVER 0x300U
#define GICD_ICACTIVER 0x380U
#define GICD_IPRIORITYR 0x400U
#define GICD_ITARGETSR 0x800U
#define GICD_ICFGR 0xc00U

struct gic_ops {
	int (*init)(const struct gic_description *gic);
	int (*core_init)(void);
	/* The frame with the interrupt's enable, priority and trigger. */
	volatile uint8_t *(*frame)(uint32_t intid);
	/* Target of an SPI; `here`: the calling core. */
	uint64_t (*route)(uint32_t intid);
	void (*set_route)(uint32_t intid, uint64_t route);
	uint64_t (*here)(void);
	uint32_t group;
	int (*settle)(uint32_t intid); /* Waits for the last write. */
	uint32_t (*acknowledge)(void);
	uint32_t intid_mask; /* Interrupt ID in acknowledge()'s value. */
	void (*end)(uint32_t intid);
	/* As irqchip_restore(). */
	void (*restore)(bool lpis);
};

extern const struct gic_ops gicv2_ops;
extern const struct gic_ops gicv3_ops;

/* For SGIs, PPIs and SPIs, or GICv3's extended SPIs. */
struct gic_bank {
	uint16_t set_enable;
	uint16_t clear_enable;
	uint16_t set_pending;
	uint16_t clear_pending;
	uint16_t set_active;
	uint16_t clear_active;
	uint16_t configuration;
};

extern const struct gic_bank gic_lines;

/* A slot is a word of 32 interrupts: distributor, extended SPIs, extended PPIs. */
#define GIC_SLOT_EXTENDED_SPI 32U
#define GIC_SLOT_EXTENDED_PPI 64U
#define GIC_SLOTS 66U

/*
 * Disables `count` words of 32 interrupts, makes them inactive and not pending; gic_put_lines() restores them. Boot
 * core.
 */
void gic_reset_lines(volatile uint8_t *frame, const struct gic_bank *bank, unsigned int word, unsigned int count,
		     unsigned int slot);
void gic_put_lines(volatile uint8_t *frame, const struct gic_bank *bank, unsigned int word, unsigned int count,
		   unsigned int slot);

/* Record for irqchip_inherited(). */
void gic_note_interface(bool split_end, bool busy);
void gic_note_lpis(void);

/* NULL: there is no GIC. */
const struct gic_ops *gic_in_use(void);

/* Words of 32 lines, with the first. */
unsigned int gic_word_count(volatile uint8_t *distributor);

#define GIC_PROBE 4U /* GICD_TYPER, GICC_PMR or GICR_IIDR: reading has no side effect. */

/* NULL, after a message, if the registers do not answer. */
volatile uint8_t *gic_map(const struct range_description *range, const char *name);

#endif
