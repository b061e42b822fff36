/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors on purpose are reported correctly and leave nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "bench.h"

#define SID 1U
#define IOVA 0x40000000ULL
#define DATA 0x140000000ULL

static int setup(void **state)
{
	(void)state;
	bench_open(&model_full, BENCH_MEMORY_SIZE);
	bench_start(SID + 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bench_close();
	return 0;
}

static struct smmuv3_domain *attached(enum smmuv3_domain_kind kind)
{
	struct smmuv3_domain *parent = kind == SMMUV3_NESTED ? bench_domain(SMMUV3_STAGE2, 12, NULL) : NULL;
	struct smmuv3_domain *domain;

	if (parent) {
		assert_int_equal(smmuv3_domain_share_tables(parent), 0);
		bench_map(parent, DATA, DATA, 0x1000);
	}
	domain = bench_domain(kind, 12, parent);
	bench_attach(SID, domain);
	bench_map(domain, IOVA, DATA, 0x1000);
	bench_expect_pass(SID, IOVA, DATA);
	return domain;
}

static void expect_all_well(void)
{
	assert_int_equal(model_peek32(bench_model, SMMU_GERROR), model_peek32(bench_model, SMMU_GERRORN));
	assert_true(smmuv3_queues_empty(&bench_smmu));
	assert_int_equal(smmuv3_invalidate_all(&bench_smmu), 0);
	assert_true(smmuv3_health(&bench_smmu) <= SMMUV3_ON);
	assert_int_equal(bench_smmu.cr0, CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}

/* --- Commands. --- */

static void test_cmq_05_illegal_command(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 5; i++) {
		assert_int_equal(smmuv3_provoke_illegal_command(&bench_smmu), 0);
		assert_int_equal(bench_smmu.counts.illegal_commands, i);
		expect_all_well();
	}
}

static void test_an_illegal_command_on_a_broken_queue(void **state)
{
	(void)state;
	model_hang_at_command(bench_model, 1);
	assert_int_equal(smmuv3_provoke_illegal_command(&bench_smmu), -EIO);
	assert_int_equal(smmuv3_provoke_illegal_command(&bench_smmu), -EIO);
}

static void test_cmq_07_queue_that_leads_nowhere(void **state)
{
	(void)state;
	attached(SMMUV3_STAGE1);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(smmuv3_provoke_queue_abort(&bench_smmu, BENCH_NOWHERE), 0);
		assert_true(bench_smmu.counts.aborted_fetches > 3 * i);
		expect_all_well();
	}
	bench_expect_pass(SID, IOVA, DATA);
}

/* It answers with valid commands: no CERROR_ABT. */
static void test_a_nowhere_that_is_somewhere(void **state)
{
	struct command *place = (struct command *)(uintptr_t)(BENCH_MEMORY + BENCH_MEMORY_SIZE - 0x10000);

	(void)state;
	for (unsigned int i = 0; i < 1U << SMMUV3_CMDQ_LOG2_MAX; i++) {
		place[i] = smmuv3_command(CMD_SYNC);
	}
	assert_int_equal(smmuv3_provoke_queue_abort(&bench_smmu, (uintptr_t)place), -ENOMSG);
	assert_int_equal(bench_smmu.counts.aborted_fetches, 0);
	expect_all_well();
}

/* Illegal commands cannot be repaired; the error ends with them. */
static void let_time_fly(void)
{
	arch_hooks.ticks += SMMUV3_WAIT_US / 50;
	model_step(bench_model);
}

static void test_a_nowhere_of_illegal_commands(void **state)
{
	void *place = (void *)(uintptr_t)(BENCH_MEMORY + BENCH_MEMORY_SIZE - 0x10000);

	(void)state;
	memset(place, 0, 0x10000);
	arch_hooks.relax = let_time_fly;
	assert_int_equal(smmuv3_provoke_queue_abort(&bench_smmu, (uintptr_t)place), -ENOMSG);
	assert_int_equal(bench_smmu.counts.aborted_fetches, 0);
	expect_all_well();
}

static void test_nowhere_has_to_be_aligned(void **state)
{
	(void)state;
	assert_int_equal(smmuv3_provoke_queue_abort(&bench_smmu, BENCH_NOWHERE + 16), -EINVAL);
	expect_all_well();
	bench_listen();
	assert_int_equal(smmuv3_misplace_events(&bench_smmu, BENCH_NOWHERE + 8), -EINVAL);
	assert_true(bench_heard("smmu: EVENTQ_BASE: 0x"));
	assert_int_equal(smmuv3_restore_events(&bench_smmu), 0);
	expect_all_well();
}

