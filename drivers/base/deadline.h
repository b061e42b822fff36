/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounds a wait by the architected counter. */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arch.h"

struct deadline {
	uint64_t start;
	uint64_t ticks;
	bool last_look; /* Time is up; one more look was granted. */
};

/* In 1024ths of a tick per microsecond: AArch32 has no 64-bit division. */
static inline uint64_t ticks_of_us(uint32_t us)
{
	return (uint64_t)us * (arch_tick_hz() / 1000U * 1024U / 1000U) >> 10;
}

#define US_PER_S 1000000U

/* Whole milliseconds. A rate below 1 MHz counts as 1 MHz. */
static inline uint32_t ms_of_ticks(uint64_t ticks)
{
	uint32_t in_a_ms = arch_tick_hz() / 1000U;

	for (; ticks >> 32; ticks >>= 1) {
		in_a_ms >>= 1;
	}
	return (uint32_t)ticks / (in_a_ms ? in_a_ms : 1);
}

/* At least one tick; for this core only. Inlined: AArch32 +528 bytes; the next one, +168. */
__attribute__((noinline)) struct deadline deadline_in_us(uint32_t us);

/*
 * Call after each look at what is waited for. True the second time that time is up: a debugger, hypervisor or secure
 * world may have stopped the core between look and clock.
 */
__attribute__((noinline)) bool deadline_passed(struct deadline *deadline);

#endif
