/* SPDX-License-Identifier: BSD-2-Clause */
/* The model against the specification, by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "walk.h"

#define RAM 0x80000000ULL
#define RAM_SIZE 0x200000U
#define CMDQ (RAM + 0x0)
#define EVENTQ (RAM + 0x1000)
#define STRTAB (RAM + 0x10000)
#define L2TAB (RAM + 0x20000)
#define CDTAB (RAM + 0x30000)
#define S1TAB (RAM + 0x40000) /* Levels 1 to 3 at 0, 0x1000, 0x2000. */
#define S2TAB (RAM + 0x50000)
#define DATA (RAM + 0x100000)
#define NOWHERE 0x10000000ULL

#define LOG2 4U
#define SIZE (1U << LOG2)

/* Offsets, by hand. */
#define IDR0 0x0U
#define CR0 0x20U
#define CR0ACK 0x24U
#define CR1 0x28U
#define CR2 0x2cU
#define GBPA 0x44U
#define IRQ_CTRL 0x50U
#define IRQ_CTRLACK 0x54U
#define GERROR 0x60U
#define GERRORN 0x64U
#define STRTAB_BASE 0x80U
#define STRTAB_BASE_CFG 0x88U
#define CMDQ_BASE 0x90U
#define CMDQ_PROD 0x98U
#define CMDQ_CONS 0x9cU
#define EVENTQ_BASE 0xa0U
#define EVENTQ_PROD 0x100a8U
#define EVENTQ_CONS 0x100acU

#define SMMUEN 1U
#define EVENTQEN 4U
#define CMDQEN 8U

#define TABLE(pa) ((pa) | 3)
#define PAGE(pa) ((pa) | 0x403 | 0x40 | 0x800) /* AF, read and write at EL0, nG. */
#define BLOCK(pa) ((pa) | 0x401 | 0x40 | 0x800)
#define READ_ONLY 0x80ULL
#define S2PAGE(pa) ((pa) | 0x403 | 0xc0)
#define AF 0x400ULL

#define BIT(n) (1ULL << (n))
#define STE_V 1ULL
#define STE_ABORT (STE_V)
#define STE_BYPASS (STE_V | 4ULL << 1)
#define STE_S1 (STE_V | 5ULL << 1)
#define STE_S2 (STE_V | 6ULL << 1)
#define STE_NESTED (STE_V | 7ULL << 1)
/* T0SZ 25, 4 KiB, EPD1, V, IPS 48 bits, AA64, R, A. */
#define CD_0 (25ULL | BIT(30) | BIT(31) | 5ULL << 32 | BIT(41) | BIT(45) | BIT(46))
#define CD_ASID(asid) ((uint64_t)(asid) << 48)
/* S2T0SZ 25, SL0 1, 4 KiB, PS 48 bits, AA64, R. */
#define STE_2(vmid) ((uint64_t)(vmid) | 25ULL << 32 | 1ULL << 38 | 5ULL << 48 | BIT(51) | BIT(58))

#define IOVA 0x40201000ULL /* Index 1 at levels 1, 2 and 3. */
#define SID 5U

static struct model *model;
static uint8_t *ram;
static struct model_ram memory = {.pa = RAM, .size = RAM_SIZE}; /* The memory that it is in. */
static uint32_t gerror_irq_count, eventq_irq_count, sync_irq_count;
static uint32_t prod;

static void put(uint64_t pa, uint64_t value)
{
	assert_true(model_ram_write(&memory, pa, &value, 8));
}

static uint64_t get(uint64_t pa)
{
	uint64_t value = 0;

	assert_true(model_ram_read(&memory, pa, &value, 8));
	return value;
}

static void count_irq(void *context, struct model *from, enum model_irq irq)
{
	(void)context;
	(void)from;
	gerror_irq_count += irq == MODEL_IRQ_GERROR;
	eventq_irq_count += irq == MODEL_IRQ_EVENTQ;
	sync_irq_count += irq == MODEL_IRQ_SYNC;
}

static void create(const struct model_config *config)
{
	const struct model_memory callbacks = model_ram_memory(&memory);
	struct model_hooks hooks = {NULL, count_irq, NULL};

	if (model) {
		model_destroy(model);
	}
	memset(ram, 0, RAM_SIZE);
	model = model_create(config, &callbacks);
	model_set_hooks(model, &hooks);
	gerror_irq_count = eventq_irq_count = sync_irq_count = prod = 0;
}

static uint32_t rd(uint32_t offset)
{
	return model_read32(model, offset);
}

static void wr(uint32_t offset, uint32_t value)
{
	model_write32(model, offset, value);
}

static void push(uint64_t low, uint64_t high)
{
	put(CMDQ + 16 * (prod % SIZE), low);
	put(CMDQ + 16 * (prod % SIZE) + 8, high);
	prod = (prod + 1) % (2 * SIZE);
}

static void ring(void)
{
	wr(CMDQ_PROD, prod);
}

static void command(uint64_t low, uint64_t high)
{
	push(low, high);
	ring();
}

static void sync_all(void)
{
	command(0x46, 0);
}

static void queues(void)
{
	model_write64(model, CMDQ_BASE, CMDQ | LOG2);
	wr(CMDQ_PROD, 0);
	wr(CMDQ_CONS, 0);
	model_write64(model, EVENTQ_BASE, EVENTQ | LOG2);
	wr(EVENTQ_PROD, 0);
	wr(EVENTQ_CONS, 0);
	wr(CR2, 2);
	wr(CR0, CMDQEN | EVENTQEN);
}

static void invalidate_all(void)
{
	command(0x04, 31);
	if (rd(IDR0) & 0x200) {
		command(0x20, 0);
	}
	command(0x30, 0);
	sync_all();
}

/* A linear table of 16 streams, queues of 16, all on. */
static void bring_up(const struct model_config *config)
{
	create(config);
	queues();
	invalidate_all();
	model_write64(model, STRTAB_BASE, STRTAB);
	wr(STRTAB_BASE_CFG, 4);
	wr(CR0, CMDQEN | EVENTQEN | SMMUEN);
	assert_int_equal(rd(CR0ACK), CMDQEN | EVENTQEN | SMMUEN);
	assert_int_equal(model_complaint_count(model), 0);
}

static void put_ste(uint32_t sid, uint64_t dw0, uint64_t dw1, uint64_t dw2, uint64_t dw3)
{
	uint64_t at = STRTAB + 64ULL * sid;

	put(at + 8, dw1);
	put(at + 16, dw2);
	put(at + 24, dw3);
	put(at, dw0);
}

static void put_cd(uint64_t at, uint64_t dw0, uint64_t ttb)
{
	put(at, dw0);
	put(at + 8, ttb);
}

static void put_tables(uint64_t at, uint64_t leaf)
{
	put(at + 8, TABLE(at + 0x1000));
	put(at + 0x1008, TABLE(at + 0x2000));
	put(at + 0x2008, leaf);
}

static void setup_s1(uint64_t cd0)
{
	put_tables(S1TAB, PAGE(DATA));
	put_cd(CDTAB, cd0, S1TAB);
	put_ste(SID, STE_S1 | CDTAB, 0, 0, 0);
}

static void setup_s2(void)
{
	put_tables(S2TAB, S2PAGE(DATA));
	put_ste(SID, STE_S2, 0, STE_2(7), S2TAB);
}

/* Stage 2: RAM, identity, one block; stage 1: IOVA. */
static void setup_nested(void)
{
	put_tables(S1TAB, PAGE(DATA));
	put_cd(CDTAB, CD_0 | CD_ASID(3), S1TAB);
	put(S2TAB + 8 * 2, RAM | AF | 0xc1);
	put_ste(SID, STE_NESTED | CDTAB, 0, STE_2(7), S2TAB);
}

static enum model_outcome dma(uint64_t address, bool write, uint64_t *pa)
{
	struct model_access access = {.sid = SID, .address = address, .write = write};

	return model_dma(model, &access, pa, NULL);
}

static void expect_pass(uint64_t address, uint64_t expected)
{
	uint64_t pa = 0;

	assert_int_equal(dma(address, false, &pa), MODEL_PASSED);
	assert_true(pa == expected);
}

static uint64_t event_dword(uint32_t index, unsigned int dword)
{
	return get(EVENTQ + 32ULL * index + 8 * dword);
}

/* Takes exactly this record. */
static void expect_event(uint32_t number)
{
	uint32_t cons = rd(EVENTQ_CONS), have = rd(EVENTQ_PROD);

	assert_int_equal((have - cons) % (2 * SIZE), 1);
	assert_int_equal(event_dword(cons % SIZE, 0) & 0xff, number);
	wr(EVENTQ_CONS, have);
}

static void expect_fault(uint64_t address, bool write, uint32_t number)
{
	assert_int_equal(dma(address, write, NULL), MODEL_ABORTED);
	expect_event(number);
}

static void expect_complaint(const char *part)
{
	if (!model_complained(model, part)) {
		for (size_t i = 0; i < model_complaint_count(model); i++) {
			print_message("complaint: %s\n", model_complaint(model, i));
		}
	}
	assert_true(model_complained(model, part));
	assert_int_equal(model_complaint_count(model), 1);
	model_forget_complaints(model);
}

static void expect_no_complaint(void)
{
	for (size_t i = 0; i < model_complaint_count(model); i++) {
		print_message("complaint: %s\n", model_complaint(model, i));
	}
	assert_int_equal(model_complaint_count(model), 0);
}

