/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Observes what the hardware emits. All instances are READY, nothing is mapped: a DMA is reported by a described SMMU
 * with the stream ID it saw, or reaches memory past all described SMMUs, or vanishes. Each master writes to the
 * physical address of its own page, so that untranslated DMA is harmless and seen.
 */
#include <inttypes.h>
#include <stddef.h>

#include "base/arena.h"
#include "checks/advice.h"
#include "checks/trial.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

static bool has_stream(const struct master *master)
{
	return master->iommu.link_count > 0;
}

static struct trial trial_for(struct master *master)
{
	return (struct trial){
		.master = master,
		.write = true,
		.stray = true,
		.address = arch_phys(master->page[0]),
		.memory = master->page[0],
		.length = trial_length(master, TRIAL_SHORT),
		.expect = {.end = TRIAL_STOPPED, .report = TRIAL_REPORTED, .code = F_TRANSLATION},
	};
}

/* --- Which event is the DMA's. --- */

struct wanted {
	const struct bringup *bringup;
	const struct trial *trial;
	unsigned int smmu;
	uint32_t sid;
};

/* Events that stop a DMA without a mapping; others mean other trouble. */
static bool is_denial(const struct logged_event *logged)
{
	unsigned int code = logged->event.code;

	return code == F_TRANSLATION || code == C_BAD_STREAMID || code == C_BAD_STE;
}

/* The tried page, or what the master emits of its address; or no address, if the stream identifies it. */
static bool may_be_its_own(const struct logged_event *logged, const struct wanted *wanted)
{
	return is_denial(logged) && (!logged->event.has_access || trial_strays(wanted->trial, &logged->event));
}

static bool names_its_page(const struct logged_event *logged, const void *context)
{
	const struct wanted *wanted = context;

	return is_denial(logged) && trial_strays(wanted->trial, &logged->event) &&
	       logged->event.address / PAGE_SIZE == wanted->trial->address / PAGE_SIZE;
}

static bool is_of_stream(const struct logged_event *logged, const void *context)
{
	const struct wanted *wanted = context;

	return logged->smmu == wanted->smmu && logged->event.sid == wanted->sid && may_be_its_own(logged, wanted);
}

/* An event of no master's stream, or of a master that cannot be driven. */
static bool is_strangers(const struct logged_event *logged, const void *context)
{
	const struct wanted *wanted = context;
	const struct bringup *bringup = wanted->bringup;
	const struct iommu_master *iommu =
		iommu_master_of(bringup->core, &bringup->smmu[logged->smmu].iommu, logged->event.sid);

	for (unsigned int i = 0; iommu && i < bringup->master_count; i++) {
		if (&bringup->master[i].iommu == iommu && bringup->master[i].driver) {
			return false;
		}
	}
	return may_be_its_own(logged, wanted);
}

static bool says_the_same(const struct logged_event *logged, const void *context)
{
	const struct logged_event *event = context;

	return logged->smmu == event->smmu && logged->event.sid == event->event.sid;
}

/* Does an event without an address also come without DMA? Then another device causes it. */
static bool goes_on(const struct bringup *bringup, const struct logged_event *event)
{
	unsigned int mark;

	if (event->event.has_access) {
		return false;
	}
	mark = events_mark(bringup);
	arch_sleep_us(TRIAL_EVENT_US);
	(void)events_drain(bringup);
	return events_find(mark, says_the_same, event, NULL);
}

/* Claims the events since `since`, of one stream. */
static bool find_event(const struct bringup *bringup, const struct trial *trial, unsigned int since, bool alone,
		       struct logged_event *event)
{
	struct wanted wanted = {.bringup = bringup, .trial = trial, .smmu = ~0U};

	if (has_stream(trial->master)) {
		wanted.smmu = trial_instance(trial->master);
		wanted.sid = trial_sid(trial->master);
	}
	/* By address first: another master may cause events of the described stream. */
	if (!events_find(trial->since, names_its_page, &wanted, event) &&
	    !events_find(trial->since, is_of_stream, &wanted, event) &&
	    (!alone || !events_find(trial->since, is_strangers, &wanted, event) || goes_on(bringup, event))) {
		return false;
	}
	wanted.smmu = event->smmu;
	wanted.sid = event->event.sid;
	(void)events_claim(since, is_of_stream, &wanted, NULL);
	return true;
}

static void judge(const struct bringup *bringup, const struct trial *trial, unsigned int since, bool alone)
{
	struct master *master = trial->master;
	struct master_observation *seen = &master->observation;
	struct logged_event event;

	*seen = (struct master_observation){.done = true, .reached_memory = trial->touched};
	if (find_event(bringup, trial, since, alone, &event)) {
		seen->seen = true;
		seen->smmu = event.smmu;
		seen->sid = event.event.sid;
		seen->address_seen =
			event.event.has_access && event.event.address / PAGE_SIZE == trial->address / PAGE_SIZE;
	}
	if (has_stream(master)) {
		seen->match = seen->seen && !seen->reached_memory && seen->smmu == trial_instance(master) &&
			      seen->sid == trial_sid(master);
	} else {
		/* A DMA that vanishes (too few address bits, for example) shows no SMMU. */
		seen->match = !seen->seen;
	}
}

