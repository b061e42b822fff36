/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers and ends instances; the walk is in replay.c. */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "base/feature.h"
#include "base/timeline.h"
#include "iommu/core.h"

OPTIONAL(timeline_note);

static void instance_note(enum timeline_kind kind, const struct iommu_instance *iommu)
{
	if (is_linked(timeline_note)) {
		timeline_note(kind, iommu->name);
	}
}

enum iommu_state iommu_state(const struct iommu_instance *iommu)
{
	uint32_t word = word_load(&iommu->state);

	return word & IOMMU_RAISED ? IOMMU_FAILING : (enum iommu_state)word;
}

const char *iommu_state_name(enum iommu_state state)
{
	static const char *const names[] = {"described", "starting", "walking", "ready",
					    "leaving",	 "gone",     "failed",	"failing"};

	return names[state];
}

/* Not STARTING: start() returns its own error. Raised values are above LEAVING. */
static bool instance_may_be_raised(uint32_t word)
{
	return word >= IOMMU_WALKING && word <= IOMMU_LEAVING;
}

void iommu_raise(struct iommu_instance *iommu)
{
	uint32_t word = word_load(&iommu->state);

	STEP(INSTANCE_STEPS, IOMMU_WALKING, IOMMU_FAILING);
	STEP(INSTANCE_STEPS, IOMMU_READY, IOMMU_FAILING);
	STEP(INSTANCE_STEPS, IOMMU_LEAVING, IOMMU_FAILING);
	while (instance_may_be_raised(word) && !word_exchange_if(&iommu->state, word, word | IOMMU_RAISED)) {
		word = word_load(&iommu->state);
	}
}

static uint32_t core_stream_list_count(uint32_t masters_max)
{
	uint32_t count = 1;

	while (count < masters_max) {
		count *= 2;
	}
	return count;
}

int iommu_core_init(struct iommu_core *core, struct bind_queue *queue, uint32_t masters_max)
{
	uint32_t lists;

	if (!masters_max || masters_max > IOMMU_MASTERS_LIMIT) {
		return -EINVAL;
	}
	lists = core_stream_list_count(masters_max);
	*core = (struct iommu_core){.queue = queue, .masters_max = masters_max, .stream_mask = lists - 1};
	lock_init(&core->group_list_lock, LOCK_RANK_GROUP_LIST);
	core->slot_set = arena_allocate(iommu_slot_set_count(masters_max) * sizeof(*core->slot_set),
					_Alignof(struct iommu_slot_set));
	core->stream = arena_allocate(lists * sizeof(*core->stream), _Alignof(struct iommu_stream *));
	return core->slot_set && core->stream ? 0 : -ENOMEM;
}

void iommu_allow(struct iommu_core *core, uint64_t base, uint64_t size)
{
	core->allowed = (struct iommu_allowed){.base = base, .size = size};
}

int iommu_describe(struct iommu_core *core, struct iommu_instance *iommu)
{
	for (unsigned int i = 0; i < core->instance_count; i++) {
		if (core->instance[i] == iommu) {
			return -EEXIST;
		}
	}
	if (core->instance_count == IOMMU_INSTANCES_MAX) {
		return -ENOSPC;
	}
	iommu->named_by =
		arena_allocate(iommu_slot_set_count(core->masters_max) * sizeof(struct word), _Alignof(struct word));
	if (!iommu->named_by) {
		return -ENOMEM;
	}
	iommu->core = core;
	iommu->index = core->instance_count;
	word_store(&iommu->state, IOMMU_DESCRIBED);
	core->instance[core->instance_count++] = iommu;
	return 0;
}

/* True once the hardware holds nothing of the link of a leaving instance. */
static bool link_is_released(struct iommu_link *link)
{
	enum link_state state;

	if (iommu_link_leave(link)) {
		LINK_STEP_TO(link, LINK_RELEASING, LINK_DESCRIBED);
		return true;
	}
	/* RELEASING: another core's removal or quarantine still uses the instance. */
	state = link_state(link);
	return state == LINK_DESCRIBED || state == LINK_ABSENT || LINK_STEP_IF(link, LINK_QUARANTINED, LINK_DESCRIBED);
}

/* Ignores a time-out: the instance ends anyway. */
static int link_release(struct iommu_link *link)
{
	(void)iommu_link_wait(link, link_is_released);
	return 0;
}

/* 0 or -EIO. */
static int instance_release_and_stop(struct iommu_instance *iommu)
{
	iommu_for_each_link(iommu, link_release);
	return iommu->ops->stop(iommu);
}

/* Also splits groups that could not be split while the instance was in service. */
static void instance_end(struct iommu_instance *iommu, enum iommu_state state)
{
	iommu_link_visit *split;

	STEP(INSTANCE_STEPS, IOMMU_STARTING, IOMMU_FAILED);
	STEP(INSTANCE_STEPS, IOMMU_WALKING, IOMMU_FAILED);
	STEP(INSTANCE_STEPS, IOMMU_FAILING, IOMMU_FAILED);
	STEP(INSTANCE_STEPS, IOMMU_LEAVING, IOMMU_FAILED);
	STEP(INSTANCE_STEPS, IOMMU_LEAVING, IOMMU_GONE);
	word_store(&iommu->state, state);
	word_meet(MEET_SPLIT);
	arch_sync_point("load", &iommu->core->split);
	split = atomic_load_explicit(&iommu->core->split, memory_order_acquire);
	if (split) {
		iommu_for_each_link(iommu, split);
	}
}

static int instance_fail(struct iommu_instance *iommu, const char *reason, int error)
{
	iommu->reason = iommu->reason ? iommu->reason : reason;
	(void)instance_release_and_stop(iommu);
	instance_end(iommu, IOMMU_FAILED);
	return error;
}

