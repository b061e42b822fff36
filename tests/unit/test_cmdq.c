/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command queue: full, shared or faulty on a slow SMMU of 8 commands (the model); what is in memory before what,
 * and repairs (the recorder).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arch.h"
#include "bench.h"
#include "recorder.h"

#define LOG2 3U
#define SIZE (1U << LOG2)

static struct command commands[64];

static int setup(void **state)
{
	struct model_config config = model_full;

	(void)state;
	config.idr[1] = (config.idr[1] & ~(uint32_t)FIELD_MASK(IDR1_CMDQS)) | FIELD_PUT32(IDR1_CMDQS, LOG2);
	bench_open(&config, BENCH_MEMORY_SIZE);
	bench_start(1);
	model_config(bench_model)->hold_commands = true;
	/* All differ: a lost or doubled one shows. */
	for (uint32_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		commands[i] = smmuv3_command_cfgi_ste(i);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	model_config(bench_model)->hold_commands = false;
	bench_close();
	return 0;
}

/* Exactly these, in order, and a SYNC last. */
static void expect_taken(uint32_t first, uint32_t count)
{
	uint32_t next = first;

	for (size_t i = 0; i < model_log_count(bench_model); i++) {
		const struct model_log *entry = model_log(bench_model, i);

		if (entry->kind == MODEL_LOG_COMMAND && entry->number == CMD_CFGI_STE) {
			assert_int_equal(entry->dwords[0] >> 32, next);
			next++;
		}
	}
	assert_int_equal(next - first, count);
	assert_int_equal(model_log(bench_model, model_log_count(bench_model) - 1)->number, CMD_SYNC);
}

/* CMQ-03: what fits beside a SYNC goes at once; one more takes another SYNC. */
static void test_cmq_03_exact_fit(void **state)
{
	(void)state;
	for (unsigned int count = 1; count <= 40; count++) {
		model_log_clear(bench_model);
		assert_int_equal(smmuv3_issue(&bench_smmu, commands, count), 0);
		expect_taken(0, count);
		assert_int_equal(bench_command_count(CMD_SYNC), (count + SIZE - 2) / (SIZE - 1));
		assert_true(smmuv3_queues_empty(&bench_smmu));
	}
}

/* Another core comes while the queue is full. */
static unsigned int turn_count;

static void come_as_another_core(void)
{
	if (++turn_count == 3) {
		arch_hooks.core = 1;
		assert_int_equal(smmuv3_issue(&bench_smmu, commands + 7, 5), 0);
		arch_hooks.core = 0;
	}
	model_step(bench_model);
}

static void test_cmq_02_full(void **state)
{
	(void)state;
	turn_count = 0;
	arch_hooks.relax = come_as_another_core;
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 7), 0);
	expect_taken(0, 12);
	assert_true(turn_count >= 8);
	assert_int_equal(bench_smmu.starving, 0);
}

/* The core without room goes first, even if others' batches fit. */
static void let_the_other_in(void)
{
	if (++turn_count == 5) {
		assert_int_equal(model_log_count(bench_model), 0);
		bench_smmu.starving = 0;
	}
	model_step(bench_model);
}

static void test_con_12_a_starving_core_goes_first(void **state)
{
	(void)state;
	turn_count = 0;
	bench_smmu.starving = 3;
	arch_hooks.relax = let_the_other_in;
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 1), 0);
	assert_true(turn_count >= 5);
	expect_taken(0, 1);
	/* It does not block itself. */
	bench_smmu.starving = 1;
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 1), 0);
	assert_int_equal(bench_smmu.starving, 0);
}

/* The waiting core gives up, and reports once. */
static void test_cmq_09_no_room_for_ever(void **state)
{
	(void)state;
	bench_smmu.starving = 3;
	bench_listen();
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 1), -EIO);
	assert_true(bench_heard("smmu: CMD_SYNC did not complete in time: CMDQ_PROD 0x"));
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_BROKEN);
	assert_int_equal(bench_smmu.starving, 0);
	bench_listen();
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 1), -EIO);
	assert_false(bench_heard("smmu"));
}

