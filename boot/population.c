/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes SMMU instances and masters from the description and PCI. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "boot.h"
#include "checks/events.h"
#include "fatal.h"
#include "machine.h"
#include "platform.h"
#include "report/finding.h"
#include "report/print.h"

#define UNBIND_WAIT_US 10000000U /* A DMA may be under way. */

const char *machine_smmu_impossible(const struct description *description, unsigned int described)
{
	const struct smmu_description *smmu = &description->streams.smmu[described];
	uint64_t base = smmu->base;

	if (!smmu->has_base) {
		return "no address is described for it";
	}
	if (base % SMMUV3_PAGE_SIZE) {
		return "its base is not a multiple of 64 KiB";
	}
	for (unsigned int i = 0; i < description->memory_count; i++) {
		if (base - description->memory[i].base < description->memory[i].size) {
			return "its base is in RAM";
		}
	}
	for (smmu = description->streams.smmu; smmu < &description->streams.smmu[described]; smmu++) {
		if (smmu->enabled && smmu->base == base) {
			return "another one has the same base";
		}
	}
	return NULL;
}

static unsigned int described_quirks(const struct smmu_description *from)
{
	return (from->quirks & SMMU_QUIRK_NO_PAGE1 ? SMMUV3_DESCRIBED_NO_PAGE1 : 0) |
	       (from->quirks & SMMU_QUIRK_NO_PREFETCH ? SMMUV3_DESCRIBED_NO_PREFETCH : 0) |
	       (from->quirks & SMMU_QUIRK_COMBINED_IRQ ? SMMUV3_DESCRIBED_COMBINED_IRQ : 0);
}

volatile uint8_t *machine_map_smmu(const struct smmu_description *from)
{
	uint64_t needed = from->quirks & SMMU_QUIRK_NO_PAGE1 ? SMMUV3_PAGE_SIZE : 2 * SMMUV3_PAGE_SIZE;

	return arch_map_device(from->base, from->size < needed ? needed : from->size);
}

static void add_instance(struct machine *machine, unsigned int described)
{
	struct description *description = &machine->description;
	const struct smmu_description *from = &description->streams.smmu[described];
	struct smmuv3 *smmu;
	const char *reason = machine_smmu_impossible(description, described);
	struct smmuv3_config config = {
		.name = from->name,
		.base = from->base,
		.coherent = from->coherent,
		.quirks = described_quirks(from),
		.on_event = events_log,
		.on_storm = storms_note,
	};
	char name[16];

	machine->smmu_of[described] = -1;
	if (!from->enabled) {
		print("  %s is disabled: it is left alone\n", from->name);
		return;
	}
	if (!reason) {
		config.regs = machine_map_smmu(from);
		reason = config.regs ? NULL : "its registers cannot be mapped";
	}
	format_text(name, sizeof(name), "smmu%u", machine->smmu_count);
	machine->smmu_name[machine->smmu_count] = description_name(description, name);
	smmu = smmuv3_create(&config);
	_Static_assert(DESCRIPTION_SMMUS_MAX <= IOMMU_INSTANCES_MAX, "the core has room for all that are described");
	if (!smmu || iommu_describe(&machine->core, smmuv3_iommu(smmu))) {
		fatal("no memory for an SMMU");
	}
	smmuv3_iommu(smmu)->reason = reason;
	machine->smmu[machine->smmu_count] = smmu;
	machine->unusable[machine->smmu_count] = reason;
	machine->smmu_of[described] = (int)machine->smmu_count++;
}

static struct master *new_master(struct machine *machine, const char *name, const char *device_id)
{
	struct master *master;

	if (machine->master_count == machine->master_max) {
		machine->masters_left_out++;
		return NULL;
	}
	master = &machine->master[machine->master_count];
	*master = (struct master){.device_id = device_id};
	master->device.name = name;
	master->device.dma = &master_dma_ops;
	master->iommu.name = name;
	machine->master_count++;
	return master;
}

