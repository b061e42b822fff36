/* SPDX-License-Identifier: BSD-2-Clause */
/* Other machines: lesser SMMUs, undriven masters, interrupts, the event log. */
#include "case.h"

#include "checks/events.h"

#define IDR0_STALLS_FORCED (2U << 24)
#define IDR5_OUTPUT_36_BITS 0x71U
#define STORM 9000U /* Above SMMUV3_STORM_EVENTS. */

/* No address is surely without a device: not shown. */
#define NOWHERE(smmu)                                                                                                  \
	"skip queue_abort " smmu "; skip event_abort " smmu "; skip bad_ste " smmu "; skip bad_cd " smmu               \
	"; skip cd_fetch " smmu "; skip walk_abort " smmu "; skip access_flag " smmu "; skip address_size " smmu
#define NOT_PROVED(master, result)                                                                                     \
	result " translate " master "; " result " read_only " master "; " result " unmap " master "; " result          \
	       " isolation " master

#define NOT_THERE(master) NOT_PROVED(master, "gone") "; gone match " master "; gone blocked_before_attach " master ";"

static void without_gbpa(struct machine *machine)
{
	machine->config.gbpa = false;
}

static void without_stage_1(struct machine *machine)
{
	machine->config.idr[0] = model_s2_only.idr[0];
}

static void with_small_output(struct machine *machine)
{
	machine->config.idr[5] = IDR5_OUTPUT_36_BITS;
}

static void with_forced_stalls(struct machine *machine)
{
	machine->config.idr[0] |= IDR0_STALLS_FORCED;
}

/* --- Who may be driven. --- */

/* Mapped one to one for it, where the checks try addresses. */
static void keep_region(struct machine *machine)
{
	struct iommu_master *iommu = &machine->master[1].iommu;

	iommu->region[0] = (struct iommu_region){.base = 0x01010000, .size = 0x1000, .access = IOMMU_READ};
	iommu->region_count = 1;
}

static void remake_m1_with_a_region(struct machine *machine)
{
	struct iommu_master *iommu = &machine->master[1].iommu;

	(void)iommu_master_remove(&machine->core, iommu);
	keep_region(machine);
	(void)iommu_master_add(&machine->core, iommu);
}

static void soak_with_a_region(struct machine *machine)
{
	remake_m1_with_a_region(machine);
	machine->soak = 1;
}

static void soak_without_masters(struct machine *machine)
{
	machine->bringup.master_count = 0;
	machine->soak = 1;
}

static int cannot_probe(struct master *master)
{
	(void)master;
	return -ENODEV;
}

static void refuse_m0(struct machine *machine)
{
	machine->driver[0].probe = cannot_probe;
}

/* smmu0's first master translates nothing: another serves provoke(). */
#define DEAD_AT(moment)                                                                                                \
	{                                                                                                              \
		.of = "m0", .when = (moment), .start = -EIO, .bytes = BYTES_NONE, .told = TOLD_NOTHING                 \
	}

/* --- What interrupts notice. --- */

static void fail_smmu1(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_PROVE) {
		model_set_gerror(machine->model[1], GERROR_SFM_ERR);
		smmuv3_poll_gerror(&machine->smmu[1]);
	}
}

static void enter_service_failure(struct machine *machine)
{
	machine->before = fail_smmu1;
}

static void storm(struct machine *machine, enum phase phase)
{
	const uint64_t record[4] = {F_TRANSLATION | 0x208ULL << 32, 0, OTHER_ADDRESS, 0};

	for (unsigned int i = 0; i < STORM && phase == PHASE_HAND_OVER; i++) {
		model_inject_event(machine->model[0], record);
		smmuv3_poll_events(&machine->smmu[0]);
	}
	attend(&machine->bringup);
}

static void let_m1_storm(struct machine *machine)
{
	machine->before = storm;
}

/* --- The log of events: it may not fill for others, nor forget. --- */

static void fill_log(struct machine *machine, enum phase phase)
{
	for (unsigned int i = 0; i < EVENTS_MAX && phase == PHASE_OBSERVE; i++) {
		const struct smmuv3_event event = {
			.code = F_TRANSLATION, .sid = UNOWNED_SID, .has_access = true, .address = i * 0x1000ULL};

		events_log(&machine->smmu[1], &event);
	}
}

static void begin_with_a_full_log(struct machine *machine)
{
	machine->before = fill_log;
}

/* Sixteen streams that no table describes, each all over. */
static void fill_log_by_many(struct machine *machine, enum phase phase)
{
	for (unsigned int i = 0; i < 16 * EVENTS_OF_STREAM_MAX && phase == PHASE_OBSERVE; i++) {
		const struct smmuv3_event event = {.code = F_TRANSLATION,
						   .sid = UNOWNED_SID + i % 16,
						   .has_access = true,
						   .address = i * 0x1000ULL};

		events_log(&machine->smmu[1], &event);
	}
}

static void begin_with_a_log_full_of_many(struct machine *machine)
{
	machine->before = fill_log_by_many;
}

/* --- A denied device that faults all the time: it hides no master's events, and its events are no master's. --- */

/* Each event another page: all of a stream's places in the log. */
static void scan_out(struct machine *machine)
{
	machine->scan_out = (struct scan_out){F_TRANSLATION, 0, UNOWNED_SID, 400, 300};
	machine->soak = 1;
}

