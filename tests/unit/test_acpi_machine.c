/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine by its ACPI tables, and damaged tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "acpi_bytes.h"
#include "firmware/acpi_machine.h"

#define MEMORY_BASE 0x40000000U
#define MEMORY_SIZE 0x24000U
#define AT_RSDP 0U
#define AT_XSDT 0x100U
#define AT_TABLES 0x200U
#define HEADER 36U
#define TABLES_MAX 8U

static uint8_t memory[MEMORY_SIZE];
static uint32_t next; /* Where the next table goes. */
static uint32_t table_at[TABLES_MAX];
static unsigned int table_count;
static struct description description;

static const void *find(uint64_t pa, uint64_t size)
{
	if (pa < MEMORY_BASE || pa - MEMORY_BASE > MEMORY_SIZE || size > MEMORY_SIZE - (pa - MEMORY_BASE)) {
		return NULL;
	}
	return &memory[pa - MEMORY_BASE];
}

/* Zeroed; the caller fills it, read() sums it up. */
static uint8_t *add_table(const char *signature, uint32_t size)
{
	uint8_t *table = &memory[next];

	memcpy(table, signature, 4);
	put(&table[4], size, 4);
	table_at[table_count++] = next;
	next = (next + size + 15) & ~15U;
	assert_true(next <= MEMORY_SIZE && table_count <= TABLES_MAX);
	return table;
}

static void read_all(void)
{
	uint8_t *rsdp = &memory[AT_RSDP];
	uint8_t *xsdt = &memory[AT_XSDT];
	uint32_t size = HEADER + 8 * table_count;

	for (unsigned int i = 0; i < table_count; i++) {
		uint8_t *table = &memory[table_at[i]];

		add_checksum(table, (size_t)(table[4] | table[5] << 8 | table[6] << 16), 9);
		put(&xsdt[HEADER + 8 * i], MEMORY_BASE + table_at[i], 8);
	}
	memcpy(xsdt, "XSDT", 4);
	put(&xsdt[4], size, 4);
	add_checksum(xsdt, size, 9);
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = 2;
	put(&rsdp[20], 36, 4);
	put(&rsdp[24], MEMORY_BASE + AT_XSDT, 8);
	add_checksum(rsdp, 20, 8);
	add_checksum(rsdp, 36, 32);
	acpi_read_machine(rsdp, find, &description);
}

static int set_up(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	next = AT_TABLES;
	table_count = 0;
	description_init(&description);
	return 0;
}

static bool warned(const char *where, const char *text)
{
	for (unsigned int i = 0; i < description.warning_count; i++) {
		if (!strcmp(description.warning[i].where, where) && !strcmp(description.warning[i].text, text)) {
			return true;
		}
	}
	return false;
}

/* --- MADT. --- */

static uint8_t *madt;
static uint32_t madt_size;

static void begin_madt(uint32_t size)
{
	madt = add_table("APIC", size);
	madt_size = 44;
}

static uint8_t *add_structure(uint8_t type, uint8_t size)
{
	uint8_t *structure = &madt[madt_size];

	structure[0] = type;
	structure[1] = size;
	madt_size += size;
	return structure;
}

static uint8_t *add_core(uint64_t mpidr, uint32_t flags, uint64_t processor, uint64_t redistributor)
{
	uint8_t *gicc = add_structure(11, 80);

	put(&gicc[12], flags, 4);
	put(&gicc[32], processor, 8);
	put(&gicc[60], redistributor, 8);
	put(&gicc[68], mpidr, 8);
	return gicc;
}

static void add_distributor(uint8_t version)
{
	uint8_t *gicd = add_structure(12, 24);

	put(&gicd[8], 0x8000000, 8);
	gicd[20] = version;
}

static void add_region(uint64_t base, uint32_t size)
{
	uint8_t *gicr = add_structure(14, 16);

	put(&gicr[4], base, 8);
	put(&gicr[12], size, 4);
}

