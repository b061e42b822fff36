/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One JSON object on a line, printed whole. Addresses, sizes, stream IDs and register values are hex strings; counts
 * integers.
 */
#ifndef REPORT_RECORD_H
#define REPORT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_SIZE 2048U

struct record {
	char text[RECORD_SIZE];
	size_t length;
	bool first; /* No comma before the next element. */
};

void record_begin(struct record *record, const char *kind);

/* To the console, only to serial/rtt.h, or nowhere. Boot core, before other cores report. */
enum record_output { RECORDS_ON, RECORDS_MEMORY, RECORDS_OFF };
void record_set_output(enum record_output output);

/* Prints it under the console's lock; if too long, {"record":"lost"}. */
void record_end(struct record *record);

void record_string(struct record *record, const char *key, const char *value); /* NULL: null. */
void record_hex(struct record *record, const char *key, uint64_t value);
void record_count(struct record *record, const char *key, uint64_t value);
void record_bool(struct record *record, const char *key, bool value);
void record_null(struct record *record, const char *key);

/* Elements of a list have no key. */
void record_open(struct record *record, const char *key, char bracket); /* '{' or '['. */
void record_close(struct record *record, char bracket);			/* '}' or ']'. */

#endif
