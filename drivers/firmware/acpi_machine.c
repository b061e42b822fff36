/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the machine from ACPI (5.2.9, 5.2.12, 5.2.25; PCI firmware specification 4.1.2; SPCR). */
#include "firmware/acpi_machine.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/feature.h"
#include "firmware/acpi.h"
#include "firmware/bytes.h"
#include "firmware/text.h"

#define TABLE_HEADER_SIZE 36U

#define MADT_STRUCTURES 44U
#define MADT_GICC 11U
#define MADT_GICD 12U
#define MADT_GICR 14U
#define GICC_FLAGS 12U
#define GICC_ENABLED (1U << 0)
#define GICC_ONLINE_CAPABLE (1U << 3) /* PSCI turns it on. */
#define GICC_BASE 32U
#define GICC_GICR 60U
#define GICC_MPIDR 68U
#define GICC_SIZE 76U
#define GICD_BASE 8U
#define GICD_VERSION 20U
#define GICD_SIZE 24U
#define GICR_BASE 4U
#define GICR_LENGTH 12U
#define GICR_SIZE 16U
#define AFFINITY_MASK 0xff00ffffffULL

#define DISTRIBUTOR_SIZE 0x10000U
#define DISTRIBUTOR_SIZE_V2 0x1000U
#define PROCESSOR_SIZE 0x2000U
#define REDISTRIBUTOR_SIZE 0x20000U    /* GICv3: two 64 KiB frames; */
#define REDISTRIBUTOR_SIZE_V4 0x40000U /* GICv4: four. */

#define GTDT_VIRTUAL_GSIV 64U
#define GTDT_VIRTUAL_FLAGS 68U
#define GTDT_FLAG_EDGE (1U << 0)
#define GTDT_SIZE 72U

#define FADT_ARM_BOOT 129U
#define FADT_PSCI (1U << 0)
#define FADT_PSCI_HVC (1U << 1)
#define FADT_SIZE 131U

#define SPCR_INTERFACE 36U
#define SPCR_SPACE 40U
#define SPCR_ACCESS 43U /* 1: bytes, 2: 16 bits, 3: 32 bits. */
#define SPCR_ADDRESS 44U
#define SPCR_SIZE 52U

#define MCFG_ENTRIES 44U
#define MCFG_ENTRY_SIZE 16U
#define MCFG_SEGMENT 8U
#define MCFG_BUS_FIRST 10U
#define MCFG_BUS_LAST 11U
#define ECAM_BUS_SHIFT 20U

struct table {
	const uint8_t *bytes;
	size_t size;
	struct description *description;
	const char *signature;
};

static void acpi_warn(const struct table *table, const char *words)
{
	description_warn(table->description, table->signature, words);
}

/* --- MADT. --- */

static void add_redistributor(const struct table *table, uint64_t base, uint64_t size)
{
	struct gic_description *gic = &table->description->gic;
	struct range_description *last = &gic->redistributor[gic->redistributor_count];

	if (gic->redistributor_count && last[-1].base + last[-1].size == base) {
		last[-1].size += size;
	} else if (gic->redistributor_count == DESCRIPTION_REDISTRIBUTORS_MAX) {
		description_leave_out(table->description, LIST_REDISTRIBUTORS);
	} else {
		*last = (struct range_description){.base = base, .size = size};
		gic->redistributor_count++;
	}
}

static void madt_read_core(const struct table *table, const uint8_t *gicc)
{
	struct description *description = table->description;
	struct gic_description *gic = &description->gic;
	uint64_t base = get_le(&gicc[GICC_BASE], 8);

	if (description->core_count == DESCRIPTION_CORES_MAX) {
		description_leave_out(description, LIST_CORES);
		return;
	}
	description->core[description->core_count++] = (struct core_description){
		.affinity = get_le(&gicc[GICC_MPIDR], 8) & AFFINITY_MASK,
		.enabled = get_le32(&gicc[GICC_FLAGS]) & (GICC_ENABLED | GICC_ONLINE_CAPABLE),
	};
	if (base) {
		gic->processor = (struct range_description){.base = base, .size = PROCESSOR_SIZE};
	}
}

