/* SPDX-License-Identifier: BSD-2-Clause */
#include "psci.h"

#include "arch.h"
#include "boot.h"
#include "serial/console.h"

static enum psci_method method;

/* DEN0022's, from 0.2 on. */
static uint32_t numbers[PSCI_FUNCTIONS] = {
	[PSCI_CPU_OFF] = 0x84000002U,
	[PSCI_CPU_ON] = 0x84000003U,
	[PSCI_AFFINITY_INFO] = 0x84000004U,
	[PSCI_SYSTEM_OFF] = 0x84000008U,
};

void boot_psci_init(const struct psci_description *psci)
{
	method = psci->method;
	if (psci->is_0_1) {
		numbers[PSCI_CPU_OFF] = psci->cpu_off;
		numbers[PSCI_CPU_ON] = psci->cpu_on;
		numbers[PSCI_AFFINITY_INFO] = numbers[PSCI_SYSTEM_OFF] = PSCI_NO_FUNCTION;
	}
}

bool psci_has(enum psci_function function)
{
	return numbers[function] != PSCI_NO_FUNCTION;
}

int32_t psci_call(enum psci_function function, uint32_t first, uint32_t second, uint32_t third)
{
	uint32_t number = numbers[function];
	register uint32_t r0 __asm__("r0") = number;
	register uint32_t r1 __asm__("r1") = first;
	register uint32_t r2 __asm__("r2") = second;
	register uint32_t r3 __asm__("r3") = third;

	switch (number != PSCI_NO_FUNCTION ? method : PSCI_NONE) {
	case PSCI_HVC:
		__asm__ volatile(".arch_extension virt\n\thvc #0"
				 : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)::"memory", "ip");
		return (int32_t)r0;
	case PSCI_SMC:
		__asm__ volatile(".arch_extension sec\n\tsmc #0"
				 : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)::"memory", "ip");
		return (int32_t)r0;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

bool psci_is_undefined(uint32_t pc)
{
	uint32_t code = (uint32_t) * (const uint16_t *)pc << 16 | *(const uint16_t *)(pc + 2);

	if ((code & 0xfff0f000U) != 0xf7f08000U && (code & 0xfff0f000U) != 0xf7e08000U) {
		return false;
	}
	method = PSCI_NONE; /* Or turning the machine off would end up here again. */
	return true;
}

const char *psci_error(int32_t error)
{
	static const char *const words[] = {"success",	  "not supported",  "invalid parameters", "denied",
					    "already on", "on pending",	    "internal failure",	  "not present",
					    "disabled",	  "invalid address"};

	return error <= 0 && error > -10 ? words[-error] : "an unknown answer";
}

_Noreturn void boot_park(void)
{
	__asm__ volatile("cpsid aif" ::: "memory");
	for (;;) {
		__asm__ volatile("wfi");
	}
}

/* Of its own, whatever the optimiser thinks: where a debugger stops to look at what is left of a run. */
__attribute__((noinline)) _Noreturn void boot_power_off(void)
{
	console_flush();
	(void)psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	/* Nobody turned the machine off. */
	boot_park();
}
