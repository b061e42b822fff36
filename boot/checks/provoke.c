/* SPDX-License-Identifier: BSD-2-Clause */
/* On all instances at once: damages something, judges the report of a DMA, mends it; then the DMA must arrive again. */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "checks/phase.h"
#include "checks/trial.h"
#include "report/print.h"
#include "smmuv3/damage.h"

#define IOVA_GOOD 0x0f000000U
#define IOVA_READ_ONLY 0x0f010000U
#define IOVA_BAD 0x0f020000U
#define STRAY UINT32_MAX   /* The page's physical address, where a bypassing DMA is seen. */
#define OVERFLOW_BYTES 64U /* Most masters cause an event for each word. */
#define OVERFLOW_ROUNDS 4U
#define EVENTS_LOG2 1U /* Of the queue that must overflow. */
#define DETAIL_SIZE 160U

/* Returns NULL, or why the check fails; may set subject->skip. */
typedef const char *act(struct bringup *bringup, unsigned int i);

struct injection {
	const char *check;
	const char *passed;
	act *begin;
	act *end;
	uint32_t address; /* 0: no DMA. */
	struct expectation expect;
	uint8_t damage; /* enum smmuv3_damage, if `damages`. */
	uint8_t rounds; /* Of OVERFLOW_BYTES; 0: one of TRIAL_SHORT. */
	bool harmless;	/* For selftest=quick, too. */
	bool damages;	/* By smmuv3_damage(), not by `begin` and `end`. */
	bool nowhere;	/* Needs an address that nothing answers. */
	bool unrecorded;
};

struct subject {
	struct master *master;
	struct iommu_domain *domain;
	const char *none; /* Why there is no master. */
	bool unmapped;
	bool begun; /* Must be ended. */
	const char *skip;
	const char *failure;
	char words[TRIAL_WORDS];
	uint32_t aborted_events; /* Before the injection. */
	uint32_t gerrors;
};

static struct subject subjects[DESCRIPTION_SMMUS_MAX];
static struct trial trials[DESCRIPTION_SMMUS_MAX];

/* --- Choosing masters. --- */

static bool is_ready(const struct bringup *bringup, unsigned int smmu)
{
	return iommu_state(smmuv3_iommu(bringup->smmu[smmu])) == IOMMU_READY;
}

static bool can_serve(const struct master *master, unsigned int smmu)
{
	return !trial_unfit(master, USE_REPEATED) && trial_instance(master) == smmu;
}

/* Prefers a master that emits the full address. */
static struct master *master_on(const struct bringup *bringup, unsigned int smmu)
{
	struct master *found = NULL;

	for (unsigned int i = 0; i < bringup->master_count; i++) {
		struct master *master = &bringup->master[i];

		if (can_serve(master, smmu) && (!found || master->observation.address_seen)) {
			found = master;
		}
		if (found && found->observation.address_seen) {
			break;
		}
	}
	return found;
}

static int provoke_map_pages(const struct bringup *bringup, struct master *master)
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

static void provoke_choose(const struct bringup *bringup, unsigned int i)
{
	struct subject *subject = &subjects[i];

	*subject = (struct subject){.none = "no master behind it can be driven"};
	while (is_ready(bringup, i) && (subject->master = master_on(bringup, i))) {
		subject->unmapped = provoke_map_pages(bringup, subject->master);
		subject->domain = iommu_owned_domain(&subject->master->iommu.link[0]);
		if (!subject->master->unfit) {
			break;
		}
		subject->none = subject->master->unfit;
	}
}

static void let_go(const struct subject *subject)
{
	if (subject->master) {
		trial_unmap_work(subject->master);
		(void)iommu_unmap(&subject->master->iommu, IOVA_GOOD, PAGE_SIZE);
		(void)iommu_unmap(&subject->master->iommu, IOVA_READ_ONLY, PAGE_SIZE);
	}
}

/* --- One DMA each. --- */

