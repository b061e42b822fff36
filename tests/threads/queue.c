/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's command queue on threads, under ThreadSanitizer. Four cores issue batches of 1 to 20 commands, some
 * illegal, to an SMMU that is a thread and reports stalls; another core polls for errors and events (CON-12, CON-14).
 *
 * The SMMU reads commands as plain memory: one that is not ordered before the doorbell is a data race.
 *
 *   test_queue [ISSUES]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "report/print.h"
#include "shim.h"
#include "smmuv3/private.h"

#define ISSUERS 4U
#define POLLER ISSUERS /* Its own core; issues nothing. */
#define NO_ISSUER (ISSUERS + 1)
#define BATCH_MAX 32U /* The driver's. */
#define COMMANDS_MAX 20U
#define ILLEGAL 0xffU
#define EVENTS_LOG2 4U
#define STALLS_MAX 60000U
#define FAIR 4U /* The fastest core's count is at most so many times the slowest's. */

static struct smmuv3 smmu;
static _Atomic uint32_t regs[SMMU_PAGES_SIZE / 4];
static uint8_t memory[1U << 16] __attribute__((aligned(1U << 12)));
static unsigned long issues_wanted = 4000;
static _Thread_local bool barrier; /* Since the last register write. */

/* The SMMU's plain memory; read by others once their commands completed. */
static struct {
	uint32_t next[ISSUERS];	     /* Each core's next number. */
	uint32_t batches[NO_ISSUER]; /* Batches that a SYNC ended, of each core. */
	uint32_t illegal[ISSUERS];
	unsigned int owner; /* Of the batch that began. */
	unsigned int length;
	bool repair; /* An illegal command is replaced next. */
	uint32_t stall_count;
	uint32_t resume_count;
	bool stalled[STALLS_MAX];
} seen;

static struct issuer {
	uint64_t random;
	uint32_t commands;
	uint32_t batches;
	uint32_t illegal;
	_Atomic unsigned long done;
} issuers[ISSUERS];

static _Atomic bool first_is_done;
static _Atomic bool issuers_are_done;
static _Atomic bool no_more_stalls;
static _Atomic bool polls_are_over;
static _Atomic bool over;
static pthread_barrier_t start_line;
static bool uneven;	      /* One core's batches fill the queue. */
static unsigned long slowest; /* The slowest core's batches when the first was done. */
static unsigned long fastest; /* The fastest core's then. */

/* --- The rest of the architecture shim. --- */

void print(const char *format, ...)
{
	fprintf(stderr, "the driver says: %s\n", format);
	abort();
}

void print_debug(const char *format, ...)
{
	(void)format;
}

void arch_dma_wmb(void)
{
	barrier = true;
}

void arch_dsb(void)
{
	barrier = true;
}

void arch_dma_rmb(void)
{
}

static _Atomic uint32_t *register_at(const volatile void *at)
{
	return &regs[((uintptr_t)at - (uintptr_t)regs) / 4];
}

uint32_t arch_read32(const volatile void *at)
{
	return atomic_load_explicit(register_at(at), memory_order_acquire);
}

void arch_write32(volatile void *at, uint32_t value)
{
	if (barrier) {
		atomic_store_explicit(register_at(at), value, memory_order_release);
	} else {
		atomic_store_explicit(register_at(at), value, memory_order_relaxed);
	}
	barrier = false;
}

bool arch_probe_read32(const volatile void *at, uint32_t *value)
{
	*value = arch_read32(at);
	return true;
}

/* --- The SMMU. --- */

static uint32_t load(unsigned int offset)
{
	return atomic_load_explicit(&regs[offset / 4], memory_order_acquire);
}

static void store(unsigned int offset, uint32_t value)
{
	atomic_store_explicit(&regs[offset / 4], value, memory_order_release);
}

