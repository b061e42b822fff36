/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "base/arch.h"
#include "cores.h"
#include "cpu.h"
#include "exception.h"

uint32_t boot_probe_load(const volatile void *reg);
extern const uint8_t boot_probe_instruction[];

bool arch_probe_read32(const volatile void *reg, uint32_t *value)
{
	struct core_state *core = &boot_cores[arch_core()];
	uint32_t saved = arch_irq_save();

	core->aborted = false;
	cpu_finish_accesses(); /* An earlier access's abort comes now, not as this read's, */
	core->probing = true;
	cpu_unmask_aborts(); /* unless aborts were masked: they are until there is a console. */
	*value = boot_probe_load(reg);
	core->probing = false;
	arch_irq_restore(saved);
	return !core->aborted;
}

bool exception_survived(uintptr_t *pc, bool is_synchronous)
{
	struct core_state *core = &boot_cores[arch_core()];

	if (!core->probing) {
		return false;
	}
	core->aborted = true;
	if (is_synchronous && *pc == (uintptr_t)boot_probe_instruction) {
		*pc += sizeof(uint32_t);
	}
	return true;
}
