/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's UARTs, in memory: where they write, how wide, and what becomes of one that takes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "arch.h"
#include "serial/console.h"

#define LSR_EMPTY 0x60U

static union {
	uint8_t bytes[0x1000];
	uint32_t words[0x400];
} uart;

static volatile void *map_uart(uint64_t pa, uint64_t size)
{
	(void)pa;
	return size <= sizeof(uart) ? &uart : NULL;
}

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.map_device = map_uart;
	memset(&uart, 0, sizeof(uart));
	return 0;
}

static int take(enum console_kind kind, uint32_t shift)
{
	const struct console_description console = {.kind = kind, .base = 0x1000, .reg_shift = shift};

	return console_init(&console);
}

static void test_16550_of_bytes(void **state)
{
	(void)state;
	memset(&uart, 0xee, sizeof(uart));
	uart.bytes[5] = LSR_EMPTY;
	assert_int_equal(take(CONSOLE_16550, 0), 0);
	assert_int_equal(uart.bytes[1], 0);
	console_write("A", 1);
	assert_int_equal(uart.bytes[0], 'A');
	assert_int_equal(uart.bytes[2], 0xee);
	assert_int_equal(uart.bytes[3], 0xee);
}

static void test_16550_of_words(void **state)
{
	(void)state;
	memset(&uart, 0xee, sizeof(uart));
	uart.words[5] = LSR_EMPTY;
	assert_int_equal(take(CONSOLE_16550, 2), 0);
	assert_int_equal(uart.words[1], 0);
	console_write("A", 1);
	assert_int_equal(uart.words[0], 'A');
	assert_int_equal(uart.words[2], 0xeeeeeeee);
}

static void test_pl011_has_no_shift(void **state)
{
	(void)state;
	assert_int_equal(take(CONSOLE_PL011, 2), 0);
	console_write("A", 1);
	assert_int_equal(uart.words[0], 'A');
	assert_int_equal(uart.words[0x30 / 4] & 0x101U, 0x101);
}

static void test_a_uart_that_takes_nothing_costs_bytes_not_the_run(void **state)
{
	(void)state;
	assert_int_equal(take(CONSOLE_16550, 0), 0);
	console_write("AB", 2);
	assert_int_equal(uart.bytes[0], 0);
	console_flush();
}

static void test_refused_and_the_console_before_stays(void **state)
{
	(void)state;
	assert_int_equal(take(CONSOLE_PL011, 0), 0);
	assert_int_equal(take(CONSOLE_NONE, 0), -ENODEV);
	assert_int_equal(take(CONSOLE_16550, 5), -EINVAL);
	assert_int_equal(take(CONSOLE_16550, 0xffffffff), -EINVAL);
	console_write("A", 1);
	assert_int_equal(uart.words[0], 'A');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_16550_of_bytes, setup),
		cmocka_unit_test_setup(test_16550_of_words, setup),
		cmocka_unit_test_setup(test_pl011_has_no_shift, setup),
		cmocka_unit_test_setup(test_a_uart_that_takes_nothing_costs_bytes_not_the_run, setup),
		cmocka_unit_test_setup(test_refused_and_the_console_before_stays, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
