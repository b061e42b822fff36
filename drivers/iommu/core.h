/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of drivers/iommu only. */
#ifndef IOMMU_CORE_H
#define IOMMU_CORE_H

#include <errno.h>

#include "iommu/iommu.h"
#include "iommu/steps.h"

/* Bound of a wait for another core's probe or release: each of those waits for hardware, 1 s at most. */
#define IOMMU_WAIT_US 3000000U

/* Flag in iommu.state beside WALKING, READY or LEAVING: an operation failed (iommu_raise()). */
#define IOMMU_RAISED 0x80U

/* Passes on the result of an operation; -EIO raises the instance. */
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

/* Between hold and let_go, a master seen in the slot (or in a slot of the block) is not removed. */
void iommu_hold(struct word *users);
void iommu_let_go(struct word *users);

/* A step of a link by an exchange: false if it is not in `from`, or another core was first. */
#define LINK_STEP_IF(link, from, to)                                                                                   \
	({                                                                                                             \
		STEP(LINK_STEPS, from, to);                                                                            \
		iommu_link_exchange(link, from, to);                                                                   \
	})
bool iommu_link_exchange(struct iommu_link *link, enum link_state from, enum link_state to);

/* A step of a link that the caller owns in `from`: PROBING or RELEASING. */
#define LINK_STEP_TO(link, from, to) STEP_TO(LINK_STEPS, &(link)->state, from, to)

/*
 * Moves a READY or GROUPED link to RELEASING and takes it off its part; the caller then owns the link. False if the
 * link is in another state, or another core was first.
 */
bool iommu_link_leave(struct iommu_link *link);

/* Polls until `done` is true, while another core probes or releases the link. Returns 0 or -ETIMEDOUT. */
int iommu_link_wait(struct iommu_link *link, bool (*done)(struct iommu_link *link));

static inline uint32_t iommu_block_count(uint32_t slot_count)
{
	return (slot_count + IOMMU_SLOTS_PER_BLOCK - 1) / IOMMU_SLOTS_PER_BLOCK;
}

typedef int iommu_link_visit(struct iommu_link *link);

/*
 * Visits the links that name this instance. Masters added during the visit may be missed. Stops at the first error and
 * returns it.
 */
int iommu_for_each_link(struct iommu *iommu, iommu_link_visit *visit);

/*
 * Probes every link of a WALKING instance and attaches it to its default domain. Returns 0 whatever happens to a single
 * master, or -EIO.
 */
int iommu_walk(struct iommu *iommu);

/* iommu_probe_late() for a link that is DESCRIBED or GROUPED. Returns 0. */
int iommu_probe_if_late(struct iommu_link *link);

/* Probes a link of a READY instance, sets up its default domain and wakes the clients. */
void iommu_probe_late(struct iommu_link *link);

/*
 * Finds or makes the group of a master that is being added; merges groups if its streams need it. Takes the list lock.
 *
 * Return:      0          also if the master fits into no group: `barred` then has the reason
 *              -ENOMEM    nothing has changed
 *              -ETIMEDOUT another core kept the group in use; nothing has changed
 */
int iommu_group_assign(struct iommu_core *core, struct iommu_master *master);

/*
 * Takes a master out of its group, and ends the group with its last member. None of the master's links is on a part any
 * more. Takes the list lock.
 *
 * Return:      0
 *              -ETIMEDOUT another core kept the group in use; nothing has changed
 */
int iommu_group_forget(struct iommu_core *core, struct iommu_master *master);

/*
 * Locks the master's group; the master stays in it until unlock(). Returns NULL, with no lock taken, for a master in no
 * group. `saved` is for unlock().
 */
struct iommu_group *iommu_group_lock(const struct iommu_master *master, uint32_t *saved);

/*
 * Adds a probed link to its group's part, attaches it to the default domain and makes it READY. The caller owns the
 * link's PROBING; with `again`, the link was seen GROUPED.
 *
 * Return:      0          READY
 *              -ENOMEM    no domain for its direct regions
 *              -EEXIST    an owner's map lies where a direct region is to be
 *              others     as attach(); -EIO is raised
 * State left:  on an error GROUPED, with the reason.
 */
int iommu_group_settle(struct iommu_link *link, bool again);

/* Takes a link off its part; streams that only it emits go to the empty domain. The caller owns RELEASING. */
void iommu_group_leave(struct iommu_link *link);

/* Denies, silently, the streams that no other probed link emits. The caller owns PROBING or RELEASING. */
__attribute__((noinline)) void iommu_group_quarantine(struct iommu_link *link);

/* The group's part on this instance, or NULL. Group's lock held. */
struct iommu_part *iommu_group_part(struct iommu_group *group, const struct iommu *iommu);

/*
 * Attaches all streams of a part to `to` (NULL: the default domain). After an error the streams switched so far are
 * back in `from`; the one that failed and later ones are not touched again. Group's lock held.
 */
int iommu_switch_part(const struct iommu_part *part, struct iommu_domain *to, struct iommu_domain *from);

/*
 * Gives a part a domain of its own with the group's direct regions. Returns 0, -ENOMEM or attach()'s error: nothing has
 * changed then. Group's lock held.
 */
int iommu_take_domain(const struct iommu_group *group, struct iommu_part *part);

/* Does any of the group's first `count` direct regions overlap the range? Group's lock held. */
bool iommu_group_keeps(const struct iommu_group *group, unsigned int count, uint64_t base, uint64_t size);

/* Attaches a part to its default domain again and frees its own domain. Group's lock held. */
void iommu_drop_domain(struct iommu_part *part);

/* Allocates a domain that maps the group's direct regions. Returns 0, -ENOMEM or -EIO. Group's lock held. */
int iommu_domain_with_regions(const struct iommu_group *group, struct iommu *iommu, struct iommu_domain **domain);

/* Frees a domain that no stream is attached to. Group's lock held. */
void iommu_domain_free(struct iommu_domain *domain);

/*
 * Maps the group's direct regions from `first` on; pages that are mapped to themselves stay. Returns 0; -EEXIST if a
 * page is mapped elsewhere (an owner's map) or an earlier region gave it fewer rights; or map()'s error. Group's lock
 * held.
 */
int iommu_map_regions(const struct iommu_group *group, struct iommu_domain *domain, unsigned int first);

static inline struct iommu_group *iommu_group_of(const struct iommu_master *master)
{
	return (struct iommu_group *)pointer_load(&master->group);
}

#endif
