/* SPDX-License-Identifier: BSD-2-Clause */
/* No fault or stall outlasts a drain of the queue. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arch.h"
#include "base/arena.h"
#include "bench.h"

#define SID 1U
#define OTHER 2U
#define STRANGER 0x1234U /* In a missing second level. */
#define IOVA 0x40000000ULL
#define SECOND 1000000U /* In ticks of the host. */
#define TURN 128U	/* Faults to a drain. */

static struct smmuv3_domain *domain;
static unsigned int told_count;
static uint32_t told_sid;

static unsigned int told_silenced;

static enum smmuv3_storm_end told_end;

static void on_storm(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end)
{
	/* Counted before reported. */
	told_silenced += end == SMMUV3_STORM_SILENCED;
	told_end = end;
	assert_int_equal(told_silenced, smmu->counts.silenced_streams);
	told_count++;
	told_sid = sid;
}

static int open_with(const struct model_config *config)
{
	bench_open(config, BENCH_MEMORY_SIZE);
	bench_smmu.on_storm = on_storm;
	bench_start(OTHER + 1);
	domain = bench_domain(SMMUV3_STAGE1, 12, NULL);
	bench_attach(SID, domain);
	bench_attach(OTHER, domain);
	told_count = 0;
	told_silenced = 0;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return open_with(&model_full);
}

static int setup_stalling(void **state)
{
	struct model_config config = model_full;

	(void)state;
	config.idr[0] |= IDR0_STALL_MODEL_FORCED << IDR0_STALL_MODEL_SHIFT;
	return open_with(&config);
}

static int teardown(void **state)
{
	(void)state;
	bench_close();
	return 0;
}

static void fault(uint32_t sid, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		assert_int_equal(bench_dma(sid, IOVA, false, NULL), MODEL_ABORTED);
		if (i % TURN == TURN - 1 || i == count - 1) {
			smmuv3_poll_events(&bench_smmu);
			model_log_clear(bench_model);
		}
	}
}

static bool is_silenced(uint32_t sid)
{
	return model_probe_ste(bench_model, sid, NULL, NULL) == MODEL_VIEW_ABORT;
}

static void test_a_storm_is_silenced_once(void **state)
{
	uint32_t events;

	(void)state;
	fault(SID, SMMUV3_STORM_EVENTS - 1);
	assert_int_equal(bench_smmu.counts.silenced_streams, 0);
	assert_int_equal(told_count, 0);
	assert_false(is_silenced(SID));
	fault(SID, 1);
	assert_int_equal(bench_smmu.counts.silenced_streams, 1);
	assert_int_equal(told_count, 1);
	assert_int_equal(told_sid, SID);
	assert_true(is_silenced(SID));
	events = bench_smmu.counts.events;
	fault(SID, TURN);
	assert_int_equal(bench_smmu.counts.events, events);
	assert_int_equal(told_count, 1);
	bench_expect_fault(OTHER, IOVA, F_TRANSLATION);
	assert_false(is_silenced(OTHER));
}

/* It may come in the middle of a registration, which has not changed the entry. */
static void test_a_silenced_stream_is_no_registrations_doing(void **state)
{
	struct smmuv3_footprint before, after;

	(void)state;
	smmuv3_footprint(&bench_smmu, &before);
	fault(SID, SMMUV3_STORM_EVENTS);
	assert_true(is_silenced(SID));
	smmuv3_footprint(&bench_smmu, &after);
	assert_false(smmuv3_footprint_differs(&after, &before));
}

/* Reported; they silence nothing again. */
static void test_records_behind_the_last_straw(void **state)
{
	(void)state;
	fault(SID, SMMUV3_STORM_EVENTS - TURN / 2);
	for (unsigned int i = 0; i < TURN; i++) {
		assert_int_equal(bench_dma(SID, IOVA, false, NULL), MODEL_ABORTED);
	}
	smmuv3_poll_events(&bench_smmu);
	assert_int_equal(bench_smmu.counts.events, SMMUV3_STORM_EVENTS + TURN / 2);
	assert_int_equal(bench_smmu.counts.silenced_streams, 1);
	assert_int_equal(told_count, 1);
	assert_true(is_silenced(SID));
}