static struct trial provoke_trial_of(const struct subject *subject, uint32_t address, uint32_t length,
				     const struct expectation *expect)
{
	struct master *master = subject->master;

	if (!master || !address || subject->unmapped || !subject->begun || subject->failure) {
		return (struct trial){.master = NULL};
	}
	return (struct trial){
		.master = master,
		.smmu = trial_instance(master),
		.sid = trial_sid(master),
		.aborted = subject->aborted_events,
		.write = true,
		.stray = address == STRAY,
		.address = address == STRAY ? arch_phys(master->page[0]) : address,
		.memory = master->page[address == IOVA_READ_ONLY],
		.length = trial_length(master, length),
		.expect = *expect,
	};
}

/* The first failure or skip stays. */
static void provoke_judge(const struct bringup *bringup, struct subject *subject, struct trial *trial,
			  const char *prefix)
{
	enum check_result result = trial->master ? trial_judge(bringup, trial) : CHECK_PASS;

	if (result == CHECK_PASS || subject->failure) {
		return;
	}
	format_text(subject->words, sizeof(subject->words), "%s%s", prefix, trial->words);
	if (result == CHECK_FAIL) {
		subject->failure = subject->words;
	} else {
		subject->skip = subject->words;
	}
}

static void provoke_run(struct bringup *bringup, uint32_t address, uint32_t length, const struct expectation *expect,
			const char *prefix)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		trials[i] = provoke_trial_of(&subjects[i], address, length, expect);
	}
	trials_run(bringup, trials, bringup->smmu_count);
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		provoke_judge(bringup, &subjects[i], &trials[i], prefix);
	}
	events_report(bringup);
}

/* The end of a large address space; 0: no address is surely unused. */
static uint64_t nowhere(const struct smmuv3 *smmu)
{
	unsigned int bits = smmuv3_features(smmu)->output_bits;

	return bits >= 40 ? (1ULL << bits) - 0x200000U : 0;
}

/* --- SMMUEN and the queues. --- */

static const char *begin_abort_all(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = bringup->smmu[i];

	if (!subjects[i].master->observation.address_seen) {
		subjects[i].skip = "its master's DMA was not seen to carry the address that it was given";
		return NULL;
	}
	if (!smmuv3_has_gbpa(smmu)) {
		subjects[i].skip = "GBPA does not read back: everything bypasses while SMMUEN is clear";
		return NULL;
	}
	return smmuv3_pause(smmu) ? "it did not acknowledge that SMMUEN was cleared" : NULL;
}

static const char *end_abort_all(struct bringup *bringup, unsigned int i)
{
	return smmuv3_resume(bringup->smmu[i]) ? "it did not acknowledge that SMMUEN was set again" : NULL;
}

static const char *command_failure(int error)
{
	if (error == -ENOMSG) {
		return "it was swallowed: no error was reported";
	}
	return error ? "the command queue did not recover" : NULL;
}

static const char *begin_illegal(struct bringup *bringup, unsigned int i)
{
	return command_failure(smmuv3_provoke_illegal_command(bringup->smmu[i]));
}

static const char *begin_queue_abort(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = bringup->smmu[i];

	return command_failure(smmuv3_provoke_queue_abort(smmu, nowhere(smmu)));
}

static const char *begin_overflow(struct bringup *bringup, unsigned int i)
{
	return smmuv3_shrink_events(bringup->smmu[i], EVENTS_LOG2) ? "it did not take a smaller event queue" : NULL;
}

static const char *begin_misplaced(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = bringup->smmu[i];

	return smmuv3_misplace_events(smmu, nowhere(smmu)) ? "it did not take another event queue" : NULL;
}

static const char *end_events(struct bringup *bringup, unsigned int i)
{
	struct smmuv3 *smmu = bringup->smmu[i];
	int error = smmuv3_restore_events(smmu);

	smmuv3_forget_event_abort(smmu, subjects[i].gerrors);
	return error ? "it did not take its event queue back" : NULL;
}

/* --- Damaged structures. --- */

static const char *damage(struct bringup *bringup, unsigned int i, enum smmuv3_damage what)
{
	struct subject *subject = &subjects[i];
	int error =
		smmuv3_damage(subject->domain, trial_sid(subject->master), IOVA_GOOD, nowhere(bringup->smmu[i]), what);

	if (error == -ENOTSUP) {
		subject->skip = "what translates here has no such part";
		return NULL;
	}
	return error ? "the command queue did not take the change" : NULL;
}

