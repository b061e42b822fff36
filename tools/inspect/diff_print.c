/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings that come and go, and the printed form of a difference. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "people.h"

static const char *text_in(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* --- Findings. --- */

/* Node offsets of an IORT move with any node before them. */
static void copy_without_offsets(char *to, const char *from)
{
	while (*from) {
		bool is_node = !strncmp(from, "iort@0x", 7);

		*to++ = *from++;
		if (is_node) {
			memcpy(to, from, 4);
			to += 4;
			from += 4 + 2;
			from += strspn(from, "0123456789abcdef");
		}
	}
	*to = '\0';
}

static json_t *sentence_set(const json_t *findings)
{
	json_t *set = json_object();

	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		const char *where = text_in(finding, "where") ? text_in(finding, "where") : text_in(finding, "subject");
		const char *text = text_in(finding, "text") ? text_in(finding, "text") : text_in(finding, "detail");
		char words[2048], plain[2048];

		snprintf(words, sizeof(words), "%s: %s", where ? where : "?", text ? text : "?");
		copy_without_offsets(plain, words);
		json_object_set_new(set, plain, json_string(words));
	}
	return set;
}

static json_t *sentences_only_in(json_t *set, const json_t *other)
{
	json_t *list = json_array();
	const char *plain;
	json_t *words;

	json_object_foreach(set, plain, words)
	{
		if (!json_object_get(other, plain)) {
			json_array_append(list, words);
		}
	}
	return list;
}

void diff_findings(json_t *diff, const json_t *old, const json_t *new)
{
	json_t *before = sentence_set(old);
	json_t *after = sentence_set(new);

	json_object_set_new(diff, "findings_new", sentences_only_in(after, before));
	json_object_set_new(diff, "findings_gone", sentences_only_in(before, after));
	json_decref(before);
	json_decref(after);
}

/* --- For people. --- */

static const char *const lists[] = {"added", "removed", "changed"};
static const char *const heads[] = {"Added", "Removed", "Changed"};
static const char *const finding_lists[] = {"findings_new", "findings_gone"};
static const char *const finding_heads[] = {"New findings", "Findings that are gone"};

bool diff_is_any(const json_t *diff)
{
	bool any = false;

	for (size_t i = 0; i < 3; i++) {
		any = any || json_array_size(json_object_get(diff, lists[i]));
	}
	for (size_t i = 0; i < 2; i++) {
		any = any || json_array_size(json_object_get(diff, finding_lists[i]));
	}
	return any;
}

static void print_value(const json_t *value)
{
	char *words = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	if (json_is_string(value)) {
		people_print_text(json_string_value(value));
	} else if (json_is_null(value)) {
		printf("not told");
	} else {
		people_print_text(words ? words : "?");
	}
	free(words);
}

static void print_change(const json_t *change, const char *list)
{
	printf("    ");
	people_print_text(text_in(change, "what"));
	printf("  ");
	if (strcmp(list, "added") != 0) {
		print_value(json_object_get(change, "old"));
	}
	if (!strcmp(list, "changed")) {
		printf(" -> ");
	}
	if (strcmp(list, "removed") != 0) {
		print_value(json_object_get(change, "new"));
	}
	(void)putchar('\n');
}

/* Under each node what is of it. */
static void print_changes(const json_t *diff, size_t which)
{
	const json_t *list = json_object_get(diff, lists[which]);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *change = json_array_get(list, i);
		const char *node = text_in(change, "node");

		if (!i) {
			printf("\n%s\n", heads[which]);
		}
		if (!i || strcmp(node, text_in(json_array_get(list, i - 1), "node")) != 0) {
			printf("  ");
			people_print_text(node);
			(void)putchar('\n');
		}
		print_change(change, lists[which]);
	}
}

static void print_sentences(const json_t *diff, size_t which)
{
	const json_t *list = json_object_get(diff, finding_lists[which]);

	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!i) {
			printf("\n%s\n", finding_heads[which]);
		}
		printf("  ");
		people_print_text(json_string_value(json_array_get(list, i)));
		(void)putchar('\n');
	}
}

void diff_print(const json_t *diff)
{
	for (size_t i = 0; i < 3; i++) {
		print_changes(diff, i);
	}
	for (size_t i = 0; i < 2; i++) {
		print_sentences(diff, i);
	}
	printf(diff_is_any(diff) ? "\n%zu added, %zu removed, %zu changed\n" : "No difference.\n",
	       json_array_size(json_object_get(diff, "added")), json_array_size(json_object_get(diff, "removed")),
	       json_array_size(json_object_get(diff, "changed")));
}