/* Under the list lock: groups merge before STARTING or not at all. */
static bool instance_begin(struct iommu_instance *iommu)
{
	uint32_t saved = lock(&iommu->core->group_list_lock);
	bool begun = STEP_IF(INSTANCE_STEPS, &iommu->state, IOMMU_DESCRIBED, IOMMU_STARTING) ||
		     STEP_IF(INSTANCE_STEPS, &iommu->state, IOMMU_GONE, IOMMU_STARTING) ||
		     STEP_IF(INSTANCE_STEPS, &iommu->state, IOMMU_FAILED, IOMMU_STARTING);

	unlock(&iommu->core->group_list_lock, saved);
	return begun;
}

/* Probes what the walk missed. `settled`: it settled every link; `arrivals`: the count before. */
static void instance_welcome(struct iommu_instance *iommu, bool settled, uint32_t arrivals)
{
	/* This core or the one in master_probe_where_ready() probes a master that came meanwhile. */
	word_meet(MEET_ARRIVAL);
	if (!settled || word_load(&iommu->core->arrivals) != arrivals) {
		iommu_for_each_link(iommu, iommu_probe_if_late);
	}
	bind_queue_wake(iommu->core->queue, iommu->index);
}

int iommu_register(struct iommu_instance *iommu)
{
	uint32_t arrivals;
	int error;

	if (!instance_begin(iommu)) {
		return -EBUSY;
	}
	iommu->reason = NULL;
	iommu->generation++;
	instance_note(TIMELINE_REGISTRATION, iommu);
	error = iommu->ops->start(iommu);
	if (error) {
		return instance_fail(iommu, "it did not start", error);
	}
	STEP_TO(INSTANCE_STEPS, &iommu->state, IOMMU_STARTING, IOMMU_WALKING);
	arrivals = word_load(&iommu->core->arrivals);
	instance_note(TIMELINE_REPLAY, iommu);
	error = iommu_walk(iommu);
	if (error) {
		return instance_fail(iommu, "the replay of its masters failed", error);
	}
	error = iommu->ops->enable(iommu);
	if (error) {
		return instance_fail(iommu, "it could not be enabled", error);
	}
	instance_note(TIMELINE_READY, iommu);
	/* Once READY is stored, another core may end the instance. */
	if (!STEP_IF(INSTANCE_STEPS, &iommu->state, IOMMU_WALKING, IOMMU_READY)) {
		return instance_fail(iommu, "it failed while it was registered", -EIO);
	}
	instance_welcome(iommu, !word_load(&iommu->unsettled), arrivals);
	return 0;
}

static int link_unbind_clients(struct iommu_link *link)
{
	struct iommu_core *core = link->iommu->core;

	return core->unbind ? core->unbind(link->master) : 0;
}

static int link_rebind_clients(struct iommu_link *link)
{
	struct iommu_core *core = link->iommu->core;

	if (core->rebind) {
		core->rebind(link->master);
	}
	return 0;
}

static int instance_wait_for_probes(struct iommu_instance *iommu)
{
	struct deadline deadline = deadline_in_us(IOMMU_WAIT_US);

	while (word_add(&iommu->probes, 0)) {
		if (deadline_passed(&deadline)) {
			return -ETIMEDOUT;
		}
		arch_relax();
	}
	return 0;
}

/* Ends LEAVING: READY, or FAILING if it was raised. */
static void instance_stay(struct iommu_instance *iommu)
{
	if (STEP_IF(INSTANCE_STEPS, &iommu->state, IOMMU_LEAVING, IOMMU_READY)) {
		instance_welcome(iommu, false, 0); /* Late probes were refused while LEAVING. */
		iommu_for_each_link(iommu, link_rebind_clients);
	} else {
		word_store(&iommu->state, IOMMU_READY | IOMMU_RAISED);
	}
}

/*
 * Takes a READY or FAILING instance to LEAVING (raised if it was, or by `raised`); waits until no client and no probe
 * uses it. On an error it goes back.
 */
static int instance_leave(struct iommu_instance *iommu, uint32_t raised)
{
	int error;

	STEP(INSTANCE_STEPS, IOMMU_READY, IOMMU_LEAVING);
	STEP(INSTANCE_STEPS, IOMMU_READY, IOMMU_FAILING);
	/* First: no core finds it READY any more. */
	if (!word_exchange_if(&iommu->state, IOMMU_READY, IOMMU_LEAVING | raised) &&
	    !word_exchange_if(&iommu->state, IOMMU_READY | IOMMU_RAISED, IOMMU_LEAVING | IOMMU_RAISED)) {
		return -EBUSY;
	}
	error = instance_wait_for_probes(iommu);
	if (!error) {
		error = iommu_for_each_link(iommu, link_unbind_clients);
	}
	if (error) {
		instance_stay(iommu);
	}
	return error;
}

int iommu_unregister(struct iommu_instance *iommu)
{
	int error = instance_leave(iommu, 0);
	int stopped;

	if (error) {
		return error;
	}
	stopped = instance_release_and_stop(iommu);
	if (!stopped && !iommu_is_raised(iommu)) {
		instance_end(iommu, IOMMU_GONE);
		return 0;
	}
	iommu->reason = stopped ? "it did not stop" : "an operation of it failed";
	instance_end(iommu, IOMMU_FAILED);
	return -EIO;
}

int iommu_fail(struct iommu_instance *iommu, const char *reason)
{
	int error = instance_leave(iommu, IOMMU_RAISED);

	if (!error) {
		error = instance_release_and_stop(iommu);
		iommu->reason = reason;
		instance_end(iommu, IOMMU_FAILED);
	}
	return error;
}
