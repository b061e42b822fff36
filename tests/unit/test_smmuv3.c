/* SPDX-License-Identifier: BSD-2-Clause */
/* The SMMUv3 driver on registers in memory that record the order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "smmuv3/private.h"
#include "smmuv3/registers.h"
#include "smmuv3/smmuv3.h"
#include "smmuv3/structures.h"

#define ARENA_SIZE (32U << 20)
#define LOG_MAX 512U
#define MASTERS_MAX 8U
#define IDR0_QEMU 0x0d44101aU
#define IDR1_QEMU 0x02730010U
#define IDR5_QEMU 0x74U

/* A register write, or a command. */
struct entry {
	bool is_command;
	uint32_t what;
	uint64_t value; /* Or the command's first dword. */
	uint64_t second;
};

static uint8_t *regs;
static void *memory;
static struct entry log_entry[LOG_MAX];
static unsigned int log_count;
static bool acknowledge_cr0;
static uint32_t never_acknowledged; /* Bits of CR0. */
static uint32_t gbpa_pending;	    /* GBPA after `gbpa_reads` more reads. */
static unsigned int gbpa_reads;
static unsigned int gbpa_delay;
static void (*on_smmuen_off)(void);
static bool acknowledge_irq_ctrl;
static bool consume;
static bool gbpa_present;
static uint32_t abort_fetches;	 /* CERROR_ABTs to report. */
static uint32_t abort_syncs;	 /* CERROR_ATC_INV_SYNCs to report. */
static bool swallow;		 /* Skip illegal commands. */
static uint64_t wmb_at_doorbell; /* Barriers before the last doorbell. */
static void (*on_command)(const struct command *command);
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
	static const unsigned char legal[] = {CMD_CFGI_STE,   CMD_CFGI_ALL,	CMD_CFGI_CD,	   CMD_TLBI_NH_ASID,
					      CMD_TLBI_NH_VA, CMD_TLBI_EL2_ALL, CMD_TLBI_NSNH_ALL, CMD_SYNC};

	return memchr(legal, (int)opcode, sizeof(legal)) != NULL;
}

/* The SMMU's view; without a cache, the cores' own. A clean copies written lines to it, an invalidate copies back. */
#define LINE 64U

static struct {
	uint8_t *ram;
	uint8_t *clean; /* The cores' lines when last clean. */
} cache;

static void *seen_by_hardware(const void *object)
{
	return cache.ram ? cache.ram + ((uintptr_t)object - (uintptr_t)memory) : (void *)(uintptr_t)object;
}

static void on_cache(const volatile void *start, size_t size, bool invalidate)
{
	size_t first = ((uintptr_t)start - (uintptr_t)memory) / LINE * LINE;
	size_t end = (uintptr_t)start - (uintptr_t)memory + size;

	for (size_t line = first; line < end; line += LINE) {
		uint8_t *mine = (uint8_t *)memory + line;

		if (memcmp(mine, cache.clean + line, LINE) != 0) {
			memcpy(cache.ram + line, mine, LINE);
		}
		if (invalidate) {
			memcpy(mine, cache.ram + line, LINE);
		}
		memcpy(cache.clean + line, mine, LINE);
	}
}

static void put_a_cache_between(void)
{
	/* Left by an earlier owner. */
	memset((uint8_t *)memory + arena_used(), 0xee, ARENA_SIZE - arena_used());
	cache.ram = malloc(ARENA_SIZE);
	cache.clean = malloc(ARENA_SIZE);
	memcpy(cache.ram, memory, ARENA_SIZE);
	memcpy(cache.clean, memory, ARENA_SIZE);
	arch_hooks.cache = on_cache;
	smmu.coherent = false;
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
	const struct command *entries = seen_by_hardware(arch_virt(base & 0x000fffffffffffe0ULL));

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
		if (!is_legal(opcode) && !swallow) {
			stop_at(cons, CERROR_ILL);
			return;
		}
		if (opcode == CMD_SYNC && abort_syncs) {
			abort_syncs--;
			stop_at(cons, CERROR_ATC_INV_SYNC);
			return;
		}
		if (on_command) {
			on_command(command);
		}
		note(true, (uint32_t)opcode, command->dword[0], command->dword[1]);
		cons = (cons + 1) & mask;
	}
	/* ERR stays, as on real implementations. */
	*reg(SMMU_CMDQ_CONS) = cons | (*reg(SMMU_CMDQ_CONS) & 0x7f000000U);
}

static uint32_t on_read(const volatile void *at)
{
	uint32_t offset = (uint32_t)((uintptr_t)at - (uintptr_t)regs);

	if (offset == SMMU_GBPA && gbpa_reads && --gbpa_reads == 0) {
		*reg(SMMU_GBPA) = gbpa_pending;
	}
	return *reg(offset);
}

