/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of an instance, in its order of writes: drivers/smmuv3/life.c, interrupts.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "recorder.h"

static void leave_it_on(void)
{
	*reg(SMMU_CR0) = *reg(SMMU_CR0ACK) = smmu.cr0 = CR0_SMMUEN;
	*reg(SMMU_IRQ_CTRL) = *reg(SMMU_IRQ_CTRLACK) = smmu.irq_ctrl = IRQ_CTRL_GERROR;
}

/* Clear and acknowledged enables are not written again. */
static void test_what_is_off_is_not_written(void **state)
{
	static const struct {
		uint16_t written, read;
	} registers[] = {{SMMU_CR0, SMMU_CR0},
			 {SMMU_CR0, SMMU_CR0ACK},
			 {SMMU_IRQ_CTRL, SMMU_IRQ_CTRL},
			 {SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK}};

	(void)state;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_int_equal(find(0, false, SMMU_CR0), recorded_count);
	assert_int_equal(find(0, false, SMMU_IRQ_CTRL), recorded_count);
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		recorded_count = 0;
		*reg(registers[i].read) = 1;
		assert_int_equal(smmuv3_block(&smmu), 0);
		assert_true(find(0, false, registers[i].written) < recorded_count);
		assert_int_equal(*reg(registers[i].read), 0);
	}
	recorded_count = 0;
	smmu.cr0 = CR0_SMMUEN;
	smmu.irq_ctrl = IRQ_CTRL_GERROR;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_true(find(0, false, SMMU_CR0) < recorded_count);
	assert_true(find(0, false, SMMU_IRQ_CTRL) < recorded_count);
}

static void test_reg_01_order_of_a_registration(void **state)
{
	static const struct {
		bool is_command;
		uint32_t what;
	} order[] = {
		{false, SMMU_GBPA},
		{false, SMMU_CR0},
		{false, SMMU_IRQ_CTRL},
		{false, SMMU_CR1},
		{false, SMMU_CR2},
		{false, SMMU_STRTAB_BASE},
		{false, SMMU_STRTAB_BASE_CFG},
		{false, SMMU_CMDQ_BASE},
		{false, SMMU_CMDQ_PROD},
		{false, SMMU_CMDQ_CONS},
		{false, SMMU_EVENTQ_BASE},
		{false, SMMU_EVENTQ_PROD},
		{false, SMMU_EVENTQ_CONS},
		{false, SMMU_CR0},
		{false, SMMU_CMDQ_PROD},
		{true, CMD_CFGI_ALL},
		{true, CMD_TLBI_NSNH_ALL},
		{true, CMD_SYNC},
		{false, SMMU_CR0},
		{false, SMMU_IRQ_CTRL},
		{false, SMMU_CR0},
	};
	unsigned int at = 0;

	(void)state;
	leave_it_on();
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		at = find(at, order[i].is_command, order[i].what);
		assert_true(at < recorded_count);
		at++;
	}
	/* SMMUEN is written last; masters cost no command. */
	assert_int_equal(at, recorded_count);
	assert_int_equal(recorded[at - 1].value, CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN);
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
	assert_true(gbpa < cr0 && cr0 < recorded_count);
}

static void test_gbpa_that_is_not_there_is_noticed(void **state)
{
	(void)state;
	hw.gbpa_present = false;
	*reg(SMMU_GBPA) = 0;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_false(smmu.gbpa_works);
}

/* A GBPA that reads zero opens everything once SMMUEN is clear. */
static void test_gbpa_that_works_no_more_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	hw.gbpa_present = false;
	*reg(SMMU_GBPA) = 0;
	assert_int_equal(iommu_unregister(&smmu.iommu), -EIO);
	assert_true(*reg(SMMU_CR0) & CR0_SMMUEN);
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), -EIO);
	assert_true(*reg(SMMU_CR0) & CR0_SMMUEN);
	assert_int_equal(smmuv3_block(&smmu), -EIO);
	hw.gbpa_present = true;
	assert_int_equal(smmuv3_block(&smmu), 0);
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
	assert_non_null(strstr(smmu.iommu.reason, "service failure"));
	assert_int_equal(*reg(SMMU_GERRORN), 0);
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

