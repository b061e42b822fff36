/* SPDX-License-Identifier: BSD-2-Clause */
/* For people, from the JSON. */
#include <string.h>

#include "people.h"
#include "report.h"

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static void print_step(FILE *file, const json_t *step)
{
	(void)fprintf(file, "  %s%-17s %-12s %-18s ", json_object_get(step, "on_the_way") ? "  " : "",
		      text_of(step, "what"), text_of(step, "address"), text_of(step, "value"));
	people_print_text_to(file, text_of(step, "meaning"));
	(void)fputc('\n', file);
}

static void print_steps(FILE *file, const json_t *steps)
{
	const json_t *step;
	size_t i;

	json_array_foreach(steps, i, step)
	{
		print_step(file, step);
	}
}

static void print_stream(FILE *file, const json_t *stream)
{
	bool is_run = strcmp(text_of(stream, "first"), text_of(stream, "last")) != 0;
	const json_t *cd = json_object_get(stream, "cd"), *broken;
	size_t i;

	(void)fprintf(file, "  %s%s%s", text_of(stream, "first"), is_run ? " to " : "",
		      is_run ? text_of(stream, "last") : "");
	if (*text_of(stream, "master")) {
		(void)fputs(is_run ? " from " : " ", file);
		people_print_text_to(file, text_of(stream, "master"));
	}
	(void)fputs(": ", file);
	people_print_text_to(file, text_of(stream, "meaning"));
	(void)fputc('\n', file);
	if (json_is_object(cd)) {
		(void)fputs("      CD: ", file);
		people_print_text_to(file, text_of(cd, "meaning"));
		(void)fputc('\n', file);
	}
	json_array_foreach(json_object_get(stream, "broken"), i, broken)
	{
		(void)fprintf(file, "      ILLEGAL: %s\n", json_string_value(broken));
	}
}

static void print_streams(FILE *file, const json_t *streams)
{
	const json_t *stream;
	size_t i;

	if (!json_array_size(streams)) {
		(void)fputs("  no stream has a valid entry\n", file);
	}
	json_array_foreach(streams, i, stream)
	{
		print_stream(file, stream);
	}
}

static void print_walk(FILE *file, const json_t *walk)
{
	(void)fprintf(file, "  stream %s%s%s", text_of(walk, "sid"), *text_of(walk, "ssid") ? ", substream " : "",
		      text_of(walk, "ssid"));
	if (*text_of(walk, "master")) {
		(void)fputs(" (", file);
		people_print_text_to(file, text_of(walk, "master"));
		(void)fputc(')', file);
	}
	(void)fprintf(file, ", a %s of %s:\n", text_of(walk, "access"), text_of(walk, "address"));
	print_steps(file, json_object_get(walk, "steps"));
	(void)fprintf(file, "  => %s", text_of(walk, "end"));
	if (*text_of(walk, "event")) {
		(void)fprintf(file, ", %s", text_of(walk, "event"));
	}
	if (json_is_integer(json_object_get(walk, "stage"))) {
		(void)fprintf(file, " at stage %lld level %lld",
			      (long long)json_integer_value(json_object_get(walk, "stage")),
			      (long long)json_integer_value(json_object_get(walk, "level")));
	}
	(void)fputs(": ", file);
	people_print_text_to(file, text_of(walk, "why"));
	if (*text_of(walk, "event")) {
		(void)fputs(json_is_true(json_object_get(walk, "stalled"))  ? "; it stalls, with an event" :
			    json_is_true(json_object_get(walk, "recorded")) ? "; an event is recorded" :
									      "; no event is recorded",
			    file);
	}
	(void)fputc('\n', file);
}

static void print_queue(FILE *file, const json_t *entries, const char *what)
{
	const json_t *entry;
	size_t i;

	if (!json_array_size(entries)) {
		(void)fprintf(file, "  no %s was ever in the queue\n", what);
	}
	json_array_foreach(entries, i, entry)
	{
		(void)fprintf(file, "  %5lld %-5s ", (long long)json_integer_value(json_object_get(entry, "index")),
			      json_is_true(json_object_get(entry, "pending")) ? "waits" : "older");
		people_print_text_to(file, text_of(entry, "meaning"));
		if (*text_of(entry, "master")) {
			(void)fputs(" (", file);
			people_print_text_to(file, text_of(entry, "master"));
			(void)fputc(')', file);
		}
		(void)fputc('\n', file);
		if (*text_of(entry, "cause")) {
			(void)fprintf(file, "              %s\n", text_of(entry, "cause"));
		}
	}
}

static void print_check(FILE *file, const json_t *steps)
{
	print_steps(file, steps);
	(void)fprintf(file, "  %zu wrong\n", json_array_size(steps));
}

static void print_answer(FILE *file, const json_t *smmu)
{
	const json_t *part;

	if ((part = json_object_get(smmu, "summary"))) {
		print_steps(file, part);
	}
	if ((part = json_object_get(smmu, "streams"))) {
		print_streams(file, part);
	}
	if ((part = json_object_get(smmu, "walk"))) {
		print_walk(file, part);
	}
	if ((part = json_object_get(smmu, "events"))) {
		print_queue(file, part, "event");
	}
	if ((part = json_object_get(smmu, "commands"))) {
		print_queue(file, part, "command");
	}
	if ((part = json_object_get(smmu, "check"))) {
		print_check(file, part);
	}
}

void report_print(FILE *file, const json_t *smmu)
{
	const json_t *note;
	size_t i;

	(void)fprintf(file, "SMMU at %s", *text_of(smmu, "base") ? text_of(smmu, "base") : "no known base");
	if (*text_of(smmu, "name")) {
		(void)fputs(" (", file);
		people_print_text_to(file, text_of(smmu, "name"));
		(void)fputc(')', file);
	}
	(void)fputc('\n', file);
	print_answer(file, smmu);
	json_array_foreach(json_object_get(smmu, "notes"), i, note)
	{
		(void)fputs("  note: ", file);
		people_print_text_to(file, json_string_value(note));
		(void)fputc('\n', file);
	}
}
