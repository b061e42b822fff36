/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controller, GICv2 or GICv3. Every interrupt enabled here goes to the boot core. */
#ifndef IRQCHIP_IRQCHIP_H
#define IRQCHIP_IRQCHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/description.h"

/* State found on the boot core and in the distributor. An asserted level line does not count as pending. */
struct irqchip_inherited {
	unsigned int enabled; /* PPIs, SPIs, extended ones. */
	unsigned int active;  /* Left in the middle of a handler. */
	unsigned int pending;
	bool split_end; /* EOImode: EOI did not deactivate. */
	bool busy;	/* An active priority blocked other interrupts. */
	bool lpis;	/* Of any core. */
};

/* Valid after irqchip_init() and irqchip_core_init(); all of it is off now. Boot core. */
const struct irqchip_inherited *irqchip_inherited(void);

/*
 * Maps and initialises the distributor: all interrupts disabled, inactive and not pending, extended SPIs included.
 *
 * Return:      0
 *              -ENODEV    no supported GIC is described
 *              -ENOMEM    a region cannot be mapped or does not answer
 *              -ETIMEDOUT GICD_CTLR.RWP does not clear
 * Context:     boot core, before any other function here.
 */
int irqchip_init(const struct gic_description *gic);

/*
 * Initialises the boot core's interface, and redistributor for GICv3.
 *
 * Return:      0
 *              -ENODEV    no redistributor with this core's affinity
 *              -ETIMEDOUT ChildrenAsleep or GICR_CTLR.RWP does not clear
 * Context:     boot core, once.
 */
int irqchip_core_init(void);

/*
 * Enables `intid` (16 to 1019) and calls `handler(argument)` for it in interrupt context; the handler returns whether
 * it found work. If it finds none 64 times in a row while the line stays asserted, the interrupt is masked. A PPI is
 * enabled on the calling core.
 *
 * Return:      0
 *              -EINVAL    no controller; an SGI, an extended interrupt or an LPI
 *              -EBUSY     it has a handler, or HANDLERS_MAX are in use
 * Context:     boot core.
 */
int irqchip_enable(uint32_t intid, bool edge, bool (*handler)(void *argument), void *argument);

/* Disables an interrupt and drops its handler; waits until the distributor has taken it. */
void irqchip_disable(uint32_t intid);

/*
 * Called by the IRQ vector: acknowledges and calls handlers until nothing is pending. An interrupt without a handler is
 * ended, and masked like one whose handler finds no work.
 */
void irqchip_dispatch(void);

/* Was an interrupt masked since the last call? And which. Boot core. */
bool irqchip_take_storm(uint32_t *intid);

/* Is the interrupt masked, or without a handler? Any core. */
bool irqchip_is_masked(uint32_t intid);

/*
 * Restores what irqchip_init() found, for what goes on. `lpis`: the boot core's LPIs, too, for a caller whose tables
 * they are. Other cores' stay off, and all do before a kernel, which takes the memory of those tables for its own.
 * Interrupts are masked at the core. Boot core, the last call here.
 */
void irqchip_restore(bool lpis);

/* Makes an SPI pending: for a self-test. */
void irqchip_raise(uint32_t intid);

#endif
