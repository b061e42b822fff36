/* SPDX-License-Identifier: BSD-2-Clause */
/* The event queue and its records: drivers/smmuv3/evtq.c, event.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "recorder.h"

static struct smmuv3_event last_event;

static unsigned int event_count;

static void on_event(struct smmuv3 *of, const struct smmuv3_event *event)
{
	assert_ptr_equal(of, &smmu);
	last_event = *event;
	event_count++;
}

static void test_evq_02_wrap_keeps_order(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	event_count = 0;
	for (uint32_t i = 0; i < 3000; i++) {
		recorded_count = 0;
		raise_event(F_TRANSLATION, i, i & 1 ? 1ULL << 35 : 0, 0x1000ULL + i);
		smmuv3_poll_events(&smmu);
		assert_int_equal(event_count, i + 1);
		assert_int_equal(last_event.code, F_TRANSLATION);
		assert_int_equal(last_event.sid, i);
		assert_int_equal(last_event.write, !(i & 1));
		assert_int_equal(last_event.address, 0x1000 + i);
	}
	assert_true(smmuv3_queues_empty(&smmu));
}

/* Cavium 74: page 1's registers answer in page 0 only. */
static void test_errata_74_no_page_1(void **state)
{
	(void)state;
	smmu.described_quirks = SMMUV3_DESCRIBED_NO_PAGE1;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	event_count = 0;
	((struct event_record *)smmu.evtq.entries)[0] = (struct event_record){{F_TRANSLATION | 5ULL << 32, 0, 0, 0}};
	*reg(SMMU_EVENTQ_PROD - SMMU_PAGE_SIZE) = 1;
	smmuv3_poll_events(&smmu);
	assert_int_equal(event_count, 1);
	assert_int_equal(last_event.sid, 5);
	assert_int_equal(*reg(SMMU_EVENTQ_CONS - SMMU_PAGE_SIZE), 1);
	assert_true(smmuv3_queues_empty(&smmu));
	*reg(SMMU_EVENTQ_PROD - SMMU_PAGE_SIZE) = 0;
	assert_false(smmuv3_queues_empty(&smmu));
	*reg(SMMU_EVENTQ_PROD - SMMU_PAGE_SIZE) = 1;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
	for (unsigned int i = 0; i < recorded_count; i++) {
		assert_true(recorded[i].is_command || recorded[i].what < SMMU_PAGE_SIZE);
	}
}

static void raise_another(struct smmuv3 *of, const struct smmuv3_event *event)
{
	on_event(of, event);
	raise_event(F_TRANSLATION, 0x77, 0, 0x2000);
}

/* Each event taken is followed by another. */
static void test_a_storm_of_events_does_not_keep_the_core(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = raise_another;
	event_count = 0;
	for (unsigned int turn = 1; turn <= 5000; turn++) {
		recorded_count = 0;
		raise_event(F_TRANSLATION, 0x77, 0, 0x1000);
		smmuv3_poll_events(&smmu);
		assert_true(event_count <= turn * (1U << SMMUV3_EVTQ_LOG2_MAX));
		smmu.on_event = on_event;
		smmuv3_poll_events(&smmu);
		smmu.on_event = raise_another;
	}
	smmu.on_event = on_event;
	smmuv3_poll_events(&smmu);
	assert_true(smmuv3_queues_empty(&smmu));
}

static void test_evq_03_overflow_is_acknowledged(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	raise_event(F_TRANSLATION, 1, 0, 0);
	*reg(SMMU_EVENTQ_PROD) ^= EVENTQ_OVERFLOW;
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.event_overflows, 1);
	assert_int_equal(*reg(SMMU_EVENTQ_PROD), *reg(SMMU_EVENTQ_CONS));
	/* Later writes keep the acknowledge; an empty queue's overflow updates it. */
	raise_event(F_TRANSLATION, 2, 0, 0);
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.event_overflows, 1);
	assert_true(*reg(SMMU_EVENTQ_CONS) & EVENTQ_OVERFLOW);
	*reg(SMMU_EVENTQ_PROD) ^= EVENTQ_OVERFLOW;
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.event_overflows, 2);
	assert_int_equal(*reg(SMMU_EVENTQ_PROD), *reg(SMMU_EVENTQ_CONS));
}

