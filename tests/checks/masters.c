/* SPDX-License-Identifier: BSD-2-Clause */
/* The fake masters: DMA through the model, then the lie. */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "checks/trial.h"
#include "machine.h"
#include "smmuv3/registers.h"

#define MEMORY_OF_MASTERS 0x20c00000ULL /* Behind machine.c's arena. */
#define PAGES_OF_ONE 8U			/* One in front, MASTER_PAGES, one for work. */
#define BUFFER 1024U
#define DESCRIPTOR_BYTES 16U
#define PATTERN 0x12345678U
#define STRANGER_ADDRESS 0x5000U
#define SCANNED_OUT 0xfb000000U /* In no mapped or tried page. */
#define DOORBELL 0x8020040U
#define EVENT_READ (1ULL << 35) /* RnW, in a record's dword 1. */

struct engine {
	uint8_t buffer[BUFFER];
	bool reports; /* Its driver reports failures. */
	int result;
	unsigned int polls_left;
	bool never;
	uint32_t sid; /* The last DMA's stream, */
	uint64_t address;
	const struct lie *lie; /* and lie. */
	unsigned int told[MACHINE_LIES];
	bool is_late; /* Held back until `due`, in microseconds from the DMA's start. */
	uint64_t due;
	struct smmuv3_event event;
};

static struct engine engines[MACHINE_MASTERS_MAX];

static struct engine *engine_of(const struct master *master)
{
	return &engines[master - machine_under_test->master];
}

static struct model *model_of(const struct master *master)
{
	return machine_under_test->model[machine_smmu_of(master)];
}

static void inject(unsigned int smmu, unsigned int code, uint32_t sid, bool write, uint64_t address)
{
	const uint64_t record[4] = {code | (uint64_t)sid << 32, write ? 0 : EVENT_READ, address, 0};

	model_inject_event(machine_under_test->model[smmu], record);
}

/* --- Which DMA it is. --- */

static const struct master *owner_of(uint64_t memory)
{
	uint64_t index = (memory - MEMORY_OF_MASTERS) / PAGE_SIZE / PAGES_OF_ONE;

	return &machine_under_test->master[index];
}

/* If all pages are mapped for all; NULL: nowhere. */
static uint8_t *place_of(uint64_t address)
{
	for (unsigned int m = 0; m < machine_under_test->master_count; m++) {
		const struct master *master = &machine_under_test->master[m];

		for (unsigned int page = 0; page < MASTER_PAGES; page++) {
			if (address / PAGE_SIZE == trial_iova(master, page) / PAGE_SIZE) {
				return master->page[page] + address % PAGE_SIZE;
			}
		}
	}
	return NULL;
}

static enum moment moment_in_prove(const struct master *master, const struct master_dma *dma, bool passed,
				   unsigned int code)
{
	const struct master *owner = owner_of(dma->memory);

	if (!dma->write) {
		return AT_FETCH;
	}
	if (machine_sid(master) != master->iommu.link[0].sid[0]) {
		return AT_TWIN;
	}
	if (owner != master) {
		return machine_smmu_of(owner) == machine_smmu_of(master) ? AT_NEAR : AT_FAR;
	}
	return passed ? AT_TRANSLATE : code == F_PERMISSION ? AT_READ_ONLY : AT_UNMAP;
}

static enum moment moment_of(const struct master *master, const struct master_dma *dma, bool passed, unsigned int code)
{
	switch (machine_under_test->phase) {
	case PHASE_OBSERVE:
		return AT_OBSERVE;
	case PHASE_PROVE:
		return moment_in_prove(master, dma, passed, code);
	case PHASE_PROVOKE:
		return passed ? AT_RECOVERY : AT_INJECTION;
	case PHASE_SOAK:
		return dma->stray ? AT_REMOVED : dma->write ? AT_SOAK : AT_SOAK_FETCH;
	default:
		return NEVER;
	}
}

