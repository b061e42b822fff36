/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ownership of a group's DMA, and its mappings. The first owner gives the group its own domain on each instance; the
 * last one restores the default domain.
 */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "iommu/core.h"

static int owner_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	return iommu_noted(domain->iommu, domain->iommu->ops->map(domain, iova, pa, size, access));
}

/* Skips pages mapped to themselves. -EEXIST, an owner's map: the region waits. */
static int owner_map_page_wise(struct iommu_domain *domain, const struct iommu_region *run)
{
	const struct iommu_ops *ops = domain->iommu->ops;

	for (uint64_t offset = 0; offset < run->size; offset += PAGE_SIZE) {
		uint64_t at = run->base + offset;
		uint64_t pa;
		int error = ops->translate(domain, at, &pa) ? owner_map(domain, at, at, PAGE_SIZE, run->access) :
			    pa == at			    ? 0 :
							      -EEXIST;

		if (error) {
			return error;
		}
	}
	return 0;
}

/* The rights that the regions [first, end) together give. */
static unsigned int region_access_at(const struct iommu_group *group, unsigned int first, unsigned int end, uint64_t at)
{
	unsigned int access = 0;

	for (unsigned int r = first; r < end; r++) {
		access |= at - group->region[r].base < group->region[r].size ? group->region[r].access : 0;
	}
	return access;
}

/* The distance to the next address where a region begins or ends. */
static uint64_t region_run_size(const struct iommu_group *group, uint64_t at)
{
	uint64_t size = UINT64_MAX;

	for (unsigned int r = 0; r < group->region_count; r++) {
		/* Not above `at`: 0, or wrapped beyond any region's size. */
		uint64_t begin = group->region[r].base - at;
		uint64_t end = begin + group->region[r].size;

		size = begin && begin < size ? begin : size;
		size = end && end < size ? end : size;
	}
	return size;
}

/*
 * Pages in several regions get the rights of all. Pages of earlier regions keep theirs: a region that wants more waits
 * for a new domain.
 */
static int owner_map_run(const struct iommu_group *group, struct iommu_domain *domain, unsigned int first,
			 const struct iommu_region *run)
{
	unsigned int held = region_access_at(group, 0, first, run->base);
	int error;

	if (held) {
		return run->access & ~held ? -EEXIST : 0;
	}
	error = owner_map(domain, run->base, run->base, run->size, run->access);
	return error == -EEXIST ? owner_map_page_wise(domain, run) : error;
}

/* Skips runs that a region from `first` on has mapped. */
static int region_map(const struct iommu_group *group, struct iommu_domain *domain, unsigned int first, unsigned int r)
{
	uint64_t end = group->region[r].base + group->region[r].size;
	struct iommu_region run = {.base = group->region[r].base};
	int error = 0;

	for (; run.base != end && !error; run.base += run.size) {
		run.size = region_run_size(group, run.base);
		run.access = region_access_at(group, 0, group->region_count, run.base);
		if (!region_access_at(group, first, r, run.base)) {
			error = owner_map_run(group, domain, first, &run);
		}
	}
	return error;
}

int iommu_map_regions(const struct iommu_group *group, struct iommu_domain *domain, unsigned int first)
{
	int error = 0;

	for (unsigned int r = first; r < group->region_count && !error; r++) {
		error = region_map(group, domain, first, r);
	}
	return error;
}

int iommu_domain_with_regions(const struct iommu_group *group, struct iommu_instance *iommu,
			      struct iommu_domain **domain)
{
	int error;

	*domain = iommu->ops->domain_allocate(iommu);
	if (!*domain) {
		return -ENOMEM;
	}
	error = iommu_map_regions(group, *domain, 0);
	if (error) {
		iommu_domain_free(*domain);
	}
	return error == -EIO || !error ? error : -ENOMEM;
}

void iommu_drop_domain(struct iommu_part *part)
{
	struct iommu_domain *domain = part->domain;

	if (domain) {
		/* Takes no memory: only a failed instance refuses. */
		(void)iommu_switch_part(part, NULL, NULL);
		part->domain = NULL;
		iommu_domain_free(domain);
	}
}

int iommu_take_domain(const struct iommu_group *group, struct iommu_part *part)
{
	struct iommu_domain *domain;
	int error = iommu_domain_with_regions(group, part->iommu, &domain);

	if (error) {
		return error;
	}
	error = iommu_switch_part(part, domain, NULL);
	if (error) {
		iommu_domain_free(domain);
	} else {
		part->domain = domain;
	}
	return error;
}

static void owner_drop_domains(struct iommu_group *group)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		iommu_drop_domain(&group->part[i]);
	}
}

