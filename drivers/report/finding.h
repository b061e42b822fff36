/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run found wrong, kept until its end: there it is listed once more, worst first, for a person whose screen has
 * long scrolled past it.
 */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#define FINDINGS_MAX 32U   /* With words of their own; more are counted. */
#define FINDINGS_LISTED 9U /* They fit a screen of 24 lines. */
#define FINDING_TEXT_SIZE 160U
#define FINDING_ADVICE_SIZE 384U

enum finding_severity { FINDING_NOTE, FINDING_WARNING, FINDING_ERROR };

/*
 * Keeps a finding. `id` is its kind, `place` the object that it is about: both outlive the run. `text` and `advice`
 * (NULL for none) are copied, and cut where they are too long. One of a kind and place that is there already is counted
 * with it. Boot core; no lock.
 */
void finding_add(const char *id, enum finding_severity severity, const char *place, const char *text,
		 const char *advice);

/*
 * The worst finding of a run that fails, the first of them.
 *
 * Return:      its place; NULL where no error was found.
 */
const char *finding_worst(void);

/*
 * Lists the findings in words at any log level, worst first, with a `finding` record for each that is numbered. Boot
 * core, once.
 */
void findings_report(void);

/* Forgets all of them: for a test. */
void findings_forget(void);

#endif
