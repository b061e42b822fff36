/* SPDX-License-Identifier: BSD-2-Clause */
/* An SMMU that fails in use, on the model, and its new start. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "bench.h"

#define SID 5U
#define LATE_SID 0x500U /* In a missing second level. */
#define IOVA 0x40000000ULL
#define DATA 0x80000000ULL
#define PAGE 0x1000ULL
#define RIGHTS (IOMMU_READ | IOMMU_WRITE)

static struct bind_queue queue;
static struct iommu_core core;
static struct iommu_master master;
static struct iommu_master late;

static int setup(void **state)
{
	(void)state;
	bench_open(&model_full, BENCH_MEMORY_SIZE);
	arch_hooks.tick = 100; /* SMMUV3_WAIT_US is 10 000 looks, not a million. */
	bind_queue_init(&queue);
	assert_int_equal(iommu_core_init(&core, &queue, 8), 0);
	iommu_allow(&core, 0, 1ULL << 40);
	assert_int_equal(iommu_describe(&core, &bench_smmu.iommu), 0);
	memset(&master, 0, sizeof(master));
	memset(&late, 0, sizeof(late));
	master.name = "m";
	late.name = "late";
	assert_int_equal(iommu_master_stream(&master, &bench_smmu.iommu, SID), 0);
	assert_int_equal(iommu_master_add(&core, &master), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bench_close();
	return 0;
}

static int map(uint64_t pa)
{
	return iommu_map(&core, &master, IOVA, pa, PAGE, RIGHTS);
}

static void use(void)
{
	assert_int_equal(iommu_claim(&master), 0);
	assert_int_equal(map(DATA), 0);
	bench_expect_pass(SID, IOVA, DATA);
}

static void begin(void)
{
	assert_int_equal(iommu_register(&bench_smmu.iommu), 0);
	use();
}

static void hang(void)
{
	model_hang_at_command(bench_model, 1);
}

static void refuse(void)
{
	model_fail_command(bench_model, 1, MODEL_CERROR_ILL);
}

static void fail_service(void)
{
	model_set_gerror(bench_model, GERROR_SFM_ERR);
	smmuv3_poll_gerror(&bench_smmu);
}

static const struct {
	void (*happen)(void);
	enum smmuv3_health health;
} failures[] = {
	{refuse, SMMUV3_LOST},
	{hang, SMMUV3_BROKEN},
	{fail_service, SMMUV3_SERVICE_FAILURE},
};

#define FAILURE_COUNT (sizeof(failures) / sizeof(failures[0]))

static void mend(void)
{
	model_forget_complaints(bench_model);
	model_hang_at_command(bench_model, 0);
	model_reset(bench_model);
	assert_int_equal(iommu_register(&bench_smmu.iommu), 0);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_ON);
}

/* Not mapped elsewhere: DMA would go where the old mapping leads. */
static void test_a_map_after_an_unmap_that_failed(void **state)
{
	(void)state;
	for (size_t i = 0; i < FAILURE_COUNT; i++) {
		uint64_t pa = 0;

		begin();
		failures[i].happen();
		assert_int_equal(iommu_unmap(&master, IOVA, PAGE), -EIO);
		assert_int_equal(smmuv3_health(&bench_smmu), failures[i].health);
		assert_int_equal(map(DATA + PAGE), -EIO);
		if (bench_dma(SID, IOVA, true, &pa) == MODEL_PASSED) {
			assert_true(pa == DATA);
		}
		assert_int_equal(iommu_fail(&bench_smmu.iommu, "a test"), 0);
		mend();
		iommu_release_claim(&master);
		assert_int_equal(iommu_unregister(&bench_smmu.iommu), 0);
	}
}

