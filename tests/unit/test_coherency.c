/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An SMMU that does not snoop: stores reach it with a clean, its stores reach cores with an invalidate. The arena is
 * the cores' view; one copy is the SMMU's, another shows dirty lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "smmuv3/private.h"
#include "smmuv3/registers.h"
#include "smmuv3/smmuv3.h"
#include "smmuv3/structures.h"

#define ARENA_SIZE (4U << 20)
#define LINE 64U
#define GARBAGE 0xcc
#define IDR0_NOT_COHERENT (0x0d44101aU & ~0x10U)
#define ADDRESS_MASK 0x000fffffffffffc0ULL
#define SID 0x500U
#define MASTERS_MAX 8U

static uint8_t *memory, *ram, *clean;
static uint32_t regs[SMMU_PAGES_SIZE / 4];
static unsigned int consumed, refused;
static struct smmuv3 smmu;
static struct bind_queue queue;
static struct iommu_core core;
static struct iommu_master master;
static struct smmuv3_event seen;
static unsigned int seen_count;

/* --- The cache. --- */

static void clean_line(size_t at, bool invalidate)
{
	if (memcmp(memory + at, clean + at, LINE)) {
		memcpy(ram + at, memory + at, LINE);
	}
	if (invalidate) {
		memcpy(memory + at, ram + at, LINE);
	}
	memcpy(clean + at, memory + at, LINE);
}

static void cache_clean(const volatile void *start, size_t size, bool invalidate)
{
	size_t from = (size_t)((const volatile uint8_t *)start - memory) & ~(size_t)(LINE - 1);
	size_t to = (size_t)((const volatile uint8_t *)start - memory) + size;

	assert_true(to <= ARENA_SIZE);
	for (size_t at = from; at < to; at += LINE) {
		clean_line(at, invalidate);
	}
}

/* The SMMU's view. */
static void *device(uint64_t address)
{
	size_t offset = (size_t)((const uint8_t *)arch_virt(address) - memory);

	assert_true(offset < ARENA_SIZE);
	return ram + offset;
}

/* --- The SMMU. --- */

static uint32_t *reg(unsigned int offset)
{
	return &regs[offset / 4];
}

static uint64_t reg64(unsigned int offset)
{
	return *reg(offset) | (uint64_t)*reg(offset + 4) << 32;
}

static void consume(void)
{
	uint32_t mask = (2U << (*reg(SMMU_CMDQ_BASE) & 0x1f)) - 1;
	const struct command *entries = device(reg64(SMMU_CMDQ_BASE) & ADDRESS_MASK);

	while (*reg(SMMU_CMDQ_CONS) != *reg(SMMU_CMDQ_PROD)) {
		uint64_t opcode = entries[*reg(SMMU_CMDQ_CONS) & mask >> 1].dword[0] & 0xff;

		refused += opcode == 0 || opcode == GARBAGE;
		consumed++;
		*reg(SMMU_CMDQ_CONS) = (*reg(SMMU_CMDQ_CONS) + 1) & mask;
	}
}

static void on_write(volatile void *at, uint32_t value)
{
	uint32_t offset = (uint32_t)((uintptr_t)at - (uintptr_t)regs);

	*reg(offset) = offset == SMMU_GBPA ? value & ~GBPA_UPDATE : value;
	if (offset == SMMU_CR0) {
		*reg(SMMU_CR0ACK) = value;
	} else if (offset == SMMU_IRQ_CTRL) {
		*reg(SMMU_IRQ_CTRLACK) = value;
	} else if (offset == SMMU_CMDQ_PROD) {
		consume();
	}
}

static const struct ste *ste_of(uint32_t sid)
{
	unsigned int split = *reg(SMMU_STRTAB_BASE_CFG) >> 6 & 0x1f;
	const uint64_t *level1 = device(reg64(SMMU_STRTAB_BASE) & ADDRESS_MASK);
	const struct ste *level2 = device(level1[sid >> split] & ADDRESS_MASK);
	uint32_t index = sid & ((1U << split) - 1);

	assert_true(index < 1U << ((level1[sid >> split] & 0x1f) - 1));
	return &level2[index];
}

static const struct cd *cd_of(const struct ste *ste)
{
	return device(ste->dword[0] & STE0_S1CONTEXTPTR_MASK);
}

/* The SMMU's walk; 0: not mapped. */
static uint64_t leaf_of(const struct cd *cd, uint64_t iova)
{
	uint64_t entry = cd->dword[1] & CD1_TTB0_MASK;

	for (int shift = 39; shift >= 12; shift -= 9) {
		const uint64_t *table = device(entry & 0x0000fffffffff000ULL);

		entry = table[iova >> shift & 0x1ff];
		if (!(entry & 1)) {
			return 0;
		}
	}
	return entry;
}

