/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controller, GICv2 or GICv3: every interrupt that this firmware enables goes to the boot core. */
#ifndef IRQCHIP_IRQCHIP_H
#define IRQCHIP_IRQCHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/description.h"

/* How the boot core and the distributor were found. Level lines that are up are nothing that is pending here. */
struct irqchip_inherited {
	unsigned int enabled; /* PPIs, SPIs and extended ones. */
	unsigned int active;  /* In the middle of a handler. */
	unsigned int pending;
	bool split_end; /* EOImode: the end of an interrupt did not deactivate it. */
	bool busy;	/* An active priority kept others away. */
	bool lpis;
};

/* What irqchip_init() and irqchip_core_init() found, and have turned off. Boot core. */
const struct irqchip_inherited *irqchip_inherited(void);

/*
 * Maps and initialises the distributor: everything disabled, inactive and not pending, extended SPIs too.
 * Returns 0, -ENODEV where no supported GIC is described, -ENOMEM where it can't be mapped, -ETIMEDOUT where
 * GICD_CTLR.RWP stays. Boot core, before any other function here.
 */
int irqchip_init(const struct gic_description *gic);

/* Initialises the boot core's interface (and redistributor). 0, -ENODEV, -ETIMEDOUT. Boot core, once. */
int irqchip_core_init(void);

/*
 * Enables `intid` (16 to 1019) and has `handler(argument)` called for it in interrupt context, which says whether it
 * found something to do. Where it found nothing 64 times in a row while the line stayed up, the interrupt is masked.
 * PPIs: on the calling core, one handler for all cores.
 *
 * Return:      0
 *              -EINVAL    an SGI, an extended interrupt or an LPI: none of these is taken
 *              -EBUSY     another handler has it
 * Context:     boot core.
 */
int irqchip_enable(uint32_t intid, bool edge, bool (*handler)(void *argument), void *argument);

/* Disables an interrupt and forgets its handler; waits until the distributor has taken it. */
void irqchip_disable(uint32_t intid);

/*
 * Called by the IRQ vector: acknowledges and dispatches until nothing is pending. An interrupt without a handler is
 * ended, and masked as above.
 */
void irqchip_dispatch(void);

/* Whether an interrupt was masked since the last call, and which. Boot core. */
bool irqchip_take_storm(uint32_t *intid);

/* Whether this interrupt was masked so, or has no handler: it does not come. Any core. */
bool irqchip_is_masked(uint32_t intid);

/*
 * Leaves the controller as irqchip_init() found it: for a boot loader that goes on. Interrupts are masked, and none
 * comes any more. Boot core only, the last function of all.
 */
void irqchip_restore(void);

/* Makes a disabled-or-enabled SPI pending by software: a self-test. */
void irqchip_raise(uint32_t intid);

#endif
