/* SPDX-License-Identifier: BSD-2-Clause */
/* Event queue (IHI 0070 3.5.2, 7.2). */
#include <stddef.h>

#include "smmuv3/private.h"

/* Frees the core: a turn takes at most one queue's length, or one SYNC's stalls. */
#define TURNS_MAX 64U

/* Left for after the lock's release. */
struct aftermath {
	struct command resume[SMMUV3_TLBI_MAX];
	unsigned int resume_count;
	struct smmuv3_storm_counter *storm; /* Or NULL. */
	uint32_t storm_sid;
	bool more; /* The turn was cut short, or records came meanwhile. */
};

uint32_t smmuv3_read_events(const struct smmuv3 *smmu, unsigned int offset)
{
	return smmuv3_read(smmu, smmuv3_eventq_offset(smmu, offset));
}

static struct event_record *evtq_entry_at(const struct smmuv3 *smmu, uint32_t position)
{
	struct event_record *entries = smmu->evtq.entries;

	return &entries[smmuv3_queue_index(&smmu->evtq, position)];
}

/* Terminates stalled transactions: none is retried. */
static void evtq_note_stall(const struct smmuv3_event *event, struct aftermath *aftermath)
{
	if (event->stalled) {
		aftermath->resume[aftermath->resume_count++] = smmuv3_command_resume_abort(event->sid, event->stag);
	}
}

/* Counts no event behind a storm: a turn ends one storm, the next turn finds another. */
static void evtq_note_storm(struct smmuv3 *smmu, const struct smmuv3_event *event, struct aftermath *aftermath)
{
	if (!aftermath->storm) {
		aftermath->storm = smmuv3_storm_count(&smmu->storm, event->sid);
		aftermath->storm_sid = event->sid;
	}
}

static void evtq_take_one(struct smmuv3 *smmu, struct aftermath *aftermath)
{
	struct event_record *entry = evtq_entry_at(smmu, smmu->evtq.consumer);
	struct smmuv3_event event;

	if (!smmu->coherent) {
		arch_cache_clean_invalidate(entry, sizeof(*entry));
	}
	smmuv3_decode_event(entry, &event);
	smmu->counts.events++;
	if (smmu->on_event) {
		smmu->on_event(smmu, &event);
	}
	evtq_note_stall(&event, aftermath);
	evtq_note_storm(smmu, &event, aftermath);
	smmu->evtq.consumer = smmuv3_queue_advance(&smmu->evtq, smmu->evtq.consumer, 1);
}

/* OVACKFLG := OVFLG acknowledges an overflow. */
static void evtq_write_consumer(struct smmuv3 *smmu, uint32_t producer)
{
	(void)smmuv3_write(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_CONS),
			   smmu->evtq.consumer | (producer & EVENTQ_OVERFLOW));
}

/* Lock held. Takes one queue's length at most: a storm must not keep the core. */
static void evtq_drain(struct smmuv3 *smmu, struct aftermath *aftermath)
{
	uint32_t producer = smmuv3_read_events(smmu, SMMU_EVENTQ_PROD);
	uint32_t acknowledged = smmuv3_read_events(smmu, SMMU_EVENTQ_CONS);
	bool overflow = (producer ^ acknowledged) & EVENTQ_OVERFLOW;
	uint32_t end = producer & smmuv3_queue_mask(&smmu->evtq);

	if (end == smmu->evtq.consumer && !overflow) {
		return;
	}
	/* Loads PROD before the records. */
	arch_dma_rmb();
	while (smmu->evtq.consumer != end && aftermath->resume_count < SMMUV3_TLBI_MAX) {
		evtq_take_one(smmu, aftermath);
	}
	smmu->counts.resumed += aftermath->resume_count; /* Here, because evtq_conclude() holds no lock. */
	smmu->counts.event_overflows += overflow;
	/* Loads the records before CONS frees them. Also acknowledges an overflow of an empty queue. */
	arch_dsb();
	evtq_write_consumer(smmu, producer);
	/* Looks for records that came before CONS was written: only the first record in an empty queue interrupts. */
	producer = smmuv3_read_events(smmu, SMMU_EVENTQ_PROD);
	aftermath->more = (producer & smmuv3_queue_mask(&smmu->evtq)) != smmu->evtq.consumer;
}

void smmuv3_publish_events(struct smmuv3 *smmu, bool published)
{
	uint32_t saved = lock(&smmu->evtq_lock);

	smmu->evtq_published = published;
	unlock(&smmu->evtq_lock, saved);
}

static void evtq_conclude(struct smmuv3 *smmu, const struct aftermath *aftermath)
{
	/* If CMDQEN is clear, SMMUEN was cleared before: that terminates stalled transactions (6.3.9.6). */
	if (aftermath->resume_count && smmu->cr0 & CR0_CMDQEN) {
		(void)smmuv3_issue(smmu, aftermath->resume, aftermath->resume_count);
	}
	if (aftermath->storm) {
		smmuv3_end_storm(smmu, aftermath->storm, aftermath->storm_sid);
	}
}

void smmuv3_poll_events(struct smmuv3 *smmu)
{
	struct aftermath aftermath;
	unsigned int turns = 0;

	do {
		uint32_t saved = lock(&smmu->evtq_lock);

		aftermath = (struct aftermath){.resume_count = 0};
		if (smmu->evtq_published) {
			evtq_drain(smmu, &aftermath);
		}
		unlock(&smmu->evtq_lock, saved);
		evtq_conclude(smmu, &aftermath);
	} while (aftermath.more && ++turns < TURNS_MAX);
}

bool smmuv3_events_overflowed(const struct smmuv3 *smmu)
{
	return (smmuv3_read_events(smmu, SMMU_EVENTQ_PROD) ^ smmuv3_read_events(smmu, SMMU_EVENTQ_CONS)) &
	       EVENTQ_OVERFLOW;
}
