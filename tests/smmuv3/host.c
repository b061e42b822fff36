/* SPDX-License-Identifier: BSD-2-Clause */
/* The judge on the host: the model, in several configurations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arch.h"
#include "judge.h"
#include "report/print.h"

/* Within reach of the smallest SMMU and a 32-bit device. */
#define MEMORY 0x40000000UL
#define MEMORY_SIZE (16UL << 20)
#define PAGES_SIZE (2UL << 20)
#define LINE 64U
#define BUFFER_SIZE 4096U
#define MODELS 2U

static uint8_t *memory;
/* Behind the cores' caches; `memory` itself if the SMMU snoops. */
static struct model_ram ram = {.pa = MEMORY, .size = MEMORY_SIZE};
static uint8_t *clean; /* The lines when last clean. */
static struct model *models[MODELS];
static uint8_t windows[MODELS][MODEL_PAGES_SIZE]; /* Addresses of registers; no contents. */
static struct smmuv3 smmu[MODELS];
static uint8_t buffer[JUDGE_DEVICES][BUFFER_SIZE];
static struct judge judge;
static struct judge_model extras;
static bool wired, masked, event_pulse, gerror_pulse;

/* --- Configurations. --- */

struct variant {
	const char *name;
	const struct model_config *config;
	bool slow; /* Everything takes time. */
};

static const struct variant variants[] = {
	{"", &model_full, false},
	{"slow", &model_full, true},
	{"stage 1 only", &model_s1_only, false},
	{"stage 2 only", &model_s2_only, false},
	{"minimal", &model_min, false},
	{"minimal and slow", &model_min, true},
	{"as QEMU's", &model_qemu, false},
};
static const struct variant *variant;

static struct model_config config_of(const struct variant *from)
{
	struct model_config config = *from->config;

	if (from->slow) {
		config.ack_delay = 3;
		config.command_delay = 5;
		config.register_steps = true;
	}
	return config;
}

/* --- Memory. --- */

/* A clean moves written lines to memory; an invalidate, back. */
static void on_cache(const volatile void *start, size_t size, bool invalidate)
{
	size_t first = ((uintptr_t)start - MEMORY) / LINE * LINE;

	for (size_t at = first; at < (uintptr_t)start - MEMORY + size; at += LINE) {
		if (memcmp(memory + at, clean + at, LINE) != 0) {
			memcpy(ram.bytes + at, memory + at, LINE);
		}
		if (invalidate) {
			memcpy(memory + at, ram.bytes + at, LINE);
		}
		memcpy(clean + at, memory + at, LINE);
	}
}

static void put_a_cache_between(void)
{
	ram.bytes = clean + MEMORY_SIZE;
	memcpy(ram.bytes, memory, MEMORY_SIZE);
	memcpy(clean, memory, MEMORY_SIZE);
	arch_hooks.cache = on_cache;
}

static void hide_caches(struct judge *from)
{
	from->smmu->coherent = false;
	put_a_cache_between();
}

static void as_core(unsigned int core)
{
	arch_hooks.core = core;
}

/* An earlier owner's leftovers: valid entries, senseless descriptors and records. */
static void leave_foreign(uint8_t *start, size_t size)
{
	for (size_t at = 0; at < size; at++) {
		start[at] = at & 8 ? 0xe3 : 0xef;
	}
}

/* --- Registers. --- */

static unsigned int model_of(const volatile void *reg)
{
	return (const volatile uint8_t *)reg >= windows[1] ? 1 : 0;
}

static uint32_t offset_of(const volatile void *reg)
{
	return (uint32_t)((const volatile uint8_t *)reg - windows[model_of(reg)]);
}

static uint32_t read32(const volatile void *reg)
{
	if (extras.access && model_of(reg) == 0) {
		extras.access(&judge, offset_of(reg), false);
	}
	return model_read32(models[model_of(reg)], offset_of(reg));
}

static void write32(volatile void *reg, uint32_t value)
{
	if (extras.access && model_of(reg) == 0) {
		extras.access(&judge, offset_of(reg), true);
	}
	model_write32(models[model_of(reg)], offset_of(reg), value);
	if (extras.watch && model_of(reg) == 0 && offset_of(reg) == SMMU_CMDQ_PROD) {
		extras.watch(&judge, true);
	}
}

static void on_wmb(void)
{
	if (extras.watch) {
		extras.watch(&judge, false);
	}
}

static void on_relax(void)
{
	for (unsigned int i = 0; i < MODELS; i++) {
		if (models[i]) {
			model_step(models[i]);
		}
	}
	if (extras.relax) {
		extras.relax(&judge);
	}
}

/* --- Interrupts: an edge each, taken once the access that raised it is over. --- */

static void on_irq(void *context, struct model *from, enum model_irq irq)
{
	(void)context;
	if (wired && from == models[0]) {
		event_pulse |= irq == MODEL_IRQ_EVENTQ;
		gerror_pulse |= irq == MODEL_IRQ_GERROR;
	}
}

static void take_interrupts(void)
{
	if (masked) {
		return;
	}
	if (event_pulse) {
		event_pulse = false;
		judge.event_interrupts++;
		smmuv3_poll_events(&smmu[0]);
	}
	if (gerror_pulse) {
		gerror_pulse = false;
		smmuv3_poll_gerror(&smmu[0]);
	}
}

static bool wire(struct judge *from)
{
	from->smmu->event_interrupt = true;
	from->smmu->gerror_interrupt = true;
	wired = true;
	return true;
}