static void test_a_queue_that_cannot_be_put_back(void **state)
{
	(void)state;
	model_config(bench_model)->never_ack_cr0 = CR0_CMDQEN;
	assert_int_equal(smmuv3_provoke_queue_abort(&bench_smmu, BENCH_NOWHERE), -EIO);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_BROKEN);
	model_forget_complaints(bench_model); /* Writes before the first was acknowledged. */
}

/* The instance failed, or its queue works without an error. */
static uint32_t unacknowledged_write;
static void (*real_write)(volatile void *at, uint32_t value);

static void acknowledge_no_more(volatile void *at, uint32_t value)
{
	if (at == bench_smmu.regs + SMMU_CR0 && !--unacknowledged_write) {
		model_config(bench_model)->never_ack_cr0 = CR0_CMDQEN;
	}
	real_write(at, value);
}

static void test_whatever_fails_the_queue_is_not_forgotten(void **state)
{
	struct command sync = smmuv3_command(CMD_CFGI_ALL);

	(void)state;
	real_write = arch_hooks.write32;
	arch_hooks.write32 = acknowledge_no_more;
	/* Off, on elsewhere, off, on again. */
	for (uint32_t nth = 1; nth <= 4; nth++) {
		unacknowledged_write = nth;
		assert_int_equal(smmuv3_provoke_queue_abort(&bench_smmu, BENCH_NOWHERE), -EIO);
		assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_BROKEN);
		assert_int_equal(smmuv3_issue(&bench_smmu, &sync, 1), -EIO);
		model_config(bench_model)->never_ack_cr0 = 0;
		bench_start(0);
		model_forget_complaints(bench_model);
		assert_int_equal(smmuv3_issue(&bench_smmu, &sync, 1), 0);
	}
	arch_hooks.write32 = real_write;
}

/* --- Events. --- */

static void fault(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		assert_int_equal(bench_dma(SID, IOVA + 0x100000 + 0x1000 * i, false, NULL), MODEL_ABORTED);
	}
}

static void test_evq_03_overflow_and_the_way_back(void **state)
{
	(void)state;
	attached(SMMUV3_STAGE1);
	for (uint32_t i = 1; i <= 3; i++) {
		uint32_t events = bench_smmu.counts.events;

		assert_int_equal(smmuv3_shrink_events(&bench_smmu, 2), 0);
		fault(4);
		assert_false(smmuv3_events_overflowed(&bench_smmu));
		smmuv3_poll_events(&bench_smmu);
		assert_int_equal(bench_smmu.counts.events, events);
		fault(4);
		assert_true(smmuv3_events_overflowed(&bench_smmu));
		assert_false(smmuv3_has_error(&bench_smmu));
		assert_int_equal(smmuv3_restore_events(&bench_smmu), 0);
		assert_false(smmuv3_events_overflowed(&bench_smmu));
		expect_all_well();
		bench_expect_fault(SID, IOVA + 0x1000, F_TRANSLATION);
	}
}

static void test_a_queue_can_only_shrink(void **state)
{
	uint32_t before = model_peek32(bench_model, SMMU_EVENTQ_BASE);

	(void)state;
	for (unsigned int log2 = bench_smmu.features.evtq_log2 + 1; log2 < 32; log2++) {
		assert_int_equal(smmuv3_shrink_events(&bench_smmu, log2), -EINVAL);
		assert_int_equal(model_peek32(bench_model, SMMU_EVENTQ_BASE), before);
		assert_int_equal(bench_smmu.evtq.log2, bench_smmu.features.evtq_log2);
	}
	attached(SMMUV3_STAGE1);
	bench_expect_fault(SID, IOVA + 0x1000, F_TRANSLATION);
	assert_int_equal(smmuv3_shrink_events(&bench_smmu, bench_smmu.features.evtq_log2), 0);
	assert_int_equal(smmuv3_restore_events(&bench_smmu), 0);
}

static void test_ger_01_events_that_cannot_be_written(void **state)
{
	(void)state;
	attached(SMMUV3_STAGE1);
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(smmuv3_misplace_events(&bench_smmu, BENCH_NOWHERE), 0);
		assert_false(smmuv3_has_error(&bench_smmu));
		fault(1);
		assert_true(smmuv3_has_error(&bench_smmu));
		assert_int_equal(smmuv3_restore_events(&bench_smmu), 0);
		assert_false(smmuv3_has_error(&bench_smmu));
		assert_int_equal(bench_smmu.counts.aborted_events, i);
		assert_true(bench_smmu.counts.gerrors & GERROR_EVENTQ_ABT_ERR);
		expect_all_well();
		bench_expect_fault(SID, IOVA + 0x1000, F_TRANSLATION);
	}
}

