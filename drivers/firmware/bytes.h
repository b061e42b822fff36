/* SPDX-License-Identifier: BSD-2-Clause */
/* Unaligned fields of tables. `size`: 1 to 8. */
#ifndef FIRMWARE_BYTES_H
#define FIRMWARE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint64_t get_le(const uint8_t *bytes, size_t size);
void put_le(uint8_t *bytes, size_t size, uint64_t value);

static inline uint32_t get_le32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? value : __builtin_bswap32(value);
}

static inline uint32_t get_be32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? value : __builtin_bswap32(value);
}

/* 0 over a correct ACPI structure. */
uint8_t sum_bytes(const uint8_t *bytes, size_t size);

#endif
