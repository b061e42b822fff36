/* SPDX-License-Identifier: BSD-2-Clause */
/* registration_footprint and handover. */
#include "case.h"

#include "pci/registers.h"

/* --- A registration that touches another instance. --- */

static uint32_t changed_register;

/* Once smmu1 registers, smmu0's register reads otherwise. */
static uint32_t read_changed(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	bool changed = machine->phase == PHASE_REGISTER && smmu == 0 && offset == changed_register &&
		       machine->smmu[1].iommu.generation;

	return changed ? value ^ 0x100 : value;
}

#define CHANGES(register)                                                                                              \
	static void change_##register(struct machine * machine)                                                        \
	{                                                                                                              \
		changed_register = SMMU_##register;                                                                    \
		machine->reads = read_changed;                                                                         \
	}

#define CHANGED(register)                                                                                              \
	{                                                                                                              \
		.name = "registration_footprint: " #register " of another changes", .broken = change_##register,       \
		.differs = "fail registration_footprint smmu1", .says = "changed smmu0"                                \
	}

CHANGES(CR0)
CHANGES(CR1)
CHANGES(CR2)
CHANGES(GBPA)
CHANGES(IRQ_CTRL)
CHANGES(GERRORN)
CHANGES(STRTAB_BASE)
CHANGES(STRTAB_BASE_CFG)
CHANGES(CMDQ_BASE)
CHANGES(EVENTQ_BASE)
/* They change by themselves. */
CHANGES(EVENTQ_CONS)
CHANGES(CMDQ_CONS)

/* Registration stores into another's stream table. */
static uint32_t read_and_store(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	const struct smmuv3_stream_table *table = &machine->smmu[0].table;

	if (machine->phase == PHASE_REGISTER && smmu == 1 && offset == SMMU_CR0ACK &&
	    machine->smmu[1].iommu.generation && table->level1) {
		/* The last streams: Span is 0, so the SMMU does not look. */
		table->level1[(1U << (table->log2size - table->split)) - 1] |= 1ULL << 50;
	}
	return value;
}

static void store_into_another(struct machine *machine)
{
	machine->reads = read_and_store;
}

#define FAR_STREAM 0x7f00U	/* Needs a second level of its own. */
#define STREAM_BESIDE_M0 0x109U /* Has an entry already. */

/* The kind of B-01: it adds a stream to another instance, */
static int start_and_add(struct iommu_instance *iommu)
{
	if (machine_under_test->phase == PHASE_REGISTER && iommu->index == 1) {
		(void)smmuv3_ops.add_stream(&machine_under_test->smmu[0].iommu, FAR_STREAM);
	}
	return smmuv3_ops.start(iommu);
}

static void add_to_another(struct machine *machine)
{
	machine->ops[1].start = start_and_add;
}

/* or attaches one there. */
static int start_and_attach(struct iommu_instance *iommu)
{
	if (machine_under_test->phase == PHASE_REGISTER && iommu->index == 1) {
		(void)smmuv3_ops.attach(&machine_under_test->smmu[0].iommu, STREAM_BESIDE_M0, NULL);
	}
	return smmuv3_ops.start(iommu);
}

static void attach_to_another(struct machine *machine)
{
	machine->ops[1].start = start_and_attach;
}

static uint32_t read_changed_early(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	bool changed = machine->phase == PHASE_REGISTER && smmu == 1 && offset == SMMU_GBPA &&
		       iommu_state(&machine->smmu[0].iommu) == IOMMU_READY &&
		       iommu_state(&machine->smmu[1].iommu) == IOMMU_DESCRIBED;

	return changed ? value ^ 0x100 : value;
}

static void change_before_it_registers(struct machine *machine)
{
	machine->reads = read_changed_early;
}

static void leave_it_out(struct machine *machine, enum phase phase)
{
	machine->unusable[1] = phase == PHASE_REGISTER;
}

/* Unreadable: not looked at. */
static void read_changed_of_unusable(struct machine *machine)
{
	machine->before = leave_it_out;
	machine->reads = read_changed_early;
}

static void describe_one(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_REGISTER) {
		machine->bringup.smmu_count = 1;
	} else {
		machine->bringup.smmu_count = MACHINE_SMMUS;
	}
}

static void have_one(struct machine *machine)
{
	machine->before = describe_one;
}

/* --- A hand-over that leaves something. --- */

static uint32_t left_register, left_set, left_clear;

static uint32_t read_left(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	bool lies = machine->phase == PHASE_HAND_OVER && smmu == 1 && offset == left_register;

	return lies ? (value | left_set) & ~left_clear : value;
}

static void leave(struct machine *machine, uint32_t offset, uint32_t set, uint32_t clear)
{
	left_register = offset;
	left_set = set;
	left_clear = clear;
	machine->reads = read_left;
}

static void leave_it_on(struct machine *machine)
{
	leave(machine, SMMU_CR0ACK, CR0_SMMUEN, 0);
}

static void leave_a_queue_on(struct machine *machine)
{
	leave(machine, SMMU_CR0ACK, CR0_EVENTQEN, 0);
}

static void leave_it_open(struct machine *machine)
{
	leave(machine, SMMU_GBPA, 0, GBPA_ABORT);
}

