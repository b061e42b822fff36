/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arch.h"
#include "base/arena.h"
#include "bench.h"
#include "serial/private.h"

#define GARBAGE 0xff /* Valid to an SMMU. */

struct model *bench_model;
struct smmuv3 bench_smmu;

static uint8_t registers[MODEL_PAGES_SIZE]; /* Addresses for the model: never accessed. */
static uint32_t heard_until;		    /* Of the console in memory. */

static struct model_ram ram = {.bytes = (uint8_t *)BENCH_MEMORY, .pa = BENCH_MEMORY};
static struct smmuv3_event last_event;
static unsigned int event_count;

static uint32_t read_register(const volatile void *at)
{
	return model_read32(bench_model, (uint32_t)((const volatile uint8_t *)at - registers));
}

static void write_register(volatile void *at, uint32_t value)
{
	model_write32(bench_model, (uint32_t)((volatile uint8_t *)at - registers), value);
}

static void step(void)
{
	model_step(bench_model);
}

static void note_event(struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	(void)smmu;
	last_event = *event;
	event_count++;
}

void bench_open(const struct model_config *config, size_t memory_size)
{
	const struct model_memory memory = model_ram_memory(&ram);
	void *place = (void *)BENCH_MEMORY;

	if (!ram.size) {
		assert_ptr_equal(mmap(place, BENCH_MEMORY_MAX, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0),
				 place);
	}
	memset(place, GARBAGE, memory_size);
	ram.size = memory_size;
	arch_hooks_reset();
	arena_init(place, memory_size);
	bench_model = model_create(config, &memory);
	arch_hooks.read32 = read_register;
	arch_hooks.write32 = write_register;
	arch_hooks.relax = step;
	event_count = 0;
	smmuv3_init(&bench_smmu, "smmu", 0xc000000, registers, true);
	bench_smmu.on_event = note_event;
	assert_int_equal(smmuv3_inherit(&bench_smmu), 0);
}

static void expect_no_complaint(void)
{
	for (size_t i = 0; i < model_complaint_count(bench_model); i++) {
		print_message("complaint: %s\n", model_complaint(bench_model, i));
	}
	assert_int_equal(model_complaint_count(bench_model), 0);
}

void bench_close(void)
{
	if (smmuv3_health(&bench_smmu) == SMMUV3_ON) {
		model_check_caches(bench_model);
	}
	expect_no_complaint();
	model_destroy(bench_model);
	arch_hooks_reset();
}

void bench_add_stream(uint32_t sid)
{
	assert_int_equal(smmuv3_ops.add_stream(&bench_smmu.iommu, sid), 0);
}

void bench_start(unsigned int stream_count)
{
	assert_int_equal(smmuv3_ops.start(&bench_smmu.iommu), 0);
	for (uint32_t sid = 0; sid < stream_count; sid++) {
		bench_add_stream(sid);
	}
	assert_int_equal(smmuv3_ops.enable(&bench_smmu.iommu), 0);
	model_log_clear(bench_model);
}

void bench_attach(uint32_t sid, struct smmuv3_domain *domain)
{
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, sid, &domain->domain), 0);
}

struct smmuv3_domain *bench_domain(enum smmuv3_domain_kind kind, unsigned int granule_bits,
				   struct smmuv3_domain *parent)
{
	const struct smmuv3_domain_config config = {.kind = kind, .granule_bits = granule_bits, .parent = parent};
	struct smmuv3_domain *domain = NULL;

	assert_int_equal(smmuv3_domain_make(&bench_smmu, &config, &domain), 0);
	return domain;
}

void bench_map(struct smmuv3_domain *domain, uint64_t iova, uint64_t pa, uint64_t size)
{
	assert_int_equal(smmuv3_ops.map(&domain->domain, iova, pa, size, PGTABLE_READ | PGTABLE_WRITE), 0);
}

enum model_outcome bench_dma(uint32_t sid, uint64_t iova, bool write, uint64_t *pa)
{
	const struct model_access access = {.sid = sid, .address = iova, .write = write};

	return model_dma(bench_model, &access, pa, NULL);
}

void bench_expect_pass(uint32_t sid, uint64_t iova, uint64_t pa)
{
	uint64_t to = 0;

	assert_int_equal(bench_dma(sid, iova, true, &to), MODEL_PASSED);
	assert_true(to == pa);
}

void bench_expect_fault(uint32_t sid, uint64_t iova, unsigned int code)
{
	unsigned int before = event_count;

	assert_int_equal(bench_dma(sid, iova, false, NULL), MODEL_ABORTED);
	smmuv3_poll_events(&bench_smmu);
	assert_int_equal(event_count, before + 1);
	assert_int_equal(last_event.code, code);
	assert_int_equal(last_event.sid, sid);
}

const struct model_log *bench_last_command(unsigned int opcode)
{
	for (size_t i = model_log_count(bench_model); i-- > 0;) {
		const struct model_log *entry = model_log(bench_model, i);

		if (entry->kind == MODEL_LOG_COMMAND && entry->number == opcode) {
			return entry;
		}
	}
	return NULL;
}

unsigned int bench_command_count(unsigned int opcode)
{
	unsigned int count = 0;

	for (size_t i = 0; i < model_log_count(bench_model); i++) {
		const struct model_log *entry = model_log(bench_model, i);

		count += entry->kind == MODEL_LOG_COMMAND && entry->number == opcode;
	}
	return count;
}

void bench_expect_complaint(const char *part)
{
	assert_true(model_complained(bench_model, part));
	model_forget_complaints(bench_model);
}

static uint32_t said_until(void)
{
	return _SEGGER_RTT.block.up[0].write_offset;
}

void bench_listen(void)
{
	heard_until = said_until();
}

bool bench_heard(const char *start)
{
	size_t length = strlen(start);

	if (said_until() - heard_until < length) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (_SEGGER_RTT.buffer[heard_until + i] != start[i]) {
			return false;
		}
	}
	return true;
}

void bench_ste_mask(enum model_view view, uint64_t mask[STE_DWORDS])
{
	bool stage1 = view == MODEL_VIEW_S1 || view == MODEL_VIEW_NESTED;
	bool stage2 = view == MODEL_VIEW_S2 || view == MODEL_VIEW_NESTED;

	memset(mask, 0, STE_DWORDS * sizeof(*mask));
	mask[0] = 0xf;
	if (view == MODEL_VIEW_BYPASS) {
		mask[1] = 3ULL << 44;
	}
	if (stage1) {
		mask[0] = ~0ULL;
		mask[1] = ~0ULL;
		mask[2] = 0xffff;
	}
	if (stage2) {
		mask[1] |= 3ULL << 44 | 3ULL << 28;
		mask[2] = ~0ULL;
		mask[3] = ~0ULL;
	}
}
