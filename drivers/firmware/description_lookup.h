/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Look-ups in a list while it grows. smmu-inspect has tools/inspect/larger/description_lookup.c instead, which
 * remembers.
 */
#ifndef FIRMWARE_DESCRIPTION_LOOKUP_H
#define FIRMWARE_DESCRIPTION_LOOKUP_H

#include "firmware/description.h"

#define NO_SMMU (-1)

/* Index of the first SMMU with this handle, or NO_SMMU, as for handle 0. */
int description_smmu_of_handle(const struct stream_description *streams, uint32_t handle);

/* Has this master a window? `master` is a name of the description: equal names share a pointer. */
bool description_has_window(const struct stream_description *streams, const char *master);

/* Is a warning with these names listed? */
bool description_has_warning(const struct description *description, const struct warning_description *warning);

#endif
