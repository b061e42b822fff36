/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes of an IORT whose nodes lie within it. smmu-inspect has tools/inspect/larger/iort_lookup.c instead, which walks
 * once and remembers.
 */
#ifndef FIRMWARE_IORT_LOOKUP_H
#define FIRMWARE_IORT_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

/* A table begins to be read; what was remembered of this place in memory is another one's. */
void iort_lookup_begin(const uint8_t *table);

/* Does a node begin at this offset? */
bool iort_node_begins(const uint8_t *table, uint32_t offset);

/* What that is charged. */
uint32_t iort_work_to_find(const uint8_t *table);

/* The offset of the segment's first root complex, or 0. */
uint32_t iort_root_complex_of(const uint8_t *table, uint32_t segment);

#endif
