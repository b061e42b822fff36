/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log of the instances' events. A check claims the events that its trial was to lead to; an event that no check has
 * claimed when the log is reported was not expected, and fails the run. A reported event gives its place back.
 */
#ifndef CHECKS_EVENTS_H
#define CHECKS_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "checks/checks.h"

#define EVENTS_MAX 1024U	 /* Places in the log. */
#define EVENTS_OF_STREAM_MAX 64U /* Places that one stream may take: one that storms leaves room for the others. */

struct logged_event {
	unsigned int smmu;
	struct smmuv3_event event;
	unsigned int count; /* A stopped DMA may be tried again word by word: once in the log for each page and turn. */
	bool expected;
};

/* Whether this event is one of those that `wanted` stands for. Called with LOCK_RANK_EVENT_LOG held. */
typedef bool event_match(const struct logged_event *logged, const void *wanted);

/* smmuv3.on_event: any core, any context. */
void events_log(struct smmuv3 *smmu, const struct smmuv3_event *event);

/*
 * Takes what is in the event queue of every READY instance.
 *
 * Return:      how many events there have been, each repetition and each lost one counted: unchanged, none came
 * Context:     any core that may take LOCK_RANK_INSTANCE
 */
unsigned int events_drain(const struct bringup *bringup);

/*
 * Drains, and begins a turn: what comes from now on has an entry of its own.
 *
 * Return:      the number of the next entry: where a later search begins
 * Context:     boot core
 */
unsigned int events_mark(const struct bringup *bringup);

/*
 * Looks through what was logged since the mark `since` and is neither claimed nor reported. events_claim() claims what
 * it finds: a check has provoked it.
 *
 * Return:      how many events match, repetitions counted; the first is copied to `first`, which may be NULL
 * Context:     any core
 */
unsigned int events_find(unsigned int since, event_match *matches, const void *wanted, struct logged_event *first);
unsigned int events_claim(unsigned int since, event_match *matches, const void *wanted, struct logged_event *first);

/*
 * Makes a record of each event in the log, and empties it. Counts the events that no check has claimed, and says them
 * in words. Boot core.
 */
void events_report(struct bringup *bringup);

/* Events that found no room in the log. */
unsigned int events_lost(void);

#endif
