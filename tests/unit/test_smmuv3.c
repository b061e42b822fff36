/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SMMUv3 driver against registers in memory that acknowledge, consume commands and report errors, and that write
 * down the order of everything.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "base/arena.h"
#include "smmuv3/registers.h"
#include "smmuv3/smmuv3.h"
#include "smmuv3/structures.h"

#define ARENA_SIZE (32U << 20)
#define LOG_MAX 512U
#define IDR0_QEMU 0x0d44101aU
#define IDR1_QEMU 0x02730010U
#define IDR5_QEMU 0x74U

/* One thing that the instance saw: a register write, or a command. */
struct entry {
	bool is_command;
	uint32_t what; /* Offset, or opcode. */
	uint64_t value; /* Written, or the command's first dword. */
	uint64_t second;
};

static uint8_t *regs;
static void *memory;
static struct entry log_entry[LOG_MAX];
static unsigned int log_count;
static bool acknowledge_cr0;
static bool consume;
static bool gbpa_present;
static uint32_t abort_fetches; /* Report CERROR_ABT this many times. */
static struct smmuv3 smmu;
static struct bind_queue queue;
static struct iommu_core core;

static uint32_t *reg(unsigned int offset)
{
	return (uint32_t *)(void *)(regs + offset);
}

static void note(bool is_command, uint32_t what, uint64_t value, uint64_t second)
{
	assert_true(log_count < LOG_MAX);
	log_entry[log_count++] = (struct entry){is_command, what, value, second};
}

static uint64_t reg64(unsigned int offset)
{
	return *reg(offset) | (uint64_t)*reg(offset + 4) << 32;
}

static bool is_legal(uint64_t opcode)
{
	static const unsigned char legal[] = {CMD_CFGI_STE,     CMD_CFGI_ALL,      CMD_CFGI_CD,       CMD_TLBI_NH_ASID,
					      CMD_TLBI_NH_VA,   CMD_TLBI_EL2_ALL,  CMD_TLBI_NSNH_ALL, CMD_SYNC};

	return memchr(legal, (int)opcode, sizeof(legal)) != NULL;
}

static void stop_at(uint32_t cons, uint32_t error)
{
	*reg(SMMU_CMDQ_CONS) = cons | error << CMDQ_CONS_ERR_SHIFT;
	*reg(SMMU_GERROR) ^= GERROR_CMDQ_ERR;
}

static void consume_commands(void)
{
	uint64_t base = reg64(SMMU_CMDQ_BASE);
	uint32_t log2 = (uint32_t)base & 0x1f;
	uint32_t mask = (2U << log2) - 1;
	uint32_t cons = *reg(SMMU_CMDQ_CONS) & mask;
	const struct command *entries = arch_virt(base & 0x000fffffffffffe0ULL);

	if (!consume || (*reg(SMMU_GERROR) ^ *reg(SMMU_GERRORN)) & GERROR_CMDQ_ERR) {
		return;
	}
	while (cons != (*reg(SMMU_CMDQ_PROD) & mask)) {
		const struct command *command = &entries[cons & ((1U << log2) - 1)];
		uint64_t opcode = command->dword[0] & 0xff;

		if (abort_fetches) {
			abort_fetches--;
			stop_at(cons, CERROR_ABT);
			return;
		}
		if (!is_legal(opcode)) {
			stop_at(cons, CERROR_ILL);
			return;
		}
		note(true, (uint32_t)opcode, command->dword[0], command->dword[1]);
		cons = (cons + 1) & mask;
	}
	/* The error field stays what it was, as it does on real implementations. */
	*reg(SMMU_CMDQ_CONS) = cons | (*reg(SMMU_CMDQ_CONS) & 0x7f000000U);
}

