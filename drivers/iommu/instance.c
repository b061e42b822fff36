/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instances: registration, replay, and the way back. The walk of an instance probes the links that name it and no
 * others, so nothing of an instance that has not been started is ever called.
 */
#include <errno.h>
#include <stddef.h>

#include "base/deadline.h"
#include "iommu/core.h"

#define LINK_CORE_SHIFT 8
#define PROBES_WAIT_US 2000000U /* A probe waits for the hardware itself, for a second at most. */

enum iommu_state iommu_state(const struct iommu *iommu)
{
	return (enum iommu_state)word_load(&iommu->state);
}

void iommu_core_init(struct iommu_core *core, struct bind_queue *queue)
{
	*core = (struct iommu_core){.queue = queue};
	lock_init(&core->group_list_lock, LOCK_RANK_GROUP_LIST);
}

void iommu_allow(struct iommu_core *core, uint64_t base, uint64_t size)
{
	core->allowed = (struct iommu_allowed){.base = base, .size = size};
}

int iommu_describe(struct iommu_core *core, struct iommu *iommu)
{
	if (core->instance_count == IOMMU_INSTANCES_MAX) {
		return -ENOSPC;
	}
	iommu->core = core;
	iommu->index = core->instance_count;
	word_store(&iommu->state, IOMMU_DESCRIBED);
	core->instance[core->instance_count++] = iommu;
	return 0;
}

static int add_streams(const struct iommu_link *link)
{
	for (unsigned int i = 0; i < link->sid_count; i++) {
		int error = link->iommu->ops->add_stream(link->iommu, link->sid[i]);

		if (error) {
			return error;
		}
	}
	return 0;
}

/* The master's fault, for good: what it alone emits is denied silently; a stream that another one has keeps working. */
static void quarantine(struct iommu_link *link, const char *reason)
{
	for (unsigned int i = 0; i < link->sid_count; i++) {
		if (!iommu_stream_is_known(link->iommu, link->sid[i])) {
			link->iommu->ops->quarantine(link->iommu, link->sid[i]);
		}
	}
	link->master->reason = reason;
	word_store(&link->state, LINK_QUARANTINED);
}

/* Running out of memory is nobody's fault: the link is DESCRIBED again, and a later replay may do better. */
static void probe(struct iommu_link *link)
{
	int error = add_streams(link);

	if (!error) {
		error = iommu_group_join(link);
	}
	switch (error) {
	case 0:
		arch_sync_point("joined");
		if (master_state(link->master) != MASTER_QUARANTINED) {
			link->master->reason = NULL;
		}
		word_store(&link->state, LINK_GROUPED);
		break;
	case -ENOMEM:
		link->master->reason = "memory ran out while it was probed";
		word_store(&link->state, LINK_DESCRIBED);
		break;
	case -ERANGE:
		quarantine(link, "a stream ID is beyond what the instance implements");
		break;
	case -EEXIST:
		quarantine(link, "its streams belong to two groups that cannot be one");
		break;
	default:
		quarantine(link, "its instance refused a stream");
		break;
	}
}

static int probe_once(struct iommu_link *link)
{
	uint32_t probing = LINK_PROBING | arch_core() << LINK_CORE_SHIFT;

	if (word_exchange_if(&link->state, LINK_DESCRIBED, probing)) {
		probe(link);
	}
	return 0;
}

typedef int link_visit(struct iommu_link *link);

/* Visits the links that name this instance, of every master known by now. The first error ends it. */
static int for_each_link(struct iommu *iommu, link_visit *visit)
{
	for (uint32_t m = 0; m < word_load(&iommu->core->master_count); m++) {
		struct iommu_master *master = iommu->core->master[m];

		for (unsigned int l = 0; l < master->link_count; l++) {
			int error = master->link[l].iommu == iommu ? visit(&master->link[l]) : 0;

			if (error) {
				return error;
			}
		}
	}
	return 0;
}

static int settle(struct iommu_link *link)
{
	return link_state(link) == LINK_GROUPED ? iommu_group_set_default(link) : 0;
}

/* Replay: first every link is probed, so that each group is known whole; then its default domain is set up. */
static int walk(struct iommu *iommu)
{
	for_each_link(iommu, probe_once);
	arch_sync_point("walked");
	return for_each_link(iommu, settle);
}

