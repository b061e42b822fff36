/* SPDX-License-Identifier: BSD-2-Clause */
/* STEs and CDs in words (IHI 0070 5.2, 5.4), and what follows from them for a walk. */
#include "explain/private.h"

enum regime explain_regime_of(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	/* STRW is looked at with stage 1 alone, and where EL2 is there. */
	if (config_of(ste) != STE0_CONFIG_S1 || !IDR(smmu, 0, HYP) || FIELD_GET64(STE1_STRW, ste[1]) != STE1_STRW_EL2) {
		return REGIME_EL1;
	}
	return register_of(smmu, EXPLAIN_CR2) & CR2_E2H ? REGIME_EL2_E2H : REGIME_EL2;
}

unsigned int explain_ssid_bits_of(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	return smmu->ssid_bits ? (unsigned int)FIELD_GET64(STE0_S1CDMAX, ste[0]) : 0;
}

unsigned int explain_cd_split(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	if (!explain_ssid_bits_of(smmu, ste)) {
		return 0;
	}
	switch (FIELD_GET64(STE0_S1FMT, ste[0])) {
	case STE0_S1FMT_4K:
		return 6;
	case STE0_S1FMT_64K:
		return 10;
	default:
		return 0;
	}
}

/* Aligned to its size: lower bits of S1ContextPtr are RES0. */
uint64_t explain_cd_table(const struct explain_smmu *smmu, const uint64_t ste[8])
{
	unsigned int bits = explain_ssid_bits_of(smmu, ste), split = explain_cd_split(smmu, ste), aligned = bits + 6;

	if (split) {
		aligned = bits > split + 3 ? bits - split + 3 : 6;
	}
	return explain_pointer(ste[0], 6) & ~low_bits(aligned);
}

