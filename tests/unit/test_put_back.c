/* SPDX-License-Identifier: BSD-2-Clause */
/* An SMMU of an earlier owner: taken, used, and put back as it was found. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "bench.h"

#define OWNED_SIZE 0x10000U
#define OWNED (BENCH_MEMORY + BENCH_MEMORY_SIZE - OWNED_SIZE) /* Stream table, command queue, event queue. */
#define IOVA 0x400000ULL
#define FOUND_CR0 0x5fU /* SMMUEN, PRIQEN, EVENTQEN, CMDQEN, ATSCHK, VMW 1. */
#define FOUND_GBPA 0x00001000U
#define FIRST_REGISTER SMMU_CR0
#define LAST_REGISTER 0xdcU

static const struct {
	unsigned int offset;
	uint32_t value;
} owned[] = {
	{SMMU_CR1, 0xd75},
	{SMMU_CR2, CR2_PTM},
	{SMMU_GERROR_IRQ_CFG0, 0x30000100},
	{SMMU_GERROR_IRQ_CFG0 + 4, 0},
	{SMMU_GERROR_IRQ_CFG0 + 8, 0x11},
	{SMMU_GERROR_IRQ_CFG0 + 12, 0xf},
	{SMMU_EVENTQ_IRQ_CFG0, 0x30000200},
	{SMMU_EVENTQ_IRQ_CFG0 + 4, 0},
	{SMMU_EVENTQ_IRQ_CFG0 + 8, 0x22},
	{SMMU_EVENTQ_IRQ_CFG0 + 12, 0xf},
	{0xc0, (uint32_t)OWNED + 0x3000 + 2}, /* PRIQ_BASE. */
	{0xc4, 0},
	{0xd0, 0x30000300}, /* PRIQ_IRQ_CFG0. */
	{SMMU_STRTAB_BASE, (uint32_t)OWNED},
	{SMMU_STRTAB_BASE + 4, 0x40000000},
	{SMMU_STRTAB_BASE_CFG, 1},
	{SMMU_CMDQ_BASE, (uint32_t)OWNED + 0x1000 + 3},
	{SMMU_CMDQ_BASE + 4, 0},
	{SMMU_CMDQ_PROD, 13},
	{SMMU_CMDQ_CONS, 13},
	{SMMU_EVENTQ_BASE, (uint32_t)OWNED + 0x2000 + 3},
	{SMMU_EVENTQ_BASE + 4, 0x40000000},
	{SMMU_EVENTQ_PROD, EVENTQ_OVERFLOW | 7},
	{SMMU_EVENTQ_CONS, EVENTQ_OVERFLOW | 6},
};

static struct model_config config;
static uint32_t found[LAST_REGISTER / 4 + 1], found_prod, found_cons;
static bool door_open;
static bool (*refuses)(uint32_t offset); /* Writes that the SMMU does not take. */
static void (*write_to_model)(volatile void *at, uint32_t value);

static void write_and_wait(uint32_t offset, uint32_t value)
{
	model_write32(bench_model, offset, value);
	for (unsigned int i = 0; i <= config.ack_delay; i++) {
		model_step(bench_model);
	}
}

static void own(void)
{
	static const uint64_t bypass = 9, bypass_share = 1ULL << 44, abort_all = 1;

	memset((void *)OWNED, 0, OWNED_SIZE);
	memcpy((void *)OWNED, &bypass, sizeof(bypass));
	memcpy((void *)(OWNED + 8), &bypass_share, sizeof(bypass_share));
	memcpy((void *)(OWNED + 64), &abort_all, sizeof(abort_all));
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		unsigned int offset = config.page1_absent ? owned[i].offset % SMMU_PAGE_SIZE : owned[i].offset;

		model_write32(bench_model, offset, owned[i].value);
	}
	write_and_wait(SMMU_GBPA, FOUND_GBPA | GBPA_UPDATE);
	write_and_wait(SMMU_CR0, FOUND_CR0 & ~CR0_SMMUEN);
	write_and_wait(SMMU_IRQ_CTRL, IRQ_CTRL_ACKNOWLEDGED);
	write_and_wait(SMMU_CR0, FOUND_CR0);
}

