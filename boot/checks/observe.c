/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nothing is mapped: an SMMU reports a DMA with its stream ID, or the DMA passes all SMMUs, or vanishes. Each master
 * uses its own page's physical address: untranslated DMA is harmless and seen.
 */
#include <inttypes.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/feature.h"
#include "checks/advice.h"
#include "checks/phase.h"
#include "checks/shifted.h"
#include "checks/trial.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

#define NO_INSTANCE UINT32_MAX

OPTIONAL(advise);
OPTIONAL(shifted_add);
OPTIONAL(shifted_tell);

static bool has_stream(const struct master *master)
{
	return master->iommu.link_count > 0;
}

static struct trial trial_for(struct master *master)
{
	return (struct trial){
		.master = master,
		.smmu = has_stream(master) ? trial_instance(master) : NO_INSTANCE,
		.sid = has_stream(master) ? trial_sid(master) : 0,
		.write = true,
		.stray = true,
		.address = arch_phys(master->page[0]),
		.memory = master->page[0],
		.length = trial_length(master, TRIAL_SHORT),
		.expect = EXPECT_STOPPED(1, F_TRANSLATION, C_BAD_STREAMID, C_BAD_STE),
	};
}

/* --- A DMA's stream. --- */

struct wanted {
	const struct bringup *bringup;
	const struct trial *trial;
};

static bool observe_is_on_page(const struct smmuv3_event *event, const struct trial *trial)
{
	return event->has_access && event->address / PAGE_SIZE == trial->address / PAGE_SIZE;
}

static bool names_its_page(const struct logged_event *logged, const void *context)
{
	const struct trial *trial = ((const struct wanted *)context)->trial;

	return trial_causes(trial, &logged->event) && observe_is_on_page(&logged->event, trial);
}

static bool is_strangers(const struct logged_event *logged, const void *context)
{
	const struct wanted *wanted = context;
	const struct bringup *bringup = wanted->bringup;
	const struct iommu_master *iommu =
		iommu_master_of(bringup->core, smmuv3_iommu(bringup->smmu[logged->smmu]), logged->event.sid);

	for (unsigned int i = 0; iommu && i < bringup->master_count; i++) {
		if (&bringup->master[i].iommu == iommu && bringup->master[i].driver) {
			return false;
		}
	}
	return trial_causes(wanted->trial, &logged->event);
}

static bool observe_says_the_same(const struct logged_event *logged, const void *context)
{
	const struct logged_event *event = context;

	return logged->smmu == event->smmu && logged->event.sid == event->event.sid;
}

/* Does it come without DMA, too? Then it is another device's. */
static bool observe_goes_on(const struct bringup *bringup, const struct logged_event *event)
{
	unsigned int mark;

	if (event->event.has_access) {
		return false;
	}
	mark = events_mark(bringup);
	arch_sleep_us(TRIAL_EVENT_US);
	(void)events_drain(bringup);
	return events_find(mark, observe_says_the_same, event, NULL);
}

/* The described stream, unless an event shows another. */
static void observe_find_stream(const struct bringup *bringup, struct trial *trial, bool alone)
{
	const struct wanted wanted = {.bringup = bringup, .trial = trial};
	struct logged_event event;

	/* By address first: others may cause events of the described stream. */
	if (events_find(trial->since, names_its_page, &wanted, &event) ||
	    (alone && !trial_events(trial) && events_find(trial->since, is_strangers, &wanted, &event) &&
	     !observe_goes_on(bringup, &event))) {
		/* The trial waited only for the described stream: `late` counts for no other. */
		trial->late &= trial->smmu == event.smmu && trial->sid == event.event.sid;
		trial->smmu = event.smmu;
		trial->sid = event.event.sid;
		trial->master->observation.address_seen = observe_is_on_page(&event.event, trial);
	}
}

/* Events from `since` on are its own, too. */
static enum check_result observe_judge(const struct bringup *bringup, struct trial *trial, unsigned int since,
				       bool alone)
{
	struct master *master = trial->master;
	struct master_observation *seen = &master->observation;
	enum check_result result = CHECK_PASS;

	*seen = (struct master_observation){.reached_memory = trial->touched};
	observe_find_stream(bringup, trial, alone);
	if (trial->smmu != NO_INSTANCE) {
		result = trial_judge(bringup, trial);
		trial->since = since;
		trial_claim(trial);
	}
	seen->seen = trial->events;
	seen->smmu = trial->smmu;
	seen->sid = trial->sid;
	if (has_stream(master)) {
		seen->match = seen->seen && !seen->reached_memory && seen->smmu == trial_instance(master) &&
			      seen->sid == trial_sid(master);
	} else {
		/* A vanished DMA (too few address bits) shows no SMMU. */
		seen->match = !seen->seen;
	}
	return result;
}

/* Another master with the same stream, or NULL: events do not tell them apart. */
static const struct master *observe_shares_stream(const struct bringup *bringup, const struct master *master)
{
	const struct iommu_link *link = &master->iommu.link[0];

	for (unsigned int i = 0; has_stream(master) && i < bringup->master_count; i++) {
		const struct master *other = &bringup->master[i];

		if (other != master && has_stream(other) && other->iommu.link[0].iommu == link->iommu &&
		    other->iommu.link[0].sid[0] == link->sid[0]) {
			return other;
		}
	}
	return NULL;
}

static unsigned int observe_together(struct bringup *bringup, struct trial *trials)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < bringup->master_count && count < TRIALS_MAX; i++) {
		if (!trial_unfit(&bringup->master[i], USE_STRAY) &&
		    !observe_shares_stream(bringup, &bringup->master[i])) {
			trials[count++] = trial_for(&bringup->master[i]);
		}
	}
	trials_run(bringup, trials, count);
	return count;
}