static int first_level(unsigned int granule_bits, unsigned int input_bits)
{
	int level = 3;

	while (level > -1 && granule_bits + (unsigned int)(4 - level) * (granule_bits - 3) < input_bits) {
		level--;
	}
	return level;
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* VMSAv8-32 LPAE: 40 bits out, 4 KiB, T0SZ of 3 bits. */
static void make_lpae(struct stage *stage, unsigned int tsz)
{
	stage->granule_bits = 12;
	stage->input_bits = 32 - (tsz & 7);
	stage->output_bits = 40;
	stage->has_ds = false;
}

void explain_stage1_of(const struct explain_smmu *smmu, const uint64_t ste[8], const uint64_t cd[8], bool upper,
		       struct stage *stage)
{
	enum regime regime = explain_regime_of(smmu, ste);
	unsigned int tsz = (unsigned int)(upper ? FIELD_GET64(CD0_T1SZ, cd[0]) : FIELD_GET64(CD0_T0SZ, cd[0]));

	*stage = (struct stage){
		.number = 1,
		.granule_bits = upper ? explain_granule_of_tg1((unsigned int)FIELD_GET64(CD0_TG1, cd[0])) :
					explain_granule_of_tg0((unsigned int)FIELD_GET64(CD0_TG0, cd[0])),
		.input_bits = 64 - tsz,
		.output_bits = smaller(explain_address_bits_of(smmu, (unsigned int)FIELD_GET64(CD0_IPS, cd[0])),
				       smmu->output_bits),
		.root = cd[upper ? 2 : 1] & CD1_TTB0_MASK,
		.is_big_endian = cd[0] & CD0_ENDI,
		.access_flag_faults = !(cd[0] & (CD0_AFFD | CD0_HA)),
		.dirty_state = cd[0] & CD0_HD,
		.hierarchy_disabled = IDR(smmu, 3, HAD) && cd[upper ? 2 : 1] & (upper ? CD2_HAD1 : CD1_HAD0),
		.single_privilege = regime == REGIME_EL2,
		.write_never_executes = cd[0] & CD0_WXN,
		.is_disabled = regime == REGIME_EL2 ? upper : (bool)(cd[0] & (upper ? CD0_EPD1 : CD0_EPD0))};
	stage->has_ds = IDR(smmu, 5, DS) && cd[2] & CD2_DS && stage->granule_bits != 16;
	if (!(cd[0] & CD0_AA64)) {
		make_lpae(stage, tsz);
	}
	if (stage->granule_bits) {
		stage->start_level = first_level(stage->granule_bits, stage->input_bits);
	}
}

/* VTCR_EL2.SL0 and SL2 (DDI 0487). */
static int start_level(const uint64_t ste[8], const struct stage *stage)
{
	int sl0 = (int)FIELD_GET64(STE2_S2SL0, ste[2]);

	if (stage->granule_bits != 12) {
		return 3 - sl0;
	}
	if (stage->has_ds && ste[3] & STE3_S2SL0_2) {
		return -1;
	}
	return sl0 == 3 ? 3 : 2 - sl0;
}

void explain_stage2_of(const struct explain_smmu *smmu, const uint64_t ste[8], struct stage *stage)
{
	*stage = (struct stage){
		.number = 2,
		.granule_bits = explain_granule_of_tg0((unsigned int)FIELD_GET64(STE2_S2TG, ste[2])),
		.input_bits = 64 - (unsigned int)FIELD_GET64(STE2_S2T0SZ, ste[2]),
		.output_bits = smaller(explain_address_bits_of(smmu, (unsigned int)FIELD_GET64(STE2_S2PS, ste[2])),
				       smmu->output_bits),
		.root = ste[3] & STE3_S2TTB_MASK,
		.is_big_endian = ste[2] & STE2_S2ENDI,
		.access_flag_faults = !(ste[2] & (STE2_S2AFFD | STE2_S2HA)),
		.dirty_state = ste[2] & STE2_S2HD};
	stage->has_ds = IDR(smmu, 5, DS) && ste[3] & STE3_S2DS && stage->granule_bits != 16;
	stage->start_level = start_level(ste, stage);
	if (!(ste[2] & STE2_S2AA64)) {
		/* T0SZ is a signed number of 4 bits. */
		unsigned int tsz = (unsigned int)FIELD_GET64(STE2_S2T0SZ, ste[2]) & 0xf;

		make_lpae(stage, 0);
		stage->input_bits = tsz & 8 ? 32 + (16 - tsz) : 32 - tsz;
		stage->start_level = 2 - (int)(FIELD_GET64(STE2_S2SL0, ste[2]) & 1);
	}
}

/* --- Words. --- */

static void add_stage(char *text, const struct stage *stage, const char *table)
{
	char size[SIZE_WORDS];

	explain_append(text, "%s 0x%llx, %s pages, %u -> %u bits%s%s", table, (unsigned long long)stage->root,
		       stage->granule_bits ? explain_size_words(stage->granule_bits, size) : "no valid",
		       stage->input_bits, stage->output_bits, stage->has_ds ? " (DS)" : "",
		       stage->is_big_endian ? ", big-endian" : "");
}

static void add_stage1(const struct explain_smmu *smmu, const uint64_t ste[8], char *text)
{
	unsigned int bits = explain_ssid_bits_of(smmu, ste);
	static const char *const without[] = {"aborts", "bypasses stage 1", "uses substream 0", "is reserved"};

	if (!bits) {
		explain_append(text, ", CD at 0x%llx", (unsigned long long)explain_cd_table(smmu, ste));
		return;
	}
	explain_append(text, ", 2^%u substreams in a %s table at 0x%llx, without one it %s", bits,
		       explain_cd_split(smmu, ste) ? "2-level" : "linear",
		       (unsigned long long)explain_cd_table(smmu, ste), without[FIELD_GET64(STE1_S1DSS, ste[1])]);
}

static const char *config_words(unsigned int config)
{
	static const char *const words[] = {
		"aborts, without an event",	   "reserved, aborts", "reserved, aborts", "reserved, aborts",
		"bypasses: nothing is translated", "stage 1",	       "stage 2",	   "nested: stages 1 and 2"};

	return words[config & 7];
}

void explain_ste(const struct explain_smmu *smmu, const uint64_t ste[8], char *text)
{
	struct stage stage;

	text[0] = '\0';
	if (!(ste[0] & STE0_V)) {
		explain_append(text, "invalid (V is 0)");
		return;
	}
	explain_append(text, "%s", config_words(config_of(ste)));
	if (has_stage1(ste)) {
		add_stage1(smmu, ste, text);
		explain_append(text, "%s", explain_regime_of(smmu, ste) == REGIME_EL1 ? "" : ", for EL2");
	}
	if (has_stage2(ste)) {
		explain_stage2_of(smmu, ste, &stage);
		explain_append(text, ", VMID %u, ", (unsigned int)FIELD_GET64(STE2_S2VMID, ste[2]));
		add_stage(text, &stage, "S2TTB");
		explain_append(text, "%s",
			       ste[2] & STE2_S2S ? ", faults stall" :
			       ste[2] & STE2_S2R ? "" :
						   ", no events");
	}
}

void explain_cd(const struct explain_smmu *smmu, const uint64_t ste[8], const uint64_t cd[8], char *text)
{
	bool any = false;

	text[0] = '\0';
	if (!(cd[0] & CD0_V)) {
		explain_append(text, "invalid (V is 0)");
		return;
	}
	explain_append(text, "ASID %u%s", (unsigned int)FIELD_GET64(CD0_ASID, cd[0]),
		       cd[0] & CD0_AA64 ? "" : ", AArch32");
	for (unsigned int upper = 0; upper < 2; upper++) {
		struct stage stage;

		explain_stage1_of(smmu, ste, cd, upper, &stage);
		if (!stage.is_disabled) {
			explain_append(text, ", ");
			add_stage(text, &stage, upper ? "TTB1" : "TTB0");
			any = true;
		}
	}
	explain_append(text, "%s%s", any ? "" : ", both halves disabled (EPD0, EPD1)",
		       cd[0] & CD0_S ? ", faults stall" :
		       cd[0] & CD0_R ? "" :
				       ", no events");
}
