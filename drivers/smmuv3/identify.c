/* SPDX-License-Identifier: BSD-2-Clause */
/* Identification (IHI 0070 6.3.1 to 6.3.8). */
#include <errno.h>
#include <stddef.h>

#include "smmuv3/private.h"

static unsigned int identify_output_bits(unsigned int code)
{
	static const unsigned char bits[] = {32, 36, 40, 42, 44, 48, 52, 48};

	return bits[code];
}

static unsigned int identify_smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static void identify_idr0(struct smmuv3_features *features, uint32_t idr0)
{
	uint32_t endian = FIELD_GET32(IDR0_TTENDIAN, idr0);

	features->stage1 = FIELD_GET32(IDR0_S1P, idr0);
	features->stage2 = FIELD_GET32(IDR0_S2P, idr0);
	features->aarch64_tables = FIELD_GET32(IDR0_TTF, idr0) & IDR0_TTF_AARCH64;
	features->coherent_access = FIELD_GET32(IDR0_COHACC, idr0);
	features->hyp = FIELD_GET32(IDR0_HYP, idr0);
	features->msi = FIELD_GET32(IDR0_MSI, idr0);
	features->asid_bits = FIELD_GET32(IDR0_ASID16, idr0) ? 16 : 8;
	features->little_endian = endian == IDR0_TTENDIAN_MIXED || endian == IDR0_TTENDIAN_LITTLE;
	features->stall_model = FIELD_GET32(IDR0_STALL_MODEL, idr0);
	features->stall_forced = features->stall_model == IDR0_STALL_MODEL_FORCED;
	features->vmid_bits = FIELD_GET32(IDR0_VMID16, idr0) ? 16 : 8;
	features->two_level = FIELD_GET32(IDR0_ST_LEVEL, idr0) == IDR0_ST_LEVEL_TWO;
}

void smmuv3_identify(struct smmuv3_features *features, uint32_t idr0, uint32_t idr1, uint32_t idr5, uint32_t iidr,
		     uint32_t aidr)
{
	*features = (struct smmuv3_features){.iidr = iidr};
	identify_idr0(features, idr0);
	features->sid_bits = FIELD_GET32(IDR1_SIDSIZE, idr1);
	features->cmdq_log2 = identify_smaller(FIELD_GET32(IDR1_CMDQS, idr1), SMMUV3_CMDQ_LOG2_MAX);
	features->evtq_log2 = identify_smaller(FIELD_GET32(IDR1_EVENTQS, idr1), SMMUV3_EVTQ_LOG2_MAX);
	features->preset = FIELD_GET32(IDR1_REL, idr1) || FIELD_GET32(IDR1_QUEUES_PRESET, idr1) ||
			   FIELD_GET32(IDR1_TABLES_PRESET, idr1);
	features->attribute_overrides = FIELD_GET32(IDR1_ATTR_TYPES_OVR, idr1);
	features->ssid_bits = FIELD_GET32(IDR1_SSIDSIZE, idr1);
	features->gran4k = FIELD_GET32(IDR5_GRAN4K, idr5);
	features->gran16k = FIELD_GET32(IDR5_GRAN16K, idr5);
	features->gran64k = FIELD_GET32(IDR5_GRAN64K, idr5);
	features->output_code = FIELD_GET32(IDR5_OAS, idr5);
	features->output_bits = identify_output_bits(features->output_code);
	features->architecture_major = 3 + FIELD_GET32(AIDR_MAJOR, aidr);
	features->architecture_minor = FIELD_GET32(AIDR_MINOR, aidr);
}

void smmuv3_identify_idr3(struct smmuv3_features *features, uint32_t idr3)
{
	features->range_invalidation = FIELD_GET32(IDR3_RIL, idr3);
}

/* The smallest: a core's page has whole granules. */
unsigned int smmuv3_granule_bits(const struct smmuv3_features *features)
{
	return features->gran4k ? 12 : features->gran16k ? 14 : features->gran64k ? 16 : 0;
}

