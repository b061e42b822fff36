/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions on the target: a third firmware image with the same start-up, drivers and options. Figures are JSON;
 * bench.py makes the table.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "boot.h"
#include "fatal.h"
#include "irqchip/irqchip.h"
#include "machine.h"
#include "report/print.h"
#include "smmuv3/private.h"

#define ARENA_SIZE (40UL << 20) /* Fresh for each measurement. */
#define IOVA 0x40000000ULL
#define PA 0x80200000ULL /* Not 1 GiB-aligned: 512 blocks stay 512. */
#define GRANULE 4096ULL
#define BLOCK (2ULL << 20)
#define LEAVES 512U
#define MASTERS_MAX 4096U
#define BATCH 16U
#define COMMANDS 1000U
#define TURN_TICKS 13U /* 16 instructions each: a command's time. */
#define CORES_OFF_US 1000000U
#define OF_FUNCTIONS 1U /* Distance of stream IDs. */
#define OF_SLOTS 8U

static struct machine machine;
static uint8_t *memory;
static uint32_t overhead; /* Of two counter reads. */

static uint32_t since(uint32_t start)
{
	return boot_instructions() - start - overhead;
}

static void say(const char *what, uint32_t count)
{
	print("{\"bench\":\"%s\",\"instructions\":%" PRIu32 "}\n", what, count);
}

static void require(bool condition, const char *what)
{
	if (!condition) {
		fatal("%s", what);
	}
}

/* --- Translation tables. --- */

static struct pgtable table;

static void begin_table(void)
{
	const struct pgtable_format format = {
		.stage = 1, .granule_bits = 12, .input_bits = 48, .output_bits = 44, .coherent = true};

	arena_init(memory, ARENA_SIZE);
	require(pgtable_init(&table, &format) == 0, "a table cannot be made");
}

static void time_map(const char *what, uint64_t iova, uint64_t pa, uint64_t size)
{
	uint32_t start = boot_instructions();
	int error = pgtable_map(&table, iova, pa, size, PGTABLE_READ | PGTABLE_WRITE);
	uint32_t count = since(start);

	require(error == 0, what);
	say(what, count);
	require(pgtable_map(&table, iova + size - GRANULE, PA, GRANULE, PGTABLE_READ) < 0, "an overmap is not refused");
}

static void time_unmap(const char *what, uint64_t iova, uint64_t size)
{
	uint32_t start = boot_instructions();
	int error = pgtable_unmap(&table, iova, size);
	uint32_t count = since(start);

	require(error == 0, what);
	say(what, count);
}

static void time_translate(uint64_t iova)
{
	unsigned int access;
	uint64_t pa;
	uint32_t start = boot_instructions();
	int error = pgtable_translate(&table, iova, &pa, &access);
	uint32_t count = since(start);

	require(error == 0 && pa == PA, "a page is not translated");
	say("iova_to_phys, page", count);
}

/* The tables to an address exist, none empty. */
static void make_present(uint64_t neighbour)
{
	require(pgtable_map(&table, neighbour, PA, GRANULE, PGTABLE_READ) == 0, "a neighbour cannot be mapped");
}

static void bench_tables(void)
{
	begin_table();
	make_present(IOVA + GRANULE);
	time_map("map 1 page, table present", IOVA, PA, GRANULE);
	time_translate(IOVA);
	time_unmap("unmap 1 page", IOVA, GRANULE);
	/* Not 2 MiB-aligned: 512 pages are not a block. */
	begin_table();
	make_present(IOVA + BLOCK);
	time_map("map 512 pages", IOVA, PA + GRANULE, LEAVES * GRANULE);
	time_unmap("unmap 512 pages", IOVA, LEAVES * GRANULE);
	begin_table();
	make_present(4 * IOVA);
	time_map("map 1 GiB as 2 MiB blocks", IOVA, PA, LEAVES * BLOCK);
	time_unmap("unmap 1 GiB of 2 MiB blocks", IOVA, LEAVES * BLOCK);
}

/* --- Commands. --- */

