/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "iommu/core.h"

#define LINK_STATE_MASK 0xffU

enum link_state link_state(const struct iommu_link *link)
{
	return (enum link_state)(word_load(&link->state) & LINK_STATE_MASK);
}

bool iommu_link_exchange(struct iommu_link *link, enum link_state from, enum link_state to)
{
	return word_exchange_if(&link->state, from, to);
}

bool iommu_link_leave(struct iommu_link *link)
{
	bool left = LINK_STEP_IF(link, LINK_READY, LINK_RELEASING) || LINK_STEP_IF(link, LINK_GROUPED, LINK_RELEASING);

	if (left) {
		iommu_group_leave(link);
	}
	return left;
}

int iommu_link_wait(struct iommu_link *link, bool (*done)(struct iommu_link *link))
{
	struct deadline deadline = deadline_in_us(IOMMU_WAIT_US);

	while (!done(link)) {
		if (deadline_passed(&deadline)) {
			return -ETIMEDOUT;
		}
		arch_relax();
	}
	return 0;
}

static struct iommu_link *master_link_to(struct iommu_master *master, struct iommu_instance *iommu)
{
	struct iommu_link *link;

	for (unsigned int i = 0; i < master->link_count; i++) {
		if (master->link[i].iommu == iommu) {
			return &master->link[i];
		}
	}
	if (master->link_count == IOMMU_LINKS_MAX) {
		return NULL;
	}
	link = &master->link[master->link_count++];
	*link = (struct iommu_link){.master = master, .iommu = iommu, .sid = &master->sid[master->sid_count]};
	return link;
}

/* The links' lists are adjacent in master->sid[]: later ones move up. */
static void link_insert_sid(struct iommu_master *master, struct iommu_link *link, uint32_t sid)
{
	unsigned int at = (unsigned int)(link->sid - master->sid);
	unsigned int end = at + link->sid_count;

	while (at < end && master->sid[at] < sid) {
		at++;
	}
	if (at < end && master->sid[at] == sid) {
		return;
	}
	for (unsigned int i = master->sid_count; i > at; i--) {
		master->sid[i] = master->sid[i - 1];
	}
	master->sid[at] = sid;
	master->sid_count++;
	link->sid_count++;
	for (struct iommu_link *later = link + 1; later < master->link + master->link_count; later++) {
		later->sid++;
	}
}

int iommu_master_stream(struct iommu_master *master, struct iommu_instance *iommu, uint32_t sid)
{
	struct iommu_link *link;

	if (master->sid_count == IOMMU_SIDS_MAX) {
		return -ENOSPC;
	}
	link = master_link_to(master, iommu);
	if (!link) {
		return -ENOSPC;
	}
	link_insert_sid(master, link, sid);
	return 0;
}

int iommu_master_region(struct iommu_master *master, uint64_t base, uint64_t size, unsigned int access)
{
	if (!size || (base | size) % PAGE_SIZE || base + size < base) {
		return -EINVAL;
	}
	if (master->region_count == IOMMU_REGIONS_MAX) {
		return -ENOSPC;
	}
	master->region[master->region_count++] = (struct iommu_region){.base = base, .size = size, .access = access};
	return 0;
}

/* --- Slots. --- */

void iommu_hold(struct word *users)
{
	word_add(users, 1);
	/* This core sees the empty slot, or the core in slot_vacate() sees this user. */
	word_meet(MEET_HOLD);
}

void iommu_let_go(struct word *users)
{
	word_add(users, (uint32_t)-1);
}

static struct iommu_slot_set *slot_set_of(struct iommu_core *core, uint32_t slot_number)
{
	return &core->slot_set[slot_number / IOMMU_SLOTS_PER_SET];
}

static struct iommu_slot *slot_of(struct iommu_core *core, uint32_t slot_number)
{
	return &slot_set_of(core, slot_number)->slot[slot_number % IOMMU_SLOTS_PER_SET];
}

/* Walks visit the master from slot_list() to slot_delist(). */
static void slot_list(struct iommu_master *master)
{
	for (unsigned int i = 0; i < master->link_count; i++) {
		word_set(&master->link[i].iommu->named_by[master->slot_number / IOMMU_SLOTS_PER_SET],
			 1U << master->slot_number % IOMMU_SLOTS_PER_SET);
	}
}

static void slot_delist(struct iommu_master *master)
{
	for (unsigned int i = 0; i < master->link_count; i++) {
		word_clear(&master->link[i].iommu->named_by[master->slot_number / IOMMU_SLOTS_PER_SET],
			   1U << master->slot_number % IOMMU_SLOTS_PER_SET);
	}
}

/* Later walks reach the slot. */
static void slot_raise_count(struct iommu_core *core, uint32_t wanted)
{
	uint32_t count = word_load(&core->slot_count);

	while (count < wanted && !word_exchange_if(&core->slot_count, count, wanted)) {
		count = word_load(&core->slot_count);
	}
}

