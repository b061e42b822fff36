/* SPDX-License-Identifier: BSD-2-Clause */
#include "recorder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"

uint8_t *regs;
struct recorded recorded[LOG_MAX];
unsigned int recorded_count;
struct hardware hw;
struct smmuv3 smmu;
struct bind_queue queue;
struct iommu_core core;
struct iommu_master master;
void *recorder_memory;

uint32_t *reg(unsigned int offset)
{
	return (uint32_t *)(void *)(regs + offset);
}

static void note(bool is_command, uint32_t what, uint64_t value, uint64_t second)
{
	assert_true(recorded_count < LOG_MAX);
	recorded[recorded_count++] = (struct recorded){is_command, what, value, second};
}

uint64_t reg_pair(unsigned int offset)
{
	return *reg(offset) | (uint64_t)*reg(offset + 4) << 32;
}

static bool is_legal(uint64_t opcode)
{
	static const unsigned char legal[] = {CMD_CFGI_STE,   CMD_CFGI_ALL,	CMD_CFGI_CD,	   CMD_TLBI_NH_ASID,
					      CMD_TLBI_NH_VA, CMD_TLBI_EL2_ALL, CMD_TLBI_NSNH_ALL, CMD_SYNC};

	return memchr(legal, (int)opcode, sizeof(legal)) != NULL;
}

/* The SMMU's view; without a cache, the cores' own. A clean copies written lines to it, an invalidate copies back. */
#define LINE 64U

static struct {
	uint8_t *ram;
	uint8_t *clean; /* The cores' lines when last clean. */
} cache;

void *seen_by_hardware(const void *object)
{
	return cache.ram ? cache.ram + ((uintptr_t)object - (uintptr_t)recorder_memory) : (void *)(uintptr_t)object;
}

static void on_cache(const volatile void *start, size_t size, bool invalidate)
{
	size_t first = ((uintptr_t)start - (uintptr_t)recorder_memory) / LINE * LINE;
	size_t end = (uintptr_t)start - (uintptr_t)recorder_memory + size;

	for (size_t line = first; line < end; line += LINE) {
		uint8_t *mine = (uint8_t *)recorder_memory + line;

		if (memcmp(mine, cache.clean + line, LINE) != 0) {
			memcpy(cache.ram + line, mine, LINE);
		}
		if (invalidate) {
			memcpy(mine, cache.ram + line, LINE);
		}
		memcpy(cache.clean + line, mine, LINE);
	}
}

void put_a_cache_between(void)
{
	/* Left by an earlier owner. */
	memset((uint8_t *)recorder_memory + arena_used(), 0xee, RECORDER_MEMORY_SIZE - arena_used());
	cache.ram = malloc(RECORDER_MEMORY_SIZE);
	cache.clean = malloc(RECORDER_MEMORY_SIZE);
	memcpy(cache.ram, recorder_memory, RECORDER_MEMORY_SIZE);
	memcpy(cache.clean, recorder_memory, RECORDER_MEMORY_SIZE);
	arch_hooks.cache = on_cache;
	smmu.coherent = false;
}

static void stop_at(uint32_t cons, uint32_t error)
{
	*reg(SMMU_CMDQ_CONS) = cons | error << CMDQ_CONS_ERR_SHIFT;
	*reg(SMMU_GERROR) ^= GERROR_CMDQ_ERR;
}

static void consume_commands(void)
{
	uint64_t base = reg_pair(SMMU_CMDQ_BASE);
	uint32_t log2 = (uint32_t)base & 0x1f;
	uint32_t mask = (2U << log2) - 1;
	uint32_t cons = *reg(SMMU_CMDQ_CONS) & mask;
	const struct command *entries = seen_by_hardware(arch_virt(base & 0x000fffffffffffe0ULL));

	if (!hw.consume || (*reg(SMMU_GERROR) ^ *reg(SMMU_GERRORN)) & GERROR_CMDQ_ERR) {
		return;
	}
	while (cons != (*reg(SMMU_CMDQ_PROD) & mask)) {
		const struct command *command = &entries[cons & ((1U << log2) - 1)];
		uint64_t opcode = command->dword[0] & 0xff;

		if (hw.abort_fetches) {
			hw.abort_fetches--;
			stop_at(cons, CERROR_ABT);
			return;
		}
		if (!is_legal(opcode) && !hw.swallow) {
			stop_at(cons, CERROR_ILL);
			return;
		}
		if (opcode == CMD_SYNC && hw.abort_syncs) {
			hw.abort_syncs--;
			stop_at(cons, CERROR_ATC_INV_SYNC);
			return;
		}
		if (hw.on_command) {
			hw.on_command(command);
		}
		note(true, (uint32_t)opcode, command->dword[0], command->dword[1]);
		cons = (cons + 1) & mask;
	}
	/* ERR stays, as on real implementations. */
	*reg(SMMU_CMDQ_CONS) = cons | (*reg(SMMU_CMDQ_CONS) & 0x7f000000U);
}

uint32_t recorder_read(const volatile void *at)
{
	uint32_t offset = (uint32_t)((uintptr_t)at - (uintptr_t)regs);

	if (offset == SMMU_GBPA && hw.gbpa_reads && --hw.gbpa_reads == 0) {
		*reg(SMMU_GBPA) = hw.gbpa_pending;
	}
	return *reg(offset);
}

