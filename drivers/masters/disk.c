/* SPDX-License-Identifier: BSD-2-Clause */
#include "masters/disk.h"

#include <string.h>

#include "report/print.h"

#define LINE 16U
#define NAME "smmu-bringup"
#define NAME_LENGTH (sizeof(NAME) - 1)

static bool disk_is_for_tests(const uint8_t *data, uint32_t length)
{
	char line[LINE + 1];

	for (uint32_t at = 0; at + LINE <= length; at += LINE) {
		format_text(line, sizeof(line), NAME " %03u", (unsigned int)(at / LINE));
		if (memcmp(data + at, line, LINE)) {
			return false;
		}
	}
	return true;
}

bool disk_verify(const uint8_t *data, const uint8_t *first_read, uint32_t length, const char **words)
{
	bool known = !memcmp(first_read, NAME, NAME_LENGTH);

	*words = known ? "the test disk's bytes" : "the bytes of a first read of the same blocks";
	return !memcmp(data, first_read, length) && (!known || disk_is_for_tests(data, length));
}
