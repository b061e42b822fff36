/* SPDX-License-Identifier: BSD-2-Clause */
/* What the target saw becomes the table that is right. */
#ifndef INSPECT_CORRECT_H
#define INSPECT_CORRECT_H

#include <jansson.h>
#include <stdio.h>

#include "table.h"

#define SEEN_NAME_SIZE 256U

/* One master's stream, as the table has it and as the target saw it. */
struct seen {
	char master[SEEN_NAME_SIZE];
	bool is_function; /* Of PCI: */
	uint32_t segment;
	uint32_t requester_id;
	bool is_described;
	struct stream_id described;
	struct stream_id observed; /* Its `smmu` is of the table. */
};

/* All that can be used; what can not is said as comments in `left_out`. */
struct sight {
	struct seen *seen;
	size_t count;
	json_t *left_out; /* Sentences. */
};

/*
 * Takes the `observed` records of a report.
 *
 * Return:      0
 *              -1         no memory
 * State left:  correct_free_sight() is due.
 */
int correct_read_sight(struct sight *sight, const struct stream_description *streams, const json_t *report);
/* The table's SMMU that this record of an instance is of, by its base, else by its name; false: it has none. */
bool correct_find_smmu(const struct stream_description *streams, const json_t *instance, unsigned int *smmu);

void correct_free_sight(struct sight *sight);

/* Prints an overlay's fragments; returns how many properties they set. */
unsigned int correct_print_dt(const struct table *table, struct sight *sight, FILE *file);

/* Prints a whole IORT for iasl; `count` becomes how many changes there are. Return: NULL, or why it cannot. */
const char *correct_print_iort(const struct table *table, struct sight *sight, FILE *file, unsigned int *count);

/*
 * The corrected table's source, for `dtc` (an overlay) or `iasl`; the caller frees it. NULL: `why` says why there is
 * none.
 */
char *correct_source(const struct table *table, const json_t *report, json_t **left_out, unsigned int *count,
		     const char **why);

#endif
