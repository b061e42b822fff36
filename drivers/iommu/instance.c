/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instances: registration, replay, and the way back. The walk of an instance probes the links that name it and no
 * others, so nothing of an instance that has not been started is ever called.
 */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "iommu/core.h"

#define LINK_CORE_SHIFT 8

enum iommu_state iommu_state(const struct iommu *iommu)
{
	uint32_t word = word_load(&iommu->state);

	return word & IOMMU_RAISED ? IOMMU_FAILING : (enum iommu_state)word;
}

/* Not STARTING: start() itself says what it met. RAISED words are beyond LEAVING. */
static bool may_be_raised(uint32_t word)
{
	return word >= IOMMU_WALKING && word <= IOMMU_LEAVING;
}

void iommu_raise(struct iommu *iommu)
{
	uint32_t word = word_load(&iommu->state);

	while (may_be_raised(word) && !word_exchange_if(&iommu->state, word, word | IOMMU_RAISED)) {
		word = word_load(&iommu->state);
	}
}

static uint32_t block_count(uint32_t slot_count)
{
	return (slot_count + IOMMU_SLOTS_PER_BLOCK - 1) / IOMMU_SLOTS_PER_BLOCK;
}

/* A list for each master, or nearly so: most have one stream. */
static uint32_t stream_list_count(uint32_t masters_max)
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
	lists = stream_list_count(masters_max);
	*core = (struct iommu_core){.queue = queue, .masters_max = masters_max, .stream_mask = lists - 1};
	lock_init(&core->group_list_lock, LOCK_RANK_GROUP_LIST);
	core->block = arena_allocate(block_count(masters_max) * sizeof(*core->block), _Alignof(struct iommu_block));
	core->stream = arena_allocate(lists * sizeof(*core->stream), _Alignof(struct iommu_stream *));
	return core->block && core->stream ? 0 : -ENOMEM;
}

void iommu_allow(struct iommu_core *core, uint64_t base, uint64_t size)
{
	core->allowed = (struct iommu_allowed){.base = base, .size = size};
}

int iommu_describe(struct iommu_core *core, struct iommu *iommu)
{
	for (unsigned int i = 0; i < core->instance_count; i++) {
		if (core->instance[i] == iommu) {
			return -EEXIST;
		}
	}
	if (core->instance_count == IOMMU_INSTANCES_MAX) {
		return -ENOSPC;
	}
	iommu->named_by = arena_allocate(block_count(core->masters_max) * sizeof(struct word), _Alignof(struct word));
	if (!iommu->named_by) {
		return -ENOMEM;
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
		int error = iommu_noted(link->iommu, link->iommu->ops->add_stream(link->iommu, link->sid[i]));

		if (error) {
			return error;
		}
	}
	return 0;
}

/*
 * Tells the instance the link's streams. 0; -ENOMEM and -EIO, which are not the master's fault; anything else is.
 * `reason` has the words.
 */
