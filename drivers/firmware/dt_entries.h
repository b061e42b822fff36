/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of an ID map, in its order. smmu-inspect has tools/inspect/larger/dt_entries.c instead, which sorts them. */
#ifndef FIRMWARE_DT_ENTRIES_H
#define FIRMWARE_DT_ENTRIES_H

#include "firmware/dt_map.h"

/* Do two share an input ID? Called first for each map. */
bool dt_entries_overlap(const struct dt_map_entry *entries, uint32_t count);

/*
 * The first entry that holds `input`, or NULL. `*last`: the last ID with the same answer. Called for 0, then behind
 * each `*last`.
 */
const struct dt_map_entry *dt_entry_at(const struct dt_map_entry *entries, uint32_t count, uint32_t input,
				       uint32_t *last);

#endif
