/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of a run: key=value words in /chosen/bootargs. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "firmware/description.h"
#include "report/print.h"
#include "smmuv3/smmuv3.h"

enum tables_option { TABLES_ANY, TABLES_DT, TABLES_IORT };

struct options {
	enum tables_option tables;
	unsigned int
		order[DESCRIPTION_SMMUS_MAX]; /* Registration; those not named follow in the order of description. */
	unsigned int order_count;
	enum smmuv3_handover handover;
	enum print_level log;
	uint32_t soak; /* Seconds; 0: none. */
};

/*
 * Reads the words into defaults. An unknown or malformed one is named on the console and ignored. A value may stand in
 * double quotes.
 */
void options_parse(struct options *options, const char *bootargs);

#endif