static void on_write(volatile void *at, uint32_t value)
{
	uint32_t offset = (uint32_t)((uintptr_t)at - (uintptr_t)regs);

	assert_true(offset < SMMU_PAGES_SIZE);
	note(false, offset, value, 0);
	if (offset == SMMU_GBPA) {
		/* Without UPDATE a write changes nothing. */
		if (gbpa_present && value & GBPA_UPDATE) {
			*reg(SMMU_GBPA) = value & ~GBPA_UPDATE;
		}
		return;
	}
	*reg(offset) = value;
	if (offset == SMMU_CR0 && acknowledge_cr0) {
		*reg(SMMU_CR0ACK) = value;
	} else if (offset == SMMU_IRQ_CTRL) {
		*reg(SMMU_IRQ_CTRLACK) = value;
	} else if (offset == SMMU_CMDQ_PROD || offset == SMMU_GERRORN) {
		consume_commands();
	}
}

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	memory = aligned_alloc(1U << 20, ARENA_SIZE);
	arena_init(memory, ARENA_SIZE);
	regs = calloc(1, SMMU_PAGES_SIZE);
	log_count = 0;
	acknowledge_cr0 = true;
	consume = true;
	gbpa_present = true;
	abort_fetches = 0;
	*reg(SMMU_IDR0) = IDR0_QEMU;
	*reg(SMMU_IDR1) = IDR1_QEMU;
	*reg(SMMU_IDR5) = IDR5_QEMU;
	*reg(SMMU_AIDR) = 1;
	*reg(SMMU_GBPA) = 0x1000;
	arch_hooks.write32 = on_write;
	smmuv3_init(&smmu, "smmu", 0xc000000, regs, true);
	bind_queue_init(&queue);
	iommu_core_init(&core, &queue);
	assert_int_equal(iommu_describe(&core, &smmu.iommu), 0);
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(log_count, 0); /* Nothing was written. */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(regs);
	free(memory);
	return 0;
}

static unsigned int find(unsigned int from, bool is_command, uint32_t what)
{
	while (from < log_count && (log_entry[from].is_command != is_command || log_entry[from].what != what)) {
		from++;
	}
	return from;
}

static unsigned int count_since(unsigned int from, bool is_command)
{
	unsigned int count = 0;

	for (; from < log_count; from++) {
		count += log_entry[from].is_command == is_command;
	}
	return count;
}

static const struct ste *ste_of(uint32_t sid)
{
	const uint64_t *level1 = arch_virt(reg64(SMMU_STRTAB_BASE) & 0x000fffffffffffc0ULL);
	uint64_t descriptor = level1[sid >> SMMUV3_SPLIT];
	const struct ste *level2 = arch_virt(descriptor & STRTAB_L1_L2PTR_MASK);

	assert_int_equal(descriptor & 0x1f, SMMUV3_SPLIT + 1);
	return &level2[sid & 0xff];
}

static struct iommu_master master;

static void add_master(uint32_t sid)
{
	memset(&master, 0, sizeof(master));
	assert_int_equal(iommu_master_stream(&master, &smmu.iommu, sid), 0);
	assert_int_equal(iommu_master_add(&core, &master), 0);
}

/* --- Identification. --- */

static void test_dis_05_sidsize_is_six_bits(void **state)
{
	static const unsigned int sizes[] = {0, 1, 8, 16, 31, 32};
	struct smmuv3_features features;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		smmuv3_identify(&features, IDR0_QEMU, (IDR1_QEMU & ~0x3fU) | sizes[i], IDR5_QEMU, 0, 0);
		assert_int_equal(features.sid_bits, sizes[i]);
		assert_null(smmuv3_refusal(&features));
	}
	smmuv3_identify(&features, IDR0_QEMU, IDR1_QEMU | 0x3f, IDR5_QEMU, 0, 0);
	assert_non_null(smmuv3_refusal(&features));
}

static void test_dis_05_decode(void **state)
{
	struct smmuv3_features features;

	(void)state;
	smmuv3_identify(&features, IDR0_QEMU, IDR1_QEMU, IDR5_QEMU, 0x43b, 0x01);
	assert_true(features.stage1);
	assert_false(features.stage2);
	assert_true(features.two_level);
	assert_true(features.coherent_access);
	assert_int_equal(features.asid_bits, 16);
	assert_int_equal(features.output_bits, 44);
	assert_int_equal(features.cmdq_log2, SMMUV3_CMDQ_LOG2_MAX);
	assert_int_equal(features.evtq_log2, SMMUV3_EVTQ_LOG2_MAX);
	assert_int_equal(features.architecture_major, 3);
	assert_int_equal(features.architecture_minor, 1);
	assert_false(features.stall_both);
}

