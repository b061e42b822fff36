/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arch.h"
#include "base/deadline.h"
#include "base/feature.h"
#include "boot.h"
#include "cpu.h"
#include "handback.h"
#include "irqchip/irqchip.h"
#include "platform.h"
#include "report/print.h"

OPTIONAL(irqchip_enable);
OPTIONAL(irqchip_is_masked);

/* Bits of CNTV_CTL and CNTP_CTL. */
#define CNTV_CTL_ENABLE 1U
#define CNTV_CTL_IMASK 2U
#define CNTV_CTL_ISTATUS 4U
#define ISR_I (1U << 7)
#define ARRIVAL_US 10000U

static uint32_t tick_hz;
static bool has_interrupt;
static uint32_t interrupt; /* INTID */
static bool was_running[BOOT_TIMERS];
static uint32_t physical_control; /* As found. */

static void write_control(uint32_t value)
{
	CPU_WRITE(CPU_CNTV_CTL, value);
}

static uint32_t read_control(void)
{
	uint32_t value;

	CPU_READ(CPU_CNTV_CTL, value);
	return value;
}

static void write_timer(uint32_t ticks)
{
	CPU_WRITE(CPU_CNTV_TVAL, ticks);
}

/* The line stays asserted until the timer is off. */
static bool on_timer(void *argument)
{
	bool is_up = read_control() & CNTV_CTL_ISTATUS;

	(void)argument;
	write_control(0);
	return is_up;
}

uint32_t arch_tick_hz(void)
{
	uint32_t hz;

	if (tick_hz) {
		return tick_hz;
	}
	CPU_READ(CPU_CNTFRQ, hz);
	return hz ? hz : PLATFORM_TICK_HZ;
}

static void spin(uint64_t ticks)
{
	uint64_t start = arch_ticks();

	while (arch_ticks() - start < ticks) {
		arch_relax();
	}
}

static bool irq_is_pending(void)
{
	uint32_t isr;

	CPU_READ(CPU_ISR, isr);
	return isr & ISR_I;
}

/* A wrong INTID, or EL3, may keep the interrupt away, and a sleeping core would not wake: polls. */
static bool interrupt_arrives(void)
{
	struct deadline deadline = deadline_in_us(ARRIVAL_US);
	uint32_t saved = arch_irq_save();
	bool arrived = false;

	write_timer(1);
	write_control(CNTV_CTL_ENABLE);
	while (!arrived && !deadline_passed(&deadline)) {
		arrived = irq_is_pending();
	}
	write_control(arrived ? CNTV_CTL_ENABLE : 0);
	arch_irq_restore(saved);
	return arrived;
}

static bool is_running(uint32_t control)
{
	return (control & (CNTV_CTL_ENABLE | CNTV_CTL_IMASK)) == CNTV_CTL_ENABLE;
}

/* handback.S restores the virtual timer and EL2's, which is off. */
static void inherit(void)
{
	CPU_READ(CPU_CNTP_CTL, physical_control);
	was_running[BOOT_TIMER_VIRTUAL] = is_running(read_control());
	was_running[BOOT_TIMER_PHYSICAL] = is_running(physical_control);
	was_running[BOOT_TIMER_EL2] = is_running(handback_el2_timer());
	write_control(0);
	CPU_WRITE(CPU_CNTP_CTL, 0);
}

bool boot_timer_was_running(enum boot_timer timer)
{
	return was_running[timer];
}

void boot_timer_init(const struct timer_description *timer)
{
	bool is_enabled;

	tick_hz = timer->clock_frequency ? timer->clock_frequency : arch_tick_hz();
	inherit();
	interrupt = timer->virtual_timer.intid;
	if (!timer->virtual_timer.present || !is_linked(irqchip_enable)) {
		return;
	}
	is_enabled = irqchip_enable(interrupt, false, on_timer, NULL) == 0;
	has_interrupt = is_enabled && interrupt_arrives();
	if (!has_interrupt) {
		print("  warning: the virtual timer's interrupt %s (INTID %u): naps are spent awake\n",
		      is_enabled ? "does not arrive" : "cannot be enabled", (unsigned int)interrupt);
	}
}

void boot_timer_silent(uint32_t ticks)
{
	write_timer(ticks);
	write_control(CNTV_CTL_ENABLE | CNTV_CTL_IMASK);
}

void boot_timer_stop(void)
{
	has_interrupt = false;
	write_control(0);
	CPU_WRITE(CPU_CNTP_CTL, physical_control);
}

void arch_sleep_us(uint32_t us)
{
	uint64_t ticks = ticks_of_us(us);
	uint32_t saved;

	if (!is_linked(irqchip_enable) || !has_interrupt || arch_core() != 0 || irqchip_is_masked(interrupt)) {
		spin(ticks);
		return;
	}
	/* Masked, the interrupt stays pending and ends WFI. */
	saved = arch_irq_save();
	write_timer((uint32_t)ticks);
	write_control(CNTV_CTL_ENABLE);
	cpu_sleep();
	arch_irq_restore(saved);
}
