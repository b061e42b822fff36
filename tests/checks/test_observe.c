/* SPDX-License-Identifier: BSD-2-Clause */
/* blocked_before_attach, and whether what was observed is what is described. */
#include "case.h"

/* A master whose stream was not seen where it is described is tried no more. */
#define NOT_PROVED(master)                                                                                             \
	"skip translate " master "; skip read_only " master "; skip unmap " master "; skip isolation " master

static void bypass_undescribed(struct machine *machine, enum phase phase)
{
	const struct smmuv3_domain_config config = {.kind = SMMUV3_BYPASS};
	const struct iommu_link *m1 = &machine->master[1].iommu.link[0];
	struct smmuv3_domain *domain;

	if (phase == PHASE_OBSERVE && smmuv3_domain_make(&machine->smmu[0], &config, &domain) == 0) {
		(void)smmuv3_ops.attach(m1->iommu, m1->sid[0], &domain->domain);
	}
}

static void let_m1_bypass(struct machine *machine)
{
	machine->before = bypass_undescribed;
}

static void abort_m1(struct machine *machine, enum phase phase)
{
	const struct iommu_link *m1 = &machine->master[1].iommu.link[0];

	if (phase == PHASE_OBSERVE) {
		smmuv3_ops.quarantine(m1->iommu, m1->sid[0]);
	}
}

static void silence_m1(struct machine *machine)
{
	machine->before = abort_m1;
}

/* m2 is described with the stream of m3's bus: its own is nobody's. */
static uint32_t wrong_sid[] = {0x508};

static void describe_wrongly(struct machine *machine)
{
	machine->master[2].iommu.sid[0] = wrong_sid[0];
}

static const struct check_case cases[] = {
	LIE("observe: memory is reached, and an event besides", "m1", AT_OBSERVE, BYTES(ALL_THE_SAME),
	    "fail blocked_before_attach m1; fail match m1; " NOT_PROVED("m1"), .says = "reached memory"),
	LIE("observe: it goes past every SMMU", "m1", AT_OBSERVE, BYTES(ALL_THE_SAME) COMMA TOLD(NOTHING),
	    "fail blocked_before_attach m1; fail match m1; " NOT_PROVED("m1"), .says = "reached memory"),
	LIE("observe: nothing is told", "m3", AT_OBSERVE, TOLD(NOTHING),
	    "fail blocked_before_attach m3; fail match m3; " NOT_PROVED("m3"), .says = "no SMMU says"),
	LIE("observe: another stream", "m1", AT_OBSERVE, TOLD_WITH(SID, NOBODYS_SID),
	    "fail match m1; " NOT_PROVED("m1"), .says = "0x999"),
	LIE("observe: another instance", "m3", AT_OBSERVE, TOLD(INSTANCE), "fail match m3; " NOT_PROVED("m3"),
	    .says = "smmu0"),
	LIE("observe: an event at another address is none of its own", "m1", AT_OBSERVE,
	    TOLD_WITH(ADDRESS, OTHER_ADDRESS), "fail match m1; fail blocked_before_attach m1; " NOT_PROVED("m1"),
	    .unexpected = 1),
	LIE("observe: a doorbell's event alone", "m1", AT_OBSERVE, TOLD(INSTEAD),
	    "fail match m1; fail blocked_before_attach m1; " NOT_PROVED("m1"), .unexpected = 1),
	LIE("observe: an event of the other direction", "m2", AT_OBSERVE, TOLD(DIRECTION),
	    "fail match m2; fail blocked_before_attach m2; " NOT_PROVED("m2"), .unexpected = 1),
	LIE("observe: a stranger's event besides", "m1", AT_OBSERVE, TOLD_WITH(STRANGER, NOBODYS_SID), NULL,
	    .unexpected = 1),
	LIE("observe: a doorbell's event besides", "m1", AT_OBSERVE, TOLD(MSI), NULL, .unexpected = 1),
	LIE("observe: a neighbour's event besides", "m1", AT_OBSERVE, TOLD_WITH(NEIGHBOUR, 3), NULL, .unexpected = 1),
	{.name = "observe: a stranger's event is not taken for a master that is silent",
	 .lie = {{.of = "m1", .when = AT_OBSERVE, TOLD(NOTHING)},
		 {.of = "m0", .when = AT_OBSERVE, TOLD_WITH(STRANGER, NOBODYS_SID)}},
	 .differs = "fail match m1; fail blocked_before_attach m1; " NOT_PROVED("m1"),
	 .unexpected = 1},
	LIE("observe: an event late", "m2", AT_OBSERVE, TOLD_WITH(LATE, 20000), NULL),
	LIE("observe: a slow device", "m2", AT_OBSERVE, .polls = 20, NULL),
	LIE("observe: it is tried again", "m1", AT_OBSERVE, TOLD(TWICE), NULL),
	LIE("observe: the device reports that it was stopped", "m0", AT_OBSERVE, .poll = -EIO, NULL),
	{.name = "observe: a stream bypasses while nothing is mapped",
	 .broken = let_m1_bypass,
	 .differs = "fail blocked_before_attach m1; fail match m1; " NOT_PROVED("m1"),
	 .says = "reached memory"},
	{.name = "observe: a stream is denied in silence",
	 .broken = silence_m1,
	 .differs = "fail blocked_before_attach m1; fail match m1; " NOT_PROVED("m1"),
	 .says = "no SMMU says"},
	{.name = "observe: a wrong description",
	 .broken = describe_wrongly,
	 .differs = "fail match m2; " NOT_PROVED("m2"),
	 .says = "0x308"},
};

int main(void)
{
	return cases_run("observe", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
