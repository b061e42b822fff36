/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stddef.h>

#include "checks/events.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

#define REASON_SIZE 192U

struct counts {
	unsigned int ready;
	unsigned int quarantined;
	unsigned int bound;
	unsigned int deferred;
	unsigned int failed_clients;
	unsigned int failed_instances;
};

static void count_master(struct counts *counts, const struct master *master)
{
	enum client_state client = client_state(&master->device);

	counts->quarantined += master->iommu.link_count && master_state(&master->iommu) == MASTER_QUARANTINED;
	counts->bound += client == CLIENT_BOUND;
	counts->deferred += client == CLIENT_DEFERRED || client == CLIENT_EXPIRED;
	counts->failed_clients += client == CLIENT_FAILED && !master->unfit;
}

static struct counts count(const struct bringup *bringup)
{
	struct counts counts = {0};

	for (unsigned int i = 0; i < bringup->master_count; i++) {
		count_master(&counts, &bringup->master[i]);
	}
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		bool ready = iommu_state(&bringup->smmu[i].iommu) == IOMMU_READY;

		counts.ready += ready;
		counts.failed_instances += !ready;
	}
	return counts;
}

/* The first reason to fail, worst first; NULL: pass. */
static const char *why_failed(const struct bringup *bringup, const struct counts *counts)
{
	const struct tally *tally = &bringup->tally;

	if (tally->trouble) {
		return tally->trouble;
	}
	if (counts->ready == 0) {
		return bringup->smmu_count ? "no SMMU is ready" : "no SMMUv3 is described";
	}
	if (counts->failed_instances) {
		return "an SMMU failed";
	}
	if (tally->mismatches) {
		return "the description of a stream ID is wrong";
	}
	if (tally->checks_failed) {
		return "a check failed";
	}
	if (counts->deferred) {
		return "a client still waits for its SMMU";
	}
	if (counts->quarantined || counts->failed_clients) {
		return "a master could not be set up";
	}
	if (tally->unexpected_events) {
		return "an SMMU reported something that no check had provoked";
	}
	if (events_lost()) {
		return "events found no room in the log";
	}
	return tally->translates_passed ? NULL : "no master showed that its DMA is translated";
}

static void record_figures(struct record *record, const struct bringup *bringup, const struct counts *counts)
{
	const struct tally *tally = &bringup->tally;
	const struct {
		const char *key;
		unsigned int figure;
	} figures[] = {
		{"instances", bringup->smmu_count},
		{"masters", bringup->master_count},
		{"ready", counts->ready},
		{"quarantined", counts->quarantined},
		{"bound", counts->bound},
		{"deferred", counts->deferred},
		{"checks_passed", tally->checks_passed},
		{"checks_failed", tally->checks_failed},
		{"checks_skipped", tally->checks_skipped},
		{"mismatches", tally->mismatches},
		{"differences", tally->differences},
		{"unexpected_events", tally->unexpected_events},
	};

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		record_count(record, figures[i].key, figures[i].figure);
	}
}

static void record_verdict(const struct bringup *bringup, const struct counts *counts, const char *reason,
			   uint64_t ticks)
{
	struct record record;

	record_begin(&record, "verdict");
	record_string(&record, "result", reason ? "fail" : "pass");
	record_figures(&record, bringup, counts);
	record_string(&record, "reason", reason);
	record_count(&record, "ticks", ticks);
	record_count(&record, "tick_hz", arch_tick_hz());
	record_end(&record);
}

static void say_verdict(const struct bringup *bringup, const struct counts *counts, const char *reason)
{
	const struct tally *tally = &bringup->tally;

	print_always(
		"\n%s: %u of %u SMMUs ready, %u clients bound, %u checks passed, %u failed, %u skipped, %u stream IDs "
		"described wrongly, %u unexpected events\n",
		reason ? "FAIL" : "PASS", counts->ready, bringup->smmu_count, counts->bound, tally->checks_passed,
		tally->checks_failed, tally->checks_skipped, tally->mismatches, tally->unexpected_events);
	if (reason) {
		print_always("It fails because %s\n", reason);
	}
}

static void find_in_master(const struct master *master)
{
	const char *name = master->device.name;
	const char *reason = master_reason(&master->iommu);

	if (master->iommu.link_count && master_state(&master->iommu) == MASTER_QUARANTINED) {
		finding_add("quarantined", FINDING_ERROR, name, reason ? reason : "its streams abort", NULL);
		return;
	}
	if (master->unfit) {
		finding_add("not_driven", FINDING_WARNING, name, master->unfit, NULL);
		return;
	}
	switch (client_state(&master->device)) {
	case CLIENT_DEFERRED:
	case CLIENT_EXPIRED:
		/* Of the core, which did not take it. */
		reason = master->iommu.reason;
		finding_add("deferred", FINDING_ERROR, name,
			    reason ? reason : "its SMMU never came: its client was not bound, and it stays blocked",
			    NULL);
		break;
	case CLIENT_FAILED:
		finding_add("not_bound", FINDING_ERROR, name, reason ? reason : "its driver refused it", NULL);
		break;
	default:
		break;
	}
}

/* Findings that are not about a check or event. */
static void find_in_machine(const struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		const struct iommu *iommu = &bringup->smmu[i].iommu;

		if (iommu_state(iommu) != IOMMU_READY) {
			finding_add("failed", FINDING_ERROR, bringup->smmu_name[i],
				    iommu->reason ? iommu->reason : "it was never registered", NULL);
		}
	}
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		find_in_master(&bringup->master[i]);
	}
}

/* The reason with the first check that failed and its subject, or with the worst finding's subject. */
static const char *with_place(const struct tally *tally, const char *reason, char words[REASON_SIZE])
{
	const char *check = tally->failed_check;
	const char *place = check ? tally->failed_subject : tally->trouble ? NULL : finding_worst();

	if (!reason || !place) {
		return reason;
	}
	format_text(words, REASON_SIZE, "%s (%s%s%s)", reason, check ? check : "", check ? ": " : "", place);
	return words;
}

bool verdict(struct bringup *bringup, uint64_t ticks)
{
	struct counts counts = count(bringup);
	char words[REASON_SIZE];
	const char *reason;

	find_in_machine(bringup);
	reason = with_place(&bringup->tally, why_failed(bringup, &counts), words);
	findings_report();
	say_verdict(bringup, &counts, reason);
	record_verdict(bringup, &counts, reason, ticks);
	return !reason;
}

void verdict_fatal(const struct bringup *bringup, const char *reason, uint64_t ticks)
{
	static const struct bringup nothing;
	const struct bringup *of = bringup ? bringup : &nothing;
	struct counts counts = count(of);

	record_verdict(of, &counts, reason, ticks);
}
