/* SPDX-License-Identifier: BSD-2-Clause */
#include "smmuv3/trace.h"

#include <string.h>

#include "base/arch.h"
#include "base/feature.h"

/* Not through base/sync.h: the schedules under test must get no more sync points. `used`: for debuggers. */
struct smmuv3_trace_ring smmuv3_trace_ring __attribute__((used, aligned(64)));

static struct smmuv3_trace_entry *trace_entry_of(uint32_t number)
{
	return &smmuv3_trace_ring.entry[number % SMMUV3_TRACE_CAPACITY];
}

static void trace_record(enum smmuv3_trace_kind kind, unsigned int instance, uint64_t first, uint64_t second)
{
	uint32_t number = atomic_fetch_add_explicit(&smmuv3_trace_ring.count, 1, memory_order_relaxed);
	struct smmuv3_trace_entry *entry = trace_entry_of(number);

	/* A reader that sees part of the new entry also sees sequence 0. */
	atomic_store_explicit(&entry->sequence, 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	entry->ticks = arch_ticks();
	entry->kind = (uint8_t)kind;
	entry->instance = (uint8_t)instance;
	entry->core = (uint16_t)arch_core();
	entry->value[0] = first;
	entry->value[1] = second;
	atomic_store_explicit(&entry->sequence, number + 1, memory_order_release);
}

void smmuv3_trace_start(void)
{
	struct smmuv3_trace_ring *ring = &smmuv3_trace_ring;

	memset(ring, 0, sizeof(*ring));
	memcpy(ring->magic, SMMUV3_TRACE_MAGIC, sizeof(ring->magic));
	ring->version = SMMUV3_TRACE_VERSION;
	ring->header_size = offsetof(struct smmuv3_trace_ring, entry);
	ring->entry_size = sizeof(struct smmuv3_trace_entry);
	ring->capacity = SMMUV3_TRACE_CAPACITY;
	ring->tick_hz = arch_tick_hz();
	atomic_store_explicit(&smmuv3_trace, trace_record, memory_order_release);
}

bool smmuv3_trace_stop(void)
{
	if (!atomic_exchange(&smmuv3_trace, NULL)) {
		return false;
	}
	arch_cache_clean(&smmuv3_trace_ring, sizeof(smmuv3_trace_ring));
	return true;
}

uint32_t smmuv3_trace_count(void)
{
	return atomic_load_explicit(&smmuv3_trace_ring.count, memory_order_acquire);
}

uint32_t smmuv3_trace_lost(void)
{
	uint32_t count = smmuv3_trace_count();

	return count > SMMUV3_TRACE_CAPACITY ? count - SMMUV3_TRACE_CAPACITY : 0;
}

const struct smmuv3_trace_entry *smmuv3_trace_entry(uint32_t number)
{
	const struct smmuv3_trace_entry *entry = trace_entry_of(number);

	return atomic_load_explicit(&entry->sequence, memory_order_acquire) == number + 1 ? entry : NULL;
}

LINKED(smmuv3_trace_start);