static void on_write(volatile void *at, uint32_t value)
{
	uint32_t offset = (uint32_t)((uintptr_t)at - (uintptr_t)regs);

	assert_true(offset < SMMU_PAGES_SIZE);
	note(false, offset, value, 0);
	if (offset == SMMU_GBPA) {
		/* A write without UPDATE is ignored. */
		if (gbpa_present && value & GBPA_UPDATE) {
			/* Else the update is lost. */
			assert_int_equal(gbpa_reads, 0);
			gbpa_pending = value & ~GBPA_UPDATE;
			gbpa_reads = gbpa_delay;
			*reg(SMMU_GBPA) = gbpa_delay ? *reg(SMMU_GBPA) | GBPA_UPDATE : gbpa_pending;
		}
		return;
	}
	if (offset == SMMU_CR0 && *reg(SMMU_CR0ACK) & ~value & CR0_SMMUEN && on_smmuen_off) {
		on_smmuen_off();
	}
	*reg(offset) = value;
	if (offset == SMMU_CMDQ_PROD) {
		wmb_at_doorbell = arch_hooks.wmb_count;
	}
	if (offset == SMMU_CR0 && acknowledge_cr0) {
		*reg(SMMU_CR0ACK) = value & ~never_acknowledged;
	} else if (offset == SMMU_IRQ_CTRL && acknowledge_irq_ctrl) {
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
	never_acknowledged = 0;
	gbpa_reads = 0;
	gbpa_delay = 0;
	on_smmuen_off = NULL;
	acknowledge_irq_ctrl = true;
	consume = true;
	gbpa_present = true;
	abort_fetches = 0;
	abort_syncs = 0;
	swallow = false;
	on_command = NULL;
	memset(&cache, 0, sizeof(cache));
	*reg(SMMU_IDR0) = IDR0_QEMU;
	*reg(SMMU_IDR1) = IDR1_QEMU;
	*reg(SMMU_IDR5) = IDR5_QEMU;
	*reg(SMMU_AIDR) = 1;
	*reg(SMMU_GBPA) = 0x1000;
	arch_hooks.write32 = on_write;
	arch_hooks.read32 = on_read;
	smmuv3_init(&smmu, "smmu", 0xc000000, regs, true);
	bind_queue_init(&queue);
	assert_int_equal(iommu_core_init(&core, &queue, MASTERS_MAX), 0);
	assert_int_equal(iommu_describe(&core, &smmu.iommu), 0);
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(log_count, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(cache.ram);
	free(cache.clean);
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

static unsigned int split(void)
{
	return *reg(SMMU_STRTAB_BASE_CFG) >> 6 & 0x1f;
}

static uint64_t descriptor_of(uint32_t sid)
{
	const uint64_t *level1 = seen_by_hardware(arch_virt(reg64(SMMU_STRTAB_BASE) & 0x000fffffffffffc0ULL));

	return level1[sid >> split()];
}

static const struct ste *ste_of(uint32_t sid)
{
	uint64_t descriptor = descriptor_of(sid);
	const struct ste *level2 = seen_by_hardware(arch_virt(descriptor & 0x000fffffffffffc0ULL));
	uint32_t index = sid & ((1U << split()) - 1);

	assert_true(descriptor & 0x1f);
	assert_true(index < 1U << ((descriptor & 0x1f) - 1));
	return &level2[index];
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
	assert_int_equal(features.stall_model, 1);
	assert_false(features.hyp);
	assert_int_equal(features.iidr, 0x43b);
	smmuv3_identify(&features, (IDR0_QEMU & ~(3U << 24 | 1U << 12)) | 1U << 9 | 1U, IDR1_QEMU, IDR5_QEMU, 0, 0x12);
	assert_int_equal(features.stall_model, 0);
	assert_true(features.hyp);
	assert_true(features.stage2);
	assert_int_equal(features.asid_bits, 8);
	assert_int_equal(features.architecture_major, 4);
	assert_int_equal(features.architecture_minor, 2);
}

static void test_dis_05_fields_end_where_they_end(void **state)
{
	struct smmuv3_features features;

	(void)state;
	smmuv3_identify(&features, ~(1U << 0), 0, 0, 0, 0);
	assert_false(features.stage2);
	smmuv3_identify(&features, ~(1U << 1), 0, 0, 0, 0);
	assert_false(features.stage1);
	smmuv3_identify(&features, ~(1U << 3), 0, 0, 0, 0);
	assert_false(features.aarch64_tables);
	smmuv3_identify(&features, ~(1U << 4), 0, 0, 0, 0);
	assert_false(features.coherent_access);
	smmuv3_identify(&features, ~(1U << 9), 0, 0, 0, 0);
	assert_false(features.hyp);
	smmuv3_identify(&features, ~(1U << 12), 0, 0, 0, 0);
	assert_int_equal(features.asid_bits, 8);
	smmuv3_identify(&features, ~(1U << 21), 0, 0, 0, 0);
	assert_true(features.little_endian);
	smmuv3_identify(&features, ~(3U << 24), 0, 0, 0, 0);
	assert_int_equal(features.stall_model, 0);
	smmuv3_identify(&features, ~(1U << 18), 0, 0, 0, 0);
	assert_int_equal(features.vmid_bits, 8);
	smmuv3_identify(&features, ~(1U << 28), 0, 0, 0, 0);
	assert_true(features.two_level);
	smmuv3_identify(&features, 0, ~(15U << 27 | 31U << 21 | 31U << 16 | 0x7ffU), ~(7U << 4 | 7U), 0, ~0xffU);
	assert_false(features.attribute_overrides);
	assert_int_equal(features.ssid_bits, 0);
	assert_false(features.gran16k);
	assert_false(features.gran64k);
	smmuv3_identify_idr3(&features, ~(1U << 10));
	assert_false(features.range_invalidation);
	smmuv3_identify_idr3(&features, 1U << 10);
	assert_true(features.range_invalidation);
	assert_false(features.preset);
	assert_int_equal(features.cmdq_log2, 0);
	assert_int_equal(features.evtq_log2, 0);
	assert_int_equal(features.sid_bits, 0);
	assert_false(features.gran4k);
	assert_int_equal(features.output_code, 0);
	assert_int_equal(features.architecture_major, 3);
	assert_int_equal(features.architecture_minor, 0);
}

static void test_dis_05_small_queues_and_sizes(void **state)
{
	static const unsigned char bits[] = {32, 36, 40, 42, 44, 48, 52};
	struct smmuv3_features features;

	(void)state;
	smmuv3_identify(&features, IDR0_QEMU, 3U << 21 | 5U << 16 | 16, IDR5_QEMU, 0, 0);
	assert_int_equal(features.cmdq_log2, 3);
	assert_int_equal(features.evtq_log2, 5);
	assert_null(smmuv3_refusal(&features));
	smmuv3_identify(&features, IDR0_QEMU, 1U << 21 | 5U << 16 | 16, IDR5_QEMU, 0, 0);
	assert_non_null(smmuv3_refusal(&features));
	smmuv3_identify(&features, IDR0_QEMU, (IDR1_QEMU & ~0x3fU) | 33, IDR5_QEMU, 0, 0);
	assert_non_null(smmuv3_refusal(&features));
	/* TTENDIAN 0: either endianness. TTF 1: AArch32 tables only. */
	smmuv3_identify(&features, IDR0_QEMU & ~(3U << 21), IDR1_QEMU, IDR5_QEMU, 0, 0);
	assert_null(smmuv3_refusal(&features));
	smmuv3_identify(&features, (IDR0_QEMU & ~(3U << 2)) | 1U << 2, IDR1_QEMU, IDR5_QEMU, 0, 0);
	assert_non_null(smmuv3_refusal(&features));
	for (uint32_t code = 0; code < sizeof(bits); code++) {
		smmuv3_identify(&features, IDR0_QEMU, IDR1_QEMU, (IDR5_QEMU & ~7U) | code, 0, 0);
		assert_int_equal(features.output_bits, bits[code]);
	}
}

static void test_dis_06_refusals_name_their_reason(void **state)
{
	static const struct {
		uint32_t idr0, idr1, idr5;
		const char *word;
	} cases[] = {
		{IDR0_QEMU, IDR1_QEMU | 1U << 30, IDR5_QEMU, "PRESET"},
		{IDR0_QEMU, IDR1_QEMU | 1U << 29, IDR5_QEMU, "PRESET"},
		{IDR0_QEMU, IDR1_QEMU | 1U << 28, IDR5_QEMU, "REL"},
		{IDR0_QEMU & ~3U, IDR1_QEMU, IDR5_QEMU, "stage 1"},
		{IDR0_QEMU & ~8U, IDR1_QEMU, IDR5_QEMU, "AArch64"},
		{IDR0_QEMU | 3U << 21, IDR1_QEMU, IDR5_QEMU, "endian"},
		{IDR0_QEMU, IDR1_QEMU, IDR5_QEMU & ~0x10U, "4 KiB"},
		{IDR0_QEMU, IDR1_QEMU & ~(31U << 21), IDR5_QEMU, "queue"},
		{IDR0_QEMU, IDR1_QEMU | 63U, IDR5_QEMU, "SIDSIZE"},
		{IDR0_QEMU & ~(3U << 27), (IDR1_QEMU & ~63U) | 17U, IDR5_QEMU, "linear"},
	};
	struct smmuv3_features features;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		smmuv3_identify(&features, cases[i].idr0, cases[i].idr1, cases[i].idr5, 0, 0);
		assert_non_null(smmuv3_refusal(&features));
		assert_non_null(strstr(smmuv3_refusal(&features), cases[i].word));
	}
}

static void test_the_smallest_granule(void **state)
{
	struct smmuv3_features features = {.gran64k = true};

	(void)state;
	assert_int_equal(smmuv3_granule_bits(&features), 16);
	features.gran16k = true;
	assert_int_equal(smmuv3_granule_bits(&features), 14);
	features.gran4k = true;
	assert_int_equal(smmuv3_granule_bits(&features), 12);
	features = (struct smmuv3_features){0};
	assert_int_equal(smmuv3_granule_bits(&features), 0);
}

/* --- Registration. --- */

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
	assert_int_equal(find(0, false, SMMU_CR0), log_count);
	assert_int_equal(find(0, false, SMMU_IRQ_CTRL), log_count);
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		log_count = 0;
		*reg(registers[i].read) = 1;
		assert_int_equal(smmuv3_block(&smmu), 0);
		assert_true(find(0, false, registers[i].written) < log_count);
		assert_int_equal(*reg(registers[i].read), 0);
	}
	log_count = 0;
	smmu.cr0 = CR0_SMMUEN;
	smmu.irq_ctrl = IRQ_CTRL_GERROR;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_true(find(0, false, SMMU_CR0) < log_count);
	assert_true(find(0, false, SMMU_IRQ_CTRL) < log_count);
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
		assert_true(at < log_count);
		at++;
	}
	/* SMMUEN is written last; masters cost no command. */
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

/* A GBPA that reads zero opens everything once SMMUEN is clear. */
static void test_gbpa_that_works_no_more_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	gbpa_present = false;
	*reg(SMMU_GBPA) = 0;
	assert_int_equal(iommu_unregister(&smmu.iommu), -EIO);
	assert_true(*reg(SMMU_CR0) & CR0_SMMUEN);
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), -EIO);
	assert_true(*reg(SMMU_CR0) & CR0_SMMUEN);
	assert_int_equal(smmuv3_block(&smmu), -EIO);
	gbpa_present = true;
	assert_int_equal(smmuv3_block(&smmu), 0);
}

static void test_reg_02_acknowledge_that_never_comes_fails(void **state)
{
	(void)state;
	acknowledge_cr0 = false;
	*reg(SMMU_CR0ACK) = CR0_SMMUEN;
	assert_int_equal(iommu_register(&smmu.iommu), -EIO);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_FAILED);
	assert_non_null(smmu.iommu.reason);
}

static void test_reg_06_gbpa_busy_for_ever_fails(void **state)
{
	(void)state;
	gbpa_present = false;
	*reg(SMMU_GBPA) = GBPA_UPDATE;
	assert_int_equal(smmuv3_block(&smmu), -EIO);
}