static int setup(void **state)
{
	(void)state;
	ram = malloc(RAM_SIZE);
	memory.bytes = ram;
	return !ram;
}

static int teardown(void **state)
{
	(void)state;
	if (model) {
		model_destroy(model);
	}
	model = NULL;
	free(ram);
	return 0;
}

/* Registers. */

static void test_cr0_is_acknowledged_late(void **state)
{
	(void)state;
	create(&model_full);
	queues();
	model_config(model)->ack_delay = 3;
	wr(CR0, CMDQEN);
	assert_int_equal(rd(CR0ACK), CMDQEN | EVENTQEN);
	assert_int_equal(rd(CR0ACK), CMDQEN | EVENTQEN);
	assert_int_equal(rd(CR0ACK), CMDQEN);
	expect_no_complaint();
}

static void test_cr0_is_never_acknowledged(void **state)
{
	(void)state;
	create(&model_full);
	model_config(model)->never_ack_cr0 = EVENTQEN;
	queues();
	assert_int_equal(rd(CR0ACK), CMDQEN);
}

static void test_cr0_altered_before_the_acknowledgement(void **state)
{
	(void)state;
	create(&model_full);
	queues();
	model_config(model)->ack_delay = 9;
	wr(CR0, CMDQEN);
	wr(CR0, CMDQEN | EVENTQEN);
	expect_complaint("alters 0x4 again");
	wr(CR0, CMDQEN);
	model_forget_complaints(model);
	wr(CR0, 0);
	expect_complaint("a previous update");
}

static void test_cr0_has_bits_that_are_not_implemented(void **state)
{
	(void)state;
	create(&model_full);
	wr(CR0, 2);
	expect_complaint("not implemented");
	assert_int_equal(rd(CR0ACK), 0);
}

static void test_irq_ctrl(void **state)
{
	(void)state;
	create(&model_full);
	wr(IRQ_CTRL, 5);
	assert_int_equal(rd(IRQ_CTRLACK), 5);
	expect_no_complaint();
	wr(IRQ_CTRL, 2);
	expect_complaint("not implemented");
	model_config(model)->ack_delay = 2;
	wr(IRQ_CTRL, 4);
	wr(IRQ_CTRL, 5);
	expect_complaint("IRQ_CTRL written while");
}

static void test_gbpa(void **state)
{
	(void)state;
	create(&model_full);
	assert_int_equal(rd(GBPA), 0x1000);
	expect_pass(0x1234, 0x1234);
	wr(GBPA, BIT(20));
	expect_complaint("without UPDATE");
	model_config(model)->ack_delay = 2;
	wr(GBPA, BIT(31) | BIT(20) | 0x1000);
	wr(GBPA, BIT(31));
	expect_complaint("while UPDATE is set");
	assert_int_equal(rd(GBPA), BIT(20) | 0x1000);
	assert_int_equal(dma(0x1234, false, NULL), MODEL_ABORTED);
	expect_no_complaint();
}

static void test_gbpa_is_absent(void **state)
{
	struct model_config config = model_full;

	(void)state;
	config.gbpa = false;
	create(&config);
	wr(GBPA, BIT(31) | BIT(20));
	assert_int_equal(rd(GBPA), 0);
	expect_pass(0x1234, 0x1234);
}

static void expect_guarded(uint32_t offset, const char *name)
{
	uint32_t old = rd(offset);

	wr(offset, ~old);
	expect_complaint(name);
	assert_int_equal(rd(offset), old);
}

static void test_registers_are_guarded(void **state)
{
	(void)state;
	bring_up(&model_full);
	expect_guarded(STRTAB_BASE, "STRTAB_BASE");
	expect_guarded(STRTAB_BASE + 4, "STRTAB_BASE");
	expect_guarded(STRTAB_BASE_CFG, "STRTAB_BASE_CFG");
	expect_guarded(CR2, "CR2");
	expect_guarded(CMDQ_BASE, "CMDQ_BASE");
	expect_guarded(CMDQ_CONS, "CMDQ_CONS");
	expect_guarded(EVENTQ_BASE, "EVENTQ_BASE");
	expect_guarded(EVENTQ_PROD, "EVENTQ_PROD");
	wr(CR1, rd(CR1) ^ 0x400);
	expect_complaint("CR1.TABLE_*");
	wr(CR1, rd(CR1) ^ 0x10);
	expect_complaint("CR1.QUEUE_*");
}

static void test_registers_are_guarded_until_the_acknowledgement(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_config(model)->ack_delay = 9;
	wr(CR0, CMDQEN | EVENTQEN);
	expect_guarded(CR2, "CR2");
}

static void test_irq_cfg_is_guarded(void **state)
{
	struct model_config config = model_full;

	(void)state;
	config.idr[0] |= 0x2000;
	create(&config);
	model_write64(model, 0x68, 0);
	wr(0xb8, 3);
	wr(IRQ_CTRL, 5);
	expect_no_complaint();
	expect_guarded(0x68, "GERROR_IRQ_CFG");
	expect_guarded(0xb8, "EVENTQ_IRQ_CFG");
}

static void test_gerrorn_toggles_what_is_not_active(void **state)
{
	(void)state;
	create(&model_full);
	wr(GERRORN, 0x100);
	expect_complaint("GERRORN toggles 0x100");
	assert_int_equal(rd(GERROR) ^ rd(GERRORN), 0x100);
}

static void test_page_of_the_event_queue(void **state)
{
	struct model_config config = model_full;

	(void)state;
	create(&model_full);
	wr(0xac, 0);
	expect_complaint("are in page 1");
	config.page1_absent = true;
	create(&config);
	wr(0xac, 3);
	assert_int_equal(rd(0xac), 3);
	expect_no_complaint();
	assert_int_equal(rd(EVENTQ_CONS), 0);
	expect_complaint("are in page 0");
	create(&model_qemu);
	wr(0xac, 1);
	assert_int_equal(rd(EVENTQ_CONS), 1);
	expect_no_complaint();
}

static void test_accesses_that_do_not_exist(void **state)
{
	(void)state;
	create(&model_full);
	rd(0x800);
	expect_complaint("does not exist");
	wr(0, 1);
	expect_complaint("does not exist or is read-only");
	rd(0x22);
	expect_complaint("misaligned");
	model_read64(model, CMDQ_PROD);
	expect_complaint("a 64-bit read");
	model_write64(model, CMDQ_PROD, 0);
	expect_complaint("a 64-bit write");
}

static void test_tables_and_queues_are_checked_when_enabled(void **state)
{
	(void)state;
	create(&model_full);
	queues();
	invalidate_all();
	model_write64(model, STRTAB_BASE, STRTAB + 0x40);
	wr(STRTAB_BASE_CFG, 4);
	wr(CR0, CMDQEN | EVENTQEN | SMMUEN);
	expect_complaint("STRTAB_BASE 0x80010040 is not aligned");
	wr(CR0, 0);
	model_write64(model, STRTAB_BASE, STRTAB);
	wr(STRTAB_BASE_CFG, 17);
	model_write64(model, STRTAB_BASE, 0);
	wr(CR0, SMMUEN);
	expect_complaint("LOG2SIZE 17 is beyond");
	wr(CR0, 0);
	wr(STRTAB_BASE_CFG, 1U << 16 | 7U << 6 | 8);
	wr(CR0, SMMUEN);
	expect_complaint("SPLIT 7 is not");
	wr(CR0, 0);
	model_write64(model, STRTAB_BASE, BIT(50));
	wr(STRTAB_BASE_CFG, 4);
	wr(CR0, SMMUEN);
	expect_complaint("beyond the output address size");
}

static void test_queues_are_checked_when_enabled(void **state)
{
	(void)state;
	create(&model_min);
	model_write64(model, CMDQ_BASE, CMDQ | 4);
	wr(CMDQ_PROD, 0);
	wr(CMDQ_CONS, 0);
	wr(CR0, CMDQEN);
	expect_complaint("LOG2SIZE 4 is beyond");
	wr(CR0, 0);
	model_write64(model, CMDQ_BASE, (CMDQ + 0x40) | 3);
	wr(CR0, CMDQEN);
	expect_complaint("CMDQ_BASE 0x80000040 is not aligned");
	wr(CR0, 0);
	model_write64(model, CMDQ_BASE, CMDQ | 2);
	wr(CMDQ_PROD, 7);
	wr(CMDQ_CONS, 1);
	wr(CR0, CMDQEN);
	expect_complaint("more than it holds");
}

static void test_two_levels_need_support(void **state)
{
	(void)state;
	create(&model_min);
	model_config(model)->caches_clean = true;
	model_reset(model);
	model_write64(model, STRTAB_BASE, STRTAB);
	wr(STRTAB_BASE_CFG, 1U << 16 | 6U << 6 | 6);
	wr(CR0, SMMUEN);
	expect_complaint("FMT 1 is not supported");
}

static void test_caches_have_to_be_invalidated_first(void **state)
{
	(void)state;
	create(&model_full);
	queues();
	command(0x04, 31);
	command(0x30, 0);
	model_write64(model, STRTAB_BASE, STRTAB);
	wr(STRTAB_BASE_CFG, 4);
	wr(CR0, CMDQEN | EVENTQEN | SMMUEN);
	/* No CMD_SYNC. */
	assert_true(model_complained(model, "caches have what they had"));
	assert_true(model_complained(model, "EL2 entries"));
}

/* The command queue. */

