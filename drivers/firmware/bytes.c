/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/bytes.h"

uint64_t get_le(const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;

	while (size > 0) {
		value = value << 8 | bytes[--size];
	}
	return value;
}

void put_le(uint8_t *bytes, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size; i++) {
		bytes[i] = (uint8_t)value;
		value >>= 8;
	}
}

uint8_t sum_bytes(const uint8_t *bytes, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	return sum;
}
