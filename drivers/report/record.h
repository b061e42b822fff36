/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One record of the report: a line with one JSON object, built in a buffer of the caller and printed whole, so that
 * cores do not mix their lines. Numbers that are addresses, sizes, stream IDs or register values are hex strings;
 * counts are integers.
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
	bool first; /* The next key or element is the first one of its object or list. */
};

/* Starts a record, writes its key `record`. */
void record_begin(struct record *record, const char *kind);

/*
 * Where records go from now on: to the console, only to its copy in memory (serial/rtt.h), which spares a slow serial
 * line, or nowhere. Boot core, before another core reports.
 */
enum record_output { RECORDS_ON, RECORDS_MEMORY, RECORDS_OFF };
void record_set_output(enum record_output output);

/* Prints it. One that did not fit its buffer is replaced by {"record":"lost"}. Takes the console's lock. */
void record_end(struct record *record);

void record_string(struct record *record, const char *key, const char *value); /* A NULL value is null. */
void record_hex(struct record *record, const char *key, uint64_t value);
void record_count(struct record *record, const char *key, uint64_t value);
void record_bool(struct record *record, const char *key, bool value);
void record_null(struct record *record, const char *key);

/* Nested objects and lists; a NULL key for an element of a list. */
void record_open(struct record *record, const char *key, char bracket); /* '{' or '['. */
void record_close(struct record *record, char bracket);			/* '}' or ']'. */

#endif
