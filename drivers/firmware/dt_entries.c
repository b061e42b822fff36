/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/dt_entries.h"

#include <stddef.h>

#define INPUT_MAX 0xffffffffU

static bool holds(const struct dt_map_entry *entry, uint32_t input)
{
	return entry->first <= input && input <= entry->last;
}

bool dt_entries_overlap(const struct dt_map_entry *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t k = 0; k < count; k++) {
			if (k != i && holds(&entries[k], entries[i].first)) {
				return true;
			}
		}
	}
	return false;
}

const struct dt_map_entry *dt_entry_at(const struct dt_map_entry *entries, uint32_t count, uint32_t input,
				       uint32_t *last)
{
	*last = INPUT_MAX;
	for (uint32_t i = 0; i < count; i++) {
		const struct dt_map_entry *entry = &entries[i];

		if (holds(entry, input)) {
			*last = entry->last < *last ? entry->last : *last;
			return entry;
		}
		if (entry->first > input && entry->first - 1 < *last) {
			*last = entry->first - 1;
		}
	}
	return NULL;
}