static bool is_about(const struct lie *lie, const struct master *master, enum moment moment)
{
	return lie->when == moment && moment != NEVER && !strcmp(lie->of, master->device.name) &&
	       (!lie->check || !strcmp(lie->check, machine_injection(machine_smmu_of(master))));
}

static const struct lie *lie_about(const struct master *master, enum moment moment)
{
	struct engine *engine = engine_of(master);
	const struct lie *lies = machine_under_test->lie;

	for (unsigned int i = 0; lies && i < MACHINE_LIES; i++) {
		if (is_about(&lies[i], master, moment) && (!lies[i].number || ++engine->told[i] == lies[i].number)) {
			return &lies[i];
		}
	}
	return NULL;
}

/* --- The honest DMA. --- */

static bool move(const struct master *master, bool write, uint64_t address, void *bytes, uint32_t length)
{
	struct model *model = model_of(master);
	uint32_t sid = machine_sid(master);

	return (write ? model_dma_write(model, sid, address, bytes, length) :
			model_dma_read(model, sid, address, bytes, length)) == MODEL_PASSED;
}

static void fill_pattern(struct engine *engine)
{
	for (uint32_t at = 0; at < BUFFER; at++) {
		engine->buffer[at] = (uint8_t)(PATTERN >> 8 * (at % 4));
	}
}

static bool transfer(struct master *master, const struct master_dma *dma)
{
	struct engine *engine = engine_of(master);
	uint8_t descriptor[DESCRIPTOR_BYTES];

	if (master->work && !dma->stray && !move(master, false, master->work_iova, descriptor, sizeof(descriptor))) {
		return false;
	}
	if (dma->write && master->driver->can & MASTER_COPIES && !dma->stray &&
	    !move(master, false, dma->source, engine->buffer, dma->length)) {
		return false;
	}
	if (!(master->driver->can & (MASTER_READS | MASTER_COPIES))) {
		fill_pattern(engine);
	}
	return move(master, dma->write, dma->address, engine->buffer, dma->length);
}

/* Of the DMA's event, or 0. */
static unsigned int last_code(const struct model *model, size_t since)
{
	for (size_t i = model_log_count(model); i-- > since;) {
		if (model_log(model, i)->kind == MODEL_LOG_EVENT) {
			return model_log(model, i)->number;
		}
	}
	return 0;
}

/* --- The lie. --- */

static void lie_about_bytes(const struct lie *lie, struct master *master, const struct master_dma *dma,
			    const uint8_t *before)
{
	struct engine *engine = engine_of(master);
	uint8_t *memory = arch_virt(dma->memory);

	if (!dma->write) {
		engine->buffer[dma->length - 1] ^= lie->bytes == BYTES_WRONG;
		return;
	}
	switch (lie->bytes) {
	case BYTES_HONEST:
		break;
	case BYTES_WRONG:
		memory[dma->length - 1] ^= 1;
		break;
	case BYTES_SHORT:
		memcpy(memory + dma->length - 4, before + dma->length - 4, 4);
		break;
	case BYTES_NONE:
		memcpy(memory, before, PAGE_SIZE);
		break;
	case BYTES_BELOW:
		memcpy(memory, before, PAGE_SIZE);
		memcpy(memory - PAGE_SIZE, engine->buffer, dma->length);
		break;
	case BYTES_ELSEWHERE:
		memcpy(memory, before, PAGE_SIZE);
		for (unsigned int page = 0; page < MASTER_PAGES; page++) {
			if (master->page[page] != memory) {
				memcpy(master->page[page], engine->buffer, dma->length);
			}
		}
		break;
	case BYTES_ALL_THE_SAME:
		memcpy(place_of(dma->address) ? place_of(dma->address) : memory, engine->buffer, dma->length);
		break;
	}
}

