/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "options/option.h"

#define ALWAYS ",always"

/* "0x50000000", "0x50000000,always" */
static bool next_parse(struct options *options, const char *at)
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

OPTION(next, "next= takes an address in hexadecimal, not 0, as 0x50000000 or 0x50000000,always", next_parse, NULL);
