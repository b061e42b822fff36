/* SPDX-License-Identifier: BSD-2-Clause */
/* The event queue: each record once and in order; overflow. */
#include <errno.h>
#include <string.h>

#include "judge.h"
#include "smmuv3/registers.h"

#define SMALL_LOG2 2U
#define SMALL (1U << SMALL_LOG2)
#define HOLE (JUDGE_IOVA + 0x100000)
#define STORM_LENGTH 4092U /* QEMU 7.2's edu dies of a whole buffer. */

/* One DMA to an unmapped page; its number is in the event's address. */
static void fault(struct judge *judge, unsigned int device, unsigned int number)
{
	(void)judge_writes(judge, device, HOLE + number * PAGE_SIZE, judge->page[2]);
}

/* Exactly these, in order. */
static bool reported(const struct judge *judge, unsigned int at, unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (at + i >= judge->event_count || judge->event[at + i].code != F_TRANSLATION ||
		    judge->event[at + i].address != HOLE + (first + i) * PAGE_SIZE ||
		    judge->event[at + i].sid != judge->sid[JUDGE_FIRST]) {
			return false;
		}
	}
	return true;
}

static uint32_t flags(const struct judge *judge)
{
	return smmuv3_read(judge->smmu, SMMU_EVENTQ_PROD) & EVENTQ_OVERFLOW;
}

static uint32_t acknowledged(const struct judge *judge)
{
	return smmuv3_read(judge->smmu, SMMU_EVENTQ_CONS) & EVENTQ_OVERFLOW;
}

static void evq_01(struct judge *judge)
{
	CHECK(judge_ready(judge));
	fault(judge, JUDGE_FIRST, 0);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 1);
	CHECK(reported(judge, 0, 0, 1));
	CHECK(judge->event[0].write && judge->event[0].has_access && !judge->event[0].stalled);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 1);
	CHECK(judge->listener_calls == 1);
	CHECK(smmuv3_queues_empty(judge->smmu));
}

static void evq_02(struct judge *judge)
{
	unsigned int number = 0;

	judge->smmu->features.evtq_log2 = SMALL_LOG2;
	CHECK(judge_ready(judge));
	/* By 1, 2, 3 and all entries: over four rounds. */
	for (unsigned int round = 0; round < 8; round++) {
		judge_forget_events(judge);
		for (unsigned int i = 0; i <= round % SMALL; i++) {
			fault(judge, JUDGE_FIRST, number + i);
		}
		CHECK(judge_event_count(judge, JUDGE_FIRST) == round % SMALL + 1);
		CHECK(reported(judge, 0, number, round % SMALL + 1));
		number += round % SMALL + 1;
	}
	CHECK(judge_pending_errors(judge) == 0);
	CHECK(judge->smmu->counts.event_overflows == 0);
}

/* Twice the room. */
static void overflow(struct judge *judge)
{
	for (unsigned int i = 0; i < 2 * SMALL; i++) {
		fault(judge, JUDGE_FIRST, i);
	}
}

static void evq_03(struct judge *judge)
{
	judge->smmu->features.evtq_log2 = SMALL_LOG2;
	CHECK(judge_ready(judge));
	overflow(judge);
	/* QEMU says that a record was not written, never that one was lost. */
	CHECK(smmuv3_events_overflowed(judge->smmu) == !judge->overflow_is_abort);
	CHECK(smmuv3_has_error(judge->smmu) == judge->overflow_is_abort);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == SMALL);
	CHECK(reported(judge, 0, 0, SMALL));
	smmuv3_poll_gerror(judge->smmu);
	CHECK(judge->smmu->counts.event_overflows == (judge->overflow_is_abort ? 0 : 1));
	CHECK(judge->smmu->counts.aborted_events == (judge->overflow_is_abort ? 1 : 0));
	CHECK(!smmuv3_events_overflowed(judge->smmu) && judge_pending_errors(judge) == 0);
	judge_forget_events(judge);
	fault(judge, JUDGE_FIRST, 20);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 1 && reported(judge, 0, 20, 1));
}

/* An earlier owner drained without acknowledging. */
static void evq_04(struct judge *judge)
{
	uint32_t mask, producer;

	if (judge->overflow_is_abort) {
		SKIP("QEMU never sets OVFLG");
	}
	judge->smmu->features.evtq_log2 = SMALL_LOG2;
	CHECK(judge_ready(judge));
	overflow(judge);
	mask = smmuv3_queue_mask(&judge->smmu->evtq);
	producer = smmuv3_read(judge->smmu, SMMU_EVENTQ_PROD);
	CHECK(smmuv3_write(judge->smmu, SMMU_EVENTQ_CONS, producer & mask) == 0);
	judge->smmu->evtq.consumer = producer & mask;
	CHECK(smmuv3_queues_empty(judge->smmu) && smmuv3_events_overflowed(judge->smmu));
	smmuv3_poll_events(judge->smmu);
	CHECK(judge->event_count == 0);
	CHECK(!smmuv3_events_overflowed(judge->smmu));
	CHECK(judge->smmu->counts.event_overflows == 1);
}

static void evq_05(struct judge *judge)
{
	if (judge->overflow_is_abort) {
		SKIP("QEMU never sets OVFLG");
	}
	judge->smmu->features.evtq_log2 = SMALL_LOG2;
	CHECK(judge_ready(judge));
	overflow(judge);
	smmuv3_poll_events(judge->smmu);
	CHECK(flags(judge) && acknowledged(judge));
	for (unsigned int i = 0; i < 3 * SMALL; i++) {
		fault(judge, JUDGE_FIRST, i);
		smmuv3_poll_events(judge->smmu);
		CHECK(flags(judge) && acknowledged(judge));
	}
	CHECK(judge->smmu->counts.event_overflows == 1);
	/* The flag goes back: the next overflow is reported. */
	overflow(judge);
	CHECK(smmuv3_events_overflowed(judge->smmu));
	smmuv3_poll_events(judge->smmu);
	CHECK(!flags(judge) && !acknowledged(judge));
	CHECK(judge->smmu->counts.event_overflows == 2);
}