static void test_interrupts_are_those_that_are_wired(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_IRQ_CTRL), 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	smmu.event_interrupt = true;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_IRQ_CTRL), 1U << 2);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_IRQ_CTRL), 0);
	smmu.event_interrupt = false;
	smmu.gerror_interrupt = true;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_IRQ_CTRL), 1U << 0);
}

/* IHI 0070, chapter 6: its values, not the driver's names. */
static void test_numbers_of_a_registration(void **state)
{
	static const struct {
		uint32_t offset;
		uint32_t value;
	} writes[] = {
		{0x0044, 1U << 31 | 1U << 20 | 0x1000}, /* GBPA: UPDATE, ABORT, SHCFG kept. */
		{0x0020, 0},				/* CR0. */
		{0x0050, 0},				/* IRQ_CTRL. */
		{0x0028, 0xd75},			/* CR1: tables and queues inner shareable, write-back. */
		{0x002c, 6},				/* CR2: PTM, RECINVSID. */
		{0x0088, 1U << 16 | 6U << 6 | 16},	/* STRTAB_BASE_CFG: two levels, split 6, 16 bits. */
		{0x0098, 0},				/* CMDQ_PROD. */
		{0x009c, 0},				/* CMDQ_CONS. */
		{0x100a8, 0},				/* EVENTQ_PROD. */
		{0x100ac, 0},				/* EVENTQ_CONS. */
		{0x0020, 8},				/* CMDQEN. */
		{0x0098, 3},				/* Two commands and a SYNC. */
		{0x0020, 0xc},				/* EVENTQEN. */
		{0x0020, 0xd},				/* SMMUEN. */
	};
	unsigned int at = 0;

	(void)state;
	leave_it_on();
	/* Nothing is aligned by chance. */
	assert_non_null(arena_allocate(8, 8));
	*reg(0x98) = 0x55;
	*reg(0x9c) = 0x55;
	*reg(0x100a8) = 0x55;
	*reg(0x100ac) = 0x55;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		at = find(at, false, writes[i].offset);
		assert_true(at < recorded_count);
		assert_int_equal(recorded[at++].value, writes[i].value);
	}
	/* RA of both and WA; 1024 descriptors; queues of 128 and 1024 entries. */
	assert_int_equal(reg_pair(0x80) >> 62, 1);
	assert_int_equal(reg_pair(0x90) >> 62, 1);
	assert_int_equal(reg_pair(0xa0) >> 62, 1);
	assert_int_equal(reg_pair(0x90) & 0x1f, 7);
	assert_int_equal(reg_pair(0xa0) & 0x1f, 10);
	assert_int_equal(reg_pair(0x80) % (1024 * 8), 0);
	assert_int_equal((reg_pair(0x90) & ~0x1fULL) % (128 * 16), 0);
	assert_int_equal((reg_pair(0xa0) & ~0x1fULL) % (1024 * 32), 0);
	at = find(0, true, 0x04); /* CMD_CFGI_ALL. */
	assert_int_equal(recorded[at].value, 0x04);
	assert_int_equal(recorded[at].second, 31);
	assert_int_equal(recorded[at + 1].value, 0x30); /* CMD_TLBI_NSNH_ALL. */
	assert_int_equal(recorded[at + 2].value, 0x46); /* CMD_SYNC. */
}

static void test_numbers_of_a_hypervisors_smmu(void **state)
{
	unsigned int at;

	(void)state;
	*reg(SMMU_IDR0) |= 1U << 9;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	at = find(0, true, 0x04);
	assert_int_equal(recorded[at + 1].value, 0x20); /* CMD_TLBI_EL2_ALL. */
	assert_int_equal(recorded[at + 2].value, 0x30);
}

