/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/iort_lookup.h"

#include <stddef.h>

#include "firmware/iort_nodes.h"
#include "hash.h"

static const uint8_t *known;
static struct hash nodes;    /* Values are offsets. */
static struct hash segments; /* Likewise, of each segment's first root complex. */

void iort_lookup_begin(const uint8_t *table)
{
	(void)table;
	known = NULL;
}

static bool is_offset(const void *offset, uint32_t value)
{
	return value == *(const uint32_t *)offset;
}

static bool has_segment(const void *segment, uint32_t value)
{
	return get_le32(&known[value + ROOT_COMPLEX_SEGMENT]) == *(const uint32_t *)segment;
}

static void add_root_complex(uint32_t at)
{
	uint32_t segment = get_le32(&known[at + ROOT_COMPLEX_SEGMENT]);
	uint32_t key = hash_numbers(0, segment);

	if (!hash_find(&segments, key, has_segment, &segment)) {
		hash_add(&segments, key, at);
	}
}

static void remember(const uint8_t *table)
{
	uint32_t at = get_le32(&table[IORT_NODE_OFFSET]);

	if (known == table) {
		return;
	}
	known = table;
	hash_clear(&nodes);
	hash_clear(&segments);
	for (uint32_t i = get_le32(&table[IORT_NODE_COUNT]); i; i--) {
		hash_add(&nodes, hash_numbers(0, at), at);
		if (iort_is_root_complex(table, at)) {
			add_root_complex(at);
		}
		at += iort_node_length(table, at);
	}
}

bool iort_node_begins(const uint8_t *table, uint32_t offset)
{
	remember(table);
	return offset && hash_find(&nodes, hash_numbers(0, offset), is_offset, &offset);
}

uint32_t iort_work_to_find(const uint8_t *table)
{
	(void)table;
	return 1;
}

uint32_t iort_root_complex_of(const uint8_t *table, uint32_t segment)
{
	remember(table);
	return hash_find(&segments, hash_numbers(0, segment), has_segment, &segment);
}