/* Attaching lets it through; a new storm silences it. */
static void test_a_silenced_stream_comes_back(void **state)
{
	(void)state;
	fault(SID, SMMUV3_STORM_EVENTS);
	bench_attach(SID, domain);
	bench_map(domain, IOVA + 0x1000, BENCH_PAGE, 0x1000);
	bench_expect_pass(SID, IOVA + 0x1000, BENCH_PAGE);
	arch_hooks.ticks += 2 * SECOND;
	fault(SID, SMMUV3_STORM_EVENTS);
	assert_int_equal(bench_smmu.counts.silenced_streams, 2);
	assert_true(is_silenced(SID));
}

static void test_a_slow_stream_is_no_storm(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		fault(SID, SMMUV3_STORM_EVENTS / 2);
		arch_hooks.ticks += SECOND;
	}
	assert_int_equal(bench_smmu.counts.silenced_streams, 0);
	assert_false(is_silenced(SID));
}

static void test_storms_side_by_side(void **state)
{
	struct smmuv3_storm storm = {0};
	unsigned int storms = 0;

	(void)state;
	/* Four that alternate, and another now and then. */
	for (unsigned int i = 0; i < 4 * (SMMUV3_STORM_EVENTS + 100); i++) {
		arch_hooks.ticks = 5 * SECOND;
		storms += smmuv3_storm_count(&storm, i % 4) != NULL;
		if (i % 1000 == 999) {
			assert_null(smmuv3_storm_count(&storm, 100 + i));
		}
	}
	assert_int_equal(storms, 4);
}

/* Each is found once, also beside a rare one. */
static unsigned int storms_of(unsigned int streams)
{
	struct smmuv3_storm storm = {0};
	unsigned int storms = 0;

	arch_hooks.ticks = 5 * SECOND;
	for (unsigned int i = 0; i < streams * (SMMUV3_STORM_EVENTS + 100); i++) {
		const struct smmuv3_storm_counter *counter = smmuv3_storm_count(&storm, i % streams);

		assert_ptr_not_equal(counter, &storm.all);
		storms += counter != NULL;
	}
	/* What was found is no part of a storm of many. */
	for (unsigned int i = 0; i < SMMUV3_STORM_EVENTS_OF_ALL / SMMUV3_STORM_EVENTS; i++) {
		assert_null(smmuv3_storm_count(&storm, streams));
	}
	return storms;
}

static void test_functions_of_a_device_storm_alike(void **state)
{
	(void)state;
	assert_int_equal(storms_of(5), 5);
	assert_int_equal(storms_of(8), 8);
}

/* Told once a second, and again only then. */
static void test_a_storm_of_many_streams(void **state)
{
	struct smmuv3_storm storm = {0};
	unsigned int at[3] = {0}, storms = 0;

	(void)state;
	for (unsigned int i = 0; i < 3 * SMMUV3_STORM_EVENTS_OF_ALL; i++) {
		const struct smmuv3_storm_counter *counter;

		arch_hooks.ticks = 5 * SECOND + i / (2 * SMMUV3_STORM_EVENTS_OF_ALL) * (SECOND + 1);
		counter = smmuv3_storm_count(&storm, i % 100);
		assert_true(!counter || counter == &storm.all);
		if (counter) {
			at[storms++] = i + 1;
		}
	}
	assert_int_equal(storms, 2);
	assert_int_equal(at[0], SMMUV3_STORM_EVENTS_OF_ALL);
	assert_int_equal(at[1], 3 * SMMUV3_STORM_EVENTS_OF_ALL);
}

/* Slowly, they are none. */
static void test_many_slow_streams_are_no_storm(void **state)
{
	struct smmuv3_storm storm = {0};

	(void)state;
	for (unsigned int i = 0; i < 3 * SMMUV3_STORM_EVENTS_OF_ALL; i++) {
		arch_hooks.ticks = 5 * SECOND + i * 2ULL * SECOND / SMMUV3_STORM_EVENTS_OF_ALL;
		assert_null(smmuv3_storm_count(&storm, i % 100));
	}
}

