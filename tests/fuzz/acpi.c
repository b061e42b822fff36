/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a table of the machine: the first byte chooses; length and checksum are corrected. */
#include <stdlib.h>
#include <string.h>

#include "firmware/acpi_machine.h"
#include "fuzz.h"

#define XSDT_AT 0x1000U
#define TABLE_AT 0x2000U
#define LENGTH 4U
#define CHECKSUM 9U
#define HEADER_SIZE 36U
#define XSDT_SIZE (HEADER_SIZE + 8U)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static uint8_t xsdt[XSDT_SIZE];
static uint8_t *table;
static size_t table_size;

static const void *within(uint8_t *start, size_t length, uint64_t at, uint64_t size)
{
	return at <= length && size <= length - at ? start + at : NULL;
}

static const void *find(uint64_t pa, uint64_t size)
{
	return pa >= TABLE_AT ? within(table, table_size, pa - TABLE_AT, size) :
	       pa >= XSDT_AT  ? within(xsdt, sizeof(xsdt), pa - XSDT_AT, size) :
				NULL;
}

static void sum_up(uint8_t *start, size_t size, size_t at)
{
	uint8_t sum = 0;

	start[at] = 0;
	for (size_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + start[i]);
	}
	start[at] = (uint8_t)-sum;
}

static void put_header(uint8_t *start, size_t size, const char *signature)
{
	memcpy(start, signature, 4);
	for (unsigned int i = 0; i < 4; i++) {
		start[LENGTH + i] = (uint8_t)(size >> (8 * i));
	}
	sum_up(start, size, CHECKSUM);
}

static void check_machine(const struct description *description)
{
	fuzz_require(description->core_count <= DESCRIPTION_CORES_MAX &&
			     description->host_count <= DESCRIPTION_HOSTS_MAX,
		     "more than there is room for");
	fuzz_require(description->gic.version == 0 || description->gic.distributor.size, "a GIC without registers");
	fuzz_require(description->gic.version != 3 || description->gic.redistributor_count, "no redistributor");
	for (unsigned int i = 0; i < description->host_count; i++) {
		const struct host_description *host = &description->host[i];

		fuzz_require(host->bus_first <= host->bus_last && host->ecam.base + host->ecam.size > host->ecam.base,
			     "a PCI host without a bus");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const signatures[] = {"APIC", "GTDT", "FACP", "SPCR", "MCFG"};
	static struct description description;
	uint8_t rsdp[HEADER_SIZE] = "RSD PTR ";

	if (size <= HEADER_SIZE) {
		return 0;
	}
	table = fuzz_copy(bytes + 1, size - 1);
	table_size = size - 1;
	put_header(table, table_size, signatures[bytes[0] % (sizeof(signatures) / sizeof(signatures[0]))]);
	memset(xsdt, 0, sizeof(xsdt));
	xsdt[HEADER_SIZE + 1] = TABLE_AT >> 8;
	put_header(xsdt, sizeof(xsdt), "XSDT");
	rsdp[15] = 2;
	rsdp[20] = HEADER_SIZE;
	rsdp[25] = XSDT_AT >> 8;
	sum_up(rsdp, 20, 8);
	sum_up(rsdp, sizeof(rsdp), 32);
	description_init(&description);
	acpi_read_machine(rsdp, find, &description);
	check_machine(&description);
	fuzz_check(&description);
	free(table);
	return 0;
}
