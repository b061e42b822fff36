/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ordeals: on every instance at once something is damaged, one master's DMA runs into it, what the instance reports is
 * judged, the damage is mended, and the same master's DMA has to arrive again.
 */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "checks/trial.h"
#include "report/print.h"
#include "smmuv3/registers.h"

#define IOVA_GOOD 0x0f000000ULL	     /* Mapped, for a page of the master's own. */
#define IOVA_READ_ONLY 0x0f010000ULL /* Mapped, for reading. */
#define IOVA_BAD 0x0f020000ULL	     /* Never mapped. */
#define OVERFLOW_BYTES 64U	     /* Sixteen words, each with an event, from most masters. */
#define OVERFLOW_ROUNDS 4U
#define EVENTS_LOG2 1U /* Entries of the event queue that is to overflow. */
#define DETAIL_SIZE 160U

struct ordeal {
	const char *check;
	const char *passed; /* Words of a pass. */
	bool damages;	    /* `damage` means something. */
	enum smmuv3_damage damage;
	uint64_t address; /* Of the DMA that is to be stopped; 0: none is made. */
	unsigned int code;
	/* Where it is no damage of a translation: what is done before and after that DMA, and how it is judged. */
	int (*begin)(struct bringup *bringup, unsigned int i);
	const char *(*judge)(struct bringup *bringup, unsigned int i);
	int (*end)(struct bringup *bringup, unsigned int i);
};

struct subject {
	struct master *master;
	struct smmuv3_domain *domain;
	const char *unfit;   /* For every ordeal. */
	const char *skip;    /* For this one. */
	const char *failure; /* In this one. */
	uint32_t aborted_events;
};

static struct subject subjects[DESCRIPTION_SMMUS_MAX];
static struct trial trials[DESCRIPTION_SMMUS_MAX];

/* --- Who is put through them. --- */

static struct master *master_on(const struct bringup *bringup, unsigned int smmu)
{
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		struct master *master = &bringup->master[i];

		if (master_is_driven(master) && master->observation.match && master->iommu.link_count &&
		    master->iommu.link[0].iommu->index == smmu && master->driver->can & MASTER_WRITES) {
			return master;
		}
	}
	return NULL;
}

static int map_pages(const struct bringup *bringup, struct master *master)
{
	int error = trial_map_work(bringup, master);

	if (!error) {
		error = iommu_map(bringup->core, &master->iommu, IOVA_GOOD, arch_phys(master->page[0]), PAGE_SIZE,
				  IOMMU_READ | IOMMU_WRITE);
	}
	if (!error) {
		error = iommu_map(bringup->core, &master->iommu, IOVA_READ_ONLY, arch_phys(master->page[1]), PAGE_SIZE,
				  IOMMU_READ);
	}
	return error;
}

static void choose(const struct bringup *bringup, unsigned int i)
{
	struct subject *subject = &subjects[i];

	*subject = (struct subject){.master = master_on(bringup, i)};
	if (iommu_state(&bringup->smmu[i].iommu) != IOMMU_READY) {
		subject->unfit = "the instance is not ready";
	} else if (!subject->master) {
		subject->unfit = "no master behind it can be driven";
	} else if (map_pages(bringup, subject->master)) {
		subject->unfit = "its master's pages could not be mapped";
	} else {
		subject->domain = (struct smmuv3_domain *)iommu_owned_domain(&subject->master->iommu.link[0]);
	}
}

static void let_go(const struct subject *subject)
{
	if (subject->domain) {
		trial_unmap_work(subject->master);
		(void)iommu_unmap(&subject->master->iommu, IOVA_GOOD, PAGE_SIZE);
		(void)iommu_unmap(&subject->master->iommu, IOVA_READ_ONLY, PAGE_SIZE);
	}
}

/* --- One DMA each. --- */

static void plan(unsigned int i, uint64_t address, uint32_t length)
{
	const struct subject *subject = &subjects[i];

	trials[i] = (struct trial){.master = NULL};
	if (!subject->unfit && !subject->skip && !subject->failure && address) {
		trials[i] = (struct trial){
			.master = subject->master,
			.write = true,
			.address = address,
			.memory = subject->master->page[address == IOVA_READ_ONLY],
			.length = trial_length(subject->master, length),
		};
	}
}

static void run(struct bringup *bringup, uint64_t address, uint32_t length)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		plan(i, address, length);
	}
	trials_run(bringup, trials, bringup->smmu_count);
}

/* Where nothing answers: the end of a large address space is nobody's. 0 where there is none that is surely so. */
static uint64_t nowhere(const struct smmuv3 *smmu)
{
	return smmu->features.output_bits >= 40 ? (1ULL << smmu->features.output_bits) - 0x200000U : 0;
}

/* --- Damages of what translates. --- */

static uint32_t sid_of(const struct subject *subject)
{
	return subject->master->iommu.link[0].sid[0];
}