static void tell_besides(const struct lie *lie, const struct master *master)
{
	unsigned int smmu = machine_smmu_of(master);

	switch (lie->told) {
	case TOLD_STRANGER:
	case TOLD_STRANGER_INSTEAD:
		inject(smmu, F_TRANSLATION, (uint32_t)lie->operand, true, STRANGER_ADDRESS);
		break;
	case TOLD_MSI:
	case TOLD_INSTEAD:
		inject(smmu, F_TRANSLATION, machine_sid(master), true, DOORBELL);
		break;
	case TOLD_ITSELF:
		inject(smmu, F_TRANSLATION, machine_sid(master), true, engine_of(master)->address);
		break;
	case TOLD_NEIGHBOUR: {
		const struct master *other = &machine_under_test->master[lie->operand];

		inject(machine_smmu_of(other), F_TRANSLATION, other->iommu.link[0].sid[0], true, STRANGER_ADDRESS);
		break;
	}
	default:
		break;
	}
}

static int start(struct master *master, const struct master_dma *dma)
{
	struct engine *engine = engine_of(master);
	uint8_t before[PAGE_SIZE];
	size_t since = model_log_count(model_of(master));
	bool passed;

	memcpy(before, arch_virt(dma->memory), PAGE_SIZE);
	engine->sid = machine_sid(master);
	engine->address = dma->address;
	passed = transfer(master, dma);
	engine->lie = lie_about(master, moment_of(master, dma, passed, last_code(model_of(master), since)));
	engine->result = passed || !engine->reports ? 0 : -EIO;
	engine->never = false;
	engine->polls_left = 0;
	if (!engine->lie) {
		return 0;
	}
	lie_about_bytes(engine->lie, master, dma, before);
	tell_besides(engine->lie, master);
	engine->result = engine->lie->poll ? engine->lie->poll : engine->result;
	engine->never = engine->lie->never;
	engine->polls_left = engine->lie->polls;
	return engine->lie->start;
}

static int poll(struct master *master)
{
	struct engine *engine = engine_of(master);

	if (engine->never || engine->polls_left) {
		engine->polls_left -= !engine->never;
		return -EAGAIN;
	}
	return engine->result;
}

/* Its work pages are still mapped. */
static int stop(struct master *master)
{
	struct iommu_domain *domain = iommu_owned_domain(&master->iommu.link[0]);
	uint64_t pa;

	assert(!master->work_iova || !domain || smmuv3_ops.translate(domain, master->work_iova, &pa) == 0);
	return 0;
}

static int probe(struct master *master)
{
	(void)master;
	return 0;
}

/* --- What the SMMUs say. --- */

static struct engine *teller(const struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	for (unsigned int m = 0; m < machine_under_test->master_count; m++) {
		struct engine *engine = &engines[m];

		if (machine_smmu_of(&machine_under_test->master[m]) == smmu->iommu.index && engine->sid == event->sid &&
		    engine->lie && (!event->has_access || event->address / PAGE_SIZE == engine->address / PAGE_SIZE)) {
			return engine;
		}
	}
	return NULL;
}

static void hold_back(struct engine *engine, const struct smmuv3_event *event)
{
	engine->event = *event;
	engine->is_late = true;
	engine->due = arch_hooks.ticks + engine->lie->operand;
	engine->lie = NULL;
}

void masters_on_event(struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	struct engine *engine = teller(smmu, event);
	struct smmuv3_event told = *event;

	if (!engine) {
		events_log(smmu, event);
		return;
	}
	switch (engine->lie->told) {
	case TOLD_NOTHING:
	case TOLD_INSTEAD:
	case TOLD_STRANGER_INSTEAD:
		return;
	case TOLD_CODE:
		told.code = (unsigned int)engine->lie->operand;
		break;
	case TOLD_ADDRESS:
		told.address = engine->lie->operand;
		break;
	case TOLD_SID:
		told.sid = (uint32_t)engine->lie->operand;
		break;
	case TOLD_INSTANCE:
		smmu = &machine_under_test->smmu[!smmu->iommu.index];
		break;
	case TOLD_DIRECTION:
		told.write = !told.write;
		break;
	case TOLD_TWICE:
		events_log(smmu, event);
		break;
	case TOLD_NO_ACCESS:
		told.has_access = false;
		break;
	case TOLD_OWN:
		told = (struct smmuv3_event){.code = F_TRANSLATION,
					     .sid = (uint32_t)engine->lie->operand,
					     .has_access = true,
					     .write = true,
					     .address = engine->address};
		break;
	case TOLD_LATE:
		hold_back(engine, event);
		return;
	default:
		break;
	}
	events_log(smmu, &told);
}