static void test_cmq_09_sync_that_never_completes_fails(void **state)
{
	(void)state;
	consume = false;
	assert_int_equal(iommu_register(&smmu.iommu), -EIO);
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

static bool is_gbpa(const volatile void *at)
{
	return (const volatile uint8_t *)at == regs + SMMU_GBPA;
}

static void test_an_abort_while_looking_is_no_smmu(void **state)
{
	(void)state;
	arch_hooks.is_absent = is_gbpa;
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

static void test_inherited_errors_are_the_active_ones(void **state)
{
	(void)state;
	*reg(SMMU_GERROR) = GERROR_EVENTQ_ABT_ERR | 1U << 4;
	*reg(SMMU_GERRORN) = 1U << 4;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(smmu.inherited.gerror_active, GERROR_EVENTQ_ABT_ERR);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_GERRORN), GERROR_EVENTQ_ABT_ERR | 1U << 4);
}

static void test_reg_02_every_bit_must_be_acknowledged(void **state)
{
	static const uint32_t bits[] = {CR0_SMMUEN, CR0_EVENTQEN, CR0_CMDQEN};

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		never_acknowledged = bits[i];
		assert_int_equal(iommu_register(&smmu.iommu), -EIO);
		assert_non_null(smmu.iommu.reason);
		assert_true(smmuv3_health(&smmu) != SMMUV3_ON);
	}
	never_acknowledged = 0;
	acknowledge_irq_ctrl = false;
	smmu.event_interrupt = true;
	assert_int_equal(iommu_register(&smmu.iommu), -EIO);
	acknowledge_irq_ctrl = true;
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
		acknowledge_cr0 = false;
		assert_int_equal(smmuv3_block(&smmu), -EIO);
		acknowledge_cr0 = true;
		assert_int_equal(smmuv3_block(&smmu), 0);
		assert_int_equal(*reg(SMMU_CR0ACK), 0);
	}
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

static void test_reg_06_gbpa_takes_its_time(void **state)
{
	(void)state;
	gbpa_delay = 3;
	*reg(SMMU_GBPA) = 0x1000 | GBPA_UPDATE;
	gbpa_pending = 0x1000;
	gbpa_reads = 3;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_int_equal(*reg(SMMU_GBPA), GBPA_ABORT | 0x1000);
	assert_true(smmu.gbpa_works);
	log_count = 0;
	assert_int_equal(smmuv3_block(&smmu), 0);
	assert_int_equal(find(0, false, SMMU_GBPA), log_count);
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
		assert_true(at < log_count);
		assert_int_equal(log_entry[at++].value, writes[i].value);
	}
	/* RA of both and WA; 1024 descriptors; queues of 128 and 1024 entries. */
	assert_int_equal(reg64(0x80) >> 62, 1);
	assert_int_equal(reg64(0x90) >> 62, 1);
	assert_int_equal(reg64(0xa0) >> 62, 1);
	assert_int_equal(reg64(0x90) & 0x1f, 7);
	assert_int_equal(reg64(0xa0) & 0x1f, 10);
	assert_int_equal(reg64(0x80) % (1024 * 8), 0);
	assert_int_equal((reg64(0x90) & ~0x1fULL) % (128 * 16), 0);
	assert_int_equal((reg64(0xa0) & ~0x1fULL) % (1024 * 32), 0);
	at = find(0, true, 0x04); /* CMD_CFGI_ALL. */
	assert_int_equal(log_entry[at].value, 0x04);
	assert_int_equal(log_entry[at].second, 31);
	assert_int_equal(log_entry[at + 1].value, 0x30); /* CMD_TLBI_NSNH_ALL. */
	assert_int_equal(log_entry[at + 2].value, 0x46); /* CMD_SYNC. */
}

static void test_numbers_of_a_hypervisors_smmu(void **state)
{
	unsigned int at;

	(void)state;
	*reg(SMMU_IDR0) |= 1U << 9;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	at = find(0, true, 0x04);
	assert_int_equal(log_entry[at + 1].value, 0x20); /* CMD_TLBI_EL2_ALL. */
	assert_int_equal(log_entry[at + 2].value, 0x30);
}

static void test_numbers_of_what_was_not_provoked(void **state)
{
	(void)state;
	assert_int_equal(CERROR_NONE, 0);
	assert_int_equal(CERROR_ILL, 1);
	assert_int_equal(CERROR_ABT, 2);
	assert_int_equal(CERROR_ATC_INV_SYNC, 3);
	assert_int_equal(CMDQ_CONS_ERR_SHIFT, 24);
	assert_int_equal(CMDQ_CONS_ERR_WIDTH, 7);
	assert_int_equal(SMMU_CR0ACK, 0x24);
	assert_int_equal(SMMU_IRQ_CTRLACK, 0x54);
	assert_int_equal(SMMU_GERROR, 0x60);
	assert_int_equal(SMMU_GERRORN, 0x64);
	assert_int_equal(GERROR_CMDQ_ERR, 1U << 0);
	assert_int_equal(GERROR_EVENTQ_ABT_ERR, 1U << 2);
	assert_int_equal(GERROR_SFM_ERR, 1U << 8);
	assert_int_equal(SMMU_IDR0, 0);
	assert_int_equal(SMMU_IDR1, 4);
	assert_int_equal(SMMU_IDR5, 0x14);
	assert_int_equal(SMMU_IIDR, 0x18);
	assert_int_equal(SMMU_AIDR, 0x1c);
	assert_int_equal(EVENTQ_OVERFLOW, 1U << 31);
}

static void test_memory_that_runs_out_fails_the_start(void **state)
{
	unsigned int failures = 0;
	int error = -ENOMEM;

	(void)state;
	for (size_t size = 0; error; size += 1024) {
		arena_init(memory, size);
		smmuv3_init(&smmu, "smmu", 0xc000000, regs, true);
		bind_queue_init(&queue);
		if (iommu_core_init(&core, &queue, MASTERS_MAX) || iommu_describe(&core, &smmu.iommu)) {
			continue;
		}
		assert_int_equal(smmuv3_inherit(&smmu), 0);
		log_count = 0;
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

static struct smmuv3_footprint footprint;

static bool has_another_footprint(void)
{
	struct smmuv3_footprint now;

	smmuv3_footprint(&smmu, &now);
	return smmuv3_footprint_differs(&now, &footprint);
}

/* A registration that writes another instance's registers is found; what changes by itself is not. */
static void test_footprint(void **state)
{
	static const uint16_t set[] = {SMMU_CR0,
				       SMMU_CR1,
				       SMMU_CR2,
				       SMMU_GBPA,
				       SMMU_IRQ_CTRL,
				       SMMU_GERRORN,
				       SMMU_STRTAB_BASE,
				       SMMU_STRTAB_BASE + 4,
				       SMMU_STRTAB_BASE_CFG,
				       SMMU_CMDQ_BASE,
				       SMMU_CMDQ_BASE + 4,
				       SMMU_EVENTQ_BASE,
				       SMMU_EVENTQ_BASE + 4};
	static const uint32_t going[] = {SMMU_CMDQ_PROD, SMMU_CMDQ_CONS, SMMU_EVENTQ_PROD, SMMU_EVENTQ_CONS,
					 SMMU_GERROR};

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmuv3_footprint(&smmu, &footprint);
	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
		for (unsigned int bit = 0; bit < 32; bit++) {
			*reg(set[i]) ^= 1U << bit;
			assert_true(has_another_footprint());
			*reg(set[i]) ^= 1U << bit;
		}
	}
	for (size_t i = 0; i < sizeof(going) / sizeof(going[0]); i++) {
		*reg(going[i]) ^= 1U;
		assert_false(has_another_footprint());
		*reg(going[i]) ^= 1U;
	}
}

static void assert_every_bit_counts(uint64_t *dword)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		*dword ^= 1ULL << bit;
		assert_true(has_another_footprint());
		*dword ^= 1ULL << bit;
	}
	assert_false(has_another_footprint());
}

static void assert_table_has_a_footprint(void)
{
	struct ste *entry;

	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(smmuv3_ops.add_stream(&smmu.iommu, 9), 0);
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 9, NULL), 0);
	smmuv3_footprint(&smmu, &footprint);
	entry = smmuv3_stream_table_entry(&smmu, 9);
	assert_true(entry->dword[0] & STE0_V);
	for (unsigned int i = 1; i < STE_DWORDS; i++) {
		assert_every_bit_counts(&entry->dword[i]);
	}
	/* V clear: the SMMU reads only V. */
	assert_every_bit_counts(&smmuv3_stream_table_entry(&smmu, 8)->dword[0]);
	smmuv3_stream_table_entry(&smmu, 8)->dword[1] ^= 1;
	assert_false(has_another_footprint());
	/* Another core's changes do not count; this one's do. */
	arch_hooks.core++;
	assert_int_equal(smmuv3_ops.quarantine(&smmu.iommu, 9), 0);
	arch_hooks.core--;
	assert_false(has_another_footprint());
	smmuv3_footprint(&smmu, &footprint);
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 9, NULL), 0);
	assert_true(has_another_footprint());
	smmuv3_footprint(&smmu, &footprint);
	entry->dword[3] ^= 1;
	assert_true(has_another_footprint());
	entry->dword[3] ^= 1;
}

