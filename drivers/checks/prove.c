/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation and isolation, with real DMA. Every master gets three pages:
 *
 *   page 0  read-only at a private address:   what it fetches; a write there must be stopped
 *   page 1  read-write at a private address:  what a neighbour must not reach
 *   page 2  read-write at the common address: every master uses the same one, and each must land in its own page
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "checks/trial.h"
#include "report/print.h"

#define IOVA_COMMON 0x0e000000ULL
#define DETAIL_SIZE 256U
#define FAILURE_SIZE 80U /* Two names of events, and some words. */

enum { PAGE_SOURCE, PAGE_OWN, PAGE_COMMON };

static struct trial trials[TRIALS_MAX];
/* Who is checked in this round, and behind them those whose pages are mapped for the others to try. */
static struct master *subject[TRIALS_MAX];
static unsigned int subject_count;
static unsigned int mapped_count;

static uint64_t iova_of(const struct master *master, unsigned int page)
{
	return page == PAGE_COMMON ? IOVA_COMMON : trial_iova(master, page);
}

static bool can_read(const struct master *master)
{
	return master->driver->can & MASTER_READS;
}

/* --- Mapping. --- */

static int map_page(struct bringup *bringup, struct master *master, unsigned int page)
{
	unsigned int access = page == PAGE_SOURCE ? IOMMU_READ : IOMMU_READ | IOMMU_WRITE;

	return iommu_map(bringup->core, &master->iommu, iova_of(master, page), arch_phys(master->page[page]), PAGE_SIZE,
			 access);
}

static int map_all(struct bringup *bringup, struct master *master)
{
	int error = trial_map_work(bringup, master);

	for (unsigned int page = 0; page < MASTER_PAGES && !error; page++) {
		error = map_page(bringup, master, page);
		if (error) {
			trial_unmap_work(master);
			while (page--) {
				(void)iommu_unmap(&master->iommu, iova_of(master, page), PAGE_SIZE);
			}
			break;
		}
	}
	return error;
}

/* --- Who is checked. --- */

static void conclude_all(struct bringup *bringup, const struct master *master, enum check_result result,
			 const char *why)
{
	static const char *const checks[] = {"translate", "read_only", "unmap", "isolation"};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		check_master(bringup, checks[i], master, result, why);
	}
}

static const char *unfit(const struct master *master)
{
	if (master->iommu.link_count == 0) {
		return "no SMMU is described for it";
	}
	if (!master->observation.match) {
		/* Its DMA would not be translated: an IOVA would be taken for a physical address. */
		return "its DMA does not come out where it is described";
	}
	if (iommu_master_keeps(&master->iommu, TRIAL_IOVA_FIRST, TRIAL_IOVA_SIZE)) {
		return "memory stays mapped one to one for it (a direct region) where the checks would try addresses";
	}
	return master->driver->can & MASTER_WRITES ? NULL : "this master cannot write to memory";
}

/* One domain is a group's: what is mapped for one of its masters is mapped for all, and they take turns. */
static bool shares_group(const struct master *master)
{
	for (unsigned int i = 0; i < mapped_count; i++) {
		if (iommu_group_id(&subject[i]->iommu) == iommu_group_id(&master->iommu)) {
			return true;
		}
	}
	return false;
}

/* No SMMU can tell them apart: what is true of one is true of the other. */
static bool shares_stream(const struct bringup *bringup, const struct master *master)
{
	const struct iommu_link *own = &master->iommu.link[0];

	for (const struct master *other = bringup->master; other < master; other++) {
		const struct iommu_link *link = &other->iommu.link[0];

		if (other->tried && other->iommu.link_count && link->iommu == own->iommu &&
		    link->sid[0] == own->sid[0]) {
			return true;
		}
	}
	return false;
}

static void choose(struct bringup *bringup, struct master *master)
{
	const char *why = unfit(master);

	if (!why && shares_stream(bringup, master)) {
		why = "its stream has been tried with another master";
	}
	if (!why && (shares_group(master) || subject_count == TRIALS_MAX)) {
		return; /* In another round. */
	}
	master->tried = true;
	if (why) {
		conclude_all(bringup, master, CHECK_SKIP, why);
	} else if (map_all(bringup, master)) {
		conclude_all(bringup, master, master->unfit ? CHECK_SKIP : CHECK_FAIL,
			     master->unfit ? master->unfit : "its pages could not be mapped");
	} else {
		subject[subject_count++] = master;
		mapped_count = subject_count;
	}
}

