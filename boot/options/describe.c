/* SPDX-License-Identifier: BSD-2-Clause */
#include "options/option.h"

static void describe_choose(struct options *options, unsigned int which)
{
	options->describe = which;
}

OPTION(describe, "describe= takes only", NULL, describe_choose);
