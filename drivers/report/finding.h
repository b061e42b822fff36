/* SPDX-License-Identifier: BSD-2-Clause */
/* Collects what a run found wrong and lists it at the end, worst first. */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#define FINDINGS_MAX 32U   /* More are only counted. */
#define FINDINGS_LISTED 9U /* They fit a screen of 24 lines. */
#define FINDING_TEXT_SIZE 160U
#define FINDING_ADVICE_SIZE 384U

enum finding_severity { FINDING_NOTE, FINDING_WARNING, FINDING_ERROR };

/*
 * Adds a finding of kind `id` about `place`; both must outlive the run. `text` and `advice` (may be NULL) are copied
 * and truncated. A repeated id and place is only counted. Boot core; no lock.
 */
void finding_add(const char *id, enum finding_severity severity, const char *place, const char *text,
		 const char *advice);

/* Prints the findings at any log level, worst first, with a `finding` record for each printed one. Boot core, once. */
void findings_report(void);

/* For tests. */
void findings_forget(void);

#endif