static void choose_subjects(struct bringup *bringup)
{
	subject_count = 0;
	mapped_count = 0;
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		struct master *master = &bringup->master[i];

		if (!master->tried && master->unfit) {
			master->tried = true;
			conclude_all(bringup, master, CHECK_SKIP, master->unfit);
		} else if (!master->tried && master_is_driven(master)) {
			choose(bringup, master);
		}
	}
}

/* In later rounds, who was checked before is there to be tried by those who are checked now. */
static void add_neighbours(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->master_count && mapped_count < TRIALS_MAX; i++) {
		struct master *master = &bringup->master[i];

		if (master->tried && master_is_driven(master) && !unfit(master) && !shares_group(master) &&
		    map_all(bringup, master) == 0) {
			subject[mapped_count++] = master;
		}
	}
}

/* --- Trials over all subjects at once. --- */

static void plan_write(unsigned int i, uint64_t address, uint8_t *memory, uint32_t length)
{
	trials[i] = (struct trial){
		.master = subject[i],
		.write = true,
		.address = address,
		.source = iova_of(subject[i], PAGE_SOURCE),
		.memory = memory,
		.length = trial_length(subject[i], length),
	};
}

static void plan_fetch(unsigned int i)
{
	trials[i] = (struct trial){
		.master = can_read(subject[i]) ? subject[i] : NULL,
		.address = iova_of(subject[i], PAGE_SOURCE),
		.memory = subject[i]->page[PAGE_SOURCE],
		.length = trial_length(subject[i], TRIAL_LONG),
	};
}

static void judge_translate(struct bringup *bringup, const struct trial *trial)
{
	char detail[DETAIL_SIZE];
	const char *words;
	const struct logged_event *event = trial_event(trial);

	if (!event && trial->error == 0 && trial_arrived(trial->master, 0, trial->memory, trial->length, &words)) {
		check_master(bringup, "translate", trial->master, CHECK_PASS, words);
		return;
	}
	format_text(detail, sizeof(detail), "a DMA of %" PRIu32 " bytes to 0x%llx %s (%s)", trial->length,
		    (unsigned long long)trial->address,
		    trial->touched ? "brought other bytes than it should" : "did not reach its page",
		    event ? smmuv3_event_name(event->event.code) : "no event");
	check_master(bringup, "translate", trial->master, CHECK_FAIL, detail);
}

static void prove_translate(struct bringup *bringup)
{
	for (unsigned int i = 0; i < subject_count; i++) {
		trial_fill(subject[i], 0, subject[i]->page[PAGE_SOURCE], TRIAL_LONG);
		plan_fetch(i);
	}
	trials_run(bringup, trials, subject_count);
	for (unsigned int i = 0; i < subject_count; i++) {
		plan_write(i, IOVA_COMMON, subject[i]->page[PAGE_COMMON], TRIAL_LONG);
	}
	trials_run(bringup, trials, subject_count);
	for (unsigned int i = 0; i < subject_count; i++) {
		judge_translate(bringup, &trials[i]);
	}
}

/* A DMA that must be stopped, with an event of this code. Returns why it is not so, or NULL. */
static const char *not_stopped(const struct trial *trial, const struct logged_event *event, unsigned int code,
			       char detail[FAILURE_SIZE])
{
	if (trial->touched) {
		return "the DMA reached memory";
	}
	if (!event) {
		return "the DMA did not reach memory, but no SMMU reports that it was stopped";
	}
	if (event->event.code != code) {
		format_text(detail, FAILURE_SIZE, "stopped, but with %s instead of %s",
			    smmuv3_event_name(event->event.code), smmuv3_event_name(code));
		return detail;
	}
	return NULL;
}

/*
 * QEMU takes a permission that a TLB entry of stage 2 alone lacks for one of stage 1, whose faults nothing records
 * there.
 */
static bool is_emulators_gap(const struct bringup *bringup, const struct trial *trial, unsigned int code)
{
	const struct smmuv3_features *features = &bringup->smmu[trial->master->iommu.link[0].iommu->index].features;

	return code == F_PERMISSION && !features->stage1 && features->iidr == 0 && !trial->touched;
}

