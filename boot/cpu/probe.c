/* SPDX-License-Identifier: BSD-2-Clause */
/* Aborts that were reckoned with: those of a probing read. */
#include <stddef.h>

#include "base/arch.h"
#include "exception.h"

uint32_t boot_probe_load(const volatile void *reg);
extern const uint8_t boot_probe_instruction[];

static volatile struct {
	bool armed;
	bool aborted;
} probes[ARCH_CORES_MAX];

bool arch_probe_read32(const volatile void *reg, uint32_t *value)
{
	unsigned int core = arch_core();
	uint32_t saved = arch_irq_save();

	probes[core].aborted = false;
	probes[core].armed = true;
	*value = boot_probe_load(reg);
	probes[core].armed = false;
	arch_irq_restore(saved);
	return !probes[core].aborted;
}

bool exception_survived(uintptr_t *pc, bool is_synchronous)
{
	unsigned int core = arch_core();

	if (!probes[core].armed) {
		return false;
	}
	probes[core].aborted = true;
	if (is_synchronous && *pc == (uintptr_t)boot_probe_instruction) {
		*pc += sizeof(uint32_t);
	}
	return true;
}
