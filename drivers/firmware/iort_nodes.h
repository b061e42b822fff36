/* SPDX-License-Identifier: BSD-2-Clause */
/* Where an IORT's nodes begin and end (DEN0049 3.1.1). The table was checked. */
#ifndef FIRMWARE_IORT_NODES_H
#define FIRMWARE_IORT_NODES_H

#include <stdbool.h>

#include "firmware/bytes.h"

#define IORT_NODE_COUNT 36U
#define IORT_NODE_OFFSET 40U

#define NODE_TYPE 0U
#define NODE_LENGTH 1U
#define NODE_HEADER_SIZE 16U
#define NODE_TYPE_ROOT_COMPLEX 2U

#define ROOT_COMPLEX_SEGMENT 28U
#define ROOT_COMPLEX_SIZE 32U

static inline uint32_t iort_node_length(const uint8_t *table, uint32_t offset)
{
	return (uint32_t)get_le(&table[offset + NODE_LENGTH], 2);
}

static inline bool iort_is_root_complex(const uint8_t *table, uint32_t offset)
{
	return table[offset + NODE_TYPE] == NODE_TYPE_ROOT_COMPLEX &&
	       iort_node_length(table, offset) >= ROOT_COMPLEX_SIZE;
}

#endif