static void test_commands_wrap(void **state)
{
	(void)state;
	bring_up(&model_full);
	for (unsigned int i = 0; i < 3 * SIZE; i++) {
		sync_all();
		assert_int_equal(rd(CMDQ_CONS), prod);
	}
	expect_no_complaint();
}

static void test_commands_are_held(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_config(model)->hold_commands = true;
	push(0x46, 0);
	push(0x46, 0);
	ring();
	assert_int_equal((prod - rd(CMDQ_CONS)) % (2 * SIZE), 2);
	model_step(model);
	assert_int_equal((prod - rd(CMDQ_CONS)) % (2 * SIZE), 1);
	model_step(model);
	assert_int_equal(rd(CMDQ_CONS), prod);
}

static void test_commands_are_late(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_config(model)->command_delay = 4;
	sync_all();
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_not_equal(rd(CMDQ_CONS), prod);
	}
	assert_int_equal(rd(CMDQ_CONS), prod);
}

static void test_doorbells_that_are_wrong(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_config(model)->hold_commands = true;
	push(0x46, 0);
	push(0x46, 0);
	ring();
	wr(CMDQ_PROD, (prod + SIZE) % (2 * SIZE));
	expect_complaint("passes CMDQ_CONS");
	wr(CMDQ_PROD, prod);
	model_forget_complaints(model);
	wr(CMDQ_PROD, prod - 1);
	expect_complaint("goes backwards");
	wr(CMDQ_PROD, prod | 0x100);
	expect_complaint("beyond the wrap bit");
}

static void test_doorbell_of_a_queue_that_is_off(void **state)
{
	(void)state;
	create(&model_full);
	model_write64(model, CMDQ_BASE, CMDQ | LOG2);
	wr(CMDQ_CONS, 0);
	wr(CMDQ_PROD, 2);
	expect_complaint("doorbell while CMDQEN is clear");
}

static void expect_illegal(uint64_t low, uint64_t high)
{
	uint32_t at = prod;

	command(low, high);
	assert_int_equal(rd(CMDQ_CONS), 1U << 24 | at);
	assert_int_equal((rd(GERROR) ^ rd(GERRORN)) & 1, 1);
	put(CMDQ + 16 * (at % SIZE), 0x46);
	put(CMDQ + 16 * (at % SIZE) + 8, 0);
	wr(GERRORN, rd(GERROR));
	assert_int_equal(rd(CMDQ_CONS) & 0xfffff, prod);
	assert_int_equal(rd(GERROR) ^ rd(GERRORN), 0);
}

static void test_illegal_commands(void **state)
{
	(void)state;
	bring_up(&model_full);
	expect_illegal(0, 0);
	expect_illegal(0xff, 0);
	expect_illegal(0x18, 0);	    /* EL3. */
	expect_illegal(0x40, 0);	    /* ATS. */
	expect_illegal(0x03 | BIT(10), 0);  /* SSec. */
	expect_illegal(0x46 | 3U << 12, 0); /* CS. */
	expect_no_complaint();
	expect_illegal(0x12, 1U << 10);
	expect_complaint("reserved combination");
}

static void test_commands_of_an_absent_stage(void **state)
{
	(void)state;
	bring_up(&model_s1_only);
	expect_illegal(0x28, 0);
	expect_illegal(0x2a, 0);
	expect_illegal(0x20, 0);
	expect_illegal(0x44, 0);
	bring_up(&model_s2_only);
	expect_illegal(0x05, 0);
	expect_illegal(0x06, 0);
	expect_illegal(0x11, 0);
	expect_illegal(0x12, 0);
	expect_no_complaint();
}

static void test_an_illegal_command_is_raised_again(void **state)
{
	(void)state;
	bring_up(&model_full);
	wr(IRQ_CTRL, 1);
	command(0xff, 0);
	assert_int_equal(gerror_irq_count, 1);
	wr(GERRORN, rd(GERROR));
	assert_int_equal((rd(GERROR) ^ rd(GERRORN)) & 1, 1);
	assert_int_equal(gerror_irq_count, 2);
	expect_no_complaint();
}

static void test_commands_are_taken_back_while_an_error_is_active(void **state)
{
	uint32_t at;

	(void)state;
	bring_up(&model_full);
	at = prod;
	command(0xff, 0);
	push(0x46, 0);
	ring();
	wr(CMDQ_PROD, at);
	prod = at;
	wr(GERRORN, rd(GERROR));
	assert_int_equal(rd(GERROR) ^ rd(GERRORN), 0);
	expect_no_complaint();
}

static void test_a_command_that_cannot_be_fetched(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_abort_range(model, CMDQ, 0x1000);
	sync_all();
	assert_int_equal(rd(CMDQ_CONS) >> 24, 2);
	wr(GERRORN, rd(GERROR));
	assert_int_equal((rd(GERROR) ^ rd(GERRORN)) & 1, 1);
	model_abort_range(model, 0, 0);
	wr(GERRORN, rd(GERROR));
	assert_int_equal(rd(CMDQ_CONS) & 0xfffff, prod);
}

static void test_injected_command_errors(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_fail_command(model, 2, MODEL_CERROR_ATC_INV);
	sync_all();
	assert_int_equal(rd(GERROR) ^ rd(GERRORN), 0);
	sync_all();
	assert_int_equal(rd(CMDQ_CONS) >> 24, 3);
	wr(GERRORN, rd(GERROR));
	assert_int_equal(rd(CMDQ_CONS) & 0xfffff, prod);
	model_fail_command(model, 1, MODEL_CERROR_ILL);
	command(0x30, 0);
	wr(GERRORN, rd(GERROR));
	assert_int_equal((rd(GERROR) ^ rd(GERRORN)) & 1, 1);
	put(CMDQ + 16 * ((prod - 1) % SIZE), 0x46);
	wr(GERRORN, rd(GERROR));
	assert_int_equal(rd(CMDQ_CONS) & 0xfffff, prod);
}

static void test_a_command_that_hangs(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_hang_at_command(model, 2);
	push(0x30, 0);
	push(0x46, 0);
	ring();
	assert_int_equal((prod - rd(CMDQ_CONS)) % (2 * SIZE), 1);
	model_step(model);
	assert_int_equal((prod - rd(CMDQ_CONS)) % (2 * SIZE), 1);
	model_hang_at_command(model, 0);
	assert_int_equal(rd(CMDQ_CONS), prod);
}

static void test_complaints_about_commands(void **state)
{
	(void)state;
	bring_up(&model_full);
	command(0x30, 1);
	expect_complaint("CMD_TLBI_NSNH_ALL has reserved bits");
	command(0x03 | BIT(48), 1);
	expect_complaint("stream 0x10000 is out of range");
	command(0x05 | 16U << 12, 1);
	expect_complaint("substream 0x10 is out of range");
	command(0x12 | 3U << 12, IOVA);
	expect_complaint("range fields with TG == 0");
	command(0x12 | 3U << 12, IOVA | 3U << 10);
	expect_complaint("is not aligned for its TG and TTL");
	command(0x12, 0x40000000 | 2U << 10 | 1U << 8 | 1);
	assert_true(model_complained(model, "reserved combination"));
}

static void test_complaints_about_ranges_and_tags_of_small_ones(void **state)
{
	struct model_config config = model_s1_only;

	(void)state;
	config.idr[3] = 0;
	config.idr[0] &= ~0x1000U;
	bring_up(&config);
	command(0x12 | 3U << 12, IOVA | 1U << 10);
	expect_complaint("without IDR3.RIL");
	command(0x11 | BIT(32), 0);
	expect_complaint("a VMID, which is reserved");
	command(0x11 | 0x100ULL << 48, 0);
	expect_complaint("ASID 0x100 is out of range");
	config = model_full;
	config.idr[0] &= ~0x40000U;
	bring_up(&config);
	command(0x28 | 0x100ULL << 32, 0);
	expect_complaint("VMID 0x100 is out of range");
	config.idr[5] = 0x15;
	bring_up(&config);
	command(0x12 | 1U << 12, 3U << 10);
	expect_complaint("the granule of TG 3");
}

static void test_sync_signals(void **state)
{
	struct model_config config = model_full;

	(void)state;
	bring_up(&model_full);
	command(0x46 | 1U << 12, 0);
	assert_int_equal(sync_irq_count, 1);
	config.idr[0] |= 0x2000;
	bring_up(&config);
	put(DATA, ~0ULL);
	command(0x46 | 1U << 12 | 0x1234ULL << 32, DATA);
	assert_true(get(DATA) == 0xffffffff00001234ULL);
	model_config(model)->msi_64_bits = true;
	command(0x46 | 1U << 12 | 0x1234ULL << 32, DATA);
	assert_true(get(DATA) == 0x1234);
	command(0x46 | 1U << 12, NOWHERE);
	assert_int_equal(rd(GERROR) ^ rd(GERRORN), 0x10);
}

/* The event queue and global errors. */

static void test_events_wrap(void **state)
{
	(void)state;
	bring_up(&model_full);
	for (unsigned int i = 0; i < 3 * SIZE; i++) {
		expect_fault(IOVA, false, 0x04);
	}
	expect_no_complaint();
}

