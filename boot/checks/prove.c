/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation and isolation with real DMA, on three pages of each master:
 *
 *   page 0  read-only at a private address:   the master reads here; the SMMU must stop a write
 *   page 1  read-write at a private address:  a neighbour must not reach it
 *   page 2  read-write at the common address: each master must reach its own page
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "checks/phase.h"
#include "checks/trial.h"
#include "report/print.h"

#define DETAIL_SIZE 256U
/* Pieces of a page, for masters that try it at once. */
#define PLACE_SIZE 512U
#define PLACES (PAGE_SIZE / PLACE_SIZE)

enum { PAGE_SOURCE, PAGE_OWN, PAGE_COMMON };

struct subject {
	struct master *master;
	const char *skip;
	const char *failure;
	enum check_result isolation;
	char words[DETAIL_SIZE]; /* Isolated from what, or why not. */
};

static struct trial trials[TRIALS_MAX];
/* Masters under check, then those that only serve as neighbours. */
static struct subject subjects[TRIALS_MAX];
static unsigned int subject_count;
static unsigned int mapped_count;

static uint64_t prove_iova_of(const struct master *master, unsigned int page)
{
	return page == PAGE_COMMON ? TRIAL_IOVA_COMMON : trial_iova(master, page);
}

/* --- Mapping. --- */

static int prove_map_page(struct bringup *bringup, struct master *master, unsigned int page)
{
	unsigned int access = page == PAGE_SOURCE ? IOMMU_READ : IOMMU_READ | IOMMU_WRITE;

	return iommu_map(bringup->core, &master->iommu, prove_iova_of(master, page), arch_phys(master->page[page]),
			 PAGE_SIZE, access);
}

static void prove_unmap_pages(struct master *master, unsigned int count)
{
	trial_unmap_work(master);
	while (count--) {
		(void)iommu_unmap(&master->iommu, prove_iova_of(master, count), PAGE_SIZE);
	}
}

static int map_all(struct bringup *bringup, struct master *master)
{
	int error = trial_map_work(bringup, master);

	for (unsigned int page = 0; page < MASTER_PAGES && !error; page++) {
		error = prove_map_page(bringup, master, page);
		if (error) {
			prove_unmap_pages(master, page);
		}
	}
	return error;
}

/* --- Choosing masters. --- */

static void conclude_all(struct bringup *bringup, const struct master *master, enum check_result result,
			 const char *why)
{
	static const char checks[][10] = {"translate", "read_only", "unmap", "isolation"};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		check_master(bringup, checks[i], master, result, why);
	}
}

/* A group has one domain: its masters take turns. */
static bool shares_group(const struct master *master)
{
	for (unsigned int i = 0; i < mapped_count; i++) {
		if (iommu_group_id(&subjects[i].master->iommu) == iommu_group_id(&master->iommu)) {
			return true;
		}
	}
	return false;
}

/* No SMMU can tell their streams apart. */
static bool prove_shares_stream(const struct bringup *bringup, const struct master *master)
{
	for (const struct master *other = bringup->master; other < master; other++) {
		if (other->translated && trial_instance(other) == trial_instance(master) &&
		    trial_sid(other) == trial_sid(master)) {
			return true;
		}
	}
	return false;
}

static void prove_choose(struct bringup *bringup, struct master *master)
{
	const char *why = trial_unfit(master, USE_MAPPED);

	if (!why && prove_shares_stream(bringup, master)) {
		why = "its stream has been tried with another master";
	}
	if (!why && (shares_group(master) || subject_count == TRIALS_MAX)) {
		return;
	}
	master->tried = true;
	if (why) {
		conclude_all(bringup, master, CHECK_SKIP, why);
	} else if (map_all(bringup, master)) {
		conclude_all(bringup, master, master->unfit ? CHECK_SKIP : CHECK_FAIL,
			     master->unfit ? master->unfit : "its pages could not be mapped");
	} else {
		subjects[subject_count++] = (struct subject){.master = master, .isolation = CHECK_SKIP};
		mapped_count = subject_count;
	}
}

