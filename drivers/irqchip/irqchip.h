/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controller, GICv2 or GICv3: every interrupt that this firmware enables goes to the boot core. */
#ifndef IRQCHIP_IRQCHIP_H
#define IRQCHIP_IRQCHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/description.h"

/*
 * Maps and initialises the distributor: everything disabled, non-secure group 1 on GICv3, routed to the calling core.
 * Returns 0, -ENODEV where no supported GIC is described, -ENOMEM where it can't be mapped, -ETIMEDOUT where
 * GICD_CTLR.RWP stays. Boot core, before any other function here.
 */
int irqchip_init(const struct gic_description *gic);

/* Initialises the calling core's interface (and redistributor). 0, -ENODEV, -ETIMEDOUT. Each core once. */
int irqchip_core_init(void);

/*
 * Enables `intid` (16 to 1019) and has `handler(argument)` called for it in interrupt context. PPIs: on the calling
 * core, one handler for all cores. -EINVAL for a number out of range, -EBUSY where another handler has it.
 */
int irqchip_enable(uint32_t intid, bool edge, void (*handler)(void *argument), void *argument);

/* Disables an interrupt and forgets its handler; waits until the distributor has taken it. */
void irqchip_disable(uint32_t intid);

/* Called by the IRQ vector: acknowledges and dispatches until nothing is pending. Spurious ones are ignored. */
void irqchip_dispatch(void);

/*
 * Leaves the controller as irqchip_init() found it: for a boot loader that goes on. Interrupts are masked, and none
 * comes any more. Boot core only, the last function of all.
 */
void irqchip_restore(void);

/* Makes a disabled-or-enabled SPI pending by software: a self-test. */
void irqchip_raise(uint32_t intid);

#endif
