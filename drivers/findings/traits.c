/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/traits.h"

struct master_traits *traits_add_master(struct traits *traits)
{
	if (traits->master_count == TRAITS_MASTERS_MAX) {
		traits->masters_left_out++;
		return NULL;
	}
	return &traits->master[traits->master_count++];
}
