/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor: commands at the console, or from `run=`, while every SMMU is in service. Boot core. */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

#include "base/feature.h"
#include "checks/checks.h"
#include "monitor/editor.h"

#define MONITOR_WORDS_MAX 8U
#define MONITOR_NO_INSTANCE "there is no instance of that name; instances lists them"

struct monitor {
	struct bringup *bringup;
	unsigned int since; /* Of events that `events` has not shown. */
	bool over;	    /* `off` was said. */
};

/* What was typed behind the command, by words. */
struct monitor_words {
	unsigned int count;
	const char *word[MONITOR_WORDS_MAX];
};

struct monitor_command {
	const char *name;
	const char *arguments; /* As "INSTANCE SID", or "". */
	const char *help;
	unsigned int least; /* Arguments. */
	unsigned int most;
	/* NULL: done; else a line that says what is wrong. */
	const char *(*run)(struct monitor *monitor, const struct monitor_words *words);
};

/* A command registers itself by being linked; `order`: two digits, by which `help` lists them. */
#define MONITOR_COMMAND(order, name, ...)                                                                              \
	static const struct monitor_command name##_command LISTED("monitor_commands." #order) = {#name, __VA_ARGS__}

extern const struct monitor_command __start_monitor_commands[];
extern const struct monitor_command __stop_monitor_commands[];

/*
 * Obeys the commands of a line, which ';' separates.
 *
 * Return:      true       all were obeyed
 *              false      one was wrong, and a line says why; those behind it are not obeyed
 * Context:     boot core, no lock held; waits as the commands do.
 */
bool monitor_obey(struct monitor *monitor, const char *line);

/* The n-th word that may stand at the end of `line`: commands, then names of instances and masters; NULL: no more. */
const char *monitor_word(const struct monitor *monitor, const char *line, unsigned int n);

/* --- For commands. --- */

/* False: no number of 64 bits, as 4096 or 0x1000. */
bool monitor_number(const char *word, uint64_t *number);

/* NULL: none has that name. */
struct smmuv3 *monitor_instance(const struct monitor *monitor, const char *word);
struct master *monitor_master(const struct monitor *monitor, const char *word);

#endif
