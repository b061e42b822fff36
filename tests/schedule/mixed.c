/* SPDX-License-Identifier: BSD-2-Clause */
#include "mixed.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define CORES 4U
#define WORDS_MAX 8U
#define FAILURES_SHOWN 5UL

/* On the heap: not put back. */
struct mixed {
	uint64_t random;
	char program[CORES][3 * WORDS_MAX + 1];
	unsigned int stickiness; /* A core goes on, in eighths. */
	unsigned int last;
	bool keeps;
};

static struct mixed *mixed;

struct tally {
	_Atomic unsigned long runs;
	_Atomic unsigned long steps;
	_Atomic unsigned long failed;
	_Atomic unsigned long binds;
};

/* xorshift64*: the same everywhere. */
static unsigned int below(unsigned int bound)
{
	mixed->random ^= mixed->random >> 12;
	mixed->random ^= mixed->random << 25;
	mixed->random ^= mixed->random >> 27;
	return (unsigned int)((mixed->random * 0x2545f4914f6cdd1dULL >> 33) % bound);
}

static const char *const layouts[] = {
	"0:0.1 1:1.1 2:0.2 3:2.1",	    "0:0.1,1.1 1:0.1 2:1.2 3:1.2l", "0:0.1r 1:0.1 2:1.1m 3:0.9",
	"0:0.1g 1:0.2g 2:1.1 3:1.1,2.1",    "0:0.1x 1:0.1l 2:1.1l 3:0.2m",  "0:0.1,0.2 1:0.2 2:1.1 3:1.2lr",
	"0:0.1,1.1,2.1 1:2.2 2:1.1 3:0.3n",
};

static void make_program(char *program)
{
	/* More words that bind than that end. */
	static const char verbs[] = "RRRRUUHHIPADXBBBBBNNVCLMYTOSQWWKE";
	unsigned int count = 3 + below(WORDS_MAX - 2);

	for (unsigned int i = 0; i < count; i++) {
		char verb = verbs[below(sizeof(verbs) - 1)];

		*program++ = verb;
		*program++ = (char)('0' + below(strchr("RUPIH", verb) ? WORLD_INSTANCES : 4));
		*program++ = ' ';
	}
	*program = '\0';
}

static void make_failures(void)
{
	for (unsigned int i = 0; i < WORLD_INSTANCES; i++) {
		struct world_instance *instance = &world.instance[i];

		instance->dies_at = below(4) ? 0 : 1 + below(12);
		instance->start_fails = !below(6);
		instance->enable_fails = !below(6);
		instance->memory_fails = below(8) ? 0 : 1 + below(2);
		instance->domain_fails = !below(6);
		instance->attach_fails = !below(6);
		instance->empty_fails = !below(10);
	}
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		world.client[m].bind_fails = !below(5);
		world.client[m].bind_result = below(2) ? -EIO : -DEVICE_DEFER;
	}
}

static void prepare(const void *unused)
{
	(void)unused;
	world_make(layouts[below(sizeof(layouts) / sizeof(*layouts))]);
	make_failures();
	for (unsigned int c = 0; c < CORES; c++) {
		make_program(mixed->program[c]);
	}
	mixed->stickiness = below(8);
}

static void body(const void *unused, unsigned int core)
{
	(void)unused;
	world_do(mixed->program[core]);
}

static void check(const void *unused)
{
	(void)unused;
	world_settle();
	world_invariants(unused);
}

static unsigned int choose(const unsigned int *cores, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (cores[i] == mixed->last && below(8) < mixed->stickiness) {
			return mixed->last;
		}
	}
	mixed->last = cores[below(count)];
	return mixed->last;
}

static unsigned int choose_and_keep(const unsigned int *cores, unsigned int count)
{
	unsigned int core = choose(cores, count);

	return mixed->keeps && !below(4) ? core | SCHEDULE_KEEPS : core;
}

static bool run_seed(unsigned long seed, bool verbose, struct tally *tally)
{
	const struct schedule schedule = {.core_count = CORES,
					  .prepare = prepare,
					  .body = body,
					  .invariants = world_invariants,
					  .check = check,
					  .name = world_name};
	struct schedule_result *result = calloc(1, sizeof(*result));
	bool failed;

	mixed->random = (seed + 1) * 0x9e3779b97f4a7c15ULL;
	mixed->last = 0;
	schedule_run(&schedule, choose_and_keep, verbose, result);
	failed = result->failed != 0;
	tally->runs++;
	tally->steps += result->length;
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		tally->binds += world.client[m].binds;
	}
	if (failed && tally->failed++ < FAILURES_SHOWN) {
		printf("not ok - seed %lu after %u steps: %s\n#   make replay SEED=%lu\n", seed, result->length,
		       result->failure, seed);
		for (unsigned int c = 0; c < CORES; c++) {
			printf("#   core %u: %s\n", c, mixed->program[c]);
		}
		fflush(stdout);
	}
	free(result);
	return !failed;
}

static void run_every(unsigned long seed, unsigned long end, unsigned int jobs, const struct mixed_how *how,
		      struct tally *tally)
{
	for (; seed < end && !(how->until_failure && tally->failed); seed += jobs) {
		(void)run_seed(seed, how->verbose, tally);
	}
}

bool mixed_wait(void)
{
	int status = 0;
	bool waited = wait(&status) > 0;

	if (waited && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
		raise(SIGXCPU);
	}
	return waited && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int mixed_runs(unsigned long first, unsigned long count, unsigned int jobs, const struct mixed_how *how)
{
	struct tally *tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	mixed = calloc(1, sizeof(*mixed));
	mixed->keeps = how->keeps;
	fflush(stdout);
	for (unsigned int j = 0; j < jobs; j++) {
		if (fork() == 0) {
			run_every(first + j, first + count, jobs, how, tally);
			fflush(stdout);
			_exit(0);
		}
	}
	for (unsigned int j = 0; j < jobs; j++) {
		tally->failed += !mixed_wait();
	}
	printf("seeds: %lu run, %lu steps, %lu binds, %lu failed\n", tally->runs, tally->steps, tally->binds,
	       tally->failed);
	return tally->failed || tally->runs != count;
}