static void test_footprint_of_a_stream_table(void **state)
{
	(void)state;
	assert_table_has_a_footprint();
	assert_true(smmu.table.two_level);
	/* A descriptor that is missing, as SMMU and driver see it. */
	smmuv3_footprint(&smmu, &footprint);
	smmu.table.level1[2] ^= 1ULL << 40;
	assert_true(has_another_footprint());
	smmu.table.level1[2] ^= 1ULL << 40;
	assert_int_equal(smmuv3_ops.add_stream(&smmu.iommu, 2U << smmu.table.split), 0);
	assert_true(has_another_footprint());
	smmuv3_footprint(&smmu, &footprint);
	arch_hooks.core++;
	assert_int_equal(smmuv3_ops.add_stream(&smmu.iommu, 3U << smmu.table.split), 0);
	arch_hooks.core--;
	assert_false(has_another_footprint());
}

static void test_footprint_of_a_linear_stream_table(void **state)
{
	(void)state;
	smmu.features.two_level = false;
	assert_table_has_a_footprint();
	assert_non_null(smmu.table.linear);
}

/* --- Streams and domains. --- */

static void test_cold_stream_has_the_empty_domain(void **state)
{
	const struct ste *ste;
	const struct cd *cd;

	(void)state;
	*reg(SMMU_IDR1) |= 1U << 27; /* ATTR_TYPES_OVR. */
	assert_int_equal(smmuv3_inherit(&smmu), 0);
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
	/* The neighbour is denied with an event. */
	assert_int_equal(ste_of(0x1235)->dword[0], 0);
}

/* IHI 0070, 5.2 and 5.4. */
static void test_numbers_of_an_entry_and_its_descriptor(void **state)
{
	const struct smmuv3_domain *domain;
	const struct ste *ste;
	const uint64_t *cd;
	unsigned int cause = 0;

	(void)state;
	add_master(0x5ff);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	ste = ste_of(0x5ff);
	/* V, Config: stage 1; write-back, inner shareable. */
	assert_int_equal(ste->dword[0] & ~0x000fffffffffffc0ULL, 1 | 5 << 1);
	assert_int_equal(ste->dword[1], 3 << 6 | 1 << 4 | 1 << 2);
	for (unsigned int i = 2; i < 8; i++) {
		assert_int_equal(ste->dword[i], 0);
	}
	cd = arch_virt(ste->dword[0] & 0x000fffffffffffc0ULL);
	domain =
		(const struct smmuv3_domain *)((const struct iommu_group *)pointer_load(&master.group))->part[0].domain;
	assert_int_equal(domain->asid, 1);
	/* ASID 1, ASET, A, R, AA64, IPS of 44 bits, V, EPD1, SH0 inner, OR0 and IR0 write-back, T0SZ of 48 bits. */
	assert_int_equal(cd[0], 1ULL << 48 | 1ULL << 47 | 1ULL << 46 | 1ULL << 45 | 1ULL << 41 | 4ULL << 32 |
					1ULL << 31 | 1ULL << 30 | 3 << 12 | 1 << 10 | 1 << 8 | 16);
	assert_int_equal(cd[1], arch_phys(domain->table.root));
	assert_int_equal(cd[3], 0x4404ff);
}

static void test_stalling_is_turned_off(void **state)
{
	(void)state;
	*reg(SMMU_IDR0) &= ~(3U << 24);
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(ste_of(0x500)->dword[1] >> 27 & 1, 1);
}

static void test_output_is_48_bits_at_most(void **state)
{
	const struct cd *cd;

	(void)state;
	*reg(SMMU_IDR5) = (IDR5_QEMU & ~7U) | 6; /* 52 bits. */
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	cd = arch_virt(ste_of(0x500)->dword[0] & 0x000fffffffffffc0ULL);
	assert_int_equal(cd->dword[0] >> 32 & 7, 5);
}

static void test_refused_instance_is_not_written_to(void **state)
{
	(void)state;
	*reg(SMMU_IDR0) &= ~3U;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), -ENOTSUP);
	assert_non_null(strstr(smmu.iommu.reason, "stage 1"));
	assert_int_equal(find(0, false, SMMU_CR1), log_count);
	assert_int_equal(find(0, false, SMMU_STRTAB_BASE), log_count);
}

static struct iommu_master others[2];

static void test_quarantined_stream_aborts_silently(void **state)
{
	unsigned int before;

	(void)state;
	add_master(0x500);
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10000), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(ste_of(0x10ff)->dword[0], 1); /* V, Config: abort. */
	/* For another master, only dword 0 is missing. */
	before = log_count;
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(ste_of(0x10ff)->dword[0] & 0xf, 1 | 5 << 1);
	assert_int_equal(count_since(before, true), 2);
	assert_int_equal(log_entry[before + 1].value, 0x10ff00000003ULL); /* CMD_CFGI_STE. */
	assert_int_equal(log_entry[before + 1].second, 0);		  /* Not the leaf alone. */
}

/* As an earlier owner left it. */
static void dword1_of(uint32_t sid, uint64_t value)
{
	smmuv3_stream_table_entry(&smmu, sid)->dword[1] = value;
}

static uint64_t entry_at_first_command;

static void note_first_entry(const struct command *command)
{
	if (command->dword[0] == 0x10ff00000003ULL) {
		on_command = NULL;
		entry_at_first_command = ste_of(0x10ff)->dword[0];
	}
}

/* The entry is abort, of which the SMMU reads nothing else. */
static void test_entry_is_filled_before_it_is_made(void **state)
{
	(void)state;
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10000), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x10ff), 0);
	dword1_of(0x10ff, 0);
	entry_at_first_command = ~0ULL;
	on_command = note_first_entry;
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(entry_at_first_command, 1);
	assert_int_equal(ste_of(0x10ff)->dword[0] & 0xf, 1 | 5 << 1);
}

static void test_entry_stays_aborted_where_the_queue_fails(void **state)
{
	(void)state;
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10000), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	consume = false;
	dword1_of(0x10ff, 0);
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(ste_of(0x10ff)->dword[0], 1);
	assert_int_not_equal(master_state(&others[1]), MASTER_READY);
	/* A new registration has a new queue. */
	consume = true;
	assert_int_equal(iommu_unregister(&smmu.iommu), -EIO);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_FAILED);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(master_state(&others[1]), MASTER_READY);
}

static void test_late_stream_of_a_new_part_of_the_table(void **state)
{
	unsigned int before;
	size_t used;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	before = log_count;
	add_master(0x2001);
	assert_true(ste_of(0x2001)->dword[0] & STE0_V);
	/* The level-1 descriptor may be cached: two invalidations. */
	assert_int_equal(count_since(before, true), 4);
	assert_int_equal(log_entry[before + 1].value, 0x200100000003ULL);
	/* Span 2: two entries; room for two more, zero. */
	assert_int_equal(descriptor_of(0x2001) & 0x1f, 2);
	assert_int_equal(ste_of(0x2001)[1].dword[0] | ste_of(0x2001)[2].dword[0], 0);
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x203f), 0);
	before = log_count;
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(count_since(before, true), 4);
	assert_int_equal(descriptor_of(0x2001) & 0x1f, 7);
	assert_true(ste_of(0x2001)->dword[0] & STE0_V);
	used = arena_used();
	before = log_count;
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x203e), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	assert_true(arena_used() - used < 1024);
	assert_int_equal(count_since(before, true), 2);
	assert_true(ste_of(0x2001)->dword[0] & STE0_V);
	assert_true(ste_of(0x203e)->dword[0] & STE0_V);
	assert_int_equal(ste_of(0x203d)->dword[0], 0);
	before = log_count;
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 0x2001, NULL), 0);
	assert_int_equal(log_count, before);
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 0x10000, NULL), -ERANGE);
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 0x3000, NULL), -ERANGE);
}

