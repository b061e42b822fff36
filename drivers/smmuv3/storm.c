/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds streams with too many events in a second, and ends that. Counts sixteen; an event of a seventeenth takes one
 * off each (Misra-Gries): a stream with over a seventeenth of all events is found, and never charged with another's.
 * Every eighth event counts for `all`, anew after a stream is found.
 */
#include <errno.h>
#include <stddef.h>

#include "smmuv3/private.h"

#define EVENTS_FOR_ALL (SMMUV3_STORM_EVENTS_OF_ALL / SMMUV3_STORM_EVENTS)

static void storm_expire(struct smmuv3_storm_counter *counter, uint64_t now)
{
	if (now - counter->began > arch_tick_hz()) {
		counter->count = 0;
	}
}

/* Its own, or a free one, or NULL. */
static struct smmuv3_storm_counter *storm_counter_of(struct smmuv3_storm *storm, uint32_t sid, uint64_t now)
{
	struct smmuv3_storm_counter *found = NULL;

	for (struct smmuv3_storm_counter *counter = storm->stream; counter < storm->stream + SMMUV3_STORM_STREAMS;
	     counter++) {
		storm_expire(counter, now);
		if (counter->count && counter->sid == sid) {
			return counter;
		}
		found = found || counter->count ? found : counter;
	}
	return found;
}

/* True once for each storm: its queued events still come. */
static bool storm_has_reached_its_bound(struct smmuv3_storm_counter *counter, uint64_t now)
{
	if (!counter->count) {
		counter->began = now;
	}
	return ++counter->count == SMMUV3_STORM_EVENTS;
}

struct smmuv3_storm_counter *smmuv3_storm_count(struct smmuv3_storm *storm, uint32_t sid)
{
	uint64_t now = arch_ticks();
	struct smmuv3_storm_counter *counter = storm_counter_of(storm, sid, now);

	if (counter) {
		counter->sid = sid;
		if (storm_has_reached_its_bound(counter, now)) {
			storm->all.count = 0;
			return counter;
		}
		/* Reported already. */
		if (counter->count > SMMUV3_STORM_EVENTS) {
			return NULL;
		}
	}
	for (unsigned int i = 0; !counter && i < SMMUV3_STORM_STREAMS; i++) {
		storm->stream[i].count--;
	}
	if (++storm->events % EVENTS_FOR_ALL) {
		return NULL;
	}
	storm_expire(&storm->all, now);
	return storm_has_reached_its_bound(&storm->all, now) ? &storm->all : NULL;
}

/* The next event that is counted there reports the storm again. */
static void storm_recount(struct smmuv3_storm_counter *counter)
{
	if (counter->count >= SMMUV3_STORM_EVENTS) {
		counter->count = SMMUV3_STORM_EVENTS - 1;
	}
}

static void storm_postpone(struct smmuv3 *smmu, struct smmuv3_storm_counter *storm)
{
	uint32_t saved = lock(&smmu->evtq_lock);

	storm_recount(storm);
	unlock(&smmu->evtq_lock, saved);
}

static void storm_tell(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end)
{
	bool silenced = end == SMMUV3_STORM_SILENCED;
	uint32_t saved = lock(&smmu->evtq_lock);

	smmu->counts.silenced_streams += silenced;
	smmu->counts.unsilenced_storms += !silenced;
	unlock(&smmu->evtq_lock, saved);
	if (smmu->on_storm) {
		smmu->on_storm(smmu, sid, end);
	}
}

/*
 * Silences the stream until it is attached again. A stream that can have no STE is silent only with CR2.RECINVSID = 0,
 * which needs SMMUEN = 0 (6.3.12) and stops every master: this turns the event interrupt off instead.
 */
static int storm_silence(struct smmuv3 *smmu, const struct smmuv3_storm_counter *storm, uint32_t sid)
{
	int error;

	if (!smmuv3_try_change(smmu)) {
		return -EIO;
	}
	smmu->table.changes++;
	error = storm == &smmu->storm.all ? -ERANGE : smmuv3_silence(smmu, sid);
	if (error && error != -EIO) {
		(void)smmuv3_write_irq_ctrl(smmu, smmu->irq_ctrl & ~IRQ_CTRL_EVENTQ);
	}
	smmuv3_end_change(smmu);
	return error;
}

/*
 * -EIO: the interrupted core may be changing the table, or a provoked error blocks commands. The next event tries
 * again.
 */
void smmuv3_end_storm(struct smmuv3 *smmu, struct smmuv3_storm_counter *storm, uint32_t sid)
{
	int error = storm_silence(smmu, storm, sid);

	if (error == -EIO) {
		storm_postpone(smmu, storm);
	} else {
		storm_tell(smmu, sid,
			   storm == &smmu->storm.all ? SMMUV3_STORM_OF_MANY : (enum smmuv3_storm_end) !error);
	}
}