static void choose_subjects(struct bringup *bringup)
{
	subject_count = 0;
	mapped_count = 0;
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		struct master *master = &bringup->master[i];

		if (!master->tried && (client_state(&master->device) == CLIENT_BOUND || master->unfit)) {
			prove_choose(bringup, master);
		}
	}
}

/* Masters of earlier rounds serve as neighbours. */
static void add_neighbours(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->master_count && mapped_count < TRIALS_MAX; i++) {
		struct master *master = &bringup->master[i];

		if (master->tried && !trial_unfit(master, USE_MAPPED) && !shares_group(master) &&
		    map_all(bringup, master) == 0) {
			subjects[mapped_count++] = (struct subject){.master = master};
		}
	}
}

/* --- Trials. --- */

static const struct expectation arrives = EXPECT_ARRIVAL(TRIAL_CARRIES);
static const struct expectation forbidden = EXPECT_STOPPED(1, F_PERMISSION);
static const struct expectation unmapped = EXPECT_STOPPED(1, F_TRANSLATION);
/* For an unknown stream; no event where the DMA cannot be made. */
static const struct expectation unknown = EXPECT_STOPPED(0, C_BAD_STREAMID, C_BAD_STE);

static struct trial prove_trial_of(const struct subject *subject, bool write, const struct master *owner,
				   unsigned int page, uint32_t length, const struct expectation *expect)
{
	struct master *master = subject->master;

	return (struct trial){
		.master = subject->skip || subject->failure ? NULL : master,
		.smmu = trial_instance(master),
		.sid = trial_sid(master),
		.write = write,
		.address = prove_iova_of(owner, page),
		/* Source and target differ. */
		.source = page == PAGE_SOURCE ? 0 : prove_iova_of(master, PAGE_SOURCE),
		.memory = owner->page[page],
		.length = trial_length(master, length),
		.expect = *expect,
	};
}

static void fill_sources(void)
{
	for (unsigned int i = 0; i < subject_count; i++) {
		struct master *master = subjects[i].master;

		trial_fill(master, 0, master->page[PAGE_SOURCE], trial_length(master, TRIAL_LONG));
	}
}

static void prove_run(struct bringup *bringup, bool write, unsigned int page, uint32_t length,
		      const struct expectation *expect)
{
	fill_sources();
	for (unsigned int i = 0; i < subject_count; i++) {
		trials[i] = prove_trial_of(&subjects[i], write, subjects[i].master, page, length, expect);
		if (!write && !(subjects[i].master->driver->can & MASTER_READS)) {
			trials[i].master = NULL;
		}
	}
	trials_run(bringup, trials, subject_count);
}

static enum check_result prove_conclude(struct bringup *bringup, const char *check, struct subject *subject,
					struct trial *trial)
{
	enum check_result result = subject->skip ? CHECK_SKIP : CHECK_FAIL;
	const char *words = subject->skip ? subject->skip : subject->failure;

	if (!words) {
		result = trial_judge(bringup, trial);
		words = trial->words[0] ? trial->words : NULL;
	}
	check_master(bringup, check, subject->master, result, words);
	subject->failure = NULL;
	return result;
}

static void conclude_each(struct bringup *bringup, const char *check)
{
	for (unsigned int i = 0; i < subject_count; i++) {
		(void)prove_conclude(bringup, check, &subjects[i], &trials[i]);
	}
	events_report(bringup);
}

static const char *keep_words(struct subject *subject, const struct trial *trial)
{
	format_text(subject->words, sizeof(subject->words), "%s", trial->words);
	return subject->words;
}

static void prove_translate(struct bringup *bringup)
{
	prove_run(bringup, false, PAGE_SOURCE, TRIAL_LONG, &arrives);
	for (unsigned int i = 0; i < subject_count; i++) {
		if (trials[i].master && trial_judge(bringup, &trials[i]) == CHECK_FAIL) {
			subjects[i].failure = keep_words(&subjects[i], &trials[i]);
		}
	}
	prove_run(bringup, true, PAGE_COMMON, TRIAL_LONG, &arrives);
	for (unsigned int i = 0; i < subject_count; i++) {
		enum check_result result = prove_conclude(bringup, "translate", &subjects[i], &trials[i]);

		subjects[i].master->translated = result == CHECK_PASS;
		subjects[i].skip = result == CHECK_SKIP ? keep_words(&subjects[i], &trials[i]) : NULL;
	}
	events_report(bringup);
}