/* Every link and its instance, not the first alone (A5). */
static int owner_check_links(const struct iommu_master *master, unsigned int *cause)
{
	uint32_t presence = word_load(&master->presence);

	if (presence == PRESENCE_LEAVING || presence == PRESENCE_ABSENT) {
		/* A failed removal, or an addition, wakes clients of this cause. Other fields may be stale. */
		*cause = DEVICE_CAUSE_DRIVER;
		return -DEVICE_DEFER;
	}
	if (master_state(master) == MASTER_QUARANTINED) {
		return -EIO;
	}
	for (unsigned int i = 0; i < master->link_count; i++) {
		const struct iommu_link *link = &master->link[i];

		if (iommu_state(link->iommu) != IOMMU_READY || link_state(link) != LINK_READY) {
			*cause = link->iommu->index;
			return -DEVICE_DEFER;
		}
	}
	return 0;
}

/* Group's lock held. A late instance lacks a domain; a failed one gets none. */
static int owner_make_domains(struct iommu_group *group)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		struct iommu_part *part = &group->part[i];
		bool wants = part->links && !part->domain && !iommu_is_raised(part->iommu);
		int error = wants ? iommu_take_domain(group, part) : 0;

		if (error && error != -EIO) {
			return error;
		}
	}
	return 0;
}

/*
 * Group's lock held. Checks last: an instance may have left before the lock, or fail meanwhile. A failed one stops only
 * masters that name it. On an error, domains with other owners stay.
 */
static int owner_take_domains(struct iommu_group *group, const struct iommu_master *master, unsigned int *cause)
{
	int error = owner_make_domains(group);

	error = error ? error : owner_check_links(master, cause);
	if (error && group->owner_count == 0) {
		owner_drop_domains(group);
	}
	return error;
}

/* Group's lock held. */
static int owner_take(struct iommu_group *group, const struct iommu_master *master, bool manages_dma,
		      unsigned int *cause)
{
	int error;

	if (group->claimed_by) {
		return -EBUSY;
	}
	if (manages_dma) {
		return 0;
	}
	error = owner_take_domains(group, master, cause);
	if (!error) {
		group->owner_count++;
	}
	return error;
}

int iommu_use(struct iommu_master *master, bool manages_dma, unsigned int *cause)
{
	struct iommu_group *group;
	uint32_t saved;
	int error;

	if (master->link_count == 0) {
		return 0;
	}
	error = owner_check_links(master, cause);
	if (error) {
		return error;
	}
	group = iommu_group_lock(master, &saved);
	if (!group) {
		*cause = DEVICE_CAUSE_DRIVER;
		return -DEVICE_DEFER;
	}
	error = owner_take(group, master, manages_dma, cause);
	unlock(&group->lock, saved);
	return error;
}

void iommu_unuse(struct iommu_master *master, bool manages_dma)
{
	uint32_t saved;
	struct iommu_group *group = manages_dma ? NULL : iommu_group_lock(master, &saved);

	if (!group) {
		return;
	}
	if (group->owner_count && --group->owner_count == 0) {
		owner_drop_domains(group);
	}
	unlock(&group->lock, saved);
}

bool iommu_must_wait(const struct iommu_core *core, const struct iommu_master *master, unsigned int cause)
{
	const struct iommu_instance *iommu = core->instance[cause];

	if (master_state(master) == MASTER_QUARANTINED) {
		return false;
	}
	if (iommu_state(iommu) != IOMMU_READY) {
		return true;
	}
	for (unsigned int i = 0; i < master->link_count; i++) {
		const struct iommu_link *link = &master->link[i];

		/* A link that becomes READY wakes its clients. */
		if (link->iommu == iommu && link_state(link) != LINK_READY) {
			return true;
		}
	}
	return false;
}

/* Group's lock held. */
static int owner_claim(struct iommu_group *group, const struct iommu_master *master)
{
	unsigned int cause;
	int error;

	if (owner_check_links(master, &cause)) {
		return -EAGAIN;
	}
	if (group->owner_count || group->claimed_by) {
		return -EBUSY;
	}
	error = owner_take_domains(group, master, &cause);
	if (!error) {
		group->claimed_by = master;
	}
	return error == -DEVICE_DEFER ? -EAGAIN : error;
}

int iommu_claim(struct iommu_master *master)
{
	uint32_t saved;
	struct iommu_group *group = iommu_group_lock(master, &saved);
	int error;

	if (!group) {
		return -ENODEV;
	}
	error = owner_claim(group, master);
	unlock(&group->lock, saved);
	return error;
}

void iommu_release_claim(struct iommu_master *master)
{
	uint32_t saved;
	struct iommu_group *group = iommu_group_lock(master, &saved);

	if (!group) {
		return;
	}
	if (group->claimed_by == master) {
		group->claimed_by = NULL;
		owner_drop_domains(group);
	}
	unlock(&group->lock, saved);
}

struct iommu_domain *iommu_owned_domain(const struct iommu_link *link)
{
	uint32_t saved;
	struct iommu_group *group = iommu_group_lock(link->master, &saved);
	const struct iommu_part *part;
	struct iommu_domain *domain;

