/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/arch.h"
#include "base/arena.h"
#include "base/feature.h"
#include "boot.h"
#include "firmware/acpi.h"
#include "firmware/acpi_machine.h"
#include "firmware/dt.h"
#include "firmware/iort.h"
#include "machine.h"
#include "pci/host.h"
#include "report/print.h"
#include "report/record.h"
#include "serial/console.h"
#include "serial/console_input.h"
#include "serial/rtt.h"

OPTIONAL(acpi_find);
OPTIONAL(acpi_read_machine);
OPTIONAL(console_listen);
OPTIONAL(iort_read);
OPTIONAL(machine_check_next);
OPTIONAL(machine_check_return);
OPTIONAL(machine_find_acpi);
OPTIONAL(machine_note_pci);
OPTIONAL(machine_put_back);
OPTIONAL(print_set_level);

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

static struct pci_window tables_window_of(const struct pci_window_description *window)
{
	return (struct pci_window){
		.base = window->pci_base,
		.size = window->size,
		.to_cpu = window->cpu_base - window->pci_base,
	};
}

_Static_assert(DESCRIPTION_HOST_WINDOWS_MAX == PCI_WINDOWS_MAX - PCI_WINDOWS_ASSIGNED,
	       "room for all that are described");

static struct pci_host *next_host(struct machine *machine, const struct host_description *described)
{
	struct pci_host *host = &machine->pci[machine->pci_count];

	host->segment = described->segment;
	host->order = (uint16_t)machine->pci_count;
	host->bus_first = described->bus_first;
	host->bus_last = described->bus_last;
	host->memory32 = tables_window_of(&described->memory32);
	host->memory64 = tables_window_of(&described->memory64);
	for (unsigned int i = PCI_WINDOWS_ASSIGNED; i < PCI_WINDOWS_MAX; i++) {
		host->window[i] = tables_window_of(&described->window[i - PCI_WINDOWS_ASSIGNED]);
	}
	return host;
}

static int enumerate_host(struct machine *machine, struct pci_host *host)
{
	int error;

	if (machine->options.exit == EXIT_RETURN && is_linked(machine_note_pci)) {
		machine_note_pci(machine, host);
	}
	host->function = machine_take_half(sizeof(*host->function), &host->function_max);
	host->listens = ARCH_PLANS && machine->options.listen;
	error = host->function_max ? pci_enumerate(host, warn_pci) : -ENOMEM;
	arena_trim(&host->function[host->function_count]);
	return error;
}

static int enumerate(struct machine *machine, const struct host_description *described)
{
	struct pci_host *host = next_host(machine, described);
	uint64_t size = (uint64_t)(described->bus_last - described->bus_first + 1U) << 20;
	int error;

	host->ecam = arch_map_device(described->ecam.base, size < described->ecam.size ? size : described->ecam.size);
	if (!host->ecam) {
		print("  warning: %s: its ECAM at 0x%llx could not be mapped; nothing behind it is looked at\n",
		      described->name, (unsigned long long)described->ecam.base);
		return -ENOMEM;
	}
	error = enumerate_host(machine, host);
	if (!error && !host->function_count) {
		print("  warning: %s: nothing answers behind its ECAM at 0x%llx\n", described->name,
		      (unsigned long long)described->ecam.base);
	}
	return error;
}

static struct pci_registers tables_registers_of(const struct range_description *range)
{
	return (struct pci_registers){.base = range->base, .size = range->size};
}

/* A host that no driver knows is in the description's warnings already. */
static int enumerate_by_driver(struct machine *machine, const struct unknown_host_description *unknown)
{
	const struct host_description *described = &unknown->host;
	const struct pci_registers place[PCI_PLACE_COUNT] = {
		[PCI_PLACE_DBI] = tables_registers_of(&unknown->dbi),
		[PCI_PLACE_CONFIG] = tables_registers_of(&unknown->config),
		[PCI_PLACE_ATU] = tables_registers_of(&unknown->atu),
	};
	struct pci_host *host = next_host(machine, described);
	const char *why;
	int error;

	host->driver = pci_host_driver_for(place);
	if (!host->driver) {
		return -ENODEV;
	}
	why = host->driver->open(host, place);
	if (why) {
		print("  warning: %s: %s; nothing behind it is looked at\n", described->name, why);
		return -ENODEV;
	}
	print("  %s: %s\n", described->name, host->driver->name);
	if (described->memory32.size != host->memory32.size) {
		print("  warning: %s: no BAR is placed at 0x%llx: no outbound region passes that on\n", described->name,
		      (unsigned long long)described->memory32.cpu_base);
	}
	error = enumerate_host(machine, host);
	if (error) {
		host->driver->close(host);
	}
	return error;
}

