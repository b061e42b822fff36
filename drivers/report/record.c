/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/record.h"

#include "report/print.h"

static enum record_output output = RECORDS_ON;

void record_set_output(enum record_output new_output)
{
	output = new_output;
}

static inline void record_append(struct record *record, char c)
{
	if (record->length < RECORD_SIZE) {
		record->text[record->length] = c;
	}
	record->length++;
}

static void record_put(struct record *record, char c)
{
	record_append(record, c);
}

static void record_put_text(struct record *record, const char *text)
{
	for (; *text; text++) {
		record_append(record, *text);
	}
}

static bool record_is_plain(char c)
{
	return (unsigned char)c - 0x20U < 0x5fU && c != '"' && c != '\\';
}

/* Fast path; the caller counts what does not fit. */
static const char *record_put_plain(struct record *record, const char *text)
{
	char *to = record->text + record->length;
	const char *end = record->text + RECORD_SIZE;

	while (record_is_plain(*text) && to < end) {
		*to++ = *text++;
	}
	record->length = (size_t)(to - record->text);
	return text;
}

static void record_put_other(struct record *record, char c)
{
	char escape[8];

	if (record_is_plain(c)) {
		record_put(record, c);
	} else if (c == '"' || c == '\\') {
		record_put(record, '\\');
		record_put(record, c);
	} else {
		/* Tables may hold any byte. */
		format_text(escape, sizeof(escape), "\\u%04x", (unsigned int)(unsigned char)c);
		record_put_text(record, escape);
	}
}

static void record_put_quoted(struct record *record, const char *text)
{
	record_put(record, '"');
	while (*text) {
		if (record->length < RECORD_SIZE) {
			text = record_put_plain(record, text);
		}
		if (*text) {
			record_put_other(record, *text++);
		}
	}
	record_put(record, '"');
}

static void record_put_key(struct record *record, const char *key)
{
	if (!record->first) {
		record_put(record, ',');
	}
	record->first = false;
	/* Keys need no escapes. */
	if (key) {
		record_put(record, '"');
		record_put_text(record, key);
		record_put_text(record, "\":");
	}
}

void record_begin(struct record *record, const char *kind)
{
	record->length = 0;
	record->first = true;
	record_put(record, '{');
	record_string(record, "record", kind);
}

static void record_print(const char *text, size_t size)
{
	if (output == RECORDS_ON) {
		print_bytes(text, size);
	} else if (output == RECORDS_MEMORY) {
		print_bytes_to_memory(text, size);
	}
}

void record_end(struct record *record)
{
	static const char lost[] = "{\"record\":\"lost\"}\n";

	record_put(record, '}');
	record_put(record, '\n');
	if (record->length > RECORD_SIZE) {
		record_print(lost, sizeof(lost) - 1);
		return;
	}
	record_print(record->text, record->length);
}

void record_string(struct record *record, const char *key, const char *value)
{
	if (!value) {
		record_null(record, key);
		return;
	}
	record_put_key(record, key);
	record_put_quoted(record, value);
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
	record_put_key(record, key);
	record_put_text(record, text);
}

void record_bool(struct record *record, const char *key, bool value)
{
	record_put_key(record, key);
	record_put_text(record, value ? "true" : "false");
}

void record_null(struct record *record, const char *key)
{
	record_put_key(record, key);
	record_put_text(record, "null");
}

void record_open(struct record *record, const char *key, char bracket)
{
	record_put_key(record, key);
	record_put(record, bracket);
	record->first = true;
}

void record_close(struct record *record, char bracket)
{
	record_put(record, bracket);
	record->first = false;
}