static void scan_out(void)
{
	static uint64_t due;
	static unsigned int page;
	const struct scan_out *device = &machine_under_test->scan_out;

	if (!device->code || arch_hooks.ticks < due || machine_under_test->phase == PHASE_REGISTER) {
		return;
	}
	due = arch_hooks.ticks + device->every_us;
	page = (page + 1) % device->pages;
	inject(device->smmu, device->code, device->sid, false, SCANNED_OUT + page * PAGE_SIZE);
}

void masters_time_passes(void)
{
	scan_out();
	for (unsigned int m = 0; m < machine_under_test->master_count; m++) {
		struct engine *engine = &engines[m];

		if (engine->is_late && arch_hooks.ticks >= engine->due) {
			engine->is_late = false;
			inject(machine_smmu_of(&machine_under_test->master[m]), engine->event.code, engine->event.sid,
			       engine->event.write, engine->event.address);
		}
	}
}

/* --- Who they are. --- */

static uint8_t *take_page(unsigned int m, unsigned int page)
{
	return (uint8_t *)(uintptr_t)(MEMORY_OF_MASTERS + (m * PAGES_OF_ONE + 1 + page) * PAGE_SIZE);
}

static void build_one(struct machine *machine, unsigned int m)
{
	static const char *const names[MACHINE_MASTERS_MAX] = {"m0", "m1", "m2", "m3", "m4",  "m5",
							       "m6", "m7", "m8", "m9", "m10", "m11"};
	static const unsigned int can[] = {
		MASTER_WRITES | MASTER_READS,
		MASTER_WRITES | MASTER_READS,
		MASTER_WRITES,
		MASTER_WRITES | MASTER_COPIES,
	};
	struct master *master = &machine->master[m];
	struct master_driver *driver = &machine->driver[m];

	*driver = (struct master_driver){
		.driver = {.name = "fake", .bind = master_bind, .unbind = master_unbind},
		.can = can[m % MACHINE_MASTERS],
		.length_min = 4,
		.length_max = BUFFER,
		.pattern = PATTERN,
		.work_pages = m == 1,
		.probe = probe,
		.start = start,
		.poll = poll,
		.stop = stop,
	};
	engines[m].reports = m != 0;
	master->number = m;
	master->device_id = "1234:5678";
	master->device.name = master->iommu.name = names[m];
	master->device.dma = &master_dma_ops;
	master->driver = driver;
	master->pci = &machine->pci.function[machine->master_count + m];
	master->requester_id = master->pci->requester_id;
	master->regs = engines[m].buffer;
	for (unsigned int page = 0; page < MASTER_PAGES; page++) {
		master->page[page] = take_page(m, page);
	}
	master->work = driver->work_pages ? take_page(m, MASTER_PAGES) : NULL;
	assert(iommu_master_stream(&master->iommu, &machine->smmu[machine_smmu_of(master)].iommu,
				   master->requester_id) == 0);
}

void masters_build(struct machine *machine)
{
	for (unsigned int m = 0; m < machine_under_test->master_count; m++) {
		struct master *master = &machine->master[m];

		build_one(machine, m);
		device_offer(&master->device, &master->driver->driver);
		device_add(&machine->queue, &master->device);
		assert(iommu_master_add(&machine->core, &master->iommu) == 0);
	}
}
