/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_DIAGRAM_H
#define INSPECT_DIAGRAM_H

#include <jansson.h>
#include <stdio.h>

#include "table.h"

/* Writes a Graphviz graph. `differences` (or NULL), objects with subject and detail, become a note. */
void diagram_dot(const struct table *table, const json_t *differences, FILE *file);

/*
 * Writes it as SVG, drawn by `dot`, to stdout.
 * Return:      0          drawn
 *              -1         not drawn; stderr says why
 */
int diagram_svg(const struct table *table, const json_t *differences);

#endif
