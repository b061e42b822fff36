/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ownership of a group's DMA, and its mappings. The first client gets the group a domain of its own on every instance
 * it is on; the last one gives it back, and the empty default domain stands again.
 */
#include <errno.h>
#include <stddef.h>

#include "iommu/core.h"

static void attach_part(struct iommu_part *part, struct iommu_domain *domain)
{
	for (struct iommu_link *link = part->links; link; link = link->next_in_part) {
		for (unsigned int i = 0; i < link->sid_count; i++) {
			/* Going back to the empty domain takes no memory and cannot fail. */
			(void)part->iommu->ops->attach(part->iommu, link->sid[i], domain);
		}
	}
}

static int attach_part_all(struct iommu_part *part, struct iommu_domain *domain)
{
	for (struct iommu_link *link = part->links; link; link = link->next_in_part) {
		for (unsigned int i = 0; i < link->sid_count; i++) {
			int error = part->iommu->ops->attach(part->iommu, link->sid[i], domain);

			if (error) {
				return error;
			}
		}
	}
	return 0;
}

void iommu_drop_domain(struct iommu_part *part)
{
	struct iommu_domain *domain = part->domain;

	if (domain) {
		attach_part(part, NULL);
		part->domain = NULL;
		part->iommu->ops->domain_free(domain);
	}
}

static int take_domain(struct iommu_part *part)
{
	struct iommu_domain *domain = part->iommu->ops->domain_allocate(part->iommu);
	int error;

	if (!domain) {
		return -ENOMEM;
	}
	part->domain = domain;
	error = attach_part_all(part, domain);
	if (error) {
		iommu_drop_domain(part);
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
		int error = group->part[i].domain ? 0 : take_domain(&group->part[i]);

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
	for (unsigned int i = 0; i < master->link_count; i++) {
		const struct iommu_link *link = &master->link[i];

		if (link_state(link) == LINK_QUARANTINED) {
			return -EIO;
		}
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

	if (group->claimed) {
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
	group = atomic_load(&master->group);
	if (!group) {
		*cause = master->link[0].iommu->index;
		return -DEVICE_DEFER;
	}
	arch_sync_point("group found");
	saved = lock(&group->lock);
	/* An instance may have begun to leave while the lock was not held: everything is checked again. */
	*cause = master->link[0].iommu->index;
	error = atomic_load(&master->group) == group ? check_links(master, cause) : -DEVICE_DEFER;
	if (!error) {
		error = take(group, manages_dma);
	}
	unlock(&group->lock, saved);
	return error;
}

void iommu_unuse(struct iommu_master *master, bool manages_dma)
{
	struct iommu_group *group = atomic_load(&master->group);
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

	if (iommu_state(iommu) != IOMMU_READY) {
		return true;
	}
	for (unsigned int i = 0; i < master->link_count; i++) {
		const struct iommu_link *link = &master->link[i];

		/* A link that is DESCRIBED or on its way wakes its clients itself once it is READY. */
		if (link->iommu == iommu && link_state(link) != LINK_READY && link_state(link) != LINK_QUARANTINED) {
			return true;
		}
	}
	return false;
}

int iommu_claim(struct iommu_master *master)
{
	struct iommu_group *group = atomic_load(&master->group);
	uint32_t saved;
	int error = 0;

	if (!group) {
		return -ENODEV;
	}
	saved = lock(&group->lock);
	if (group->owner_count || group->claimed) {
		error = -EBUSY;
	} else {
		group->claimed = true;
	}
	unlock(&group->lock, saved);
	return error;
}

void iommu_release_claim(struct iommu_master *master)
{
	struct iommu_group *group = atomic_load(&master->group);
	uint32_t saved;

	if (!group) {
		return;
	}
	saved = lock(&group->lock);
	group->claimed = false;
	unlock(&group->lock, saved);
}

static bool is_allowed(const struct iommu_core *core, uint64_t pa, uint64_t size)
{
	const struct iommu_allowed *allowed = &core->allowed;

	return pa >= allowed->base && size <= allowed->size && pa - allowed->base <= allowed->size - size;
}

/* With the group's lock held. */
static int map_parts(struct iommu_group *group, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	for (unsigned int i = 0; i < group->part_count; i++) {
		struct iommu_part *part = &group->part[i];
		int error = part->domain ? part->iommu->ops->map(part->domain, iova, pa, size, access) : -ENODEV;

		if (error) {
			while (i--) {
				(void)group->part[i].iommu->ops->unmap(group->part[i].domain, iova, size);
			}
			return error;
		}
	}
	return 0;
}

int iommu_map(struct iommu_core *core, struct iommu_master *master, uint64_t iova, uint64_t pa, uint64_t size,
	      unsigned int access)
{
	struct iommu_group *group = atomic_load(&master->group);
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

int iommu_unmap(struct iommu_master *master, uint64_t iova, uint64_t size)
{
	struct iommu_group *group = atomic_load(&master->group);
	uint32_t saved;
	int error = 0;

	if (!group) {
		return -ENODEV;
	}
	saved = lock(&group->lock);
	for (unsigned int i = 0; i < group->part_count; i++) {
		struct iommu_part *part = &group->part[i];
		int result = part->domain ? part->iommu->ops->unmap(part->domain, iova, size) : -ENODEV;

		error = error ? error : result;
	}
	unlock(&group->lock, saved);
	return error;
}
