/* SPDX-License-Identifier: BSD-2-Clause */
#include "monitor/live.h"

#include <string.h>

#include "base/arch.h"

#define REGISTERS_SIZE (2 * SMMUV3_PAGE_SIZE)
#define PAGE 4096U

static bool lies_in(const struct range_description *range, uint64_t address, size_t size)
{
	return address >= range->base && address - range->base < range->size &&
	       size <= range->size - (address - range->base);
}

/* Is it RAM that the description gives to no other owner? A table may point anywhere. */
static bool is_ram(const struct description *description, uint64_t address, size_t size)
{
	bool found = false;

	for (unsigned int i = 0; i < description->memory_count; i++) {
		found = found || lies_in(&description->memory[i], address, size);
	}
	return found;
}

static bool is_mapped(uint64_t address, size_t size)
{
	for (uint64_t page = address & ~(uint64_t)(PAGE - 1); page < address + size; page += PAGE) {
		if (!arch_map_memory(page, PAGE)) {
			return false;
		}
	}
	return true;
}

static bool live_read_memory(void *context, uint64_t address, void *bytes, size_t size)
{
	const struct live *live = context;

	if (!is_ram(live->bringup->description, address, size) || !is_mapped(address, size)) {
		return false;
	}
	memcpy(bytes, arch_virt(address), size);
	return true;
}

static bool live_read_register(void *context, uint32_t offset, uint32_t *value)
{
	const struct live *live = context;

	return offset < REGISTERS_SIZE && arch_probe_read32(live->regs + offset, value);
}

bool live_open(struct live *live, const struct bringup *bringup, struct smmuv3 *smmu, struct explain_smmu *explained)
{
	struct explain_target target = {live, live_read_memory, live_read_register};

	live->bringup = bringup;
	live->regs = arch_map_device(smmuv3_base(smmu), REGISTERS_SIZE);
	return live->regs && explain_open(explained, &target);
}
