/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/timeline.h"

#include <stddef.h>

#include "base/arch.h"
#include "base/feature.h"

/* Half of what a count holds: cores that add at once do not wrap it. */
#define COUNT_MAX 0x80000000U

/* Not through base/sync.h: the schedules under test must get no more sync points. */
static struct {
	_Atomic uint32_t count;
	struct timeline_entry entry[TIMELINE_CAPACITY];
} timeline;

void timeline_note(enum timeline_kind kind, const char *name)
{
	struct timeline_entry *entry;
	uint32_t number;

	if (timeline_count() >= COUNT_MAX) {
		return;
	}
	number = atomic_fetch_add_explicit(&timeline.count, 1, memory_order_relaxed);
	if (number >= TIMELINE_CAPACITY) {
		return;
	}
	entry = &timeline.entry[number];
	entry->ticks = arch_ticks();
	entry->name = name;
	entry->core = arch_core();
	/* Release; pairs with the acquire in timeline_entry(). */
	atomic_store_explicit(&entry->kind, kind, memory_order_release);
}

uint32_t timeline_count(void)
{
	return atomic_load_explicit(&timeline.count, memory_order_relaxed);
}

const struct timeline_entry *timeline_entry(uint32_t number)
{
	const struct timeline_entry *entry = &timeline.entry[number];

	return atomic_load_explicit(&entry->kind, memory_order_acquire) ? entry : NULL;
}

LINKED(timeline_note);
