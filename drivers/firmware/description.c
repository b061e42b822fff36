/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/description.h"

#include <errno.h>
#include <string.h>

void description_init(struct description *description)
{
	memset(description, 0, sizeof(*description));
	description->bootargs = "";
}

void description_clear_streams(struct description *description)
{
	memset(&description->streams, 0, sizeof(description->streams));
}

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
	if (size > DESCRIPTION_NAMES_SIZE - description->names_used) {
		description->warnings_lost++;
		return "?";
	}
	memcpy(name, text, size);
	description->names_used += size;
	return name;
}

void description_warn(struct description *description, const char *where, const char *text)
{
	struct warning_description warning = {
		.where = description_name(description, where),
		.text = description_name(description, text),
	};

	for (unsigned int i = 0; i < description->warning_count; i++) {
		/* Equal strings are one string. */
		if (description->warning[i].where == warning.where && description->warning[i].text == warning.text) {
			return;
		}
	}
	if (description->warning_count == DESCRIPTION_WARNINGS_MAX) {
		description->warnings_lost++;
		return;
	}
	description->warning[description->warning_count++] = warning;
}

static bool window_holds(const struct window_description *window, uint32_t segment, uint32_t input)
{
	return window->enabled && window->segment == segment && input >= window->input_first &&
	       input <= window->input_last;
}

#define PAGE_MASK 0xfffULL

void description_add_direct(struct description *description, const char *where, const struct stream_id *first,
			    uint32_t last, const struct range_description *region)
{
	struct stream_description *streams = &description->streams;
	uint64_t base = region->base & ~PAGE_MASK;
	uint64_t end = (region->base + region->size + PAGE_MASK) & ~PAGE_MASK;

	if (!region->size || end <= base) {
		description_warn(description, where, "a direct region that is empty or ends nowhere: left out");
		return;
	}
	if (streams->direct_count == DESCRIPTION_DIRECTS_MAX) {
		description_warn(description, where, "more direct regions than can be listed: left out");
		return;
	}
	streams->direct[streams->direct_count++] = (struct direct_description){.smmu = first->smmu,
									       .first = first->sid,
									       .last = last,
									       .base = base,
									       .size = end - base,
									       .where = where};
}

int description_stream_of(const struct stream_description *streams, uint32_t segment, uint32_t requester_id,
			  struct stream_id *stream)
{
	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];
		uint32_t input = window->has_mask ? requester_id & window->mask : requester_id;

		if (window_holds(window, segment, input)) {
			stream->smmu = window->smmu;
			stream->sid = window->constant ? window->sid : window->sid + (input - window->input_first);
			return 0;
		}
	}
	return -ENOENT;
}
