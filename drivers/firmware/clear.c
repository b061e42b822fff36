/* SPDX-License-Identifier: BSD-2-Clause */
/* An empty description. smmu-inspect has tools/inspect/larger/clear.c instead. */
#include <string.h>

#include "firmware/description.h"

void description_init(struct description *description)
{
	memset(description, 0, sizeof(*description));
	description->bootargs = "";
	description->names_room = DESCRIPTION_NAMES_SIZE;
}

void description_clear_streams(struct description *description)
{
	memset(&description->streams, 0, sizeof(description->streams));
}
