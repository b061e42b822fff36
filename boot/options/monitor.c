/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "options/option.h"

static void monitor_choose(struct options *options, unsigned int which)
{
	options->monitor = which == 2;
	options->monitor_on_failure = which == 3;
}

/* The monitor looks at its words. */
static bool run_parse(struct options *options, const char *at)
{
	memcpy(options->run, at, strlen(at) + 1);
	return *at;
}

OPTION(monitor, "monitor= takes off, on or fail", NULL, monitor_choose);
OPTION(run, "run= takes commands of the monitor", run_parse, NULL);