/* Before the ECAMs, which may use up the addresses. QEMU's IORT is not known yet. */
static void map_smmus(const struct stream_description *streams)
{
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (streams->smmu[i].enabled && streams->smmu[i].has_base) {
			(void)machine_map_smmu(&streams->smmu[i]);
		}
	}
}

static int enumerate_all(struct machine *machine)
{
	const struct description *description = &machine->description;
	unsigned int hosts = description->host_count + (ARCH_MORE_HOSTS ? description->unknown_host_count : 0);

	machine->pci = arena_allocate(hosts * sizeof(*machine->pci), _Alignof(struct pci_host));
	machine->pci_before = arena_allocate(hosts * sizeof(*machine->pci_before), _Alignof(struct pci_snapshot));
	if (!machine->pci || !machine->pci_before) {
		return -ENOMEM;
	}
	map_smmus(&description->streams);
	for (unsigned int i = 0; i < description->host_count; i++) {
		machine->pci_count += enumerate(machine, &description->host[i]) == 0;
	}
	for (unsigned int i = 0; ARCH_MORE_HOSTS && i < description->unknown_host_count; i++) {
		machine->pci_count += enumerate_by_driver(machine, &description->unknown_host[i]) == 0;
	}
	return 0;
}

/* One is used, one compared. */
static void swap_descriptions(struct machine *machine)
{
	uint8_t *one = (uint8_t *)&machine->description.streams;
	uint8_t *other = (uint8_t *)&machine->other;

	/* In place: a copy would take as much memory. */
	for (size_t i = 0; i < sizeof(machine->other); i++) {
		uint8_t kept = one[i];

		one[i] = other[i];
		other[i] = kept;
	}
}

static struct acpi_tables find_acpi(struct machine *machine)
{
	return is_linked(machine_find_acpi) ? machine_find_acpi(machine) :
					      (struct acpi_tables){.why = "this build reads no ACPI tables"};
}

/* Without an IORT, looks for a VIOT. */
static const void *find_iort(const struct acpi_tables *acpi, size_t *size, const char **why)
{
	const void *iort = acpi_find(acpi->rsdp, acpi->find, "IORT", size, why);
	size_t viot_size;

	if (!iort && acpi_find(acpi->rsdp, acpi->find, "VIOT", &viot_size, NULL)) {
		*why = "there is none, but a VIOT: a virtio-iommu, which is no SMMUv3";
	}
	return iort;
}

/* False: refused; the tree's streams stay. */
static bool take_iort(struct machine *machine, const void *iort, size_t size)
{
	struct description *description = &machine->description;

	if (!machine->has_tree) {
		return iort_read(iort, size, description) == 0;
	}
	machine->other = description->streams;
	description_clear_streams(description);
	machine->has_other = iort_read(iort, size, description) == 0;
	if (!machine->has_other || machine->options.tables == TABLES_DT) {
		swap_descriptions(machine);
	}
	return machine->has_other;
}

/* From the IORT, else the device tree; `tables=` forces one. */
static int take_streams(struct machine *machine, const struct acpi_tables *acpi)
{
	bool refuses = !machine->has_tree && machine->options.tables == TABLES_DT;
	const char *why = refuses ? "tables=dt was asked for" : acpi->why;
	size_t size = 0;
	const void *iort = acpi->rsdp && is_linked(acpi_find) && !refuses ? find_iort(acpi, &size, &why) : NULL;

	if (iort && is_linked(iort_read) && take_iort(machine, iort, size)) {
		if (machine->description.streams.source == DESCRIPTION_IORT) {
			machine->table = iort;
			machine->table_size = size;
		}
		return 0;
	}
	why = iort ? "the IORT was refused" : why;
	if (machine->options.tables == TABLES_IORT || !machine->has_tree) {
		print("%s, but %s\n",
		      machine->has_tree ? "tables=iort was asked for" : "no device tree says who emits which stream",
		      why);
		return -ENOENT;
	}
	if (machine->options.tables != TABLES_DT) {
		print("  the ACPI IORT is not used: %s\n", why);
	}
	if (machine->options.acpi) {
		options_refuse(&machine->options, "acpi=", why);
	}
	return 0;
}

static void take_options(struct machine *machine)
{
	options_init(&machine->options);
	machine->options.for_next = ARCH_STARTS_IMAGES && (options_name(machine->description.bootargs, "next=") ||
							   options_name(boot_arguments(), "next="));
	options_parse(&machine->options, OPTIONS_FROM_TREE, machine->description.bootargs);
	options_parse(&machine->options, OPTIONS_FROM_CALLER, boot_arguments());
	if (machine->options.exit == EXIT_RETURN && !is_linked(machine_put_back)) {
		machine->options.exit = EXIT_OFF; /* start.c lists the word as ignored. */
	}
	if (is_linked(print_set_level)) {
		print_set_level(machine->options.log);
	}
	record_set_output(machine->options.records);
}

