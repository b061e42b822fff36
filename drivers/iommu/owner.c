/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ownership of a group's DMA, and its mappings. The first client gets the group a domain of its own on every instance
 * it is on; the last one gives it back, and the empty default domain stands again.
 */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "iommu/core.h"

/* What is there already leads to itself where two regions overlap. Where an owner's map is in the way, the region has
 * to wait. */
static int map_page_wise(struct iommu_domain *domain, const struct iommu_region *region)
{
	const struct iommu_ops *ops = domain->iommu->ops;

	for (uint64_t offset = 0; offset < region->size; offset += PAGE_SIZE) {
		uint64_t at = region->base + offset;
		uint64_t pa;
		int error = ops->translate(domain, at, &pa) ? ops->map(domain, at, at, PAGE_SIZE, region->access) :
			    pa == at			    ? 0 :
							      -EEXIST;

		if (error) {
			return error;
		}
	}
	return 0;
}

int iommu_map_regions(const struct iommu_group *group, struct iommu_domain *domain, unsigned int first)
{
	for (unsigned int r = first; r < group->region_count; r++) {
		const struct iommu_region *region = &group->region[r];
		int error = domain->iommu->ops->map(domain, region->base, region->base, region->size, region->access);

		if (error == -EEXIST) {
			error = map_page_wise(domain, region);
		}
		if (error) {
			return error;
		}
	}
	return 0;
}

struct iommu_domain *iommu_domain_with_regions(const struct iommu_group *group, struct iommu *iommu)
{
	struct iommu_domain *domain = iommu->ops->domain_allocate(iommu);

	if (domain && iommu_map_regions(group, domain, 0)) {
		iommu->ops->domain_free(domain);
		domain = NULL;
	}
	return domain;
}

void iommu_drop_domain(struct iommu_part *part)
{
	struct iommu_domain *domain = part->domain;

	if (domain) {
		/* Going back to the default domain takes no memory and cannot fail. */
		(void)iommu_switch_part(part, NULL, NULL);
		part->domain = NULL;
		part->iommu->ops->domain_free(domain);
	}
}

int iommu_take_domain(const struct iommu_group *group, struct iommu_part *part)
{
	struct iommu_domain *domain = iommu_domain_with_regions(group, part->iommu);
	int error;

	if (!domain) {
		return -ENOMEM;
	}
	error = iommu_switch_part(part, domain, NULL);
	if (error) {
		part->iommu->ops->domain_free(domain);
	} else {
		part->domain = domain;
	}
	return error;
}

static void drop_domains(struct iommu_group *group)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		iommu_drop_domain(&group->part[i]);
	}
}

/*
 * With the group's lock held. An instance that came later than the first owner has a part without a domain still. Where
 * the first owner fails, all is given back; a later one leaves what others use.
 */
static int take_domains(struct iommu_group *group)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		struct iommu_part *part = &group->part[i];
		int error = part->domain || !part->links ? 0 : iommu_take_domain(group, part);

		if (error) {
			if (group->owner_count == 0) {
				drop_domains(group);
			}
			return error;
		}
	}
	return 0;
}

