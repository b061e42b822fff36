/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A deterministic scheduler: cores are coroutines of one thread, switched at sync points. explore() tries each choice
 * within a bound of pre-emptions; it restores the program's memory before each run and skips known states.
 *
 * A pre-emption leaves a core that could go on.
 *
 * Like a store buffer, a core may keep back two changed words at most, each for a pre-emption: the others see the old
 * value until it fences, unlocks, changes a word without keeping it, or does anything but load and lock.
 */
#ifndef SCHEDULER_H
#define SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEDULE_CORES_MAX 4U
#define SCHEDULE_STEPS_MAX 4096U
#define SCHEDULE_KEEPS SCHEDULE_CORES_MAX /* As a choice: the core keeps its change. */

struct schedule {
	unsigned int core_count;
	unsigned int preemptions;			      /* Pre-emptions at most, and */
	bool keeps;					      /* kept changes are among them. False: none kept. */
	const void *subject;				      /* For the functions; static objects are put back. */
	void (*prepare)(const void *subject);		      /* Makes the state that runs start from. */
	void (*body)(const void *subject, unsigned int core); /* What each core does. */
	void (*invariants)(const void *subject);
	void (*check)(const void *subject);
	const char *(*name)(const void *object, char *buffer, size_t size); /* Of a sync point's object. */
};

struct schedule_result {
	uint64_t covered;  /* Interleavings in the bound. */
	uint64_t explored; /* Runs, to the end or a known state. */
	uint64_t states;
	uint64_t failed;
	char failure[256];
	unsigned int preemptions; /* Of the shortest failing path. */
	unsigned int length;
	uint8_t path[SCHEDULE_STEPS_MAX];
};

/* Explores all. `shortest`: finds the shortest failing path with the fewest pre-emptions; else stops at the first. */
void schedule_explore(const struct schedule *schedule, bool shortest, struct schedule_result *result);

/* One printed run along `path`, the choices of cores (and SCHEDULE_KEEPS); then the lowest core goes on. */
void schedule_replay(const struct schedule *schedule, const uint8_t *path, unsigned int length,
		     struct schedule_result *result);

/* `choose` names one of `count` cores, and whether it keeps changes (SCHEDULE_KEEPS). `print`: prints each step. */
void schedule_run(const struct schedule *schedule,
		  unsigned int (*choose)(const unsigned int *cores, unsigned int count), bool print,
		  struct schedule_result *result);

/* Fails the run; callable anywhere. */
_Noreturn void schedule_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define SCHEDULE_REQUIRE(condition, ...)                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			schedule_fail(__VA_ARGS__);                                                                    \
		}                                                                                                      \
	} while (0)

unsigned int schedule_core(void);
bool schedule_is_running(void);
void schedule_point(const char *name, const void *object);
void schedule_send_event(void);
void schedule_look(
	bool looking); /* Between true and false the core is not stopped, so that all it reads is of one moment. */
uint64_t schedule_ticks(void);

#endif