static void mask(struct judge *from, bool wanted)
{
	(void)from;
	masked = wanted;
	take_interrupts();
}

/* --- Devices. --- */

static struct model *behind(unsigned int device)
{
	return models[device == JUDGE_FOREIGN];
}

static void fetch(struct judge *from, unsigned int device, uint64_t iova, uint32_t length)
{
	(void)model_dma_read(behind(device), from->sid[device], iova, buffer[device], length);
	take_interrupts();
}

static void put(struct judge *from, unsigned int device, uint64_t iova, uint32_t length)
{
	(void)model_dma_write(behind(device), from->sid[device], iova, buffer[device], length);
	take_interrupts();
}

/* --- Tests. --- */

static void say(const char *line)
{
	puts(line);
	fflush(stdout);
}

static void make_model(unsigned int i)
{
	const struct model_memory callbacks = model_ram_memory(&ram);
	static const struct model_hooks hooks = {NULL, on_irq, NULL};
	struct model_config config = config_of(variant);

	models[i] = model_create(&config, &callbacks);
	model_set_hooks(models[i], &hooks);
	smmuv3_init(&smmu[i], i ? "other" : "smmu", 0, windows[i], config.idr[0] & 1U << IDR0_COHACC_SHIFT);
	if (smmuv3_inherit(&smmu[i]) || smmuv3_block(&smmu[i])) {
		judge_fail(&judge, "inherited and blocked", __func__, __LINE__);
	}
}

static void set_hooks(void)
{
	arch_hooks_reset();
	arch_hooks.read32 = read32;
	arch_hooks.write32 = write32;
	arch_hooks.wmb = on_wmb;
	arch_hooks.relax = on_relax;
}

static void destroy_models(void)
{
	for (unsigned int i = 0; i < MODELS; i++) {
		if (models[i]) {
			model_destroy(models[i]);
		}
		models[i] = NULL;
	}
}

static void begin(struct judge *from)
{
	destroy_models();
	set_hooks();
	leave_foreign(memory + PAGES_SIZE, arena_used());
	arena_init(memory + PAGES_SIZE, MEMORY_SIZE - PAGES_SIZE);
	wired = masked = event_pulse = gerror_pulse = false;
	memset(buffer, 0, sizeof(buffer));
	from->failure[0] = '\0';
	extras.watch = NULL;
	extras.access = NULL;
	extras.relax = NULL;
	ram.bytes = memory;
	if (!(variant->config->idr[0] & 1U << IDR0_COHACC_SHIFT)) {
		put_a_cache_between();
	}
	make_model(0);
	make_model(1);
	extras.it = models[0];
	judge_clear(from);
}

static void end(struct judge *from)
{
	for (unsigned int i = 0; i < MODELS; i++) {
		if (model_complaint_count(models[i]) && !from->failure[0]) {
			format_text(from->failure, sizeof(from->failure), "%s complains: %s", smmu[i].iommu.name,
				    model_complaint(models[i], 0));
		}
	}
}

static void take_memory(void)
{
	memory = mmap((void *)MEMORY, MEMORY_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	clean = malloc(2 * MEMORY_SIZE);
	if (memory != (uint8_t *)MEMORY || !clean) {
		puts("Bail out! The memory that tests work on is not free");
		exit(1);
	}
	leave_foreign(memory, MEMORY_SIZE);
	arena_init(memory, 0);
	for (unsigned int i = 0; i < JUDGE_PAGES; i++) {
		judge.page[i] = memory + i * PAGE_SIZE;
	}
}

static void offer_model(void)
{
	extras = (struct judge_model){
		.probe_ste = model_probe_ste,
		.probe_cd = model_probe_cd,
		.dma = model_dma,
		.config = model_config,
		.fail_command = model_fail_command,
		.hang_at_command = model_hang_at_command,
		.inject_event = model_inject_event,
		.set_gerror = model_set_gerror,
		.abort_range = model_abort_range,
		.reset = model_reset,
		.stall_count = model_stall_count,
		.log_count = model_log_count,
		.log = model_log,
		.complaint_count = model_complaint_count,
		.complaint = model_complaint,
		.forget_complaints = model_forget_complaints,
		.peek32 = model_peek32,
		.hide_caches = hide_caches,
		.as_core = as_core,
	};
}

/* Two second levels, if there are two levels. */
static void choose_streams(void)
{
	bool few = (variant->config->idr[1] & 0x3fU) <= 6;

	judge.sid[JUDGE_FIRST] = 8;
	judge.sid[JUDGE_SECOND] = few ? 0x10 : 0x88;
	judge.sid[JUDGE_FOREIGN] = few ? 0x21 : 0x108;
}

int main(void)
{
	struct judge_run run = {.judge = &judge, .begin = begin, .end = end};

	take_memory();
	offer_model();
	judge.smmu = &smmu[0];
	judge.other = &smmu[1];
	judge.nowhere = 0x10000000;
	judge.model = &extras;
	judge.fetch = fetch;
	judge.put = put;
	judge.wire = wire;
	judge.mask = mask;
	judge.say = say;
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		variant = &variants[i];
		judge.name = variant->name;
		judge.emulated = !variant->slow;
		judge.no_gbpa = !variant->config->gbpa;
		judge.gbpa_found = variant->config->gbpa_reset;
		judge.no_ssid = !(variant->config->idr[1] >> IDR1_SSIDSIZE_SHIFT & 0x1fU);
		choose_streams();
		begin(&judge);
		judge_run_all(&run);
	}
	judge_run_done(&run);
	destroy_models();
	free(clean);
	return run.failed ? 1 : 0;
}
