/* SPDX-License-Identifier: BSD-2-Clause */
/* translate, read_only, unmap and isolation: when they may not pass, and when they may not fail. */
#include "findings.h"

#define LIE(...) .lie = {{__VA_ARGS__}}

static const struct check_case cases[] = {
	{"translate: other bytes arrive", LIE(.of = "m0", AT_TRANSLATE, .bytes = BYTES_WRONG),
	 .differs = "fail translate m0"},
	{"translate: nothing arrives", LIE(.of = "m1", AT_TRANSLATE, .bytes = BYTES_NONE),
	 .differs = "fail translate m1"},
	{"translate: the device reports an error", LIE(.of = "m2", AT_TRANSLATE, .poll = -5),
	 .differs = "fail translate m2"},
	{"read_only: memory is reached", LIE(.of = "m0", AT_READ_ONLY, .bytes = BYTES_ALL_THE_SAME),
	 .differs = "fail read_only m0"},
	{"unmap: no event", LIE(.of = "m3", AT_UNMAP, .told = TOLD_NOTHING), .differs = "fail unmap m3"},
};

int main(void)
{
	return cases_run("prove", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
