/* SPDX-License-Identifier: BSD-2-Clause */
/* An IORT as a list of nodes that can be changed, and as source in iasl's language of data tables. */
#ifndef INSPECT_IORT_SOURCE_H
#define INSPECT_IORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define IORT_NODE_ITS 0U
#define IORT_NODE_COMPONENT 1U
#define IORT_NODE_ROOT_COMPLEX 2U
#define IORT_NODE_SMMUV3 4U

struct iort_mapping {
	uint32_t input;
	uint32_t last; /* IDs less one. */
	uint32_t output;
	uint32_t to; /* The old offset of its node. */
	uint32_t flags;
	const char *comment; /* Or NULL. */
};

struct iort_node {
	const uint8_t *bytes;
	uint32_t at; /* Its old offset. */
	uint32_t new_at;
	uint32_t body; /* Its length without mappings, as it is, */
	uint32_t size; /* and as the language has it: an old revision's fields are zeroes. */
	struct iort_mapping *mapping;
	size_t mapping_count;
};

struct iort_source {
	const uint8_t *bytes; /* The table. */
	struct iort_node *node;
	size_t count;
};

/*
 * Takes a table, which stays there, apart. iort_source_free() is due in any case.
 * Return:      NULL       done
 *              else       why its nodes cannot be written anew
 */
const char *iort_source_read(struct iort_source *source, const uint8_t *bytes, size_t size);
void iort_source_free(struct iort_source *source);

/* Makes room for one more before place `at`, and returns it; NULL: no memory. */
struct iort_mapping *iort_source_insert(struct iort_node *node, size_t at);

struct iort_node *iort_source_node(const struct iort_source *source, uint32_t at);

/* Prints all; offsets and lengths are those of the changed nodes. */
void iort_source_print(struct iort_source *source, FILE *file);

#endif
