/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts, claims, reports and the verdict. The checks need DMA: tests/qemu, tests/checks. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "checks/events.h"
#include "checks/pending.h"
#include "checks/trial.h"
#include "report/finding.h"
#include "report/print.h"
#include "serial/console.h"
#include "smmuv3/private.h"

#define SMMUS 2U
#define MASTERS 4U
#define LOG2 3U

static char output[65536];
static size_t output_length;
static uint32_t uart[0x1000 / 4];
static uint32_t regs[SMMUS][SMMU_PAGES_SIZE / 4];
static struct event_record records[SMMUS][1U << LOG2];
static struct smmuv3 smmu[SMMUS];
static struct smmuv3 *const smmus[SMMUS] = {&smmu[0], &smmu[1]};
static struct master master[MASTERS];
static struct iommu_group group;
static struct iommu_core core;
static struct bind_queue queue;
static uint8_t arena[65536] __attribute__((aligned(64)));
static struct bringup bringup;
static bool acknowledge;

static uint32_t *reg(unsigned int i, unsigned int offset)
{
	return &regs[i][offset / 4];
}

static void take_byte(char byte)
{
	if (byte != '\r' && output_length + 1 < sizeof(output)) {
		output[output_length++] = byte;
		output[output_length] = '\0';
	}
}

static void on_write(volatile void *at, uint32_t value)
{
	if (at == &uart[0]) {
		take_byte((char)value);
		return;
	}
	*(volatile uint32_t *)at = value;
	for (unsigned int i = 0; acknowledge && i < SMMUS; i++) {
		*reg(i, SMMU_CR0ACK) = *reg(i, SMMU_CR0);
		*reg(i, SMMU_IRQ_CTRLACK) = *reg(i, SMMU_IRQ_CTRL);
		*reg(i, SMMU_GBPA) &= ~GBPA_UPDATE;
	}
}

static volatile void *map_uart(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	return uart;
}

static void forget_output(void)
{
	output_length = 0;
	output[0] = '\0';
}

static unsigned int said(const char *words)
{
	unsigned int count = 0;

	for (const char *at = strstr(output, words); at; at = strstr(at + 1, words)) {
		count++;
	}
	return count;
}

static void make_master(unsigned int m, const char *name, unsigned int instance, uint32_t sid)
{
	master[m].device.name = name;
	master[m].iommu.name = name;
	master[m].device_id = "1234:11e8";
	assert_int_equal(iommu_master_stream(&master[m].iommu, &smmu[instance].iommu, sid), 0);
	assert_int_equal(iommu_master_add(&core, &master[m].iommu), 0);
	device_add(&queue, &master[m].device);
	word_store(&master[m].iommu.link[0].state, LINK_READY);
	pointer_store(&master[m].iommu.group, &group);
}

static int setup(void **state)
{
	static const char *const names[] = {"smmu0", "smmu1"};
	const struct console_description console = {.kind = CONSOLE_PL011, .base = 0x9000000};

	(void)state;
	arch_hooks_reset();
	arch_hooks.write32 = on_write;
	arch_hooks.map_device = map_uart;
	acknowledge = true;
	memset(uart, 0, sizeof(uart));
	memset(regs, 0, sizeof(regs));
	memset(master, 0, sizeof(master));
	memset(&group, 0, sizeof(group));
	arena_init(arena, sizeof(arena));
	if (console_init(&console)) {
		return -1;
	}
	bind_queue_init(&queue);
	assert_int_equal(iommu_core_init(&core, &queue, MASTERS), 0);
	for (unsigned int i = 0; i < SMMUS; i++) {
		smmuv3_init(&smmu[i], names[i], 0xc000000, (volatile uint8_t *)regs[i], true);
		assert_int_equal(iommu_describe(&core, &smmu[i].iommu), 0);
		smmu[i].evtq = (struct smmuv3_queue){.entries = records[i], .log2 = LOG2};
		smmu[i].evtq_published = true;
		smmu[i].on_event = events_log;
	}
	make_master(0, "m0", 0, 8);
	make_master(1, "m1", 1, 9);
	bringup = (struct bringup){
		.smmu = smmus,
		.smmu_name = names,
		.smmu_count = SMMUS,
		.master = master,
		.master_count = 2,
		.core = &core,
	};
	for (unsigned int i = 0; i < SMMUS; i++) {
		word_store(&smmu[i].iommu.state, IOMMU_READY);
	}
	bringup.tally.translates_passed = 1;
	forget_output();
	return 0;
}

static void raise_event(unsigned int i, unsigned int code, uint32_t sid, bool read, uint64_t address)
{
	uint32_t prod = *reg(i, SMMU_EVENTQ_PROD);

	records[i][prod % (1U << LOG2)] =
		(struct event_record){{code | (uint64_t)sid << 32, read ? 1ULL << 35 : 0, address, 0}};
	*reg(i, SMMU_EVENTQ_PROD) = (prod + 1) % (2U << LOG2);
}

/* --- Who waits for whom. --- */

static int defer_for_instance(struct device *device, const struct driver *driver, unsigned int *cause)
{
	(void)driver;
	*cause = master_of_device(device)->iommu.link[0].iommu->index;
	return -DEVICE_DEFER;
}

static void unuse_nothing(struct device *device, const struct driver *driver)
{
	(void)device;
	(void)driver;
}

static bool waits_on(struct device *device, unsigned int cause)
{
	(void)device;
	(void)cause;
	return true;
}

static int bind_later(struct device *device, const struct driver *driver)
{
	(void)device;
	(void)driver;
	return -DEVICE_DEFER;
}

static const struct device_dma_ops defers = {.use = defer_for_instance, .unuse = unuse_nothing, .must_wait = waits_on};
static const struct driver late_driver = {.name = "late", .bind = bind_later};

static void defer_at(unsigned int m, const struct device_dma_ops *dma, uint64_t ticks)
{
	master[m].device.dma = dma;
	device_offer(&master[m].device, &late_driver);
	assert_int_equal(device_queue(&master[m].device), 0);
	arch_hooks.ticks = ticks;
	assert_true(bind_queue_work(&queue));
}

static void test_those_that_wait_are_named_oldest_first(void **state)
{
	(void)state;
	assert_int_equal(pending_report(&bringup, PENDING_LISTED), 0);
	assert_string_equal(output, "");
	bringup.ticks_at_reset = 1000;
	smmu[0].iommu.reason = "CR0ACK did not follow";
	word_store(&smmu[0].iommu.state, IOMMU_FAILED);
	defer_at(1, NULL, 1000 + 2 * (arch_tick_hz() / 1000));
	defer_at(0, &defers, 1000 + 7 * (arch_tick_hz() / 1000));
	assert_int_equal(pending_report(&bringup, PENDING_LISTED), 2);
	assert_non_null(strstr(output,
			       "  m0 (late) waits for smmu0, since 7 ms from reset, deferred 1 times: it failed: "
			       "CR0ACK did not follow\n"));
	assert_non_null(strstr(output, "  m1 (late) waits for another client, since 2 ms from reset"));
	assert_true(strstr(output, "m1 (late)") < strstr(output, "m0 (late)"));
	assert_non_null(strstr(output, "{\"record\":\"pending\",\"master\":\"m0\",\"client\":\"late\",\"waits_for\":"
				       "\"smmu0\",\"state\":\"failed\",\"since_ticks\":"));
	assert_non_null(strstr(output, "\"since_ms\":7,"));
}

static void test_a_failing_run_ends_with_those_that_wait(void **state)
{
	(void)state;
	defer_at(1, NULL, 5000);
	assert_false(verdict(&bringup, 1));
	assert_int_equal(said("m1 (late) waits for another client"), 1);
	assert_true(strstr(output, "\nwaiting ") < strstr(output, "\nfindings "));
	forget_output();
	verdict_fatal(&bringup, "it died", 1);
	assert_int_equal(said("m1 (late) waits for another client"), 1);
}

static void test_only_the_first_of_many_that_wait_have_a_line(void **state)
{
	(void)state;
	defer_at(0, NULL, 5000);
	defer_at(1, NULL, 6000);
	assert_int_equal(pending_report(&bringup, 1), 2);
	assert_int_equal(said("(late) waits for"), 1);
	assert_int_equal(said("\"record\":\"pending\""), 2);
	assert_int_equal(said("  and 1 more: each is a record\n"), 1);
}

static void test_a_client_that_no_core_takes_up_waits_for_a_core(void **state)
{
	(void)state;
	device_offer(&master[0].device, &late_driver);
	assert_int_equal(device_queue(&master[0].device), 0);
	assert_int_equal(pending_report(&bringup, PENDING_LISTED), 1);
	assert_int_equal(said("  m0 (late) waits for a core: it is queued, and no core has taken it up\n"), 1);
	assert_int_equal(said("\"since_ticks\":null"), 1);
}

