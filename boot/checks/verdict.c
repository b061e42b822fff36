/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/feature.h"
#include "checks/events.h"
#include "checks/pending.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

#define REASON_SIZE 192U

OPTIONAL(pending_report);
OPTIONAL(provoke);

struct counts {
	unsigned int ready;
	unsigned int quarantined;
	unsigned int bound;
	unsigned int deferred;
	unsigned int failed_clients;
	unsigned int failed_instances;
	unsigned int undriven;
	unsigned int unguarded; /* Behind no SMMU. */
};

/* Each of the first finding, or NULL. */
struct places {
	const char *failed;   /* An instance that failed, */
	const char *deferred; /* a client that waits, */
	const char *refused;  /* a master that is not set up. */
};

static void count_master(struct counts *counts, const struct master *master)
{
	enum client_state client = client_state(&master->device);

	counts->quarantined += master->iommu.link_count && master_state(&master->iommu) == MASTER_QUARANTINED;
	counts->bound += client == CLIENT_BOUND;
	counts->deferred += client == CLIENT_DEFERRED || client == CLIENT_EXPIRED;
	counts->undriven += !master->driver;
	counts->unguarded += !master->iommu.link_count;
	counts->failed_clients += client == CLIENT_FAILED && !master->unfit;
}

static struct counts verdict_count(const struct bringup *bringup)
{
	struct counts counts = {0};

	for (unsigned int i = 0; i < bringup->master_count; i++) {
		count_master(&counts, &bringup->master[i]);
	}
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		bool ready = iommu_state(smmuv3_iommu(bringup->smmu[i])) == IOMMU_READY;

		counts.ready += ready;
		counts.failed_instances += !ready;
	}
	return counts;
}

/* Worst first, as in why_failed(). Pointers would take more room. */
static const char reasons[] = "no SMMUv3 is described\0no SMMU is ready\0an SMMU failed\0"
			      "the description of a stream ID is wrong\0a check failed\0"
			      "a client still waits for its SMMU\0a master could not be set up\0"
			      "an SMMU reported something that no check had provoked\0"
			      "events found no room in the log\0no master showed that its DMA is translated";

/* NULL: pass. `place`: of the finding that it quotes, or NULL. */
static const char *why_failed(const struct bringup *bringup, const struct counts *counts, const struct places *places,
			      const char **place)
{
	const struct tally *tally = &bringup->tally;
	const struct {
		unsigned int count;
		const char *place;
	} causes[] = {
		{!bringup->smmu_count, NULL},
		{!counts->ready, places->failed},
		{counts->failed_instances, places->failed},
		{tally->mismatches, tally->mismatched},
		{tally->checks_failed, tally->failed_check},
		{counts->deferred, places->deferred},
		{counts->quarantined + counts->failed_clients, places->refused},
		{tally->unexpected_events, tally->unexpected},
		{events_lost(), NULL},
		{!tally->translates_passed, NULL},
	};
	const char *reason = reasons;

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (causes[i].count) {
			*place = causes[i].place;
			return reason;
		}
		reason += strlen(reason) + 1;
	}
	return NULL;
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

static void record_verdict(const struct bringup *bringup, const struct counts *counts, const char *result,
			   const char *reason, uint64_t ticks)
{
	struct record record;

	record_begin(&record, "verdict");
	record_string(&record, "result", result);
	record_figures(&record, bringup, counts);
	record_string(&record, "reason", reason);
	record_count(&record, "ticks", ticks);
	record_count(&record, "tick_hz", arch_tick_hz());
	record_end(&record);
}

static void verdict_say(const struct bringup *bringup, const struct counts *counts, const char *reason)
{
	const struct tally *tally = &bringup->tally;

	print_always(
		"\n%s: %u of %u SMMUs ready, %u clients bound, %u checks passed, %u failed, %u skipped, %u stream IDs "
		"described wrongly, %u unexpected events\n",
		reason ? "FAIL" : "PASS", counts->ready, bringup->smmu_count, counts->bound, tally->checks_passed,
		tally->checks_failed, tally->checks_skipped, tally->mismatches, tally->unexpected_events);
	print("not tried  %u checks; %u masters without a driver, %u without an SMMU\n", tally->checks_skipped,
	      counts->undriven, counts->unguarded);
	if (reason) {
		print_always("It fails because %s\n", reason);
	}
}

static void verdict_add(const char **place, const char *id, const char *name, const char *text)
{
	*place = *place ? *place : name;
	finding_add(id, FINDING_ERROR, name, text, NULL);
}

