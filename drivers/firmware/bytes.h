/* SPDX-License-Identifier: BSD-2-Clause */
/* Little-endian fields of tables, which may lie anywhere: never a wider access than a byte. */
#ifndef FIRMWARE_BYTES_H
#define FIRMWARE_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t get_le(const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;

	while (size > 0) {
		value = value << 8 | bytes[--size];
	}
	return value;
}

static inline uint32_t get_le16(const uint8_t *bytes)
{
	return (uint32_t)get_le(bytes, 2);
}

static inline uint32_t get_le32(const uint8_t *bytes)
{
	return (uint32_t)get_le(bytes, 4);
}

static inline uint64_t get_le64(const uint8_t *bytes)
{
	return get_le(bytes, 8);
}

static inline void put_le(uint8_t *bytes, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size; i++) {
		bytes[i] = (uint8_t)value;
		value >>= 8;
	}
}

/* The sum of all bytes, which is 0 over an ACPI structure with its checksum. */
static inline uint8_t sum_bytes(const uint8_t *bytes, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	return sum;
}

#endif
