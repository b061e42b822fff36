/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every interleaving of every scenario:
 *
 *   test_schedule [OPTION...] [WORD]         those whose name holds WORD
 *     -c CORES                               at most so many cores
 *     -p COUNT                               pre-emptions at most, of more than two cores
 *     -w COUNT                               pre-emptions and kept changes at most
 *   test_schedule -l                         their names
 *   test_schedule -r NUMBER 0,0,1,...        one schedule, step by step
 *   test_schedule -s SEED [-n COUNT] [-v]    random mixed runs; -v: step by step; -w 1: changes are kept back
 *
 * -f: stop at the first failure; -j JOBS: processes.
 */
#include <getopt.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mixed.h"
#include "queue_world.h"
#include "scenarios.h"

#define NAMES_MAX 128U

/* Shared by processes; not put back. */
struct shared {
	_Atomic unsigned int next;
	_Atomic bool give_up;
	unsigned int cores_max; /* Larger scenarios are left out. */
	struct schedule_result result[NAMES_MAX];
	bool done[NAMES_MAX];
};

static void prepare(const void *subject)
{
	const struct scenario *scenario = subject;

	world_make(scenario->masters);
	if (scenario->prepare) {
		scenario->prepare();
	}
	world_do(scenario->before);
	memset(world.tried, 0, sizeof(world.tried));
	memset(world.done, 0, sizeof(world.done));
}

static void body(const void *subject, unsigned int core)
{
	world_do(((const struct scenario *)subject)->core[core]);
}

static void check(const void *subject)
{
	const struct scenario *scenario = subject;

	world_settle();
	if (scenario->check) {
		scenario->check();
	}
	world_invariants(subject);
}

static unsigned int count_cores(const char *const *cores)
{
	unsigned int count = 0;

	while (count < SCHEDULE_CORES_MAX && cores[count]) {
		count++;
	}
	return count;
}

static unsigned int all_count(void)
{
	return scenario_count + queue_scenario_count;
}

static const char *name_of(unsigned int number)
{
	return number < scenario_count ? scenarios[number].name : queue_scenarios[number - scenario_count].name;
}

/* Bound of pre-emptions, by cores. */
static unsigned int bounds[SCHEDULE_CORES_MAX + 1] = {0, 3, 3, 2, 2};
static bool keeps;

static void shorten(unsigned int from, unsigned int most)
{
	for (unsigned int cores = from; cores <= SCHEDULE_CORES_MAX; cores++) {
		bounds[cores] = most < bounds[cores] ? most : bounds[cores];
	}
}

static struct schedule schedule_of(unsigned int number)
{
	struct schedule schedule;

	if (number < scenario_count) {
		schedule = (struct schedule){.subject = &scenarios[number],
					     .core_count = count_cores(scenarios[number].core),
					     .prepare = prepare,
					     .body = body,
					     .invariants = world_invariants,
					     .check = check,
					     .name = world_name};
	} else {
		schedule = queue_schedule(&queue_scenarios[number - scenario_count]);
		schedule.core_count = count_cores(queue_scenarios[number - scenario_count].core);
	}
	schedule.preemptions = bounds[schedule.core_count];
	schedule.keeps = keeps;
	return schedule;
}

static void say_path(unsigned int number, const struct schedule_result *result)
{
	printf("# the shortest of them has %u pre-emptions and %u steps:\n#   make replay REPLAY='%u ",
	       result->preemptions, result->length, number);
	for (unsigned int i = 0; i < result->length; i++) {
		printf("%s%u", i ? "," : "", result->path[i]);
	}
	printf("'\n");
}

static void say_result(unsigned int number, const struct schedule_result *result)
{
	printf("%sok %u - %s # %llu covered, %llu explored, %llu states\n", result->failed ? "not " : "", number + 1,
	       name_of(number), (unsigned long long)result->covered, (unsigned long long)result->explored,
	       (unsigned long long)result->states);
	if (result->failed) {
		printf("# %s (%llu schedules fail)\n", result->failure, (unsigned long long)result->failed);
	}
	if (result->failed && result->length) {
		say_path(number, result);
	}
}

static unsigned int cores_of(unsigned int number)
{
	return schedule_of(number).core_count;
}

/* The longest first, so that processes end together; or last, to fail early. */
static unsigned int in_turn(unsigned int turn, bool longest_first)
{
	for (unsigned int i = 0; i < SCHEDULE_CORES_MAX; i++) {
		unsigned int cores = longest_first ? SCHEDULE_CORES_MAX - i : i + 1;

		for (unsigned int number = 0; number < all_count(); number++) {
			if (cores_of(number) == cores && !turn--) {
				return number;
			}
		}
	}
	return all_count();
}