static void expect_refused(struct smmuv3_domain *domain, struct smmuv3_domain *parent)
{
	const struct smmuv3_domain_config config = {.kind = SMMUV3_STAGE1, .granule_bits = 12};
	const struct smmuv3_domain_config bypass = {.kind = SMMUV3_BYPASS};
	struct iommu_instance *iommu = &bench_smmu.iommu;
	uint32_t issued = bench_smmu.issued;
	size_t used = arena_used();
	struct smmuv3_domain *made;

	assert_int_equal(smmuv3_ops.map(&domain->domain, IOVA + PAGE, DATA, PAGE, PGTABLE_READ), -EIO);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA, PAGE), -EIO);
	assert_int_equal(smmuv3_ops.attach(iommu, SID, &domain->domain), -EIO);
	assert_int_equal(smmuv3_ops.attach(iommu, SID, NULL), -EIO);
	assert_int_equal(smmuv3_ops.add_stream(iommu, SID), -EIO);
	assert_int_equal(smmuv3_ops.add_stream(iommu, LATE_SID), -EIO);
	assert_int_equal(smmuv3_ops.quarantine(iommu, SID), -EIO);
	assert_int_equal(smmuv3_ops.quarantine(iommu, LATE_SID), -EIO);
	assert_null(smmuv3_ops.domain_allocate(iommu));
	assert_int_equal(smmuv3_domain_make(&bench_smmu, &config, &made), -EIO);
	assert_int_equal(smmuv3_domain_make(&bench_smmu, &bypass, &made), -EIO);
	assert_int_equal(smmuv3_domain_share_tables(parent), -EIO);
	assert_int_equal(smmuv3_damage(&domain->domain, SID, IOVA, BENCH_NOWHERE, SMMUV3_DAMAGE_STE), -EIO);
	assert_int_equal(smmuv3_mend(&domain->domain, SID, IOVA, SMMUV3_DAMAGE_STE), -EIO);
	assert_int_equal(smmuv3_provoke_illegal_command(&bench_smmu), -EIO);
	assert_int_equal(smmuv3_invalidate_all(&bench_smmu), -EIO);
	assert_int_equal(smmuv3_resume(&bench_smmu), -EIO);
	assert_int_equal(smmuv3_ops.enable(iommu), -EIO);
	assert_int_equal(bench_smmu.issued, issued);
	assert_int_equal(arena_used(), used);
}

static void test_every_operation_of_an_smmu_that_failed(void **state)
{
	(void)state;
	for (size_t i = 0; i < FAILURE_COUNT; i++) {
		struct smmuv3_domain *domain;
		struct smmuv3_domain *parent;
		uint64_t pa;

		begin();
		domain = bench_domain(SMMUV3_STAGE1, 12, NULL);
		parent = bench_domain(SMMUV3_STAGE2, 12, NULL);
		bench_map(domain, IOVA, DATA, PAGE);
		failures[i].happen();
		(void)smmuv3_invalidate_all(&bench_smmu);
		assert_int_equal(smmuv3_health(&bench_smmu), failures[i].health);
		expect_refused(domain, parent);
		assert_int_equal(smmuv3_pause(&bench_smmu), 0);
		assert_int_equal(smmuv3_health(&bench_smmu), failures[i].health);
		assert_int_equal(bench_dma(SID, IOVA, true, &pa), MODEL_ABORTED);
		assert_int_equal(smmuv3_ops.domain_free(&domain->domain), -EIO);
		assert_int_equal(smmuv3_ops.domain_free(&parent->domain), -EIO);
		assert_int_equal(iommu_fail(&bench_smmu.iommu, "a test"), 0);
		mend();
		assert_int_equal(iommu_unregister(&bench_smmu.iommu), 0);
		iommu_release_claim(&master);
	}
}

/* Only on, off and a new start improve health. */
static void test_health_goes_one_way(void **state)
{
	(void)state;
	for (unsigned int from = SMMUV3_OFF; from <= SMMUV3_SERVICE_FAILURE; from++) {
		for (unsigned int to = SMMUV3_OFF; to <= SMMUV3_SERVICE_FAILURE; to++) {
			bool goes = from != to && (from <= SMMUV3_ON || to > from);

			smmuv3_renew_health(&bench_smmu);
			assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_OFF);
			(void)smmuv3_set_health(&bench_smmu, (enum smmuv3_health)from);
			assert_int_equal(smmuv3_health(&bench_smmu), from);
			assert_int_equal(smmuv3_set_health(&bench_smmu, (enum smmuv3_health)to), goes);
			assert_int_equal(smmuv3_health(&bench_smmu), goes ? to : from);
			assert_int_equal(smmuv3_check_health(&bench_smmu),
					 smmuv3_health(&bench_smmu) > SMMUV3_ON ? -EIO : 0);
		}
	}
	smmuv3_renew_health(&bench_smmu);
}