/* Some SMMUs read one bit of Span too far: behind the part, memory is zero. */
static void test_nothing_is_behind_a_short_part(void **state)
{
	const struct ste *part;
	uint8_t *next;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	add_master(0x2004); /* Index 4: eight entries, room for eight more. */
	part = ste_of(0x2000);
	assert_int_equal(descriptor_of(0x2000) & 0x1f, 4);
	next = arena_allocate(16 * sizeof(struct ste), 64);
	assert_non_null(next);
	memset(next, 0xff, 16 * sizeof(struct ste));
	for (unsigned int i = 8; i < 16; i++) {
		assert_int_equal(part[i].dword[0], 0);
	}
}

static void test_table_sizes(void **state)
{
	(void)state;
	/* 32 bits of stream ID: 25 are enough. */
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~0x3fU) | 32;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(0x1ffffff);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_STRTAB_BASE_CFG) & 0x3f, 25);
	assert_int_equal(split(), 10);
	assert_int_equal(reg64(SMMU_STRTAB_BASE) % (1U << 18), 0);
	assert_true(ste_of(0x1ffffff)->dword[0] & STE0_V);
}

static void test_small_table_is_linear(void **state)
{
	const struct ste *table;

	(void)state;
	/* One part holds them: no second level. */
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~0x3fU) | 6;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_non_null(arena_allocate(8, 8));
	add_master(0x3f);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_STRTAB_BASE_CFG), 6);
	assert_int_equal(reg64(SMMU_STRTAB_BASE) % (64 * 64), 0);
	table = arch_virt(reg64(SMMU_STRTAB_BASE) & 0x000fffffffffffc0ULL);
	assert_true(table[0x3f].dword[0] & STE0_V);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(table[0x3f].dword[0], 0);
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
	assert_int_equal(log_entry[before + 1].value >> 48, 1); /* 0 is the empty domain's. */
	assert_int_equal(log_entry[log_count - 1].what, CMD_SYNC);
	/* IHI 0070, 4.4: CMD_TLBI_NH_VA of ASID 1. */
	assert_int_equal(log_entry[before + 1].value, 1ULL << 48 | 0x12);
	assert_int_equal(log_entry[before + 1].second, 0x10001);
	/* Not mapped: no invalidation. */
	before = log_count;
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x1000), -ENOENT);
	assert_int_equal(log_count, before);
}

static uint64_t pa_at_tlbi;

static void note_translation(const struct command *command)
{
	if ((command->dword[0] & 0xff) == 0x12) {
		const struct iommu_group *group = pointer_load(&master.group);

		on_command = NULL;
		pa_at_tlbi = 0;
		(void)smmuv3_ops.translate(group->part[0].domain, 0x10000, &pa_at_tlbi);
	}
}

static void test_map_11_unmapped_before_it_is_invalidated(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add_master(0x500);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x1000, IOMMU_READ), 0);
	on_command = note_translation;
	pa_at_tlbi = ~0ULL;
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x1000), 0);
	assert_int_equal(pa_at_tlbi, 0);
}

static void test_map_11_large_ranges_go_by_asid(void **state)
{
	unsigned int before, cause = 0;

	(void)state;
	add_master(0x500);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	before = log_count;
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x10000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x10000), 0);
	assert_int_equal(count_since(before, true), 16 + 1);
	before = log_count;
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x11000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x11000), 0);
	assert_int_equal(count_since(before, true), 1 + 1);
	assert_int_equal(log_entry[before + 1].value, 1ULL << 48 | 0x11); /* CMD_TLBI_NH_ASID of ASID 1. */
}

/* Three commands and a SYNC. */
static void test_cmq_03_batch_larger_than_the_queue(void **state)
{
	static const uint64_t wanted[] = {0x10001, 0x11001, 0x12001, 0, 0x13001, 0x14001, 0};
	unsigned int before, cause = 0;

	(void)state;
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~(31U << 21)) | 2U << 21;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(0x500);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x5000, IOMMU_READ), 0);
	before = log_count;
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x5000), 0);
	assert_int_equal(count_since(before, true), sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; before < log_count; before++) {
		if (log_entry[before].is_command) {
			assert_int_equal(log_entry[before].second, wanted[i]);
			assert_int_equal(log_entry[before].what, wanted[i] ? CMD_TLBI_NH_VA : CMD_SYNC);
			i++;
		}
	}
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x5000, IOMMU_READ), 0);
	consume = false;
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x5000), -EIO);
}

static size_t pages_at_tlbi;

/* The descriptor is invalid; its tables are not reused yet. */
static void note_end_of_a_domain(const struct command *command)
{
	if ((command->dword[0] & 0xff) == 0x11) {
		on_command = NULL;
		pages_at_tlbi = pages_free_count();
		assert_int_equal(command->dword[0] >> 48, 1);
		assert_int_equal(smmu.cd[1].dword[0], 0);
	}
}

static void test_map_06_asid_is_flushed_before_reuse(void **state)
{
	unsigned int before, cause = 0;
	size_t pages;

	(void)state;
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	before = log_count;
	pages = pages_free_count();
	on_command = note_end_of_a_domain;
	iommu_unuse(&master, false);
	assert_null(on_command);
	assert_int_equal(pages_at_tlbi, pages);
	assert_int_equal(pages_free_count(), pages + 1);
	assert_true(find(before, true, CMD_TLBI_NH_ASID) < log_count);
	assert_true(find(before, true, CMD_CFGI_STE) < find(before, true, CMD_TLBI_NH_ASID));
	assert_int_equal(log_entry[log_count - 1].what, CMD_SYNC);
}

static void test_map_06_asid_that_was_not_flushed_is_not_reused(void **state)
{
	struct iommu_domain *domain;
	size_t pages;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	domain = smmuv3_ops.domain_allocate(&smmu.iommu);
	assert_non_null(domain);
	pages = pages_free_count();
	consume = false;
	assert_int_equal(smmuv3_ops.domain_free(domain), -EIO);
	assert_int_equal(pages_free_count(), pages);
	assert_null(smmuv3_ops.domain_allocate(&smmu.iommu));
	smmu.health = SMMUV3_OFF;
	domain = smmuv3_ops.domain_allocate(&smmu.iommu);
	assert_int_equal(((struct smmuv3_domain *)domain)->asid, 2);
	log_count = 0;
	smmuv3_ops.domain_free(domain);
	assert_int_equal(log_count, 0);
}

static void test_domains_run_out_and_come_back(void **state)
{
	struct iommu_domain *domains[SMMUV3_IDS_MAX];
	size_t used = 0;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.health = SMMUV3_OFF;
	for (int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < SMMUV3_IDS_MAX - 1; i++) {
			domains[i] = smmuv3_ops.domain_allocate(&smmu.iommu);
			assert_non_null(domains[i]);
			assert_int_equal(((struct smmuv3_domain *)domains[i])->asid, i + 1);
			assert_true(i == 0 || domains[i] != domains[i - 1]);
		}
		assert_null(smmuv3_ops.domain_allocate(&smmu.iommu));
		used = used ? used : arena_used();
		assert_int_equal(arena_used(), used);
		for (unsigned int i = 0; i < SMMUV3_IDS_MAX - 1; i++) {
			smmuv3_ops.domain_free(domains[i]);
		}
	}
}

static void test_domain_without_memory_keeps_no_asid(void **state)
{
	struct iommu_domain *domain;
	void *page;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	page = page_allocate();
	while (page_allocate()) {
	}
	while (arena_allocate(8, 8)) {
	}
	/* No memory for the domain. */
	assert_null(smmuv3_ops.domain_allocate(&smmu.iommu));
	assert_int_equal(smmu.asids.used[0], 1);
	arena_init(page, 2048);
	assert_null(smmuv3_ops.domain_allocate(&smmu.iommu));
	assert_int_equal(smmu.asids.used[0], 1);
	arena_init((uint8_t *)memory + ARENA_SIZE / 2, ARENA_SIZE / 2);
	domain = smmuv3_ops.domain_allocate(&smmu.iommu);
	assert_non_null(domain);
	assert_int_equal(((struct smmuv3_domain *)domain)->asid, 1);
}

/* Between two barriers, dword 0 and the rest never change together. */
#define WATCHED 5U

static struct {
	const uint64_t *entry[WATCHED];
	uint64_t seen[WATCHED][8];
	unsigned int count;
} watched;

static void watch(const uint64_t *entry)
{
	assert_true(watched.count < WATCHED);
	watched.entry[watched.count] = entry;
	memcpy(watched.seen[watched.count++], entry, 64);
}

static void look_at_the_watched(void)
{
	for (unsigned int i = 0; i < watched.count; i++) {
		const uint64_t *entry = watched.entry[i];
		unsigned int changed = 0;

		for (unsigned int k = 1; k < 8; k++) {
			changed += entry[k] != watched.seen[i][k];
		}
		if (changed) {
			assert_int_equal(entry[0], watched.seen[i][0]);
			assert_true(entry[0] == 0 || (entry[0] & 0xf) == 1);
		}
		memcpy(watched.seen[i], entry, 64);
	}
}

