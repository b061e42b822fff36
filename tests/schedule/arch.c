/* SPDX-License-Identifier: BSD-2-Clause */
/* The shim for the scheduler: all that cores do to each other passes here. */
#include "base/arch.h"

#include <stdio.h>

#include "base/fatal.h"
#include "queue_world.h"
#include "scheduler.h"
#include "world.h"

void arch_sync_point(const char *name, const void *object)
{
	schedule_point(name, object);
}

void arch_relax(void)
{
	schedule_point("relax", NULL);
}

void arch_event_wait(void)
{
	schedule_point("event wait", NULL);
}

void arch_event_send(void)
{
	schedule_send_event();
}

unsigned int arch_core(void)
{
	return schedule_core();
}

uint64_t arch_ticks(void)
{
	return schedule_ticks();
}

uint32_t arch_tick_hz(void)
{
	return 1000000;
}

/* B-07, CON-13: no lock of this rank or higher is held. */
void arch_lock_taken(unsigned int rank)
{
	uint32_t *held = &world.ranks_held[schedule_core()];

	SCHEDULE_REQUIRE(rank < 32 && *held >> rank == 0, "locks are taken in the wrong order: rank %u, held 0x%x",
			 rank, *held);
	*held |= 1U << rank;
}

void arch_lock_released(unsigned int rank)
{
	uint32_t *held = &world.ranks_held[schedule_core()];

	SCHEDULE_REQUIRE(*held & 1U << rank, "a lock is given back that is not held");
	*held &= ~(1U << rank);
}

static void end(const char *format, va_list arguments)
{
	char reason[64];

	(void)vsnprintf(reason, sizeof(reason), format, arguments);
	schedule_fail("%s", reason);
}

static __attribute__((constructor)) void register_end(void)
{
	fatal_register(end);
}

uint32_t arch_irq_save(void)
{
	return 0;
}

void arch_irq_restore(uint32_t saved)
{
	(void)saved;
}

void arch_dma_wmb(void)
{
}

uint32_t arch_read32(const volatile void *reg)
{
	return queue_read(reg);
}

void arch_write32(volatile void *reg, uint32_t value)
{
	queue_write(reg, value);
}

void arch_dma_rmb(void)
{
}

void arch_dsb(void)
{
}

bool arch_probe_read32(const volatile void *reg, uint32_t *value)
{
	*value = queue_read(reg);
	return true;
}
