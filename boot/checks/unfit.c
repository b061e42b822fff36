/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "checks/trial.h"

static const char *unfit_to_stray(const struct master *master)
{
	if (master->unfit) {
		return master->unfit;
	}
	if (!master->driver || !master->page[0] || client_state(&master->device) != CLIENT_BOUND) {
		return "its client is not bound";
	}
	if (master_state(&master->iommu) == MASTER_QUARANTINED) {
		return "it is quarantined";
	}
	return master->driver->can & MASTER_WRITES ? NULL : "this master cannot write to memory";
}

static const char *unfit_to_be_mapped(const struct master *master)
{
	if (master->iommu.link_count == 0) {
		return "no SMMU is described for it";
	}
	if (!master->observation.match) {
		/* Untranslated, its IOVAs would be physical addresses. */
		return "its DMA does not come out where it is described";
	}
	if (master_state(&master->iommu) != MASTER_READY) {
		return "its instance is not ready";
	}
	return iommu_master_keeps(&master->iommu, TRIAL_IOVA_FIRST, TRIAL_IOVA_SIZE) ?
		       "memory stays mapped one to one for it (a direct region)" :
		       NULL;
}

const char *trial_unfit(const struct master *master, enum trial_use use)
{
	const char *why = unfit_to_stray(master);

	if (!why && use >= USE_MAPPED) {
		why = unfit_to_be_mapped(master);
	}
	if (!why && use == USE_REPEATED && !master->translated) {
		why = "its DMA was not seen to be translated";
	}
	return why;
}