static void damage(struct bringup *bringup, unsigned int i, enum smmuv3_damage what)
{
	struct subject *subject = &subjects[i];
	int error = smmuv3_damage(subject->domain, sid_of(subject), IOVA_GOOD, nowhere(&bringup->smmu[i]), what);

	if (error == -ENOTSUP) {
		subject->skip = "what translates here has no such part";
	} else if (error) {
		subject->failure = "the command queue did not take the change";
	}
}

static void mend(unsigned int i, enum smmuv3_damage what)
{
	struct subject *subject = &subjects[i];

	if (smmuv3_mend(subject->domain, sid_of(subject), IOVA_GOOD, what) && !subject->failure) {
		subject->failure = "the command queue did not take what mends it";
	}
}

/* An emulator that has no such fault lets the DMA through. */
static bool is_emulators_gap(const struct smmuv3 *smmu, unsigned int code)
{
	return smmu->features.iidr == 0 && (code == F_ACCESS || code == F_ADDR_SIZE);
}

static const char *judge_event(const struct bringup *bringup, unsigned int i, unsigned int code)
{
	static char words[DETAIL_SIZE];
	const struct logged_event *event = trial_event(&trials[i]);

	if (trials[i].touched || !event) {
		if (is_emulators_gap(&bringup->smmu[i], code) && !event) {
			subjects[i].skip =
				"an SMMU without an implementer (IIDR 0), an emulator's, that has no such fault";
			return NULL;
		}
		return trials[i].touched ? "the DMA reached memory all the same" :
					   "the DMA was stopped without an event";
	}
	if (event->event.code == code) {
		return NULL;
	}
	format_text(words, sizeof(words), "it reported %s instead of %s", smmuv3_event_name(event->event.code),
		    smmuv3_event_name(code));
	return words;
}

/* --- The queues. --- */

static int begin_queue_abort(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = &bringup->smmu[i];

	return nowhere(smmu) ? smmuv3_provoke_queue_abort(smmu, nowhere(smmu)) : -ENOTSUP;
}

static int begin_overflow(struct bringup *bringup, unsigned int i)
{
	return smmuv3_shrink_events(&bringup->smmu[i], EVENTS_LOG2);
}

static int begin_misplaced(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = &bringup->smmu[i];

	return nowhere(smmu) ? smmuv3_misplace_events(smmu, nowhere(smmu)) : -ENOTSUP;
}

static bool events_were_aborted(struct bringup *bringup, unsigned int i)
{
	smmuv3_poll_gerror(&bringup->smmu[i]);
	return bringup->smmu[i].counts.aborted_events != subjects[i].aborted_events;
}

/* The architecture counts a full queue as an overflow; QEMU reports EVENTQ_ABT_ERR for it. */
static const char *judge_overflow(struct bringup *bringup, unsigned int i)
{
	bool aborted = events_were_aborted(bringup, i);

	if (trials[i].touched) {
		return "a DMA reached memory while the event queue was full";
	}
	return aborted || smmuv3_events_overflowed(&bringup->smmu[i]) ? NULL :
									"more events than entries, and none was missed";
}

static const char *judge_misplaced(struct bringup *bringup, unsigned int i)
{
	return events_were_aborted(bringup, i) ? NULL : "GERROR.EVENTQ_ABT_ERR was not reported";
}

/* What was provoked is no error on the way: it is forgotten. */
static int end_events(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = &bringup->smmu[i];
	int error = smmuv3_restore_events(smmu);

	smmu->counts.gerrors &= ~GERROR_EVENTQ_ABT_ERR;
	return error;
}

static int begin_illegal(struct bringup *bringup, unsigned int i)
{
	return smmuv3_provoke_illegal_command(&bringup->smmu[i]);
}

static const struct ordeal ordeals[] = {
	{.check = "illegal_command",
	 .passed = "CERROR_ILL reported, the command replaced, the queue went on",
	 .begin = begin_illegal},
	{.check = "queue_abort",
	 .passed = "CERROR_ABT reported, given up in time, and the queue works again",
	 .begin = begin_queue_abort},
	{.check = "event_overflow",
	 .passed = "a full event queue is noticed, and events come again",
	 .address = IOVA_BAD,
	 .begin = begin_overflow,
	 .judge = judge_overflow,
	 .end = end_events},
	{.check = "event_abort",
	 .passed = "EVENTQ_ABT_ERR reported, and events come again",
	 .address = IOVA_BAD,
	 .begin = begin_misplaced,
	 .judge = judge_misplaced,
	 .end = end_events},
	{.check = "bad_ste", .damages = true, .damage = SMMUV3_DAMAGE_STE, .address = IOVA_GOOD, .code = C_BAD_STE},
	{.check = "bad_cd", .damages = true, .damage = SMMUV3_DAMAGE_CD, .address = IOVA_GOOD, .code = C_BAD_CD},
	{.check = "cd_fetch",
	 .damages = true,
	 .damage = SMMUV3_DAMAGE_CD_POINTER,
	 .address = IOVA_GOOD,
	 .code = F_CD_FETCH},
	{.check = "walk_abort",
	 .damages = true,
	 .damage = SMMUV3_DAMAGE_TABLE,
	 .address = IOVA_GOOD,
	 .code = F_WALK_EABT},
	{.check = "access_flag",
	 .damages = true,
	 .damage = SMMUV3_DAMAGE_ACCESS_FLAG,
	 .address = IOVA_GOOD,
	 .code = F_ACCESS},
	{.check = "address_size",
	 .damages = true,
	 .damage = SMMUV3_DAMAGE_OUTPUT_SIZE,
	 .address = IOVA_GOOD,
	 .code = F_ADDR_SIZE},
	{.check = "translation_fault", .address = IOVA_BAD, .code = F_TRANSLATION},
	{.check = "permission_fault", .address = IOVA_READ_ONLY, .code = F_PERMISSION},
};

