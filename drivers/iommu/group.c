/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Groups. A stream belongs to one group; masters that share a stream share its group. The list lock guards which stream
 * is in which group, so that look-up and creation are one step; a group's own lock guards its parts and its owner.
 */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "iommu/core.h"

static struct iommu_stream **bucket_of(struct iommu_core *core, const struct iommu *iommu, uint32_t sid)
{
	return &core->stream[(sid ^ sid >> 8 ^ iommu->index * 37U) % IOMMU_STREAM_BUCKETS];
}

static struct iommu_stream *find_stream(struct iommu_core *core, const struct iommu *iommu, uint32_t sid)
{
	struct iommu_stream *stream = *bucket_of(core, iommu, sid);

	while (stream && (stream->iommu != iommu || stream->sid != sid)) {
		stream = stream->next;
	}
	return stream;
}

static struct iommu_stream *new_stream(struct iommu_core *core, struct iommu *iommu, uint32_t sid)
{
	struct iommu_stream **bucket = bucket_of(core, iommu, sid);
	struct iommu_stream *stream = core->free_stream;

	if (stream) {
		core->free_stream = stream->next;
	} else {
		stream = arena_allocate(sizeof(*stream), _Alignof(struct iommu_stream));
	}
	if (stream) {
		*stream = (struct iommu_stream){.iommu = iommu, .sid = sid, .next = *bucket};
		*bucket = stream;
	}
	return stream;
}

static void drop_stream(struct iommu_core *core, struct iommu_stream *stream)
{
	struct iommu_stream **at = bucket_of(core, stream->iommu, stream->sid);

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

static struct iommu_group *new_group(struct iommu_core *core)
{
	struct iommu_group *group;

	if (core->free_group_count) {
		group = core->free_group[--core->free_group_count];
	} else {
		group = arena_allocate(sizeof(*group), _Alignof(struct iommu_group));
		if (group) {
			group->id = core->group_count++;
			lock_init(&group->lock, LOCK_RANK_GROUP);
		}
	}
	return group;
}

static void end_group(struct iommu_core *core, struct iommu_group *group)
{
	group->part_count = 0;
	group->owner_count = 0;
	group->claimed = false;
	core->free_group[core->free_group_count++] = group;
}

/* Whose group is it? The master's own, or that of a stream that is known already; they must not differ. */
static int known_group(struct iommu_core *core, const struct iommu_link *link, struct iommu_group **group)
{
	*group = atomic_load(&link->master->group);
	for (unsigned int i = 0; i < link->sid_count; i++) {
		const struct iommu_stream *stream = find_stream(core, link->iommu, link->sid[i]);

		if (!stream) {
			continue;
		}
		if (*group && stream->group != *group) {
			return -EEXIST;
		}
		*group = stream->group;
	}
	return 0;
}

static void forget_streams(struct iommu_core *core, const struct iommu_link *link, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		drop_stream(core, find_stream(core, link->iommu, link->sid[i]));
	}
}

static int note_streams(struct iommu_core *core, const struct iommu_link *link, struct iommu_group *group)
{
	for (unsigned int i = 0; i < link->sid_count; i++) {
		struct iommu_stream *stream = find_stream(core, link->iommu, link->sid[i]);

		if (!stream) {
			stream = new_stream(core, link->iommu, link->sid[i]);
		}
		if (!stream) {
			forget_streams(core, link, i);
			return -ENOMEM;
		}
		stream->group = group;
		stream->user_count++;
	}
	return 0;
}

struct iommu_part *iommu_group_part(struct iommu_group *group, const struct iommu *iommu)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		if (group->part[i].iommu == iommu) {
			return &group->part[i];
		}
	}
	return NULL;
}

/* With the group's lock held. */
static int add_to_part(struct iommu_group *group, struct iommu_link *link)
{
	struct iommu_part *part = iommu_group_part(group, link->iommu);

	if (!part) {
		if (group->part_count == IOMMU_LINKS_MAX) {
			return -ENOMEM;
		}
		part = &group->part[group->part_count++];
		*part = (struct iommu_part){.iommu = link->iommu};
	}
	link->next_in_part = part->links;
	part->links = link;
	return 0;
}