/* The core of drivers/iommu learns of it. */
static void test_every_operation_that_notices_raises(void **state)
{
	(void)state;
	begin();
	fail_service();
	assert_int_equal(iommu_state(&bench_smmu.iommu), IOMMU_FAILING);
	assert_int_equal(iommu_fail(&bench_smmu.iommu, "a test"), 0);
	mend();
	/* After a reset, health is good and stays. */
	smmuv3_poll_gerror(&bench_smmu);
	assert_int_equal(iommu_state(&bench_smmu.iommu), IOMMU_READY);
	iommu_release_claim(&master);
	use();
}

/* The master being probed is not blamed. */
static void test_a_late_probe_that_hangs(void **state)
{
	(void)state;
	begin();
	assert_int_equal(iommu_master_stream(&late, &bench_smmu.iommu, LATE_SID), 0);
	hang();
	assert_int_equal(iommu_master_add(&core, &late), 0);
	assert_int_equal(iommu_state(&bench_smmu.iommu), IOMMU_FAILING);
	assert_int_equal(master_state(&late), MASTER_DESCRIBED);
	assert_int_equal(iommu_fail(&bench_smmu.iommu, "a test"), 0);
	mend();
	assert_int_equal(master_state(&late), MASTER_READY);
}

/* Its table is in use, and the SMMU is not gone. */
static void test_an_smmu_that_does_not_stop(void **state)
{
	uint64_t before[STE_DWORDS];
	uint64_t after[STE_DWORDS];

	(void)state;
	begin();
	assert_int_equal(model_probe_ste(bench_model, SID, before, NULL), MODEL_VIEW_S1);
	model_config(bench_model)->never_ack_cr0 = CR0_SMMUEN;
	assert_int_equal(smmuv3_ops.stop(&bench_smmu.iommu), -EIO);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_BROKEN);
	assert_int_equal(model_probe_ste(bench_model, SID, after, NULL), MODEL_VIEW_S1);
	assert_memory_equal(before, after, sizeof(before));
	bench_expect_pass(SID, IOVA, DATA);
	assert_int_equal(iommu_unregister(&bench_smmu.iommu), -EIO);
	assert_int_equal(iommu_state(&bench_smmu.iommu), IOMMU_FAILED);
	assert_non_null(bench_smmu.iommu.reason);
	assert_int_equal(iommu_register(&bench_smmu.iommu), -EIO);
	model_config(bench_model)->never_ack_cr0 = 0;
	iommu_release_claim(&master);
	mend();
	use();
}

static void test_an_instance_that_does_not_stop_is_not_gone(void **state)
{
	(void)state;
	begin();
	model_config(bench_model)->never_ack_cr0 = CR0_SMMUEN;
	assert_int_equal(iommu_unregister(&bench_smmu.iommu), -EIO);
	assert_int_equal(iommu_state(&bench_smmu.iommu), IOMMU_FAILED);
	model_config(bench_model)->never_ack_cr0 = 0;
	iommu_release_claim(&master);
	mend();
}

static void test_an_enable_whose_invalidation_is_refused(void **state)
{
	(void)state;
	for (unsigned int nth = 1; nth <= 3; nth++) { /* CFGI_ALL, TLBI_EL2_ALL, TLBI_NSNH_ALL. */
		model_fail_command(bench_model, nth, MODEL_CERROR_ILL);
		assert_int_equal(iommu_register(&bench_smmu.iommu), -EIO);
		assert_int_equal(iommu_state(&bench_smmu.iommu), IOMMU_FAILED);
		assert_non_null(bench_smmu.iommu.reason);
		assert_int_equal(model_peek32(bench_model, SMMU_CR0ACK) & CR0_SMMUEN, 0);
	}
	begin();
}

/* It translates until SMMUEN is acknowledged as clear. */
static void (*real_write)(volatile void *at, uint32_t value);
static unsigned int turned_off;

static void expect_on(volatile void *at, uint32_t value)
{
	if (at == bench_smmu.regs + SMMU_CR0 && !(value & CR0_SMMUEN) && bench_smmu.cr0 & CR0_SMMUEN) {
		assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_ON);
		turned_off++;
	}
	real_write(at, value);
}

static void test_on_until_it_is_off(void **state)
{
	(void)state;
	begin();
	real_write = arch_hooks.write32;
	arch_hooks.write32 = expect_on;
	turned_off = 0;
	assert_int_equal(smmuv3_pause(&bench_smmu), 0);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_OFF);
	assert_int_equal(smmuv3_resume(&bench_smmu), 0);
	assert_int_equal(iommu_unregister(&bench_smmu.iommu), 0);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_OFF);
	assert_int_equal(turned_off, 2);
	arch_hooks.write32 = real_write;
}

