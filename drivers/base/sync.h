/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * State words and locks: the only ways in which cores meet. Every operation first passes a named sync point, where a
 * test may run another core instead; on the target a sync point is nothing.
 *
 * Memory order: a load acquires and a store releases, so that whoever reads a state sees what was written before the
 * state was. word_exchange_if(), word_add(), word_set(), word_clear() and pointer_exchange_if() do both, and are
 * sequentially consistent among each other and with word_fence(), which two cores need that each store one word and
 * then read the other's. Every such pair names its other half where it is.
 *
 * Lock order, lowest rank first. A core that holds a lock takes only locks of a higher rank.
 */
#ifndef BASE_SYNC_H
#define BASE_SYNC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arch.h"

#define LOCK_WAIT_US 10000000U /* Locks are held for microseconds, or for one bounded wait for the hardware. */

enum lock_rank {
	LOCK_RANK_GROUP_LIST, /* Which group a stream is in. */
	LOCK_RANK_GROUP,      /* Members, owner, domains of one group. */
	LOCK_RANK_BIND_QUEUE,
	LOCK_RANK_INSTANCE, /* Context descriptors, ASIDs and the stream table of one instance. */
	LOCK_RANK_PAGE_TABLE,
	LOCK_RANK_PAGES,
	LOCK_RANK_COMMAND_QUEUE,
	LOCK_RANK_EVENT_QUEUE,
	LOCK_RANK_EVENT_LOG,
	LOCK_RANK_CONSOLE,
};

/* An instruction or two: no larger than a call. */
#define SYNC_INLINE static inline __attribute__((always_inline))

/* One atomic 32-bit word. */
struct word {
	_Atomic uint32_t value;
};

/* One atomic pointer: what pointer_load() gives may be followed, for it was complete before pointer_store(). */
struct pointer {
	_Atomic(void *) value;
};

SYNC_INLINE uint32_t word_load(const struct word *word)
{
	arch_sync_point("load", word);
	return atomic_load_explicit(&word->value, memory_order_acquire);
}

SYNC_INLINE void word_store(struct word *word, uint32_t value)
{
	arch_sync_point("store", word);
	atomic_store_explicit(&word->value, value, memory_order_release);
}

/* Stores `value` where the word is `expected`; says whether it was. */
__attribute__((noinline)) bool word_exchange_if(struct word *word, uint32_t expected, uint32_t value);

/* Adds, and returns the value before. */
__attribute__((noinline)) uint32_t word_add(struct word *word, uint32_t addend);

/* Sets or clears bits, and leaves the others. */
void word_set(struct word *word, uint32_t bits);
void word_clear(struct word *word, uint32_t bits);

SYNC_INLINE void *pointer_load(const struct pointer *pointer)
{
	arch_sync_point("load", pointer);
	return atomic_load_explicit(&pointer->value, memory_order_acquire);
}

SYNC_INLINE void pointer_store(struct pointer *pointer, void *value)
{
	arch_sync_point("store pointer", pointer);
	atomic_store_explicit(&pointer->value, value, memory_order_release);
}

bool pointer_exchange_if(struct pointer *pointer, void *expected, void *value);

/* What this core stored before is seen by a core that passes its own fence later, or the other way round. */
SYNC_INLINE void word_fence(void)
{
	arch_sync_point("fence", NULL);
	atomic_thread_fence(memory_order_seq_cst);
}

/* A spinning lock with interrupts masked on the holding core, so that handlers may take it too. Held briefly. */
struct lock {
	_Atomic uint32_t held;
	unsigned int rank; /* enum lock_rank. */
};

#define LOCK_INIT(lock_rank)                                                                                           \
	{                                                                                                              \
		.held = 0, .rank = (lock_rank)                                                                         \
	}

static inline void lock_init(struct lock *lock, enum lock_rank rank)
{
	atomic_init(&lock->held, 0);
	lock->rank = (unsigned int)rank;
}

/*
 * Takes the lock; returns what unlock() wants back. One that is never given back ends the run after LOCK_WAIT_US, by
 * name of its rank.
 */
__attribute__((noinline)) uint32_t lock(struct lock *lock);

/* Takes the lock where it is free; says whether it was, and leaves in `saved` what unlock() wants back. */
bool lock_try(struct lock *lock, uint32_t *saved);
__attribute__((noinline)) void unlock(struct lock *lock, uint32_t saved);

#endif
