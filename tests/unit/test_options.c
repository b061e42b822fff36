/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot arguments. A wrong word sets nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "options/option.h"
#include "report/record.h"

/* Named, and so linked: what registers itself is in an archive here. */
extern const struct option acpi_option, describe_option, listen_option, monitor_option, next_option, soak_option,
	tables_option, trace_option;
static const struct option *const linked[] = {&acpi_option, &describe_option, &listen_option, &monitor_option,
					      &next_option, &soak_option,     &tables_option, &trace_option};

static void assert_defaults(const struct options *options)
{
	assert_int_equal(options->tables, TABLES_ANY);
	assert_int_equal(options->order_count, 0);
	assert_int_equal(options->handover, SMMUV3_HANDOVER_ABORT);
	assert_int_equal(options->log, PRINT_NORMAL);
	assert_int_equal(options->soak, 0);
	assert_false(options->trace);
	assert_false(options->strict);
	assert_int_equal(options->records, RECORDS_ON);
}

static struct options parse(const char *bootargs)
{
	struct options options;

	memset(&options, 0xff, sizeof(options));
	options_init(&options);
	options_parse(&options, OPTIONS_FROM_TREE, bootargs);
	return options;
}

static void test_nothing_is_the_defaults(void **state)
{
	struct options options = parse("");

	(void)state;
	assert_defaults(&options);
	options = parse("     ");
	assert_defaults(&options);
}

static void test_every_word(void **state)
{
	struct options options = parse("tables=dt handover=bypass log=quiet order=2,0,1");

	(void)state;
	assert_int_equal(options.tables, TABLES_DT);
	assert_int_equal(options.handover, SMMUV3_HANDOVER_BYPASS);
	assert_int_equal(options.log, PRINT_QUIET);
	assert_int_equal(options.order_count, 3);
	assert_int_equal(options.order[0], 2);
	assert_int_equal(options.order[1], 0);
	assert_int_equal(options.order[2], 1);
	assert_int_equal(parse("tables=iort").tables, TABLES_IORT);
	assert_int_equal(parse("log=debug").log, PRINT_DEBUG);
	assert_int_equal(parse("exit=return").exit, EXIT_RETURN);
	assert_int_equal(parse("exit=return exit=off").exit, EXIT_OFF);
	assert_int_equal(parse("console=rtt").console, CONSOLE_OPTION_RTT);
	assert_int_equal(parse("console=rtt console=uart").console, CONSOLE_OPTION_UART);
	assert_int_equal(parse("records=memory").records, RECORDS_MEMORY);
	assert_int_equal(parse("records=off").records, RECORDS_OFF);
	assert_true(parse("strict=on").strict);
	assert_true(parse("describe=only").describe);
	assert_false(parse("describe=all").describe);
	assert_true(parse("trace=on").trace);
	assert_false(parse("trace=on trace=off").trace);
	assert_int_equal(parse("handover=bypass handover=abort").handover, SMMUV3_HANDOVER_ABORT);
}

static void test_what_is_always_so_sets_nothing(void **state)
{
	struct options options = parse(
		"selftest=quick inherit=reset trace=off monitor=off exit=off console=uart log=normal handover=abort");

	(void)state;
	assert_defaults(&options);
}

static void test_soak_is_seconds(void **state)
{
	(void)state;
	assert_int_equal(parse("soak=60").soak, 60);
	assert_int_equal(parse("soak=86400 tables=dt").soak, 86400);
	assert_int_equal(parse("").soak, 0);
	assert_int_equal(parse("soak=4294967297").soak, 0);
}

static void test_listen_is_seconds(void **state)
{
	(void)state;
	assert_int_equal(parse("listen=5").listen, 5);
	assert_false(parse("listen=5").listen_pass);
	assert_int_equal(parse("listen=3600,pass").listen, 3600);
	assert_true(parse("listen=3600,pass").listen_pass);
	assert_int_equal(parse("listen=4294967297").listen, 0);
	assert_int_equal(parse("").listen, 0);
}