static void test_dis_06_refusals_name_their_reason(void **state)
{
	static const struct {
		uint32_t idr0, idr1, idr5;
		const char *word;
	} cases[] = {
		{IDR0_QEMU, IDR1_QEMU | 1U << 30, IDR5_QEMU, "PRESET"}, {IDR0_QEMU, IDR1_QEMU | 1U << 29, IDR5_QEMU, "PRESET"},
		{IDR0_QEMU, IDR1_QEMU | 1U << 28, IDR5_QEMU, "REL"},    {IDR0_QEMU & ~2U, IDR1_QEMU, IDR5_QEMU, "stage 1"},
		{IDR0_QEMU & ~8U, IDR1_QEMU, IDR5_QEMU, "AArch64"},     {IDR0_QEMU | 3U << 21, IDR1_QEMU, IDR5_QEMU, "endian"},
		{IDR0_QEMU, IDR1_QEMU, IDR5_QEMU & ~0x10U, "4 KiB"},    {IDR0_QEMU, IDR1_QEMU & ~(31U << 21), IDR5_QEMU, "queue"},
	};
	struct smmuv3_features features;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		smmuv3_identify(&features, cases[i].idr0, cases[i].idr1, cases[i].idr5, 0, 0);
		assert_non_null(smmuv3_refusal(&features));
		assert_non_null(strstr(smmuv3_refusal(&features), cases[i].word));
	}
}

/* --- Registration. --- */

static void test_reg_01_order_of_a_registration(void **state)
{
	static const struct {
		bool is_command;
		uint32_t what;
	} order[] = {
		{false, SMMU_GBPA},        {false, SMMU_CR0},          {false, SMMU_IRQ_CTRL},     {false, SMMU_CR1},
		{false, SMMU_CR2},         {false, SMMU_STRTAB_BASE},  {false, SMMU_STRTAB_BASE_CFG}, {false, SMMU_CMDQ_BASE},
		{false, SMMU_CMDQ_PROD},   {false, SMMU_CMDQ_CONS},    {false, SMMU_EVENTQ_BASE},  {false, SMMU_EVENTQ_PROD},
		{false, SMMU_EVENTQ_CONS}, {false, SMMU_CR0},          {false, SMMU_CMDQ_PROD},    {true, CMD_CFGI_ALL},
		{true, CMD_TLBI_NSNH_ALL}, {true, CMD_SYNC},           {false, SMMU_CR0},          {false, SMMU_IRQ_CTRL},
		{false, SMMU_CR0},
	};
	unsigned int at = 0;

	(void)state;
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		at = find(at, order[i].is_command, order[i].what);
		assert_true(at < log_count);
		at++;
	}
	/* SMMUEN is the very last write, and the masters cost no command. */
	assert_int_equal(at, log_count);
	assert_int_equal(log_entry[at - 1].value, CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN);
	assert_int_equal(count_since(0, true), 3);
	assert_true(count_since(0, false) <= 20 + 1);
}

static void test_abort_stands_before_smmuen_falls(void **state)
{
	unsigned int gbpa, cr0;

	(void)state;
	*reg(SMMU_CR0) = CR0_SMMUEN;
	*reg(SMMU_CR0ACK) = CR0_SMMUEN;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(smmu.inherited.cr0, CR0_SMMUEN);
	assert_int_equal(smmu.inherited.gbpa, 0x1000);
	assert_int_equal(smmuv3_block(&smmu), 0);
	gbpa = find(0, false, SMMU_GBPA);
	cr0 = find(0, false, SMMU_CR0);
	assert_true(gbpa < cr0 && cr0 < log_count);
}

static void test_reg_07_gbpa_keeps_its_other_fields(void **state)
{
	(void)state;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_int_equal(*reg(SMMU_GBPA), GBPA_ABORT | 0x1000);
	assert_true(smmu.gbpa_works);
}

