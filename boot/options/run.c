/* SPDX-License-Identifier: BSD-2-Clause */
/* The words that every image has. */
#include <string.h>

#include "cpu/arguments.h"
#include "options/option.h"

_Static_assert(ID_SIZE == 32, "The rule of id= names it.");

static bool number_parse(const char **at, unsigned int *number)
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
static bool order_parse(struct options *options, const char *at)
{
	unsigned int order[DESCRIPTION_SMMUS_MAX] = {0};
	unsigned int count = 0;
	unsigned int number;

	do {
		if (count == DESCRIPTION_SMMUS_MAX || !number_parse(&at, &number) ||
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

static bool is_id_character(char c)
{
	return c == '-' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* "6f1d-2": needs no escapes in a record. */
static bool id_parse(struct options *options, const char *at)
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
static bool tree_parse(struct options *options, const char *at)
{
	(void)at;
	return options->source == OPTIONS_FROM_CALLER;
}

static void console_choose(struct options *options, unsigned int which)
{
	options->console = (enum console_option)(which - 1);
}

static void exit_choose(struct options *options, unsigned int which)
{
	options->exit = (enum exit_option)(which - 1);
}

static void handover_choose(struct options *options, unsigned int which)
{
	options->handover = (enum smmuv3_handover)(which - 1);
}

static void log_choose(struct options *options, unsigned int which)
{
	options->log = (enum print_level)(which - 1);
}

static void records_choose(struct options *options, unsigned int which)
{
	options->records = (enum record_output)(which - 1);
}

static void selftest_choose(struct options *options, unsigned int which)
{
	options->selftest = (enum selftest_option)which;
}

static void strict_choose(struct options *options, unsigned int which)
{
	options->strict = which == 1;
}

static void tables_choose(struct options *options, unsigned int which)
{
	options->tables = (enum tables_option)which;
}

/* For a value that changes nothing. */
static void nothing_choose(struct options *options, unsigned int which)
{
	(void)options;
	(void)which;
}

OPTION(cut, ARGUMENTS_CUT " stands for what was cut off", NULL, NULL);
OPTION(console, "console= takes uart or rtt", NULL, console_choose);
OPTION(dtb, "dtb= is for a boot loader's or a debugger's arguments: this device tree is in use", tree_parse, NULL);
OPTION(exit, "exit= takes " ARCH_EXIT_RULE, NULL, exit_choose);
OPTION(handover, "handover= takes abort or bypass", NULL, handover_choose);
OPTION(id, "id= takes letters, digits and hyphens, 31 at most", id_parse, NULL);
OPTION(inherit, "inherit= takes reset", NULL, nothing_choose);
OPTION(log_level, "log= takes quiet, normal or debug", NULL, log_choose);
OPTION(order, "order= takes numbers of SMMUs, each once, as 2,0,1", order_parse, NULL);
OPTION(records, "records= takes on, memory or off", NULL, records_choose);
OPTION(selftest, "selftest= takes quick or full", NULL, selftest_choose);
OPTION(strict, "strict= takes on or off", NULL, strict_choose);
OPTION(tables, "tables= takes dt or iort", NULL, tables_choose);