static void end_madt(void)
{
	put(&madt[4], madt_size, 4);
	read_all();
}

static void test_gicv2(void **state)
{
	(void)state;
	begin_madt(0x400);
	add_core(0, 1, 0x8010000, 0);
	add_core(0x80000001, 8, 0x8010000, 0); /* Off; may be turned on later. */
	add_core(0xff00000103, 0, 0x8010000, 0);
	add_distributor(2);
	end_madt();
	assert_int_equal(description.core_count, 3);
	assert_int_equal(description.core[1].affinity, 1);
	assert_int_equal(description.core[2].affinity, 0xff00000103);
	assert_true(description.core[0].enabled);
	assert_true(description.core[1].enabled);
	assert_false(description.core[2].enabled);
	assert_int_equal(description.gic.version, 2);
	assert_int_equal(description.gic.distributor.base, 0x8000000);
	assert_int_equal(description.gic.distributor.size, 0x1000);
	assert_int_equal(description.gic.processor.base, 0x8010000);
}

static void test_gicv3_by_regions(void **state)
{
	(void)state;
	begin_madt(0x400);
	add_distributor(3);
	add_core(0, 1, 0, 0x9000000); /* Unused: a region is described. */
	add_region(0x80a0000, 0xf60000);
	add_region(0x4000000000, 0x100000);
	end_madt();
	assert_int_equal(description.gic.version, 3);
	assert_int_equal(description.gic.distributor.size, 0x10000);
	assert_int_equal(description.gic.redistributor_count, 2);
	assert_int_equal(description.gic.redistributor[0].base, 0x80a0000);
	assert_int_equal(description.gic.redistributor[0].size, 0xf60000);
	assert_int_equal(description.gic.redistributor[1].base, 0x4000000000);
}

/* Neighbours are one region; a GICv4's are twice as large. */
static void test_gicv3_by_cores(void **state)
{
	(void)state;
	begin_madt(0x400);
	add_core(0, 1, 0, 0x80a0000);
	add_core(1, 1, 0, 0x80c0000);
	add_core(2, 1, 0, 0x8100000);
	add_distributor(0);
	end_madt();
	assert_int_equal(description.gic.version, 3);
	assert_int_equal(description.gic.redistributor_count, 2);
	assert_int_equal(description.gic.redistributor[0].size, 0x40000);
	assert_int_equal(description.gic.redistributor[1].size, 0x20000);
	set_up(NULL);
	begin_madt(0x400);
	add_core(0, 1, 0, 0x80a0000);
	add_distributor(4);
	end_madt();
	assert_int_equal(description.gic.version, 3);
	assert_int_equal(description.gic.redistributor[0].size, 0x40000);
}

static void test_more_than_fits(void **state)
{
	(void)state;
	begin_madt(0x20000);
	for (unsigned int i = 0; i < DESCRIPTION_CORES_MAX + 1; i++) {
		add_core(i, 1, 0, 0x10000000 + i * 0x100000);
	}
	add_distributor(3);
	add_distributor(2);
	end_madt();
	assert_int_equal(description.core_count, DESCRIPTION_CORES_MAX);
	assert_int_equal(description.gic.redistributor_count, DESCRIPTION_REDISTRIBUTORS_MAX);
	assert_int_equal(description.gic.version, 3);
	assert_true(warned("cores", "1 more than can be listed: left out"));
	assert_true(warned("redistributor regions", "961 more than can be listed: left out"));
	assert_true(warned("APIC", "a second GIC: left out"));
}

static void test_gic_that_cannot_be_used(void **state)
{
	(void)state;
	for (unsigned int which = 0; which < 4; which++) {
		set_up(NULL);
		begin_madt(0x400);
		add_core(0, 1, which == 0 ? 0 : 0x8010000, 0);
		if (which != 1) {
			add_distributor(which == 2 ? 1 : which == 3 ? 5 : 2);
		}
		end_madt();
		assert_int_equal(description.gic.version, 0);
		assert_int_equal(description.core_count, 1);
		assert_true(warned("APIC", "no GIC that can be used"));
	}
}