/* --- What is held, and given back. --- */

static size_t memory_taken(void)
{
	return arena_used() - pages_free_count() * PAGE_SIZE;
}

/* As many rounds as ASIDs: each start frees what the last failure held. */
static void test_nothing_is_lost_by_failures(void **state)
{
	struct smmuv3_ids asids;
	struct smmuv3_ids vmids;
	size_t taken = 0;

	(void)state;
	for (unsigned int round = 0; round < SMMUV3_IDS_MAX; round++) {
		struct smmuv3_domain *parent;

		begin();
		parent = bench_domain(SMMUV3_STAGE2, 12, NULL);
		if (!round) {
			asids = bench_smmu.asids;
			vmids = bench_smmu.vmids;
			taken = memory_taken();
		}
		assert_memory_equal(&bench_smmu.asids, &asids, sizeof(asids));
		assert_memory_equal(&bench_smmu.vmids, &vmids, sizeof(vmids));
		assert_int_equal(memory_taken(), taken);
		failures[round % FAILURE_COUNT].happen();
		assert_int_equal(iommu_unmap(&master, IOVA, PAGE), -EIO);
		assert_int_equal(smmuv3_ops.domain_free(&parent->domain), -EIO);
		iommu_release_claim(&master);
		/* Reused only after the next start has invalidated all. */
		assert_int_equal(memory_taken(), taken);
		assert_memory_equal(&bench_smmu.asids, &asids, sizeof(asids));
		assert_int_equal(iommu_fail(&bench_smmu.iommu, "a test"), 0);
		assert_int_equal(memory_taken(), taken);
		mend();
		assert_true(memory_taken() < taken);
		assert_int_equal(iommu_unregister(&bench_smmu.iommu), 0);
	}
}

/* Before its invalidation, nothing is free. */
static void test_a_start_that_fails_gives_nothing_back(void **state)
{
	size_t taken;

	(void)state;
	begin();
	hang();
	assert_int_equal(iommu_unmap(&master, IOVA, PAGE), -EIO);
	iommu_release_claim(&master);
	assert_int_equal(iommu_fail(&bench_smmu.iommu, "a test"), 0);
	taken = memory_taken();
	assert_non_null(bench_smmu.held_domain);
	model_forget_complaints(bench_model);
	assert_int_equal(iommu_register(&bench_smmu.iommu), -EIO);
	assert_non_null(bench_smmu.held_domain);
	assert_int_equal(memory_taken(), taken);
	mend();
	assert_null(bench_smmu.held_domain);
	assert_true(memory_taken() < taken);
}

/* --- While a change waits for the SMMU. --- */

static unsigned int waits;

/* The waiting core holds no lock, and takes interrupts. */
static void step(void)
{
	waits++;
	assert_int_equal(bench_smmu.lock.held, 0);
	assert_int_equal(bench_smmu.cmdq_lock.held, 0);
	smmuv3_poll_gerror(&bench_smmu);
	smmuv3_poll_events(&bench_smmu);
	model_step(bench_model);
}

static void test_no_lock_is_held_over_a_wait(void **state)
{
	(void)state;
	begin();
	model_config(bench_model)->hold_commands = true;
	arch_hooks.relax = step;
	waits = 0;
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), 0);
	assert_true(waits > 0);
	waits = 0;
	assert_int_equal(smmuv3_ops.add_stream(&bench_smmu.iommu, LATE_SID), 0);
	assert_true(waits > 0);
	waits = 0;
	assert_int_equal(smmuv3_ops.quarantine(&bench_smmu.iommu, LATE_SID + 0x100), 0);
	assert_true(waits > 0);
	assert_int_equal(word_load(&bench_smmu.changing), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_map_after_an_unmap_that_failed),
		TEST(test_every_operation_of_an_smmu_that_failed),
		TEST(test_health_goes_one_way),
		TEST(test_every_operation_that_notices_raises),
		TEST(test_a_late_probe_that_hangs),
		TEST(test_an_smmu_that_does_not_stop),
		TEST(test_an_instance_that_does_not_stop_is_not_gone),
		TEST(test_an_enable_whose_invalidation_is_refused),
		TEST(test_on_until_it_is_off),
		TEST(test_nothing_is_lost_by_failures),
		TEST(test_a_start_that_fails_gives_nothing_back),
		TEST(test_no_lock_is_held_over_a_wait),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
