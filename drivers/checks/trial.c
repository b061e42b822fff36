/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/trial.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "report/print.h"

#define TRIAL_WAIT_US 3000000U /* A slow device takes 100 ms, and a busy emulator many times that. */
#define TRIAL_NAP_US 5000U

uint32_t trial_length(const struct master *master, uint32_t wanted)
{
	const struct master_driver *driver = master->driver;

	if (wanted < driver->length_min) {
		return driver->length_min;
	}
	return wanted < driver->length_max ? wanted : driver->length_max;
}

/* QEMU's edu emits no more than 28 bits of an address unless told otherwise. */
#define IOVA_PRIVATE 0x01000000ULL
#define IOVA_STEP 0x10000ULL

uint64_t trial_iova(const struct master *master, unsigned int page)
{
	return IOVA_PRIVATE + master->number * IOVA_STEP + page * PAGE_SIZE;
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
	/* What may be the SMMU's fault, a trial shows. */
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

/* A copy of canaries onto canaries would go by unseen. */
static void fill_source(const struct trial *trial)
{
	uint8_t *source = trial->memory + TRIAL_SOURCE;

	memset(source, (uint8_t)~TRIAL_CANARY, PAGE_SIZE - TRIAL_SOURCE);
	arch_cache_clean(source, PAGE_SIZE - TRIAL_SOURCE);
}

static void start(struct trial *trial)
{
	const struct master_dma dma = {
		.write = trial->write,
		.stray = trial->stray,
		.address = trial->address,
		.source = trial->source ? trial->source : trial->address + TRIAL_SOURCE,
		.memory = trial->memory ? arch_phys(trial->memory) : 0,
		.length = trial->length,
	};

	if (trial->write && trial->memory) {
		memset(trial->memory, TRIAL_CANARY, trial->length);
		arch_cache_clean_invalidate(trial->memory, trial->length);
	}
	if (trial->memory && !trial->source && trial->master->driver->can & MASTER_COPIES) {
		fill_source(trial);
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

static void finish(struct trial *trial)
{
	if (!trial->memory || !trial->write) {
		return;
	}
	/* A master that does not snoop has written past the cache. */
	arch_cache_clean_invalidate(trial->memory, trial->length);
	trial->touched = has_changed(trial->memory, trial->length);
}

/* Whether any is still running. */
static bool poll(struct trial *trials, unsigned int count)
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

static void wait(struct bringup *bringup, struct trial *trials, unsigned int count)
{
	struct deadline deadline = deadline_in_us(TRIAL_WAIT_US);

	while (poll(trials, count)) {
		if (deadline_passed(&deadline)) {
			break;
		}
		arch_sleep_us(TRIAL_NAP_US);
		(void)events_mark(bringup);
	}
	for (unsigned int i = 0; i < count; i++) {
		if (trials[i].running) {
			print("  %s: waited %u ms in vain for its DMA to end\n", trials[i].master->device.name,
			      TRIAL_WAIT_US / 1000);
			bringup->tally.trouble = "a master's DMA did not end";
			trials[i].error = -ETIMEDOUT;
			trials[i].running = false;
		}
	}
}

void trials_run(struct bringup *bringup, struct trial *trials, unsigned int count)
{
	unsigned int mark = events_mark(bringup);

	for (unsigned int i = 0; i < count; i++) {
		trials[i].since = mark;
		trials[i].touched = false;
		trials[i].running = false;
		if (trials[i].master) {
			start(&trials[i]);
		}
	}
	wait(bringup, trials, count);
	(void)events_mark(bringup);
	for (unsigned int i = 0; i < count; i++) {
		if (trials[i].master) {
			finish(&trials[i]);
		}
	}
}

const struct logged_event *trial_event(const struct trial *trial)
{
	const struct iommu_link *link = &trial->master->iommu.link[0];

	if (trial->master->iommu.link_count == 0) {
		return NULL;
	}
	return events_claim(trial->since, link->iommu->index, link->sid[0]);
}
