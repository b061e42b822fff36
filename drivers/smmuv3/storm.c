/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds streams with too many events in a second. Sixteen are counted; an event of a seventeenth takes one off each
 * (Misra-Gries): a stream with over a seventeenth of all events is found, and never charged with another's. Each eighth
 * of all events counts for `all`, from the last stream that was found.
 */
#include <stddef.h>

#include "smmuv3/private.h"

#define EVENTS_FOR_ALL (SMMUV3_STORM_EVENTS_OF_ALL / SMMUV3_STORM_EVENTS)

static void storm_expire(struct smmuv3_storm_place *place, uint64_t now)
{
	if (now - place->began > arch_tick_hz()) {
		place->count = 0;
	}
}

/* Its own, or a free one, or NULL. */
static struct smmuv3_storm_place *storm_place_of(struct smmuv3_storm *storm, uint32_t sid, uint64_t now)
{
	struct smmuv3_storm_place *found = NULL;

	for (struct smmuv3_storm_place *place = storm->stream; place < storm->stream + SMMUV3_STORM_STREAMS; place++) {
		storm_expire(place, now);
		if (place->count && place->sid == sid) {
			return place;
		}
		found = found || place->count ? found : place;
	}
	return found;
}

/* True once for each storm: its queued events still come. */
static bool storm_has_reached_its_bound(struct smmuv3_storm_place *place, uint64_t now)
{
	if (!place->count) {
		place->began = now;
	}
	return ++place->count == SMMUV3_STORM_EVENTS;
}

struct smmuv3_storm_place *smmuv3_storm_count(struct smmuv3_storm *storm, uint32_t sid)
{
	uint64_t now = arch_ticks();
	struct smmuv3_storm_place *place = storm_place_of(storm, sid, now);

	if (place) {
		place->sid = sid;
		if (storm_has_reached_its_bound(place, now)) {
			storm->all.count = 0;
			return place;
		}
		/* Told already: not one of many. */
		if (place->count > SMMUV3_STORM_EVENTS) {
			return NULL;
		}
	}
	for (unsigned int i = 0; !place && i < SMMUV3_STORM_STREAMS; i++) {
		storm->stream[i].count--;
	}
	if (++storm->events % EVENTS_FOR_ALL) {
		return NULL;
	}
	storm_expire(&storm->all, now);
	return storm_has_reached_its_bound(&storm->all, now) ? &storm->all : NULL;
}

void smmuv3_storm_recount(struct smmuv3_storm_place *place)
{
	if (place->count >= SMMUV3_STORM_EVENTS) {
		place->count = SMMUV3_STORM_EVENTS - 1;
	}
}
