/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arch.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"

struct arch_hooks arch_hooks = {.tick = 1};

/* Held ranks by core: locks must be taken in ascending order. */
#define CORES_MAX 8U

static uint32_t ranks_held[CORES_MAX];

void arch_hooks_reset(void)
{
	arch_hooks = (struct arch_hooks){.tick = 1};
	for (unsigned int core = 0; core < CORES_MAX; core++) {
		ranks_held[core] = 0;
	}
}

void arch_dsb(void)
{
	arch_hooks.dsb_count++;
}

void arch_dma_wmb(void)
{
	arch_hooks.wmb_count++;
	if (arch_hooks.wmb) {
		arch_hooks.wmb();
	}
}

void arch_dma_rmb(void)
{
	arch_hooks.rmb_count++;
}

unsigned int arch_core(void)
{
	return arch_hooks.core;
}

void arch_event_wait(void)
{
}

void arch_event_send(void)
{
	arch_hooks.event_count++;
}

void arch_relax(void)
{
	if (arch_hooks.relax) {
		arch_hooks.relax();
	}
}

void arch_sync_point(const char *name, const void *object)
{
	if (arch_hooks.sync_point) {
		arch_hooks.sync_point(name, object);
	}
}

void arch_lock_taken(unsigned int rank)
{
	uint32_t *held = &ranks_held[arch_hooks.core];

	assert(rank < 32 && *held >> rank == 0); /* Nothing of this rank or higher. */
	*held |= 1U << rank;
}

void arch_lock_released(unsigned int rank)
{
	uint32_t *held = &ranks_held[arch_hooks.core];

	assert(*held & 1U << rank);
	*held &= ~(1U << rank);
}

static void end(const char *format, va_list arguments)
{
	(void)vfprintf(stderr, format, arguments);
	abort();
}

/* Until a test registers its own. */
static __attribute__((constructor)) void register_end(void)
{
	fatal_register(end);
}

uint32_t arch_irq_save(void)
{
	return 0;
}

void arch_irq_restore(uint32_t saved)
{
	(void)saved;
}

uint64_t arch_ticks(void)
{
	uint64_t now = arch_hooks.ticks;

	arch_hooks.ticks += arch_hooks.tick;
	return now;
}

uint32_t arch_tick_hz(void)
{
	return 1000000;
}

void arch_sleep_us(uint32_t us)
{
	arch_hooks.ticks += us;
}

bool arch_probe_read32(const volatile void *reg, uint32_t *value)
{
	if (arch_hooks.is_absent && arch_hooks.is_absent(reg)) {
		return false;
	}
	*value = arch_read32(reg);
	return true;
}

uint32_t arch_read32(const volatile void *reg)
{
	return arch_hooks.read32 ? arch_hooks.read32(reg) : *(const volatile uint32_t *)reg;
}

void arch_write32(volatile void *reg, uint32_t value)
{
	if (arch_hooks.write32) {
		arch_hooks.write32(reg, value);
	} else {
		*(volatile uint32_t *)reg = value;
	}
}

static void look(const volatile void *reg, size_t size)
{
	if (arch_hooks.look) {
		arch_hooks.look(reg, size);
	}
}

uint16_t arch_read16(const volatile void *reg)
{
	look(reg, sizeof(uint16_t));
	return *(const volatile uint16_t *)reg;
}

void arch_write16(volatile void *reg, uint16_t value)
{
	*(volatile uint16_t *)reg = value;
	if (arch_hooks.wrote) {
		arch_hooks.wrote(reg, sizeof(value));
	}
}

uint8_t arch_read8(const volatile void *reg)
{
	look(reg, sizeof(uint8_t));
	return *(const volatile uint8_t *)reg;
}

void arch_write8(volatile void *reg, uint8_t value)
{
	*(volatile uint8_t *)reg = value;
	if (arch_hooks.wrote) {
		arch_hooks.wrote(reg, sizeof(value));
	}
}

volatile void *arch_map_device(uint64_t pa, uint64_t size)
{
	return arch_hooks.map_device ? arch_hooks.map_device(pa, size) : (volatile void *)(uintptr_t)pa;
}

void *arch_map_memory(uint64_t pa, uint64_t size)
{
	(void)size;
	return (void *)(uintptr_t)pa;
}

uint64_t arch_phys(const volatile void *object)
{
	return arch_hooks.phys ? arch_hooks.phys(object) : (uint64_t)(uintptr_t)object;
}

void *arch_virt(uint64_t pa)
{
	arch_hooks.virt_count++;
	return (void *)(uintptr_t)pa;
}

static void clean(const volatile void *start, size_t size, bool invalidate)
{
	arch_hooks.clean_count++;
	if (arch_hooks.cache) {
		arch_hooks.cache(start, size, invalidate);
	}
}

void arch_cache_clean(const volatile void *start, size_t size)
{
	clean(start, size, false);
}

void arch_cache_clean_invalidate(const volatile void *start, size_t size)
{
	clean(start, size, true);
}

void arch_icc_enable(struct arch_icc *found)
{
	*found = arch_hooks.icc;
	arch_hooks.icc = (struct arch_icc){.sre = 1, .priority_mask = 0xff, .group_enable = 1};
}

void arch_icc_restore(const struct arch_icc *found)
{
	arch_hooks.icc = *found;
}

uint32_t arch_icc_acknowledge(void)
{
	return arch_hooks.acknowledge ? arch_hooks.acknowledge() : 1023;
}

void arch_icc_end(uint32_t intid)
{
	if (arch_hooks.end) {
		arch_hooks.end(intid);
	}
}

uint32_t arch_affinity(void)
{
	return 0;
}