/* --- Results and the verdict. --- */

static void test_results_are_counted(void **state)
{
	(void)state;
	bringup.tally.translates_passed = 0;
	check_master(&bringup, "translate", &master[0], CHECK_FAIL, "why");
	check_master(&bringup, "translate", &master[0], CHECK_SKIP, NULL);
	check_master(&bringup, "unmap", &master[0], CHECK_PASS, NULL);
	assert_int_equal(bringup.tally.translates_passed, 0);
	check_master(&bringup, "translate", &master[1], CHECK_PASS, NULL);
	check_instance(&bringup, "abort_all", 1, CHECK_PASS, NULL);
	assert_int_equal(bringup.tally.checks_passed, 3);
	assert_int_equal(bringup.tally.checks_failed, 1);
	assert_int_equal(bringup.tally.checks_skipped, 1);
	assert_int_equal(bringup.tally.translates_passed, 1);
	assert_int_equal(said("{\"record\":\"check\",\"check\":\"translate\",\"master\":\"m0\",\"result\":\"fail\","
			      "\"detail\":\"why\",\"walk\":["),
			 1);
	/* Only what fails is explained. */
	assert_int_equal(said("\"walk\":"), 1);
	assert_int_equal(
		said("{\"record\":\"check\",\"check\":\"abort_all\",\"instance\":\"smmu1\",\"result\":\"pass\","
		     "\"detail\":null}\n"),
		1);
}

static void assert_passes(void)
{
	forget_output();
	assert_true(verdict(&bringup, 1));
	assert_int_equal(said("\"result\":\"pass\""), 1);
	assert_int_equal(said("PASS"), 1);
}

static void assert_fails(const char *reason)
{
	forget_output();
	assert_false(verdict(&bringup, 1));
	assert_int_equal(said("\"result\":\"fail\""), 1);
	assert_int_equal(said("FAIL"), 1);
	/* In the verdict's line and record; the record of a finding may have the same words. */
	assert_true(said(reason) >= 2);
}

static void test_verdict_fails_for_each_reason_alone(void **state)
{
	static const struct {
		size_t offset;
		const char *reason;
	} counters[] = {
		{offsetof(struct tally, checks_failed), "a check failed"},
		{offsetof(struct tally, mismatches), "stream ID is wrong"},
		{offsetof(struct tally, unexpected_events), "no check had provoked"},
	};

	(void)state;
	assert_passes();
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		unsigned int *counter = (unsigned int *)(void *)((char *)&bringup.tally + counters[i].offset);

		*counter = 1;
		assert_fails(counters[i].reason);
		*counter = 0;
	}
	bringup.tally.trouble = "the kettle";
	assert_fails("the kettle");
	bringup.tally.trouble = NULL;
	bringup.tally.translates_passed = 0;
	assert_fails("no master showed");
	bringup.tally.translates_passed = 1;
	word_store(&smmu[1].iommu.state, IOMMU_FAILED);
	assert_fails("an SMMU failed");
	word_store(&smmu[0].iommu.state, IOMMU_FAILED);
	assert_fails("no SMMU is ready");
	bringup.smmu_count = 0;
	assert_fails("no SMMUv3 is described");
	bringup.smmu_count = SMMUS;
	word_store(&smmu[0].iommu.state, IOMMU_READY);
	word_store(&smmu[1].iommu.state, IOMMU_READY);
	word_store(&master[1].device.client, CLIENT_DEFERRED);
	assert_fails("still waits");
	assert_int_equal(said("deferred: its SMMU never came"), 1);
	master[1].iommu.reason = "the core has no room";
	findings_forget();
	assert_fails("still waits");
	assert_int_equal(said("deferred: the core has no room"), 1);
	master[1].iommu.reason = NULL;
	word_store(&master[1].device.client, CLIENT_FAILED);
	assert_fails("could not be set up");
	word_store(&master[1].device.client, CLIENT_BOUND);
	assert_passes();
	assert_int_equal(said("\"bound\":1"), 1);
	word_store(&master[1].iommu.link[0].state, LINK_QUARANTINED);
	assert_fails("could not be set up");
	assert_int_equal(said("\"quarantined\":1"), 1);
	word_store(&master[1].iommu.link[0].state, LINK_READY);
	bringup.tally.checks_skipped = 3;
	bringup.tally.differences = 2;
	assert_passes();
}

/* The first failed check, with its subject. */
static void test_verdict_names_the_check_that_failed(void **state)
{
	(void)state;
	check_master(&bringup, "read_only", &master[1], CHECK_SKIP, "none");
	check_master(&bringup, "unmap", &master[1], CHECK_FAIL, "it leaked");
	check_instance(&bringup, "abort_all", 0, CHECK_FAIL, "it leaked");
	assert_fails("a check failed (unmap: m1)");
	bringup.tally.mismatches = 1;
	assert_fails("stream ID is wrong; a check failed (unmap: m1)");
	bringup.tally.trouble = "the kettle";
	assert_fails("the kettle; a check failed (unmap: m1)");
}

/* The brackets hold the reason's subject, whatever came before. */
static void test_verdict_names_the_place_of_what_it_quotes(void **state)
{
	(void)state;
	check_instance(&bringup, "abort_all", 0, CHECK_FAIL, "why");
	bringup.tally.mismatches = 1;
	bringup.tally.mismatched = "m9";
	assert_fails("the description of a stream ID is wrong (m9); a check failed (abort_all: smmu0)");
	word_store(&smmu[1].iommu.state, IOMMU_FAILED);
	assert_fails("an SMMU failed (smmu1); a check failed (abort_all: smmu0)");
	word_store(&smmu[1].iommu.state, IOMMU_READY);
	bringup.tally.mismatches = bringup.tally.checks_failed = 0;
	bringup.tally.failed_check = NULL;
	word_store(&master[1].device.client, CLIENT_DEFERRED);
	assert_fails("a client still waits for its SMMU (m1)");
	word_store(&master[1].device.client, CLIENT_FAILED);
	assert_fails("a master could not be set up (m1)");
	word_store(&master[1].device.client, CLIENT_BOUND);
	raise_event(1, F_TRANSLATION, 0x8, true, 0x1000);
	events_report(&bringup);
	assert_fails("that no check had provoked (smmu1)");
	bringup.tally.trouble = "the kettle";
	assert_fails("the kettle");
	assert_int_equal(said("the kettle ("), 0);
}

/* With what was found so far, and the reason in words behind it; a second one has its record alone. */
static void test_fatal_verdict_is_a_failure(void **state)
{
	(void)state;
	findings_forget();
	finding_add("kettle", FINDING_WARNING, "m0", "it boils", NULL);
	verdict_fatal(&bringup, "the end", 1);
	verdict_fatal(NULL, "the end", 1);
	assert_int_equal(said(" 1. warning m0: kettle: it boils\n"), 1);
	assert_int_equal(said("{\"record\":\"finding\""), 1);
	assert_int_equal(said("It fails because the end\n{\"record\":\"verdict\""), 1);
	findings_forget();
	assert_int_equal(said("\"result\":\"fail\""), 2);
	assert_int_equal(said("\"reason\":\"the end\""), 2);
	assert_int_equal(said("\"instances\":2"), 1);
	assert_int_equal(said("\"instances\":0"), 1);
}

/* --- Events. --- */

struct key {
	unsigned int smmu;
	uint32_t sid;
};

static bool is_of(const struct logged_event *logged, const void *wanted)
{
	const struct key *key = wanted;

	return logged->smmu == key->smmu && logged->event.sid == key->sid;
}

static void test_events_are_claimed_once_and_since_a_mark(void **state)
{
	const struct key m0 = {0, 8}, stranger = {0, 9};
	struct logged_event first;
	unsigned int mark;

	(void)state;
	raise_event(0, F_TRANSLATION, 8, false, 0x1000);
	mark = events_mark(&bringup);
	assert_int_equal(events_mark(&bringup), mark);
	raise_event(1, F_TRANSLATION, 8, false, 0x2000);
	raise_event(0, F_TRANSLATION, 8, false, 0x3000);
	raise_event(0, F_TRANSLATION, 8, false, 0x4000);
	assert_int_equal(events_mark(&bringup), mark + 3);
	assert_int_equal(events_claim(mark, is_of, &stranger, NULL), 0);
	/* A look claims no event or all. */
	assert_int_equal(events_find(mark, is_of, &m0, NULL), 2);
	assert_int_equal(events_claim(mark, is_of, &m0, &first), 2);
	assert_int_equal(first.event.address, 0x3000);
	assert_int_equal(events_claim(mark, is_of, &m0, NULL), 0);
	events_report(&bringup);
	/* Before the mark, or the other instance's. */
	assert_int_equal(bringup.tally.unexpected_events, 2);
	assert_int_equal(said("\"expected\":true"), 2);
	assert_int_equal(said("\"expected\":false"), 2);
	assert_int_equal(said("  unexpected: smmu1 reports F_TRANSLATION for stream 0x8 (no master's)"), 1);
	assert_int_equal(said("\"master\":\"m0\""), 3);
	forget_output();
	events_report(&bringup);
	assert_string_equal(output, "");
	assert_int_equal(bringup.tally.unexpected_events, 2);
	assert_int_equal(events_find(mark, is_of, &m0, NULL), 0);
}

