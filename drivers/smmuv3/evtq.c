/* SPDX-License-Identifier: BSD-2-Clause */
/* The event queue (IHI 0070, 3.5.2 and 7.2). */
#include <stddef.h>

#include "smmuv3/private.h"

static struct event_record *entry_at(const struct smmuv3 *smmu, uint32_t position)
{
	struct event_record *entries = smmu->evtq.entries;

	return &entries[smmuv3_queue_index(&smmu->evtq, position)];
}

static void take_one(struct smmuv3 *smmu)
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
	smmu->evtq.consumer = smmuv3_queue_advance(&smmu->evtq, smmu->evtq.consumer, 1);
}

/* CONS carries the acknowledge of an overflow in bit 31, which every write keeps or brings up to date. */
static void write_consumer(struct smmuv3 *smmu, uint32_t producer)
{
	smmuv3_write(smmu, SMMU_EVENTQ_CONS, smmu->evtq.consumer | (producer & EVENTQ_OVERFLOW));
}

/* With the lock held. At most one queue's length a turn, so that a storm does not keep the core. */
static void drain(struct smmuv3 *smmu)
{
	uint32_t producer = smmuv3_read(smmu, SMMU_EVENTQ_PROD);
	uint32_t acknowledged = smmuv3_read(smmu, SMMU_EVENTQ_CONS);
	bool overflow = (producer ^ acknowledged) & EVENTQ_OVERFLOW;
	uint32_t end = producer & smmuv3_queue_mask(&smmu->evtq);

	if (end == smmu->evtq.consumer && !overflow) {
		return;
	}
	/* PROD is read before the records that it covers. */
	arch_dma_rmb();
	while (smmu->evtq.consumer != end) {
		take_one(smmu);
	}
	smmu->counts.event_overflows += overflow;
	/* The records are read before their place is given back; an overflow is acknowledged on an empty queue too. */
	arch_dsb();
	write_consumer(smmu, producer);
}

void smmuv3_publish_events(struct smmuv3 *smmu, bool published)
{
	uint32_t saved = lock(&smmu->evtq_lock);

	smmu->evtq_published = published;
	unlock(&smmu->evtq_lock, saved);
}

void smmuv3_poll_events(struct smmuv3 *smmu)
{
	uint32_t saved = lock(&smmu->evtq_lock);

	if (smmu->evtq_published) {
		drain(smmu);
	}
	unlock(&smmu->evtq_lock, saved);
}
