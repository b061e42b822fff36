/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/judge.h"

static table_judge *const judges[] = {
#define JUDGE(name, subject) name,
#include "findings/judges.def"
#undef JUDGE
};

void table_judge_all(const struct table_view *view, struct table_findings *findings)
{
	table_findings_clear(findings);
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		judges[i](view, findings);
	}
}
