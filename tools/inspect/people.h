/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_PEOPLE_H
#define INSPECT_PEOPLE_H

#include <stdio.h>

#include "table.h"

/* Prints instances, reservations and findings on stdout. */
void people_print(const struct table *table);

/* Its findings alone; or "No findings", and what was looked at. */
void people_print_findings(const struct table *table);

/* One line: the contents or, unless NULL, `why` it is refused. */
void people_print_line(const struct table *table, const char *why);

/* A byte that is not printable ASCII becomes \xNN. */
void people_print_text(const char *text);
void people_print_text_to(FILE *file, const char *text);

#endif
