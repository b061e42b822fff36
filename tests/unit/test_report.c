/* SPDX-License-Identifier: BSD-2-Clause */
/* The formatter and the records, on a UART in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "printed.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

static int setup(void **state)
{
	(void)state;
	printed_begin();
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
	assert_format("[          42][7           ]", "[%12u][%-12u]", 42U, 7U);
	assert_format("0x1f000", "%p", (void *)0x1f000);
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

/* Foreign text begins no line and sends a terminal no commands. */
static void test_format_no_string_begins_a_line(void **state)
{
	(void)state;
	assert_format("a?{b?c?d", "a%s", "\n{b\rc\x1f\x64");
	assert_format("??{???{?[?", "%s", "\xc2\x85{\xe2\x80\xa8{\x9b[\x7f");
	assert_format("~ !", "%s", "~ !");
	/* Padding, and the cut. */
	assert_format("?    |    ?|", "%-5s|%5s|", "\n", "\n");
}

/* The compiler would refuse these. */
static void test_format_odd_conversions(void **state)
{
	const char *volatile zeroes = "%05s";
	const char *volatile unknown = "%q";
	const char *volatile cut = "abc%";
	char text[8];

	(void)state;
	assert_int_equal(format_text(text, sizeof(text), zeroes, "ab"), 5);
	assert_string_equal(text, "   ab");
	assert_int_equal(format_text(text, sizeof(text), unknown, 0), 1);
	assert_string_equal(text, "q");
	assert_int_equal(format_text(text, sizeof(text), cut, 0), 3);
	assert_string_equal(text, "abc");
}

static void test_format_cuts_and_terminates(void **state)
{
	char text[4] = "xxx";

	(void)state;
	assert_int_equal(format_text(text, sizeof(text), "%u", 123456U), 6);
	assert_string_equal(text, "123");
	assert_int_equal(format_text(NULL, 0, "%u", 12U), 2);
	/* No room for the zero. */
	assert_int_equal(format_text(text, sizeof(text), "abcd"), 4);
	assert_string_equal(text, "abc");
	assert_int_equal(format_text(text, sizeof(text), "abc"), 3);
	assert_string_equal(text, "abc");
}

static void test_print_cuts_a_line(void **state)
{
	(void)state;
	print("%600s|", "x");
	assert_int_equal(printed_length, 511);
	assert_int_equal(printed[0], ' ');
	assert_int_equal(printed[510], '\n');
	/* The longest line: not cut. */
	printed_length = 0;
	print("%510s|", "x");
	assert_int_equal(printed_length, 511);
	assert_int_equal(printed[509], 'x');
	assert_int_equal(printed[510], '|');
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
	assert_string_equal(printed,
			    "{\"record\":\"x\",\"s\":\"a\\\"b\\\\c\\u000a\\u00e9\",\"h\":\"0xab000000000\",\"n\":42,"
			    "\"t\":true,\"z\":null,\"l\":[1,{\"k\":null}]}\n");
}

static void test_record_separates_and_escapes(void **state)
{
	struct record record;

	(void)state;
	record_begin(&record, "x");
	record_open(&record, "l", '{');
	record_bool(&record, "f", false);
	record_close(&record, '}');
	record_string(&record, "s", "\x1f \x7f~\\\"");
	record_open(&record, "e", '[');
	record_close(&record, ']');
	record_count(&record, "n", UINT64_MAX);
	record_end(&record);
	assert_string_equal(printed,
			    "{\"record\":\"x\",\"l\":{\"f\":false},\"s\":\"\\u001f \\u007f~\\\\\\\"\",\"e\":[],"
			    "\"n\":18446744073709551615}\n");
}

static void test_record_that_just_fits(void **state)
{
	static char value[RECORD_SIZE];
	struct record record;
	size_t around;

	(void)state;
	memset(value, 'v', sizeof(value));
	value[0] = '\0';
	record_begin(&record, "x");
	record_string(&record, "k", value);
	record_end(&record);
	around = printed_length;
	value[0] = 'v';
	for (size_t more = 0; more < 2; more++) {
		printed_length = 0;
		value[RECORD_SIZE - around + more] = '\0';
		record_begin(&record, "x");
		record_string(&record, "k", value);
		record_end(&record);
		assert_int_equal(printed_length, more ? strlen("{\"record\":\"lost\"}\n") : RECORD_SIZE);
		value[RECORD_SIZE - around + more] = 'v';
	}
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
	assert_string_equal(printed, "{\"record\":\"lost\"}\n");
}

static void test_print_levels(void **state)
{
	(void)state;
	print_set_level(PRINT_QUIET);
	print("a\n");
	print_debug("b\n");
	assert_string_equal(printed, "");
	print_set_level(PRINT_NORMAL);
	print("c\n");
	print_debug("d\n");
	print_set_level(PRINT_DEBUG);
	print_debug("e\n");
	print_set_level(PRINT_NORMAL);
	assert_string_equal(printed, "c\ne\n");
}

static void (*in_the_middle)(void);

static void write_and_be_interrupted(volatile void *reg, uint32_t value)
{
	void (*interrupt)(void) = in_the_middle;

	printed_write(reg, value);
	if (interrupt) {
		in_the_middle = NULL;
		interrupt();
	}
}

