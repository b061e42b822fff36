/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups of masters. Under the list lock look-up and creation are one step (B-05); a group's lock guards its parts. */
#include <errno.h>
#include <limits.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "iommu/core.h"

#define KEYS_MAX (IOMMU_SIDS_MAX + 1U)

struct iommu_group *iommu_group_lock(const struct iommu_master *master, uint32_t *saved)
{
	struct iommu_group *group = iommu_group_of(master);

	while (group) {
		*saved = lock(&group->lock);
		/* A merge or split may have moved the master meanwhile. */
		if (iommu_group_of(master) == group) {
			return group;
		}
		unlock(&group->lock, *saved);
		group = iommu_group_of(master);
	}
	return NULL;
}

struct key {
	const struct iommu_instance *iommu;
	uint32_t sid;
};

static unsigned int group_keys_of(const struct iommu_master *master, struct key keys[KEYS_MAX])
{
	unsigned int count = 0;

	for (unsigned int l = 0; l < master->link_count; l++) {
		for (unsigned int s = 0; s < master->link[l].sid_count; s++) {
			keys[count++] = (struct key){.iommu = master->link[l].iommu, .sid = master->link[l].sid[s]};
		}
	}
	if (master->isolation && count) {
		keys[count++] = (struct key){.iommu = NULL, .sid = master->isolation};
	}
	return count;
}

static struct iommu_stream **stream_bucket_of(struct iommu_core *core, const struct key *key)
{
	unsigned int index = key->iommu ? key->iommu->index : IOMMU_INSTANCES_MAX;

	return &core->stream[(key->sid ^ key->sid >> 8 ^ index * 37U) & core->stream_mask];
}

static struct iommu_stream *stream_find(struct iommu_core *core, const struct key *key)
{
	struct iommu_stream *stream = *stream_bucket_of(core, key);

	while (stream && (stream->iommu != key->iommu || stream->sid != key->sid)) {
		stream = stream->next;
	}
	return stream;
}

static struct iommu_stream *stream_new(struct iommu_core *core, const struct key *key)
{
	struct iommu_stream **bucket = stream_bucket_of(core, key);
	struct iommu_stream *stream = core->free_stream;

	if (stream) {
		core->free_stream = stream->next;
	} else {
		stream = arena_allocate(sizeof(*stream), _Alignof(struct iommu_stream));
	}
	if (stream) {
		*stream = (struct iommu_stream){.iommu = key->iommu, .sid = key->sid, .next = *bucket};
		*bucket = stream;
	}
	return stream;
}

static void stream_drop(struct iommu_core *core, const struct key *key)
{
	struct iommu_stream **at = stream_bucket_of(core, key);
	struct iommu_stream *stream = stream_find(core, key);

	if (--stream->user_count) {
		return;
	}
	while (*at != stream) {
		at = &(*at)->next;
	}
	*at = stream->next;
	stream->next = core->free_stream;
	core->free_stream = stream;
}

static struct iommu_group *group_new(struct iommu_core *core)
{
	struct iommu_group *group = core->free_group;

	if (group) {
		core->free_group = group->next_free;
		return group;
	}
	group = arena_allocate(sizeof(*group), _Alignof(struct iommu_group));
	if (group) {
		group->id = core->group_count++;
		lock_init(&group->lock, LOCK_RANK_GROUP);
	}
	return group;
}

/* List lock held; group's lock too if other cores can find the group. */
static void group_retire(struct iommu_core *core, struct iommu_group *group)
{
	group->members = NULL;
	group->part_count = 0;
	group->region_count = 0;
	group->owner_count = 0;
	group->claimed_by = NULL;
	group->loose = false;
	group->next_free = core->free_group;
	core->free_group = group;
}

/* --- Which group? List lock held. --- */

static void group_set_streams(struct iommu_core *core, const struct iommu_master *master, struct iommu_group *group)
{
	struct key keys[KEYS_MAX];
	unsigned int count = group_keys_of(master, keys);

	for (unsigned int k = 0; k < count; k++) {
		stream_find(core, &keys[k])->group = group;
	}
}

/* The keys' groups, each once. */
static unsigned int group_list_known(struct iommu_core *core, const struct key *keys, unsigned int key_count,
				     struct iommu_group *groups[KEYS_MAX])
{
	unsigned int count = 0;

