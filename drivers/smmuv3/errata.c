/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errata. Those of unused features are left out: HiSilicon Hi16xx (64-bit MSI of SYNC), NVIDIA Tegra241 (secondary
 * queues).
 */
#include "smmuv3/errata.h"

#include <stdbool.h>
#include <stddef.h>

#include "smmuv3/registers.h"

#define IMPLEMENTER_ARM 0x43bU
#define MMU_600 0x483U
#define MMU_700 0x487U
#define MMU_L1 0x48aU
#define MMU_S3 0x498U

#define VERSION(variant, revision) ((variant) << 4 | (revision))
#define VERSION_LAST 0xffU /* No fixed version is known. */

static const struct smmuv3_erratum errata[] = {
	{1076982, MMU_600, VERSION(0, 0), VERSION(0, 2), 0, SMMUV3_ERRATA_NO_SEV},
	{1209401, MMU_600, VERSION(0, 0), VERSION(1, 15), 0, SMMUV3_ERRATA_NO_NESTING},
	{2133013, MMU_700, VERSION(0, 0), VERSION_LAST, 0, SMMUV3_ERRATA_NO_BTM},
	{2268618, MMU_700, VERSION(0, 0), VERSION(1, 0), 0, SMMUV3_ERRATA_NO_NESTING | SMMUV3_ERRATA_NO_BTM},
	{2812531, MMU_700, VERSION(0, 0), VERSION(1, 0), 0,
	 SMMUV3_ERRATA_FORCE_SYNC | SMMUV3_ERRATA_NO_NESTING | SMMUV3_ERRATA_NO_BTM},
	{3777127, MMU_700, VERSION(0, 0), VERSION_LAST, 0, SMMUV3_ERRATA_NO_BTM},
	{3878312, MMU_L1, VERSION(0, 0), VERSION_LAST, 0, SMMUV3_ERRATA_NO_BTM},
	{3995052, MMU_S3, VERSION(0, 0), VERSION_LAST, 0, SMMUV3_ERRATA_NO_BTM},
	{74, 0, 0, 0, SMMUV3_DESCRIBED_NO_PAGE1, SMMUV3_ERRATA_PAGE1_IN_PAGE0},
	{126, 0, 0, 0, SMMUV3_DESCRIBED_COMBINED_IRQ, SMMUV3_ERRATA_COMBINED_IRQ},
	{161010701, 0, 0, 0, SMMUV3_DESCRIBED_NO_PREFETCH, SMMUV3_ERRATA_NO_PREFETCH},
};

static bool erratum_concerns(const struct smmuv3_erratum *erratum, uint32_t iidr, unsigned int described_quirks)
{
	uint32_t version = VERSION(FIELD_GET32(IIDR_VARIANT, iidr), FIELD_GET32(IIDR_REVISION, iidr));

	if (erratum->described) {
		return described_quirks & erratum->described;
	}
	return FIELD_GET32(IIDR_IMPLEMENTER, iidr) == IMPLEMENTER_ARM &&
	       FIELD_GET32(IIDR_PRODUCT, iidr) == erratum->product && version >= erratum->first &&
	       version <= erratum->last;
}

const struct smmuv3_erratum *smmuv3_errata_next(const struct smmuv3_erratum *after, uint32_t iidr,
						unsigned int described_quirks)
{
	const struct smmuv3_erratum *end = errata + sizeof(errata) / sizeof(errata[0]);

	for (const struct smmuv3_erratum *erratum = after ? after + 1 : errata; erratum < end; erratum++) {
		if (erratum_concerns(erratum, iidr, described_quirks)) {
			return erratum;
		}
	}
	return NULL;
}

unsigned int smmuv3_errata_effects(uint32_t iidr, unsigned int described_quirks)
{
	const struct smmuv3_erratum *erratum = NULL;
	unsigned int effects = 0;

	while ((erratum = smmuv3_errata_next(erratum, iidr, described_quirks))) {
		effects |= erratum->effects;
	}
	return effects;
}
