/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/judge.h"

static table_judge *const judges[] = {
#define JUDGE(name, subject) name,
#include "findings/judges.def"
#undef JUDGE
};

const char *table_judge_subject(unsigned int i)
{
	static const char *const subjects[] = {
#define JUDGE(name, subject) subject,
#include "findings/judges.def"
#undef JUDGE
	};

	return i < sizeof(subjects) / sizeof(subjects[0]) ? subjects[i] : NULL;
}

void table_judge_all(const struct table_view *view, struct table_findings *findings)
{
	table_findings_clear(findings);
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		judges[i](view, findings);
	}
}
