/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <string.h>

#include "checks/soak.h"

#define WORD_SIZE 128U
#define ORDER "order="
#define SOAK "soak="
#define ACPI "acpi="
#define HEX_DIGITS_MAX 16U
#define TREE "dtb="

struct word_text {
	char text[WORD_SIZE];
	bool cut; /* It was longer than a word may be. */
};

/* What a word sets, and to what. */
enum setting {
	SETTING_TABLES,
	SETTING_HANDOVER,
	SETTING_LOG,
	SETTING_EXIT,
	SETTING_CONSOLE,
	SETTING_TRACE,
	SETTING_SELFTEST,
	SETTING_NONE
};

struct choice {
	const char *text;
	uint8_t setting;
	uint8_t meaning;
};

/* SETTING_NONE: what the interface knows and this version always does, so that asking for it is no mistake. */
static const struct choice choices[] = {
	{"tables=dt", SETTING_TABLES, TABLES_DT},
	{"tables=iort", SETTING_TABLES, TABLES_IORT},
	{"handover=abort", SETTING_HANDOVER, SMMUV3_HANDOVER_ABORT},
	{"handover=bypass", SETTING_HANDOVER, SMMUV3_HANDOVER_BYPASS},
	{"log=quiet", SETTING_LOG, PRINT_QUIET},
	{"log=normal", SETTING_LOG, PRINT_NORMAL},
	{"log=debug", SETTING_LOG, PRINT_DEBUG},
	{"selftest=quick", SETTING_SELFTEST, SELFTEST_QUICK},
	{"selftest=full", SETTING_SELFTEST, SELFTEST_FULL},
	{"inherit=reset", SETTING_NONE, 0},
	{"trace=on", SETTING_TRACE, true},
	{"trace=off", SETTING_TRACE, false},
	{"monitor=off", SETTING_NONE, 0},
	{"exit=off", SETTING_EXIT, EXIT_OFF},
	{"exit=return", SETTING_EXIT, EXIT_RETURN},
	{"console=uart", SETTING_CONSOLE, CONSOLE_OPTION_UART},
	{"console=rtt", SETTING_CONSOLE, CONSOLE_OPTION_RTT},
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
	unsigned int order[DESCRIPTION_SMMUS_MAX] = {0};
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

/* "60": seconds, 1 to SOAK_SECONDS_MAX. */
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

/* "0x48000000": a physical address, not 0. */
static bool parse_acpi(struct options *options, const char *at)
{
	uint64_t address = 0;

	if (at[0] != '0' || at[1] != 'x' || !at[2] || strlen(at + 2) > HEX_DIGITS_MAX) {
		return false;
	}
	for (at += 2; *at; at++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = strchr(digits, *at >= 'A' && *at <= 'F' ? *at - 'A' + 'a' : *at);

		if (!digit) {
			return false;
		}
		address = address << 4 | (uint64_t)(digit - digits);
	}
	options->acpi = address ? address : options->acpi;
	return address != 0;
}

static void set(struct options *options, const struct choice *choice)
{
	switch (choice->setting) {
	case SETTING_TABLES:
		options->tables = (enum tables_option)choice->meaning;
		break;
	case SETTING_HANDOVER:
		options->handover = (enum smmuv3_handover)choice->meaning;
		break;
	case SETTING_LOG:
		options->log = (enum print_level)choice->meaning;
		break;
	case SETTING_EXIT:
		options->exit = (enum exit_option)choice->meaning;
		break;
	case SETTING_CONSOLE:
		options->console = (enum console_option)choice->meaning;
		break;
	case SETTING_SELFTEST:
		options->selftest = (enum selftest_option)choice->meaning;
		break;
	case SETTING_TRACE:
		options->trace = choice->meaning;
		break;
	default:
		break;
	}
}

static bool apply(struct options *options, const struct word_text *word)
{
	if (word->cut) {
		return false;
	}
	if (!strncmp(word->text, ORDER, sizeof(ORDER) - 1)) {
		return parse_order(options, word->text + sizeof(ORDER) - 1);
	}
	if (!strncmp(word->text, SOAK, sizeof(SOAK) - 1)) {
		return parse_soak(options, word->text + sizeof(SOAK) - 1);
	}
	if (!strncmp(word->text, ACPI, sizeof(ACPI) - 1)) {
		return parse_acpi(options, word->text + sizeof(ACPI) - 1);
	}
	/* boot/ has looked for the tree before anything could be said about it. */
	if (!strncmp(word->text, TREE, sizeof(TREE) - 1)) {
		return true;
	}
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		if (!strcmp(choices[i].text, word->text)) {
			set(options, &choices[i]);
			return true;
		}
	}
	return false;
}

void options_init(struct options *options)
{
	*options = (struct options){.handover = SMMUV3_HANDOVER_ABORT, .log = PRINT_NORMAL};
}

void options_parse(struct options *options, const char *bootargs)
{
	struct word_text word;

	while ((bootargs = next_word(bootargs, &word))) {
		if (!apply(options, &word)) {
			print("boot argument '%s' is unknown, malformed or not in this version: ignored\n", word.text);
		}
	}
}
