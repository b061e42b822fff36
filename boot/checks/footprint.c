/* SPDX-License-Identifier: BSD-2-Clause */
/* Registering an instance must not touch the others. */
#include <stddef.h>

#include "checks/checks.h"
#include "report/print.h"

#define DETAIL_SIZE 96U

static struct smmuv3_footprint before[DESCRIPTION_SMMUS_MAX];

static bool is_looked_at(const struct bringup *bringup, unsigned int i, unsigned int registered)
{
	return i != registered && !bringup->unusable[i];
}

void footprint_before(struct bringup *bringup, unsigned int registered)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (is_looked_at(bringup, i, registered)) {
			smmuv3_footprint(bringup->smmu[i], &before[i]);
		}
	}
}

void footprint_after(struct bringup *bringup, unsigned int registered)
{
	char detail[DETAIL_SIZE];
	struct smmuv3_footprint after;
	unsigned int count = 0;

	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (!is_looked_at(bringup, i, registered)) {
			continue;
		}
		count++;
		smmuv3_footprint(bringup->smmu[i], &after);
		if (smmuv3_footprint_differs(&after, &before[i])) {
			format_text(detail, sizeof(detail), "its registration changed %s", bringup->smmu_name[i]);
			check_instance(bringup, "registration_footprint", registered, CHECK_FAIL, detail);
			return;
		}
	}
	check_instance(bringup, "registration_footprint", registered, count ? CHECK_PASS : CHECK_SKIP,
		       count ? NULL : "there is no other instance");
}
