/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of tables, which may lie anywhere in memory: never a wider access than a byte. `size` is 1 to 8. */
#ifndef FIRMWARE_BYTES_H
#define FIRMWARE_BYTES_H

#include <stddef.h>
#include <stdint.h>

uint64_t get_le(const uint8_t *bytes, size_t size);
void put_le(uint8_t *bytes, size_t size, uint64_t value);
uint32_t get_le32(const uint8_t *bytes);

/* One load and a REV, which the compiler finds only after it has judged what is worth a place of its own. */
static inline __attribute__((always_inline)) uint32_t get_be32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The sum of all bytes, which is 0 over an ACPI structure with its checksum. */
uint8_t sum_bytes(const uint8_t *bytes, size_t size);

#endif
