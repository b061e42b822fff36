/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A deterministic scheduler. "Cores" are coroutines of one thread: a core runs until its next sync point, and then the
 * scheduler chooses the next core. explore() tries every choice within a bound of pre-emptions, on the unchanged
 * sources. It puts the whole memory of the program under test back before each run, and does not try a known state
 * again.
 *
 * A pre-emption is a switch away from a core that could have gone on; a switch from a core that waits is free.
 *
 * A core may keep back what it stores or exchanges, two words at most, each for the price of a pre-emption. It goes on
 * with the new value; the others see the old one until the core fences, changes a word that it does not keep back,
 * gives a lock back, or does anything but load and take a lock. A processor's store buffer does that, and the language
 * allows it for everything that has no word_fence() before it.
 */
#ifndef SCHEDULER_H
#define SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEDULE_CORES_MAX 4U
#define SCHEDULE_STEPS_MAX 4096U
#define SCHEDULE_KEEPS SCHEDULE_CORES_MAX /* Beside the number of a core: it keeps back what it changes. */

/* What is to be interleaved. */
struct schedule {
	unsigned int core_count;
	unsigned int preemptions; /* At most so many pre-emptions, and */
	bool keeps;		  /* kept-back changes count among them. False: cores keep nothing back. */
	const void *subject; /* Handed to the functions. Static objects are put back, so they cannot carry anything. */
	void (*prepare)(const void *subject);		      /* Makes the state that every run starts from. */
	void (*body)(const void *subject, unsigned int core); /* What each core does. */
	void (*invariants)(const void *subject);	      /* Called after every step. */
	void (*check)(const void *subject);		      /* Called when all cores have ended. */
	const char *(*name)(const void *object, char *buffer, size_t size); /* The name of a sync point's object. */
};

struct schedule_result {
	uint64_t covered;  /* Interleavings within the bound. */
	uint64_t explored; /* Runs that this took: to the end, or to a known state. */
	uint64_t states;
	uint64_t failed; /* Covered interleavings that failed. */
	char failure[256];
	unsigned int preemptions; /* Of the shortest failing one, whose path follows. */
	unsigned int length;
	uint8_t path[SCHEDULE_STEPS_MAX];
};

/*
 * Explores all interleavings. `shortest`: after a failure, looks for the shortest among those with the fewest
 * pre-emptions; else stops at the first.
 */
void schedule_explore(const struct schedule *schedule, bool shortest, struct schedule_result *result);

/*
 * One run along `path`, the core numbers (and SCHEDULE_KEEPS) of its choices; prints each step. Behind the path, the
 * lowest core goes on.
 */
void schedule_replay(const struct schedule *schedule, const uint8_t *path, unsigned int length,
		     struct schedule_result *result);

/*
 * One run in which `choose` names the core that goes on, among `count`, and whether it keeps back (SCHEDULE_KEEPS) what
 * it changes. `print`: prints each step.
 */
void schedule_run(const struct schedule *schedule,
		  unsigned int (*choose)(const unsigned int *cores, unsigned int count), bool print,
		  struct schedule_result *result);

/* Ends the run as failed; callable from anywhere. */
_Noreturn void schedule_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define SCHEDULE_REQUIRE(condition, ...)                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			schedule_fail(__VA_ARGS__);                                                                    \
		}                                                                                                      \
	} while (0)

/* For the architecture shim: the core that runs; whether one does; a sync point. */
unsigned int schedule_core(void);
bool schedule_is_running(void);
void schedule_point(const char *name, const void *object);
void schedule_send_event(void);
void schedule_look(
	bool looking); /* Between true and false the core is not stopped, so that all it reads is of one moment. */
uint64_t schedule_ticks(void);

#endif