static const char *mend(unsigned int i, enum smmuv3_damage what)
{
	const struct subject *subject = &subjects[i];

	return smmuv3_mend(subject->domain, trial_sid(subject->master), IOVA_GOOD, what) ?
		       "the command queue did not take what mends it" :
		       NULL;
}

/* The SMMU cannot write records. */
#define UNHEARD(noticed)                                                                                               \
	{                                                                                                              \
		.end = TRIAL_STOPPED, .code = {F_TRANSLATION}, .most = TRIAL_EVENTS_MAX, .within_us = TRIAL_EVENT_US,  \
		.loss = (noticed)                                                                                      \
	}
#define DAMAGE(name, what, event)                                                                                      \
	{                                                                                                              \
		.check = (name), .address = IOVA_GOOD, .expect = EXPECT_STOPPED(1, event), .damages = true,            \
		.damage = (what)                                                                                       \
	}
/* Stops the whole stream. */
#define DAMAGE_ALL(name, what, event)                                                                                  \
	{                                                                                                              \
		.check = (name), .address = IOVA_GOOD, .damages = true, .damage = (what), .expect = {                  \
			.end = TRIAL_STOPPED,                                                                          \
			.code = {(event)},                                                                             \
			.everywhere = true,                                                                            \
			.least = 1,                                                                                    \
			.most = TRIAL_EVENTS_MAX,                                                                      \
			.within_us = TRIAL_EVENT_US                                                                    \
		}                                                                                                      \
	}

static const struct injection injections[] = {
	{.check = "illegal_command",
	 .passed = "CERROR_ILL reported, the command replaced, the queue went on",
	 .harmless = true,
	 .begin = begin_illegal},
	{.check = "queue_abort",
	 .passed = "CERROR_ABT reported, given up in time, and the queue works again",
	 .nowhere = true,
	 .begin = begin_queue_abort},
	{.check = "event_overflow",
	 .passed = "a full event queue is noticed, and events come again",
	 .address = IOVA_BAD,
	 .rounds = OVERFLOW_ROUNDS,
	 .unrecorded = true,
	 /* QEMU reports a full queue as EVENTQ_ABT_ERR. */
	 .expect = UNHEARD(LOSS_NOTICED),
	 .begin = begin_overflow,
	 .end = end_events},
	{.check = "event_abort",
	 .passed = "EVENTQ_ABT_ERR reported, and events come again",
	 .address = IOVA_BAD,
	 .nowhere = true,
	 .unrecorded = true,
	 .expect = UNHEARD(LOSS_ABORTED),
	 .begin = begin_misplaced,
	 .end = end_events},
	DAMAGE_ALL("bad_ste", SMMUV3_DAMAGE_STE, C_BAD_STE),
	DAMAGE_ALL("bad_cd", SMMUV3_DAMAGE_CD, C_BAD_CD),
	DAMAGE_ALL("cd_fetch", SMMUV3_DAMAGE_CD_POINTER, F_CD_FETCH),
	DAMAGE_ALL("walk_abort", SMMUV3_DAMAGE_TABLE, F_WALK_EABT),
	DAMAGE("access_flag", SMMUV3_DAMAGE_ACCESS_FLAG, F_ACCESS),
	DAMAGE("address_size", SMMUV3_DAMAGE_OUTPUT_SIZE, F_ADDR_SIZE),
	{.check = "translation_fault", .address = IOVA_BAD, .expect = EXPECT_STOPPED(1, F_TRANSLATION)},
	{.check = "permission_fault", .address = IOVA_READ_ONLY, .expect = EXPECT_STOPPED(1, F_PERMISSION)},
	{.check = "abort_all",
	 .harmless = true,
	 .address = STRAY,
	 .expect = {.end = TRIAL_STOPPED},
	 .begin = begin_abort_all,
	 .end = end_abort_all},
};

