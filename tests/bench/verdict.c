/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From reset to the verdict: the firmware's main page as firmware_main(), with a counter. With -icount, QEMU counts all
 * cores' instructions.
 */
#include <inttypes.h>

#include "base/arch.h"
#include "boot.h"
#include "report/print.h"

#define INSTRUCTIONS_PER_NS 1U /* -icount shift=0: time counts instructions, until a core sleeps. */
#define NS_PER_S 1000000000U

int firmware_main(void);
_Noreturn void bench_power_off(void);

static uint32_t before; /* From reset to main(), without sleep. */
static uint32_t start;

_Noreturn void bench_power_off(void)
{
	print("{\"bench\":\"reset to verdict\",\"instructions\":%" PRIu32 "}\n", before + boot_instructions() - start);
	boot_power_off();
}

int main(void)
{
	before = (uint32_t)(arch_ticks() * (NS_PER_S / arch_tick_hz()) * INSTRUCTIONS_PER_NS);
	if (!boot_instructions_start()) {
		boot_power_off();
	}
	start = boot_instructions();
	return firmware_main();
}
