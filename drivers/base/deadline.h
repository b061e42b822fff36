/* SPDX-License-Identifier: BSD-2-Clause */
/* No wait without a bound: a deadline on the architected counter. */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "arch.h"

struct deadline {
	uint64_t start;
	uint64_t ticks;
};

/* Without a 64-bit division, which the cores have not: the rate per microsecond is taken in 1024ths. */
static inline uint64_t ticks_of_us(uint32_t us)
{
	return (uint64_t)us * (arch_tick_hz() / 1000U * 1024U / 1000U) >> 10;
}

/* Any core. */
__attribute__((noinline)) struct deadline deadline_in_us(uint32_t us);
__attribute__((noinline)) bool deadline_passed(const struct deadline *deadline);

#endif