static void note_registers(void)
{
	for (uint32_t offset = FIRST_REGISTER; offset <= LAST_REGISTER; offset += 4) {
		found[offset / 4] = model_peek32(bench_model, offset);
	}
	found_prod = model_peek32(bench_model, SMMU_EVENTQ_PROD);
	found_cons = model_peek32(bench_model, SMMU_EVENTQ_CONS);
}

static void assert_as_found(void)
{
	for (uint32_t offset = FIRST_REGISTER; offset <= LAST_REGISTER; offset += 4) {
		if (model_peek32(bench_model, offset) != found[offset / 4]) {
			fail_msg("register 0x%x: 0x%x, was 0x%x", offset, model_peek32(bench_model, offset),
				 found[offset / 4]);
		}
	}
	assert_int_equal(model_peek32(bench_model, SMMU_EVENTQ_PROD), found_prod);
	assert_int_equal(model_peek32(bench_model, SMMU_EVENTQ_CONS), found_cons);
}

/* From the first write on, what is not translated is denied, but for what the owner's GBPA says at the end. */
static void watch_door(void *context, struct model *model, uint32_t offset, bool write)
{
	(void)context;
	(void)offset;
	(void)write;
	door_open = door_open || (!(model_peek32(model, SMMU_CR0ACK) & CR0_SMMUEN) &&
				  !(model_peek32(model, SMMU_GBPA) & GBPA_ABORT));
}

static void write_unless_refused(volatile void *at, uint32_t value)
{
	if (!refuses || !refuses((uint32_t)((volatile uint8_t *)at - bench_smmu.regs))) {
		write_to_model(at, value);
	}
}

/* Found enabled, taken, with a domain of ours on stream 0. */
static void take(const struct model_config *from, unsigned int quirks)
{
	const struct model_hooks hooks = {.access = watch_door};

	config = *from;
	config.idr[0] |= 0x32400; /* VMW, PRI, MSI, ATS. */
	config.caches_clean = true;
	bench_open(&config, BENCH_MEMORY_SIZE);
	arena_init((void *)BENCH_MEMORY, BENCH_MEMORY_SIZE - OWNED_SIZE);
	own();
	note_registers();
	door_open = false;
	refuses = NULL;
	write_to_model = arch_hooks.write32;
	arch_hooks.write32 = write_unless_refused;
	model_set_hooks(bench_model, &hooks);
	bench_smmu.described_quirks = quirks;
	assert_int_equal(smmuv3_inherit(&bench_smmu), 0);
	assert_int_equal(smmuv3_block(&bench_smmu), 0);
	smmuv3_keep(&bench_smmu);
}

static void use(void)
{
	struct smmuv3_domain *domain;

	bench_start(2);
	domain = bench_domain(SMMUV3_STAGE1, 12, NULL);
	bench_map(domain, IOVA, BENCH_PAGE, 4096);
	bench_attach(0, domain);
	bench_expect_pass(0, IOVA, BENCH_PAGE);
	bench_expect_fault(1, IOVA, 0x04);
	assert_int_equal(smmuv3_hand_over(&bench_smmu, SMMUV3_HANDOVER_ABORT), 0);
	model_log_clear(bench_model);
}

/* The owner's table: stream 0 bypasses, 1 aborts in silence. */
static void assert_the_owners(void)
{
	assert_as_found();
	assert_false(door_open);
	bench_expect_pass(0, IOVA, IOVA);
	assert_int_equal(bench_dma(1, IOVA, true, NULL), MODEL_ABORTED);
	assert_int_equal(model_peek32(bench_model, SMMU_EVENTQ_PROD), found_prod);
}

/* Where in the log such a write, or command, is the first; the log's end without one. */
static size_t find(enum model_log_kind kind, uint32_t number, uint64_t value)
{
	size_t i = 0;

	while (i < model_log_count(bench_model)) {
		const struct model_log *entry = model_log(bench_model, i);

		if (entry->kind == kind && entry->number == number &&
		    (kind == MODEL_LOG_COMMAND || entry->dwords[0] == value)) {
			break;
		}
		i++;
	}
	return i;
}

