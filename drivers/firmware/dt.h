/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_DT_H
#define FIRMWARE_DT_H

#include <stddef.h>

#include "firmware/description.h"

/* Where a blob is no device tree. */
struct dt_damage {
	const char *what; /* In words; NULL where it is sound. */
	uint32_t at;	  /* Byte of the blob. */
	const char *node; /* The name of the node that began last before it, in the blob; NULL before the first. */
};

/* Looks for what makes a blob no complete device tree of at most `limit` bytes. */
struct dt_damage dt_find_damage(const void *dtb, size_t limit);

/*
 * The same, without words.
 *
 * Return:      0
 *              -EINVAL    damaged
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
