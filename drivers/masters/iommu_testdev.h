/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's iommu-testdev (1b36:0005): writes a fixed pattern through the SMMU, at once, and cannot read through it. */
#ifndef MASTERS_IOMMU_TESTDEV_H
#define MASTERS_IOMMU_TESTDEV_H

#include "masters/master.h"

extern const struct master_driver iommu_testdev_driver;

#endif
