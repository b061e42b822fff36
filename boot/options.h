/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of a run: key=value words in /chosen/bootargs. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "firmware/description.h"
#include "report/print.h"
#include "report/record.h"
#include "smmuv3/smmuv3.h"

enum tables_option { TABLES_ANY, TABLES_DT, TABLES_IORT };
enum exit_option { EXIT_OFF, EXIT_RETURN, EXIT_NEXT };
enum console_option { CONSOLE_OPTION_UART, CONSOLE_OPTION_RTT };

enum selftest_option { SELFTEST_DEFAULT, SELFTEST_QUICK, SELFTEST_FULL };

/* Whose words they are: the device tree's /chosen/bootargs, or a boot loader's or a debugger's. */
enum options_source { OPTIONS_FROM_TREE, OPTIONS_FROM_CALLER, OPTIONS_SOURCES };

#define OPTIONS_REFUSED_MAX 4U

/* A word that was read, and cannot be obeyed on this machine. */
struct refused_word {
	const char *start; /* What it begins with: "exit=return". */
	const char *why;
};

/* Letters, digits and hyphens, and the 0 behind them. */
#define ID_SIZE 32U

struct options {
	enum tables_option tables;
	unsigned int
		order[DESCRIPTION_SMMUS_MAX]; /* Registration; those not named follow in the order of description. */
	unsigned int order_count;
	enum smmuv3_handover handover;
	enum print_level log;
	enum exit_option exit;
	enum console_option console;
	uint32_t soak; /* Seconds; 0: none. */
	enum selftest_option selftest;
	uint64_t acpi;	  /* Where the RSDP is; 0: where QEMU has it. */
	uint64_t next;	  /* Where the image is that is started in the end; 0: there is none. */
	bool next_always; /* After a verdict that fails, too. */
	bool for_next;	  /* The tree's words are the next stage's as well: those that are unknown here are its own. */
	bool trace;	  /* Record register writes and commands, and print them before the verdict. */
	enum record_output records;
	bool strict; /* An ignored word fails the run. */
	unsigned int ignored_count;
	struct refused_word refused[OPTIONS_REFUSED_MAX];
	unsigned int refused_count;
	const char *text[OPTIONS_SOURCES]; /* As they were handed over, or NULL. */
	char id[ID_SIZE];		   /* What the report is called; "": it was given no name. */
};

/* The defaults. */
void options_init(struct options *options);

/* Whether a word of `text` names a next stage, which is then given the same words by the device tree. */
bool options_name_next(const char *text);

/*
 * Reads the words of `text` over what is set already. One that is unknown or malformed is named on the console, with
 * the reason, and ignored. A value may stand in double quotes.
 *
 * State left:  `text` is kept, and has to outlive the options.
 */
void options_parse(struct options *options, enum options_source source, const char *text);

/* Notes that words which begin with `start` cannot be obeyed here, and why; both outlive the options. */
void options_refuse(struct options *options, const char *start, const char *why);

/* Refuses an order of registration that names an SMMU beyond `smmu_count`: it is obeyed for the others. */
void options_check_order(struct options *options, unsigned int smmu_count);

/*
 * Writes the keys `arguments` and `ignored` into a record that has begun: every word, and those that are ignored with
 * the reason. What finds no room is counted.
 *
 * Return:      how many words are ignored.
 */
unsigned int options_record(const struct options *options, struct record *record);

#endif