/* A tree may not name another tree. */
static void test_dtb_is_for_the_caller(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse("dtb=0x48000000").ignored_count, 1);
	options_init(&options);
	options_parse(&options, OPTIONS_FROM_CALLER, "dtb=0x48000000");
	assert_int_equal(options.ignored_count, 0);
}

static const char *recorded(const struct options *options, unsigned int ignored)
{
	static struct record record;

	record_begin(&record, "x");
	assert_int_equal(options_record(options, &record), ignored);
	assert_true(record.length < RECORD_SIZE);
	record.text[record.length] = '\0';
	return record.text;
}

static void test_words_are_recorded(void **state)
{
	struct options options = parse("tables=DT order=0,3 log=quiet");

	(void)state;
	options_parse(&options, OPTIONS_FROM_CALLER, "dtb=0x48000000");
	assert_string_equal(
		recorded(&options, 1),
		"{\"record\":\"x\",\"arguments\":[\"tables=DT\",\"order=0,3\",\"log=quiet\",\"dtb=0x48000000\"],"
		"\"ignored\":[{\"word\":\"tables=DT\",\"why\":\"tables= takes dt or iort\"}],"
		"\"arguments_left_out\":0,\"ignored_count\":1");
	options_check_order(&options, 4);
	(void)recorded(&options, 1);
	options_check_order(&options, 3);
	assert_non_null(
		strstr(recorded(&options, 2), "{\"word\":\"order=0,3\",\"why\":\"it names an SMMU that is not there"));
}

static void test_words_beyond_a_record_are_counted(void **state)
{
	char bootargs[3000] = "";
	struct options options;

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		(void)strcat(bootargs,
			     "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01 ");
	}
	options = parse(bootargs);
	assert_int_equal(options.ignored_count, 20);
	assert_non_null(strstr(recorded(&options, 20), "\"ignored_count\":20"));
	assert_null(strstr(recorded(&options, 20), "\"arguments_left_out\":0"));
}

static void test_quotes(void **state)
{
	(void)state;
	assert_int_equal(parse("run=\"tables=dt log=quiet\"").tables, TABLES_ANY);
	assert_int_equal(parse("tables=\"dt\"").tables, TABLES_DT);
	assert_int_equal(parse("run=\"a b\" tables=dt").tables, TABLES_DT);
	assert_int_equal(parse("run=\"never closed tables=dt").tables, TABLES_ANY);
}

static void test_malformed_is_ignored_and_the_rest_is_not(void **state)
{
	static const char *const wrong[] = {
		"order",      "order=",	      "order=,",       "order=1,",
		"order=0,0",  "order=1;2",    "order=-1",      "order=4294967296",
		"order=1,x",  "tables",	      "tables=",       "tables=DT",
		"tables=dtb", "TABLES=dt",    "handover=live", "log=loud",
		"=",	      "=dt",	      "\x80\xff",      "exit=",
		"soak=5s",    "soak=0",	      "soak=86401",    "soak=",
		"trace",      "trace=",	      "trace=yes",     "trace=ON",
		"records",    "records=uart", "strict=",       "strict=1",
		"listen=0",   "listen=3601",  "listen=5,all",  "listen=,pass",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char bootargs[64];
		struct options options = parse(wrong[i]);

		assert_defaults(&options);
		assert_int_equal(options.ignored_count, 1);
		(void)strcat(strcpy(bootargs, wrong[i]), " tables=dt");
		assert_int_equal(parse(bootargs).tables, TABLES_DT);
	}
}

static void test_a_word_too_long_is_no_shorter_word(void **state)
{
	char bootargs[400];

	(void)state;
	/* Cut or unquoted, it would be "tables=dt". */
	memset(bootargs, '\0', sizeof(bootargs));
	strcpy(bootargs, "order=");
	for (size_t i = 6; i < 300; i += 2) {
		memcpy(bootargs + i, i == 6 ? "1," : "2,", 2);
	}
	strcat(bootargs, " tables=iort");
	assert_int_equal(parse(bootargs).order_count, 0);
	assert_int_equal(parse(bootargs).tables, TABLES_IORT);
}