	for (unsigned int k = 0; k < key_count; k++) {
		const struct iommu_stream *stream = stream_find(core, &keys[k]);
		unsigned int g = 0;

		while (stream && g < count && groups[g] != stream->group) {
			g++;
		}
		if (stream && g == count) {
			groups[count++] = stream->group;
		}
	}
	return count;
}

/* True if no hardware holds any of the group; stays so under the list lock, which instance_begin() takes. */
static bool group_is_idle(struct iommu_group *group)
{
	uint32_t saved;
	bool idle;

	for (unsigned int i = 0; i < group->part_count; i++) {
		enum iommu_state state = iommu_state(group->part[i].iommu);

		if (state != IOMMU_DESCRIBED && state != IOMMU_GONE && state != IOMMU_FAILED) {
			return false;
		}
	}
	/* No core holds this lock over a hardware wait: no instance of the group is in service. */
	saved = lock(&group->lock);
	idle = !group->owner_count && !group->claimed_by;
	unlock(&group->lock, saved);
	return idle;
}

static bool group_has_exclusive_member(const struct iommu_group *group)
{
	for (const struct iommu_master *member = group->members; member; member = member->next_in_group) {
		if (member->exclusive) {
			return true;
		}
	}
	return false;
}

struct demand {
	const struct iommu_instance *iommu[IOMMU_LINKS_MAX + 1];
	unsigned int part_count;
	struct iommu_region region[IOMMU_REGIONS_MAX + 1];
	unsigned int region_count;
};

static bool region_is_among(const struct iommu_region *regions, unsigned int count, const struct iommu_region *region)
{
	for (unsigned int r = 0; r < count; r++) {
		if (regions[r].base == region->base && regions[r].size == region->size &&
		    regions[r].access == region->access) {
			return true;
		}
	}
	return false;
}

static void demand_regions(struct demand *demand, const struct iommu_region *regions, unsigned int count)
{
	for (unsigned int r = 0; r < count; r++) {
		if (demand->region_count <= IOMMU_REGIONS_MAX &&
		    !region_is_among(demand->region, demand->region_count, &regions[r])) {
			demand->region[demand->region_count++] = regions[r];
		}
	}
}

static void demand_part(struct demand *demand, const struct iommu_instance *iommu)
{
	for (unsigned int i = 0; i < demand->part_count; i++) {
		if (demand->iommu[i] == iommu) {
			return;
		}
	}
	if (demand->part_count <= IOMMU_LINKS_MAX) {
		demand->iommu[demand->part_count++] = iommu;
	}
}

static bool group_fits(const struct iommu_master *master, struct iommu_group *const *groups, unsigned int count)
{
	struct demand demand = {0};

	demand_regions(&demand, master->region, master->region_count);
	for (unsigned int l = 0; l < master->link_count; l++) {
		demand_part(&demand, master->link[l].iommu);
	}
	for (unsigned int g = 0; g < count; g++) {
		for (unsigned int p = 0; p < groups[g]->part_count; p++) {
			demand_part(&demand, groups[g]->part[p].iommu);
		}
		demand_regions(&demand, groups[g]->region, groups[g]->region_count);
	}
	return demand.part_count <= IOMMU_LINKS_MAX && demand.region_count <= IOMMU_REGIONS_MAX;
}

/* Why the master cannot join these groups, or NULL. */
static const char *group_obstacle(const struct iommu_master *master, struct iommu_group **groups, unsigned int count)
{
	for (unsigned int g = 0; g < count; g++) {
		if (master->exclusive || group_has_exclusive_member(groups[g])) {
			return "it shares a stream with a master that may share with none";
		}
		if (count > 1 && !group_is_idle(groups[g])) {
			return "its streams belong to two groups that cannot be one any more";
		}
	}
	return group_fits(master, groups, count) ? NULL :
						   "its group would have more instances or direct regions than fit";
}

static void group_add_part(struct iommu_group *group, struct iommu_instance *iommu)
{
	if (!iommu_group_part(group, iommu)) {
		group->part[group->part_count++] = (struct iommu_part){.iommu = iommu};
	}
}

