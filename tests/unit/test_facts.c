/* SPDX-License-Identifier: BSD-2-Clause */
/* What another instance's registration must not touch: the footprint of drivers/smmuv3/facts.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arch.h"
#include "recorder.h"

static struct smmuv3_footprint footprint;

static bool has_another_footprint(void)
{
	struct smmuv3_footprint now;

	smmuv3_footprint(&smmu, &now);
	return smmuv3_footprint_differs(&now, &footprint);
}

/* A registration that writes another instance's registers is found; what changes by itself is not. */
static void test_footprint(void **state)
{
	static const uint16_t set[] = {SMMU_CR0,
				       SMMU_CR1,
				       SMMU_CR2,
				       SMMU_GBPA,
				       SMMU_IRQ_CTRL,
				       SMMU_GERRORN,
				       SMMU_STRTAB_BASE,
				       SMMU_STRTAB_BASE + 4,
				       SMMU_STRTAB_BASE_CFG,
				       SMMU_CMDQ_BASE,
				       SMMU_CMDQ_BASE + 4,
				       SMMU_EVENTQ_BASE,
				       SMMU_EVENTQ_BASE + 4};
	static const uint32_t going[] = {SMMU_CMDQ_PROD, SMMU_CMDQ_CONS, SMMU_EVENTQ_PROD, SMMU_EVENTQ_CONS,
					 SMMU_GERROR};

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmuv3_footprint(&smmu, &footprint);
	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
		for (unsigned int bit = 0; bit < 32; bit++) {
			*reg(set[i]) ^= 1U << bit;
			assert_true(has_another_footprint());
			*reg(set[i]) ^= 1U << bit;
		}
	}
	for (size_t i = 0; i < sizeof(going) / sizeof(going[0]); i++) {
		*reg(going[i]) ^= 1U;
		assert_false(has_another_footprint());
		*reg(going[i]) ^= 1U;
	}
}

static void assert_every_bit_counts(uint64_t *dword)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		*dword ^= 1ULL << bit;
		assert_true(has_another_footprint());
		*dword ^= 1ULL << bit;
	}
	assert_false(has_another_footprint());
}

static void assert_table_has_a_footprint(void)
{
	struct ste *entry;

	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(smmuv3_ops.add_stream(&smmu.iommu, 9), 0);
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 9, NULL), 0);
	smmuv3_footprint(&smmu, &footprint);
	entry = smmuv3_stream_table_entry(&smmu, 9);
	assert_true(entry->dword[0] & STE0_V);
	for (unsigned int i = 1; i < STE_DWORDS; i++) {
		assert_every_bit_counts(&entry->dword[i]);
	}
	/* V clear: the SMMU reads only V. */
	assert_every_bit_counts(&smmuv3_stream_table_entry(&smmu, 8)->dword[0]);
	smmuv3_stream_table_entry(&smmu, 8)->dword[1] ^= 1;
	assert_false(has_another_footprint());
	/* Another core's changes do not count; this one's do. */
	arch_hooks.core++;
	assert_int_equal(smmuv3_ops.quarantine(&smmu.iommu, 9), 0);
	arch_hooks.core--;
	assert_false(has_another_footprint());
	smmuv3_footprint(&smmu, &footprint);
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 9, NULL), 0);
	assert_true(has_another_footprint());
	smmuv3_footprint(&smmu, &footprint);
	entry->dword[3] ^= 1;
	assert_true(has_another_footprint());
	entry->dword[3] ^= 1;
}

static void test_footprint_of_a_stream_table(void **state)
{
	(void)state;
	assert_table_has_a_footprint();
	assert_true(smmu.table.two_level);
	/* A descriptor that is missing, as SMMU and driver see it. */
	smmuv3_footprint(&smmu, &footprint);
	smmu.table.level1[2] ^= 1ULL << 40;
	assert_true(has_another_footprint());
	smmu.table.level1[2] ^= 1ULL << 40;
	assert_int_equal(smmuv3_ops.add_stream(&smmu.iommu, 2U << smmu.table.split), 0);
	assert_true(has_another_footprint());
	smmuv3_footprint(&smmu, &footprint);
	arch_hooks.core++;
	assert_int_equal(smmuv3_ops.add_stream(&smmu.iommu, 3U << smmu.table.split), 0);
	arch_hooks.core--;
	assert_false(has_another_footprint());
}

static void test_footprint_of_a_linear_stream_table(void **state)
{
	(void)state;
	smmu.features.two_level = false;
	assert_table_has_a_footprint();
	assert_non_null(smmu.table.linear);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDED(test_footprint),
		RECORDED(test_footprint_of_a_stream_table),
		RECORDED(test_footprint_of_a_linear_stream_table),
	};

	return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