static void test_event_queue_overflow(void **state)
{
	uint32_t had;

	(void)state;
	bring_up(&model_full);
	for (unsigned int i = 0; i < SIZE; i++) {
		dma(IOVA, false, NULL);
	}
	assert_int_equal(rd(EVENTQ_PROD), SIZE);
	dma(IOVA, false, NULL);
	dma(IOVA, false, NULL);
	had = rd(EVENTQ_PROD);
	assert_int_equal(had, BIT(31) | SIZE);
	assert_int_equal(model_counters(model)->lost_events, 2);
	wr(EVENTQ_CONS, had);
	dma(IOVA, false, NULL);
	assert_int_equal(rd(EVENTQ_PROD), had + 1);
	expect_no_complaint();
}

static void test_event_queue_indices_are_checked(void **state)
{
	(void)state;
	bring_up(&model_full);
	dma(IOVA, false, NULL);
	wr(EVENTQ_CONS, 2);
	expect_complaint("past EVENTQ_PROD");
	wr(EVENTQ_CONS, 1);
	model_forget_complaints(model);
	wr(EVENTQ_CONS, 0);
	expect_complaint("backwards");
	wr(EVENTQ_CONS, BIT(31) | 1);
	expect_complaint("OVACKFLG");
}

static void test_event_queue_abort(void **state)
{
	(void)state;
	bring_up(&model_full);
	wr(IRQ_CTRL, 5);
	model_abort_range(model, EVENTQ, 0x1000);
	dma(IOVA, false, NULL);
	assert_int_equal(rd(GERROR) ^ rd(GERRORN), 4);
	assert_int_equal(gerror_irq_count, 1);
	model_abort_range(model, 0, 0);
	dma(IOVA, false, NULL);
	assert_int_equal(rd(EVENTQ_PROD), 0);
	wr(GERRORN, 4);
	expect_fault(IOVA, false, 0x04);
	assert_int_equal(eventq_irq_count, 1);
}

static void test_events_are_lost_while_the_queue_is_off(void **state)
{
	(void)state;
	bring_up(&model_full);
	wr(CR0, CMDQEN | SMMUEN);
	dma(IOVA, false, NULL);
	assert_int_equal(rd(EVENTQ_PROD), 0);
	assert_int_equal(model_counters(model)->lost_events, 1);
}

static void test_event_interrupt_is_an_edge(void **state)
{
	struct model_config config = model_full;

	(void)state;
	bring_up(&model_full);
	dma(IOVA, false, NULL);
	assert_int_equal(eventq_irq_count, 0);
	wr(EVENTQ_CONS, 1);
	wr(IRQ_CTRL, 4);
	dma(IOVA, false, NULL);
	dma(IOVA, false, NULL);
	assert_int_equal(eventq_irq_count, 1);
	config.idr[0] |= 0x2000;
	bring_up(&config);
	model_write64(model, 0xb0, DATA);
	wr(0xb8, 77);
	wr(IRQ_CTRL, 4);
	dma(IOVA, false, NULL);
	assert_true(get(DATA) == 77);
	assert_int_equal(eventq_irq_count, 0);
}

static void test_injected_events_and_errors(void **state)
{
	uint64_t record[4] = {0x20 | 9ULL << 32, 1, 2, 3};

	(void)state;
	bring_up(&model_full);
	model_inject_event(model, record);
	assert_true(event_dword(0, 3) == 3);
	expect_event(0x20);
	model_set_gerror(model, 0x100);
	assert_int_equal(rd(GERROR), 0x100);
	sync_all();
	assert_int_not_equal(rd(CMDQ_CONS), prod);
	assert_int_equal(dma(IOVA, false, NULL), MODEL_ABORTED);
	assert_int_equal(rd(EVENTQ_PROD), 1);
}

/* Configuration. */

static void test_stream_out_of_range(void **state)
{
	struct model_access access = {.sid = 16};

	(void)state;
	bring_up(&model_full);
	assert_int_equal(model_dma(model, &access, NULL, NULL), MODEL_ABORTED);
	assert_true(event_dword(0, 0) == (0x02 | 16ULL << 32));
	expect_event(0x02);
	wr(CR0, CMDQEN | EVENTQEN);
	wr(CR2, 0);
	wr(CR0, CMDQEN | EVENTQEN | SMMUEN);
	assert_int_equal(model_dma(model, &access, NULL, NULL), MODEL_ABORTED);
	assert_int_equal(rd(EVENTQ_PROD), rd(EVENTQ_CONS));
}

static void test_config_abort_and_bypass(void **state)
{
	(void)state;
	bring_up(&model_full);
	put_ste(SID, STE_ABORT, 0, 0, 0);
	assert_int_equal(dma(IOVA, false, NULL), MODEL_ABORTED);
	assert_int_equal(rd(EVENTQ_PROD), 0);
	put_ste(SID, STE_BYPASS, 0, 0, 0);
	command(0x03 | (uint64_t)SID << 32, 1);
	sync_all();
	expect_pass(IOVA, IOVA);
	expect_fault(BIT(50), false, 0x11);
	expect_no_complaint();
}

static void two_levels(uint32_t span)
{
	create(&model_full);
	queues();
	invalidate_all();
	model_write64(model, STRTAB_BASE, STRTAB);
	wr(STRTAB_BASE_CFG, 1U << 16 | 6U << 6 | 9);
	wr(CR0, CMDQEN | EVENTQEN | SMMUEN);
	put(STRTAB, L2TAB | span);
	put(L2TAB + 64 * SID, STE_BYPASS);
}

static void test_two_level_stream_table(void **state)
{
	(void)state;
	two_levels(7);
	expect_pass(IOVA, IOVA);
	two_levels(3);
	expect_fault(IOVA, false, 0x02);
	two_levels(0);
	expect_fault(IOVA, false, 0x02);
	expect_no_complaint();
	two_levels(8);
	expect_fault(IOVA, false, 0x02);
	expect_complaint("Span 8");
	two_levels(7);
	put(STRTAB, (L2TAB + 0x40) | 7);
	expect_pass(IOVA, IOVA);
	expect_complaint("L2Ptr is not aligned");
	two_levels(7);
	put(STRTAB, NOWHERE | 7);
	dma(IOVA, false, NULL);
	assert_true(event_dword(0, 3) == NOWHERE + 64 * SID);
	expect_event(0x03);
	/* Invalid ones may be cached; non-leaf commands remove them. */
	put(STRTAB, L2TAB | 7);
	command(0x03 | (uint64_t)SID << 32, 1);
	sync_all();
	dma(IOVA, false, NULL);
	expect_complaint("stale L1STD");
	command(0x03 | (uint64_t)SID << 32, 0);
	sync_all();
	expect_pass(IOVA, IOVA);
	expect_no_complaint();
}

static void test_ste_cannot_be_fetched(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_abort_range(model, STRTAB, 0x1000);
	dma(IOVA, false, NULL);
	assert_true(event_dword(0, 3) == STRTAB + 64 * SID);
	expect_event(0x03);
}

static void expect_bad_ste(const char *reason, uint64_t dw0, uint64_t dw1, uint64_t dw2, uint64_t dw3)
{
	command(0x04, 31);
	sync_all();
	put_ste(SID, dw0, dw1, dw2, dw3);
	put_cd(CDTAB, CD_0, S1TAB);
	expect_fault(IOVA, false, 0x04);
	expect_complaint(reason);
}

static void test_illegal_stes(void **state)
{
	(void)state;
	bring_up(&model_full);
	expect_fault(IOVA, false, 0x04);
	expect_no_complaint();
	expect_bad_ste("S1CDMax is beyond", STE_S1 | 5ULL << 59 | CDTAB, 0, 0, 0);
	expect_bad_ste("STRW", STE_S1 | CDTAB, 1ULL << 30, 0, 0);
	expect_bad_ste("S1ContextPtr", STE_S1 | BIT(50), 0, 0, 0);
	expect_bad_ste("S2AA64", STE_S2, 0, STE_2(1) & ~BIT(51), S2TAB);
	expect_bad_ste("S2T0SZ is out of range", STE_S2, 0, STE_2(1) | 63ULL << 32, S2TAB);
	expect_bad_ste("inconsistent", STE_S2, 0, STE_2(1) ^ 3ULL << 38, S2TAB);
	expect_bad_ste("inconsistent", STE_S2, 0, STE_2(1) | 3ULL << 38, S2TAB);
	expect_bad_ste("S2TG", STE_S2, 0, STE_2(1) | 3ULL << 46, S2TAB);
	expect_bad_ste("S2TTB", STE_S2, 0, STE_2(1), BIT(50));
	expect_bad_ste("S2ENDI", STE_S2, 0, STE_2(1) | BIT(52), S2TAB);
	expect_bad_ste("S2HA", STE_S2, 0, STE_2(1) | BIT(56), S2TAB);
}

static void test_illegal_stes_of_less(void **state)
{
	struct model_config config = model_full;

	(void)state;
	bring_up(&model_s1_only);
	expect_bad_ste("stage 2 is not implemented", STE_S2, 0, STE_2(1), S2TAB);
	expect_bad_ste("S1STALLD", STE_S1 | CDTAB, BIT(27), 0, 0);
	command(0x04, 31);
	sync_all();
	setup_s1(CD_0);
	put_ste(SID, STE_S1 | 3ULL << 59 | CDTAB, 0, 0, 0);
	expect_pass(IOVA, DATA);
	expect_no_complaint();
	bring_up(&model_s2_only);
	expect_bad_ste("stage 1 is not implemented", STE_S1 | CDTAB, 0, 0, 0);
	expect_bad_ste("S2S is set", STE_S2, 0, STE_2(1) | BIT(57), S2TAB);
	config.idr[0] &= ~0xc0000U;
	bring_up(&config);
	expect_bad_ste("S2VMID", STE_S2, 0, STE_2(0x100), S2TAB);
	expect_bad_ste("S1Fmt is a 2-level", STE_S1 | 2ULL << 59 | 1ULL << 4 | CDTAB, 0, 0, 0);
	config.idr[0] |= 2U << 24;
	bring_up(&config);
	expect_bad_ste("S2S is clear", STE_S2, 0, STE_2(1), S2TAB);
}

