/* SPDX-License-Identifier: BSD-2-Clause */
/* Warnings of the readers; a build may leave them out. */
#include <stddef.h>

#include "firmware/description.h"
#include "firmware/dt_tree.h"
#include "firmware/text.h"

void description_warn(struct description *description, const char *where, const char *text)
{
	struct warning_description warning = {
		.where = description_name(description, where),
		.text = description_name(description, text),
	};

	for (unsigned int i = 0; i < description->warning_count; i++) {
		/* Names are shared, so pointers compare. */
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

void description_note(struct description *description, const char *where, const char *text)
{
	if (description->note_count < DESCRIPTION_NOTES_MAX) {
		description->note[description->note_count++] = (struct warning_description){
			.where = description_name(description, where),
			.text = description_name(description, text),
		};
	}
}

void dt_warn(struct dt_reader *reader, const struct dt_node *node, const char *property, const char *text)
{
	struct text sentence;

	text_clear(&sentence);
	if (property) {
		text_add(&sentence, property);
		text_add(&sentence, ": ");
	}
	text_add(&sentence, text);
	description_warn(reader->description, dt_path(reader, node), sentence.chars);
}
