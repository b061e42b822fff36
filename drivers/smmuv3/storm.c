/* SPDX-License-Identifier: BSD-2-Clause */
/* A device that faults without end: noticed by how many events of one stream come within a second. */
#include <stddef.h>

#include "smmuv3/private.h"

bool smmuv3_storm_count(struct smmuv3_storm *storm, uint32_t sid)
{
	uint64_t now = arch_ticks();

	if (sid != storm->sid || now - storm->began > arch_tick_hz()) {
		*storm = (struct smmuv3_storm){.sid = sid, .began = now};
	}
	storm->count++;
	/* Once for each storm: what is in the queue already comes all the same. */
	return storm->count == SMMUV3_STORM_EVENTS;
}
