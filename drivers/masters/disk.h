/* SPDX-License-Identifier: BSD-2-Clause */
/* Comparison for masters that read a disk. */
#ifndef MASTERS_DISK_H
#define MASTERS_DISK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Does `data` equal a first read of the same blocks? A test disk is also checked itself: each 16 bytes are
 * "smmu-bringup" and their number, from " 000" on. `words` says which.
 */
bool disk_verify(const uint8_t *data, const uint8_t *first_read, uint32_t length, const char **words);

#endif