static void test_memory_that_runs_out_fails_the_start(void **state)
{
	unsigned int failures = 0;
	int error = -ENOMEM;

	(void)state;
	for (size_t size = 0; error; size += 1024) {
		arena_init(recorder_memory, size);
		smmuv3_init(&smmu, "smmu", 0xc000000, regs, true);
		bind_queue_init(&queue);
		if (iommu_core_init(&core, &queue, RECORDER_MASTERS_MAX) || iommu_describe(&core, &smmu.iommu)) {
			continue;
		}
		assert_int_equal(smmuv3_inherit(&smmu), 0);
		recorded_count = 0;
		error = iommu_register(&smmu.iommu);
		if (error) {
			assert_int_equal(error, -ENOMEM);
			assert_non_null(strstr(smmu.iommu.reason, "memory"));
			assert_int_equal(*reg(SMMU_CR0), 0);
			failures++;
		}
	}
	/* Pieces: 2, 2, 4 KiB; 16 for CDs; 4 for a root; the domains. */
	assert_true(failures > 20);
}

static void test_refused_instance_is_not_written_to(void **state)
{
	(void)state;
	*reg(SMMU_IDR0) &= ~3U;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), -ENOTSUP);
	assert_non_null(strstr(smmu.iommu.reason, "stage 1"));
	assert_int_equal(find(0, false, SMMU_CR1), recorded_count);
	assert_int_equal(find(0, false, SMMU_STRTAB_BASE), recorded_count);
}

static void test_reregistration_forgets_everything(void **state)
{
	size_t used;

	(void)state;
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_CR0), 0);
	assert_true(*reg(SMMU_GBPA) & GBPA_ABORT);
	assert_int_equal(ste_of(0x500)->dword[0], 0);
	assert_true(smmuv3_health(&smmu) != SMMUV3_ON);
	used = arena_used();
	recorded_count = 0;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_true(ste_of(0x500)->dword[0] & STE0_V);
	assert_int_equal(arena_used(), used);
	assert_int_equal(count_since(0, true), 3);
}

/* Abort is set before the table is emptied. */
static const struct ste *ste_of_a_leaving_instance;

static void look_at_the_entry(void)
{
	assert_true(ste_of_a_leaving_instance->dword[0] & STE0_V);
	assert_true(*reg(SMMU_GBPA) & GBPA_ABORT);
}

static void test_table_is_emptied_after_the_smmu_is_off(void **state)
{
	(void)state;
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	ste_of_a_leaving_instance = ste_of(0x500);
	hw.on_smmuen_off = look_at_the_entry;
	/* Only the hardware's part. */
	smmuv3_ops.stop(&smmu.iommu);
	assert_int_equal(ste_of_a_leaving_instance->dword[0], 0);
}

static void test_pause_ends_the_invalidations(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(smmuv3_pause(&smmu), 0);
	assert_int_equal(*reg(SMMU_CR0), CR0_CMDQEN | CR0_EVENTQEN);
	assert_true(smmuv3_health(&smmu) != SMMUV3_ON);
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmuv3_health(&smmu), SMMUV3_ON);
}

static uint32_t enabled_before_smmuen;

static void note_enabled(volatile void *at, uint32_t value)
{
	if (at == reg(SMMU_CR0) && value & CR0_SMMUEN) {
		enabled_before_smmuen = smmuv3_health(&smmu) == SMMUV3_ON;
	}
	recorder_write(at, value);
}

static void test_invalidations_begin_before_smmuen(void **state)
{
	(void)state;
	arch_hooks.write32 = note_enabled;
	enabled_before_smmuen = false;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_true(enabled_before_smmuen);
}

static void test_second_start_repairs_a_broken_queue(void **state)
{
	(void)state;
	hw.consume = false;
	assert_int_equal(iommu_register(&smmu.iommu), -EIO);
	assert_non_null(strstr(smmu.iommu.reason, "command queue"));
	hw.consume = true;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
}