/* Once told, its events are not many streams'. */
static void test_a_storm_that_goes_on_is_one_streams(void **state)
{
	struct smmuv3_storm storm = {0};

	(void)state;
	arch_hooks.ticks = 5 * SECOND;
	for (unsigned int i = 1; i <= SMMUV3_STORM_EVENTS + 2 * SMMUV3_STORM_EVENTS_OF_ALL; i++) {
		const struct smmuv3_storm_counter *counter = smmuv3_storm_count(&storm, 7);

		assert_true(i == SMMUV3_STORM_EVENTS ? counter == &storm.stream[0] : !counter);
	}
}

/* Tick by tick. */
static void test_the_window_is_a_second(void **state)
{
	struct smmuv3_storm storm = {0};

	(void)state;
	arch_hooks.ticks = 5 * SECOND;
	assert_null(smmuv3_storm_count(&storm, 7));
	assert_int_equal(storm.stream[0].count, 1);
	arch_hooks.ticks = 6 * SECOND;
	assert_null(smmuv3_storm_count(&storm, 7));
	assert_int_equal(storm.stream[0].count, 2);
	arch_hooks.ticks = 6 * SECOND + 1;
	assert_null(smmuv3_storm_count(&storm, 7));
	assert_int_equal(storm.stream[0].count, 1);
	assert_null(smmuv3_storm_count(&storm, 8));
	assert_int_equal(storm.stream[1].count, 1);
	arch_hooks.ticks = 6 * SECOND + 2;
	for (unsigned int i = 2; i < SMMUV3_STORM_EVENTS; i++) {
		assert_null(smmuv3_storm_count(&storm, 8));
	}
	assert_non_null(smmuv3_storm_count(&storm, 8));
	assert_null(smmuv3_storm_count(&storm, 8));
}

/* An entry is made to silence it. */
static void test_a_storm_of_a_stream_without_an_entry(void **state)
{
	uint32_t events;

	(void)state;
	assert_int_equal(model_probe_ste(bench_model, STRANGER, NULL, NULL), MODEL_NO_STREAM);
	fault(STRANGER, SMMUV3_STORM_EVENTS);
	assert_int_equal(bench_smmu.counts.silenced_streams, 1);
	assert_int_equal(bench_smmu.counts.unsilenced_storms, 0);
	assert_int_equal(told_count, 1);
	assert_int_equal(told_sid, STRANGER);
	assert_true(is_silenced(STRANGER));
	events = bench_smmu.counts.events;
	fault(STRANGER, SMMUV3_STORM_EVENTS);
	assert_int_equal(bench_smmu.counts.events, events);
	/* Neighbours are still denied; described, the stream is let through. */
	assert_int_equal(model_probe_ste(bench_model, STRANGER - 1, NULL, NULL), MODEL_INVALID);
	bench_add_stream(STRANGER);
	bench_attach(STRANGER, domain);
	bench_map(domain, IOVA + 0x1000, BENCH_PAGE, 0x1000);
	bench_expect_pass(STRANGER, IOVA + 0x1000, BENCH_PAGE);
	bench_expect_fault(OTHER, IOVA, F_TRANSLATION);
}

/* Reported, and interrupts keep no core busy. */
static void expect_unsilenced(uint32_t sid)
{
	assert_true(model_peek32(bench_model, SMMU_IRQ_CTRL) & IRQ_CTRL_EVENTQ);
	fault(sid, SMMUV3_STORM_EVENTS);
	assert_int_equal(bench_smmu.counts.silenced_streams, 0);
	assert_int_equal(bench_smmu.counts.unsilenced_storms, 1);
	assert_int_equal(told_count, 1);
	assert_int_equal(told_sid, sid);
	assert_int_equal(told_end, SMMUV3_STORM_GOES_ON);
	assert_int_equal(model_peek32(bench_model, SMMU_IRQ_CTRL), IRQ_CTRL_GERROR);
	bench_expect_fault(OTHER, IOVA, F_TRANSLATION);
	bench_map(domain, IOVA + 0x1000, BENCH_PAGE, 0x1000);
	bench_expect_pass(OTHER, IOVA + 0x1000, BENCH_PAGE);
}

