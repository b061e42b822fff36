/* SPDX-License-Identifier: BSD-2-Clause */
#include "accept.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "people.h"

#define BLANKS " \t\r\n"

/* The strings are parts of `line`, which is kept. */
struct accepted {
	struct accepted *next;
	const char *id;
	const char *place;
	const char *reason;
	char *line;
	char *where; /* "FILE:LINE" */
	unsigned int number;
	bool used;
};

static bool is_id(const char *name)
{
	for (unsigned int i = 0; i < TABLE_FINDING_IDS; i++) {
		if (!strcmp(table_finding_name((enum table_finding_id)i), name)) {
			return true;
		}
	}
	return false;
}

/* The word that begins there, with '\0' behind it; `rest` is what follows. */
static const char *word(char *text, char **rest)
{
	char *begin = text + strspn(text, BLANKS);
	char *end = begin + strcspn(begin, BLANKS);

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return begin;
}

/* What is wrong with the line, or NULL. */
static const char *take_line(struct accepted *entry)
{
	char *rest;

	entry->id = word(entry->line, &rest);
	entry->place = word(rest, &rest);
	rest += strspn(rest, BLANKS);
	if (!is_id(entry->id)) {
		return "its first word is no id of a finding: --explain all lists them";
	}
	if (!*entry->place || *entry->place == '#') {
		return "it has no place";
	}
	if (*rest != '#' || !rest[1 + strspn(rest + 1, BLANKS)]) {
		return "it has no reason: write one behind the place and a '#'";
	}
	entry->reason = rest + 1 + strspn(rest + 1, BLANKS);
	rest[strcspn(rest, "\r\n")] = '\0';
	return NULL;
}

static bool says_nothing(const char *line)
{
	line += strspn(line, BLANKS);
	return !*line || *line == '#';
}

static bool complain(const char *where, const char *why)
{
	(void)fprintf(stderr, "smmu-inspect: ");
	people_print_text_to(stderr, where);
	(void)fprintf(stderr, ": %s\n", why);
	return false;
}

/* Takes the line over. */
static struct accepted *add_line(struct accepted_list *list, char *line, const char *path, unsigned int number)
{
	size_t size = strlen(path) + 16;
	struct accepted *entry = calloc(1, sizeof(*entry));
	char *where = malloc(size);

	if (!entry || !where) {
		free(entry);
		free(where);
		free(line);
		return NULL;
	}
	(void)snprintf(where, size, "%s:%u", path, number);
	*entry = (struct accepted){.next = list->first, .line = line, .where = where, .number = number};
	list->first = entry;
	return entry;
}

/* False: the file ends, or has no more lines that can be read. */
static bool next_line(FILE *file, char **line)
{
	size_t room = 0;

	*line = NULL;
	if (getline(line, &room, file) > 0) {
		return true;
	}
	free(*line);
	return false;
}

static bool read_lines(struct accepted_list *list, FILE *file, const char *path)
{
	char *line;

	for (unsigned int number = 1; next_line(file, &line); number++) {
		struct accepted *entry;
		const char *why;

		if (says_nothing(line)) {
			free(line);
			continue;
		}
		entry = add_line(list, line, path, number);
		why = entry ? take_line(entry) : strerror(ENOMEM);
		if (why) {
			return complain(entry ? entry->where : path, why);
		}
	}
	return !ferror(file) || complain(path, strerror(errno));
}

bool accept_read(struct accepted_list *list, const char *path)
{
	FILE *file = fopen(path, "r");
	bool read = file ? read_lines(list, file, path) : complain(path, strerror(errno));

	if (file) {
		(void)fclose(file);
	}
	return read;
}

static const char *reason_of(const struct accepted_list *list, enum table_finding_id id, const char *place)
{
	for (struct accepted *entry = list->first; entry; entry = entry->next) {
		if (!strcmp(entry->id, table_finding_name(id)) && fnmatch(entry->place, place, 0) == 0) {
			entry->used = true;
			return entry->reason;
		}
	}
	return NULL;
}

void accept_apply(const struct accepted_list *list, struct table_findings *findings)
{
	for (unsigned int i = 0; i < findings->count; i++) {
		struct table_finding *finding = &findings->finding[i];
		const struct table_finding_place *place = &findings->place[finding->place_first];

		finding->accepted = reason_of(list, finding->id, place->name);
		while (finding->accepted && (place = table_finding_next_place(findings, place))) {
			finding->accepted = reason_of(list, finding->id, place->name);
		}
	}
}

void accept_add_unused(const struct accepted_list *list, struct table_findings *findings)
{
	for (const struct accepted *entry = list->first; entry; entry = entry->next) {
		if (!entry->used) {
			table_finding_add(findings, FINDING_ACCEPTED_UNUSED, entry->where, NULL, entry->number,
					  "accepts %s at %s, and nothing of the kind is found: remove the line",
					  entry->id, entry->place);
		}
	}
}
