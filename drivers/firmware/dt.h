/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_DT_H
#define FIRMWARE_DT_H

#include <stddef.h>

#include "firmware/description.h"

/*
 * Checks the blob's header and structure. Returns 0, or -EINVAL for what is not a complete device tree of at most
 * `limit` bytes.
 */
int dt_check(const void *dtb, size_t limit);

/*
 * Reads all of a checked device tree into an emptied description: machine (memory, cores, console, PSCI, GIC, timer,
 * PCI hosts, fw_cfg, bootargs) and streams (source DESCRIPTION_DT). What is unusable is left out with a warning.
 * Returns 0, or -EINVAL where the tree has no root. Boot core only.
 */
int dt_read(const void *dtb, struct description *description);

/* The same, of the streams alone: SMMUv3 instances, who is behind them, and the memory that stays mapped for those. */
int dt_read_iommus(const void *dtb, struct description *description);

#endif
