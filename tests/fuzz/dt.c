/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a device tree. */
#include "firmware/dt.h"

#include <stdlib.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct description description;
	uint8_t *copy = fuzz_copy(bytes, size);

	if (dt_check(copy, size) == 0) {
		description_init(&description);
		if (dt_read(copy, &description) == 0) {
			fuzz_check(&description);
		}
	}
	free(copy);
	return 0;
}