static int try_probe(struct iommu_link *link, const char **reason)
{
	const char *barred = pointer_load(&link->master->barred);
	int error;

	if (barred) {
		*reason = barred;
		return -EACCES;
	}
	error = add_streams(link);
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

/*
 * Memory that runs out, and an instance that fails, put the link back to DESCRIBED, and a later replay may do better;
 * the master's own fault denies what it alone emits, silently and as long as the instance is registered. 0 where the
 * link is to be settled.
 */
static int probe(struct iommu_link *link)
{
	int error = try_probe(link, &link->reason);

	if (!error) {
		arch_sync_point("probed", link);
	} else if (error == -ENOMEM || error == -EIO) {
		word_store(&link->iommu->unsettled, 1);
		word_store(&link->state, LINK_DESCRIBED);
	} else {
		iommu_group_quarantine(link);
		word_store(&link->state, LINK_QUARANTINED);
	}
	return error;
}

typedef int link_visit(struct iommu_link *link);

static struct iommu_link *link_on(const struct iommu *iommu, struct iommu_master *master)
{
	for (unsigned int l = 0; l < master->link_count; l++) {
		if (master->link[l].iommu == iommu) {
			return &master->link[l];
		}
	}
	return NULL;
}

static int visit_slot(const struct iommu *iommu, const struct iommu_slot *slot, link_visit *visit)
{
	struct iommu_master *master = (struct iommu_master *)pointer_load(&slot->master);
	struct iommu_link *link = master ? link_on(iommu, master) : NULL;

	return link ? visit(link) : 0;
}

static uint32_t last_bit(uint32_t bits)
{
	return 31 - (uint32_t)__builtin_clz(bits);
}

typedef int block_visit(const struct iommu *iommu, struct iommu_block *block, uint32_t bits, link_visit *visit);

/* Of the slots that `bits` tells, from the last one down; each is held for itself, for some visits wait for others. */
static int visit_each(const struct iommu *iommu, struct iommu_block *block, uint32_t bits, link_visit *visit)
{
	int error = 0;

	for (; bits && !error; bits &= ~(1U << last_bit(bits))) {
		struct iommu_slot *slot = &block->slot[last_bit(bits)];

		iommu_hold(&slot->users);
		error = visit_slot(iommu, slot, visit);
		iommu_let_go(&slot->users);
	}
	return error;
}

/* All of them are held at once: for visits that wait for nobody. */
static int visit_together(const struct iommu *iommu, struct iommu_block *block, uint32_t bits, link_visit *visit)
{
	int error = 0;

	iommu_hold(&block->users);
	for (; bits && !error; bits &= ~(1U << last_bit(bits))) {
		error = visit_slot(iommu, &block->slot[last_bit(bits)], visit);
	}
	iommu_let_go(&block->users);
	return error;
}

/*
 * Visits the links that name this instance, of every master known by now; those that come meanwhile may be missed. The
 * first error ends it. From the last slot down: stream IDs mostly ascend with them, and a table that has room for the
 * last one has room for all.
 */
static int for_each_block(struct iommu *iommu, block_visit *visit_in, link_visit *visit)
{
	uint32_t number = block_count(word_load(&iommu->core->slot_count));
	int error = 0;

	while (number-- && !error) {
		uint32_t bits = word_load(&iommu->named_by[number]);

		error = bits ? visit_in(iommu, &iommu->core->block[number], bits, visit) : 0;
	}
	return error;
}

static int for_each_link(struct iommu *iommu, link_visit *visit)
{
	return for_each_block(iommu, visit_each, visit);
}

/*
 * What was probed stays PROBING until it is settled; a GROUPED link wants another try. One that cannot be settled stays
 * GROUPED. 0, whatever comes of a master; -EIO: the instance failed, and there is no point in going on.
 */
static int probe_and_settle(struct iommu_link *link)
{
	bool fresh = word_exchange_if(&link->state, LINK_DESCRIBED, LINK_PROBING | arch_core() << LINK_CORE_SHIFT);
	int error = fresh ? probe(link) : 0;

	if (!error && (fresh || link_state(link) == LINK_GROUPED)) {
		error = iommu_group_settle(link, !fresh);
		if (error) {
			word_store(&link->iommu->unsettled, 1);
		}
	}
	return error == -EIO ? error : 0;
}

/*
 * Replay. Each link is probed and put into its default domain at once: which masters form a group, and with which
 * direct regions, is known since they were described.
 */
static int walk(struct iommu *iommu)
{
	int error;

	word_store(&iommu->unsettled, 0);
	error = for_each_block(iommu, visit_together, probe_and_settle);
	arch_sync_point("walked", iommu);
	return error;
}

/* One look at a link of an instance that ends: true once nothing of it is in the hardware. */
static bool link_is_released(struct iommu_link *link)
{
	enum link_state state;

	if (iommu_link_leave(link)) {
		word_store(&link->state, LINK_DESCRIBED);
		return true;
	}
	/* Late probes have ended before. RELEASING is another core's that removes the master: it needs the instance. */
	state = link_state(link);
	return state == LINK_DESCRIBED || state == LINK_PROBING || state == LINK_ABSENT ||
	       iommu_link_step(link, LINK_QUARANTINED, LINK_DESCRIBED);
}

/* The instance ends, whoever does not let go of a link in time. */
static int release_link(struct iommu_link *link)
{
	(void)iommu_link_wait(link, link_is_released);
	return 0;
}

/* 0, or -EIO. */
static int release_and_stop(struct iommu *iommu)
{
	for_each_link(iommu, release_link);
	return iommu->ops->stop(iommu);
}

/* A registration comes to nothing. */
static int fail(struct iommu *iommu, const char *reason, int error)
{
	iommu->reason = iommu->reason ? iommu->reason : reason;
	(void)release_and_stop(iommu);
	word_store(&iommu->state, IOMMU_FAILED);
	return error;
}

/* Under the list lock, so that groups are merged either before it or not at all. */
static bool begin(struct iommu *iommu)
{
	uint32_t saved = lock(&iommu->core->group_list_lock);
	bool begun = word_exchange_if(&iommu->state, IOMMU_DESCRIBED, IOMMU_STARTING) ||
		     word_exchange_if(&iommu->state, IOMMU_GONE, IOMMU_STARTING) ||
		     word_exchange_if(&iommu->state, IOMMU_FAILED, IOMMU_STARTING);

	unlock(&iommu->core->group_list_lock, saved);
	return begun;
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

/* The instance is READY. `settled`: the walk left nobody behind, and `arrivals` masters had come before it. */
static void welcome(struct iommu *iommu, bool settled, uint32_t arrivals)
{
	/* Pairs with the fence in probe_where_ready(): a master that came meanwhile is probed by one of the two. */
	word_fence();
	if (!settled || word_load(&iommu->core->arrivals) != arrivals) {
		for_each_link(iommu, probe_if_late);
	}
	bind_queue_wake(iommu->core->queue, iommu->index);
}

int iommu_register(struct iommu *iommu)
{
	uint32_t arrivals;
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
	arrivals = word_load(&iommu->core->arrivals);
	error = walk(iommu);
	if (error) {
		return fail(iommu, "the replay of its masters failed", error);
	}
	error = iommu->ops->enable(iommu);
	if (error) {
		return fail(iommu, "it could not be enabled", error);
	}
	/* From READY on another core may begin to end it. */
	if (!word_exchange_if(&iommu->state, IOMMU_WALKING, IOMMU_READY)) {
		return fail(iommu, "it failed while it was registered", -EIO);
	}
	welcome(iommu, !word_load(&iommu->unsettled), arrivals);
	return 0;
}

void iommu_probe_late(struct iommu_link *link)
{
	struct iommu *iommu = link->iommu;

	word_add(&iommu->probes, 1);
	/* An exchange, as in iommu_unregister(): either this core sees LEAVING, or that core sees the probe and waits
	 * for it. */
	if (word_exchange_if(&iommu->state, IOMMU_READY, IOMMU_READY)) {
		(void)probe_and_settle(link);
		if (link_state(link) == LINK_READY || link_state(link) == LINK_QUARANTINED) {
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
	struct iommu_core *core = link->iommu->core;

	return core->unbind ? core->unbind(link->master) : 0;
}

static int wait_for_probes(struct iommu *iommu)
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

/* Not LEAVING any more: READY again, or, where it failed meanwhile, FAILING. */
static void stay(struct iommu *iommu)
{
	if (word_exchange_if(&iommu->state, IOMMU_LEAVING, IOMMU_READY)) {
		welcome(iommu, false, 0); /* No master was probed meanwhile. */
	} else {
		word_store(&iommu->state, IOMMU_READY | IOMMU_RAISED);
	}
}

/*
 * READY or FAILING to LEAVING, with IOMMU_RAISED where it was FAILING or is `raised` now, and to where nothing of it is
 * in use; or back.
 */
static int leave(struct iommu *iommu, uint32_t raised)
{
	int error;

	/* Out of look-up first: from here on no core finds it READY. */
	if (!word_exchange_if(&iommu->state, IOMMU_READY, IOMMU_LEAVING | raised) &&
	    !word_exchange_if(&iommu->state, IOMMU_READY | IOMMU_RAISED, IOMMU_LEAVING | IOMMU_RAISED)) {
		return -EBUSY;
	}
	error = wait_for_probes(iommu);
	if (!error) {
		error = for_each_link(iommu, unbind_clients);
	}
	if (error) {
		stay(iommu);
	}
	return error;
}

int iommu_unregister(struct iommu *iommu)
{
	int error = leave(iommu, 0);
	int stopped;

	if (error) {
		return error;
	}
	stopped = release_and_stop(iommu);
	if (!stopped && !iommu_is_raised(iommu)) {
		word_store(&iommu->state, IOMMU_GONE);
		return 0;
	}
	iommu->reason = stopped ? "it did not stop" : "an operation of it failed";
	word_store(&iommu->state, IOMMU_FAILED);
	return -EIO;
}

int iommu_fail(struct iommu *iommu, const char *reason)
{
	int error = leave(iommu, IOMMU_RAISED);

	if (!error) {
		error = release_and_stop(iommu);
		iommu->reason = reason;
		word_store(&iommu->state, IOMMU_FAILED);
	}
	return error;
}