const char *smmuv3_refusal(const struct smmuv3_features *features)
{
	if (features->preset) {
		return "its tables or queues are preset (IDR1), which this driver does not use";
	}
	if (!features->stage1 && !features->stage2) {
		return "it translates nothing: neither stage 1 (IDR0.S1P) nor stage 2 (IDR0.S2P)";
	}
	if (!features->aarch64_tables) {
		return "it does not walk AArch64 tables (IDR0.TTF)";
	}
	if (!features->little_endian) {
		return "it walks big-endian tables only (IDR0.TTENDIAN)";
	}
	if (!features->gran4k) {
		/* The checks map 4 KiB pages. */
		return "it has no 4 KiB granule (IDR5.GRAN4K), which the checks map";
	}
	if (features->sid_bits > 32) {
		return "IDR1.SIDSIZE is beyond 32";
	}
	if (!features->two_level && features->sid_bits > SMMUV3_LINEAR_BITS_MAX) {
		return "its stream table can only be linear (IDR0.ST_LEVEL), and needs more memory than there is";
	}
	if (features->cmdq_log2 < 2) {
		return "its command queue is too small for a batch and its SYNC (IDR1.CMDQS)";
	}
	return NULL;
}

enum {
	IDR0,
	IDR1,
	IDR3,
	IDR5,
	IIDR,
	AIDR,
	CR0,
	GBPA,
	GERROR,
	GERRORN,
	STRTAB_BASE_LOW,
	STRTAB_BASE_HIGH,
	STRTAB_BASE_CFG,
	IRQ_CTRL,
	CMDQ_PROD,
	CMDQ_CONS,
	INHERITED_REGISTERS
};

/* By probing reads: a wrong base must not abort the run. */
static bool identify_read_all(const struct smmuv3 *smmu, uint32_t values[INHERITED_REGISTERS])
{
	static const uint8_t offsets[INHERITED_REGISTERS] = {
		[IDR0] = SMMU_IDR0,
		[IDR1] = SMMU_IDR1,
		[IDR3] = SMMU_IDR3,
		[IDR5] = SMMU_IDR5,
		[IIDR] = SMMU_IIDR,
		[AIDR] = SMMU_AIDR,
		[CR0] = SMMU_CR0,
		[GBPA] = SMMU_GBPA,
		[GERROR] = SMMU_GERROR,
		[GERRORN] = SMMU_GERRORN,
		[STRTAB_BASE_LOW] = SMMU_STRTAB_BASE,
		[STRTAB_BASE_HIGH] = SMMU_STRTAB_BASE + 4,
		[STRTAB_BASE_CFG] = SMMU_STRTAB_BASE_CFG,
		[IRQ_CTRL] = SMMU_IRQ_CTRL,
		[CMDQ_PROD] = SMMU_CMDQ_PROD,
		[CMDQ_CONS] = SMMU_CMDQ_CONS,
	};

	for (unsigned int i = 0; i < INHERITED_REGISTERS; i++) {
		if (!arch_probe_read32(smmu->regs + offsets[i], &values[i])) {
			return false;
		}
	}
	return true;
}

int smmuv3_inherit(struct smmuv3 *smmu)
{
	uint32_t values[INHERITED_REGISTERS];

	if (!identify_read_all(smmu, values)) {
		smmu->iommu.reason = "nothing answers at its base (external abort)";
		return -ENODEV;
	}
	if (values[IDR0] == 0 || values[IDR0] == 0xffffffffU) {
		smmu->iommu.reason = "its registers do not read as an SMMUv3's";
		return -ENODEV;
	}
	smmu->inherited = (struct smmuv3_inherited){
		.enabled = values[CR0] & CR0_SMMUEN,
		.aborts = values[GBPA] & GBPA_ABORT,
		.cr0 = values[CR0],
		.gbpa = values[GBPA],
		.gerror_active = values[GERROR] ^ values[GERRORN],
		.strtab_base =
			(values[STRTAB_BASE_LOW] | (uint64_t)values[STRTAB_BASE_HIGH] << 32) & STRTAB_BASE_ADDRESS_MASK,
		.strtab_base_cfg = values[STRTAB_BASE_CFG],
		.irq_ctrl = values[IRQ_CTRL],
		.cmdq_prod = values[CMDQ_PROD],
		.cmdq_cons = values[CMDQ_CONS],
	};
	smmu->cr0 = values[CR0];
	smmu->irq_ctrl = values[IRQ_CTRL];
	smmuv3_identify(&smmu->features, values[IDR0], values[IDR1], values[IDR5], values[IIDR], values[AIDR]);
	smmuv3_identify_idr3(&smmu->features, values[IDR3]);
	smmu->errata_effects = smmuv3_errata_effects(values[IIDR], smmu->described_quirks);
	return 0;
}
