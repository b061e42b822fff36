/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

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

	/* `seen` is 0 from the lowest lost bit on. */
	return !lost || (lost >> EMITTED_BITS_MIN << EMITTED_BITS_MIN == lost && seen < (lost & -lost));
}

/* Masters with queues, and those that copy, also read. */
static bool strays(const struct trial *trial, const struct smmuv3_event *event)
{
	const struct master_driver *driver = trial->master->driver;
	bool fetches = driver->work_pages || driver->can & MASTER_COPIES;

	return event->has_access && (event->write == trial->write || fetches) &&
	       trial_agrees(event->address, trial->address);
}

/* --- Expected events. --- */

static bool judge_is_on_page(const struct smmuv3_event *event, uint64_t address)
{
	return !((event->address ^ address) & PAGE_MASK);
}

/* Are address and direction those of a stopped DMA? */
static bool is_at_its_place(const struct smmuv3_event *event, const struct trial *trial)
{
	const struct master *master = trial->master;
	bool copies = trial->write && master->driver->can & MASTER_COPIES;

	if (!event->has_access) {
		return event->code < F_WALK_EABT; /* Configuration faults have no address (IHI 0070 7.3). */
	}
	if (trial->stray) {
		return strays(trial, event);
	}
	if (judge_is_on_page(event, trial->address)) {
		return event->write == trial->write || (copies && !trial->source);
	}
	if (!trial->expect.everywhere) {
		return false;
	}
	return (copies && !event->write && judge_is_on_page(event, trial->source)) ||
	       (master->work_iova && event->address - master->work_iova < master->driver->work_pages * PAGE_SIZE);
}

static bool is_own(const struct logged_event *logged, const void *wanted)
{
	const struct trial *trial = wanted;

	return logged->smmu == trial->smmu && logged->event.sid == trial->sid;
}

bool trial_causes(const struct trial *trial, const struct smmuv3_event *event)
{
	return event->code && memchr(trial->expect.code, (int)event->code, TRIAL_CODES) &&
	       is_at_its_place(event, trial);
}

static bool is_expected(const struct logged_event *logged, const void *wanted)
{
	return is_own(logged, wanted) && trial_causes(wanted, &logged->event);
}

/* Counts against the trial if no expected event came. */
static bool is_suspect(const struct logged_event *logged, const void *wanted)
{
	const struct trial *trial = wanted;
	const struct smmuv3_event *event = &logged->event;

	if (trial->borrowed && event->sid == trial->sid && logged->smmu != trial->smmu) {
		/* Other masters may emit this stream ID at that instance. */
		return !event->has_access || judge_is_on_page(event, trial->address);
	}
	return is_own(logged, trial) && (trial->borrowed || trial->expect.least || is_at_its_place(event, trial));
}

unsigned int trial_events(const struct trial *trial)
{
	return events_find(trial->since, is_expected, trial, NULL);
}

unsigned int trial_events_ever(const struct trial *trial)
{
	return events_count(is_expected, trial);
}

void trial_claim(const struct trial *trial)
{
	(void)events_claim(trial->since, is_expected, trial, NULL);
}

/* --- Differences. --- */

const char *trial_wrong_end(const struct trial *trial, const char **note)
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

/* `suspected`: other events came instead. */
static const char *wrong_events(const struct trial *trial, bool suspected)
{
	const struct expectation *expect = &trial->expect;

	if (suspected) {
		return expect->most ? "was not reported as it should be" : "was to be silent, and led to an event";
	}
	if (trial->events > expect->most) {
		return "was tried without an end";
	}
	return trial->events < expect->least ? "was stopped without an event" : NULL;
}

bool trial_has_noticed_loss(const struct bringup *bringup, const struct trial *trial)
{
	struct smmuv3 *smmu = bringup->smmu[trial->smmu];

	if (trial->expect.loss == LOSS_ANYHOW) {
		return true;
	}
	smmuv3_poll_gerror(smmu);
	return smmuv3_counts(smmu)->aborted_events != trial->aborted ||
	       (trial->expect.loss == LOSS_NOTICED && smmuv3_events_overflowed(smmu));
}

static const char *wrong_loss(const struct bringup *bringup, const struct trial *trial)
{
	if (trial_has_noticed_loss(bringup, trial)) {
		return NULL;
	}
	return trial->expect.loss == LOSS_ABORTED ? "lost its event, and GERROR.EVENTQ_ABT_ERR was not reported" :
						    "led to more events than entries, and none was missed";
}

static const char *wrong_in_all(const struct bringup *bringup, const struct trial *trial, bool suspected,
				const char **note)
{
	const char *wrong = trial_wrong_end(trial, note);

	wrong = wrong ? wrong : wrong_events(trial, suspected);
	wrong = wrong ? wrong : wrong_loss(bringup, trial);
	return wrong || !trial->late ? wrong : "came to its end later than it should";
}

/*
 * QEMU (IIDR 0) lacks Access flag and Address size faults, and does not record a permission missing in a stage 2 TLB
 * entry.
 */
static bool is_emulators_gap(const struct smmuv3_features *features, const struct trial *trial)
{
	switch (features->iidr ? 0 : trial->expect.code[0]) {
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

static enum check_result judge_skip(struct trial *trial, const char *why)
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

static enum check_result judge_failure(struct trial *trial, const char *wrong, const struct logged_event *seen)
{
	unsigned int wanted = trial->events ? 0 : trial->expect.code[0];
	char words[EVENT_WORDS] = "no event";

	if (seen) {
		word_event(&seen->event, words);
	}
	format_text(trial->words, sizeof(trial->words), "a DMA of %" PRIu32 " bytes to 0x%llx %s (%s%s%s)",
		    trial->length, (unsigned long long)trial->address, wrong, words, wanted ? " instead of " : "",
		    wanted ? smmuv3_event_name(wanted) : "");
	return CHECK_FAIL;
}

enum check_result trial_judge(const struct bringup *bringup, struct trial *trial)
{
	struct logged_event seen;
	const char *note, *wrong;
	bool suspected;

	trial->events = events_claim(trial->since, is_expected, trial, &seen);
	suspected = !trial->events && events_find(trial->since, is_suspect, trial, &seen);
	if (!trial->events && !suspected) {
		if (!trial->touched && trial_is_device_fault(trial->error)) {
			return judge_skip(trial, trial->master->unfit ? trial->master->unfit :
									"the device cannot make such a DMA");
		}
		if (trial->expect.least && is_emulators_gap(smmuv3_features(bringup->smmu[trial->smmu]), trial)) {
			return judge_skip(trial, "an emulator's SMMU (IIDR 0), without such a fault");
		}
	}
	wrong = wrong_in_all(bringup, trial, suspected, &note);
	if (wrong) {
		return judge_failure(trial, wrong, trial->events || suspected ? &seen : NULL);
	}
	format_text(trial->words, sizeof(trial->words), "%s", note ? note : "");
	return CHECK_PASS;
}