static void test_ste_17_no_half_written_entry_is_ever_valid(void **state)
{
	unsigned int cause = 0;

	(void)state;
	memset(&watched, 0, sizeof(watched));
	add_master(0x500);
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x501), 0);
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10000), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	/* Once, to allocate. */
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	watch(ste_of(0x500)->dword);
	watch(ste_of(0x501)->dword);
	for (unsigned int asid = 0; asid < 3; asid++) {
		watch(smmu.cd[asid].dword);
	}
	arch_hooks.wmb = look_at_the_watched;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x501), 0);
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(iommu_use(&others[1], false, &cause), 0);
	assert_int_not_equal(ste_of(0x500)->dword[0] & ~0x3fULL, ste_of(0x501)->dword[0] & ~0x3fULL);
	iommu_unuse(&master, false);
	iommu_unuse(&others[1], false);
	look_at_the_watched();
	assert_int_equal(ste_of(0x500)->dword[0] & STE0_V, STE0_V);
}

static void test_noncoherent_smmu_sees_everything(void **state)
{
	const struct smmuv3_domain *domain;
	const uint64_t *cd, *table;
	unsigned int cause = 0;

	(void)state;
	put_a_cache_between();
	add_master(0x1234);
	iommu_allow(&core, 0x80000000, 0x100000);
	/* Twice, to see the second start's clearing. */
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_true(ste_of(0x1234)->dword[0] & STE0_V);
	assert_int_equal(ste_of(0x1235)->dword[0], 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(ste_of(0x1234)->dword[0], 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_equal(iommu_map(&core, &master, 0, 0x80000000, 0x1000, IOMMU_READ), 0);
	/* Non-cacheable, outer shareable: fetches bypass the caches. */
	assert_int_equal(*reg(SMMU_CR1), 2U << 10 | 2U << 4);
	assert_int_equal(ste_of(0x1234)->dword[1], 3 << 6);
	cd = seen_by_hardware(arch_virt(ste_of(0x1234)->dword[0] & 0x000fffffffffffc0ULL));
	domain =
		(const struct smmuv3_domain *)((const struct iommu_group *)pointer_load(&master.group))->part[0].domain;
	assert_int_equal(cd[0] & 0xffffffffULL, 1ULL << 31 | 1ULL << 30 | 3 << 12 | 16);
	assert_int_equal(cd[0] >> 48, domain->asid);
	assert_int_equal(cd[1], arch_phys(domain->table.root));
	assert_int_equal(cd[3], 0x4404ff);
	table = seen_by_hardware(domain->table.root);
	for (int level = 0; level < 3; level++) {
		assert_int_equal(table[0] & 3, 3);
		assert_int_equal(table[1], 0);
		table = seen_by_hardware(arch_virt(table[0] & 0x0000fffffffff000ULL));
	}
	assert_int_equal(table[0] & 0x0000fffffffff000ULL, 0x80000000);
	assert_int_equal(iommu_unmap(&master, 0, 0x1000), 0);
	assert_int_equal(table[0], 0);
	iommu_unuse(&master, false);
	assert_int_equal(cd[0], 0);
}

static void test_noncoherent_queue_is_repaired(void **state)
{
	(void)state;
	put_a_cache_between();
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(smmuv3_provoke_illegal_command(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 1);
}

static void test_noncoherent_linear_table(void **state)
{
	const struct ste *table;

	(void)state;
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~0x3fU) | 6;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	put_a_cache_between();
	add_master(63);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	table = seen_by_hardware(arch_virt(reg64(SMMU_STRTAB_BASE) & 0x000fffffffffffc0ULL));
	assert_true(table[63].dword[0] & STE0_V);
	assert_int_equal(table[0].dword[0], 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(table[63].dword[0], 0);
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
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 64, NULL), -ERANGE);
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
	log_count = 0;
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
	on_smmuen_off = look_at_the_entry;
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
	on_write(at, value);
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
	consume = false;
	assert_int_equal(iommu_register(&smmu.iommu), -EIO);
	assert_non_null(strstr(smmu.iommu.reason, "command queue"));
	consume = true;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
}

/* --- Queues and errors. --- */

static void test_cmq_01_wrap(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (int i = 0; i < 400; i++) {
		log_count = 0;
		assert_int_equal(smmuv3_resume(&smmu), 0);
		assert_int_equal(count_since(0, true), 3);
	}
	assert_int_equal(smmu.counts.commands, 401 * 3);
	assert_int_equal(*reg(SMMU_CMDQ_PROD), 401 * 3 % 256);
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
	/* Replaced by a SYNC before the acknowledge. */
	assert_int_equal(count_since(before, true), 2);
	assert_int_equal(*reg(SMMU_GERROR), *reg(SMMU_GERRORN));
	/* CONS.ERR stays: it means nothing now. */
	assert_int_not_equal(*reg(SMMU_CMDQ_CONS) >> 24, 0);
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 1);
}

static void test_cmq_07_aborted_fetches_are_retried_and_bounded(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	abort_fetches = 3;
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.aborted_fetches, 3);
	/* The limit of retries is each batch's. */
	abort_fetches = 3;
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 0);
	abort_fetches = 1000;
	assert_int_equal(smmuv3_resume(&smmu), -EIO);
	assert_int_equal(smmuv3_health(&smmu), SMMUV3_BROKEN);
	log_count = 0;
	assert_int_equal(smmuv3_resume(&smmu), -EIO);
	assert_int_equal(find(0, false, SMMU_CMDQ_PROD), log_count);
	/* Acknowledged, the error would come back with an interrupt each time. */
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
	/* Without a reason in CONS, CMDQ_ERR changes nothing. */
	*reg(SMMU_GERROR) ^= GERROR_CMDQ_ERR;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(*reg(SMMU_GERRORN), GERROR_EVENTQ_ABT_ERR | GERROR_CMDQ_ERR);
	assert_int_equal(smmu.counts.gerrors, GERROR_EVENTQ_ABT_ERR | GERROR_CMDQ_ERR);
	assert_int_equal(smmu.counts.illegal_commands, 0);
}

static uint32_t error_between_two_reads(const volatile void *at)
{
	uint32_t value = on_read(at);

	if (at == reg(SMMU_GERROR)) {
		*reg(SMMU_GERROR) |= GERROR_EVENTQ_ABT_ERR;
	}
	return value;
}

static void test_ger_03_error_that_comes_meanwhile_stays_active(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	*reg(SMMU_GERROR) = 1U << 4; /* For example MSI_CMDQ_ABT_ERR. */
	arch_hooks.read32 = error_between_two_reads;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(*reg(SMMU_GERRORN), 1U << 4);
	assert_int_equal(*reg(SMMU_GERROR), 1U << 4 | GERROR_EVENTQ_ABT_ERR);
}

static void test_ger_05_service_failure_at_work(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	*reg(SMMU_GERROR) ^= GERROR_SFM_ERR;
	smmuv3_poll_gerror(&smmu);
	assert_int_equal(smmuv3_health(&smmu), SMMUV3_SERVICE_FAILURE);
	assert_int_equal(smmuv3_resume(&smmu), -EIO);
}

static void test_cmq_08_failed_atc_sync_goes_on(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	abort_syncs = 1;
	assert_int_equal(smmuv3_resume(&smmu), 0);
	assert_int_equal(smmu.counts.illegal_commands, 0);
	assert_int_equal(*reg(SMMU_GERROR), *reg(SMMU_GERRORN));
}

static void test_cmq_05_swallowed_command_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	swallow = true;
	assert_int_equal(smmuv3_provoke_illegal_command(&smmu), -ENOMSG);
}

static void test_cmq_02_commands_are_in_memory_before_the_doorbell(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	before = arch_hooks.wmb_count;
	assert_int_equal(smmuv3_invalidate_all(&smmu), 0);
	assert_true(wmb_at_doorbell > before);
}

static struct smmuv3_event last_event;
static unsigned int event_count;

static void on_event(struct smmuv3 *of, const struct smmuv3_event *event)
{
	assert_ptr_equal(of, &smmu);
	last_event = *event;
	event_count++;
}

