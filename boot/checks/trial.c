/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/trial.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "base/feature.h"
#include "base/progress.h"
#include "base/timeline.h"
#include "report/print.h"

OPTIONAL(progress_begin);
OPTIONAL(progress_is_due);
OPTIONAL(progress_seconds);

#define WAIT_US 10000000U /* Slow devices take 100 ms, emulators much longer. */
#define NAP_US 1000U

OPTIONAL(timeline_note);

uint32_t trial_length(const struct master *master, uint32_t wanted)
{
	const struct master_driver *driver = master->driver;

	if (wanted < driver->length_min) {
		return driver->length_min;
	}
	return wanted < driver->length_max ? wanted : driver->length_max;
}

/* QEMU's edu emits 28 address bits. */
#define IOVA_STEP 0x10000ULL

_Static_assert(TRIAL_IOVA_FIRST + MASTER_NUMBERS * IOVA_STEP <= TRIAL_IOVA_COMMON,
	       "private pages end before the common one");

/* Inlined: AArch32 +176 bytes. */
__attribute__((noinline)) uint64_t trial_iova(const struct master *master, unsigned int page)
{
	return TRIAL_IOVA_FIRST + master->number * IOVA_STEP + page * PAGE_SIZE;
}

static uint8_t pattern_byte(const struct master *master, uint32_t round, uint32_t at)
{
	uint8_t byte = (uint8_t)(master->number * 37U + round * 101U + at * 11U + 1U);

	return byte == TRIAL_CANARY ? 0x5a : byte;
}

void trial_fill(const struct master *master, uint32_t round, uint8_t *memory, uint32_t length)
{
	for (uint32_t at = 0; at < length; at++) {
		memory[at] = pattern_byte(master, round, at);
	}
	arch_cache_clean(memory, length);
}

static bool carries_bytes(const struct master *master)
{
	return master->driver->can & (MASTER_READS | MASTER_COPIES);
}

bool trial_arrived(const struct master *master, uint32_t round, const uint8_t *memory, uint32_t length,
		   const char **words)
{
	const struct master_driver *driver = master->driver;

	*words = carries_bytes(master) ? NULL : "writes only: this master cannot read through the SMMU";
	if (driver->verify) {
		return driver->verify(master, memory, length, words);
	}
	for (uint32_t at = 0; at < length; at++) {
		uint8_t wanted = (uint8_t)(driver->pattern >> 8 * (at % 4));

		if (memory[at] != (carries_bytes(master) ? pattern_byte(master, round, at) : wanted)) {
			return false;
		}
	}
	return true;
}

int trial_map_work(const struct bringup *bringup, struct master *master)
{
	uint64_t iova = trial_iova(master, MASTER_PAGES);
	int error;

	if (!master->work) {
		return 0;
	}
	error = iommu_map(bringup->core, &master->iommu, iova, arch_phys(master->work),
			  master->driver->work_pages * PAGE_SIZE, IOMMU_READ | IOMMU_WRITE);
	if (error) {
		return error;
	}
	master->work_iova = iova;
	/* Goes on after another error, which may be the SMMU's: the trial shows it. */
	if (master_prepare(master) == -ENODEV) {
		trial_unmap_work(master);
		return -ENODEV;
	}
	return 0;
}

void trial_unmap_work(struct master *master)
{
	master_stop(master);
	if (!master->work_iova) {
		return;
	}
	(void)iommu_unmap(&master->iommu, master->work_iova, master->driver->work_pages * PAGE_SIZE);
	master->work_iova = 0;
}

/* Not canaries: a copy of them would go unnoticed. */
static void fill_source(const struct trial *trial)
{
	uint8_t *source = trial->memory + TRIAL_SOURCE;

	memset(source, (uint8_t)~TRIAL_CANARY, PAGE_SIZE - TRIAL_SOURCE);
	arch_cache_clean(source, PAGE_SIZE - TRIAL_SOURCE);
}

/* Before any DMA: trials may share a page. */
static void prepare_memory(struct trial *trial)
{
	trial->touched = false;
	trial->running = false;
	if (!trial->master || !trial->memory) {
		return;
	}
	if (trial->write) {
		memset(trial->memory, TRIAL_CANARY, trial->length);
		arch_cache_clean_invalidate(trial->memory, trial->length);
	}
	if (!trial->source && trial->master->driver->can & MASTER_COPIES) {
		fill_source(trial);
	}
}

static void trial_start(struct trial *trial)
{
	const struct master_dma dma = {
		.write = trial->write,
		.stray = trial->stray,
		.address = trial->address,
		.source = trial->source ? trial->source : trial->address + TRIAL_SOURCE,
		.memory = trial->memory ? arch_phys(trial->memory) : 0,
		.length = trial->length,
	};

	if (is_linked(timeline_note)) {
		timeline_note(TIMELINE_DMA, trial->master->device.name);
	}
	trial->error = master_start(trial->master, &dma);
	trial->running = trial->error == 0;
}

static bool has_changed(const uint8_t *memory, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++) {
		if (memory[i] != TRIAL_CANARY) {
			return true;
		}
	}
	return false;
}

static void look_at_memory(struct trial *trial)
{
	if (!trial->master || !trial->memory || !trial->write) {
		return;
	}
	/* A master that does not snoop writes past the cache. */
	arch_cache_clean_invalidate(trial->memory, trial->length);
	trial->touched = has_changed(trial->memory, trial->length);
}

