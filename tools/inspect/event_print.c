/* SPDX-License-Identifier: BSD-2-Clause */
/* Events for people; and where their text comes from. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "event.h"
#include "people.h"
#include "table.h"

#define LOG_SIZE_MAX (64UL << 20)

static void print_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	people_print_text(text ? text : "?");
}

static void print_list(const char *head, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		printf("  %-9s", i ? "" : head);
		people_print_text(json_string_value(json_array_get(list, i)));
		(void)putchar('\n');
	}
}

static void print_event(const json_t *event)
{
	json_int_t count = json_integer_value(json_object_get(event, "count"));
	bool is_known = json_is_string(json_object_get(event, "instance"));

	(void)putchar('\n');
	if (is_known) {
		print_string(event, "instance");
	} else {
		printf("an SMMU that is not known");
	}
	printf(": ");
	print_string(event, "name");
	printf(" (0x%02lx), stream ", strtoul(json_string_value(json_object_get(event, "code")), NULL, 16));
	print_string(event, "sid");
	if (json_is_string(json_object_get(event, "ssid"))) {
		printf(", substream ");
		print_string(event, "ssid");
	}
	printf(count == 1 ? "\n" : ", %" JSON_INTEGER_FORMAT " times\n", count);
	if (json_is_string(json_object_get(event, "which"))) {
		printf("  %-9s", "which");
		print_string(event, "which");
		(void)putchar('\n');
	}
	print_list("whose", json_object_get(event, "whose"));
	print_list("stopped", json_object_get(event, "stopped"));
	printf("  %-9s", "cause");
	print_string(event, "cause");
	(void)putchar('\n');
	print_list("likely", json_object_get(event, "likely"));
	print_list("look at", json_object_get(event, "look_at"));
	print_list("table", json_object_get(event, "findings"));
}

static void print_count(const json_t *events, const char *key, const char *words)
{
	json_int_t count = json_integer_value(json_object_get(events, key));

	if (count) {
		printf("%" JSON_INTEGER_FORMAT " %s\n", count, words);
	}
}

void event_print(const json_t *events)
{
	const json_t *list = json_object_get(events, "events");

	for (size_t i = 0; i < json_array_size(list); i++) {
		print_event(json_array_get(list, i));
	}
	(void)putchar('\n');
	print_count(events, "expected", "were provoked by the firmware's own checks: not told");
	print_count(events, "suppressed", "reports more were held back by Linux");
	print_count(events, "overflows", "times the event queue was full: more events are lost");
	print_count(events, "cut", "records are cut off before the first word: not told");
	print_count(events, "damaged", "records could not be read: not told");
}

static char *load(FILE *file, size_t *size)
{
	size_t room = 1UL << 16;
	char *text = malloc(room + 1);

	*size = 0;
	while (text && (*size += fread(text + *size, 1, room - *size, file)) == room && room < LOG_SIZE_MAX) {
		char *more = realloc(text, (room *= 2) + 1);

		text = more ? more : (free(text), NULL);
	}
	if (text && (ferror(file) || *size == LOG_SIZE_MAX)) {
		errno = ferror(file) ? errno : EFBIG;
		free(text);
		return NULL;
	}
	return text;
}

static char *load_file(const char *path, size_t *size)
{
	FILE *file = strcmp(path, TABLE_STDIN) ? fopen(path, "rb") : stdin;
	char *text = file ? load(file, size) : NULL;

	if (file && file != stdin) {
		(void)fclose(file);
	}
	return text;
}

const char *event_read(struct log *log, const char *source)
{
	struct stat found;
	bool is_file = !strcmp(source, TABLE_STDIN) || stat(source, &found) == 0;
	size_t size = strlen(source);
	char *text = is_file ? load_file(source, &size) : strdup(source);
	const char *why = NULL;

	memset(log, 0, sizeof(*log));
	if (!text) {
		return strerror(errno);
	}
	if (!is_file && *source == '/') {
		why = "there is no such file";
	} else if (log_read(log, text, size)) {
		why = log->why;
	}
	free(text);
	return why;
}