static void raise_event(uint64_t code, uint64_t sid, uint64_t second, uint64_t address)
{
	struct event_record *entries = smmu.evtq.entries;
	uint32_t mask = (2U << smmu.evtq.log2) - 1;
	uint32_t prod = *reg(SMMU_EVENTQ_PROD);
	struct event_record *entry = seen_by_hardware(&entries[prod & ((1U << smmu.evtq.log2) - 1)]);

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

/* Cavium 74: page 1's registers answer in page 0 only. */
static void test_errata_74_no_page_1(void **state)
{
	(void)state;
	smmu.described_quirks = SMMUV3_DESCRIBED_NO_PAGE1;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	event_count = 0;
	((struct event_record *)smmu.evtq.entries)[0] = (struct event_record){{F_TRANSLATION | 5ULL << 32, 0, 0, 0}};
	*reg(SMMU_EVENTQ_PROD - SMMU_PAGE_SIZE) = 1;
	smmuv3_poll_events(&smmu);
	assert_int_equal(event_count, 1);
	assert_int_equal(last_event.sid, 5);
	assert_int_equal(*reg(SMMU_EVENTQ_CONS - SMMU_PAGE_SIZE), 1);
	assert_true(smmuv3_queues_empty(&smmu));
	*reg(SMMU_EVENTQ_PROD - SMMU_PAGE_SIZE) = 0;
	assert_false(smmuv3_queues_empty(&smmu));
	*reg(SMMU_EVENTQ_PROD - SMMU_PAGE_SIZE) = 1;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
	for (unsigned int i = 0; i < log_count; i++) {
		assert_true(log_entry[i].is_command || log_entry[i].what < SMMU_PAGE_SIZE);
	}
}

/* MMU-700 2812531: a SYNC between kinds of command, and after 62 of a kind. */
static void test_errata_2812531_syncs_between(void **state)
{
	struct command commands[100];
	unsigned int run = 0, syncs = 0;

	(void)state;
	*reg(SMMU_IIDR) = 0x4870043b;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (unsigned int i = 0; i < 100; i++) {
		commands[i] = i < 90 ? smmuv3_command_tlbi_address(CMD_TLBI_NH_VA, 0, i, 0x1000, true) :
				       smmuv3_command_tlbi_asid(0, i);
	}
	assert_int_equal(smmuv3_issue(&smmu, commands, 100), 0);
	for (unsigned int i = 0; i < log_count; i++) {
		if (!log_entry[i].is_command) {
			continue;
		}
		if (log_entry[i].what == CMD_SYNC) {
			run = 0;
			syncs++;
			continue;
		}
		assert_true(run == 0 || log_entry[i].what == log_entry[i - 1].what);
		assert_true(++run <= 62);
	}
	/* Two of the registration's, then 32 + 32 + 26 and 10. */
	assert_int_equal(syncs, 2 + 4);
	log_count = 0;
	*reg(SMMU_IIDR) = 0x4871143b;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_int_equal(smmuv3_issue(&smmu, commands, 100), 0);
	assert_int_equal(count_since(0, true), 100 + 4);
}

static void raise_another(struct smmuv3 *of, const struct smmuv3_event *event)
{
	on_event(of, event);
	raise_event(F_TRANSLATION, 0x77, 0, 0x2000);
}

/* Each event taken is followed by another. */
static void test_a_storm_of_events_does_not_keep_the_core(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = raise_another;
	event_count = 0;
	for (unsigned int turn = 1; turn <= 5000; turn++) {
		log_count = 0;
		raise_event(F_TRANSLATION, 0x77, 0, 0x1000);
		smmuv3_poll_events(&smmu);
		assert_true(event_count <= turn * (1U << SMMUV3_EVTQ_LOG2_MAX));
		smmu.on_event = on_event;
		smmuv3_poll_events(&smmu);
		smmu.on_event = raise_another;
	}
	smmu.on_event = on_event;
	smmuv3_poll_events(&smmu);
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
	/* Later writes keep the acknowledge; an empty queue's overflow updates it. */
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
	*reg(SMMU_EVENTQ_PROD) = 3; /* An earlier owner's. */
	smmuv3_poll_events(&smmu);
	assert_int_equal(log_count, 0);
	assert_int_equal(smmu.counts.events, 0);
}

static void test_reg_13_a_misaligned_base_is_refused(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	smmu.cmdq.entries = (uint8_t *)smmu.cmdq.entries + 32;
	log_count = 0;
	assert_int_equal(iommu_register(&smmu.iommu), -EINVAL);
	assert_non_null(strstr(smmu.iommu.reason, "aligned"));
	for (unsigned int i = 0; i < log_count; i++) {
		assert_true(log_entry[i].is_command || log_entry[i].what != SMMU_CMDQ_BASE);
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

static void poll_and_write(volatile void *at, uint32_t value)
{
	smmuv3_poll_events(&smmu);
	on_write(at, value);
}

/* B-27: its interrupt comes between any two steps, also at a second start. */
static void test_reg_11_poll_between_all_steps(void **state)
{
	(void)state;
	for (unsigned int turn = 0; turn < 2; turn++) {
		*reg(SMMU_EVENTQ_PROD) = 3;
		*reg(SMMU_EVENTQ_CONS) = 1;
		arch_hooks.write32 = poll_and_write;
		assert_int_equal(iommu_register(&smmu.iommu), 0);
		arch_hooks.write32 = on_write;
		assert_int_equal(smmu.counts.events, 0);
		assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	}
}

static uint64_t rmb_at_producer;
static uint64_t dsb_at_record;
static uint64_t dsb_at_consumer;

static uint32_t note_producer(const volatile void *at)
{
	if (at == reg(SMMU_EVENTQ_PROD)) {
		rmb_at_producer = arch_hooks.rmb_count;
	}
	return on_read(at);
}

static void note_consumer(volatile void *at, uint32_t value)
{
	if (at == reg(SMMU_EVENTQ_CONS)) {
		dsb_at_consumer = arch_hooks.dsb_count;
	}
	on_write(at, value);
}

static void note_record(struct smmuv3 *of, const struct smmuv3_event *event)
{
	(void)of;
	(void)event;
	assert_true(arch_hooks.rmb_count > rmb_at_producer);
	dsb_at_record = arch_hooks.dsb_count;
}

/* PROD, a barrier, the records, a barrier, CONS. */
static void test_evq_01_records_are_read_between_two_barriers(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	arch_hooks.read32 = note_producer;
	arch_hooks.write32 = note_consumer;
	smmu.on_event = note_record;
	raise_event(C_BAD_STE, 1, 0, 0);
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.events, 1);
	assert_true(dsb_at_consumer > dsb_at_record);
}

static void test_evq_05_queue_of_a_second_start(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	raise_event(C_BAD_STE, 1, 0, 0);
	smmuv3_poll_events(&smmu);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	raise_event(F_PERMISSION, 2, 0, 0);
	smmuv3_poll_events(&smmu);
	assert_int_equal(last_event.code, F_PERMISSION);
	assert_int_equal(smmu.counts.events, 2);
}

static void test_evq_06_noncoherent_records_are_read(void **state)
{
	(void)state;
	put_a_cache_between();
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.on_event = on_event;
	for (uint32_t i = 0; i < 300; i++) {
		log_count = 0;
		raise_event(F_TRANSLATION, i, 0, 0);
		smmuv3_poll_events(&smmu);
		assert_int_equal(last_event.code, F_TRANSLATION);
		assert_int_equal(last_event.sid, i);
	}
}

static void test_evq_04_many_at_once_and_no_listener(void **state)
{
	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	for (uint32_t i = 0; i < 5; i++) {
		raise_event(C_BAD_STE, i, 0, 0);
	}
	assert_false(smmuv3_queues_empty(&smmu));
	log_count = 0;
	smmuv3_poll_events(&smmu);
	assert_int_equal(smmu.counts.events, 5);
	assert_int_equal(log_count, 1);
	smmuv3_poll_events(&smmu);
	assert_int_equal(log_count, 1);
}

/* IHI 0070, 7.3: which records have addresses. */
static void test_events_are_decoded(void **state)
{
	static const struct {
		unsigned char code;
		bool has_access;
		const char *name;
	} cases[] = {
		{0x01, true, "F_UUT"},
		{0x02, false, "C_BAD_STREAMID"},
		{0x03, false, "F_STE_FETCH"},
		{0x04, false, "C_BAD_STE"},
		{0x05, true, "F_BAD_ATS_TREQ"},
		{0x06, false, "F_STREAM_DISABLED"},
		{0x07, true, "F_TRANSL_FORBIDDEN"},
		{0x08, false, "C_BAD_SUBSTREAMID"},
		{0x09, false, "F_CD_FETCH"},
		{0x0a, false, "C_BAD_CD"},
		{0x0b, true, "F_WALK_EABT"},
		{0x10, true, "F_TRANSLATION"},
		{0x11, true, "F_ADDR_SIZE"},
		{0x12, true, "F_ACCESS"},
		{0x13, true, "F_PERMISSION"},
		{0x20, true, "F_TLB_CONFLICT"},
		{0x21, false, "F_CFG_CONFLICT"},
		{0x25, false, "F_VMS_FETCH"},
		{0x7f, false, "unknown"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct event_record record = {
			{0xabcd123400000000ULL | cases[i].code, 1ULL << 35, 0x1122334455667788ULL, 0x99aabbccddeeULL}};
		struct smmuv3_event event;

		smmuv3_decode_event(&record, &event);
		assert_int_equal(event.code, cases[i].code);
		assert_int_equal(event.sid, 0xabcd1234);
		assert_int_equal(event.has_access, cases[i].has_access);
		assert_false(event.write);
		assert_int_equal(event.address, 0x1122334455667788ULL);
		assert_int_equal(event.fetch_address, 0x99aabbccddeeULL);
		assert_string_equal(smmuv3_event_name(event.code), cases[i].name);
		assert_string_not_equal(smmuv3_event_cause(event.code), cases[i].name);
	}
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
	/* 7.3: implementation defined. */
	for (unsigned int code = 0xe0; code <= 0xef; code++) {
		assert_string_equal(smmuv3_event_name(code), "IMPLEMENTATION DEFINED");
		assert_non_null(strstr(smmuv3_event_cause(code), "implementation"));
	}
	assert_string_equal(smmuv3_event_name(0xdf), "unknown");
	assert_string_equal(smmuv3_event_name(0xf0), "unknown");
	assert_null(strstr(smmuv3_event_cause(0xf0), "implementation"));
}

/* --- Hand-over. --- */

static void test_tdn_02_hand_over_in_order(void **state)
{
	unsigned int at = 0;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	log_count = 0;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
	for (uint32_t wanted = CR0_CMDQEN | CR0_EVENTQEN;; wanted = wanted == CR0_EVENTQEN ? 0 : CR0_EVENTQEN) {
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
	*reg(SMMU_EVENTQ_CONS) ^= 1;
	assert_false(smmuv3_queues_empty(&smmu));
	*reg(SMMU_EVENTQ_CONS) ^= 1;
	acknowledge_cr0 = false;
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
	gbpa_present = false;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_BYPASS), -EIO);
}

static void test_hand_over_without_gbpa(void **state)
{
	(void)state;
	gbpa_present = false;
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
	log_count = 0;
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
	on_smmuen_off = raise_a_last_event;
	assert_int_equal(smmuv3_hand_over(&smmu, SMMUV3_HANDOVER_ABORT), 0);
	assert_int_equal(smmu.counts.events, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_dis_05_sidsize_is_six_bits),
		TEST(test_dis_05_decode),
		TEST(test_dis_05_fields_end_where_they_end),
		TEST(test_dis_05_small_queues_and_sizes),
		TEST(test_dis_06_refusals_name_their_reason),
		TEST(test_the_smallest_granule),
		TEST(test_reg_01_order_of_a_registration),
		TEST(test_abort_stands_before_smmuen_falls),
		TEST(test_reg_07_gbpa_keeps_its_other_fields),
		TEST(test_gbpa_that_is_not_there_is_noticed),
		TEST(test_gbpa_that_works_no_more_is_an_error),
		TEST(test_reg_02_acknowledge_that_never_comes_fails),
		TEST(test_reg_06_gbpa_busy_for_ever_fails),
		TEST(test_cmq_09_sync_that_never_completes_fails),
		TEST(test_ger_07_latched_errors_are_acknowledged_first),
		TEST(test_ger_05_service_failure_refuses),
		TEST(test_ger_05_service_failure_stays_in_sight),
		TEST(test_an_abort_while_looking_is_no_smmu),
		TEST(test_no_smmu_behind_the_registers),
		TEST(test_inherited_errors_are_the_active_ones),
		TEST(test_reg_02_every_bit_must_be_acknowledged),
		TEST(test_reg_02_what_another_owner_had_set),
		TEST(test_interrupts_are_those_that_are_wired),
		TEST(test_reg_06_gbpa_takes_its_time),
		TEST(test_numbers_of_a_registration),
		TEST(test_numbers_of_a_hypervisors_smmu),
		TEST(test_numbers_of_what_was_not_provoked),
		TEST(test_memory_that_runs_out_fails_the_start),
		TEST(test_footprint),
		TEST(test_footprint_of_a_stream_table),
		TEST(test_footprint_of_a_linear_stream_table),
		TEST(test_what_is_off_is_not_written),
		TEST(test_cold_stream_has_the_empty_domain),
		TEST(test_numbers_of_an_entry_and_its_descriptor),
		TEST(test_stalling_is_turned_off),
		TEST(test_output_is_48_bits_at_most),
		TEST(test_refused_instance_is_not_written_to),
		TEST(test_quarantined_stream_aborts_silently),
		TEST(test_entry_is_filled_before_it_is_made),
		TEST(test_entry_stays_aborted_where_the_queue_fails),
		TEST(test_late_stream_of_a_new_part_of_the_table),
		TEST(test_nothing_is_behind_a_short_part),
		TEST(test_table_sizes),
		TEST(test_small_table_is_linear),
		TEST(test_live_change_of_one_dword_is_hitless),
		TEST(test_map_11_unmap_ends_in_tlbi_and_sync),
		TEST(test_map_11_unmapped_before_it_is_invalidated),
		TEST(test_map_11_large_ranges_go_by_asid),
		TEST(test_cmq_03_batch_larger_than_the_queue),
		TEST(test_map_06_asid_is_flushed_before_reuse),
		TEST(test_map_06_asid_that_was_not_flushed_is_not_reused),
		TEST(test_domains_run_out_and_come_back),
		TEST(test_domain_without_memory_keeps_no_asid),
		TEST(test_ste_17_no_half_written_entry_is_ever_valid),
		TEST(test_noncoherent_smmu_sees_everything),
		TEST(test_noncoherent_queue_is_repaired),
		TEST(test_noncoherent_linear_table),
		TEST(test_ste_22_stream_beyond_the_table),
		TEST(test_ste_22_linear_table),
		TEST(test_reregistration_forgets_everything),
		TEST(test_table_is_emptied_after_the_smmu_is_off),
		TEST(test_pause_ends_the_invalidations),
		TEST(test_invalidations_begin_before_smmuen),
		TEST(test_second_start_repairs_a_broken_queue),
		TEST(test_cmq_01_wrap),
		TEST(test_cmq_05_illegal_command_is_repaired),
		TEST(test_cmq_07_aborted_fetches_are_retried_and_bounded),
		TEST(test_ger_02_nothing_pending_writes_nothing),
		TEST(test_ger_01_only_active_bits_are_toggled),
		TEST(test_ger_03_error_that_comes_meanwhile_stays_active),
		TEST(test_ger_05_service_failure_at_work),
		TEST(test_cmq_08_failed_atc_sync_goes_on),
		TEST(test_cmq_05_swallowed_command_is_noticed),
		TEST(test_cmq_02_commands_are_in_memory_before_the_doorbell),
		TEST(test_errata_74_no_page_1),
		TEST(test_errata_2812531_syncs_between),
		TEST(test_evq_02_wrap_keeps_order),
		TEST(test_a_storm_of_events_does_not_keep_the_core),
		TEST(test_evq_03_overflow_is_acknowledged),
		TEST(test_reg_11_poll_before_the_queue_exists),
		TEST(test_reg_11_poll_between_all_steps),
		TEST(test_reg_13_a_misaligned_base_is_refused),
		TEST(test_reg_14_what_is_in_use_is_not_written),
		TEST(test_evq_01_records_are_read_between_two_barriers),
		TEST(test_evq_05_queue_of_a_second_start),
		TEST(test_evq_06_noncoherent_records_are_read),
		TEST(test_evq_04_many_at_once_and_no_listener),
		TEST(test_events_are_decoded),
		TEST(test_every_event_has_a_name),
		TEST(test_tdn_02_hand_over_in_order),
		TEST(test_hand_over_bypass_keeps_shcfg),
		TEST(test_hand_over_notices_what_did_not_work),
		TEST(test_hand_over_notices_an_error_that_stays),
		TEST(test_hand_over_notices_gbpa_that_stays),
		TEST(test_hand_over_without_gbpa),
		TEST(test_hand_over_denies_before_smmuen_falls),
		TEST(test_hand_over_drains_what_was_on_its_way),
	};

	return cmocka_run_group_tests_name("smmuv3", tests, NULL, NULL);
}