static int read_tree(struct machine *machine, const void *device_tree)
{
	/* Trusts not even its size; ends before the last address, so that a pointer past it is valid. */
	size_t room = UINTPTR_MAX - (uintptr_t)device_tree;
	struct dt_damage damage = dt_find_damage(device_tree, room < BOOT_TREE_MAX ? room : BOOT_TREE_MAX);

	if (damage.what) {
		print("the device tree at 0x%llx is damaged at byte 0x%" PRIx32 "%s%s: %s\n",
		      (unsigned long long)arch_phys(device_tree), damage.at, damage.node ? ", in node " : "",
		      damage.node ? damage.node : "", damage.what);
		return -EINVAL;
	}
	machine->table = device_tree;
	machine->table_size = (size_t)boot_device_tree_size();
	return dt_read(device_tree, &machine->description);
}

/* ACPI and the platform's facts. fw_cfg needs memory. */
static int read_acpi_machine(struct machine *machine, struct acpi_tables *acpi)
{
	if (boot_tree_is_named()) {
		return -ENOENT;
	}
	boot_facts(&machine->description);
	take_options(machine);
	if (!machine->options.acpi && ((ARCH_PLANS && machine->options.describe) || !machine->description.fw_cfg_base ||
				       machine_find_memory(machine))) {
		return -ENOENT;
	}
	*acpi = find_acpi(machine);
	if (!acpi->rsdp || !is_linked(acpi_read_machine)) {
		print("  no device tree, and no ACPI tables: %s\n", acpi->why);
		return -ENOENT;
	}
	print("  no device tree: the machine is what ACPI says\n");
	acpi_read_machine(acpi->rsdp, acpi->find, &machine->description);
	boot_host_facts(&machine->description);
	return 0;
}

/* RTT's pointers have 32 bits. */
static const char *not_found(void)
{
	return UINTPTR_MAX > UINT32_MAX && rtt_address() >> 32 ? "; no RTT reader finds it above 4 GiB: dump it" : "";
}

static void take_console(const struct machine *machine)
{
	const char *unknown = machine->description.unknown_console;

	if (console_init(&machine->description.console)) {
		print("  warning: no console is described that can be used%s%s: the report is in memory, at "
		      "_SEGGER_RTT (0x%llx%s)\n",
		      unknown ? ", but " : "", unknown ? unknown : "", (unsigned long long)rtt_address(), not_found());
	} else if (is_linked(console_listen)) {
		/* A key that is pressed from now on opens the monitor before the hand-over. */
		console_listen();
	}
}

static void leave_console(void)
{
	print("  the console is memory from here on, at _SEGGER_RTT (0x%llx%s)\n", (unsigned long long)rtt_address(),
	      not_found());
	console_in_memory();
}

static void choose_console(const struct machine *machine)
{
	if (machine->options.console == CONSOLE_OPTION_RTT) {
		leave_console();
	} else if (!ARCH_PLANS || !machine->options.describe) {
		take_console(machine);
	}
}

static int read_machine(struct machine *machine, const void *device_tree)
{
	int error;

	description_init(&machine->description);
	machine->has_tree = device_tree != NULL;
	error = device_tree ? read_tree(machine, device_tree) : read_acpi_machine(machine, &machine->acpi);
	if (error) {
		return error;
	}
	boot_psci_init(&machine->description.psci);
	if (machine->has_tree) {
		take_options(machine);
	}
	choose_console(machine);
	return 0;
}

static int find_streams(struct machine *machine)
{
	int error;

	if (machine->has_tree) {
		machine->acpi = find_acpi(machine);
	}
	error = take_streams(machine, &machine->acpi);
	description_warn_left_out(&machine->description); /* Pages of tables that had no room. */
	return error;
}

int machine_read_tables(struct machine *machine, const void *device_tree)
{
	const struct description *description = &machine->description;
	int error = read_machine(machine, device_tree);

	if (error) {
		return error;
	}
	/* Before memory is taken: tables lie in it. */
	if (machine->options.acpi) {
		error = find_streams(machine);
	}
	say_warnings(description, 0);
	if (error) {
		return error;
	}
	/* A build without interrupts knows no GIC. */
	if (description->gic.version && !description->timer.virtual_timer.present) {
		print("  warning: no virtual timer's interrupt is described: naps are spent awake\n");
	}
	if (ARCH_PLANS && machine->options.describe) {
		return 0;
	}
	if (is_linked(machine_check_next)) {
		machine_check_next(machine);
	}
	if (machine_find_memory(machine)) {
		return -ENOMEM;
	}
	if (is_linked(machine_check_return)) {
		machine_check_return(machine);
	}
	return 0;
}

int machine_enumerate(struct machine *machine)
{
	unsigned int said = machine->description.warning_count;
	int error = enumerate_all(machine);

	if (!error && !machine->options.acpi) {
		error = find_streams(machine);
	}
	say_warnings(&machine->description, said);
	return error;
}
