/* SPDX-License-Identifier: BSD-2-Clause */
/* Two versions of one table, as a review of the change wants to see it. */
#ifndef INSPECT_DIFF_H
#define INSPECT_DIFF_H

#include <jansson.h>
#include <stdbool.h>

#include "table.h"

/*
 * An object with the lists `added`, `removed` and `changed`; each entry has a `node`, `what` it is of it, and its `old`
 * and `new` words (null where one is not there). Nodes match by path, then by their registers' address. The caller owns
 * it.
 */
json_t *diff_json(const struct table *old, const struct table *new);

/* Adds what appears and goes away of two lists of findings (objects of words) as `findings_new`, `findings_gone`. */
void diff_findings(json_t *diff, const json_t *old, const json_t *new);

/* False: both say the same. */
bool diff_is_any(const json_t *diff);

/* Prints it on stdout. */
void diff_print(const json_t *diff);

#endif
