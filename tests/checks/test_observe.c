/* SPDX-License-Identifier: BSD-2-Clause */
/* blocked_before_attach, and observed against described. */
#include "case.h"
#include "checks/trial.h"
#include "pci/registers.h"

/* Not seen where described: the master is not tried further. */
#define NOT_PROVED(master)                                                                                             \
	"skip translate " master "; skip read_only " master "; skip unmap " master "; skip isolation " master

#define NOT_PROVOKED(smmu)                                                                                             \
	"skip event_overflow " smmu "; skip event_abort " smmu "; skip bad_ste " smmu "; skip bad_cd " smmu            \
	"; skip cd_fetch " smmu "; skip walk_abort " smmu "; skip access_flag " smmu "; skip address_size " smmu       \
	"; skip translation_fault " smmu "; skip permission_fault " smmu "; skip abort_all " smmu

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

/* m2 has m3's bus's stream; no master has its own. */
static uint32_t wrong_sid[] = {0x508};

static void describe_wrongly(struct machine *machine)
{
	machine->master[2].iommu.sid[0] = wrong_sid[0];
}

/* --- Masters that no SMMU is described for. --- */

static void forget_m3(struct machine *machine)
{
	struct iommu_master *iommu = &machine->master[3].iommu;

	(void)iommu_master_remove(&machine->core, iommu);
	iommu->link_count = 0;
	(void)iommu_master_add(&machine->core, iommu);
}

/* --- Where it may go on. --- */

static void look_at_m1s_bus(struct machine *machine, enum phase phase)
{
	bool on = pci_read32(machine->master[1].pci, PCI_COMMAND) & PCI_COMMAND_BUS_MASTER;

	if (phase == PHASE_PROVE) {
		machine_found(machine->master[1].observation.match ? "stays_on_the_bus" : "off_the_bus", "m1",
			      on == machine->master[1].observation.match);
	}
}

static void watch_m1s_bus(struct machine *machine)
{
	machine->before = look_at_m1s_bus;
}

#define NOT_DESCRIBED(title, lies, match, ...)                                                                         \
	{                                                                                                              \
		.name = "observe: no SMMU is described: " title, .lie = {{.of = "m3", .when = AT_OBSERVE, lies}},      \
		.broken = forget_m3,                                                                                   \
		.differs = match " match m3; skip blocked_before_attach m3; told pci m3; " NOT_PROVED("m3"),           \
		__VA_ARGS__                                                                                            \
	}

