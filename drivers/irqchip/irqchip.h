/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2 or GICv3. Every interrupt goes to the boot core. */
#ifndef IRQCHIP_IRQCHIP_H
#define IRQCHIP_IRQCHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/description.h"

/* As found; an asserted level line does not count as pending. */
struct irqchip_inherited {
	unsigned int enabled; /* Without SGIs. */
	unsigned int active;  /* In the middle of a handler. */
	unsigned int pending;
	bool split_end; /* EOI did not deactivate. */
	bool busy;	/* An active priority blocked interrupts. */
	bool lpis;	/* Of any core. */
};

/* Valid after irqchip_core_init(), which turned it off. Boot core. */
const struct irqchip_inherited *irqchip_inherited(void);

/*
 * Maps and initialises the distributor: all interrupts disabled, inactive and not pending.
 *
 * Return:      0
 *              -ENODEV    no supported GIC is described
 *              -ENOMEM    a region cannot be mapped or does not answer
 *              -ETIMEDOUT GICD_CTLR.RWP does not clear
 * Context:     boot core, before any other function here.
 */
int irqchip_init(const struct gic_description *gic);

/*
 * Initialises the boot core's interface and redistributor.
 *
 * Return:      0
 *              -ENODEV    no redistributor with this core's affinity
 *              -ETIMEDOUT ChildrenAsleep or GICR_CTLR.RWP does not clear
 * Context:     boot core, once.
 */
int irqchip_core_init(void);

/*
 * Enables `intid` (16 to 1019; a PPI on the calling core). `handler` runs in interrupt context and returns whether it
 * found work; after 64 times without, while the line stays asserted, the interrupt is masked.
 *
 * Return:      0
 *              -EINVAL    no controller; an SGI, an extended interrupt or an LPI; a line that the controller lacks, or
 *                         keeps for Secure state
 *              -EBUSY     it has a handler, or HANDLERS_MAX are in use
 * Context:     boot core.
 */
int irqchip_enable(uint32_t intid, bool edge, bool (*handler)(void *argument), void *argument);

/* Disables an interrupt and drops its handler; waits for the distributor. */
void irqchip_disable(uint32_t intid);

/*
 * For the IRQ vector: calls handlers until nothing is pending. An interrupt without a handler is masked like one
 * without work.
 */
void irqchip_dispatch(void);

/* Was an interrupt masked since the last call? Boot core. */
bool irqchip_take_storm(uint32_t *intid);

/* Is the interrupt masked, or without a handler? Any core. */
bool irqchip_is_masked(uint32_t intid);

/*
 * Restores what irqchip_init() found. `lpis`: also the boot core's LPIs; false before a kernel, which reuses their
 * tables' memory. Other cores' LPIs stay off. The core masks interrupts. Boot core, last.
 */
void irqchip_restore(bool lpis);

/*
 * irqchip_listen() masks every SPI, makes it an edge, and forgets what pends: from then on irqchip_heard() gives the
 * first from `from` on that came. No handler runs for them until irqchip_listen_end(), which restores enables and
 * triggers; what came meanwhile is forgotten, and its devices have to be looked at. Extended SPIs are not listened for.
 *
 * Return:      irqchip_listen() false: there is no GIC, or it does not settle; nothing is heard
 * Context:     boot core.
 */
bool irqchip_listen(void);
bool irqchip_heard(uint32_t from, uint32_t *intid);
void irqchip_listen_end(void);

/* Makes an SPI pending, for a self-test. */
void irqchip_raise(uint32_t intid);

#endif