/* Equal regions share one entry. */
static void group_add_regions(struct iommu_group *group, const struct iommu_region *regions, unsigned int count)
{
	for (unsigned int r = 0; r < count; r++) {
		if (!region_is_among(group->region, group->region_count, &regions[r])) {
			group->region[group->region_count++] = regions[r];
		}
	}
}

/*
 * Moves every member of an idle group. master->group changes under the lock of the group that it leaves:
 * iommu_group_lock() relies on that.
 */
static void group_merge(struct iommu_core *core, struct iommu_group *into, struct iommu_group *from)
{
	struct iommu_master *member = from->members;
	uint32_t saved = lock(&into->lock);

	for (unsigned int p = 0; p < from->part_count; p++) {
		group_add_part(into, from->part[p].iommu);
	}
	group_add_regions(into, from->region, from->region_count);
	into->loose |= from->loose;
	unlock(&into->lock, saved);
	saved = lock(&from->lock);
	while (member) {
		struct iommu_master *next = member->next_in_group;

		group_set_streams(core, member, into);
		pointer_store(&member->group, into);
		member->next_in_group = into->members;
		into->members = member;
		member = next;
	}
	group_retire(core, from);
	unlock(&from->lock, saved);
}

/* Counts the master's streams, new ones in `group`. group_merge() moves the others and cannot fail. */
static int group_note_streams(struct iommu_core *core, const struct key *keys, unsigned int count,
			      struct iommu_group *group)
{
	for (unsigned int k = 0; k < count; k++) {
		struct iommu_stream *stream = stream_find(core, &keys[k]);

		if (!stream) {
			stream = stream_new(core, &keys[k]);
			if (stream) {
				stream->group = group;
			}
		}
		if (!stream) {
			while (k--) {
				stream_drop(core, &keys[k]);
			}
			return -ENOMEM;
		}
		stream->user_count++;
	}
	return 0;
}

/* Group's lock held if other cores can find the group. */
static void group_add_member(struct iommu_group *group, struct iommu_master *master)
{
	for (unsigned int l = 0; l < master->link_count; l++) {
		group_add_part(group, master->link[l].iommu);
	}
	group_add_regions(group, master->region, master->region_count);
	master->next_in_group = group->members;
	group->members = master;
}

/* Is another core denying one of these? Then its group may not change. */
static bool group_keys_are_denied(const struct key *keys, unsigned int count)
{
	for (unsigned int k = 0; k < count; k++) {
		if (keys[k].iommu && keys[k].iommu->denying && keys[k].iommu->denied_sid == keys[k].sid) {
			return true;
		}
	}
	return false;
}

/* -EAGAIN: another core uses a stream or the group. */
static int group_assign(struct iommu_core *core, struct iommu_master *master)
{
	struct key keys[KEYS_MAX];
	struct iommu_group *groups[KEYS_MAX];
	unsigned int key_count = group_keys_of(master, keys);
	unsigned int count = group_list_known(core, keys, key_count, groups);
	const char *reason = group_obstacle(master, groups, count);
	struct iommu_group *group;
	uint32_t saved;
	int error;

	if (group_keys_are_denied(keys, key_count)) {
		return -EAGAIN;
	}
	if (reason) {
		pointer_store(&master->quarantine_reason, (void *)(uintptr_t)reason);
		return 0;
	}
	group = count ? groups[0] : group_new(core);
	if (!group) {
		return -ENOMEM;
	}
	/* Only a try: its holder may wait for hardware, and no core waits for that with the list lock. */
	if (!lock_try(&group->lock, &saved)) {
		if (!count) {
			group_retire(core, group);
		}
		return -EAGAIN;
	}
	error = group_note_streams(core, keys, key_count, group);
	if (!error) {
		group_add_member(group, master);
		pointer_store(&master->group, group);
	} else if (!count) {
		group_retire(core, group);
	}
	unlock(&group->lock, saved);
	for (unsigned int g = 1; g < count && !error; g++) {
		group_merge(core, group, groups[g]);
	}
	return error;
}

typedef int list_step(struct iommu_core *core, struct iommu_master *master);

