/* SPDX-License-Identifier: BSD-2-Clause */
/* MMU off: no library, nothing unaligned. */
#include "find_tree.h"

#include <stdbool.h>

#include "base/arch.h"
#include "cpu.h"
#include "handback.h"
#include "mmu.h"
#include "platform.h"

#define FDT_MAGIC_LE 0xedfe0dd0U /* 0xd00dfeed, big-endian. */

/* Probes: there may be no memory. */
static bool read_word(uint64_t address, uint32_t *value)
{
	const volatile void *word = (const volatile void *)(uintptr_t)address;

	arch_cache_clean_invalidate(word, sizeof(*value)); /* A loader may have cached it. */
	return arch_probe_read32(word, value);
}

static bool is_tree(uintptr_t address)
{
	uint32_t word;

	return address % sizeof(uint64_t) == 0 && address < cpu_pa_end() && read_word(address, &word) &&
	       word == FDT_MAGIC_LE && read_word(mmu_tree_end((const uint8_t *)address) - sizeof(word), &word);
}

const void *find_tree(uintptr_t *missed)
{
	static const uint8_t places[] = {ENTRY_TREES};
	bool is_argc = boot_entry[ENTRY_ARGUMENT0 / sizeof(uintptr_t)] - 1 < ARGUMENTS_MAX;

	for (unsigned int i = 0; i < sizeof(places) && !is_argc; i++) {
		uintptr_t address = boot_entry[places[i] / sizeof(uintptr_t)];

		if (address >= PLATFORM_RAM_BASE && is_tree(address)) {
			return (const void *)address;
		}
		*missed = *missed ? *missed : address;
	}
	return PLATFORM_DEVICE_TREE && is_tree(PLATFORM_DEVICE_TREE) ? (const void *)PLATFORM_DEVICE_TREE : NULL;
}