/* From first command to SYNC, a batch is one core's. */
static void count_in(unsigned int owner)
{
	unsigned int room = (1U << smmu.cmdq.log2) - 1;

	require(seen.owner == NO_ISSUER || seen.owner == owner, "two cores' batches are mixed");
	seen.owner = owner;
	seen.length++;
	require(seen.length <= room && seen.length <= BATCH_MAX, "a batch is longer than the queue");
}

static void take_sync(void)
{
	if (seen.repair) {
		seen.repair = false;
		return;
	}
	require(seen.length, "a SYNC belongs to no batch");
	seen.batches[seen.owner]++;
	seen.owner = NO_ISSUER;
	seen.length = 0;
}

static void take_resume(const struct command *command)
{
	uint32_t tag = (uint32_t)command->dword[1];

	count_in(POLLER);
	require(tag < STALLS_MAX && seen.stalled[tag], "what is not stalled is resumed");
	seen.stalled[tag] = false;
	seen.resume_count++;
}

/* None lost or doubled. */
static void take_numbered(const struct command *command)
{
	unsigned int core = (unsigned int)(command->dword[0] >> 56);

	require(core < ISSUERS, "a command is of no core");
	count_in(core);
	require((uint32_t)(command->dword[0] >> 32 & 0xffffff) == seen.next[core], "a command is not in order");
	seen.next[core]++;
}

static void refuse(uint32_t consumer, const struct command *command)
{
	take_numbered(command);
	seen.illegal[command->dword[0] >> 56]++;
	seen.repair = true;
	store(SMMU_CMDQ_CONS, consumer | CERROR_ILL << CMDQ_CONS_ERR_SHIFT);
	store(SMMU_GERROR, load(SMMU_GERROR) ^ GERROR_CMDQ_ERR);
}

static void take(const struct command *command)
{
	unsigned int opcode = (unsigned int)(command->dword[0] & CMD0_OPCODE_MASK);

	require(!seen.repair || opcode == CMD_SYNC, "an illegal command was not replaced");
	if (opcode == CMD_SYNC) {
		take_sync();
	} else if (opcode == CMD_RESUME) {
		take_resume(command);
	} else {
		require(opcode == CMD_CFGI_STE, "a command is none that was issued");
		take_numbered(command);
	}
}

static bool take_one(void)
{
	const struct command *entries = smmu.cmdq.entries;
	uint32_t mask = (2U << smmu.cmdq.log2) - 1;
	uint32_t cons = load(SMMU_CMDQ_CONS);
	const struct command *command = &entries[cons & mask >> 1];

	if ((load(SMMU_GERROR) ^ load(SMMU_GERRORN)) & GERROR_CMDQ_ERR || (cons & mask) == load(SMMU_CMDQ_PROD)) {
		return false;
	}
	if ((command->dword[0] & CMD0_OPCODE_MASK) == ILLEGAL && !seen.repair) {
		refuse(cons & mask, command);
		return true;
	}
	take(command);
	store(SMMU_CMDQ_CONS, ((cons + 1) & mask) | (cons & ~mask));
	return true;
}

static void report_a_stall(void)
{
	struct event_record *records = smmu.evtq.entries;
	uint32_t prod = load(SMMU_EVENTQ_PROD);
	uint32_t tag = seen.stall_count;

	if (tag == STALLS_MAX || ((prod ^ load(SMMU_EVENTQ_CONS)) == 1U << EVENTS_LOG2)) {
		return;
	}
	seen.stalled[tag] = true;
	seen.stall_count++;
	/* Different streams: no storm. */
	records[prod & ((1U << EVENTS_LOG2) - 1)] =
		(struct event_record){.dword = {F_TRANSLATION | (uint64_t)(tag & 7) << 32, EVENT1_STALL | tag}};
	store(SMMU_EVENTQ_PROD, (prod + 1) & ((2U << EVENTS_LOG2) - 1));
}