static void wire_interrupts(const struct model_config *config)
{
	bench_close();
	bench_open(config, BENCH_MEMORY_SIZE);
	bench_smmu.on_storm = on_storm;
	bench_smmu.event_interrupt = true;
	bench_smmu.gerror_interrupt = true;
	bench_start(OTHER + 1);
	domain = bench_domain(SMMUV3_STAGE1, 12, NULL);
	bench_attach(OTHER, domain);
	bench_map(domain, IOVA + 0x3000, BENCH_PAGE, 0x1000); /* Makes its tables. */
}

static void test_a_storm_without_memory_for_an_entry(void **state)
{
	(void)state;
	wire_interrupts(&model_full);
	while (arena_allocate(64, 64)) {
	}
	expect_unsilenced(STRANGER);
}

static void test_a_storm_beyond_the_table(void **state)
{
	struct model_config config = model_full;

	(void)state;
	config.idr[1] = (config.idr[1] & ~(uint32_t)FIELD_MASK(IDR1_SIDSIZE)) | 32U << IDR1_SIDSIZE_SHIFT;
	wire_interrupts(&config);
	expect_unsilenced(0xfffffff0U);
}

/* The interrupt does not wait: a later event silences the stream. */
static void test_a_storm_while_the_table_is_changed(void **state)
{
	(void)state;
	fault(SID, SMMUV3_STORM_EVENTS - 1);
	smmuv3_begin_change(&bench_smmu);
	for (unsigned int i = 0; i < 3; i++) {
		fault(SID, 1);
		assert_false(is_silenced(SID));
		assert_int_equal(told_count, 0);
	}
	smmuv3_end_change(&bench_smmu);
	fault(SID, 1);
	assert_true(is_silenced(SID));
	assert_int_equal(told_count, 1);
	assert_int_equal(bench_smmu.counts.silenced_streams, 1);
}

/* Both reach the bound in one drain. */
static void test_two_storms_in_one_drain(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < SMMUV3_STORM_EVENTS - 1; i++) {
		fault(SID, 1);
		fault(OTHER, 1);
	}
	assert_int_equal(told_count, 0);
	for (unsigned int i = 0; i < TURN; i++) {
		(void)bench_dma(i % 2 ? SID : OTHER, IOVA, false, NULL);
	}
	smmuv3_poll_events(&bench_smmu);
	assert_int_equal(told_count, 1);
	fault(is_silenced(SID) ? OTHER : SID, 1);
	assert_int_equal(told_count, 2);
	assert_int_equal(bench_smmu.counts.silenced_streams, 2);
	assert_true(is_silenced(SID));
	assert_true(is_silenced(OTHER));
}

/* Room is made, but its command does not get through: the next event silences the stream. */
static void test_a_storm_beside_a_provocation_in_vain(void **state)
{
	(void)state;
	fault(STRANGER, SMMUV3_STORM_EVENTS - 1);
	bench_smmu.provoked = SMMUV3_PROVOKED_IN_VAIN;
	model_hang_at_command(bench_model, 1);
	fault(STRANGER, 1);
	assert_int_equal(told_count, 0);
	bench_smmu.provoked = SMMUV3_NOT_PROVOKED;
	model_hang_at_command(bench_model, 0);
	fault(STRANGER, 1);
	assert_int_equal(told_count, 1);
	assert_true(is_silenced(STRANGER));
}

static void fault_of_many(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		fault(1000 + i % 100, 1);
	}
}

/* The table is being changed first: then a later event does it. */
static void test_a_storm_of_many_turns_the_interrupt_off(void **state)
{
	(void)state;
	wire_interrupts(&model_full);
	fault_of_many(SMMUV3_STORM_EVENTS_OF_ALL - 1);
	smmuv3_begin_change(&bench_smmu);
	fault_of_many(1);
	smmuv3_end_change(&bench_smmu);
	assert_int_equal(told_count, 0);
	assert_true(model_peek32(bench_model, SMMU_IRQ_CTRL) & IRQ_CTRL_EVENTQ);
	fault_of_many(8);
	assert_int_equal(told_count, 1);
	assert_int_equal(told_end, SMMUV3_STORM_OF_MANY);
	assert_int_equal(bench_smmu.counts.unsilenced_storms, 1);
	assert_int_equal(bench_smmu.counts.silenced_streams, 0);
	assert_int_equal(model_peek32(bench_model, SMMU_IRQ_CTRL), IRQ_CTRL_GERROR);
	fault_of_many(8);
	assert_int_equal(told_count, 1);
}