static void read_distributor(const struct table *table, const uint8_t *gicd)
{
	struct gic_description *gic = &table->description->gic;

	if (gic->distributor.size) {
		acpi_warn(table, "a second GIC: left out");
		return;
	}
	gic->version = gicd[GICD_VERSION];
	gic->distributor = (struct range_description){.base = get_le(&gicd[GICD_BASE], 8), .size = DISTRIBUTOR_SIZE};
}

/* After the distributor: its version gives the size. */
static void read_own_redistributors(const struct table *table, const uint8_t *gicc)
{
	uint64_t base = get_le(&gicc[GICC_GICR], 8);

	if (base) {
		add_redistributor(table, base,
				  table->description->gic.version >= 4 ? REDISTRIBUTOR_SIZE_V4 : REDISTRIBUTOR_SIZE);
	}
}

static void read_region(const struct table *table, const uint8_t *gicr)
{
	if (get_le32(&gicr[GICR_LENGTH])) {
		add_redistributor(table, get_le(&gicr[GICR_BASE], 8), get_le32(&gicr[GICR_LENGTH]));
	}
}

static void each_structure(const struct table *table, uint8_t type, uint8_t size,
			   void (*read)(const struct table *table, const uint8_t *structure))
{
	size_t at = MADT_STRUCTURES;

	while (at < table->size) {
		const uint8_t *structure = &table->bytes[at];
		size_t room = table->size - at;

		if (room < 2 || structure[1] < 2 || structure[1] > room) {
			acpi_warn(table, "a structure passes the table's end: it and what follows are left out");
			return;
		}
		if (structure[0] == type && structure[1] >= size) {
			read(table, structure);
		} else if (structure[0] == type) {
			acpi_warn(table, "a structure is too short: left out");
		}
		at += structure[1];
	}
}

static void settle_gic(const struct table *table)
{
	struct gic_description *gic = &table->description->gic;
	bool has_version = gic->version == 2 || gic->version == 3 || gic->version == 4 || !gic->version;

	gic->version = gic->redistributor_count ? 3 : 2;
	if (!has_version || !gic->distributor.size || (!gic->redistributor_count && !gic->processor.size)) {
		acpi_warn(table, "no GIC that can be used");
		*gic = (struct gic_description){.version = 0};
	} else if (gic->version == 2) {
		gic->distributor.size = DISTRIBUTOR_SIZE_V2;
	}
}

static void read_madt(const struct table *table)
{
	each_structure(table, MADT_GICD, GICD_SIZE, read_distributor);
	each_structure(table, MADT_GICC, GICC_SIZE, madt_read_core);
	each_structure(table, MADT_GICR, GICR_SIZE, read_region);
	if (!table->description->gic.redistributor_count) {
		each_structure(table, MADT_GICC, GICC_SIZE, read_own_redistributors);
	}
	settle_gic(table);
}

/* --- Other tables. --- */

static void read_gtdt(const struct table *table)
{
	uint32_t gsiv = get_le32(&table->bytes[GTDT_VIRTUAL_GSIV]);

	table->description->timer.virtual_timer = (struct irq_description){
		.present = gsiv != 0,
		.edge = get_le32(&table->bytes[GTDT_VIRTUAL_FLAGS]) & GTDT_FLAG_EDGE,
		.intid = gsiv,
	};
}

static void read_fadt(const struct table *table)
{
	uint8_t flags = table->bytes[FADT_ARM_BOOT];

	if (flags & FADT_PSCI) {
		table->description->psci.method = flags & FADT_PSCI_HVC ? PSCI_HVC : PSCI_SMC;
	}
}

