/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register access: forbidden writes are refused by name (the model complains of others), acknowledges are waited for,
 * GBPA keeps its fields.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/arch.h"
#include "bench.h"
#include "recorder.h"

#define ALL (CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN)

/* Registers and their enables, by IHI 0070, 6.3. */
static const struct {
	unsigned int offset;
	uint32_t locks;
	const char *name;
} guarded[] = {
	{0x28, ALL, "CR1"},
	{0x2c, CR0_SMMUEN, "CR2"},
	{0x80, CR0_SMMUEN, "STRTAB_BASE"},
	{0x84, CR0_SMMUEN, "STRTAB_BASE"},
	{0x88, CR0_SMMUEN, "STRTAB_BASE_CFG"},
	{0x90, CR0_CMDQEN, "CMDQ_BASE"},
	{0x94, CR0_CMDQEN, "CMDQ_BASE"},
	{0x9c, CR0_CMDQEN, "CMDQ_CONS"},
	{0xa0, CR0_EVENTQEN, "EVENTQ_BASE"},
	{0xa4, CR0_EVENTQEN, "EVENTQ_BASE"},
	{0x100a8, CR0_EVENTQEN, "EVENTQ_PROD"},
};

#define GUARDED_COUNT (sizeof(guarded) / sizeof(guarded[0]))

static int setup(void **state)
{
	(void)state;
	bench_open(&model_full, BENCH_MEMORY_SIZE);
	bench_start(1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bench_close();
	return 0;
}

static void try_all(uint32_t enabled)
{
	for (size_t i = 0; i < GUARDED_COUNT; i++) {
		uint32_t before = bench_smmu.counts.refused_writes;
		uint32_t value = model_peek32(bench_model, guarded[i].offset);
		bool locked = guarded[i].locks & enabled;
		size_t logged = model_log_count(bench_model);

		bench_listen();
		assert_int_equal(smmuv3_write(&bench_smmu, guarded[i].offset, value), locked ? -EPERM : 0);
		assert_int_equal(bench_smmu.counts.refused_writes, before + locked);
		assert_int_equal(model_log_count(bench_model), logged + !locked);
		if (locked) {
			char start[64];

			snprintf(start, sizeof(start), "smmu: %s: 0x", guarded[i].name);
			assert_true(bench_heard(start));
		}
	}
}

static void test_reg_14_every_guarded_register_under_every_enable(void **state)
{
	static const uint32_t combinations[] = {ALL, CR0_EVENTQEN | CR0_CMDQEN, CR0_CMDQEN, CR0_EVENTQEN, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(combinations) / sizeof(combinations[0]); i++) {
		assert_int_equal(smmuv3_write_cr0(&bench_smmu, combinations[i]), 0);
		try_all(combinations[i]);
	}
	bench_smmu.health = SMMUV3_OFF;
}

/* Page 1 in page 0: the same enable locks it. */
static void test_reg_14_a_folded_page_1(void **state)
{
	(void)state;
	assert_int_equal(smmuv3_write(&bench_smmu, 0xa8, 0), -EPERM);
	assert_int_equal(smmuv3_write_cr0(&bench_smmu, 0), 0);
	bench_smmu.health = SMMUV3_OFF;
}

#define MSI BIT32(13)

static void open_with_messages(void)
{
	struct model_config config = model_full;

	bench_close();
	config.idr[0] |= MSI;
	bench_open(&config, BENCH_MEMORY_SIZE);
	bench_smmu.event_interrupt = true;
	bench_smmu.gerror_interrupt = true;
}

/* UNKNOWN after reset: an interrupt would be written there. */
static void test_msi_addresses_are_cleared(void **state)
{
	static const unsigned int places[] = {0x68, 0x6c, 0xb0, 0xb4};

	(void)state;
	open_with_messages();
	assert_int_not_equal(model_peek32(bench_model, places[0]) | model_peek32(bench_model, places[1]), 0);
	bench_start(1);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(model_peek32(bench_model, places[i]), 0);
	}
}

