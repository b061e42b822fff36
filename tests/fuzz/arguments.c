/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as boot arguments. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "options/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Composed, and dropped. */
void print(const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	(void)format_text_v(line, sizeof(line), format, arguments);
	va_end(arguments);
}

/* Dropped. */
void print_bytes(const char *bytes, size_t length)
{
	fuzz_require(length <= RECORD_SIZE && memchr(bytes, '\n', length) == bytes + length - 1,
		     "a record is one line");
}

void print_bytes_to_memory(const char *bytes, size_t length)
{
	print_bytes(bytes, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct options options;
	struct record record;
	char *text = malloc(size + 1);

	fuzz_require(text != NULL, "memory");
	memcpy(text, bytes, size);
	text[size] = '\0';
	options_init(&options);
	options_parse(&options, OPTIONS_FROM_TREE, text);
	fuzz_require(options.order_count <= DESCRIPTION_SMMUS_MAX, "more instances in order= than there can be");
	fuzz_require(options.handover <= SMMUV3_HANDOVER_BYPASS && options.selftest <= SELFTEST_FULL &&
			     options.log <= PRINT_DEBUG && options.tables <= TABLES_IORT,
		     "a choice that does not exist");
	fuzz_require(strlen(options.id) < ID_SIZE, "a name that is too long");
	record_begin(&record, "firmware");
	(void)options_record(&options, &record);
	record_end(&record);
	free(text);
	return 0;
}