static void say_too_many(const struct master *master, const char *what)
{
	print("  warning: %s: more %s than this firmware takes for one master\n", master->device.name, what);
}

static void population_add_stream(struct machine *machine, struct master *master, const struct stream_id *stream)
{
	int smmu = machine->smmu_of[stream->smmu];

	/* A disabled SMMU translates nothing. */
	if (smmu < 0) {
		master->iommu.reason = "its SMMU is disabled";
	} else if (iommu_master_stream(&master->iommu, smmuv3_iommu(machine->smmu[smmu]), stream->sid)) {
		say_too_many(master, "streams");
	}
}

static bool population_take_pages(struct machine *machine, struct master *master)
{
	const struct master_driver *driver = master->driver;

	/* Unique: each master takes at least so many pages. */
	master->number = (uint32_t)machine->dma_used / (MASTER_PAGES * PAGE_SIZE);
	for (unsigned int i = 0; i < MASTER_PAGES; i++) {
		master->page[i] = machine_dma_pages(machine, 1);
	}
	master->work = driver->work_pages ? machine_dma_pages(machine, driver->work_pages) : NULL;
	master->private = driver->private_size ? arena_allocate(driver->private_size, sizeof(uint64_t)) : NULL;
	return master->page[MASTER_PAGES - 1] && (master->work || !driver->work_pages) &&
	       (master->private || !driver->private_size);
}

/* Why it is not driven, or NULL. Its driver has not touched it yet. */
static const char *population_look(struct machine *machine, struct master *master)
{
	uint32_t value;

	if (!master->regs || !arch_probe_read32(master->regs, &value)) {
		return "its registers have no address, or cannot be read";
	}
	if (!population_take_pages(machine, master)) {
		return "no memory is left to drive it with";
	}
	/* Does not ask where memory was given: UEFI's drivers have left their devices, perhaps enabled. */
	return machine->options.exit == EXIT_RETURN && !boot_given_memory() && master->driver->in_use &&
			       master->driver->in_use(master) ?
		       "it is in use by the boot loader, which goes on after this" :
		       NULL;
}

static void say_function(const struct master *master, const struct pci_function *function)
{
	print_debug("  %s %s: requester ID 0x%x", function->name, master->device_id,
		    (unsigned int)master->requester_id);
	for (unsigned int i = 0; i < PCI_BARS_MAX; i++) {
		if (function->bar[i].address) {
			print_debug(", BAR%u at 0x%llx", i, (unsigned long long)function->bar[i].address);
		}
	}
	print_debug("\n");
}

static void map_bars(struct master *master, const struct pci_function *function)
{
	for (unsigned int i = 0; i < PCI_BARS_MAX; i++) {
		const struct pci_bar *bar = &function->bar[i];

		if (bar->address && !bar->is_io) {
			master->bar[i] = arch_map_device(bar->address, bar->size);
			master->regs = master->regs ? master->regs : master->bar[i];
		}
	}
}

static void add_function(struct machine *machine, struct pci_function *function)
{
	struct stream_id stream;
	struct master *master;
	char id[16];

	format_text(id, sizeof(id), "%04x:%04x", function->vendor, function->device);
	master = new_master(machine, function->name, description_name(&machine->description, id));
	if (!master) {
		return;
	}
	master->pci = function;
	master->requester_id = pci_alias(function);
	master->iommu.isolation = function->isolation;
	say_function(master, function);
	if (description_stream_of(&machine->description.streams, function->host->segment, master->requester_id,
				  &stream) == 0) {
		population_add_stream(machine, master, &stream);
	}
	master->driver = function->kind == PCI_ENDPOINT ? master_driver_for(function) : NULL;
	if (!master->driver) {
		return;
	}
	map_bars(master, function);
	master->unfit = population_look(machine, master);
	if (master->unfit) {
		print("  %s %s is not driven: %s\n", function->name, master->driver->driver.name, master->unfit);
	} else {
		device_offer(&master->device, &master->driver->driver);
	}
}

