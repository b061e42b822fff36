/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hardware really emits. Every instance is READY, and no domain holds a mapping, so that a DMA ends in one of
 * three ways: some described SMMU reports it, with the stream ID that it saw; it reaches memory, past every described
 * SMMU; or it never comes. Each master writes to a piece of memory of its own, whose physical address it emits, so that
 * a DMA that nobody translates does no harm and is seen.
 */
#include <inttypes.h>
#include <stddef.h>

#include "base/arena.h"
#include "checks/advice.h"
#include "checks/trial.h"
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
	};
}

static bool can_observe(const struct master *master)
{
	return master_is_driven(master) && master->driver->can & MASTER_WRITES;
}

static void judge(struct master *master, const struct trial *trial, const struct logged_event *event)
{
	struct master_observation *seen = &master->observation;
	const struct iommu_link *link = &master->iommu.link[0];

	*seen = (struct master_observation){.done = true, .reached_memory = trial->touched};
	if (event) {
		seen->seen = true;
		seen->smmu = event->smmu;
		seen->sid = event->event.sid;
		seen->address_seen =
			event->event.has_access && event->event.address / PAGE_SIZE == trial->address / PAGE_SIZE;
	}
	if (has_stream(master)) {
		seen->match = seen->seen && !seen->reached_memory && seen->smmu == link->iommu->index &&
			      seen->sid == link->sid[0];
	} else {
		seen->match = !seen->seen && seen->reached_memory;
	}
}

/* Alone, so that a stream that nobody has described can only be this master's. */
static void observe_alone(struct bringup *bringup, struct master *master, unsigned int since)
{
	struct trial trial = trial_for(master);
	const struct logged_event *event;

	trials_run(bringup, &trial, 1);
	event = trial_event(&trial);
	if (!event) {
		event = events_claim_page(trial.since, trial.address);
	}
	if (!event) {
		event = events_claim_stranger(bringup, trial.since);
	}
	judge(master, &trial, event);
	if (event) {
		/* What it left when all were driven together was its own, too. */
		(void)events_claim(since, event->smmu, event->event.sid);
	}
}

/*
 * Who else has this master's stream, or NULL: devices behind a bridge that speaks for them. What such a stream's event
 * says does not tell which of them it was.
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
		if (can_observe(&bringup->master[i]) && !shares_stream(bringup, &bringup->master[i])) {
			trials[count++] = trial_for(&bringup->master[i]);
		}
	}
	trials_run(bringup, trials, count);
	for (unsigned int i = 0; i < count; i++) {
		/* By its address first: the described stream may be somebody else's doing. */
		const struct logged_event *event = events_claim_page(trials[i].since, trials[i].address);

		judge(trials[i].master, &trials[i], event ? event : trial_event(&trials[i]));
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
		print("  %s: no SMMU is described for it, and none is in its way\n", master->device.name);
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

	if (!has_stream(master)) {
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

void observe(struct bringup *bringup)
{
	unsigned int since = events_mark(bringup);

	observe_together(bringup);
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		struct master *master = &bringup->master[i];

		if (can_observe(master) && (!master->observation.done || came_to_nothing(master))) {
			observe_alone(bringup, master, since);
		}
		if (master->unfit) {
			check_master(bringup, "blocked_before_attach", master, CHECK_SKIP, master->unfit);
		}
		if (!can_observe(master)) {
			continue;
		}
		report(bringup, master);
		check_blocked(bringup, master);
		if (!master->observation.match && master->pci) {
			/* Nobody can say where its DMA would land: it stays off the bus. */
			pci_bus_master(master->pci, false);
		}
	}
	events_report(bringup);
}
