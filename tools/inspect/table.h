/* SPDX-License-Identifier: BSD-2-Clause */
/* A device tree or IORT, read by the firmware's readers. */
#ifndef INSPECT_TABLE_H
#define INSPECT_TABLE_H

#include "findings/finding.h"
#include "findings/traits.h"
#include "firmware/description.h"
#include "firmware/msi.h"
#include "form.h"

struct table {
	const char *path;
	const char *format; /* "dt" or "iort". */
	struct description description;
	struct msi_list msis;
	struct traits traits;
	struct table_findings findings;
	uint8_t *bytes; /* The file, until the next one is read. */
	size_t size;
	char why[FORM_TEXT_SIZE]; /* A composed reason. */
	bool is_other;		  /* Refused: an ACPI table without streams, or an overlay. */
};

#define TABLE_STDIN "-"

/*
 * Reads the file (TABLE_STDIN: standard input); its content tells the format.
 * Return:      NULL       read
 *              else       why it is refused; `table` then means nothing
 */
const char *table_read(struct table *table, const char *path);

/* Judges it again, with what a target has shown; NULL: nothing. The findings that it had are gone. */
struct facts;
void table_judge_with(struct table *table, const struct facts *facts);

/* "device tree" or "IORT". */
const char *table_words(const struct table *table);

#endif
