/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors on purpose. */
#include <errno.h>
#include <string.h>

#include "monitor/monitor.h"
#include "report/print.h"
#include "smmuv3/damage.h"

static const char *run_inject(struct monitor *monitor, const struct monitor_words *words)
{
	struct smmuv3 *smmu = monitor_instance(monitor, words->word[0]);

	if (!smmu) {
		return MONITOR_NO_INSTANCE;
	}
	if (iommu_state(smmuv3_iommu(smmu)) != IOMMU_READY) {
		return "it is not in service: register it first";
	}
	if (strcmp(words->word[1], "illegal_command")) {
		return "the error that can be injected is illegal_command";
	}
	switch (smmuv3_provoke_illegal_command(smmu)) {
	case 0:
		print_always("  CERROR_ILL was reported, and the command replaced\n");
		return NULL;
	case -ENOMSG:
		return "the SMMU ignored the command";
	default:
		return "the instance failed";
	}
}

MONITOR_COMMAND(50, inject, "INSTANCE illegal_command", "an error on purpose", 2, 2, run_inject);
