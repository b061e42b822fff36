/* SPDX-License-Identifier: BSD-2-Clause */
#include "options/option.h"

static void trace_choose(struct options *options, unsigned int which)
{
	options->trace = which == 1;
}

OPTION(trace, "trace= takes on or off", NULL, trace_choose);