static void test_one_record_for_what_is_tried_word_by_word(void **state)
{
	unsigned int mark = events_mark(&bringup);
	unsigned int total = events_drain(&bringup);
	const struct key m0 = {0, 8};

	(void)state;
	raise_event(0, F_TRANSLATION, 8, true, 0x1000);
	raise_event(0, F_TRANSLATION, 8, true, 0x2000);
	raise_event(0, F_TRANSLATION, 8, true, 0x1ffc);
	raise_event(0, F_TRANSLATION, 8, false, 0x2000);
	assert_int_equal(events_drain(&bringup), total + 4);
	raise_event(0, F_TRANSLATION, 8, true, 0x1004);
	raise_event(0, F_PERMISSION, 8, false, 0x2000);
	assert_int_equal(events_drain(&bringup), total + 6);
	assert_int_equal(events_mark(&bringup), mark + 4);
	/* A looked-at event does not grow: later DMA's events are behind the mark. */
	mark = events_mark(&bringup);
	raise_event(0, F_PERMISSION, 8, false, 0x2004);
	assert_int_equal(events_mark(&bringup), mark + 1);
	assert_int_equal(events_claim(mark, is_of, &m0, NULL), 1);
	events_report(&bringup);
	assert_int_equal(said("\"count\":3"), 1);
	assert_int_equal(said("\"count\":1"), 4);
}

static void test_only_ready_instances_are_asked_for_events(void **state)
{
	unsigned int mark = events_mark(&bringup);

	(void)state;
	word_store(&smmu[1].iommu.state, IOMMU_FAILED);
	raise_event(1, F_TRANSLATION, 9, false, 0);
	assert_int_equal(events_mark(&bringup), mark);
	assert_int_equal(*reg(1, SMMU_EVENTQ_CONS), 0);
}

/* --- Trials. --- */

static uint8_t page[16];
static unsigned int polls_left[MASTERS];
static int poll_result;
static int start_error;
static unsigned int write_from; /* Where the fake master's write begins. */
static uint8_t fetched;
static unsigned int last_length;
static struct smmuv3_event at_the_end;
static unsigned int at_the_end_count; /* m1's DMA leaves this event on smmu1, this often. */

static int fake_start(struct master *of, const struct master_dma *dma)
{
	(void)of;
	fetched = dma->memory ? page[0] : 0;
	last_length = dma->length;
	if (!start_error && dma->write && dma->memory) {
		for (uint32_t i = write_from; i < dma->length; i++) {
			page[i] = 0x11;
		}
	}
	return start_error;
}

static int fake_poll(struct master *of)
{
	unsigned int *left = &polls_left[of - master];

	if (*left) {
		(*left)--;
		return -EAGAIN;
	}
	for (; at_the_end_count; at_the_end_count--) {
		raise_event(1, at_the_end.code, at_the_end.sid, !at_the_end.write, at_the_end.address);
	}
	return poll_result;
}

static const struct master_driver fake_driver = {.length_max = sizeof(page), .start = fake_start, .poll = fake_poll};
static const struct master_driver writer = {.driver = {.name = "writer"},
					    .can = MASTER_WRITES,
					    .length_max = sizeof(page),
					    .start = fake_start,
					    .poll = fake_poll};

static struct trial trial_of(unsigned int m, bool write)
{
	master[m].driver = &fake_driver;
	memset(page, 0x5a, sizeof(page));
	memset(polls_left, 0, sizeof(polls_left));
	poll_result = 0;
	start_error = 0;
	at_the_end_count = 0;
	write_from = 0;
	return (struct trial){.master = &master[m],
			      .smmu = m,
			      .sid = 8 + m,
			      .write = write,
			      .address = 0x1000,
			      .memory = page,
			      .length = sizeof(page),
			      .touched = true};
}

static void test_trial_sees_what_was_written(void **state)
{
	struct trial trial = trial_of(0, true);

	(void)state;
	trials_run(&bringup, &trial, 1);
	assert_int_equal(trial.error, 0);
	assert_true(trial.touched);
	assert_int_equal(fetched, TRIAL_CANARY);
	write_from = sizeof(page) - 1;
	trials_run(&bringup, &trial, 1);
	assert_true(trial.touched);
	write_from = sizeof(page);
	trials_run(&bringup, &trial, 1);
	assert_false(trial.touched);
	assert_int_equal(last_length, sizeof(page));
	trial = trial_of(0, false);
	trials_run(&bringup, &trial, 1);
	assert_int_equal(fetched, 0x5a);
	assert_false(trial.touched);
	assert_int_equal(trial_length(&master[0], 64), sizeof(page));
	assert_int_equal(trial_length(&master[0], 4), 4);
}

static void test_trials_end_each_by_itself(void **state)
{
	struct trial trials[] = {trial_of(0, false), {.master = NULL, .touched = true}, trial_of(1, false)};

	(void)state;
	polls_left[0] = 9;
	polls_left[1] = 2;
	trials_run(&bringup, trials, 3);
	assert_int_equal(trials[0].error, 0);
	assert_int_equal(polls_left[0], 0);
	assert_false(trials[1].touched);
	trials[0] = trial_of(0, false);
	trials[2] = trial_of(1, false);
	polls_left[1] = 9;
	poll_result = -EIO;
	trials_run(&bringup, trials, 3);
	assert_int_equal(polls_left[1], 0);
	assert_int_equal(trials[0].error, -EIO);
	assert_int_equal(trials[2].error, -EIO);
	start_error = -ENODEV;
	trials_run(&bringup, trials, 3);
	assert_int_equal(trials[0].error, -ENODEV);
	/* For ever is too long. */
	start_error = 0;
	polls_left[0] = ~0U;
	trials_run(&bringup, trials, 3);
	assert_int_equal(trials[0].error, -ETIMEDOUT);
	assert_false(trials[0].running);
	assert_int_equal(trials[2].error, -EIO);
}

static unsigned int running;
static unsigned int most_running;

static int counted_start(struct master *of, const struct master_dma *dma)
{
	(void)of;
	(void)dma;
	running++;
	most_running = running > most_running ? running : most_running;
	return 0;
}

static int counted_poll(struct master *of)
{
	(void)of;
	running--;
	return 0;
}

/* All at once would fill an event queue. */
static void test_trials_run_some_at_a_time(void **state)
{
	static const struct master_driver counted = {.length_max = 4, .start = counted_start, .poll = counted_poll};
	static const unsigned int counts[] = {0, 1, TRIALS_AT_ONCE, TRIALS_AT_ONCE + 1, 2 * TRIALS_AT_ONCE, TRIALS_MAX};

	(void)state;
	for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		static struct trial trials[TRIALS_MAX + 1];

		for (unsigned int k = 0; k <= TRIALS_MAX; k++) {
			trials[k] = trial_of(0, false);
			trials[k].error = -EPERM;
		}
		master[0].driver = &counted;
		most_running = 0;
		trials_run(&bringup, trials, counts[i]);
		assert_int_equal(most_running, counts[i] < TRIALS_AT_ONCE ? counts[i] : TRIALS_AT_ONCE);
		for (unsigned int k = 0; k <= TRIALS_MAX; k++) {
			assert_int_equal(trials[k].error, k < counts[i] ? 0 : -EPERM);
		}
	}
}

/* --- The judge. --- */

/* m1's write of 4 bytes to 0x1000 as stream 9 of smmu1: none arrives. */
static struct trial stopped_trial(void)
{
	struct trial trial = trial_of(1, true);

	trial.length = 4;
	write_from = sizeof(page);
	trial.expect = (struct expectation)EXPECT_STOPPED(1, F_TRANSLATION);
	return trial;
}

static void leave(unsigned int code, uint32_t sid, bool write, uint64_t address, unsigned int count)
{
	at_the_end = (struct smmuv3_event){.code = code, .sid = sid, .write = write, .address = address};
	at_the_end_count = count;
}

