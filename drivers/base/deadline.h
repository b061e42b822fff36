/* SPDX-License-Identifier: BSD-2-Clause */
/* No wait without a bound: a deadline on the architected counter. */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arch.h"

struct deadline {
	uint64_t start;
	uint64_t ticks;
	bool last_look; /* Its time is up, and whoever waits has been sent to look once more. */
};

/* Without a 64-bit division, which the cores have not: the rate per microsecond is taken in 1024ths. */
static inline uint64_t ticks_of_us(uint32_t us)
{
	return (uint64_t)us * (arch_tick_hz() / 1000U * 1024U / 1000U) >> 10;
}

/* Any core; one deadline is one core's. `us` from now on, or one tick where that is less. */
__attribute__((noinline)) struct deadline deadline_in_us(uint32_t us);

/*
 * Whether there is no more waiting. It is asked after each look at what is waited for, and says so when it is asked for
 * the second time with the time up: a core that a debugger, a hypervisor or the secure world held up between its look
 * and its clock would else give up on what came long ago.
 */
__attribute__((noinline)) bool deadline_passed(struct deadline *deadline);

#endif