static void test_reg_11_poll_before_the_queue_exists(void **state)
{
	(void)state;
	recorded_count = 0;
	*reg(SMMU_EVENTQ_PROD) = 3; /* An earlier owner's. */
	smmuv3_poll_events(&smmu);
	assert_int_equal(recorded_count, 0);
	assert_int_equal(smmu.counts.events, 0);
}

static void poll_and_write(volatile void *at, uint32_t value)
{
	smmuv3_poll_events(&smmu);
	recorder_write(at, value);
}

/* B-27: its interrupt comes between any two steps, also at a second start. */
static void test_reg_11_poll_between_all_steps(void **state)
{
	(void)state;
	for (unsigned int turn = 0; turn < 2; turn++) {
		*reg(SMMU_EVENTQ_PROD) = 3;
		*reg(SMMU_EVENTQ_CONS) = 1;
		arch_hooks.write32 = poll_and_write;
		assert_int_equal(iommu_register(&smmu.iommu), 0);
		arch_hooks.write32 = recorder_write;
		assert_int_equal(smmu.counts.events, 0);
		assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	}
}

static uint64_t rmb_at_producer;

static uint64_t dsb_at_record;

static uint64_t dsb_at_consumer;

static uint32_t note_producer(const volatile void *at)
{
	if (at == reg(SMMU_EVENTQ_PROD)) {
		rmb_at_producer = arch_hooks.rmb_count;
	}
	return recorder_read(at);
}

static void note_consumer(volatile void *at, uint32_t value)
{
	if (at == reg(SMMU_EVENTQ_CONS)) {
		dsb_at_consumer = arch_hooks.dsb_count;
	}
	recorder_write(at, value);
}

static void note_record(struct smmuv3 *of, const struct smmuv3_event *event)
{
	(void)of;
	(void)event;
	assert_true(arch_hooks.rmb_count > rmb_at_producer);
	dsb_at_record = arch_hooks.dsb_count;
}

/* PROD, a barrier, the records, a barrier, CONS. */
static void test_evq_01_records_are_read_between_two_barriers(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	arch_hooks.read32 = note_producer;
	arch_hooks.write32 = note_consumer;
	smmu.on_event = note_record;
	raise_event(C_BAD_STE, 1, 0, 0);
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.events, 1);
	assert_true(dsb_at_consumer > dsb_at_record);
}

static void test_evq_05_queue_of_a_second_start(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	raise_event(C_BAD_STE, 1, 0, 0);
	smmuv3_poll_events(&smmu);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	raise_event(F_PERMISSION, 2, 0, 0);
	smmuv3_poll_events(&smmu);
	assert_int_equal(last_event.code, F_PERMISSION);
	assert_int_equal(smmu.counts.events, 2);
}

static void test_evq_06_noncoherent_records_are_read(void **state)
{
	(void)state;
	put_a_cache_between();
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	for (uint32_t i = 0; i < 300; i++) {
		recorded_count = 0;
		raise_event(F_TRANSLATION, i, 0, 0);
		smmuv3_poll_events(&smmu);
		assert_int_equal(last_event.code, F_TRANSLATION);
		assert_int_equal(last_event.sid, i);
	}
}

static void test_evq_04_many_at_once_and_no_listener(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (uint32_t i = 0; i < 5; i++) {
		raise_event(C_BAD_STE, i, 0, 0);
	}
	assert_false(smmuv3_queues_empty(&smmu));
	recorded_count = 0;
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.events, 5);
	assert_int_equal(recorded_count, 1);
	smmuv3_poll_events(&smmu);
	assert_int_equal(recorded_count, 1);
}

