/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_DIAGRAM_H
#define INSPECT_DIAGRAM_H

#include <jansson.h>
#include <stdio.h>

#include "table.h"

/*
 * A graph of instances, hosts, masters and stream ranges, in Graphviz's language; with a note of the `differences` from
 * another table, a list of objects with a subject and a detail, or NULL.
 */
void diagram_dot(const struct table *table, const json_t *differences, FILE *file);

/* The same as SVG on stdout, drawn by Graphviz's `dot`. 0, or -1 with a line on stderr. */
int diagram_svg(const struct table *table, const json_t *differences);

#endif
