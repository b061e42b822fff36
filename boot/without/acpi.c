/* SPDX-License-Identifier: BSD-2-Clause */
/* Without ACPI: a device tree only. */
#include <errno.h>
#include <stddef.h>

#include "firmware/acpi.h"
#include "firmware/acpi_machine.h"
#include "firmware/iort.h"
#include "machine.h"
#include "report/print.h"

struct acpi_tables machine_find_acpi(struct machine *machine)
{
	static const char words[] = "acpi=: this build reads no ACPI tables\n";

	if (machine->options.acpi) {
		print_bytes(words, sizeof(words) - 1);
	}
	return (struct acpi_tables){.why = "this build reads no ACPI tables"};
}

const void *acpi_find(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size), const char *signature,
		      size_t *size, const char **why)
{
	(void)rsdp;
	(void)find;
	(void)signature;
	(void)size;
	(void)why;
	return NULL;
}

int iort_read(const void *table, size_t size, struct description *description)
{
	(void)table;
	(void)size;
	(void)description;
	return -EINVAL;
}

void acpi_read_machine(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size),
		       struct description *description)
{
	(void)rsdp;
	(void)find;
	(void)description;
}
