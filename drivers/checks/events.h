/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log of the instances' events. A check that provokes one claims it; what nobody has claimed when the log is
 * reported was not expected, and fails the run.
 */
#ifndef CHECKS_EVENTS_H
#define CHECKS_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "checks/checks.h"

#define EVENTS_MAX 1024U

struct logged_event {
	unsigned int smmu;
	struct smmuv3_event event;
	unsigned int count; /* A stopped DMA may be tried again word by word: once in the log for each page and turn. */
	bool expected;
	bool reported;
};

/* smmuv3.on_event: any core, any context. */
void events_log(struct smmuv3 *smmu, const struct smmuv3_event *event);

/* How many have been logged: where a later search begins. Drains every instance's queue first. */
unsigned int events_mark(struct bringup *bringup);

/*
 * Claims every event of {smmu, sid} logged since the mark; returns the first of them, or NULL.
 */
const struct logged_event *events_claim(unsigned int since, unsigned int smmu, uint32_t sid);

/*
 * The first event since the mark that nobody has claimed and whose stream belongs to no master, or to one that nobody
 * drives; claimed now, with the others of its stream; or NULL.
 */
const struct logged_event *events_claim_stranger(const struct bringup *bringup, unsigned int since);

/*
 * The first unclaimed event since the mark that names this page, of whichever instance and stream; or NULL. Claimed
 * now, with what the same DMA left besides: all events of that stream and page.
 */
const struct logged_event *events_claim_page(unsigned int since, uint64_t address);

/* Records for all events that have not been reported yet; counts the ones that nobody expected, and says them in words.
 */
void events_report(struct bringup *bringup);

/* Events that found no room in the log. */
unsigned int events_lost(void);

#endif
