/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OPTIONS_OPTIONS_H
#define OPTIONS_OPTIONS_H

#include <stdbool.h>

#include "base/arch.h"
#include "firmware/description.h"
#include "report/print.h"
#include "report/record.h"
#include "smmuv3/smmuv3.h"

enum tables_option { TABLES_ANY, TABLES_DT, TABLES_IORT };
enum exit_option { EXIT_OFF, EXIT_RETURN, EXIT_NEXT };
enum console_option { CONSOLE_OPTION_UART, CONSOLE_OPTION_RTT };

enum selftest_option { SELFTEST_DEFAULT, SELFTEST_QUICK, SELFTEST_FULL };

/* /chosen/bootargs, or a boot loader's or debugger's arguments. */
enum options_source { OPTIONS_FROM_TREE, OPTIONS_FROM_CALLER, OPTIONS_SOURCES };

#define OPTIONS_REFUSED_MAX 16U

/* A valid word that cannot be obeyed. */
struct refused_word {
	const char *start; /* As "exit=return". */
	const char *why;
};

/* With the NUL. */
#define ID_SIZE 32U
#define OPTIONS_WORD_SIZE (ARCH_PLANS ? 384U : 128U)

struct options {
	enum tables_option tables;
	unsigned int
		order[DESCRIPTION_SMMUS_MAX]; /* Of registration; other SMMUs follow in the order of description. */
	unsigned int order_count;
	enum smmuv3_handover handover;
	enum print_level log;
	enum exit_option exit;
	enum console_option console;
	uint32_t soak;	 /* Seconds; 0: none. */
	uint32_t listen; /* Seconds before registration; 0: none. */
	bool listen_pass;
	bool monitor;
	bool monitor_on_failure;
	char run[OPTIONS_WORD_SIZE]; /* Commands of the monitor, or "". */
	enum selftest_option selftest;
	uint64_t acpi;	  /* Address of the RSDP; 0: from fw_cfg. */
	uint64_t next;	  /* Address of the next image; 0: none. */
	bool next_always; /* Also after a verdict "fail". */
	bool for_next;	  /* The tree's unknown words are the next image's. */
	bool trace;	  /* Of register writes and commands. */
	enum record_output records;
	bool describe; /* Only describes: touches no register. */
	bool strict;   /* An ignored word fails the run. */
	unsigned int ignored_count;
	struct refused_word refused[OPTIONS_REFUSED_MAX];
	unsigned int refused_count;
	const char *text[OPTIONS_SOURCES]; /* As given, or NULL. */
	enum options_source source;	   /* Of the word that is taken. */
	char id[ID_SIZE];		   /* Of the report, or "". */
};

void options_init(struct options *options);

/* Has `text` a word with this key, as "next="? With that the next image shares the tree's words. */
bool options_name(const char *text, const char *key);

/*
 * Applies the words of `text`, with values in double quotes or without; prints and ignores those it cannot obey.
 *
 * State left:  `text` is kept, and must outlive the options.
 */
void options_parse(struct options *options, enum options_source source, const char *text);

/* Refuses words that begin with `start`. Both texts must outlive the options. */
void options_refuse(struct options *options, const char *start, const char *why);

/* Refuses an order= that names a missing SMMU; it still holds for the others. */
void options_check_order(struct options *options, unsigned int smmu_count);

/*
 * Writes `arguments` and `ignored` into a record; counts words without room.
 *
 * Return:      the number of ignored words
 * Context:     boot core.
 */
unsigned int options_record(const struct options *options, struct record *record);

#endif
