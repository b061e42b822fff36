/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a device tree. */
#include "firmware/dt.h"

#include <stdlib.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct description description;
	static struct msi_list msis;
	uint8_t *copy = fuzz_copy(bytes, size);

	if (dt_check(copy, size) == 0) {
		description_init(&description);
		if (dt_read(copy, &description) == 0) {
			fuzz_check(&description);
			fuzz_require(dt_read_msis(copy, &description, &msis) == 0, "a tree that is no tree");
			fuzz_check_msis(&description, &msis);
		}
	}
	free(copy);
	return 0;
}