/* Repeats a step, list lock held, while it returns -EAGAIN; in the end -ETIMEDOUT. */
static int group_with_list(struct iommu_core *core, struct iommu_master *master, list_step *step)
{
	struct deadline deadline = deadline_in_us(IOMMU_WAIT_US);

	for (;;) {
		uint32_t saved = lock(&core->group_list_lock);
		int error = step(core, master);

		unlock(&core->group_list_lock, saved);
		if (error != -EAGAIN) {
			return error;
		}
		if (deadline_passed(&deadline)) {
			return -ETIMEDOUT;
		}
		arch_relax();
	}
}

int iommu_group_assign(struct iommu_core *core, struct iommu_master *master)
{
	pointer_store(&master->quarantine_reason, NULL);
	pointer_store(&master->group, NULL);
	return master->sid_count ? group_with_list(core, master, group_assign) : 0;
}

static bool group_is_named(const struct iommu_group *group, const struct iommu_instance *iommu)
{
	for (const struct iommu_master *member = group->members; member; member = member->next_in_group) {
		for (unsigned int l = 0; l < member->link_count; l++) {
			if (member->link[l].iommu == iommu) {
				return true;
			}
		}
	}
	return false;
}

/* Both locks held. Drops parts that no other member names. */
static void group_remove_member(struct iommu_group *group, const struct iommu_master *master)
{
	struct iommu_master **at = &group->members;
	unsigned int kept = 0;

	while (*at != master) {
		at = &(*at)->next_in_group;
	}
	*at = master->next_in_group;
	for (unsigned int p = 0; p < group->part_count; p++) {
		if (group_is_named(group, group->part[p].iommu)) {
			group->part[kept++] = group->part[p];
		}
	}
	group->part_count = kept;
}

static bool member_has_stream_in(struct iommu_core *core, const struct iommu_master *master,
				 const struct iommu_group *group)
{
	struct key keys[KEYS_MAX];
	unsigned int k = group_keys_of(master, keys);

	while (k && stream_find(core, &keys[k - 1])->group != group) {
		k--;
	}
	return k != 0;
}

/* With a stream in the group and, if `taken`, one out of it. */
static const struct iommu_master *group_find_member(struct iommu_core *core, const struct iommu_group *group,
						    bool taken)
{
	const struct iommu_master *member = group->members;

	while (member &&
	       !(member_has_stream_in(core, member, group) && (!taken || member_has_stream_in(core, member, NULL)))) {
		member = member->next_in_group;
	}
	return member;
}

/* Takes the streams of the first member, and of all connected by streams, out of the group. */
static void group_take_first(struct iommu_core *core, const struct iommu_group *group)
{
	const struct iommu_master *member = group->members;

	while (member) {
		group_set_streams(core, member, NULL);
		member = group_find_member(core, group, true);
	}
}

/* Moves members whose streams are still in the group to `rest`, if there is one. */
static void group_deal(struct iommu_core *core, struct iommu_group *group, struct iommu_group *rest)
{
	struct iommu_master *member = group->members;

	group->members = NULL;
	group->part_count = 0;
	group->region_count = 0;
	while (member) {
		struct iommu_master *next = member->next_in_group;
		bool stays = !rest || member_has_stream_in(core, member, NULL);

		group_add_member(stays ? group : rest, member);
		if (!stays) {
			group_set_streams(core, member, rest);
		}
		member = next;
	}
	for (member = group->members; member; member = member->next_in_group) {
		group_set_streams(core, member, group);
	}
}

/*
 * Splits an idle group into groups that share no stream. master->group changes under the lock of the group that it
 * leaves, once the new group is complete. Without memory it stays whole and loose.
 */
static void group_split(struct iommu_core *core, struct iommu_group *whole)
{
	struct iommu_group *group = whole;

	while (group) {
		uint32_t saved = lock(&group->lock);
		struct iommu_group *rest = NULL;

		group_take_first(core, group);
		group->loose = group_find_member(core, group, false);
		if (group->loose) {
			rest = group_new(core);
		}
		group_deal(core, group, rest);
		if (rest) {
			group->loose = false;
			for (struct iommu_master *member = rest->members; member; member = member->next_in_group) {
				pointer_store(&member->group, rest);
			}
		}
		unlock(&group->lock, saved);
		group = rest;
	}
}

static int group_split_if_idle(struct iommu_core *core, struct iommu_master *master)
{
	struct iommu_group *group = iommu_group_of(master);

	if (group && group->loose && group_is_idle(group)) {
		group_split(core, group);
	}
	return 0;
}