static enum check_result judged(struct trial *trial)
{
	trials_run(&bringup, trial, 1);
	return trial_judge(&bringup, trial);
}

static void expect_unexpected(unsigned int count)
{
	bringup.tally.unexpected_events = 0;
	events_report(&bringup);
	assert_int_equal(bringup.tally.unexpected_events, count);
}

static void test_judge_wants_the_event_that_a_trial_was_to_lead_to(void **state)
{
	static const struct {
		unsigned int code;
		uint32_t sid;
		bool write;
		uint64_t address;
		enum check_result result;
	} cases[] = {
		{F_TRANSLATION, 9, true, 0x1000, CHECK_PASS},
		{F_TRANSLATION, 9, true, 0x1ffc, CHECK_PASS},	 /* Of the page. */
		{F_TRANSLATION, 9, true, 0x8020040, CHECK_FAIL}, /* A doorbell's: no proof. */
		{F_TRANSLATION, 9, true, 0x2000, CHECK_FAIL},
		{F_TRANSLATION, 9, false, 0x1000, CHECK_FAIL},
		{F_PERMISSION, 9, true, 0x1000, CHECK_FAIL},
		{F_TRANSLATION, 8, true, 0x1000, CHECK_FAIL}, /* A neighbour's. */
		{C_BAD_STE, 9, true, 0x1000, CHECK_FAIL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial trial = stopped_trial();

		leave(cases[i].code, cases[i].sid, cases[i].write, cases[i].address, 1);
		assert_int_equal(judged(&trial), cases[i].result);
		assert_int_equal(trial.words[0] == '\0', cases[i].result == CHECK_PASS);
		expect_unexpected(cases[i].result != CHECK_PASS);
	}
}

static void test_judge_says_what_was_different(void **state)
{
	struct trial trial = stopped_trial();

	(void)state;
	assert_int_equal(judged(&trial), CHECK_FAIL);
	assert_string_equal(
		trial.words,
		"a DMA of 4 bytes to 0x1000 was stopped without an event (no event instead of F_TRANSLATION)");
	leave(F_PERMISSION, 9, true, 0x1004, 1);
	assert_int_equal(judged(&trial), CHECK_FAIL);
	assert_non_null(strstr(trial.words, "(F_PERMISSION for a write to 0x1004 instead of F_TRANSLATION)"));
	/* Memory was reached: the event was due. */
	leave(F_TRANSLATION, 9, true, 0x1000, 1);
	write_from = 0;
	assert_int_equal(judged(&trial), CHECK_FAIL);
	assert_non_null(strstr(trial.words, "reached memory"));
	expect_unexpected(1);
}

static void test_judge_knows_how_often_is_too_often(void **state)
{
	struct trial trial = stopped_trial();

	(void)state;
	leave(F_TRANSLATION, 9, true, 0x1000, 7); /* Tried again, or word by word. */
	assert_int_equal(judged(&trial), CHECK_PASS);
	trials_run(&bringup, &trial, 1);
	for (unsigned int i = 0; i <= TRIAL_EVENTS_MAX; i++) {
		raise_event(1, F_TRANSLATION, 9, false, 0x1000);
		(void)events_drain(&bringup);
	}
	assert_int_equal(trial_judge(&bringup, &trial), CHECK_FAIL);
	assert_non_null(strstr(trial.words, "without an end"));
	expect_unexpected(0);
}

static void test_judge_of_a_trial_that_nothing_is_to_report(void **state)
{
	struct trial trial = stopped_trial();

	(void)state;
	trial.expect = (struct expectation){.end = TRIAL_STOPPED};
	assert_int_equal(judged(&trial), CHECK_PASS);
	leave(F_TRANSLATION, 9, true, 0x1000, 1);
	assert_int_equal(judged(&trial), CHECK_FAIL);
	expect_unexpected(1);
	/* Lost records do not matter then. */
	trial.expect = (struct expectation)EXPECT_STOPPED(0, F_TRANSLATION);
	assert_int_equal(judged(&trial), CHECK_PASS);
	leave(F_TRANSLATION, 9, true, 0x1000, 1);
	assert_int_equal(judged(&trial), CHECK_PASS);
	leave(F_TRANSLATION, 9, true, 0x7000, 1);
	assert_int_equal(judged(&trial), CHECK_PASS);
	expect_unexpected(1);
	/* One of its own DMA is to be right. */
	leave(F_PERMISSION, 9, true, 0x1000, 1);
	assert_int_equal(judged(&trial), CHECK_FAIL);
	expect_unexpected(1);
}

static void test_judge_of_a_trial_that_may_end_in_several_ways(void **state)
{
	static const struct {
		unsigned int code;
		enum check_result result;
	} cases[] = {{F_TRANSLATION, CHECK_PASS}, {C_BAD_STE, CHECK_PASS}, {C_BAD_CD, CHECK_FAIL}, {0, CHECK_FAIL}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial trial = stopped_trial();

		trial.expect = (struct expectation)EXPECT_STOPPED(1, C_BAD_STE, F_TRANSLATION);
		leave(cases[i].code, 9, true, 0x1000, 1);
		assert_int_equal(judged(&trial), cases[i].result);
		expect_unexpected(cases[i].result != CHECK_PASS);
	}
}

/* A stream of smmu0 whose DMA comes out on smmu1: only there, with the code. */
static void test_judge_of_a_borrowed_stream(void **state)
{
	static const struct {
		unsigned int smmu;
		unsigned int code;
		uint64_t address;
		enum check_result result;
		bool expected;
	} cases[] = {
		{1, C_BAD_STE, 0, CHECK_PASS, true},	       {1, F_TRANSLATION, 0x9000, CHECK_FAIL, false},
		{0, C_BAD_STE, 0, CHECK_FAIL, false},	       {0, F_TRANSLATION, 0x1000, CHECK_FAIL, false},
		{0, F_TRANSLATION, 0x9000, CHECK_PASS, false}, /* Of its owner there. */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial trial = stopped_trial();

		trial.expect = (struct expectation)EXPECT_STOPPED(0, C_BAD_STREAMID, C_BAD_STE);
		trial.sid = 8;
		trial.borrowed = true;
		trials_run(&bringup, &trial, 1);
		raise_event(cases[i].smmu, cases[i].code, 8, false, cases[i].address);
		(void)events_drain(&bringup);
		assert_int_equal(trial_judge(&bringup, &trial), cases[i].result);
		assert_int_equal(trial.events, cases[i].expected);
		expect_unexpected(!cases[i].expected);
	}
}

static void test_judge_of_records_that_are_lost(void **state)
{
	struct trial trial = stopped_trial();

	(void)state;
	trial.expect = (struct expectation)EXPECT_STOPPED(0, F_TRANSLATION);
	for (enum trial_loss loss = LOSS_ANYHOW; loss <= LOSS_NOTICED; loss++) {
		trial.expect.loss = loss;
		trial.aborted = smmu[1].counts.aborted_events;
		assert_int_equal(judged(&trial), loss == LOSS_ANYHOW ? CHECK_PASS : CHECK_FAIL);
		assert_int_equal(trial.late, loss != LOSS_ANYHOW);
		trial.late = false; /* What is judged below comes in time. */
		*reg(1, SMMU_EVENTQ_PROD) ^= EVENTQ_OVERFLOW;
		assert_int_equal(trial_judge(&bringup, &trial), loss == LOSS_ABORTED ? CHECK_FAIL : CHECK_PASS);
		*reg(1, SMMU_EVENTQ_PROD) ^= EVENTQ_OVERFLOW;
		smmu[1].counts.aborted_events++;
		assert_int_equal(trial_judge(&bringup, &trial), CHECK_PASS);
	}
}

static void test_judge_of_a_trial_that_is_to_arrive(void **state)
{
	struct trial trial = trial_of(1, true);

	(void)state;
	trial.expect = (struct expectation)EXPECT_ARRIVAL(TRIAL_ARRIVES);
	assert_int_equal(judged(&trial), CHECK_PASS);
	poll_result = -EIO;
	assert_int_equal(judged(&trial), CHECK_FAIL);
	poll_result = 0;
	write_from = sizeof(page);
	assert_int_equal(judged(&trial), CHECK_FAIL);
	/* Not the master's pattern. */
	write_from = 0;
	trial.expect.end = TRIAL_CARRIES;
	assert_int_equal(judged(&trial), CHECK_FAIL);
	assert_non_null(strstr(trial.words, "other bytes"));
}

/* Right in its work pages, too, not elsewhere. */
static void test_judge_of_a_damaged_stream(void **state)
{
	static struct master_driver driver;
	struct trial trial = stopped_trial();

	(void)state;
	driver = fake_driver;
	driver.work_pages = 2;
	master[1].driver = &driver;
	master[1].work_iova = 0x30000;
	for (unsigned int everywhere = 0; everywhere < 2; everywhere++) {
		trial.expect.everywhere = everywhere;
		leave(F_TRANSLATION, 9, false, 0x31ffc, 1);
		assert_int_equal(judged(&trial), everywhere ? CHECK_PASS : CHECK_FAIL);
		leave(F_TRANSLATION, 9, false, 0x32000, 1);
		assert_int_equal(judged(&trial), CHECK_FAIL);
	}
	/* A configuration's faults have no address. */
	trial.expect.code[0] = C_BAD_STE;
	leave(C_BAD_STE, 9, true, 0, 1);
	assert_int_equal(judged(&trial), CHECK_PASS);
}

/* Nothing to read is not the SMMU's fault; memory reached, or a stop, is judged. */
static void test_judge_of_a_device_that_cannot(void **state)
{
	struct trial trial = stopped_trial();

	(void)state;
	poll_result = -ENOTSUP;
	assert_int_equal(judged(&trial), CHECK_SKIP);
	assert_non_null(strstr(trial.words, "cannot make such a DMA"));
	start_error = -ENODEV;
	master[1].unfit = "it has no disk";
	assert_int_equal(judged(&trial), CHECK_SKIP);
	assert_string_equal(trial.words, "it has no disk");
	master[1].unfit = NULL;
	start_error = 0;
	leave(F_TRANSLATION, 9, true, 0x1000, 1);
	assert_int_equal(judged(&trial), CHECK_PASS);
	write_from = 0;
	assert_int_equal(judged(&trial), CHECK_FAIL);
	write_from = sizeof(page);
	poll_result = -EIO;
	assert_int_equal(judged(&trial), CHECK_FAIL);
}

static uint64_t event_due;

static int late_poll(struct master *of)
{
	(void)of;
	return 0;
}

static uint32_t late_read(const volatile void *at)
{
	if (event_due && arch_hooks.ticks >= event_due) {
		event_due = 0;
		raise_event(1, F_TRANSLATION, 9, false, 0x1000);
	}
	return *(const volatile uint32_t *)at;
}

static void test_a_late_event_is_waited_for(void **state)
{
	static struct master_driver driver;
	struct trial trial = stopped_trial();

	(void)state;
	driver = fake_driver;
	driver.poll = late_poll;
	master[1].driver = &driver;
	arch_hooks.read32 = late_read;
	event_due = arch_hooks.ticks + TRIAL_EVENT_US / 2;
	assert_int_equal(judged(&trial), CHECK_PASS);
	trial.expect = (struct expectation){.end = TRIAL_STOPPED};
	event_due = arch_hooks.ticks + TRIAL_SILENCE_US / 2;
	assert_int_equal(judged(&trial), CHECK_FAIL);
	trial.expect = (struct expectation)EXPECT_STOPPED(1, F_TRANSLATION);
	event_due = arch_hooks.ticks + 4 * TRIAL_EVENT_US;
	assert_int_equal(judged(&trial), CHECK_FAIL);
	assert_non_null(strstr(trial.words, "without an event"));
	event_due = 0;
	events_report(&bringup);
}

/* Each trial's own time: a later event is its own and too late, though another still waits. */
static void test_an_event_that_comes_too_late(void **state)
{
	static struct master_driver driver;
	struct trial trials[] = {stopped_trial(), stopped_trial()};

	(void)state;
	driver = fake_driver;
	driver.poll = late_poll;
	master[0].driver = master[1].driver = &driver;
	arch_hooks.read32 = late_read;
	trials[0].master = &master[0];
	trials[0].smmu = 0;
	trials[0].sid = 8;
	for (unsigned int late = 0; late < 2; late++) {
		trials[1].expect.within_us = late ? TRIAL_EVENT_US / 4 : TRIAL_EVENT_US;
		event_due = arch_hooks.ticks + TRIAL_EVENT_US / 2;
		trials_run(&bringup, trials, 2);
		assert_int_equal(trial_judge(&bringup, &trials[1]), late ? CHECK_FAIL : CHECK_PASS);
		assert_int_equal(strstr(trials[1].words, "came to its end later than it should") != NULL, late);
		expect_unexpected(0);
	}
	trials[1].expect = (struct expectation){.end = TRIAL_STOPPED};
	assert_int_equal(judged(&trials[1]), CHECK_PASS);
}

static void test_addresses_of_masters_with_fewer_bits(void **state)
{
	(void)state;
	assert_true(trial_agrees(0x5abcd123, 0x5abcd000));
	assert_true(trial_agrees(0xabcd000, 0x5abcd000)); /* 28 bits. */
	assert_true(trial_agrees(0xbcd000, 0x5abcd000));  /* 24. */
	assert_false(trial_agrees(0x3cd000, 0x5abcd000));
	assert_false(trial_agrees(0xcabcd000, 0xdabcd000)); /* Not the upper ones. */
	assert_false(trial_agrees(0x5abce000, 0x5abcd000));
	assert_false(trial_agrees(0x15abcd000, 0x5abcd000));
}

/* --- What is seen of a master that is silent. --- */

/* Stream 0x77 of smmu1 is undescribed; before it comes another. */
static int cry(struct master *of)
{
	(void)of;
	raise_event(1, F_TRANSLATION, 0x66, false, 0x8020040);
	raise_event(1, C_BAD_STREAMID, 0x77, false, 0);
	return 0;
}

static uint64_t next_cry;

static uint32_t cry_on_read(const volatile void *at)
{
	if (arch_hooks.ticks >= next_cry) {
		next_cry = arch_hooks.ticks + 10000;
		(void)cry(NULL);
	}
	return *(const volatile uint32_t *)at;
}

static void make_fit(void);
static void describe(void);

/* A display's goes on; one that stops with the DMA was the DMA's. */
static void test_a_strangers_stream_is_not_a_silent_masters(void **state)
{
	static struct master_driver crier;

	(void)state;
	describe();
	crier = writer;
	crier.poll = cry;
	for (unsigned int goes_on = 0; goes_on < 2; goes_on++) {
		(void)stopped_trial();
		make_fit();
		master[1].driver = goes_on ? &writer : &crier;
		master[1].observation = (struct master_observation){.seen = false};
		write_from = sizeof(page);
		arch_hooks.read32 = goes_on ? cry_on_read : NULL;
		observe(&bringup);
		assert_int_equal(master[1].observation.seen, !goes_on);
		assert_int_equal(said("\"observed\":{\"instance\":\"smmu1\",\"sid\":\"0x77\"}"), !goes_on);
		forget_output();
	}
	arch_hooks.read32 = NULL;
	events_report(&bringup);
}

/* --- Who may be driven. --- */

static void make_fit(void)
{
	master[1].driver = &writer;
	master[1].page[0] = page;
	master[1].observation.match = true;
	master[1].translated = true;
	master[1].unfit = NULL;
	word_store(&master[1].device.client, CLIENT_BOUND);
	word_store(&master[1].iommu.link[0].state, LINK_READY);
	group.region_count = 0;
}

static void expect_unfit(enum trial_use first)
{
	for (enum trial_use use = USE_STRAY; use <= USE_REPEATED; use++) {
		assert_int_equal(trial_unfit(&master[1], use) != NULL, use >= first);
	}
	make_fit();
}

static void test_who_may_be_driven(void **state)
{
	(void)state;
	make_fit();
	expect_unfit(USE_REPEATED + 1);
	master[1].driver = NULL;
	expect_unfit(USE_STRAY);
	word_store(&master[1].device.client, CLIENT_DEFERRED);
	expect_unfit(USE_STRAY);
	master[1].unfit = "it has no disk";
	assert_string_equal(trial_unfit(&master[1], USE_MAPPED), "it has no disk");
	expect_unfit(USE_STRAY);
	master[1].page[0] = NULL;
	expect_unfit(USE_STRAY);
	master[1].driver = &fake_driver; /* Writes nothing. */
	expect_unfit(USE_STRAY);
	word_store(&master[1].iommu.link[0].state, LINK_QUARANTINED);
	expect_unfit(USE_STRAY);
	word_store(&master[1].iommu.link[0].state, LINK_DESCRIBED);
	expect_unfit(USE_MAPPED);
	master[1].observation.match = false;
	expect_unfit(USE_MAPPED);
	group.region_count = 1;
	group.region[0] = (struct iommu_region){.base = TRIAL_IOVA_FIRST, .size = 0x1000};
	expect_unfit(USE_MAPPED);
	master[1].translated = false;
	expect_unfit(USE_REPEATED);
	master[1].iommu.link_count = 0;
	assert_null(trial_unfit(&master[1], USE_STRAY));
	assert_non_null(trial_unfit(&master[1], USE_MAPPED));
}

/* Declined is not failed, and there is no client. */
static void test_a_device_that_its_driver_declines(void **state)
{
	(void)state;
	make_fit();
	word_store(&master[1].device.client, CLIENT_FAILED);
	master[1].device.candidate = &writer.driver;
	master[1].unfit = "it is not what its driver is for";
	assert_passes();
	forget_output();
	report_masters(&bringup);
	assert_int_equal(said("\"master\":\"m1\""), 1);
	assert_int_equal(said("\"client\":null,\"client_state\":\"none\""), 2);
	forget_output();
	prove(&bringup);
	assert_int_equal(said("\"master\":\"m1\",\"result\":\"skip\",\"detail\":\"it is not what"), 4);
	master[1].unfit = NULL;
	assert_fails("could not be set up");
}

/* --- Hand-over and summary. --- */

static void test_hand_over_counts_what_failed(void **state)
{
	(void)state;
	smmu[0].inherited.gbpa = 0x1000;
	*reg(0, SMMU_GBPA) = 0x1000;
	word_store(&smmu[1].iommu.state, IOMMU_FAILED);
	bringup.handover = SMMUV3_HANDOVER_ABORT;
	hand_over(&bringup);
	assert_int_equal(bringup.tally.checks_passed, 1);
	assert_int_equal(bringup.tally.checks_skipped, 1);
	assert_int_equal(said("\"policy\":\"abort\",\"smmuen\":0,\"gbpa\":\"0x101000\""), 1);
	acknowledge = false;
	*reg(0, SMMU_CR0ACK) = CR0_SMMUEN;
	hand_over(&bringup);
	assert_int_equal(bringup.tally.checks_failed, 1);
	assert_int_equal(said("\"smmuen\":1"), 1);
}

/* No register shows these errors any longer. */
static void test_hand_over_after_something_went_wrong(void **state)
{
	uint32_t *const counts[] = {&smmu[0].counts.unprovoked, &smmu[0].counts.refused_writes,
				    &smmu[0].counts.event_overflows, &smmu[0].counts.gerrors};

	(void)state;
	bringup.handover = SMMUV3_HANDOVER_ABORT;
	bringup.smmu_count = 1;
	hand_over(&bringup);
	assert_int_equal(bringup.tally.checks_passed, 1);
	for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		*counts[i] = GERROR_EVENTQ_ABT_ERR;
		hand_over(&bringup);
		assert_int_equal(bringup.tally.checks_failed, i + 1);
		*counts[i] = 0;
	}
	smmu[0].health = SMMUV3_BROKEN;
	hand_over(&bringup);
	assert_int_equal(bringup.tally.checks_failed, 5);
	assert_int_equal(bringup.tally.checks_passed, 1);
}