#define INJECTION_COUNT (sizeof(injections) / sizeof(injections[0]))

/* --- One injection. --- */

typedef void step(struct bringup *bringup, const struct injection *injection, unsigned int i);

static const char *unfit(const struct bringup *bringup, const struct injection *injection, unsigned int i)
{
	const struct smmuv3 *smmu = bringup->smmu[i];

	if (!is_ready(bringup, i)) {
		return "the instance is not ready";
	}
	if (bringup->quick && !injection->harmless) {
		return "selftest=quick leaves it out";
	}
	if (injection->address && !subjects[i].master) {
		return subjects[i].none;
	}
	if (injection->unrecorded && smmuv3_features(smmu)->stall_forced) {
		/* CMD_RESUME needs the STAG of a record that was not written. */
		return "every fault stalls here (IDR0.STALL_MODEL), and one that cannot be recorded would not end";
	}
	return (injection->nowhere || injection->damages) && !nowhere(smmu) ?
		       "no address is surely unused: the output size is below 40 bits" :
		       NULL;
}

static void provoke_begin(struct bringup *bringup, const struct injection *injection, unsigned int i)
{
	struct subject *subject = &subjects[i];

	subject->skip = unfit(bringup, injection, i);
	subject->failure = NULL;
	subject->begun = false;
	if (subject->skip) {
		return;
	}
	subject->aborted_events = smmuv3_counts(bringup->smmu[i])->aborted_events;
	subject->gerrors = smmuv3_counts(bringup->smmu[i])->gerrors;
	if (injection->address && subject->unmapped) {
		subject->failure = "its pages could not be mapped";
		return;
	}
	if (injection->damages) {
		subject->failure = damage(bringup, i, (enum smmuv3_damage)injection->damage);
	} else if (injection->begin) {
		subject->failure = injection->begin(bringup, i);
	}
	subject->begun = !subject->skip;
}

static void provoke_end(struct bringup *bringup, const struct injection *injection, unsigned int i)
{
	struct subject *subject = &subjects[i];
	const char *failure = NULL;

	if (!subject->begun) {
		return;
	}
	if (injection->damages) {
		failure = mend(i, (enum smmuv3_damage)injection->damage);
	} else if (injection->end) {
		failure = injection->end(bringup, i);
	}
	subject->failure = subject->failure ? subject->failure : failure;
}

static void provoke_report(struct bringup *bringup, const struct injection *injection, unsigned int i)
{
	const struct subject *subject = &subjects[i];

	if (subject->failure) {
		check_instance(bringup, injection->check, i, CHECK_FAIL, subject->failure);
	} else {
		check_instance(bringup, injection->check, i, subject->skip ? CHECK_SKIP : CHECK_PASS,
			       subject->skip ? subject->skip : injection->passed);
	}
}

static void for_each(struct bringup *bringup, const struct injection *injection, step *take)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		take(bringup, injection, i);
	}
}

static void provoke_on_all(struct bringup *bringup, const struct injection *injection)
{
	static const struct expectation arrives = EXPECT_ARRIVAL(TRIAL_ARRIVES);
	unsigned int rounds = injection->rounds;

	for_each(bringup, injection, provoke_begin);
	do {
		struct expectation expect = injection->expect;

		expect.loss = rounds > 1 ? LOSS_ANYHOW : expect.loss;
		provoke_run(bringup, injection->address, injection->rounds ? OVERFLOW_BYTES : TRIAL_SHORT, &expect, "");
	} while (rounds && --rounds);
	for_each(bringup, injection, provoke_end);
	provoke_run(bringup, IOVA_GOOD, TRIAL_SHORT, &arrives, "no DMA reaches memory afterwards: ");
	for_each(bringup, injection, provoke_report);
}

void provoke(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		provoke_choose(bringup, i);
	}
	for (size_t k = 0; k < INJECTION_COUNT; k++) {
		provoke_on_all(bringup, &injections[k]);
	}
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		let_go(&subjects[i]);
	}
	events_report(bringup);
}

PHASE(40, provoke, "provoke    errors, and the way back from them", provoke, NULL);
LINKED(provoke);
