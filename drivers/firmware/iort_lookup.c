/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/iort_lookup.h"

#include "firmware/iort_nodes.h"

/* Nothing is remembered. */
void iort_lookup_begin(const uint8_t *table)
{
	(void)table;
}

bool iort_node_begins(const uint8_t *table, uint32_t offset)
{
	uint32_t at = get_le32(&table[IORT_NODE_OFFSET]);

	for (uint32_t i = get_le32(&table[IORT_NODE_COUNT]); i; i--) {
		if (at >= offset) {
			return at == offset;
		}
		at += iort_node_length(table, at);
	}
	return false;
}

uint32_t iort_work_to_find(const uint8_t *table)
{
	return get_le32(&table[IORT_NODE_COUNT]);
}

uint32_t iort_root_complex_of(const uint8_t *table, uint32_t segment)
{
	uint32_t at = get_le32(&table[IORT_NODE_OFFSET]);

	for (uint32_t i = get_le32(&table[IORT_NODE_COUNT]); i; i--) {
		if (iort_is_root_complex(table, at) && get_le32(&table[at + ROOT_COMPLEX_SEGMENT]) == segment) {
			return at;
		}
		at += iort_node_length(table, at);
	}
	return 0;
}
