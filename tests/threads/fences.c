/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two cores each store a word and read the other's (store buffering): with word_fence() in between, one sees the
 * other's store. Without it, a processor that delays stores, as x86 does, shows that neither does; if it never shows
 * that here, the run proves nothing and says so.
 *
 *   test_fences [SHOWN]     plays on until it was shown so often without a fence
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arch.h"
#include "base/sync.h"

#define ROUNDS 64U	  /* Between two meetings. */
#define MEETINGS 1000000U /* Then nothing is shown here. */

/* Each in its own cache line. */
struct side {
	_Alignas(128) struct word word;
	uint32_t seen;
};

struct round {
	struct side side[2];
};

static struct round rounds[ROUNDS];
static _Alignas(128) _Atomic unsigned int met[2];
static _Atomic bool over;	 /* Stored before a meeting, read after it. */
static unsigned long neither[2]; /* Neither side saw a store: without a fence, with one. */
static unsigned long shown_wanted = 10000;
static unsigned int processor[2];

void arch_sync_point(const char *name, const void *object)
{
	(void)name;
	(void)object;
}

/* At the same moment: waiting delays neither. */
static void meet(unsigned int me)
{
	unsigned int count = atomic_load(&met[me]) + 1;

	atomic_store(&met[me], count);
	while (atomic_load(&met[1 - me]) < count) {
	}
}

static void play(struct round *round, unsigned int me, bool with_fence)
{
	word_store(&round->side[me].word, 1);
	if (with_fence) {
		word_fence();
	}
	round->side[me].seen = word_load(&round->side[1 - me].word);
}

static void count_rounds(unsigned long *count)
{
	for (unsigned int r = 0; r < ROUNDS; r++) {
		*count += !rounds[r].side[0].seen && !rounds[r].side[1].seen;
	}
}

static void play_all(unsigned int me, bool with_fence)
{
	meet(me);
	for (unsigned int r = 0; r < ROUNDS; r++) {
		play(&rounds[r], me, with_fence);
	}
	meet(me);
	if (me == 0) {
		count_rounds(&neither[with_fence]);
		atomic_store(&over, neither[0] >= shown_wanted || atomic_load(&met[0]) >= 3 * MEETINGS);
	}
	meet(me);
	for (unsigned int r = 0; r < ROUNDS; r++) {
		word_store(&rounds[r].side[me].word, 0);
	}
}

static void *run(void *argument)
{
	unsigned int me = *(const unsigned int *)argument;
	cpu_set_t own;

	CPU_ZERO(&own);
	CPU_SET(processor[me], &own);
	(void)sched_setaffinity(0, sizeof(own), &own);
	do {
		play_all(me, true);
		play_all(me, false);
	} while (!atomic_load(&over));
	return NULL;
}

static unsigned int find_processors(void)
{
	cpu_set_t allowed;
	unsigned int found = 0;

	CPU_ZERO(&allowed);
	(void)sched_getaffinity(0, sizeof(allowed), &allowed);
	for (unsigned int p = 0; p < CPU_SETSIZE && found < 2; p++) {
		if (CPU_ISSET(p, &allowed)) {
			processor[found++] = p;
		}
	}
	return found;
}

int main(int argc, char **argv)
{
	unsigned int number[2] = {0, 1};
	pthread_t other;

	shown_wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : shown_wanted;
	if (find_processors() < 2) {
		printf("fences: NOT TRIED: two processors are wanted, and one may be used\n");
		return 0;
	}
	if (pthread_create(&other, NULL, run, &number[1])) {
		perror("fences: a thread");
		return 1;
	}
	(void)run(&number[0]);
	pthread_join(other, NULL);
	printf("fences: neither core saw the other's store in %lu rounds with a fence, in %lu of as many without%s\n",
	       neither[1], neither[0], neither[0] ? "" : ": NOT SHOWN here");
	return neither[1] != 0;
}
