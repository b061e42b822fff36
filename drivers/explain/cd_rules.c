/* SPDX-License-Identifier: BSD-2-Clause */
/* When a CD is ILLEGAL (IHI 0070 5.4.2), as its STE uses it. */
#include "explain/private.h"

struct subject {
	const struct explain_smmu *smmu;
	const uint64_t *ste;
	const uint64_t *cd;
	struct stage half[2]; /* TTB0, TTB1. */
};

struct rule {
	bool (*is_broken)(const struct subject *s);
	const char *words;
};

static bool is_lpae(const struct subject *s)
{
	return !(s->cd[0] & CD0_AA64);
}

static bool stalls_though_disabled(const struct subject *s)
{
	return s->cd[0] & CD0_S && s->ste[1] & STE1_S1STALLD;
}

static bool terminates_in_vain(const struct subject *s)
{
	return !(s->cd[0] & CD0_A) && IDR(s->smmu, 0, TERM_MODEL);
}

static bool stall_is_absent(const struct subject *s)
{
	return s->cd[0] & CD0_S && IDR(s->smmu, 0, STALL_MODEL) == IDR0_STALL_MODEL_NONE;
}

static bool stall_is_forced(const struct subject *s)
{
	return !(s->cd[0] & CD0_S) && IDR(s->smmu, 0, STALL_MODEL) == IDR0_STALL_MODEL_FORCED;
}

static bool format_is_absent(const struct subject *s)
{
	if (is_lpae(s) && IDR(s->smmu, 5, D128)) {
		return false;
	}
	return !(IDR(s->smmu, 0, TTF) & (is_lpae(s) ? IDR0_TTF_AARCH32 : IDR0_TTF_AARCH64));
}

static bool format_is_short(const struct subject *s)
{
	return is_lpae(s) && explain_regime_of(s->smmu, s->ste) == REGIME_EL2_E2H && !IDR(s->smmu, 5, D128);
}

static bool format_is_mixed(const struct subject *s)
{
	return !is_lpae(s) && has_stage2(s->ste) && !(s->ste[2] & STE2_S2AA64) && !IDR(s->smmu, 5, D128);
}

static bool httu_is_absent(const struct subject *s)
{
	unsigned int httu = IDR(s->smmu, 0, HTTU);

	return (s->cd[0] & (CD0_HA | CD0_HD) && (!httu || is_lpae(s))) || (s->cd[0] & CD0_HD && httu == 1);
}

static bool endian_is_absent(const struct subject *s)
{
	unsigned int endian = IDR(s->smmu, 0, TTENDIAN);

	return !(s->half[0].is_disabled && s->half[1].is_disabled) &&
	       (s->cd[0] & CD0_ENDI ? endian == IDR0_TTENDIAN_LITTLE : endian == IDR0_TTENDIAN_BIG);
}

static bool asid_is_long(const struct subject *s)
{
	return explain_regime_of(s->smmu, s->ste) != REGIME_EL2 && !IDR(s->smmu, 0, ASID16) &&
	       FIELD_GET64(CD0_ASID, s->cd[0]) > 0xff;
}

static bool granule_is_absent(const struct subject *s, unsigned int half)
{
	return !s->half[half].is_disabled && !is_lpae(s) && !explain_has_granule(s->smmu, s->half[half].granule_bits);
}

static bool size_is_wrong(const struct subject *s, unsigned int half)
{
	const struct stage *stage = &s->half[half];
	unsigned int tsz = 64 - stage->input_bits, least = 16, most = 39;

	if (IDR(s->smmu, 3, STT)) {
		most = stage->granule_bits == 16 ? 47 : 48;
	}
	if (IDR(s->smmu, 5, VAX) && (stage->granule_bits == 16 || stage->has_ds)) {
		least = 12;
	}
	return !stage->is_disabled && !is_lpae(s) && (tsz < least || tsz > most);
}

static bool table_is_far(const struct subject *s, unsigned int half)
{
	const struct stage *stage = &s->half[half];
	unsigned int range = stage->output_bits;

	if (range > 48 && stage->granule_bits != 16 && !stage->has_ds) {
		range = 48;
	}
	return !stage->is_disabled && stage->root > low_bits(range);
}

#define OF_HALF(rule, half)                                                                                            \
	static bool rule##half(const struct subject *s)                                                                \
	{                                                                                                              \
		return rule(s, half);                                                                                  \
	}

OF_HALF(granule_is_absent, 0)
OF_HALF(granule_is_absent, 1)
OF_HALF(size_is_wrong, 0)
OF_HALF(size_is_wrong, 1)
OF_HALF(table_is_far, 0)
OF_HALF(table_is_far, 1)

static const struct rule rules[] = {
	{stalls_though_disabled, "S is set, and S1STALLD of the STE is as well"},
	{terminates_in_vain, "A is clear, and this SMMU only aborts (IDR0.TERM_MODEL)"},
	{stall_is_absent, "S is set, and this SMMU never stalls (IDR0.STALL_MODEL)"},
	{stall_is_forced, "S is clear, and this SMMU always stalls (IDR0.STALL_MODEL)"},
	{format_is_absent, "AA64 is a format that this SMMU does not walk (IDR0.TTF)"},
	{format_is_short, "AA64 is clear in a stream for EL2 with E2H"},
	{format_is_mixed, "AA64 is set, and S2AA64 of the STE is clear"},
	{httu_is_absent, "HA or HD asks for what this SMMU does not update (IDR0.HTTU)"},
	{endian_is_absent, "ENDI is an endianness that this SMMU does not have (IDR0.TTENDIAN)"},
	{asid_is_long, "ASID has more than 8 bits (IDR0.ASID16)"},
	{granule_is_absent0, "TG0 is a granule that this SMMU does not have (IDR5)"},
	{granule_is_absent1, "TG1 is a granule that this SMMU does not have (IDR5)"},
	{size_is_wrong0, "T0SZ is out of range"},
	{size_is_wrong1, "T1SZ is out of range"},
	{table_is_far0, "TTB0 is beyond IPS"},
	{table_is_far1, "TTB1 is beyond IPS"},
};

const char *explain_cd_broken(const struct explain_smmu *smmu, const uint64_t ste[8], const uint64_t cd[8],
			      unsigned int n)
{
	struct subject s = {.smmu = smmu, .ste = ste, .cd = cd};

	explain_stage1_of(smmu, ste, cd, false, &s.half[0]);
	explain_stage1_of(smmu, ste, cd, true, &s.half[1]);
	for (unsigned int i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (cd[0] & CD0_V && rules[i].is_broken(&s) && !n--) {
			return rules[i].words;
		}
	}
	return NULL;
}
