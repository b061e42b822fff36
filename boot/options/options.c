/* SPDX-License-Identifier: BSD-2-Clause */
#include "options/options.h"

#include <string.h>

#include "base/arch.h"
#include "options/option.h"
#include "report/format.h"
#include "report/print.h"

#define ORDER "order="
#define ACPI "acpi="
#define TAKES " takes "
#define HEX_DIGITS_MAX 16U
/* Room in a record for the words, and for ignored ones. */
#define ARGUMENTS_ROOM 900U
#define IGNORED_ROOM (RECORD_SIZE - 300U)
#define UNKNOWN_ROOM 256U

struct word_text {
	char text[OPTIONS_WORD_SIZE];
	bool cut; /* It was longer. */
};

/* Copies a word without quotes; returns the text after it, or NULL. */
static const char *next_word(const char *at, struct word_text *word)
{
	size_t length = 0;
	bool quoted = false;

	while (*at == ' ') {
		at++;
	}
	if (!*at) {
		return NULL;
	}
	word->cut = false;
	for (; *at && (quoted || *at != ' '); at++) {
		if (*at == '"') {
			quoted = !quoted;
		} else if (length + 1 < OPTIONS_WORD_SIZE) {
			word->text[length++] = *at;
		} else {
			word->cut = true;
		}
	}
	word->text[length] = '\0';
	return at;
}

const char *options_parse_address(const char *at, uint64_t *address)
{
	const char *end = at + HEX_DIGITS_MAX + 2;

	*address = 0;
	if (at[0] != '0' || at[1] != 'x') {
		return NULL;
	}
	for (at += 2; *at && at != end; at++) {
		const char *digits = "0123456789abcdef";
		const char *digit = strchr(digits, *at >= 'A' && *at <= 'F' ? *at - 'A' + 'a' : *at);

		if (!digit) {
			break;
		}
		*address = *address << 4 | (uint64_t)(digit - digits);
	}
	return *address ? at : NULL;
}

const char *options_parse_seconds(const char *at, uint32_t most, uint32_t *seconds)
{
	*seconds = 0;
	while (*at >= '0' && *at <= '9' && *seconds <= most) {
		*seconds = *seconds * 10 + (uint32_t)(*at++ - '0');
	}
	return *seconds && *seconds <= most ? at : NULL;
}

static bool has_key(const char *word, const char *key)
{
	return !strncmp(word, key, strcspn(key, "=") + 1);
}

/* The position of `value` in "quiet, normal or debug", from 1 on; 0: not there. */
static unsigned int options_which(const char *list, const char *value)
{
	size_t length = strcspn(list, ", ");

	for (unsigned int which = 1; length; which++) {
		if (!strncmp(list, value, length) && !value[length]) {
			return which;
		}
		list += length;
		while (*list == ',' || *list == ' ') {
			list++;
		}
		list += strncmp(list, "or ", 3) ? 0 : 3;
		length = strcspn(list, ", ");
	}
	return 0;
}

static bool options_choose(struct options *options, const struct option *option, const char *value)
{
	unsigned int which = options_which(option->rule + strcspn(option->rule, " ") + sizeof(TAKES) - 1, value);

	if (which) {
		option->choose(options, which);
	}
	return which;
}

static bool obey(struct options *options, const struct option *option, const char *value)
{
	if (option->choose) {
		return options_choose(options, option, value);
	}
	return option->parse && option->parse(options, value);
}

/* NULL: there is none. */
static const struct option *options_find(const char *word)
{
	for (const struct option *option = __start_options; option != __stop_options; option++) {
		if (has_key(word, option->rule)) {
			return option;
		}
	}
	return NULL;
}

/* Names the words that this image has; one without room is left out. */
static const char *options_unknown(void)
{
	static char text[UNKNOWN_ROOM];
	size_t length = format_text(text, sizeof(text), "there is no such word in this image, but");

	for (const struct option *option = __start_options; option != __stop_options; option++) {
		size_t added = strcspn(option->rule, "=") + sizeof(" ");

		if ((option->parse || option->choose) && length + added < sizeof(text)) {
			/* Its size cuts the rule behind the key. */
			(void)format_text(text + length, added + 1, " %s", option->rule);
			length += added;
		}
	}
	return text;
}

