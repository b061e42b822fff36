/* SPDX-License-Identifier: BSD-2-Clause */
/* What is found, as JSON; and the same for people. */
#ifndef LOOK_REPORT_H
#define LOOK_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "looked.h"

#define REPORT_ENTRIES_MAX 4194304U /* Looked at, of both levels of a stream table, and of translation tables. */

enum command { COMMAND_SUMMARY, COMMAND_STREAMS, COMMAND_WALK, COMMAND_EVENTS, COMMAND_COMMANDS, COMMAND_CHECK };

struct request {
	enum command command;
	struct explain_access access; /* COMMAND_WALK. */
};

/* All that the command asks of one SMMU. */
json_t *report_of(struct looked *looked, const struct request *request);

/* Adds: `what` was found wrong or could not be read. */
void report_print(FILE *file, const json_t *smmu);

#endif
