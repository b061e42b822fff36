/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

const char *report_text(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

bool report_hex(const json_t *record, const char *key, uint64_t *value)
{
	const char *text = report_text(record, key);
	char *end;

	if (strncmp(text, "0x", 2) != 0) {
		return false;
	}
	errno = 0;
	*value = strtoull(text + 2, &end, 16);
	return end != text + 2 && !*end && !errno;
}

/* A console's log may have a time before a record. */
static void take_line(json_t *list, const char *line)
{
	const char *begin = strchr(line, '{');
	json_t *record = begin ? json_loads(begin, JSON_DISABLE_EOF_CHECK, NULL) : NULL;

	if (record && *report_text(record, "record")) {
		json_array_append(list, record);
	}
	json_decref(record);
}

json_t *report_read(const char *path, const char **why)
{
	FILE *file = strcmp(path, TABLE_STDIN) ? fopen(path, "r") : stdin;
	json_t *list = json_array();
	char *line = NULL;
	size_t room = 0;

	*why = file ? NULL : strerror(errno);
	while (file && getline(&line, &room, file) >= 0) {
		take_line(list, line);
	}
	free(line);
	if (file && file != stdin) {
		(void)fclose(file);
	}
	if (!*why && !json_array_size(list)) {
		*why = "it has no record of the firmware: wanted are lines as {\"record\":...}";
	}
	if (*why) {
		json_decref(list);
		return NULL;
	}
	return list;
}
