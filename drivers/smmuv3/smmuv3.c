/* SPDX-License-Identifier: BSD-2-Clause */
#include "smmuv3/smmuv3.h"

#include <errno.h>

#include "base/arena.h"
#include "smmuv3/private.h"

static int smmuv3_add_stream(struct iommu_instance *iommu, uint32_t sid)
{
	return smmuv3_stream_table_room(smmuv3_of(iommu), sid);
}

/* bench: each further master +2 % without, over its must. */
static __attribute__((noinline)) int smmuv3_attach_to(struct smmuv3 *smmu, uint32_t sid,
						      const struct smmuv3_domain *domain)
{
	struct ste ste;

	smmuv3_ste_of(smmu, domain, &ste);
	return smmuv3_install_ste(smmu, sid, &ste);
}

/* Out of line: a replay attaches only to the empty domain. */
static int smmuv3_attach(struct iommu_instance *iommu, uint32_t sid, struct iommu_domain *domain)
{
	struct smmuv3 *smmu = smmuv3_of(iommu);

	return domain ? smmuv3_attach_to(smmu, sid, (const struct smmuv3_domain *)domain) :
			smmuv3_install_ste(smmu, sid, smmu->empty_ste);
}

static int smmuv3_quarantine(struct iommu_instance *iommu, uint32_t sid)
{
	struct smmuv3 *smmu = smmuv3_of(iommu);
	int error;

	smmuv3_begin_change(smmu);
	error = smmuv3_silence(smmu, sid);
	smmuv3_end_change(smmu);
	/* A stream without an entry is denied already. */
	return error == -EIO ? error : 0;
}

const struct iommu_ops smmuv3_ops = {
	.start = smmuv3_start,
	.enable = smmuv3_enable,
	.stop = smmuv3_stop,
	.add_stream = smmuv3_add_stream,
	.attach = smmuv3_attach,
	.quarantine = smmuv3_quarantine,
	.domain_allocate = smmuv3_domain_allocate,
	.domain_free = smmuv3_domain_free,
	.map = smmuv3_domain_map,
	.unmap = smmuv3_domain_unmap,
	.translate = smmuv3_domain_translate,
	.is_empty = smmuv3_domain_is_empty,
};

void smmuv3_init(struct smmuv3 *smmu, const char *name, uint64_t base, volatile uint8_t *regs, bool coherent)
{
	*smmu = (struct smmuv3){.regs = regs, .base = base, .coherent = coherent};
	smmu->iommu.name = name;
	smmu->iommu.ops = &smmuv3_ops;
	lock_init(&smmu->lock, LOCK_RANK_INSTANCE);
	lock_init(&smmu->cmdq_lock, LOCK_RANK_COMMAND_QUEUE);
	lock_init(&smmu->evtq_lock, LOCK_RANK_EVENT_QUEUE);
}

struct smmuv3 *smmuv3_create(const struct smmuv3_config *config)
{
	struct smmuv3 *smmu = arena_allocate(sizeof(*smmu), _Alignof(struct smmuv3));

	if (smmu) {
		smmuv3_init(smmu, config->name, config->base, config->regs, config->coherent);
		smmu->described_quirks = config->quirks;
		smmu->on_event = config->on_event;
		smmu->on_storm = config->on_storm;
	}
	return smmu;
}

struct iommu_instance *smmuv3_iommu(struct smmuv3 *smmu)
{
	return &smmu->iommu;
}
