/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/iommu share among themselves. */
#ifndef IOMMU_CORE_H
#define IOMMU_CORE_H

#include <errno.h>

#include "iommu/iommu.h"

/* How long another core's probe or release may take: each waits for the hardware itself, a second at most. */
#define IOMMU_WAIT_US 3000000U

/* In iommu.state, beside WALKING, READY or LEAVING: the instance has failed. */
#define IOMMU_RAISED 0x80U

/* What an operation of the instance said: -EIO is raised by the core that heard it. */
static inline int iommu_noted(struct iommu *iommu, int error)
{
	if (error == -EIO) {
		iommu_raise(iommu);
	}
	return error;
}

static inline bool iommu_is_raised(const struct iommu *iommu)
{
	return word_load(&iommu->state) & IOMMU_RAISED;
}

/* Masters that are in the slot, or in the block's slots, stay known until iommu_let_go(). */
void iommu_hold(struct word *users);
void iommu_let_go(struct word *users);

/*
 * Takes a link from one settled state to another; false where another core was first, or the state was not that.
 */
bool iommu_link_step(struct iommu_link *link, enum link_state from, enum link_state to);

/*
 * Takes a link that is GROUPED or READY out of its group's part, to RELEASING, which is the caller's to end; false
 * where it is neither, or another core was first.
 */
bool iommu_link_leave(struct iommu_link *link);

/* Looks at a link until `done` is true of it: another core's probe or release may be under way. 0, -ETIMEDOUT. */
int iommu_link_wait(struct iommu_link *link, bool (*done)(struct iommu_link *link));

static inline uint32_t iommu_block_count(uint32_t slot_count)
{
	return (slot_count + IOMMU_SLOTS_PER_BLOCK - 1) / IOMMU_SLOTS_PER_BLOCK;
}

typedef int iommu_link_visit(struct iommu_link *link);

/*
 * Visits the links that name this instance, of every master known by now; those that come meanwhile may be missed. The
 * first error ends it.
 */
int iommu_for_each_link(struct iommu *iommu, iommu_link_visit *visit);

/*
 * Probes every link of an instance that is WALKING, and puts it into its default domain: which masters form a group,
 * and with which direct regions, is known since they were described. 0, whatever comes of a master; -EIO.
 */
int iommu_walk(struct iommu *iommu);

/* As iommu_probe_late(), where the link is not settled. 0. */
int iommu_probe_if_late(struct iommu_link *link);

/* Probes one link of an instance that is READY already, sets up its default domain and wakes its clients. */
void iommu_probe_late(struct iommu_link *link);

/*
 * Finds the group of a master that is being added, merging or making what is needed. 0, and where the master can't be
 * part of any group, too: it is barred then, with the reason. -ENOMEM; -ETIMEDOUT where another core's use of the group
 * does not end: nothing has changed. Takes the list lock.
 */
int iommu_group_assign(struct iommu_core *core, struct iommu_master *master);

/*
 * The reverse; the last one out ends the group. No link of the master is in a part any more. 0; -ETIMEDOUT where
 * another core's use of the group does not end: nothing has changed.
 */
int iommu_group_forget(struct iommu_core *core, struct iommu_master *master);

/*
 * Takes the lock of the master's group, which is its group then, and stays so until unlock(): NULL, and no lock, where
 * it is in none. `saved` is what unlock() wants back.
 */
struct iommu_group *iommu_group_lock(const struct iommu_master *master, uint32_t *saved);

/*
 * Puts a link that was probed onto its group's part, in the default domain, and makes it READY; the caller holds its
 * PROBING. Or tries `again` with one that was seen GROUPED. 0; -ENOMEM where a domain for its direct regions could not
 * be had, -EEXIST where an owner has mapped what would be one of them, or what attach() said (-EIO is raised): it is
 * GROUPED then.
 */
int iommu_group_settle(struct iommu_link *link, bool again);

/* Takes a link off its part: what the link alone emits is in the empty domain then. The caller holds the link's
 * RELEASING. */
void iommu_group_leave(struct iommu_link *link);

/* Denies silently what no other link that was probed emits. The caller holds the link's PROBING or RELEASING. */
__attribute__((noinline)) void iommu_group_quarantine(struct iommu_link *link);

/* The part of a group that belongs to an instance, or NULL. The caller holds the group's lock. */
struct iommu_part *iommu_group_part(struct iommu_group *group, const struct iommu *iommu);

/*
 * Attaches a whole part to `to`; NULL is the default domain. On an error the streams that had been switched are back in
 * `from`, and the one that failed and those after it were not touched again. The caller holds the group's lock.
 */
int iommu_switch_part(const struct iommu_part *part, struct iommu_domain *to, struct iommu_domain *from);

/*
 * Gives a part, with all of its links, a domain of its own that holds the group's direct regions. 0; -ENOMEM, or what
 * attach() said: nothing has changed then. The caller holds the group's lock.
 */
int iommu_take_domain(const struct iommu_group *group, struct iommu_part *part);

/* Whether one of the group's first `count` direct regions has any of these addresses. The caller holds the group's
 * lock. */
bool iommu_group_keeps(const struct iommu_group *group, unsigned int count, uint64_t base, uint64_t size);

/* Takes a part back to its default domain, and ends the domain that it had. The caller holds the group's lock. */
void iommu_drop_domain(struct iommu_part *part);

/* Makes a domain on an instance that holds the group's direct regions. 0, -ENOMEM, -EIO. The caller holds its lock. */
int iommu_domain_with_regions(const struct iommu_group *group, struct iommu *iommu, struct iommu_domain **domain);

/* Ends a domain that no stream is attached to, and that is the caller's. The caller holds the group's lock. */
void iommu_domain_free(struct iommu_domain *domain);

/*
 * Maps the group's direct regions from `first` on; what is there already stays. 0; -EEXIST where that leads elsewhere,
 * for it is an owner's, or has fewer rights, for it is there since before `first`; or what map() said. As above.
 */
int iommu_map_regions(const struct iommu_group *group, struct iommu_domain *domain, unsigned int first);

static inline struct iommu_group *iommu_group_of(const struct iommu_master *master)
{
	return (struct iommu_group *)pointer_load(&master->group);
}

#endif
