/* SPDX-License-Identifier: BSD-2-Clause */
#include "queue_world.h"

#include <stdio.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "report/print.h"
#include "smmuv3/private.h"

#define BATCH_MAX 3U
#define TAKEN_MAX 32U
#define REGS_SIZE 0x200U /* As far as this driver reads. */
#define OPCODE_MASK 0xffU

static struct {
	struct smmuv3 smmu;
	uint8_t regs[REGS_SIZE] __attribute__((aligned(8)));
	uint32_t busy;		   /* Cores that issue or serve. */
	uint64_t taken[TAKEN_MAX]; /* In the SMMU's order. */
	unsigned int taken_count;
	unsigned int results[SCHEDULE_CORES_MAX];
	unsigned int batch;
	unsigned int issued; /* To arrive, without SYNCs. */
} queue_world;

static uint8_t queue_arena[4096] __attribute__((aligned(4096)));

static uint32_t *reg(unsigned int offset)
{
	return (uint32_t *)(void *)(queue_world.regs + offset);
}

uint32_t queue_read(const volatile void *at)
{
	/* Only the SMMU changes it, so each read stops. */
	arch_sync_point("read", (const void *)(uintptr_t)at);
	return *(const volatile uint32_t *)at;
}

void queue_write(volatile void *at, uint32_t value)
{
	unsigned int offset = (unsigned int)((uintptr_t)at - (uintptr_t)queue_world.regs);
	uint32_t mask = smmuv3_queue_mask(&queue_world.smmu.cmdq);

	arch_sync_point("write", (const void *)(uintptr_t)at);
	if (offset == SMMU_CMDQ_PROD) {
		uint32_t step = (value - *reg(SMMU_CMDQ_PROD)) & mask;
		uint32_t queued = (value - *reg(SMMU_CMDQ_CONS)) & mask;

		SCHEDULE_REQUIRE(step && queued <= 1U << queue_world.smmu.cmdq.log2,
				 "PROD goes back, or past CONS: 0x%x", (unsigned int)value);
	}
	SCHEDULE_REQUIRE(offset != SMMU_GERRORN ||
				 ((value ^ *reg(SMMU_GERRORN)) & ~(*reg(SMMU_GERROR) ^ *reg(SMMU_GERRORN))) == 0,
			 "an error that is not active is acknowledged");
	*(volatile uint32_t *)at = value;
}

/* The failure already holds the driver's words. */
void print(const char *format, ...)
{
	(void)format;
}

void print_debug(const char *format, ...)
{
	(void)format;
}

/* --- The SMMU. --- */

static bool is_stopped(void)
{
	return (*reg(SMMU_GERROR) ^ *reg(SMMU_GERRORN)) & GERROR_CMDQ_ERR;
}

/* Whether it did anything. */
static bool take_one(void)
{
	uint32_t mask = smmuv3_queue_mask(&queue_world.smmu.cmdq);
	uint32_t cons = *reg(SMMU_CMDQ_CONS) & mask;
	const struct command *entries = queue_world.smmu.cmdq.entries;
	const struct command *command = &entries[smmuv3_queue_index(&queue_world.smmu.cmdq, cons)];

	if (is_stopped() || cons == (*reg(SMMU_CMDQ_PROD) & mask)) {
		return false;
	}
	if ((command->dword[0] & OPCODE_MASK) == OPCODE_MASK) {
		*reg(SMMU_CMDQ_CONS) = cons | CERROR_ILL << CMDQ_CONS_ERR_SHIFT;
		*reg(SMMU_GERROR) ^= GERROR_CMDQ_ERR;
		return true;
	}
	SCHEDULE_REQUIRE(queue_world.taken_count < TAKEN_MAX, "more commands than were issued");
	queue_world.taken[queue_world.taken_count++] = command->dword[0];
	*reg(SMMU_CMDQ_CONS) = ((cons + 1) & mask) | (*reg(SMMU_CMDQ_CONS) & ~mask);
	return true;
}

static void be_the_smmu(void)
{
	while (queue_world.busy) {
		arch_sync_point("smmu", queue_world.regs);
		if (!take_one()) {
			arch_relax();
		}
	}
}

/* --- The cores. --- */

static void issue_batch(unsigned int number)
{
	struct command batch[BATCH_MAX];

	for (unsigned int i = 0; i < queue_world.batch; i++) {
		batch[i] = smmuv3_command_cfgi_ste(number * 16 + i);
	}
	queue_world.results[number] = smmuv3_issue(&queue_world.smmu, batch, queue_world.batch) ? 2 : 1;
}

