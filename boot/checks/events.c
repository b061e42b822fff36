/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/events.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/feature.h"
#include "base/timeline.h"
#include "checks/explained.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

#define PAGE_MASK (~(PAGE_SIZE - 1ULL))

OPTIONAL(explained_walk);
OPTIONAL(smmuv3_event_cause);
OPTIONAL(timeline_note);

static struct lock log_lock = LOCK_INIT(LOCK_RANK_EVENT_LOG);
/* By running number; [first, end) are in the log. */
static struct {
	const struct master *master; /* As of the last mark. */
	unsigned int master_count;
	struct logged_event event[EVENTS_MAX];
	unsigned int first;
	unsigned int end;
	unsigned int mark; /* Earlier entries are of earlier turns. */
	unsigned int total;
	unsigned int lost;
} events;

static struct logged_event *entry(unsigned int number)
{
	return &events.event[number % EVENTS_MAX];
}

static bool events_say_the_same(const struct smmuv3_event *a, const struct smmuv3_event *b)
{
	if (a->code != b->code || a->has_access != b->has_access) {
		return false;
	}
	return !a->has_access || (a->write == b->write && !((a->address ^ b->address) & PAGE_MASK));
}

static bool is_driven(const struct iommu_instance *iommu, uint32_t sid)
{
	for (unsigned int i = 0; i < events.master_count; i++) {
		if (events.master[i].page[0] && iommu_master_emits(&events.master[i].iommu, iommu, sid, sid)) {
			return true;
		}
	}
	return false;
}

/* Half of the log is for streams of trials. */
static bool events_have_room(unsigned int of_stream, const struct iommu_instance *iommu, uint32_t sid)
{
	unsigned int used = events.end - events.first;

	return of_stream < EVENTS_OF_STREAM_MAX &&
	       (used < EVENTS_MAX / 2 || (used < EVENTS_MAX && is_driven(iommu, sid)));
}

/* Lock held. Counts an event like one of this turn. */
static void events_enter(const struct iommu_instance *iommu, const struct smmuv3_event *event)
{
	unsigned int of_stream = 0;

	for (unsigned int number = events.end; number != events.first; number--) {
		struct logged_event *logged = entry(number - 1);

		if (logged->smmu != iommu->index || logged->event.sid != event->sid) {
			continue;
		}
		if ((int)(number - events.mark) > 0 && events_say_the_same(&logged->event, event)) {
			logged->count++;
			return;
		}
		of_stream++;
	}
	if (events_have_room(of_stream, iommu, event->sid)) {
		*entry(events.end++) = (struct logged_event){.smmu = iommu->index, .event = *event, .count = 1};
		if (is_linked(timeline_note)) {
			timeline_note(TIMELINE_EVENT, iommu->name);
		}
	} else {
		events.lost++;
	}
}

void events_log(struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	uint32_t saved = lock(&log_lock);

	events_enter(smmuv3_iommu(smmu), event);
	events.total++;
	unlock(&log_lock, saved);
}

unsigned int events_drain(const struct bringup *bringup)
{
	unsigned int total;
	uint32_t saved;

	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (iommu_state(smmuv3_iommu(bringup->smmu[i])) == IOMMU_READY) {
			smmuv3_poll_events(bringup->smmu[i]);
		}
	}
	saved = lock(&log_lock);
	total = events.total;
	unlock(&log_lock, saved);
	return total;
}

unsigned int events_mark(const struct bringup *bringup)
{
	unsigned int mark;
	uint32_t saved;

	(void)events_drain(bringup);
	saved = lock(&log_lock);
	events.master = bringup->master;
	events.master_count = bringup->master_count;
	mark = events.mark = events.end;
	unlock(&log_lock, saved);
	return mark;
}

static unsigned int events_look(unsigned int since, event_match *matches, const void *wanted,
				struct logged_event *first, bool claim)
{
	unsigned int count = 0;
	uint32_t saved = lock(&log_lock);
	unsigned int number = (int)(since - events.first) < 0 ? events.first : since;

	for (; number != events.end; number++) {
		struct logged_event *logged = entry(number);

		if (logged->expected || !matches(logged, wanted)) {
			continue;
		}
		if (first && !count) {
			*first = *logged;
		}
		count += logged->count;
		logged->expected = claim;
	}
	unlock(&log_lock, saved);
	return count;
}

unsigned int events_find(unsigned int since, event_match *matches, const void *wanted, struct logged_event *first)
{
	return events_look(since, matches, wanted, first, false);
}

unsigned int events_claim(unsigned int since, event_match *matches, const void *wanted, struct logged_event *first)
{
	return events_look(since, matches, wanted, first, true);
}

unsigned int events_count(event_match *matches, const void *wanted)
{
	unsigned int count = 0;
	uint32_t saved = lock(&log_lock);

	for (unsigned int number = events.first; number != events.end; number++) {
		count += matches(entry(number), wanted) ? entry(number)->count : 0;
	}
	unlock(&log_lock, saved);
	return count;
}

const char *events_cause_of(const struct smmuv3_event *event)
{
	return is_linked(smmuv3_event_cause) ? smmuv3_event_cause(event->code) :
					       "this build has no words for it: IHI 0070, 7.3";
}

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

/* By the tables; a sentence, or "". */
static void explain_unexpected(const struct bringup *bringup, const struct logged_event *logged, struct record *record,
			       char *sentence)
{
	const struct smmuv3_event *event = &logged->event;
	const struct explain_access access = {.sid = event->sid,
					      .has_ssid = event->has_ssid,
					      .ssid = event->ssid,
					      .address = event->has_access ? event->address : 0,
					      .write = event->has_access && event->write,
					      .privileged = event->privileged,
					      .instruction = event->instruction};

	explained_walk(bringup, logged->smmu, &access, record, sentence);
}

static void record_event(struct bringup *bringup, const struct logged_event *logged)
{
	const struct smmuv3_event *event = &logged->event;
	const char *cause = events_cause_of(event);
	const struct iommu_master *master =
		iommu_master_of(bringup->core, smmuv3_iommu(bringup->smmu[logged->smmu]), event->sid);
	char sentence[EXPLAIN_TEXT_SIZE];
	struct record record;

	sentence[0] = '\0';
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
	record_string(&record, "cause", cause);
	if (!logged->expected && is_linked(explained_walk)) {
		explain_unexpected(bringup, logged, &record, sentence);
	}
	record_end(&record);
	if (!logged->expected) {
		const char *place = master ? master->name : bringup->smmu_name[logged->smmu];

		bringup->tally.unexpected = bringup->tally.unexpected_events++ ? bringup->tally.unexpected : place;
		finding_add(smmuv3_event_name(event->code), FINDING_ERROR, place, cause,
			    is_linked(explained_walk) && sentence[0] ? sentence : NULL);
		print("  unexpected: %s reports %s for stream 0x%" PRIx32 " (%s): %s\n",
		      bringup->smmu_name[logged->smmu], smmuv3_event_name(event->code), event->sid,
		      master ? master->name : "no master's", cause);
	}
}

static bool events_take(unsigned int end, struct logged_event *oldest)
{
	uint32_t saved = lock(&log_lock);
	bool any = events.first != end;

	if (any) {
		*oldest = *entry(events.first++);
	}
	unlock(&log_lock, saved);
	return any;
}

void events_report(struct bringup *bringup)
{
	unsigned int end = events_mark(bringup);
	struct logged_event oldest;

	while (events_take(end, &oldest)) {
		record_event(bringup, &oldest);
	}
}

unsigned int events_lost(void)
{
	return events.lost;
}
