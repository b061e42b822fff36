/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Proves each SMMU's interrupts one by one: an error without an event, and an event without an error. Does the line
 * that is described for it come, another SMMU's, or one that no table names?
 */
#include <inttypes.h>
#include <stddef.h>

#include "base/arch.h"
#include "base/feature.h"
#include "checks/difference.h"
#include "checks/phase.h"
#include "checks/trial.h"
#include "irqchip/irqchip.h"
#include "report/print.h"
#include "report/record.h"
#include "smmuv3/damage.h"

#define HEARD_MAX 8U

enum line { LINE_EVENTQ, LINE_GERROR, LINES };

OPTIONAL(irqchip_listen);
OPTIONAL(irqchip_heard);
OPTIONAL(irqchip_listen_end);

static const struct {
	const char *name; /* The binding's. */
	const char *words;
	const char *cause;
} lines[LINES] = {
	[LINE_EVENTQ] = {"eventq", "event queue", "an event"},
	[LINE_GERROR] = {"gerror", "global error", "an error"},
};

enum proof { PROOF_UNTRIED, PROOF_NONE, PROOF_OWN };

struct line_state {
	uint32_t before; /* How often its handler had run. */
	enum proof proof;
	uint32_t runs; /* For the one cause. */
};

static struct line_state state[DESCRIPTION_SMMUS_MAX][LINES];

/* --- What has come. --- */

static uint32_t lines_runs_of(const struct bringup *bringup, unsigned int smmu, enum line line)
{
	const struct smmuv3_counts *counts = smmuv3_counts(bringup->smmu[smmu]);

	return line == LINE_EVENTQ ? counts->event_interrupts : counts->gerror_interrupts;
}

static uint32_t lines_came(const struct bringup *bringup, unsigned int smmu, enum line line)
{
	return lines_runs_of(bringup, smmu, line) - state[smmu][line].before;
}

static void lines_note_runs(const struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		state[i][LINE_EVENTQ].before = lines_runs_of(bringup, i, LINE_EVENTQ);
		state[i][LINE_GERROR].before = lines_runs_of(bringup, i, LINE_GERROR);
	}
}

static const struct irq_description *lines_described(const struct bringup *bringup, unsigned int smmu, enum line line)
{
	unsigned int described;
	const struct smmu_description *from = difference_described(bringup, smmu, &described);

	return !from ? NULL : line == LINE_EVENTQ ? &from->eventq : &from->gerror;
}

static bool lines_is_wired(const struct bringup *bringup, unsigned int smmu, enum line line)
{
	struct smmuv3_facts facts = smmuv3_facts(bringup->smmu[smmu]);

	return line == LINE_EVENTQ ? facts.event_interrupt : facts.gerror_interrupt;
}

/* --- One cause. --- */

static struct master *lines_master_on(const struct bringup *bringup, unsigned int smmu)
{
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		struct master *master = &bringup->master[i];

		if (!trial_unfit(master, USE_REPEATED) && trial_instance(master) == smmu) {
			return master;
		}
	}
	return NULL;
}

/* One DMA, as before anything was mapped. False: no master can make one, or it is not reported. */
static bool lines_make_event(struct bringup *bringup, unsigned int smmu)
{
	static struct trial trial;
	struct master *master = lines_master_on(bringup, smmu);
	bool reported;

	if (!master) {
		return false;
	}
	trial = (struct trial){
		.master = master,
		.smmu = smmu,
		.sid = trial_sid(master),
		.write = true,
		.stray = true,
		.address = arch_phys(master->page[0]),
		.memory = master->page[0],
		.length = trial_length(master, TRIAL_SHORT),
		.expect = EXPECT_STOPPED(1, F_TRANSLATION, C_BAD_STREAMID, C_BAD_STE),
	};
	trials_run(bringup, &trial, 1);
	reported = trial_judge(bringup, &trial) == CHECK_PASS;
	events_report(bringup);
	return reported;
}

static bool lines_make(struct bringup *bringup, unsigned int smmu, enum line line)
{
	return line == LINE_EVENTQ ? lines_make_event(bringup, smmu) :
				     smmuv3_provoke_illegal_command(bringup->smmu[smmu]) == 0;
}

/* --- Another line. --- */

static void lines_differ(struct bringup *bringup, unsigned int smmu, const char *words)
{
	compare_differ(bringup, DIFFERENCE_OF_INTERRUPT, "hardware", smmuv3_iommu(bringup->smmu[smmu])->name, "%s",
		       words);
}

static bool lines_find_other(struct bringup *bringup, unsigned int smmu, enum line line)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		for (enum line other = LINE_EVENTQ; other < LINES; other++) {
			if (lines_came(bringup, i, other)) {
				compare_differ(bringup, DIFFERENCE_OF_INTERRUPT, "hardware",
					       smmuv3_iommu(bringup->smmu[smmu])->name,
					       "%s of it raises the interrupt that is described as the %s of %s, and "
					       "not its own",
					       lines[line].cause,
					       other == LINE_EVENTQ ? "event queue's" : "global errors'",
					       smmuv3_iommu(bringup->smmu[i])->name);
				return true;
			}
		}
	}
	return false;
}

