/* SPDX-License-Identifier: BSD-2-Clause */
/* Without provoked errors: a report has these checks, as skips. */
#include <stddef.h>

#include "checks/phase.h"

static void provoke_nothing(struct bringup *bringup)
{
	static const char *const checks[] = {
		"illegal_command", "queue_abort",  "event_overflow",	"event_abort",
		"bad_ste",	   "bad_cd",	   "cd_fetch",		"walk_abort",
		"access_flag",	   "address_size", "translation_fault", "permission_fault",
		"abort_all",
	};

	for (size_t k = 0; k < sizeof(checks) / sizeof(checks[0]); k++) {
		for (unsigned int i = 0; i < bringup->smmu_count; i++) {
			check_instance(bringup, checks[k], i, CHECK_SKIP, "this build provokes no errors");
		}
	}
}

PHASE(40, provoke, NULL, provoke_nothing, NULL);
