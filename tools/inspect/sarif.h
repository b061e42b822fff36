/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings as SARIF 2.1.0 (OASIS), which code forges and editors show beside a file. */
#ifndef INSPECT_SARIF_H
#define INSPECT_SARIF_H

#include <jansson.h>

#include "table.h"

/* A log of one run; tables are added to it, and json_print() prints it. */
json_t *sarif_new(void);

/* A result for each finding, accepted ones as suppressed. */
void sarif_add(json_t *log, const struct table *table);

/* A file that was refused, and why. */
void sarif_add_refusal(json_t *log, const char *path, const char *why);

#endif
