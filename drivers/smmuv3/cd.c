/* SPDX-License-Identifier: BSD-2-Clause */
/* Context descriptors (IHI 0070 5.4). */
#include <stddef.h>

#include "base/store.h"
#include "smmuv3/private.h"

#define OUTPUT_CODE_52 6U

/* As IDR5.OAS; also for CD.IPS and STE.S2PS. */
unsigned int smmuv3_output_code(unsigned int output_bits)
{
	static const unsigned char bits[] = {32, 36, 40, 42, 44, 48, 52};
	unsigned int code = 0;

	while (code < OUTPUT_CODE_52 && bits[code] < output_bits) {
		code++;
	}
	return code;
}

void smmuv3_cd_of(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct cd *cd)
{
	const struct pgtable *table = &domain->table;
	uint64_t cacheability = smmu->coherent ? CACHE_WRITE_BACK : 0;

	*cd = (struct cd){0};
	/* A: a fault aborts. R: it is recorded. ASET: the ASID is not the cores'. */
	cd->dword[0] = FIELD_PUT64(CD0_T0SZ, pgtable_t0sz(table)) | FIELD_PUT64(CD0_TG0, pgtable_tg(table)) |
		       FIELD_PUT64(CD0_IR0, cacheability) | FIELD_PUT64(CD0_OR0, cacheability) |
		       FIELD_PUT64(CD0_SH0, SHARE_INNER) | CD0_EPD1 | CD0_V |
		       FIELD_PUT64(CD0_IPS, smmuv3_output_code(table->format.output_bits)) | CD0_AA64 | CD0_R | CD0_A |
		       CD0_ASET | FIELD_PUT64(CD0_ASID, domain->asid);
	if (smmu->features.stall_model == IDR0_STALL_MODEL_FORCED) {
		cd->dword[0] |= CD0_S;
	}
	cd->dword[1] = pgtable_root(table) & CD1_TTB0_MASK;
	cd->dword[CD3_MAIR] = pgtable_mair();
}

void smmuv3_cd_used(const uint64_t *dword, uint64_t *used)
{
	for (unsigned int i = 0; i < CD_DWORDS; i++) {
		used[i] = dword[0] & CD0_V ? ~0ULL : 0;
	}
	used[0] |= CD0_V;
}

/* Nothing is cached: no STE points here, or the SMMU is off. smmuv3_damage() invalidates by itself. */
static int cd_invalidate_nothing(const struct entry_update *update)
{
	(void)update;
	return 0;
}

void smmuv3_empty_cd(struct smmuv3 *smmu, unsigned int asid)
{
	while (smmu->cd_count <= asid) {
		smmu->cd[smmu->cd_count++] = (struct cd){0};
	}
}

void smmuv3_install_cd(struct smmuv3 *smmu, unsigned int asid, const struct cd *cd)
{
	const struct entry_update update = {
		.smmu = smmu,
		.valid = CD0_V,
		.used = smmuv3_cd_used,
		.invalidate = cd_invalidate_nothing,
	};

	(void)smmuv3_update_entry(&update, smmu->cd[asid].dword, cd->dword);
}

void smmuv3_clear_cd(struct smmuv3 *smmu, unsigned int asid)
{
	store64(&smmu->cd[asid].dword[0], 0);
	smmuv3_publish(smmu, &smmu->cd[asid], sizeof(struct cd));
}