/* A debugger halts the core between look and clock; the SMMU goes on. */
static void let_the_smmu_go_on(void)
{
	for (unsigned int i = 0; i < 2 * SIZE; i++) {
		model_step(bench_model);
	}
}

static void test_cmq_09_a_core_that_is_held_up(void **state)
{
	(void)state;
	arch_hooks.tick = 100000000;
	arch_hooks.relax = let_the_smmu_go_on;
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 3 * SIZE), 0);
	assert_true(smmuv3_health(&bench_smmu) <= SMMUV3_ON);
	expect_taken(0, 3 * SIZE);
}

static void break_the_queue(void)
{
	bench_smmu.health = SMMUV3_BROKEN;
}

static void test_a_queue_that_is_given_up_by_another(void **state)
{
	(void)state;
	arch_hooks.relax = break_the_queue;
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 3), -EIO);
}

/* CONS beyond PROD completes nothing. */
static uint32_t (*real_read)(const volatile void *at);

static uint32_t run_ahead(const volatile void *at)
{
	uint32_t value = real_read(at);

	return at == bench_smmu.regs + SMMU_CMDQ_CONS ? (bench_smmu.issued + 3) & (2 * SIZE - 1) : value;
}

static void (*real_write)(volatile void *at, uint32_t value);

static void test_a_consumer_that_runs_ahead(void **state)
{
	(void)state;
	real_read = arch_hooks.read32;
	arch_hooks.read32 = run_ahead;
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, SIZE - 2), -EIO);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_BROKEN);
}

/* CMQ-04: an old error in CONS is no part of the index. */
static void test_cmq_04_errors_that_stay_in_cons(void **state)
{
	(void)state;
	bench_smmu.provoked = SMMUV3_PROVOKED;
	for (unsigned int turn = 0; turn < 3 * SIZE; turn++) {
		uint32_t before = bench_smmu.counts.illegal_commands;

		model_fail_command(bench_model, 2, MODEL_CERROR_ILL);
		assert_int_equal(smmuv3_issue(&bench_smmu, commands, 3), 0);
		assert_int_equal(bench_smmu.counts.illegal_commands, before + 1);
		assert_int_not_equal(model_peek32(bench_model, SMMU_CMDQ_CONS) >> 24, 0);
		assert_int_equal(model_peek32(bench_model, SMMU_GERROR), model_peek32(bench_model, SMMU_GERRORN));
	}
}

/* A refused command is counted and reported, and health is SMMUV3_LOST; not for a provoked one. */
static void test_cmq_05_a_refused_command_is_no_secret(void **state)
{
	(void)state;
	bench_listen();
	assert_int_equal(smmuv3_provoke_illegal_command(&bench_smmu), 0);
	assert_false(bench_heard("smmu: it refuses command"));
	assert_int_equal(bench_smmu.counts.unprovoked, 0);
	model_fail_command(bench_model, 1, MODEL_CERROR_ABT);
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 1), 0);
	assert_int_equal(bench_smmu.counts.unprovoked, 1);
	model_fail_command(bench_model, 2, MODEL_CERROR_ILL);
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 3), -EIO);
	assert_true(bench_heard("smmu: it refuses command 0x100000003 0x"));
	assert_int_equal(bench_smmu.counts.unprovoked, 2);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_LOST);
}

/* The SMMU does not see stores: the SYNC in the command's place is refused, too. */
static void refuse_again(volatile void *at, uint32_t value)
{
	real_write(at, value);
	if (model_peek32(bench_model, SMMU_GERROR) == model_peek32(bench_model, SMMU_GERRORN)) {
		model_fail_command(bench_model, 1, MODEL_CERROR_ILL);
	}
}

static void test_cmq_05_a_repair_that_is_not_seen(void **state)
{
	(void)state;
	model_fail_command(bench_model, 1, MODEL_CERROR_ILL);
	real_write = arch_hooks.write32;
	arch_hooks.write32 = refuse_again;
	assert_int_equal(smmuv3_issue(&bench_smmu, commands, 1), -EIO);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_BROKEN);
	assert_in_range(bench_smmu.counts.illegal_commands, 2, 8);
	arch_hooks.write32 = real_write;
}