static void take_over(void)
{
	uint64_t before = arch_hooks.ticks;

	arch_hooks.core = 0;
	assert_true(print_take_over());
	/* It waited for core 1. */
	assert_true(arch_hooks.ticks - before >= 100000);
	print("dying");
	assert_true(print_take_over());
	arch_hooks.core = 2;
	assert_false(print_take_over());
	arch_hooks.core = 1;
	assert_false(print_take_over());
}

/* Last: the console stays taken. */
static void test_take_over_of_a_held_console(void **state)
{
	(void)state;
	arch_hooks.core = 1;
	arch_hooks.write32 = write_and_be_interrupted;
	in_the_middle = take_over;
	print("[]");
	assert_string_equal(printed, "[dying]");
}

static void test_findings_are_listed_worst_first(void **state)
{
	(void)state;
	findings_forget();
	findings_report();
	assert_string_equal(printed, "");
	finding_add("difference", FINDING_WARNING, "dt", "lacks it", NULL);
	finding_add("hint", FINDING_NOTE, "smmu0", "slow", NULL);
	finding_add("unmap", FINDING_ERROR, "0000:01:00.0", "memory changed", "invalidate");
	finding_add("difference", FINDING_WARNING, "dt", "lacks that", NULL);
	finding_add("unmap", FINDING_ERROR, "0000:02:00.0", "memory changed", NULL);
	findings_report();
	assert_non_null(strstr(printed, " 1. error 0000:01:00.0: unmap: memory changed\n    invalidate\n"));
	assert_non_null(strstr(printed, " 2. error 0000:02:00.0: unmap: memory changed\n"));
	assert_non_null(strstr(printed, " 3. warning dt: difference: lacks it (2 times)\n"));
	assert_non_null(strstr(printed, " 4. note smmu0: hint: slow\n"));
	assert_non_null(strstr(printed,
			       "{\"record\":\"finding\",\"id\":\"unmap\",\"severity\":\"error\",\"place\":"
			       "\"0000:01:00.0\",\"text\":\"memory changed\",\"advice\":\"invalidate\",\"count\":1}"));
	assert_int_equal(printed_count("\"record\":\"finding\""), 4);
	assert_null(strstr(printed, "more, above"));
}

/* An error finds room among warnings; the rest is counted. */
static void test_findings_beyond_the_ledger(void **state)
{
	static char place[FINDINGS_MAX + 3][8];

	(void)state;
	findings_forget();
	for (unsigned int i = 0; i < FINDINGS_MAX + 2; i++) {
		format_text(place[i], sizeof(place[i]), "p%u", i);
		finding_add("warn", FINDING_WARNING, place[i], "so", NULL);
	}
	finding_add("unmap", FINDING_ERROR, "late", "memory changed", NULL);
	findings_report();
	assert_non_null(strstr(printed, " 1. error late: unmap"));
	assert_non_null(strstr(printed, " 9. warning p7: warn"));
	assert_null(strstr(printed, "10. "));
	/* 35 were found, 9 listed. */
	assert_non_null(strstr(printed, "    and 26 more, above\n"));
	assert_int_equal(printed_count("\"record\":\"finding\""), FINDINGS_MAX);
	print_set_level(PRINT_QUIET);
	findings_report();
	assert_non_null(strstr(printed, "    and 26 more: log=normal prints them\n"));
	assert_int_equal(printed_count("more, above"), 1);
	print_set_level(PRINT_NORMAL);
	findings_forget();
}

static void test_findings_are_cut(void **state)
{
	char text[2 * FINDING_ADVICE_SIZE];

	(void)state;
	findings_forget();
	memset(text, 'q', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	finding_add("long", FINDING_ERROR, "p", text, text);
	findings_report();
	assert_int_equal(printed_count("q"), 2 * (FINDING_TEXT_SIZE - 1 + FINDING_ADVICE_SIZE - 1));
	findings_forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_findings_are_listed_worst_first, setup),
		cmocka_unit_test_setup(test_findings_beyond_the_ledger, setup),
		cmocka_unit_test_setup(test_findings_are_cut, setup),
		cmocka_unit_test_setup(test_format_integers, setup),
		cmocka_unit_test_setup(test_format_64_bits_keep_what_follows, setup),
		cmocka_unit_test_setup(test_format_strings, setup),
		cmocka_unit_test_setup(test_format_no_string_begins_a_line, setup),
		cmocka_unit_test_setup(test_format_odd_conversions, setup),
		cmocka_unit_test_setup(test_format_cuts_and_terminates, setup),
		cmocka_unit_test_setup(test_print_cuts_a_line, setup),
		cmocka_unit_test_setup(test_record_line, setup),
		cmocka_unit_test_setup(test_record_separates_and_escapes, setup),
		cmocka_unit_test_setup(test_record_that_just_fits, setup),
		cmocka_unit_test_setup(test_record_too_long_is_said_to_be_lost, setup),
		cmocka_unit_test_setup(test_print_levels, setup),
		cmocka_unit_test_setup(test_take_over_of_a_held_console, setup),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