/* --- Is the description true? --- */

static struct description described;
static struct stream_description second;
static bool unusable[SMMUS];
static struct pci_host host;
static struct pci_function function;

/* One master on each from a table; the third is a PCI function. */
static void describe(void)
{
	description_init(&described);
	for (unsigned int i = 0; i < SMMUS; i++) {
		struct fixed_description fixed = {
			.smmu = i, .first = 8 + i, .last = 8 + i, .master = master[i].device.name, .enabled = true};

		described.streams.smmu[i] = (struct smmu_description){.name = smmu[i].iommu.name,
								      .has_base = true,
								      .base = 0xc000000 + i * 0x20000,
								      .size = 0x20000,
								      .enabled = true,
								      .coherent = true,
								      .eventq = {true, true, 100 + i},
								      .gerror = {true, true, 110 + i}};
		described.streams.fixed[i] = fixed;
		smmu[i].features.sid_bits = 8;
		smmu[i].features.coherent_access = true;
		unusable[i] = false;
	}
	described.streams.smmu_count = described.streams.fixed_count = SMMUS;
	bringup.description = &described;
	bringup.other = NULL;
	bringup.unusable = unusable;
	second = described.streams;
	second.source = DESCRIPTION_IORT;
}

static void expect_differences(unsigned int count, const char *words)
{
	assert_int_equal(bringup.tally.differences, count);
	assert_int_equal(said("\"record\":\"difference\""), count);
	assert_true(!words || said(words) > 0);
	bringup.tally.differences = 0;
	forget_output();
}

