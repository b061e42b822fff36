/* SPDX-License-Identifier: BSD-2-Clause */
#include "correct.h"

#include <stdlib.h>
#include <string.h>

#include "people.h"

/* No text ends the comment that it is in. */
static void print_comment(FILE *file, const char *text)
{
	(void)fprintf(file, "/* ");
	for (; *text; text++) {
		char c[2] = {*text, '\0'};

		people_print_text_to(file, c);
		if (text[0] == '*' && text[1] == '/') {
			(void)fputc(' ', file);
		}
	}
	(void)fprintf(file, " */\n");
}

static void print_left_out(FILE *file, const json_t *left_out)
{
	for (size_t i = 0; i < json_array_size(left_out); i++) {
		if (!i) {
			(void)fprintf(file, "\n/* Left out: */\n");
		}
		print_comment(file, json_string_value(json_array_get(left_out, i)));
	}
}

/* What is left out is known once the body is printed, and stands before it. */
static const char *print_all(FILE *file, const struct table *table, struct sight *sight, unsigned int *count)
{
	bool is_iort = table->description.streams.source == DESCRIPTION_IORT;
	char *text = NULL;
	size_t size = 0;
	FILE *body = open_memstream(&text, &size);
	const char *why = body ? NULL : "no memory";

	if (body && is_iort) {
		why = correct_print_iort(table, sight, body, count);
	} else if (body) {
		*count = correct_print_dt(table, sight, body);
	}
	if (body) {
		(void)fclose(body);
	}
	print_comment(file, is_iort ?
				    "What the target saw. MSIs are as they were: an ITS's device IDs may be streams." :
				    "What the target saw, for this tree alone: the numbers of phandles are its own.");
	print_comment(file,
		      is_iort ? "iasl -p new new.dsl" :
				"dtc -I dts -O dtb -o new.dtbo new.dtso; fdtoverlay -i old.dtb -o new.dtb new.dtbo");
	print_left_out(file, sight->left_out);
	(void)fprintf(file, is_iort ? "%s" : "/dts-v1/;\n/plugin/;\n\n/ {\n%s};\n", text ? text : "");
	free(text);
	return why;
}

char *correct_source(const struct table *table, const json_t *report, json_t **left_out, unsigned int *count,
		     const char **why)
{
	struct sight sight;
	char *source = NULL;
	size_t size = 0;
	FILE *file;

	*why = NULL;
	if (correct_read_sight(&sight, &table->description.streams, report) ||
	    !(file = open_memstream(&source, &size))) {
		*why = "no memory";
	} else if (!sight.count && !json_array_size(sight.left_out)) {
		*why = "the report has no `observed` record: nothing is known of any stream";
		(void)fclose(file);
	} else {
		*why = print_all(file, table, &sight, count);
		(void)fclose(file);
	}
	*left_out = json_incref(sight.left_out);
	correct_free_sight(&sight);
	if (*why) {
		free(source);
		source = NULL;
	}
	return source;
}
