/* SPDX-License-Identifier: BSD-2-Clause */
/* What an SMMU is, and how it was found: drivers/smmuv3/identify.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "recorder.h"

static void test_dis_05_sidsize_is_six_bits(void **state)
{
	static const unsigned int sizes[] = {0, 1, 8, 16, 31, 32};
	struct smmuv3_features features;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		smmuv3_identify(&features, IDR0_QEMU, (IDR1_QEMU & ~0x3fU) | sizes[i], IDR5_QEMU, 0, 0);
		assert_int_equal(features.sid_bits, sizes[i]);
		assert_null(smmuv3_refusal(&features));
	}
	smmuv3_identify(&features, IDR0_QEMU, IDR1_QEMU | 0x3f, IDR5_QEMU, 0, 0);
	assert_non_null(smmuv3_refusal(&features));
}

static void test_dis_05_decode(void **state)
{
	struct smmuv3_features features;

	(void)state;
	smmuv3_identify(&features, IDR0_QEMU, IDR1_QEMU, IDR5_QEMU, 0x43b, 0x01);
	assert_true(features.stage1);
	assert_false(features.stage2);
	assert_true(features.two_level);
	assert_true(features.coherent_access);
	assert_int_equal(features.asid_bits, 16);
	assert_int_equal(features.output_bits, 44);
	assert_int_equal(features.cmdq_log2, SMMUV3_CMDQ_LOG2_MAX);
	assert_int_equal(features.evtq_log2, SMMUV3_EVTQ_LOG2_MAX);
	assert_int_equal(features.architecture_major, 3);
	assert_int_equal(features.architecture_minor, 1);
	assert_int_equal(features.stall_model, 1);
	assert_false(features.hyp);
	assert_int_equal(features.iidr, 0x43b);
	smmuv3_identify(&features, (IDR0_QEMU & ~(3U << 24 | 1U << 12)) | 1U << 9 | 1U, IDR1_QEMU, IDR5_QEMU, 0, 0x12);
	assert_int_equal(features.stall_model, 0);
	assert_true(features.hyp);
	assert_true(features.stage2);
	assert_int_equal(features.asid_bits, 8);
	assert_int_equal(features.architecture_major, 4);
	assert_int_equal(features.architecture_minor, 2);
}

static void test_dis_05_fields_end_where_they_end(void **state)
{
	struct smmuv3_features features;

	(void)state;
	smmuv3_identify(&features, ~(1U << 0), 0, 0, 0, 0);
	assert_false(features.stage2);
	smmuv3_identify(&features, ~(1U << 1), 0, 0, 0, 0);
	assert_false(features.stage1);
	smmuv3_identify(&features, ~(1U << 3), 0, 0, 0, 0);
	assert_false(features.aarch64_tables);
	smmuv3_identify(&features, ~(1U << 4), 0, 0, 0, 0);
	assert_false(features.coherent_access);
	smmuv3_identify(&features, ~(1U << 9), 0, 0, 0, 0);
	assert_false(features.hyp);
	smmuv3_identify(&features, ~(1U << 12), 0, 0, 0, 0);
	assert_int_equal(features.asid_bits, 8);
	smmuv3_identify(&features, ~(1U << 21), 0, 0, 0, 0);
	assert_true(features.little_endian);
	smmuv3_identify(&features, ~(3U << 24), 0, 0, 0, 0);
	assert_int_equal(features.stall_model, 0);
	smmuv3_identify(&features, ~(1U << 18), 0, 0, 0, 0);
	assert_int_equal(features.vmid_bits, 8);
	smmuv3_identify(&features, ~(1U << 28), 0, 0, 0, 0);
	assert_true(features.two_level);
	smmuv3_identify(&features, 0, ~(15U << 27 | 31U << 21 | 31U << 16 | 0x7ffU), ~(7U << 4 | 7U), 0, ~0xffU);
	assert_false(features.attribute_overrides);
	assert_int_equal(features.ssid_bits, 0);
	assert_false(features.gran16k);
	assert_false(features.gran64k);
	smmuv3_identify_idr3(&features, ~(1U << 10));
	assert_false(features.range_invalidation);
	smmuv3_identify_idr3(&features, 1U << 10);
	assert_true(features.range_invalidation);
	assert_false(features.preset);
	assert_int_equal(features.cmdq_log2, 0);
	assert_int_equal(features.evtq_log2, 0);
	assert_int_equal(features.sid_bits, 0);
	assert_false(features.gran4k);
	assert_int_equal(features.output_code, 0);
	assert_int_equal(features.architecture_major, 3);
	assert_int_equal(features.architecture_minor, 0);
}

static void test_dis_05_small_queues_and_sizes(void **state)
{
	static const unsigned char bits[] = {32, 36, 40, 42, 44, 48, 52};
	struct smmuv3_features features;

	(void)state;
	smmuv3_identify(&features, IDR0_QEMU, 3U << 21 | 5U << 16 | 16, IDR5_QEMU, 0, 0);
	assert_int_equal(features.cmdq_log2, 3);
	assert_int_equal(features.evtq_log2, 5);
	assert_null(smmuv3_refusal(&features));
	smmuv3_identify(&features, IDR0_QEMU, 1U << 21 | 5U << 16 | 16, IDR5_QEMU, 0, 0);
	assert_non_null(smmuv3_refusal(&features));
	smmuv3_identify(&features, IDR0_QEMU, (IDR1_QEMU & ~0x3fU) | 33, IDR5_QEMU, 0, 0);
	assert_non_null(smmuv3_refusal(&features));
	/* TTENDIAN 0: either endianness. TTF 1: AArch32 tables only. */
	smmuv3_identify(&features, IDR0_QEMU & ~(3U << 21), IDR1_QEMU, IDR5_QEMU, 0, 0);
	assert_null(smmuv3_refusal(&features));
	smmuv3_identify(&features, (IDR0_QEMU & ~(3U << 2)) | 1U << 2, IDR1_QEMU, IDR5_QEMU, 0, 0);
	assert_non_null(smmuv3_refusal(&features));
	for (uint32_t code = 0; code < sizeof(bits); code++) {
		smmuv3_identify(&features, IDR0_QEMU, IDR1_QEMU, (IDR5_QEMU & ~7U) | code, 0, 0);
		assert_int_equal(features.output_bits, bits[code]);
	}
}

