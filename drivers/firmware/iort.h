/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_IORT_H
#define FIRMWARE_IORT_H

#include <stddef.h>

#include "firmware/description.h"

/*
 * Reads an IORT (DEN0049) of `size` bytes into the description's streams, which must be empty; sets the source to
 * DESCRIPTION_IORT. Returns 0; -EINVAL for a table that is refused as a whole (signature, length, checksum, node
 * outside the table), with a warning that says why and the streams left empty. Boot core only.
 */
int iort_read(const void *table, size_t size, struct description *description);

#endif
