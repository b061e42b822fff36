/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/live.h"

#include <string.h>

#include "base/arch.h"
#include "base/arena.h"

static bool is_ram(const struct description *description, uint64_t address, size_t size)
{
	for (unsigned int i = 0; i < description->memory_count; i++) {
		if (range_has(&description->memory[i], address, size)) {
			return true;
		}
	}
	return false;
}

static bool is_mapped(uint64_t address, size_t size)
{
	for (uint64_t page = address & ~(uint64_t)(PAGE_SIZE - 1); page < address + size; page += PAGE_SIZE) {
		if (!arch_map_memory(page, PAGE_SIZE)) {
			return false;
		}
	}
	return true;
}

/* What a damaged table names may be anything: only RAM is read, and an abort is survived. */
static bool live_read_memory(void *context, uint64_t address, void *bytes, size_t size)
{
	const struct live *live = context;

	if (address & 3 || size & 3 || !is_ram(live->bringup->description, address, size) ||
	    !is_mapped(address, size)) {
		return false;
	}
	for (size_t done = 0; done < size; done += sizeof(uint32_t)) {
		uint32_t word;

		if (!arch_probe_read32((const volatile uint8_t *)arch_virt(address) + done, &word)) {
			return false;
		}
		memcpy((uint8_t *)bytes + done, &word, sizeof(word));
	}
	return true;
}

static bool live_read_register(void *context, uint32_t offset, uint32_t *value)
{
	const struct live *live = context;

	return live->regs && offset < live->regs_size && arch_probe_read32(live->regs + offset, value);
}

bool live_open(struct live *live, const struct bringup *bringup, const struct smmuv3 *smmu,
	       struct explain_smmu *explained)
{
	const struct explain_target target = {live, live_read_memory, live_read_register};
	struct smmuv3_facts facts = smmuv3_facts(smmu);

	live->bringup = bringup;
	live->regs_size = facts.quirks & SMMUV3_DESCRIBED_NO_PAGE1 ? SMMUV3_PAGE_SIZE : 2ULL * SMMUV3_PAGE_SIZE;
	/* As it is mapped already. */
	live->regs = facts.base && facts.health != SMMUV3_SERVICE_FAILURE ?
			     arch_map_device(facts.base, live->regs_size) :
			     NULL;
	return explain_open(explained, &target);
}