/* Does nothing while an instance is in service or the group is owned. */
static int group_split_of_link(struct iommu_link *link)
{
	return group_with_list(link->iommu->core, link->master, group_split_if_idle);
}

/* List lock held: a member has just left. */
static void group_tell_apart(struct iommu_core *core, struct iommu_group *group)
{
	if (!group->members) {
		group_retire(core, group);
		return;
	}
	group->loose = true;
	/* Set here, so that an image that removes no master does not link group_split(). */
	arch_sync_point("store pointer", &core->split);
	atomic_store_explicit(&core->split, group_split_of_link, memory_order_release);
	/* This core sees the instance's end, or the core in instance_end() sees the pointer. */
	word_meet(MEET_SPLIT);
	(void)group_split_if_idle(core, group->members);
}

static int group_forget(struct iommu_core *core, struct iommu_master *master)
{
	struct iommu_group *group = iommu_group_of(master);
	struct key keys[KEYS_MAX];
	unsigned int count = group_keys_of(master, keys);
	uint32_t saved;

	if (group_keys_are_denied(keys, count) || !lock_try(&group->lock, &saved)) {
		return -EAGAIN;
	}
	for (unsigned int k = 0; k < count; k++) {
		stream_drop(core, &keys[k]);
	}
	group_remove_member(group, master);
	pointer_store(&master->group, NULL);
	unlock(&group->lock, saved);
	group_tell_apart(core, group);
	return 0;
}

int iommu_group_forget(struct iommu_core *core, struct iommu_master *master)
{
	return iommu_group_of(master) ? group_with_list(core, master, group_forget) : 0;
}

/* --- What the hardware holds. --- */

struct iommu_part *iommu_group_part(struct iommu_group *group, const struct iommu_instance *iommu)
{
	struct iommu_part *part = group->part;

	for (unsigned int left = group->part_count; left; left--, part++) {
		if (part->iommu == iommu) {
			return part;
		}
	}
	return NULL;
}

static bool part_has_sid(const struct iommu_part *part, uint32_t sid, const struct iommu_link *but)
{
	for (const struct iommu_link *link = part->links; link; link = link->next_in_part) {
		for (unsigned int i = 0; link != but && i < link->sid_count; i++) {
			if (link->sid[i] == sid) {
				return true;
			}
		}
	}
	return false;
}

static void part_unhook_link(struct iommu_part *part, const struct iommu_link *link)
{
	struct iommu_link **at = &part->links;

	while (*at != link) {
		at = &(*at)->next_in_part;
	}
	*at = link->next_in_part;
}

static int part_attach_stream(struct iommu_instance *iommu, uint32_t sid, struct iommu_domain *domain)
{
	return iommu_noted(iommu, iommu->ops->attach(iommu, sid, domain));
}

/* Group's lock held. Streams of other members stay attached. */
static void part_detach_link(const struct iommu_part *part, const struct iommu_link *link)
{
	for (unsigned int i = 0; i < link->sid_count; i++) {
		if (!part_has_sid(part, link->sid[i], link)) {
			/* Takes no memory: only a failed instance refuses. */
			(void)part_attach_stream(link->iommu, link->sid[i], NULL);
		}
	}
}

void iommu_domain_free(struct iommu_domain *domain)
{
	struct iommu_instance *iommu = domain->iommu; /* After domain_free() another core may reuse *domain. */

	(void)iommu_noted(iommu, iommu->ops->domain_free(domain));
}

static void part_free_domain(struct iommu_domain **domain)
{
	if (*domain) {
		iommu_domain_free(*domain);
		*domain = NULL;
	}
}

void iommu_group_leave(struct iommu_link *link)
{
	uint32_t saved;
	struct iommu_group *group = iommu_group_lock(link->master, &saved);
	struct iommu_part *part = iommu_group_part(group, link->iommu);

	part_detach_link(part, link);
	part_unhook_link(part, link);
	if (!part->links) {
		/* The group may still be owned through its other instances. */
		part_free_domain(&part->domain);
		part_free_domain(&part->fallback);
		part->region_count = 0;
	}
	unlock(&group->lock, saved);
}