static bool trial_poll(struct trial *trials, unsigned int count)
{
	bool running = false;

	for (unsigned int i = 0; i < count; i++) {
		struct trial *trial = &trials[i];

		if (trial->running) {
			trial->error = trial->master->driver->poll(trial->master);
			trial->running = trial->error == -EAGAIN;
			running |= trial->running;
		}
	}
	return running;
}

static void trial_progress(struct progress *progress, const struct trial *trials, unsigned int count)
{
	if (!is_linked(progress_begin) || !progress_is_due(progress)) {
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		if (trials[i].running) {
			print("  %s: its DMA has not ended, %u s so far\n", trials[i].master->device.name,
			      (unsigned int)progress_seconds(progress));
			return;
		}
	}
}

/* What still runs at the deadline gets -ETIMEDOUT. `boot`: NULL on other cores, which do not sleep. */
static void drive(const struct bringup *boot, struct trial *trials, unsigned int count)
{
	struct deadline deadline = deadline_in_us(WAIT_US);
	struct progress progress = boot && is_linked(progress_begin) ? progress_begin() : (struct progress){0};

	for (unsigned int i = 0; i < count; i++) {
		prepare_memory(&trials[i]);
	}
	for (unsigned int i = 0; i < count; i++) {
		if (trials[i].master) {
			trial_start(&trials[i]);
		}
	}
	while (trial_poll(trials, count) && !deadline_passed(&deadline)) {
		if (boot) {
			arch_sleep_us(NAP_US);
			(void)events_drain(boot);
			trial_progress(&progress, trials, count);
		} else {
			arch_relax();
		}
	}
	for (unsigned int i = 0; i < count; i++) {
		trials[i].error = trials[i].running ? -ETIMEDOUT : trials[i].error;
		trials[i].running = false;
		look_at_memory(&trials[i]);
	}
}

void trials_drive(struct trial *trials, unsigned int count)
{
	drive(NULL, trials, count);
}

static bool has_come_to_its_end(const struct bringup *bringup, struct trial *trial)
{
	const char *words;

	look_at_memory(trial);
	if (!trial->master || trial_is_device_fault(trial->error)) {
		return true;
	}
	if (trial_events(trial) < trial->expect.least || !trial_has_noticed_loss(bringup, trial)) {
		return false;
	}
	if (trial->expect.end == TRIAL_STOPPED || !trial->write || trial->error) {
		return true;
	}
	return trial->touched && (trial->expect.end == TRIAL_ARRIVES ||
				  trial_arrived(trial->master, trial->round, trial->memory, trial->length, &words));
}

static bool is_awaited(const struct bringup *bringup, struct trial *trial, uint32_t waited_us)
{
	if (has_come_to_its_end(bringup, trial)) {
		return false;
	}
	trial->late = waited_us >= trial->expect.within_us;
	return !trial->late;
}

static bool are_awaited(const struct bringup *bringup, struct trial *trials, unsigned int count, uint32_t waited_us)
{
	bool awaited = false;

	for (unsigned int i = 0; i < count; i++) {
		trials[i].awaited = trials[i].awaited && is_awaited(bringup, &trials[i], waited_us);
		awaited |= trials[i].awaited;
	}
	return awaited;
}

static void await_ends(const struct bringup *bringup, struct trial *trials, unsigned int count)
{
	for (uint32_t waited_us = 0; are_awaited(bringup, trials, count, waited_us); waited_us += NAP_US) {
		arch_sleep_us(NAP_US);
		(void)events_drain(bringup);
	}
}

static void await_silence(const struct bringup *bringup)
{
	struct deadline deadline = deadline_in_us(TRIAL_EVENT_US);
	unsigned int now = events_drain(bringup);
	unsigned int before;

	do {
		before = now;
		arch_sleep_us(TRIAL_SILENCE_US);
		now = events_drain(bringup);
	} while (now != before && !deadline_passed(&deadline));
}

static void say_endless(struct bringup *bringup, const struct trial *trial)
{
	if (trial->master && trial->error == -ETIMEDOUT) {
		print("  %s: waited %u ms in vain for its DMA to end; its driver last read 0x%x\n",
		      trial->master->device.name, WAIT_US / 1000, (unsigned int)trial->master->seen);
		bringup->tally.trouble = "a master's DMA did not end";
	}
}

static void run_at_once(struct bringup *bringup, struct trial *trials, unsigned int count)
{
	unsigned int mark = events_mark(bringup);

	for (unsigned int i = 0; i < count; i++) {
		trials[i].since = mark;
		trials[i].late = false;
		trials[i].awaited = true;
	}
	drive(bringup, trials, count);
	(void)events_drain(bringup);
	await_ends(bringup, trials, count);
	await_silence(bringup);
	for (unsigned int i = 0; i < count; i++) {
		look_at_memory(&trials[i]);
		say_endless(bringup, &trials[i]);
	}
}

void trials_run(struct bringup *bringup, struct trial *trials, unsigned int count)
{
	for (; count > TRIALS_AT_ONCE; count -= TRIALS_AT_ONCE, trials += TRIALS_AT_ONCE) {
		run_at_once(bringup, trials, TRIALS_AT_ONCE);
	}
	run_at_once(bringup, trials, count);
}