static void test_a_true_description(void **state)
{
	(void)state;
	describe();
	compare(&bringup);
	expect_differences(0, NULL);
	bringup.other = &second;
	compare(&bringup);
	compare_interrupts(&bringup);
	expect_differences(0, NULL);
}

static void test_id_registers_that_disagree(void **state)
{
	(void)state;
	describe();
	smmu[1].features.coherent_access = false;
	smmu[0].features.sid_bits = 3;
	compare(&bringup);
	assert_int_equal(said("\"between\":[\"dt\",\"idr\"],\"subject\":\"smmu1\""), 1);
	assert_int_equal(said("\"subject\":\"m0\",\"detail\":\"its stream 0x8 of smmu0 has more than the 3 bits"), 1);
	expect_differences(2, NULL);
	unusable[0] = true;
	compare(&bringup);
	expect_differences(1, "COHACC is 0");
	smmu[1].features.coherent_access = true;
	described.streams.fixed[1].enabled = false;
	smmu[1].features.sid_bits = 1;
	compare(&bringup);
	expect_differences(0, NULL);
}

static void test_a_second_description(void **state)
{
	(void)state;
	describe();
	second.fixed[0].first = second.fixed[0].last = 0x55;
	bringup.other = &second;
	compare(&bringup);
	assert_int_equal(said("\"between\":[\"dt\",\"iort\"]"), 2);
	expect_differences(2, "only the IORT gives it stream 0x55");
}

static void test_a_function_in_no_window(void **state)
{
	(void)state;
	describe();
	host.segment = 3;
	function.host = &host;
	master[2].pci = &function;
	master[2].device.name = "0003:00:01.0";
	master[2].requester_id = 8;
	bringup.master_count = 3;
	compare(&bringup);
	expect_differences(0, NULL); /* Its host has no window. */
	described.streams.window_count = 1;
	described.streams.window[0] =
		(struct window_description){.smmu = 0, .input_last = 7, .sid = 0x80, .segment = 3, .enabled = true};
	compare(&bringup);
	expect_differences(1, "\"between\":[\"dt\",\"pci\"],\"subject\":\"0003:00:01.0\"");
	described.streams.window[0].enabled = false;
	compare(&bringup);
	expect_differences(0, NULL);
}

static void test_interrupts_that_never_came(void **state)
{
	(void)state;
	describe();
	for (unsigned int i = 0; i < SMMUS; i++) {
		smmu[i].event_interrupt = smmu[i].gerror_interrupt = true;
		smmu[i].counts.events = smmu[i].counts.illegal_commands = 1;
	}
	smmu[0].counts.event_interrupts = 1;
	smmu[1].counts.gerror_interrupts = 1;
	compare_interrupts(&bringup);
	assert_int_equal(said("\"subject\":\"smmu0\",\"detail\":\"an error was provoked"), 1);
	assert_int_equal(said("\"subject\":\"smmu1\",\"detail\":\"it has reported 1 events"), 1);
	expect_differences(2, "(INTID 110)");
	/* None was due, or none is wired. */
	smmu[0].counts.illegal_commands = 0;
	smmu[1].event_interrupt = false;
	compare_interrupts(&bringup);
	expect_differences(0, NULL);
}

static void expect_interrupt_finding(bool strict, const char *words)
{
	describe();
	findings_forget();
	bringup.strict = strict;
	smmu[0].event_interrupt = true;
	smmu[0].counts.events = 1;
	compare_interrupts(&bringup);
	findings_report();
	assert_int_equal(said(words), 1);
	expect_differences(1, "never came");
	smmu[0].counts.events = 0;
}

static void test_an_interrupt_is_a_finding_and_fails_a_strict_run(void **state)
{
	(void)state;
	bringup.tally.trouble = NULL;
	expect_interrupt_finding(false, "\"id\":\"interrupt\",\"severity\":\"warning\",\"place\":\"smmu0\"");
	assert_null(bringup.tally.trouble);
	expect_interrupt_finding(true, "\"id\":\"interrupt\",\"severity\":\"error\",\"place\":\"smmu0\"");
	assert_non_null(bringup.tally.trouble);
	bringup.tally.trouble = NULL;
	bringup.strict = false;
	findings_forget();
}

static void test_more_differences_than_have_a_record(void **state)
{
	(void)state;
	describe();
	described.streams.fixed_count = 102;
	for (unsigned int i = 2; i < 102; i++) {
		described.streams.fixed[i] = described.streams.fixed[0];
		described.streams.fixed[i].first = described.streams.fixed[i].last = 0x1000 + i;
	}
	compare(&bringup);
	assert_int_equal(said("and 36 differences more"), 1);
	expect_differences(64, NULL);
}

