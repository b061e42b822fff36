/* SPDX-License-Identifier: BSD-2-Clause */
/* An SMMU that listens, on the model: what it denies, what it tells, what it lets through, how it is left. */
#include "smmuv3/listen.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "bench.h"

#define ADDRESS 0x12345000ULL
#define SID 0x23U
#define NEIGHBOUR (SID + 1)
#define FAR_SID 0x3fU

static const struct model_config *const configs[] = {&model_full, &model_s1_only, &model_s2_only, &model_min,
						     &model_qemu};
static struct smmuv3_listening listening;
static struct smmuv3_event heard;
static unsigned int heard_count;
static uint32_t stormed;

static void note_event(struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	assert_ptr_equal(smmu, &bench_smmu);
	heard = *event;
	heard_count++;
}

static void note_storm(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end)
{
	(void)smmu;
	assert_int_equal(end, SMMUV3_STORM_SILENCED);
	stormed = sid;
}

static void begin(const struct model_config *config)
{
	heard_count = 0;
	stormed = 0;
	bench_open(config, BENCH_MEMORY_SIZE);
	assert_int_equal(smmuv3_block(&bench_smmu), 0);
	assert_int_equal(smmuv3_listen_begin(&bench_smmu, &listening, note_event, note_storm), 0);
}

static void end(void)
{
	uint64_t pa;

	assert_int_equal(smmuv3_listen_end(&bench_smmu, &listening), 0);
	assert_int_equal(bench_dma(SID, ADDRESS, true, &pa) == MODEL_PASSED, !bench_smmu.gbpa_works);
	bench_close();
}

/* With address and direction. */
static void expect_heard(uint32_t sid, bool write)
{
	unsigned int before = heard_count;
	uint64_t pa;

	assert_int_not_equal(bench_dma(sid, ADDRESS, write, &pa), MODEL_PASSED);
	smmuv3_poll_events(&bench_smmu);
	assert_int_equal(heard_count, before + 1);
	assert_int_equal(heard.sid, sid);
	assert_true(heard.has_access);
	assert_int_equal(heard.write, write);
	assert_int_equal(heard.address, ADDRESS);
}

static void test_each_stream_is_denied_with_its_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		begin(configs[i]);
		expect_heard(0, false);
		expect_heard(SID, true);
		expect_heard(FAR_SID, false);
		end();
	}
}

static void test_one_stream_is_let_through(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		begin(configs[i]);
		expect_heard(SID, true);
		expect_heard(NEIGHBOUR, true);
		assert_int_equal(smmuv3_listen_answer(&bench_smmu, &listening, SID, SMMUV3_ANSWER_PASS), 0);
		bench_expect_pass(SID, ADDRESS, ADDRESS);
		expect_heard(NEIGHBOUR, true);
		/* Of another second level, where there are some. */
		expect_heard(SID ^ 0x10, false);
		end();
	}
}

/* What shares the low bits of its number is denied. */
static void test_no_stream_of_another_second_level_is_let_through(void **state)
{
	(void)state;
	begin(&model_full);
	assert_true(bench_smmu.table.two_level);
	assert_int_equal(smmuv3_listen_answer(&bench_smmu, &listening, SID, SMMUV3_ANSWER_PASS), 0);
	bench_expect_pass(SID, ADDRESS, ADDRESS);
	expect_heard(SID + (1U << bench_smmu.table.split), true);
	end();
}

static void test_a_stream_beyond_the_table_is_refused(void **state)
{
	(void)state;
	begin(&model_min);
	assert_int_equal(
		smmuv3_listen_answer(&bench_smmu, &listening, 1U << bench_smmu.table.log2size, SMMUV3_ANSWER_PASS),
		-ERANGE);
	end();
}

