/* SPDX-License-Identifier: BSD-2-Clause */
/* A file with a device tree or an IORT, read by the firmware's own readers. */
#ifndef INSPECT_TABLE_H
#define INSPECT_TABLE_H

#include "firmware/description.h"
#include "firmware/msi.h"

struct table {
	const char *path;
	const char *format; /* "dt" or "iort". */
	struct description description;
	struct msi_list msis;
	char why[256];	 /* Room for a composed reason of a refusal. */
	bool other_acpi; /* Refused for being an ACPI table that says nothing of streams. */
};

#define TABLE_STDIN "-"

/*
 * Reads the file (TABLE_STDIN: standard input) into `table`; the content tells the format.
 * Return:      NULL       read
 *              else       the reason of the refusal; the contents of `table` then mean nothing
 */
const char *table_read(struct table *table, const char *path);

/* "device tree" or "IORT". */
const char *table_words(const struct table *table);

#endif