static uint32_t time_commands(struct smmuv3 *smmu, unsigned int count)
{
	struct command commands[BATCH];
	uint32_t start;
	uint32_t spent;
	int error;

	for (unsigned int i = 0; i < count; i++) {
		commands[i] = smmuv3_command_cfgi_ste(i);
	}
	start = boot_instructions();
	error = smmuv3_issue(smmu, commands, count);
	spent = since(start);
	require(error == 0, "a command was not executed");
	return spent;
}

static void bench_commands(struct smmuv3 *smmu)
{
	uint32_t one = time_commands(smmu, 1);

	one = time_commands(smmu, 1);
	say("one command and SYNC", one);
	say("each further command of a batch", (time_commands(smmu, BATCH) - one) / (BATCH - 1));
}

/* --- Registration. --- */

static struct iommu_core core;
static struct bind_queue queue;
static struct iommu_master *master; /* MASTERS_MAX. */

/* As at reset: earlier state is off and forgotten. */
static void cool_down(unsigned int instance_count)
{
	for (unsigned int i = 0; i < instance_count; i++) {
		struct smmuv3 *smmu = machine.smmu[i];
		const char *name = smmu->iommu.name;

		smmuv3_init(smmu, name, smmu->base, smmu->regs, smmu->coherent);
		require(smmuv3_inherit(smmu) == 0 && smmuv3_block(smmu) == 0, "an SMMU cannot be blocked");
		arch_write32(smmu->regs + SMMU_GBPA, (smmu->inherited.gbpa & ~GBPA_ABORT) | GBPA_UPDATE);
		require(!(arch_read32(smmu->regs + SMMU_GBPA) & (GBPA_UPDATE | GBPA_ABORT)), "GBPA stays as it is");
		smmuv3_init(smmu, name, smmu->base, smmu->regs, smmu->coherent);
	}
	arena_init(memory, ARENA_SIZE);
	memset(master, 0, MASTERS_MAX * sizeof(*master));
}

/* Describing is no part of bringing up: counted apart. */
static uint32_t time_describe(unsigned int instance_count, unsigned int master_count, unsigned int spacing)
{
	uint32_t start;
	int error = 0;

	cool_down(instance_count);
	bind_queue_init(&queue);
	error |= iommu_core_init(&core, &queue, MASTERS_MAX);
	for (unsigned int i = 0; i < instance_count; i++) {
		error |= iommu_describe(&core, &machine.smmu[i]->iommu);
	}
	start = boot_instructions();
	for (unsigned int m = 0; m < master_count; m++) {
		unsigned int i = m % instance_count;

		error |= iommu_master_stream(&master[m], &machine.smmu[i]->iommu, m / instance_count * spacing);
		error |= iommu_master_add(&core, &master[m]);
	}
	require(error == 0, "a master cannot be described");
	return since(start);
}

/* Start, register, replay: to READY. */
static uint32_t time_bring_up(unsigned int instance_count)
{
	uint32_t start = boot_instructions();
	uint32_t spent;
	int error = 0;

	for (unsigned int i = 0; i < instance_count; i++) {
		error |= smmuv3_inherit(machine.smmu[i]);
		error |= smmuv3_block(machine.smmu[i]);
		error |= iommu_register(&machine.smmu[i]->iommu);
	}
	spent = since(start);
	require(error == 0, "a registration failed");
	return spent;
}

/* `spacing` of stream IDs: of functions, or of neighbouring slots. */
static void bring_up(unsigned int instance_count, unsigned int master_count, unsigned int spacing)
{
	uint32_t described = time_describe(instance_count, master_count, spacing);

	print("{\"bench\":\"bring-up\",\"instances\":%u,\"masters\":%u,\"spacing\":%u,\"described\":%" PRIu32
	      ",\"instructions\":%" PRIu32 "}\n",
	      instance_count, master_count, spacing, described, time_bring_up(instance_count));
}

