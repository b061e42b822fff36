/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_ACPI_MACHINE_H
#define FIRMWARE_ACPI_MACHINE_H

#include <stdint.h>

#include "firmware/description.h"

/*
 * Reads MADT, GTDT, FADT, SPCR and MCFG; warns of missing or refused ones. ACPI has neither memory nor PCI windows.
 * `rsdp`, `find`: as for acpi_find(). Boot core.
 */
void acpi_read_machine(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size),
		       struct description *description);

#endif
