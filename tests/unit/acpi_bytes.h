/* SPDX-License-Identifier: BSD-2-Clause */
/* An ACPI table's bytes, as a test writes them. */
#ifndef ACPI_BYTES_H
#define ACPI_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Little-endian. */
static inline void put(uint8_t *at, uint64_t value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++) {
		at[i] = (uint8_t)(value >> (8 * i));
	}
}

/* Makes the sum of all bytes 0 by the one at `at`. */
static inline void add_checksum(uint8_t *bytes, size_t size, size_t at)
{
	uint8_t sum = 0;

	bytes[at] = 0;
	for (size_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	bytes[at] = (uint8_t)-sum;
}

#endif
