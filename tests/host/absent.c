/* SPDX-License-Identifier: BSD-2-Clause */
/* Shim of scheduler and threads: what core and command queue never call. A call ends the test. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arch.h"

static _Noreturn void refuse(const char *function)
{
	(void)fprintf(stderr, "%s(): no processor of this test has it\n", function);
	abort();
}

void arch_sleep_us(uint32_t us)
{
	(void)us;
	refuse(__func__);
}

uint16_t arch_read16(const volatile void *reg)
{
	(void)reg;
	refuse(__func__);
}

void arch_write16(volatile void *reg, uint16_t value)
{
	(void)reg;
	(void)value;
	refuse(__func__);
}

uint8_t arch_read8(const volatile void *reg)
{
	(void)reg;
	refuse(__func__);
}

void arch_write8(volatile void *reg, uint8_t value)
{
	(void)reg;
	(void)value;
	refuse(__func__);
}

volatile void *arch_map_device(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	refuse(__func__);
}

void *arch_map_memory(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	refuse(__func__);
}

void arch_icc_enable(struct arch_icc *found)
{
	(void)found;
	refuse(__func__);
}

void arch_icc_restore(const struct arch_icc *found)
{
	(void)found;
	refuse(__func__);
}

uint32_t arch_icc_acknowledge(void)
{
	refuse(__func__);
}

void arch_icc_end(uint32_t intid)
{
	(void)intid;
	refuse(__func__);
}

uint32_t arch_affinity(void)
{
	refuse(__func__);
}