/* It gets no commands: it will be off. */
static void test_a_storm_of_an_smmu_that_failed(void **state)
{
	(void)state;
	fault(SID, SMMUV3_STORM_EVENTS - 1);
	bench_smmu.health = SMMUV3_LOST;
	fault(SID, 1);
	assert_false(is_silenced(SID));
	assert_int_equal(told_count, 0);
	assert_int_equal(bench_smmu.counts.unsilenced_storms, 0);
}

static void test_a_storm_without_a_listener(void **state)
{
	(void)state;
	bench_smmu.on_storm = NULL;
	fault(SID, SMMUV3_STORM_EVENTS);
	assert_int_equal(bench_smmu.counts.silenced_streams, 1);
	assert_true(is_silenced(SID));
}

/* --- Stalls. --- */

static size_t stall_of(uint32_t sid, uint64_t iova)
{
	const struct model_access access = {.sid = sid, .address = iova};
	size_t handle = 0;

	assert_int_equal(model_dma(bench_model, &access, NULL, &handle), MODEL_STALLED);
	return handle;
}

static void test_f_stall_ends_with_the_drain(void **state)
{
	size_t handle = stall_of(SID, IOVA);

	(void)state;
	smmuv3_poll_events(&bench_smmu);
	assert_int_equal(model_stalled(bench_model, handle, NULL), MODEL_ABORTED);
	assert_int_equal(bench_smmu.counts.resumed, 1);
	assert_int_equal(bench_command_count(CMD_RESUME), 1);
}

/* Stalls of two streams: each is ended by its tag and reported once. */
static void test_many_stalls_in_one_drain(void **state)
{
	size_t handle[100];

	(void)state;
	for (unsigned int count = 1; count <= 100; count += 11) {
		uint32_t events = bench_smmu.counts.events;
		uint32_t resumed = bench_smmu.counts.resumed;

		for (unsigned int i = 0; i < count; i++) {
			handle[i] = stall_of(i % 2 ? SID : OTHER, IOVA + 0x1000 * i);
		}
		smmuv3_poll_events(&bench_smmu);
		for (unsigned int i = 0; i < count; i++) {
			assert_int_equal(model_stalled(bench_model, handle[i], NULL), MODEL_ABORTED);
		}
		assert_int_equal(bench_smmu.counts.events, events + count);
		assert_int_equal(bench_smmu.counts.resumed, resumed + count);
		assert_true(smmuv3_queues_empty(&bench_smmu));
	}
}

/* Not even with the bit set where it means nothing. */
static void test_only_what_stalls_is_resumed(void **state)
{
	static const uint64_t record[4] = {C_BAD_STE | (uint64_t)SID << 32, EVENT1_STALL, 0, 0};

	(void)state;
	model_inject_event(bench_model, record);
	smmuv3_poll_events(&bench_smmu);
	assert_int_equal(bench_smmu.counts.events, 1);
	assert_int_equal(bench_smmu.counts.resumed, 0);
	assert_int_equal(bench_command_count(CMD_RESUME), 0);
}

static void test_a_storm_of_stalls(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < SMMUV3_STORM_EVENTS; i++) {
		(void)stall_of(SID, IOVA);
		if (i % TURN == TURN - 1) {
			smmuv3_poll_events(&bench_smmu);
			model_log_clear(bench_model);
		}
	}
	assert_int_equal(bench_smmu.counts.silenced_streams, 1);
	assert_int_equal(bench_smmu.counts.resumed, SMMUV3_STORM_EVENTS);
	assert_true(is_silenced(SID));
}

