/* SPDX-License-Identifier: BSD-2-Clause */
/* When an STE is ILLEGAL (IHI 0070 5.2.2). Each rule by itself, so that all that are broken are told. */
#include "explain/private.h"

struct rule {
	bool (*is_broken)(const struct explain_smmu *smmu, const uint64_t ste[8]);
	const char *words;
};

static bool stage1_is_absent(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return has_stage1(ste) && !IDR(smmu, 0, S1P);
}

static bool stage2_is_absent(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return has_stage2(ste) && !IDR(smmu, 0, S2P);
}

static bool may_use_ats(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return IDR(smmu, 0, ATS) && !ste_aborts(ste) && config_of(ste) != STE0_CONFIG_BYPASS;
}

static bool split_ats_is_wrong(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return may_use_ats(smmu, ste) && FIELD_GET64(STE1_EATS, ste[1]) == 2 &&
	       (config_of(ste) != STE0_CONFIG_NESTED || ste[2] & STE2_S2S || IDR(smmu, 0, NS1ATS));
}

static bool ats_stalls(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return may_use_ats(smmu, ste) && FIELD_GET64(STE1_EATS, ste[1]) == 1 && has_stage2(ste) && ste[2] & STE2_S2S;
}

static bool uses_strw(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return config_of(ste) == STE0_CONFIG_S1 && IDR(smmu, 0, S1P) && IDR(smmu, 0, HYP);
}

static bool strw_is_reserved(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return uses_strw(smmu, ste) && FIELD_GET64(STE1_STRW, ste[1]) & 1;
}

static bool stall_is_disabled_in_vain(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return has_stage1(ste) && ste[1] & STE1_S1STALLD && IDR(smmu, 0, STALL_MODEL) != IDR0_STALL_MODEL_BOTH;
}

static bool has_too_many_substreams(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return has_stage1(ste) && explain_ssid_bits_of(smmu, ste) > smmu->ssid_bits;
}

static bool has_two_level_cds_in_vain(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return has_stage1(ste) && explain_cd_split(smmu, ste) && !IDR(smmu, 0, CD2L);
}

static bool context_pointer_is_far(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return has_stage1(ste) && explain_pointer(ste[0], 6) > low_bits(smmu->output_bits);
}

static bool stall2_is_absent(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return has_stage2(ste) && ste[2] & STE2_S2S && IDR(smmu, 0, STALL_MODEL) == IDR0_STALL_MODEL_NONE;
}

static bool stall2_is_forced(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return has_stage2(ste) && !(ste[2] & STE2_S2S) && IDR(smmu, 0, STALL_MODEL) == IDR0_STALL_MODEL_FORCED;
}

static bool is_lpae(const uint64_t ste[8])
{
	return !(ste[2] & STE2_S2AA64);
}

static bool format2_is_absent(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	if (!has_stage2(ste) || (is_lpae(ste) && IDR(smmu, 5, D128))) {
		return false;
	}
	return !(IDR(smmu, 0, TTF) & (is_lpae(ste) ? IDR0_TTF_AARCH32 : IDR0_TTF_AARCH64));
}

static bool httu2_is_absent(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	unsigned int httu = IDR(smmu, 0, HTTU);

	if (!has_stage2(ste)) {
		return false;
	}
	return (ste[2] & (STE2_S2HA | STE2_S2HD) && (!httu || is_lpae(ste))) || (ste[2] & STE2_S2HD && httu == 1);
}

static bool walks_v8_64(const uint64_t ste[8])
{
	return has_stage2(ste) && !is_lpae(ste);
}

static bool granule2_is_absent(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return walks_v8_64(ste) &&
	       !explain_has_granule(smmu, explain_granule_of_tg0((unsigned int)FIELD_GET64(STE2_S2TG, ste[2])));
}

static bool table2_is_far(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	struct stage stage;
	unsigned int range;

	explain_stage2_of(smmu, ste, &stage);
	range = stage.output_bits;
	if (range > 48 && stage.granule_bits != 16 && !stage.has_ds) {
		range = 48;
	}
	return has_stage2(ste) && stage.root > low_bits(range);
}

static bool size2_is_wrong(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	unsigned int tsz = (unsigned int)FIELD_GET64(STE2_S2T0SZ, ste[2]), most = 39, least = 64 - smmu->output_bits;
	struct stage stage;

	explain_stage2_of(smmu, ste, &stage);
	if (IDR(smmu, 3, STT)) {
		most = stage.granule_bits == 16 ? 47 : 48;
	}
	if (least < 16 && stage.granule_bits != 16 && !stage.has_ds) {
		least = 16;
	}
	return walks_v8_64(ste) && (tsz < least || tsz > most);
}