/* Alone: a stream that no master is described with must be this master's. */
static void observe_alone(struct bringup *bringup, struct master *master, unsigned int since)
{
	struct trial trial = trial_for(master);

	trials_run(bringup, &trial, 1);
	/* `since`: its events from observe_together() count, too. */
	judge(bringup, &trial, since, true);
}

/*
 * Another master with the same stream (behind a bridge, for example), or NULL: an event does not tell which of them
 * caused it.
 */
static const struct master *shares_stream(const struct bringup *bringup, const struct master *master)
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

static void observe_together(struct bringup *bringup)
{
	static struct trial trials[TRIALS_MAX];
	unsigned int count = 0;

	for (unsigned int i = 0; i < bringup->master_count && count < TRIALS_MAX; i++) {
		if (!trial_unfit(&bringup->master[i], USE_STRAY) && !shares_stream(bringup, &bringup->master[i])) {
			trials[count++] = trial_for(&bringup->master[i]);
		}
	}
	trials_run(bringup, trials, count);
	for (unsigned int i = 0; i < count; i++) {
		judge(bringup, &trials[i], trials[i].since, false);
	}
}

static bool came_to_nothing(const struct master *master)
{
	return !master->observation.seen && !master->observation.reached_memory;
}

static void say(const struct bringup *bringup, const struct master *master, const char *advice)
{
	const struct master_observation *seen = &master->observation;

	if (seen->match && seen->seen) {
		print("  %s: %s saw stream 0x%" PRIx32 ", as described\n", master->device.name,
		      bringup->smmu_name[seen->smmu], seen->sid);
	} else if (seen->match) {
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

static const char *wrong_words(const struct master_observation *seen)
{
	if (seen->seen) {
		return "its DMA comes out as another stream than is described";
	}
	return seen->reached_memory ? "its DMA went past every described SMMU" :
				      "its DMA neither reached memory nor was reported";
}

static void report(struct bringup *bringup, const struct master *master)
{
	const struct master_observation *seen = &master->observation;
	const struct iommu_link *link = &master->iommu.link[0];
	char advice[ADVICE_SIZE] = "";
	const struct master *twin;
	struct record record;

	if (!seen->match) {
		advise(bringup, master, advice, sizeof(advice));
		bringup->tally.mismatches++;
		finding_add("stream_id", FINDING_ERROR, master->device.name, wrong_words(seen), advice);
	}
	record_begin(&record, "observed");
	record_string(&record, "master", master->device.name);
	record_stream(&record, bringup, "described", has_stream(master), has_stream(master) ? link->iommu->index : 0,
		      has_stream(master) ? link->sid[0] : 0);
	record_stream(&record, bringup, "observed", seen->seen, seen->smmu, seen->sid);
	record_bool(&record, "reached_memory", seen->reached_memory);
	record_bool(&record, "match", seen->match);
	record_string(&record, "advice", seen->match ? NULL : advice);
	record_end(&record);
	say(bringup, master, advice);
	twin = shares_stream(bringup, master);
	if (twin) {
		print("  %s: %s emits the same stream: no SMMU can tell them apart\n", master->device.name,
		      twin->device.name);
	}
}

static void check_blocked(struct bringup *bringup, const struct master *master)
{
	const struct master_observation *seen = &master->observation;
	const char *unfit = trial_unfit(master, USE_STRAY);

	if (unfit) {
		check_master(bringup, "blocked_before_attach", master, CHECK_SKIP, unfit);
	} else if (!has_stream(master)) {
		check_master(bringup, "blocked_before_attach", master, CHECK_SKIP, "no SMMU is described for it");
	} else if (seen->reached_memory) {
		check_master(bringup, "blocked_before_attach", master, CHECK_FAIL,
			     "its DMA reached memory while nothing was mapped for it");
	} else if (seen->seen) {
		check_master(bringup, "blocked_before_attach", master, CHECK_PASS, NULL);
	} else {
		check_master(bringup, "blocked_before_attach", master, CHECK_FAIL,
			     "memory was not reached, but no SMMU says that it stopped the DMA");
	}
}

static void observe_one(struct bringup *bringup, struct master *master, unsigned int since)
{
	if (!master->observation.done || came_to_nothing(master)) {
		observe_alone(bringup, master, since);
	}
	report(bringup, master);
	if (!master->observation.match && master->pci) {
		/* Its DMA could land anywhere: bus mastering stays off. */
		pci_bus_master(master->pci, false);
	}
}

void observe(struct bringup *bringup)
{
	unsigned int since = events_mark(bringup);

	observe_together(bringup);
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		struct master *master = &bringup->master[i];

		if (client_state(&master->device) != CLIENT_BOUND && !master->unfit) {
			continue;
		}
		if (!trial_unfit(master, USE_STRAY)) {
			observe_one(bringup, master, since);
		}
		check_blocked(bringup, master);
	}
	events_report(bringup);
}
