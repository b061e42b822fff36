/* SPDX-License-Identifier: BSD-2-Clause */
/* Per instance: provoked, reported, and the DMA afterwards. m0 serves smmu0, m2 smmu1. */
#include "case.h"

#define RESERVED_OPCODE 0xffU
#define OPCODE_TLBI_NSNH_ALL 0x30U
#define COMMAND_DWORDS 2U

/* An injection's DMA, and the one afterwards. */
#define INJECTION(title, check_name, lies, differ, ...)                                                                \
	{                                                                                                              \
		.name = check_name ": " title,                                                                         \
		.lie = {{.of = "m0", .when = AT_INJECTION, .check = (check_name), lies}}, .differs = (differ),         \
		__VA_ARGS__                                                                                            \
	}
#define RECOVERY(title, check_name, lies, differ, ...)                                                                 \
	{                                                                                                              \
		.name = check_name ": " title,                                                                         \
		.lie = {{.of = "m0", .when = AT_RECOVERY, .check = (check_name), lies}}, .differs = (differ),          \
		__VA_ARGS__                                                                                            \
	}

#define RECOVERS(check)                                                                                                \
	RECOVERY("nothing arrives afterwards", check, BYTES(NONE), "fail " check " smmu0",                             \
		 .says = "no DMA reaches memory afterwards"),                                                          \
		RECOVERY("the device fails afterwards", check, .poll = -EIO, "fail " check " smmu0"),                  \
		RECOVERY("a slow device afterwards", check, .polls = 20, NULL),                                        \
		RECOVERY("a stranger's event afterwards", check, TOLD_WITH(STRANGER, UNOWNED_SID), NULL,               \
			 .unexpected = 1)

#define REPORTED(check, wrong)                                                                                         \
	INJECTION("memory is reached", check, BYTES(ALL_THE_SAME), "fail " check " smmu0", .says = "reached memory"),  \
		INJECTION("no event", check, TOLD(NOTHING), "fail " check " smmu0", .says = "without an event"),       \
		INJECTION("an event of another code", check, TOLD_WITH(CODE, wrong), "fail " check " smmu0"),          \
		INJECTION("no master's stream", check, TOLD_WITH(SID, UNOWNED_SID), "fail " check " smmu0",            \
			  .unexpected = 1),                                                                            \
		INJECTION("the other instance's event", check, TOLD(INSTANCE), "fail " check " smmu0",                 \
			  .unexpected = 1),                                                                            \
		INJECTION("a doorbell's event alone", check, TOLD(INSTEAD), "fail " check " smmu0"),                   \
		INJECTION("a doorbell's event besides", check, TOLD(MSI), NULL, .unexpected = 1),                      \
		INJECTION("it is tried again", check, TOLD(TWICE), NULL),                                              \
		INJECTION("a slow device", check, .polls = 20, NULL),                                                  \
		INJECTION("an event after the device is done", check, TOLD_WITH(LATE, 20000), NULL), RECOVERS(check)

/* Records that tell of an access. */
#define ADDRESSED(check)                                                                                               \
	INJECTION("an event at another address", check, TOLD_WITH(ADDRESS, OTHER_ADDRESS), "fail " check " smmu0",     \
		  .unexpected = 1),                                                                                    \
		INJECTION("an event of the other direction", check, TOLD(DIRECTION), "fail " check " smmu0",           \
			  .unexpected = 1)

/* --- SMMUs that are broken. --- */

/* An SMMU that swallows a reserved opcode. */
static bool swallow_illegal(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	uint64_t *entries = machine->smmu[smmu].cmdq.entries;
	uint32_t mask = (1U << machine->smmu[smmu].cmdq.log2) - 1;

	(void)value;
	if (smmu == 0 && offset == SMMU_CMDQ_PROD && machine->phase == PHASE_PROVOKE) {
		for (uint32_t i = 0; i <= mask; i++) {
			if ((entries[(size_t)i * COMMAND_DWORDS] & 0xff) == RESERVED_OPCODE) {
				entries[(size_t)i * COMMAND_DWORDS] = OPCODE_TLBI_NSNH_ALL;
			}
		}
	}
	return true;
}

static void swallow(struct machine *machine)
{
	machine->writes = swallow_illegal;
}

/* Something like commands, where nothing should answer. */
static const uint64_t sync_command[COMMAND_DWORDS] = {0x46, 0};

static void answer_everywhere(struct machine *machine)
{
	machine->anywhere = sync_command;
}

static uint32_t hide_overflow(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	(void)machine;
	return smmu == 0 && offset == SMMU_EVENTQ_PROD ? value & ~EVENTQ_OVERFLOW : value;
}