static const struct check_case cases[] = {
	LIE("observe: memory is reached, and an event besides", "m1", AT_OBSERVE, BYTES(ALL_THE_SAME),
	    "fail blocked_before_attach m1; fail match m1; " NOT_PROVED("m1"), .says = "reached memory"),
	LIE("observe: it goes past every SMMU", "m1", AT_OBSERVE, BYTES(ALL_THE_SAME) COMMA TOLD(NOTHING),
	    "fail blocked_before_attach m1; fail match m1; " NOT_PROVED("m1"), .says = "reached memory"),
	LIE("observe: nothing is told", "m3", AT_OBSERVE, TOLD(NOTHING),
	    "fail blocked_before_attach m3; fail match m3; " NOT_PROVED("m3"), .says = "without an event"),
	LIE("observe: another stream", "m1", AT_OBSERVE, TOLD_WITH(SID, UNOWNED_SID),
	    "fail match m1; " NOT_PROVED("m1"), .says = "0x999"),
	{.name = "observe: two are off alike: one finding",
	 .lie = {{.of = "m2", .when = AT_OBSERVE, TOLD_WITH(SID, 0x388)},
		 {.of = "m3", .when = AT_OBSERVE, TOLD_WITH(SID, 0x488)}},
	 .differs = "fail match m2; fail match m3; m2 with m3; " NOT_PROVED("m2") "; " NOT_PROVED(
		 "m3") "; " NOT_PROVOKED("smmu1")},
	{.name = "observe: two are off, each by itself",
	 .lie = {{.of = "m2", .when = AT_OBSERVE, TOLD_WITH(SID, 0x388)},
		 {.of = "m3", .when = AT_OBSERVE, TOLD_WITH(SID, 0x489)}},
	 .differs = "fail match m2; fail match m3; " NOT_PROVED("m2") "; " NOT_PROVED("m3") "; " NOT_PROVOKED("smmu1")},
	LIE("observe: another instance", "m3", AT_OBSERVE, TOLD(INSTANCE), "fail match m3; " NOT_PROVED("m3"),
	    .says = "smmu0"),
	LIE("observe: an event at another address is none of its own", "m1", AT_OBSERVE,
	    TOLD_WITH(ADDRESS, OTHER_ADDRESS), "fail match m1; fail blocked_before_attach m1; " NOT_PROVED("m1"),
	    .unexpected = 1),
	LIE("observe: a doorbell's event alone", "m1", AT_OBSERVE, TOLD(INSTEAD),
	    "fail match m1; fail blocked_before_attach m1; " NOT_PROVED("m1"), .unexpected = 1),
	LIE("observe: an event of the other direction", "m2", AT_OBSERVE, TOLD(DIRECTION),
	    "fail match m2; fail blocked_before_attach m2; " NOT_PROVED("m2"), .unexpected = 1),
	LIE("observe: a stranger's event besides", "m1", AT_OBSERVE, TOLD_WITH(STRANGER, UNOWNED_SID), NULL,
	    .unexpected = 1),
	LIE("observe: a doorbell's event besides", "m1", AT_OBSERVE, TOLD(MSI), NULL, .unexpected = 1),
	LIE("observe: a neighbour's event besides", "m1", AT_OBSERVE, TOLD_WITH(NEIGHBOUR, 3), NULL, .unexpected = 1),
	{.name = "observe: a stranger's event is not taken for a master that is silent",
	 .lie = {{.of = "m1", .when = AT_OBSERVE, TOLD(NOTHING)},
		 {.of = "m0", .when = AT_OBSERVE, TOLD_WITH(STRANGER, UNOWNED_SID)}},
	 .differs = "fail match m1; fail blocked_before_attach m1; " NOT_PROVED("m1"),
	 .unexpected = 1},
	LIE("observe: a stranger's event, of a master that is silent", "m1", AT_OBSERVE,
	    TOLD_WITH(STRANGER_INSTEAD, UNOWNED_SID), "fail match m1; fail blocked_before_attach m1; " NOT_PROVED("m1"),
	    .unexpected = 1, .says_not = "0x999"),
	LIE("observe: an event that no unmapped DMA leads to", "m1", AT_OBSERVE, TOLD_WITH(CODE, F_PERMISSION),
	    "fail match m1; fail blocked_before_attach m1; " NOT_PROVED("m1"), .unexpected = 1),
	LIE("observe: the device is never done", "m1", AT_OBSERVE, .never = true, "fail blocked_before_attach m1",
	    .says = "did not end"),
	LIE("observe: the device cannot make such a DMA", "m1", AT_OBSERVE,
	    BYTES(NONE) COMMA TOLD(NOTHING) COMMA.start = -ERANGE,
	    "skip blocked_before_attach m1; gone match m1; " NOT_PROVED("m1"), .says = "cannot make such a DMA"),
	LIE("observe: an event that comes too late", "m1", AT_OBSERVE, TOLD_WITH(LATE, TRIAL_EVENT_US + 4000),
	    "fail blocked_before_attach m1", .says = "later than it should"),
	NOT_DESCRIBED("its DMA is seen", .bytes = BYTES_HONEST, "fail", .says = "0x408"),
	NOT_DESCRIBED("it comes to nothing", TOLD(NOTHING), "pass"),
	NOT_DESCRIBED("it reaches memory", BYTES(ALL_THE_SAME) COMMA TOLD(NOTHING), "pass"),
	{.name = "observe: one that comes out elsewhere is taken off the bus",
	 .lie = {{.of = "m1", .when = AT_OBSERVE, TOLD_WITH(SID, UNOWNED_SID)}},
	 .broken = watch_m1s_bus,
	 .differs = "fail match m1; pass off_the_bus m1; " NOT_PROVED("m1")},
	{.name = "observe: one that comes out where it should stays on the bus",
	 .broken = watch_m1s_bus,
	 .differs = "pass stays_on_the_bus m1"},
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
	 .says = "without an event"},
	{.name = "observe: a wrong description",
	 .broken = describe_wrongly,
	 .differs = "fail match m2; " NOT_PROVED("m2"),
	 .says = "0x308"},
};

int main(void)
{
	return cases_run("observe", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
