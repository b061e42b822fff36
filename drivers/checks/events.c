/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/events.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/arena.h"
#include "report/print.h"
#include "report/record.h"

static struct lock log_lock = LOCK_INIT(LOCK_RANK_EVENT_LOG);
static struct {
	struct logged_event event[EVENTS_MAX];
	unsigned int count;
	unsigned int mark; /* What is before it may have been looked at already. */
	unsigned int lost;
} events;

static bool is_same_page(const struct smmuv3_event *a, const struct smmuv3_event *b)
{
	return a->has_access && b->has_access && a->write == b->write &&
	       !((a->address ^ b->address) & ~(PAGE_SIZE - 1ULL));
}

/* The last event of the turn, where this one says the same of the same page; else NULL. */
static struct logged_event *same_as_last(const struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	struct logged_event *last = events.count > events.mark ? &events.event[events.count - 1] : NULL;

	if (!last || last->smmu != smmu->iommu.index || last->event.code != event->code ||
	    last->event.sid != event->sid || !is_same_page(&last->event, event)) {
		return NULL;
	}
	return last;
}

void events_log(struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	uint32_t saved = lock(&log_lock);
	struct logged_event *same = same_as_last(smmu, event);

	if (same) {
		same->count++;
	} else if (events.count < EVENTS_MAX) {
		events.event[events.count] =
			(struct logged_event){.smmu = smmu->iommu.index, .event = *event, .count = 1};
		events.count++;
	} else {
		events.lost++;
	}
	unlock(&log_lock, saved);
}

unsigned int events_mark(struct bringup *bringup)
{
	unsigned int count;
	uint32_t saved;

	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (iommu_state(&bringup->smmu[i].iommu) == IOMMU_READY) {
			smmuv3_poll_events(&bringup->smmu[i]);
		}
	}
	saved = lock(&log_lock);
	count = events.count;
	events.mark = count;
	unlock(&log_lock, saved);
	return count;
}

const struct logged_event *events_claim(unsigned int since, unsigned int smmu, uint32_t sid)
{
	const struct logged_event *first = NULL;
	uint32_t saved = lock(&log_lock);

	for (unsigned int i = since; i < events.count; i++) {
		struct logged_event *logged = &events.event[i];

		if (logged->smmu == smmu && logged->event.sid == sid) {
			logged->expected = true;
			first = first ? first : logged;
		}
	}
	unlock(&log_lock, saved);
	return first;
}

static bool is_driven(const struct bringup *bringup, const struct logged_event *logged)
{
	const struct iommu_master *iommu =
		iommu_master_of(bringup->core, &bringup->smmu[logged->smmu].iommu, logged->event.sid);

	for (unsigned int i = 0; iommu && i < bringup->master_count; i++) {
		if (&bringup->master[i].iommu == iommu) {
			return bringup->master[i].driver;
		}
	}
	return false;
}

const struct logged_event *events_claim_stranger(const struct bringup *bringup, unsigned int since)
{
	const struct logged_event *found = NULL;
	uint32_t saved = lock(&log_lock);

	for (unsigned int i = since; i < events.count; i++) {
		struct logged_event *logged = &events.event[i];

		if (!found && !logged->expected && !is_driven(bringup, logged)) {
			found = logged;
		}
		if (found && logged->smmu == found->smmu && logged->event.sid == found->event.sid) {
			logged->expected = true;
		}
	}
	unlock(&log_lock, saved);
	return found;
}

const struct logged_event *events_claim_page(unsigned int since, uint64_t address)
{
	const struct logged_event *found = NULL;
	uint32_t saved = lock(&log_lock);

	for (unsigned int i = since; i < events.count; i++) {
		struct logged_event *logged = &events.event[i];

		if (logged->expected || !logged->event.has_access ||
		    (logged->event.address ^ address) & ~(PAGE_SIZE - 1ULL)) {
			continue;
		}
		found = found ? found : logged;
		logged->expected = logged->smmu == found->smmu && logged->event.sid == found->event.sid;
	}
	unlock(&log_lock, saved);
	return found;
}

/* What a person looks at next: which stage's tables, or where the structure is that could not be read. */
static void record_place(struct record *record, const struct smmuv3_event *event)
{
	if (event->code >= F_TRANSLATION && event->code <= F_PERMISSION) {
		record_count(record, "stage", event->stage2 ? 2 : 1);
	} else {
		record_null(record, "stage");
	}
	if (event->code == F_STE_FETCH || event->code == F_CD_FETCH || event->code == F_WALK_EABT) {
		record_hex(record, "fetch_address", event->fetch_address);
	} else {
		record_null(record, "fetch_address");
	}
}

static void record_event(struct bringup *bringup, const struct logged_event *logged)
{
	const struct smmuv3_event *event = &logged->event;
	const struct iommu_master *master =
		iommu_master_of(bringup->core, &bringup->smmu[logged->smmu].iommu, event->sid);
	struct record record;

	record_begin(&record, "event");
	record_string(&record, "instance", bringup->smmu_name[logged->smmu]);
	record_hex(&record, "code", event->code);
	record_string(&record, "name", smmuv3_event_name(event->code));
	record_hex(&record, "sid", event->sid);
	record_string(&record, "master", master ? master->name : NULL);
	if (event->has_access) {
		record_hex(&record, "address", event->address);
		record_string(&record, "access", event->write ? "write" : "read");
	} else {
		record_null(&record, "address");
		record_null(&record, "access");
	}
	record_bool(&record, "expected", logged->expected);
	record_count(&record, "count", logged->count);
	record_place(&record, event);
	record_string(&record, "cause", smmuv3_event_cause(event->code));
	record_end(&record);
	if (!logged->expected) {
		print("  unexpected: %s reports %s for stream 0x%" PRIx32 " (%s): %s\n",
		      bringup->smmu_name[logged->smmu], smmuv3_event_name(event->code), event->sid,
		      master ? master->name : "nobody's", smmuv3_event_cause(event->code));
	}
}

void events_report(struct bringup *bringup)
{
	unsigned int count = events_mark(bringup);

	for (unsigned int i = 0; i < count; i++) {
		if (!events.event[i].reported) {
			events.event[i].reported = true;
			record_event(bringup, &events.event[i]);
			bringup->tally.unexpected_events += !events.event[i].expected;
		}
	}
}

unsigned int events_lost(void)
{
	return events.lost;
}
