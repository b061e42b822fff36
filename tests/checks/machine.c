/* SPDX-License-Identifier: BSD-2-Clause */
/* SMMUs on the model, core, clients, PCI host and console. */
#include "machine.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arch.h"
#include "base/arena.h"
#include "checks/events.h"
#include "checks/soak.h"
#include "pci/registers.h"
#include "report/record.h"
#include "serial/console.h"

#define MEMORY 0x20000000ULL /* One address for cores and SMMUs; all else aborts. */
#define MEMORY_SIZE (16U << 20)
#define ARENA_SIZE (12U << 20)
#define BUSES 16U
#define ECAM_SIZE (BUSES << 20)
#define UNBIND_WAIT_US 1000000U
#define IIDR_OF_NO_PRODUCT 0x7ff0fffU /* Not an emulator's (0), and without errata. */
#define OUTPUT_44_BITS 0x74U	      /* IDR5: a descriptor holds wider addresses. */

struct machine *machine_under_test;

static struct machine machine;
static uint8_t registers[MACHINE_SMMUS][MODEL_PAGES_SIZE]; /* Addresses only: the model answers. */
static uint32_t uart[0x1000 / 4];
static struct model_ram ram = {.bytes = (uint8_t *)MEMORY, .pa = MEMORY, .size = MEMORY_SIZE};
static char *output;
static size_t output_size, output_length, phase_began;

static void take_byte(char byte)
{
	if (byte != '\r' && output_length + 1 < output_size) {
		output[output_length++] = byte;
		output[output_length] = '\0';
	}
}

static int smmu_of_address(const volatile void *at)
{
	uintptr_t offset = (uintptr_t)at - (uintptr_t)registers;

	return offset < sizeof(registers) ? (int)(offset / MODEL_PAGES_SIZE) : -1;
}

static uint32_t on_read(const volatile void *at)
{
	int smmu = smmu_of_address(at);
	uint32_t offset, value;

	if (smmu < 0) {
		return *(const volatile uint32_t *)at;
	}
	masters_time_passes();
	offset = (uint32_t)((const volatile uint8_t *)at - registers[smmu]);
	value = model_read32(machine.model[smmu], offset);
	return machine.reads ? machine.reads(&machine, (unsigned int)smmu, offset, value) : value;
}

static void on_write(volatile void *at, uint32_t value)
{
	int smmu = smmu_of_address(at);
	uint32_t offset;

	if (at == &uart[0]) {
		take_byte((char)value);
		return;
	}
	if (smmu < 0) {
		*(volatile uint32_t *)at = value;
		return;
	}
	offset = (uint32_t)((volatile uint8_t *)at - registers[smmu]);
	if (!machine.writes || machine.writes(&machine, (unsigned int)smmu, offset, value)) {
		model_write32(machine.model[smmu], offset, value);
	}
}

static void on_relax(void)
{
	for (unsigned int i = 0; i < MACHINE_SMMUS; i++) {
		model_step(machine.model[i]);
	}
}

static volatile void *map_uart(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	return uart;
}

static int unbind_client(struct iommu_master *iommu)
{
	struct master *master = (struct master *)(void *)((char *)iommu - offsetof(struct master, iommu));

	return device_unbind_wait(&master->device, UNBIND_WAIT_US);
}

/* Functions 0 to 3 are bridges to buses 1 to 4, functions 4 to 7 behind them; with more masters so on. */
static void build_pci(void)
{
	struct pci_host *host = &machine.pci;

	host->ecam = calloc(1, ECAM_SIZE);
	assert(host->ecam);
	host->bus_last = BUSES - 1;
	host->function = machine.function;
	host->function_count = 2 * machine.master_count;
	for (unsigned int i = 0; i < machine.master_count; i++) {
		uint8_t bus = (uint8_t)(i + 1);

		host->function[i] = (struct pci_function){
			.host = host,
			.requester_id = (uint16_t)(i << 3),
			.kind = PCI_BRIDGE,
			.express_root_port = true,
			.secondary_bus = bus,
			.subordinate_bus = bus,
			.parent = -1,
		};
		(void)pci_set_secondary_bus(host, i, bus);
		host->function[machine.master_count + i] = (struct pci_function){
			.host = host,
			.requester_id = (uint16_t)((unsigned int)bus << 8 | 1U << 3),
			.parent = (int)i,
		};
	}
}

