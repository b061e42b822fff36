/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds a table from the RSDP (ACPI 5.2.5 to 5.2.8). */
#include "firmware/acpi.h"

#include <stdbool.h>
#include <string.h>

#include "base/feature.h"
#include "firmware/bytes.h"

#define RSDP_SIGNATURE "RSD PTR "
#define RSDP_SIGNATURE_SIZE 8U
#define RSDP_REVISION 15U
#define RSDP_RSDT 16U
#define RSDP_SIZE_V1 20U
#define RSDP_LENGTH 20U
#define RSDP_XSDT 24U
#define RSDP_SIZE_V2 36U
#define RSDP_REVISION_XSDT 2U

#define TABLE_SIGNATURE_SIZE 4U
#define TABLE_LENGTH 4U
#define TABLE_HEADER_SIZE 36U

#define XSDT_ENTRY_SIZE 8U
#define RSDT_ENTRY_SIZE 4U

typedef const void *find_function(uint64_t pa, uint64_t size);

struct table {
	const uint8_t *bytes;
	uint32_t length;
	const char *doubt; /* Why a table that is used may be damaged, or NULL. */
};

struct root {
	uint64_t address;
	uint32_t entry_size;
	const char *signature;
};

static const char *check_rsdp(const uint8_t *rsdp, struct root *root)
{
	uint64_t xsdt;

	if (memcmp(rsdp, RSDP_SIGNATURE, RSDP_SIGNATURE_SIZE) != 0) {
		return "RSDP: no signature";
	}
	if (sum_bytes(rsdp, RSDP_SIZE_V1) != 0) {
		return "RSDP: wrong checksum";
	}
	*root = (struct root){get_le32(&rsdp[RSDP_RSDT]), RSDT_ENTRY_SIZE, "RSDT"};
	if (rsdp[RSDP_REVISION] < RSDP_REVISION_XSDT) {
		return NULL;
	}
	if (get_le32(&rsdp[RSDP_LENGTH]) != RSDP_SIZE_V2) {
		return "RSDP: bad length";
	}
	if (sum_bytes(rsdp, RSDP_SIZE_V2) != 0) {
		return "RSDP: wrong extended checksum";
	}
	xsdt = get_le(&rsdp[RSDP_XSDT], XSDT_ENTRY_SIZE);
	if (xsdt != 0) {
		*root = (struct root){xsdt, XSDT_ENTRY_SIZE, "XSDT"};
	}
	return NULL;
}

static bool has_signature(const uint8_t *table, const char *signature)
{
	return memcmp(table, signature, TABLE_SIGNATURE_SIZE) == 0;
}

static const char *acpi_check_table(find_function *find, uint64_t address, const char *signature, struct table *table)
{
	const uint8_t *header = address ? find(address, TABLE_HEADER_SIZE) : NULL;

	if (!header) {
		return "a table not in memory";
	}
	if (!has_signature(header, signature)) {
		return "a root table of another signature";
	}
	table->length = get_le32(&header[TABLE_LENGTH]);
	if (table->length < TABLE_HEADER_SIZE) {
		return "a table of bad length";
	}
	table->bytes = find(address, table->length);
	if (!table->bytes) {
		return "a table not in memory";
	}
	/* Uses the table and warns, as Linux's acpi_ut_verify_checksum() does. */
	if (sum_bytes(table->bytes, table->length) != 0) {
		table->doubt = "a table of wrong checksum";
	}
	return NULL;
}

/* Skips entries outside memory. */
static uint64_t look_up(find_function *find, const struct table *root, uint32_t entry_size, const char *signature)
{
	for (uint32_t at = TABLE_HEADER_SIZE; root->length - at >= entry_size; at += entry_size) {
		uint64_t address = get_le(&root->bytes[at], entry_size);
		const uint8_t *header = address ? find(address, TABLE_HEADER_SIZE) : NULL;

		if (header && has_signature(header, signature)) {
			return address;
		}
	}
	return 0;
}

static const char *acpi_find_table(const uint8_t *rsdp, find_function *find, const char *signature, struct table *table)
{
	struct root root;
	struct table entries = {0};
	uint64_t address;
	const char *problem = check_rsdp(rsdp, &root);

	if (problem) {
		return problem;
	}
	problem = acpi_check_table(find, root.address, root.signature, &entries);
	if (problem) {
		return problem;
	}
	address = look_up(find, &entries, root.entry_size, signature);
	if (!address) {
		return "no such table";
	}
	table->doubt = entries.doubt;
	return acpi_check_table(find, address, signature, table);
}

const void *acpi_find(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size), const char *signature,
		      size_t *size, const char **why)
{
	struct table table = {0};
	const char *problem = rsdp ? acpi_find_table(rsdp, find, signature, &table) : "no RSDP";

	if (why) {
		*why = problem ? problem : table.doubt;
	}
	if (problem) {
		return NULL;
	}
	*size = table.length;
	return table.bytes;
}

LINKED(acpi_find);
