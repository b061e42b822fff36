/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MASTERS_DISK_H
#define MASTERS_DISK_H

#include <stdbool.h>
#include <stdint.h>

/* Does `data` equal a first read and, on a test disk, the lines "smmu-bringup 000" on? `words` says which. */
bool disk_verify(const uint8_t *data, const uint8_t *first_read, uint32_t length, const char **words);

#endif
