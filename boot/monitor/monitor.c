/* SPDX-License-Identifier: BSD-2-Clause */
#include "monitor/monitor.h"

#include <string.h>

#include "report/print.h"

#define NUMBER_DIGITS "0123456789abcdef"

bool monitor_number(const char *word, uint64_t *number)
{
	unsigned int base = strncmp(word, "0x", 2) ? 10 : 16;
	const char *at = base == 16 ? word + 2 : word;

	if (!*at) {
		return false;
	}
	for (*number = 0; *at; at++) {
		const char *digit = strchr(NUMBER_DIGITS, *at >= 'A' && *at <= 'F' ? *at + ('a' - 'A') : *at);
		uint64_t value = digit ? (uint64_t)(digit - NUMBER_DIGITS) : base;

		if (value >= base || *number > (UINT64_MAX - value) / base) {
			return false;
		}
		*number = *number * base + value;
	}
	return true;
}

struct smmuv3 *monitor_instance(const struct monitor *monitor, const char *word)
{
	const struct bringup *bringup = monitor->bringup;

	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (!strcmp(bringup->smmu_name[i], word)) {
			return bringup->smmu[i];
		}
	}
	return NULL;
}

struct master *monitor_master(const struct monitor *monitor, const char *word)
{
	const struct bringup *bringup = monitor->bringup;

	for (unsigned int i = 0; i < bringup->master_count; i++) {
		if (!strcmp(bringup->master[i].device.name, word)) {
			return &bringup->master[i];
		}
	}
	return NULL;
}

/* --- Completion. --- */

static bool is_first_word(const char *line)
{
	return !strchr(line + strspn(line, " "), ' ');
}

const char *monitor_word(const struct monitor *monitor, const char *line, unsigned int n)
{
	const struct bringup *bringup = monitor->bringup;
	const struct monitor_command *command = __start_monitor_commands;

	if (is_first_word(line)) {
		while (n && command != __stop_monitor_commands) {
			command++;
			n--;
		}
		return command != __stop_monitor_commands ? command->name : NULL;
	}
	if (n < bringup->smmu_count) {
		return bringup->smmu_name[n];
	}
	n -= bringup->smmu_count;
	return n < bringup->master_count ? bringup->master[n].device.name : NULL;
}

/* --- Commands. --- */

static const struct monitor_command *monitor_find(const char *name)
{
	for (const struct monitor_command *at = __start_monitor_commands; at != __stop_monitor_commands; at++) {
		if (!strcmp(at->name, name)) {
			return at;
		}
	}
	return NULL;
}

/* Cuts `line` at its blanks. False: there are too many words. */
static bool cut_words(char *line, struct monitor_words *words)
{
	words->count = 0;
	for (char *at = line + strspn(line, " "); *at; at += strspn(at, " ")) {
		if (words->count == MONITOR_WORDS_MAX) {
			return false;
		}
		words->word[words->count++] = at;
		at += strcspn(at, " ");
		if (*at) {
			*at++ = '\0';
		}
	}
	return true;
}

static void say_use(const struct monitor_command *command)
{
	print_always("use: %s%s%s\n", command->name, *command->arguments ? " " : "", command->arguments);
}

static bool obey_words(struct monitor *monitor, const struct monitor_words *words)
{
	const struct monitor_command *command = monitor_find(words->word[0]);
	struct monitor_words arguments = {.count = words->count - 1};
	const char *wrong;

	if (!command) {
		print_always("there is no command %s; help lists all\n", words->word[0]);
		return false;
	}
	if (arguments.count < command->least || arguments.count > command->most) {
		say_use(command);
		return false;
	}
	memcpy(arguments.word, words->word + 1, arguments.count * sizeof(words->word[0]));
	wrong = command->run(monitor, &arguments);
	if (wrong) {
		print_always("%s: %s\n", command->name, wrong);
	}
	return !wrong;
}

static bool obey_one(struct monitor *monitor, const char *text, size_t length)
{
	char line[EDITOR_LINE_SIZE];
	struct monitor_words words;

	if (length >= sizeof(line)) {
		print_always("a command has at most %u characters\n", EDITOR_LINE_SIZE - 1);
		return false;
	}
	memcpy(line, text, length);
	line[length] = '\0';
	if (!cut_words(line, &words)) {
		print_always("a command has at most %u words\n", MONITOR_WORDS_MAX);
		return false;
	}
	return !words.count || obey_words(monitor, &words);
}

bool monitor_obey(struct monitor *monitor, const char *line)
{
	while (!monitor->over) {
		size_t length = strcspn(line, ";");

		if (!obey_one(monitor, line, length)) {
			return false;
		}
		if (!line[length]) {
			break;
		}
		line += length + 1;
	}
	return true;
}

static const char *run_help(struct monitor *monitor, const struct monitor_words *words)
{
	const struct monitor_command *one = words->count ? monitor_find(words->word[0]) : NULL;

	(void)monitor;
	if (words->count && !one) {
		return "there is no such command; help lists all";
	}
	for (const struct monitor_command *at = __start_monitor_commands; at != __stop_monitor_commands; at++) {
		if (!one || one == at) {
			print_always("  %-10s %-32s %s\n", at->name, at->arguments, at->help);
		}
	}
	return NULL;
}

static const char *run_off(struct monitor *monitor, const struct monitor_words *words)
{
	(void)words;
	monitor->over = true;
	return NULL;
}

MONITOR_COMMAND(00, help, "[COMMAND]", "what each command does", 0, 1, run_help);
MONITOR_COMMAND(99, off, "", "ends the monitor: hand-over and verdict follow", 0, 0, run_off);