static int release_link(struct iommu_link *link)
{
	enum link_state state = link_state(link);

	if (state == LINK_GROUPED || state == LINK_READY) {
		word_store(&link->state, LINK_RELEASING);
		iommu_group_leave(link);
	}
	if (state != LINK_PROBING) {
		word_store(&link->state, LINK_DESCRIBED);
	}
	return 0;
}

static int fail(struct iommu *iommu, const char *reason, int error)
{
	iommu->reason = iommu->reason ? iommu->reason : reason;
	for_each_link(iommu, release_link);
	iommu->ops->stop(iommu);
	word_store(&iommu->state, IOMMU_FAILED);
	return error;
}

static bool begin(struct iommu *iommu)
{
	return word_exchange_if(&iommu->state, IOMMU_DESCRIBED, IOMMU_STARTING) ||
	       word_exchange_if(&iommu->state, IOMMU_GONE, IOMMU_STARTING) ||
	       word_exchange_if(&iommu->state, IOMMU_FAILED, IOMMU_STARTING);
}

static int probe_if_late(struct iommu_link *link)
{
	enum link_state state = link_state(link);

	/* GROUPED: its default domain could not be set up when it was probed. */
	if (state == LINK_DESCRIBED || state == LINK_GROUPED) {
		iommu_probe_late(link);
	}
	return 0;
}

static void publish(struct iommu *iommu)
{
	arch_sync_point("before ready");
	word_store(&iommu->state, IOMMU_READY);
	/* Pairs with the fence in iommu_master_add(): a master that came during the walk is probed by one of the two.
	 */
	word_fence();
	for_each_link(iommu, probe_if_late);
	bind_queue_wake(iommu->core->queue, iommu->index);
}

int iommu_register(struct iommu *iommu)
{
	int error;

	if (!begin(iommu)) {
		return -EBUSY;
	}
	iommu->reason = NULL;
	iommu->generation++;
	error = iommu->ops->start(iommu);
	if (error) {
		return fail(iommu, "it did not start", error);
	}
	word_store(&iommu->state, IOMMU_WALKING);
	error = walk(iommu);
	if (error) {
		return fail(iommu, "the replay of its masters failed", error);
	}
	error = iommu->ops->enable(iommu);
	if (error) {
		return fail(iommu, "it could not be enabled", error);
	}
	publish(iommu);
	return 0;
}

void iommu_probe_late(struct iommu_link *link)
{
	struct iommu *iommu = link->iommu;

	word_add(&iommu->probes, 1);
	/* An exchange, as in iommu_unregister(): either this core sees LEAVING, or that core sees the probe and waits
	 * for it. */
	if (word_exchange_if(&iommu->state, IOMMU_READY, IOMMU_READY)) {
		probe_once(link);
		if (link_state(link) == LINK_GROUPED && settle(link) == 0) {
			bind_queue_wake(iommu->core->queue, iommu->index);
		}
	}
	word_add(&iommu->probes, (uint32_t)-1);
}

int iommu_replay(struct iommu *iommu)
{
	if (iommu_state(iommu) != IOMMU_READY) {
		return -EBUSY;
	}
	return for_each_link(iommu, probe_if_late);
}

static int unbind_clients(struct iommu_link *link)
{
	if (link->iommu->core->unbind) {
		link->iommu->core->unbind(link->master);
	}
	return 0;
}

static bool probes_end(struct iommu *iommu)
{
	struct deadline deadline = deadline_in_us(PROBES_WAIT_US);

	while (word_add(&iommu->probes, 0)) {
		if (deadline_passed(&deadline)) {
			return false;
		}
		arch_relax();
	}
	return true;
}

int iommu_unregister(struct iommu *iommu)
{
	/* Out of look-up first: from here on nobody finds it READY. */
	if (!word_exchange_if(&iommu->state, IOMMU_READY, IOMMU_LEAVING)) {
		return -EBUSY;
	}
	if (!probes_end(iommu)) {
		word_store(&iommu->state, IOMMU_READY);
		return -ETIMEDOUT;
	}
	for_each_link(iommu, unbind_clients);
	for_each_link(iommu, release_link);
	iommu->ops->stop(iommu);
	word_store(&iommu->state, IOMMU_GONE);
	return 0;
}