/* Is every link READY, on an instance that is READY? Every one of them, not the first alone. */
static int check_links(const struct iommu_master *master, unsigned int *cause)
{
	if (word_load(&master->presence) == PRESENCE_LEAVING || word_load(&master->presence) == PRESENCE_ABSENT) {
		return -ENODEV;
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

/* With the group's lock held. */
static int take(struct iommu_group *group, bool manages_dma)
{
	int error;

	if (group->claimant) {
		return -EBUSY;
	}
	if (manages_dma) {
		return 0;
	}
	error = take_domains(group);
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
	error = check_links(master, cause);
	if (error) {
		return error;
	}
	group = iommu_group_of(master);
	saved = lock(&group->lock);
	/* An instance may have begun to leave while the lock was not held: everything is checked again. */
	error = check_links(master, cause);
	if (!error) {
		error = take(group, manages_dma);
	}
	unlock(&group->lock, saved);
	return error;
}

void iommu_unuse(struct iommu_master *master, bool manages_dma)
{
	struct iommu_group *group = iommu_group_of(master);
	uint32_t saved;

	if (!group || manages_dma) {
		return;
	}
	saved = lock(&group->lock);
	if (group->owner_count && --group->owner_count == 0) {
		drop_domains(group);
	}
	unlock(&group->lock, saved);
}

bool iommu_must_wait(const struct iommu_core *core, const struct iommu_master *master, unsigned int cause)
{
	const struct iommu *iommu = core->instance[cause];

	if (master_state(master) == MASTER_QUARANTINED) {
		return false;
	}
	if (iommu_state(iommu) != IOMMU_READY) {
		return true;
	}
	for (unsigned int i = 0; i < master->link_count; i++) {
		const struct iommu_link *link = &master->link[i];

		/* A link that is DESCRIBED or on its way wakes its clients itself once it is READY. */
		if (link->iommu == iommu && link_state(link) != LINK_READY) {
			return true;
		}
	}
	return false;
}

/* With the group's lock held. */
static int claim(struct iommu_group *group, const struct iommu_master *master)
{
	int error;

	if (group->owner_count || group->claimant) {
		return -EBUSY;
	}
	error = take_domains(group);
	if (!error) {
		group->claimant = master;
	}
	return error;
}

int iommu_claim(struct iommu_master *master)
{
	struct iommu_group *group = iommu_group_of(master);
	unsigned int cause;
	uint32_t saved;
	int error;

	if (!group) {
		return -ENODEV;
	}
	saved = lock(&group->lock);
	error = check_links(master, &cause) ? -EAGAIN : claim(group, master);
	unlock(&group->lock, saved);
	return error;
}

void iommu_release_claim(struct iommu_master *master)
{
	struct iommu_group *group = iommu_group_of(master);
	uint32_t saved;

	if (!group) {
		return;
	}
	saved = lock(&group->lock);
	if (group->claimant == master) {
		group->claimant = NULL;
		drop_domains(group);
	}
	unlock(&group->lock, saved);
}

struct iommu_domain *iommu_owned_domain(const struct iommu_link *link)
{
	struct iommu_group *group = iommu_group_of(link->master);
	const struct iommu_part *part;
	struct iommu_domain *domain;
	uint32_t saved;

	if (!group) {
		return NULL;
	}
	saved = lock(&group->lock);
	part = iommu_group_part(group, link->iommu);
	domain = part ? part->domain : NULL;
	unlock(&group->lock, saved);
	return domain;
}

static bool is_allowed(const struct iommu_core *core, uint64_t pa, uint64_t size)
{
	const struct iommu_allowed *allowed = &core->allowed;

	return pa >= allowed->base && size <= allowed->size && pa - allowed->base <= allowed->size - size;
}

/* With the group's lock held. */
static void unmap_parts(struct iommu_group *group, unsigned int count, uint64_t iova, uint64_t size)
{
	for (unsigned int i = 0; i < count; i++) {
		struct iommu_part *part = &group->part[i];

		if (part->domain) {
			(void)part->iommu->ops->unmap(part->domain, iova, size);
		}
	}
}

/* With the group's lock held. A part that nothing was probed on needs no mapping. */
static int map_parts(struct iommu_group *group, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	unsigned int live = 0;

	for (unsigned int i = 0; i < group->part_count; i++) {
		struct iommu_part *part = &group->part[i];
		int error = 0;

		if (part->links) {
			live++;
			error = part->domain ? part->iommu->ops->map(part->domain, iova, pa, size, access) : -ENODEV;
		}
		if (error) {
			unmap_parts(group, i, iova, size);
			return error;
		}
	}
	return live ? 0 : -ENODEV;
}

int iommu_map(struct iommu_core *core, struct iommu_master *master, uint64_t iova, uint64_t pa, uint64_t size,
	      unsigned int access)
{
	struct iommu_group *group = iommu_group_of(master);
	uint32_t saved;
	int error;

	if (!group) {
		return -ENODEV;
	}
	if (!is_allowed(core, pa, size)) {
		return -EPERM;
	}
	saved = lock(&group->lock);
	error = map_parts(group, iova, pa, size, access);
	unlock(&group->lock, saved);
	return error;
}

/* With the group's lock held. A region that had to wait, for the owner has a map in its place, is no obstacle to that.
 */
static bool holds_region(const struct iommu_group *group, uint64_t iova, uint64_t size)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		const struct iommu_part *part = &group->part[i];

		if (part->links && iommu_group_keeps(group, part->region_count, iova, size)) {
			return true;
		}
	}
	return false;
}

static bool is_empty(const struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	uint64_t pa;

	for (uint64_t offset = 0; offset < size; offset += PAGE_SIZE) {
		if (domain->iommu->ops->translate(domain, iova + offset, &pa) == 0) {
			return false;
		}
	}
	return true;
}

/* With the group's lock held. An instance that came late has no maps from before: that it has none of it is no error
 * then. */
static int unmap_all_parts(struct iommu_group *group, uint64_t iova, uint64_t size)
{
	unsigned int unmapped = 0;
	unsigned int empty = 0;
	int error = 0;

	for (unsigned int i = 0; i < group->part_count; i++) {
		struct iommu_part *part = &group->part[i];
		int result;

		if (!part->links) {
			continue;
		}
		result = part->domain ? part->iommu->ops->unmap(part->domain, iova, size) : -ENODEV;
		if (result == -ENOENT && is_empty(part->domain, iova, size)) {
			empty++;
			continue;
		}
		unmapped++;
		error = error ? error : result;
	}
	return unmapped ? error : empty ? -ENOENT : -ENODEV;
}

int iommu_unmap(struct iommu_master *master, uint64_t iova, uint64_t size)
{
	struct iommu_group *group = iommu_group_of(master);
	uint32_t saved;
	int error;

	if (!group) {
		return -ENODEV;
	}
	saved = lock(&group->lock);
	error = holds_region(group, iova, size) ? -EPERM : unmap_all_parts(group, iova, size);
	unlock(&group->lock, saved);
	return error;
}
