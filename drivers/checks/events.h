/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Log of events. A check claims the events it provoked; an event not claimed when it is reported fails the run.
 * Reporting frees its entry.
 */
#ifndef CHECKS_EVENTS_H
#define CHECKS_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "checks/checks.h"

#define EVENTS_MAX 1024U	 /* Entries. */
#define EVENTS_OF_STREAM_MAX 64U /* Entries for one stream: a storm leaves room for other streams. */

struct logged_event {
	unsigned int smmu;
	struct smmuv3_event event;
	unsigned int count; /* Equal events (page, access) in one turn share an entry: a stopped DMA may be retried word
			       by word. */
	bool expected;
};

/* Does `logged` match `wanted`? LOCK_RANK_EVENT_LOG is held. */
typedef bool event_match(const struct logged_event *logged, const void *wanted);

/* For smmuv3_config.on_event: any core, any context. */
void events_log(struct smmuv3 *smmu, const struct smmuv3_event *event);

/*
 * Drains the event queue of every READY instance.
 *
 * Return:      the number of events so far, repeated and lost ones included
 * Context:     any core that may take LOCK_RANK_INSTANCE.
 */
unsigned int events_drain(const struct bringup *bringup);

/*
 * Drains, then begins a turn: later events get entries of their own.
 *
 * Return:      the number of the next entry, where a later search begins
 * Context:     boot core.
 */
unsigned int events_mark(const struct bringup *bringup);

/*
 * Search entries from mark `since` that are neither claimed nor reported; events_claim() also claims the matches.
 *
 * Return:      matching events, repetitions included; the first is copied to `first` (may be NULL)
 * Context:     any core.
 */
unsigned int events_find(unsigned int since, event_match *matches, const void *wanted, struct logged_event *first);
unsigned int events_claim(unsigned int since, event_match *matches, const void *wanted, struct logged_event *first);

/* Writes a record for each entry and empties the log; unclaimed events are counted and printed. Boot core. */
void events_report(struct bringup *bringup);

/* Events that found no entry. */
unsigned int events_lost(void);

#endif