static void prove_read_only(struct bringup *bringup)
{
	prove_run(bringup, true, PAGE_SOURCE, TRIAL_SHORT, &forbidden);
	conclude_each(bringup, "read_only");
}

static void prove_unmap(struct bringup *bringup)
{
	for (unsigned int i = 0; i < subject_count; i++) {
		if (iommu_unmap(&subjects[i].master->iommu, TRIAL_IOVA_COMMON, PAGE_SIZE)) {
			subjects[i].failure = "its page could not be unmapped";
		}
	}
	prove_run(bringup, true, PAGE_COMMON, TRIAL_SHORT, &unmapped);
	conclude_each(bringup, "unmap");
}

/* --- Isolation: neighbours. --- */

/* Mapped masters are in different groups. */
static bool are_neighbours(const struct master *a, const struct master *b, bool same_instance)
{
	return (trial_instance(a) == trial_instance(b)) == same_instance;
}

static struct master *neighbour_of(unsigned int i, bool same_instance)
{
	for (unsigned int step = 1; step < mapped_count; step++) {
		struct master *other = subjects[(i + step) % mapped_count].master;

		if (are_neighbours(subjects[i].master, other, same_instance)) {
			return other;
		}
	}
	return NULL;
}

/* The first failure stays; passes are listed. */
static void prove_note(struct subject *subject, enum check_result result, const char *words)
{
	size_t length = subject->isolation == CHECK_SKIP ? 0 : strlen(subject->words);

	if (subject->isolation == CHECK_FAIL) {
		return;
	}
	length = result == CHECK_FAIL ? 0 : length;
	subject->isolation = result == CHECK_SKIP ? subject->isolation : result;
	format_text(subject->words + length, sizeof(subject->words) - length, "%s%s", length ? "; " : "", words);
}

static unsigned int count_in(const struct trial *from, const struct trial *to, const uint8_t *page)
{
	unsigned int count = 0;

	for (; from < to; from++) {
		count += from->memory >= page && from->memory < page + PAGE_SIZE;
	}
	return count;
}

/* Of trials at once, no two use one piece of a page. */
static void try_neighbours(struct bringup *bringup, bool same_instance)
{
	unsigned int first = 0;

	for (unsigned int i = 0; i < subject_count; i++) {
		const struct master *other = neighbour_of(i, same_instance);
		unsigned int place = other ? count_in(&trials[first], &trials[i], other->page[PAGE_OWN]) : 0;

		if (place == PLACES) {
			trials_run(bringup, &trials[first], i - first);
			first = i;
			place = 0;
		}
		trials[i] = other ? prove_trial_of(&subjects[i], true, other, PAGE_OWN, TRIAL_SHORT, &unmapped) :
				    (struct trial){0};
		if (other && trials[i].length <= PLACE_SIZE) {
			trials[i].address += place * PLACE_SIZE;
			trials[i].memory += place * PLACE_SIZE;
		}
	}
	trials_run(bringup, &trials[first], subject_count - first);
	for (unsigned int i = 0; i < subject_count; i++) {
		char words[DETAIL_SIZE];
		enum check_result result;

		if (!trials[i].master) {
			continue;
		}
		result = trial_judge(bringup, &trials[i]);
		format_text(words, sizeof(words), "not to %s's page on %s instance",
			    neighbour_of(i, same_instance)->device.name, same_instance ? "the same" : "another");
		prove_note(&subjects[i], result, result == CHECK_PASS ? words : trials[i].words);
	}
	events_report(bringup);
}

/* --- Isolation: one stream ID on two instances. --- */

/* The bridge is on a root bus, so that no other one has to forward the borrowed bus number. */
static bool is_behind_bridge(const struct master *master)
{
	return master->pci && master->pci->parent >= 0 && master->requester_id == master->pci->requester_id &&
	       master->pci->host->function[master->pci->parent].parent < 0;
}

