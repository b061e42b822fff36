/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * State words and locks: the only ways in which cores meet. Every operation first passes a named sync point, where a test
 * may run another core instead; on the target a sync point is nothing.
 *
 * Memory order: word_load() acquires, word_store() releases, word_exchange_if() and word_add() do both and are
 * sequentially consistent among each other and with word_fence(), which two cores need that each store one word and then
 * read the other's.
 *
 * Lock order, lowest rank first. A core that holds a lock takes only locks of a higher rank.
 */
#ifndef BASE_SYNC_H
#define BASE_SYNC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arch.h"

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

/* One atomic 32-bit word. */
struct word {
	_Atomic uint32_t value;
};

static inline uint32_t word_load(const struct word *word)
{
	arch_sync_point("load");
	return atomic_load_explicit(&word->value, memory_order_acquire);
}

static inline void word_store(struct word *word, uint32_t value)
{
	arch_sync_point("store");
	atomic_store_explicit(&word->value, value, memory_order_release);
}

/* Stores `value` where the word is `expected`; says whether it was. */
static inline bool word_exchange_if(struct word *word, uint32_t expected, uint32_t value)
{
	arch_sync_point("exchange");
	return atomic_compare_exchange_strong(&word->value, &expected, value);
}

/* Adds, and returns the value before. */
static inline uint32_t word_add(struct word *word, uint32_t addend)
{
	arch_sync_point("add");
	return atomic_fetch_add(&word->value, addend);
}

/* What this core stored before is seen by a core that passes its own fence later, or the other way round. */
static inline void word_fence(void)
{
	arch_sync_point("fence");
	atomic_thread_fence(memory_order_seq_cst);
}

/* A spinning lock with interrupts masked on the holding core, so that handlers may take it too. Held briefly. */
struct lock {
	_Atomic uint32_t held;
	unsigned int rank; /* enum lock_rank. */
};

#define LOCK_INIT(lock_rank) {.held = 0, .rank = (lock_rank)}

static inline void lock_init(struct lock *lock, enum lock_rank rank)
{
	atomic_init(&lock->held, 0);
	lock->rank = (unsigned int)rank;
}

/* Takes the lock; returns what unlock() wants back. */
static inline uint32_t lock(struct lock *lock)
{
	uint32_t saved;
	uint32_t expected = 0;

	arch_sync_point("lock");
	saved = arch_irq_save();
	while (!atomic_compare_exchange_weak_explicit(&lock->held, &expected, 1, memory_order_acquire,
						      memory_order_relaxed)) {
		expected = 0;
		arch_relax();
	}
	arch_lock_taken(lock->rank);
	return saved;
}

static inline void unlock(struct lock *lock, uint32_t saved)
{
	arch_lock_released(lock->rank);
	atomic_store_explicit(&lock->held, 0, memory_order_release);
	arch_irq_restore(saved);
	arch_sync_point("unlock");
}

#endif