/* Used up to the damage. */
static void test_damaged_madt(void **state)
{
	static const uint8_t lengths[] = {0, 1, 81, 255};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths); i++) {
		uint8_t *last;

		set_up(NULL);
		begin_madt(0x400);
		add_distributor(2);
		add_core(0, 1, 0x8010000, 0);
		last = add_core(1, 1, 0x8010000, 0);
		last[1] = lengths[i];
		end_madt();
		assert_int_equal(description.core_count, 1);
		assert_int_equal(description.gic.version, 2);
		assert_true(warned("APIC", "a structure passes the table's end: it and what follows are left out"));
	}
	set_up(NULL);
	begin_madt(0x400);
	add_structure(11, 75);
	add_structure(12, 23);
	add_region(0x80a0000, 0);
	end_madt();
	assert_int_equal(description.core_count, 0);
	assert_int_equal(description.gic.version, 0);
	assert_true(warned("APIC", "a structure is too short: left out"));
}

/* --- The others. --- */

static void test_timer(void **state)
{
	uint8_t *gtdt = add_table("GTDT", 96);

	(void)state;
	put(&gtdt[64], 27, 4);
	put(&gtdt[68], 1, 4);
	read_all();
	assert_true(description.timer.virtual_timer.present);
	assert_true(description.timer.virtual_timer.edge);
	assert_int_equal(description.timer.virtual_timer.intid, 27);
	set_up(NULL);
	gtdt = add_table("GTDT", 96);
	put(&gtdt[68], 2, 4);
	read_all();
	assert_false(description.timer.virtual_timer.present);
	assert_false(description.timer.virtual_timer.edge);
}

static void test_psci(void **state)
{
	static const enum psci_method methods[] = {PSCI_NONE, PSCI_SMC, PSCI_NONE, PSCI_HVC};

	(void)state;
	for (uint8_t flags = 0; flags < 4; flags++) {
		set_up(NULL);
		add_table("FACP", 276)[129] = flags;
		read_all();
		assert_int_equal(description.psci.method, methods[flags]);
	}
}

