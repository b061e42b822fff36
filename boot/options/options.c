/* SPDX-License-Identifier: BSD-2-Clause */
#include "options/options.h"

#include <string.h>

#include "base/arch.h"
#include "checks/listen.h"
#include "checks/soak.h"
#include "cpu/arguments.h"
#include "report/print.h"

#define ORDER "order="
#define ACPI "acpi="
#define TAKES " takes "
#define ALWAYS ",always"
#define PASS ",pass"
#define HEX_DIGITS_MAX 16U
/* Room in a record for the words, and for ignored ones. */
#define ARGUMENTS_ROOM 900U
#define IGNORED_ROOM (RECORD_SIZE - 300U)
#define TREE "dtb="

struct word_text {
	char text[OPTIONS_WORD_SIZE];
	bool cut; /* It was longer. */
};

/* A word with `parse` or `choose`; without, it is only checked against the rule's values. */
struct option {
	const char *rule; /* Its key; with a choice also " takes " and the values. Printed for a wrong value. */
	bool (*parse)(struct options *options, const char *value);
	void (*choose)(struct options *options, unsigned int which); /* From 1 on, in the order of the rule. */
};

static const char unknown[] =
	"there is no such word, but acpi= console= describe= dtb= exit= handover= id= inherit= " ARCH_LISTEN_WORD
	"log= monitor= next= order= " ARCH_RUN_WORD "records= selftest= soak= strict= tables= trace=";

_Static_assert(SOAK_SECONDS_MAX == 86400, "The rule of soak= names it.");
_Static_assert(LISTEN_SECONDS_MAX == 3600, "The rule of listen= names it.");
_Static_assert(ID_SIZE == 32, "The rule of id= names it.");

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

