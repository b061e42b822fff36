/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains. The TLBs drop a domain's tag before it is freed; if that fails, it is held until the next start. */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "report/print.h"
#include "smmuv3/private.h"

_Static_assert(IOMMU_READ == PGTABLE_READ && IOMMU_WRITE == PGTABLE_WRITE && IOMMU_EXECUTE == PGTABLE_EXECUTE &&
		       IOMMU_DEVICE == PGTABLE_DEVICE,
	       "What is asked for by one name is mapped by the other.");

#define INPUT_BITS_DEFAULT 48U
#define OUTPUT_BITS_MAX 48U
#define OUTPUT_BITS_MAX_64K 52U /* Stage 1 only. */

static struct smmuv3_domain *domain_of(struct iommu_domain *domain)
{
	return (struct smmuv3_domain *)domain;
}

static bool domain_has_stage1(const struct smmuv3_domain *domain)
{
	return domain->kind == SMMUV3_STAGE1 || domain->kind == SMMUV3_NESTED;
}

static bool domain_has_table(const struct smmuv3_domain *domain)
{
	return domain_has_stage1(domain) || domain->kind == SMMUV3_STAGE2;
}

/* A stage 1 alone is tagged with VMID 0. */
unsigned int smmuv3_tlb_vmid(const struct smmuv3_domain *domain)
{
	return domain->kind == SMMUV3_NESTED ? domain->parent->vmid : domain->vmid;
}

/* Lock held. */
static int domain_take_ids(struct smmuv3 *smmu, struct smmuv3_domain *domain)
{
	int id = 0;

	domain->asid = 0;
	domain->vmid = 0;
	if (domain_has_stage1(domain)) {
		id = smmuv3_ids_take(&smmu->asids, 0);
		domain->asid = id < 0 ? 0 : (unsigned int)id;
		smmuv3_empty_cd(smmu, domain->asid);
	} else if (domain->kind == SMMUV3_STAGE2) {
		id = smmuv3_ids_take(&smmu->vmids, 1);
		domain->vmid = id < 0 ? 0 : (unsigned int)id;
	}
	return id < 0 ? id : 0;
}

static void domain_give_ids(struct smmuv3 *smmu, const struct smmuv3_domain *domain)
{
	if (domain_has_stage1(domain)) {
		smmuv3_ids_give(&smmu->asids, domain->asid);
	} else if (domain->kind == SMMUV3_STAGE2) {
		smmuv3_ids_give(&smmu->vmids, domain->vmid);
	}
}

/* Lock held. */
static struct smmuv3_domain *domain_take_free(struct smmuv3 *smmu)
{
	struct smmuv3_domain *domain = smmu->free_domain;

	if (domain) {
		smmu->free_domain = domain->next_free;
	} else if (smmu->domain_count < SMMUV3_DOMAINS_MAX) {
		domain = &smmu->domain[smmu->domain_count++];
	}
	return domain;
}

static void domain_put_free(struct smmuv3 *smmu, struct smmuv3_domain *domain)
{
	uint32_t saved = lock(&smmu->lock);

	domain_give_ids(smmu, domain);
	domain->next_free = smmu->free_domain;
	smmu->free_domain = domain;
	unlock(&smmu->lock, saved);
}

static void domain_say_ran_out(struct smmuv3 *smmu)
{
	if (!smmu->domains_ran_out) {
		smmu->domains_ran_out = true;
		print("%s: no domain more: %u ASIDs and VMIDs are all that this firmware gives an SMMU\n",
		      smmu->iommu.name, SMMUV3_IDS_MAX);
	}
}

static struct smmuv3_domain *domain_reserve(struct smmuv3 *smmu, const struct smmuv3_domain_config *config)
{
	uint32_t saved = lock(&smmu->lock);
	struct smmuv3_domain *domain = domain_take_free(smmu);

	if (domain) {
		*domain = (struct smmuv3_domain){
			.domain.iommu = &smmu->iommu, .kind = config->kind, .parent = config->parent};
		if (domain_take_ids(smmu, domain)) {
			domain->next_free = smmu->free_domain;
			smmu->free_domain = domain;
			domain = NULL;
		}
	}
	unlock(&smmu->lock, saved);
	if (!domain) {
		domain_say_ran_out(smmu);
	}
	return domain;
}