static void test_events_that_cannot_be_put_back(void **state)
{
	(void)state;
	model_config(bench_model)->never_ack_cr0 = CR0_EVENTQEN;
	assert_int_equal(smmuv3_shrink_events(&bench_smmu, 2), -EIO);
	model_forget_complaints(bench_model);
	assert_int_equal(smmuv3_restore_events(&bench_smmu), -EIO);
	model_forget_complaints(bench_model);
	/* Queue and registers differ: the queue must not be read. */
	assert_false(bench_smmu.evtq_published);
	bench_smmu.health = SMMUV3_BROKEN;
}

static void test_ger_03_two_at_once(void **state)
{
	(void)state;
	model_set_gerror(bench_model, GERROR_EVENTQ_ABT_ERR | GERROR_MSI_CMDQ_ABT_ERR);
	assert_int_equal(smmuv3_provoke_illegal_command(&bench_smmu), 0);
	assert_int_equal(bench_smmu.counts.aborted_events, 1);
	assert_int_equal(bench_smmu.counts.illegal_commands, 1);
	assert_int_equal(bench_smmu.counts.gerrors, GERROR_EVENTQ_ABT_ERR | GERROR_MSI_CMDQ_ABT_ERR | GERROR_CMDQ_ERR);
	expect_all_well();
}

/* --- What translates. --- */

static const struct {
	enum smmuv3_damage damage;
	unsigned int code;
	bool stage1;
	bool stage2;
} damages[] = {
	{SMMUV3_DAMAGE_STE, C_BAD_STE, true, true},	     {SMMUV3_DAMAGE_CD, C_BAD_CD, true, false},
	{SMMUV3_DAMAGE_CD_POINTER, F_CD_FETCH, true, false}, {SMMUV3_DAMAGE_TABLE, F_WALK_EABT, true, true},
	{SMMUV3_DAMAGE_ACCESS_FLAG, F_ACCESS, true, true},   {SMMUV3_DAMAGE_OUTPUT_SIZE, F_ADDR_SIZE, true, true},
};

/* In all that the SMMU looks at. */
static void expect_same(const struct ste *entry, const struct ste *wanted)
{
	uint64_t used[STE_DWORDS];

	bench_ste_mask(model_probe_ste(bench_model, SID, NULL, NULL), used);
	for (unsigned int i = 0; i < STE_DWORDS; i++) {
		assert_int_equal((entry->dword[i] ^ wanted->dword[i]) & used[i], 0);
	}
}

static void damage_and_mend(struct smmuv3_domain *domain, enum smmuv3_damage damage, unsigned int code)
{
	struct ste ste = *smmuv3_stream_table_entry(&bench_smmu, SID);
	struct cd cd = bench_smmu.cd[domain->asid];

	assert_int_equal(smmuv3_damage(&domain->domain, SID, IOVA, BENCH_NOWHERE, damage), 0);
	bench_expect_fault(SID, IOVA, code);
	bench_expect_fault(SID, IOVA, code);
	assert_int_equal(smmuv3_mend(&domain->domain, SID, IOVA, damage), 0);
	bench_expect_pass(SID, IOVA, DATA);
	expect_same(smmuv3_stream_table_entry(&bench_smmu, SID), &ste);
	assert_memory_equal(&bench_smmu.cd[domain->asid], &cd, sizeof(cd));
	model_check_caches(bench_model);
}

static void try_damages(const struct model_config *config, enum smmuv3_domain_kind kind)
{
	struct smmuv3_domain *domain;

	bench_close();
	bench_open(config, BENCH_MEMORY_SIZE);
	bench_start(SID + 1);
	domain = attached(kind);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		bool applies = kind == SMMUV3_STAGE1 ? damages[i].stage1 : damages[i].stage2;

		/* 48 bits of output: a descriptor cannot lead beyond. */
		applies = applies && (damages[i].code != F_ADDR_SIZE || domain->table.format.output_bits < 48);
		if (applies) {
			damage_and_mend(domain, damages[i].damage, damages[i].code);
		} else {
			model_log_clear(bench_model);
			assert_int_equal(smmuv3_damage(&domain->domain, SID, IOVA, BENCH_NOWHERE, damages[i].damage),
					 -ENOTSUP);
			assert_int_equal(model_log_count(bench_model), 0);
			bench_expect_pass(SID, IOVA, DATA);
		}
	}
}

static void test_faults_by_damage(void **state)
{
	struct model_config small = model_full;

	(void)state;
	small.idr[5] = (small.idr[5] & ~7U) | 4; /* 44 bits. */
	try_damages(&model_full, SMMUV3_STAGE1);
	try_damages(&model_full, SMMUV3_STAGE2);
	try_damages(&small, SMMUV3_STAGE1);
	try_damages(&small, SMMUV3_STAGE2);
	try_damages(&model_s1_only, SMMUV3_STAGE1);
	try_damages(&model_s2_only, SMMUV3_STAGE2);
}

