/* SPDX-License-Identifier: BSD-2-Clause */
/* What each core did: noted in order, told in runs, and counted where there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "base/timeline.h"
#include "checks/checks.h"
#include "serial/console.h"

static char text[512U * 1024U];
static size_t length;

/* Keeps what is printed. */
void console_write(const char *bytes, size_t size)
{
	assert_true(length + size < sizeof(text));
	memcpy(text + length, bytes, size);
	length += size;
	text[length] = '\0';
}

static const char *told(void)
{
	length = 0;
	text[0] = '\0';
	report_timeline();
	return text;
}

static void note(unsigned int core, uint64_t ticks, enum timeline_kind kind, const char *name)
{
	arch_hooks.core = core;
	arch_hooks.ticks = ticks;
	timeline_note(kind, name);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_string_equal(told(), "");
}

/* Of 1 MHz: 10 ms are 10000 ticks. */
static void test_runs(void **state)
{
	static const char wanted[] = "{\"record\":\"steps\",\"core\":0,\"what\":\"registration\",\"ticks\":5,\"of\":["
				     "\"smmu\"],\"last_ticks\":5,\"count\":1}\n"
				     "{\"record\":\"steps\",\"core\":2,\"what\":\"bind\",\"ticks\":6,\"of\":[\"a\","
				     "\"b\"],\"last_ticks\":10007,\"count\":3}\n"
				     "{\"record\":\"steps\",\"core\":2,\"what\":\"bind\",\"ticks\":20008,\"of\":[\"a\"]"
				     ",\"last_ticks\":20008,\"count\":1}\n"
				     "{\"record\":\"steps\",\"core\":1,\"what\":\"bind\",\"ticks\":20009,\"of\":[\"a\"]"
				     ",\"last_ticks\":20009,\"count\":1}\n"
				     "{\"record\":\"steps\",\"core\":1,\"what\":\"dma\",\"ticks\":20010,\"of\":[\"a\"],"
				     "\"last_ticks\":20010,\"count\":1}\n";
	static const char a[] = "a", b[] = "b";

	(void)state;
	note(0, 5, TIMELINE_REGISTRATION, "smmu");
	note(2, 6, TIMELINE_BIND, a);
	note(2, 7, TIMELINE_BIND, b);
	note(2, 10007, TIMELINE_BIND, b);
	note(2, 20008, TIMELINE_BIND, a);
	note(1, 20009, TIMELINE_BIND, a);
	note(1, 20010, TIMELINE_DMA, a);
	assert_int_equal(timeline_count(), 7);
	assert_string_equal(told(), wanted);
}

static unsigned int times(const char *part)
{
	unsigned int count = 0;

	for (const char *at = text; (at = strstr(at, part)); at++) {
		count++;
	}
	return count;
}

/* Another name ends a record that is full; the same one goes on. */
static void test_names(void **state)
{
	static char name[13][140];

	(void)state;
	for (unsigned int i = 0; i < 13; i++) {
		memset(name[i], 'n', sizeof(name[i]) - 1);
		note(3, 30000 + i, TIMELINE_WAKE_UP, name[i]);
	}
	(void)told();
	assert_int_equal(times("\"wake-up\""), 2);
	assert_int_equal(times("\"count\":12}"), 1);
	assert_int_equal(times("\"lost\""), 0);
}

static void test_no_room(void **state)
{
	static const char name[] = "a";

	(void)state;
	while (timeline_count() < TIMELINE_CAPACITY + 5) {
		note(0, 50000, TIMELINE_EVENT, name);
	}
	(void)told();
	assert_int_equal(times("{\"record\":\"steps\",\"core\":null,\"what\":\"left out\",\"count\":5}\n"), 1);
	assert_int_equal(
		times("\"what\":\"event\",\"ticks\":50000,\"of\":[\"a\"],\"last_ticks\":50000,\"count\":1004}"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_room),
	};

	arch_hooks_reset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
