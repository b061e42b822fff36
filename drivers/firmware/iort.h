/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_IORT_H
#define FIRMWARE_IORT_H

#include <stddef.h>

#include "firmware/description.h"

/*
 * Reads an IORT (DEN0049) into the description's empty streams.
 *
 * Return:      0
 *              -EINVAL    damaged: a warning, no streams
 * Context:     boot core.
 */
int iort_read(const void *table, size_t size, struct description *description);

#endif
