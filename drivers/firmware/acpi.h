/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_ACPI_H
#define FIRMWARE_ACPI_H

#include <stddef.h>
#include <stdint.h>

/*
 * Finds a table from the RSDP; checks lengths and checksums. `find` maps a physical range, or returns NULL where there
 * is no RAM. `why` may be NULL.
 *
 * Return:      the table    `why` is NULL, or a doubt: its checksum is wrong, or that of the table that leads to it
 *              NULL         `why` is the reason
 * Context:     boot core.
 */
const void *acpi_find(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size), const char *signature,
		      size_t *size, const char **why);

#endif