static bool is_shared(const char *word)
{
	return has_key(word, "console=") || has_key(word, ACPI);
}

/* NULL: obeyed, or the next image's; else why not. */
static const char *apply(struct options *options, const struct word_text *word, enum options_source source)
{
	bool is_next_stages = ARCH_STARTS_IMAGES && options->for_next && source == OPTIONS_FROM_TREE;
	const struct option *option = options_find(word->text);

	options->source = source;
	if (option && !word->cut && obey(options, option, word->text + strcspn(word->text, "=") + 1)) {
		return NULL;
	}
	if (is_next_stages && (!option || is_shared(word->text))) {
		return NULL;
	}
	if (word->cut) {
		return "it is longer than a word may be";
	}
	return option ? option->rule : options_unknown();
}

void options_init(struct options *options)
{
	*options = (struct options){.handover = SMMUV3_HANDOVER_ABORT, .log = PRINT_NORMAL};
}

bool options_name(const char *text, const char *key)
{
	struct word_text word;

	while ((text = next_word(text, &word))) {
		if (has_key(word.text, key)) {
			return true;
		}
	}
	return false;
}

void options_parse(struct options *options, enum options_source source, const char *text)
{
	struct word_text word;
	const char *why;

	options->text[source] = text;
	while ((text = next_word(text, &word))) {
		why = apply(options, &word, source);
		if (why) {
			options->ignored_count++;
			print("boot argument '%s' is ignored: %s\n", word.text, why);
		}
	}
}

void options_refuse(struct options *options, const char *start, const char *why)
{
	if (options->refused_count < OPTIONS_REFUSED_MAX) {
		options->refused[options->refused_count++] = (struct refused_word){start, why};
	}
}

void options_check_order(struct options *options, unsigned int smmu_count)
{
	for (unsigned int i = 0; i < options->order_count; i++) {
		if (options->order[i] >= smmu_count) {
			options_refuse(options, ORDER,
				       "it names an SMMU that is not there; the others are registered in this order");
			return;
		}
	}
}

static const char *why_ignored(const struct options *options, const struct word_text *word, enum options_source source)
{
	struct options scratch = {.for_next = options->for_next};
	const char *why = apply(&scratch, word, source);

	for (unsigned int i = 0; !why && i < options->refused_count; i++) {
		if (!strncmp(word->text, options->refused[i].start, strlen(options->refused[i].start))) {
			why = options->refused[i].why;
		}
	}
	return why;
}

/* Six characters for an escaped byte. */
static bool options_has_room(const struct record *record, const char *text, size_t limit)
{
	return record->length + 6 * strlen(text) < limit;
}

static unsigned int record_words(const struct options *options, struct record *record)
{
	unsigned int left_out = 0;
	struct word_text word;

	for (unsigned int source = 0; source < OPTIONS_SOURCES; source++) {
		const char *at = options->text[source];

		while (at && (at = next_word(at, &word))) {
			if (options_has_room(record, word.text, ARGUMENTS_ROOM)) {
				record_string(record, NULL, word.text);
			} else {
				left_out++;
			}
		}
	}
	return left_out;
}

static void record_ignored_word(struct record *record, const char *word, const char *why)
{
	record_open(record, NULL, '{');
	record_string(record, "word", word);
	record_string(record, "why", why);
	record_close(record, '}');
}

static unsigned int record_ignored(const struct options *options, struct record *record)
{
	unsigned int count = 0;
	struct word_text word;

	for (unsigned int source = 0; source < OPTIONS_SOURCES; source++) {
		const char *at = options->text[source];

		while (at && (at = next_word(at, &word))) {
			const char *why = why_ignored(options, &word, (enum options_source)source);

			if (why && options_has_room(record, word.text, IGNORED_ROOM)) {
				record_ignored_word(record, word.text, why);
			}
			count += why != NULL;
		}
	}
	return count;
}

unsigned int options_record(const struct options *options, struct record *record)
{
	unsigned int ignored;
	unsigned int left_out;

	record_open(record, "arguments", '[');
	left_out = record_words(options, record);
	record_close(record, ']');
	record_open(record, "ignored", '[');
	ignored = record_ignored(options, record);
	record_close(record, ']');
	record_count(record, "arguments_left_out", left_out);
	record_count(record, "ignored_count", ignored);
	return ignored;
}