void recorder_write(volatile void *at, uint32_t value)
{
	uint32_t offset = (uint32_t)((uintptr_t)at - (uintptr_t)regs);

	assert_true(offset < SMMU_PAGES_SIZE);
	note(false, offset, value, 0);
	if (offset == SMMU_GBPA) {
		/* A write without UPDATE is ignored. */
		if (hw.gbpa_present && value & GBPA_UPDATE) {
			/* Else the update is lost. */
			assert_int_equal(hw.gbpa_reads, 0);
			hw.gbpa_pending = value & ~GBPA_UPDATE;
			hw.gbpa_reads = hw.gbpa_delay;
			*reg(SMMU_GBPA) = hw.gbpa_delay ? *reg(SMMU_GBPA) | GBPA_UPDATE : hw.gbpa_pending;
		}
		return;
	}
	if (offset == SMMU_CR0 && *reg(SMMU_CR0ACK) & ~value & CR0_SMMUEN && hw.on_smmuen_off) {
		hw.on_smmuen_off();
	}
	*reg(offset) = value;
	if (offset == SMMU_CMDQ_PROD) {
		hw.wmb_at_doorbell = arch_hooks.wmb_count;
	}
	if (offset == SMMU_CR0 && hw.acknowledge_cr0) {
		*reg(SMMU_CR0ACK) = value & ~hw.never_acknowledged;
	} else if (offset == SMMU_IRQ_CTRL && hw.acknowledge_irq_ctrl) {
		*reg(SMMU_IRQ_CTRLACK) = value;
	} else if (offset == SMMU_CMDQ_PROD || offset == SMMU_GERRORN) {
		consume_commands();
	}
}

int recorder_setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	recorder_memory = aligned_alloc(1U << 20, RECORDER_MEMORY_SIZE);
	arena_init(recorder_memory, RECORDER_MEMORY_SIZE);
	regs = calloc(1, SMMU_PAGES_SIZE);
	recorded_count = 0;
	hw = (struct hardware){
		.acknowledge_cr0 = true,
		.acknowledge_irq_ctrl = true,
		.consume = true,
		.gbpa_present = true,
	};
	memset(&cache, 0, sizeof(cache));
	*reg(SMMU_IDR0) = IDR0_QEMU;
	*reg(SMMU_IDR1) = IDR1_QEMU;
	*reg(SMMU_IDR5) = IDR5_QEMU;
	*reg(SMMU_AIDR) = 1;
	*reg(SMMU_GBPA) = 0x1000;
	arch_hooks.write32 = recorder_write;
	arch_hooks.read32 = recorder_read;
	smmuv3_init(&smmu, "smmu", 0xc000000, regs, true);
	bind_queue_init(&queue);
	assert_int_equal(iommu_core_init(&core, &queue, RECORDER_MASTERS_MAX), 0);
	assert_int_equal(iommu_describe(&core, &smmu.iommu), 0);
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(recorded_count, 0);
	return 0;
}

int recorder_teardown(void **state)
{
	(void)state;
	free(cache.ram);
	free(cache.clean);
	free(regs);
	free(recorder_memory);
	return 0;
}

unsigned int find(unsigned int from, bool is_command, uint32_t what)
{
	while (from < recorded_count && (recorded[from].is_command != is_command || recorded[from].what != what)) {
		from++;
	}
	return from;
}

unsigned int count_since(unsigned int from, bool is_command)
{
	unsigned int count = 0;

	for (; from < recorded_count; from++) {
		count += recorded[from].is_command == is_command;
	}
	return count;
}

unsigned int split(void)
{
	return *reg(SMMU_STRTAB_BASE_CFG) >> 6 & 0x1f;
}

uint64_t descriptor_of(uint32_t sid)
{
	const uint64_t *level1 = seen_by_hardware(arch_virt(reg_pair(SMMU_STRTAB_BASE) & 0x000fffffffffffc0ULL));

	return level1[sid >> split()];
}

const struct ste *ste_of(uint32_t sid)
{
	uint64_t descriptor = descriptor_of(sid);
	const struct ste *level2 = seen_by_hardware(arch_virt(descriptor & 0x000fffffffffffc0ULL));
	uint32_t index = sid & ((1U << split()) - 1);

	assert_true(descriptor & 0x1f);
	assert_true(index < 1U << ((descriptor & 0x1f) - 1));
	return &level2[index];
}

void add_master(uint32_t sid)
{
	memset(&master, 0, sizeof(master));
	assert_int_equal(iommu_master_stream(&master, &smmu.iommu, sid), 0);
	assert_int_equal(iommu_master_add(&core, &master), 0);
}

void raise_event(uint64_t code, uint64_t sid, uint64_t second, uint64_t address)
{
	struct event_record *entries = smmu.evtq.entries;
	uint32_t mask = (2U << smmu.evtq.log2) - 1;
	uint32_t prod = *reg(SMMU_EVENTQ_PROD);
	struct event_record *entry = seen_by_hardware(&entries[prod & ((1U << smmu.evtq.log2) - 1)]);

	*entry = (struct event_record){{code | sid << 32, second, address, 0}};
	*reg(SMMU_EVENTQ_PROD) = ((prod + 1) & mask) | (prod & EVENTQ_OVERFLOW);
}
