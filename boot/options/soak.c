/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/soak.h"
#include "options/option.h"

_Static_assert(SOAK_SECONDS_MAX == 86400, "The rule names it.");

static bool soak_parse(struct options *options, const char *at)
{
	uint32_t seconds;

	at = options_parse_seconds(at, SOAK_SECONDS_MAX, &seconds);
	if (!at || *at) {
		return false;
	}
	options->soak = seconds;
	return true;
}

OPTION(soak, "soak= takes seconds, 1 to 86400", soak_parse, NULL);