static void test_gbpa_that_is_not_there_is_noticed(void **state)
{
	(void)state;
	gbpa_present = false;
	*reg(SMMU_GBPA) = 0;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_false(smmu.gbpa_works);
}

static void test_reg_02_acknowledge_that_never_comes_fails(void **state)
{
	(void)state;
	acknowledge_cr0 = false;
	*reg(SMMU_CR0ACK) = CR0_SMMUEN;
	assert_int_equal(iommu_register(&smmu.iommu), -ETIMEDOUT);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_FAILED);
	assert_non_null(smmu.iommu.reason);
}

static void test_reg_06_gbpa_busy_for_ever_fails(void **state)
{
	(void)state;
	gbpa_present = false;
	*reg(SMMU_GBPA) = GBPA_UPDATE;
	assert_int_equal(smmuv3_block(&smmu), -ETIMEDOUT);
}

static void test_cmq_09_sync_that_never_completes_fails(void **state)
{
	(void)state;
	consume = false;
	assert_int_equal(iommu_register(&smmu.iommu), -ETIMEDOUT);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_FAILED);
	assert_int_equal(*reg(SMMU_CR0), 0);
	assert_int_equal(*reg(SMMU_IRQ_CTRL), 0);
}

static void test_ger_07_latched_errors_are_acknowledged_first(void **state)
{
	(void)state;
	*reg(SMMU_GERROR) = GERROR_EVENTQ_ABT_ERR;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_GERRORN), GERROR_EVENTQ_ABT_ERR);
}

static void test_ger_05_service_failure_refuses(void **state)
{
	(void)state;
	*reg(SMMU_GERROR) = GERROR_SFM_ERR;
	assert_int_equal(iommu_register(&smmu.iommu), -EIO);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_FAILED);
}

static void test_ger_05_service_failure_stays_in_sight(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	*reg(SMMU_GERROR) ^= GERROR_SFM_ERR | GERROR_EVENTQ_ABT_ERR;
	smmuv3_poll_gerror(&smmu);
	assert_true(smmu.counts.gerrors & GERROR_SFM_ERR);
	assert_int_equal(*reg(SMMU_GERROR) ^ *reg(SMMU_GERRORN), GERROR_SFM_ERR);
	assert_int_equal(smmuv3_resume(&smmu), -EIO);
}

static bool is_gbpa(const volatile void *at)
{
	return (const volatile uint8_t *)at == regs + SMMU_GBPA;
}

static void test_an_abort_while_looking_is_no_smmu(void **state)
{
	(void)state;
	arch_hooks.nobody = is_gbpa;
	assert_int_equal(smmuv3_inherit(&smmu), -ENODEV);
	assert_non_null(strstr(smmu.iommu.reason, "abort"));
	assert_int_equal(log_count, 0);
}

static void test_no_smmu_behind_the_registers(void **state)
{
	(void)state;
	*reg(SMMU_IDR0) = 0xffffffffU;
	assert_int_equal(smmuv3_inherit(&smmu), -ENODEV);
	*reg(SMMU_IDR0) = 0;
	assert_int_equal(smmuv3_inherit(&smmu), -ENODEV);
}

/* --- Streams and domains. --- */

static void test_cold_stream_has_the_empty_domain(void **state)
{
	const struct ste *ste;
	const struct cd *cd;

	(void)state;
	add_master(0x1234);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	ste = ste_of(0x1234);
	assert_int_equal(ste->dword[0] & 0xf, 1 | 5 << 1);
	assert_int_equal(ste->dword[1] >> 44 & 3, 1); /* SHCFG: incoming. */
	cd = arch_virt(ste->dword[0] & STE0_S1CONTEXTPTR_MASK);
	assert_true(cd->dword[0] & CD0_V);
	assert_true(cd->dword[0] & CD0_AA64);
	assert_true(cd->dword[0] & CD0_R && cd->dword[0] & CD0_A);
	assert_int_equal(cd->dword[0] & 0x3f, 16);
	assert_int_equal(cd->dword[0] >> CD0_IPS_SHIFT & 7, 4);
	/* Its neighbour is denied with an event. */
	assert_int_equal(ste_of(0x1235)->dword[0], 0);
}

