/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds streams with too many events in a second. Four are counted; an event of a fifth takes one off each
 * (Misra-Gries): a stream with over a fifth of all events is found, and never charged with another's.
 */
#include <stddef.h>

#include "smmuv3/private.h"

static unsigned int place_of(struct smmuv3_storm *storm, uint32_t sid, uint64_t now)
{
	unsigned int place = SMMUV3_STORM_STREAMS;

	for (unsigned int i = SMMUV3_STORM_STREAMS; i-- > 0;) {
		if (now - storm->stream[i].began > arch_tick_hz()) {
			storm->stream[i].count = 0;
		}
		if (storm->stream[i].count && storm->stream[i].sid == sid) {
			return i;
		}
		place = storm->stream[i].count ? place : i;
	}
	return place;
}

bool smmuv3_storm_count(struct smmuv3_storm *storm, uint32_t sid)
{
	uint64_t now = arch_ticks();
	unsigned int place = place_of(storm, sid, now);

	for (unsigned int i = 0; place == SMMUV3_STORM_STREAMS && i < SMMUV3_STORM_STREAMS; i++) {
		storm->stream[i].count--;
	}
	if (place == SMMUV3_STORM_STREAMS) {
		return false;
	}
	if (!storm->stream[place].count) {
		storm->stream[place].sid = sid;
		storm->stream[place].began = now;
	}
	storm->stream[place].count++;
	/* Once for each storm: its queued events still come. */
	return storm->stream[place].count == SMMUV3_STORM_EVENTS;
}

void smmuv3_storm_recount(struct smmuv3_storm *storm, uint32_t sid)
{
	for (unsigned int i = 0; i < SMMUV3_STORM_STREAMS; i++) {
		if (storm->stream[i].sid == sid && storm->stream[i].count >= SMMUV3_STORM_EVENTS) {
			storm->stream[i].count = SMMUV3_STORM_EVENTS - 1;
		}
	}
}
