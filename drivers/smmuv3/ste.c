/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "smmuv3/private.h"

/* Without attribute overrides RES0: incoming attributes are used. */
static uint64_t ste_shareability(const struct smmuv3 *smmu)
{
	return smmu->features.attribute_overrides ? FIELD_PUT64(STE1_SHCFG, STE1_SHCFG_INCOMING) : 0;
}

static uint64_t ste_stage1_attributes(const struct smmuv3 *smmu)
{
	uint64_t cacheability = smmu->coherent ? CACHE_WRITE_BACK : 0;
	uint64_t attributes = FIELD_PUT64(STE1_S1CIR, cacheability) | FIELD_PUT64(STE1_S1COR, cacheability) |
			      FIELD_PUT64(STE1_S1CSH, SHARE_INNER) | ste_shareability(smmu);

	/* No transaction stalls: faults terminate. */
	return smmu->features.stall_model == IDR0_STALL_MODEL_BOTH ? attributes | STE1_S1STALLD : attributes;
}

void smmuv3_ste_blank(const struct smmuv3 *smmu, struct ste *ste)
{
	*ste = (struct ste){0};
	ste->dword[1] = smmu->features.stage1 ? ste_stage1_attributes(smmu) : ste_shareability(smmu);
}

void smmuv3_ste_abort(const struct smmuv3 *smmu, struct ste *ste)
{
	smmuv3_ste_blank(smmu, ste);
	ste->dword[0] = STE0_V | FIELD_PUT64(STE0_CONFIG, STE0_CONFIG_ABORT);
}

static void ste_put_bypass(const struct smmuv3 *smmu, struct ste *ste)
{
	ste->dword[0] = STE0_V | FIELD_PUT64(STE0_CONFIG, STE0_CONFIG_BYPASS);
	ste->dword[1] = ste_shareability(smmu);
}

static void ste_put_stage1(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct ste *ste)
{
	ste->dword[0] |= arch_phys(&smmu->cd[domain->asid]) & STE0_S1CONTEXTPTR_MASK;
	ste->dword[1] |= ste_stage1_attributes(smmu);
}

static void ste_put_stage2(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct ste *ste)
{
	uint64_t cacheability = smmu->coherent ? CACHE_WRITE_BACK : 0;

	ste->dword[1] |= ste_shareability(smmu);
	ste->dword[2] |=
		FIELD_PUT64(STE2_S2VMID, domain->vmid) | FIELD_PUT64(STE2_S2T0SZ, pgtable_t0sz(&domain->table)) |
		FIELD_PUT64(STE2_S2SL0, pgtable_sl0(&domain->table)) | FIELD_PUT64(STE2_S2IR0, cacheability) |
		FIELD_PUT64(STE2_S2OR0, cacheability) | FIELD_PUT64(STE2_S2SH0, SHARE_INNER) |
		FIELD_PUT64(STE2_S2TG, pgtable_tg(&domain->table)) |
		FIELD_PUT64(STE2_S2PS, smmuv3_output_code(domain->table.format.output_bits)) | STE2_S2AA64 | STE2_S2R;
	if (smmu->features.stall_model == IDR0_STALL_MODEL_FORCED) {
		ste->dword[2] |= STE2_S2S;
	}
	ste->dword[3] = pgtable_root(&domain->table) & STE3_S2TTB_MASK;
}

void smmuv3_ste_of(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct ste *ste)
{
	*ste = (struct ste){0};
	switch (domain->kind) {
	case SMMUV3_STAGE1:
		ste->dword[0] = STE0_V | FIELD_PUT64(STE0_CONFIG, STE0_CONFIG_S1);
		ste_put_stage1(smmu, domain, ste);
		break;
	case SMMUV3_STAGE2:
		ste->dword[0] = STE0_V | FIELD_PUT64(STE0_CONFIG, STE0_CONFIG_S2);
		ste_put_stage2(smmu, domain, ste);
		break;
	case SMMUV3_NESTED:
		ste->dword[0] = STE0_V | FIELD_PUT64(STE0_CONFIG, STE0_CONFIG_NESTED);
		ste_put_stage1(smmu, domain, ste);
		ste_put_stage2(smmu, domain->parent, ste);
		break;
	case SMMUV3_BYPASS:
		ste_put_bypass(smmu, ste);
		break;
	default:
		smmuv3_ste_abort(smmu, ste);
		break;
	}
}

/* --- Bits that the SMMU reads. --- */

#define STE0_USED_S1 (FIELD_MASK(STE0_CONFIG) | BIT64(4) | BIT64(5) | STE0_S1CONTEXTPTR_MASK | FIELD_MASK(STE0_S1CDMAX))
#define STE1_USED_S1                                                                                                   \
	(FIELD_MASK(STE1_S1DSS) | FIELD_MASK(STE1_S1CIR) | FIELD_MASK(STE1_S1COR) | FIELD_MASK(STE1_S1CSH) |           \
	 STE1_S1STALLD | FIELD_MASK(STE1_EATS) | FIELD_MASK(STE1_STRW) | STE1_MEV | FIELD_MASK(STE1_SHCFG))
#define STE1_USED_S2 (FIELD_MASK(STE1_EATS) | STE1_MEV | FIELD_MASK(STE1_SHCFG))

void smmuv3_ste_used(const uint64_t *dword, uint64_t *used)
{
	uint64_t config = FIELD_GET64(STE0_CONFIG, dword[0]);

	for (unsigned int i = 0; i < STE_DWORDS; i++) {
		used[i] = 0;
	}
	used[0] = STE0_V;
	if (!(dword[0] & STE0_V)) {
		return;
	}
	used[0] |= FIELD_MASK(STE0_CONFIG);
	if (config == STE0_CONFIG_BYPASS) {
		used[1] = FIELD_MASK(STE1_SHCFG);
	}
	if (!(config & STE0_CONFIG_BYPASS)) {
		return;
	}
	if (config & STE0_CONFIG_TRANSLATES_S1) {
		used[0] |= STE0_USED_S1;
		used[1] |= STE1_USED_S1;
		used[2] |= FIELD_MASK(STE2_S2VMID);
	}
	if (config & STE0_CONFIG_TRANSLATES_S2) {
		used[1] |= STE1_USED_S2;
		used[2] = ~0ULL;
		used[3] = STE3_S2TTB_MASK;
	}
}

/* MEV (merging of like events) may differ for a moment. */
void smmuv3_ste_safe(uint64_t *safe)
{
	for (unsigned int i = 0; i < STE_DWORDS; i++) {
		safe[i] = 0;
	}
	safe[1] = STE1_MEV;
}
