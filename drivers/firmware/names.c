/* SPDX-License-Identifier: BSD-2-Clause */
/* A description's names, one behind the other. smmu-inspect has tools/inspect/larger/names.c instead. */
#include <string.h>

#include "firmware/description.h"

static const char *find_name(const struct description *description, const char *text)
{
	size_t at = 0;

	while (at < description->names_used) {
		const char *name = &description->names[at];

		if (!strcmp(name, text)) {
			return name;
		}
		at += strlen(name) + 1;
	}
	return NULL;
}

const char *description_name(struct description *description, const char *text)
{
	const char *known = find_name(description, text);
	size_t size = strlen(text) + 1;
	char *name = &description->names[description->names_used];

	if (known) {
		return known;
	}
	if (description->names_used + size > description->names_room) {
		description->warnings_lost++;
		return "?";
	}
	memcpy(name, text, size);
	description->names_used += size;
	return name;
}
