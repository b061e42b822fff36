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
	char why[256];	 /* It is refused, in words that are made for it. */
	bool other_acpi; /* It is refused for being an ACPI table that says nothing of streams. */
};

#define TABLE_STDIN "-"

/*
 * Reads the file, or standard input for TABLE_STDIN, told apart by its content, into `table`. Returns NULL, or in words
 * why it is refused; then what the table holds means nothing.
 */
const char *table_read(struct table *table, const char *path);

/* "device tree" or "IORT". */
const char *table_words(const struct table *table);

#endif
