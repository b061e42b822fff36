/* SPDX-License-Identifier: BSD-2-Clause */
/* A table judged by what a run of the firmware saw. */
#ifndef INSPECT_SEEN_H
#define INSPECT_SEEN_H

#include <jansson.h>

#include "table.h"

/* Judges the table again, by a report's ID registers, and adds where streams came out. Return: NULL, or why not. */
const char *seen_judge(struct table *table, const json_t *report);

#endif
