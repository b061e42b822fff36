/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * State words and locks: the only means by which cores communicate. Tests may switch cores before each operation.
 *
 * Loads acquire and stores release: a core that reads a state sees what was written before it. word_exchange_if(),
 * word_add(), word_set(), word_clear() and pointer_exchange_if() do both, sequentially consistent with each other and
 * with word_fence(). Cores that each store a word and then read the other's need word_meet() between.
 *
 * A core that holds a lock takes only locks of a higher rank.
 */
#ifndef BASE_SYNC_H
#define BASE_SYNC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arch.h"

#define LOCK_WAIT_US 10000000U /* A core holds a lock for microseconds, or over one bounded hardware wait. */

enum lock_rank {
	LOCK_RANK_GROUP_LIST, /* Which group a stream is in. */
	LOCK_RANK_GROUP,      /* A group's owner, parts, domains. */
	LOCK_RANK_BIND_QUEUE,
	LOCK_RANK_INSTANCE, /* An instance's context descriptors, ASIDs, VMIDs, domains. */
	LOCK_RANK_PAGE_TABLE,
	LOCK_RANK_PAGES,
	LOCK_RANK_COMMAND_QUEUE,
	LOCK_RANK_EVENT_QUEUE,
	LOCK_RANK_PCI, /* A host's way to configuration space. */
	LOCK_RANK_EVENT_LOG,
	LOCK_RANK_CONSOLE,
};

#define SYNC_INLINE static inline __attribute__((always_inline))

struct word {
	_Atomic uint32_t value;
};

/* What it points to was complete before pointer_store(). */
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

/* Stores `value` if the word is `expected`; returns whether it was. Inlined: AArch32 +472 bytes. */
__attribute__((noinline)) bool word_exchange_if(struct word *word, uint32_t expected, uint32_t value);

/* Returns the value before. Inlined: AArch32 +16 bytes. */
__attribute__((noinline)) uint32_t word_add(struct word *word, uint32_t addend);

/* Leave other bits alone. */
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

/* Of two cores that store, fence and load, at least one sees the other's store. */
SYNC_INLINE void word_fence(void)
{
	arch_sync_point("fence", NULL);
	atomic_thread_fence(memory_order_seq_cst);
}

/*
 * Two cores each change a word, call word_meet(), read the other's word: at least one sees the other's change. Lint
 * refuses a name with one side.
 */
enum meeting {
	MEET_HOLD,	 /* A core counts itself as a slot's user; another has emptied the slot. */
	MEET_ARRIVAL,	 /* An instance is READY; a master has arrived: one core probes it. */
	MEET_QUARANTINE, /* A link is PROBING; its master is quarantined: one core denies it. */
	MEET_SPLIT,	 /* An instance has ended; a group is loose: one core splits it. */
	MEET_BIND,	 /* A client is BINDING; its instance or master is LEAVING: it is waited for, or deferred. */
	MEET_WAIT,	 /* A client is DEFERRED; its cause is ready: one core queues it. */
};

SYNC_INLINE void word_meet(enum meeting meeting)
{
	(void)meeting;
	word_fence();
}

/* A spin lock; masks interrupts, because handlers may take it, too. */
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

/* Returns what unlock() wants. Ends the run, naming the rank, after LOCK_WAIT_US. Inlined with unlock(): +64 bytes. */
__attribute__((noinline)) uint32_t lock(struct lock *lock);

/* False if the lock is held. `saved` is for unlock(). */
bool lock_try(struct lock *lock, uint32_t *saved);
__attribute__((noinline)) void unlock(struct lock *lock, uint32_t saved);

/* Ends the run: a lock of this rank, or its like, was not released within LOCK_WAIT_US. */
_Noreturn void lock_stuck(unsigned int rank);

#endif
