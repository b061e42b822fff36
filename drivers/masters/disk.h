/* SPDX-License-Identifier: BSD-2-Clause */
/* What masters that read a disk compare with. */
#ifndef MASTERS_DISK_H
#define MASTERS_DISK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether `data` is what a first read of the same blocks brought; a test disk is known besides: every 16 bytes are
 * "smmu-bringup" and their number, from " 000" on. `words` says how it was told.
 */
bool disk_verify(const uint8_t *data, const uint8_t *first_read, uint32_t length, const char **words);

#endif
