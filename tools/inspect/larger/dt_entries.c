/* SPDX-License-Identifier: BSD-2-Clause */
/* In n log n steps: entries by their first IDs, and those that hold the ID, the first of the map on top. */
#include "firmware/dt_entries.h"

#include <stdlib.h>

#include "hash.h"

#define INPUT_MAX 0xffffffffU

static const struct dt_map_entry *entry;
static uint32_t *order; /* Indices, by first ID. */
static uint32_t order_room;
static uint32_t *heap; /* Indices of entries that have begun; the smallest is on top. */
static uint32_t heap_room;
static uint32_t heap_count;
static uint32_t next; /* Of order[]: what has not begun. */

static int compare_first(const void *one, const void *other)
{
	uint32_t a = *(const uint32_t *)one;
	uint32_t b = *(const uint32_t *)other;

	if (entry[a].first != entry[b].first) {
		return entry[a].first < entry[b].first ? -1 : 1;
	}
	return (a > b) - (a < b);
}

static void sort(const struct dt_map_entry *entries, uint32_t count)
{
	entry = entries;
	for (uint32_t i = 0; i < count; i++) {
		order = grown(order, i, &order_room, sizeof(order[0]));
		order[i] = i;
	}
	if (count) {
		qsort(order, count, sizeof(order[0]), compare_first);
	}
	heap_count = 0;
	next = 0;
}

bool dt_entries_overlap(const struct dt_map_entry *entries, uint32_t count)
{
	uint32_t last = 0;

	sort(entries, count);
	for (uint32_t i = 0; i < count; i++) {
		if (i && entries[order[i]].first <= last) {
			return true;
		}
		last = entries[order[i]].last > last ? entries[order[i]].last : last;
	}
	return false;
}

static void push(uint32_t index)
{
	uint32_t at = heap_count;

	heap = grown(heap, heap_count, &heap_room, sizeof(heap[0]));
	heap_count++;
	while (at && heap[(at - 1) / 2] > index) {
		heap[at] = heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap[at] = index;
}

static void pop(void)
{
	uint32_t index = heap[--heap_count];
	uint32_t at = 0;

	for (uint32_t child = 1; child < heap_count; child = 2 * at + 1) {
		if (child + 1 < heap_count && heap[child + 1] < heap[child]) {
			child++;
		}
		if (heap[child] >= index) {
			break;
		}
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = index;
}

/* Those that begin within the winner wait for its end, unless one of them comes first in the map. */
static uint32_t winner_until(uint32_t winner, uint32_t count)
{
	while (next < count && entry[order[next]].first <= entry[winner].last) {
		if (order[next] < winner) {
			return entry[order[next]].first - 1;
		}
		push(order[next++]);
	}
	return entry[winner].last;
}

const struct dt_map_entry *dt_entry_at(const struct dt_map_entry *entries, uint32_t count, uint32_t input,
				       uint32_t *last)
{
	while (next < count && entries[order[next]].first <= input) {
		push(order[next++]);
	}
	while (heap_count && entries[heap[0]].last < input) {
		pop();
	}
	if (!heap_count) {
		*last = next < count ? entries[order[next]].first - 1 : INPUT_MAX;
		return NULL;
	}
	*last = winner_until(heap[0], count);
	return &entries[heap[0]];
}