/* Lock of the stream's group held, if it has one. */
static void denial_write(const struct iommu_link *link, uint32_t sid, struct iommu_group *group)
{
	const struct iommu_part *part = group ? iommu_group_part(group, link->iommu) : NULL;

	if (!part || !part_has_sid(part, sid, link)) {
		(void)iommu_noted(link->iommu, link->iommu->ops->quarantine(link->iommu, sid));
	}
}

/* Freezes the stream's group until denial_end(). False while another core denies a stream here. */
static bool denial_begin(struct iommu_instance *iommu, uint32_t sid, struct iommu_group **group)
{
	struct key key = {.iommu = iommu, .sid = sid};
	uint32_t saved = lock(&iommu->core->group_list_lock);
	bool begun = !iommu->denying;

	if (begun) {
		const struct iommu_stream *stream = stream_find(iommu->core, &key);

		*group = stream ? stream->group : NULL;
		iommu->denying = true;
		iommu->denied_sid = sid;
	}
	unlock(&iommu->core->group_list_lock, saved);
	return begun;
}

static void denial_end(struct iommu_instance *iommu)
{
	uint32_t saved = lock(&iommu->core->group_list_lock);

	iommu->denying = false;
	unlock(&iommu->core->group_list_lock, saved);
}

/*
 * Denies a stream of a master in no group; another master may emit it, now or later. Waits for hardware with at most
 * the stream's group locked. If another core's denial does not end, the stream stays denied with an event.
 */
static void denial_outside_groups(const struct iommu_link *link, uint32_t sid)
{
	struct deadline deadline = deadline_in_us(IOMMU_WAIT_US);
	struct iommu_group *group;
	uint32_t saved = 0;

	while (!denial_begin(link->iommu, sid, &group)) {
		if (deadline_passed(&deadline)) {
			return;
		}
		arch_relax();
	}
	saved = group ? lock(&group->lock) : 0;
	denial_write(link, sid, group);
	if (group) {
		unlock(&group->lock, saved);
	}
	denial_end(link->iommu);
}

void iommu_group_quarantine(struct iommu_link *link)
{
	for (unsigned int i = 0; i < link->sid_count; i++) {
		uint32_t saved;
		struct iommu_group *group = iommu_group_lock(link->master, &saved);

		if (group) {
			denial_write(link, link->sid[i], group);
			unlock(&group->lock, saved);
		} else {
			denial_outside_groups(link, link->sid[i]);
		}
	}
}

/* --- The default domain. Group's lock held. --- */

static int link_attach(const struct iommu_link *link, struct iommu_domain *domain)
{
	for (unsigned int i = 0; i < link->sid_count; i++) {
		/* Not part_attach_stream(): a replay runs this for every stream. */
		int error = link->iommu->ops->attach(link->iommu, link->sid[i], domain);

		if (error) {
			return iommu_noted(link->iommu, error);
		}
	}
	return 0;
}

/* The first `count` streams, in the links' order. */
static int part_attach_streams(const struct iommu_part *part, struct iommu_domain *domain, unsigned int count,
			       unsigned int *done)
{
	*done = 0;
	for (const struct iommu_link *link = part->links; link; link = link->next_in_part) {
		for (unsigned int i = 0; i < link->sid_count && *done < count; i++) {
			int error = part_attach_stream(part->iommu, link->sid[i], domain);

			if (error) {
				return error;
			}
			(*done)++;
		}
	}
	return 0;
}

int iommu_switch_part(const struct iommu_part *part, struct iommu_domain *to, struct iommu_domain *from)
{
	unsigned int switched;
	unsigned int reverted;
	int error = part_attach_streams(part, to ? to : part->fallback, UINT_MAX, &switched);

	if (error) {
		(void)part_attach_streams(part, from ? from : part->fallback, switched, &reverted);
	}
	return error;
}

/* Maps later direct regions, before the new link is attached. */
static int part_complete_domains(const struct iommu_group *group, struct iommu_part *part)
{
	int error = 0;

	if (part->domain) {
		error = iommu_map_regions(group, part->domain, part->region_count);
	}
	if (!error && part->fallback) {
		error = iommu_map_regions(group, part->fallback, part->region_count);
	}
	return error;
}