static void bench_bring_up(void)
{
	unsigned int all = machine.smmu_count;

	for (unsigned int instances = 1; instances <= all; instances++) {
		bring_up(instances, 2 * instances, OF_SLOTS);
	}
	for (unsigned int masters = 1; masters <= 60; masters++) {
		bring_up(all < 3 ? all : 3, masters, OF_SLOTS);
	}
	bring_up(1, 30, OF_FUNCTIONS);
	for (unsigned int masters = 64; masters <= MASTERS_MAX; masters *= 2) {
		bring_up(1, masters, OF_FUNCTIONS);
	}
	bring_up(1, MASTERS_MAX, OF_SLOTS);
}

/* --- Several cores at once. --- */

static struct word go, halt;
#define BENCH_CORES_MAX 8U

static uint32_t completed[BENCH_CORES_MAX];

/* Arbitrary, but the same in every run. */
static uint32_t next_number(uint32_t *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 16;
}

/* One core at a time: others run after each command, or at any instruction by timer, the lock held, too. */
static void issue_and_let_others(unsigned int number)
{
	static uint32_t state[BENCH_CORES_MAX];
	const struct command command = smmuv3_command_cfgi_ste(number);

	boot_timer_silent(1 + (next_number(&state[number]) + number) % TURN_TICKS);
	require(smmuv3_issue(machine.smmu[0], &command, 1) == 0, "a command was not executed");
	completed[number]++;
	arch_relax();
}

/* The first to complete enough ends all. */
static void issue_until_halt(unsigned int number)
{
	while (!word_load(&halt)) {
		issue_and_let_others(number);
		if (completed[number] == COMMANDS) {
			word_store(&halt, 1);
		}
	}
}

static void issue_when_told(void *context, unsigned int number)
{
	(void)context;
	while (!word_load(&go)) {
		arch_event_wait();
	}
	issue_until_halt(number);
}

/* Instructions of all cores, and commands completed by then, without those under way. */
static void bench_cores(void)
{
	unsigned int cores = boot_cores_start(&machine.description, issue_when_told, NULL);
	uint32_t total = 0;
	uint32_t least = UINT32_MAX;
	uint32_t most = 0;
	uint32_t start = boot_instructions();
	uint32_t spent;

	word_store(&go, 1);
	arch_event_send();
	issue_until_halt(0);
	spent = since(start);
	for (unsigned int i = 0; i < cores; i++) {
		total += completed[i];
		least = completed[i] < least ? completed[i] : least;
		most = completed[i] > most ? completed[i] : most;
	}
	require(boot_cores_wait_off(CORES_OFF_US) == 0, "a core does not end");
	print("{\"bench\":\"cores\",\"cores\":%u,\"commands\":%" PRIu32 ",\"least\":%" PRIu32 ",\"most\":%" PRIu32
	      ",\"instructions\":%" PRIu32 "}\n",
	      cores, total, least, most, spent);
}

static void describe(void)
{
	require(machine_read_tables(&machine, boot_device_tree()) == 0 && machine_enumerate(&machine) == 0,
		"the machine's description cannot be used");
	machine_populate(&machine);
	require(irqchip_init(&machine.description.gic) == 0 && irqchip_core_init() == 0,
		"the interrupt controller cannot be used");
	memory = arena_allocate(ARENA_SIZE, PAGE_SIZE);
	master = arena_allocate(MASTERS_MAX * sizeof(*master), PAGE_SIZE);
	require(memory && master && machine.smmu_count, "no memory, or no SMMU");
}

int main(void)
{
	uint32_t start;

	boot_fatal_register(&machine.bringup);
	boot_begin();
	describe();
	require(boot_instructions_start(), "this core counts no instructions");
	start = boot_instructions();
	overhead = boot_instructions() - start;
	(void)time_describe(1, 1, OF_SLOTS);
	(void)time_bring_up(1);
	bench_commands(machine.smmu[0]);
	bench_cores();
	if (machine.description.core_count == 1) {
		bench_tables();
		bench_bring_up();
	}
	print("{\"bench\":\"done\",\"overhead\":%" PRIu32 "}\n", overhead);
	boot_power_off();
}