static void test_reserved_encodings_of_an_ste(void **state)
{
	(void)state;
	bring_up(&model_full);
	put_ste(SID, STE_V | 2ULL << 1, 0, 0, 0);
	assert_int_equal(dma(IOVA, false, NULL), MODEL_ABORTED);
	expect_complaint("Config 2 is reserved");
	setup_s1(CD_0);
	put_ste(SID, STE_S1 | 2ULL << 59 | CDTAB, 3, 0, 0);
	command(0x04, 31);
	sync_all();
	expect_fault(IOVA, false, 0x06);
	expect_complaint("S1DSS 3");
	put_ste(SID, STE_S1 | 2ULL << 59 | 3ULL << 4 | CDTAB, 2, 0, 0);
	command(0x04, 31);
	sync_all();
	expect_pass(IOVA, DATA);
	expect_complaint("S1Fmt 3");
}

static void expect_bad_cd(const char *reason, uint64_t cd0, uint64_t ttb)
{
	command(0x04, 31);
	sync_all();
	setup_s1(cd0);
	put(CDTAB + 8, ttb);
	expect_fault(IOVA, false, 0x0a);
	if (reason) {
		expect_complaint(reason);
	}
	expect_no_complaint();
}

static void test_illegal_cds(void **state)
{
	struct model_config config = model_full;

	(void)state;
	bring_up(&model_full);
	expect_bad_cd(NULL, 0, S1TAB);
	expect_bad_cd("TxSZ", (CD_0 & ~0x3fULL) | 15, S1TAB);
	expect_bad_cd("TxSZ", (CD_0 & ~0x3fULL) | 40, S1TAB);
	expect_bad_cd("TxSZ", (CD_0 & ~BIT(30)) | 2ULL << 22, S1TAB);
	expect_bad_cd("TGx", CD_0 | 3U << 6, S1TAB);
	expect_bad_cd("TTBx", CD_0, BIT(49));
	expect_bad_cd("AA64", CD_0 & ~BIT(41), S1TAB);
	expect_bad_cd("HA or HD", CD_0 | BIT(43), S1TAB);
	expect_bad_cd("ENDI", CD_0 | BIT(15), S1TAB);
	config.idr[0] |= 1U << 24 | 1U << 26;
	config.idr[0] &= ~0x1000U;
	bring_up(&config);
	expect_bad_cd("S is set", CD_0 | BIT(44), S1TAB);
	expect_bad_cd("A is clear", CD_0 & ~BIT(46), S1TAB);
	expect_bad_cd("ASID", CD_0 | CD_ASID(0x100), S1TAB);
	config.idr[0] ^= 3U << 24;
	bring_up(&config);
	expect_bad_cd("stalls are forced", CD_0, S1TAB);
}

static void test_cd_cannot_be_fetched(void **state)
{
	(void)state;
	bring_up(&model_full);
	put_ste(SID, STE_S1 | NOWHERE, 0, 0, 0);
	dma(IOVA, false, NULL);
	assert_true(event_dword(0, 3) == NOWHERE);
	expect_event(0x09);
}

static void expect_substream(uint32_t ssid, uint32_t event)
{
	struct model_access access = {.sid = SID, .ssid_valid = true, .ssid = ssid, .address = IOVA};

	if (!event) {
		assert_int_equal(model_dma(model, &access, NULL, NULL), MODEL_PASSED);
		return;
	}
	assert_int_equal(model_dma(model, &access, NULL, NULL), MODEL_ABORTED);
	assert_int_equal(event_dword(rd(EVENTQ_CONS) % SIZE, 0) & 0xffffffff, event | BIT(11) | (uint64_t)ssid << 12);
	expect_event(event);
}

static void test_substreams(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	expect_substream(0, 0x08);
	put_cd(CDTAB + 64, CD_0 | CD_ASID(1), S1TAB);
	put_ste(SID, STE_S1 | 2ULL << 59 | CDTAB, 2, 0, 0);
	command(0x04, 31);
	sync_all();
	expect_pass(IOVA, DATA);
	expect_substream(0, 0x06);
	expect_substream(1, 0);
	expect_substream(4, 0x08);
	put_ste(SID, STE_S1 | 2ULL << 59 | CDTAB, 1, 0, 0);
	command(0x04, 31);
	sync_all();
	expect_pass(IOVA, IOVA);
	put_ste(SID, STE_BYPASS, 0, 0, 0);
	command(0x04, 31);
	sync_all();
	expect_substream(1, 0x08);
	expect_no_complaint();
}

static void test_tables_that_are_not_aligned(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	put_cd(CDTAB + 0x40, CD_0, S1TAB);
	put_ste(SID, STE_S1 | 2ULL << 59 | (CDTAB + 0x40), 2, 0, 0);
	expect_pass(IOVA, DATA);
	expect_complaint("S1ContextPtr is not aligned");
	command(0x04, 31);
	command(0x30, 0);
	sync_all();
	setup_s1(CD_0);
	put(CDTAB + 8, S1TAB + 0x800);
	expect_pass(IOVA, DATA);
	expect_complaint("stage 1 table 0x80040800 is not aligned");
}

static void test_two_level_cd_table(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	put_cd(CDTAB + 0x1000 + 64, CD_0 | CD_ASID(1), S1TAB);
	put_ste(SID, STE_S1 | 2ULL << 59 | 1ULL << 4 | (CDTAB + 0x2000), 0, 0, 0);
	expect_substream(1, 0x08);
	put(CDTAB + 0x2000, (CDTAB + 0x1000) | 1);
	command(0x05 | (uint64_t)SID << 32 | 1U << 12, 1);
	sync_all();
	expect_substream(1, 0x08);
	expect_complaint("stale L1CD");
	command(0x05 | (uint64_t)SID << 32 | 1U << 12, 0);
	sync_all();
	expect_substream(1, 0);
	expect_no_complaint();
}

/* Translation. */

static void test_stage1(void **state)
{
	uint8_t bytes[4] = {1, 2, 3, 4}, back[4] = {0};

	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	put(S1TAB + 0x2010, PAGE(DATA + 0x5000));
	expect_pass(IOVA + 0x123, DATA + 0x123);
	/* Across pages that are not neighbours. */
	assert_int_equal(model_dma_write(model, SID, IOVA + 0xffe, bytes, 4), MODEL_PASSED);
	assert_int_equal(ram[DATA - RAM + 0xfff], 2);
	assert_int_equal(ram[DATA - RAM + 0x5000], 3);
	assert_int_equal(model_dma_read(model, SID, IOVA + 0xffe, back, 4), MODEL_PASSED);
	assert_memory_equal(bytes, back, 4);
	expect_no_complaint();
}

static void expect_record(uint64_t dword1, uint64_t dword2, uint64_t dword3, uint32_t number)
{
	uint32_t at = rd(EVENTQ_CONS) % SIZE;

	assert_true(event_dword(at, 1) == dword1);
	assert_true(event_dword(at, 2) == dword2);
	assert_true(event_dword(at, 3) == dword3);
	expect_event(number);
}

static void test_stage1_faults(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	dma(IOVA + 0x1234, true, NULL);
	expect_record(2ULL << 40, IOVA + 0x1234, 0, 0x10);
	dma(IOVA + 0x1234, false, NULL);
	expect_record(2ULL << 40 | BIT(35), IOVA + 0x1234, 0, 0x10);
	expect_fault(BIT(39), false, 0x10);
	expect_fault(BIT(55), false, 0x10);
	put(S1TAB + 0x2010, PAGE(DATA) & ~AF);
	expect_fault(IOVA + 0x1000, false, 0x12);
	put(S1TAB + 0x2018, PAGE(DATA) | READ_ONLY);
	expect_fault(IOVA + 0x2000, true, 0x13);
	expect_fault(IOVA + 0x2000, true, 0x13);
	expect_pass(IOVA + 0x2000, DATA);
	put(S1TAB + 0x10, TABLE(NOWHERE));
	dma(0x80000000, false, NULL);
	expect_record(1ULL << 40 | BIT(35), 0x80000000, NOWHERE, 0x0b);
	expect_no_complaint();
}

static void test_output_beyond_ips(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1((CD_0 & ~(7ULL << 32)));
	put(S1TAB + 0x2008, PAGE(BIT(33)));
	expect_fault(IOVA, false, 0x11);
}

static void test_privilege_and_execution(void **state)
{
	struct model_access access = {.sid = SID, .address = IOVA, .privileged = true};

	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	put(S1TAB + 0x2008, PAGE(DATA) & ~0x40ULL);
	assert_int_equal(model_dma(model, &access, NULL, NULL), MODEL_PASSED);
	expect_fault(IOVA, false, 0x13);
	access.execute = true;
	put(S1TAB + 0x2010, PAGE(DATA) | BIT(53));
	access.address = IOVA + 0x1000;
	assert_int_equal(model_dma(model, &access, NULL, NULL), MODEL_ABORTED);
	expect_record(2ULL << 40 | BIT(35) | BIT(34) | BIT(33), IOVA + 0x1000, 0, 0x13);
	/* PRIVCFG: unprivileged. */
	put_ste(SID, STE_S1 | CDTAB, 2ULL << 48, 0, 0);
	command(0x04, 31);
	sync_all();
	access.address = IOVA;
	access.execute = false;
	assert_int_equal(model_dma(model, &access, NULL, NULL), MODEL_ABORTED);
}

