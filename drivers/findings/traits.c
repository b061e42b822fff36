/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/traits.h"

#include <string.h>

void traits_clear(struct traits *traits, unsigned int smmu_count)
{
	memset(traits->smmu, 0, smmu_count * sizeof(traits->smmu[0]));
	traits->master_count = 0;
	traits->masters_left_out = 0;
	traits->has_its = false;
	traits->pmcg_count = 0;
	traits->pmcgs_left_out = 0;
	traits->region_count = 0;
	traits->regions_left_out = 0;
}

struct master_traits *traits_add_master(struct traits *traits)
{
	if (traits->master_count == TRAITS_MASTERS_MAX) {
		traits->masters_left_out++;
		return NULL;
	}
	return &traits->master[traits->master_count++];
}

/* Equal names share a pointer. */
bool traits_take_streams(struct traits_cursor *cursor, const struct stream_description *streams, const char *name,
			 struct master_traits *master)
{
	master->fixed = cursor->fixed;
	master->window = cursor->window;
	while (cursor->fixed < streams->fixed_count && streams->fixed[cursor->fixed].master == name) {
		cursor->fixed++;
	}
	while (cursor->window < streams->window_count && streams->window[cursor->window].master == name) {
		cursor->window++;
	}
	master->fixed_count = cursor->fixed - master->fixed;
	master->window_count = cursor->window - master->window;
	return master->fixed_count || master->window_count;
}