static void test_live_change_of_one_dword_is_hitless(void **state)
{
	unsigned int before, cause = 0;
	uint64_t old;

	(void)state;
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	old = ste_of(0x500)->dword[0];
	before = log_count;
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_not_equal(ste_of(0x500)->dword[0], old);
	assert_true(ste_of(0x500)->dword[0] & STE0_V);
	/* One doorbell: CFGI_STE and SYNC. */
	assert_int_equal(count_since(before, false), 1);
	assert_int_equal(count_since(before, true), 2);
	assert_int_equal(log_entry[before + 1].what, CMD_CFGI_STE);
	assert_int_equal(log_entry[before + 1].value >> 32, 0x500);
	assert_int_equal(log_entry[before + 2].what, CMD_SYNC);
}

static void test_map_11_unmap_ends_in_tlbi_and_sync(void **state)
{
	unsigned int before, cause = 0;

	(void)state;
	add_master(0x500);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	before = log_count;
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x3000, IOMMU_READ), 0);
	assert_int_equal(count_since(before, true), 0);
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x3000), 0);
	assert_int_equal(count_since(before, true), 4);
	assert_int_equal(log_entry[before + 1].what, CMD_TLBI_NH_VA);
	assert_int_equal(log_entry[before + 1].second & ~0xfffULL, 0x10000);
	assert_int_equal(log_entry[before + 3].second & ~0xfffULL, 0x12000);
	assert_int_equal(log_entry[before + 1].value >> 48, 1); /* The domain's ASID: 0 is the empty one's. */
	assert_int_equal(log_entry[log_count - 1].what, CMD_SYNC);
}

static void test_map_06_asid_is_flushed_before_reuse(void **state)
{
	unsigned int before, cause = 0;

	(void)state;
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	before = log_count;
	iommu_unuse(&master, false);
	assert_true(find(before, true, CMD_TLBI_NH_ASID) < log_count);
	assert_true(find(before, true, CMD_CFGI_STE) < find(before, true, CMD_TLBI_NH_ASID));
	assert_int_equal(log_entry[log_count - 1].what, CMD_SYNC);
}

static void test_ste_22_stream_beyond_the_table(void **state)
{
	(void)state;
	add_master(0x10000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(master_state(&master), MASTER_QUARANTINED);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_READY);
}

static void test_ste_22_linear_table(void **state)
{
	const struct ste *table;

	(void)state;
	*reg(SMMU_IDR0) &= ~(3U << 27);
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~0x3fU) | 6;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(63);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_STRTAB_BASE_CFG), 6);
	table = arch_virt(reg64(SMMU_STRTAB_BASE) & 0x000fffffffffffc0ULL);
	assert_true(table[63].dword[0] & STE0_V);
	assert_int_equal((uintptr_t)table % (64 * sizeof(*table)), 0);
}

static void test_reregistration_forgets_everything(void **state)
{
	(void)state;
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_CR0), 0);
	assert_true(*reg(SMMU_GBPA) & GBPA_ABORT);
	assert_int_equal(ste_of(0x500)->dword[0], 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_true(ste_of(0x500)->dword[0] & STE0_V);
}

/* --- Queues and errors. --- */

static void test_cmq_01_wrap(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (int i = 0; i < 400; i++) {
		log_count = 0;
		assert_int_equal(smmuv3_resume(&smmu), 0);
	}
	assert_true(smmuv3_queues_empty(&smmu));
}

static void test_cmq_05_illegal_command_is_repaired(void **state)
{
	unsigned int before;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	before = log_count;
	assert_int_equal(smmuv3_provoke_illegal_command(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 1);
	/* The command's place was taken by a SYNC, before the acknowledge. */
	assert_int_equal(count_since(before, true), 2);
	assert_int_equal(*reg(SMMU_GERROR), *reg(SMMU_GERRORN));
	/* CONS.ERR stays and means nothing: the next commands go through. */
	assert_int_not_equal(*reg(SMMU_CMDQ_CONS) >> 24, 0);
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 1);
}

