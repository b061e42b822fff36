/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/checks.h"

#include <string.h>

#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

const char check_result_names[][5] = {"pass", "fail", "skip"};

static void check_count(struct tally *tally, enum check_result result)
{
	switch (result) {
	case CHECK_PASS:
		tally->checks_passed++;
		break;
	case CHECK_FAIL:
		tally->checks_failed++;
		break;
	case CHECK_SKIP:
		tally->checks_skipped++;
		break;
	}
}

static void keep_first(struct tally *tally, const char *check, const char *subject)
{
	if (!tally->failed_check) {
		tally->failed_check = check;
		tally->failed_subject = subject;
	}
}

static void check_conclude(struct bringup *bringup, const char *check, const char *key, const char *subject,
			   enum check_result result, const char *detail)
{
	struct record record;

	check_count(&bringup->tally, result);
	record_begin(&record, "check");
	record_string(&record, "check", check);
	record_string(&record, key, subject);
	record_string(&record, "result", check_result_names[result]);
	record_string(&record, "detail", detail);
	record_end(&record);
	if (result == CHECK_FAIL) {
		keep_first(&bringup->tally, check, subject);
		finding_add(check, FINDING_ERROR, subject, detail ? detail : "the check failed", NULL);
	}
	if (result == CHECK_PASS) {
		passes_note(bringup, check, key);
	}
	(result == CHECK_PASS ? print_debug : print)("  %-4s %s: %s%s%s\n", check_result_names[result], subject, check,
						     detail ? ": " : "", detail ? detail : "");
}

void check_master(struct bringup *bringup, const char *check, const struct master *master, enum check_result result,
		  const char *detail)
{
	bringup->tally.translates_passed += result == CHECK_PASS && !strcmp(check, "translate");
	check_conclude(bringup, check, "master", master->device.name, result, detail);
}

void check_instance(struct bringup *bringup, const char *check, unsigned int smmu, enum check_result result,
		    const char *detail)
{
	check_conclude(bringup, check, "instance", bringup->smmu_name[smmu], result, detail);
}