static void judge_stopped(struct bringup *bringup, const char *check, unsigned int code)
{
	for (unsigned int i = 0; i < subject_count; i++) {
		const struct logged_event *event = trial_event(&trials[i]);
		char detail[FAILURE_SIZE];
		const char *why = not_stopped(&trials[i], event, code, detail);

		if (!event && is_emulators_gap(bringup, &trials[i], code)) {
			check_master(
				bringup, check, subject[i], CHECK_SKIP,
				"the DMA was stopped; an emulator (IIDR 0) reports no permission fault of a stage 2 "
				"that its TLB holds");
		} else {
			check_master(bringup, check, subject[i], why ? CHECK_FAIL : CHECK_PASS, why);
		}
	}
}

static void prove_read_only(struct bringup *bringup)
{
	for (unsigned int i = 0; i < subject_count; i++) {
		plan_write(i, iova_of(subject[i], PAGE_SOURCE), subject[i]->page[PAGE_SOURCE], TRIAL_SHORT);
	}
	trials_run(bringup, trials, subject_count);
	judge_stopped(bringup, "read_only", F_PERMISSION);
}

static void prove_unmap(struct bringup *bringup)
{
	for (unsigned int i = 0; i < subject_count; i++) {
		(void)iommu_unmap(&subject[i]->iommu, IOVA_COMMON, PAGE_SIZE);
		plan_write(i, IOVA_COMMON, subject[i]->page[PAGE_COMMON], TRIAL_SHORT);
	}
	trials_run(bringup, trials, subject_count);
	judge_stopped(bringup, "unmap", F_TRANSLATION);
}

/* --- Isolation: the neighbour's private page. --- */

static unsigned int instance_of(const struct master *master)
{
	return master->iommu.link[0].iommu->index;
}

static bool are_neighbours(const struct master *a, const struct master *b, bool same_instance)
{
	return a != b && (instance_of(a) == instance_of(b)) == same_instance &&
	       iommu_group_id(&a->iommu) != iommu_group_id(&b->iommu);
}

static struct master *neighbour_of(unsigned int i, bool same_instance)
{
	for (unsigned int step = 1; step < mapped_count; step++) {
		struct master *other = subject[(i + step) % mapped_count];

		if (are_neighbours(subject[i], other, same_instance)) {
			return other;
		}
	}
	return NULL;
}

struct isolation {
	bool tried;
	const char *failure;
	char failure_words[FAILURE_SIZE];
	char words[DETAIL_SIZE];
};

static struct isolation isolation[TRIALS_MAX];

static void append(struct isolation *result, const char *text)
{
	size_t length = strlen(result->words);

	format_text(result->words + length, sizeof(result->words) - length, "%s%s", length ? "; " : "", text);
}

/* Every subject at once tries to write its neighbour's page. */
static void try_neighbours(struct bringup *bringup, bool same_instance)
{
	for (unsigned int i = 0; i < subject_count; i++) {
		struct master *other = neighbour_of(i, same_instance);

		trials[i] = (struct trial){0};
		if (other) {
			plan_write(i, iova_of(other, PAGE_OWN), other->page[PAGE_OWN], TRIAL_SHORT);
		}
	}
	trials_run(bringup, trials, subject_count);
	for (unsigned int i = 0; i < subject_count; i++) {
		char words[DETAIL_SIZE];

		if (!trials[i].master) {
			continue;
		}
		isolation[i].tried = true;
		if (!isolation[i].failure) {
			isolation[i].failure = not_stopped(&trials[i], trial_event(&trials[i]), F_TRANSLATION,
							   isolation[i].failure_words);
		}
		format_text(words, sizeof(words), "not to %s's page on %s instance",
			    neighbour_of(i, same_instance)->device.name, same_instance ? "the same" : "another");
		append(&isolation[i], words);
	}
}

/* --- Isolation: the same stream ID on two instances. --- */

static bool is_behind_bridge(const struct master *master)
{
	return master->pci && master->pci->parent >= 0 && master->requester_id == master->pci->requester_id;
}

/* A master on another instance that can be made to emit the same stream ID: same host, same device and function. */
static struct master *twin_of(unsigned int i)
{
	const struct master *master = subject[i];

	for (unsigned int k = 0; k < mapped_count; k++) {
		struct master *other = subject[k];

		if (are_neighbours(master, other, false) && is_behind_bridge(master) && is_behind_bridge(other) &&
		    master->pci->host == other->pci->host &&
		    (master->pci->requester_id & 0xffU) == (other->pci->requester_id & 0xffU)) {
			return other;
		}
	}
	return NULL;
}

