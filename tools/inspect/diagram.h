/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_DIAGRAM_H
#define INSPECT_DIAGRAM_H

#include <jansson.h>
#include <stdio.h>

#include "table.h"

/*
 * Writes a graph of instances, hosts, masters and stream ranges in Graphviz's language. `differences` from another
 * table, a list of objects with a subject and a detail, become a note; it may be NULL.
 */
void diagram_dot(const struct table *table, const json_t *differences, FILE *file);

/*
 * Writes the same as SVG to stdout; Graphviz's `dot` draws it.
 * Return:      0          drawn
 *              -1         not drawn; a line on stderr says why
 */
int diagram_svg(const struct table *table, const json_t *differences);

#endif