static void test_dis_06_refusals_name_their_reason(void **state)
{
	static const struct {
		uint32_t idr0, idr1, idr5;
		const char *word;
	} cases[] = {
		{IDR0_QEMU, IDR1_QEMU | 1U << 30, IDR5_QEMU, "preset"},
		{IDR0_QEMU, IDR1_QEMU | 1U << 29, IDR5_QEMU, "preset"},
		{IDR0_QEMU, IDR1_QEMU | 1U << 28, IDR5_QEMU, "preset"},
		{IDR0_QEMU & ~3U, IDR1_QEMU, IDR5_QEMU, "stage 1"},
		{IDR0_QEMU & ~8U, IDR1_QEMU, IDR5_QEMU, "AArch64"},
		{IDR0_QEMU | 3U << 21, IDR1_QEMU, IDR5_QEMU, "endian"},
		{IDR0_QEMU, IDR1_QEMU, IDR5_QEMU & ~0x10U, "4 KiB"},
		{IDR0_QEMU, IDR1_QEMU & ~(31U << 21), IDR5_QEMU, "queue"},
		{IDR0_QEMU, IDR1_QEMU | 63U, IDR5_QEMU, "SIDSIZE"},
		{IDR0_QEMU & ~(3U << 27), (IDR1_QEMU & ~63U) | 17U, IDR5_QEMU, "linear"},
	};
	struct smmuv3_features features;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		smmuv3_identify(&features, cases[i].idr0, cases[i].idr1, cases[i].idr5, 0, 0);
		assert_non_null(smmuv3_refusal(&features));
		assert_non_null(strstr(smmuv3_refusal(&features), cases[i].word));
	}
}

static void test_the_smallest_granule(void **state)
{
	struct smmuv3_features features = {.gran64k = true};

	(void)state;
	assert_int_equal(smmuv3_granule_bits(&features), 16);
	features.gran16k = true;
	assert_int_equal(smmuv3_granule_bits(&features), 14);
	features.gran4k = true;
	assert_int_equal(smmuv3_granule_bits(&features), 12);
	features = (struct smmuv3_features){0};
	assert_int_equal(smmuv3_granule_bits(&features), 0);
}

static bool is_gbpa(const volatile void *at)
{
	return (const volatile uint8_t *)at == regs + SMMU_GBPA;
}

static void test_an_abort_while_looking_is_no_smmu(void **state)
{
	(void)state;
	arch_hooks.is_absent = is_gbpa;
	assert_int_equal(smmuv3_inherit(&smmu), -ENODEV);
	assert_non_null(strstr(smmu.iommu.reason, "abort"));
	assert_int_equal(recorded_count, 0);
}

static void test_no_smmu_behind_the_registers(void **state)
{
	(void)state;
	*reg(SMMU_IDR0) = 0xffffffffU;
	assert_int_equal(smmuv3_inherit(&smmu), -ENODEV);
	*reg(SMMU_IDR0) = 0;
	assert_int_equal(smmuv3_inherit(&smmu), -ENODEV);
}

static void test_inherited_errors_are_the_active_ones(void **state)
{
	(void)state;
	*reg(SMMU_GERROR) = GERROR_EVENTQ_ABT_ERR | 1U << 4;
	*reg(SMMU_GERRORN) = 1U << 4;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(smmu.inherited.gerror_active, GERROR_EVENTQ_ABT_ERR);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_GERRORN), GERROR_EVENTQ_ABT_ERR | 1U << 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDED(test_dis_05_sidsize_is_six_bits),	     RECORDED(test_dis_05_decode),
		RECORDED(test_dis_05_fields_end_where_they_end),     RECORDED(test_dis_05_small_queues_and_sizes),
		RECORDED(test_dis_06_refusals_name_their_reason),    RECORDED(test_the_smallest_granule),
		RECORDED(test_an_abort_while_looking_is_no_smmu),    RECORDED(test_no_smmu_behind_the_registers),
		RECORDED(test_inherited_errors_are_the_active_ones),
	};

	return cmocka_run_group_tests_name("identify", tests, NULL, NULL);
}
