/* SPDX-License-Identifier: BSD-2-Clause */
#include "psci.h"

#include "base/arch.h"
#include "boot.h"
#include "serial/console.h"

static enum psci_method method;

/* DEN0022, from 0.2 on. */
static uint32_t numbers[PSCI_FUNCTIONS] = {
	[PSCI_CPU_OFF] = 0x84000002U,
	[PSCI_CPU_ON] = 0x84000003U | CPU_PSCI_64,
	[PSCI_AFFINITY_INFO] = 0x84000004U | CPU_PSCI_64,
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

enum psci_method boot_off_method(void)
{
	return psci_has(PSCI_SYSTEM_OFF) ? method : PSCI_NONE;
}

int32_t psci_call(enum psci_function function, cpu_word first, cpu_word second, cpu_word third)
{
	uint32_t number = numbers[function];

	switch (number != PSCI_NO_FUNCTION ? method : PSCI_NONE) {
	case PSCI_HVC:
		return cpu_hvc(number, first, second, third);
	case PSCI_SMC:
		return cpu_smc(number, first, second, third);
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

bool psci_is_undefined(uintptr_t pc)
{
	if (!cpu_is_call(pc)) {
		return false;
	}
	method = PSCI_NONE; /* Otherwise power-off would fault, too. */
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
	cpu_mask_all();
	for (;;) {
		cpu_sleep();
	}
}

/* noinline: debuggers break here at the end of a run. */
__attribute__((noinline)) _Noreturn void boot_power_off(void)
{
	boot_return_unchanged();
	console_flush();
	(void)psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	boot_park();
}