void observe_say(const struct bringup *bringup, const struct master *master, const char *advice)
{
	const struct master_observation *seen = &master->observation;

	if (seen->match && seen->seen) {
		return;
	}
	if (seen->match) {
		print("  %s: no SMMU is described for it, and %s\n", master->device.name,
		      seen->reached_memory ? "none that is described is in its way" :
					     "its DMA came to nothing: what is in its way is not known");
	} else if (seen->seen) {
		print("  WRONG %s: %s saw stream 0x%" PRIx32 "; %s\n", master->device.name,
		      bringup->smmu_name[seen->smmu], seen->sid, advice);
	} else {
		print("  WRONG %s: %s\n", master->device.name, advice);
	}
}

static void record_stream(struct record *record, const struct bringup *bringup, const char *key, bool known,
			  unsigned int smmu, uint32_t sid)
{
	if (!known) {
		record_null(record, key);
		return;
	}
	record_open(record, key, '{');
	record_string(record, "instance", bringup->smmu_name[smmu]);
	record_hex(record, "sid", sid);
	record_close(record, '}');
}

const char *observe_wrong_words(const struct master *master)
{
	const struct master_observation *seen = &master->observation;

	if (seen->seen) {
		return "its DMA comes out as another stream than is described";
	}
	return seen->reached_memory ? "its DMA went past every described SMMU" :
				      "its DMA neither reached memory nor was reported";
}

static void observe_report(struct bringup *bringup, const struct master *master)
{
	const struct master_observation *seen = &master->observation;
	const struct iommu_link *link = &master->iommu.link[0];
	char advice[ADVICE_SIZE] = "";
	const char *told_with = NULL;
	const struct master *twin;
	struct record record;

	if (!seen->match) {
		if (is_linked(advise)) {
			advise(bringup, master, advice, sizeof(advice));
		}
		bringup->tally.mismatched =
			bringup->tally.mismatches++ ? bringup->tally.mismatched : master->device.name;
		if (is_linked(shifted_add)) {
			told_with = shifted_add(bringup, master);
		} else {
			finding_add("stream_id", FINDING_ERROR, master->device.name, observe_wrong_words(master),
				    advice);
		}
	}
	record_begin(&record, "observed");
	record_string(&record, "master", master->device.name);
	record_stream(&record, bringup, "described", has_stream(master), has_stream(master) ? link->iommu->index : 0,
		      has_stream(master) ? link->sid[0] : 0);
	record_stream(&record, bringup, "observed", seen->seen, seen->smmu, seen->sid);
	record_bool(&record, "reached_memory", seen->reached_memory);
	record_bool(&record, "match", seen->match);
	record_string(&record, "advice", seen->match ? NULL : advice);
	if (is_linked(shifted_add)) {
		record_string(&record, "told_with", told_with);
	}
	record_end(&record);
	if (seen->match || !is_linked(shifted_add)) {
		observe_say(bringup, master, advice);
	}
	twin = observe_shares_stream(bringup, master);
	if (twin) {
		print("  %s: %s emits the same stream: no SMMU can tell them apart\n", master->device.name,
		      twin->device.name);
	}
}

static void check_blocked(struct bringup *bringup, const struct master *master, enum check_result result,
			  const char *words)
{
	const char *why = trial_unfit(master, USE_STRAY);

	why = why || has_stream(master) ? why : "no SMMU is described for it";
	check_master(bringup, "blocked_before_attach", master, why ? CHECK_SKIP : result, why ? why : words);
}

static void observe_one(struct bringup *bringup, struct master *master, struct trial *trial, unsigned int since)
{
	struct master_observation *seen = &master->observation;
	enum check_result result = trial ? observe_judge(bringup, trial, trial->since, false) : CHECK_SKIP;
	struct trial alone;

	/* Alone, the master owns a stream that is not described. */
	if (!trial || (!seen->seen && !seen->reached_memory)) {
		alone = trial_for(master);
		trial = &alone;
		trials_run(bringup, trial, 1);
		result = observe_judge(bringup, trial, since, true);
	}
	if (result != CHECK_SKIP) {
		observe_report(bringup, master);
	}
	if (!seen->match && master->pci) {
		/* Its DMA could land anywhere. */
		pci_bus_master(master->pci, false);
	}
	check_blocked(bringup, master, result, trial->words[0] ? trial->words : NULL);
}

void observe(struct bringup *bringup)
{
	static struct trial trials[TRIALS_MAX];
	unsigned int since = events_mark(bringup);
	const struct trial *end = trials + observe_together(bringup, trials);
	struct trial *next = trials;
	unsigned int described = 0;

	for (unsigned int i = 0; i < bringup->master_count; i++) {
		struct master *master = &bringup->master[i];
		struct trial *trial = next < end && next->master == master ? next++ : NULL;

		if (trial || !trial_unfit(master, USE_STRAY)) {
			observe_one(bringup, master, trial, since);
			described += master->observation.match && master->observation.seen;
		} else if (client_state(&master->device) == CLIENT_BOUND || master->unfit) {
			check_blocked(bringup, master, CHECK_SKIP, NULL);
		}
	}
	if (is_linked(shifted_tell)) {
		shifted_tell(bringup);
	}
	print("  %u streams as described\n", described);
	events_report(bringup);
}

PHASE(20, observe, "observe    one DMA each while nothing is mapped: who sees which stream?", observe, NULL);
