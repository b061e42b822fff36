/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a run: one verdict, a line for each failed report, always an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arch.h"
#include "base/sync.h"
#include "boot.h"
#include "checks/checks.h"
#include "fatal.h"
#include "printed.h"
#include "report/print.h"

#define STARTED 1000U

/* What the verdict and the trace do to their caller. */
enum failure { FAILS_NOT, FAILS_ONCE, FAILS_ALWAYS };
static enum failure trace_fails, verdict_fails;
static unsigned int traces, verdicts;
static uint64_t verdict_ticks;
static char verdict_reason[128];
static const struct bringup *verdict_of;
enum end { ENDS_OFF = 10, ENDS_PARKED };

/* Called in the process that ends. */
static void (*judge)(void);

_Noreturn void boot_power_off(void)
{
	judge();
	_exit(ENDS_OFF);
}

_Noreturn void boot_park(void)
{
	_exit(ENDS_PARKED);
}

uint64_t boot_ticks_at_reset(void)
{
	return STARTED;
}

static bool fails_now(enum failure failure, unsigned int calls)
{
	return failure == FAILS_ALWAYS || (failure == FAILS_ONCE && calls == 1);
}

void report_trace(void)
{
	traces++;
	if (fails_now(trace_fails, traces)) {
		fatal("a fault in the trace");
	}
}

void verdict_fatal(const struct bringup *bringup, const char *reason, uint64_t ticks)
{
	verdicts++;
	if (fails_now(verdict_fails, verdicts)) {
		lock_stuck(7);
	}
	verdict_of = bringup;
	verdict_ticks = ticks;
	strncpy(verdict_reason, reason, sizeof(verdict_reason) - 1);
}

static int setup(void **state)
{
	(void)state;
	printed_begin();
	trace_fails = verdict_fails = FAILS_NOT;
	return 0;
}

/* In a process of its own; returns the exit status. */
static int end_of(void (*end_it)(void), void (*judged)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		judge = judged;
		arch_hooks.ticks = STARTED + 500;
		end_it();
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			_exit(__LINE__ % 100 + 100);                                                                   \
		}                                                                                                      \
	} while (0)

static const struct bringup counts;

static _Noreturn void die(void)
{
	boot_fatal_register(&counts);
	fatal("something broke");
}

static void has_whole_verdict(void)
{
	CHECK(printed_count("FAIL: the run ends here, on core 0: something broke\n") == 1);
	CHECK(traces == 1 && verdicts == 1);
	CHECK(verdict_of == &counts && verdict_ticks >= 500 && verdict_ticks < STARTED);
	CHECK(!strcmp(verdict_reason, "something broke"));
}

static void test_a_run_ends_with_its_verdict(void **state)
{
	(void)state;
	assert_int_equal(end_of(die, has_whole_verdict), ENDS_OFF);
}

static void has_verdict_without_counts(void)
{
	CHECK(printed_count("FAIL: the run ends here") == 2);
	CHECK(printed_count("FAIL: the run ends here, on core 0: a fault in the trace\n") == 1);
	CHECK(traces == 1 && verdicts == 1);
	CHECK(!verdict_of && !strcmp(verdict_reason, "a fault in the trace"));
}

static void test_a_fault_in_the_trace_costs_the_trace_alone(void **state)
{
	(void)state;
	trace_fails = FAILS_ONCE;
	assert_int_equal(end_of(die, has_verdict_without_counts), ENDS_OFF);
}

static void has_second_verdict(void)
{
	CHECK(printed_count("FAIL: the run ends here, on core 0: core 0 waited in vain for a lock of rank 7\n") == 1);
	CHECK(traces == 1 && verdicts == 2 && !verdict_of);
	CHECK(!strcmp(verdict_reason, "core 0 waited in vain for a lock of rank 7"));
}

static void test_a_lock_that_is_stuck_in_the_report(void **state)
{
	(void)state;
	verdict_fails = FAILS_ONCE;
	assert_int_equal(end_of(die, has_second_verdict), ENDS_OFF);
}

static void has_three_lines(void)
{
	CHECK(printed_count("FAIL: the run ends here") == 3);
	CHECK(verdicts == 2);
}

static void test_reports_that_always_fail_end(void **state)
{
	(void)state;
	verdict_fails = FAILS_ALWAYS;
	assert_int_equal(end_of(die, has_three_lines), ENDS_OFF);
}

/* Turning the machine off faults, too, a few times. */
static void dies_again(void)
{
	static unsigned int deaths;

	CHECK(verdicts == 1);
	deaths++;
	if (deaths < 6) {
		fatal("a fault on the way out");
	}
	CHECK(printed_count("FAIL: the run ends here") == 2);
}

static void test_a_verdict_that_is_printed_is_the_only_one(void **state)
{
	(void)state;
	assert_int_equal(end_of(die, dies_again), ENDS_OFF);
}

static _Noreturn void die_beside_another(void)
{
	arch_hooks.core = 2;
	(void)print_take_over();
	arch_hooks.core = 1;
	boot_fatal_register(&counts);
	fatal("too late");
}

static void nothing(void)
{
}

static void test_the_second_core_to_die_is_silent(void **state)
{
	(void)state;
	assert_int_equal(end_of(die_beside_another, nothing), ENDS_PARKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_run_ends_with_its_verdict, setup),
		cmocka_unit_test_setup(test_a_fault_in_the_trace_costs_the_trace_alone, setup),
		cmocka_unit_test_setup(test_a_lock_that_is_stuck_in_the_report, setup),
		cmocka_unit_test_setup(test_reports_that_always_fail_end, setup),
		cmocka_unit_test_setup(test_a_verdict_that_is_printed_is_the_only_one, setup),
		cmocka_unit_test_setup(test_the_second_core_to_die_is_silent, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