/* Stores the fallback only once every stream is switched: if one switch fails, a later replay tries all again. */
static int part_make_fallback(const struct iommu_group *group, struct iommu_part *part)
{
	struct iommu_domain *fallback;
	int error = iommu_domain_with_regions(group, part->iommu, &fallback);

	if (error) {
		return error;
	}
	error = part->domain ? 0 : iommu_switch_part(part, fallback, NULL);
	if (error) {
		iommu_domain_free(fallback);
	} else {
		part->fallback = fallback;
	}
	return error;
}

/* The default domain must map the direct regions (B-21). */
static int part_set_fallback(const struct iommu_group *group, struct iommu_part *part)
{
	int error;

	if (part->region_count == group->region_count) {
		return 0;
	}
	error = part_complete_domains(group, part);
	if (!error && !part->fallback) {
		error = part_make_fallback(group, part);
	}
	if (!error) {
		part->region_count = group->region_count;
	}
	return error;
}

/*
 * A late member joins the part's domain. A late instance of an owned group gets its own, for the owner's later maps;
 * without memory the next owner makes it.
 */
static int part_set_default(const struct iommu_group *group, struct iommu_part *part, const struct iommu_link *link)
{
	int error = part_set_fallback(group, part);

	if (error) {
		return error;
	}
	if ((group->owner_count || group->claimed_by) && !part->domain) {
		/* Switches every link: earlier ones had no domain. */
		error = iommu_take_domain(group, part);
		if (error != -ENOMEM) {
			return error;
		}
	}
	return link_attach(link, part->domain ? part->domain : part->fallback);
}

static const char *link_reason_to_wait(int error)
{
	return error == -EEXIST ? "another map, or a region with fewer rights, is where its direct region is to be" :
	       error		? "its default domain could not be set up" :
				  NULL;
}

/* The link is on its part now; other cores leave it alone until its state is stored. */
static int link_take_in(const struct iommu_group *group, struct iommu_part *part, struct iommu_link *link)
{
	int error;

	STEP(LINK_STEPS, LINK_PROBING, LINK_GROUPED);
	STEP(LINK_STEPS, LINK_PROBING, LINK_READY);
	link->next_in_part = part->links;
	part->links = link;
	error = part_set_default(group, part, link);
	link->reason = link_reason_to_wait(error);
	word_store(&link->state, error ? LINK_GROUPED : LINK_READY);
	return error;
}

/* A link seen GROUPED may be RELEASING now: then nothing changes. */
static int link_try_again(const struct iommu_group *group, struct iommu_part *part, struct iommu_link *link)
{
	int error = link_state(link) == LINK_GROUPED ? part_set_default(group, part, link) : 0;

	if (!error) {
		(void)LINK_STEP_IF(link, LINK_GROUPED, LINK_READY);
	}
	return error;
}

int iommu_group_settle(struct iommu_link *link, bool again)
{
	/* No merge can move the master: its instance is in service. */
	struct iommu_group *group = iommu_group_of(link->master);
	uint32_t saved = lock(&group->lock);
	struct iommu_part *part = iommu_group_part(group, link->iommu);
	int error = again ? link_try_again(group, part, link) : link_take_in(group, part, link);

	unlock(&group->lock, saved);
	return error;
}

int iommu_group_id(const struct iommu_master *master)
{
	const struct iommu_group *group = iommu_group_of(master);

	return group ? (int)group->id : -1;
}

static bool region_overlaps(const struct iommu_region *region, uint64_t base, uint64_t size)
{
	return region->base <= base + (size - 1) && base <= region->base + (region->size - 1);
}

bool iommu_group_keeps(const struct iommu_group *group, unsigned int count, uint64_t base, uint64_t size)
{
	for (unsigned int r = 0; r < count; r++) {
		if (region_overlaps(&group->region[r], base, size)) {
			return true;
		}
	}
	return false;
}

bool iommu_master_keeps(const struct iommu_master *master, uint64_t base, uint64_t size)
{
	uint32_t saved;
	struct iommu_group *group = iommu_group_lock(master, &saved);
	bool keeps;

	if (!group) {
		return false;
	}
	keeps = iommu_group_keeps(group, group->region_count, base, size);
	unlock(&group->lock, saved);
	return keeps;
}