static void test_cmq_07_aborted_fetches_are_retried_and_bounded(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	abort_fetches = 2;
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.aborted_fetches, 2);
	abort_fetches = 1000;
	assert_int_equal(smmuv3_resume(&smmu), -ETIMEDOUT);
	assert_true(smmu.broken);
	/* Nothing more is asked of it. */
	log_count = 0;
	assert_int_equal(smmuv3_resume(&smmu), -EIO);
	assert_int_equal(find(0, false, SMMU_CMDQ_PROD), log_count);
	/* Least of all an acknowledge: the error would come back with another interrupt, for ever. */
	assert_int_not_equal(*reg(SMMU_GERROR), *reg(SMMU_GERRORN));
	log_count = 0;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(log_count, 0);
}

static void test_ger_02_nothing_pending_writes_nothing(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	log_count = 0;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(log_count, 0);
}

static void test_ger_01_only_active_bits_are_toggled(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	*reg(SMMU_GERROR) ^= GERROR_EVENTQ_ABT_ERR;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(*reg(SMMU_GERRORN), GERROR_EVENTQ_ABT_ERR);
	assert_int_equal(smmu.counts.gerrors, GERROR_EVENTQ_ABT_ERR);
}

static struct smmuv3_event last_event;
static unsigned int event_count;

static void on_event(struct smmuv3 *of, const struct smmuv3_event *event)
{
	assert_ptr_equal(of, &smmu);
	last_event = *event;
	event_count++;
}

/* The hardware's side of the event queue. */
static void raise_event(uint64_t code, uint64_t sid, uint64_t second, uint64_t address)
{
	struct event_record *entries = smmu.evtq.entries;
	uint32_t mask = (2U << smmu.evtq.log2) - 1;
	uint32_t prod = *reg(SMMU_EVENTQ_PROD);
	struct event_record *entry = &entries[prod & ((1U << smmu.evtq.log2) - 1)];

	*entry = (struct event_record){{code | sid << 32, second, address, 0}};
	*reg(SMMU_EVENTQ_PROD) = ((prod + 1) & mask) | (prod & EVENTQ_OVERFLOW);
}

static void test_evq_02_wrap_keeps_order(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	event_count = 0;
	for (uint32_t i = 0; i < 3000; i++) {
		log_count = 0;
		raise_event(F_TRANSLATION, i, i & 1 ? 1ULL << 35 : 0, 0x1000ULL + i);
		smmuv3_poll_events(&smmu);
		assert_int_equal(event_count, i + 1);
		assert_int_equal(last_event.code, F_TRANSLATION);
		assert_int_equal(last_event.sid, i);
		assert_int_equal(last_event.write, !(i & 1));
		assert_int_equal(last_event.address, 0x1000 + i);
	}
	assert_true(smmuv3_queues_empty(&smmu));
}

static void test_evq_03_overflow_is_acknowledged(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	raise_event(F_TRANSLATION, 1, 0, 0);
	*reg(SMMU_EVENTQ_PROD) ^= EVENTQ_OVERFLOW;
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.event_overflows, 1);
	assert_int_equal(*reg(SMMU_EVENTQ_PROD), *reg(SMMU_EVENTQ_CONS));
	/* The acknowledge is kept by later writes, and by an empty queue's overflow brought up to date. */
	raise_event(F_TRANSLATION, 2, 0, 0);
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.event_overflows, 1);
	assert_true(*reg(SMMU_EVENTQ_CONS) & EVENTQ_OVERFLOW);
	*reg(SMMU_EVENTQ_PROD) ^= EVENTQ_OVERFLOW;
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.event_overflows, 2);
	assert_int_equal(*reg(SMMU_EVENTQ_PROD), *reg(SMMU_EVENTQ_CONS));
}

static void test_reg_11_poll_before_the_queue_exists(void **state)
{
	(void)state;
	log_count = 0;
	smmuv3_poll_events(&smmu);
	assert_int_equal(log_count, 0);
}