/* With the list lock held. */
static int join(struct iommu_core *core, struct iommu_link *link)
{
	struct iommu_group *group;
	uint32_t saved;
	bool created;
	int error = known_group(core, link, &group);

	if (error) {
		return error;
	}
	created = !group;
	if (created) {
		group = new_group(core);
		if (!group) {
			return -ENOMEM;
		}
	}
	error = note_streams(core, link, group);
	if (!error) {
		saved = lock(&group->lock);
		error = add_to_part(group, link);
		unlock(&group->lock, saved);
		if (error) {
			forget_streams(core, link, link->sid_count);
		}
	}
	if (error && created) {
		end_group(core, group);
	}
	if (!error) {
		atomic_store(&link->master->group, group);
	}
	return error;
}

int iommu_group_join(struct iommu_link *link)
{
	struct iommu_core *core = link->iommu->core;
	uint32_t saved = lock(&core->group_list_lock);
	int error = join(core, link);

	unlock(&core->group_list_lock, saved);
	return error;
}

bool iommu_stream_is_known(struct iommu *iommu, uint32_t sid)
{
	uint32_t saved = lock(&iommu->core->group_list_lock);
	bool known = find_stream(iommu->core, iommu, sid) != NULL;

	unlock(&iommu->core->group_list_lock, saved);
	return known;
}

static bool in_any_part(const struct iommu_group *group, const struct iommu_master *master)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		for (const struct iommu_link *link = group->part[i].links; link; link = link->next_in_part) {
			if (link->master == master) {
				return true;
			}
		}
	}
	return false;
}

/* With the group's lock held. The last link's domain goes along: the group may be owned on, through its other
 * instances. */
static void remove_from_part(struct iommu_group *group, struct iommu_link *link)
{
	struct iommu_part *part = iommu_group_part(group, link->iommu);
	struct iommu_link **at = &part->links;

	if (part->links == link && !link->next_in_part) {
		iommu_drop_domain(part);
	}
	while (*at != link) {
		at = &(*at)->next_in_part;
	}
	*at = link->next_in_part;
	if (!part->links) {
		*part = group->part[--group->part_count];
	}
}

void iommu_group_leave(struct iommu_link *link)
{
	struct iommu_core *core = link->iommu->core;
	struct iommu_group *group = atomic_load(&link->master->group);
	uint32_t list_saved = lock(&core->group_list_lock);
	uint32_t saved = lock(&group->lock);
	bool last;

	remove_from_part(group, link);
	if (!in_any_part(group, link->master)) {
		atomic_store(&link->master->group, NULL);
	}
	last = group->part_count == 0;
	unlock(&group->lock, saved);
	forget_streams(core, link, link->sid_count);
	if (last) {
		end_group(core, group);
	}
	unlock(&core->group_list_lock, list_saved);
}

static int attach_link(struct iommu_link *link, struct iommu_domain *domain)
{
	for (unsigned int i = 0; i < link->sid_count; i++) {
		int error = link->iommu->ops->attach(link->iommu, link->sid[i], domain);

		if (error) {
			return error;
		}
	}
	return 0;
}

/*
 * With the group's lock held. A member that comes late gets the domain that the others have; an instance that comes
 * late, a domain of its own where the group is owned already, so that its owner's maps go on. Without memory the next
 * owner tries.
 */
static int set_default(struct iommu_group *group, struct iommu_part *part)
{
	if (group->owner_count && !part->domain) {
		part->domain = part->iommu->ops->domain_allocate(part->iommu);
	}
	for (struct iommu_link *link = part->links; link; link = link->next_in_part) {
		int error;

		if (link_state(link) != LINK_GROUPED) {
			continue;
		}
		error = attach_link(link, part->domain);
		if (error) {
			return error;
		}
	}
	part->has_default = true;
	for (struct iommu_link *link = part->links; link; link = link->next_in_part) {
		if (link_state(link) == LINK_GROUPED) {
			word_store(&link->state, LINK_READY);
		}
	}
	return 0;
}

int iommu_group_set_default(struct iommu_link *link)
{
	struct iommu_group *group = atomic_load(&link->master->group);
	uint32_t saved = lock(&group->lock);
	int error = set_default(group, iommu_group_part(group, link->iommu));

	unlock(&group->lock, saved);
	return error;
}

int iommu_group_id(const struct iommu_master *master)
{
	const struct iommu_group *group = atomic_load(&master->group);

	return group ? (int)group->id : -1;
}