static void scan_out_without_an_address(struct machine *machine)
{
	machine->scan_out = (struct scan_out){C_BAD_STREAMID, 1, UNOWNED_SID, 400, 1};
	machine->soak = 1;
}

#define SCANNED_OUT                                                                                                    \
	.differs = "fail soak machine", .endless = true, .unexpected = 30, .says = "events that no trial expected"

/* --- A stream that two masters emit: m1 is behind the bridge of m0, and m1's own bus is empty. --- */

static void share_stream(struct machine *machine)
{
	struct iommu_master *m1 = &machine->master[1].iommu;

	(void)iommu_master_remove(&machine->core, m1);
	machine->pci.function[MACHINE_MASTERS + 1].parent = 0;
	machine->pci.function[MACHINE_MASTERS + 1].requester_id = machine->pci.function[MACHINE_MASTERS].requester_id;
	m1->sid[0] = machine->master[0].iommu.sid[0];
	(void)iommu_master_add(&machine->core, m1);
}

static void share_stream_with_one_unfit(struct machine *machine)
{
	share_stream(machine);
	refuse_m0(machine);
}

static const struct check_case cases[] = {
	{.name = "an SMMU without GBPA",
	 .configure = without_gbpa,
	 .differs = "skip abort_all smmu0; skip abort_all smmu1; skip handover smmu0; skip handover smmu1; "
		    "skip left smmu0; skip left smmu1",
	 .says = "GBPA"},
	{.name = "an SMMU of stage 2",
	 .configure = without_stage_1,
	 .differs = "skip bad_cd smmu0; skip bad_cd smmu1; skip cd_fetch smmu0; skip cd_fetch smmu1",
	 .says = "no such part"},
	{.name = "an SMMU of 36 bits",
	 .configure = with_small_output,
	 .differs = NOWHERE("smmu0") ";" NOWHERE("smmu1")},
	{.name = "an SMMU where every fault stalls",
	 .configure = with_forced_stalls,
	 .differs = "skip event_overflow smmu0; skip event_overflow smmu1; skip event_abort smmu0; "
		    "skip event_abort smmu1",
	 .says = "stalls"},

	{.name = "a direct region where addresses would be tried",
	 .broken = remake_m1_with_a_region,
	 .differs = NOT_PROVED("m1", "skip"),
	 .says = "direct region"},
	{.name = "a direct region, in the soak",
	 .broken = soak_with_a_region,
	 .differs = NOT_PROVED("m1", "skip") "; pass soak machine"},
	{.name = "no master at all, in the soak",
	 .broken = soak_without_masters,
	 .differs = "fail soak machine; fail verdict machine;" INJECTIONS_OF_DMA("skip", "smmu0") ";" INJECTIONS_OF_DMA(
		 "skip", "smmu1") ";" NOT_THERE("m0") NOT_THERE("m1") NOT_THERE("m2") NOT_THERE("m3")},
	{.name = "a device that is not what its driver is for",
	 .broken = refuse_m0,
	 .differs = "skip blocked_before_attach m0; gone match m0;" NOT_PROVED("m0", "skip"),
	 .says = "not what its driver is for"},
	{.name = "a master whose translate failed serves no other check",
	 .lie = {DEAD_AT(AT_TRANSLATE), DEAD_AT(AT_INJECTION), DEAD_AT(AT_RECOVERY)},
	 .differs = "fail translate m0"},

	{.name = "a stream that has been tried with another master",
	 .broken = share_stream,
	 .differs = NOT_PROVED("m1", "skip"),
	 .says = "its stream has been tried with another master"},
	{.name = "a stream that failed with another master is tried with the next",
	 .broken = share_stream,
	 .lie = {{.of = "m0", .when = AT_TRANSLATE, .bytes = BYTES_WRONG}},
	 .differs = "fail translate m0"},
	{.name = "a stream whose other master cannot be driven is tried with the next",
	 .broken = share_stream_with_one_unfit,
	 .differs = "skip blocked_before_attach m0; gone match m0;" NOT_PROVED("m0", "skip"),
	 .says = "not what its driver is for"},

	{.name = "a display that scans out beside every check", .broken = scan_out, SCANNED_OUT},
	{.name = "a display that scans out is no silent master's stream",
	 .broken = scan_out_without_an_address,
	 .lie = {{.of = "m2", .when = AT_OBSERVE, .told = TOLD_NOTHING}},
	 .differs = "fail blocked_before_attach m2; fail match m2; fail soak machine;" NOT_PROVED("m2", "skip"),
	 .endless = true,
	 .unexpected = 30,
	 .says = "without an event"},
	{.name = "a display that scans out, without an address", .broken = scan_out_without_an_address, SCANNED_OUT},

	{.name = "an instance enters service failure mode",
	 .broken = enter_service_failure,
	 .differs = NOT_PROVED("m2", "fail") ";" NOT_PROVED("m3", "fail") ";" INJECTIONS(
		 "skip", "smmu1") "; skip handover smmu1; gone left smmu1"},
	{.name = "a storm is told, and fails the run", .broken = let_m1_storm, .unexpected = 1},
	{.name = "a full log of others' events", .broken = begin_with_a_full_log, .unexpected = 64},
	{.name = "a log full of many others' events",
	 .broken = begin_with_a_log_full_of_many,
	 .unexpected = EVENTS_MAX / 2},
};

int main(void)
{
	return cases_run("machines", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