/* Each word that registers itself is named; what stands for a cut is none. */
static void test_an_unknown_word_is_told_which_there_are(void **state)
{
	static const char *const words[] = {
		" acpi= ", " console= ",  " dtb= ",	" exit= ",   " handover= ", " id= ",	   " inherit= ",
		" log= ",  " next= ",	  " monitor= ", " run= ",    " order= ",    " describe= ", " listen= ",
		" soak= ", " selftest= ", " trace= ",	" strict= ", " tables= ",   " records= "};
	struct options options = parse("tabels=dt");
	char text[RECORD_SIZE];
	char *end;

	(void)state;
	(void)snprintf(text, sizeof(text), "%s", recorded(&options, 1));
	assert_non_null(strstr(text, "there is no such word in this image, but "));
	end = strstr(text, "=\"}");
	assert_non_null(end);
	end[1] = ' ';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_non_null(strstr(text, words[i]));
	}
	assert_null(strstr(text, "...="));
	for (size_t i = 0; i < sizeof(linked) / sizeof(linked[0]); i++) {
		assert_true(linked[i] >= __start_options && linked[i] < __stop_options);
	}
}

static void test_what_was_cut_off_is_told(void **state)
{
	struct options options;

	(void)state;
	options_init(&options);
	options_parse(&options, OPTIONS_FROM_CALLER, "tables=dt " ARGUMENTS_CUT);
	assert_int_equal(options.tables, TABLES_DT);
	assert_int_equal(options.ignored_count, 1);
	assert_non_null(
		strstr(recorded(&options, 1), "{\"word\":\"...=\",\"why\":\"...= stands for what was cut off\"}"));
}

/* With its NUL OPTIONS_WORD_SIZE characters at most; the beginning of a longer one is no word. */
static void test_a_word_of_the_greatest_length(void **state)
{
	char text[OPTIONS_WORD_SIZE + 2] = "soak=";

	(void)state;
	memset(text + 5, '0', OPTIONS_WORD_SIZE - 7);
	text[OPTIONS_WORD_SIZE - 2] = '5';
	assert_int_equal(parse(text).soak, 5);
	text[OPTIONS_WORD_SIZE - 1] = '0';
	assert_int_equal(parse(text).soak, 0);
	assert_int_equal(parse(text).ignored_count, 1);
}

static void test_order_takes_no_more_than_there_can_be(void **state)
{
	char bootargs[32] = "order=";

	(void)state;
	bootargs[6] = (char)('0' + DESCRIPTION_SMMUS_MAX / 10);
	bootargs[7] = (char)('0' + DESCRIPTION_SMMUS_MAX % 10);
	assert_int_equal(parse(bootargs).order_count, 0);
	assert_int_equal(parse("order=9").order_count, 1);
}

static void test_next_is_an_address(void **state)
{
	struct options options = parse("next=0x50000000");

	(void)state;
	assert_int_equal(options.next, 0x50000000);
	assert_int_equal(options.exit, EXIT_NEXT);
	assert_false(options.next_always);
	assert_true(parse("next=0x50000000,always").next_always);
	assert_int_equal(parse("next=0xFFFFFFFFFFFFFFFF").next, UINT64_MAX);
	assert_int_equal(parse("next=0x50000000 exit=off").exit, EXIT_OFF);
	assert_int_equal(parse("next=0x50000000 exit=off exit=next").exit, EXIT_NEXT);
	assert_int_equal(parse("exit=next").next, 0);
}

static void test_next_that_is_none_starts_nothing(void **state)
{
	static const char *const wrong[] = {
		"next=",     "next=0x",	       "next=0x0",	 "next=50000000",   "next=0x5000g",
		"next=0x5,", "next=0x5,never", "next=0x5always", "next=0x5,ALWAYS", "next=0x10000000000000000"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct options options = parse(wrong[i]);

		assert_int_equal(options.exit, EXIT_OFF);
		assert_int_equal(options.next, 0);
		assert_int_equal(options.ignored_count, 1);
	}
}

