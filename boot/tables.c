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

static void say_warnings(const struct description *description, unsigned int from)
{
	for (unsigned int i = from; i < description->warning_count; i++) {
		print("  warning: %s: %s\n", description->warning[i].where, description->warning[i].text);
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

static const void *find_iort(const struct machine *machine, size_t *size, const char **why)
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
	return rsdp ? acpi_find(rsdp, find_in_arena, "IORT", size, why) : NULL;
}

/* The IORT where it is present, the device tree otherwise; `tables=` forces one. */
static int take_streams(struct machine *machine, unsigned int said)
{
	struct description *description = &machine->description;
	const char *why = NULL;
	size_t size = 0;
	const void *iort = machine->options.tables == TABLES_DT ? NULL : find_iort(machine, &size, &why);

	if (iort) {
		description_clear_streams(description);
		if (iort_read(iort, size, description) == 0) {
			return 0;
		}
		why = "the IORT was refused";
	}
	if (machine->options.tables == TABLES_IORT) {
		print("tables=iort was asked for, but %s\n", why);
		return -ENOENT;
	}
	if (why) {
		print("  the ACPI IORT is not used: %s\n", why);
	}
	if (iort) {
		/* A refused IORT has cleared what the device tree said. */
		say_warnings(description, said);
		description_init(description);
		return dt_read(boot_device_tree(), description);
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
	say_warnings(description, 0);
	if (!description->timer.virtual_timer.present) {
		print("  warning: no virtual timer's interrupt is described: naps are spent awake\n");
	}
	if (machine_find_memory(machine)) {
		return -ENOMEM;
	}
	machine_check_return(machine);
	said = description->warning_count;
	enumerate_all(machine);
	error = take_streams(machine, said);
	say_warnings(description, said);
	return error;
}