static void test_console(void **state)
{
	static const struct {
		uint8_t interface, space, width, access;
		enum console_kind kind;
		uint32_t reg_shift;
	} consoles[] = {
		{0x03, 0, 32, 3, CONSOLE_PL011, 2}, {0x0d, 0, 32, 3, CONSOLE_SBSA, 2},
		{0x0e, 0, 16, 0, CONSOLE_SBSA, 0},  {0x00, 0, 8, 1, CONSOLE_16550, 0},
		{0x01, 0, 8, 1, CONSOLE_16550, 0},  {0x12, 0, 32, 3, CONSOLE_16550, 2},
		{0x12, 0, 8, 3, CONSOLE_16550, 2}, /* The width of the register is not looked at. */
		{0x12, 0, 32, 1, CONSOLE_16550, 0}, {0x12, 0, 32, 0, CONSOLE_16550, 0},
		{0x12, 0, 16, 2, CONSOLE_16550, 1}, {0x12, 0, 32, 4, CONSOLE_16550, 0},
		{0x02, 0, 8, 1, CONSOLE_NONE, 0},   {0x03, 1, 32, 3, CONSOLE_NONE, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(consoles) / sizeof(consoles[0]); i++) {
		uint8_t *spcr;

		set_up(NULL);
		spcr = add_table("SPCR", 80);
		spcr[36] = consoles[i].interface;
		spcr[40] = consoles[i].space;
		spcr[41] = consoles[i].width;
		spcr[43] = consoles[i].access;
		put(&spcr[44], 0x9000000, 8);
		read_all();
		assert_int_equal(description.console.kind, consoles[i].kind);
		assert_int_equal(warned("SPCR", "a console of unknown kind"), consoles[i].kind == CONSOLE_NONE);
		if (consoles[i].kind != CONSOLE_NONE) {
			assert_int_equal(description.console.base, 0x9000000);
			assert_int_equal(description.console.reg_shift, consoles[i].reg_shift);
		}
	}
}

static void put_entry(uint8_t *entry, uint64_t base, uint16_t segment, uint8_t first, uint8_t last)
{
	put(entry, base, 8);
	put(&entry[8], segment, 2);
	entry[10] = first;
	entry[11] = last;
}

/* The platform's window is the first host's. */
static void test_hosts(void **state)
{
	uint8_t *mcfg = add_table("MCFG", 44 + 5 * 16 + 8);

	(void)state;
	description.host[0].memory32.size = 0x1000000;
	put_entry(&mcfg[44], 0x4010000000, 0, 0, 255);
	put_entry(&mcfg[60], 0x30000000, 7, 16, 31);
	put_entry(&mcfg[76], 0x30000000, 8, 3, 2);
	put_entry(&mcfg[92], 0, 9, 0, 1);
	put_entry(&mcfg[108], 0xfffffffffff00000, 10, 0, 1);
	read_all();
	assert_int_equal(description.host_count, 2);
	assert_string_equal(description.host[0].name, "segment:0");
	assert_int_equal(description.host[0].ecam.base, 0x4010000000);
	assert_int_equal(description.host[0].ecam.size, 0x10000000);
	assert_int_equal(description.host[0].memory32.size, 0x1000000);
	assert_string_equal(description.host[1].name, "segment:7");
	assert_int_equal(description.host[1].segment, 7);
	assert_int_equal(description.host[1].bus_first, 16);
	assert_int_equal(description.host[1].bus_last, 31);
	assert_int_equal(description.host[1].ecam.base, 0x31000000);
	assert_int_equal(description.host[1].ecam.size, 0x1000000);
	assert_int_equal(description.host[1].memory32.size, 0);
	assert_true(warned("MCFG", "an entry without a bus, or without an address: left out"));
	assert_true(warned("MCFG", "the last entry is cut off"));
}

static void test_more_hosts_than_fit(void **state)
{
	uint8_t *mcfg = add_table("MCFG", 44 + (DESCRIPTION_HOSTS_MAX + 2) * 16);

	(void)state;
	for (uint16_t i = 0; i < DESCRIPTION_HOSTS_MAX + 2; i++) {
		put_entry(&mcfg[44 + 16 * i], 0x30000000, i, 0, 0);
	}
	read_all();
	assert_int_equal(description.host_count, DESCRIPTION_HOSTS_MAX);
	assert_true(warned("PCI hosts", "2 more than can be listed: left out"));
}

/* Each a byte too short, and none. */
static void test_short_and_missing(void **state)
{
	static const struct {
		const char *signature;
		uint32_t size;
		const char *missing;
	} tables[] = {{"APIC", 43, "neither cores nor an interrupt controller are described"},
		      {"GTDT", 71, "no timer is described"},
		      {"FACP", 130, "no PSCI is described: one core, and no way to turn the machine off"},
		      {"SPCR", 51, "no console is described"},
		      {"MCFG", 43, "no PCI host is described"}};

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		add_table(tables[i].signature, tables[i].size);
	}
	read_all();
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		assert_true(warned(tables[i].signature, "too short: not used"));
		assert_true(warned(tables[i].signature, tables[i].missing));
	}
	set_up(NULL);
	read_all();
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		assert_true(warned(tables[i].signature, "no such table"));
		assert_true(warned(tables[i].signature, tables[i].missing));
	}
	assert_int_equal(description.core_count + description.host_count + description.gic.version, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_gicv2),
		TEST(test_gicv3_by_regions),
		TEST(test_gicv3_by_cores),
		TEST(test_more_than_fits),
		TEST(test_gic_that_cannot_be_used),
		TEST(test_damaged_madt),
		TEST(test_timer),
		TEST(test_psci),
		TEST(test_console),
		TEST(test_hosts),
		TEST(test_more_hosts_than_fit),
		TEST(test_short_and_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