/* Records are behind the caches: the cores' copies are old. */
static void evq_06(struct judge *judge)
{
	if (!judge->model) {
		SKIP("QEMU has no caches");
	}
	judge->model->hide_caches(judge);
	judge->smmu->features.evtq_log2 = SMALL_LOG2;
	CHECK(judge_ready(judge));
	for (unsigned int i = 0; i < 3 * SMALL; i++) {
		judge_forget_events(judge);
		fault(judge, JUDGE_FIRST, i);
		CHECK(judge_event_count(judge, JUDGE_FIRST) == 1);
		CHECK(reported(judge, 0, i, 1));
	}
}

/* An undescribed stream. */
static void evq_07(struct judge *judge)
{
	CHECK(judge_register_instance(judge->smmu, judge->sid, 1) == 0);
	fault(judge, JUDGE_SECOND, 0);
	smmuv3_poll_events(judge->smmu);
	CHECK(judge->event_count == 1);
	CHECK(judge->event[0].sid == judge->sid[JUDGE_SECOND]);
	CHECK(judge->event[0].code == C_BAD_STREAMID || judge->event[0].code == C_BAD_STE);
	CHECK(!judge->event[0].has_access);
	fault(judge, JUDGE_FIRST, 0);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 1);
}

static void evq_08(struct judge *judge)
{
	CHECK(judge_ready(judge));
	CHECK(smmuv3_write_cr0(judge->smmu, CR0_SMMUEN | CR0_CMDQEN) == 0);
	fault(judge, JUDGE_FIRST, 0);
	CHECK(smmuv3_queues_empty(judge->smmu));
	CHECK(judge_pending_errors(judge) == 0);
	CHECK(smmuv3_write_cr0(judge->smmu, CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN) == 0);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
	fault(judge, JUDGE_FIRST, 1);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 1 && reported(judge, 0, 1, 1));
}

/* One edge, several records: all are taken; the next brings an edge. */
static void evq_09(struct judge *judge)
{
	if (!judge->wire(judge)) {
		SKIP("no interrupt is described");
	}
	CHECK(judge_ready(judge));
	judge->mask(judge, true);
	for (unsigned int i = 0; i < 3; i++) {
		fault(judge, JUDGE_FIRST, i);
	}
	CHECK(judge->event_count == 0);
	judge->mask(judge, false);
	CHECK(judge->event_interrupts >= 1);
	CHECK(judge->event_count == 3 && reported(judge, 0, 0, 3));
	for (unsigned int i = 3; i < 6; i++) {
		unsigned int before = judge->event_interrupts;

		fault(judge, JUDGE_FIRST, i);
		CHECK(judge->event_interrupts > before);
		CHECK(judge->event_count == i + 1);
	}
	CHECK(reported(judge, 0, 0, 6));
}

/* Only the endless stream is silenced. */
static void evq_10(struct judge *judge)
{
	struct smmuv3_counts *counts = &judge->smmu->counts;
	struct smmuv3_domain *domain;

	CHECK(judge_ready(judge));
	domain = judge_domain(judge, judge->kind);
	CHECK(domain);
	CHECK(judge_map(domain, JUDGE_IOVA, judge->page[3], PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_SECOND, domain) == 0);
	for (unsigned int i = 0; i < 2 * SMMUV3_STORM_EVENTS && !counts->silenced_streams; i++) {
		judge->put(judge, JUDGE_FIRST, HOLE, judge->model ? 4 : STORM_LENGTH);
		smmuv3_poll_events(judge->smmu);
		smmuv3_poll_gerror(judge->smmu);
		if (judge->dma_is_slow && i == 40) {
			SKIP("this device cannot fault often enough within a second");
		}
	}
	CHECK(counts->silenced_streams == 1 && counts->events >= SMMUV3_STORM_EVENTS);
	CHECK(!judge->model || counts->events == SMMUV3_STORM_EVENTS);
	judge_forget_events(judge);
	fault(judge, JUDGE_FIRST, 0);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
	CHECK(judge_writes(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[3]));
}

static void evq_11(struct judge *judge)
{
	CHECK(judge_ready(judge));
	for (unsigned int i = 0; i < 4; i++) {
		fault(judge, JUDGE_SECOND, i);
	}
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
	CHECK(judge_event_count(judge, JUDGE_SECOND) == 4);
}

static const struct judge_test tests[] = {
	{"EVQ-01 one fault, one record", evq_01, JUDGE_ALL},
	{"EVQ-02 the queue goes round, in order", evq_02, JUDGE_ANY},
	{"EVQ-03 more faults than entries", evq_03, JUDGE_ANY},
	{"EVQ-04 an overflow of an empty queue is acknowledged", evq_04, JUDGE_ANY},
	{"EVQ-05 the acknowledge stays", evq_05, JUDGE_ANY},
	{"EVQ-06 records are read from memory", evq_06, JUDGE_ANY},
	{"EVQ-07 a stream that is not described", evq_07, JUDGE_ANY},
	{"EVQ-08 a disabled queue", evq_08, JUDGE_ANY},
	{"EVQ-09 an edge for several records", evq_09, JUDGE_ANY},
	{"EVQ-10 a storm is silenced", evq_10, JUDGE_ANY},
	{"EVQ-11 another's noise", evq_11, JUDGE_ANY},
};

const struct judge_chapter judge_evtq = {tests, sizeof(tests) / sizeof(tests[0])};