/* CMQ-07, CMQ-08: retried while that helps. */
static void test_cmq_08_errors_that_pass(void **state)
{
	static const enum model_cerror errors[] = {MODEL_CERROR_ABT, MODEL_CERROR_ATC_INV};

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		model_log_clear(bench_model);
		model_fail_command(bench_model, 3, errors[i]);
		assert_int_equal(smmuv3_issue(&bench_smmu, commands, 5), 0);
		expect_taken(0, 5);
	}
	assert_int_equal(bench_smmu.counts.aborted_fetches, 1);
	assert_int_equal(bench_smmu.counts.illegal_commands, 0);
}

/* CMQ-14: the smallest size works, a smaller one is refused. */
static void test_cmq_14_the_smallest_queues(void **state)
{
	(void)state;
	for (unsigned int log2 = 0; log2 <= 19; log2++) {
		struct model_config config = model_full;

		model_config(bench_model)->hold_commands = false;
		bench_close();
		config.idr[1] = (config.idr[1] & ~(uint32_t)FIELD_MASK(IDR1_CMDQS)) | FIELD_PUT32(IDR1_CMDQS, log2);
		bench_open(&config, BENCH_MEMORY_SIZE);
		if (log2 < 2) {
			assert_int_equal(smmuv3_ops.start(&bench_smmu.iommu), -ENOTSUP);
			continue;
		}
		bench_start(1);
		assert_int_equal(bench_smmu.cmdq.log2, log2 < 7 ? log2 : 7);
		assert_int_equal(smmuv3_issue(&bench_smmu, commands, 50), 0);
		expect_taken(0, 50);
	}
}

static void test_cmq_09_sync_that_never_completes_fails(void **state)
{
	(void)state;
	hw.consume = false;
	assert_int_equal(iommu_register(&smmu.iommu), -EIO);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_FAILED);
	assert_int_equal(*reg(SMMU_CR0), 0);
	assert_int_equal(*reg(SMMU_IRQ_CTRL), 0);
}

/* Three commands and a SYNC. */
static void test_cmq_03_batch_larger_than_the_queue(void **state)
{
	static const uint64_t wanted[] = {0x10001, 0x11001, 0x12001, 0, 0x13001, 0x14001, 0};
	unsigned int before, cause = 0;

	(void)state;
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~(31U << 21)) | 2U << 21;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(0x500);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x5000, IOMMU_READ), 0);
	before = recorded_count;
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x5000), 0);
	assert_int_equal(count_since(before, true), sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; before < recorded_count; before++) {
		if (recorded[before].is_command) {
			assert_int_equal(recorded[before].second, wanted[i]);
			assert_int_equal(recorded[before].what, wanted[i] ? CMD_TLBI_NH_VA : CMD_SYNC);
			i++;
		}
	}
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x5000, IOMMU_READ), 0);
	hw.consume = false;
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x5000), -EIO);
}

static void test_noncoherent_queue_is_repaired(void **state)
{
	(void)state;
	put_a_cache_between();
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(smmuv3_provoke_illegal_command(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 1);
}

static void test_cmq_01_wrap(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (int i = 0; i < 400; i++) {
		recorded_count = 0;
		assert_int_equal(smmuv3_resume(&smmu), 0);
		assert_int_equal(count_since(0, true), 3);
	}
	assert_int_equal(smmu.counts.commands, 401 * 3);
	assert_int_equal(*reg(SMMU_CMDQ_PROD), 401 * 3 % 256);
	assert_true(smmuv3_queues_empty(&smmu));
}

static void test_cmq_05_illegal_command_is_repaired(void **state)
{
	unsigned int before;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	before = recorded_count;
	assert_int_equal(smmuv3_provoke_illegal_command(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 1);
	/* Replaced by a SYNC before the acknowledge. */
	assert_int_equal(count_since(before, true), 2);
	assert_int_equal(*reg(SMMU_GERROR), *reg(SMMU_GERRORN));
	/* CONS.ERR stays: it means nothing now. */
	assert_int_not_equal(*reg(SMMU_CMDQ_CONS) >> 24, 0);
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 1);
}

static void test_cmq_07_aborted_fetches_are_retried_and_bounded(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	hw.abort_fetches = 3;
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.aborted_fetches, 3);
	/* The limit of retries is each batch's. */
	hw.abort_fetches = 3;
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 0);
	hw.abort_fetches = 1000;
	assert_int_equal(smmuv3_resume(&smmu), -EIO);
	assert_int_equal(smmuv3_health(&smmu), SMMUV3_BROKEN);
	recorded_count = 0;
	assert_int_equal(smmuv3_resume(&smmu), -EIO);
	assert_int_equal(find(0, false, SMMU_CMDQ_PROD), recorded_count);
	/* Acknowledged, the error would come back with an interrupt each time. */
	assert_int_not_equal(*reg(SMMU_GERROR), *reg(SMMU_GERRORN));
	recorded_count = 0;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(recorded_count, 0);
}