/* Same host, device and function number on another instance. */
static struct master *prove_twin_of(unsigned int i)
{
	const struct master *master = subjects[i].master;

	for (unsigned int k = 0; k < mapped_count; k++) {
		struct master *other = subjects[k].master;

		if (are_neighbours(master, other, false) && is_behind_bridge(master) && is_behind_bridge(other) &&
		    master->pci->host == other->pci->host &&
		    (master->pci->requester_id & 0xffU) == (other->pci->requester_id & 0xffU)) {
			return other;
		}
	}
	return NULL;
}

#define CANNOT_EMIT "this machine cannot make it emit another instance's stream ID"

/* The subject emits a stream ID that only the twin's instance lets through; its own must deny it. */
static void try_twin(struct bringup *bringup, struct subject *subject, const struct master *twin)
{
	struct trial trial = prove_trial_of(subject, true, twin, PAGE_OWN, TRIAL_SHORT, &unknown);
	struct smmuv3 *smmu = bringup->smmu[trial.smmu];
	char words[DETAIL_SIZE];
	enum check_result result;

	trial.sid = trial_sid(twin);
	trial.borrowed = true;
	if (!pci_exchange_buses(trial.master->pci, twin->pci)) {
		prove_note(subject, CHECK_SKIP, CANNOT_EMIT);
		return;
	}
	/* QEMU may use a device's cached configuration despite a new stream ID. */
	(void)smmuv3_invalidate_all(smmu);
	/* Waits for the denial; without one the machine could not make such a DMA. */
	trial.expect.least = 1;
	trials_run(bringup, &trial, 1);
	trial.expect.least = 0;
	trial.late = false;
	(void)pci_exchange_buses(trial.master->pci, twin->pci);
	(void)smmuv3_invalidate_all(smmu);
	result = trial_judge(bringup, &trial);
	format_text(words, sizeof(words),
		    result == CHECK_FAIL ? "as stream 0x%" PRIx32 ", which %s lets through for %s: %s" :
					   "not as stream 0x%" PRIx32 " either, which %s lets through for %s%s",
		    trial.sid, bringup->smmu_name[trial_instance(twin)], twin->device.name, trial.words);
	if (result == CHECK_PASS && !trial.events) {
		/* The DMA used its own stream ID, also stopped there, or was dropped. */
		trial.sid = trial_sid(subject->master);
		trial.expect = unmapped;
		trial_claim(&trial);
		result = CHECK_SKIP;
	}
	prove_note(subject, result, result == CHECK_SKIP ? CANNOT_EMIT : words);
	events_report(bringup);
}

/* One trial for each instance: its masters share a stream table. */
static void try_twins(struct bringup *bringup)
{
	uint64_t tried = 0;

	for (unsigned int i = 0; i < subject_count; i++) {
		uint64_t instance = 1ULL << trial_instance(subjects[i].master);
		const struct master *twin = subjects[i].skip || tried & instance ? NULL : prove_twin_of(i);

		if (twin) {
			tried |= instance;
			try_twin(bringup, &subjects[i], twin);
		}
	}
}

static void prove_isolation(struct bringup *bringup)
{
	for (unsigned int i = 0; i < subject_count; i++) {
		if (!subjects[i].skip) {
			format_text(subjects[i].words, DETAIL_SIZE, "it has no neighbour that can be driven");
		}
	}
	try_neighbours(bringup, true);
	try_neighbours(bringup, false);
	try_twins(bringup);
	for (unsigned int i = 0; i < subject_count; i++) {
		check_master(bringup, "isolation", subjects[i].master, subjects[i].isolation, subjects[i].words);
	}
}

static void prove_subjects(struct bringup *bringup)
{
	add_neighbours(bringup);
	prove_translate(bringup);
	prove_read_only(bringup);
	/* Before the twins, which invalidate whole TLBs: the unmap's own TLBI must be enough. */
	prove_unmap(bringup);
	prove_isolation(bringup);
	for (unsigned int i = 0; i < mapped_count; i++) {
		prove_unmap_pages(subjects[i].master, MASTER_PAGES);
	}
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

PHASE(30, prove, "prove      translation and isolation by real DMA", prove, NULL);
