/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_ACPI_MACHINE_H
#define FIRMWARE_ACPI_MACHINE_H

#include <stdint.h>

#include "firmware/description.h"

/*
 * Reads the machine from ACPI if there is no device tree: cores and GIC (MADT), virtual timer (GTDT), PSCI (FADT),
 * console (SPCR), PCI hosts (MCFG). A missing or refused table is a warning, and its part stays as it was. No table
 * tells memory or the windows of PCI hosts. `rsdp`, `find`: as for acpi_find(). Boot core.
 */
void acpi_read_machine(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size),
		       struct description *description);

#endif