/* Overflow: a record without room waits, and is ended as well. */
static void test_stalls_beyond_the_queue(void **state)
{
	size_t handle[12];

	(void)state;
	assert_int_equal(smmuv3_shrink_events(&bench_smmu, 2), 0);
	smmuv3_publish_events(&bench_smmu, true);
	for (unsigned int i = 0; i < 12; i++) {
		handle[i] = stall_of(SID, IOVA + 0x1000 * i);
	}
	for (unsigned int i = 0; i < 12; i++) {
		smmuv3_poll_events(&bench_smmu);
	}
	for (unsigned int i = 0; i < 12; i++) {
		assert_int_equal(model_stalled(bench_model, handle[i], NULL), MODEL_ABORTED);
	}
	assert_int_equal(bench_smmu.counts.resumed, 12);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_STALLS(name) cmocka_unit_test_setup_teardown(name, setup_stalling, teardown)

/* EVQ-09: it comes after PROD was read, the queue not empty: no interrupt. */
static void fault_meanwhile(struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	(void)smmu;
	if (event->sid == SID) {
		assert_int_equal(bench_dma(OTHER, IOVA, false, NULL), MODEL_ABORTED);
	}
	told_sid = event->sid;
}

static void test_evq_09_a_record_that_comes_meanwhile(void **state)
{
	(void)state;
	bench_smmu.on_event = fault_meanwhile;
	assert_int_equal(bench_dma(SID, IOVA, false, NULL), MODEL_ABORTED);
	smmuv3_poll_events(&bench_smmu);
	assert_int_equal(told_sid, OTHER);
	assert_true(smmuv3_queues_empty(&bench_smmu));
}

/* A fault for each record taken: other streams have their turn. */
static void fault_again(struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	static unsigned int sid;

	(void)event;
	/* Different streams: no storm. */
	if (smmu->counts.events < 100000) {
		(void)bench_dma(1000 + sid++ % 1000, IOVA, false, NULL);
	}
}

static void test_evq_09_records_that_do_not_end(void **state)
{
	(void)state;
	bench_smmu.on_event = fault_again;
	assert_int_equal(bench_dma(SID, IOVA, false, NULL), MODEL_ABORTED);
	smmuv3_poll_events(&bench_smmu);
	assert_in_range(bench_smmu.counts.events, 2, 1000);
	bench_smmu.on_event = NULL;
	smmuv3_poll_events(&bench_smmu);
}

/* Clearing SMMUEN has ended the stalls: no command is issued. */
static void test_stalls_behind_an_smmu_that_is_off(void **state)
{
	(void)state;
	(void)bench_dma(SID, IOVA, false, NULL);
	assert_int_equal(smmuv3_block(&bench_smmu), 0);
	smmuv3_poll_events(&bench_smmu);
	assert_true(smmuv3_health(&bench_smmu) <= SMMUV3_ON);
	assert_int_equal(bench_smmu.counts.events, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_storm_is_silenced_once),
		TEST(test_a_silenced_stream_is_no_registrations_doing),
		TEST(test_records_behind_the_last_straw),
		TEST(test_a_silenced_stream_comes_back),
		TEST(test_a_slow_stream_is_no_storm),
		TEST(test_a_storm_that_goes_on_is_one_streams),
		TEST(test_the_window_is_a_second),
		TEST(test_storms_side_by_side),
		TEST(test_functions_of_a_device_storm_alike),
		TEST(test_a_storm_of_many_streams),
		TEST(test_many_slow_streams_are_no_storm),
		TEST(test_two_storms_in_one_drain),
		TEST(test_a_storm_beside_a_provocation_in_vain),
		TEST(test_a_storm_of_many_turns_the_interrupt_off),
		TEST(test_a_storm_of_a_stream_without_an_entry),
		TEST(test_a_storm_without_memory_for_an_entry),
		TEST(test_a_storm_beyond_the_table),
		TEST(test_a_storm_while_the_table_is_changed),
		TEST(test_a_storm_of_an_smmu_that_failed),
		TEST(test_a_storm_without_a_listener),
		TEST(test_evq_09_a_record_that_comes_meanwhile),
		TEST(test_evq_09_records_that_do_not_end),
		TEST_STALLS(test_f_stall_ends_with_the_drain),
		TEST_STALLS(test_many_stalls_in_one_drain),
		TEST_STALLS(test_only_what_stalls_is_resumed),
		TEST_STALLS(test_a_storm_of_stalls),
		TEST_STALLS(test_stalls_beyond_the_queue),
		TEST_STALLS(test_stalls_behind_an_smmu_that_is_off),
	};

	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
