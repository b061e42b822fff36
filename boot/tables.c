/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables that describe the machine, read in the order in which they become readable. */
#include <errno.h>
#include <stddef.h>

#include "arch.h"
#include "base/arena.h"
#include "boot.h"
#include "firmware/acpi.h"
#include "firmware/dt.h"
#include "firmware/fw_cfg.h"
#include "firmware/iort.h"
#include "machine.h"
#include "report/print.h"
#include "serial/console.h"
#include "serial/rtt.h"

#define TREE_LIMIT (2U << 20)
#define FW_CFG_SIZE 0x1000U
#define ACPI_RSDP_SIZE 36U /* Of revision 2; one of 1 has as much behind it that belongs to nobody. */

static void say_warnings(const struct description *description, unsigned int from)
{
	for (unsigned int i = from; i < description->warning_count; i++) {
		print("  warning: %s: %s\n", description->warning[i].where, description->warning[i].text);
	}
	if (description->warnings_lost) {
		print("  and %u warnings more than can be listed\n", description->warnings_lost);
	}
}

static void warn_pci(const struct pci_function *function, const char *text)
{
	print("  warning: %s: %s\n", function ? function->name : "PCI", text);
}

static struct pci_window window_of(const struct pci_window_description *window)
{
	return (struct pci_window){
		.base = window->pci_base,
		.size = window->size,
		.to_cpu = window->cpu_base - window->pci_base,
	};
}

static int enumerate(struct machine *machine, const struct host_description *described)
{
	struct pci_host *host = &machine->pci[machine->pci_count];
	uint64_t size = (uint64_t)(described->bus_last - described->bus_first + 1U) << 20;
	int error;

	host->segment = described->segment;
	host->ecam = arch_map_device(described->ecam.base, size < described->ecam.size ? size : described->ecam.size);
	host->bus_first = described->bus_first;
	host->bus_last = described->bus_last;
	host->memory32 = window_of(&described->memory32);
	host->memory64 = window_of(&described->memory64);
	if (!host->ecam) {
		print("  warning: %s: its ECAM at 0x%llx could not be mapped; nothing behind it is looked at\n",
		      described->name, (unsigned long long)described->ecam.base);
		return -ENOMEM;
	}
	if (machine->options.exit == EXIT_RETURN) {
		machine_note_pci(machine, host);
	}
	error = pci_enumerate(host, warn_pci);
	if (!error && !host->function_count) {
		print("  warning: %s: nothing answers behind its ECAM at 0x%llx\n", described->name,
		      (unsigned long long)described->ecam.base);
	}
	return error;
}

static void enumerate_all(struct machine *machine)
{
	const struct description *description = &machine->description;

	for (unsigned int i = 0; i < description->host_count; i++) {
		if (machine->pci_count == MACHINE_HOSTS_MAX) {
			print("  warning: %s: more PCI hosts than this firmware looks at\n", description->host[i].name);
			continue;
		}
		machine->pci_count += enumerate(machine, &description->host[i]) == 0;
	}
}

/* What the table loader allocated lies in the arena, which is RAM of ours: every range in it can be read. */
static const void *find_in_arena(uint64_t pa, uint64_t size)
{
	return size && pa + size > pa && arena_contains(pa, size) ? arch_virt(pa) : NULL;
}

/* A table that describes IOMMUs of another kind is told of, where it is the only one. */
static const void *find_iort(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size), size_t *size,
			     const char **why)
{
	const void *iort = acpi_find(rsdp, find, "IORT", size, why);
	size_t viot_size;

	if (!iort && acpi_find(rsdp, find, "VIOT", &viot_size, NULL)) {
		*why = "there is none, but a VIOT: a virtio-iommu, which is no SMMUv3";
	}
	return iort;
}

static const void *find_in_fw_cfg(struct machine *machine, size_t *size, const char **why)
{
	struct fw_cfg fw_cfg;
	volatile uint8_t *regs;
	const void *rsdp;

	*why = "no fw_cfg is described";
	if (!machine->description.fw_cfg_base) {
		return NULL;
	}
	regs = arch_map_device(machine->description.fw_cfg_base, FW_CFG_SIZE);
	*why = "fw_cfg does not answer";
	if (!regs || fw_cfg_init(&fw_cfg, regs)) {
		return NULL;
	}
	rsdp = fw_cfg_load_acpi(&fw_cfg, arena_allocate, why);
	return rsdp ? find_iort(rsdp, find_in_arena, size, why) : NULL;
}

/* For find_in_ram(), which is handed no context; boot core only. */
static struct description *described;
static unsigned int first_table; /* Behind this place, what is reserved are pages of tables. */

static bool lies_in(const struct range_description *range, uint64_t pa, uint64_t size)
{
	return pa >= range->base && pa - range->base < range->size && size <= range->size - (pa - range->base);
}