static void test_tdn_02_hand_over_in_order(void **state)
{
	unsigned int at = 0;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	recorded_count = 0;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
	for (uint32_t wanted = CR0_CMDQEN | CR0_EVENTQEN;; wanted = wanted == CR0_EVENTQEN ? 0 : CR0_EVENTQEN) {
		at = find(at, false, SMMU_CR0);
		assert_true(at < recorded_count);
		assert_int_equal(recorded[at++].value, wanted);
		if (!wanted) {
			break;
		}
	}
	assert_true(find(at, false, SMMU_IRQ_CTRL) < recorded_count);
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
	*reg(SMMU_EVENTQ_CONS) ^= 1;
	assert_false(smmuv3_queues_empty(&smmu));
	*reg(SMMU_EVENTQ_CONS) ^= 1;
	hw.acknowledge_cr0 = false;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), -EIO);
}

static void test_hand_over_notices_an_error_that_stays(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	/* An earlier one is acknowledged. */
	*reg(SMMU_GERROR) ^= GERROR_EVENTQ_ABT_ERR;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
	smmu.health = SMMUV3_BROKEN;
	*reg(SMMU_GERROR) ^= GERROR_CMDQ_ERR;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), -EIO);
}

static void test_hand_over_notices_gbpa_that_stays(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	hw.gbpa_present = false;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_BYPASS), -EIO);
}

static void test_hand_over_without_gbpa(void **state)
{
	(void)state;
	hw.gbpa_present = false;
	*reg(SMMU_GBPA) = 0;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
}

/* Abort may be gone: it is set before SMMUEN is cleared. */
static void test_hand_over_denies_before_smmuen_falls(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	*reg(SMMU_GBPA) = 0x1000;
	recorded_count = 0;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
	assert_true(find(0, false, SMMU_GBPA) < find(0, false, SMMU_CR0));
}

static void raise_a_last_event(void)
{
	raise_event(C_BAD_STE, 7, 0, 0);
}

static void test_hand_over_drains_what_was_on_its_way(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	hw.on_smmuen_off = raise_a_last_event;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
	assert_int_equal(smmu.counts.events, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDED(test_reg_01_order_of_a_registration),
		RECORDED(test_abort_stands_before_smmuen_falls),
		RECORDED(test_gbpa_that_is_not_there_is_noticed),
		RECORDED(test_gbpa_that_works_no_more_is_an_error),
		RECORDED(test_ger_07_latched_errors_are_acknowledged_first),
		RECORDED(test_ger_05_service_failure_refuses),
		RECORDED(test_ger_05_service_failure_stays_in_sight),
		RECORDED(test_interrupts_are_those_that_are_wired),
		RECORDED(test_numbers_of_a_registration),
		RECORDED(test_numbers_of_a_hypervisors_smmu),
		RECORDED(test_memory_that_runs_out_fails_the_start),
		RECORDED(test_what_is_off_is_not_written),
		RECORDED(test_refused_instance_is_not_written_to),
		RECORDED(test_reregistration_forgets_everything),
		RECORDED(test_table_is_emptied_after_the_smmu_is_off),
		RECORDED(test_pause_ends_the_invalidations),
		RECORDED(test_invalidations_begin_before_smmuen),
		RECORDED(test_second_start_repairs_a_broken_queue),
		RECORDED(test_tdn_02_hand_over_in_order),
		RECORDED(test_hand_over_bypass_keeps_shcfg),
		RECORDED(test_hand_over_notices_what_did_not_work),
		RECORDED(test_hand_over_notices_an_error_that_stays),
		RECORDED(test_hand_over_notices_gbpa_that_stays),
		RECORDED(test_hand_over_without_gbpa),
		RECORDED(test_hand_over_denies_before_smmuen_falls),
		RECORDED(test_hand_over_drains_what_was_on_its_way),
	};

	return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
