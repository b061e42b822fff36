/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECKS_PENDING_H
#define CHECKS_PENDING_H

#include "checks/checks.h"

#define PENDING_LISTED 8U /* In words, at the end of a run. */

/*
 * Who waits for whom, and why: a line for each client that is deferred, queued or being bound, oldest first, the first
 * `most` of them, and a record `pending` of each. Clients that other cores bind meanwhile may be missed.
 *
 * Return:      how many wait
 * Context:     any core, with a rank below LOCK_RANK_CONSOLE, or as the owner of the console; reads alone.
 */
unsigned int pending_report(const struct bringup *bringup, unsigned int most);

#endif