/* Tables lie side by side mostly: one entry grows with them. */
static bool reserve(uint64_t page)
{
	struct range_description *last = &described->reserved[described->reserved_count];

	if (described->reserved_count > first_table && last[-1].base + last[-1].size == page) {
		last[-1].size += PAGE_SIZE;
		return true;
	}
	if (described->reserved_count == DESCRIPTION_MEMORY_MAX) {
		print("  warning: more tables and reservations than can be listed: not all tables are looked at\n");
		return false;
	}
	*last = (struct range_description){.base = page, .size = PAGE_SIZE};
	described->reserved_count++;
	return true;
}

/* A page is mapped once, and nobody else's from then on. Described memory may not be there. */
static bool map_page(uint64_t page)
{
	uint32_t value;

	for (unsigned int i = first_table; i < described->reserved_count; i++) {
		if (lies_in(&described->reserved[i], page, PAGE_SIZE)) {
			return true;
		}
	}
	return reserve(page) && arch_map_memory(page, PAGE_SIZE) &&
	       arch_probe_read32((const volatile void *)arch_virt(page), &value);
}

static const void *find_in_ram(uint64_t pa, uint64_t size)
{
	bool found = false;

	for (unsigned int i = 0; i < described->memory_count; i++) {
		found = found || (size && lies_in(&described->memory[i], pa, size));
	}
	for (uint64_t page = pa & ~(uint64_t)(PAGE_SIZE - 1); found && page < pa + size; page += PAGE_SIZE) {
		found = map_page(page);
	}
	return found ? arch_virt(pa) : NULL;
}

/* Where acpi= says that the RSDP is. */
static const void *find_at_acpi(struct machine *machine, size_t *size, const char **why)
{
	const void *rsdp;

	described = &machine->description;
	first_table = described->reserved_count;
	rsdp = find_in_ram(machine->options.acpi, ACPI_RSDP_SIZE);
	*why = "acpi= names no place in memory";
	return rsdp ? find_iort(rsdp, find_in_ram, size, why) : NULL;
}

/* One description is used, the other is compared with it. */
static void swap_descriptions(struct machine *machine)
{
	uint8_t *one = (uint8_t *)&machine->description.streams;
	uint8_t *other = (uint8_t *)&machine->other;

	/* In place: a third one would be as large as both. */
	for (size_t i = 0; i < sizeof(machine->other); i++) {
		uint8_t kept = one[i];

		one[i] = other[i];
		other[i] = kept;
	}
}

/* False, with the device tree's streams as they were, for a table that is refused. */
static bool take_iort(struct machine *machine, const void *iort, size_t size)
{
	struct description *description = &machine->description;

	machine->other = description->streams;
	description_clear_streams(description);
	machine->has_other = iort_read(iort, size, description) == 0;
	if (!machine->has_other || machine->options.tables == TABLES_DT) {
		swap_descriptions(machine);
	}
	return machine->has_other;
}

/* The IORT where it is present, the device tree otherwise; `tables=` forces one. */
static int take_streams(struct machine *machine, const void *(*find)(struct machine *, size_t *, const char **))
{
	const char *why = NULL;
	size_t size = 0;
	const void *iort = find(machine, &size, &why);

	if (iort && take_iort(machine, iort, size)) {
		return 0;
	}
	why = iort ? "the IORT was refused" : why;
	if (machine->options.tables == TABLES_IORT) {
		print("tables=iort was asked for, but %s\n", why);
		return -ENOENT;
	}
	if (machine->options.tables != TABLES_DT) {
		print("  the ACPI IORT is not used: %s\n", why);
	}
	return 0;
}

int machine_read_tables(struct machine *machine, const void *device_tree)
{
	struct description *description = &machine->description;
	unsigned int said;
	int error;

	description_init(description);
	error = device_tree ? dt_check(device_tree, TREE_LIMIT) : -ENOENT;
	if (!error) {
		error = dt_read(device_tree, description);
	}
	if (error) {
		return error;
	}
	boot_psci_init(&description->psci);
	if (console_init(&description->console)) {
		print("  warning: no console is described that can be used: this is the platform's own, and the whole "
		      "report is in memory, at _SEGGER_RTT (0x%llx)\n",
		      (unsigned long long)rtt_address());
	}
	options_init(&machine->options);
	options_parse(&machine->options, description->bootargs);
	options_parse(&machine->options, boot_arguments());
	print_set_level(machine->options.log);
	if (machine->options.console == CONSOLE_OPTION_RTT) {
		print("  the console is memory from here on, at _SEGGER_RTT (0x%llx)\n",
		      (unsigned long long)rtt_address());
		console_in_memory();
	}
	/* Before any memory is taken: the tables may lie in it. */
	if (machine->options.acpi) {
		error = take_streams(machine, find_at_acpi);
	}
	say_warnings(description, 0);
	if (error) {
		return error;
	}
	if (!description->timer.virtual_timer.present) {
		print("  warning: no virtual timer's interrupt is described: naps are spent awake\n");
	}
	if (machine_find_memory(machine)) {
		return -ENOMEM;
	}
	machine_check_return(machine);
	said = description->warning_count;
	enumerate_all(machine);
	if (!machine->options.acpi) {
		error = take_streams(machine, find_in_fw_cfg);
	}
	say_warnings(description, said);
	return error;
}
