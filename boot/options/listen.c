/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "checks/listen.h"
#include "options/option.h"

#define PASS ",pass"

_Static_assert(LISTEN_SECONDS_MAX == 3600, "The rule names it.");

/* "5", "5,pass" */
static bool listen_parse(struct options *options, const char *at)
{
	uint32_t seconds;

	at = options_parse_seconds(at, LISTEN_SECONDS_MAX, &seconds);
	if (!at || (*at && strcmp(at, PASS))) {
		return false;
	}
	options->listen = seconds;
	options->listen_pass = *at;
	return true;
}

OPTION(listen, "listen= takes seconds, 1 to 3600, as 5 or 5,pass", listen_parse, NULL);
