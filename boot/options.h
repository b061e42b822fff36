/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of a run: key=value words in /chosen/bootargs. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "firmware/description.h"
#include "report/print.h"
#include "smmuv3/smmuv3.h"

enum tables_option { TABLES_ANY, TABLES_DT, TABLES_IORT };
enum exit_option { EXIT_OFF, EXIT_RETURN };
enum console_option { CONSOLE_OPTION_UART, CONSOLE_OPTION_RTT };

enum selftest_option { SELFTEST_DEFAULT, SELFTEST_QUICK, SELFTEST_FULL };

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
	uint64_t acpi; /* Where the RSDP is; 0: where QEMU has it. */
	bool trace;    /* Record register writes and commands, and print them before the verdict. */
};

/* The defaults. */
void options_init(struct options *options);

/*
 * Reads the words over what is set already. An unknown or malformed one is named on the console and ignored. A value
 * may stand in double quotes.
 */
void options_parse(struct options *options, const char *bootargs);

#endif