/* The subject's bridge borrows the twin's bus number for one DMA to the twin's page. */
static void run_as_twin(struct bringup *bringup, struct trial *trial, const struct master *twin)
{
	struct pci_function *pci = trial->master->pci;
	struct smmuv3 *smmu = &bringup->smmu[instance_of(trial->master)];
	uint8_t old;

	old = pci_set_secondary_bus(pci->host, (unsigned int)pci->parent, (uint8_t)(twin->pci->requester_id >> 8));
	/* An SMMU may remember a device's configuration without looking at its stream ID again: QEMU's does. */
	(void)smmuv3_invalidate_all(smmu);
	trials_run(bringup, trial, 1);
	(void)pci_set_secondary_bus(pci->host, (unsigned int)pci->parent, old);
	(void)smmuv3_invalidate_all(smmu);
}

static bool is_denied_by_configuration(const struct logged_event *event)
{
	return event->event.code == C_BAD_STREAMID || event->event.code == C_BAD_STE;
}

/*
 * The subject emits, on its own instance, the very stream ID that the twin's instance lets through. Its own instance
 * has never heard of that stream, and must say so.
 */
static void try_twin(struct bringup *bringup, unsigned int i, const struct master *twin)
{
	struct trial trial = {
		.master = subject[i],
		.write = true,
		.address = iova_of(twin, PAGE_OWN),
		.source = iova_of(subject[i], PAGE_SOURCE),
		.memory = twin->page[PAGE_OWN],
		.length = trial_length(subject[i], TRIAL_SHORT),
	};
	const struct logged_event *event;
	char words[DETAIL_SIZE];

	run_as_twin(bringup, &trial, twin);
	event = events_claim(trial.since, instance_of(subject[i]), twin->iommu.link[0].sid[0]);
	if (!event && !trial.touched && trial_event(&trial)) {
		append(&isolation[i], "this machine cannot make it emit the stream ID of another instance's master");
		return;
	}
	isolation[i].tried = true;
	if (trial.touched) {
		isolation[i].failure = "a stream ID let through on one instance is let through on another";
	} else if (!event || !is_denied_by_configuration(event)) {
		isolation[i].failure =
			"under another instance's stream ID its DMA was stopped, but not as an unknown stream";
	} else {
		format_text(words, sizeof(words), "not as stream 0x%" PRIx32 " either, which %s lets through for %s",
			    twin->iommu.link[0].sid[0], bringup->smmu_name[instance_of(twin)], twin->device.name);
		append(&isolation[i], words);
	}
}

/* One subject for each instance is enough: the key of a stream is the same for all of its masters. */
static void try_twins(struct bringup *bringup)
{
	uint64_t tried = 0;

	for (unsigned int i = 0; i < subject_count; i++) {
		const struct master *twin = tried & 1ULL << instance_of(subject[i]) ? NULL : twin_of(i);

		if (twin) {
			tried |= 1ULL << instance_of(subject[i]);
			try_twin(bringup, i, twin);
		}
	}
}

static void prove_isolation(struct bringup *bringup)
{
	memset(isolation, 0, sizeof(isolation));
	try_neighbours(bringup, true);
	try_neighbours(bringup, false);
	try_twins(bringup);
	for (unsigned int i = 0; i < subject_count; i++) {
		const struct isolation *result = &isolation[i];

		if (result->failure) {
			check_master(bringup, "isolation", subject[i], CHECK_FAIL, result->failure);
		} else if (!result->tried) {
			check_master(bringup, "isolation", subject[i], CHECK_SKIP,
				     "it has no neighbour that can be driven");
		} else {
			check_master(bringup, "isolation", subject[i], CHECK_PASS, result->words);
		}
	}
}

static void unmap_all(void)
{
	for (unsigned int i = 0; i < mapped_count; i++) {
		trial_unmap_work(subject[i]);
		for (unsigned int page = 0; page < MASTER_PAGES; page++) {
			/* A subject's common page has been unmapped already. */
			(void)iommu_unmap(&subject[i]->iommu, iova_of(subject[i], page), PAGE_SIZE);
		}
	}
}

static void prove_subjects(struct bringup *bringup)
{
	add_neighbours(bringup);
	prove_translate(bringup);
	prove_read_only(bringup);
	/* Before the twins, for whose sake whole TLBs are emptied: here it is the TLBI of the unmapping that counts. */
	prove_unmap(bringup);
	prove_isolation(bringup);
	unmap_all();
}

void prove(struct bringup *bringup)
{
	choose_subjects(bringup);
	while (subject_count) {
		prove_subjects(bringup);
		choose_subjects(bringup);
	}
	events_report(bringup);
}