static void test_tdn_09_in_order(void **state)
{
	size_t invalidated, written, queues, interrupts, on, gbpa;

	(void)state;
	take(&model_full, 0);
	use();
	assert_int_equal(smmuv3_put_back(&bench_smmu), 0);
	invalidated = find(MODEL_LOG_COMMAND, CMD_SYNC, 0);
	assert_true(find(MODEL_LOG_COMMAND, CMD_CFGI_ALL, 0) < invalidated);
	assert_true(find(MODEL_LOG_COMMAND, CMD_TLBI_NSNH_ALL, 0) < invalidated);
	assert_true(find(MODEL_LOG_COMMAND, CMD_TLBI_EL2_ALL, 0) < invalidated);
	written = find(MODEL_LOG_WRITE, SMMU_STRTAB_BASE, (uint32_t)OWNED);
	queues = find(MODEL_LOG_WRITE, SMMU_CR0, FOUND_CR0 & ~CR0_SMMUEN);
	interrupts = find(MODEL_LOG_WRITE, SMMU_IRQ_CTRL, IRQ_CTRL_ACKNOWLEDGED);
	on = find(MODEL_LOG_WRITE, SMMU_CR0, FOUND_CR0);
	gbpa = find(MODEL_LOG_WRITE, SMMU_GBPA, FOUND_GBPA | GBPA_UPDATE);
	assert_true(invalidated < written && written < queues && queues < interrupts && interrupts < on);
	assert_int_equal(gbpa, on + 1);
	assert_int_equal(gbpa + 1, model_log_count(bench_model));
	assert_the_owners();
	bench_close();
}

static void test_tdn_09_late_acknowledges(void **state)
{
	struct model_config late = model_full;

	(void)state;
	late.ack_delay = 5;
	late.command_delay = 3;
	take(&late, 0);
	use();
	assert_int_equal(smmuv3_put_back(&bench_smmu), 0);
	assert_the_owners();
	bench_close();
}

static void test_tdn_09_without_page_1(void **state)
{
	struct model_config folded = model_full;

	(void)state;
	folded.page1_absent = true;
	take(&folded, SMMUV3_DESCRIBED_NO_PAGE1);
	use();
	assert_int_equal(smmuv3_put_back(&bench_smmu), 0);
	assert_the_owners();
	bench_close();
}

/* It was only blocked: none of its structures are this driver's. */
static void test_tdn_09_never_started(void **state)
{
	(void)state;
	take(&model_full, 0);
	model_log_clear(bench_model);
	assert_int_equal(smmuv3_put_back(&bench_smmu), 0);
	assert_int_equal(bench_command_count(CMD_SYNC), 0);
	assert_the_owners();
	bench_close();
}

/* Commands that the SMMU had not come to are executed then. */
static void test_tdn_09_commands_under_way(void **state)
{
	const uint64_t sync = CMD_SYNC;

	(void)state;
	take(&model_full, 0);
	assert_int_equal(smmuv3_put_back(&bench_smmu), 0);
	memcpy((void *)(OWNED + 0x1000 + 5 * 16), &sync, sizeof(sync));
	model_config(bench_model)->hold_commands = true;
	model_write32(bench_model, SMMU_CMDQ_PROD, 14);
	assert_int_equal(model_peek32(bench_model, SMMU_CMDQ_CONS), 13);
	assert_int_equal(smmuv3_inherit(&bench_smmu), 0);
	assert_int_equal(smmuv3_block(&bench_smmu), 0);
	smmuv3_keep(&bench_smmu);
	assert_int_equal(smmuv3_put_back(&bench_smmu), 0);
	model_step(bench_model);
	assert_int_equal(model_peek32(bench_model, SMMU_CMDQ_CONS), 14);
	bench_close();
}

static void test_tdn_09_found_off(void **state)
{
	(void)state;
	bench_open(&model_full, BENCH_MEMORY_SIZE);
	bench_start(1);
	assert_int_equal(smmuv3_hand_over(&bench_smmu, SMMUV3_HANDOVER_ABORT), 0);
	model_log_clear(bench_model);
	assert_int_equal(smmuv3_put_back(&bench_smmu), 0);
	assert_int_equal(model_log_count(bench_model), 0);
	bench_close();
}

