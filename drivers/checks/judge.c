/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges trials. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/arena.h"
#include "checks/trial.h"
#include "report/print.h"

#define PAGE_MASK (~(PAGE_SIZE - 1ULL))
#define EMITTED_BITS_MIN 24U
#define EVENT_WORDS 64U

unsigned int trial_instance(const struct master *master)
{
	return master->iommu.link[0].iommu->index;
}

uint32_t trial_sid(const struct master *master)
{
	return master->iommu.link[0].sid[0];
}

bool trial_is_device_fault(int error)
{
	return error && error != -EIO && error != -ETIMEDOUT;
}

bool trial_agrees(uint64_t seen, uint64_t tried)
{
	uint64_t lost = (seen ^ tried) & PAGE_MASK;

	/* From the lowest lost bit on, `seen` is 0. */
	return !lost || (lost >> EMITTED_BITS_MIN << EMITTED_BITS_MIN == lost && seen < (lost & -lost));
}

bool trial_strays(const struct trial *trial, const struct smmuv3_event *event)
{
	const struct master_driver *driver = trial->master->driver;
	bool fetches = driver->work_pages || driver->can & MASTER_COPIES;

	return event->has_access && (event->write == trial->write || fetches) &&
	       trial_agrees(event->address, trial->address);
}

/* --- Expected events. --- */

static bool is_on_page(const struct smmuv3_event *event, uint64_t address)
{
	return !((event->address ^ address) & PAGE_MASK);
}

/* Does a stopped DMA of this trial cause an event with this address and direction? */
static bool is_at_its_place(const struct smmuv3_event *event, const struct trial *trial)
{
	const struct master *master = trial->master;
	bool copies = trial->write && master->driver->can & MASTER_COPIES;

	if (!event->has_access) {
		return event->code < F_WALK_EABT; /* Configuration faults have no address (IHI 0070 7.3). */
	}
	if (trial->stray) {
		return trial_strays(trial, event);
	}
	if (is_on_page(event, trial->address)) {
		return event->write == trial->write || (copies && !trial->source);
	}
	if (!trial->expect.everywhere) {
		return false;
	}
	return (copies && !event->write && is_on_page(event, trial->source)) ||
	       (master->work_iova && event->address - master->work_iova < master->driver->work_pages * PAGE_SIZE);
}

static bool is_own(const struct logged_event *logged, const void *wanted)
{
	const struct trial *trial = wanted;

	return trial->master->iommu.link_count && logged->smmu == trial_instance(trial->master) &&
	       logged->event.sid == trial_sid(trial->master);
}

/* Any code. */
static bool is_of_its_dma(const struct logged_event *logged, const void *wanted)
{
	const struct trial *trial = wanted;

	return is_own(logged, trial) && is_at_its_place(&logged->event, trial);
}

static bool is_expected(const struct logged_event *logged, const void *wanted)
{
	const struct trial *trial = wanted;

	return logged->event.code == trial->expect.code && is_of_its_dma(logged, trial);
}

unsigned int trial_events(const struct trial *trial)
{
	return events_find(trial->since, is_expected, trial, NULL);
}

/* --- Differences. --- */

static const char *wrong_end(const struct trial *trial, const char **note)
{
	*note = NULL;
	if (trial->touched && trial->expect.end == TRIAL_STOPPED) {
		return "reached memory";
	}
	if (trial->error == -ETIMEDOUT) {
		return "did not end";
	}
	if (trial->expect.end == TRIAL_STOPPED) {
		return NULL;
	}
	if (trial->error) {
		return "ended with an error";
	}
	if (!trial->write) {
		return NULL;
	}
	if (!trial->touched) {
		return "did not reach its page";
	}
	return trial->expect.end == TRIAL_ARRIVES ||
			       trial_arrived(trial->master, trial->round, trial->memory, trial->length, note) ?
		       NULL :
		       "brought other bytes than it should";
}

static const char *wrong_events(const struct trial *trial, unsigned int events, bool others)
{
	if (events > TRIAL_EVENTS_MAX) {
		return "was tried without an end";
	}
	if (trial->expect.report == TRIAL_REPORTED && !events) {
		return others ? "was not reported as it should be" : "was stopped without an event";
	}
	return trial->expect.report == TRIAL_SILENT && others ? "was to be silent, and led to an event" : NULL;
}

/*
 * QEMU (IIDR 0) lacks Access flag faults (the DMA passes) and Address size faults, and takes a permission missing in a
 * stage 2 TLB entry for a stage 1 fault, which it does not record there.
 */
static bool is_emulators_gap(const struct smmuv3_features *features, const struct trial *trial)
{
	switch (features->iidr ? 0 : trial->expect.code) {
	case F_ACCESS:
		return trial->touched;
	case F_ADDR_SIZE:
		return true;
	case F_PERMISSION:
		return !features->stage1 && !trial->touched;
	default:
		return false;
	}
}

static enum check_result skip(struct trial *trial, const char *why)
{
	format_text(trial->words, sizeof(trial->words), "%s", why);
	return CHECK_SKIP;
}

static void word_event(const struct smmuv3_event *event, char words[EVENT_WORDS])
{
	int length = (int)format_text(words, EVENT_WORDS, "%s", smmuv3_event_name(event->code));

	if (event->has_access) {
		format_text(words + length, EVENT_WORDS - (size_t)length, " for a %s 0x%llx",
			    event->write ? "write to" : "read of", (unsigned long long)event->address);
	}
}

static enum check_result fail(struct trial *trial, const char *wrong, const struct logged_event *seen)
{
	char words[EVENT_WORDS] = "no event";

	if (seen) {
		word_event(&seen->event, words);
	}
	format_text(trial->words, sizeof(trial->words), "a DMA of %" PRIu32 " bytes to 0x%llx %s (%s%s%s)",
		    trial->length, (unsigned long long)trial->address, wrong, words,
		    trial->expect.code ? " instead of " : "",
		    trial->expect.code ? smmuv3_event_name(trial->expect.code) : "");
	return CHECK_FAIL;
}

enum check_result trial_judge(const struct bringup *bringup, struct trial *trial)
{
	const struct smmuv3_features *features = &bringup->smmu[trial_instance(trial->master)].features;
	struct logged_event seen;
	unsigned int events =
		trial->expect.report == TRIAL_SILENT ? 0 : events_claim(trial->since, is_expected, trial, &seen);
	bool others =
		!events &&
		events_find(trial->since, trial->expect.report == TRIAL_SILENT ? is_of_its_dma : is_own, trial, &seen);
	const char *note;
	const char *wrong = wrong_end(trial, &note);

	if (!events && !others && !trial->touched && trial_is_device_fault(trial->error)) {
		return skip(trial, trial->master->unfit ? trial->master->unfit : "the device cannot make such a DMA");
	}
	if (trial->expect.report == TRIAL_REPORTED && !events && !others && is_emulators_gap(features, trial)) {
		return skip(trial, "an emulator's SMMU (IIDR 0), without such a fault");
	}
	wrong = wrong ? wrong : wrong_events(trial, events, others);
	if (wrong) {
		return fail(trial, wrong, events || others ? &seen : NULL);
	}
	format_text(trial->words, sizeof(trial->words), "%s", note ? note : "");
	return CHECK_PASS;
}
