/* SPDX-License-Identifier: BSD-2-Clause */
/* Without interrupts: queues are polled, sleeps spin. */
#include <errno.h>

#include "irqchip/irqchip.h"

int irqchip_init(const struct gic_description *gic)
{
	(void)gic;
	return 0;
}

const struct irqchip_inherited *irqchip_inherited(void)
{
	static const struct irqchip_inherited nothing;

	return &nothing;
}

int irqchip_core_init(void)
{
	return 0;
}

int irqchip_enable(uint32_t intid, bool edge, bool (*handler)(void *argument), void *argument)
{
	(void)intid;
	(void)edge;
	(void)handler;
	(void)argument;
	return -ENODEV;
}

void irqchip_dispatch(void)
{
}

bool irqchip_take_storm(uint32_t *intid)
{
	(void)intid;
	return false;
}

bool irqchip_is_masked(uint32_t intid)
{
	(void)intid;
	return true;
}

void irqchip_restore(bool lpis)
{
	(void)lpis;
}