static void raise_event(uint32_t code, uint32_t sid)
{
	uint32_t log2 = *reg(SMMU_EVENTQ_BASE) & 0x1f;
	struct event_record *entries = device(reg64(SMMU_EVENTQ_BASE) & ADDRESS_MASK);

	entries[*reg(SMMU_EVENTQ_PROD) & ((1U << log2) - 1)] =
		(struct event_record){.dword = {code | (uint64_t)sid << 32}};
	*reg(SMMU_EVENTQ_PROD) = (*reg(SMMU_EVENTQ_PROD) + 1) & ((2U << log2) - 1);
}

static void on_event(struct smmuv3 *of, const struct smmuv3_event *event)
{
	(void)of;
	seen = *event;
	seen_count++;
}

/* --- The tests. --- */

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	memory = aligned_alloc(1U << 20, ARENA_SIZE);
	ram = malloc(ARENA_SIZE);
	clean = malloc(ARENA_SIZE);
	memset(memory, GARBAGE, ARENA_SIZE);
	memset(ram, GARBAGE, ARENA_SIZE);
	memset(clean, GARBAGE, ARENA_SIZE);
	memset(regs, 0, sizeof(regs));
	memset(&master, 0, sizeof(master));
	consumed = refused = seen_count = 0;
	*reg(SMMU_IDR0) = IDR0_NOT_COHERENT;
	*reg(SMMU_IDR1) = 0x02730010U;
	*reg(SMMU_IDR5) = 0x74U;
	*reg(SMMU_AIDR) = 1;
	arch_hooks.write32 = on_write;
	arch_hooks.cache = cache_clean;
	arena_init(memory, ARENA_SIZE);
	smmuv3_init(&smmu, "smmu", 0xc000000, (volatile uint8_t *)regs, false);
	smmu.on_event = on_event;
	bind_queue_init(&queue);
	assert_int_equal(iommu_core_init(&core, &queue, MASTERS_MAX), 0);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_describe(&core, &smmu.iommu), 0);
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_master_stream(&master, &smmu.iommu, SID), 0);
	assert_int_equal(iommu_master_add(&core, &master), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(memory);
	free(ram);
	free(clean);
	return 0;
}

static void test_commands_are_in_memory_before_the_doorbell(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		assert_int_equal(smmuv3_invalidate_all(&smmu), 0);
	}
	assert_true(consumed > 600);
	assert_int_equal(refused, 0);
}

static void test_a_stream_is_in_memory_with_its_context(void **state)
{
	const struct ste *ste = ste_of(SID);

	(void)state;
	assert_true(ste->dword[0] & STE0_V);
	assert_int_equal(FIELD_GET64(STE0_CONFIG, ste->dword[0]), STE0_CONFIG_S1);
	assert_true(cd_of(ste)->dword[0] & CD0_V);
	/* The neighbours are denied: no garbage. */
	assert_int_equal(ste_of(SID)[1].dword[0], 0);
	/* Non-cacheable walks: they must not look in a cache. */
	assert_int_equal(FIELD_GET64(STE1_S1CIR, ste->dword[1]), 0);
	assert_int_equal(FIELD_GET64(CD0_IR0, cd_of(ste)->dword[0]), 0);
}

static void test_a_mapping_is_in_memory_and_goes(void **state)
{
	unsigned int cause = 0;

	(void)state;
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x2000, IOMMU_READ | IOMMU_WRITE), 0);
	assert_int_equal(leaf_of(cd_of(ste_of(SID)), 0x10000) & 0xfffff000U, 0x80000000);
	assert_int_equal(leaf_of(cd_of(ste_of(SID)), 0x11000) & 0xfffff000U, 0x80001000);
	assert_int_equal(leaf_of(cd_of(ste_of(SID)), 0x12000), 0);
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x2000), 0);
	assert_int_equal(leaf_of(cd_of(ste_of(SID)), 0x10000), 0);
	assert_int_equal(leaf_of(cd_of(ste_of(SID)), 0x11000), 0);
}

static void test_events_are_read_as_the_smmu_wrote_them(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		raise_event(F_TRANSLATION, i);
		smmuv3_poll_events(&smmu);
		assert_int_equal(seen_count, i + 1);
		assert_int_equal(seen.code, F_TRANSLATION);
		assert_int_equal(seen.sid, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_commands_are_in_memory_before_the_doorbell, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_stream_is_in_memory_with_its_context, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_mapping_is_in_memory_and_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events_are_read_as_the_smmu_wrote_them, setup, teardown),
	};

	return cmocka_run_group_tests_name("coherency", tests, NULL, NULL);
}
