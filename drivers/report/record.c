/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/record.h"

#include "report/print.h"

static void put(struct record *record, char c)
{
	if (record->length < RECORD_SIZE) {
		record->text[record->length] = c;
	}
	record->length++;
}

static void put_text(struct record *record, const char *text)
{
	for (; *text; text++) {
		put(record, *text);
	}
}

static void put_quoted(struct record *record, const char *text)
{
	char escape[8];

	put(record, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\') {
			put(record, '\\');
			put(record, *text);
		} else if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f) {
			/* Table strings may hold anything: what is not ASCII is shown as its code. */
			format_text(escape, sizeof(escape), "\\u%04x", (unsigned int)(unsigned char)*text);
			put_text(record, escape);
		} else {
			put(record, *text);
		}
	}
	put(record, '"');
}

static void put_key(struct record *record, const char *key)
{
	if (!record->first) {
		put(record, ',');
	}
	record->first = false;
	if (key) {
		put_quoted(record, key);
		put(record, ':');
	}
}

void record_begin(struct record *record, const char *kind)
{
	record->length = 0;
	record->first = true;
	put(record, '{');
	record_string(record, "record", kind);
}

void record_end(struct record *record)
{
	static const char lost[] = "{\"record\":\"lost\"}\n";

	put(record, '}');
	put(record, '\n');
	if (record->length > RECORD_SIZE) {
		print_bytes(lost, sizeof(lost) - 1);
		return;
	}
	print_bytes(record->text, record->length);
}

void record_string(struct record *record, const char *key, const char *value)
{
	if (!value) {
		record_null(record, key);
		return;
	}
	put_key(record, key);
	put_quoted(record, value);
}

void record_hex(struct record *record, const char *key, uint64_t value)
{
	char text[24];

	format_text(text, sizeof(text), "0x%llx", (unsigned long long)value);
	record_string(record, key, text);
}

void record_count(struct record *record, const char *key, uint64_t value)
{
	char text[24];

	format_text(text, sizeof(text), "%llu", (unsigned long long)value);
	put_key(record, key);
	put_text(record, text);
}

void record_bool(struct record *record, const char *key, bool value)
{
	put_key(record, key);
	put_text(record, value ? "true" : "false");
}

void record_null(struct record *record, const char *key)
{
	put_key(record, key);
	put_text(record, "null");
}

void record_open(struct record *record, const char *key, char bracket)
{
	put_key(record, key);
	put(record, bracket);
	record->first = true;
}

void record_close(struct record *record, char bracket)
{
	put(record, bracket);
	record->first = false;
}