/* What comes while `makes` makes the cause, or nothing is made. */
static unsigned int lines_listen(struct bringup *bringup, unsigned int smmu, enum line line, bool makes,
				 uint32_t heard[HEARD_MAX])
{
	unsigned int count = 0;

	if (!irqchip_listen()) {
		return 0;
	}
	if (!makes) {
		arch_sleep_us(TRIAL_SILENCE_US);
	} else if (!lines_make(bringup, smmu, line)) {
		irqchip_listen_end();
		return 0;
	}
	for (uint32_t intid = 0; count < HEARD_MAX && irqchip_heard(intid, &intid); intid++) {
		heard[count++] = intid;
	}
	irqchip_listen_end();
	return count;
}

static bool lines_is_among(const uint32_t *heard, unsigned int count, uint32_t intid)
{
	unsigned int i = 0;

	while (i < count && heard[i] != intid) {
		i++;
	}
	return i < count;
}

/* The first that comes with the cause alone: what comes without one is another device's. False: none. */
static bool lines_hear(struct bringup *bringup, unsigned int smmu, enum line line, uint32_t *intid)
{
	uint32_t heard[HEARD_MAX], others[HEARD_MAX];
	unsigned int count = lines_listen(bringup, smmu, line, true, heard);
	unsigned int other_count = count ? lines_listen(bringup, smmu, line, false, others) : 0;
	unsigned int i = 0;

	(void)events_drain(bringup);
	while (i < count && lines_is_among(others, other_count, heard[i])) {
		i++;
	}
	*intid = i < count ? heard[i] : 0;
	return i < count;
}

static void lines_name_heard(struct bringup *bringup, unsigned int smmu, enum line line, uint32_t intid)
{
	const struct irq_description *irq = lines_described(bringup, smmu, line);
	char words[TRIAL_WORDS];

	if (!irq) {
		return;
	}
	if (irq->intid != intid) {
		format_text(words, sizeof(words),
			    "its %s interrupt comes as INTID %" PRIu32 ", and is described as INTID %" PRIu32,
			    lines[line].words, intid, irq->intid);
	} else if (!irq->edge) {
		format_text(words, sizeof(words),
			    "its %s interrupt (INTID %" PRIu32 ") is a pulse, and is described as a level",
			    lines[line].words, intid);
	} else {
		format_text(words, sizeof(words),
			    "its %s interrupt (INTID %" PRIu32 ") comes, and does not reach the core",
			    lines[line].words, intid);
	}
	lines_differ(bringup, smmu, words);
}

/* Told here, and not once more as one that never came. */
static void lines_unwire(struct bringup *bringup, unsigned int smmu, enum line line)
{
	struct smmuv3_facts facts = smmuv3_facts(bringup->smmu[smmu]);

	smmuv3_set_wired(bringup->smmu[smmu], facts.event_interrupt && line != LINE_EVENTQ,
			 facts.gerror_interrupt && line != LINE_GERROR);
}

/* --- The proof. --- */

static void lines_prove(struct bringup *bringup, unsigned int smmu, enum line line)
{
	struct line_state *own = &state[smmu][line];
	uint32_t intid;

	lines_note_runs(bringup);
	if (!lines_make(bringup, smmu, line)) {
		return;
	}
	own->runs = lines_came(bringup, smmu, line);
	own->proof = own->runs ? PROOF_OWN : PROOF_NONE;
	if (own->runs || lines_find_other(bringup, smmu, line)) {
		return;
	}
	/* An interrupt that is not described is not enabled in the SMMU either. */
	if (lines_is_wired(bringup, smmu, line) && is_linked(irqchip_listen) &&
	    lines_hear(bringup, smmu, line, &intid)) {
		lines_name_heard(bringup, smmu, line, intid);
		lines_unwire(bringup, smmu, line);
	}
}

static void lines_record_one(struct record *record, const struct bringup *bringup, unsigned int smmu, enum line line)
{
	const struct irq_description *irq = lines_described(bringup, smmu, line);
	const struct line_state *own = &state[smmu][line];

	record_open(record, NULL, '{');
	record_string(record, "line", lines[line].name);
	if (irq && irq->present) {
		record_count(record, "intid", irq->intid);
	} else {
		record_null(record, "intid");
	}
	record_string(record, "trigger", !irq || !irq->present ? NULL : irq->edge ? "edge" : "level");
	if (own->proof == PROOF_UNTRIED) {
		record_null(record, "proven");
	} else {
		record_bool(record, "proven", own->proof == PROOF_OWN);
	}
	record_count(record, "came", own->runs);
	record_close(record, '}');
}

static void lines_record(const struct bringup *bringup, unsigned int smmu)
{
	struct record record;

	record_begin(&record, "interrupts");
	record_string(&record, "instance", bringup->smmu_name[smmu]);
	record_open(&record, "interrupts", '[');
	for (enum line line = LINE_EVENTQ; line < LINES; line++) {
		lines_record_one(&record, bringup, smmu, line);
	}
	record_close(&record, ']');
	record_end(&record);
}

static void lines_prove_all(struct bringup *bringup)
{
	unsigned int wired = 0;
	unsigned int proven = 0;

	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (iommu_state(smmuv3_iommu(bringup->smmu[i])) != IOMMU_READY) {
			continue;
		}
		for (enum line line = LINE_EVENTQ; line < LINES; line++) {
			wired += lines_is_wired(bringup, i, line);
			lines_prove(bringup, i, line);
			proven += state[i][line].proof == PROOF_OWN;
		}
		lines_record(bringup, i);
	}
	print("interrupts %u of %u come, each as it is described for what it tells of\n", proven, wired);
	difference_say_unsaid(bringup);
}

/* Before what never came is told. */
PHASE(41, lines_prove_all, NULL, lines_prove_all, NULL);
