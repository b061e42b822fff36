/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_PEOPLE_H
#define INSPECT_PEOPLE_H

#include <stdio.h>

#include "table.h"

/* A table per instance, what is reserved, what was found wrong: on stdout, for people. */
void people_print(const struct table *table);

/* One line: what is in the table, or (`why` not NULL) why it is refused. */
void people_print_line(const struct table *table, const char *why);

/* A text of a table; what is neither ASCII nor printable is shown as \xNN. */
void people_print_text(const char *text);
void people_print_text_to(FILE *file, const char *text);

#endif
