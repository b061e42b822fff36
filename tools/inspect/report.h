/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's records, in a report or in a console's log with other lines. */
#ifndef INSPECT_REPORT_H
#define INSPECT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The list of the records in a file (TABLE_STDIN: standard input), which the caller owns; NULL: `why` says why there
 * is none.
 */
json_t *report_read(const char *path, const char **why);

/* "" if it has no such text. */
const char *report_text(const json_t *record, const char *key);

/* A hexadecimal text; false: it is none. */
bool report_hex(const json_t *record, const char *key, uint64_t *value);

#endif
