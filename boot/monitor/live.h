/* SPDX-License-Identifier: BSD-2-Clause */
/* An SMMU of this machine, for drivers/explain: its registers, and RAM. Boot core. */
#ifndef MONITOR_LIVE_H
#define MONITOR_LIVE_H

#include "checks/checks.h"
#include "explain/explain.h"

struct live {
	const struct bringup *bringup;
	volatile const uint8_t *regs;
};

/* Opens it. `live` has to outlive `explained`. False: its registers cannot be read. */
bool live_open(struct live *live, const struct bringup *bringup, struct smmuv3 *smmu, struct explain_smmu *explained);

#endif