static bool is_ours(const struct machine *machine, const struct range_description *pages)
{
	uint64_t last = pages->base + (pages->size - 1);
	uint64_t dma = arch_phys(machine->dma_memory);
	uint64_t arena, arena_size;

	arena_bounds(&arena, &arena_size);
	return (pages->base < boot_image_end() && last >= boot_image_start()) ||
	       (pages->base < arena + arena_size && last >= arena) ||
	       (pages->base < dma + machine->dma_size && last >= dma);
}

/* Adds direct regions, except in this firmware's memory. */
static void population_add_regions(struct machine *machine, struct master *master)
{
	const struct stream_description *streams = &machine->description.streams;

	for (unsigned int i = 0; i < streams->direct_count; i++) {
		const struct direct_description *direct = &streams->direct[i];
		struct range_description pages = description_direct_pages(direct);
		int smmu = machine->smmu_of[direct->smmu];

		if (!direct->mapped || smmu < 0 ||
		    !iommu_master_emits(&master->iommu, smmuv3_iommu(machine->smmu[smmu]), direct->first,
					direct->last)) {
			continue;
		}
		if (is_ours(machine, &pages)) {
			print("  warning: %s: its direct region at 0x%llx is where this firmware is: not mapped\n",
			      master->device.name, (unsigned long long)pages.base);
		} else if (iommu_master_region(&master->iommu, pages.base, pages.size, IOMMU_READ | IOMMU_WRITE)) {
			say_too_many(master, "direct regions");
		} else {
			print("  %s keeps 0x%llx to 0x%llx, as %s says\n", master->device.name,
			      (unsigned long long)pages.base, (unsigned long long)(pages.base + (pages.size - 1)),
			      direct->where);
		}
	}
}

static void add_functions(struct machine *machine)
{
	for (unsigned int h = 0; h < machine->pci_count; h++) {
		for (unsigned int f = 0; f < machine->pci[h].function_count; f++) {
			add_function(machine, &machine->pci[h].function[f]);
		}
	}
}

static struct master *platform_master(struct machine *machine, const struct fixed_description *fixed)
{
	for (unsigned int i = 0; i < machine->master_count; i++) {
		if (!strcmp(machine->master[i].device.name, fixed->master)) {
			return &machine->master[i];
		}
	}
	return new_master(machine, fixed->master, fixed->compatible ? fixed->compatible : fixed->master);
}

static void add_platform_masters(struct machine *machine)
{
	const struct stream_description *streams = &machine->description.streams;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];
		struct master *master = fixed->enabled ? platform_master(machine, fixed) : NULL;

		for (uint32_t sid = fixed->first; master && sid <= fixed->last; sid++) {
			population_add_stream(machine, master, &(struct stream_id){.smmu = fixed->smmu, .sid = sid});
			if (sid - fixed->first == IOMMU_SIDS_MAX || sid == fixed->last) {
				break;
			}
		}
	}
}

/* A refused master has no DMA: its client waits. */
static void add_to_core(struct machine *machine, struct master *master)
{
	int error = iommu_master_add(&machine->core, &master->iommu);

	if (error) {
		master->iommu.reason = error == -ETIMEDOUT || error == -EBUSY ?
					       "another core is using it" :
					       "the core could not take it: memory for masters ran out";
		print("  warning: %s: %s (%d)\n", master->device.name, master->iommu.reason, error);
		finding_add("not_added", FINDING_WARNING, master->device.name, master->iommu.reason, NULL);
	}
}

/* iommu_core.unbind. */
static int unbind_client(struct iommu_master *iommu)
{
	struct master *master = (struct master *)((char *)iommu - offsetof(struct master, iommu));

	return device_unbind_wait(&master->device, UNBIND_WAIT_US);
}