static void never_overflow(struct machine *machine)
{
	machine->reads = hide_overflow;
}

/* --- An SMMU whose registers follow the DMA. --- */

#define LATE_US 100000U

/* News in a register is seen LATE_US after the first look. */
static bool is_to_come(uint32_t changed)
{
	static uint64_t due;

	if (!changed) {
		due = 0;
		return false;
	}
	due = due ? due : arch_hooks.ticks + LATE_US;
	return arch_hooks.ticks < due;
}

static uint32_t abort_late(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	uint32_t active;

	if (smmu != 0 || offset != SMMU_GERROR || machine->phase != PHASE_PROVOKE) {
		return value;
	}
	active = (value ^ model_read32(machine->model[0], SMMU_GERRORN)) & GERROR_EVENTQ_ABT_ERR;
	return is_to_come(active) ? value ^ active : value;
}

static void tell_aborts_late(struct machine *machine)
{
	machine->reads = abort_late;
}

static uint32_t overflow_late(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	uint32_t changed;

	if (smmu != 0 || offset != SMMU_EVENTQ_PROD || machine->phase != PHASE_PROVOKE) {
		return value;
	}
	changed = (value ^ model_read32(machine->model[0], SMMU_EVENTQ_CONS)) & EVENTQ_OVERFLOW;
	return is_to_come(changed) ? value ^ changed : value;
}

static void tell_overflows_late(struct machine *machine)
{
	machine->reads = overflow_late;
}

static void take_anything(struct machine *machine)
{
	machine->takes_anything = true;
}

static uint32_t never_off(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value)
{
	bool lies = smmu == 0 && machine->phase == PHASE_PROVOKE && offset == SMMU_CR0ACK;

	return lies ? value | CR0_SMMUEN : value;
}

static void stay_on(struct machine *machine)
{
	machine->reads = never_off;
}

static void be_an_emulator(struct machine *machine)
{
	for (unsigned int i = 0; i < MACHINE_SMMUS; i++) {
		machine->smmu[i].features.iidr = 0;
	}
}

static void before_emulator(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_PROVOKE) {
		be_an_emulator(machine);
	}
}

static void emulate(struct machine *machine)
{
	machine->before = before_emulator;
}

static void be_quick(struct machine *machine)
{
	machine->bringup.quick = true;
}

/* m0 no longer matches: m1 serves. */
static void forget_m0(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_PROVOKE) {
		machine->master[0].observation.match = false;
	}
}

static void without_m0(struct machine *machine)
{
	machine->before = forget_m0;
}

/* m1's driver finds out late that the device is not for it. */
static int refuse(struct master *master, const struct master_dma *stray)
{
	(void)stray;
	return machine_under_test->phase == PHASE_PROVOKE ? master_unfit(master, "it refuses the test") : 0;
}

static void refuse_m1(struct machine *machine)
{
	without_m0(machine);
	machine->driver[1].prepare = refuse;
}

static void prefer_m1(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_PROVOKE) {
		machine->master[0].observation.address_seen = false;
	}
}

static void refuse_m1_first(struct machine *machine)
{
	machine->driver[1].prepare = refuse;
	machine->before = prefer_m1;
}

static void no_address_was_seen(struct machine *machine, enum phase phase)
{
	for (unsigned int m = 0; m < MACHINE_MASTERS && phase == PHASE_PROVOKE; m++) {
		machine->master[m].observation.address_seen = false;
	}
}

static void emit_few_bits(struct machine *machine)
{
	machine->before = no_address_was_seen;
}

#define QUICK(smmu)                                                                                                    \
	"skip queue_abort " smmu "; skip event_overflow " smmu "; skip event_abort " smmu "; skip bad_ste " smmu       \
	"; skip bad_cd " smmu "; skip cd_fetch " smmu "; skip walk_abort " smmu "; skip access_flag " smmu             \
	"; skip address_size " smmu "; skip translation_fault " smmu "; skip permission_fault " smmu

static void look_at_mappings(struct machine *machine, enum phase phase)
{
	struct iommu_domain *domain = iommu_owned_domain(&machine->master[0].iommu.link[0]);
	uint64_t pa;

	if (phase == PHASE_SOAK) {
		machine_found("unmapped", "machine",
			      !domain || (smmuv3_ops.translate(domain, 0x0f000000, &pa) &&
					  smmuv3_ops.translate(domain, 0x0f010000, &pa)));
	}
}

static void look_at_what_is_left(struct machine *machine)
{
	machine->before = look_at_mappings;
}

