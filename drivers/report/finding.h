/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#define FINDINGS_MAX 32U   /* Then worse ones replace milder ones. */
#define FINDINGS_LISTED 9U /* In words: they fit 24 lines. */
#define FINDING_TEXT_SIZE 256U
#define FINDING_ADVICE_SIZE 384U

enum finding_severity { FINDING_NOTE, FINDING_WARNING, FINDING_ERROR };

/*
 * Adds a finding, or counts it again. `id` and `place` must outlive the run; `text` and `advice` (or NULL) are copied
 * and truncated. Boot core.
 */
void finding_add(const char *id, enum finding_severity severity, const char *place, const char *text,
		 const char *advice);

/* Prints the first findings, worst first, at any log level, and a `finding` record of each. Boot core, once. */
void findings_report(void);

/* Prints those so far in words, worst first, at any log level; false: there is none. Boot core. */
bool findings_say(void);

/* For tests. */
void findings_forget(void);

#endif