/* Linux's words, and unknown ones. */
static void test_words_of_a_next_stage_are_no_mistakes(void **state)
{
	static const char words[] = "next=0x50000000 console=ttyAMA0 acpi=off root=/dev/vda quiet";
	struct options options;

	(void)state;
	assert_true(options_name(words, "next="));
	assert_false(options_name("console=ttyAMA0 anext=0x5", "next="));
	assert_int_equal(parse(words).ignored_count, 4);
	options_init(&options);
	options.for_next = true;
	options_parse(&options, OPTIONS_FROM_TREE, words);
	assert_int_equal(options.ignored_count, 0);
	(void)recorded(&options, 0);
	options_parse(&options, OPTIONS_FROM_TREE, "log=loud");
	assert_int_equal(options.ignored_count, 1);
	options_parse(&options, OPTIONS_FROM_CALLER, "quiet");
	assert_int_equal(options.ignored_count, 2);
}

static void test_acpi_is_an_address(void **state)
{
	(void)state;
	assert_int_equal(parse("acpi=0x48000000").acpi, 0x48000000);
	assert_int_equal(parse("acpi=0xFEDCBA9876543210").acpi, 0xfedcba9876543210ULL);
	assert_int_equal(parse("acpi=0x1 acpi=0x").acpi, 1);
	assert_int_equal(parse("acpi=0x0").acpi, 0);
	assert_int_equal(parse("acpi=0x10000000000000000").acpi, 0);
	assert_int_equal(parse("acpi=48000000").acpi, 0);
	assert_int_equal(parse("acpi=0x4800g000").acpi, 0);
	assert_int_equal(parse("acpi=").acpi, 0);
	assert_int_equal(parse("acpi=0x10000000000000001").acpi, 0);
	assert_int_equal(parse("acpi=0148000000").acpi, 0);
	assert_int_equal(parse("acpi=0x1 acpi=0x0").acpi, 1);
	assert_int_equal(parse("acpi=0x0").ignored_count, 1);
}

static void test_id_is_a_name(void **state)
{
	static const char *const wrong[] = {"id=",   "id=a b",	"id=\"a b\"", "id=a\\b",
					    "id=a}", "id=\xe9", "id=a=b",     "id=12345678901234567890123456789012"};

	(void)state;
	assert_string_equal(parse("id=6f1d-2").id, "6f1d-2");
	assert_string_equal(parse("id=AZaz-09 tables=dt").id, "AZaz-09");
	assert_string_equal(parse("id=1234567890123456789012345678901").id, "1234567890123456789012345678901");
	assert_string_equal(parse("").id, "");
	assert_string_equal(parse("run=5").id, "");
	assert_string_equal(parse("id=a id=b").id, "b");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_string_equal(parse(wrong[i]).id, i == 1 ? "a" : "");
	}
	assert_string_equal(parse("id=a id=\"}\"").id, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_the_defaults),
		cmocka_unit_test(test_every_word),
		cmocka_unit_test(test_what_is_always_so_sets_nothing),
		cmocka_unit_test(test_soak_is_seconds),
		cmocka_unit_test(test_listen_is_seconds),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_dtb_is_for_the_caller),
		cmocka_unit_test(test_words_are_recorded),
		cmocka_unit_test(test_words_beyond_a_record_are_counted),
		cmocka_unit_test(test_id_is_a_name),
		cmocka_unit_test(test_an_unknown_word_is_told_which_there_are),
		cmocka_unit_test(test_what_was_cut_off_is_told),
		cmocka_unit_test(test_a_word_of_the_greatest_length),
		cmocka_unit_test(test_acpi_is_an_address),
		cmocka_unit_test(test_next_is_an_address),
		cmocka_unit_test(test_next_that_is_none_starts_nothing),
		cmocka_unit_test(test_words_of_a_next_stage_are_no_mistakes),
		cmocka_unit_test(test_malformed_is_ignored_and_the_rest_is_not),
		cmocka_unit_test(test_a_word_too_long_is_no_shorter_word),
		cmocka_unit_test(test_order_takes_no_more_than_there_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
