/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registration beyond QEMU: up to 64 SMMUs on the model, 65 536 masters. Callgrind counts instructions without the
 * model's; memory is printed as JSON.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <valgrind/callgrind.h>

#include "base/arch.h"
#include "base/arena.h"
#include "model/model.h"
#include "smmuv3/private.h"

#define MEMORY 0x20000000ULL /* One address for SMMU and host, within the smallest output size. */
#define MEMORY_SIZE (512ULL << 20)
#define INSTANCES_MAX IOMMU_INSTANCES_MAX
#define MASTERS_MAX 65536U
#define MASTERS_PER_INSTANCE 2U

static uint8_t registers[INSTANCES_MAX][MODEL_PAGES_SIZE]; /* Addresses for the models. */
static struct model *model[INSTANCES_MAX];
static struct smmuv3 smmu[INSTANCES_MAX];
static struct iommu_master master[MASTERS_MAX];
static struct iommu_core core;
static struct bind_queue queue;
static bool is_counting;

static void require(bool condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "bench: %s\n", what);
		exit(1);
	}
}

/* The driver's instructions only. */
static void count(bool on)
{
	if (on != is_counting) {
		CALLGRIND_TOGGLE_COLLECT;
		is_counting = on;
	}
}

static size_t offset_of(const volatile void *at)
{
	return (size_t)((const volatile uint8_t *)at - registers[0]);
}

static uint32_t read_register(const volatile void *at)
{
	bool was_counting = is_counting;
	uint32_t value;

	count(false);
	value = model_read32(model[offset_of(at) / MODEL_PAGES_SIZE], (uint32_t)(offset_of(at) % MODEL_PAGES_SIZE));
	count(was_counting);
	return value;
}

static void write_register(volatile void *at, uint32_t value)
{
	bool was_counting = is_counting;

	count(false);
	model_write32(model[offset_of(at) / MODEL_PAGES_SIZE], (uint32_t)(offset_of(at) % MODEL_PAGES_SIZE), value);
	count(was_counting);
}

static void describe(unsigned int instance_count, unsigned int master_count)
{
	static struct model_ram ram = {.bytes = (uint8_t *)MEMORY, .pa = MEMORY, .size = MEMORY_SIZE};
	const struct model_memory memory = model_ram_memory(&ram);

	arena_init((void *)(uintptr_t)MEMORY, MEMORY_SIZE);
	bind_queue_init(&queue);
	require(iommu_core_init(&core, &queue, MASTERS_MAX) == 0, "no memory for the core");
	memset(master, 0, sizeof(master));
	for (unsigned int i = 0; i < instance_count; i++) {
		model[i] = model_create(&model_full, &memory);
		smmuv3_init(&smmu[i], "smmu", 0, registers[i], true);
		require(iommu_describe(&core, &smmu[i].iommu) == 0, "an instance cannot be described");
	}
	count(true);
	for (unsigned int m = 0; m < master_count; m++) {
		require(iommu_master_stream(&master[m], &smmu[m % instance_count].iommu, m / instance_count) == 0 &&
				iommu_master_add(&core, &master[m]) == 0,
			"a master cannot be described");
	}
	count(false);
}

static void bring_up(unsigned int instance_count)
{
	int error = 0;

	count(true);
	for (unsigned int i = 0; i < instance_count; i++) {
		error |= smmuv3_inherit(&smmu[i]);
		error |= smmuv3_block(&smmu[i]);
		error |= iommu_register(&smmu[i].iommu);
	}
	count(false);
	require(error == 0, "a registration failed");
}

static void end(unsigned int instance_count)
{
	for (unsigned int i = 0; i < instance_count; i++) {
		require(model_complaint_count(model[i]) == 0, "the model complains");
		model_destroy(model[i]);
	}
}

static void say_memory(unsigned int master_count, size_t described)
{
	const size_t queues =
		(sizeof(struct command) << smmu[0].cmdq.log2) + (sizeof(struct event_record) << smmu[0].evtq.log2);
	const size_t descriptors = sizeof(struct cd) * SMMUV3_IDS_MAX;
	const size_t domains = sizeof(struct smmuv3_domain) * SMMUV3_DOMAINS_MAX;

	printf("{\"bench\":\"memory\",\"masters\":%u,\"core\":%zu,\"stream_table\":%u,", master_count, described,
	       smmu[0].table.bytes);
	printf("\"queues\":%zu,\"descriptors\":%zu,\"domains\":%zu}\n", queues, descriptors, domains);
}

/* `at`: what grows in this series. */
static void bench(const char *series, unsigned int at, unsigned int instance_count, unsigned int master_count)
{
	char name[64];
	size_t described;

	describe(instance_count, master_count);
	snprintf(name, sizeof(name), "%s-known %u", series, at);
	CALLGRIND_DUMP_STATS_AT(name);
	described = arena_used();
	bring_up(instance_count);
	snprintf(name, sizeof(name), "%s %u", series, at);
	CALLGRIND_DUMP_STATS_AT(name);
	if (instance_count == 1) {
		say_memory(master_count, described);
	}
	end(instance_count);
}

int main(void)
{
	void *place = (void *)(uintptr_t)MEMORY;

	require(mmap(place, MEMORY_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0) == place,
		"no memory where it has to be");
	arch_hooks_reset();
	arch_hooks.read32 = read_register;
	arch_hooks.write32 = write_register;
	for (unsigned int instances = 1; instances <= INSTANCES_MAX; instances *= 2) {
		bench("instances", instances, instances, MASTERS_PER_INSTANCE * instances);
	}
	for (unsigned int masters = 1; masters <= MASTERS_MAX; masters *= 4) {
		bench("masters", masters, 1, masters);
	}
	return 0;
}
