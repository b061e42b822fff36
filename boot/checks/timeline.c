/* SPDX-License-Identifier: BSD-2-Clause */
/* The record `steps`: what a core did in a row, to whom, from when to when, by the architected timer's count. */
#include "base/timeline.h"

#include <stddef.h>

#include "base/arch.h"
#include "base/feature.h"
#include "checks/checks.h"
#include "report/record.h"

/* Names of a record: they have to fit. */
#define NAMES_MAX 12U

/* A longer pause ends a record: 10 ms. */
#define PAUSES_IN_A_SECOND 100U

struct run_of_steps {
	const struct timeline_entry *first;
	const struct timeline_entry *last;
	unsigned int count;
	unsigned int names;
};

static const char *const kind_words[] = {
	[TIMELINE_REGISTRATION] = "registration",
	[TIMELINE_REPLAY] = "replay",
	[TIMELINE_READY] = "ready",
	[TIMELINE_DEFERRAL] = "deferral",
	[TIMELINE_WAKE_UP] = "wake-up",
	[TIMELINE_BIND] = "bind",
	[TIMELINE_DMA] = "dma",
	[TIMELINE_EVENT] = "event",
};

static bool goes_on(const struct run_of_steps *run, const struct timeline_entry *entry)
{
	return run->first && run->first->core == entry->core && run->first->kind == entry->kind &&
	       entry->ticks - run->last->ticks <= arch_tick_hz() / PAUSES_IN_A_SECOND &&
	       (run->names < NAMES_MAX || run->last->name == entry->name);
}

static void steps_close(struct record *record, const struct run_of_steps *run)
{
	if (!run->first) {
		return;
	}
	record_close(record, ']');
	record_count(record, "last_ticks", run->last->ticks);
	record_count(record, "count", run->count);
	record_end(record);
}

static void steps_open(struct record *record, struct run_of_steps *run, const struct timeline_entry *entry)
{
	*run = (struct run_of_steps){.first = entry};
	record_begin(record, "steps");
	record_count(record, "core", entry->core);
	record_string(record, "what", kind_words[entry->kind]);
	record_count(record, "ticks", entry->ticks);
	record_open(record, "of", '[');
}

static void steps_add(struct record *record, struct run_of_steps *run, const struct timeline_entry *entry)
{
	if (!goes_on(run, entry)) {
		steps_close(record, run);
		steps_open(record, run, entry);
	}
	if (!run->last || run->last->name != entry->name) {
		record_string(record, NULL, entry->name);
		run->names++;
	}
	run->last = entry;
	run->count++;
}

static void report_left_out(uint32_t count)
{
	struct record record;

	record_begin(&record, "steps");
	record_null(&record, "core");
	record_string(&record, "what", "left out");
	record_count(&record, "count", count);
	record_end(&record);
}

void report_timeline(void)
{
	uint32_t count = timeline_count();
	uint32_t kept = count < TIMELINE_CAPACITY ? count : TIMELINE_CAPACITY;
	struct run_of_steps run = {0};
	struct record record;

	for (uint32_t number = 0; number < kept; number++) {
		const struct timeline_entry *entry = timeline_entry(number);

		if (entry) {
			steps_add(&record, &run, entry);
		}
	}
	steps_close(&record, &run);
	if (count > kept) {
		report_left_out(count - kept);
	}
}

LINKED(report_timeline);