static bool options_is_in(const unsigned int *list, unsigned int count, unsigned int number)
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
	unsigned int order[DESCRIPTION_SMMUS_MAX] = {0};
	unsigned int count = 0;
	unsigned int number;

	do {
		if (count == DESCRIPTION_SMMUS_MAX || !parse_number(&at, &number) ||
		    options_is_in(order, count, number)) {
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

static bool parse_soak(struct options *options, const char *at)
{
	uint32_t seconds = 0;

	while (*at >= '0' && *at <= '9' && seconds <= SOAK_SECONDS_MAX) {
		seconds = seconds * 10 + (uint32_t)(*at++ - '0');
	}
	if (*at || !seconds || seconds > SOAK_SECONDS_MAX) {
		return false;
	}
	options->soak = seconds;
	return true;
}

/* "5", "5,pass" */
static bool parse_listen(struct options *options, const char *at)
{
	uint32_t seconds = 0;

	while (*at >= '0' && *at <= '9' && seconds <= LISTEN_SECONDS_MAX) {
		seconds = seconds * 10 + (uint32_t)(*at++ - '0');
	}
	if ((*at && strcmp(at, PASS)) || !seconds || seconds > LISTEN_SECONDS_MAX) {
		return false;
	}
	options->listen = seconds;
	options->listen_pass = *at;
	return true;
}

/* "0x48000000", not 0. Returns the text after it, or NULL. */
static const char *options_parse_address(const char *at, uint64_t *address)
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

static bool parse_acpi(struct options *options, const char *at)
{
	uint64_t address;

	at = options_parse_address(at, &address);
	if (!at || *at) {
		return false;
	}
	options->acpi = address;
	return true;
}

/* "0x50000000", "0x50000000,always" */
static bool parse_next(struct options *options, const char *at)
{
	uint64_t address;

	at = options_parse_address(at, &address);
	if (!at || (*at && strcmp(at, ALWAYS))) {
		return false;
	}
	options->next = address;
	options->next_always = *at != '\0';
	options->exit = EXIT_NEXT;
	return true;
}

static bool is_id_character(char c)
{
	return c == '-' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* "6f1d-2": needs no escapes in a record. */
static bool parse_id(struct options *options, const char *at)
{
	size_t length = 0;

	while (is_id_character(at[length])) {
		length++;
	}
	if (at[length] || !length || length >= sizeof(options->id)) {
		return false;
	}
	memcpy(options->id, at, length + 1);
	return true;
}

/* boot/cpu/arguments.c takes it. */
static bool parse_tree(struct options *options, const char *at)
{
	(void)at;
	return options->source == OPTIONS_FROM_CALLER;
}

static void choose_console(struct options *options, unsigned int which)
{
	options->console = (enum console_option)(which - 1);
}

static void choose_describe(struct options *options, unsigned int which)
{
	options->describe = which;
}

static void choose_exit(struct options *options, unsigned int which)
{
	options->exit = (enum exit_option)(which - 1);
}

static void choose_handover(struct options *options, unsigned int which)
{
	options->handover = (enum smmuv3_handover)(which - 1);
}

static void choose_log(struct options *options, unsigned int which)
{
	options->log = (enum print_level)(which - 1);
}

static void choose_monitor(struct options *options, unsigned int which)
{
	options->monitor = which == 2;
}

/* The monitor looks at its words. */
static bool parse_run(struct options *options, const char *at)
{
	memcpy(options->run, at, strlen(at) + 1);
	return *at;
}

static void choose_records(struct options *options, unsigned int which)
{
	options->records = (enum record_output)(which - 1);
}

static void choose_selftest(struct options *options, unsigned int which)
{
	options->selftest = (enum selftest_option)which;
}

static void choose_strict(struct options *options, unsigned int which)
{
	options->strict = which == 1;
}

static void choose_tables(struct options *options, unsigned int which)
{
	options->tables = (enum tables_option)which;
}

static void choose_trace(struct options *options, unsigned int which)
{
	options->trace = which == 1;
}

/* For a value that changes nothing. */
static void choose_nothing(struct options *options, unsigned int which)
{
	(void)options;
	(void)which;
}

static const struct option options_known[] = {
	{ARGUMENTS_CUT " stands for what was cut off", NULL, NULL},
	{"acpi= takes an address in hexadecimal, not 0, as 0x48000000", parse_acpi, NULL},
	{"console= takes uart or rtt", NULL, choose_console},
	{"describe= " ARCH_DESCRIBE_RULE, NULL, ARCH_PLANS ? choose_describe : NULL},
	{"dtb= is for a boot loader's or a debugger's arguments: this device tree is in use", parse_tree, NULL},
	{"exit= takes " ARCH_EXIT_RULE, NULL, choose_exit},
	{"handover= takes abort or bypass", NULL, choose_handover},
	{"id= takes letters, digits and hyphens, 31 at most", parse_id, NULL},
	{"inherit= takes reset", NULL, choose_nothing},
	{"log= takes quiet, normal or debug", NULL, choose_log},
	{"monitor= takes off" ARCH_MONITOR_RULE, NULL, ARCH_PLANS ? choose_monitor : choose_nothing},
	{"next= " ARCH_NEXT_RULE, ARCH_STARTS_IMAGES ? parse_next : NULL, NULL},
	{"order= takes numbers of SMMUs, each once, as 2,0,1", parse_order, NULL},
	{"records= takes on, memory or off", NULL, choose_records},
	{"selftest= takes quick or full", NULL, choose_selftest},
	{"soak= takes seconds, 1 to 86400", parse_soak, NULL},
	{"strict= takes on or off", NULL, choose_strict},
	{"tables= takes dt or iort", NULL, choose_tables},
	{"trace= takes on or off", NULL, choose_trace},
};

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

/* ARCH_PLANS. */
static const struct option options_of_plans[] = {
	{"listen= takes seconds, 1 to 3600, as 5 or 5,pass", parse_listen, NULL},
	{"run= takes commands of the monitor", parse_run, NULL},
};

/* NULL: there is none. */
static const struct option *options_find(const char *word)
{
	for (size_t i = 0; ARCH_PLANS && i < sizeof(options_of_plans) / sizeof(options_of_plans[0]); i++) {
		if (has_key(word, options_of_plans[i].rule)) {
			return &options_of_plans[i];
		}
	}
	for (size_t i = 0; i < sizeof(options_known) / sizeof(options_known[0]); i++) {
		if (has_key(word, options_known[i].rule)) {
			return &options_known[i];
		}
	}
	return NULL;
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
	return option ? option->rule : unknown;
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
