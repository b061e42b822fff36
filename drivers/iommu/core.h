/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the files of drivers/iommu only.
 *
 * Context:     as the operation of iommu.h that calls; no lock held, unless noted.
 */
#ifndef IOMMU_CORE_H
#define IOMMU_CORE_H

#include <errno.h>

#include "iommu/iommu.h"
#include "iommu/steps.h"

/* Bounds a wait for another core, which may itself wait 1 s for hardware. */
#define IOMMU_WAIT_US 3000000U

/* Flag beside WALKING, READY, LEAVING: an operation returned -EIO (iommu_raise()). */
#define IOMMU_RAISED 0x80U

static inline int iommu_noted(struct iommu_instance *iommu, int error)
{
	if (error == -EIO) {
		iommu_raise(iommu);
	}
	return error;
}

static inline bool iommu_is_raised(const struct iommu_instance *iommu)
{
	return word_load(&iommu->state) & IOMMU_RAISED;
}

/* Between the two, the master in the slot or set stays. */
void iommu_hold(struct word *users);
void iommu_let_go(struct word *users);

/* One exchange; false: another state, or another core was first. */
#define LINK_STEP_IF(link, from, to)                                                                                   \
	({                                                                                                             \
		STEP(LINK_STEPS, from, to);                                                                            \
		iommu_link_exchange(link, from, to);                                                                   \
	})
bool iommu_link_exchange(struct iommu_link *link, enum link_state from, enum link_state to);

/* The caller owns the link in `from`: PROBING or RELEASING. */
#define LINK_STEP_TO(link, from, to) STEP_TO(LINK_STEPS, &(link)->state, from, to)

/*
 * Takes a READY or GROUPED link to RELEASING, owned by the caller, and off its part. False: another state, or another
 * core was first.
 */
bool iommu_link_leave(struct iommu_link *link);

/* Polls until `done`: another core probes or releases the link. 0 or -ETIMEDOUT. */
int iommu_link_wait(struct iommu_link *link, bool (*done)(struct iommu_link *link));

static inline uint32_t iommu_slot_set_count(uint32_t slot_count)
{
	return (slot_count + IOMMU_SLOTS_PER_SET - 1) / IOMMU_SLOTS_PER_SET;
}

typedef int iommu_link_visit(struct iommu_link *link);

/* Visits links that name this instance; may miss masters added meanwhile. Stops at an error and returns it, else 0. */
int iommu_for_each_link(struct iommu_instance *iommu, iommu_link_visit *visit);

/* Probes and settles the links of a WALKING instance. 0, or -EIO: the instance failed. */
int iommu_walk(struct iommu_instance *iommu);

/* For a DESCRIBED or GROUPED link. Returns 0. */
int iommu_probe_if_late(struct iommu_link *link);

/* Probes and settles a link of a READY instance; wakes the clients. */
void iommu_probe_late(struct iommu_link *link);

/*
 * Finds, merges or makes the group of a master that is being added. Takes the list lock.
 *
 * Return:      0          `quarantine_reason` is set if it fits into no group
 *              -ENOMEM    nothing has changed
 *              -ETIMEDOUT another core used the group; nothing has changed
 */
int iommu_group_assign(struct iommu_core *core, struct iommu_master *master);

/*
 * Takes a master, whose links are on no part, out of its group; the last member ends the group. Takes the list lock.
 *
 * Return:      0
 *              -ETIMEDOUT another core used the group; nothing has changed
 */
int iommu_group_forget(struct iommu_core *core, struct iommu_master *master);

/* Locks the group, in which the master stays until unlock(`saved`). NULL: no group, no lock. */
struct iommu_group *iommu_group_lock(const struct iommu_master *master, uint32_t *saved);

/*
 * Adds a probed link to its group's part and default domain. The caller owns PROBING; `again`: it was seen GROUPED.
 *
 * Return:      0          READY
 *              -ENOMEM    no domain for its direct regions
 *              -EEXIST    an owner's map, or a region with fewer rights, is where a direct region is to be
 *              others     as attach(); -EIO is raised
 * State left:  on an error GROUPED, with the reason.
 */
int iommu_group_settle(struct iommu_link *link, bool again);

/* Takes a link off its part; streams that only it emits go to the empty domain. The caller owns RELEASING. */
void iommu_group_leave(struct iommu_link *link);

/* Silently denies what no other probed link emits. The caller owns PROBING or RELEASING. */
void iommu_group_quarantine(struct iommu_link *link);

/* --- With the group's lock held. --- */

/* The part on this instance, or NULL. */
struct iommu_part *iommu_group_part(struct iommu_group *group, const struct iommu_instance *iommu);

/*
 * Attaches a part to `to` (NULL: the default domain). 0, or attach()'s error: streams switched so far are back in
 * `from`; others are not touched again.
 */
int iommu_switch_part(const struct iommu_part *part, struct iommu_domain *to, struct iommu_domain *from);

/* Gives a part its own domain with the direct regions. -ENOMEM, or attach()'s error: nothing has changed. */
int iommu_take_domain(const struct iommu_group *group, struct iommu_part *part);

/* Does one of the first `count` direct regions overlap the range? */
bool iommu_group_keeps(const struct iommu_group *group, unsigned int count, uint64_t base, uint64_t size);

/* Attaches the default domain again and frees the part's own. */
void iommu_drop_domain(struct iommu_part *part);

/* Allocates a domain with the direct regions: 0, -ENOMEM or -EIO. */
int iommu_domain_with_regions(const struct iommu_group *group, struct iommu_instance *iommu,
			      struct iommu_domain **domain);

/* No stream is attached. */
void iommu_domain_free(struct iommu_domain *domain);

/* Maps direct regions from `first` on. -EEXIST: a page has an owner's map, or fewer rights; or map()'s error. */
int iommu_map_regions(const struct iommu_group *group, struct iommu_domain *domain, unsigned int first);

static inline struct iommu_group *iommu_group_of(const struct iommu_master *master)
{
	return (struct iommu_group *)pointer_load(&master->group);
}

#endif