static void test_every_event_has_a_name(void **state)
{
	static const unsigned char codes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
					      0x0b, 0x10, 0x11, 0x12, 0x13, 0x20, 0x21, 0x24, 0x25};

	(void)state;
	for (size_t i = 0; i < sizeof(codes); i++) {
		assert_string_not_equal(smmuv3_event_name(codes[i]), "unknown");
	}
	assert_string_equal(smmuv3_event_name(0x07), "F_TRANSL_FORBIDDEN");
	assert_string_equal(smmuv3_event_name(0x02), "C_BAD_STREAMID");
	assert_string_equal(smmuv3_event_name(0x7f), "unknown");
}

/* --- Hand-over. --- */

static void test_tdn_02_hand_over_in_order(void **state)
{
	unsigned int at = 0;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	log_count = 0;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
	for (uint32_t wanted = CR0_CMDQEN | CR0_EVENTQEN; ; wanted = wanted == CR0_EVENTQEN ? 0 : CR0_EVENTQEN) {
		at = find(at, false, SMMU_CR0);
		assert_true(at < log_count);
		assert_int_equal(log_entry[at++].value, wanted);
		if (!wanted) {
			break;
		}
	}
	assert_true(find(at, false, SMMU_IRQ_CTRL) < log_count);
	assert_int_equal(*reg(SMMU_GBPA), GBPA_ABORT | 0x1000);
}

static void test_hand_over_bypass_keeps_shcfg(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_BYPASS), 0);
	assert_int_equal(*reg(SMMU_GBPA), 0x1000);
	assert_int_equal(*reg(SMMU_CR0), 0);
}

static void test_hand_over_notices_what_did_not_work(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	*reg(SMMU_CMDQ_PROD) ^= 1;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), -EIO);
	*reg(SMMU_CMDQ_PROD) ^= 1;
	acknowledge_cr0 = false;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), -ETIMEDOUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_dis_05_sidsize_is_six_bits),
		TEST(test_dis_05_decode),
		TEST(test_dis_06_refusals_name_their_reason),
		TEST(test_reg_01_order_of_a_registration),
		TEST(test_abort_stands_before_smmuen_falls),
		TEST(test_reg_07_gbpa_keeps_its_other_fields),
		TEST(test_gbpa_that_is_not_there_is_noticed),
		TEST(test_reg_02_acknowledge_that_never_comes_fails),
		TEST(test_reg_06_gbpa_busy_for_ever_fails),
		TEST(test_cmq_09_sync_that_never_completes_fails),
		TEST(test_ger_07_latched_errors_are_acknowledged_first),
		TEST(test_ger_05_service_failure_refuses),
		TEST(test_ger_05_service_failure_stays_in_sight),
		TEST(test_an_abort_while_looking_is_no_smmu),
		TEST(test_no_smmu_behind_the_registers),
		TEST(test_cold_stream_has_the_empty_domain),
		TEST(test_live_change_of_one_dword_is_hitless),
		TEST(test_map_11_unmap_ends_in_tlbi_and_sync),
		TEST(test_map_06_asid_is_flushed_before_reuse),
		TEST(test_ste_22_stream_beyond_the_table),
		TEST(test_ste_22_linear_table),
		TEST(test_reregistration_forgets_everything),
		TEST(test_cmq_01_wrap),
		TEST(test_cmq_05_illegal_command_is_repaired),
		TEST(test_cmq_07_aborted_fetches_are_retried_and_bounded),
		TEST(test_ger_02_nothing_pending_writes_nothing),
		TEST(test_ger_01_only_active_bits_are_toggled),
		TEST(test_evq_02_wrap_keeps_order),
		TEST(test_evq_03_overflow_is_acknowledged),
		TEST(test_reg_11_poll_before_the_queue_exists),
		TEST(test_every_event_has_a_name),
		TEST(test_tdn_02_hand_over_in_order),
		TEST(test_hand_over_bypass_keeps_shcfg),
		TEST(test_hand_over_notices_what_did_not_work),
	};

	return cmocka_run_group_tests_name("smmuv3", tests, NULL, NULL);
}