/* log=quiet prints no line behind it: it has the first difference. */
static void test_a_quiet_run_says_the_first_difference(void **state)
{
	(void)state;
	describe();
	findings_forget();
	print_set_level(PRINT_QUIET);
	smmu[0].features.coherent_access = smmu[1].features.coherent_access = false;
	compare(&bringup);
	findings_report();
	print_set_level(PRINT_NORMAL);
	assert_int_equal(said("  differs "), 0);
	assert_int_equal(said("    the first: smmu0: it is described as coherent, and IDR0.COHACC is 0"), 1);
	assert_int_equal(said("the first: smmu1"), 0);
	findings_forget();
}

static void on_write_without_gbpa(volatile void *at, uint32_t value)
{
	if (at != reg(0, SMMU_GBPA) && at != reg(1, SMMU_GBPA)) {
		on_write(at, value);
	}
}

static void test_hand_over_without_gbpa_is_no_pass(void **state)
{
	(void)state;
	arch_hooks.write32 = on_write_without_gbpa;
	bringup.handover = SMMUV3_HANDOVER_ABORT;
	bringup.smmu_count = 1;
	smmu[0].counts.unsilenced_storms = 3;
	hand_over(&bringup);
	assert_int_equal(bringup.tally.checks_passed, 0);
	assert_int_equal(bringup.tally.checks_skipped, 1);
	assert_int_equal(said("\"gbpa\":null"), 1);
	assert_int_equal(said("\"unsilenced_storms\":3"), 1);
}

static void test_masters_are_reported(void **state)
{
	static struct master_driver driver = {.driver = {.name = "edu"}};

	(void)state;
	/* Two more, ungrouped; one names the second instance first. */
	word_store(&smmu[0].iommu.state, IOMMU_DESCRIBED);
	word_store(&smmu[1].iommu.state, IOMMU_DESCRIBED);
	assert_int_equal(iommu_master_stream(&master[2].iommu, &smmu[1].iommu, 0x30), 0);
	make_master(2, "m2", 0, 0x20);
	word_store(&master[2].iommu.link[1].state, LINK_READY);
	pointer_store(&master[2].iommu.group, NULL);
	assert_int_equal(iommu_master_stream(&master[3].iommu, &smmu[0].iommu, 0x21), 0);
	make_master(3, "m3", 1, 0x31);
	word_store(&master[3].iommu.link[1].state, LINK_READY);
	pointer_store(&master[3].iommu.group, NULL);
	bringup.master_count = 4;
	word_store(&master[1].iommu.link[0].state, LINK_QUARANTINED);
	master[1].iommu.reason = "it is bad";
	master[0].iommu.reason = "memory ran out while it was probed";
	master[0].driver = &driver;
	master[0].device.candidate = &driver.driver;
	master[0].device.waited_for = 1U << 1;
	master[0].device.deferrals = 4;
	master[0].device.core = 3;
	word_store(&master[0].device.client, CLIENT_BOUND);
	report_masters(&bringup);
	assert_int_equal(said("\"master\":\"m0\",\"device\":\"1234:11e8\",\"instance\":\"smmu0\","
			      "\"streams\":[{\"instance\":\"smmu0\",\"sid\":\"0x8\"}],\"group\":0,\"state\":\"ready\","
			      "\"reason\":null,"
			      "\"client\":\"edu\",\"client_state\":\"bound\",\"unfit\":null,\"core\":3,\"deferrals\":4,"
			      "\"waited_for\":"
			      "[\"smmu1\"]}"),
			 1);
	assert_int_equal(
		said("\"master\":\"m1\",\"device\":\"1234:11e8\",\"instance\":\"smmu1\","
		     "\"streams\":[{\"instance\":\"smmu1\",\"sid\":\"0x9\"}],\"group\":0,\"state\":\"quarantined\","
		     "\"reason\":\"it is "
		     "bad\",\"client\":null,\"client_state\":\"none\",\"unfit\":null,\"core\":null,"),
		1);
	assert_int_equal(said("\"instance\":\"smmu0\",\"streams\":[{\"instance\":\"smmu0\",\"sid\":\"0x20\"},"
			      "{\"instance\":\"smmu1\",\"sid\":\"0x30\"}],\"group\":1,"),
			 1);
	assert_int_equal(said("\"instance\":\"smmu0\",\"streams\":[{\"instance\":\"smmu0\",\"sid\":\"0x21\"},"
			      "{\"instance\":\"smmu1\",\"sid\":\"0x31\"}],\"group\":2,"),
			 1);
	word_store(&smmu[0].iommu.state, IOMMU_READY);
	forget_output();
	report_instances(&bringup);
	assert_int_equal(said("\"instance\":\"smmu0\",\"name\":\"smmu0\",\"base\":\"0xc000000\",\"state\":\"ready\""),
			 1);
	assert_int_equal(said("\"state\":\"failed\""), 1);
	assert_int_equal(said("\"masters\":3}"), 2);
	assert_int_equal(said("\"errata\":[]"), 2);
}

static void test_errata_are_listed_and_told(void **state)
{
	(void)state;
	smmu[0].features.iidr = 0x4870043b;
	smmu[1].described_quirks = SMMUV3_DESCRIBED_NO_PAGE1;
	forget_output();
	report_instances(&bringup);
	assert_int_equal(said("\"errata\":[2133013,2268618,2812531,3777127]"), 1);
	assert_int_equal(said("\"errata\":[74]"), 1);
	assert_int_equal(said("  smmu0 has erratum "), 4);
	assert_int_equal(said("  smmu1 has erratum 74 (Cavium ThunderX2): register page 1"), 1);
}

static void test_the_log_does_not_fill(void **state)
{
	const struct key m0 = {0, 8};

	(void)state;
	for (unsigned int i = 0; i < 3 * EVENTS_MAX; i++) {
		unsigned int mark = events_mark(&bringup);

		raise_event(0, F_TRANSLATION, 8, false, i * 0x1000ULL);
		(void)events_drain(&bringup);
		assert_int_equal(events_claim(mark, is_of, &m0, NULL), 1);
		events_report(&bringup);
		forget_output();
	}
	assert_int_equal(bringup.tally.unexpected_events, 0);
	assert_int_equal(events_lost(), 0);
}

/* Last: the log keeps the loss. */
static void test_a_storm_takes_no_other_masters_place_and_fails_the_run(void **state)
{
	const struct key m1 = {1, 9};
	unsigned int mark = events_mark(&bringup);

	(void)state;
	for (unsigned int i = 0; i < 2 * EVENTS_MAX; i++) {
		raise_event(0, F_TRANSLATION, 8, false, i * 0x1000ULL);
		(void)events_drain(&bringup);
	}
	assert_int_equal(events_lost(), 2 * EVENTS_MAX - EVENTS_OF_STREAM_MAX);
	raise_event(1, F_TRANSLATION, 9, false, 0x1000);
	(void)events_drain(&bringup);
	assert_int_equal(events_claim(mark, is_of, &m1, NULL), 1);
	assert_fails("no room in the log");
	events_report(&bringup);
	assert_int_equal(bringup.tally.unexpected_events, EVENTS_OF_STREAM_MAX);
}

/* --- What interrupts have noticed. --- */

static void test_ger_05_service_failure_fails_its_instance_alone(void **state)
{
	(void)state;
	smmu[0].cd = (struct cd *)(void *)arena;
	attend(&bringup);
	assert_int_equal(iommu_state(&smmu[0].iommu), IOMMU_READY);
	assert_null(bringup.tally.trouble);
	/* setup() makes no real group: its link leaves unprobed. */
	word_store(&master[0].iommu.link[0].state, LINK_DESCRIBED);
	*reg(0, SMMU_CR0) = *reg(0, SMMU_CR0ACK) = 0xd;
	*reg(0, SMMU_GERROR) ^= GERROR_SFM_ERR;
	smmuv3_poll_gerror(&smmu[0]);
	forget_output();
	attend(&bringup);
	assert_int_equal(iommu_state(&smmu[0].iommu), IOMMU_FAILED);
	assert_non_null(strstr(smmu[0].iommu.reason, "SFM_ERR"));
	assert_int_equal(*reg(0, SMMU_CR0), 0);
	assert_int_equal(said("m0 is blocked with it"), 1);
	assert_int_equal(said("m1 is blocked with it"), 0);
	assert_int_equal(iommu_state(&smmu[1].iommu), IOMMU_READY);
	assert_fails("service failure mode");
	forget_output();
	attend(&bringup);
	assert_int_equal(said("SFM_ERR"), 0);
}

