/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual timer: naps of the boot core. */
#include "arch.h"
#include "base/deadline.h"
#include "boot.h"
#include "irqchip/irqchip.h"
#include "platform.h"

#define CNTV_CTL_ENABLE 1U

static uint32_t tick_hz;
static bool has_interrupt;

static void write_control(uint32_t value)
{
	__asm__ volatile("mcr p15, 0, %0, c14, c3, 1\n\tisb" ::"r"(value) : "memory"); /* CNTV_CTL */
}

static void write_timer(uint32_t ticks)
{
	__asm__ volatile("mcr p15, 0, %0, c14, c3, 0" ::"r"(ticks) : "memory"); /* CNTV_TVAL */
}

/* The timer's line stays up until it is turned off. */
static void on_timer(void *argument)
{
	(void)argument;
	write_control(0);
}

uint32_t arch_tick_hz(void)
{
	uint32_t hz;

	if (tick_hz) {
		return tick_hz;
	}
	__asm__("mrc p15, 0, %0, c14, c0, 0" : "=r"(hz)); /* CNTFRQ */
	return hz ? hz : PLATFORM_TICK_HZ;
}

void boot_timer_init(const struct timer_description *timer)
{
	tick_hz = timer->clock_frequency ? timer->clock_frequency : arch_tick_hz();
	write_control(0);
	has_interrupt =
		timer->virtual_timer.present && irqchip_enable(timer->virtual_timer.intid, false, on_timer, NULL) == 0;
}

static void spin(uint64_t ticks)
{
	uint64_t start = arch_ticks();

	while (arch_ticks() - start < ticks) {
		arch_relax();
	}
}

void arch_sleep_us(uint32_t us)
{
	uint64_t ticks = ticks_of_us(us);
	uint32_t saved;

	if (!has_interrupt || arch_core() != 0) {
		spin(ticks);
		return;
	}
	/* Masked: an interrupt that comes before WFI is still pending there, and ends it. */
	saved = arch_irq_save();
	write_timer((uint32_t)ticks);
	write_control(CNTV_CTL_ENABLE);
	__asm__ volatile("dsb\n\twfi" ::: "memory");
	arch_irq_restore(saved);
}