/* The largest SL0 reaches one level more where the SMMU puts out enough bits (DDI 0487, VTCR_EL2.SL0). */
static bool start_is_too_high(const struct explain_smmu *smmu, const struct stage *stage)
{
	switch (stage->granule_bits) {
	case 12:
		return stage->start_level == 0 && smmu->output_bits < 44;
	case 14:
		return stage->start_level == 0 ? !stage->has_ds : stage->start_level == 1 && smmu->output_bits < 42;
	default:
		return stage->start_level == 0 || (stage->start_level == 1 && smmu->output_bits < 44);
	}
}

/* The first level resolves a bit at least, and at most 4 more than others: 16 tables side by side. */
static bool start2_is_wrong(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	struct stage stage;
	unsigned int below;

	explain_stage2_of(smmu, ste, &stage);
	if (!has_stage2(ste) || !stage.granule_bits) {
		return false;
	}
	if (walks_v8_64(ste) && FIELD_GET64(STE2_S2SL0, ste[2]) == 3 && stage.granule_bits == 12 &&
	    !IDR(smmu, 3, STT)) {
		return true;
	}
	below = explain_level_bits(&stage, stage.start_level);
	return (walks_v8_64(ste) && start_is_too_high(smmu, &stage)) || stage.input_bits <= below ||
	       stage.input_bits > below + stage.granule_bits - 3 + 4;
}

static bool endian2_is_absent(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	unsigned int endian = IDR(smmu, 0, TTENDIAN);

	return has_stage2(ste) && (ste[2] & STE2_S2ENDI ? endian == IDR0_TTENDIAN_LITTLE : endian == IDR0_TTENDIAN_BIG);
}

static bool vmid_is_long(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	bool is_el2 = uses_strw(smmu, ste) && FIELD_GET64(STE1_STRW, ste[1]);

	return !ste_aborts(ste) && config_of(ste) != STE0_CONFIG_BYPASS && IDR(smmu, 0, S2P) && !is_el2 &&
	       !IDR(smmu, 0, VMID16) && FIELD_GET64(STE2_S2VMID, ste[2]) > 0xff;
}

static const struct rule rules[] = {
	{stage1_is_absent, "Config has stage 1, which this SMMU does not have (IDR0.S1P)"},
	{stage2_is_absent, "Config has stage 2, which this SMMU does not have (IDR0.S2P)"},
	{split_ats_is_wrong, "EATS is split-stage ATS, which needs both stages, S2S 0 and IDR0.NS1ATS 0"},
	{ats_stalls, "EATS is full ATS while stage 2 stalls (S2S)"},
	{strw_is_reserved, "STRW has a reserved value"},
	{stall_is_disabled_in_vain, "S1STALLD is set, and the stall model is not both (IDR0.STALL_MODEL)"},
	{has_too_many_substreams, "S1CDMax is beyond IDR1.SSIDSIZE"},
	{has_two_level_cds_in_vain, "S1Fmt is a 2-level table, which this SMMU does not have (IDR0.CD2L)"},
	{context_pointer_is_far, "S1ContextPtr is beyond the address size (IDR5.OAS)"},
	{stall2_is_absent, "S2S is set, and this SMMU never stalls (IDR0.STALL_MODEL)"},
	{stall2_is_forced, "S2S is clear, and this SMMU always stalls (IDR0.STALL_MODEL)"},
	{format2_is_absent, "S2AA64 is a format that this SMMU does not walk (IDR0.TTF)"},
	{httu2_is_absent, "S2HA or S2HD asks for what this SMMU does not update (IDR0.HTTU)"},
	{granule2_is_absent, "S2TG is a granule that this SMMU does not have (IDR5)"},
	{table2_is_far, "S2TTB is beyond S2PS"},
	{size2_is_wrong, "S2T0SZ is out of range"},
	{start2_is_wrong, "S2SL0 does not go with S2T0SZ and S2TG"},
	{endian2_is_absent, "S2ENDI is an endianness that this SMMU does not have (IDR0.TTENDIAN)"},
	{vmid_is_long, "S2VMID has more than 8 bits (IDR0.VMID16)"},
};

const char *explain_ste_broken(const struct explain_smmu *smmu, const uint64_t ste[8], unsigned int n)
{
	for (unsigned int i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (ste[0] & STE0_V && rules[i].is_broken(smmu, ste) && !n--) {
			return rules[i].words;
		}
	}
	return NULL;
}
