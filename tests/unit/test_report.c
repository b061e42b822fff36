/* SPDX-License-Identifier: BSD-2-Clause */
/* The formatter and the records, against a console that is a UART in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "report/print.h"
#include "report/record.h"
#include "serial/console.h"

static char output[8192];
static size_t output_length;
static uint32_t uart[0x1000 / 4];

/* A PL011 that takes every byte at once. */
static void uart_write(volatile void *reg, uint32_t value)
{
	if (reg == &uart[0] && output_length + 1 < sizeof(output)) {
		if ((char)value != '\r') {
			output[output_length++] = (char)value;
		}
		output[output_length] = '\0';
	}
}

static volatile void *uart_map(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	return uart;
}

static int setup(void **state)
{
	const struct console_description console = {.kind = CONSOLE_PL011, .base = 0x9000000};

	(void)state;
	arch_hooks_reset();
	arch_hooks.write32 = uart_write;
	arch_hooks.map_device = uart_map;
	memset(uart, 0, sizeof(uart));
	if (console_init(&console)) {
		return -1;
	}
	output_length = 0;
	output[0] = '\0';
	return 0;
}

#define assert_format(wanted, ...)                                                                                     \
	do {                                                                                                           \
		char text_[64];                                                                                        \
		assert_int_equal(format_text(text_, sizeof(text_), __VA_ARGS__), strlen(wanted));                      \
		assert_string_equal(text_, wanted);                                                                    \
	} while (0)

static void test_format_integers(void **state)
{
	(void)state;
	assert_format("0 7 4294967295", "%u %u %u", 0U, 7U, 0xffffffffU);
	assert_format("-1 -2147483648 2147483647", "%d %d %d", -1, INT32_MIN, INT32_MAX);
	assert_format("deadbeef 00ab 0x5", "%x %04x 0x%x", 0xdeadbeefU, 0xabU, 5U);
}

static void test_format_64_bits_keep_what_follows(void **state)
{
	(void)state;
	assert_format("123456789abcdef0 7", "%llx %u", 0x123456789abcdef0ULL, 7U);
	assert_format("18446744073709551615|x", "%llu|%s", ~0ULL, "x");
	assert_format("-9223372036854775808", "%lld", (long long)INT64_MIN);
	assert_format("12 34", "%lu %zu", 12UL, (size_t)34);
	assert_format("ff", "%" PRIx32, (uint32_t)0xff);
}

static void test_format_strings(void **state)
{
	const char *volatile nothing = NULL;

	(void)state;
	assert_format("abc|  abc|abc  |%|z", "%s|%5s|%-5s|%%|%c", "abc", "abc", "abc", 'z');
	assert_format("(null)", "%s", nothing);
}

static void test_format_cuts_and_terminates(void **state)
{
	char text[4] = "xxx";

	(void)state;
	assert_int_equal(format_text(text, sizeof(text), "%u", 123456U), 6);
	assert_string_equal(text, "123");
	assert_int_equal(format_text(NULL, 0, "%u", 12U), 2);
}

static void test_record_line(void **state)
{
	struct record record;

	(void)state;
	record_begin(&record, "x");
	record_string(&record, "s", "a\"b\\c\n\xe9");
	record_hex(&record, "h", 0xAB000000000ULL);
	record_count(&record, "n", 42);
	record_bool(&record, "t", true);
	record_null(&record, "z");
	record_open(&record, "l", '[');
	record_count(&record, NULL, 1);
	record_open(&record, NULL, '{');
	record_string(&record, "k", NULL);
	record_close(&record, '}');
	record_close(&record, ']');
	record_end(&record);
	assert_string_equal(output, "{\"record\":\"x\",\"s\":\"a\\\"b\\\\c\\u000a\\u00e9\",\"h\":\"0xab000000000\",\"n\":42,"
				    "\"t\":true,\"z\":null,\"l\":[1,{\"k\":null}]}\n");
}

static void test_record_too_long_is_said_to_be_lost(void **state)
{
	struct record record;

	(void)state;
	record_begin(&record, "x");
	for (int i = 0; i < 200; i++) {
		record_string(&record, "key", "a value that is not short");
	}
	record_end(&record);
	assert_string_equal(output, "{\"record\":\"lost\"}\n");
}

static void test_print_levels(void **state)
{
	(void)state;
	print_set_level(PRINT_QUIET);
	print("a\n");
	print_debug("b\n");
	assert_string_equal(output, "");
	print_set_level(PRINT_NORMAL);
	print("c\n");
	print_debug("d\n");
	print_set_level(PRINT_DEBUG);
	print_debug("e\n");
	print_set_level(PRINT_NORMAL);
	assert_string_equal(output, "c\ne\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_format_integers, setup),
		cmocka_unit_test_setup(test_format_64_bits_keep_what_follows, setup),
		cmocka_unit_test_setup(test_format_strings, setup),
		cmocka_unit_test_setup(test_format_cuts_and_terminates, setup),
		cmocka_unit_test_setup(test_record_line, setup),
		cmocka_unit_test_setup(test_record_too_long_is_said_to_be_lost, setup),
		cmocka_unit_test_setup(test_print_levels, setup),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
