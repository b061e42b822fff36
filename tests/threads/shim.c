/* SPDX-License-Identifier: BSD-2-Clause */
#include "shim.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arch.h"
#include "base/fatal.h"

_Thread_local unsigned int shim_core;

void require(bool condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "wrong: %s\n", what);
		abort();
	}
}

unsigned int arch_core(void)
{
	return shim_core;
}

void arch_sync_point(const char *name, const void *object)
{
	(void)name;
	(void)object;
}

void arch_relax(void)
{
	sched_yield();
}

void arch_event_wait(void)
{
	sched_yield();
}

void arch_event_send(void)
{
}

void arch_lock_taken(unsigned int rank)
{
	(void)rank;
}

void arch_lock_released(unsigned int rank)
{
	(void)rank;
}

static void end(const char *format, va_list arguments)
{
	(void)vfprintf(stderr, format, arguments);
	abort();
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

/* In the thread's own time: a busy machine ends no wait. */
uint64_t arch_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000U;
}

uint32_t arch_tick_hz(void)
{
	return 1000000;
}