static void test_a_stream_is_denied_again(void **state)
{
	(void)state;
	begin(&model_full);
	assert_int_equal(smmuv3_listen_answer(&bench_smmu, &listening, SID, SMMUV3_ANSWER_PASS), 0);
	bench_expect_pass(SID, ADDRESS, ADDRESS);
	assert_int_equal(smmuv3_listen_answer(&bench_smmu, &listening, SID, SMMUV3_ANSWER_REPORT), 0);
	expect_heard(SID, true);
	assert_int_equal(smmuv3_listen_answer(&bench_smmu, &listening, SID, SMMUV3_ANSWER_DENY), 0);
	assert_int_not_equal(bench_dma(SID, ADDRESS, true, &(uint64_t){0}), MODEL_PASSED);
	smmuv3_poll_events(&bench_smmu);
	assert_int_equal(heard.code, C_BAD_STE);
	assert_false(heard.has_access);
	end();
}

/* Then a registration finds nothing of it. */
static void test_nothing_of_it_is_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		begin(configs[i]);
		expect_heard(FAR_SID, true);
		assert_int_equal(smmuv3_listen_answer(&bench_smmu, &listening, SID, SMMUV3_ANSWER_PASS), 0);
		assert_int_equal(smmuv3_listen_end(&bench_smmu, &listening), 0);
		heard_count = 0;
		bench_start(1);
		bench_expect_fault(SID, ADDRESS, C_BAD_STE);
		if (bench_smmu.table.two_level) {
			bench_expect_fault(SID + (1U << bench_smmu.table.split), ADDRESS, C_BAD_STREAMID);
		}
		assert_int_equal(heard_count, 0);
		bench_close();
	}
}

static void test_a_storm_is_not_held_against_the_run(void **state)
{
	(void)state;
	begin(&model_full);
	for (unsigned int i = 0; i < SMMUV3_STORM_EVENTS; i++) {
		expect_heard(SID, true);
	}
	assert_int_equal(stormed, SID);
	assert_int_equal(bench_smmu.counts.silenced_streams, 1);
	assert_int_equal(smmuv3_listen_end(&bench_smmu, &listening), 0);
	assert_int_equal(bench_smmu.counts.silenced_streams, 0);
	assert_int_equal(bench_smmu.storm.stream[0].count, 0);
	bench_close();
}

static void test_beside_an_instance_in_service(void **state)
{
	(void)state;
	heard_count = 0;
	bench_open(&model_full, BENCH_MEMORY_SIZE);
	bench_start(1);
	smmuv3_listen_beside(&bench_smmu, &listening, note_event, note_storm);
	assert_int_not_equal(bench_dma(SID, ADDRESS, true, &(uint64_t){0}), MODEL_PASSED);
	smmuv3_poll_events(&bench_smmu);
	assert_int_equal(heard_count, 1);
	assert_false(heard.has_access);
	assert_int_equal(smmuv3_listen_answer(&bench_smmu, &listening, SID, SMMUV3_ANSWER_REPORT), 0);
	expect_heard(SID, false);
	assert_int_equal(smmuv3_listen_answer(&bench_smmu, &listening, SID, SMMUV3_ANSWER_DENY), 0);
	smmuv3_listen_no_more(&bench_smmu, &listening);
	bench_expect_fault(SID, ADDRESS, C_BAD_STE);
	assert_int_equal(heard_count, 2);
	bench_close();
}

static void test_an_smmu_that_does_not_start(void **state)
{
	struct model_config config = model_full;

	(void)state;
	config.idr[0] &= ~3U; /* No stage. */
	bench_open(&config, BENCH_MEMORY_SIZE);
	assert_int_equal(smmuv3_listen_begin(&bench_smmu, &listening, note_event, note_storm), -ENOTSUP);
	assert_ptr_not_equal(bench_smmu.on_event, note_event);
	bench_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_stream_is_denied_with_its_address),
		cmocka_unit_test(test_one_stream_is_let_through),
		cmocka_unit_test(test_no_stream_of_another_second_level_is_let_through),
		cmocka_unit_test(test_a_stream_beyond_the_table_is_refused),
		cmocka_unit_test(test_a_stream_is_denied_again),
		cmocka_unit_test(test_nothing_of_it_is_left),
		cmocka_unit_test(test_a_storm_is_not_held_against_the_run),
		cmocka_unit_test(test_beside_an_instance_in_service),
		cmocka_unit_test(test_an_smmu_that_does_not_start),
	};

	return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
