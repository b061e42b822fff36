/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_DT_H
#define FIRMWARE_DT_H

#include <stddef.h>

#include "firmware/description.h"

struct dt_damage {
	const char *what; /* NULL: no damage. */
	uint32_t at;	  /* In the blob. */
	const char *node; /* Last node that began before it, or NULL. */
};

/* Checks that a blob is one complete device tree of at most `limit` bytes. */
struct dt_damage dt_find_damage(const void *dtb, size_t limit);

/*
 * As dt_find_damage(), without words.
 *
 * Return:      0
 *              -EINVAL    damaged
 * Context:     any core: reads the blob alone.
 */
int dt_check(const void *dtb, size_t limit);

/*
 * Reads a checked device tree into an empty description; warns of what it cannot use.
 *
 * Return:      0
 *              -EINVAL    no root
 * Context:     boot core.
 */
int dt_read(const void *dtb, struct description *description);

/* As dt_read(), but only SMMUv3 instances, masters and direct regions. Return: and Context: as dt_read(). */
int dt_read_iommus(const void *dtb, struct description *description);

#endif