static bool read_memory(void *context, uint64_t pa, void *bytes, size_t size)
{
	if (!machine.anywhere || pa - MEMORY < MEMORY_SIZE) {
		return model_ram_read(context, pa, bytes, size);
	}
	memcpy(bytes, (const uint8_t *)machine.anywhere + pa % 16, size);
	return true;
}

static bool write_memory(void *context, uint64_t pa, const void *bytes, size_t size)
{
	return model_ram_write(context, pa, bytes, size) || machine.takes_anything;
}

/* True: requester ID is stream ID. */
static void describe(void)
{
	struct stream_description *streams = &machine.description.streams;

	streams->smmu_count = MACHINE_SMMUS;
	for (unsigned int i = 0; i < MACHINE_SMMUS; i++) {
		streams->smmu[i] = (struct smmu_description){
			.name = machine.smmu[i].iommu.name,
			.has_base = true,
			.base = machine.smmu[i].base,
			.size = MODEL_PAGES_SIZE,
			.enabled = true,
			.coherent = true,
			.eventq = {.present = true, .edge = true, .intid = 100 + 2 * i},
			.gerror = {.present = true, .edge = true, .intid = 101 + 2 * i},
		};
	}
	streams->window_count = machine.master_count;
	for (unsigned int m = 0; m < machine.master_count; m++) {
		streams->window[m] = (struct window_description){
			.smmu = machine_smmu_of(&machine.master[m]),
			.input_first = machine.master[m].requester_id,
			.input_last = machine.master[m].requester_id,
			.sid = machine.master[m].requester_id,
			.master = "segment:0",
			.enabled = true,
		};
	}
}

static void build_smmus(void)
{
	static const char *const names[] = {"smmu0", "smmu1"};
	const struct model_memory memory = {.context = &ram, .read = read_memory, .write = write_memory};

	for (unsigned int i = 0; i < MACHINE_SMMUS; i++) {
		struct smmuv3 *smmu = &machine.smmu[i];

		machine.model[i] = model_create(&machine.config, &memory);
		smmuv3_init(smmu, names[i], 0xc000000 + i * 0x20000ULL, registers[i], true);
		machine.ops[i] = *smmu->iommu.ops;
		smmu->iommu.ops = &machine.ops[i];
		smmu->on_event = masters_on_event;
		smmu->on_storm = storms_note;
		machine.smmus[i] = smmu;
		assert(iommu_describe(&machine.core, &smmu->iommu) == 0);
	}
	machine.bringup.smmu_name = names;
}