static void test_upper_half(void **state)
{
	(void)state;
	bring_up(&model_full);
	put_tables(S1TAB, PAGE(DATA));
	put_cd(CDTAB, (CD_0 & ~BIT(30)) | BIT(14) | 25ULL << 16 | 2ULL << 22, 0);
	put(CDTAB + 16, S1TAB);
	put_ste(SID, STE_S1 | CDTAB, 0, 0, 0);
	expect_pass(0xffffff8000000000ULL | IOVA, DATA);
	expect_fault(IOVA, false, 0x10);
	expect_fault(0xfffff00000000000ULL | IOVA, false, 0x10);
}

static void test_recording_and_termination(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0 & ~BIT(45));
	assert_int_equal(dma(0, false, NULL), MODEL_ABORTED);
	assert_int_equal(rd(EVENTQ_PROD), 0);
	setup_s1(CD_0 & ~BIT(46));
	command(0x04, 31);
	sync_all();
	assert_int_equal(dma(0, false, NULL), MODEL_TERMINATED);
	expect_event(0x10);
}

static void test_stage2(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s2();
	expect_pass(IOVA + 4, DATA + 4);
	dma(IOVA + 0x1000, true, NULL);
	expect_record(2ULL << 40 | BIT(39), IOVA + 0x1000, IOVA + 0x1000, 0x10);
	put(S2TAB + 0x2010, S2PAGE(DATA) & ~BIT(7));
	expect_fault(IOVA + 0x1000, true, 0x13);
	put_ste(SID, STE_S2, 0, STE_2(7) & ~BIT(58), S2TAB);
	command(0x04, 31);
	sync_all();
	assert_int_equal(dma(0, false, NULL), MODEL_ABORTED);
	assert_int_equal(rd(EVENTQ_PROD), rd(EVENTQ_CONS));
	put_ste(SID, STE_S2, 0, STE_2(7), NOWHERE);
	command(0x04, 31);
	command(0x28 | 7ULL << 32, 0);
	sync_all();
	dma(IOVA, false, NULL);
	expect_record(2ULL << 40 | BIT(39) | BIT(35), IOVA, NOWHERE + 8, 0x0b);
	expect_no_complaint();
}

static void test_stage2_with_concatenated_roots(void **state)
{
	uint64_t ste2 = (STE_2(7) & ~(63ULL << 32)) | 24ULL << 32; /* 40 bits from level 1: two tables. */

	(void)state;
	bring_up(&model_full);
	put(S2TAB + 0x1000, TABLE(S2TAB + 0x2000));
	put(S2TAB + 0x2000, RAM | AF | 0xc1);
	put_ste(SID, STE_S2, 0, ste2, S2TAB);
	expect_pass(BIT(39) | 0x10, RAM + 0x10);
}

static void test_nested(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_nested();
	expect_pass(IOVA + 8, DATA + 8);
	expect_pass(IOVA + 8, DATA + 8);
	expect_no_complaint();
}

static void test_nested_faults(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_nested();
	put(S1TAB + 0x2010, PAGE(NOWHERE));
	dma(IOVA + 0x1000, false, NULL);
	expect_record(2ULL << 40 | BIT(39) | BIT(35), IOVA + 0x1000, NOWHERE, 0x10);
	put(S1TAB + 0x10, TABLE(NOWHERE));
	dma(0x80008000, true, NULL);
	expect_record(1ULL << 40 | BIT(39), 0x80008000, NOWHERE, 0x10);
	put_ste(SID, STE_NESTED | NOWHERE, 0, STE_2(7), S2TAB);
	command(0x04, 31);
	sync_all();
	dma(IOVA, true, NULL);
	expect_record(0ULL << 40 | BIT(39), IOVA, NOWHERE, 0x10);
	expect_no_complaint();
}

static void test_granules(void **state)
{
	(void)state;
	bring_up(&model_full);
	/* 64 KiB, 42 bits: levels 2 and 3. */
	put(S1TAB + 8, TABLE(S1TAB + 0x10000));
	put(S1TAB + 0x10008, PAGE(DATA));
	put_cd(CDTAB, ((CD_0 & ~0x3fULL) | 22 | 1ULL << 6), S1TAB);
	put_ste(SID, STE_S1 | CDTAB, 0, 0, 0);
	expect_pass(0x20010123, DATA + 0x123);
	/* 16 KiB, 36 bits: levels 2 and 3, 32 MiB block. */
	put(S1TAB + 8, BLOCK(0x82000000));
	put_cd(CDTAB, ((CD_0 & ~0x3fULL) | 28 | 2ULL << 6), S1TAB);
	command(0x04, 31);
	command(0x30, 0);
	sync_all();
	expect_pass(0x2000123, 0x82000123);
	expect_no_complaint();
}

static void test_permissions_of_tables(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	put(S1TAB + 0x1008, TABLE(S1TAB + 0x2000) | BIT(62)); /* APTable: no write. */
	expect_fault(IOVA, true, 0x13);
	expect_pass(IOVA, DATA);
	put(S1TAB + 0x1008, TABLE(S1TAB + 0x2000) | BIT(61)); /* APTable: not at EL0. */
	command(0x30, 0);
	sync_all();
	expect_fault(IOVA, false, 0x13);
}

static bool walk_ram(void *context, uint64_t address, uint64_t *descriptor)
{
	return model_ram_read(context, address, descriptor, 8);
}

static void expect_contiguous(unsigned int granule_bits, unsigned int input_bits, unsigned int block_bits)
{
	struct walk_config config = {.stage = 1,
				     .granule_bits = granule_bits,
				     .input_bits = input_bits,
				     .output_bits = 48,
				     .root = S1TAB,
				     .access_flag_faults = true};
	struct walk_access access = {.address = 0x123, .privileged = true};
	struct walk_result result;

	memset(ram, 0, RAM_SIZE);
	put(S1TAB, PAGE(DATA) | BIT(52));
	walk(&config, &access, walk_ram, &memory, &result);
	assert_int_equal(result.fault, WALK_OK);
	assert_int_equal(result.level, 3);
	assert_true(result.output == DATA + 0x123);
	assert_true(result.contiguous);
	assert_int_equal(result.block_bits, block_bits);
}

static void test_the_contiguous_hint(void **state)
{
	(void)state;
	expect_contiguous(12, 21, 16);
	expect_contiguous(14, 25, 21);
	expect_contiguous(16, 29, 21);
	/* At most the input. */
	expect_contiguous(16, 20, 20);
	bring_up(&model_full);
	setup_s1(CD_0);
	put(S1TAB + 0x2000 + 8 * 16, PAGE(DATA) | BIT(52));
	put(S1TAB + 0x2000 + 8 * 17, PAGE(DATA + 0x1000) | BIT(52));
	expect_pass(IOVA - 0x1000 + 0x11000, DATA + 0x1000);
	put(S1TAB + 0x2000 + 8 * 17, 0);
	/* One entry: any of its pages removes it. */
	command(0x12, (IOVA - 0x1000 + 0x1f000) | 1);
	sync_all();
	expect_fault(IOVA - 0x1000 + 0x11000, false, 0x10);
	expect_no_complaint();
}

static void test_global_entries_serve_every_asid(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0 | CD_ASID(3));
	put(S1TAB + 0x2008, PAGE(DATA) & ~0x800ULL);
	expect_pass(IOVA, DATA);
	put(CDTAB, CD_0 | CD_ASID(4));
	command(0x05 | (uint64_t)SID << 32, 1);
	sync_all();
	expect_pass(IOVA, DATA);
	assert_int_equal(model_counters(model)->tlb_hits, 1);
	expect_no_complaint();
}

static void test_el2(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	put(S1TAB + 0x2008, PAGE(DATA) & ~0x40ULL);
	put_ste(SID, STE_S1 | CDTAB, 2ULL << 30, 0, 0);
	expect_pass(IOVA, DATA);
	put(S1TAB + 0x2008, 0);
	command(0x30, 0);
	sync_all();
	expect_pass(IOVA, DATA);
	expect_complaint("stale TLB entry");
	command(0x22, IOVA | 1);
	sync_all();
	expect_fault(IOVA, false, 0x10);
	expect_no_complaint();
}

/* Caches. */

static void test_stale_ste(void **state)
{
	(void)state;
	bring_up(&model_full);
	put_ste(SID, STE_BYPASS, 0, 0, 0);
	expect_pass(IOVA, IOVA);
	put_ste(SID, STE_ABORT, 0, 0, 0);
	expect_pass(IOVA, IOVA);
	expect_complaint("stale STE");
	command(0x03 | (uint64_t)(SID + 1) << 32, 1);
	sync_all();
	expect_pass(IOVA, IOVA);
	expect_complaint("stale STE");
	command(0x03 | (uint64_t)SID << 32, 1);
	expect_pass(IOVA, IOVA);
	expect_complaint("stale STE");
	sync_all();
	assert_int_equal(dma(IOVA, false, NULL), MODEL_ABORTED);
	expect_no_complaint();
}