static void play(struct shared *shared, const char *word, bool first)
{
	for (;;) {
		unsigned int number = in_turn(atomic_fetch_add(&shared->next, 1), !first);
		struct schedule schedule;

		if (number >= all_count() || shared->give_up) {
			return;
		}
		if ((word && !strstr(name_of(number), word)) || cores_of(number) > shared->cores_max) {
			continue;
		}
		schedule = schedule_of(number);
		schedule_explore(&schedule, !first, &shared->result[number]);
		shared->done[number] = true;
		shared->give_up |= first && shared->result[number].failed;
	}
}

static void fork_jobs(unsigned int jobs, struct shared *shared, const char *word, bool first)
{
	for (unsigned int i = 0; i < jobs; i++) {
		if (fork() == 0) {
			play(shared, word, first);
			_exit(0);
		}
	}
}

static bool wait_for_jobs(unsigned int jobs)
{
	bool good = true;

	for (unsigned int i = 0; i < jobs; i++) {
		good &= mixed_wait();
	}
	return good;
}

static int sum_up(const struct shared *shared, bool good)
{
	unsigned long long covered = 0, explored = 0, failed = 0;
	unsigned int count = 0;

	for (unsigned int i = 0; i < all_count(); i++) {
		if (shared->done[i]) {
			say_result(i, &shared->result[i]);
			covered += shared->result[i].covered;
			explored += shared->result[i].explored;
			failed += shared->result[i].failed;
			count++;
		}
	}
	if (!good || !count) {
		printf("# %s\n", count ? "a process of this test died" : "nothing was played");
		failed++;
	}
	printf("schedules: %llu covered, %llu explored, %llu failed\n", covered, explored, failed);
	return failed != 0;
}

static int play_all(unsigned int jobs, unsigned int cores_max, const char *word, bool first)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	shared->cores_max = cores_max;
	printf("TAP version 13\n");
	fflush(stdout);
	fork_jobs(jobs, shared, word, first);
	return sum_up(shared, wait_for_jobs(jobs));
}

static int replay(unsigned int number, const char *path)
{
	static uint8_t cores[SCHEDULE_STEPS_MAX];
	struct schedule_result *result = calloc(1, sizeof(*result));
	struct schedule schedule;
	unsigned int length = 0;

	if (number >= all_count()) {
		fprintf(stderr, "there are %u scenarios\n", all_count());
		return 2;
	}
	for (const char *at = path; at && *at && length < SCHEDULE_STEPS_MAX; at = strchr(at, ','), at += at != NULL) {
		cores[length++] = (uint8_t)(strtoul(at, NULL, 10) % (2 * SCHEDULE_CORES_MAX));
	}
	schedule = schedule_of(number);
	printf("%s\n", name_of(number));
	schedule_replay(&schedule, cores, length, result);
	printf("%s\n", result->failed ? result->failure : "nothing is wrong");
	return result->failed != 0;
}

static void list(void)
{
	for (unsigned int i = 0; i < all_count(); i++) {
		printf("%u  %s\n", i, name_of(i));
	}
}

int main(int argc, char **argv)
{
	unsigned int jobs = 1, cores_max = SCHEDULE_CORES_MAX;
	unsigned long seed = 0, count = 1;
	bool first = false, mixed = false, verbose = false;
	int option;

	while ((option = getopt(argc, argv, "c:j:flp:r:s:n:vw:")) != -1) {
		switch (option) {
		case 'c':
			cores_max = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'j':
			jobs = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'f':
			first = true;
			break;
		case 'l':
			list();
			return 0;
		case 'p':
			shorten(3, (unsigned int)strtoul(optarg, NULL, 10));
			break;
		case 'r':
			return replay((unsigned int)strtoul(optarg, NULL, 10), argv[optind]);
		case 's':
			mixed = true;
			seed = strtoul(optarg, NULL, 10);
			break;
		case 'n':
			count = strtoul(optarg, NULL, 10);
			break;
		case 'v':
			verbose = true;
			break;
		case 'w':
			shorten(1, (unsigned int)strtoul(optarg, NULL, 10));
			keeps = true;
			break;
		default:
			return 2;
		}
	}
	return mixed ? mixed_runs(seed, count, jobs,
				  &(struct mixed_how){.verbose = verbose, .until_failure = first, .keeps = keeps}) :
		       play_all(jobs, cores_max, argv[optind], first);
}
