/* SPDX-License-Identifier: BSD-2-Clause */
/* Log of events. A check claims its own. Reporting frees entries; unclaimed ones fail the run. */
#ifndef CHECKS_EVENTS_H
#define CHECKS_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "checks/checks.h"

#define EVENTS_MAX 1024U
#define EVENTS_OF_STREAM_MAX 64U /* A storm leaves room for other streams. */

struct logged_event {
	unsigned int smmu;
	struct smmuv3_event event;
	unsigned int count; /* Equal events (page, access) of one turn: devices retry word by word. */
	bool expected;
};

/* Called with LOCK_RANK_EVENT_LOG held. */
typedef bool event_match(const struct logged_event *logged, const void *wanted);

/* For smmuv3_config.on_event: any core, any context. */
void events_log(struct smmuv3 *smmu, const struct smmuv3_event *event);

/*
 * Drains the event queue of every READY instance.
 *
 * Return:      events so far, repeated and lost ones too
 * Context:     any core that may take LOCK_RANK_INSTANCE.
 */
unsigned int events_drain(const struct bringup *bringup);

/* In words; a build without them says so. Any core. */
const char *events_cause_of(const struct smmuv3_event *event);

/*
 * Drains, then begins a turn: later events get entries of their own.
 *
 * Return:      the next entry's number, where a later search begins
 * Context:     boot core.
 */
unsigned int events_mark(const struct bringup *bringup);

/*
 * Search, from mark `since`, events neither claimed nor reported; events_claim() claims them.
 *
 * Return:      matching events, repetitions included; `first` (or NULL) gets the first
 * Context:     any core.
 */
unsigned int events_find(unsigned int since, event_match *matches, const void *wanted, struct logged_event *first);
unsigned int events_claim(unsigned int since, event_match *matches, const void *wanted, struct logged_event *first);

/* Matching events in the log, claimed or not, with repetitions. Any core. */
unsigned int events_count(event_match *matches, const void *wanted);

/* Records all and empties the log; counts and prints unclaimed events. Boot core. */
void events_report(struct bringup *bringup);

/* Events without an entry. */
unsigned int events_lost(void);

#endif
