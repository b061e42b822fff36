/* SPDX-License-Identifier: BSD-2-Clause */
/* An SMMU of this machine, for drivers/explain: its registers, and RAM. Boot core. */
#ifndef CHECKS_LIVE_H
#define CHECKS_LIVE_H

#include "checks/checks.h"
#include "explain/explain.h"

struct live {
	const struct bringup *bringup;
	volatile const uint8_t *regs; /* NULL: not to be read. */
	uint64_t regs_size;
};

/* Opens it. `live` has to outlive `explained`. False: its registers do not answer. */
bool live_open(struct live *live, const struct bringup *bringup, const struct smmuv3 *smmu,
	       struct explain_smmu *explained);

#endif
