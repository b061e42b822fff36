/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <string.h>

#define WORD_SIZE 128U

/* One key=value word, cut into its halves. */
struct word_text {
	char text[WORD_SIZE];
	const char *key;
	const char *value;
	bool cut; /* It was longer than a word may be. */
};

struct choice {
	const char *value;
	int meaning;
};

/* Copies the next word without its quotes; returns what follows it, or NULL at the end. */
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
		} else if (length + 1 < WORD_SIZE) {
			word->text[length++] = *at;
		} else {
			word->cut = true;
		}
	}
	word->text[length] = '\0';
	return at;
}

static bool split(struct word_text *word)
{
	char *equals = strchr(word->text, '=');

	if (!equals || equals == word->text || word->cut) {
		return false;
	}
	*equals = '\0';
	word->key = word->text;
	word->value = equals + 1;
	return true;
}

static bool choose(const struct choice *choices, const char *value, int *meaning)
{
	for (; choices->value; choices++) {
		if (!strcmp(choices->value, value)) {
			*meaning = choices->meaning;
			return true;
		}
	}
	return false;
}

static bool parse_number(const char **at, unsigned int *number)
{
	const char *start = *at;

	*number = 0;
	while (**at >= '0' && **at <= '9' && *number < DESCRIPTION_SMMUS_MAX) {
		*number = *number * 10 + (unsigned int)(**at - '0');
		(*at)++;
	}
	return *at != start && *number < DESCRIPTION_SMMUS_MAX;
}

static bool is_in(const unsigned int *list, unsigned int count, unsigned int number)
{
	for (unsigned int i = 0; i < count; i++) {
		if (list[i] == number) {
			return true;
		}
	}
	return false;
}

/* "2,0,1": each number once. */
static bool parse_order(struct options *options, const char *at)
{
	unsigned int order[DESCRIPTION_SMMUS_MAX];
	unsigned int count = 0;
	unsigned int number;

	do {
		if (count == DESCRIPTION_SMMUS_MAX || !parse_number(&at, &number) || is_in(order, count, number)) {
			return false;
		}
		order[count++] = number;
	} while (*at++ == ',');
	if (at[-1]) {
		return false;
	}
	memcpy(options->order, order, count * sizeof(order[0]));
	options->order_count = count;
	return true;
}

static bool apply(struct options *options, const struct word_text *word)
{
	static const struct choice tables[] = {{"dt", TABLES_DT}, {"iort", TABLES_IORT}, {NULL, 0}};
	static const struct choice handover[] = {
		{"abort", SMMUV3_HANDOVER_ABORT}, {"bypass", SMMUV3_HANDOVER_BYPASS}, {NULL, 0}};
	static const struct choice log[] = {
		{"quiet", PRINT_QUIET}, {"normal", PRINT_NORMAL}, {"debug", PRINT_DEBUG}, {NULL, 0}};
	int meaning;

	if (!strcmp(word->key, "order")) {
		return parse_order(options, word->value);
	}
	if (!strcmp(word->key, "tables") && choose(tables, word->value, &meaning)) {
		options->tables = (enum tables_option)meaning;
		return true;
	}
	if (!strcmp(word->key, "handover") && choose(handover, word->value, &meaning)) {
		options->handover = (enum smmuv3_handover)meaning;
		return true;
	}
	if (!strcmp(word->key, "log") && choose(log, word->value, &meaning)) {
		options->log = (enum print_level)meaning;
		return true;
	}
	return false;
}

/* What the interface knows and this version always does, so that asking for it is no mistake. */
static bool is_default(const struct word_text *word)
{
	static const char *const defaults[][2] = {
		{"selftest", "quick"}, {"inherit", "reset"}, {"trace", "off"}, {"monitor", "off"}, {"exit", "off"},
		{"console", "uart"},
	};

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		if (!strcmp(defaults[i][0], word->key) && !strcmp(defaults[i][1], word->value)) {
			return true;
		}
	}
	return false;
}

void options_parse(struct options *options, const char *bootargs)
{
	struct word_text word;

	*options = (struct options){.handover = SMMUV3_HANDOVER_ABORT, .log = PRINT_NORMAL};
	while ((bootargs = next_word(bootargs, &word))) {
		if (!split(&word)) {
			print("boot argument '%s' is no key=value word this firmware takes: ignored\n", word.text);
		} else if (!apply(options, &word) && !is_default(&word)) {
			print("boot argument %s=%s is unknown, malformed or not in this version: ignored\n", word.key,
			      word.value);
		}
	}
}