static void rebind_client(struct iommu_master *iommu)
{
	struct master *master = (struct master *)((char *)iommu - offsetof(struct master, iommu));

	device_requeue(&master->device);
}

/* Adjacent entries of one device count once. */
static unsigned int count_masters(const struct machine *machine)
{
	const struct stream_description *streams = &machine->description.streams;
	unsigned int count = 0;

	for (unsigned int i = 0; i < machine->pci_count; i++) {
		count += machine->pci[i].function_count;
	}
	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		count += i == 0 || strcmp(streams->fixed[i].master, streams->fixed[i - 1].master);
	}
	return count;
}

/* Takes half of the arena at most: adding masters takes more. */
static void make_tables(struct machine *machine)
{
	unsigned int smmus = machine->description.streams.smmu_count;
	unsigned int masters = 1 + count_masters(machine); /* iommu_core_init() needs 1. */
	size_t room = arena_left() / 2 / sizeof(struct master);

	room = room < IOMMU_MASTERS_LIMIT ? room : IOMMU_MASTERS_LIMIT;
	machine->master_max = masters < room ? masters : (unsigned int)room;
	machine->smmu = arena_allocate(smmus * sizeof(*machine->smmu), _Alignof(struct smmuv3 *));
	machine->smmu_name = arena_allocate(smmus * sizeof(*machine->smmu_name), _Alignof(char *));
	machine->unusable = arena_allocate(smmus * sizeof(*machine->unusable), _Alignof(bool));
	machine->smmu_of = arena_allocate(smmus * sizeof(*machine->smmu_of), _Alignof(int));
	machine->master = arena_allocate(machine->master_max * sizeof(*machine->master), _Alignof(struct master));
	if (!machine->smmu || !machine->smmu_name || !machine->unusable || !machine->smmu_of || !machine->master) {
		fatal("no memory for what is described");
	}
}

void machine_populate(struct machine *machine)
{
	make_tables(machine);
	bind_queue_init(&machine->queue);
	if (iommu_core_init(&machine->core, &machine->queue, machine->master_max)) {
		fatal("no memory for masters");
	}
	machine->core.unbind = unbind_client;
	machine->core.rebind = rebind_client;
	iommu_allow(&machine->core, arch_phys(machine->dma_memory), machine->dma_size);
	for (unsigned int i = 0; i < machine->description.streams.smmu_count; i++) {
		add_instance(machine, i);
	}
	add_functions(machine);
	add_platform_masters(machine);
	if (machine->masters_left_out) {
		print("  warning: %u PCI functions and platform streams are left out: memory ended at %u masters\n",
		      machine->masters_left_out, machine->master_max);
	}
	for (unsigned int i = 0; i < machine->master_count; i++) {
		population_add_regions(machine, &machine->master[i]);
		device_add(&machine->queue, &machine->master[i].device);
		add_to_core(machine, &machine->master[i]);
	}
	machine->bringup = (struct bringup){
		.description = &machine->description,
		.table = machine->table,
		.table_size = machine->table_size,
		.other = machine->has_other ? &machine->other : NULL,
		.smmu = machine->smmu,
		.smmu_name = machine->smmu_name,
		.smmu_count = machine->smmu_count,
		.master = machine->master,
		.master_count = machine->master_count,
		.core = &machine->core,
		.pci = machine->pci,
		.pci_count = machine->pci_count,
		.cores = 1,
		.handover = machine->options.handover,
		.unusable = machine->unusable,
		.soak = machine->options.soak,
		.strict = machine->options.strict,
		.monitor = ARCH_PLANS && machine->options.monitor,
		.monitor_on_failure = ARCH_PLANS && machine->options.monitor_on_failure,
		.run = ARCH_PLANS ? machine->options.run : NULL,
		.quick = machine->options.selftest == SELFTEST_QUICK ||
			 (machine->options.selftest == SELFTEST_DEFAULT && !PLATFORM_SELFTEST_FULL),
	};
}