static void find_in_master(const struct master *master, struct places *places)
{
	const char *name = master->device.name;
	const char *reason = master_reason(&master->iommu);

	if (master->iommu.link_count && master_state(&master->iommu) == MASTER_QUARANTINED) {
		verdict_add(&places->refused, "quarantined", name, reason ? reason : "its streams abort");
		return;
	}
	if (master->unfit) {
		finding_add("not_driven", FINDING_WARNING, name, master->unfit, NULL);
		return;
	}
	switch (client_state(&master->device)) {
	case CLIENT_DEFERRED:
	case CLIENT_EXPIRED:
		/* The core says why it did not take the master. */
		reason = master->iommu.reason;
		verdict_add(&places->deferred, "deferred", name,
			    reason ? reason : "its SMMU never came: its client was not bound, and it stays blocked");
		break;
	case CLIENT_FAILED:
		verdict_add(&places->refused, "not_bound", name, reason ? reason : "its driver refused it");
		break;
	default:
		break;
	}
}

static struct places find_in_machine(const struct bringup *bringup)
{
	struct places places = {.failed = NULL};

	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		const struct iommu_instance *iommu = smmuv3_iommu(bringup->smmu[i]);

		if (iommu_state(iommu) != IOMMU_READY) {
			verdict_add(&places.failed, "failed", bringup->smmu_name[i],
				    iommu->reason ? iommu->reason : "it was never registered");
		}
	}
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		find_in_master(&bringup->master[i], &places);
	}
	return places;
}

const char *verdict_so_far(const struct bringup *bringup)
{
	const struct counts counts = verdict_count(bringup);
	const struct places places = {.failed = NULL};
	const char *place;

	return bringup->tally.trouble ? bringup->tally.trouble : why_failed(bringup, &counts, &places, &place);
}

/* Quotes the finding's place; names the first failed check also beside a worse reason. */
static const char *verdict_reason_of(const struct bringup *bringup, const struct counts *counts,
				     const struct places *places, char words[REASON_SIZE])
{
	const struct tally *tally = &bringup->tally;
	const char *place = NULL;
	const char *reason = tally->trouble ? tally->trouble : why_failed(bringup, counts, places, &place);
	bool is_check = place && place == tally->failed_check;
	size_t length;

	if (!reason) {
		return NULL;
	}
	length = format_text(words, REASON_SIZE, "%s", reason);
	if (place && !is_check) {
		length += format_text(words + length, REASON_SIZE - length, " (%s)", place);
	}
	if (tally->failed_check) {
		format_text(words + length, REASON_SIZE - length, "%s (%s: %s)", is_check ? "" : "; a check failed",
			    tally->failed_check, tally->failed_subject);
	}
	return words;
}

/* A report has each check, from a build without provoke.c, too. */
static void skip_provoked(struct bringup *bringup)
{
	static const char checks[] =
		"illegal_command\0queue_abort\0event_overflow\0event_abort\0bad_ste\0bad_cd\0cd_fetch\0walk_abort\0"
		"access_flag\0address_size\0translation_fault\0permission_fault\0abort_all\0";

	for (const char *check = checks; *check; check += strlen(check) + 1) {
		for (unsigned int i = 0; i < bringup->smmu_count; i++) {
			check_instance(bringup, check, i, CHECK_SKIP, "this build provokes no errors");
		}
	}
}

/* Findings last, above the verdict. */
static void report_failing(const struct bringup *bringup)
{
	if (is_linked(pending_report)) {
		(void)pending_report(bringup, PENDING_LISTED);
	}
	findings_report();
}

bool verdict(struct bringup *bringup, uint64_t ticks)
{
	struct counts counts = verdict_count(bringup);
	char words[REASON_SIZE];
	struct places places = find_in_machine(bringup);
	const char *reason = verdict_reason_of(bringup, &counts, &places, words);

	if (!is_linked(provoke)) {
		skip_provoked(bringup);
	}
	passes_say(bringup);
	if (reason) {
		report_failing(bringup);
	} else {
		findings_report();
	}
	verdict_say(bringup, &counts, reason);
	record_verdict(bringup, &counts, reason ? "fail" : "pass", reason, ticks);
	return !reason;
}

bool verdict_described(const struct bringup *bringup, unsigned int smmu_count, const char *reason, uint64_t ticks)
{
	struct counts counts = {0};

	findings_report();
	print_always("\n%s: %u SMMUv3 to bring up by the description; nothing was touched, and nothing is proved\n",
		     reason ? "FAIL" : "DESCRIBED", smmu_count);
	if (reason) {
		print_always("It fails because %s\n", reason);
	}
	record_verdict(bringup, &counts, reason ? "fail" : "described", reason, ticks);
	return !reason;
}

void verdict_fatal(const struct bringup *bringup, const char *reason, uint64_t ticks)
{
	const struct bringup nothing = {.smmu_count = 0};
	const struct bringup *of = bringup ? bringup : &nothing;
	struct counts counts = verdict_count(of);

	if (bringup) {
		report_failing(bringup);
		print_always("It fails because %s\n", reason);
	}
	record_verdict(of, &counts, "fail", reason, ticks);
}