static void queue_body(const void *subject, unsigned int core)
{
	const char *words = ((const struct queue_scenario *)subject)->core[core];

	for (const char *at = words; *at; at++) {
		switch (*at) {
		case 'I':
			issue_batch((unsigned int)(at[1] - '0'));
			break;
		case 'X':
			SCHEDULE_REQUIRE(smmuv3_provoke_illegal_command(&queue_world.smmu) == 0,
					 "the illegal command was not served, or not once");
			break;
		case 'G':
			smmuv3_poll_gerror(&queue_world.smmu);
			break;
		case 'S':
			be_the_smmu();
			return;
		default:
			break;
		}
	}
	arch_sync_point("ended", queue_world.regs);
	queue_world.busy--;
}

static void queue_prepare(const void *subject)
{
	const struct queue_scenario *scenario = subject;

	queue_world.batch = scenario->batch;
	arena_init(queue_arena, sizeof(queue_arena));
	smmuv3_init(&queue_world.smmu, "smmu", 0, queue_world.regs, true);
	SCHEDULE_REQUIRE(!smmuv3_queue_allocate(&queue_world.smmu.cmdq, scenario->log2, sizeof(struct command)),
			 "no memory for the queue");
	smmuv3_command_queue_reset(&queue_world.smmu);
	for (unsigned int i = 0; i < SCHEDULE_CORES_MAX && scenario->core[i]; i++) {
		queue_world.busy += scenario->core[i][0] != 'S';
		for (const char *at = scenario->core[i]; *at; at++) {
			queue_world.issued += *at == 'I' ? scenario->batch : 0;
		}
	}
}

static void queue_invariants(const void *unused)
{
	(void)unused;
	SCHEDULE_REQUIRE(smmuv3_health(&queue_world.smmu) <= SMMUV3_ON, "the queue was given up");
}

/* CON-11: each batch is whole, in one piece, with a SYNC. */
static void require_contiguous(void)
{
	unsigned int commands = 0;

	for (unsigned int i = 0; i < queue_world.taken_count;) {
		if ((queue_world.taken[i] & OPCODE_MASK) == CMD_SYNC) {
			i++;
			continue;
		}
		for (unsigned int k = 0; k < queue_world.batch; k++, i++) {
			SCHEDULE_REQUIRE(i < queue_world.taken_count && (queue_world.taken[i] >> 32 & 15) == k &&
						 queue_world.taken[i] >> 36 == queue_world.taken[i - k] >> 36,
					 "a batch is torn apart");
			commands++;
		}
	}
	SCHEDULE_REQUIRE(commands == queue_world.issued, "%u commands arrived of %u", commands, queue_world.issued);
}

static void queue_check(const void *subject)
{
	(void)subject;
	for (unsigned int i = 0; i < SCHEDULE_CORES_MAX; i++) {
		SCHEDULE_REQUIRE(queue_world.results[i] != 2, "a batch of core %u was given up", i);
	}
	require_contiguous();
	SCHEDULE_REQUIRE(!is_stopped(), "an error is left pending");
	SCHEDULE_REQUIRE(((*reg(SMMU_CMDQ_PROD) ^ *reg(SMMU_CMDQ_CONS)) & smmuv3_queue_mask(&queue_world.smmu.cmdq)) ==
				 0,
			 "commands are left in the queue");
}

static const char *queue_name(const void *object, char *buffer, size_t size)
{
	uintptr_t offset = (uintptr_t)object - (uintptr_t)queue_world.regs;

	if (object == &queue_world.smmu.cmdq_lock) {
		return "command queue's lock";
	}
	snprintf(buffer, size, "%s 0x%x", offset < REGS_SIZE ? "register" : "another object",
		 (unsigned int)(offset < REGS_SIZE ? offset : 0));
	return buffer;
}

struct schedule queue_schedule(const struct queue_scenario *scenario)
{
	return (struct schedule){.subject = scenario,
				 .prepare = queue_prepare,
				 .body = queue_body,
				 .invariants = queue_invariants,
				 .check = queue_check,
				 .name = queue_name};
}

const struct queue_scenario queue_scenarios[] = {
	{"CON-11: two cores issue batches", 4, 3, {"I0", "I1", "S"}},
	{"CON-11: three cores issue batches", 4, 3, {"I0", "I1", "I2", "S"}},
	{"CON-12 CMQ-02 CMQ-03: two cores and a queue of four entries", 2, 3, {"I0", "I1", "S"}},
	{"CON-12: three cores, and a queue with room for two of their batches", 2, 1, {"I0", "I1", "I2", "S"}},
	{"CON-12 C.1-11: one core after the other wraps a queue of eight", 3, 3, {"I0 I0", "I1 I1", "S"}},
	{"CON-14: GERROR's interrupt comes while commands are issued", 4, 3, {"X", "G G", "S"}},
	{"CON-14: two issue, one of them what is illegal, and GERROR's interrupt comes", 4, 3, {"X", "I1", "G", "S"}},
};

const unsigned int queue_scenario_count = sizeof(queue_scenarios) / sizeof(*queue_scenarios);