static void test_stale_without_strictness(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_config(model)->strict = false;
	put_ste(SID, STE_BYPASS, 0, 0, 0);
	expect_pass(IOVA, IOVA);
	put_ste(SID, 0, 0, 0, 0);
	expect_pass(IOVA, IOVA);
	expect_no_complaint();
	model_check_caches(model);
	expect_complaint("stale STE");
}

static void test_invalid_structures_are_cached(void **state)
{
	(void)state;
	bring_up(&model_full);
	expect_fault(IOVA, false, 0x04);
	put_ste(SID, STE_BYPASS, 0, 0, 0);
	expect_fault(IOVA, false, 0x04);
	expect_complaint("stale STE");
	bring_up(&model_full);
	model_config(model)->drop_invalid = true;
	expect_fault(IOVA, false, 0x04);
	put_ste(SID, STE_BYPASS, 0, 0, 0);
	expect_pass(IOVA, IOVA);
	expect_no_complaint();
}

static void test_stale_cd(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	expect_pass(IOVA, DATA);
	put(CDTAB, CD_0 | CD_ASID(9));
	expect_pass(IOVA, DATA);
	expect_complaint("stale CD");
	command(0x05 | (uint64_t)SID << 32, 1);
	sync_all();
	expect_pass(IOVA, DATA);
	expect_no_complaint();
	put(CDTAB, CD_0);
	command(0x06 | (uint64_t)SID << 32, 0);
	sync_all();
	expect_pass(IOVA, DATA);
	expect_no_complaint();
}

static void expect_invalidation(uint64_t low, uint64_t high, uint64_t leaf, bool gone)
{
	command(0x30, 0);
	command(0x04, 31);
	sync_all();
	setup_s1(CD_0 | CD_ASID(3));
	put(S1TAB + 0x2008, leaf);
	expect_pass(IOVA, DATA);
	put(S1TAB + 0x2008, 0);
	command(low, high);
	sync_all();
	if (gone) {
		expect_fault(IOVA, false, 0x10);
		expect_no_complaint();
	} else {
		expect_pass(IOVA, DATA);
		expect_complaint("stale TLB entry");
	}
}

#define ASID_3 (3ULL << 48)
#define ASID_4 (4ULL << 48)
#define GLOBAL_PAGE (PAGE(DATA) & ~0x800ULL)

static void test_invalidation_by_tag_and_address(void **state)
{
	(void)state;
	bring_up(&model_full);
	expect_invalidation(0x11 | ASID_3, 0, PAGE(DATA), true);
	expect_invalidation(0x11 | ASID_4, 0, PAGE(DATA), false);
	expect_invalidation(0x11 | ASID_3, 0, GLOBAL_PAGE, false);
	expect_invalidation(0x11 | ASID_3 | BIT(32), 0, PAGE(DATA), false);
	expect_invalidation(0x12 | ASID_3, IOVA | 1, PAGE(DATA), true);
	expect_invalidation(0x12 | ASID_4, IOVA | 1, PAGE(DATA), false);
	expect_invalidation(0x12 | ASID_4, IOVA | 1, GLOBAL_PAGE, true);
	expect_invalidation(0x12 | ASID_3, (IOVA + 0x1000) | 1, PAGE(DATA), false);
	expect_invalidation(0x13, IOVA | 1, PAGE(DATA), true);
	expect_invalidation(0x10, 0, PAGE(DATA), true);
	expect_invalidation(0x10 | BIT(32), 0, PAGE(DATA), false);
	expect_invalidation(0x28, 0, PAGE(DATA), true);
	expect_invalidation(0x2a, IOVA | 1, PAGE(DATA), false);
	expect_invalidation(0x20, 0, PAGE(DATA), false);
}

#define NUM(n) ((uint64_t)(n) << 12)
#define SCALE(n) ((uint64_t)(n) << 20)
#define TG_4K (1ULL << 10)
#define TG_64K (3ULL << 10)
#define TTL(n) ((uint64_t)(n) << 8)

static void test_invalidation_by_range(void **state)
{
	uint64_t base = IOVA & ~0x1fffffULL;

	(void)state;
	bring_up(&model_full);
	expect_invalidation(0x12 | ASID_3 | NUM(1), base | TG_4K | 1, PAGE(DATA), true);
	expect_invalidation(0x12 | ASID_3 | NUM(1), (IOVA + 0x1000) | TG_4K | 1, PAGE(DATA), false);
	expect_invalidation(0x12 | ASID_3 | NUM(1) | SCALE(4), base | TG_4K | 1, PAGE(DATA), true);
	expect_invalidation(0x12 | ASID_3 | NUM(1), base | TG_64K | 1, PAGE(DATA), false);
	expect_invalidation(0x12 | ASID_3, IOVA | TG_4K | TTL(3) | 1, PAGE(DATA), true);
	expect_invalidation(0x12 | ASID_3, base | TG_4K | TTL(2) | 1, PAGE(DATA), false);
}

static void test_stale_tables(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	expect_pass(IOVA, DATA);
	/* A leaf-only command leaves the way to the old level 3. */
	put(S1TAB + 0x3008, PAGE(DATA + 0x1000));
	put(S1TAB + 0x1008, TABLE(S1TAB + 0x3000));
	command(0x12, IOVA | 1);
	sync_all();
	expect_pass(IOVA, DATA);
	expect_complaint("stale table of level 2");
	command(0x12, IOVA);
	sync_all();
	expect_pass(IOVA, DATA + 0x1000);
	expect_no_complaint();
}

static void test_break_before_make(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	expect_pass(IOVA, DATA);
	put(S1TAB + 0x2008, PAGE(DATA + 0x1000));
	expect_pass(IOVA, DATA);
	expect_complaint("break-before-make");
	put(S1TAB + 0x2008, PAGE(DATA) | READ_ONLY);
	expect_pass(IOVA, DATA);
	expect_complaint("the permissions");
}

static void test_tlb_conflict(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	expect_pass(IOVA, DATA);
	put(S1TAB + 0x1008, BLOCK(0x80000000));
	/* Another page's tables; IOVA stays cached. */
	command(0x12, IOVA + 0x1000);
	sync_all();
	expect_pass(IOVA + 0x1000, 0x80002000);
	expect_complaint("TLB conflict");
}

static void test_combined_entries_need_stage1_commands(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_nested();
	expect_pass(IOVA, DATA);
	put(S2TAB + 16, 0);
	put(S2TAB + 16, 0);
	command(0x2a | 7ULL << 32, DATA);
	sync_all();
	expect_pass(IOVA, DATA);
	assert_true(model_complained(model, "both stages"));
	model_forget_complaints(model);
	command(0x10 | 7ULL << 32, 0);
	sync_all();
	/* The CD is cached, the first table is not, and stage 2 does not map it. */
	dma(IOVA, false, NULL);
	expect_event(0x10);
}

static void test_nothing_stale_is_left(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	expect_pass(IOVA, DATA);
	assert_int_equal(model_cached_translation_count(model), 3);
	assert_int_equal(model_cached_structure_count(model), 2);
	model_check_caches(model);
	expect_no_complaint();
	put(S1TAB + 0x2008, 0);
	model_check_caches(model);
	expect_complaint("no longer mapped");
	command(0x11, 0);
	sync_all();
	assert_int_equal(model_cached_translation_count(model), 0);
}

static void test_caches_survive_the_switch(void **state)
{
	(void)state;
	bring_up(&model_full);
	setup_s1(CD_0);
	expect_pass(IOVA, DATA);
	wr(CR0, CMDQEN | EVENTQEN);
	put(S1TAB + 0x2008, 0);
	wr(CR0, CMDQEN | EVENTQEN | SMMUEN);
	expect_pass(IOVA, DATA);
	expect_complaint("stale TLB entry");
}

static void test_probes(void **state)
{
	uint64_t dwords[8];
	const char *reason;

	(void)state;
	bring_up(&model_full);
	assert_int_equal(model_probe_ste(model, SID, NULL, NULL), MODEL_INVALID);
	assert_int_equal(model_probe_ste(model, 16, NULL, NULL), MODEL_NO_STREAM);
	setup_s1(CD_0);
	assert_int_equal(model_probe_ste(model, SID, dwords, NULL), MODEL_VIEW_S1);
	assert_true(dwords[0] == (STE_S1 | CDTAB));
	assert_int_equal(model_probe_cd(model, SID, 0, dwords, NULL), MODEL_VIEW_CD);
	assert_true(dwords[1] == S1TAB);
	put(CDTAB, CD_0 | 3U << 6);
	assert_int_equal(model_probe_cd(model, SID, 0, NULL, &reason), MODEL_ILLEGAL);
	assert_string_equal(reason, "TGx is not supported");
	put_ste(SID, STE_S1 | 9ULL << 59, 0, 0, 0);
	assert_int_equal(model_probe_ste(model, SID, NULL, &reason), MODEL_ILLEGAL);
	assert_string_equal(reason, "S1CDMax is beyond SSIDSIZE");
	put_ste(SID, STE_NESTED, 0, STE_2(0), S2TAB);
	assert_int_equal(model_probe_ste(model, SID, NULL, NULL), MODEL_VIEW_NESTED);
	put_ste(SID, STE_ABORT, 0, 0, 0);
	assert_int_equal(model_probe_ste(model, SID, NULL, NULL), MODEL_VIEW_ABORT);
	model_abort_range(model, STRTAB, 0x1000);
	assert_int_equal(model_probe_ste(model, SID, NULL, NULL), MODEL_FETCH_ABORT);
	assert_int_equal(model_cached_structure_count(model), 0);
	expect_no_complaint();
}

