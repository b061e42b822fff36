/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts make lists empty: pages of theirs that no table has needed are never touched. */
#include <string.h>

#include "description_lookup.h"
#include "firmware/description.h"

void description_clear_streams(struct description *description)
{
	struct stream_description *streams = &description->streams;

	streams->source = DESCRIPTION_DT;
	streams->smmu_count = 0;
	streams->fixed_count = 0;
	streams->window_count = 0;
	streams->direct_count = 0;
	description_lookup_clear();
}

static void clear_machine(struct description *description)
{
	description->memory_count = 0;
	description->reserved_count = 0;
	description->core_count = 0;
	memset(&description->console, 0, sizeof(description->console));
	description->unknown_console = NULL;
	memset(&description->psci, 0, sizeof(description->psci));
	memset(&description->gic, 0, sizeof(description->gic));
	memset(&description->timer, 0, sizeof(description->timer));
	description->host_count = 0;
	description->unknown_host_count = 0;
	description->fw_cfg_base = 0;
	description->bootargs = "";
}

void description_init(struct description *description)
{
	clear_machine(description);
	description_clear_streams(description);
	memset(description->left_out, 0, sizeof(description->left_out));
	description->warning_count = 0;
	description->warnings_lost = 0;
	description->note_count = 0;
}