/* IHI 0070, 7.3: which records have addresses. */
static void test_events_are_decoded(void **state)
{
	static const struct {
		unsigned char code;
		bool has_access;
		const char *name;
	} cases[] = {
		{0x01, true, "F_UUT"},
		{0x02, false, "C_BAD_STREAMID"},
		{0x03, false, "F_STE_FETCH"},
		{0x04, false, "C_BAD_STE"},
		{0x05, true, "F_BAD_ATS_TREQ"},
		{0x06, false, "F_STREAM_DISABLED"},
		{0x07, true, "F_TRANSL_FORBIDDEN"},
		{0x08, false, "C_BAD_SUBSTREAMID"},
		{0x09, false, "F_CD_FETCH"},
		{0x0a, false, "C_BAD_CD"},
		{0x0b, true, "F_WALK_EABT"},
		{0x10, true, "F_TRANSLATION"},
		{0x11, true, "F_ADDR_SIZE"},
		{0x12, true, "F_ACCESS"},
		{0x13, true, "F_PERMISSION"},
		{0x20, true, "F_TLB_CONFLICT"},
		{0x21, false, "F_CFG_CONFLICT"},
		{0x25, false, "F_VMS_FETCH"},
		{0x7f, false, "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct event_record record = {
			{0xabcd123400000000ULL | cases[i].code, 1ULL << 35, 0x1122334455667788ULL, 0x99aabbccddeeULL}};
		struct smmuv3_event event;

		smmuv3_decode_event(&record, &event);
		assert_int_equal(event.code, cases[i].code);
		assert_int_equal(event.sid, 0xabcd1234);
		assert_int_equal(event.has_access, cases[i].has_access);
		assert_false(event.write);
		assert_int_equal(event.address, 0x1122334455667788ULL);
		assert_int_equal(event.fetch_address, 0x99aabbccddeeULL);
		assert_string_equal(smmuv3_event_name(event.code), cases[i].name);
		assert_string_not_equal(smmuv3_event_cause(event.code), cases[i].name);
	}
}

static void test_every_event_has_a_name(void **state)
{
	static const unsigned char codes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
					      0x0b, 0x10, 0x11, 0x12, 0x13, 0x20, 0x21, 0x24, 0x25};

	(void)state;
	for (size_t i = 0; i < sizeof(codes); i++) {
		assert_string_not_equal(smmuv3_event_name(codes[i]), "unknown");
	}
	assert_string_equal(smmuv3_event_name(0x07), "F_TRANSL_FORBIDDEN");
	assert_string_equal(smmuv3_event_name(0x02), "C_BAD_STREAMID");
	assert_string_equal(smmuv3_event_name(0x7f), "unknown");
	/* 7.3: implementation defined. */
	for (unsigned int code = 0xe0; code <= 0xef; code++) {
		assert_string_equal(smmuv3_event_name(code), "IMPLEMENTATION DEFINED");
		assert_non_null(strstr(smmuv3_event_cause(code), "implementation"));
	}
	assert_string_equal(smmuv3_event_name(0xdf), "unknown");
	assert_string_equal(smmuv3_event_name(0xf0), "unknown");
	assert_null(strstr(smmuv3_event_cause(0xf0), "implementation"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDED(test_errata_74_no_page_1),
		RECORDED(test_evq_02_wrap_keeps_order),
		RECORDED(test_a_storm_of_events_does_not_keep_the_core),
		RECORDED(test_evq_03_overflow_is_acknowledged),
		RECORDED(test_reg_11_poll_before_the_queue_exists),
		RECORDED(test_reg_11_poll_between_all_steps),
		RECORDED(test_evq_01_records_are_read_between_two_barriers),
		RECORDED(test_evq_05_queue_of_a_second_start),
		RECORDED(test_evq_06_noncoherent_records_are_read),
		RECORDED(test_evq_04_many_at_once_and_no_listener),
		RECORDED(test_events_are_decoded),
		RECORDED(test_every_event_has_a_name),
	};

	return cmocka_run_group_tests_name("evtq", tests, NULL, NULL);
}
