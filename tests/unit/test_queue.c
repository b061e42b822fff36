/* SPDX-License-Identifier: BSD-2-Clause */
/* The command queue, full, shared or faulty: a slow SMMU, 8 commands. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arch.h"
#include "bench.h"

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
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