static bool domain_has_granule(const struct smmuv3 *smmu, unsigned int granule_bits)
{
	return (granule_bits == 12 && smmu->features.gran4k) || (granule_bits == 14 && smmu->features.gran16k) ||
	       (granule_bits == 16 && smmu->features.gran64k);
}

static int domain_check(const struct smmuv3 *smmu, const struct smmuv3_domain_config *config)
{
	bool stage1 = config->kind == SMMUV3_STAGE1 || config->kind == SMMUV3_NESTED;
	bool stage2 = config->kind == SMMUV3_STAGE2 || config->kind == SMMUV3_NESTED;

	if ((config->kind == SMMUV3_NESTED) != (config->parent != NULL) ||
	    (config->parent &&
	     (config->parent->kind != SMMUV3_STAGE2 || config->parent->domain.iommu != &smmu->iommu))) {
		return -EINVAL;
	}
	if ((stage1 && !smmu->features.stage1) || (stage2 && !smmu->features.stage2) ||
	    (config->kind == SMMUV3_NESTED && smmu->errata_effects & SMMUV3_ERRATA_NO_NESTING)) {
		return -ENOTSUP;
	}
	return (stage1 || stage2) && !domain_has_granule(smmu, config->granule_bits) ? -ENOTSUP : 0;
}

static struct pgtable_format domain_format_of(const struct smmuv3 *smmu, const struct smmuv3_domain_config *config)
{
	bool has_52_bits = config->granule_bits == 16 && config->kind != SMMUV3_STAGE2;
	unsigned int output_max = has_52_bits ? OUTPUT_BITS_MAX_64K : OUTPUT_BITS_MAX;
	unsigned int output = smmu->features.output_bits < output_max ? smmu->features.output_bits : output_max;
	/* An IPA has no more bits than an output address. */
	unsigned int input_max = config->kind == SMMUV3_STAGE2 ? output : INPUT_BITS_DEFAULT;
	unsigned int input = config->input_bits ? config->input_bits : INPUT_BITS_DEFAULT;

	return (struct pgtable_format){
		.stage = config->kind == SMMUV3_STAGE2 ? 2 : 1,
		.granule_bits = config->granule_bits,
		.input_bits = input < input_max ? input : input_max,
		/* The parent's stage 2 limits the output. */
		.output_bits = config->kind == SMMUV3_NESTED && config->parent->table.format.input_bits < output ?
				       config->parent->table.format.input_bits :
				       output,
		.coherent = smmu->coherent,
	};
}

static int domain_make_table(struct smmuv3 *smmu, struct smmuv3_domain *domain,
			     const struct smmuv3_domain_config *config)
{
	struct pgtable_format format = domain_format_of(smmu, config);
	struct cd cd;
	int error = domain_has_table(domain) ? pgtable_init(&domain->table, &format) : 0;

	if (!error && domain_has_stage1(domain)) {
		smmuv3_cd_of(smmu, domain, &cd);
		smmuv3_install_cd(smmu, domain->asid, &cd);
	}
	return error;
}

int smmuv3_domain_make(struct smmuv3 *smmu, const struct smmuv3_domain_config *config, struct smmuv3_domain **made)
{
	int error = domain_check(smmu, config);
	struct smmuv3_domain *domain;

	error = error ? error : smmuv3_check_health(smmu);
	if (error) {
		return error;
	}
	domain = domain_reserve(smmu, config);
	if (!domain) {
		return -ENOMEM;
	}
	error = domain_make_table(smmu, domain, config);
	if (error) {
		domain_put_free(smmu, domain);
		return error;
	}
	if (domain->parent) {
		domain->parent->has_children = true;
	}
	*made = domain;
	return 0;
}

struct iommu_domain *smmuv3_domain_allocate(struct iommu_instance *iommu)
{
	struct smmuv3 *smmu = smmuv3_of(iommu);
	struct smmuv3_domain *domain;
	struct smmuv3_domain_config config = {
		.kind = smmu->features.stage1 ? SMMUV3_STAGE1 : SMMUV3_STAGE2,
		.granule_bits = smmuv3_granule_bits(&smmu->features),
	};

	return smmuv3_domain_make(smmu, &config, &domain) ? NULL : &domain->domain;
}

