/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_PEOPLE_H
#define INSPECT_PEOPLE_H

#include <stdio.h>

#include "table.h"

/* Prints a table per instance, what is reserved, and what was found wrong, on stdout. */
void people_print(const struct table *table);

/* One line: what is in the table, or (`why` not NULL) why it is refused. */
void people_print_line(const struct table *table, const char *why);

/* Prints a text of a table; a byte that is neither ASCII nor printable becomes \xNN. */
void people_print_text(const char *text);
void people_print_text_to(FILE *file, const char *text);

#endif
