/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_JSON_H
#define INSPECT_JSON_H

#include <jansson.h>

#include "table.h"

/* One object with all that the table says; the caller owns it. */
json_t *json_of_table(const struct table *table);

/* The warnings of one table as a list; the caller owns it. */
json_t *json_of_warnings(const struct table *table);

/* The object that stands for a refused table; the caller owns it. */
json_t *json_of_error(const char *why);

/* A text of a table as JSON: a byte that is not ASCII becomes the character of its code. NULL is null. */
json_t *json_text(const char *text);

/* Prints it on one line (on many if `pretty`) and gives back the reference to it. */
void json_print(json_t *json, bool pretty);

#endif
