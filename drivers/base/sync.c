/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/sync.h"

#include <stddef.h>

#include "base/deadline.h"
#include "base/fatal.h"

bool word_exchange_if(struct word *word, uint32_t expected, uint32_t value)
{
	bool exchanged;

	arch_sync_point("exchange", word);
	exchanged = atomic_compare_exchange_strong(&word->value, &expected, value);
	if (!exchanged) {
		arch_sync_point("not exchanged", word);
	}
	return exchanged;
}

uint32_t word_add(struct word *word, uint32_t addend)
{
	arch_sync_point("add", word);
	return atomic_fetch_add(&word->value, addend);
}

void word_set(struct word *word, uint32_t bits)
{
	arch_sync_point("set", word);
	(void)atomic_fetch_or(&word->value, bits);
}

void word_clear(struct word *word, uint32_t bits)
{
	arch_sync_point("clear", word);
	(void)atomic_fetch_and(&word->value, ~bits);
}

bool pointer_exchange_if(struct pointer *pointer, void *expected, void *value)
{
	arch_sync_point("exchange pointer", pointer);
	return atomic_compare_exchange_strong(&pointer->value, &expected, value);
}

static bool lock_take_if_free(struct lock *lock)
{
	uint32_t expected = 0;

	return atomic_compare_exchange_weak_explicit(&lock->held, &expected, 1, memory_order_acquire,
						     memory_order_relaxed);
}

_Noreturn void lock_stuck(unsigned int rank)
{
	fatal("core %u waited in vain for a lock of rank %u", arch_core(), rank);
}

/* Out of line: most locks are free. bench: command and SYNC, +1.9 % without (161 of 160). */
static __attribute__((noinline)) void lock_wait(struct lock *lock)
{
	struct deadline deadline = deadline_in_us(LOCK_WAIT_US);

	while (!lock_take_if_free(lock)) {
		if (deadline_passed(&deadline)) {
			lock_stuck(lock->rank);
		}
		arch_relax();
	}
}

uint32_t lock(struct lock *lock)
{
	uint32_t saved;

	arch_sync_point("lock", lock);
	saved = arch_irq_save();
	if (!lock_take_if_free(lock)) {
		lock_wait(lock);
	}
	arch_lock_taken(lock->rank);
	return saved;
}

bool lock_try(struct lock *lock, uint32_t *saved)
{
	bool taken;

	arch_sync_point("lock", lock);
	*saved = arch_irq_save();
	taken = lock_take_if_free(lock);
	if (taken) {
		arch_lock_taken(lock->rank);
	} else {
		arch_irq_restore(*saved);
	}
	return taken;
}

void unlock(struct lock *lock, uint32_t saved)
{
	arch_sync_point("let go", lock);
	arch_lock_released(lock->rank);
	atomic_store_explicit(&lock->held, 0, memory_order_release);
	arch_irq_restore(saved);
	arch_sync_point("unlock", lock);
}
