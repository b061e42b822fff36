/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "base/arch.h"
#include "base/arena.h"
#include "base/feature.h"
#include "firmware/acpi.h"
#include "firmware/fw_cfg.h"
#include "machine.h"
#include "report/print.h"

#define FW_CFG_SIZE 0x1000U
#define ACPI_RSDP_SIZE 36U /* Of revision 2; so much is readable of revision 1, too. */

/* For tables from fw_cfg. */
static const void *find_in_arena(uint64_t pa, uint64_t size)
{
	return size && pa + size > pa && arena_contains(pa, size) ? arch_virt(pa) : NULL;
}

static const void *load_from_fw_cfg(const struct machine *machine, const char **why)
{
	struct fw_cfg fw_cfg;
	volatile uint8_t *regs;

	*why = "no fw_cfg is described";
	if (!machine->description.fw_cfg_base) {
		return NULL;
	}
	regs = arch_map_device(machine->description.fw_cfg_base, FW_CFG_SIZE);
	*why = "fw_cfg does not answer";
	if (!regs || fw_cfg_init(&fw_cfg, regs)) {
		return NULL;
	}
	return fw_cfg_load_acpi(&fw_cfg, arena_allocate, why);
}

/* For find_in_ram(); boot core only. */
static struct description *described;
static unsigned int first_table; /* Of the tables' reservations. */

/* Adjacent pages share an entry. */
static bool acpi_tables_reserve(uint64_t page)
{
	struct range_description *last = &described->reserved[described->reserved_count];

	if (described->reserved_count > first_table && last[-1].base + last[-1].size == page) {
		last[-1].size += PAGE_SIZE;
		return true;
	}
	if (described->reserved_count == DESCRIPTION_MEMORY_MAX) {
		description_leave_out(described, LIST_MEMORY);
		return false;
	}
	*last = (struct range_description){.base = page, .size = PAGE_SIZE};
	described->reserved_count++;
	return true;
}

/* Maps and reserves a page once. Probes: described memory may not exist. */
static bool acpi_tables_map_page(uint64_t page)
{
	uint32_t value;

	for (unsigned int i = first_table; i < described->reserved_count; i++) {
		if (range_has(&described->reserved[i], page, PAGE_SIZE)) {
			return true;
		}
	}
	return acpi_tables_reserve(page) && arch_map_memory(page, PAGE_SIZE) &&
	       arch_probe_read32((const volatile void *)arch_virt(page), &value);
}

static const void *find_in_ram(uint64_t pa, uint64_t size)
{
	bool found = false;

	for (unsigned int i = 0; i < described->memory_count; i++) {
		found = found || (size && range_has(&described->memory[i], pa, size));
	}
	for (uint64_t page = pa & ~(uint64_t)(PAGE_SIZE - 1); found && page < pa + size; page += PAGE_SIZE) {
		found = acpi_tables_map_page(page);
	}
	return found ? arch_virt(pa) : NULL;
}

static const void *find_rsdp(struct machine *machine, const char **why)
{
	described = &machine->description;
	first_table = described->reserved_count;
	*why = "acpi= names no place in memory";
	return find_in_ram(machine->options.acpi, ACPI_RSDP_SIZE);
}

struct acpi_tables machine_find_acpi(struct machine *machine)
{
	struct acpi_tables acpi = {.why = NULL};

	if (machine->options.acpi) {
		acpi.rsdp = find_rsdp(machine, &acpi.why);
		acpi.find = find_in_ram;
	} else {
		acpi.rsdp = load_from_fw_cfg(machine, &acpi.why);
		acpi.find = find_in_arena;
	}
	return acpi;
}

LINKED(machine_find_acpi);