/* --- One ordeal, on all instances. --- */

static void begin(struct bringup *bringup, const struct ordeal *ordeal, unsigned int i)
{
	struct subject *subject = &subjects[i];
	int error = 0;

	subject->skip = NULL;
	subject->failure = NULL;
	subject->aborted_events = bringup->smmu[i].counts.aborted_events;
	if (subject->unfit) {
		return;
	}
	if (ordeal->damages) {
		if (ordeal->damage != SMMUV3_DAMAGE_STE && !nowhere(&bringup->smmu[i])) {
			subject->skip = "no address is surely nobody's: the output size is below 40 bits";
		} else {
			damage(bringup, i, ordeal->damage);
		}
		return;
	}
	error = ordeal->begin ? ordeal->begin(bringup, i) : 0;
	if (error == -ENOTSUP) {
		subject->skip = "no address is surely nobody's: the output size is below 40 bits";
	} else if (error) {
		subject->failure =
			error == -ENOMSG ? "it was swallowed: no error was reported" : "the queue did not recover";
	}
}

static void judge(struct bringup *bringup, const struct ordeal *ordeal, unsigned int i)
{
	struct subject *subject = &subjects[i];

	if (!trials[i].master) {
		return;
	}
	subject->failure = ordeal->judge ? ordeal->judge(bringup, i) : judge_event(bringup, i, ordeal->code);
}

static void end(struct bringup *bringup, const struct ordeal *ordeal, unsigned int i)
{
	struct subject *subject = &subjects[i];

	if (!trials[i].master && !(ordeal->end && subject->failure)) {
		return;
	}
	if (ordeal->damages) {
		mend(i, ordeal->damage);
	} else if (ordeal->end && ordeal->end(bringup, i) && !subject->failure) {
		subject->failure = "it did not acknowledge what puts it back";
	}
}

static void report(struct bringup *bringup, const struct ordeal *ordeal, unsigned int i)
{
	struct subject *subject = &subjects[i];

	if (!subject->unfit && !subject->skip && !subject->failure && !trials[i].touched) {
		subject->failure = "no DMA reaches memory afterwards";
	}
	if (subject->failure) {
		check_instance(bringup, ordeal->check, i, CHECK_FAIL, subject->failure);
	} else if (subject->unfit || subject->skip) {
		check_instance(bringup, ordeal->check, i, CHECK_SKIP, subject->unfit ? subject->unfit : subject->skip);
	} else {
		check_instance(bringup, ordeal->check, i, CHECK_PASS, ordeal->passed);
	}
}

static void for_each(struct bringup *bringup, const struct ordeal *ordeal,
		     void (*act)(struct bringup *bringup, const struct ordeal *ordeal, unsigned int i))
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		act(bringup, ordeal, i);
	}
}

/* A short DMA gives one event; a queue that is to overflow takes a long one, or several. */
static void run_into(struct bringup *bringup, const struct ordeal *ordeal)
{
	bool overflow = ordeal->begin == begin_overflow;

	for (unsigned int round = 0; round < (overflow ? OVERFLOW_ROUNDS : 1); round++) {
		run(bringup, ordeal->address, overflow ? OVERFLOW_BYTES : TRIAL_SHORT);
	}
}

static void undergo(struct bringup *bringup, const struct ordeal *ordeal)
{
	for_each(bringup, ordeal, begin);
	run_into(bringup, ordeal);
	for_each(bringup, ordeal, judge);
	for_each(bringup, ordeal, end);
	/* What it left behind is nobody's surprise. */
	run(bringup, IOVA_GOOD, TRIAL_SHORT);
	for_each(bringup, ordeal, report);
}

void provoke_ordeals(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		choose(bringup, i);
	}
	for (size_t k = 0; k < (bringup->quick ? 1 : sizeof(ordeals) / sizeof(ordeals[0])); k++) {
		undergo(bringup, &ordeals[k]);
	}
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		let_go(&subjects[i]);
	}
	for (size_t k = 1; bringup->quick && k < sizeof(ordeals) / sizeof(ordeals[0]); k++) {
		for (unsigned int i = 0; i < bringup->smmu_count; i++) {
			check_instance(bringup, ordeals[k].check, i, CHECK_SKIP, "selftest=quick leaves it out");
		}
	}
}
