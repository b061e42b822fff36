/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_JSON_H
#define INSPECT_JSON_H

#include <jansson.h>

#include "table.h"

/* All that the table says; the caller owns it. */
json_t *json_of_table(const struct table *table);

/* Its warnings; the caller owns the list. */
json_t *json_of_findings(const struct table *table);
json_t *json_of_judges(void);
json_t *json_of_warnings(const struct table *table);

/* For a refused table; the caller owns it. */
json_t *json_of_error(const char *why);

/* A byte that is not ASCII becomes its code's character; NULL is null. */
json_t *json_text(const char *text);

/* Prints on one line (many if `pretty`); drops the reference. */
void json_print(json_t *json, bool pretty);

#endif
