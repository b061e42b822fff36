/* SPDX-License-Identifier: BSD-2-Clause */
/* Global errors: drivers/smmuv3/gerror.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arch.h"
#include "recorder.h"

static void test_numbers_of_what_was_not_provoked(void **state)
{
	(void)state;
	assert_int_equal(CERROR_NONE, 0);
	assert_int_equal(CERROR_ILL, 1);
	assert_int_equal(CERROR_ABT, 2);
	assert_int_equal(CERROR_ATC_INV_SYNC, 3);
	assert_int_equal(CMDQ_CONS_ERR_SHIFT, 24);
	assert_int_equal(CMDQ_CONS_ERR_WIDTH, 7);
	assert_int_equal(SMMU_CR0ACK, 0x24);
	assert_int_equal(SMMU_IRQ_CTRLACK, 0x54);
	assert_int_equal(SMMU_GERROR, 0x60);
	assert_int_equal(SMMU_GERRORN, 0x64);
	assert_int_equal(GERROR_CMDQ_ERR, 1U << 0);
	assert_int_equal(GERROR_EVENTQ_ABT_ERR, 1U << 2);
	assert_int_equal(GERROR_SFM_ERR, 1U << 8);
	assert_int_equal(SMMU_IDR0, 0);
	assert_int_equal(SMMU_IDR1, 4);
	assert_int_equal(SMMU_IDR5, 0x14);
	assert_int_equal(SMMU_IIDR, 0x18);
	assert_int_equal(SMMU_AIDR, 0x1c);
	assert_int_equal(EVENTQ_OVERFLOW, 1U << 31);
}

static void test_ger_02_nothing_pending_writes_nothing(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	recorded_count = 0;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(recorded_count, 0);
}

static void test_ger_01_only_active_bits_are_toggled(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	*reg(SMMU_GERROR) ^= GERROR_EVENTQ_ABT_ERR;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(*reg(SMMU_GERRORN), GERROR_EVENTQ_ABT_ERR);
	assert_int_equal(smmu.counts.gerrors, GERROR_EVENTQ_ABT_ERR);
	/* Without a reason in CONS, CMDQ_ERR changes nothing. */
	*reg(SMMU_GERROR) ^= GERROR_CMDQ_ERR;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(*reg(SMMU_GERRORN), GERROR_EVENTQ_ABT_ERR | GERROR_CMDQ_ERR);
	assert_int_equal(smmu.counts.gerrors, GERROR_EVENTQ_ABT_ERR | GERROR_CMDQ_ERR);
	assert_int_equal(smmu.counts.illegal_commands, 0);
}

static uint32_t error_between_two_reads(const volatile void *at)
{
	uint32_t value = recorder_read(at);

	if (at == reg(SMMU_GERROR)) {
		*reg(SMMU_GERROR) |= GERROR_EVENTQ_ABT_ERR;
	}
	return value;
}

static void test_ger_03_error_that_comes_meanwhile_stays_active(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	*reg(SMMU_GERROR) = 1U << 4; /* For example MSI_CMDQ_ABT_ERR. */
	arch_hooks.read32 = error_between_two_reads;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(*reg(SMMU_GERRORN), 1U << 4);
	assert_int_equal(*reg(SMMU_GERROR), 1U << 4 | GERROR_EVENTQ_ABT_ERR);
}

static void test_ger_05_service_failure_at_work(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	*reg(SMMU_GERROR) ^= GERROR_SFM_ERR;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(smmuv3_health(&smmu), SMMUV3_SERVICE_FAILURE);
	assert_int_equal(smmuv3_resume(&smmu), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDED(test_numbers_of_what_was_not_provoked),
		RECORDED(test_ger_02_nothing_pending_writes_nothing),
		RECORDED(test_ger_01_only_active_bits_are_toggled),
		RECORDED(test_ger_03_error_that_comes_meanwhile_stays_active),
		RECORDED(test_ger_05_service_failure_at_work),
	};

	return cmocka_run_group_tests_name("gerror", tests, NULL, NULL);
}
