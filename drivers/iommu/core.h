/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/iommu share among themselves. */
#ifndef IOMMU_CORE_H
#define IOMMU_CORE_H

#include "iommu/iommu.h"

/* Probes one link of an instance that is READY already, sets up its default domain and wakes its clients. */
void iommu_probe_late(struct iommu_link *link);

/*
 * Puts the link's master into the group of its streams, creating what is missing, and the link onto the group's part.
 * 0; -ENOMEM; -EEXIST where its streams belong to two groups already. The caller holds the link's PROBING.
 */
int iommu_group_join(struct iommu_link *link);

/* The reverse; the last one out ends the group. */
void iommu_group_leave(struct iommu_link *link);

/*
 * Sets up the default domain for this instance's part of the link's group, if that has not been done, and makes its
 * GROUPED links READY. 0, or what attach() said; then no link has changed.
 */
int iommu_group_set_default(struct iommu_link *link);

/* Whether some master in a group emits this stream. Takes the list lock. */
bool iommu_stream_is_known(struct iommu *iommu, uint32_t sid);

/* The part of a group that belongs to an instance, or NULL. The caller holds the group's lock, or the group is settled.
 */
struct iommu_part *iommu_group_part(struct iommu_group *group, const struct iommu *iommu);

/* Takes a part back to the empty domain, and ends the domain that it had. The caller holds the group's lock. */
void iommu_drop_domain(struct iommu_part *part);

#endif