static void assert_denies(void)
{
	assert_int_equal(model_peek32(bench_model, SMMU_CR0ACK) & CR0_SMMUEN, 0);
	assert_true(model_peek32(bench_model, SMMU_GBPA) & GBPA_ABORT);
	assert_false(door_open);
	bench_close();
}

static bool is_table_base(uint32_t offset)
{
	return offset == SMMU_STRTAB_BASE;
}

static void test_tdn_09_register_that_does_not_take_it(void **state)
{
	(void)state;
	take(&model_full, 0);
	use();
	refuses = is_table_base;
	bench_listen();
	assert_int_equal(smmuv3_put_back(&bench_smmu), -EIO);
	assert_true(bench_heard("smmu: waited 1000 ms for what is put back to read 0x207f0000 under mask 0xffffffff"));
	assert_denies();
}

static void test_tdn_09_acknowledge_that_never_comes(void **state)
{
	static const uint32_t bits[] = {CR0_PRIQEN, CR0_ATSCHK, 1U << 6, CR0_SMMUEN};

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		take(&model_full, 0);
		use();
		model_config(bench_model)->never_ack_cr0 = bits[i];
		assert_int_equal(smmuv3_put_back(&bench_smmu), -EIO);
		assert_denies();
	}
}

static void test_tdn_09_interrupts_that_are_not_acknowledged(void **state)
{
	(void)state;
	take(&model_full, 0);
	use();
	model_config(bench_model)->never_ack_irq = true;
	assert_int_equal(smmuv3_put_back(&bench_smmu), -EIO);
	assert_denies();
}

/* Its caches may hold what was this driver's. */
static void test_tdn_09_instance_that_failed(void **state)
{
	(void)state;
	take(&model_full, 0);
	use();
	(void)smmuv3_set_health(&bench_smmu, SMMUV3_LOST);
	assert_int_equal(smmuv3_put_back(&bench_smmu), -EIO);
	assert_int_equal(model_log_count(bench_model), 0);
	assert_denies();
}

static void test_tdn_09_invalidation_that_fails(void **state)
{
	(void)state;
	take(&model_full, 0);
	use();
	model_fail_command(bench_model, 1, MODEL_CERROR_ILL);
	assert_int_equal(smmuv3_put_back(&bench_smmu), -EIO);
	assert_int_equal(find(MODEL_LOG_WRITE, SMMU_STRTAB_BASE, (uint32_t)OWNED), model_log_count(bench_model));
	assert_denies();
}

/* Only what was found may be set beside what the driver implements. */
static void test_reg_03_bits_that_were_found(void **state)
{
	(void)state;
	take(&model_full, 0);
	assert_int_equal(smmuv3_write_cr0(&bench_smmu, CR0_ATSCHK), 0);
	assert_int_equal(smmuv3_write_cr0(&bench_smmu, CR0_DPT_WALK_EN), -EPERM);
	assert_int_equal(smmuv3_write_cr0(&bench_smmu, 2U << CR0_VMW_SHIFT), -EPERM);
	bench_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tdn_09_in_order),
		cmocka_unit_test(test_tdn_09_late_acknowledges),
		cmocka_unit_test(test_tdn_09_without_page_1),
		cmocka_unit_test(test_tdn_09_never_started),
		cmocka_unit_test(test_tdn_09_commands_under_way),
		cmocka_unit_test(test_tdn_09_found_off),
		cmocka_unit_test(test_tdn_09_register_that_does_not_take_it),
		cmocka_unit_test(test_tdn_09_acknowledge_that_never_comes),
		cmocka_unit_test(test_tdn_09_interrupts_that_are_not_acknowledged),
		cmocka_unit_test(test_tdn_09_instance_that_failed),
		cmocka_unit_test(test_tdn_09_invalidation_that_fails),
		cmocka_unit_test(test_reg_03_bits_that_were_found),
	};

	return cmocka_run_group_tests_name("put_back", tests, NULL, NULL);
}