/* Stalls. */

static size_t stall_one(void)
{
	struct model_access access = {.sid = SID, .address = IOVA};
	size_t handle = 0;

	assert_int_equal(model_dma(model, &access, NULL, &handle), MODEL_STALLED);
	return handle;
}

static void setup_stalls(void)
{
	bring_up(&model_full);
	setup_s1(CD_0 | BIT(44));
	put(S1TAB + 0x2008, 0);
}

static void test_stall_and_retry(void **state)
{
	uint64_t pa, tag;
	size_t handle;

	(void)state;
	setup_stalls();
	handle = stall_one();
	assert_int_equal(model_stall_count(model), 1);
	tag = event_dword(0, 1);
	assert_int_equal((tag >> 31) & 1, 1);
	expect_event(0x10);
	put(S1TAB + 0x2008, PAGE(DATA));
	command(0x44 | BIT(12) | (uint64_t)SID << 32, tag & 0xffff);
	assert_int_equal(model_stalled(model, handle, &pa), MODEL_PASSED);
	assert_true(pa == DATA);
	expect_no_complaint();
	command(0x44 | BIT(12) | (uint64_t)SID << 32, tag & 0xffff);
	expect_complaint("which is not stalled");
}

static void test_stall_and_terminate(void **state)
{
	size_t one, two, three;

	(void)state;
	setup_stalls();
	one = stall_one();
	two = stall_one();
	three = stall_one();
	command(0x44 | (uint64_t)SID << 32, event_dword(0, 1) & 0xffff);
	command(0x44 | BIT(13) | (uint64_t)SID << 32, event_dword(1, 1) & 0xffff);
	assert_int_equal(model_stalled(model, one, NULL), MODEL_TERMINATED);
	assert_int_equal(model_stalled(model, two, NULL), MODEL_ABORTED);
	assert_int_equal(model_stalled(model, three, NULL), MODEL_STALLED);
	command(0x45 | (uint64_t)SID << 32, 0);
	assert_int_equal(model_stalled(model, three, NULL), MODEL_ABORTED);
	assert_int_equal(model_stall_count(model), 0);
}

static void test_stall_records_are_not_lost(void **state)
{
	(void)state;
	setup_stalls();
	for (unsigned int i = 0; i < SIZE + 1; i++) {
		stall_one();
	}
	assert_int_equal(rd(EVENTQ_PROD), SIZE);
	wr(EVENTQ_CONS, 1);
	assert_int_equal(rd(EVENTQ_PROD), SIZE + 1);
	wr(CR0, CMDQEN | EVENTQEN);
	assert_int_equal(model_stall_count(model), 0);
	expect_no_complaint();
}

/* The model itself. */

static void test_two_models(void **state)
{
	const struct model_memory callbacks = model_ram_memory(&memory);
	struct model *other;

	(void)state;
	bring_up(&model_full);
	other = model_create(&model_min, &callbacks);
	assert_int_equal(model_read32(other, CR0), 0);
	assert_int_not_equal(model_read32(other, IDR0), rd(IDR0));
	model_write32(other, CR0, 2);
	assert_int_equal(model_complaint_count(other), 1);
	expect_no_complaint();
	model_destroy(other);
}

static void test_log(void **state)
{
	(void)state;
	bring_up(&model_full);
	model_log_clear(model);
	command(0x12 | ASID_3, IOVA | 1);
	dma(IOVA, false, NULL);
	assert_int_equal(model_log_count(model), 3);
	assert_int_equal(model_log(model, 0)->kind, MODEL_LOG_WRITE);
	assert_int_equal(model_log(model, 0)->number, CMDQ_PROD);
	assert_int_equal(model_log(model, 1)->kind, MODEL_LOG_COMMAND);
	assert_int_equal(model_log(model, 1)->number, 0x12);
	assert_true(model_log(model, 1)->dwords[1] == (IOVA | 1));
	assert_int_equal(model_log(model, 2)->kind, MODEL_LOG_EVENT);
	assert_int_equal(model_log(model, 2)->number, 0x04);
}

static void test_every_kind_comes_up(void **state)
{
	(void)state;
	bring_up(&model_s1_only);
	bring_up(&model_s2_only);
	setup_s2();
	expect_pass(IOVA, DATA);
	bring_up(&model_qemu);
	setup_s1(CD_0);
	expect_pass(IOVA, DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cr0_is_acknowledged_late),
		cmocka_unit_test(test_cr0_is_never_acknowledged),
		cmocka_unit_test(test_cr0_altered_before_the_acknowledgement),
		cmocka_unit_test(test_cr0_has_bits_that_are_not_implemented),
		cmocka_unit_test(test_irq_ctrl),
		cmocka_unit_test(test_gbpa),
		cmocka_unit_test(test_gbpa_is_absent),
		cmocka_unit_test(test_registers_are_guarded),
		cmocka_unit_test(test_registers_are_guarded_until_the_acknowledgement),
		cmocka_unit_test(test_irq_cfg_is_guarded),
		cmocka_unit_test(test_gerrorn_toggles_what_is_not_active),
		cmocka_unit_test(test_page_of_the_event_queue),
		cmocka_unit_test(test_accesses_that_do_not_exist),
		cmocka_unit_test(test_tables_and_queues_are_checked_when_enabled),
		cmocka_unit_test(test_queues_are_checked_when_enabled),
		cmocka_unit_test(test_two_levels_need_support),
		cmocka_unit_test(test_caches_have_to_be_invalidated_first),
		cmocka_unit_test(test_commands_wrap),
		cmocka_unit_test(test_commands_are_held),
		cmocka_unit_test(test_commands_are_late),
		cmocka_unit_test(test_doorbells_that_are_wrong),
		cmocka_unit_test(test_doorbell_of_a_queue_that_is_off),
		cmocka_unit_test(test_illegal_commands),
		cmocka_unit_test(test_commands_of_an_absent_stage),
		cmocka_unit_test(test_an_illegal_command_is_raised_again),
		cmocka_unit_test(test_commands_are_taken_back_while_an_error_is_active),
		cmocka_unit_test(test_a_command_that_cannot_be_fetched),
		cmocka_unit_test(test_injected_command_errors),
		cmocka_unit_test(test_a_command_that_hangs),
		cmocka_unit_test(test_complaints_about_commands),
		cmocka_unit_test(test_complaints_about_ranges_and_tags_of_small_ones),
		cmocka_unit_test(test_sync_signals),
		cmocka_unit_test(test_events_wrap),
		cmocka_unit_test(test_event_queue_overflow),
		cmocka_unit_test(test_event_queue_indices_are_checked),
		cmocka_unit_test(test_event_queue_abort),
		cmocka_unit_test(test_events_are_lost_while_the_queue_is_off),
		cmocka_unit_test(test_event_interrupt_is_an_edge),
		cmocka_unit_test(test_injected_events_and_errors),
		cmocka_unit_test(test_stream_out_of_range),
		cmocka_unit_test(test_config_abort_and_bypass),
		cmocka_unit_test(test_two_level_stream_table),
		cmocka_unit_test(test_ste_cannot_be_fetched),
		cmocka_unit_test(test_illegal_stes),
		cmocka_unit_test(test_illegal_stes_of_less),
		cmocka_unit_test(test_reserved_encodings_of_an_ste),
		cmocka_unit_test(test_illegal_cds),
		cmocka_unit_test(test_cd_cannot_be_fetched),
		cmocka_unit_test(test_substreams),
		cmocka_unit_test(test_tables_that_are_not_aligned),
		cmocka_unit_test(test_two_level_cd_table),
		cmocka_unit_test(test_stage1),
		cmocka_unit_test(test_stage1_faults),
		cmocka_unit_test(test_output_beyond_ips),
		cmocka_unit_test(test_privilege_and_execution),
		cmocka_unit_test(test_upper_half),
		cmocka_unit_test(test_recording_and_termination),
		cmocka_unit_test(test_stage2),
		cmocka_unit_test(test_stage2_with_concatenated_roots),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_nested_faults),
		cmocka_unit_test(test_granules),
		cmocka_unit_test(test_permissions_of_tables),
		cmocka_unit_test(test_the_contiguous_hint),
		cmocka_unit_test(test_global_entries_serve_every_asid),
		cmocka_unit_test(test_el2),
		cmocka_unit_test(test_stale_ste),
		cmocka_unit_test(test_stale_without_strictness),
		cmocka_unit_test(test_invalid_structures_are_cached),
		cmocka_unit_test(test_stale_cd),
		cmocka_unit_test(test_invalidation_by_tag_and_address),
		cmocka_unit_test(test_invalidation_by_range),
		cmocka_unit_test(test_stale_tables),
		cmocka_unit_test(test_break_before_make),
		cmocka_unit_test(test_tlb_conflict),
		cmocka_unit_test(test_combined_entries_need_stage1_commands),
		cmocka_unit_test(test_nothing_stale_is_left),
		cmocka_unit_test(test_caches_survive_the_switch),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_stall_and_retry),
		cmocka_unit_test(test_stall_and_terminate),
		cmocka_unit_test(test_stall_records_are_not_lost),
		cmocka_unit_test(test_two_models),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_every_kind_comes_up),
	};

	return cmocka_run_group_tests_name("model", tests, setup, teardown);
}