static void test_reg_14_msi_addresses_under_each_interrupt(void **state)
{
	static const struct {
		unsigned int offset;
		uint32_t lock;
	} places[] = {{0x68, BIT32(0)}, {0x6c, BIT32(0)}, {0xb0, BIT32(2)}, {0xb4, BIT32(2)}};

	(void)state;
	open_with_messages();
	bench_start(1);
	for (uint32_t interrupts = 0; interrupts <= 5; interrupts += interrupts == 1 ? 3 : 1) {
		assert_int_equal(smmuv3_write_irq_ctrl(&bench_smmu, interrupts), 0);
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			assert_int_equal(smmuv3_write(&bench_smmu, places[i].offset, 0),
					 interrupts & places[i].lock ? -EPERM : 0);
		}
	}
}

/* Locked from the enable's write until its removal is acknowledged. */
static void test_reg_14_until_it_is_acknowledged(void **state)
{
	(void)state;
	model_config(bench_model)->never_ack_cr0 = ALL;
	assert_int_equal(smmuv3_write_cr0(&bench_smmu, 0), -EIO);
	try_all(ALL);
	model_config(bench_model)->never_ack_cr0 = 0;
	assert_int_equal(smmuv3_write_cr0(&bench_smmu, 0), 0);
	model_forget_complaints(bench_model); /* CR0 written again before the acknowledgement. */
	model_config(bench_model)->never_ack_cr0 = CR0_CMDQEN;
	assert_int_equal(smmuv3_write_cr0(&bench_smmu, CR0_CMDQEN), -EIO);
	assert_int_equal(smmuv3_write(&bench_smmu, SMMU_CMDQ_CONS, 0), -EPERM);
	assert_int_equal(smmuv3_write(&bench_smmu, SMMU_CR2, CR2_RECINVSID), 0);
	bench_smmu.health = SMMUV3_OFF;
}

static void test_an_unimplemented_bit_of_cr0(void **state)
{
	uint32_t before = bench_smmu.cr0;

	(void)state;
	for (unsigned int bit = 0; bit < 32; bit++) {
		if (!(ALL & BIT32(bit))) {
			bench_listen();
			assert_int_equal(smmuv3_write_cr0(&bench_smmu, ALL | BIT32(bit)), -EPERM);
			assert_true(bench_heard("smmu: CR0: 0x"));
			assert_int_equal(model_peek32(bench_model, SMMU_CR0), ALL);
			assert_int_equal(bench_smmu.cr0, before);
		}
	}
	/* A later write is not refused for the other bits. */
	assert_int_equal(smmuv3_shrink_events(&bench_smmu, 2), 0);
	assert_int_equal(smmuv3_restore_events(&bench_smmu), 0);
}

/* Neither half is written. */
static void test_reg_13_misaligned_bases(void **state)
{
	static const struct {
		unsigned int offset;
		const char *name;
	} bases[] = {{0x80, "STRTAB_BASE"}, {0x90, "CMDQ_BASE"}, {0xa0, "EVENTQ_BASE"}};

	char start[64];

	(void)state;
	assert_int_equal(smmuv3_write_cr0(&bench_smmu, 0), 0);
	bench_smmu.health = SMMUV3_OFF;
	model_log_clear(bench_model);
	for (size_t i = 0; i < 3; i++) {
		for (uint64_t bit = 1; bit < 0x2000; bit <<= 1) {
			bench_listen();
			assert_int_equal(smmuv3_write_base(&bench_smmu, bases[i].offset, bases[i].name,
							   BENCH_MEMORY + bit, 0x2000, 0),
					 -EINVAL);
			snprintf(start, sizeof(start), "smmu: %s: 0x", bases[i].name);
			assert_true(bench_heard(start));
		}
	}
	assert_int_equal(model_log_count(bench_model), 0);
	assert_int_equal(smmuv3_write_base(&bench_smmu, 0x80, "STRTAB_BASE", BENCH_MEMORY + 0x2000, 0x2000, 0), 0);
	assert_int_equal(model_log_count(bench_model), 2);
}