static void read_spcr(const struct table *table)
{
	static const struct {
		uint8_t interface;
		enum console_kind kind;
	} kinds[] = {{0x00, CONSOLE_16550}, {0x01, CONSOLE_16550}, {0x12, CONSOLE_16550},
		     {0x03, CONSOLE_PL011}, {0x0d, CONSOLE_SBSA},  {0x0e, CONSOLE_SBSA}};
	struct console_description *console = &table->description->console;
	uint8_t access = table->bytes[SPCR_ACCESS];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (table->bytes[SPCR_INTERFACE] == kinds[i].interface && !table->bytes[SPCR_SPACE]) {
			console->kind = kinds[i].kind;
			console->base = get_le(&table->bytes[SPCR_ADDRESS], 8);
			/* As Linux's acpi_parse_spcr(): bytes, unless it is 2 or 3. */
			console->reg_shift = access == 2 || access == 3 ? access - 1U : 0;
		}
	}
	if (console->kind == CONSOLE_NONE) {
		acpi_warn(table, "a console of unknown kind");
	}
}

static void add_host(const struct table *table, const uint8_t *entry)
{
	struct description *description = table->description;
	struct host_description *host = &description->host[description->host_count];
	uint8_t bus_first = entry[MCFG_BUS_FIRST];
	uint64_t base = get_le(entry, 8);
	uint64_t size = ((uint64_t)entry[MCFG_BUS_LAST] + 1) << ECAM_BUS_SHIFT;
	struct text name;

	if (bus_first > entry[MCFG_BUS_LAST] || !base || base + size < base) {
		acpi_warn(table, "an entry without a bus, or without an address: left out");
		return;
	}
	if (description->host_count == DESCRIPTION_HOSTS_MAX) {
		description_leave_out(description, LIST_HOSTS);
		return;
	}
	host->segment = (uint32_t)get_le(&entry[MCFG_SEGMENT], 2);
	host->bus_first = bus_first;
	host->bus_last = entry[MCFG_BUS_LAST];
	/* The address is bus 0's, even if the range begins later. */
	host->ecam.base = base + ((uint64_t)bus_first << ECAM_BUS_SHIFT);
	host->ecam.size = size - ((uint64_t)bus_first << ECAM_BUS_SHIFT);
	text_clear(&name);
	text_add(&name, "segment:");
	text_add_decimal(&name, host->segment);
	host->name = description_name(description, name.chars);
	description->host_count++;
}

static void read_mcfg(const struct table *table)
{
	size_t at = MCFG_ENTRIES;

	for (; table->size - at >= MCFG_ENTRY_SIZE; at += MCFG_ENTRY_SIZE) {
		add_host(table, &table->bytes[at]);
	}
	if (at != table->size) {
		acpi_warn(table, "the last entry is cut off");
	}
}

static const struct {
	const char *signature;
	size_t size; /* Minimum. */
	void (*read)(const struct table *table);
	const char *missing;
} tables[] = {
	{"SPCR", SPCR_SIZE, read_spcr, "no console is described"},
	{"APIC", MADT_STRUCTURES, read_madt, "neither cores nor an interrupt controller are described"},
	{"GTDT", GTDT_SIZE, read_gtdt, "no timer is described"},
	{"FACP", FADT_SIZE, read_fadt, "no PSCI is described: one core, and no way to turn the machine off"},
	{"MCFG", MCFG_ENTRIES, read_mcfg, "no PCI host is described"},
};

void acpi_read_machine(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size),
		       struct description *description)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct table table = {.description = description, .signature = tables[i].signature};
		const char *why;

		table.bytes = acpi_find(rsdp, find, tables[i].signature, &table.size, &why);
		if (why) {
			acpi_warn(&table, why);
		}
		if (table.bytes && table.size >= tables[i].size) {
			tables[i].read(&table);
			continue;
		}
		if (table.bytes) {
			acpi_warn(&table, "too short: not used");
		}
		acpi_warn(&table, tables[i].missing);
	}
	description_warn_left_out(description);
}

LINKED(acpi_read_machine);