static const struct check_case cases[] = {
	{.name = "illegal_command: it is swallowed",
	 .broken = swallow,
	 .differs = "fail illegal_command smmu0",
	 .says = "swallowed"},
	RECOVERS("illegal_command"),

	{.name = "queue_abort: something answers everywhere",
	 .broken = answer_everywhere,
	 .differs = "fail queue_abort smmu0; fail queue_abort smmu1; fail cd_fetch smmu0; fail cd_fetch smmu1; "
		    "fail walk_abort smmu0; fail walk_abort smmu1"},
	RECOVERS("queue_abort"),

	{.name = "event_overflow: none is noticed",
	 .broken = never_overflow,
	 .differs = "fail event_overflow smmu0",
	 .says = "none was missed"},
	INJECTION("memory is reached", "event_overflow", BYTES(ALL_THE_SAME), "fail event_overflow smmu0",
		  .says = "reached memory"),
	{.name = "event_overflow: it is noticed late", .broken = tell_overflows_late},
	RECOVERS("event_overflow"),

	{.name = "event_abort: no abort is noticed",
	 .broken = take_anything,
	 .differs = "fail event_abort smmu0; fail event_abort smmu1",
	 .says = "not reported"},
	INJECTION("memory is reached", "event_abort", BYTES(ALL_THE_SAME), "fail event_abort smmu0"),
	{.name = "event_abort: it is reported late", .broken = tell_aborts_late},
	RECOVERS("event_abort"),

	REPORTED("bad_ste", C_BAD_CD),
	REPORTED("bad_cd", C_BAD_STE),
	REPORTED("cd_fetch", F_WALK_EABT),
	REPORTED("walk_abort", F_TRANSLATION),
	ADDRESSED("walk_abort"),
	REPORTED("access_flag", F_TRANSLATION),
	ADDRESSED("access_flag"),
	REPORTED("address_size", F_TRANSLATION),
	ADDRESSED("address_size"),
	REPORTED("translation_fault", F_PERMISSION),
	ADDRESSED("translation_fault"),
	REPORTED("permission_fault", F_TRANSLATION),
	ADDRESSED("permission_fault"),

	INJECTION("memory is reached", "abort_all", BYTES(ALL_THE_SAME), "fail abort_all smmu0",
		  .says = "reached memory"),
	INJECTION("an event at its address", "abort_all", TOLD(ITSELF), "fail abort_all smmu0", .says = "silent"),
	INJECTION("a doorbell's event besides", "abort_all", TOLD(MSI), NULL, .unexpected = 1),
	INJECTION("a stranger's event besides", "abort_all", TOLD_WITH(STRANGER, UNOWNED_SID), NULL, .unexpected = 1),
	INJECTION("the device reports that it was stopped", "abort_all", .poll = -EIO, NULL),
	RECOVERS("abort_all"),
	{.name = "abort_all: SMMUEN does not fall",
	 .broken = stay_on,
	 .differs = "fail abort_all smmu0; skip handover smmu0; gone left smmu0",
	 .says = "did not acknowledge"},

	{.name = "access_flag: an emulator's gap",
	 .lie = {{.of = "m0", .when = AT_INJECTION, .check = "access_flag", BYTES(ALL_THE_SAME), TOLD(NOTHING)}},
	 .broken = emulate,
	 .differs = "skip access_flag smmu0",
	 .says = "IIDR 0"},
	{.name = "access_flag: no gap, where there is an event",
	 .lie = {{.of = "m0", .when = AT_INJECTION, .check = "access_flag", BYTES(ALL_THE_SAME)}},
	 .broken = emulate,
	 .differs = "fail access_flag smmu0"},
	{.name = "walk_abort: no emulator's gap",
	 .lie = {{.of = "m0", .when = AT_INJECTION, .check = "walk_abort", BYTES(ALL_THE_SAME), TOLD(NOTHING)}},
	 .broken = emulate,
	 .differs = "fail walk_abort smmu0"},
	{.name = "selftest=quick damages nothing",
	 .broken = be_quick,
	 .differs = QUICK("smmu0") ";" QUICK("smmu1"),
	 .says = "selftest=quick"},
	{.name = "nothing stays mapped", .broken = look_at_what_is_left, .differs = "pass unmapped machine"},
	{.name = "another master serves", .broken = without_m0},
	{.name = "another master serves where a device refuses",
	 .broken = refuse_m1_first,
	 .differs = "skip abort_all smmu0",
	 .says = "carry the address"},
	{.name = "no master is left where a device refuses",
	 .broken = refuse_m1,
	 .differs = INJECTIONS_OF_DMA("skip", "smmu0"),
	 .says = "it refuses the test"},
	{.name = "abort_all: a master that emits few bits",
	 .broken = emit_few_bits,
	 .differs = "skip abort_all smmu0; skip abort_all smmu1",
	 .says = "carry the address"},
};

int main(void)
{
	return cases_run("provoke", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