/* Misaligned or enabled: unchanged. */
static void test_a_queue_is_not_programmed_where_it_may_not_be(void **state)
{
	(void)state;
	model_log_clear(bench_model);
	assert_int_equal(smmuv3_program_event_queue(&bench_smmu, BENCH_MEMORY + 32), -EINVAL);
	assert_int_equal(smmuv3_program_event_queue(&bench_smmu, BENCH_MEMORY), -EPERM);
	assert_int_equal(smmuv3_program_command_queue(&bench_smmu, BENCH_MEMORY + 16), -EINVAL);
	assert_int_equal(smmuv3_program_command_queue(&bench_smmu, BENCH_MEMORY), -EPERM);
	assert_int_equal(model_log_count(bench_model), 0);
	assert_int_equal(bench_smmu.counts.refused_writes, 4);
}

static void test_reg_02_irq_ctrl_that_is_not_acknowledged(void **state)
{
	(void)state;
	model_config(bench_model)->never_ack_irq = true;
	assert_int_equal(smmuv3_write_irq_ctrl(&bench_smmu, IRQ_CTRL_EVENTQ), -EIO);
	assert_int_equal(smmuv3_write_irq_ctrl(&bench_smmu, 0), 0);
	bench_expect_complaint("IRQ_CTRL written while a previous update is not acknowledged");
}

static void test_reg_02_late_acknowledges(void **state)
{
	(void)state;
	model_config(bench_model)->ack_delay = 50;
	assert_int_equal(smmuv3_hand_over(&bench_smmu, SMMUV3_HANDOVER_ABORT), 0);
	assert_int_equal(model_peek32(bench_model, SMMU_CR0ACK), 0);
}

/* A debugger halts the core beyond each wait; the SMMU goes on. */
static void let_the_smmu_go_on(void)
{
	for (unsigned int i = 0; i < 50; i++) {
		model_step(bench_model);
	}
}

static void test_reg_02_a_core_that_is_held_up(void **state)
{
	(void)state;
	model_config(bench_model)->ack_delay = 50;
	arch_hooks.relax = let_the_smmu_go_on;
	arch_hooks.tick = 100000000;
	assert_int_equal(smmuv3_hand_over(&bench_smmu, SMMUV3_HANDOVER_ABORT), 0);
	assert_int_equal(model_peek32(bench_model, SMMU_CR0ACK), 0);
}

static void test_reg_07_gbpa_keeps_its_other_fields(void **state)
{
	(void)state;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_int_equal(*reg(SMMU_GBPA), GBPA_ABORT | 0x1000);
	assert_true(smmu.gbpa_works);
}

static void test_reg_02_acknowledge_that_never_comes_fails(void **state)
{
	(void)state;
	hw.acknowledge_cr0 = false;
	*reg(SMMU_CR0ACK) = CR0_SMMUEN;
	assert_int_equal(iommu_register(&smmu.iommu), -EIO);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_FAILED);
	assert_non_null(smmu.iommu.reason);
}

static void test_reg_06_gbpa_busy_for_ever_fails(void **state)
{
	(void)state;
	hw.gbpa_present = false;
	*reg(SMMU_GBPA) = GBPA_UPDATE;
	assert_int_equal(smmuv3_block(&smmu), -EIO);
}

static void test_reg_02_every_bit_must_be_acknowledged(void **state)
{
	static const uint32_t bits[] = {CR0_SMMUEN, CR0_EVENTQEN, CR0_CMDQEN};

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		hw.never_acknowledged = bits[i];
		assert_int_equal(iommu_register(&smmu.iommu), -EIO);
		assert_non_null(smmu.iommu.reason);
		assert_true(smmuv3_health(&smmu) != SMMUV3_ON);
	}
	hw.never_acknowledged = 0;
	hw.acknowledge_irq_ctrl = false;
	smmu.event_interrupt = true;
	assert_int_equal(iommu_register(&smmu.iommu), -EIO);
	hw.acknowledge_irq_ctrl = true;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
}