static void test_what_cannot_be_damaged(void **state)
{
	struct smmuv3_domain *nested = attached(SMMUV3_NESTED);
	struct smmuv3_domain *bypass = bench_domain(SMMUV3_BYPASS, 0, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		assert_int_equal(smmuv3_damage(&nested->domain, SID, IOVA, BENCH_NOWHERE, damages[i].damage), -ENOTSUP);
		assert_int_equal(smmuv3_damage(&bypass->domain, SID, IOVA, BENCH_NOWHERE, damages[i].damage), -ENOTSUP);
	}
	bench_expect_pass(SID, IOVA, DATA);
}

/* Not mapped, or beyond the input: no leaf. */
static void test_a_leaf_that_is_not_there(void **state)
{
	struct smmuv3_domain *domain = attached(SMMUV3_STAGE1);
	static const uint64_t nowhere[] = {IOVA + 0x1000, 0, 1ULL << 48, ~0ULL};

	(void)state;
	for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
		assert_int_equal(
			smmuv3_damage(&domain->domain, SID, nowhere[i], BENCH_NOWHERE, SMMUV3_DAMAGE_ACCESS_FLAG),
			-ENOENT);
		assert_int_equal(smmuv3_mend(&domain->domain, SID, nowhere[i], SMMUV3_DAMAGE_ACCESS_FLAG), -ENOENT);
	}
	bench_expect_pass(SID, IOVA, DATA);
}

/* No entry; a failed queue. */
static void test_damage_that_does_not_get_through(void **state)
{
	struct smmuv3_domain *domain = attached(SMMUV3_STAGE1);

	(void)state;
	assert_int_equal(smmuv3_damage(&domain->domain, 0x500, IOVA, BENCH_NOWHERE, SMMUV3_DAMAGE_STE), -ERANGE);
	model_hang_at_command(bench_model, 1);
	assert_int_equal(smmuv3_damage(&domain->domain, SID, IOVA, BENCH_NOWHERE, SMMUV3_DAMAGE_ACCESS_FLAG), -EIO);
	assert_int_equal(smmuv3_damage(&domain->domain, SID, IOVA, BENCH_NOWHERE, SMMUV3_DAMAGE_STE), -EIO);
	assert_int_equal(smmuv3_mend(&domain->domain, SID, IOVA, SMMUV3_DAMAGE_STE), -EIO);
}

/* 4 KiB tables reach 48 bits: beyond is illegal, not an abort. */
static void test_walk_abort_with_52_bits(void **state)
{
	static const enum smmuv3_domain_kind kinds[] = {SMMUV3_STAGE1, SMMUV3_STAGE2};
	struct model_config config = model_full;
	struct smmuv3_domain *domain;

	(void)state;
	config.idr[5] = (config.idr[5] & ~7U) | 6U;
	for (unsigned int i = 0; i < 2; i++) {
		bench_close();
		bench_open(&config, BENCH_MEMORY_SIZE);
		bench_start(SID + 1);
		assert_int_equal(bench_smmu.features.output_bits, 52);
		domain = attached(kinds[i]);
		assert_int_equal(smmuv3_damage(&domain->domain, SID, IOVA, BIT64(52) - 0x200000, SMMUV3_DAMAGE_TABLE),
				 0);
		bench_expect_fault(SID, IOVA, F_WALK_EABT);
		assert_int_equal(smmuv3_mend(&domain->domain, SID, IOVA, SMMUV3_DAMAGE_TABLE), 0);
		bench_expect_pass(SID, IOVA, DATA);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_walk_abort_with_52_bits),
		TEST(test_cmq_05_illegal_command),
		TEST(test_an_illegal_command_on_a_broken_queue),
		TEST(test_cmq_07_queue_that_leads_nowhere),
		TEST(test_a_nowhere_that_is_somewhere),
		TEST(test_a_nowhere_of_illegal_commands),
		TEST(test_nowhere_has_to_be_aligned),
		TEST(test_a_queue_that_cannot_be_put_back),
		TEST(test_whatever_fails_the_queue_is_not_forgotten),
		TEST(test_evq_03_overflow_and_the_way_back),
		TEST(test_a_queue_can_only_shrink),
		TEST(test_ger_01_events_that_cannot_be_written),
		TEST(test_events_that_cannot_be_put_back),
		TEST(test_ger_03_two_at_once),
		TEST(test_faults_by_damage),
		TEST(test_what_cannot_be_damaged),
		TEST(test_a_leaf_that_is_not_there),
		TEST(test_damage_that_does_not_get_through),
	};

	return cmocka_run_group_tests_name("provoke", tests, NULL, NULL);
}
