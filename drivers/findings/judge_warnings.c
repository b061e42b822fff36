/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "findings/judge.h"

#define PROPERTY_SIZE 32U

static const struct {
	enum table_finding_id id;
	const char *words;
	bool is_echo;
} rows[] = {
#define WARNING(constant, text) {FINDING_##constant, text, false},
#define ECHO(constant, text) {FINDING_##constant, text, true},
#include "findings/warnings.def"
#undef WARNING
#undef ECHO
};

/* A text without a row is about the machine: its memory, cores, console. */
static enum table_finding_id id_of(const char *text)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].is_echo && strstr(text, rows[i].words)) {
			return rows[i].id;
		}
	}
	return FINDING_MACHINE;
}

/* "reg: ..." is about a property; NULL: nothing before the first ": " is one. */
static const char *property_of(struct description *description, const char *text, size_t *length)
{
	char property[PROPERTY_SIZE];

	*length = strcspn(text, ": ");
	if (*length >= sizeof(property) || strncmp(text + *length, ": ", 2) != 0) {
		*length = 0;
		return NULL;
	}
	memcpy(property, text, *length);
	property[*length] = '\0';
	*length += 2;
	return description_name(description, property);
}

static void take_warning(struct description *description, const struct warning_description *warning,
			 struct table_findings *findings)
{
	size_t length = 0;
	const char *property = property_of(description, warning->text, &length);

	table_finding_add(findings, id_of(warning->text), warning->where, property, table_cause(warning->text), "%s",
			  warning->text + length);
}

static bool is_echo(const struct table_findings *findings, const struct warning_description *warning)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].is_echo && strstr(warning->text, rows[i].words) &&
		    table_finding_is_at(findings, rows[i].id, warning->where)) {
			return true;
		}
	}
	return false;
}

void judge_warnings(const struct table_view *view, struct table_findings *findings)
{
	struct description *description = view->description;

	for (unsigned int i = 0; i < description->warning_count; i++) {
		if (!is_echo(findings, &description->warning[i])) {
			take_warning(description, &description->warning[i], findings);
		}
	}
	if (description->warnings_lost) {
		table_finding_add(findings, FINDING_LEFT_OUT, "/", NULL, 0,
				  "%u warnings of the reader find no room in its list", description->warnings_lost);
	}
}