static int domain_flush(struct smmuv3 *smmu, const struct smmuv3_domain *domain)
{
	struct command tlbi = smmuv3_tlbi_domain(domain);

	if (smmuv3_health(smmu) == SMMUV3_OFF || !domain_has_table(domain)) {
		return 0;
	}
	return smmuv3_issue(smmu, &tlbi, 1);
}

static void domain_hold(struct smmuv3 *smmu, struct smmuv3_domain *domain)
{
	uint32_t saved = lock(&smmu->lock);

	domain->next_free = smmu->held_domain;
	smmu->held_domain = domain;
	unlock(&smmu->lock, saved);
}

static void domain_give_back(struct smmuv3 *smmu, struct smmuv3_domain *domain)
{
	if (domain_has_table(domain)) {
		pgtable_destroy(&domain->table);
	}
	domain_put_free(smmu, domain);
}

static struct smmuv3_domain *domain_take_held(struct smmuv3 *smmu)
{
	uint32_t saved = lock(&smmu->lock);
	struct smmuv3_domain *domain = smmu->held_domain;

	smmu->held_domain = domain ? domain->next_free : NULL;
	unlock(&smmu->lock, saved);
	return domain;
}

void smmuv3_domains_give_back(struct smmuv3 *smmu)
{
	struct smmuv3_domain *domain;

	while ((domain = domain_take_held(smmu))) {
		domain_give_back(smmu, domain);
	}
}

int smmuv3_domain_free(struct iommu_domain *iommu_domain)
{
	struct smmuv3_domain *domain = domain_of(iommu_domain);
	struct smmuv3 *smmu = smmuv3_of(iommu_domain->iommu);

	if (domain_has_stage1(domain)) {
		smmuv3_clear_cd(smmu, domain->asid);
	}
	if (domain_flush(smmu, domain)) {
		domain_hold(smmu, domain);
		return -EIO;
	}
	domain_give_back(smmu, domain);
	return 0;
}

int smmuv3_domain_map(struct iommu_domain *iommu_domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	struct smmuv3_domain *domain = domain_of(iommu_domain);
	int error = smmuv3_check_health(smmuv3_of(iommu_domain->iommu));

	if (error) {
		return error;
	}
	/* No invalidation: an SMMU never caches invalid entries. */
	return domain_has_table(domain) ? pgtable_map(&domain->table, iova, pa, size, access) : -ENOTSUP;
}

int smmuv3_domain_unmap(struct iommu_domain *iommu_domain, uint64_t iova, uint64_t size)
{
	struct smmuv3_domain *domain = domain_of(iommu_domain);
	struct smmuv3 *smmu = smmuv3_of(iommu_domain->iommu);
	struct command commands[SMMUV3_TLBI_MAX];
	unsigned int count;
	int error = domain_has_table(domain) ? smmuv3_check_health(smmu) : -ENOTSUP;

	error = error ? error : pgtable_unmap(&domain->table, iova, size);
	if (error) {
		return error;
	}
	count = smmuv3_tlbi_range(smmu, domain, iova, size, !pgtable_has_retired(&domain->table), commands);
	error = smmuv3_issue(smmu, commands, count);
	if (!error) {
		/*
		 * No walk cache holds the unlinked tables now. After an error they stay with the domain until it is
		 * freed.
		 */
		pgtable_reclaim(&domain->table);
	}
	return error;
}

int smmuv3_domain_translate(const struct iommu_domain *iommu_domain, uint64_t iova, uint64_t *pa)
{
	const struct smmuv3_domain *domain = (const struct smmuv3_domain *)iommu_domain;
	unsigned int access;

	if (!domain_has_table(domain)) {
		*pa = iova;
		return domain->kind == SMMUV3_BYPASS ? 0 : -ENOENT;
	}
	return pgtable_translate(&domain->table, iova, pa, &access);
}

bool smmuv3_domain_is_empty(const struct iommu_domain *iommu_domain, uint64_t iova, uint64_t size)
{
	const struct smmuv3_domain *domain = (const struct smmuv3_domain *)iommu_domain;

	return domain_has_table(domain) ? pgtable_is_empty(&domain->table, iova, size) : domain->kind != SMMUV3_BYPASS;
}

int smmuv3_domain_share_tables(struct smmuv3_domain *parent)
{
	uint64_t first;
	uint64_t size;

	arena_bounds(&first, &size);
	return smmuv3_domain_map(&parent->domain, first, first, size, PGTABLE_READ);
}
