/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_DT_H
#define FIRMWARE_DT_H

#include <stddef.h>

#include "firmware/description.h"

/* Why a blob is no device tree. */
struct dt_damage {
	const char *what; /* NULL: it is one. */
	uint32_t at;	  /* Offset in the blob. */
	const char *node; /* Name of the last node that began before it, in the blob, or NULL. */
};

/* Checks that a blob is one complete device tree of at most `limit` bytes. */
struct dt_damage dt_find_damage(const void *dtb, size_t limit);

/*
 * The same, without words.
 *
 * Return:      0
 *              -EINVAL    damaged
 */
int dt_check(const void *dtb, size_t limit);

/*
 * Reads a checked device tree into an empty description: the machine (memory, cores, console, PSCI, GIC, timer, PCI
 * hosts, fw_cfg, bootargs) and streams (source DESCRIPTION_DT). Unusable parts are left out with a warning.
 *
 * Return:      0          read
 *              -EINVAL    no root
 * Context:     boot core.
 */
int dt_read(const void *dtb, struct description *description);

/* The same for the streams only: SMMUv3 instances, their masters and direct regions. */
int dt_read_iommus(const void *dtb, struct description *description);

#endif