/* The hardware is not to blame for another core's probe; no master is blocked yet. */
static void test_an_instance_that_is_in_use_does_not_end(void **state)
{
	(void)state;
	smmu[0].cd = (struct cd *)(void *)arena;
	word_store(&master[0].iommu.link[0].state, LINK_DESCRIBED);
	iommu_raise(&smmu[0].iommu);
	word_store(&smmu[0].iommu.probes, 1);
	attend(&bringup);
	assert_int_equal(said("it is still on: another core is using it"), 1);
	assert_int_equal(said("it did not stop"), 0);
	assert_int_equal(said("is blocked with it"), 0);
	word_store(&smmu[0].iommu.probes, 0);
	acknowledge = false;
	*reg(0, SMMU_CR0) = *reg(0, SMMU_CR0ACK) = 0xd;
	forget_output();
	attend(&bringup);
	assert_int_equal(said("it did not stop, and may go on translating"), 1);
	assert_int_equal(said("is blocked with it"), 0);
	assert_int_equal(iommu_state(&smmu[0].iommu), IOMMU_FAILED);
}

static void test_evq_10_storming_master_is_quarantined(void **state)
{
	(void)state;
	word_store(&master[1].iommu.link[0].state, LINK_DESCRIBED);
	storms_note(&smmu[1], 9, SMMUV3_STORM_SILENCED);
	storms_note(&smmu[1], 0x77, SMMUV3_STORM_GOES_ON); /* Of no master. */
	attend(&bringup);
	assert_non_null(pointer_load(&master[1].iommu.quarantine_reason));
	assert_null(pointer_load(&master[0].iommu.quarantine_reason));
	assert_int_equal(said("the events of stream 0x9, m1, did not end (8192 within a second): it is denied"), 1);
	assert_int_equal(
		said("the events of stream 0x77, which no table describes, did not end (8192 within a second): "
		     "it can have no silent entry; they go on, and the event interrupt is off"),
		1);
	assert_fails("events did not end");
}

/* No master is denied for what many did. */
static void test_a_storm_of_many_is_told(void **state)
{
	(void)state;
	storms_note(&smmu[1], 9, SMMUV3_STORM_OF_MANY);
	attend(&bringup);
	assert_null(pointer_load(&master[1].iommu.quarantine_reason));
	assert_int_equal(
		said("the events of many streams did not end (65536 within a second): they go on, and the event "
		     "interrupt is off"),
		1);
	assert_fails("events did not end");
}

static void test_storms_beyond_the_list_are_counted(void **state)
{
	(void)state;
	for (uint32_t sid = 0x100; sid < 0x100 + 16; sid++) {
		storms_note(&smmu[1], sid, SMMUV3_STORM_SILENCED);
	}
	attend(&bringup);
	assert_int_equal(said("did not end"), 16);
	assert_int_equal(said("streams more"), 0);
	forget_output();
	for (uint32_t sid = 0x100; sid < 0x100 + 19; sid++) {
		storms_note(&smmu[1], sid, SMMUV3_STORM_SILENCED);
	}
	attend(&bringup);
	assert_int_equal(said("did not end"), 17);
	assert_int_equal(said("the events of 3 streams more did not end"), 1);
	assert_fails("events did not end");
	forget_output();
	attend(&bringup);
	assert_int_equal(said("did not end"), 0);
}

static void test_passes_of_equally_many_are_one_line(void **state)
{
	(void)state;
	for (unsigned int m = 0; m < 2; m++) {
		check_master(&bringup, "translate", &master[m], CHECK_PASS, NULL);
		check_master(&bringup, "unmap", &master[m], CHECK_PASS, "each has its words");
	}
	check_master(&bringup, "isolation", &master[0], CHECK_PASS, NULL);
	check_master(&bringup, "isolation", &master[1], CHECK_SKIP, "why");
	check_instance(&bringup, "abort_all", 0, CHECK_PASS, NULL);
	assert_int_equal(said("  pass "), 0);
	passes_say(&bringup);
	assert_int_equal(said("  pass translate, unmap (masters: 2)\n"), 1);
	assert_int_equal(said("  pass isolation (masters: 1)\n"), 1);
	assert_int_equal(said("  pass abort_all (instances: 1)\n"), 1);
	assert_int_equal(said("  skip "), 1);
	forget_output();
	passes_say(&bringup);
	assert_int_equal(said("pass"), 0);
}

/* A line ends before 100 columns; of more checks than there is room for none is lost. */
static void test_passes_of_many_checks_are_all_said(void **state)
{
	static char names[PASSES_MAX + 2][20];

	(void)state;
	for (unsigned int i = 0; i < PASSES_MAX + 2; i++) {
		format_text(names[i], sizeof(names[i]), "check_of_number_%02u", i);
		check_instance(&bringup, names[i], 0, CHECK_PASS, NULL);
	}
	passes_say(&bringup);
	for (unsigned int i = 0; i < PASSES_MAX + 2; i++) {
		char word[24];

		format_text(word, sizeof(word), i % 4 == 3 ? " %s (" : " %s", names[i]);
		assert_int_equal(said(word), 1);
	}
}

static void test_log_debug_has_a_line_for_each_pass(void **state)
{
	(void)state;
	print_set_level(PRINT_DEBUG);
	check_master(&bringup, "isolation", &master[0], CHECK_PASS, "not to another's page");
	print_set_level(PRINT_NORMAL);
	assert_int_equal(said(": isolation: not to another's page\n"), 1);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_those_that_wait_are_named_oldest_first),
		TEST(test_a_failing_run_ends_with_those_that_wait),
		TEST(test_only_the_first_of_many_that_wait_have_a_line),
		TEST(test_a_client_that_no_core_takes_up_waits_for_a_core),
		TEST(test_results_are_counted),
		TEST(test_passes_of_equally_many_are_one_line),
		TEST(test_passes_of_many_checks_are_all_said),
		TEST(test_log_debug_has_a_line_for_each_pass),
		TEST(test_verdict_fails_for_each_reason_alone),
		TEST(test_verdict_names_the_check_that_failed),
		TEST(test_verdict_names_the_place_of_what_it_quotes),
		TEST(test_fatal_verdict_is_a_failure),
		TEST(test_events_are_claimed_once_and_since_a_mark),
		TEST(test_one_record_for_what_is_tried_word_by_word),
		TEST(test_only_ready_instances_are_asked_for_events),
		TEST(test_trial_sees_what_was_written),
		TEST(test_trials_end_each_by_itself),
		TEST(test_trials_run_some_at_a_time),
		TEST(test_judge_wants_the_event_that_a_trial_was_to_lead_to),
		TEST(test_judge_says_what_was_different),
		TEST(test_judge_knows_how_often_is_too_often),
		TEST(test_judge_of_a_trial_that_nothing_is_to_report),
		TEST(test_judge_of_a_trial_that_may_end_in_several_ways),
		TEST(test_judge_of_a_borrowed_stream),
		TEST(test_judge_of_records_that_are_lost),
		TEST(test_judge_of_a_trial_that_is_to_arrive),
		TEST(test_judge_of_a_damaged_stream),
		TEST(test_judge_of_a_device_that_cannot),
		TEST(test_a_late_event_is_waited_for),
		TEST(test_an_event_that_comes_too_late),
		TEST(test_addresses_of_masters_with_fewer_bits),
		TEST(test_a_strangers_stream_is_not_a_silent_masters),
		TEST(test_who_may_be_driven),
		TEST(test_a_device_that_its_driver_declines),
		TEST(test_hand_over_counts_what_failed),
		TEST(test_hand_over_after_something_went_wrong),
		TEST(test_a_true_description),
		TEST(test_id_registers_that_disagree),
		TEST(test_a_second_description),
		TEST(test_a_function_in_no_window),
		TEST(test_interrupts_that_never_came),
		TEST(test_more_differences_than_have_a_record),
		TEST(test_hand_over_without_gbpa_is_no_pass),
		TEST(test_masters_are_reported),
		TEST(test_errata_are_listed_and_told),
		TEST(test_ger_05_service_failure_fails_its_instance_alone),
		TEST(test_an_instance_that_is_in_use_does_not_end),
		TEST(test_evq_10_storming_master_is_quarantined),
		TEST(test_a_storm_of_many_is_told),
		TEST(test_storms_beyond_the_list_are_counted),
		TEST(test_the_log_does_not_fill),
		TEST(test_a_storm_takes_no_other_masters_place_and_fails_the_run),
		TEST(test_a_quiet_run_says_the_first_difference),
		TEST(test_an_interrupt_is_a_finding_and_fails_a_strict_run),
	};

	return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}