static void build(breakage *configure, breakage *broken)
{
	const struct console_description console = {.kind = CONSOLE_PL011, .base = 0x9000000};
	void *memory = mmap((void *)MEMORY, MEMORY_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	assert(memory == (void *)MEMORY);
	machine.master_count = MACHINE_MASTERS;
	machine.first_of_smmu1 = MACHINE_MASTERS / MACHINE_SMMUS;
	machine.config = model_full;
	machine.config.iidr = IIDR_OF_NO_PRODUCT;
	machine.config.idr[5] = OUTPUT_44_BITS;
	if (configure) {
		configure(&machine);
	}
	arch_hooks_reset();
	arch_hooks.read32 = on_read;
	arch_hooks.write32 = on_write;
	arch_hooks.relax = on_relax;
	arch_hooks.map_device = map_uart;
	machine_under_test = &machine;
	arena_init(memory, ARENA_SIZE);
	assert(console_init(&console) == 0);
	bind_queue_init(&machine.queue);
	assert(iommu_core_init(&machine.core, &machine.queue, machine.master_count) == 0);
	machine.core.unbind = unbind_client;
	iommu_allow(&machine.core, MEMORY + ARENA_SIZE, MEMORY_SIZE - ARENA_SIZE);
	build_smmus();
	build_pci();
	masters_build(&machine);
	describe();
	machine.bringup.description = &machine.description;
	machine.bringup.smmu = machine.smmus;
	machine.bringup.smmu_count = MACHINE_SMMUS;
	machine.bringup.master = machine.master;
	machine.bringup.master_count = machine.master_count;
	machine.bringup.core = &machine.core;
	machine.bringup.pci = &machine.pci;
	machine.bringup.pci_count = 1;
	machine.bringup.cores = 1;
	machine.bringup.unusable = machine.unusable;
	if (broken) {
		broken(&machine);
	}
}

uint32_t machine_sid(const struct master *master)
{
	const struct pci_function *bridge = &machine.pci.function[master->pci->parent];
	uint32_t buses = pci_read32(bridge, PCI_BRIDGE_BUSES);

	return (buses >> PCI_BRIDGE_SECONDARY_SHIFT & 0xffU) << 8 | (master->pci->requester_id & 0xffU);
}

unsigned int machine_smmu_of(const struct master *master)
{
	return master >= &machine.master[machine.first_of_smmu1];
}

/* In provoke()'s order. */
static const char *const injections[] = {
	"illegal_command", "queue_abort", "event_overflow", "event_abort",  "bad_ste",		 "bad_cd",
	"cd_fetch",	   "walk_abort",  "access_flag",    "address_size", "translation_fault", "permission_fault",
	"abort_all",
};

const char *machine_injection(unsigned int smmu)
{
	const char *name = smmu ? "\"instance\":\"smmu1\"" : "\"instance\":\"smmu0\"";
	unsigned int count = 0;

	for (const char *at = strstr(output + phase_began, "{\"record\":\"check\""); at;
	     at = strstr(at + 1, "{\"record\":\"check\"")) {
		const char *end = strchr(at, '\n');
		const char *found = strstr(at, name);

		count += found && found < end;
	}
	return count < sizeof(injections) / sizeof(injections[0]) ? injections[count] : "none";
}

static void enter(enum phase phase)
{
	machine.phase = phase;
	phase_began = output_length;
	if (machine.before) {
		machine.before(&machine, phase);
	}
}

void machine_found(const char *check, const char *subject, bool right)
{
	struct record record;

	record_begin(&record, "check");
	record_string(&record, "check", check);
	record_string(&record, "instance", subject);
	record_string(&record, "result", right ? "pass" : "fail");
	record_end(&record);
}

static void settle(void)
{
	while (bind_queue_work(&machine.queue)) {
	}
}

static void register_all(void)
{
	for (unsigned int i = 0; i < MACHINE_SMMUS; i++) {
		machine.unusable[i] = smmuv3_inherit(&machine.smmu[i]) || smmuv3_block(&machine.smmu[i]);
	}
	for (unsigned int m = 0; m < machine.master_count; m++) {
		(void)device_queue(&machine.master[m].device);
	}
	settle();
	enter(PHASE_REGISTER);
	for (unsigned int i = 0; i < MACHINE_SMMUS; i++) {
		footprint_before(&machine.bringup, i);
		(void)iommu_register(&machine.smmu[i].iommu);
		footprint_after(&machine.bringup, i);
		settle();
	}
	(void)bind_queue_expire(&machine.queue);
}

/* The test's own: hand_over() besides the SMMUs. */
static void look_at_the_bus(void)
{
	bool is_off = true;

	for (unsigned int i = 0; i < machine.pci.function_count; i++) {
		is_off &= !(pci_read32(&machine.pci.function[i], PCI_COMMAND) & PCI_COMMAND_BUS_MASTER);
	}
	machine_found("off_the_bus", "machine", is_off);
}

void machine_run(const struct lie *lies, breakage *configure, breakage *broken, char *console, size_t size)
{
	output = console;
	output_size = size;
	machine.lie = lies;
	build(configure, broken);
	register_all();
	compare(&machine.bringup);
	enter(PHASE_OBSERVE);
	observe(&machine.bringup);
	attend(&machine.bringup);
	enter(PHASE_PROVE);
	prove(&machine.bringup);
	attend(&machine.bringup);
	enter(PHASE_PROVOKE);
	provoke(&machine.bringup);
	compare_interrupts(&machine.bringup);
	attend(&machine.bringup);
	enter(PHASE_SOAK);
	if (machine.soak) {
		soak_run(&machine.bringup, machine.soak);
	}
	attend(&machine.bringup);
	enter(PHASE_HAND_OVER);
	hand_over(&machine.bringup);
	look_at_the_bus();
	(void)verdict(&machine.bringup, 1);
}
