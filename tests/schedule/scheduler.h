/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A deterministic scheduler. "Cores" are coroutines of one thread; a core runs until its next sync point, and then the
 * scheduler says who runs next. explore() tries every choice within a bound of pre-emptions, on the unchanged sources:
 * the whole memory of the program under test is put back before each, and what was seen in the same state before is
 * not tried again.
 *
 * A pre-emption is a switch away from a core that could have gone on; one from a core that waits is free.
 *
 * A core may keep back what it stores or exchanges, two words at most, each for the price of a pre-emption: it goes on
 * with the new value, and the others have the old one until the core fences, changes a word that it does not keep back,
 * gives a lock back or does anything but load and take a lock. That is what a processor's store buffer does, and what
 * the language allows of everything that word_fence() does not stand behind.
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
	unsigned int preemptions; /* At most so many, and */
	bool keeps;		  /* what cores keep back counts among them; else they keep nothing back. */
	const void *subject;	  /* Handed to the functions: static objects are put back, and cannot carry anything. */
	void (*prepare)(const void *subject);		      /* Makes the state that every run starts from. */
	void (*body)(const void *subject, unsigned int core); /* What each core does. */
	void (*invariants)(const void *subject);	      /* After every step. */
	void (*check)(const void *subject);		      /* When all have ended. */
	const char *(*name)(const void *object, char *buffer, size_t size); /* What a sync point is about. */
};

struct schedule_result {
	uint64_t covered;  /* Interleavings within the bound. */
	uint64_t explored; /* Runs that it took: to the end, or to a state that had been seen. */
	uint64_t states;
	uint64_t failed; /* Of the covered ones. */
	char failure[256];
	unsigned int preemptions; /* Of the shortest failing one, which is: */
	unsigned int length;
	uint8_t path[SCHEDULE_STEPS_MAX];
};

/*
 * All interleavings. `shortest`: where one fails, look for the shortest among those with the fewest pre-emptions; else
 * stop at the first.
 */
void schedule_explore(const struct schedule *schedule, bool shortest, struct schedule_result *result);

/* One run, by the core numbers of its choices (and SCHEDULE_KEEPS), each step printed; the choices after them go to the
 * lowest core. */
void schedule_replay(const struct schedule *schedule, const uint8_t *path, unsigned int length,
		     struct schedule_result *result);

/* One run in which `choose` says who goes on among `count` cores, and whether it keeps back (SCHEDULE_KEEPS) what it
 * changes. `print`: each step is printed. */
void schedule_run(const struct schedule *schedule,
		  unsigned int (*choose)(const unsigned int *cores, unsigned int count), bool print,
		  struct schedule_result *result);

/* Ends the run as failed; from anywhere. */
_Noreturn void schedule_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define SCHEDULE_REQUIRE(condition, ...)                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			schedule_fail(__VA_ARGS__);                                                                    \
		}                                                                                                      \
	} while (0)

/* For what the architecture shim needs: the core that runs; whether one does; a stop of it. */
unsigned int schedule_core(void);
bool schedule_is_running(void);
void schedule_point(const char *name, const void *object);
void schedule_send_event(void);
void schedule_look(bool looking); /* Between true and false a core is not stopped: what it reads is of one moment. */
uint64_t schedule_ticks(void);

#endif
