/* SPDX-License-Identifier: BSD-2-Clause */
/* The event queue (IHI 0070, 3.5.2 and 7.2). */
#include <stddef.h>

#include "smmuv3/private.h"

/* A turn handles one queue's length, or the stalls for one SYNC; the bound leaves the core to others. */
#define TURNS_MAX 64U

/* Work left for after the queue's lock is released. */
struct aftermath {
	struct command resume[SMMUV3_TLBI_MAX]; /* One for each stalled transaction. */
	unsigned int resume_count;
	bool storm;
	uint32_t storm_sid;
	bool more; /* The turn was cut short, or records came meanwhile. */
};

static struct event_record *entry_at(const struct smmuv3 *smmu, uint32_t position)
{
	struct event_record *entries = smmu->evtq.entries;

	return &entries[smmuv3_queue_index(&smmu->evtq, position)];
}

/* Stalled transactions are not resumed here: they are terminated. */
static void note_stall(const struct smmuv3_event *event, struct aftermath *aftermath)
{
	if (event->stalled) {
		aftermath->resume[aftermath->resume_count++] = smmuv3_command_resume_abort(event->sid, event->stag);
	}
}

static void note_storm(struct smmuv3 *smmu, const struct smmuv3_event *event, struct aftermath *aftermath)
{
	if (smmuv3_storm_count(&smmu->storm, event->sid)) {
		aftermath->storm = true;
		aftermath->storm_sid = event->sid;
	}
}

static void take_one(struct smmuv3 *smmu, struct aftermath *aftermath)
{
	struct event_record *entry = entry_at(smmu, smmu->evtq.consumer);
	struct smmuv3_event event;

	if (!smmu->coherent) {
		arch_cache_clean_invalidate(entry, sizeof(*entry));
	}
	smmuv3_decode_event(entry, &event);
	smmu->counts.events++;
	if (smmu->on_event) {
		smmu->on_event(smmu, &event);
	}
	note_stall(&event, aftermath);
	note_storm(smmu, &event, aftermath);
	smmu->evtq.consumer = smmuv3_queue_advance(&smmu->evtq, smmu->evtq.consumer, 1);
}

/* Bit 31 acknowledges an overflow, so every write of CONS carries it. */
static void write_consumer(struct smmuv3 *smmu, uint32_t producer)
{
	(void)smmuv3_write(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_CONS),
			   smmu->evtq.consumer | (producer & EVENTQ_OVERFLOW));
}

/* Lock held. One queue's length at most, so that a storm does not keep the core. */
static void drain(struct smmuv3 *smmu, struct aftermath *aftermath)
{
	uint32_t producer = smmuv3_read(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_PROD));
	uint32_t acknowledged = smmuv3_read(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_CONS));
	bool overflow = (producer ^ acknowledged) & EVENTQ_OVERFLOW;
	uint32_t end = producer & smmuv3_queue_mask(&smmu->evtq);

	if (end == smmu->evtq.consumer && !overflow) {
		return;
	}
	/* PROD before the records. */
	arch_dma_rmb();
	while (smmu->evtq.consumer != end && aftermath->resume_count < SMMUV3_TLBI_MAX) {
		take_one(smmu, aftermath);
	}
	smmu->counts.resumed += aftermath->resume_count; /* Counted here: conclude() holds no lock. */
	smmu->counts.event_overflows += overflow;
	/* Records are read before CONS frees them; an overflow is acknowledged on an empty queue, too. */
	arch_dsb();
	write_consumer(smmu, producer);
	/*
	 * The interrupt signals only the first record in an empty queue: look again for records that came before CONS
	 * was written.
	 */
	producer = smmuv3_read(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_PROD));
	aftermath->more = (producer & smmuv3_queue_mask(&smmu->evtq)) != smmu->evtq.consumer;
}

void smmuv3_publish_events(struct smmuv3 *smmu, bool published)
{
	uint32_t saved = lock(&smmu->evtq_lock);

	smmu->evtq_published = published;
	unlock(&smmu->evtq_lock, saved);
}

/* The interrupt may have hit the core that is changing the table: the next event tries again. */
static void postpone(struct smmuv3 *smmu, uint32_t sid)
{
	uint32_t saved = lock(&smmu->evtq_lock);

	smmuv3_storm_recount(&smmu->storm, sid);
	unlock(&smmu->evtq_lock, saved);
}

static void tell_storm(struct smmuv3 *smmu, uint32_t sid, bool silenced)
{
	uint32_t saved = lock(&smmu->evtq_lock);

	smmu->counts.silenced_streams += silenced;
	smmu->counts.unsilenced_storms += !silenced;
	unlock(&smmu->evtq_lock, saved);
	if (smmu->on_storm) {
		smmu->on_storm(smmu, sid, silenced);
	}
}

/*
 * Silences the stream until it is attached again, with a new STE if it has none. If it can have none, only
 * CR2.RECINVSID = 0 would silence it, and that needs SMMUEN = 0 (6.3.12), which stops every master: instead the event
 * interrupt is turned off, and its records are polled and overflow the queue.
 */
static void end_storm(struct smmuv3 *smmu, uint32_t sid)
{
	int error;

	if (!smmuv3_try_change(smmu)) {
		postpone(smmu, sid);
		return;
	}
	error = smmuv3_silence(smmu, sid);
	if (error && error != -EIO) {
		(void)smmuv3_write_irq_ctrl(smmu, smmu->irq_ctrl & ~IRQ_CTRL_EVENTQ);
	}
	smmuv3_end_change(smmu);
	if (error != -EIO) {
		tell_storm(smmu, sid, !error);
	}
}

static void conclude(struct smmuv3 *smmu, const struct aftermath *aftermath)
{
	/* Clearing SMMUEN terminates stalled transactions (6.3.9.6). */
	if (aftermath->resume_count && smmu->cr0 & CR0_CMDQEN) {
		(void)smmuv3_issue(smmu, aftermath->resume, aftermath->resume_count);
	}
	if (aftermath->storm) {
		end_storm(smmu, aftermath->storm_sid);
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
			drain(smmu, &aftermath);
		}
		unlock(&smmu->evtq_lock, saved);
		conclude(smmu, &aftermath);
	} while (aftermath.more && ++turns < TURNS_MAX);
}

bool smmuv3_events_overflowed(const struct smmuv3 *smmu)
{
	return (smmuv3_read(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_PROD)) ^
		smmuv3_read(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_CONS))) &
	       EVENTQ_OVERFLOW;
}