/* Also waits for another owner's PRIQEN, ATSCHK, VMW, DPT_WALK_EN. */
static void test_reg_02_what_another_owner_had_set(void **state)
{
	static const uint32_t bits[] = {1U << 1, 1U << 4, 1U << 6, 1U << 7, 1U << 8, 1U << 10};

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		*reg(SMMU_CR0) = smmu.cr0 = bits[i];
		*reg(SMMU_CR0ACK) = bits[i];
		hw.acknowledge_cr0 = false;
		assert_int_equal(smmuv3_block(&smmu), -EIO);
		hw.acknowledge_cr0 = true;
		assert_int_equal(smmuv3_block(&smmu), 0);
		assert_int_equal(*reg(SMMU_CR0ACK), 0);
	}
}

static void test_reg_06_gbpa_takes_its_time(void **state)
{
	(void)state;
	hw.gbpa_delay = 3;
	*reg(SMMU_GBPA) = 0x1000 | GBPA_UPDATE;
	hw.gbpa_pending = 0x1000;
	hw.gbpa_reads = 3;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_int_equal(*reg(SMMU_GBPA), GBPA_ABORT | 0x1000);
	assert_true(smmu.gbpa_works);
	recorded_count = 0;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_int_equal(find(0, false, SMMU_GBPA), recorded_count);
}

static void test_reg_13_a_misaligned_base_is_refused(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	smmu.cmdq.entries = (uint8_t *)smmu.cmdq.entries + 32;
	recorded_count = 0;
	assert_int_equal(iommu_register(&smmu.iommu), -EINVAL);
	assert_non_null(strstr(smmu.iommu.reason, "aligned"));
	for (unsigned int i = 0; i < recorded_count; i++) {
		assert_true(recorded[i].is_command || recorded[i].what != SMMU_CMDQ_BASE);
	}
	smmu.cmdq.entries = (uint8_t *)smmu.cmdq.entries - 32;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
}

static void test_reg_14_what_is_in_use_is_not_written(void **state)
{
	static const uint32_t locked[] = {SMMU_STRTAB_BASE, SMMU_STRTAB_BASE + 4, SMMU_STRTAB_BASE_CFG, SMMU_CR1};

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (unsigned int i = 0; i < sizeof(locked) / sizeof(*locked); i++) {
		uint32_t before = *reg(locked[i]);

		assert_int_equal(smmuv3_write(&smmu, locked[i], ~before), -EPERM);
		assert_int_equal(*reg(locked[i]), before);
	}
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(smmuv3_write(&smmu, SMMU_CR1, 0x5a), 0);
	assert_int_equal(*reg(SMMU_CR1), 0x5a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reg_14_every_guarded_register_under_every_enable),
		TEST(test_reg_14_until_it_is_acknowledged),
		TEST(test_reg_14_a_folded_page_1),
		TEST(test_msi_addresses_are_cleared),
		TEST(test_reg_14_msi_addresses_under_each_interrupt),
		TEST(test_an_unimplemented_bit_of_cr0),
		TEST(test_reg_13_misaligned_bases),
		TEST(test_a_queue_is_not_programmed_where_it_may_not_be),
		TEST(test_reg_02_irq_ctrl_that_is_not_acknowledged),
		TEST(test_reg_02_late_acknowledges),
		TEST(test_reg_02_a_core_that_is_held_up),
		RECORDED(test_reg_07_gbpa_keeps_its_other_fields),
		RECORDED(test_reg_02_acknowledge_that_never_comes_fails),
		RECORDED(test_reg_06_gbpa_busy_for_ever_fails),
		RECORDED(test_reg_02_every_bit_must_be_acknowledged),
		RECORDED(test_reg_02_what_another_owner_had_set),
		RECORDED(test_reg_06_gbpa_takes_its_time),
		RECORDED(test_reg_13_a_misaligned_base_is_refused),
		RECORDED(test_reg_14_what_is_in_use_is_not_written),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
