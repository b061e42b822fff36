/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage-1 domains: one ASID, one context descriptor and one translation table each (IHI 0070, 5.4). */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/store.h"
#include "smmuv3/private.h"

#define INPUT_BITS 48U
#define OUTPUT_BITS_MAX 48U
#define OUTPUT_CODE_48 5U
#define TLBI_VA_MAX 16U /* Beyond as many pages one TLBI by ASID is cheaper. */

static struct smmuv3_domain *domain_of(struct iommu_domain *domain)
{
	return (struct smmuv3_domain *)domain; /* Its first member. */
}

/* With the lock held. */
static int take_asid(struct smmuv3 *smmu)
{
	for (unsigned int asid = 0; asid < SMMUV3_ASIDS_MAX; asid++) {
		uint32_t bit = 1U << asid % 32;

		if (!(smmu->asid_used[asid / 32] & bit)) {
			smmu->asid_used[asid / 32] |= bit;
			return (int)asid;
		}
	}
	return -ENOMEM;
}

static void write_cd(struct smmuv3 *smmu, const struct smmuv3_domain *domain)
{
	struct cd *cd = &smmu->cd[domain->asid];
	uint64_t cacheability = smmu->coherent ? CACHE_WRITE_BACK : 0;
	unsigned int output_code =
		smmu->features.output_code < OUTPUT_CODE_48 ? smmu->features.output_code : OUTPUT_CODE_48;

	store64(&cd->dword[1], arch_phys(domain->table.root) & CD1_TTB0_MASK);
	store64(&cd->dword[CD3_MAIR], pgtable_mair());
	smmuv3_publish(smmu, cd, sizeof(*cd));
	/* A: a fault aborts the transaction. R: and is recorded. ASET: the ASID is not shared with the cores. */
	store64(&cd->dword[0], FIELD_PUT64(CD0_T0SZ, pgtable_t0sz(&domain->table)) |
				       FIELD_PUT64(CD0_IR0, cacheability) | FIELD_PUT64(CD0_OR0, cacheability) |
				       FIELD_PUT64(CD0_SH0, SHARE_INNER) | CD0_EPD1 | CD0_V |
				       FIELD_PUT64(CD0_IPS, output_code) | CD0_AA64 | CD0_R | CD0_A | CD0_ASET |
				       FIELD_PUT64(CD0_ASID, domain->asid));
	smmuv3_publish(smmu, cd, sizeof(*cd));
}

/* With the lock held. */
static struct smmuv3_domain *take_domain(struct smmuv3 *smmu)
{
	struct smmuv3_domain *domain = smmu->free_domain;

	if (domain) {
		smmu->free_domain = domain->next_free;
	} else {
		domain = arena_allocate(sizeof(*domain), _Alignof(struct smmuv3_domain));
	}
	return domain;
}

static void put_domain(struct smmuv3 *smmu, struct smmuv3_domain *domain)
{
	uint32_t saved = lock(&smmu->lock);

	smmu->asid_used[domain->asid / 32] &= ~(1U << domain->asid % 32);
	domain->next_free = smmu->free_domain;
	smmu->free_domain = domain;
	unlock(&smmu->lock, saved);
}

static struct smmuv3_domain *reserve(struct smmuv3 *smmu)
{
	uint32_t saved = lock(&smmu->lock);
	struct smmuv3_domain *domain = NULL;
	int asid = take_asid(smmu);

	if (asid >= 0) {
		domain = take_domain(smmu);
		if (domain) {
			domain->asid = (unsigned int)asid;
			domain->domain.iommu = &smmu->iommu;
		} else {
			smmu->asid_used[asid / 32] &= ~(1U << asid % 32);
		}
	}
	unlock(&smmu->lock, saved);
	return domain;
}

struct iommu_domain *smmuv3_domain_allocate(struct iommu *iommu)
{
	struct smmuv3 *smmu = smmuv3_of(iommu);
	struct smmuv3_domain *domain = reserve(smmu);
	unsigned int output = smmu->features.output_bits;

	if (!domain) {
		return NULL;
	}
	if (pgtable_init(&domain->table, INPUT_BITS, output < OUTPUT_BITS_MAX ? output : OUTPUT_BITS_MAX,
			 smmu->coherent)) {
		put_domain(smmu, domain);
		return NULL;
	}
	write_cd(smmu, domain);
	return &domain->domain;
}

void smmuv3_domain_free(struct iommu_domain *iommu_domain)
{
	struct smmuv3_domain *domain = domain_of(iommu_domain);
	struct smmuv3 *smmu = smmuv3_of(iommu_domain->iommu);
	struct command tlbi = smmuv3_command_tlbi_asid(domain->asid);

	store64(&smmu->cd[domain->asid].dword[0], 0);
	smmuv3_publish(smmu, &smmu->cd[domain->asid], sizeof(struct cd));
	/* An ASID that is not in use is not in the TLB either; where that failed, it is never used again. */
	if (smmu->enabled && smmuv3_issue(smmu, &tlbi, 1)) {
		return;
	}
	pgtable_destroy(&domain->table);
	put_domain(smmu, domain);
}

int smmuv3_domain_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	/* From invalid to valid: no TLB holds it, so there is nothing to invalidate. */
	return pgtable_map(&domain_of(domain)->table, iova, pa, size, access);
}

static int invalidate_range(struct smmuv3 *smmu, unsigned int asid, uint64_t iova, uint64_t size)
{
	struct command commands[TLBI_VA_MAX];
	unsigned int count = 0;

	if (size / PGTABLE_GRANULE > TLBI_VA_MAX) {
		commands[count++] = smmuv3_command_tlbi_asid(asid);
	} else {
		for (uint64_t offset = 0; offset < size; offset += PGTABLE_GRANULE) {
			commands[count++] = smmuv3_command_tlbi_va(asid, iova + offset);
		}
	}
	return smmuv3_issue(smmu, commands, count);
}

int smmuv3_domain_unmap(struct iommu_domain *iommu_domain, uint64_t iova, uint64_t size)
{
	struct smmuv3_domain *domain = domain_of(iommu_domain);
	struct smmuv3 *smmu = smmuv3_of(iommu_domain->iommu);
	int error = pgtable_unmap(&domain->table, iova, size);

	return error ? error : invalidate_range(smmu, domain->asid, iova, size);
}

int smmuv3_domain_translate(const struct iommu_domain *domain, uint64_t iova, uint64_t *pa)
{
	unsigned int access;

	return pgtable_translate(&((const struct smmuv3_domain *)domain)->table, iova, pa, &access);
}