static void leave_interrupts_on(struct machine *machine)
{
	leave(machine, SMMU_IRQ_CTRLACK, 1, 0);
}

static void leave_an_error(struct machine *machine)
{
	leave(machine, SMMU_GERROR, GERROR_PRIQ_ABT_ERR, 0);
}

static void gerror_before(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_HAND_OVER) {
		model_set_gerror(machine->model[1], GERROR_MSI_EVENTQ_ABT_ERR);
		smmuv3_poll_gerror(&machine->smmu[1]);
	}
}

static void have_erred(struct machine *machine)
{
	machine->before = gerror_before;
}

static void lose_an_event(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_HAND_OVER) {
		machine->smmu[1].counts.event_overflows++;
	}
}

static void have_lost(struct machine *machine)
{
	machine->before = lose_an_event;
}

static void late_event(struct machine *machine, enum phase phase)
{
	const uint64_t record[4] = {F_TRANSLATION | 0x308ULL << 32, 0, OTHER_ADDRESS, 0};

	if (phase == PHASE_HAND_OVER) {
		model_inject_event(machine->model[1], record);
	}
}

/* Unprovoked: reported and fatal, though the instance is in order. */
static void have_an_event(struct machine *machine)
{
	machine->before = late_event;
}

static void open_policy(struct machine *machine)
{
	machine->bringup.handover = SMMUV3_HANDOVER_BYPASS;
}

/* To be let through, and left to abort. */
static void leave_it_shut(struct machine *machine)
{
	open_policy(machine);
	leave(machine, SMMU_GBPA, GBPA_ABORT, 0);
}

static void fail_before(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_HAND_OVER) {
		(void)iommu_fail(&machine->smmu[1].iommu, "the test says so");
	}
}

static void fail_late(struct machine *machine)
{
	machine->before = fail_before;
}

static const struct check_case cases[] = {
	CHANGED(CR0),
	CHANGED(CR1),
	CHANGED(CR2),
	CHANGED(GBPA),
	CHANGED(IRQ_CTRL),
	CHANGED(GERRORN),
	CHANGED(STRTAB_BASE),
	CHANGED(STRTAB_BASE_CFG),
	CHANGED(CMDQ_BASE),
	CHANGED(EVENTQ_BASE),
	{.name = "registration_footprint: a store into the stream table of another",
	 .broken = store_into_another,
	 .differs = "fail registration_footprint smmu1",
	 .says = "changed smmu0"},
	{.name = "registration_footprint: a stream is added to another",
	 .broken = add_to_another,
	 .differs = "fail registration_footprint smmu1",
	 .says = "changed smmu0"},
	{.name = "registration_footprint: a stream is attached to another",
	 .broken = attach_to_another,
	 .differs = "fail registration_footprint smmu1",
	 .says = "changed smmu0"},
	{.name = "registration_footprint: the event queue goes on", .broken = change_EVENTQ_CONS},
	{.name = "registration_footprint: the command queue goes on", .broken = change_CMDQ_CONS},
	{.name = "registration_footprint: one that is not registered yet changes",
	 .broken = change_before_it_registers,
	 .differs = "fail registration_footprint smmu0",
	 .says = "changed smmu1"},
	{.name = "registration_footprint: one that cannot be read is not looked at",
	 .broken = read_changed_of_unusable,
	 .differs = "skip registration_footprint smmu0"},
	{.name = "registration_footprint: there is no other",
	 .broken = have_one,
	 .differs = "skip registration_footprint smmu0; pass registration_footprint smmu1",
	 .says = "no other instance"},

	{.name = "handover: SMMUEN stays",
	 .broken = leave_it_on,
	 .differs = "fail handover smmu1; fail left smmu1",
	 .says = "does not read"},
	{.name = "handover: EVENTQEN stays",
	 .broken = leave_a_queue_on,
	 .differs = "fail handover smmu1; fail left smmu1"},
	{.name = "handover: GBPA lets through",
	 .broken = leave_it_open,
	 .differs = "fail handover smmu1; fail left smmu1",
	 .says = "does not read"},
	{.name = "handover: interrupts stay",
	 .broken = leave_interrupts_on,
	 .differs = "fail handover smmu1; fail left smmu1"},
	{.name = "handover: an error is left",
	 .broken = leave_an_error,
	 .differs = "fail handover smmu1; fail left smmu1"},
	{.name = "handover: an error on the way",
	 .broken = have_erred,
	 .differs = "fail handover smmu1; fail left smmu1",
	 .says = "on the way"},
	{.name = "handover: events were lost on the way",
	 .broken = have_lost,
	 .differs = "fail handover smmu1; fail left smmu1",
	 .says = "on the way"},
	{.name = "handover: an event that was not provoked", .broken = have_an_event, .unexpected = 1},
	{.name = "handover: the policy is bypass", .broken = open_policy},
	{.name = "handover: the policy is bypass, and it aborts",
	 .broken = leave_it_shut,
	 .differs = "fail handover smmu1; fail left smmu1"},
	{.name = "handover: the instance has failed before",
	 .broken = fail_late,
	 .differs = "skip handover smmu1; gone left smmu1; fail verdict machine",
	 .says = "not ready"},
};

int main(void)
{
	return cases_run("instances", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
