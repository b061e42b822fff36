/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/checks.h"

#include <string.h>

#include "base/feature.h"
#include "checks/explained.h"
#include "checks/trial.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

OPTIONAL(explained_instance);
OPTIONAL(explained_walk);

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

static unsigned int smmu_of_name(const struct bringup *bringup, const char *name)
{
	unsigned int smmu = 0;

	while (smmu + 1 < bringup->smmu_count && bringup->smmu_name[smmu] != name) {
		smmu++;
	}
	return smmu;
}

/* Of a master: the walk of its own page's address. `master` is NULL for an instance. A sentence, or "". */
static void explain_failure(const struct bringup *bringup, const char *subject, const struct master *master,
			    struct record *record, char *sentence)
{
	struct explain_access access = {0};

	if (!master) {
		explained_instance(bringup, smmu_of_name(bringup, subject), record);
	} else if (master->iommu.link_count) {
		access.sid = trial_sid(master);
		access.address = trial_iova(master, 0);
		explained_walk(bringup, trial_instance(master), &access, record, sentence);
	}
}

static void check_conclude(struct bringup *bringup, const char *check, const char *subject, const struct master *master,
			   enum check_result result, const char *detail)
{
	const char *key = master ? "master" : "instance";
	char sentence[EXPLAIN_TEXT_SIZE];
	struct record record;

	sentence[0] = '\0';
	check_count(&bringup->tally, result);
	record_begin(&record, "check");
	record_string(&record, "check", check);
	record_string(&record, key, subject);
	record_string(&record, "result", check_result_names[result]);
	record_string(&record, "detail", detail);
	if (result == CHECK_FAIL && is_linked(explained_walk)) {
		explain_failure(bringup, subject, master, &record, sentence);
	}
	record_end(&record);
	if (result == CHECK_FAIL) {
		keep_first(&bringup->tally, check, subject);
		finding_add(check, FINDING_ERROR, subject, detail ? detail : "the check failed",
			    is_linked(explained_walk) && sentence[0] ? sentence : NULL);
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
	check_conclude(bringup, check, master->device.name, master, result, detail);
}

void check_instance(struct bringup *bringup, const char *check, unsigned int smmu, enum check_result result,
		    const char *detail)
{
	check_conclude(bringup, check, bringup->smmu_name[smmu], NULL, result, detail);
}
