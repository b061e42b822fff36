/* SPDX-License-Identifier: BSD-2-Clause */
/* What a log's events mean by a table: whose stream, what the SMMU stopped, the likely cause, where to look. */
#ifndef INSPECT_EVENT_H
#define INSPECT_EVENT_H

#include <jansson.h>
#include <stdio.h>

#include "findings/traits.h"
#include "firmware/description.h"
#include "log.h"

/* What is asked for the answer. */
struct event_context {
	const struct description *description;
	const struct traits *traits; /* Or NULL. */
	const json_t *findings;	     /* The table's, as json_of_findings() has them, or NULL. */
};

/* Sums by SMMU, code and stream, in the order of the log; the caller owns it. NULL: no memory. */
json_t *event_json(const struct event_context *context, const struct log *log);

/* Prints what event_json() made. */
void event_print(const json_t *events);

/*
 * Reads `source`: TABLE_STDIN, a file, or else the text itself.
 *
 * Return:      NULL       read
 *              else       why not
 * State left:  log_free() is due in both cases.
 */
const char *event_read(struct log *log, const char *source);

#endif
