/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers' warnings. A build that says nothing beside the records keeps none. */
#include <stddef.h>
#include <string.h>

#include "base/feature.h"
#include "firmware/description.h"
#include "firmware/description_lookup.h"
#include "firmware/dt_tree.h"
#include "firmware/text.h"
#include "report/print.h"

OPTIONAL(words_say);

static void warnings_add(struct description *description, const char *where, const char *text, unsigned int room)
{
	struct warning_description warning = {
		.where = description_name(description, where),
		.text = description_name(description, text),
	};

	if (description_has_warning(description, &warning)) {
		return;
	}
	if (description->warning_count >= room) {
		description->warnings_lost++;
		return;
	}
	description->warning[description->warning_count++] = warning;
}

void description_warn(struct description *description, const char *where, const char *text)
{
	if (is_linked(words_say)) {
		warnings_add(description, where, text, DESCRIPTION_WARNINGS_MAX);
	}
}

/* In the order of enum description_list; pointers would be larger. */
static const char lists[] = "ranges of memory\0cores\0redistributor regions\0PCI hosts\0SMMUs\0streams\0"
			    "ranges of requester IDs\0direct regions\0MSIs";

void description_warn_left_out(struct description *description)
{
	const char *name = lists;

	description->names_room = sizeof(description->names);
	for (unsigned int list = 0; is_linked(words_say) && list < LISTS; list++) {
		struct text text;

		if (description->left_out[list]) {
			text_clear(&text);
			text_add_decimal(&text, description->left_out[list]);
			text_add(&text, " more than can be listed: left out");
			warnings_add(description, name, text.chars, DESCRIPTION_WARNINGS_MAX + LISTS);
			description->left_out[list] = 0;
		}
		name += strlen(name) + 1;
	}
	description->names_room = DESCRIPTION_NAMES_SIZE;
}

void description_note(struct description *description, const char *where, const char *text)
{
	if (is_linked(words_say) && description->note_count < DESCRIPTION_NOTES_MAX) {
		description->note[description->note_count++] = (struct warning_description){
			.where = description_name(description, where),
			.text = description_name(description, text),
		};
	}
}

void dt_warn(struct dt_reader *reader, const struct dt_node *node, const char *property, const char *text)
{
	struct text sentence;

	if (!is_linked(words_say)) {
		return;
	}
	text_clear(&sentence);
	if (property) {
		text_add(&sentence, property);
		text_add(&sentence, ": ");
	}
	text_add(&sentence, text);
	description_warn(reader->description, dt_path(reader, node), sentence.chars);
}