static void *be_the_smmu(void *unused)
{
	uint64_t turn = 0;

	(void)unused;
	while (!atomic_load_explicit(&over, memory_order_acquire)) {
		if (!take_one() || ++turn % 13 == 0) {
			sched_yield();
		}
		if (atomic_load_explicit(&issuers_are_done, memory_order_relaxed)) {
			atomic_store_explicit(&no_more_stalls, true, memory_order_relaxed);
		} else if (turn % 101 == 0) {
			report_a_stall();
		}
	}
	return NULL;
}

/* --- The cores. --- */

static unsigned int below(struct issuer *issuer, unsigned int bound)
{
	issuer->random = issuer->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(issuer->random >> 33) % bound;
}

static unsigned int make_commands(struct issuer *issuer, unsigned int core, struct command *commands)
{
	unsigned int room = (1U << smmu.cmdq.log2) - 1;
	unsigned int most = room < BATCH_MAX ? room : BATCH_MAX;
	unsigned int count = !uneven ? 1 + below(issuer, COMMANDS_MAX) : core == 0 ? most : 1 + below(issuer, 2);

	for (unsigned int i = 0; i < count; i++) {
		bool illegal = below(issuer, 200) == 0;

		commands[i].dword[0] =
			(illegal ? ILLEGAL : CMD_CFGI_STE) | (uint64_t)core << 56 | (uint64_t)issuer->commands++ << 32;
		commands[i].dword[1] = 0;
		issuer->illegal += illegal;
	}
	issuer->batches += (count + most - 1) / most;
	return count;
}

static void note_the_slowest(void)
{
	slowest = ~0UL;
	fastest = 0;
	for (unsigned int i = 0; i < ISSUERS; i++) {
		unsigned long done = atomic_load_explicit(&issuers[i].done, memory_order_relaxed);

		slowest = done < slowest ? done : slowest;
		fastest = done > fastest ? done : fastest;
	}
}

static void *issue(void *argument)
{
	struct issuer *issuer = argument;
	unsigned int core = (unsigned int)(issuer - issuers);
	struct command commands[COMMANDS_MAX];

	shim_core = core;
	pthread_barrier_wait(&start_line);
	for (unsigned long i = 0; i < issues_wanted; i++) {
		unsigned int count = make_commands(issuer, core, commands);

		require(!smmuv3_issue(&smmu, commands, count), "commands do not complete");
		require(seen.next[core] == issuer->commands, "a command has not completed when it is said to have");
		atomic_store_explicit(&issuer->done, issuer->batches, memory_order_relaxed);
		if (i % 16 == core) {
			smmuv3_poll_events(&smmu);
		}
	}
	if (!atomic_exchange(&first_is_done, true)) {
		note_the_slowest();
	}
	return NULL;
}

/* An interrupt handler on another core. */
static void *poll(void *unused)
{
	(void)unused;
	shim_core = POLLER;
	while (!atomic_load_explicit(&polls_are_over, memory_order_relaxed)) {
		smmuv3_poll_gerror(&smmu);
		smmuv3_poll_events(&smmu);
		sched_yield();
	}
	return NULL;
}

/* --- One queue. --- */

static void set_up(unsigned int log2)
{
	memset(&seen, 0, sizeof(seen));
	memset(issuers, 0, sizeof(issuers));
	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		atomic_store(&regs[i], 0);
	}
	seen.owner = NO_ISSUER;
	atomic_store(&first_is_done, false);
	atomic_store(&issuers_are_done, false);
	atomic_store(&no_more_stalls, false);
	atomic_store(&polls_are_over, false);
	atomic_store(&over, false);
	arena_init(memory, sizeof(memory));
	smmuv3_init(&smmu, "smmu", 0, (volatile uint8_t *)(uintptr_t)regs, true);
	smmu.cr0 = CR0_CMDQEN | CR0_EVENTQEN;
	require(!smmuv3_queue_allocate(&smmu.cmdq, log2, sizeof(struct command)), "memory");
	require(!smmuv3_queue_allocate(&smmu.evtq, EVENTS_LOG2, sizeof(struct event_record)), "memory");
	smmuv3_command_queue_reset(&smmu);
	/* Provoked: neither reported nor counted. */
	smmu.provoked = SMMUV3_PROVOKED;
	smmuv3_publish_events(&smmu, true);
}

