/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an IORT, with length and checksum corrected. */
#include "firmware/iort.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define LENGTH 4U
#define CHECKSUM 9U
#define HEADER_SIZE 48U

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void put_right(uint8_t *table, size_t size)
{
	uint8_t sum = 0;

	memcpy(table, "IORT", 4);
	for (unsigned int i = 0; i < 4; i++) {
		table[LENGTH + i] = (uint8_t)(size >> (8 * i));
	}
	table[CHECKSUM] = 0;
	for (size_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + table[i]);
	}
	table[CHECKSUM] = (uint8_t)-sum;
}

static void read_one(const uint8_t *table, size_t size)
{
	static struct description description;
	static struct msi_list msis;

	description_init(&description);
	if (iort_read(table, size, &description) == 0) {
		fuzz_check(&description);
		fuzz_require(iort_read_msis(table, size, &description, &msis) == 0, "a table that is no table");
		fuzz_check_msis(&description, &msis, table, size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = fuzz_copy(bytes, size);

	read_one(copy, size);
	if (size >= HEADER_SIZE) {
		put_right(copy, size);
		read_one(copy, size);
	}
	free(copy);
	return 0;
}
