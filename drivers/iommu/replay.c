/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk probes only links that name its instance: no operation runs before start() (B-01). */
#include <errno.h>
#include <stddef.h>

#include "iommu/core.h"

#define LINK_CORE_SHIFT 8

static int link_add_streams(const struct iommu_link *link)
{
	for (unsigned int i = 0; i < link->sid_count; i++) {
		int error = iommu_noted(link->iommu, link->iommu->ops->add_stream(link->iommu, link->sid[i]));

		if (error) {
			return error;
		}
	}
	return 0;
}

/* Sets `reason`. -ENOMEM and -EIO are not the master's fault, others are. */
static int link_try_probe(struct iommu_link *link, const char **reason)
{
	const char *quarantine_reason;
	int error;

	/* This core sees iommu_quarantine()'s reason, or that core sees PROBING. */
	word_meet(MEET_QUARANTINE);
	quarantine_reason = pointer_load(&link->master->quarantine_reason);
	if (quarantine_reason) {
		*reason = quarantine_reason;
		return -EACCES;
	}
	error = link_add_streams(link);
	switch (error) {
	case 0:
		*reason = NULL;
		break;
	case -ENOMEM:
		*reason = "memory ran out while it was probed";
		break;
	case -EIO:
		*reason = "its instance failed while it was probed";
		break;
	case -ERANGE:
		*reason = "a stream ID is beyond what the instance implements";
		break;
	default:
		*reason = "its instance refused a stream";
		break;
	}
	return error;
}

/* -ENOMEM, -EIO: DESCRIBED, for a later replay; other errors: quarantined. 0: the caller settles the link. */
static int replay_probe(struct iommu_link *link)
{
	int error = link_try_probe(link, &link->reason);

	if (!error) {
		arch_sync_point("probed", link);
	} else if (error == -ENOMEM || error == -EIO) {
		word_store(&link->iommu->unsettled, 1);
		LINK_STEP_TO(link, LINK_PROBING, LINK_DESCRIBED);
	} else {
		iommu_group_quarantine(link);
		LINK_STEP_TO(link, LINK_PROBING, LINK_QUARANTINED);
	}
	return error;
}

static struct iommu_link *master_link_on(const struct iommu_instance *iommu, struct iommu_master *master)
{
	for (unsigned int l = 0; l < master->link_count; l++) {
		if (master->link[l].iommu == iommu) {
			return &master->link[l];
		}
	}
	return NULL;
}

static int slot_visit(const struct iommu_instance *iommu, const struct iommu_slot *slot, iommu_link_visit *visit)
{
	struct iommu_master *master = (struct iommu_master *)pointer_load(&slot->master);
	struct iommu_link *link = master ? master_link_on(iommu, master) : NULL;

	return link ? visit(link) : 0;
}

static uint32_t slot_set_last_bit(uint32_t bits)
{
	return 31 - (uint32_t)__builtin_clz(bits);
}

typedef int slot_set_visit(const struct iommu_instance *iommu, struct iommu_slot_set *slot_set, uint32_t bits,
			   iommu_link_visit *visit);

/* Last slot first, one held at a time: visits may wait for other cores. */
static int slot_set_visit_each(const struct iommu_instance *iommu, struct iommu_slot_set *slot_set, uint32_t bits,
			       iommu_link_visit *visit)
{
	int error = 0;

	for (; bits && !error; bits &= ~(1U << slot_set_last_bit(bits))) {
		struct iommu_slot *slot = &slot_set->slot[slot_set_last_bit(bits)];

		iommu_hold(&slot->users);
		error = slot_visit(iommu, slot, visit);
		iommu_let_go(&slot->users);
	}
	return error;
}

/* Holds the set: visits may not wait for another core. */
static int slot_set_visit_together(const struct iommu_instance *iommu, struct iommu_slot_set *slot_set, uint32_t bits,
				   iommu_link_visit *visit)
{
	int error = 0;

	iommu_hold(&slot_set->users);
	for (; bits; bits &= ~(1U << slot_set_last_bit(bits))) {
		error = slot_visit(iommu, &slot_set->slot[slot_set_last_bit(bits)], visit);
		if (error) {
			break;
		}
	}
	iommu_let_go(&slot_set->users);
	return error;
}

/* Last first: stream IDs mostly ascend, so a table with room for the last has room for all. */
static int slot_set_for_each(struct iommu_instance *iommu, slot_set_visit *visit_in, iommu_link_visit *visit)
{
	uint32_t number = iommu_slot_set_count(word_load(&iommu->core->slot_count));
	int error = 0;

	while (number-- && !error) {
		uint32_t bits = word_load(&iommu->named_by[number]);

		error = bits ? visit_in(iommu, &iommu->core->slot_set[number], bits, visit) : 0;
	}
	return error;
}

int iommu_for_each_link(struct iommu_instance *iommu, iommu_link_visit *visit)
{
	return slot_set_for_each(iommu, slot_set_visit_each, visit);
}

/* PROBING until settled; GROUPED if that fails, for a later call. -EIO ends the walk; else 0. */
static int link_probe_and_settle(struct iommu_link *link)
{
	bool fresh = word_exchange_if(&link->state, LINK_DESCRIBED, LINK_PROBING | arch_core() << LINK_CORE_SHIFT);
	int error = fresh ? replay_probe(link) : 0;

	STEP(LINK_STEPS, LINK_DESCRIBED, LINK_PROBING);
	if (!error && (fresh || link_state(link) == LINK_GROUPED)) {
		error = iommu_group_settle(link, !fresh);
		if (error) {
			word_store(&link->iommu->unsettled, 1);
		}
	}
	return error == -EIO ? error : 0;
}

int iommu_walk(struct iommu_instance *iommu)
{
	int error;

	word_store(&iommu->unsettled, 0);
	error = slot_set_for_each(iommu, slot_set_visit_together, link_probe_and_settle);
	arch_sync_point("walked", iommu);
	return error;
}

void iommu_probe_late(struct iommu_link *link)
{
	struct iommu_instance *iommu = link->iommu;

	word_add(&iommu->probes, 1);
	/* An exchange, as in instance_leave(): this core sees LEAVING, or that core sees `probes` and waits. */
	if (word_exchange_if(&iommu->state, IOMMU_READY, IOMMU_READY)) {
		(void)link_probe_and_settle(link);
		if (link_state(link) == LINK_READY || link_state(link) == LINK_QUARANTINED) {
			bind_queue_wake(iommu->core->queue, iommu->index);
		}
	}
	word_add(&iommu->probes, (uint32_t)-1);
}

int iommu_probe_if_late(struct iommu_link *link)
{
	enum link_state state = link_state(link);

	/* GROUPED: its default domain could not be set up. */
	if (state == LINK_DESCRIBED || state == LINK_GROUPED) {
		iommu_probe_late(link);
	}
	return 0;
}

int iommu_replay(struct iommu_instance *iommu)
{
	if (iommu_state(iommu) != IOMMU_READY) {
		return -EBUSY;
	}
	return iommu_for_each_link(iommu, iommu_probe_if_late);
}
