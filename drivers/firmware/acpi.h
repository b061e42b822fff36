/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_ACPI_H
#define FIRMWARE_ACPI_H

#include <stddef.h>
#include <stdint.h>

/*
 * Follows RSDP -> XSDT (or RSDT) to the table with this signature, checking every length and checksum on the way.
 * `find` turns a physical range into a pointer, or NULL where it is not readable RAM. Returns the table and its size,
 * or NULL; `why` (if not NULL) then says in words what was wrong. Boot core only.
 */
const void *acpi_find(const void *rsdp, const void *(*find)(uint64_t pa, uint64_t size), const char *signature,
		      size_t *size, const char **why);

#endif
