/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain.h"

#include <stdio.h>
#include <string.h>

#include "findings/finding.h"

#define COLUMNS 100U
#define INDENT "  "

__asm__(".section .rodata\n"
	".global findings_page\n"
	"findings_page:\n"
	".incbin \"docs/findings.md\"\n"
	".byte 0\n"
	".previous\n");

extern const char findings_page[];

static const char *line_end(const char *line)
{
	return line + strcspn(line, "\n");
}

/* "| `id` | " begins the line. */
static const char *behind_id(const char *line, const char *id)
{
	size_t length = strlen(id);

	if (strncmp(line, "| `", 3) != 0 || strncmp(line + 3, id, length) != 0 ||
	    strncmp(line + 3 + length, "` | ", 4) != 0) {
		return NULL;
	}
	return line + 3 + length + 4;
}

/* The column that begins there; the next one, or NULL. */
static const char *column(const char *text, size_t *length)
{
	const char *bar = strstr(text, " |");

	if (!bar || bar > line_end(text)) {
		return NULL;
	}
	*length = (size_t)(bar - text);
	return bar[2] == ' ' ? bar + 3 : NULL;
}

bool explain_find(const char *id, struct explanation *explanation)
{
	for (const char *line = findings_page; *line; line = line_end(line) + (*line_end(line) != '\0')) {
		const char *text = behind_id(line, id);
		const char *next = text ? column(text, &explanation->meaning_length) : NULL;

		if (next) {
			explanation->meaning = text;
			explanation->advice = next;
			explanation->advice_length = 0;
			(void)column(next, &explanation->advice_length);
			return true;
		}
	}
	return false;
}

static size_t word_length(const char *text, size_t left)
{
	const char *space = memchr(text, ' ', left);

	return space ? (size_t)(space - text) : left;
}

static void print_wrapped(const char *text, size_t length)
{
	size_t used = 0;

	while (length) {
		size_t word = word_length(text, length);
		size_t rest = word < length ? word + 1 : word;

		if (used && used + 1 + word > COLUMNS) {
			(void)putchar('\n');
			used = 0;
		}
		printf("%s%.*s", used ? " " : INDENT, (int)word, text);
		used += word + 1;
		text += rest;
		length -= rest;
	}
	(void)putchar('\n');
}

static bool print_one(const char *id)
{
	struct explanation explanation;

	if (!explain_find(id, &explanation)) {
		return false;
	}
	printf("%s\n", id);
	print_wrapped(explanation.meaning, explanation.meaning_length);
	print_wrapped(explanation.advice, explanation.advice_length);
	return true;
}

bool explain_print(const char *id)
{
	bool all = !strcmp(id, EXPLAIN_ALL);

	for (unsigned int i = 0; all && i < TABLE_FINDING_IDS; i++) {
		(void)print_one(table_finding_name((enum table_finding_id)i));
	}
	return all || print_one(id);
}