/* Reserves a slot first, so that slot_occupy() cannot fail and nothing has to be undone. */
static int slot_promise(struct iommu_core *core)
{
	if (word_add(&core->master_count, 1) < core->masters_max) {
		return 0;
	}
	word_add(&core->master_count, (uint32_t)-1);
	return -ENOSPC;
}

static uint32_t slot_next(const struct iommu_core *core, uint32_t slot_number)
{
	return slot_number + 1 < core->masters_max ? slot_number + 1 : 0;
}

static void slot_occupy(struct iommu_core *core, struct iommu_master *master)
{
	uint32_t slot_number = word_load(&core->maybe_free);

	master->slot_number = slot_number;
	while (pointer_load(&slot_of(core, slot_number)->master) ||
	       !pointer_exchange_if(&slot_of(core, slot_number)->master, NULL, master)) {
		slot_number = slot_next(core, slot_number);
		master->slot_number = slot_number;
	}
	word_store(&core->maybe_free, slot_next(core, slot_number));
	slot_raise_count(core, slot_number + 1);
	slot_list(master);
	word_add(&core->arrivals, 1);
}

/* Empties the slot, then waits until no core uses the master; pairs with iommu_hold(). */
static int slot_vacate(struct iommu_core *core, struct iommu_master *master)
{
	struct deadline deadline = deadline_in_us(IOMMU_WAIT_US);
	const struct iommu_slot_set *slot_set = slot_set_of(core, master->slot_number);
	struct iommu_slot *slot = slot_of(core, master->slot_number);

	pointer_store(&slot->master, NULL);
	word_meet(MEET_HOLD);
	while (word_load(&slot_set->users) || word_load(&slot->users)) {
		if (deadline_passed(&deadline)) {
			return -ETIMEDOUT;
		}
		arch_relax();
	}
	word_store(&core->maybe_free, master->slot_number);
	return 0;
}

/* --- Adding and removing. --- */

static void master_probe_where_ready(struct iommu_master *master)
{
	/* The core in instance_welcome() sees the master, or this core sees READY. */
	word_meet(MEET_ARRIVAL);
	for (unsigned int i = 0; i < master->link_count; i++) {
		if (iommu_state(master->link[i].iommu) == IOMMU_READY) {
			iommu_probe_late(&master->link[i]);
		}
	}
}

/* Waiting clients can fail now: their master is quarantined. */
static void master_wake_clients(const struct iommu_core *core, const struct iommu_master *master)
{
	for (unsigned int i = 0; i < master->link_count; i++) {
		bind_queue_wake(core->queue, master->link[i].iommu->index);
	}
}

int iommu_master_add(struct iommu_core *core, struct iommu_master *master)
{
	int error;

	if (!STEP_IF(MASTER_STEPS, &master->presence, PRESENCE_ABSENT, PRESENCE_ARRIVING)) {
		return -EBUSY;
	}
	error = slot_promise(core);
	if (!error) {
		error = iommu_group_assign(core, master);
		if (error) {
			word_add(&core->master_count, (uint32_t)-1);
		}
	}
	if (error) {
		STEP_TO(MASTER_STEPS, &master->presence, PRESENCE_ARRIVING, PRESENCE_ABSENT);
		return error;
	}
	slot_occupy(core, master);
	master_probe_where_ready(master);
	STEP_TO(MASTER_STEPS, &master->presence, PRESENCE_ARRIVING, PRESENCE_PRESENT);
	if (pointer_load(&master->quarantine_reason)) {
		master_wake_clients(core, master);
	}
	bind_queue_retry(core->queue);
	return 0;
}

/* True once no hardware holds the link and no core can probe it. */
static bool link_is_gone(struct iommu_link *link)
{
	if (iommu_link_leave(link)) {
		LINK_STEP_TO(link, LINK_RELEASING, LINK_ABSENT);
		return true;
	}
	return LINK_STEP_IF(link, LINK_DESCRIBED, LINK_ABSENT) || LINK_STEP_IF(link, LINK_QUARANTINED, LINK_ABSENT) ||
	       link_state(link) == LINK_ABSENT;
}

static int master_take_links(struct iommu_master *master)
{
	int error = 0;

	for (unsigned int i = 0; i < master->link_count && !error; i++) {
		error = iommu_link_wait(&master->link[i], link_is_gone);
	}
	return error;
}

static void master_give_links_back(struct iommu_master *master)
{
	for (unsigned int i = 0; i < master->link_count; i++) {
		(void)LINK_STEP_IF(&master->link[i], LINK_ABSENT, LINK_DESCRIBED);
	}
}

/* After a failed removal. Counts as an arrival: a walk may have missed the links. */
static int master_stay(struct iommu_core *core, struct iommu_master *master, int error)
{
	master_give_links_back(master);
	word_add(&core->arrivals, 1);
	master_probe_where_ready(master);
	STEP_TO(MASTER_STEPS, &master->presence, PRESENCE_LEAVING, PRESENCE_PRESENT);
	if (core->rebind) {
		core->rebind(master);
	}
	bind_queue_retry(core->queue);
	return error;
}