static void check(void)
{
	uint32_t illegal = 0;

	for (unsigned int i = 0; i < ISSUERS; i++) {
		require(seen.next[i] == issuers[i].commands, "commands were lost");
		require(seen.batches[i] == issuers[i].batches, "a SYNC is missing, or one too many");
		require(seen.illegal[i] == issuers[i].illegal, "an illegal command was lost");
		illegal += issuers[i].illegal;
	}
	require(smmu.counts.illegal_commands == illegal, "an illegal command was not counted");
	require(smmu.counts.gerrors == GERROR_CMDQ_ERR, "an error was seen that was none");
	require(load(SMMU_GERROR) == load(SMMU_GERRORN), "an error was not acknowledged");
	require(seen.resume_count == seen.stall_count, "a stalled transaction was left alone");
	require(smmu.counts.resumed == seen.stall_count, "stalled transactions were miscounted");
	require(smmu.counts.events == seen.stall_count, "events were miscounted");
}

static void run(unsigned int log2)
{
	pthread_t issuer[ISSUERS];
	pthread_t hardware;
	pthread_t poller;

	set_up(log2);
	require(!pthread_barrier_init(&start_line, NULL, ISSUERS), "a barrier");
	require(!pthread_create(&hardware, NULL, be_the_smmu, NULL), "a thread");
	require(!pthread_create(&poller, NULL, poll, NULL), "a thread");
	for (unsigned int i = 0; i < ISSUERS; i++) {
		issuers[i].random = (i + 1) * 0x9e3779b97f4a7c15ULL;
		require(!pthread_create(&issuer[i], NULL, issue, &issuers[i]), "a thread");
	}
	for (unsigned int i = 0; i < ISSUERS; i++) {
		pthread_join(issuer[i], NULL);
	}
	atomic_store(&issuers_are_done, true);
	while (!atomic_load(&no_more_stalls)) {
		sched_yield();
	}
	atomic_store(&polls_are_over, true);
	pthread_join(poller, NULL);
	shim_core = POLLER;
	smmuv3_poll_events(&smmu);
	atomic_store(&over, true);
	pthread_join(hardware, NULL);
	pthread_barrier_destroy(&start_line);
	check();
	printf("queue of %u%s: %lu issues on each of %u cores, %u illegal commands, %u stalls; when one was done the "
	       "slowest had %lu batches of the fastest's %lu\n",
	       1U << log2, uneven ? ", one core with large batches" : "", issues_wanted, ISSUERS,
	       smmu.counts.illegal_commands, seen.stall_count, slowest, fastest);
}

static unsigned int first_of(const cpu_set_t *processors)
{
	unsigned int first = 0;

	while (!CPU_ISSET(first, processors)) {
		first++;
	}
	return first;
}

/* Several processors test only memory order: the host schedules. A single one is fair: no core may starve. */
static void try_queue(unsigned int log2, bool is_uneven)
{
	cpu_set_t all;
	cpu_set_t one;

	uneven = is_uneven;
	run(log2);
	require(!sched_getaffinity(0, sizeof(all), &all), "the processors");
	CPU_ZERO(&one);
	CPU_SET(first_of(&all), &one);
	require(!sched_setaffinity(0, sizeof(one), &one), "a processor");
	run(log2);
	require(slowest * FAIR >= fastest, "a core is kept out");
	require(!sched_setaffinity(0, sizeof(all), &all), "the processors");
}

int main(int argc, char **argv)
{
	issues_wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : issues_wanted;
	try_queue(3, false);
	try_queue(7, false);
	try_queue(3, true);
	return 0;
}
