/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_ACPI_MACHINE_H
#define FIRMWARE_ACPI_MACHINE_H

#include <stdint.h>

#include "firmware/description.h"

/*
 * What ACPI tells of the machine itself, where there is no device tree: cores and GIC (MADT), virtual timer (GTDT),
 * PSCI (FADT), console (SPCR), PCI hosts (MCFG). A table that is missing or refused is a warning, and what it would
 * have told stays as it was. Not told by any of them, and left alone: memory, and the windows of PCI hosts. `rsdp` and
 * `find` are those of acpi_find(). Boot core only.
 */
void acpi_read_machine(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size),
		       struct description *description);

#endif
