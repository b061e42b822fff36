/* SPDX-License-Identifier: BSD-2-Clause */
/* Aborts that were reckoned with: those of a probing read. */
#include <stddef.h>

#include "arch.h"
#include "exception.h"

#define FAULT_STATUS_MASK 0x3fU
#define FAULT_ASYNCHRONOUS 0x11U

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

bool exception_survived(uint32_t *frame)
{
	unsigned int core = arch_core();

	if (!probes[core].armed) {
		return false;
	}
	probes[core].aborted = true;
	if (frame[EXCEPTION_FRAME_PC] == (uintptr_t)boot_probe_instruction &&
	    (exception_data_fault_status() & FAULT_STATUS_MASK) != FAULT_ASYNCHRONOUS) {
		frame[EXCEPTION_FRAME_PC] += sizeof(uint32_t);
	}
	return true;
}
