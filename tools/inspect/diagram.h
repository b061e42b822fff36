/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_DIAGRAM_H
#define INSPECT_DIAGRAM_H

#include <stdio.h>

#include "table.h"

/* A graph of instances, hosts, masters and stream ranges, in Graphviz's language. */
void diagram_dot(const struct table *table, FILE *file);

/* The same as SVG on stdout, drawn by Graphviz's `dot`. 0, or -1 with a line on stderr. */
int diagram_svg(const struct table *table);

#endif