static void test_cmq_08_failed_atc_sync_goes_on(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	hw.abort_syncs = 1;
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 0);
	assert_int_equal(*reg(SMMU_GERROR), *reg(SMMU_GERRORN));
}

static void test_cmq_05_swallowed_command_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	hw.swallow = true;
	assert_int_equal(smmuv3_provoke_illegal_command(&smmu), -ENOMSG);
}

static void test_cmq_02_commands_are_in_memory_before_the_doorbell(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	before = arch_hooks.wmb_count;
	assert_int_equal(smmuv3_invalidate_all(&smmu), 0);
	assert_true(hw.wmb_at_doorbell > before);
}

/* MMU-700 2812531: a SYNC between kinds of command, and after 62 of a kind. */
static void test_errata_2812531_syncs_between(void **state)
{
	struct command batch[100];
	unsigned int run = 0, syncs = 0;

	(void)state;
	*reg(SMMU_IIDR) = 0x4870043b;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (unsigned int i = 0; i < 100; i++) {
		batch[i] = i < 90 ? smmuv3_command_tlbi_address(CMD_TLBI_NH_VA, 0, i, 0x1000, true) :
				    smmuv3_command_tlbi_asid(0, i);
	}
	assert_int_equal(smmuv3_issue(&smmu, batch, 100), 0);
	for (unsigned int i = 0; i < recorded_count; i++) {
		if (!recorded[i].is_command) {
			continue;
		}
		if (recorded[i].what == CMD_SYNC) {
			run = 0;
			syncs++;
			continue;
		}
		assert_true(run == 0 || recorded[i].what == recorded[i - 1].what);
		assert_true(++run <= 62);
	}
	/* Two of the registration's, then 32 + 32 + 26 and 10. */
	assert_int_equal(syncs, 2 + 4);
	recorded_count = 0;
	*reg(SMMU_IIDR) = 0x4871143b;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(smmuv3_issue(&smmu, batch, 100), 0);
	assert_int_equal(count_since(0, true), 100 + 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cmq_03_exact_fit),
		TEST(test_cmq_02_full),
		TEST(test_con_12_a_starving_core_goes_first),
		TEST(test_cmq_09_no_room_for_ever),
		TEST(test_cmq_09_a_core_that_is_held_up),
		TEST(test_a_queue_that_is_given_up_by_another),
		TEST(test_a_consumer_that_runs_ahead),
		TEST(test_cmq_04_errors_that_stay_in_cons),
		TEST(test_cmq_08_errors_that_pass),
		TEST(test_cmq_05_a_refused_command_is_no_secret),
		TEST(test_cmq_05_a_repair_that_is_not_seen),
		TEST(test_cmq_14_the_smallest_queues),
		RECORDED(test_cmq_09_sync_that_never_completes_fails),
		RECORDED(test_cmq_03_batch_larger_than_the_queue),
		RECORDED(test_noncoherent_queue_is_repaired),
		RECORDED(test_cmq_01_wrap),
		RECORDED(test_cmq_05_illegal_command_is_repaired),
		RECORDED(test_cmq_07_aborted_fetches_are_retried_and_bounded),
		RECORDED(test_cmq_08_failed_atc_sync_goes_on),
		RECORDED(test_cmq_05_swallowed_command_is_noticed),
		RECORDED(test_cmq_02_commands_are_in_memory_before_the_doorbell),
		RECORDED(test_errata_2812531_syncs_between),
	};

	return cmocka_run_group_tests_name("cmdq", tests, NULL, NULL);
}