	if (!group) {
		return NULL;
	}
	part = iommu_group_part(group, link->iommu);
	domain = part ? part->domain : NULL;
	unlock(&group->lock, saved);
	return domain;
}

static bool owner_may_map(const struct iommu_core *core, uint64_t pa, uint64_t size)
{
	const struct iommu_allowed *allowed = &core->allowed;

	return pa >= allowed->base && size <= allowed->size && pa - allowed->base <= allowed->size - size;
}

static int part_unmap(const struct iommu_part *part, uint64_t iova, uint64_t size)
{
	int error =
		part->domain ? iommu_noted(part->iommu, part->iommu->ops->unmap(part->domain, iova, size)) : -ENODEV;

	return iommu_is_raised(part->iommu) ? -EIO : error;
}

/* Group's lock held. */
static void group_unmap_parts(struct iommu_group *group, unsigned int count, uint64_t iova, uint64_t size)
{
	for (unsigned int i = 0; i < count; i++) {
		(void)part_unmap(&group->part[i], iova, size);
	}
}

/* A failed instance counts only for masters that name it. */
static int part_map_failed(const struct iommu_part *part, const struct iommu_master *master)
{
	return iommu_master_emits(master, part->iommu, 0, UINT32_MAX) ? -EIO : 0;
}

static int part_map(const struct iommu_part *part, const struct iommu_master *master, uint64_t iova, uint64_t pa,
		    uint64_t size, unsigned int access)
{
	int error = iommu_is_raised(part->iommu) ? -EIO :
		    part->domain		 ? owner_map(part->domain, iova, pa, size, access) :
						   -ENODEV;

	return error == -EIO ? part_map_failed(part, master) : error;
}

/* Group's lock held. A part without probed links needs no mapping. */
static int group_map_parts(struct iommu_group *group, const struct iommu_master *master, uint64_t iova, uint64_t pa,
			   uint64_t size, unsigned int access)
{
	unsigned int live = 0;

	for (unsigned int i = 0; i < group->part_count; i++) {
		struct iommu_part *part = &group->part[i];
		int error = 0;

		if (part->links) {
			live++;
			error = part_map(part, master, iova, pa, size, access);
		}
		if (error) {
			group_unmap_parts(group, i, iova, size);
			return error;
		}
	}
	return live ? 0 : -ENODEV;
}

int iommu_map(struct iommu_core *core, struct iommu_master *master, uint64_t iova, uint64_t pa, uint64_t size,
	      unsigned int access)
{
	struct iommu_group *group;
	uint32_t saved;
	int error;

	if (!owner_may_map(core, pa, size)) {
		return -EPERM;
	}
	group = iommu_group_lock(master, &saved);
	if (!group) {
		return -ENODEV;
	}
	error = group_map_parts(group, master, iova, pa, size, access);
	unlock(&group->lock, saved);
	return error;
}

/* Group's lock held. Only mapped regions count: one that waits may lie under an owner's map. */
static bool group_holds_region(const struct iommu_group *group, uint64_t iova, uint64_t size)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		const struct iommu_part *part = &group->part[i];

		if (part->links && iommu_group_keeps(group, part->region_count, iova, size)) {
			return true;
		}
	}
	return false;
}

/* Group's lock held. */
static bool group_has_unmapped(const struct iommu_group *group, uint64_t iova, uint64_t size)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		const struct iommu_part *part = &group->part[i];

		if (part->domain && !part->iommu->ops->is_empty(part->domain, iova, size)) {
			return false;
		}
	}
	return true;
}

/* Group's lock held. A late instance lacks earlier maps: its -ENOENT alone is no error. */
static int group_unmap_all_parts(struct iommu_group *group, uint64_t iova, uint64_t size)
{
	unsigned int unmapped = 0;
	unsigned int absent = 0;
	int error = 0;

	for (unsigned int i = 0; i < group->part_count; i++) {
		const struct iommu_part *part = &group->part[i];
		int result = part->links ? part_unmap(part, iova, size) : 0;

		if (result == -ENOENT) {
			absent++;
		} else if (part->links) {
			unmapped++;
			error = error ? error : result;
		}
	}
	if (!unmapped) {
		return absent ? -ENOENT : -ENODEV;
	}
	return error || !absent || group_has_unmapped(group, iova, size) ? error : -ENOENT;
}

int iommu_unmap(struct iommu_master *master, uint64_t iova, uint64_t size)
{
	uint32_t saved;
	struct iommu_group *group = iommu_group_lock(master, &saved);
	int error;

	if (!group) {
		return -ENODEV;
	}
	error = group_holds_region(group, iova, size) ? -EPERM : group_unmap_all_parts(group, iova, size);
	unlock(&group->lock, saved);
	return error;
}
