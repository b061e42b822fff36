/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IOMMU_STEPS_H
#define IOMMU_STEPS_H

#include "base/steps.h"

#define INSTANCE_STEPS(ROW, a, b)                                                                                      \
	ROW(a, b, IOMMU_DESCRIBED, IOMMU_STARTING, "the core that registers", "group list")                            \
	ROW(a, b, IOMMU_GONE, IOMMU_STARTING, "the same", "group list")                                                \
	ROW(a, b, IOMMU_FAILED, IOMMU_STARTING, "the same", "group list")                                              \
	ROW(a, b, IOMMU_STARTING, IOMMU_WALKING, "the core that registers", "none")                                    \
	ROW(a, b, IOMMU_STARTING, IOMMU_FAILED, "the core that registers: it did not start", "none")                   \
	ROW(a, b, IOMMU_WALKING, IOMMU_READY, "the core that registers", "none")                                       \
	ROW(a, b, IOMMU_WALKING, IOMMU_FAILED, "the core that registers: the replay or enabling failed", "none")       \
	ROW(a, b, IOMMU_WALKING, IOMMU_FAILING, "any core whose operation said -EIO", "any")                           \
	ROW(a, b, IOMMU_READY, IOMMU_FAILING, "the same", "any")                                                       \
	ROW(a, b, IOMMU_LEAVING, IOMMU_FAILING, "the same", "any")                                                     \
	ROW(a, b, IOMMU_READY, IOMMU_LEAVING, "the core that unregisters", "none")                                     \
	ROW(a, b, IOMMU_LEAVING, IOMMU_READY, "the core that unregisters: another core did not end in time", "none")   \
	ROW(a, b, IOMMU_LEAVING, IOMMU_GONE, "the core that unregisters", "none")                                      \
	ROW(a, b, IOMMU_LEAVING, IOMMU_FAILED, "the core that unregisters: it did not stop", "none")                   \
	ROW(a, b, IOMMU_FAILING, IOMMU_FAILED, "the core that ends it", "none")

#define LINK_STEPS(ROW, a, b)                                                                                          \
	ROW(a, b, LINK_DESCRIBED, LINK_PROBING, "a walk or a late probe", "none")                                      \
	ROW(a, b, LINK_PROBING, LINK_DESCRIBED, "the core that probes: no memory, or the instance failed", "none")     \
	ROW(a, b, LINK_PROBING, LINK_QUARANTINED,                                                                      \
	    "the core that probes: the master is to blame, or quarantined for good", "none")                           \
	ROW(a, b, LINK_PROBING, LINK_GROUPED, "the core that probes: its default domain could not be set up", "group") \
	ROW(a, b, LINK_PROBING, LINK_READY, "the core that probes", "group")                                           \
	ROW(a, b, LINK_GROUPED, LINK_READY, "a late probe, or a replay", "group")                                      \
	ROW(a, b, LINK_READY, LINK_RELEASING, "the core that ends the instance, removes or quarantines the master",    \
	    "none")                                                                                                    \
	ROW(a, b, LINK_GROUPED, LINK_RELEASING, "the same", "none")                                                    \
	ROW(a, b, LINK_RELEASING, LINK_DESCRIBED, "the core that ends the instance", "none")                           \
	ROW(a, b, LINK_RELEASING, LINK_ABSENT, "the core that removes the master", "none")                             \
	ROW(a, b, LINK_RELEASING, LINK_QUARANTINED, "the core that quarantines the master", "none")                    \
	ROW(a, b, LINK_QUARANTINED, LINK_DESCRIBED, "the core that ends the instance", "none")                         \
	ROW(a, b, LINK_DESCRIBED, LINK_ABSENT, "the core that removes the master", "none")                             \
	ROW(a, b, LINK_QUARANTINED, LINK_ABSENT, "the same", "none")                                                   \
	ROW(a, b, LINK_ABSENT, LINK_DESCRIBED, "the same, when it is gone, or stays", "none")

#define MASTER_STEPS(ROW, a, b)                                                                                        \
	ROW(a, b, PRESENCE_ABSENT, PRESENCE_ARRIVING, "the core that adds it", "none")                                 \
	ROW(a, b, PRESENCE_ARRIVING, PRESENCE_ABSENT, "the same: no memory, no room, or its group was in use", "none") \
	ROW(a, b, PRESENCE_ARRIVING, PRESENCE_PRESENT, "the core that adds it", "none")                                \
	ROW(a, b, PRESENCE_PRESENT, PRESENCE_LEAVING, "the core that removes it", "none")                              \
	ROW(a, b, PRESENCE_LEAVING, PRESENCE_PRESENT, "the same: another core did not end in time", "none")            \
	ROW(a, b, PRESENCE_LEAVING, PRESENCE_ABSENT, "the core that removes it", "none")

#endif