int iommu_master_remove(struct iommu_core *core, struct iommu_master *master)
{
	int error;

	if (master->region_count) {
		return -EPERM;
	}
	/* iommu_use() refuses from here on. */
	if (!STEP_IF(MASTER_STEPS, &master->presence, PRESENCE_PRESENT, PRESENCE_LEAVING)) {
		return -EBUSY;
	}
	error = core->unbind ? core->unbind(master) : 0;
	if (!error) {
		iommu_release_claim(master);
		error = master_take_links(master);
	}
	if (error) {
		return master_stay(core, master, error);
	}
	/* Before slot_vacate(): afterwards the bit belongs to the slot's next master. */
	slot_delist(master);
	error = slot_vacate(core, master);
	if (!error) {
		error = iommu_group_forget(core, master);
	}
	if (error) {
		slot_occupy(core, master); /* Another master may have its old slot; one is still reserved. */
		return master_stay(core, master, error);
	}
	word_add(&core->master_count, (uint32_t)-1);
	pointer_store(&master->quarantine_reason, NULL);
	master_give_links_back(master);
	STEP_TO(MASTER_STEPS, &master->presence, PRESENCE_LEAVING, PRESENCE_ABSENT);
	return 0;
}

/* True once the streams that only this link emits are denied, or it was not probed. */
static bool link_is_denied(struct iommu_link *link)
{
	enum link_state state;

	if (iommu_link_leave(link)) {
		iommu_group_quarantine(link);
		link->reason = pointer_load(&link->master->quarantine_reason);
		LINK_STEP_TO(link, LINK_RELEASING, LINK_QUARANTINED);
		return true;
	}
	state = link_state(link);
	/* Not PROBING: that probe may have missed `quarantine_reason`. */
	return state == LINK_DESCRIBED || state == LINK_QUARANTINED || state == LINK_ABSENT;
}

int iommu_quarantine(struct iommu_core *core, struct iommu_master *master, const char *reason)
{
	int error = 0;

	if (master->region_count) {
		return -EPERM;
	}
	if (word_load(&master->presence) != PRESENCE_PRESENT) {
		return -EBUSY;
	}
	pointer_store(&master->quarantine_reason, (void *)(uintptr_t)reason);
	/* The core in link_try_probe() sees the reason, or this core sees PROBING. */
	word_meet(MEET_QUARANTINE);
	for (unsigned int i = 0; i < master->link_count; i++) {
		int result = iommu_link_wait(&master->link[i], link_is_denied);

		result = result ? result : iommu_is_raised(master->link[i].iommu) ? -EIO : 0;
		error = error ? error : result;
	}
	master_wake_clients(core, master);
	return error;
}

enum master_state master_state(const struct iommu_master *master)
{
	enum master_state state = MASTER_READY;

	if (pointer_load(&master->quarantine_reason)) {
		return MASTER_QUARANTINED;
	}
	for (unsigned int i = 0; i < master->link_count; i++) {
		enum link_state link = link_state(&master->link[i]);

		if (link == LINK_QUARANTINED) {
			return MASTER_QUARANTINED;
		}
		if (link != LINK_READY) {
			state = MASTER_DESCRIBED;
		}
	}
	return state;
}

const char *master_state_name(enum master_state state)
{
	static const char names[][12] = {"described", "ready", "quarantined"};

	return names[state];
}

const char *master_reason(const struct iommu_master *master)
{
	const char *quarantine_reason = (const char *)pointer_load(&master->quarantine_reason);
	const char *reason = quarantine_reason ? quarantine_reason : master->reason;

	for (unsigned int i = 0; i < master->link_count && !reason; i++) {
		enum link_state state = link_state(&master->link[i]);

		if (state != LINK_PROBING && state != LINK_READY) {
			reason = master->link[i].reason;
		}
	}
	return reason;
}

bool iommu_master_emits(const struct iommu_master *master, const struct iommu_instance *iommu, uint32_t first,
			uint32_t last)
{
	for (unsigned int l = 0; l < master->link_count; l++) {
		const struct iommu_link *link = &master->link[l];

		for (unsigned int s = 0; link->iommu == iommu && s < link->sid_count; s++) {
			if (link->sid[s] >= first && link->sid[s] <= last) {
				return true;
			}
		}
	}
	return false;
}

struct iommu_master *iommu_master_of(struct iommu_core *core, const struct iommu_instance *iommu, uint32_t sid)
{
	struct iommu_master *found = NULL;

	for (uint32_t slot_number = 0; slot_number < word_load(&core->slot_count) && !found; slot_number++) {
		struct iommu_slot *slot = slot_of(core, slot_number);
		struct iommu_master *master;

		iommu_hold(&slot->users);
		master = (struct iommu_master *)pointer_load(&slot->master);
		arch_sync_point("held", master);
		found = master && iommu_master_emits(master, iommu, sid, sid) ? master : NULL;
		iommu_let_go(&slot->users);
	}
	return found;
}
